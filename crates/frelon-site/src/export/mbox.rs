//! mbox (RFC 4155) with mboxrd quoting: every `From ` line of a message, quoted or not, gets one `>`
//! more, so that taking one away gives back the bytes.

use std::io::Write;

use frelon_index::{Archive, ItemRecord};
use frelon_model::Instant;

use super::{Format, channel::Stop};
use crate::fault::Fault;

/// What stands for a sender that cannot stand in a `From ` line.
const NOBODY: &str = "MAILER-DAEMON";
/// Longest address in a `From ` line (RFC 5321 sections 4.5.3.1.1 and 4.5.3.1.2: 64 + 1 + 255).
const ADDRESS_BYTES_MAX: usize = 320;

/// The mailbox being written. Only messages can stand in one; other items are in the ZIP.
pub(super) struct Mbox<W> {
    pub(super) out: W,
}

impl<W: Write> Format for Mbox<W> {
    fn item(&mut self, archive: &Archive, item: &ItemRecord) -> Result<(), Stop> {
        if item.media_type != "message/rfc822" {
            return Ok(());
        }
        let raw = archive.raw(&item.key).map_err(Fault::from)?.ok_or(Stop::Fault(Fault::NotFound))?;
        let sender = item.from.as_ref().map_or(NOBODY, |from| from.email.as_str());
        let at = item.received_at.or(item.sorted_at).unwrap_or(Instant(0));
        write_message(sender, at, &raw, &mut self.out)?;
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<(), Stop> {
        Ok(())
    }
}

/// One message with its `From ` line before and its empty line after.
fn write_message(sender: &str, at: Instant, raw: &[u8], out: &mut impl Write) -> std::io::Result<()> {
    let fits =
        !sender.is_empty() && sender.len() <= ADDRESS_BYTES_MAX && sender.bytes().all(|byte| byte.is_ascii_graphic());
    writeln!(out, "From {} {}", if fits { sender } else { NOBODY }, asctime(at))?;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let quoted = line.iter().position(|byte| *byte != b'>').is_some_and(|at| line[at..].starts_with(b"From "));
        if quoted {
            out.write_all(b">")?;
        }
        out.write_all(line)?;
    }
    out.write_all(if raw.ends_with(b"\n") { b"\n" } else { b"\n\n" })
}

/// `Fri Oct  7 14:03:00 2016` in UTC, as RFC 4155 asks.
fn asctime(at: Instant) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let civil = at.civil();
    let name = |names: &'static [&'static str], number: i8| {
        usize::try_from(number).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
    };
    format!(
        "{} {} {:2} {:02}:{:02}:{:02} {:04}",
        name(&DAYS, civil.weekday().to_monday_zero_offset()),
        name(&MONTHS, civil.month() - 1),
        civil.day(),
        civil.hour(),
        civil.minute(),
        civil.second(),
        civil.year(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(sender: &str, raw: &str) -> String {
        let at = Instant(Instant::from_date(2016, 10, 7).unwrap().0 + 14 * 3600 + 180);
        let mut out = Vec::new();
        write_message(sender, at, raw.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_that_look_like_separators_are_quoted_once_more() {
        let text = written("a@b.example", "Subject: x\n\nFrom me\n>From you\n>>From us\nFromage\n> From\n");
        let expected = "From a@b.example Fri Oct  7 14:03:00 2016\n\
            Subject: x\n\n>From me\n>>From you\n>>>From us\nFromage\n> From\n\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_cut_last_line_is_ended() {
        assert!(written("a@b.example", "Subject: x\n\nno end").ends_with("no end\n\n"));
    }

    #[test]
    fn hostile_senders_cannot_write_lines() {
        for sender in ["", "a b", "a\nFrom x", "é@b.example", &"x".repeat(400)] {
            assert!(written(sender, "\n").starts_with("From MAILER-DAEMON Fri "), "{sender}");
        }
    }
}
