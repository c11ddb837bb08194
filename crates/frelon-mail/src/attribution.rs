//! The lines that introduce what others wrote: attributions, forward marks, header runs.

use crate::quote::cut_line;

/// What a line may open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    None,
    /// Perhaps an attribution; its end decides.
    Attribution,
    /// Perhaps the first of a run of header lines.
    Header,
    /// A line of dashes and words that opens an inline forward.
    Forward,
    /// `-- `
    Signature,
}

/// Lines a header run is looked for in.
const RUN_LINES_MAX: usize = 12;
/// Length of a line that can be an attribution or open a forward, in bytes.
const LINE_BYTES_MAX: usize = 300;

/// Words that say "wrote" or "writes", in lower case.
const VERBS: [&str; 34] = [
    "wrote",
    "writes",
    "said",
    "says",
    "schrieb",
    "schreibt",
    "geschrieben",
    "a écrit",
    "ecrit",
    "écrivait",
    "escribió",
    "escribio",
    "escreveu",
    "scrisse",
    "ha scritto",
    "schreef",
    "skrev",
    "kirjoitti",
    "napisał",
    "napsal",
    "napísal",
    "írta",
    "a scris",
    "написал",
    "пишет",
    "писал",
    "пише",
    "έγραψε",
    "yazdı",
    "yazmış",
    "كتب",
    "نوشت",
    "写道",
    "כתב",
];
/// Words that introduce a quote in languages that do without a verb of writing.
const OTHER_VERBS: [&str; 6] = ["寫道", "さんは書きました", "のメール", "작성", "gönderdi", "viết"];

/// Texts between the dashes of a forward mark, in lower case.
const FORWARD_MARKS: [&str; 24] = [
    "original message",
    "forwarded message",
    "begin forwarded message",
    "forwarded by",
    "original appointment",
    "ursprüngliche nachricht",
    "weitergeleitete nachricht",
    "originalnachricht",
    "message d'origine",
    "message transféré",
    "message original",
    "mensaje original",
    "mensaje reenviado",
    "mensagem original",
    "mensagem encaminhada",
    "messaggio originale",
    "messaggio inoltrato",
    "oorspronkelijk bericht",
    "doorgestuurd bericht",
    "özgün ileti",
    "orijinal mesaj",
    "iletilen",
    "пересылаемое сообщение",
    "الرسالة الأصلية",
];
const MORE_FORWARD_MARKS: [&str; 10] = [
    "originalmeddelande",
    "opprinnelig melding",
    "oprindelig meddelelse",
    "wiadomość oryginalna",
    "исходное сообщение",
    "原始邮件",
    "转发邮件",
    "元のメッセージ",
    "original-nachricht",
    "ilk ileti",
];

/// Names of fields in header runs, in lower case: who, when, to whom, what.
const RUN_FIELDS: [&[&str]; 4] = [
    &[
        "from",
        "von",
        "de",
        "da",
        "van",
        "från",
        "fra",
        "od",
        "от",
        "kimden",
        "gönderen",
        "من",
        "发件人",
        "寄件者",
        "差出人",
        "remitente",
    ],
    &[
        "sent",
        "date",
        "gesendet",
        "datum",
        "envoyé",
        "envoyé le",
        "enviado",
        "enviado el",
        "fecha",
        "data",
        "inviato",
        "verzonden",
        "skickat",
        "sendt",
        "wysłano",
        "отправлено",
        "дата",
        "gönderildi",
        "gönderme tarihi",
        "tarih",
        "تاريخ الإرسال",
        "التاريخ",
        "发送时间",
        "日期",
    ],
    &["to", "an", "à", "a", "para", "aan", "till", "til", "do", "кому", "kime", "alıcı", "إلى", "收件人", "cc"],
    &[
        "subject",
        "betreff",
        "objet",
        "asunto",
        "assunto",
        "oggetto",
        "onderwerp",
        "ämne",
        "emne",
        "temat",
        "тема",
        "konu",
        "الموضوع",
        "主题",
        "主旨",
        "件名",
        "re",
    ],
];

/// What this unquoted line may open, by its first look.
pub(crate) fn opening(line: &str) -> Opening {
    if line == "-- " || line == "--" {
        return Opening::Signature;
    }
    if line.len() > LINE_BYTES_MAX {
        return Opening::None;
    }
    let start = line.trim_start();
    let Some(first) = start.chars().next() else { return Opening::None };
    if matches!(first, '-' | '_' | '=' | '*') && is_forward_mark(start)
        || first == 'B' && start.starts_with("Begin forwarded message")
    {
        return Opening::Forward;
    }
    let Some(colon) = start.find([':', '：']) else {
        // The colon may come with a later line: only where the line opens like a date or a name.
        return if may_go_on(start) { Opening::Attribution } else { Opening::None };
    };
    if run_field(&start[..colon]).is_some() { Opening::Header } else { Opening::Attribution }
}

/// Whether a line without a colon may be the first of a folded attribution.
fn may_go_on(line: &str) -> bool {
    const STARTS: [&str; 14] = [
        "On ",
        "Le ",
        "Am ",
        "El ",
        "Em ",
        "Il ",
        "Op ",
        "Den ",
        "W dniu ",
        "Dne ",
        "At ",
        "Em\u{a0}",
        "Vào ",
        "בתאריך ",
    ];
    STARTS.iter().any(|start| line.starts_with(start)) && line.bytes().any(|byte| byte.is_ascii_digit())
        || line.contains('@')
        || line.contains("tarihinde")
}

/// `-----Original Message-----`, `---------------------- Forwarded by Ann on 1/2/2001 -------`.
fn is_forward_mark(line: &str) -> bool {
    let is_dash = |letter: char| matches!(letter, '-' | '_' | '=' | '*' | ' ' | '>');
    let inner = line.trim_start_matches(is_dash);
    let dashes = line.len() - inner.len();
    if dashes < 2 || inner.is_empty() {
        return false;
    }
    let lower = inner.to_lowercase();
    FORWARD_MARKS.iter().chain(&MORE_FORWARD_MARKS).any(|mark| lower.starts_with(mark))
}

/// Which sort of field of a header run a name is.
fn run_field(name: &str) -> Option<usize> {
    let name = name.trim().trim_matches(['*', '_']).trim();
    if name.is_empty() || name.len() > 40 {
        return None;
    }
    let lower = name.to_lowercase();
    RUN_FIELDS.iter().position(|names| names.contains(&lower.as_str()))
}

/// Whether a text begins with a run of header lines: within a few lines at least three sorts of
/// fields, the subject among them, and no long prose between.
pub(crate) fn is_header_run(text: &str) -> bool {
    let mut seen = [false; RUN_FIELDS.len()];
    let mut rest = text;
    let mut others = 0;
    for _ in 0..RUN_LINES_MAX {
        if rest.is_empty() {
            break;
        }
        let (line, after) = cut_line(rest);
        rest = after;
        let field = line.find([':', '：']).and_then(|colon| run_field(&line[..colon]));
        match field {
            Some(field) => seen[field] = true,
            // Long lists of recipients are folded.
            None => others += usize::from(!line.trim().is_empty()),
        }
        if seen[3] && seen.iter().filter(|seen| **seen).count() >= 3 {
            return true;
        }
        // Notes leaves out From: the line before names the sender.
        if seen[3] && seen[2] && others == 0 {
            return true;
        }
    }
    false
}

/// `"Ann Example" <ann@example.org> on 03/29/2001 08:31:25 AM`, or the date alone.
pub(crate) fn is_sender_line(line: &str) -> bool {
    let line = line.trim();
    let digits = line.bytes().filter(u8::is_ascii_digit).count();
    let is_dated = line.contains('/') && line.contains(':') && digits >= 6;
    is_dated && line.len() <= 120 && (line.contains(" on ") || line.starts_with(|first: char| first.is_ascii_digit()))
}

/// Whether a line can be the last of an attribution.
pub(crate) fn is_end(line: &str) -> bool {
    line.trim_end().ends_with([':', '：'])
}

/// Whether the joined lines are an attribution. Before a quote, a name, an address or a date is
/// enough; else the verb must be there, and a date or an address with it.
pub(crate) fn is_attribution(joined: &str, is_before_quote: bool) -> bool {
    if joined.len() > 3 * LINE_BYTES_MAX {
        return false;
    }
    let has_digit = joined.bytes().any(|byte| byte.is_ascii_digit());
    let has_address = joined.contains('@');
    if is_before_quote && (has_digit || has_address) {
        return true;
    }
    let lower = joined.to_lowercase();
    let has_verb = VERBS.iter().chain(&OTHER_VERBS).any(|verb| lower.contains(verb));
    has_verb && (is_before_quote || has_address || has_digit && joined.len() > 20)
}
