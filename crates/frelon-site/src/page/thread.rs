//! `/<collection>/<n>/thread`: a whole conversation, with what is missing from it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{CollectionRecord, ThreadEntry, ThreadRecord};
use frelon_model::ItemNumber;

use super::{
    row::When,
    shell::{Reader, Shell, page, site_title},
};
use crate::{fault::Fault, path, state::Site};

/// Indentation steps drawn; deeper replies stay at the last step, so that narrow screens hold them.
const DEPTH_DRAWN_MAX: u32 = 8;
/// Nodes shown around an item on its own page.
const NEAR_MAX: usize = 24;
/// Nodes shown on the page of a thread; a thread larger than this is read through search.
const NODES_MAX: usize = 2_000;

/// One line of the tree.
pub(crate) struct Node {
    pub(crate) depth: u32,
    pub(crate) inferred: bool,
    /// Address; empty for a ghost.
    pub(crate) href: String,
    pub(crate) number: u64,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) at: Option<When>,
    /// Message-ID of one that is not here.
    pub(crate) ghost: String,
    pub(crate) current: bool,
}

/// The tree, or the part of it around an item.
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    pub(crate) item_count: u64,
    pub(crate) ghost_count: u64,
    /// Whether nodes were left out.
    pub(crate) cut: bool,
}

impl Tree {
    /// The whole tree, up to the limit of a page.
    pub(crate) fn whole(s: &Shell, collection: &str, thread: &ThreadRecord, current: ItemNumber) -> Self {
        Self::of(s, collection, thread, current, NODES_MAX)
    }

    /// The part around an item.
    pub(crate) fn near(s: &Shell, collection: &str, thread: &ThreadRecord, current: ItemNumber) -> Self {
        Self::of(s, collection, thread, current, NEAR_MAX)
    }

    fn of(s: &Shell, collection: &str, thread: &ThreadRecord, current: ItemNumber, limit: usize) -> Self {
        let is_current = |entry: &ThreadEntry| matches!(entry, ThreadEntry::Item(item) if item.key.number == current);
        let at = thread.nodes.iter().position(|node| is_current(&node.entry)).unwrap_or(0);
        let from = at.saturating_sub(limit / 2).min(thread.nodes.len().saturating_sub(limit));
        let shown = thread.nodes.iter().skip(from).take(limit);
        let nodes: Vec<Node> = shown
            .map(|node| {
                let depth = node.depth.min(DEPTH_DRAWN_MAX);
                let base = Node {
                    depth,
                    inferred: node.inferred,
                    href: String::new(),
                    number: 0,
                    from: String::new(),
                    subject: String::new(),
                    at: None,
                    ghost: String::new(),
                    current: is_current(&node.entry),
                };
                match &node.entry {
                    ThreadEntry::Item(item) => Node {
                        href: format!("/{collection}/{}", item.key.number),
                        number: item.key.number.0,
                        from: item.from.as_ref().map_or("", |from| from.label()).to_owned(),
                        subject: item.subject.clone(),
                        at: item.sorted_at.map(|at| When::day(s, at)),
                        ..base
                    },
                    ThreadEntry::Ghost(id) => Node { ghost: id.clone(), ..base },
                }
            })
            .collect();
        let ghosts = thread.nodes.iter().filter(|node| matches!(node.entry, ThreadEntry::Ghost(_))).count();
        Self { cut: nodes.len() < thread.nodes.len(), nodes, item_count: thread.item_count, ghost_count: ghosts as u64 }
    }
}

#[derive(Template)]
#[template(path = "thread.html")]
struct ThreadPage {
    s: Shell,
    subject: String,
    tree: Tree,
}

/// `GET /{collection}/{number}/thread`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let current = key.number;
    let found = site
        .read(move |archive| {
            let Some(record) = archive.collection(&key.collection) else { return Ok(None) };
            Ok(archive.thread(&key)?.map(|thread| (record, thread)))
        })
        .await?;
    let (record, thread) = found.ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &record, &thread, current);
    page(&site, &template.s, &template)
}

fn view(s: Shell, record: &CollectionRecord, thread: &ThreadRecord, current: ItemNumber) -> ThreadPage {
    let label = s.t("thread").to_owned();
    let number = format!("{} {current}", s.t("number-sign"));
    let (item, step) = (current.to_string(), format!("{current}/thread"));
    let mut s = s.within(&record.id, &record.title, &[(&item, &number), (&step, &label)]);
    let subject = if thread.subject.is_empty() { s.t("no-subject").to_owned() } else { thread.subject.clone() };
    s.title = format!("{label}: {subject}");
    s.feed = Some(format!("/{}/{}/thread.atom", record.id, thread.thread));
    let tree = Tree::whole(&s, record.id.as_str(), thread, current);
    ThreadPage { s, subject, tree }
}
