//! The composed half of the archive: what fills mailboxes while a story happens.

mod bulletin;
mod daily;
mod digest;
mod logbook;
mod spin;
mod talk;

use super::cast::Person;
use super::clock::{self, DAY, Moment, Zone};
use super::draft::Draft;
use super::rng::Dice;

/// Year, month, day.
type Date = (i64, usize, i64);

/// First and last day of ordinary life in the archive.
const FIRST: Date = (2017, 1, 9);
const LAST: Date = (2018, 12, 20);

/// Every composed message.
pub(super) fn compose(seed: u64) -> Vec<Draft> {
    let mut drafts = bulletin::compose(seed);
    drafts.extend(logbook::compose(seed));
    drafts.extend(talk::compose(seed));
    drafts.extend(daily::compose(seed));
    drafts.extend(digest::compose(seed, &drafts));
    drafts
}

/// When people of the story could not write or read at an address: person, first and last day.
const ABSENCES: [(&str, Date, Date); 6] = [
    ("helene", (2017, 6, 21), (2017, 7, 12)),
    ("helene", (2018, 4, 20), (2018, 12, 14)),
    ("kerem", (2018, 9, 24), (2018, 12, 14)),
    ("nora", (2017, 6, 21), (2017, 7, 12)),
    ("nora", (2018, 5, 24), (2018, 12, 31)),
    ("gordon", (2018, 11, 1), (2018, 12, 31)),
];

/// Whether somebody is at their desk.
fn present(who: &Person, at: Moment) -> bool {
    let day = at.unix.div_euclid(DAY);
    let number = |date: Date| clock::days(date.0, date.1, date.2);
    ABSENCES.iter().all(|(key, from, to)| *key != who.key || day < number(*from) || day > number(*to))
}

/// A moment in working hours on some weekday from `first` to `last` (numbers of days).
fn working_moment(dice: &mut Dice, zone: Zone, first: i64, last: i64) -> Moment {
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
