//! Trees in memory, and a store in memory that can fail at any call, before or after it did what
//! it was asked.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    convert::Infallible,
    path::{Path, PathBuf},
};

use frelon_log::{
    NodeHash, SignedCheckpoint, Signer, TreeHead, Verifier,
    merkle::{Frontier, Node, NodeSource, node_hash},
    tile::{Resource, TileSource, TreeReader},
    writer::{LogStore, STAGING_PREFIX},
};

/// All complete subtrees of a tree, level by level.
pub(crate) struct MemoryTree {
    levels: Vec<Vec<NodeHash>>,
}

impl MemoryTree {
    pub(crate) fn new(leaves: Vec<NodeHash>) -> Self {
        let mut levels = vec![leaves];
        while levels.last().is_some_and(|level| level.len() > 1) {
            let below = levels.last().unwrap();
            levels.push(below.chunks_exact(2).map(|pair| node_hash(pair[0], pair[1])).collect());
        }
        Self { levels }
    }

    pub(crate) fn head(&self, size: u64) -> TreeHead {
        let mut frontier = Frontier::default();
        for leaf in &self.levels[0][..usize::try_from(size).unwrap()] {
            frontier.push(*leaf);
        }
        frontier.head()
    }
}

impl NodeSource for MemoryTree {
    type Error = Infallible;

    fn nodes(&self, nodes: &[Node]) -> Result<Vec<NodeHash>, Infallible> {
        let hash = |node: &Node| self.levels[usize::from(node.level)][usize::try_from(node.index).unwrap()];
        Ok(nodes.iter().map(hash).collect())
    }
}

/// The folder `../shared/vectors` beside the checkout; `None`, with a line, where there is none.
pub(crate) fn shared_vectors(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(name);
    if path.is_file() {
        return Some(path);
    }
    eprintln!("skipped: needs {}", path.display());
    None
}

pub(crate) const ORIGIN: &str = "frelon.example/log";

pub(crate) fn signer() -> Signer {
    Signer::new(ORIGIN.parse().unwrap(), &[42; 32])
}

pub(crate) fn log_key() -> Verifier {
    signer().verifier().clone()
}

/// Entries of different lengths, each told by its number and its batch.
pub(crate) fn entries(batch: &str, count: u64) -> Vec<Vec<u8>> {
    let entry = |number: u64| format!("{batch} {number}{}", "x".repeat(usize::try_from(number % 50).unwrap()));
    (0..count).map(|number| entry(number).into_bytes()).collect()
}

/// What a fault does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The call fails and nothing was done.
    Lost,
    /// The call fails and all was done.
    Done,
    /// The call fails with half of it done, as when the power goes.
    Half,
    /// The machine stops before the call: it and all later ones fail.
    Stop,
}

#[derive(Debug, thiserror::Error)]
#[error("the store was told to fail")]
pub(crate) struct Failed;

/// A store in memory. It watches its writer: immutable objects stay, the state and the published
/// checkpoint only grow, and no checkpoint goes out before its tiles.
#[derive(Default)]
pub(crate) struct MemoryStore {
    inner: RefCell<Inner>,
}

#[derive(Default, Clone)]
struct Inner {
    objects: BTreeMap<String, Vec<u8>>,
    state: Option<Vec<u8>>,
    published: Option<Vec<u8>>,
    /// Everything that was ever published.
    history: Vec<SignedCheckpoint>,
    calls: usize,
    fault: Option<(usize, Fault)>,
}

impl MemoryStore {
    /// Fails at a call, counted from now.
    pub(crate) fn fail_at(&self, call: usize, fault: Fault) {
        let mut inner = self.inner.borrow_mut();
        inner.calls = 0;
        inner.fault = Some((call, fault));
    }

    pub(crate) fn heal(&self) {
        self.inner.borrow_mut().fault = None;
    }

    /// Calls since [`MemoryStore::fail_at`].
    pub(crate) fn calls(&self) -> usize {
        self.inner.borrow().calls
    }

    pub(crate) fn history(&self) -> Vec<SignedCheckpoint> {
        self.inner.borrow().history.clone()
    }

    pub(crate) fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        self.inner.borrow().objects.clone()
    }

    pub(crate) fn staged(&self) -> usize {
        self.inner.borrow().objects.keys().filter(|name| name.starts_with(STAGING_PREFIX)).count()
    }

    pub(crate) fn change(&self, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
        change(self.inner.borrow_mut().objects.get_mut(name).expect("an object of this name"));
    }

    pub(crate) fn insert(&self, name: String, bytes: Vec<u8>) {
        let _old = self.inner.borrow_mut().objects.insert(name, bytes);
    }

    pub(crate) fn set_state(&self, state: Option<Vec<u8>>) {
        self.inner.borrow_mut().state = state;
    }

    pub(crate) fn set_published(&self, published: Option<Vec<u8>>) {
        self.inner.borrow_mut().published = published;
    }

    /// A copy, as a backup or a snapshot taken while running.
    pub(crate) fn snapshot(&self) -> Self {
        let mut inner = self.inner.borrow().clone();
        inner.fault = None;
        Self { inner: RefCell::new(inner) }
    }

    /// Whether this call fails, and how much of it is done all the same.
    fn enter(&self) -> Option<Fault> {
        let mut inner = self.inner.borrow_mut();
        let call = inner.calls;
        inner.calls += 1;
        match inner.fault {
            Some((at, Fault::Stop)) if call >= at => Some(Fault::Lost),
            Some((at, fault)) if call == at => Some(fault),
            _ => None,
        }
    }

    /// The published log, whole: every checkpoint ever published is signed by the log, none is
    /// smaller than one before, all are beginnings of the last, and every entry verifies.
    pub(crate) fn check(&self) -> Vec<Vec<u8>> {
        let inner = self.inner.borrow();
        let Some(last) = inner.history.last() else { return Vec::new() };
        assert_eq!(inner.published.as_deref(), Some(last.to_string().as_bytes()));
        let tree = TreeReader::open(Published(self), last.head()).expect("the edge of the published log");
        let mut before = 0;
        for checkpoint in &inner.history {
            checkpoint.open(&[log_key()]).expect("signed by the log");
            assert_eq!(checkpoint.checkpoint().origin.as_str(), ORIGIN);
            let TreeHead { size, root } = checkpoint.head();
            assert!(size >= before, "a smaller checkpoint was published: {size} after {before}");
            assert_eq!(frelon_log::merkle::root_at(&tree, size).unwrap(), root, "a fork was published at {size}");
            before = size;
        }
        let bundles = last.head().size.div_ceil(256);
        (0..bundles).flat_map(|index| tree.entries(index).expect("every bundle verifies")).collect()
    }
}

/// What readers can fetch.
pub(crate) struct Published<'a>(pub(crate) &'a MemoryStore);

impl TileSource for Published<'_> {
    type Error = String;

    fn read(&self, resources: &[Resource]) -> Result<Vec<Vec<u8>>, String> {
        let inner = self.0.inner.borrow();
        let read = |resource: &Resource| inner.objects.get(&resource.to_string()).cloned();
        resources.iter().map(|resource| read(resource).ok_or_else(|| resource.to_string())).collect()
    }
}

impl LogStore for MemoryStore {
    type Error = Failed;

    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), Failed> {
        let fault = self.enter();
        let count = match fault {
            Some(Fault::Lost | Fault::Stop) => 0,
            Some(Fault::Half) => objects.len() / 2,
            Some(Fault::Done) | None => objects.len(),
        };
        let mut inner = self.inner.borrow_mut();
        for (name, bytes) in &objects[..count] {
            if inner.objects.get(name).is_some_and(|old| old != bytes) {
                assert!(name.ends_with("/intent"), "{name} would be overwritten");
                return Err(Failed);
            }
            let _same = inner.objects.insert(name.clone(), bytes.clone());
        }
        if fault.is_some() { Err(Failed) } else { Ok(()) }
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Failed> {
        match self.enter() {
            Some(_) => Err(Failed),
            None => Ok(self.inner.borrow().objects.get(name).cloned()),
        }
    }

    fn remove(&self, name: &str) -> Result<(), Failed> {
        assert!(name.starts_with(STAGING_PREFIX), "{name} is not staged");
        let fault = self.enter();
        if matches!(fault, None | Some(Fault::Done)) {
            let _removed = self.inner.borrow_mut().objects.remove(name);
        }
        if fault.is_some() { Err(Failed) } else { Ok(()) }
    }

    fn state(&self) -> Result<Option<Vec<u8>>, Failed> {
        match self.enter() {
            Some(_) => Err(Failed),
            None => Ok(self.inner.borrow().state.clone()),
        }
    }

    fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, Failed> {
        let fault = self.enter();
        let mut inner = self.inner.borrow_mut();
        let is_same = inner.state.as_deref() == expected;
        if is_same && matches!(fault, None | Some(Fault::Done)) {
            inner.state = Some(next.to_vec());
        }
        if fault.is_some() { Err(Failed) } else { Ok(is_same) }
    }

    fn published(&self) -> Result<Option<Vec<u8>>, Failed> {
        match self.enter() {
            Some(_) => Err(Failed),
            None => Ok(self.inner.borrow().published.clone()),
        }
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), Failed> {
        let fault = self.enter();
        if matches!(fault, None | Some(Fault::Done)) {
            let parsed = SignedCheckpoint::parse(checkpoint).expect("a checkpoint");
            let tree = TreeReader::open(Published(self), parsed.head()).expect("its tiles are out before it");
            drop(tree);
            let mut inner = self.inner.borrow_mut();
            inner.published = Some(checkpoint.to_vec());
            inner.history.push(parsed);
        }
        if fault.is_some() { Err(Failed) } else { Ok(()) }
    }
}
