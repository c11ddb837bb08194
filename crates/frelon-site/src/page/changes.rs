//! `/changes`: everything the editors stated, newest first: releases, withdrawals, corrections, editors.

use std::sync::Arc;

use askama::Template;
use axum::{extract::State, response::Response};
use frelon_index::{Change, ChangeRecord, CollectionRecord};
use frelon_model::CollectionId;

use super::{
    row::When,
    shell::{Reader, Shell, page, site_title},
    tombstone::{paragraphs, reason},
};
use crate::{api::Parameters, fault::Fault, state::Site};

/// Statements on one page.
const LINES_MAX: usize = 100;

/// One statement in words.
pub(crate) struct ChangeLine {
    /// Index of the statement in the log.
    pub(crate) leaf: u64,
    pub(crate) at: When,
    /// What happened.
    pub(crate) title: String,
    /// Where to see it; empty when there is nothing to see.
    pub(crate) href: String,
    /// Title of the collection; empty for what is about the log.
    pub(crate) collection: String,
    /// One sentence more; may be empty.
    pub(crate) detail: String,
    /// What the editors say about it.
    pub(crate) text: Vec<String>,
    /// Keys named.
    pub(crate) keys: Vec<String>,
    /// Whether it takes something away.
    pub(crate) is_loss: bool,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct Changes {
    s: Shell,
    lines: Vec<ChangeLine>,
    /// Address of the page with what came before.
    earlier: Option<String>,
}

/// `GET /changes`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    parameters: Parameters,
    reader: Reader,
) -> Result<Response, Fault> {
    let before = parameters.leaf_cursor()?;
    let (collections, changes) =
        site.read(move |archive| Ok((archive.collections(), archive.changes(before, LINES_MAX + 1)?))).await?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &collections, &changes);
    page(&site, &template.s, &template)
}

fn view(s: Shell, collections: &[CollectionRecord], changes: &[ChangeRecord]) -> Changes {
    let label = s.t("nav-changes").to_owned();
    let mut s = s.beside(&[("/changes", &label)]);
    s.title = label;
    s.feed = Some("/changes.atom".to_owned());
    let lines: Vec<ChangeLine> =
        changes.iter().take(LINES_MAX).map(|change| ChangeLine::of(&s, change, collections)).collect();
    let more = changes.len() > LINES_MAX;
    let earlier = lines.last().filter(|_| more).map(|last| s.href(format!("/changes?cursor={}", last.leaf)));
    Changes { s, lines, earlier }
}

impl ChangeLine {
    /// A statement in words.
    pub(crate) fn of(s: &Shell, record: &ChangeRecord, collections: &[CollectionRecord]) -> Self {
        let title_of = |id: &CollectionId| {
            let found = collections.iter().find(|one| one.id == *id);
            found.map_or_else(|| id.to_string(), |one| one.title.clone())
        };
        let base = record.collection.as_ref().map(|id| format!("/{id}/")).unwrap_or_default();
        let mut line = Self {
            leaf: record.leaf,
            at: When::moment(s, record.made_at),
            title: s.t(&format!("change-{}", record.change.kind())).to_owned(),
            href: String::new(),
            collection: record.collection.as_ref().map(title_of).unwrap_or_default(),
            detail: String::new(),
            text: Vec::new(),
            keys: Vec::new(),
            is_loss: false,
        };
        line.tell(s, &base, &record.change);
        line
    }

    fn tell(&mut self, s: &Shell, base: &str, change: &Change) {
        match change {
            Change::Root { version, editors, threshold, witnesses } => {
                if *version == 1 {
                    s.t("change-root-first").clone_into(&mut self.title);
                }
                let editors_count = editors.len() as u64;
                self.detail = s.with(
                    "change-root-detail",
                    [
                        ("threshold", s.number(*threshold).into()),
                        ("n", editors_count.into()),
                        ("editors", s.number(editors_count).into()),
                    ],
                );
                if !witnesses.is_empty() {
                    self.detail = format!("{} {}", self.detail, s.n("change-root-witnesses", witnesses.len()));
                }
                self.keys.clone_from(editors);
            }
            Change::Collection { title } => {
                self.href = base.to_owned();
                self.detail.clone_from(title);
            }
            Change::Accession { count } => self.detail = s.n("items", *count),
            Change::Release { tranche, title, item_count } => {
                let name = if title.is_empty() { s.n("release-number", tranche.0) } else { title.clone() };
                self.title = s.of("change-release", name);
                self.href = format!("{base}release/{tranche}");
                self.detail = s.n("items", *item_count);
            }
            Change::Withdraw { number, mode, reason: why, jurisdiction, until, text } => {
                self.title = s.of("change-withdraw", number.to_string());
                self.href = format!("{base}{number}");
                self.detail = self::reason(s, why.as_str());
                if let Some(place) = jurisdiction {
                    self.detail = format!("{} ({place})", self.detail);
                }
                if let Some(at) = until {
                    self.detail = format!("{}. {}", self.detail, s.of("change-until", s.date(*at)));
                }
                self.detail = format!("{}. {}", self.detail, s.t(&format!("change-mode-{mode}")));
                self.text = paragraphs(text.as_deref().unwrap_or_default());
                self.is_loss = true;
            }
            Change::Restore { number, text } => {
                self.title = s.of("change-restore", number.to_string());
                self.href = format!("{base}{number}");
                self.text = paragraphs(text.as_deref().unwrap_or_default());
            }
            Change::Correct { number, replacement, reason } => {
                let numbers = [("number", number.to_string().into()), ("replacement", replacement.to_string().into())];
                self.title = s.with("change-correct", numbers);
                self.href = format!("{base}{replacement}");
                self.text = paragraphs(reason);
            }
            Change::Succession { origin } => {
                self.detail.clone_from(origin);
                self.is_loss = true;
            }
        }
    }
}
