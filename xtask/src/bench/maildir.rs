//! An mbox written as a Maildir, which is what the peers read.

use std::{fs, path::Path};

use anyhow::{Context, Result};

use super::mailbox;

/// Messages in one folder: tens of thousands of files in one make some file systems slow.
const FOLDER_MESSAGES: u64 = 10_000;

/// Writes every message as a file of its own, `>From ` undone.
pub(crate) fn write(mailbox: &Path, maildir: &Path) -> Result<()> {
    let mut count = 0_u64;
    let mut current = maildir.to_owned();
    mailbox::for_each(mailbox, |_, message| {
        if count.is_multiple_of(FOLDER_MESSAGES) {
            current = maildir.join(format!(".{}", count / FOLDER_MESSAGES));
            for name in ["cur", "new", "tmp"] {
                fs::create_dir_all(current.join(name))?;
            }
        }
        count += 1;
        let path = current.join("cur").join(format!("{count}.bench:2,S"));
        fs::write(&path, unquote(message)).with_context(|| format!("cannot write {}", path.display()))
    })
}

/// Takes one `>` from lines of `>From `, `>>From ` and so on, as mboxrd has it.
fn unquote(message: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(message.len());
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        plain.extend_from_slice(if marks > 0 && line[marks..].starts_with(b"From ") { &line[1..] } else { line });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_mark_is_taken() {
        assert_eq!(unquote(b">From x\n>>From y\n> From z\nFrom\n"), b"From x\n>From y\n> From z\nFrom\n");
    }
}
