//! The log's part in a release: entries and statements are appended, then the manifest is derived.
//!
//! Keys lie in `vault/key/`, made at the first release; the one editor signs what the log needs.

use std::path::{Path, PathBuf};

use frelon_log::{
    Signer,
    writer::{BATCH_ENTRIES_MAX, Writer as LogWriter},
};
use frelon_model::Instant;
use frelon_public::{
    Draft, FileStore, Ledger, LogReader, Manifest, ReadError, ReleaseEntry, StatementId, VolumeEntry,
    release::Finished,
    statement::{Body, Description, Release, Root, Terms},
    volume,
};
use frelon_vault::{Collection, TranchePlan};
use zeroize::Zeroizing;

use super::public_directory;
use crate::DeskError;

/// The two keys of a publication whose editor is one person.
struct Keys {
    log: Signer,
    editor: Signer,
}

fn key_path(publication: &Path, name: &str) -> PathBuf {
    publication.join("vault").join("key").join(name)
}

/// Reads a key; `None` when there is none yet.
fn read_key(path: &Path) -> Result<Option<Signer>, DeskError> {
    let text = match std::fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        other => Zeroizing::new(other.map_err(|source| DeskError::Key { path: path.to_owned(), source })?),
    };
    let bad = |error| DeskError::Key { path: path.to_owned(), source: std::io::Error::other(error) };
    Signer::parse(text.trim_end()).map(Some).map_err(bad)
}

/// Random bytes that are not the zeroes of a source that failed.
fn draw(random: &mut dyn FnMut(&mut [u8; 32])) -> Result<Zeroizing<[u8; 32]>, DeskError> {
    let mut bytes = Zeroizing::new([0; 32]);
    random(&mut bytes);
    if *bytes == [0; 32] { Err(DeskError::NoRandom) } else { Ok(bytes) }
}

fn make_key(path: &Path, name: &str, random: &mut dyn FnMut(&mut [u8; 32])) -> Result<Signer, DeskError> {
    let unfit = |error| DeskError::Key { path: path.to_owned(), source: std::io::Error::other(error) };
    let signer = Signer::new(name.parse().map_err(unfit)?, &*draw(random)?);
    let disk = frelon_durable::Disk::new();
    disk.make_private_directory(path.parent().expect("keys lie in a directory"))?;
    disk.replace(path, format!("{}\n", signer.to_private_key().as_str()).as_bytes())?;
    Ok(signer)
}

fn keys(publication: &Path, random: &mut dyn FnMut(&mut [u8; 32])) -> Result<Keys, DeskError> {
    let (log_path, editor_path) = (key_path(publication, "log"), key_path(publication, "editor"));
    let log = match read_key(&log_path)? {
        Some(log) => log,
        None => {
            let name: String = draw(random)?.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
            make_key(&log_path, &format!("frelon/{name}"), random)?
        }
    };
    let editor = match read_key(&editor_path)? {
        Some(editor) => editor,
        None => make_key(&editor_path, &format!("{}/editor-1", log.verifier().name()), random)?,
    };
    Ok(Keys { log, editor })
}

/// The log of a publication, replayed; `None` before the first release.
pub(super) fn ledger(publication: &Path) -> Result<Option<Ledger>, DeskError> {
    let Some(log) = read_key(&key_path(publication, "log"))? else { return Ok(None) };
    match LogReader::open(&public_directory(publication), log.verifier()) {
        Ok(reader) => Ok(Some(Ledger::read(&reader, log.verifier())?)),
        Err(ReadError::NoLog { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Logs a tranche whose volumes are written: its document entries, then its statement with what must
/// come before it. Whoever replays the log afterwards sees the release.
///
/// # Errors
/// When keys cannot be read or made, or the log refuses. Entries without a statement mean nothing, and
/// the next run logs them again.
pub fn log_release(
    publication: &Path,
    collection: &Collection,
    plan: &TranchePlan,
    finished: &Finished,
    now: Instant,
    random: &mut dyn FnMut(&mut [u8; 32]),
) -> Result<(), DeskError> {
    let Keys { log, editor } = keys(publication, random)?;
    let log_key = log.verifier().clone();
    let before = ledger(publication)?.unwrap_or_else(|| Ledger::new(log_key.clone()));
    let store = FileStore::open(&public_directory(publication), &publication.join("vault").join("log"));
    let mut writer = LogWriter::open(store.map_err(refused)?, log, Vec::new(), &[]).map_err(refused)?;
    let mut root_version = before.authority().root_version();
    let mut append = |entries: Vec<Vec<u8>>| writer.append(entries, &[], None).map_err(refused);
    let mut sign = |body: Body, root_version: u64| {
        let is_of_log = matches!(body, Body::Root(_));
        let id = draw(random)?;
        let terms = Terms {
            origin: before.origin().clone(),
            collection: (!is_of_log).then(|| plan.collection.clone()),
            id: StatementId(*id.first_chunk().expect("32 bytes")),
            root_version,
            made_at: now,
            body,
        };
        let mut draft = Draft::new(terms).map_err(refused)?;
        draft.sign(&editor, |_| true).map_err(refused)?;
        draft.finish().map(|statement| statement.to_string().into_bytes()).map_err(refused)
    };

    let mut first = Vec::new();
    if root_version == 0 {
        let root = Root {
            version: 1,
            editors: vec![editor.verifier().clone()],
            threshold: 1,
            witnesses: Vec::new(),
            log: log_key,
            custodians: Vec::new(),
        };
        first.push(sign(Body::Root(root), 0)?);
        root_version = 1;
    }
    let description = Description { title: collection.title.clone(), about: collection.about.clone() };
    if before.collections().get(&plan.collection).is_none_or(|described| described.description != description) {
        first.push(sign(Body::Collection(description), root_version)?);
    }
    append(first)?;
    let entries: Vec<Vec<u8>> = finished.entries().collect();
    let batch = usize::try_from(BATCH_ENTRIES_MAX).expect("a million");
    let (mut first_leaf, mut last_leaf) = (None, 0);
    for batch in entries.chunks(batch) {
        let appended = append(batch.to_vec())?;
        first_leaf.get_or_insert(appended.first_index);
        last_leaf = appended.first_index + appended.count - 1;
    }
    let release = Release {
        tranche: plan.tranche,
        title: plan.title.clone(),
        item_count: entries.len() as u64,
        first_leaf: first_leaf.unwrap_or_default(),
        last_leaf,
        volumes: finished.stated(),
        published_at: plan.planned_at,
    };
    append(vec![sign(Body::Release(release), root_version)?])?;
    Ok(())
}

fn refused<E: std::error::Error + Send + Sync + 'static>(error: E) -> DeskError {
    DeskError::Log(Box::new(error))
}

/// Shows what the log holds: derives the manifest from it and the volumes that are there, and replaces
/// it and the policy. The row of this tranche, if the log has it.
///
/// # Errors
/// When the log or a volume cannot be read, or the disk refuses.
pub(super) fn show(publication: &Path, plan: &TranchePlan) -> Result<Option<ReleaseEntry>, DeskError> {
    let Some(ledger) = ledger(publication)? else { return Ok(None) };
    if ledger.release(&plan.collection, plan.tranche).is_none() {
        return Ok(None);
    }
    let (public, disk) = (public_directory(publication), frelon_durable::Disk::new());
    // What is known of older volumes is not read again.
    let mut facts: Vec<VolumeEntry> = Manifest::load(&public)?.iter().flat_map(Manifest::volumes).cloned().collect();
    for stated in ledger.releases().iter().flat_map(|release| &release.volumes) {
        if facts.iter().all(|known| known.path != stated.path) && public.join(&stated.path).exists() {
            facts.push(volume::facts(&public, &stated.path)?);
        }
    }
    let manifest = Manifest::derive(&ledger, &facts);
    manifest.commit(&public, &disk)?;
    let policy = format!("log {}\nquorum none\n", ledger.log());
    disk.replace(&public.join("policy"), policy.as_bytes())?;
    Ok(manifest.release(&plan.collection, plan.tranche).cloned())
}
