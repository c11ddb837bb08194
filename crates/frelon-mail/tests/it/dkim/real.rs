//! Real mail: every verdict against those of two other verifiers.

use std::{fs, path::Path};

use frelon_mail::dkim::{Authentication, BodyForm, DkimState, KeyArchive, Reason, SignatureResult, Specimen, verify};
use frelon_model::Instant;

use super::keys;

/// Selectors whose keys were replaced while the name stayed. The other verifiers only know that the
/// signature fails while the body has its hash, and call it altered headers; but what the key makes of
/// these signatures has no padding, so that another key made them.
const REPLACED: &[(&str, &str)] =
    &[("messagingengine.com", "fm2"), ("messagingengine.com", "fm3"), ("collabora.com", "mail")];

fn of<'a>(authentication: &'a Authentication, domain: &str, selector: &str) -> &'a SignatureResult {
    let is_it = |signature: &&SignatureResult| {
        signature.signing_domain == domain.to_lowercase() && signature.selector.eq_ignore_ascii_case(selector)
    };
    authentication.signatures.iter().find(is_it).expect("the signature is there")
}

#[test]
fn real_mail_is_judged_as_expected() {
    let (Some(keys), Some(root)) = (keys(), frelon_testkit::corpus("dkim/real-signed")) else { return };
    let table = fs::read_to_string(root.join("EXPECT.tsv")).expect("readable");
    let (mut wrong, mut replaced, mut quoted) = (Vec::new(), 0, 0);
    for line in table.lines().skip(1) {
        let [file, kind, domain, selector, _, _, ignoring, dated] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("eight columns")
        };
        let raw = fs::read(root.parent().expect("a parent").join(file)).expect("readable");
        let undated = verify(&raw, &keys, None);
        // Long after all of them.
        let late = verify(&raw, &keys, Instant::from_date(2026, 7, 20));
        let found = of(&undated, domain, selector);
        let late_state = of(&late, domain, selector).state;
        // The others do not try what mailbox files do to lines that begin with `From `.
        let is_as_given = found.body.is_none_or(|body| body.form == BodyForm::AsGiven);
        let state = match kind {
            "valid" => DkimState::Pass,
            "body-altered" if !is_as_given => {
                quoted += 1;
                DkimState::Pass
            }
            "body-altered" => DkimState::BodyAltered,
            "header-altered" if found.reason == Reason::NoKeyFits && REPLACED.contains(&(domain, selector)) => {
                replaced += 1;
                DkimState::KeyNotFound
            }
            _ => DkimState::HeadersAltered,
        };
        let passes = |state: DkimState| if state == DkimState::Pass && is_as_given { "True" } else { "False" };
        if found.state != state || passes(found.state) != ignoring || passes(late_state) != dated {
            wrong.push(format!("{file}: {found:?} {late_state}, expected {kind} {ignoring} {dated}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
    assert_eq!((replaced, quoted), (12, 11));
}

/// Whatever a file holds, it is judged, whole and cut.
#[test]
fn every_file_is_judged_without_a_panic() {
    fn walk(folder: &Path, keys: &KeyArchive) {
        for entry in fs::read_dir(folder).expect("readable") {
            let path = entry.expect("readable").path();
            if path.is_dir() {
                walk(&path, keys);
                continue;
            }
            let raw = fs::read(&path).expect("readable");
            for end in [raw.len(), raw.len() / 2, raw.len() / 7] {
                let found = verify(&raw[..end], keys, None);
                assert_eq!(found.best.is_none(), found.signatures.is_empty(), "{}", path.display());
            }
            drop(Specimen::collect(&raw));
        }
    }
    let Some(keys) = keys() else { return };
    for set in ["torture", "eml", "dkim"] {
        if let Some(root) = frelon_testkit::corpus(set) {
            walk(&root, &keys);
        }
    }
}
