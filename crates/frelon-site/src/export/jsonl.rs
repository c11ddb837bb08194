//! JSON Lines: one item a line, in full, as `/api/v1/collections/.../items/...` gives it.

use std::io::Write;

use frelon_index::{Archive, ItemRecord};

use super::{Format, channel::Stop};
use crate::{api, fault::Fault};

pub(super) struct Jsonl<W> {
    pub(super) out: W,
}

impl<W: Write> Format for Jsonl<W> {
    fn item(&mut self, archive: &Archive, item: &ItemRecord) -> Result<(), Stop> {
        let line = api::full_item(archive, item).map_err(Fault::from)?;
        self.out.write_all(&line.ok_or(Stop::Fault(Fault::NotFound))?)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn end(self: Box<Self>) -> Result<(), Stop> {
        Ok(())
    }
}
