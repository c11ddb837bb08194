use std::{fs, time::Duration};

use super::*;

#[test]
fn directories_hand_out_files_within_bounds() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("public/tile")).unwrap();
    fs::write(folder.path().join("public/checkpoint"), b"0123456789").unwrap();
    let source = Directory::new(folder.path());
    assert_eq!(get(&source, "checkpoint", 10).unwrap(), b"0123456789");
    assert!(matches!(get(&source, "checkpoint", 9), Err(FetchError::TooLong { bytes_max: 9, .. })));
    assert!(get(&source, "policy", 9).unwrap_err().is_missing());
    assert!(get(&source, "tile", 9).unwrap_err().is_misbehaviour());
    let Answer::Body(mut body) = source.open(Request { first: 7, ..Request::whole("checkpoint", 10) }).unwrap() else {
        panic!("a body");
    };
    assert_eq!((body.first(), body.read_all().unwrap()), (7, b"789".to_vec()));
}

#[test]
fn links_out_of_a_directory_are_not_followed() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("policy")).unwrap();
    assert!(get(&Directory::new(folder.path()), "policy", 100).unwrap_err().is_misbehaviour());
}

#[test]
fn addresses_of_trees_are_plain() {
    let options = Options::default();
    for url in ["", "mirror.example", "ftp://mirror.example/", "http://a:b@mirror.example/", "http://m.example/?q"] {
        assert!(Http::new(url, options).is_err(), "{url}");
    }
    let long = format!("http://m.example/{}", "x".repeat(3_000));
    assert!(Http::new(&long, options).is_err());
    assert_eq!(Http::new("https://m.example/archive", options).unwrap().name(), "https://m.example/archive");
}

#[test]
fn the_longest_time_grows_with_the_length() {
    let pace = Pace::default();
    assert_eq!(pace.longest(0), Duration::from_secs(120));
    assert_eq!(pace.longest(1_000_000), Duration::from_secs(220));
}
