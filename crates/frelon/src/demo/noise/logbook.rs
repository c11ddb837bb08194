//! Kerem's Mondays: the readings that left the bulletin, sent by hand at eight o'clock.

use super::spin;
use crate::demo::attachment::Attachment;
use crate::demo::cast::person;
use crate::demo::clock::{self, Zone};
use crate::demo::draft::Draft;
use crate::demo::river;
use crate::demo::rng::Dice;

const CALM: [&str; 10] = [
    "Savak berrak, hava {açık|bulutlu|sisli}.",
    "Galeride {iki|üç} lamba değişti, damlalar yerinde duruyor.",
    "Cemal izinde, okumayı ben yaptım, iki kere.",
    "Rüzgâr vardı, göl kıpırtılıydı, seviyeyi üç okumanın ortasından aldım.",
    "Ombrelle'den bir heyet geldi, fotoğraf çektiler, alete değil manzaraya.",
    "Kedi P-14'ün başlığında uyumuş. Ölçümü etkilemediğini tutanağa geçirdim.",
    "Yeni müdür beyefendi defteri bilgisayara geçirelim dedi. Geçirelim, defter de dursun dedim.",
    "V-2'nin sesi değişti diyeceğim ama ses ölçü birimi değil, o yüzden demiyorum.",
    "Karşı kıyıda bir tilki vardı; o beni ölçtü, ben onu ölçemedim.",
    "Yol çamurlu, ölçüm cipi kaldı, yürüdüm. Kırk dakika.",
];

const UNEASY: [&str; 10] = [
    "V-2 {iki|üç} gün üst üste öğleden sonra bulanık, yarım saat kadar.",
    "Sol kanalda ince kum birikti, bir avuç aldım, kavanozda.",
    "Gölle P-14 arasındaki gecikme {bir gün|yirmi saat|on sekiz saat}. Yazın dört gündü.",
    "Alarm lambasını kapatmamı istediler. Ampulü söktüm, cihazı sökmedim, farkı yazıyorum.",
    "Galeride 330'da yeni bir sızıntı, parmak kalınlığında. Su soğuk ve acele ediyor.",
    "Faris Bey aradı, kuyuları sordu. Bildiğimi söyledim, bildiğim azdı.",
    "Gece uyanıp dinliyorum. Baraj yaşlı adam gibi, sabaha karşı öksürüyor.",
    "Dolum {iki|dört} santim daha. Talebimi tekrarladım, otomatik cevap teşekkür etti.",
    "Cemal'in kızı okulda barajı anlatmış, öğretmen susturmuş. Kız {9|10} almış yine de.",
    "Kavanozlar rafa sığmıyor, her haftaya bir göz. Nilüfer Hanım gelip gördü, konuşmadı.",
];

pub(super) fn compose(seed: u64) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    // From 13 November 2017, a Monday; the weeks of the hand-written letters are left out.
    let first = clock::days(2017, 11, 13);
    let last = clock::days(2018, 9, 17);
    let written = [clock::days(2018, 1, 15), clock::days(2018, 1, 22), clock::days(2018, 7, 23)];
    // The second Monday of most months is skipped: the server kept what it kept.
    for (week, day) in (first..=last).step_by(7).enumerate() {
        let mut dice = Dice::named(seed, &format!("logbook {week}"));
        if written.contains(&day) || dice.chance(35) {
            continue;
        }
        let state = river::state(day);
        let uneasy = state.level > 411.5;
        let mut body =
            format!("Göl {:.1}. P-14 {:.1}. V-2 {:.0}.\n", state.level, state.p14, state.weir).replace('.', ",");
        // The comma is for decimals alone.
        body = body.replace(", P", ". P").replace(", V", ". V").replace(",\n", ".\n");
        let bank: &[&str] = if uneasy { &UNEASY } else { &CALM };
        let count = 1 + dice.below(2);
        let mut remarks: Vec<&&str> = dice.draw(bank, count);
        if dice.chance(40) {
            let aside = CALM[dice.below(CALM.len())];
            if remarks.iter().all(|remark| **remark != aside) {
                body.push_str(&spin::read(&mut dice, aside));
                body.push('\n');
            }
        }
        for remark in remarks.drain(..) {
            body.push_str(&spin::read(&mut dice, remark));
            body.push('\n');
        }
        let sent = Zone::Kessara.at(day, 8 * 3_600 + dice.between(0, 400));
        // After her resignation he writes to her own address.
        let reader = person(if day > clock::days(2018, 4, 20) { "helene2" } else { "helene" });
        let mut draft = Draft::new(format!("logbook-{week:02}"), person("kerem"), vec![reader], sent)
            .subject("P-14, haftalık")
            .body(body.trim_end());
        if week % 9 == 4 {
            let from = Zone::Kessara.at(day - 28, 0).civil();
            let to = sent.civil();
            draft = draft.attach(Attachment::readings(
                "ölçümler.csv",
                (from.year, from.month, from.day),
                (to.year, to.month, to.day),
                7,
                true,
            ));
        }
        let key = draft.key.clone();
        drafts.push(draft);
        // She leaves in April; until then she answers when there is something to say.
        if day < clock::days(2018, 4, 20) && dice.chance(30) {
            const ANSWERS: [&str; 5] = [
                "Bien reçu, Kerem. {Transmis au cabinet, avec la phrase sur le sable.|Je joins à ma demande motivée n° {4..21}.}",
                "Merci. {Gardez chaque bocal, datez le couvercle et le verre.|Refaites la lecture jeudi, s'il vous plaît, à la même heure.}",
                "Lu deux fois. {On me répond que la saison est humide. Il n'a pas plu.|On me répond que vos mesures sont « dans les plages ». J'ai demandé lesquelles.}",
                "Merci Kerem, et merci à {Cemal|la sœur de Cemal|l'entêtement de Cemal}. Courage.",
                "Je viens {mardi|jeudi}. Ne prévenez personne, je viens voir {les bocaux|le chat}.",
            ];
            let text = spin::read(&mut dice, ANSWERS[week % ANSWERS.len()]);
            let sent = super::later(&mut dice, sent);
            let mut answer = Draft::new(format!("{key}-answer"), person("helene"), vec![person("kerem")], sent)
                .body(text)
                .answering(key);
            answer.quotes_below = true;
            drafts.push(answer);
        }
    }
    drafts
}
