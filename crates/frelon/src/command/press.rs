//! Opening a publication to state something: its keys, what was seen of its log, and how it is told
//! that a statement waits.

use std::{fs, io, path::PathBuf};

use frelon_desk::{
    DeskError, KeyState, Means, Press, Stated, Waiting, WitnessAddress, Witnesses, key, key::Passphrase,
};
use frelon_log::{Signature, SignedCheckpoint, Verifier, writer::Cosigning};
use frelon_mirror::{fetch::Options, witness::client};
use frelon_model::CollectionId;

use crate::{
    cli::Signing,
    clock,
    failure::{Failure, Kind},
    passphrase,
    progress::{eprint_line, print_line},
    publication::Publication,
};

/// What is needed to open a publication, asked for and tried before anything long begins.
pub(super) struct Opening {
    passphrase: Option<Passphrase>,
    origin: Option<String>,
    seen: Vec<SignedCheckpoint>,
    witnesses: Vec<WitnessAddress>,
}

impl Opening {
    pub(super) fn new(publication: &Publication, signing: &Signing) -> Result<Self, Failure> {
        let mut seen = Vec::new();
        for path in &signing.seen {
            let bytes = fs::read(path).map_err(|error| {
                Failure::message(Kind::Input, format!("{}: cannot be read: {error}", path.display()))
            })?;
            seen.push(SignedCheckpoint::parse(&bytes).map_err(|error| {
                Failure::message(Kind::Input, format!("{}: this is no checkpoint: {error}", path.display()))
            })?);
        }
        let mut witnesses = Vec::new();
        for text in &signing.ask_witness {
            let witness = WitnessAddress::parse(text);
            witnesses
                .push(witness.map_err(|reason| Failure::message(Kind::Usage, format!("--ask-witness: {reason}")))?);
        }
        let passphrase = match frelon_desk::key_state(publication.root()).map_err(DeskError::from)? {
            KeyState::Absent => passphrase::to_lock(&signing.unlock)?,
            KeyState::Open => None,
            KeyState::Locked => {
                let what = publication.root().display().to_string();
                let passphrase = passphrase::to_unlock(signing.unlock.passphrase_file.as_deref(), &what)?;
                let path = frelon_desk::log_key_path(publication.root());
                key::read(&path, passphrase.as_ref()).map_err(DeskError::from)?;
                passphrase
            }
        };
        Ok(Self { passphrase, origin: signing.origin.clone(), seen, witnesses })
    }

    /// Opens the publication and does something with it.
    pub(super) fn with<T>(
        &self,
        publication: &Publication,
        run: impl FnOnce(&mut Press<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (mut random, disk) = (random, frelon_durable::Disk::new());
        let asked = frelon_desk::remember(publication.root(), &self.witnesses, &disk)?;
        let mut asked = Asked::new(asked)?;
        let means = Means {
            passphrase: self.passphrase.clone(),
            origin: self.origin.clone(),
            seen: self.seen.clone(),
            witnesses: if asked.addresses().is_empty() { None } else { Some(&mut asked) },
            now: clock::now(),
            random: &mut random,
            disk,
        };
        let mut press = Press::open(publication.root(), means)?;
        let done = run(&mut press)?;
        let _fresh = press.refresh()?;
        Ok(done)
    }
}

/// Witnesses behind their addresses.
struct Asked {
    addresses: Vec<WitnessAddress>,
    remotes: client::Witnesses,
}

impl Asked {
    fn new(addresses: Vec<WitnessAddress>) -> Result<Self, Failure> {
        // The editor typed them, so that they may be in a net of the editor's own.
        let options = Options { allow_private: true, ..Options::default() };
        let remote = |one: &WitnessAddress| client::Remote::new(one.key.clone(), &one.url, options);
        let remotes: Result<Vec<_>, _> = addresses.iter().map(remote).collect();
        let remotes = remotes.map_err(|error| Failure::message(Kind::Input, format!("a witness: {error}")))?;
        Ok(Self { addresses, remotes: client::Witnesses::new(remotes) })
    }
}

impl Witnesses for Asked {
    fn addresses(&self) -> &[WitnessAddress] {
        &self.addresses
    }

    fn cosign(&mut self, cosigning: &Cosigning<'_>, last_size: u64) -> Vec<Signature> {
        self.remotes.cosign(cosigning, last_size, &mut |witness, result| {
            if let Err(error) = result {
                eprint_line(&format!("  witness {witness} did not cosign: {error}"));
            }
        })
    }

    fn last_seen(&mut self, log: &Verifier) -> Vec<SignedCheckpoint> {
        self.remotes.last_seen(log).into_iter().flatten().collect()
    }
}

/// Random bytes of the system.
pub(super) fn random(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(io::Error::other)
}

/// The collection meant: the one named, or the only one of which something is out.
pub(super) fn collection(press: &Press<'_>, named: Option<&str>) -> Result<CollectionId, Failure> {
    if let Some(named) = named {
        return CollectionId::new(named).map_err(|error| Failure::new(Kind::Usage, error));
    }
    let mut all: Vec<&CollectionId> = press.ledger().releases().iter().map(|release| &release.collection).collect();
    all.sort();
    all.dedup();
    match all[..] {
        [only] => Ok(only.clone()),
        [] => Err(Failure::message(Kind::Input, "nothing is released yet").hint("publish something first")),
        _ => {
            let names: Vec<String> = all.iter().map(ToString::to_string).collect();
            Err(Failure::message(Kind::Usage, "there are several collections")
                .hint(format!("name one with --collection: {}", names.join(", "))))
        }
    }
}

/// Prints where statements wait, and gives the failure that stands for it.
pub(super) fn waiting(publication: &Publication, waiting: &[Waiting]) -> Failure {
    let mut paths: Vec<&PathBuf> = Vec::new();
    for one in waiting {
        let editors =
            if one.missing == 1 { "1 more editor".to_owned() } else { format!("{} more editors", one.missing) };
        eprint_line(&format!("  waiting for {editors}: {}", one.path.display()));
        paths.push(&one.path);
    }
    let what = if waiting.len() == 1 { "a statement waits" } else { "statements wait" };
    let message = format!("{what} for more signatures; until then nothing of it is public");
    let file = paths.first().map(|path| path.display().to_string()).unwrap_or_default();
    Failure::message(Kind::Incomplete, message).hint(format!(
        "each editor: frelon editor sign {file} --key KEYFILE\n        then here:   frelon editor approve {file} --into {}",
        publication.root().display()
    ))
}

/// Ends a command that stated one thing: tells that it is done, or where it waits.
pub(super) fn stated(publication: &Publication, stated: &Stated, done: &str) -> Result<(), Failure> {
    match stated {
        Stated::Logged { leaf } => {
            print_line(&format!("{done} (entry {leaf} of the log)"));
            Ok(())
        }
        Stated::Waiting(one) => Err(waiting(publication, std::slice::from_ref(one))),
    }
}
