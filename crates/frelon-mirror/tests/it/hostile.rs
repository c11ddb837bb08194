//! Hostile peers. Each case is one thing a peer does; alone it must get nothing into the mirror that is
//! not the publisher's, and beside an honest peer the sync must come to its end all the same.

use std::time::Duration;

use frelon_log::{Checkpoint, NodeHash, Note, SignedCheckpoint, Signer, TreeHead};
use frelon_testkit::Press;

use crate::{
    host::{Host, Tweak, answer, assert_nothing_wrong, assert_same, open_for, press, sync},
    server::Reply,
};

/// Which objects a case is about.
#[derive(Clone, Copy)]
enum What {
    Checkpoint,
    Tile,
    Bundle,
    Volume,
}

fn is(what: What, path: &str) -> bool {
    match what {
        What::Checkpoint => path == "checkpoint",
        What::Tile => path.starts_with("tile/") && !path.starts_with("tile/entries/"),
        What::Bundle => path.starts_with("tile/entries/"),
        What::Volume => path.starts_with("volume/"),
    }
}

/// Runs a case: alone from nothing, then beside an honest peer.
fn run(make: impl Fn(&Press) -> Box<Tweak>) {
    let folder = tempfile::tempdir().unwrap();
    let press = press(folder.path());
    let hostile = Host::tweaked(&press.public(), make(&press));
    let alone = tempfile::tempdir().unwrap();
    let outcome = sync(&mut open_for(alone.path(), &press), &[&hostile]);
    assert!(outcome.is_err(), "it was taken for good: {outcome:?}");
    assert_nothing_wrong(&press, alone.path());
    assert!(!alone.path().join("public/manifest.json").exists(), "nothing is shown");
    assert!(!alone.path().join("public/checkpoint").exists(), "nothing is shown");
    // What it left on the disk does not stand in the way of an honest one.
    let honest = Host::honest(&press.public());
    sync(&mut open_for(alone.path(), &press), &[&hostile, &honest]).expect("one honest peer is enough");
    assert_same(&press, alone.path());
    let both = tempfile::tempdir().unwrap();
    sync(&mut open_for(both.path(), &press), &[&hostile, &honest]).expect("one honest peer is enough");
    assert_same(&press, both.path());
}

/// A case that changes the bytes of one kind of object.
fn change(what: What, edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + Clone + 'static) {
    run(move |_| {
        let edit = edit.clone();
        Box::new(move |request, path, bytes| {
            let bytes = bytes.filter(|_| is(what, path))?;
            Some(answer(request, edit(bytes.to_vec())))
        })
    });
}

/// A case that answers one kind of object in some other way.
fn reply(what: What, with: Reply) {
    run(move |_| {
        let with = with.clone();
        Box::new(move |_, path, _| is(what, path).then(|| with.clone()))
    });
}

fn flip(mut bytes: Vec<u8>, place: impl Fn(usize) -> usize) -> Vec<u8> {
    let at = place(bytes.len());
    bytes[at] ^= 1;
    bytes
}

fn html() -> Reply {
    Reply::Answer(200, vec![("Content-Type", "text/html".to_owned())], b"<html>Bad gateway</html>".to_vec())
}

fn packed() -> Reply {
    Reply::Answer(200, vec![("Content-Encoding", "gzip".to_owned())], vec![0x1f, 0x8b, 8, 0])
}

fn drip() -> Reply {
    Reply::Drip { length: 1_000, portion: 1, pause: Duration::from_millis(50) }
}

macro_rules! cases {
    ($($name:ident => $case:expr;)*) => { $(#[test] fn $name() { $case; })* };
}

cases! {
    checkpoint_with_a_flipped_root => change(What::Checkpoint, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        let root = text.lines().nth(2).unwrap().to_owned();
        let other = NodeHash([7; 32]).to_string();
        text.replace(&root, &other).into_bytes()
    });
    checkpoint_with_a_flipped_signature => change(What::Checkpoint, |bytes| flip(bytes, |size| size - 10));
    checkpoint_cut => change(What::Checkpoint, |bytes| bytes[..bytes.len() - 5].to_vec());
    checkpoint_empty => change(What::Checkpoint, |_| Vec::new());
    checkpoint_is_an_error_page => reply(What::Checkpoint, html());
    checkpoint_missing => reply(What::Checkpoint, Reply::status(404));
    checkpoint_with_status_500 => reply(What::Checkpoint, Reply::status(500));
    checkpoint_forbidden => reply(What::Checkpoint, Reply::status(403));
    checkpoint_too_long => change(What::Checkpoint, |bytes| [bytes, vec![b'x'; 70_000]].concat());
    checkpoint_endless => reply(What::Checkpoint, Reply::Endless);
    checkpoint_dripping => reply(What::Checkpoint, drip());
    checkpoint_silent => reply(What::Checkpoint, Reply::Silence);
    checkpoint_compressed => reply(What::Checkpoint, packed());
    checkpoint_unchanged_without_being_asked => reply(What::Checkpoint, Reply::Answer(304, Vec::new(), Vec::new()));
    checkpoint_redirects_in_a_circle => reply(What::Checkpoint, Reply::redirect("/checkpoint"));
    checkpoint_is_no_http => reply(What::Checkpoint, Reply::Raw(b"hello\r\n".to_vec()));
    checkpoint_of_another_log => run(|press| forge(press, |press| signed(&other_log(), press.reader().head())));
    checkpoint_by_another_key_of_the_same_name => run(|press| forge(press, |press| {
        let name = press.log_signer().verifier().name().clone();
        signed(&Signer::new(name, &[9; 32]), press.reader().head())
    }));
    checkpoint_with_many_signatures => change(What::Checkpoint, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        let line = text.lines().last().unwrap().to_owned();
        [text, format!("{line}\n").repeat(64)].concat().into_bytes()
    });
    checkpoint_of_a_log_beyond_all_measure => run(|press| forge(press, |press| {
        signed(&press.log_signer(), TreeHead { size: 1 << 62, root: NodeHash([3; 32]) })
    }));
    checkpoint_that_claims_one_entry_more => run(|press| forge(press, |press| {
        let TreeHead { size, root } = press.reader().head();
        signed(&press.log_signer(), TreeHead { size: size + 1, root })
    }));
    checkpoint_signed_for_an_invented_tree => run(|press| forge(press, |press| {
        signed(&press.log_signer(), TreeHead { size: press.reader().head().size, root: NodeHash([5; 32]) })
    }));

    tile_with_a_flipped_bit => change(What::Tile, |bytes| flip(bytes, |size| size / 2));
    tile_cut => change(What::Tile, |bytes| bytes[..bytes.len() - 1].to_vec());
    tile_with_a_byte_more => change(What::Tile, |bytes| [bytes, vec![0]].concat());
    tile_empty => change(What::Tile, |_| Vec::new());
    tile_missing => reply(What::Tile, Reply::status(404));
    tile_is_an_error_page => reply(What::Tile, html());
    tile_endless => reply(What::Tile, Reply::Endless);
    tile_compressed => reply(What::Tile, packed());
    tile_with_swapped_halves => change(What::Tile, |mut bytes| {
        let half = bytes.len() / 64 * 32;
        bytes.rotate_left(half);
        bytes
    });

    bundle_with_a_flipped_bit => change(What::Bundle, |bytes| flip(bytes, |size| size / 3));
    bundle_with_a_flipped_length => change(What::Bundle, |bytes| flip(bytes, |_| 1));
    bundle_cut => change(What::Bundle, |bytes| bytes[..bytes.len() - 1].to_vec());
    bundle_with_an_entry_more => change(What::Bundle, |bytes| [bytes, vec![0, 1, b'x']].concat());
    bundle_empty => change(What::Bundle, |_| Vec::new());
    bundle_missing => reply(What::Bundle, Reply::status(404));
    bundle_is_an_error_page => reply(What::Bundle, html());
    bundle_endless => reply(What::Bundle, Reply::Endless);
    bundle_dripping => reply(What::Bundle, drip());

    volume_with_a_flipped_first_byte => change(What::Volume, |bytes| flip(bytes, |_| 0));
    volume_with_a_flipped_bit => change(What::Volume, |bytes| flip(bytes, |size| size / 2));
    volume_with_a_flipped_last_byte => change(What::Volume, |bytes| flip(bytes, |size| size - 1));
    volume_cut => change(What::Volume, |bytes| bytes[..bytes.len() - 1].to_vec());
    volume_with_a_byte_more => change(What::Volume, |bytes| [bytes, vec![0]].concat());
    volume_empty => change(What::Volume, |_| Vec::new());
    volume_missing => reply(What::Volume, Reply::status(404));
    volume_is_an_error_page => reply(What::Volume, html());
    volume_endless => reply(What::Volume, Reply::Endless);
    volume_dripping => reply(What::Volume, Reply::Drip { length: 40_000, portion: 10, pause: Duration::from_millis(20) });
    volume_broken_off => reply(What::Volume, Reply::Cut { length: 50_000, body: vec![b'P'; 20_000] });
    volume_compressed => reply(What::Volume, packed());
    volume_swapped_with_another => run(|press| {
        let other = std::fs::read(press.public().join("volume/lake/1.2.zip")).unwrap();
        Box::new(move |request, path, _| (path == "volume/lake/1.1.zip").then(|| answer(request, other.clone())))
    });
    volume_with_another_part_than_asked => run(|_| Box::new(|request, path, bytes| {
        let bytes = bytes.filter(|_| is(What::Volume, path))?;
        // The first answer breaks off; what is asked again gets bytes from the wrong place.
        if request.field("range").is_none() {
            return Some(Reply::Cut { length: bytes.len(), body: bytes[..bytes.len() / 2].to_vec() });
        }
        let range = format!("bytes 0-{}/{}", bytes.len() - 1, bytes.len());
        Some(Reply::Answer(206, vec![("Content-Range", range)], bytes.to_vec()))
    }));
    everything_is_an_error_page => run(|_| Box::new(|_, _, _| Some(html())));
    everything_is_silent => run(|_| Box::new(|_, _, _| Some(Reply::Silence)));
    everything_closes_at_once => run(|_| Box::new(|_, _, _| Some(Reply::Raw(Vec::new()))));
}

/// Another checkpoint in place of the true one.
fn forge(press: &Press, make: impl Fn(&Press) -> SignedCheckpoint) -> Box<Tweak> {
    let forged = make(press).to_string().into_bytes();
    Box::new(move |request, path, _| (path == "checkpoint").then(|| answer(request, forged.clone())))
}

fn other_log() -> Signer {
    Signer::new("other.example/log".parse().unwrap(), &[77; 32])
}

/// A checkpoint for any tree by any key.
pub(crate) fn signed(signer: &Signer, head: TreeHead) -> SignedCheckpoint {
    let origin = signer.verifier().name().as_str().parse().unwrap();
    let mut note = Note::new(Checkpoint::new(origin, head).to_string()).unwrap();
    signer.sign(&mut note).unwrap();
    SignedCheckpoint::from_note(note).unwrap()
}
