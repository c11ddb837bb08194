//! Passphrases: from a file, from the environment, or from the terminal, never from the command line,
//! which other users of a machine can read.

use std::{
    fs,
    io::{self, IsTerminal as _},
    path::Path,
};

use frelon_desk::key::Passphrase;
use zeroize::Zeroizing;

use crate::{
    cli::Unlock,
    failure::{Failure, Kind},
};

/// The environment variable that holds one.
pub(crate) const VARIABLE: &str = "FRELON_PASSPHRASE";

/// The passphrase that was given without asking, if one was.
fn given(file: Option<&Path>) -> Result<Option<Passphrase>, Failure> {
    if let Some(path) = file {
        let text = fs::read_to_string(path)
            .map(Zeroizing::new)
            .map_err(|error| Failure::message(Kind::Input, format!("{}: cannot be read: {error}", path.display())))?;
        let first = Zeroizing::new(text.lines().next().unwrap_or_default().to_owned());
        return Passphrase::new(first).map(Some).ok_or_else(|| {
            Failure::message(Kind::Input, format!("{}: its first line is empty", path.display()))
                .hint("write the passphrase into the first line")
        });
    }
    Ok(std::env::var(VARIABLE).ok().map(Zeroizing::new).and_then(Passphrase::new))
}

/// The passphrase of keys that are locked.
pub(crate) fn to_unlock(file: Option<&Path>, what: &str) -> Result<Option<Passphrase>, Failure> {
    match given(file)? {
        None if io::stdin().is_terminal() => ask(&format!("Passphrase of {what}: ")).map(Passphrase::new),
        given => Ok(given),
    }
}

/// The passphrase that is to lock new keys; `None` when they stay open.
pub(crate) fn to_lock(unlock: &Unlock) -> Result<Option<Passphrase>, Failure> {
    let given = given(unlock.passphrase_file.as_deref())?;
    if given.is_some() || !unlock.passphrase {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::message(Kind::Usage, "--passphrase asks at a terminal, and there is none")
            .hint(format!("give --passphrase-file FILE, or set {VARIABLE}")));
    }
    let (first, second) = (ask("New passphrase: ")?, ask("The same again: ")?);
    if first != second {
        return Err(Failure::message(Kind::Input, "the two passphrases differ").hint("run the command again"));
    }
    Passphrase::new(first).map(Some).ok_or_else(|| {
        Failure::message(Kind::Input, "the passphrase is empty").hint("leave --passphrase out, or type one")
    })
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let answer = rpassword::prompt_password(prompt).map(Zeroizing::new);
    answer.map_err(|error| Failure::message(Kind::Failed, format!("cannot ask for a passphrase: {error}")))
}
