//! From a decision to a statement in the log: drafted, signed by as many editors as it takes, logged.
//!
//! Order of what happens, and what a stop after each step leaves behind:
//!
//! 1. the draft is stored in the vault with the signature of the publication's own editor: the next run
//!    finds it and goes on;
//! 2. where more editors must sign, it is written into a file to be carried around: nothing is public;
//! 3. once enough have signed, it is appended to the log: **the commit point**;
//! 4. the vault knows it as logged: the next run finds its id in the log and knows it then.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use frelon_durable::Disk;
use frelon_log::{Signer, Verifier};
use frelon_model::CollectionId;
use frelon_public::{
    Authority, Draft, Refused, StatementId,
    statement::{Body, STATEMENT_BYTES_MAX, Terms},
};
use frelon_vault::{DraftState, StoredDraft};

use crate::{DeskError, Press};

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated {
    /// It is in the log, and has taken effect.
    Logged {
        /// The leaf of its statement.
        leaf: u64,
    },
    /// It waits for more editors.
    Waiting(Waiting),
}

/// A draft that waits for signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The id of the statement.
    pub id: StatementId,
    /// Its file, to be carried to the editors.
    pub path: PathBuf,
    /// How many more must sign.
    pub missing: u64,
}

/// A draft that waits, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenDraft {
    /// Where it waits.
    pub waiting: Waiting,
    /// What it says, in plain lines that are safe to print.
    pub says: String,
    /// The names of those who signed, good signatures or not.
    pub signed: Vec<String>,
}

/// Where drafts lie that wait for signatures.
#[must_use]
pub fn drafts_directory(publication: &Path) -> PathBuf {
    publication.join("drafts")
}

fn draft_path(publication: &Path, id: StatementId) -> PathBuf {
    drafts_directory(publication).join(format!("{id}.draft"))
}

impl Press<'_> {
    /// Drafts a statement, signs it with the key that is here, and logs it if that is enough.
    pub(crate) fn propose(&mut self, collection: Option<CollectionId>, body: Body) -> Result<Stated, DeskError> {
        if !matches!(body, Body::Root(_)) {
            self.ensure_root()?;
        }
        let draft = self.draft(collection, body)?;
        self.submit(draft)
    }

    /// A new draft, with the signature of the key that is here where it counts, kept in the vault.
    pub(crate) fn draft(&mut self, collection: Option<CollectionId>, body: Body) -> Result<StoredDraft, DeskError> {
        let id = StatementId(self.draw()?);
        let kind = body.kind().as_str().to_owned();
        let mut signs: Vec<Verifier> =
            self.ledger.authority().root().map(|root| root.editors.clone()).unwrap_or_default();
        if let Body::Root(next) = &body {
            signs.extend(next.editors.iter().cloned());
        }
        let terms = Terms {
            origin: self.ledger.origin().clone(),
            collection: collection.clone(),
            id,
            root_version: self.ledger.authority().root_version(),
            made_at: self.now,
            body,
        };
        let mut draft = Draft::new(terms)?;
        if let Some(editor) = self.editor.as_ref().filter(|editor| signs.contains(editor.verifier())) {
            // Whoever gave the command has said what it is to say.
            let _signed = draft.sign(editor, |_| true)?;
        }
        let stored = StoredDraft {
            id: id.0,
            kind,
            collection,
            text: draft.to_string(),
            made_at: self.now,
            state: DraftState::Open,
        };
        self.vault.set_draft(&stored)?;
        Ok(stored)
    }

    /// Logs a draft if enough editors have signed it, in the vault or in its file; else writes the file.
    pub(crate) fn submit(&mut self, mut stored: StoredDraft) -> Result<Stated, DeskError> {
        let id = StatementId(stored.id);
        let path = draft_path(&self.publication, id);
        let mut draft = Draft::parse(stored.text.as_bytes())?;
        // Signatures that were added in the file count as if they had been brought.
        if let Some(with_file) = self.with_file(&draft, &path) {
            draft = with_file;
            stored.text = draft.to_string();
            self.vault.set_draft(&stored)?;
        }
        match self.ledger.authority().check(draft.statement()) {
            Ok(_) => {}
            Err(Refused::TooFew { missing, .. }) => {
                let directory = drafts_directory(&self.publication);
                self.disk.make_private_directory(&directory)?;
                self.disk.replace(&path, draft.to_string().as_bytes())?;
                return Ok(Stated::Waiting(Waiting { id, path, missing }));
            }
            Err(reason) => {
                stored.state = DraftState::GivenUp;
                self.vault.set_draft(&stored)?;
                self.disk.remove(&path)?;
                return Err(DeskError::Refused { id, reason });
            }
        }
        if let Body::Release(release) = draft.statement().body() {
            // Whoever reads the statement finds the volumes.
            self.place_volumes(release)?;
        }
        let is_root = matches!(draft.statement().body(), Body::Root(_));
        let statement = draft.finish()?;
        let leaf = self.append([statement.to_string()])?.first_index;
        self.logged(stored, leaf)?;
        if is_root {
            // The policy names the witnesses, and is there before the first manifest.
            self.write_policy()?;
            self.give_up_stale()?;
        }
        Ok(Stated::Logged { leaf })
    }

    /// Gives up the drafts that cannot count any more, such as those made under other editors.
    fn give_up_stale(&mut self) -> Result<(), DeskError> {
        for mut stored in self.vault.open_drafts()? {
            let draft = Draft::parse(stored.text.as_bytes())?;
            let id = StatementId(stored.id);
            let is_logged = self.ledger.statements().iter().any(|accepted| accepted.terms.id == id);
            let counts =
                matches!(self.ledger.authority().check(draft.statement()), Ok(_) | Err(Refused::TooFew { .. }));
            if !counts && !is_logged {
                stored.state = DraftState::GivenUp;
                self.vault.set_draft(&stored)?;
                self.disk.remove(&draft_path(&self.publication, id))?;
            }
        }
        Ok(())
    }

    fn logged(&mut self, mut stored: StoredDraft, leaf: u64) -> Result<(), DeskError> {
        stored.state = DraftState::Logged { leaf };
        self.vault.set_draft(&stored)?;
        self.disk.remove(&draft_path(&self.publication, StatementId(stored.id)))?;
        Ok(())
    }

    /// The draft with the signatures that its file has beyond it, if there are any and they are good.
    fn with_file(&self, draft: &Draft, path: &Path) -> Option<Draft> {
        let file = Draft::parse(&read(path).ok()?).ok()?;
        let mut merged = draft.clone();
        let is_new = merged.merge(&file).is_ok_and(|added| added > 0);
        let check = self.ledger.authority().check(merged.statement());
        (is_new && matches!(check, Ok(_) | Err(Refused::TooFew { .. }))).then_some(merged)
    }

    /// What an earlier run left: drafts that are in the log are known as such, those that could be are
    /// logged.
    pub(crate) fn resume_drafts(&mut self) -> Result<(), DeskError> {
        for StoredDraft { id, .. } in self.vault.open_drafts()? {
            // One that was logged meanwhile may have ended others.
            let Some(stored) = self.vault.draft(&id)?.filter(|draft| draft.state == DraftState::Open) else { continue };
            let id = StatementId(id);
            let logged = self.ledger.statements().iter().find(|accepted| accepted.terms.id == id);
            match logged.map(|accepted| accepted.leaf) {
                Some(leaf) => self.logged(stored, leaf)?,
                None => match self.submit(stored) {
                    // A draft that no longer counts is over; the decision is made anew where it matters.
                    Ok(_) | Err(DeskError::Refused { .. }) => {}
                    Err(error) => return Err(error),
                },
            }
        }
        Ok(())
    }

    /// Brings a draft with more signatures in. Where they are enough, the statement is logged and takes
    /// effect. The draft is loaded before the publication is opened ([`load_draft`]): opening may already
    /// log it and remove its file.
    ///
    /// # Errors
    /// When it is no draft of this publication, was decided already, has a wrong signature, or a disk
    /// refuses.
    pub fn approve(&mut self, brought: &Draft) -> Result<Stated, DeskError> {
        let id = brought.statement().terms().id;
        let mut stored = self.vault.draft(&id.0)?.ok_or(DeskError::UnknownDraft { id })?;
        match stored.state {
            DraftState::Open => {}
            DraftState::Logged { leaf } => return Ok(Stated::Logged { leaf }),
            DraftState::GivenUp => return Err(DeskError::DraftGivenUp { id }),
        }
        let mut draft = Draft::parse(stored.text.as_bytes())?;
        let _added = draft.merge(brought)?;
        match self.ledger.authority().check(draft.statement()) {
            Ok(_) | Err(Refused::TooFew { .. }) => {}
            Err(reason) => return Err(DeskError::Refused { id, reason }),
        }
        stored.text = draft.to_string();
        self.vault.set_draft(&stored)?;
        let stated = self.submit(stored)?;
        self.settle()?;
        Ok(stated)
    }
}

/// The drafts that wait in a vault, as lists show them.
pub(crate) fn listed(
    publication: &Path,
    stored: Vec<StoredDraft>,
    authority: &Authority,
) -> Result<Vec<OpenDraft>, DeskError> {
    let open = stored.into_iter().map(|stored| {
        let draft = Draft::parse(stored.text.as_bytes())?;
        let statement = draft.statement();
        let missing = match authority.check(statement) {
            Err(Refused::TooFew { missing, .. }) => missing,
            _ => 0,
        };
        let id = StatementId(stored.id);
        let waiting = Waiting { id, path: draft_path(publication, id), missing };
        let signed = statement.note().signatures().iter().map(|signature| signature.name.to_string()).collect();
        Ok(OpenDraft { waiting, says: draft.describe(), signed })
    });
    open.collect()
}

/// Shows what a draft says and, if `show` answers yes, adds a signature to its file; the others stay.
/// Needs no publication. Whether it was signed.
///
/// # Errors
/// When the file is no draft, or cannot be written.
pub fn sign(disk: &Disk, path: &Path, key: &Signer, show: impl FnOnce(&str) -> bool) -> Result<bool, DeskError> {
    let mut draft = load_draft(path)?;
    if !draft.sign(key, show)? {
        return Ok(false);
    }
    disk.replace(path, draft.to_string().as_bytes())?;
    Ok(true)
}

/// Reads the file of a draft.
///
/// # Errors
/// When it cannot be read or is no draft.
pub fn load_draft(path: &Path) -> Result<Draft, DeskError> {
    let bytes = read(path).map_err(|source| DeskError::DraftFile { path: path.to_owned(), source })?;
    Draft::parse(&bytes).map_err(|source| DeskError::NoDraft { path: path.to_owned(), source })
}

/// A file of at most one byte more than a draft can have.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = fs::File::open(path)?;
    io::Read::read_to_end(&mut io::Read::take(file, STATEMENT_BYTES_MAX as u64 + 1), &mut bytes)?;
    Ok(bytes)
}
