//! The gate: the only way from the vault to the public tree. It decodes each object again, as it
//! will be published, and lets pass only what proves to be what was taken in.
//!
//! This version has one rule, fixity. Rules about content (withheld strings, personal data, the
//! protected persons) come here: each is one more way to answer with a [`Hit`].

use frelon_deflate::Inflater;
use frelon_model::{ContentHash, ItemNumber};
use frelon_vault::StoredItem;
use sha2::{Digest as _, Sha256};

/// Why an object must not go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Stable code of the rule.
    pub rule: &'static str,
    /// What it found and what to do, in English.
    pub detail: String,
}

/// An item the gate keeps back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocked {
    /// The item.
    pub number: ItemNumber,
    /// Why.
    pub hit: Hit,
}

/// What the gate did with the items of a tranche.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GateReport {
    /// Items that may go out.
    pub passed: u64,
    /// Items that may not, in order.
    pub blocked: Vec<Blocked>,
}

/// Looks at objects, one after another.
#[derive(Debug, Default)]
pub struct Gate {
    inflater: Inflater,
    bytes: Vec<u8>,
}

impl Gate {
    /// Looks at an item as it is going to be published: its deflate stream.
    ///
    /// # Errors
    /// With the first rule that it breaks. What cannot be decoded is a hit.
    pub fn check(&mut self, item: &StoredItem, packed: &[u8]) -> Result<(), Hit> {
        let damaged = |what: &str| Hit {
            rule: "fixity",
            detail: format!("{what}; restore the vault's pack from a backup, or take the source in again"),
        };
        self.inflater
            .inflate(packed, item.size_bytes, item.crc32, &mut self.bytes)
            .map_err(|error| damaged(&format!("the stored bytes do not decode: {error}")))?;
        if ContentHash(Sha256::digest(&self.bytes).into()) != item.content {
            return Err(damaged("the stored bytes have another SHA-256 than when they were taken in"));
        }
        Ok(())
    }
}
