use frelon_log::Signer;

use super::*;
use crate::statement::{Draft, sample::*};

fn authority() -> Authority {
    Authority::new(log_signer().verifier().clone())
}

/// An authority under the first root of these editors.
fn with_root(editors: &[u8], threshold: u64) -> Authority {
    let mut authority = authority();
    let all = sign(terms(1, 0, Body::Root(root(1, editors, threshold))), editors);
    authority.accept(&all).expect("the first root");
    authority
}

fn release_by(n: u8, version: u64, editors: &[u8]) -> Statement {
    sign(terms(n, version, Body::Release(release())), editors)
}

fn names(editors: &[u8]) -> Vec<KeyName> {
    editors.iter().map(|n| editor(*n).verifier().name().clone()).collect()
}

#[test]
fn every_m_of_n() {
    let all = [1, 2, 3, 4];
    for n in 1..=all.len() {
        for threshold in 1..=n as u64 {
            let authority = with_root(&all[..n], threshold);
            // Every set of signers, one outsider among them.
            for set in 1_u8..32 {
                let signers: Vec<u8> = (1..=5).filter(|who| set & (1 << (who - 1)) != 0).collect();
                let editors: Vec<u8> = signers.iter().copied().filter(|who| usize::from(*who) <= n).collect();
                let count = editors.len() as u64;
                let checked = authority.check(&release_by(9, 1, &signers));
                if count >= threshold {
                    assert_eq!(checked, Ok(Approval { editors: names(&editors) }));
                } else {
                    let missing = threshold - count;
                    let refused = Refused::TooFew { side: Side::InForce, signed: names(&editors), missing };
                    assert_eq!(checked, Err(refused));
                }
            }
        }
    }
}

#[test]
fn the_first_root_takes_its_own_threshold() {
    let first = terms(1, 0, Body::Root(root(1, &[1, 2, 3], 2)));
    let too_few = authority().accept(&sign(first.clone(), &[1]));
    assert_eq!(too_few, Err(Refused::TooFew { side: Side::Next, signed: names(&[1]), missing: 1 }));
    assert_eq!(authority().accept(&sign(first, &[3, 1])), Ok(Approval { editors: names(&[1, 3]) }));
    assert_eq!(authority().check(&release_by(9, 0, &[1])), Err(Refused::NoRoot));
    assert_eq!(authority().check(&release_by(9, 1, &[1])), Err(Refused::WrongRootVersion { found: 1, in_force: 0 }));
}

#[test]
fn a_first_root_known_from_elsewhere_is_the_only_one() {
    let good = sign(terms(1, 0, Body::Root(root(1, &[1, 2], 2))), &[1, 2]);
    // The same id is copied with ease; the text is not.
    let other = sign(terms(1, 0, Body::Root(root(1, &[8, 9], 1))), &[8, 9]);
    let mut authority = Authority::pinned(log_signer().verifier().clone(), good.text_hash());
    assert_eq!(authority.accept(&other), Err(Refused::OtherFirstRoot));
    assert!(authority.accept(&good).is_ok());
    let next = sign(terms(2, 1, Body::Root(root(2, &[1, 8], 1))), &[1, 2]);
    assert!(authority.accept(&next).is_ok(), "the next ones follow from the first");
}

#[test]
fn the_key_of_the_log_is_no_editor() {
    let authority = with_root(&[1], 1);
    let mut draft = Draft::new(terms(9, 1, Body::Release(release()))).expect("a draft");
    assert_eq!(draft.sign(&log_signer(), |_| true), Ok(true));
    assert!(matches!(authority.check(draft.statement()), Err(Refused::TooFew { missing: 1, .. })));
}

#[test]
fn a_draft_without_signatures_lacks_them_all() {
    let authority = with_root(&[1, 2, 3], 2);
    let draft = Draft::new(terms(9, 1, Body::Release(release()))).expect("a draft");
    let refused = Refused::TooFew { side: Side::InForce, signed: Vec::new(), missing: 2 };
    assert_eq!(authority.check(draft.statement()), Err(refused));
}

#[test]
fn signatures_of_one_key_count_once() {
    let authority = with_root(&[1, 2], 2);
    // The same line twice in the bytes, which `Note::add` would not do.
    let once = release_by(9, 1, &[1]).to_string();
    let line = once.lines().last().expect("a signature");
    let twice = Statement::parse(format!("{once}{line}\n").as_bytes()).expect("a statement");
    assert_eq!(twice.note().signatures().len(), 2);
    assert!(matches!(authority.check(&twice), Err(Refused::TooFew { missing: 1, .. })));
    // The same key under another name is another line, and no editor's.
    let mut draft = Draft::parse(once.as_bytes()).expect("a draft");
    let alias = Signer::new("frelon.example/editor-2".parse().expect("a name"), &[1; 32]);
    assert_eq!(draft.sign(&alias, |_| true), Ok(true));
    assert!(matches!(authority.check(draft.statement()), Err(Refused::TooFew { missing: 1, .. })));
}

#[test]
fn keys_are_rotated_by_the_old_and_the_new_editors() {
    let mut authority = with_root(&[1, 2, 3], 2);
    // 3 leaves, 4 and 5 come; it now takes three.
    let next = |n| terms(n, 1, Body::Root(root(2, &[1, 2, 4, 5], 3)));
    let only_new = authority.accept(&sign(next(2), &[4, 5, 1]));
    assert_eq!(only_new, Err(Refused::TooFew { side: Side::InForce, signed: names(&[1]), missing: 1 }));
    let only_old = authority.accept(&sign(next(2), &[1, 2, 3]));
    assert_eq!(only_old, Err(Refused::TooFew { side: Side::Next, signed: names(&[1, 2]), missing: 1 }));
    assert_eq!(authority.root_version(), 1);
    let both = authority.accept(&sign(next(2), &[1, 3, 4, 5]));
    assert_eq!(both, Ok(Approval { editors: names(&[1, 4, 5]) }));
    assert_eq!(authority.root_version(), 2);

    // What was signed before the change and not logged must be signed again.
    let stale = authority.check(&release_by(9, 1, &[1, 2]));
    assert_eq!(stale, Err(Refused::WrongRootVersion { found: 1, in_force: 2 }));
    // An editor who left no longer counts.
    let left = authority.check(&release_by(9, 2, &[1, 2, 3]));
    assert_eq!(left, Err(Refused::TooFew { side: Side::InForce, signed: names(&[1, 2]), missing: 1 }));
    assert_eq!(authority.check(&release_by(9, 2, &[1, 2, 4])), Ok(Approval { editors: names(&[1, 2, 4]) }));

    // No way back: neither the first root again, nor another second one.
    let first = sign(terms(3, 0, Body::Root(root(1, &[1, 2, 3], 2))), &[1, 2, 3]);
    assert_eq!(authority.accept(&first), Err(Refused::WrongRootVersion { found: 0, in_force: 2 }));
    assert!(matches!(authority.accept(&sign(next(4), &[1, 2, 4, 5])), Err(Refused::WrongRootVersion { .. })));
    let third = sign(terms(5, 2, Body::Root(root(3, &[4], 1))), &[1, 2, 4]);
    assert!(authority.accept(&third).is_ok());
    assert!(authority.check(&release_by(9, 3, &[4])).is_ok());
}

#[test]
fn an_editor_gets_a_new_key_under_the_old_name() {
    let mut authority = with_root(&[1, 2], 2);
    let fresh = Signer::new(editor(2).verifier().name().clone(), &[77; 32]);
    let mut next = root(2, &[1, 2], 2);
    next.editors[1] = fresh.verifier().clone();
    let mut draft = Draft::new(terms(2, 1, Body::Root(next))).expect("a draft");
    for signer in [&editor(1), &editor(2), &fresh] {
        assert_eq!(draft.sign(signer, |_| true), Ok(true));
    }
    assert!(authority.accept(&draft.finish().expect("signed")).is_ok());
    assert!(matches!(authority.check(&release_by(9, 2, &[1, 2])), Err(Refused::TooFew { missing: 1, .. })));
}

#[test]
fn nothing_counts_twice_or_elsewhere() {
    let mut authority = with_root(&[1, 2, 3], 2);
    let once = release_by(9, 1, &[1, 2]);
    assert!(authority.accept(&once).is_ok());
    assert_eq!(authority.accept(&once), Err(Refused::Replayed(id(9))));
    // With one more signature it is still the same statement.
    assert_eq!(authority.accept(&release_by(9, 1, &[1, 2, 3])), Err(Refused::Replayed(id(9))));
    // What was refused does not use up its id.
    assert!(authority.accept(&release_by(10, 1, &[1])).is_err());
    assert!(authority.accept(&release_by(10, 1, &[1, 2])).is_ok());
    let mut elsewhere = terms(11, 1, Body::Release(release()));
    elsewhere.origin = "frelon.example/other".parse().expect("an origin");
    let origin = elsewhere.origin.clone();
    assert_eq!(authority.accept(&sign(elsewhere, &[1, 2])), Err(Refused::WrongOrigin(origin)));
}

#[test]
fn a_wrong_signature_in_an_editors_name_refuses_the_whole() {
    let authority = with_root(&[1, 2, 3], 2);
    let good = release_by(9, 1, &[1, 2, 3]);
    let mut draft = Draft::new(good.terms().clone()).expect("a draft");
    assert_eq!(draft.sign(&editor(1), |_| true), Ok(true));
    let two = draft.sign(&editor(2), |_| true);
    assert_eq!(two, Ok(true));
    // The third signature is of another statement.
    let other = release_by(8, 1, &[3]).to_string();
    let line = other.lines().last().expect("a signature");
    let forged = Statement::parse(format!("{draft}{line}\n").as_bytes()).expect("a statement");
    assert_eq!(authority.check(&forged), Err(Refused::BadSignature(names(&[3]).remove(0))));
    assert!(authority.check(draft.statement()).is_ok());
}

#[test]
fn a_root_cannot_change_the_key_of_the_log() {
    let mut authority = with_root(&[1], 1);
    let mut next = root(2, &[1], 1);
    next.log = Signer::new(ORIGIN.parse().expect("a name"), &[99; 32]).verifier().clone();
    assert_eq!(authority.accept(&sign(terms(2, 1, Body::Root(next)), &[1])), Err(Refused::WrongLogKey));
}

#[test]
fn a_succession_ends_the_log() {
    let mut authority = with_root(&[1, 2, 3], 2);
    let succession = bodies().pop().expect("the last kind");
    assert!(authority.accept(&sign(terms(2, 1, succession.clone()), &[1])).is_err());
    assert_eq!(authority.succession(), None);
    assert!(authority.accept(&sign(terms(2, 1, succession), &[1, 2])).is_ok());
    assert_eq!(authority.succession().map(|found| found.last_size), Some(31));
    assert_eq!(authority.accept(&release_by(9, 1, &[1, 2])), Err(Refused::Ended));
}
