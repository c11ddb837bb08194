//! Samples for the tests of this crate.

use std::{io::Write as _, path::Path};

use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};
use sha2::{Digest, Sha256};

use super::{Packed, Plan, Settings, Writer};
use crate::{ReleaseEntry, WriteError};

/// An item with everything its release needs, made from bytes alone.
pub(crate) struct Sample {
    pub(crate) number: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) name: String,
    pub(crate) date: Option<Instant>,
    pub(crate) deflated: Vec<u8>,
}

impl Sample {
    pub(crate) fn new(number: u64, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&bytes).expect("in memory");
        let deflated = encoder.finish().expect("in memory");
        Self { number, bytes, name: format!("{number}.eml"), date: Some(Instant(number as i64 * 1_000)), deflated }
    }

    pub(crate) fn packed(&self) -> Packed<'_> {
        Packed {
            number: ItemNumber(self.number),
            name: &self.name,
            media_type: "message/rfc822",
            date: self.date,
            content: ContentHash(Sha256::digest(&self.bytes).into()),
            size_bytes: self.bytes.len() as u64,
            crc32: crc32fast::hash(&self.bytes),
            deflated: &self.deflated,
        }
    }

    pub(crate) fn salt(&self) -> [u8; 32] {
        Sha256::digest(self.number.to_le_bytes()).into()
    }
}

pub(crate) fn plan(tranche: u32) -> Plan {
    Plan {
        collection: CollectionId::new("lake").expect("a good name"),
        collection_title: "The lake papers".to_owned(),
        about: "Invented for tests.".to_owned(),
        tranche: Tranche(tranche),
        title: format!("Part {tranche}"),
        published_at: Instant(1_700_000_000),
    }
}

pub(crate) fn write(
    public: &Path,
    tranche: u32,
    samples: &[Sample],
    settings: Settings,
) -> Result<ReleaseEntry, WriteError> {
    let mut writer = Writer::begin_with(public, plan(tranche), settings)?;
    for sample in samples {
        writer.add(&sample.packed(), sample.salt())?;
    }
    writer.commit()
}
