//! The state of line ends and control bytes over a whole raw message.

use frelon_model::{Problem, ProblemKind};
use memchr::{memchr, memchr_iter};

/// Adds what is wrong with the bytes as lines: NULs, stray carriage returns, mixed line ends.
pub(crate) fn check(raw: &[u8], problems: &mut Vec<Problem>) {
    if memchr(0, raw).is_some() {
        let count = memchr_iter(0, raw).count();
        problems.push(Problem::new(ProblemKind::NulBytes, count.to_string()));
    }
    if memchr(b'\r', raw).is_none() {
        return;
    }
    let (mut pairs, mut bare, mut doubled) = (0usize, 0usize, 0usize);
    for at in memchr_iter(b'\r', raw) {
        match raw.get(at + 1) {
            Some(b'\n') => pairs += 1,
            Some(b'\r') if raw.get(at + 2) == Some(&b'\n') => doubled += 1,
            _ => bare += 1,
        }
    }
    if doubled > 0 {
        problems.push(Problem::new(ProblemKind::BareCarriageReturn, format!("{doubled} lines end in CR CR LF")));
    }
    if bare > 0 {
        problems.push(Problem::new(ProblemKind::BareCarriageReturn, bare.to_string()));
    }
    let line_feeds = memchr_iter(b'\n', raw).count();
    if pairs > 0 && pairs < line_feeds {
        let detail = format!("{} LF, {pairs} CR LF", line_feeds - pairs);
        problems.push(Problem::new(ProblemKind::MixedLineEndings, detail));
    }
}
