//! What of the log goes into the catalog: which leaf each item has, what was stated, what was taken back.

use frelon_log::{Policy, policy::POLICY_BYTES_MAX};
use frelon_public::{Ledger, LogReader, Manifest, ledger::Accepted, statement::Body};
use std::{fs, io::Read as _, path::Path};

use super::BuildError;
use crate::change::{Change, ChangeRecord, LogRecord};

/// Where the policy lies in a public tree.
const POLICY_PATH: &str = "policy";

/// Replays the log of a tree, by the key that the tree's own policy names: the index shows what is in the
/// tree, and whether to believe it is for whoever verifies.
pub(super) fn read(public: &Path, manifest: &Manifest) -> Result<Ledger, BuildError> {
    let path = public.join(POLICY_PATH);
    let refuse = |reason: String| BuildError::Log { path: path.clone(), reason };
    let mut bytes = Vec::new();
    let file = fs::File::open(&path).map_err(|error| refuse(error.to_string()))?;
    file.take(POLICY_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(|error| refuse(error.to_string()))?;
    let policy = Policy::parse(&bytes).map_err(|error| refuse(error.to_string()))?;
    let origin = manifest.log.origin.as_str();
    let own = policy.logs().iter().find(|log| log.key.name().as_str() == origin);
    let key = &own.ok_or_else(|| refuse("it does not name the log of the manifest".to_owned()))?.key;
    let reader = LogReader::open(public, key)?;
    let (size, root) = (manifest.log.size, manifest.log.root);
    if reader.head().size < size || reader.root_at(size)? != root {
        return Err(refuse("the manifest was not derived from this log".to_owned()));
    }
    Ok(Ledger::read(&reader, key)?)
}

/// The log as of the manifest.
pub(super) fn log(manifest: &Manifest) -> LogRecord {
    let log = &manifest.log;
    LogRecord { origin: log.origin.as_str().to_owned(), size: log.size, root: log.root }
}

/// The statements that have effect, as of the manifest, in the order of the log.
pub(super) fn changes(ledger: &Ledger, manifest: &Manifest) -> Vec<ChangeRecord> {
    let known = ledger.statements().iter().take_while(|one| one.leaf < manifest.log.size);
    known.filter(|one| one.ineffective.is_none()).filter_map(|one| change(ledger, one)).collect()
}

fn change(ledger: &Ledger, accepted: &Accepted) -> Option<ChangeRecord> {
    let keys = |keys: &[frelon_log::Verifier]| keys.iter().map(ToString::to_string).collect();
    let change = match &accepted.terms.body {
        Body::Root(root) => Change::Root {
            version: root.version,
            editors: keys(&root.editors),
            threshold: root.threshold,
            witnesses: keys(&root.witnesses),
        },
        Body::Collection(description) => Change::Collection { title: description.title.clone() },
        Body::Accession(accession) => Change::Accession { count: accession.count },
        Body::Release(release) => {
            Change::Release { tranche: release.tranche, title: release.title.clone(), item_count: release.item_count }
        }
        Body::Withdraw(withdraw) => Change::Withdraw {
            number: withdraw.number,
            mode: withdraw.mode,
            reason: withdraw.reason,
            jurisdiction: withdraw.jurisdiction.clone(),
            until: withdraw.until,
            text: withdraw.text.clone(),
        },
        Body::Restore(restore) => Change::Restore { number: restore.number, text: restore.text.clone() },
        Body::Correct(correct) => Change::Correct {
            number: ledger.item(correct.leaf)?.number,
            replacement: ledger.item(correct.replacement_leaf)?.number,
            reason: correct.reason.clone(),
        },
        Body::Succession(succession) => Change::Succession { origin: succession.log.name().as_str().to_owned() },
        // A kind of a later version: verifiers tell of it, readers cannot be told what it means.
        _ => return None,
    };
    let (leaf, made_at) = (accepted.leaf, accepted.terms.made_at);
    Some(ChangeRecord { leaf, collection: accepted.terms.collection.clone(), made_at, change })
}
