//! The papers of the affair, and a PDF of the plainest kind (ISO 32000-1) to print them in.

use crate::demo::charset::Charset;
use crate::demo::quote;

/// Lines on one page of A4 at 11 points.
const LINES_PER_PAGE: usize = 52;

/// A text as a PDF in Helvetica; what Latin 1 cannot say becomes a question mark.
pub(super) fn pdf(title: &str, text: &str) -> Vec<u8> {
    let filled = quote::fill(text);
    let mut lines = vec![title.to_string(), String::new()];
    lines.extend(filled.lines().map(str::to_string));
    let pages: Vec<&[String]> = lines.chunks(LINES_PER_PAGE).collect();
    let kids: String = (0..pages.len()).map(|page| format!("{} 0 R ", 4 + 2 * page)).collect();
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()).into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (number, page) in pages.iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                5 + 2 * number
            )
            .into_bytes(),
        );
        let mut content = b"BT /F1 11 Tf 14 TL 60 780 Td\n".to_vec();
        for line in *page {
            content.push(b'(');
            for c in line.chars() {
                let byte = Charset::Latin1.encode(c.encode_utf8(&mut [0; 4])).map_or(b'?', |bytes| bytes[0]);
                if matches!(byte, b'(' | b')' | b'\\') {
                    content.push(b'\\');
                }
                content.push(byte);
            }
            content.extend_from_slice(b") Tj T*\n");
        }
        content.extend_from_slice(b"ET");
        let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
        stream.extend(content);
        stream.extend_from_slice(b"\nendstream");
        objects.push(stream);
    }
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        out.extend(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let table = out.len();
    out.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).as_bytes());
    for offset in offsets {
        out.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    let size = objects.len() + 1;
    out.extend_from_slice(format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n").as_bytes());
    out
}

pub(super) const TERMS: &str = "\
1. The independent engineer examines the safety of the Mirsane dam before the concession is awarded.
2. The engineer is paid by the tenderer and owes its opinion to the Ministry alone.
3. The examination includes water pressure tests in no fewer than five boreholes in the left abutment.
4. All annexes form part of the report. No part of the report may be withheld from the Ministry.
5. The report is delivered in English and in French. In case of difference the English text prevails.";

pub(super) const ANNEX_D: &str = "\
Water pressure (Lugeon) tests, boreholes B-5 to B-9, 5 to 19 June 2017. Engineer in charge: N. Haldane.

Borehole   depth (m)   Lugeon value   design value
B-5        22-30        4             5
B-6        30-38        9             5
B-7        38-46       31             5
B-8        38-46       18             5
B-9        30-38        6             5

D.3 The grout curtain is not effective between chainage 310 and chainage 365. In B-7 the loss of water did not level off; the return water was clouded.
D.4 Piezometer P-14 stands in this stretch and follows the reservoir with a delay of four days. Above a level of 410 m the delay shortens.
D.5 Until the curtain between chainage 310 and 365 has been grouted again, the reservoir should not be raised above elevation 412 m.";

pub(super) const REPORT_V3: &str = "\
CT-2231 Mirsane Dam. Independent safety report. Version 3, 21 June 2017. Prepared: N. Haldane. Checked: (pending).
Summary
The embankment is in fair condition. The left abutment is not. Water pressure tests (Annex D) found 31 lugeons in borehole B-7 where the design allows 5.
Recommendation 1. The reservoir should not be raised above elevation 412 m until the grout curtain has been repaired.
Recommendation 2. Piezometer P-14 should be read daily. At 394 m the filling stops; at 400 m the bottom outlet is opened.
Recommendation 3. Turbid water at weir V-2 is to be treated as an emergency.
Annexes: A geometry, B instruments, C stability, D water pressure tests.";

pub(super) const REPORT_V5: &str = "\
CT-2231 Mirsane Dam. Independent safety report. Version 5 FINAL, 7 July 2017. Prepared: C&T team. Checked: G. Pell.
Summary
The embankment and its abutments are in fair condition for their age. Permeability in the left abutment lies within the range expected for the season.
Recommendation 1. The reservoir may be raised in stages, subject to observation.
Recommendation 2. Instruments should be read at intervals to be agreed with the operator.
Annexes: A geometry, B instruments, C stability.";

pub(super) const INVOICE: &str = "\
CALDER POINT ADVISORY
Invoice 0447                                   Date: 2 October 2017
To: Ombrelle Ouvane A.S., Port-Ardane
Reference: BQ/Mirsane

Translation, printing and stakeholder communication, phase 1          380,000 tallars
Payable in 7 days. Bank of the Outer Harbour, account ending 0093.";

pub(super) const REGISTRY: &str = "\
Register of companies, Outer Harbour. Extract of 22 May 2018.
Name: Calder Point Advisory. Registered: 14 August 2017. Capital: 100.
Director: Mme Sabine Quillac-Dorne.
Employees: none declared. Accounts: none filed.";

pub(super) const MEMO: &str = "\
Note interne. Contrôle des barrages. 5 mars 2018. De : H. Marsaudon. À : cabinet du ministre.
1. La retenue de Mirsane est à 414,3 m. P-14 a passé 394 m le 11 février et 395 m le 25.
2. Le rapport CT-2231 que nous avons reçu (version 5) ne donne aucune cote limite. Il renvoie à une annexe D qui n'y figure pas.
3. Je demande l'arrêt du remplissage à la cote actuelle, le retour à 412 m, et la communication de l'annexe D.
4. À défaut, je ne signerai pas l'autorisation de la troisième étape.";

pub(super) const MINUTES: &str = "\
Compte rendu. Réunion du 9 mars 2018, salle 3. Mirsane : point sur le remplissage.
Présents : MM. Quillac, Astravel, Pell (par téléphone), Mme Marsaudon, Mme Lamarzelle (secrétaire).
Le concessionnaire présente l'avancement du remplissage. Les mesures restent dans les plages attendues.
Aucune objection n'est formulée. La troisième étape est engagée.";

pub(super) const NOTES: &str = "\
Salle 3, 9 mars. O.L.
10 h 05 B.Q. ouvre. Le ministre inaugure en juin, lac plein. Pas un sujet technique, dit-il, un sujet de calendrier.
10 h 20 H.M. demande où est l'annexe D. M. Pell (téléphone) : « There is no Annex D in the issued report. » H.M. : « Ce n'est pas ma question. »
10 h 32 H.M. : P-14 à 395,8. Elle lit la phrase. Demande retour à 412. L.A. : trois semaines de pénalités, qui paie ?
10 h 50 H.M. dit qu'elle s'oppose et demande que ce soit écrit. B.Q. : « Tout n'a pas besoin d'être écrit. »
11 h 10 fin. J'ai tout noté quand même.
";

pub(super) const LETTER_AR: &str = "\
إلى مديرية السدود
من أهالي بئر سلوان، الحادي عشر من فبراير 2018

منذ عشرة أيام ارتفع الماء في آبارنا نحو متر دون مطر. وفي الحقل المحاذي للسفح الأيسر خرجت عين لم يعرفها آباؤنا، وماؤها عكر.
نحن لا نفهم في الخرسانة، لكننا نعرف الماء. الماء الصافي ضيف، والماء العكر يحمل معه شيئا من البيت الذي خرج منه.
نرجو أن يأتي أحد وينظر.
";

pub(super) const LETTER_FR: &str = "\
[Traduction de l'arabe, S. Idrissane, 26 mars 2018]
À la direction des barrages, de la part des habitants de Bir Sulwan, le 11 février 2018

Depuis dix jours l'eau est montée d'environ un mètre dans nos puits, sans pluie. Dans le champ au pied de la rive gauche est sortie une source que nos pères n'ont pas connue, et son eau est trouble.
Nous ne savons rien du béton, mais nous connaissons l'eau. L'eau claire est une invitée ; l'eau trouble emporte avec elle quelque chose de la maison d'où elle sort.
Nous prions que quelqu'un vienne et regarde.
";

pub(super) const GLOSSARY: &str = "\
english;français;türkçe;العربية
seepage;suintement;sızıntı;رشح
leak;fuite;kaçak;تسرب
turbid;trouble;bulanık;عكر
abutment;rive, appui;sahil, yamaç;كتف السد
grout curtain;voile d'injection;enjeksiyon perdesi;ستارة الحقن
bottom outlet;vidange de fond;dipsavak;مخرج القاع
should not;ne doit pas;-memelidir;لا ينبغي
may;peut;-abilir;يجوز
";

pub(super) const NOT_A_PROGRAM: &str = "\
This is not a program. It is a text file with a dangerous name, kept in this fictional archive so that a reader can see
how such attachments are marked. The real one, in the story, never existed either.
";

/// RFC 3464.
pub(super) const DELIVERY_STATUS: &str = "\
Reporting-MTA: dns; mx1.lefanal.example
Arrival-Date: Mon, 28 May 2018 10:00:03 +0300

Final-Recipient: rfc822; nora.haldane@castor-thwaite.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 mailbox disabled by administrator since 2018-05-25
";
