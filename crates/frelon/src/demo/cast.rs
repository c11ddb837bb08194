//! The people and machines of the story. Every name, firm, place and domain is invented; the domains end in
//! `.example` or `.invalid`, which belong to nobody (RFC 2606).

use super::charset::Charset;
use super::clock::Zone;

/// The languages of the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Language {
    English,
    French,
    Turkish,
    Arabic,
}

/// What somebody writes mail with: it decides header order, quoting, line lengths and encodings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    /// An office suite: answers above the whole original, often in HTML.
    Office,
    /// A desktop reader: format=flowed, quotes with `>` and an attribution line.
    Desktop,
    /// Mail in a browser: long lines, quoted-printable or base64.
    Webmail,
    /// A terminal reader: inline quoting, short lines, 8bit.
    Terminal,
    /// A telephone or tablet.
    Phone,
    /// No person at all.
    Robot,
}

#[derive(Debug)]
pub(super) struct Person {
    /// The word by which the story's files call this person.
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    pub(super) client: Client,
    pub(super) zone: Zone,
    pub(super) language: Language,
    pub(super) charset: Charset,
    pub(super) signature: &'static str,
}

/// The address of the public mailing list.
pub(super) const LIST: &str = "ouvane@lists.ouvane.example";

macro_rules! cast {
    ($($key:literal $name:literal $address:literal $client:ident $zone:ident $language:ident $charset:ident $signature:literal;)*) => {
        &[$(Person {
            key: $key,
            name: $name,
            address: $address,
            client: Client::$client,
            zone: Zone::$zone,
            language: Language::$language,
            charset: Charset::$charset,
            signature: $signature,
        }),*]
    };
}

/// Everybody who writes or is written to.
pub(super) const CAST: &[Person] = cast![
    // The Ministry of Water and Works, Port-Ardane.
    "helene" "Hélène Marsaudon" "h.marsaudon@eaux.kessara.example" Desktop Kessara French Latin1
        "Hélène Marsaudon\nIngénieure en chef, contrôle des barrages\nMinistère des Eaux et des Ouvrages, Port-Ardane";
    "kerem" "Kerem Aslanoba" "kerem.aslanoba@mirsane.eaux.kessara.example" Webmail Kessara Turkish Turkish
        "Kerem Aslanoba\nMirsane Barajı, işletme mühendisi";
    "quillac" "Bertrand Quillac" "b.quillac@cabinet.eaux.kessara.example" Office Kessara French Latin1
        "Bertrand QUILLAC\nDirecteur de cabinet du ministre";
    "sabbar" "نور الدين صبّار" "n.sabbar@eaux.kessara.example" Webmail Kessara Arabic Arabic
        "نور الدين صبّار\nمديرية الصفقات والحسابات";
    "odette" "Odette Lamarzelle" "o.lamarzelle@eaux.kessara.example" Office Kessara French Latin1
        "Odette Lamarzelle\nSecrétariat du contrôle des barrages, poste 214";
    "courrier" "Bureau du courrier" "courrier@eaux.kessara.example" Office Kessara French Latin1
        "Bureau du courrier, porte 012";
    "mansur" "منصور الجبالي" "m.jebali@eaux.kessara.example" Webmail Kessara Arabic Utf8
        "منصور الجبالي\nمصلحة البريد والأرشيف";
    "hydro" "Service hydrologique" "bulletin@hydro.eaux.kessara.example" Robot Kessara French Utf8 "";
    "personnel" "Personnel du ministère" "tous@eaux.kessara.example" Robot Kessara French Utf8 "";
    "regis" "Régis Taupenot" "r.taupenot@eaux.kessara.example" Office Kessara French Latin1
        "Régis Taupenot, moyens généraux";
    "nilufer" "Nilüfer Şahbaz" "n.sahbaz@eaux.kessara.example" Desktop Kessara Turkish Utf8
        "Nilüfer Şahbaz\nLaboratuvar, 2. kat";
    "cemal" "Cemal Tuğrul" "cemal.tugrul@mirsane.eaux.kessara.example" Phone Kessara Turkish Utf8
        "Cemal";
    // Castor & Thwaite, the independent engineer.
    "gordon" "Gordon Pell" "gordon.pell@castor-thwaite.example" Office London English Latin1
        "Gordon Pell\nDirector, Dams & Hydropower\nCastor & Thwaite LLP";
    "nora" "Nora Haldane" "nora.haldane@castor-thwaite.example" Phone London English Utf8
        "Nora Haldane\nSenior Geotechnical Engineer";
    "tilda" "Tilda Brackenbury" "tilda.brackenbury@castor-thwaite.example" Office London English Latin1
        "Tilda Brackenbury\nProject Assistant to Gordon Pell";
    "ctit" "C&T Service Desk" "servicedesk@castor-thwaite.example" Robot London English Utf8 "";
    "helene2" "Hélène Marsaudon" "helene.m@courriel.example" Desktop Kessara French Utf8 "H.";
    "kerem2" "Kerem Aslanoba" "kerem.aslanoba@posta.example" Phone Kessara Turkish Utf8 "Kerem";
    "nora2" "Nora Haldane" "nora.h@courriel.example" Phone London English Utf8 "N.";
    // Ombrelle, the concessionaire.
    "astravel" "Lucien Astravel" "l.astravel@ombrelle.example" Office Kessara French Latin1
        "Lucien Astravel\nDirecteur du développement\nOmbrelle Concessions SA";
    "yusuf" "Yusuf Pekdemir" "y.pekdemir@ombrelle.example" Office Kessara Turkish Turkish
        "Yusuf Pekdemir\nMuhasebe, Ombrelle Ouvane A.Ş.";
    "duverne" "Maître Solange Duverne" "duverne@duverne-associes.example" Office Kessara French Latin1
        "Solange Duverne, avocate\nCabinet Duverne & Associés";
    "calder" "Calder Point Advisory" "accounts@calderpoint.invalid" Office London English Latin1
        "Accounts\nCalder Point Advisory";
    // The translator, the valley, the watchers.
    "salwa" "Salwa Idrissane" "salwa@deuxrives.example" Terminal Kessara English Utf8
        "Salwa Idrissane - traduction / translation / ترجمة\n\"A faithful word is a small dam.\"";
    "faris" "فارس الحضراني" "faris@sulwan-coop.example" Webmail Kessara Arabic Arabic
        "فارس الحضراني\nتعاونية بئر سلوان الزراعية";
    "zahra" "زهرة الوادعي" "zahra@sulwan-coop.example" Phone Kessara Arabic Utf8 "زهرة";
    "derya" "Derya Sungurlu" "derya@sunobeti.example" Webmail Kessara Turkish Utf8
        "Derya Sungurlu\nSu Nöbeti / Water Watch Kessara";
    "leila" "Leïla Harkouni" "leila.harkouni@lefanal.example" Desktop Kessara French Utf8
        "Leïla Harkouni\nLe Fanal, Port-Ardane";
    "redwick" "Jonas Redwick" "redwick@lefanal.example" Phone Kessara English Utf8
        "J. Redwick, editor, Le Fanal";
    "basile" "Basile Ormont" "basile@lefanal.example" Desktop Kessara French Utf8
        "Basile, secrétariat de rédaction";
    "commission" "Commission d'enquête Mirsane" "greffe@commission-mirsane.example" Office Kessara French Latin1
        "Le greffe de la commission";
    // The public list and its regulars.
    "list" "Ouvane water list" "ouvane@lists.ouvane.example" Robot Kessara English Utf8 "";
    "mervyn" "Mervyn Oake" "mervyn@oake-household.example" Terminal Kessara English Utf8
        "Mervyn Oake, hydrologist (ret'd)";
    "zeynep" "Zeynep Ortakaya" "z.ortakaya@univ-ardane.example" Desktop Kessara Turkish Utf8
        "Doç. Dr. Zeynep Ortakaya\nArdane Üniversitesi, Hidroloji";
    "odile" "Odile Ferranbruck" "odile.ferranbruck@courriel.example" Webmail Kessara French Utf8 "Odile F.";
    "piet" "Piet Ankervoort" "piet@ankervoort-boats.example" Desktop Kessara English Utf8
        "Piet Ankervoort\nboats repaired, opinions free";
    "hollis" "Hollis Carraway" "hollis@carraway-farm.example" Webmail Kessara English Utf8 "Hollis";
    "gul" "Gül Temizer" "gul.temizer@posta.example" Webmail Kessara Turkish Turkish "Gül";
    "rami" "رامي التلاوي" "rami.tellawi@barid.example" Webmail Kessara Arabic Arabic "رامي";
    "claudine" "Claudine Ménestrat" "c.menestrat@courriel.example" Desktop Kessara French Latin1
        "Claudine Ménestrat, bibliothèque des Quais";
    "samir" "Samir Wadhani" "samir.w@barid.example" Phone Kessara English Utf8 "Samir";
    "ilyas" "İlyas Demirağ" "ilyas.demirag@posta.example" Phone Kessara Turkish Utf8 "İlyas";
    "huda" "هدى القرمزي" "huda.q@barid.example" Webmail Kessara Arabic Utf8 "هدى";
    "owner" "ouvane list owner" "ouvane-owner@lists.ouvane.example" Robot Kessara English Utf8 "";
    // Machines and strangers.
    "mailer" "Mail Delivery System" "MAILER-DAEMON@lefanal.example" Robot Kessara English Utf8 "";
    "ville" "Ville de Port-Ardane" "circulation@port-ardane.example" Robot Kessara French Utf8 "";
    "gazette" "The Hydraulic Gazette" "news@hydraulic-gazette.example" Robot Utc English Utf8 "";
    "pretre" "Crédit Express" "offres@credit-express.invalid" Robot Utc French Latin1 "";
    "prince" "Barrister E. Mondlow" "barrister.mondlow@freebox-mail.invalid" Robot Utc English Utf8 "";
    "pump" "Pompes Pompadour" "promo@pompes-pompadour.invalid" Robot Utc French Utf8 "";
    "kredi" "Hızlı Kredi" "kampanya@hizli-kredi.invalid" Robot Utc Turkish Turkish "";
];

/// The person of a key.
pub(super) fn find(key: &str) -> Option<&'static Person> {
    CAST.iter().find(|person| person.key == key)
}

/// The person of a key that stands in the program itself.
///
/// # Panics
/// When nobody has that key; the tests compose the whole archive, so a wrong key cannot be released.
pub(super) fn person(key: &str) -> &'static Person {
    find(key).unwrap_or_else(|| panic!("nobody in the cast is called {key}"))
}

impl Person {
    pub(super) fn domain(&self) -> &'static str {
        self.address.split_once('@').map_or("invalid", |(_, domain)| domain)
    }

    pub(super) fn is_list(&self) -> bool {
        self.address == LIST
    }
}
