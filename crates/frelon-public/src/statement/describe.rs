//! Statements in words, for those who are about to sign one, and for lists of what was signed.
//!
//! The words of others are set off and made harmless: they cannot look like lines of ours, nor move
//! the cursor. English alone, since signing happens at a desk; what readers see is the site's affair.

use std::fmt::Write;

use frelon_log::Verifier;

use super::{
    Body, Terms,
    body::{Accession, Correct, Description, Release, Restore, Root, Succession, Withdraw},
    word::WithdrawMode,
};
use crate::malformed::push_safe;

impl Terms {
    /// What it says, in plain English lines, each with its newline. Text that people chose stands in
    /// quotation marks or behind `| `, and nothing in it is obeyed by a terminal.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut out = Lines(String::new());
        match &self.body {
            Body::Root(root) => out.root(root),
            Body::Collection(description) => out.description(description),
            Body::Accession(accession) => out.accession(accession),
            Body::Release(release) => out.release(release),
            Body::Withdraw(withdraw) => out.withdraw(withdraw),
            Body::Restore(restore) => out.restore(restore),
            Body::Correct(correct) => out.correct(correct),
            Body::Succession(succession) => out.succession(succession),
        }
        if let Some(collection) = &self.collection {
            out.line(&format!("Collection: {collection}"));
        }
        out.line(&format!("Log: {}", quoted(self.origin.as_str())));
        if self.root_version > 0 {
            out.line(&format!("Made under version {} of the editors' keys.", self.root_version));
        }
        out.line(&format!("Made: {}", self.made_at.to_rfc3339()));
        out.line(&format!("Id: {}", self.id));
        out.0
    }
}

/// One line in quotation marks.
fn quoted(text: &str) -> String {
    let mut safe = String::from("\"");
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            safe.push('\\');
        }
        push_safe(&mut safe, letter);
    }
    safe + "\""
}

fn key(key: &Verifier) -> String {
    // The whole key, so that it can be compared by voice or paper.
    let text = key.to_string();
    format!("{} ({})", quoted(key.name().as_str()), &text[key.name().as_str().len() + 1..])
}

fn counted(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Text of others: each of its lines behind a mark.
    fn text(&mut self, text: &str) {
        for line in text.lines() {
            self.0.push_str("  | ");
            line.chars().for_each(|letter| push_safe(&mut self.0, letter));
            self.0.push('\n');
        }
    }

    fn root(&mut self, root: &Root) {
        let editors = root.editors.len();
        self.line(&format!("Says who the editors are (version {}).", root.version));
        self.line(&format!("A statement takes {} of these {editors} editors:", root.threshold));
        root.editors.iter().for_each(|editor| self.line(&format!("  {}", key(editor))));
        self.line(&format!("Key of the log: {}", key(&root.log)));
        self.line(&format!("Witnesses: {}", root.witnesses.len()));
        root.witnesses.iter().for_each(|witness| self.line(&format!("  {}", key(witness))));
        if !root.custodians.is_empty() {
            self.line(&format!("Custodians: {}", root.custodians.len()));
            root.custodians.iter().for_each(|custodian| self.line(&format!("  {custodian}")));
        }
        if root.version == 1 {
            self.line("It is the first: these editors sign for themselves.");
        } else {
            let before = root.version - 1;
            self.line(&format!("It replaces version {before}, and takes the threshold of both versions."));
        }
    }

    fn description(&mut self, description: &Description) {
        self.line(&format!("Describes a collection: {}", quoted(&description.title)));
        self.text(&description.about);
    }

    fn accession(&mut self, accession: &Accession) {
        let Accession { count, first_leaf, last_leaf } = accession;
        let items = counted(*count, "item", "items");
        self.line(&format!("Says that {items} were taken in, as entries {first_leaf} to {last_leaf} of the log."));
    }

    fn release(&mut self, release: &Release) {
        let Release { tranche, title, item_count, first_leaf, last_leaf, volumes, published_at } = release;
        let items = counted(*item_count, "item", "items");
        self.line(&format!("RELEASES tranche {tranche}: {items} become public."));
        if !title.is_empty() {
            self.line(&format!("Title: {}", quoted(title)));
        }
        self.line(&format!("Published: {}", published_at.to_rfc3339()));
        self.line(&format!("Entries of the log: {first_leaf} to {last_leaf}"));
        for volume in volumes {
            self.line(&format!("  {}, {} bytes, SHA-256 {}", volume.path, volume.size_bytes, volume.sha256));
        }
    }

    fn withdraw(&mut self, withdraw: &Withdraw) {
        let Withdraw { leaf, number, mode, reason, jurisdiction, until, text } = withdraw;
        let (verb, effect) = match mode {
            WithdrawMode::Hide => ("HIDES", "It is shown no longer; its bytes are kept."),
            WithdrawMode::Erase => ("ERASES", "Its bytes are removed from every store that follows."),
        };
        self.line(&format!("{verb} item {number} (entry {leaf} of the log). {effect}"));
        let mut why = format!("Reason: {reason}");
        if let Some(jurisdiction) = jurisdiction {
            let _infallible = write!(why, ", jurisdiction {}", quoted(jurisdiction));
        }
        self.line(&why);
        match until {
            Some(until) => self.line(&format!("Until: {}", until.to_rfc3339())),
            None => self.line("Until: it is restored."),
        }
        self.public_text(text.as_deref());
    }

    fn restore(&mut self, restore: &Restore) {
        self.line(&format!(
            "RESTORES item {} (entry {} of the log): it is public again.",
            restore.number, restore.leaf
        ));
        self.public_text(restore.text.as_deref());
    }

    fn public_text(&mut self, text: Option<&str>) {
        if let Some(text) = text {
            self.line("Readers are told:");
            self.text(text);
        }
    }

    fn correct(&mut self, correct: &Correct) {
        let Correct { leaf, replacement_leaf, reason } = correct;
        self.line(&format!("CORRECTS: entry {replacement_leaf} of the log takes the place of entry {leaf}."));
        self.line("Reason:");
        self.text(reason);
    }

    fn succession(&mut self, succession: &Succession) {
        let Succession { last_size, last_root, log } = succession;
        self.line("ENDS this log: another goes on in its place. This cannot be undone.");
        self.line(&format!("Good are its first {}, root {last_root}.", counted(*last_size, "entry", "entries")));
        self.line(&format!("Key of the new log: {}", key(log)));
    }
}
