//! Intake and release of the sources given, timed: `measure PUBLICATION SOURCE...`.
//!
//! Salts are not random here; what it writes is for measuring only.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant as Clock;

use frelon_desk::{IntakeRequest, Means, Press, Progress, intake};
use frelon_model::{CollectionId, Instant};
use frelon_vault::Collection;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let publication = arguments.next().ok_or("usage: measure PUBLICATION SOURCE...")?;
    let collection = CollectionId::new("measure")?;
    let mut watch = |_: &Progress| ControlFlow::Continue(());

    let start = Clock::now();
    let request = IntakeRequest {
        publication: publication.clone(),
        collection: Collection { id: collection.clone(), title: String::new(), about: String::new() },
        sources: arguments.collect(),
        clock: || Instant(0),
    };
    let report = intake(&request, &mut watch)?;
    println!("intake  {:?} {report:?}", start.elapsed());

    let start = Clock::now();
    let mut count = 0_u64;
    let mut random = |bytes: &mut [u8]| {
        for piece in bytes.chunks_mut(8) {
            count = count.wrapping_add(0x9e37_79b9_7f4a_7c15);
            piece.copy_from_slice(&count.to_le_bytes()[..piece.len()]);
        }
        Ok(())
    };
    let (passphrase, origin, seen, disk) = (None, None, Vec::new(), frelon_durable::Disk::new());
    let mut press = Press::open(
        &publication,
        Means { passphrase, origin, seen, witnesses: None, now: Instant(0), random: &mut random, disk },
    )?;
    let report = press.release(&collection, "", &mut watch)?;
    println!("release {:?} {} items, {} blocked", start.elapsed(), report.gate.passed, report.gate.blocked.len());
    Ok(())
}
