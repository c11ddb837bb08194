//! The sources as files: mbox with `From ` lines quoted the mboxrd way (reversible), a Maildir, a folder of EML files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::compose::Letter;
use super::draft::Source;

/// An mbox: separator, message, empty line (RFC 4155); every `>*From ` line of a message gets one more `>`.
pub(super) fn mbox(letters: &[Letter], source: Source) -> Vec<u8> {
    let mut out = Vec::new();
    for letter in letters.iter().filter(|letter| letter.source == source) {
        out.extend_from_slice(format!("From {} {}\n", letter.envelope, letter.sent.asctime()).as_bytes());
        for line in letter.bytes.split_inclusive(|byte| *byte == b'\n') {
            if is_from_line(line) {
                out.push(b'>');
            }
            out.extend_from_slice(line);
        }
        out.push(b'\n');
    }
    out
}

pub(super) fn is_from_line(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    line[marks..].starts_with(b"From ")
}

/// Writes a file, or leaves it when it holds these bytes already.
///
/// # Errors
/// `AlreadyExists` when something else stands there: a stranger's folder is not for the demo to overwrite.
pub(super) fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::read(path) {
        Ok(found) if found == bytes => return Ok(()),
        Ok(_) => {
            let text = format!("{} exists and is not of this demo; choose an empty folder", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, text));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(named(&error, path)),
    }
    fs::write(path, bytes).map_err(|error| named(&error, path))
}

/// A Maildir: what was read lies in `cur` with its flags, the newest few in `new`.
pub(super) fn put_maildir(letters: &[Letter], into: &Path) -> io::Result<()> {
    /// Messages at the end of the story that nobody opened any more.
    const UNREAD: usize = 3;
    for folder in ["cur", "new", "tmp"] {
        make(&into.join(folder))?;
    }
    let letters: Vec<&Letter> = letters.iter().filter(|letter| letter.source == Source::Translator).collect();
    for (number, letter) in letters.iter().enumerate() {
        let unique = format!("{}.M{:06}P2231.deuxrives", letter.sent.unix.max(0), number);
        let path = if number + UNREAD >= letters.len() {
            into.join("new").join(unique)
        } else {
            let flags =
                if letter.envelope == "salwa@deuxrives.example" { "S" } else { ["S", "RS", "S", "FS"][number % 4] };
            into.join("cur").join(format!("{unique}:2,{flags}"))
        };
        put(&path, &letter.bytes)?;
    }
    Ok(())
}

/// A folder of files, one message each, as somebody saved them.
pub(super) fn put_folder(letters: &[Letter], into: &Path) -> io::Result<()> {
    make(into)?;
    for (number, letter) in letters.iter().filter(|letter| letter.source == Source::Newsroom).enumerate() {
        put(&into.join(format!("{:03}-{}.eml", number + 1, letter.key)), &letter.bytes)?;
    }
    Ok(())
}

pub(super) fn make(folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder).map_err(|error| named(&error, folder))?;
    Ok(folder.to_path_buf())
}

fn named(error: &io::Error, path: &Path) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
