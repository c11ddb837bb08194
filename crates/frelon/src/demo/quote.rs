//! How each mail program wraps lines and repeats the message it answers.

use super::cast::{Client, Language, Person};
use super::clock::Moment;

/// Columns at which programs that break lines do so (RFC 3676 section 4.2 asks for 78 or fewer).
const WIDTH: usize = 72;
/// Quoted lines kept below an answer; people trim, programs too.
const QUOTED_LINES_MAX: usize = 60;

/// What an answer needs to know of the message it answers.
#[derive(Clone, Debug)]
pub(super) struct Quotable {
    pub(super) author: &'static Person,
    pub(super) to: Vec<&'static Person>,
    pub(super) sent: Moment,
    pub(super) subject: String,
    pub(super) text: String,
}

/// Breaks one paragraph at spaces, the space kept at the end of each line that goes on.
fn wrap(paragraph: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut width = 0;
    for word in paragraph.split_inclusive(' ') {
        let word_width = word.chars().count();
        if width > 0 && width + word_width > WIDTH {
            lines.push(std::mem::take(&mut line));
            width = 0;
        }
        line.push_str(word);
        width += word_width;
    }
    lines.push(line);
    lines
}

/// A text with soft breaks as format=flowed has them (RFC 3676): a line that goes on ends in a space.
pub(super) fn flow(text: &str) -> String {
    let mut out = Vec::new();
    for paragraph in text.lines() {
        if paragraph.starts_with('>') || paragraph == "-- " {
            out.push(paragraph.to_string());
            continue;
        }
        for line in wrap(paragraph.trim_end()) {
            // Space-stuffing keeps a line from being taken for a quote or a separator.
            let stuffed = line.starts_with(' ') || line.starts_with('>') || line.starts_with("From ");
            out.push(if stuffed { format!(" {line}") } else { line });
        }
    }
    out.join("\n") + "\n"
}

/// A text with hard line breaks.
pub(super) fn fill(text: &str) -> String {
    let mut out = String::new();
    for paragraph in text.lines() {
        if paragraph.starts_with('>') {
            out.push_str(paragraph);
            out.push('\n');
            continue;
        }
        for line in wrap(paragraph) {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
    out
}

/// `text` with `>` before every line.
fn marked(text: &str) -> String {
    let filled = fill(text);
    let mut out = String::new();
    for (number, line) in filled.trim_end().lines().enumerate() {
        if number == QUOTED_LINES_MAX {
            out.push_str("> [...]\n");
            break;
        }
        // A signature is not repeated, and nothing comes after it.
        if line == "--" {
            break;
        }
        out.push_str(if line.is_empty() || line.starts_with('>') { ">" } else { "> " });
        out.push_str(line);
        out.push('\n');
    }
    while out.ends_with("\n>\n") {
        out.truncate(out.len() - 2);
    }
    out
}

/// The line with which `reader`'s program introduces a quotation.
pub(super) fn attribution(reader: &Person, quoted: &Quotable) -> String {
    let seen = reader.zone.view(quoted.sent);
    let author = quoted.author;
    let day = seen.day_in(reader.language);
    match (reader.client, reader.language) {
        (Client::Terminal, _) => {
            let date = seen.rfc5322();
            format!("On {}, {} wrote:", date, author.name)
        }
        (Client::Desktop, Language::French) => {
            let c = seen.civil();
            format!("Le {:02}/{:02}/{} à {}, {} a écrit :", c.day, c.month, c.year, seen.clock(), author.name)
        }
        (_, Language::French) => {
            format!(
                "Le {} {day} à {}, {} <{}> a écrit :",
                seen.weekday_in(Language::French),
                seen.clock(),
                author.name,
                author.address
            )
        }
        (_, Language::Turkish) => {
            format!("{} <{}>, {day} {} tarihinde şunu yazdı:", author.name, author.address, seen.clock())
        }
        (_, Language::Arabic) => {
            format!("في {day}، الساعة {}، كتب {} <{}>:", seen.clock(), author.name, author.address)
        }
        (Client::Phone, Language::English) => {
            format!("On {day}, at {}, {} <{}> wrote:", seen.clock(), author.name, author.address)
        }
        (_, Language::English) => format!("On {day} at {}, {} wrote:", seen.clock(), author.name),
    }
}

/// The whole original below an answer, in the form of `reader`'s program.
pub(super) fn below(reader: &Person, quoted: &Quotable) -> String {
    if reader.client == Client::Office {
        return format!("{}\n\n{}", office_head(reader, quoted), quoted.text.trim_end());
    }
    format!("{}\n{}", attribution(reader, quoted), marked(&quoted.text).trim_end())
}

fn office_head(reader: &Person, quoted: &Quotable) -> String {
    let seen = reader.zone.view(quoted.sent);
    let author = quoted.author;
    let to = quoted.to.iter().map(|person| person.name).collect::<Vec<_>>().join("; ");
    let subject = &quoted.subject;
    let (day, clock) = (seen.day_in(reader.language), seen.clock());
    match reader.language {
        Language::French => format!(
            "-----Message d'origine-----\nDe : {} [mailto:{}]\nEnvoyé : {} {day} {clock}\nÀ : {to}\nObjet : {subject}",
            author.name,
            author.address,
            seen.weekday_in(Language::French)
        ),
        Language::Turkish => format!(
            "-----Özgün İleti-----\nKimden: {} [mailto:{}]\nGönderme Tarihi: {day} {clock}\nKime: {to}\nKonu: {subject}",
            author.name, author.address
        ),
        _ => format!(
            "-----Original Message-----\nFrom: {} [mailto:{}]\nSent: {day} {clock}\nTo: {to}\nSubject: {subject}",
            author.name, author.address
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_go_on_with_a_space() {
        let text = flow(&"water ".repeat(40));
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines.len() > 3 && lines[0].ends_with(' ') && !lines[lines.len() - 1].ends_with(' '));
        assert_eq!(flow("From here on\n> kept"), " From here on\n> kept\n");
    }
}
