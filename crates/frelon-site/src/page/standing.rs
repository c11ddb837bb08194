//! How the log stands, in words: on the front page, beside an item, on the page of how to check.

use super::{row::When, shell::Shell};
use crate::standing::{Standing, State};

/// The state of the log for a template.
pub(crate) struct StateLine {
    /// Part of its class.
    pub(crate) code: &'static str,
    /// One or two words.
    pub(crate) title: String,
    /// What that means.
    pub(crate) text: String,
    /// When witnesses last cosigned.
    pub(crate) cosigned: Option<When>,
    /// Entries in the log.
    pub(crate) size: u64,
    /// Name of the log; empty where there is none.
    pub(crate) origin: String,
}

impl StateLine {
    pub(crate) fn of(s: &Shell, standing: &Standing) -> Self {
        let code = standing.state.code();
        Self {
            code,
            title: s.t(&format!("state-{code}")).to_owned(),
            text: s.t(&format!("state-{code}-text")).to_owned(),
            cosigned: standing.cosigned_at().map(|at| When::moment(s, at)),
            size: standing.size,
            origin: standing.origin.clone(),
        }
    }

    /// Whether there is a log to speak of.
    pub(crate) fn is_there(&self) -> bool {
        self.code != State::Missing.code()
    }
}

/// A witness for a template.
pub(crate) struct WitnessLine {
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) cosigned: Option<When>,
}

impl WitnessLine {
    pub(crate) fn all(s: &Shell, standing: &Standing) -> Vec<Self> {
        let line = |one: &crate::standing::Witness| Self {
            name: one.name.clone(),
            key: one.key.clone(),
            cosigned: one.cosigned_at.map(|at| When::moment(s, at)),
        };
        standing.witnesses.iter().map(line).collect()
    }
}
