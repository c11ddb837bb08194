//! The composed half of the archive: what fills mailboxes while a story happens.

mod bulletin;
mod daily;
mod digest;
mod logbook;
mod spin;
mod talk;

use super::clock::{self, DAY, Moment, Zone};
use super::draft::Draft;
use super::rng::Dice;

/// First and last day of ordinary life in the archive.
const FIRST: (i64, usize, i64) = (2017, 1, 9);
const LAST: (i64, usize, i64) = (2018, 12, 20);

/// Every composed message.
pub(super) fn compose(seed: u64) -> Vec<Draft> {
    let mut drafts = bulletin::compose(seed);
    drafts.extend(logbook::compose(seed));
    drafts.extend(talk::compose(seed));
    drafts.extend(daily::compose(seed));
    drafts.extend(digest::compose(seed, &drafts));
    drafts
}

/// A moment in working hours on some weekday of the two years.
fn working_moment(dice: &mut Dice, zone: Zone) -> Moment {
    let first = clock::days(FIRST.0, FIRST.1, FIRST.2);
    let last = clock::days(LAST.0, LAST.1, LAST.2);
    let mut day = dice.between(first, last);
    // 1970-01-01 was a Thursday: 4 counts from Sunday.
    while matches!((day + 4).rem_euclid(7), 0 | 6) {
        day -= 1;
    }
    zone.at(day, dice.between(8 * 3_600, 18 * 3_600))
}

/// Some while after `moment`, as an answer comes: minutes mostly, sometimes a night.
fn later(dice: &mut Dice, moment: Moment) -> Moment {
    let wait = if dice.chance(70) { dice.between(4 * 60, 3 * 3_600) } else { DAY / 2 + dice.between(0, DAY / 3) };
    awake(dice, moment.plus(wait))
}

/// The moment itself by day; the next morning when it falls into the night.
fn awake(dice: &mut Dice, moment: Moment) -> Moment {
    let hour = moment.civil().hour;
    match hour {
        0..=6 => moment.plus((7 - hour) * 3_600 + dice.between(0, 2 * 3_600)),
        22..=23 => moment.plus((31 - hour) * 3_600 + dice.between(0, 2 * 3_600)),
        _ => moment,
    }
}
