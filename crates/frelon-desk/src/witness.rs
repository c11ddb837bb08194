//! The witnesses that are asked while publishing: where they are, and who asks them.
//!
//! Their addresses are kept in the vault, so that every later run asks them too. Which of them count is
//! not said here but by the root that the editors signed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{Signature, SignedCheckpoint, Verifier, note::Algorithm, writer::Cosigning};

use crate::DeskError;

/// Witnesses of one log: as many as may cosign a checkpoint beside it.
const WITNESSES_MAX: usize = 63;
/// An address: longer ones are refused by servers.
const ADDRESS_BYTES_MAX: usize = 2_000;

/// A witness, and where it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAddress {
    /// Its key: type `0x04`.
    pub key: Verifier,
    /// The address below which it answers, such as `https://witness.example/`.
    pub url: String,
}

impl WitnessAddress {
    /// Reads `<vkey> <address>`.
    ///
    /// # Errors
    /// With what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (key, url) = text.trim().split_once(' ').ok_or("write a witness as its key, a space and its address")?;
        let key: Verifier = key.parse().map_err(|error| format!("{key}: {error}"))?;
        if key.algorithm() != Algorithm::CosignatureV1 {
            return Err(format!("{}: this is no key of a witness", key.name()));
        }
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        if !is_web
            || url.len() > ADDRESS_BYTES_MAX
            || url.contains(|letter: char| letter.is_whitespace() || letter.is_control())
        {
            return Err(format!("{}: its address must begin with http:// or https://", key.name()));
        }
        Ok(Self { key, url: url.to_owned() })
    }
}

/// Asks witnesses. It is implemented by whoever can reach them: nothing here knows a network.
pub trait Witnesses {
    /// Who is asked.
    fn addresses(&self) -> &[WitnessAddress];

    /// Asks all of them to cosign a checkpoint; `last_size` is the size of the one before.
    fn cosign(&mut self, cosigning: &Cosigning<'_>, last_size: u64) -> Vec<Signature>;

    /// What they saw last of a log, for the gate before signing. Those that do not answer are left out.
    fn last_seen(&mut self, log: &Verifier) -> Vec<SignedCheckpoint>;
}

fn path(publication: &Path) -> PathBuf {
    publication.join("vault/witnesses")
}

/// The witnesses that a publication asks.
///
/// # Errors
/// When the file cannot be read or a line of it is none.
pub fn witnesses(publication: &Path) -> Result<Vec<WitnessAddress>, DeskError> {
    let path = path(publication);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(|error| DeskError::Witnesses { path: path.clone(), reason: error.to_string() })?,
    };
    let parse =
        |line: &str| WitnessAddress::parse(line).map_err(|reason| DeskError::Witnesses { path: path.clone(), reason });
    text.lines().filter(|line| !line.is_empty()).map(parse).collect()
}

/// Keeps the addresses of witnesses; one whose key is there already gets its new address.
///
/// # Errors
/// When there are too many, or a disk refuses.
pub fn remember(publication: &Path, more: &[WitnessAddress], disk: &Disk) -> Result<Vec<WitnessAddress>, DeskError> {
    let mut all = witnesses(publication)?;
    let before = all.clone();
    for one in more {
        match all.iter_mut().find(|known| known.key.public_key() == one.key.public_key()) {
            Some(known) => *known = one.clone(),
            None => all.push(one.clone()),
        }
    }
    let path = path(publication);
    if all.len() > WITNESSES_MAX {
        return Err(DeskError::Witnesses { path, reason: format!("there are more than {WITNESSES_MAX} witnesses") });
    }
    if all != before {
        let text: String = all.iter().map(|one| format!("{} {}\n", one.key, one.url)).collect();
        disk.replace_private(&path, text.as_bytes())?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "witness.example/w-1+73ff76de+BNYvAWoe/R5P33k+tCzYRHHhup8M8E0Sh7XMcfYWKHy4";
    const LOG: &str = "frelon.example/log+1b96bb4c+AZf/yIPIC+5yN++V2bm3A9StY+YKIeYFhnaCt1uLP0MD";

    #[test]
    fn a_witness_is_a_key_and_an_address() {
        let one = WitnessAddress::parse(&format!("{KEY} https://witness.example/")).expect("a witness");
        assert_eq!((one.key.to_string(), one.url.as_str()), (KEY.to_owned(), "https://witness.example/"));
        for wrong in [
            KEY.to_owned(),
            format!("{KEY} ftp://witness.example/"),
            format!("{KEY} https://witness.example/ more"),
            format!("{LOG} https://witness.example/"),
            "https://witness.example/".to_owned(),
        ] {
            assert!(WitnessAddress::parse(&wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn addresses_are_kept_and_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("vault")).expect("made");
        let disk = Disk::new();
        let at = |url: &str| WitnessAddress::parse(&format!("{KEY} {url}")).expect("a witness");
        assert!(witnesses(folder.path()).expect("none").is_empty());
        remember(folder.path(), &[at("https://a.example/")], &disk).expect("kept");
        remember(folder.path(), &[at("https://b.example/")], &disk).expect("kept");
        assert_eq!(witnesses(folder.path()).expect("read"), [at("https://b.example/")]);
        fs::write(folder.path().join("vault/witnesses"), "nonsense\n").expect("written");
        assert!(matches!(witnesses(folder.path()), Err(DeskError::Witnesses { .. })));
    }
}
