//! `frelon withdraw`, `restore` and `correct`: statements about one released item.

use frelon_desk::{Stated, WithdrawRequest};
use frelon_model::ItemNumber;
use frelon_public::statement::{WithdrawMode, WithdrawReason};

use super::{
    press::{self, Opening},
    reindex, release,
};
use crate::{
    cli::{Correct, Mode, Output, Reason, Restore, Signing, Which, Withdraw},
    clock,
    failure::Failure,
    progress::Progress,
    publication::Publication,
};

pub(crate) fn withdraw(args: &Withdraw) -> Result<(), Failure> {
    let until = args.until.as_deref().map(clock::day).transpose()?;
    let (number, collection) = (ItemNumber(args.which.number), args.which.collection.as_deref());
    let run = |press: &mut frelon_desk::Press<'_>| {
        let collection = press::collection(press, collection)?;
        let request = WithdrawRequest {
            collection,
            number,
            mode: args.mode.into(),
            reason: args.reason.into(),
            jurisdiction: args.jurisdiction.clone(),
            until,
            text: args.text.clone(),
        };
        Ok(press.withdraw(request)?)
    };
    let done = match args.mode {
        Mode::Hide => format!("item {number} is hidden; its bytes are kept in the vault"),
        Mode::Erase => format!("item {number} is erased; backups and copies elsewhere are out of reach"),
    };
    state(&args.which, &args.signing, &args.output, &done, run)
}

pub(crate) fn restore(args: &Restore) -> Result<(), Failure> {
    let (number, collection) = (ItemNumber(args.which.number), args.which.collection.as_deref());
    let run = |press: &mut frelon_desk::Press<'_>| {
        let collection = press::collection(press, collection)?;
        Ok(press.restore(collection, number, args.text.clone())?)
    };
    state(&args.which, &args.signing, &args.output, &format!("item {number} is out again"), run)
}

pub(crate) fn correct(args: &Correct) -> Result<(), Failure> {
    let (number, by) = (ItemNumber(args.which.number), ItemNumber(args.by));
    let run = |press: &mut frelon_desk::Press<'_>| {
        let collection = press::collection(press, args.which.collection.as_deref())?;
        Ok(press.correct(collection, number, by, args.reason.clone())?)
    };
    state(&args.which, &args.signing, &args.output, &format!("item {by} takes the place of item {number}"), run)
}

/// States one thing and brings the index in line with it.
fn state(
    which: &Which,
    signing: &Signing,
    output: &Output,
    done: &str,
    run: impl FnOnce(&mut frelon_desk::Press<'_>) -> Result<Stated, Failure>,
) -> Result<(), Failure> {
    let publication = Publication::existing(&which.into)?;
    let outcome = Opening::new(&publication, signing)?.with(&publication, |press| Ok(run(press)));
    let mut progress = Progress::new(output);
    match outcome? {
        Ok(stated) => {
            if matches!(stated, Stated::Logged { .. }) {
                // What is withdrawn must be in no index: one that is made anew holds nothing of it.
                reindex::reindex(&publication, true, &mut progress)?;
            }
            press::stated(&publication, &stated, done)
        }
        Err(failure) => {
            // An earlier run may have stated it and been stopped before the index.
            if release::is_public(&publication) {
                reindex::reindex(&publication, false, &mut progress)?;
            }
            Err(failure)
        }
    }
}

impl From<Mode> for WithdrawMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Hide => Self::Hide,
            Mode::Erase => Self::Erase,
        }
    }
}

impl From<Reason> for WithdrawReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::CourtOrder => Self::CourtOrder,
            Reason::PersonalData => Self::PersonalData,
            Reason::Error => Self::Error,
            Reason::Copyright => Self::Copyright,
            Reason::SourceAtRisk => Self::SourceAtRisk,
        }
    }
}
