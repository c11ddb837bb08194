//! Trust policies: which logs and witnesses count, and how many witnesses it takes (C2SP tlog-policy,
//! the text of 2026-06-22).
//!
//! A policy file is octets, not text: names are compared byte by byte. Keys of a type this crate
//! does not verify make the file refused, since a quorum that silently lacks a member is another one.

use std::{
    collections::{HashMap, HashSet},
    fmt, str,
};

use frelon_model::Instant;

use crate::{
    SignedCheckpoint,
    note::{Algorithm, KeyName, OpenError, Verifier},
};

/// The longest policy file read.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;

/// The most logs, witnesses, and groups, of each (the specification asks for at least 32).
pub const POLICY_ENTRIES_MAX: usize = 256;

/// How far ahead of our clock a witness's may be, in seconds.
const CLOCK_AHEAD_MAX_S: i64 = 300;

/// A name within a policy: octets without spaces, tabs and control characters.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// Its octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// For people: what is no UTF-8 is replaced.
impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&String::from_utf8_lossy(&self.0), formatter)
    }
}

/// A log that is accepted. Its key's name is the origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its key.
    pub key: Verifier,
    /// Where to reach it; what that means is the application's affair.
    pub url: Option<Name>,
}

/// A witness.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// What the policy calls it.
    pub name: Name,
    /// Its key.
    pub key: Verifier,
    /// Where to reach it.
    pub url: Option<Name>,
}

/// Who witnesses: a witness or a group, by its place among those of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// A single witness.
    Witness(usize),
    /// A group defined before.
    Group(usize),
}

/// A group, which has witnessed when enough of its members have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: Name,
    /// How many members it takes.
    pub threshold: usize,
    /// Its members, each in no other group.
    pub members: Vec<Member>,
}

/// A policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    quorum: Option<Member>,
}

/// A policy file that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {reason}")]
pub struct PolicyParseError {
    /// The line, from 1; one past the last when something is missing.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// Why a checkpoint is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// It is of a log the policy does not list, or not signed by it.
    #[error("the checkpoint is of no log in the policy, or not signed by it")]
    UnknownLog,
    /// A signature of a known log or witness is wrong.
    #[error(transparent)]
    Signature(OpenError),
    /// Too few witnesses.
    #[error("the checkpoint has {cosigned} known cosignature(s), and the quorum asks for others or more")]
    Quorum {
        /// How many of the witnesses have cosigned.
        cosigned: usize,
    },
}

/// A witness that cosigned, and when it says it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witnessed {
    /// Its place among [`Policy::witnesses`].
    pub witness: usize,
    /// The latest time of its cosignatures.
    pub cosigned_at: Instant,
}

/// What a policy says of a checkpoint signed by one of its logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The log, by its place among [`Policy::logs`].
    pub log: usize,
    /// Who cosigned, in the order of the policy.
    pub witnesses: Vec<Witnessed>,
    /// Whether they are enough.
    pub has_quorum: bool,
}

impl Policy {
    /// The logs.
    #[must_use]
    pub fn logs(&self) -> &[Log] {
        &self.logs
    }

    /// The witnesses.
    #[must_use]
    pub fn witnesses(&self) -> &[Witness] {
        &self.witnesses
    }

    /// The groups, each after its members.
    #[must_use]
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Who must have witnessed; `None` when nobody has to.
    #[must_use]
    pub fn quorum(&self) -> Option<Member> {
        self.quorum
    }

    /// Checks a checkpoint: its log's signature, every cosignature by a witness of the policy, and
    /// whether those are a quorum. With `now`, cosignatures from more than five minutes ahead of it
    /// do not count.
    ///
    /// # Errors
    /// When the log is not known, has not signed, or a known key's signature is wrong. A quorum that
    /// is not reached is no error here: see [`Policy::require`].
    pub fn check(&self, checkpoint: &SignedCheckpoint, now: Option<Instant>) -> Result<Checked, PolicyError> {
        let logs = self.logs.iter().map(|log| log.key.clone());
        let keys: Vec<Verifier> = logs.chain(self.witnesses.iter().map(|witness| witness.key.clone())).collect();
        let verified = checkpoint.open(&keys).map_err(|error| match error {
            OpenError::Unknown => PolicyError::UnknownLog,
            other => PolicyError::Signature(other),
        })?;
        let origin = checkpoint.checkpoint().origin.as_str();
        let is_own = |log: &usize| *log < self.logs.len() && self.logs[*log].key.name().as_str() == origin;
        let log = verified.iter().map(|verified| verified.verifier).find(is_own).ok_or(PolicyError::UnknownLog)?;
        let mut latest: Vec<Option<Instant>> = vec![None; self.witnesses.len()];
        for cosignature in &verified {
            let Some(witness) = cosignature.verifier.checked_sub(self.logs.len()) else { continue };
            let is_possible = |at: &Instant| now.is_none_or(|now| at.0.saturating_sub(now.0) <= CLOCK_AHEAD_MAX_S);
            latest[witness] = latest[witness].max(cosignature.cosigned_at.filter(is_possible));
        }
        let has_quorum = self.is_quorum(&latest.iter().map(Option::is_some).collect::<Vec<_>>());
        let witnessed =
            |(witness, at): (usize, &Option<Instant>)| at.map(|cosigned_at| Witnessed { witness, cosigned_at });
        Ok(Checked { log, witnesses: latest.iter().enumerate().filter_map(witnessed).collect(), has_quorum })
    }

    /// As [`Policy::check`], and the quorum must be reached.
    ///
    /// # Errors
    /// When anything of it does not hold.
    pub fn require(&self, checkpoint: &SignedCheckpoint, now: Option<Instant>) -> Result<Checked, PolicyError> {
        let checked = self.check(checkpoint, now)?;
        let cosigned = checked.witnesses.len();
        if checked.has_quorum { Ok(checked) } else { Err(PolicyError::Quorum { cosigned }) }
    }

    /// Whether these witnesses, one flag for each, are enough.
    fn is_quorum(&self, cosigned: &[bool]) -> bool {
        // A group stands after its members, so one walk settles all.
        let mut groups: Vec<bool> = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            let count = group.members.iter().filter(|member| has_witnessed(**member, cosigned, &groups)).count();
            groups.push(count >= group.threshold);
        }
        self.quorum.is_none_or(|quorum| has_witnessed(quorum, cosigned, &groups))
    }

    fn name_of(&self, member: Member) -> &Name {
        match member {
            Member::Witness(index) => &self.witnesses[index].name,
            Member::Group(index) => &self.groups[index].name,
        }
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// With the line and what is wrong there.
    pub fn parse(bytes: &[u8]) -> Result<Self, PolicyParseError> {
        let mut reader = Reader::default();
        let refuse = |line, reason| Err(PolicyParseError { line, reason });
        if bytes.len() > POLICY_BYTES_MAX {
            return refuse(1, "the file is longer than 64 KiB");
        }
        let mut count = 0;
        for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            count = number + 1;
            // A file cut off in its last line could have another quorum.
            let Some(line) = line.strip_suffix(b"\n") else { return refuse(count, "the line has no newline") };
            if line.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
                return refuse(count, "the line has control characters");
            }
            reader.read(line).map_err(|reason| PolicyParseError { line: count, reason })?;
        }
        let Some(quorum) = reader.quorum else { return refuse(count + 1, "there is no quorum line") };
        Ok(Self { logs: reader.logs, witnesses: reader.witnesses, groups: reader.groups, quorum })
    }

    /// The file: logs, witnesses, groups, quorum. Comments are not kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut file = Vec::new();
        let mut line = |parts: &[&[u8]]| {
            file.extend_from_slice(&parts.join(&b' '));
            file.push(b'\n');
        };
        for log in &self.logs {
            let key = log.key.to_string();
            let mut parts = vec![&b"log"[..], key.as_bytes()];
            parts.extend(log.url.as_ref().map(Name::as_bytes));
            line(&parts);
        }
        for witness in &self.witnesses {
            let key = witness.key.to_string();
            let mut parts = vec![&b"witness"[..], witness.name.as_bytes(), key.as_bytes()];
            parts.extend(witness.url.as_ref().map(Name::as_bytes));
            line(&parts);
        }
        for group in &self.groups {
            let threshold = group.threshold.to_string();
            let mut parts = vec![&b"group"[..], group.name.as_bytes(), threshold.as_bytes()];
            parts.extend(group.members.iter().map(|member| self.name_of(*member).as_bytes()));
            line(&parts);
        }
        line(&[b"quorum", self.quorum.map_or(&b"none"[..], |quorum| self.name_of(quorum).as_bytes())]);
        file
    }
}

/// Whether a member has witnessed, given the witnesses that cosigned and the groups settled so far.
fn has_witnessed(member: Member, cosigned: &[bool], groups: &[bool]) -> bool {
    match member {
        Member::Witness(index) => cosigned[index],
        Member::Group(index) => groups[index],
    }
}

/// A policy while its lines are read.
#[derive(Default)]
struct Reader {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    groups: Vec<Group>,
    /// `Some(None)` for `quorum none`.
    quorum: Option<Option<Member>>,
    names: HashMap<Vec<u8>, Member>,
    /// Names that are members of a group already.
    used: HashSet<Vec<u8>>,
}

type LineResult<T> = Result<T, &'static str>;

impl Reader {
    fn read(&mut self, line: &[u8]) -> LineResult<()> {
        let items: Vec<&[u8]> =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|item| !item.is_empty()).collect();
        match items[..] {
            [] => Ok(()),
            [first, ..] if first.starts_with(b"#") => Ok(()),
            [b"log", key] => self.log(key, None),
            [b"log", key, url] => self.log(key, Some(url)),
            [b"witness", name, key] => self.witness(name, key, None),
            [b"witness", name, key, url] => self.witness(name, key, Some(url)),
            [b"group", name, threshold, ref members @ ..] if !members.is_empty() => {
                self.group(name, threshold, members)
            }
            [b"quorum", name] => self.set_quorum(name),
            [b"log" | b"witness" | b"group" | b"quorum", ..] => Err("too few or too many items"),
            _ => Err("the line starts with none of log, witness, group, quorum"),
        }
    }

    fn log(&mut self, key: &[u8], url: Option<&[u8]>) -> LineResult<()> {
        let key = parse_key(key, Algorithm::Ed25519)?;
        if self.logs.iter().any(|log| log.key.public_key() == key.public_key()) {
            return Err("the key of this log was there before");
        }
        if self.logs.len() == POLICY_ENTRIES_MAX {
            return Err("more than 256 logs");
        }
        self.logs.push(Log { key, url: url.map(|url| Name(url.to_vec())) });
        Ok(())
    }

    fn witness(&mut self, name: &[u8], key: &[u8], url: Option<&[u8]>) -> LineResult<()> {
        let key = parse_key(key, Algorithm::CosignatureV1)?;
        if self.witnesses.iter().any(|witness| witness.key.public_key() == key.public_key()) {
            return Err("the key of this witness was there before");
        }
        if self.witnesses.len() == POLICY_ENTRIES_MAX {
            return Err("more than 256 witnesses");
        }
        let name = self.define(name, Member::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness { name, key, url: url.map(|url| Name(url.to_vec())) });
        Ok(())
    }

    fn group(&mut self, name: &[u8], threshold: &[u8], members: &[&[u8]]) -> LineResult<()> {
        if self.groups.len() == POLICY_ENTRIES_MAX {
            return Err("more than 256 groups");
        }
        let threshold = match threshold {
            b"all" => members.len(),
            b"any" => 1,
            digits => {
                let number = str::from_utf8(digits).ok().and_then(crate::decimal::parse);
                number
                    .and_then(|number| usize::try_from(number).ok())
                    .ok_or("the threshold is not a number, all or any")?
            }
        };
        if threshold == 0 || threshold > members.len() {
            return Err("the threshold is not between 1 and the number of members");
        }
        let mut found = Vec::with_capacity(members.len());
        for member in members {
            found.push(*self.names.get(*member).ok_or("a member is not defined before")?);
            // Each witness may count towards the quorum in one way only.
            if !self.used.insert(member.to_vec()) {
                return Err("a member is in a group already");
            }
        }
        let name = self.define(name, Member::Group(self.groups.len()))?;
        self.groups.push(Group { name, threshold, members: found });
        Ok(())
    }

    fn set_quorum(&mut self, name: &[u8]) -> LineResult<()> {
        if self.quorum.is_some() {
            return Err("a second quorum");
        }
        self.quorum = match name {
            b"none" => Some(None),
            name => Some(Some(*self.names.get(name).ok_or("the quorum is not defined before")?)),
        };
        Ok(())
    }

    fn define(&mut self, name: &[u8], member: Member) -> LineResult<Name> {
        if name == b"none" {
            return Err("`none` cannot be defined");
        }
        if self.names.insert(name.to_vec(), member).is_some() {
            return Err("the name is defined before");
        }
        Ok(Name(name.to_vec()))
    }
}

fn parse_key(text: &[u8], algorithm: Algorithm) -> LineResult<Verifier> {
    let key = str::from_utf8(text).ok().and_then(|text| text.parse::<Verifier>().ok());
    let key = key.ok_or("not a key, or of a type that cannot be verified here")?;
    match (key.algorithm() == algorithm, algorithm) {
        (true, _) => Ok(key),
        (false, Algorithm::Ed25519) => Err("a log's key must be of type 0x01"),
        (false, Algorithm::CosignatureV1) => Err("a witness's key must be of type 0x04"),
    }
}

/// The names of the keys that cosigned, for people.
impl Checked {
    /// The key names of the witnesses that cosigned.
    pub fn key_names<'a>(&'a self, policy: &'a Policy) -> impl Iterator<Item = &'a KeyName> {
        self.witnesses.iter().map(|witnessed| policy.witnesses[witnessed.witness].key.name())
    }
}
