//! The messages of an mbox, one after the other. For the bench alone: the program measured has its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result};

/// Calls `each` with the `From ` line and the bytes of every message, as they stand in the file.
pub(crate) fn for_each(path: &Path, mut each: impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
    let file = fs::File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    split(BufReader::with_capacity(1 << 20, file), &mut each).with_context(|| format!("in {}", path.display()))
}

fn split(mut input: impl BufRead, each: &mut impl FnMut(&[u8], &[u8]) -> Result<()>) -> Result<()> {
    let (mut separator, mut message, mut line) = (Vec::new(), Vec::new(), Vec::new());
    let mut after_blank = true;
    loop {
        line.clear();
        let length = input.read_until(b'\n', &mut line)?;
        if length == 0 || (after_blank && line.starts_with(b"From ")) {
            if !separator.is_empty() {
                each(&separator, &message)?;
            }
            if length == 0 {
                return Ok(());
            }
            separator.clone_from(&line);
            message.clear();
        } else {
            message.extend_from_slice(&line);
        }
        after_blank = line == b"\n" || line == b"\r\n";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_begin_after_a_blank_line() {
        let text = b"From a\nX: 1\n\nFrom here it is text\nfrom\n\nFrom b\nY: 2\n\nbody";
        let mut found = Vec::new();
        split(&text[..], &mut |separator, message| {
            found.push((separator.to_vec(), message.to_vec()));
            Ok(())
        })
        .expect("in memory");
        // The second line is one that a mailbox writer should have quoted; ours did.
        assert_eq!(found.len(), 3);
        assert_eq!(found[2], (b"From b\n".to_vec(), b"Y: 2\n\nbody".to_vec()));
    }
}
