//! Statements for the tests of this crate: a log, its editors, and one statement of each kind.

use frelon_log::{Cosigner, NodeHash, Signer, Verifier};
use frelon_model::{CollectionId, ContentHash, Instant, ItemNumber, Tranche};

use super::*;

pub(crate) const ORIGIN: &str = "frelon.example/log";

pub(crate) fn log_signer() -> Signer {
    Signer::new(ORIGIN.parse().expect("a name"), &[200; 32])
}

/// The nth editor; the same each time.
pub(crate) fn editor(n: u8) -> Signer {
    Signer::new(format!("frelon.example/editor-{n}").parse().expect("a name"), &[n; 32])
}

pub(crate) fn witness(n: u8) -> Verifier {
    Cosigner::new(format!("witness.example/w-{n}").parse().expect("a name"), &[100 + n; 32]).verifier().clone()
}

pub(crate) fn id(n: u8) -> StatementId {
    StatementId([n; 16])
}

/// A root of these editors.
pub(crate) fn root(version: u64, editors: &[u8], threshold: u64) -> Root {
    Root {
        version,
        editors: editors.iter().map(|n| editor(*n).verifier().clone()).collect(),
        threshold,
        witnesses: vec![witness(1)],
        log: log_signer().verifier().clone(),
        custodians: Vec::new(),
    }
}

/// Terms around a body, under this root.
pub(crate) fn terms(n: u8, root_version: u64, body: Body) -> Terms {
    let is_of_log = matches!(body, Body::Root(_) | Body::Succession(_));
    Terms {
        origin: ORIGIN.parse().expect("an origin"),
        collection: (!is_of_log).then(|| CollectionId::new("lake").expect("a name")),
        id: id(n),
        root_version,
        made_at: Instant(1_475_848_980),
        body,
    }
}

pub(crate) fn sign(terms: Terms, editors: &[u8]) -> Statement {
    let mut draft = Draft::new(terms).expect("good terms");
    for n in editors {
        assert_eq!(draft.sign(&editor(*n), |_| true), Ok(true));
    }
    draft.finish().expect("signed")
}

pub(crate) fn withdraw() -> Withdraw {
    Withdraw {
        leaf: 17,
        number: ItemNumber(9),
        mode: WithdrawMode::Hide,
        reason: WithdrawReason::CourtOrder,
        jurisdiction: Some("FR".to_owned()),
        until: Some(Instant(1_500_000_000)),
        text: Some("Ordered by a court.\nUntil the appeal.".to_owned()),
    }
}

pub(crate) fn release() -> Release {
    Release {
        tranche: Tranche(2),
        title: "The second part".to_owned(),
        item_count: 3,
        first_leaf: 10,
        last_leaf: 12,
        volumes: vec![ReleasedVolume {
            path: "volume/lake/2.1.zip".to_owned(),
            size_bytes: 12_345,
            sha256: ContentHash([0xab; 32]),
        }],
        published_at: Instant(1_475_848_980),
    }
}

/// One body of each kind.
pub(crate) fn bodies() -> Vec<Body> {
    let successor = Signer::new("frelon.example/log-2".parse().expect("a name"), &[201; 32]);
    vec![
        Body::Root(root(2, &[1, 2, 3], 2)),
        Body::Collection(Description { title: "The lake papers".to_owned(), about: "Found.\n\nIn a boat.".to_owned() }),
        Body::Accession(Accession { count: 3, first_leaf: 1, last_leaf: 3 }),
        Body::Release(release()),
        Body::Withdraw(withdraw()),
        Body::Restore(Restore { leaf: 17, number: ItemNumber(9), text: None }),
        Body::Correct(Correct { leaf: 17, replacement_leaf: 30, reason: "A page was missing.".to_owned() }),
        Body::Succession(Succession { last_size: 31, last_root: NodeHash([7; 32]), log: successor.verifier().clone() }),
    ]
}
