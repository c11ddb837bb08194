//! The grades of every set of mail in the corpora, as a table: `UPDATE_EXPECT=1` writes it again.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use frelon_mail::{
    dkim::{DkimState, KeyArchive, assess},
    mailbox, parse,
};

use super::keys;

/// Sets of mail by their path in the corpora: mailboxes, and folders of messages.
const SETS: [&str; 11] = [
    "mail/enron.mbox",
    "mail/foia.mbox",
    "mail/lists.mbox",
    "mail/mixed-1k.mbox",
    "eml/spamassassin",
    "maildir/enron-skilling-j",
    "dkim/real-signed",
    "dkim/stalwartlabs+mail-auth",
    "dkim/fastmail+mail-dkim",
    "dkim/zkemail+zk-email-verify",
    "torture",
];

type Counts = BTreeMap<DkimState, usize>;

fn count(raw: &[u8], keys: &KeyArchive, counts: &mut Counts) {
    let mut grade = assess(raw, keys, None).grade;
    if grade == DkimState::Pass {
        // Only a signature that holds can have expired, and only the whole message tells when it arrived.
        grade = assess(raw, keys, parse(raw).received_at).grade;
    }
    *counts.entry(grade).or_default() += 1;
}

fn count_mailbox(path: &Path, keys: &KeyArchive, counts: &mut Counts) {
    let bytes = fs::read(path).expect("readable");
    let kind = mailbox::detect(&bytes[..bytes.len().min(1 << 20)]).expect("a mailbox");
    let mut splitter = mailbox::Splitter::new(kind);
    for window in bytes.chunks(1 << 20) {
        splitter.push(window);
        while let Some(entry) = splitter.next_entry() {
            count(&mailbox::unquote(kind, entry.raw).bytes, keys, counts);
        }
    }
    splitter.finish();
    while let Some(entry) = splitter.next_entry() {
        count(&mailbox::unquote(kind, entry.raw).bytes, keys, counts);
    }
}

fn count_folder(folder: &Path, keys: &KeyArchive, counts: &mut Counts) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            count_folder(&path, keys, counts);
        } else {
            count(&fs::read(&path).expect("readable"), keys, counts);
        }
    }
}

#[test]
fn the_corpora_have_these_grades() {
    let Some(keys) = keys() else { return };
    let mut table = format!("{:30}{:>8}", "set", "files");
    for grade in DkimState::ALL {
        write!(table, "{:>16}", grade.code()).expect("a string takes all");
    }
    table.push('\n');
    for set in SETS {
        let Some(path) = frelon_testkit::corpus(set) else { return };
        let mut counts = Counts::new();
        if path.is_file() {
            count_mailbox(&path, &keys, &mut counts);
        } else {
            count_folder(&path, &keys, &mut counts);
        }
        write!(table, "{set:30}{:>8}", counts.values().sum::<usize>()).expect("a string takes all");
        for grade in DkimState::ALL {
            write!(table, "{:>16}", counts.get(&grade).copied().unwrap_or(0)).expect("a string takes all");
        }
        table.push('\n');
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/dkim/table.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&file, &table).expect("the checkout is writable");
    }
    assert_eq!(table, fs::read_to_string(&file).expect("the expected table"), "UPDATE_EXPECT=1 writes it again");
}
