//! Appends entries to a log in memory and says how long it took: `append [entries] [batch]`.
#![expect(clippy::print_stdout, reason = "a program for terminals")]

use std::{cell::RefCell, collections::HashMap, convert::Infallible, time::Instant};

use frelon_log::{
    Signer,
    merkle::inclusion_proof,
    tile::TreeReader,
    writer::{LogStore, Writer},
};

/// The least a store can be.
#[derive(Default)]
struct Memory {
    objects: RefCell<HashMap<String, Vec<u8>>>,
    state: RefCell<Option<Vec<u8>>>,
    published: RefCell<Option<Vec<u8>>>,
}

impl LogStore for Memory {
    type Error = Infallible;

    fn put(&self, objects: &[(String, Vec<u8>)]) -> Result<(), Infallible> {
        self.objects.borrow_mut().extend(objects.iter().cloned());
        Ok(())
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.objects.borrow().get(name).cloned())
    }

    fn remove(&self, name: &str) -> Result<(), Infallible> {
        self.objects.borrow_mut().remove(name);
        Ok(())
    }

    fn state(&self) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.state.borrow().clone())
    }

    fn swap(&self, expected: Option<&[u8]>, next: &[u8]) -> Result<bool, Infallible> {
        let is_same = self.state.borrow().as_deref() == expected;
        if is_same {
            self.state.replace(Some(next.to_vec()));
        }
        Ok(is_same)
    }

    fn published(&self) -> Result<Option<Vec<u8>>, Infallible> {
        Ok(self.published.borrow().clone())
    }

    fn publish(&self, checkpoint: &[u8]) -> Result<(), Infallible> {
        self.published.replace(Some(checkpoint.to_vec()));
        Ok(())
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse().expect("a number"));
    let count: usize = arguments.next().unwrap_or(60_000);
    let batch: usize = arguments.next().unwrap_or(count);
    // As long as the entry of a document.
    let entries: Vec<String> = (0..count).map(|number| format!("{number:0>110}")).collect();
    let signer = Signer::new("frelon.example/log".parse().expect("a name"), &[1; 32]);
    let mut writer = Writer::open(Memory::default(), signer, Vec::new(), &[]).expect("memory does not fail");
    let started = Instant::now();
    for batch in entries.chunks(batch) {
        writer.append(batch, &[], None).expect("memory does not fail");
    }
    println!("{count} entries in batches of {batch}: {:.3} s", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let tree: TreeReader<_> = writer.tree().expect("memory does not fail");
    let size = tree.head().size;
    for index in 0..size {
        inclusion_proof(&tree, index, size).expect("memory does not fail");
    }
    println!("a proof for each: {:.3} s", started.elapsed().as_secs_f64());
}
