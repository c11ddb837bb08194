//! The state of the reservoir on any day of the story, so that every bulletin, table and chart tells the same truth.

use super::clock;

/// What the instruments at Mirsane show.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    /// Water level, metres above the datum.
    pub(super) level: f64,
    /// Piezometer P-14, left abutment, metres.
    pub(super) p14: f64,
    /// Seepage at weir V-2, litres a second.
    pub(super) weir: f64,
}

/// Date, level, P-14, weir; straight lines between.
const COURSE: [(i64, usize, i64, f64, f64, f64); 20] = [
    (2016, 12, 1, 404.2, 385.9, 6.1),
    (2017, 3, 1, 406.8, 386.6, 6.8),
    (2017, 5, 20, 409.1, 388.9, 9.0),
    (2017, 6, 20, 408.7, 388.7, 8.8),
    (2017, 9, 15, 404.6, 387.0, 7.2),
    (2017, 10, 19, 404.0, 386.8, 7.0),
    (2017, 12, 1, 407.2, 388.3, 8.9),
    (2018, 1, 14, 411.0, 391.0, 12.4),
    (2018, 2, 2, 412.4, 393.4, 17.1),
    (2018, 3, 9, 414.6, 395.8, 24.0),
    (2018, 4, 20, 416.1, 397.9, 29.3),
    (2018, 6, 12, 416.8, 398.6, 31.5),
    (2018, 8, 15, 415.1, 398.1, 30.2),
    (2018, 9, 20, 415.2, 398.4, 31.0),
    (2018, 9, 25, 415.9, 399.6, 36.8),
    (2018, 9, 27, 417.3, 402.6, 58.0),
    (2018, 9, 29, 413.0, 399.9, 41.0),
    (2018, 10, 3, 409.0, 392.0, 19.5),
    (2018, 11, 15, 407.8, 388.4, 10.2),
    (2019, 2, 1, 407.5, 387.9, 9.4),
];

/// The state on a day (number of days since 1970-01-01).
pub(super) fn state(day: i64) -> State {
    let day = day as f64;
    let mut before = COURSE[0];
    for point in COURSE {
        let at = clock::days(point.0, point.1, point.2) as f64;
        if at >= day {
            let start = clock::days(before.0, before.1, before.2) as f64;
            let share = if at > start { ((day - start) / (at - start)).clamp(0.0, 1.0) } else { 0.0 };
            let mix = |a: f64, b: f64| a + (b - a) * share;
            return State { level: mix(before.3, point.3), p14: mix(before.4, point.4), weir: mix(before.5, point.5) };
        }
        before = point;
    }
    State { level: before.3, p14: before.4, weir: before.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_turning_points_are_met() {
        let january = state(clock::days(2018, 1, 14));
        assert_eq!(format!("{:.1} {:.1}", january.level, january.p14), "411.0 391.0");
        let night = state(clock::days(2018, 9, 27));
        assert_eq!(format!("{:.1} {:.0}", night.level, night.weir), "417.3 58");
    }
}
