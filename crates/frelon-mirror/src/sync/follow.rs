//! Which withdrawals a mirror follows. Mirrors answer to different courts and consciences; what they do
//! is said, not hidden.

use std::{fmt, str::FromStr};

use frelon_public::{ledger::Withdrawal, statement::WithdrawReason};

/// Which withdrawals are followed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Follow {
    /// All.
    #[default]
    All,
    /// None: what was fetched before stays.
    None,
    /// Those with these reasons.
    Reasons(Vec<WithdrawReason>),
}

impl Follow {
    /// Whether this withdrawal is followed.
    #[must_use]
    pub fn follows(&self, withdrawal: &Withdrawal) -> bool {
        match self {
            Self::All => true,
            Self::None => false,
            Self::Reasons(reasons) => reasons.contains(&withdrawal.reason),
        }
    }
}

/// A policy that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is neither all, none, nor a reason such as court-order, personal-data, error, source-at-risk, copyright"
)]
pub struct FollowError(String);

/// `all`, `none`, or reasons with commas between them, spelled as in statements; `-` may stand for `_`.
impl FromStr for Follow {
    type Err = FollowError;

    fn from_str(text: &str) -> Result<Self, FollowError> {
        match text {
            "all" => return Ok(Self::All),
            "none" => return Ok(Self::None),
            _ => {}
        }
        let reason = |word: &str| {
            let spellings = [word.replace('-', "_"), word.replace('_', "-"), word.to_owned()];
            let parse = |word: &String| serde_json::from_value(serde_json::Value::String(word.clone())).ok();
            spellings.iter().find_map(parse).ok_or_else(|| FollowError(word.to_owned()))
        };
        text.split(',').map(str::trim).map(reason).collect::<Result<_, _>>().map(Self::Reasons)
    }
}

impl fmt::Display for Follow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => out.write_str("all"),
            Self::None => out.write_str("none"),
            Self::Reasons(reasons) => {
                let words = reasons.iter().filter_map(|reason| serde_json::to_value(reason).ok());
                let words: Vec<String> = words.filter_map(|word| word.as_str().map(str::to_owned)).collect();
                out.write_str(&words.join(","))
            }
        }
    }
}
