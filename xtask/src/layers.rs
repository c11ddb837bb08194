//! Who may import whom: levels, and the ban that keeps what is private out of what faces the public.
//!
//! Read from `cargo metadata`, so that it is what Cargo builds and not what a page says.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::step;

/// The crates of the workspace by level; a crate imports from lower levels only.
pub(crate) const LEVELS: &[(&str, u8)] = &[
    ("frelon-model", 0),
    ("frelon-deflate", 1),
    ("frelon-durable", 1),
    ("frelon-log", 1),
    ("frelon-mail", 1),
    ("frelon-extract", 2),
    ("frelon-public", 2),
    ("frelon-index", 2),
    ("frelon-vault", 2),
    ("frelon-desk", 3),
    ("frelon-mirror", 3),
    ("frelon-site", 3),
    ("frelon", 4),
];

/// For tests and automation only: nothing that ships imports them.
const DEVELOPMENT: &[&str] = &["frelon-testkit", "xtask"];

/// The imports within a level, each with its reason.
const WITHIN_LEVEL: &[(&str, &str)] = &[
    // The index is made from the public tree and from nothing else.
    ("frelon-index", "frelon-public"),
];

/// Those that face the public, and what they must never reach: a mirror cannot leak what it does
/// not hold.
const PUBLIC: &[&str] = &["frelon-public", "frelon-index", "frelon-mirror", "frelon-site"];
const PRIVATE: &[&str] = &["frelon-vault", "frelon-desk"];

/// Levels 0 to 2 know neither HTTP nor async.
const NETWORK: &[&str] = &["tokio", "axum", "hyper", "http", "tower", "reqwest", "async-trait", "futures"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

/// Which package ships with which: names to names, dev-dependencies left out.
struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
    members: BTreeSet<String>,
}

impl Graph {
    fn load(features: &[&str]) -> Result<Self> {
        let arguments = [&["metadata", "--format-version", "1", "--locked"], features].concat();
        let text = step::output(&step::cargo(), &arguments)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let metadata: Metadata = serde_json::from_str(text).context("cargo metadata")?;
        let names: BTreeMap<&str, &str> =
            metadata.packages.iter().map(|package| (&*package.id, &*package.name)).collect();
        let name = |id: &str| names.get(id).copied().unwrap_or(id).to_owned();
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for node in &metadata.resolve.nodes {
            let ships =
                |dependency: &&Dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
            let to = node.deps.iter().filter(ships).map(|dependency| name(&dependency.pkg));
            edges.entry(name(&node.id)).or_default().extend(to);
        }
        Ok(Self { edges, members: metadata.workspace_members.iter().map(|id| name(id)).collect() })
    }

    fn direct(&self, from: &str) -> impl Iterator<Item = &str> {
        self.edges.get(from).into_iter().flatten().map(String::as_str)
    }

    /// Everything a package is built with.
    fn reach(&self, from: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = self.direct(from).collect();
        while let Some(name) = open.pop() {
            if found.insert(name) {
                open.extend(self.direct(name));
            }
        }
        found
    }
}

fn level(name: &str) -> Option<u8> {
    LEVELS.iter().find(|(other, _)| *other == name).map(|(_, level)| *level)
}

/// What breaks the rules, in sentences.
fn findings(whole: &Graph, without_desk: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for member in &whole.members {
        if DEVELOPMENT.contains(&&**member) {
            continue;
        }
        let Some(own) = level(member) else {
            findings.push(format!("{member} has no level: add it to xtask/src/layers.rs and to ARCHITECTURE.md"));
            continue;
        };
        for other in whole.direct(member) {
            if DEVELOPMENT.contains(&other) {
                findings.push(format!("{member} imports {other}, which is for tests alone"));
            }
            let downward = level(other).is_none_or(|other| other < own);
            if !downward && !WITHIN_LEVEL.contains(&(member, other)) {
                findings.push(format!("{member} (level {own}) imports {other}, which is not below it"));
            }
            if own <= 2 && NETWORK.contains(&other) {
                findings.push(format!("{member} imports {other}: levels 0 to 2 know neither HTTP nor async"));
            }
        }
    }
    for public in PUBLIC {
        let reach = whole.reach(public);
        for private in PRIVATE.iter().filter(|private| reach.contains(**private)) {
            findings.push(format!("{public} reaches {private}: what faces the public must not hold what is private"));
        }
    }
    let reach = without_desk.reach("frelon");
    for private in PRIVATE.iter().filter(|private| reach.contains(**private)) {
        findings.push(format!("the binary without feature `desk` contains {private}"));
    }
    findings
}

/// The verb.
pub(crate) fn run() -> Result<()> {
    let findings = findings(&Graph::load(&[])?, &Graph::load(&["--no-default-features"])?);
    step::refuse("layers", &findings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(edges: &[(&str, &str)]) -> Graph {
        let mut graph = Graph { edges: BTreeMap::new(), members: BTreeSet::new() };
        for (from, to) in edges {
            graph.edges.entry((*from).to_owned()).or_default().insert((*to).to_owned());
            graph.members.insert((*from).to_owned());
        }
        graph
    }

    #[test]
    fn the_workspace_keeps_its_layers() {
        let whole = Graph::load(&[]).expect("metadata");
        let without_desk = Graph::load(&["--no-default-features"]).expect("metadata");
        let found = findings(&whole, &without_desk);
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn what_breaks_the_rules_is_found() {
        let good =
            graph(&[("frelon", "frelon-site"), ("frelon-site", "frelon-index"), ("frelon-index", "frelon-public")]);
        assert!(findings(&good, &good).is_empty());
        for (from, to, word) in [
            ("frelon-mail", "frelon-site", "not below"),
            ("frelon-vault", "frelon-public", "not below"),
            ("frelon-site", "frelon-vault", "private"),
            ("frelon-unheard", "serde", "no level"),
            ("frelon-public", "tokio", "neither HTTP"),
            ("frelon", "frelon-testkit", "tests alone"),
        ] {
            let bad = graph(&[(from, to)]);
            let found = findings(&bad, &good);
            assert!(found.iter().any(|finding| finding.contains(word)), "{from} -> {to}: {found:?}");
        }
        let deep = graph(&[("frelon", "frelon-site"), ("frelon-site", "helper"), ("helper", "frelon-desk")]);
        let found = findings(&deep, &deep);
        assert!(found.iter().any(|finding| finding.contains("frelon-site reaches frelon-desk")), "{found:?}");
        assert!(found.iter().any(|finding| finding.contains("without feature `desk` contains")), "{found:?}");
    }
}
