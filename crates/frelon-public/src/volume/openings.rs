//! The lines of `openings.jsonl`, inflated as they are needed.

use flate2::{Decompress, FlushDecompress, Status};
use frelon_model::limits::OPENING_BYTES_MAX;

use super::window::Window;

/// Inflated at once.
const STEP_BYTES: usize = 64 * 1024;

/// A deflate stream inside the volume, read line by line.
#[derive(Debug)]
pub(crate) struct Openings {
    window: Window,
    /// Where the rest of the stream begins.
    offset: u64,
    /// Where the stream ends.
    end: u64,
    inflater: Decompress,
    bytes: Vec<u8>,
    /// What of `bytes` was handed out.
    used: usize,
    state: State,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Open,
    Ended,
    /// Broken here; so is all that follows.
    Broken(&'static str),
}

impl Openings {
    pub(crate) fn new(window: Window, offset: u64, end: u64) -> Self {
        let inflater = Decompress::new(false);
        Self { window, offset, end, inflater, bytes: Vec::new(), used: 0, state: State::Open }
    }

    /// The stream that is not there.
    pub(crate) fn broken(window: Window, reason: &'static str) -> Self {
        Self { state: State::Broken(reason), ..Self::new(window, 0, 0) }
    }

    /// The next line without its newline; `None` after the last.
    pub(crate) fn next_line(&mut self) -> Result<Option<Vec<u8>>, &'static str> {
        let mut searched = self.used;
        loop {
            if let Some(length) = self.bytes[searched..].iter().position(|byte| *byte == b'\n') {
                let line = self.bytes[self.used..searched + length].to_vec();
                self.used = searched + length + 1;
                if line.len() > OPENING_BYTES_MAX {
                    return Err("its opening is too long");
                }
                return Ok(Some(line));
            }
            match &self.state {
                State::Broken(reason) => return Err(reason),
                State::Ended if self.used == self.bytes.len() => return Ok(None),
                State::Ended => {
                    self.state = State::Broken("openings.jsonl ends in the middle of a line");
                    continue;
                }
                State::Open => {}
            }
            self.bytes.drain(..self.used);
            self.used = 0;
            searched = self.bytes.len();
            if searched > OPENING_BYTES_MAX {
                self.bytes.clear();
                searched = 0;
                self.state = State::Broken("openings.jsonl has a line that is too long");
                continue;
            }
            if let Err(reason) = self.step() {
                self.state = State::Broken(reason);
            }
        }
    }

    fn step(&mut self) -> Result<(), &'static str> {
        const DAMAGED: &str = "the stream of openings.jsonl is damaged";
        let input = if self.offset < self.end {
            self.window.fetch_some(self.offset, self.end).map_err(|_| "openings.jsonl cannot be read")?
        } else {
            &[]
        };
        let (taken, given) = (self.inflater.total_in(), self.bytes.len());
        self.bytes.reserve(STEP_BYTES);
        let status =
            self.inflater.decompress_vec(input, &mut self.bytes, FlushDecompress::None).map_err(|_| DAMAGED)?;
        let taken = self.inflater.total_in() - taken;
        self.offset += taken;
        match status {
            Status::StreamEnd => self.state = State::Ended,
            _ if taken == 0 && self.bytes.len() == given => return Err(DAMAGED),
            _ => {}
        }
        Ok(())
    }
}
