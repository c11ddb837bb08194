//! Attachments, all made by code: a PDF, a PNG chart, a ZIP, a word processor's file, CSV, calendar, text.

mod chart;
mod document;
mod package;

use super::cast::Person;
use super::clock::{self, DAY, Zone};
use super::river;
use super::rng::Dice;

/// A part that is not the message's text.
#[derive(Clone, Debug)]
pub(super) struct Attachment {
    pub(super) name: String,
    pub(super) media_type: &'static str,
    pub(super) content: Vec<u8>,
    /// The Content-ID under which HTML shows it.
    pub(super) inline_id: Option<String>,
}

impl Attachment {
    pub(super) fn new(name: impl Into<String>, media_type: &'static str, content: impl Into<Vec<u8>>) -> Self {
        Attachment { name: name.into(), media_type, content: content.into(), inline_id: None }
    }

    /// A whole message, under its subject.
    pub(super) fn message(subject: &str, bytes: Vec<u8>) -> Self {
        let name: String = subject.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
        let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
        Attachment::new(format!("{name}.eml"), "message/rfc822", bytes)
    }

    /// The small picture under somebody's signature.
    pub(super) fn logo(author: &Person, dice: &mut Dice) -> Self {
        let mut logo = Attachment::new("logo.png", "image/png", chart::logo(author.domain()));
        logo.inline_id = Some(format!("{}@{}", dice.hex(12), author.domain()));
        logo
    }

    /// An appointment (RFC 5545), in Kessara time: `2018-03-09 10:00`.
    pub(super) fn appointment(uid: &str, title: &str, place: &str, starts: &str, minutes: i64) -> Self {
        let start = clock::parse(starts, Zone::Kessara).unwrap_or_else(|| panic!("when is {starts:?}?"));
        let end = start.plus(minutes * 60);
        let stamp = start.plus(-3 * DAY);
        let text = format!(
            "BEGIN:VCALENDAR\r\nPRODID:-//Quillmark//Office Mail//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:{uid}@kessara.example\r\nDTSTAMP:{}\r\nDTSTART:{}\r\nDTEND:{}\r\nSUMMARY:{title}\r\nLOCATION:{place}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
            stamp.icalendar(),
            start.icalendar(),
            end.icalendar()
        );
        Attachment::new("invite.ics", "text/calendar; charset=utf-8; method=REQUEST", text)
    }

    /// A table of the dam's readings between two dates, one row every `step` days.
    pub(super) fn readings(
        name: &str,
        from: (i64, usize, i64),
        to: (i64, usize, i64),
        step: usize,
        with_p14: bool,
    ) -> Self {
        let (from, to) = (clock::days(from.0, from.1, from.2), clock::days(to.0, to.1, to.2));
        let mut text = String::from(if with_p14 {
            "date;level_m;weir_V2_l_s;P12_m;P13_m;P14_m\n"
        } else {
            "date;level_m;weir_V2_l_s;P12_m;P13_m\n"
        });
        for day in (from..=to).step_by(step.max(1)) {
            let state = river::state(day);
            let date = Zone::Utc.at(day, 0).civil();
            text.push_str(&format!(
                "{:04}-{:02}-{:02};{:.1};{:.1};{:.1};{:.1}",
                date.year,
                date.month,
                date.day,
                state.level,
                state.weir,
                state.p14 - 9.3,
                state.p14 - 5.1
            ));
            text.push_str(&if with_p14 { format!(";{:.1}\n", state.p14) } else { "\n".to_string() });
        }
        Attachment::new(name, "text/csv", text)
    }
}

/// The catalogue from which the story's `attach:` lines choose.
pub(super) fn named(name: &str) -> Option<Attachment> {
    let pdf =
        |file: &str, title: &str, text: &str| Attachment::new(file, "application/pdf", document::pdf(title, text));
    let word = |file: &str, text: &str| {
        let media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
        Attachment::new(file, media_type, package::word(text))
    };
    Some(match name {
        "terms" => pdf(
            "terms-of-reference.pdf",
            "Mirsane concession: terms of reference of the independent engineer",
            document::TERMS,
        ),
        "annex-d" => {
            pdf("Annex_D_water_pressure_tests.pdf", "Annex D: water pressure tests, left abutment", document::ANNEX_D)
        }
        "report-v3" => word("CT-2231_Mirsane_safety_report_v3.docx", document::REPORT_V3),
        "report-v5" => word("CT-2231_Mirsane_safety_report_v5_FINAL.docx", document::REPORT_V5),
        "invoice" => pdf("Invoice_0447.pdf", "Calder Point Advisory: invoice 0447", document::INVOICE),
        "registry" => pdf("registry_extract.pdf", "Register of companies: extract", document::REGISTRY),
        "memo-412" => pdf("Note_interne_cote_412.pdf", "Note interne : cote 412", document::MEMO),
        "minutes" => word("CR_reunion_salle_3_version_finale.docx", document::MINUTES),
        "notes-salle-3" => {
            Attachment::new("notes salle 3 (prises en séance).txt", "text/plain; charset=utf-8", document::NOTES)
        }
        "letter-ar" => {
            Attachment::new("رسالة التعاونية إلى الوزارة.txt", "text/plain; charset=utf-8", document::LETTER_AR)
        }
        "letter-fr" => {
            Attachment::new("traduction_lettre_cooperative.txt", "text/plain; charset=utf-8", document::LETTER_FR)
        }
        "glossary" => Attachment::new("glossaire-barrage-fr-en-ar-tr.csv", "text/csv", document::GLOSSARY),
        "photos" => package::folder(
            "fotograflar_sol_sahil_ölçüm.zip",
            &[
                ("sol_sahil_1.png", chart::photograph(1)),
                ("sol_sahil_2.png", chart::photograph(2)),
                ("not.txt", "14 Ocak 2018, sol sahil, P-14 başlığı. Zemin ıslak, don yok.\n".as_bytes().to_vec()),
            ],
        ),
        "both-reports" => package::folder(
            "deux-rapports.zip",
            &[
                ("CT-2231_v3.docx", package::word(document::REPORT_V3)),
                ("CT-2231_v5_FINAL.docx", package::word(document::REPORT_V5)),
                ("Annex_D.pdf", document::pdf("Annex D: water pressure tests, left abutment", document::ANNEX_D)),
            ],
        ),
        "chart-p14" => {
            Attachment::new("P-14.png", "image/png", chart::series((2017, 1, 1), (2018, 2, 2), |state| state.p14))
        }
        "chart-night" => {
            Attachment::new("gece.png", "image/png", chart::series((2018, 9, 10), (2018, 10, 6), |state| state.level))
        }
        "csv-p14" => Attachment::readings("P-14_2017-2018.csv", (2017, 1, 2), (2018, 2, 2), 7, true),
        "csv-night" => Attachment::readings("mirsane_eylul_2018.csv", (2018, 9, 10), (2018, 10, 6), 1, true),
        "invite-salle-3" => {
            Attachment::appointment("salle3", "Mirsane : point sur le remplissage", "Salle 3", "2018-03-09 10:00", 90)
        }
        "invite-hearing" => {
            Attachment::appointment("audition", "Audition de la commission", "Ancienne Bourse", "2018-11-22 09:30", 240)
        }
        "delivery-status" => Attachment::new("details.txt", "message/delivery-status", document::DELIVERY_STATUS),
        "viewer-exe" => Attachment::new("P14_viewer_setup.exe", "application/octet-stream", document::NOT_A_PROGRAM),
        _ => return None,
    })
}
