//! Whose checkpoints are believed.

use frelon_log::{
    Policy, SignedCheckpoint, Verifier, note::NOTE_BYTES_MAX, policy::POLICY_BYTES_MAX, writer::CHECKPOINT_PATH,
};
use frelon_model::Instant;

use super::peer::Peer;
use crate::fetch::get;

/// The log that is mirrored.
pub(crate) struct Trust {
    pub(crate) policy: Policy,
    pub(crate) log: Verifier,
    pub(crate) is_first_contact: bool,
}

/// A checkpoint that the policy accepts, of the log that is mirrored.
pub(crate) fn believe(bytes: &[u8], trust: &Trust, now: Instant) -> Result<SignedCheckpoint, String> {
    let checkpoint = SignedCheckpoint::parse(bytes).map_err(|error| error.to_string())?;
    if checkpoint.checkpoint().origin.as_str() != trust.log.name().as_str() {
        return Err("its checkpoint is of another log".to_owned());
    }
    trust.policy.require(&checkpoint, Some(now)).map_err(|error| error.to_string())?;
    Ok(checkpoint)
}

/// The policy that a peer shows, if its own checkpoint meets it.
pub(crate) fn first_contact(peer: &Peer<'_>, now: Instant) -> Result<(Policy, Verifier), String> {
    let bytes = get(peer.source, "policy", POLICY_BYTES_MAX as u64).map_err(|error| error.to_string())?;
    let policy = Policy::parse(&bytes).map_err(|error| error.to_string())?;
    let bytes = get(peer.source, CHECKPOINT_PATH, NOTE_BYTES_MAX as u64).map_err(|error| error.to_string())?;
    let checkpoint = SignedCheckpoint::parse(&bytes).map_err(|error| error.to_string())?;
    let checked = policy.require(&checkpoint, Some(now)).map_err(|error| error.to_string())?;
    let log = policy.logs()[checked.log].key.clone();
    Ok((policy, log))
}
