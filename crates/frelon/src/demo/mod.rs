//! The fictional archive of `frelon demo`: some 600 messages in four languages about a dam that never was.
//!
//! The plot is written by hand (`story/`), the daily noise of real mailboxes is composed from a seed (`noise`), and a
//! few messages are broken on purpose (`broken`). No word of it is about anybody who lives, and the same seed gives the
//! same bytes on every machine.

mod attachment;
mod broken;
mod cast;
mod charset;
mod clock;
mod compose;
mod draft;
mod html;
mod mailbox;
mod noise;
mod quote;
mod river;
mod rng;
mod script;

#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use compose::Letter;
use draft::Source;

/// The collection's title.
const TITLE: &str = "The Mirsane Papers (a fiction)";

/// What the collection says of itself.
const ABOUT: &str = "\
This archive is fiction. The Republic of Kessara, the river Ouvane, the Mirsane dam, and every person, firm, ministry and \
newspaper in it were invented to show what Frelon does; any likeness to real ones is chance. It comes with the program, \
is made anew from a seed each time, and may be searched, broken and thrown away.

The story: between January 2017 and December 2018 an old embankment dam above the city of Port-Ardane is handed to a \
private concessionaire. An engineer's report says that the reservoir should not be raised above 412 metres; the report \
that reaches the ministry says something else. Four sources have survived: the file of a parliamentary commission, with \
the ministry's mail server and what others handed over; the archive of a public mailing list; the Maildir of the \
translator who was given both versions; and a folder of messages saved by the newsroom of Le Fanal. Nobody in them knew \
the whole of it.

A reader who wants to find out may begin with the words Annex D, P-14, salle 3, bulanık or عكر, or ask why a column \
disappears from the hydrological bulletin in November 2017. Around the story lies what lies around every story: lunch, \
parking, weather, spam, and messages so badly made that only a patient program can read them.";

/// What `write` made.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    /// The sources, in the order in which they are to be taken in.
    pub(crate) sources: Vec<PathBuf>,
    /// Messages in all sources together, one of them twice.
    pub(crate) message_count: usize,
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
}

/// Writes the archive of `seed` into a folder: two mboxes, a Maildir and a folder of EML files.
///
/// # Errors
/// What the file system says, with the path; `AlreadyExists` when a file of that name holds something else. Writing the
/// same archive again changes nothing.
pub(crate) fn write(seed: u64, into: &Path) -> io::Result<Written> {
    let letters = letters(seed);
    mailbox::make(into)?;
    let mut sources = Vec::new();
    for (name, source) in [("commission.mbox", Source::Commission), ("list.mbox", Source::List)] {
        let bytes = mailbox::mbox(&letters, source);
        let path = into.join(name);
        mailbox::put(&path, &bytes)?;
        sources.push(path);
    }
    let translator = into.join("translator");
    mailbox::put_maildir(&letters, &translator)?;
    sources.push(translator);
    let newsroom = into.join("newsroom");
    mailbox::put_folder(&letters, &newsroom)?;
    sources.push(newsroom);
    Ok(Written { sources, message_count: letters.len(), title: TITLE, about: ABOUT })
}

/// Every message of the archive, by date.
fn letters(seed: u64) -> Vec<Letter> {
    let mut drafts = script::read();
    drafts.extend(noise::compose(seed));
    let mut letters = compose::letters(seed, drafts);
    broken::add(seed, &mut letters);
    letters.sort_by(|a, b| (a.sent.unix, &a.key).cmp(&(b.sent.unix, &b.key)));
    letters
}
