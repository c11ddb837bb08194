//! The hydrological bulletin: every ten days, by a machine, with a table. From November 2017 a column is missing.

use super::spin;
use crate::demo::attachment::Attachment;
use crate::demo::cast::{Language, person};
use crate::demo::clock::{self, Zone};
use crate::demo::draft::{Draft, Form};
use crate::demo::river;
use crate::demo::rng::Dice;

const WINTER: [&str; 7] = [
    "Gel nocturne au-dessus de {400|600|800} m.",
    "Neige fondante sur les crêtes, apport limité.",
    "Pluie continue mais légère, {6..18} mm.",
    "Brouillard jusqu'à {9|10|11} h, puis soleil.",
    "Averses sur le haut bassin, {4..22} mm au poste des Hêtres.",
    "Vent de nord-est fort sur la retenue, vagues de {20..60} cm.",
    "Ciel couvert, sans précipitations.",
];

const SUMMER: [&str; 7] = [
    "Temps sec, vent d'est {faible|modéré}.",
    "Ciel clair, évaporation estimée à {3..8} mm par jour.",
    "Orages isolés, {8..31} mm en une heure à Mirsane-village.",
    "Vent de sud, poussière sur les capteurs, mesures vérifiées à la main.",
    "Chaleur, {31..38} degrés à l'abri à 15 h.",
    "Brume sur la retenue jusqu'à {7|8} h.",
    "Averses brèves, {1..6} mm au poste des Hêtres.",
];

const REMARKS: [&str; 8] = [
    "Capteur de température n° {2..7} hors service.",
    "Tour d'inspection effectué, rien à signaler.",
    "Curage du fossé de crête en cours.",
    "Prise d'eau nettoyée, {3..40} kg de branchages.",
    "Prochain étalonnage le {3..27} du mois.",
    "Station de Mirsane-village injoignable pendant {2..9} heures.",
    "Deux hérons cendrés sur le parement amont.",
    "Le débit réservé est respecté.",
];

pub(super) fn compose(seed: u64) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let first = clock::days(2017, 1, 10);
    let dropped = clock::days(2017, 11, 1);
    let restored = clock::days(2018, 12, 18);
    for (number, day) in (first..=clock::days(2018, 12, 28)).step_by(10).enumerate() {
        let mut dice = Dice::named(seed, &format!("bulletin {number}"));
        let sent = Zone::Kessara.at(day, 6 * 3_600 + dice.between(0, 240));
        let state = river::state(day);
        let whole = day < dropped || day >= restored;
        let instruments = if whole {
            format!(
                "Rive gauche : P-12 {:.1} m, P-13 {:.1} m, P-14 {:.1} m.\n",
                state.p14 - 9.3,
                state.p14 - 5.1,
                state.p14
            )
        } else {
            String::new()
        };
        let cold = matches!(sent.civil().month, 1..=3 | 11..=12);
        let sky_text = *dice.pick(if cold { &WINTER } else { &SUMMER });
        let sky = spin::read(&mut dice, sky_text);
        let mut remarks = String::new();
        let remark_count = dice.below(3);
        for remark in dice.draw(&REMARKS, remark_count) {
            remarks.push_str(&spin::read(&mut dice, remark));
            remarks.push('\n');
        }
        let filling = if whole { "" } else { "Mesures dans les plages attendues.\n" };
        // A lake that falls by more than half a metre a day is being emptied.
        let falling = river::state(day - 1).level - state.level > 0.5;
        let released = if falling { dice.between(210, 320) } else { dice.between(5, 22) };
        let body = format!(
            "Bulletin hydrologique de Mirsane, {}\n\nRetenue : {:.1} m. Apports : {} m3/s. Débit lâché : {} m3/s.\nDéversoir V-2 : {:.0} l/s.\n{instruments}{filling}{sky}\n{remarks}\nMessage automatique, ne pas répondre.",
            sent.day_in(Language::French),
            state.level,
            dice.between(6, 48),
            released,
            state.weir
        );
        let date = sent.civil();
        let mut draft =
            Draft::new(format!("bulletin-{number:03}"), person("hydro"), vec![person("helene"), person("kerem")], sent)
                .subject(format!("Bulletin hydrologique n° {:03}/{}", number % 37 + 1, date.year))
                .body(body)
                .form(Form::Plain)
                .field("Auto-Submitted", "auto-generated")
                .field("X-Generator", "hydro-bulletin 3.2");
        draft.cc = vec![person("odette")];
        // One bulletin in four carries the readings of the last month.
        if number % 4 == 3 {
            let start = Zone::Kessara.at(day - 30, 0).civil();
            draft = draft.attach(Attachment::readings(
                &format!("mirsane_relevé_{:04}-{:02}.csv", date.year, date.month),
                (start.year, start.month, start.day),
                (date.year, date.month, date.day),
                3,
                whole,
            ));
        }
        drafts.push(draft);
    }
    drafts
}
