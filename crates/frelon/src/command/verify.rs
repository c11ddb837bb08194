//! `frelon verify`: is this what was published, whoever handed it over?

use std::{
    fs::File,
    io::Read,
    num::NonZero,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use frelon_log::{Policy, policy::POLICY_BYTES_MAX};
use frelon_model::{Instant, limits::ITEM_BYTES_MAX};
use frelon_public::verify::{
    Freshness, ITEM_PROOF_BYTES_MAX, ItemVerdict, TreeVerdict, VerifyOptions, VolumeVerdict, Witness, verify_item,
    verify_tree, verify_volume,
};
use indicatif::{HumanBytes, HumanCount};
use serde_json::json;

use crate::{
    cli::Verify,
    clock,
    failure::{Failure, Kind},
    progress::print_line,
};

/// What files begin with.
const ZIP: &[u8] = b"PK";
const PROOF: &[u8] = b"c2sp.org/tlog-proof@";
/// The name of a proof beside its item.
const PROOF_ENDING: &str = "tlog-proof";

/// What is to be verified, as it was found to be.
enum Subject {
    Tree(PathBuf),
    Volume(PathBuf),
    Item { item: PathBuf, proof: PathBuf },
}

pub(crate) fn run(args: &Verify) -> Result<(), Failure> {
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    match subject(args)? {
        Subject::Tree(public) => tree(&public, args, threads),
        Subject::Volume(path) => volume(&path, args, threads),
        Subject::Item { item, proof } => single(&item, &proof, args),
    }
}

/// Nothing could be said: told apart from what is wrong.
fn unreadable(path: &Path, reason: impl std::fmt::Display) -> Failure {
    Failure::message(Kind::Failed, format!("cannot read {}: {reason}", path.display()))
}

fn not_verified(what: &str) -> Failure {
    Failure::message(Kind::Input, format!("NOT verified: {what}"))
}

fn subject(args: &Verify) -> Result<Subject, Failure> {
    let what = &args.what;
    if what.to_string_lossy().contains("://") {
        return Err(Failure::message(Kind::Failed, format!("{}: addresses cannot be verified yet", what.display()))
            .hint("fetch a copy of the public tree first, and name its directory"));
    }
    if what.is_dir() {
        let inner = what.join("public");
        return Ok(Subject::Tree(if inner.is_dir() { inner } else { what.clone() }));
    }
    let mut start = Vec::new();
    let file = File::open(what).map_err(|error| unreadable(what, error))?;
    file.take(32).read_to_end(&mut start).map_err(|error| unreadable(what, error))?;
    if start.starts_with(PROOF) {
        let item = args.item.clone().or_else(|| {
            let item = what.with_extension("");
            (what.extension().is_some_and(|ending| ending == PROOF_ENDING) && item.is_file()).then_some(item)
        });
        let missing = || {
            Failure::message(Kind::Usage, format!("{} proves an item: name its file too", what.display()))
                .hint("frelon verify PROOF --item FILE --policy FILE")
        };
        return Ok(Subject::Item { item: item.ok_or_else(missing)?, proof: what.clone() });
    }
    let mut name = what.clone().into_os_string();
    name.push(format!(".{PROOF_ENDING}"));
    let beside = [PathBuf::from(name), what.with_extension(PROOF_ENDING)].into_iter().find(|path| path.is_file());
    match beside {
        Some(proof) => Ok(Subject::Item { item: what.clone(), proof }),
        None if start.starts_with(ZIP) => Ok(Subject::Volume(what.clone())),
        None => Err(Failure::message(Kind::Failed, format!("{} has no proof beside it", what.display()))
            .hint("an item is verified with its proof, a file of the same name ending in .tlog-proof")),
    }
}

/// Reads a file of at most so many bytes.
fn read(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| unreadable(path, error))?;
    file.take(bytes_max + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, error))?;
    if bytes.len() as u64 > bytes_max { Err(unreadable(path, "it is too long")) } else { Ok(bytes) }
}

fn policy(path: &Path) -> Result<Policy, Failure> {
    Policy::parse(&read(path, POLICY_BYTES_MAX as u64)?).map_err(|error| unreadable(path, error))
}

fn tree(public: &Path, args: &Verify, threads: NonZero<usize>) -> Result<(), Failure> {
    let own = public.join("policy");
    let is_own = args.policy.is_none();
    if is_own && !own.is_file() {
        return Err(Failure::message(Kind::Failed, format!("{} holds no policy", public.display()))
            .hint("give the policy of the log with --policy FILE; best from another place than the tree"));
    }
    let policy = policy(args.policy.as_deref().unwrap_or(&own))?;
    let options = VerifyOptions { now: Some(clock::now()), threads, ..VerifyOptions::default() };
    let verdict = verify_tree(public, &policy, &options, &mut |_| ControlFlow::Continue(()))
        .map_err(|error| Failure::new(Kind::Failed, error))?;
    if args.json {
        let mut value = serde_json::to_value(&verdict).expect("names and numbers always serialise");
        value["what"] = json!("tree");
        value["verified"] = json!(verdict.is_verified());
        value["policy_is_own"] = json!(is_own);
        print_line(&value.to_string());
    } else {
        tell_tree(public, &verdict, is_own);
    }
    if verdict.is_verified() {
        return Ok(());
    }
    Err(not_verified(&match verdict.finding_count {
        1 => format!("one thing is wrong in {}", public.display()),
        count => format!("{} things are wrong in {}", HumanCount(count), public.display()),
    }))
}

fn tell_tree(public: &Path, verdict: &TreeVerdict, is_own: bool) {
    for finding in &verdict.findings {
        print_line(&format!("wrong  {finding}"));
    }
    let listed = verdict.findings.len() as u64;
    if verdict.finding_count > listed {
        print_line(&format!("wrong  {} more", HumanCount(verdict.finding_count - listed)));
    }
    let Some(log) = &verdict.log else {
        print_line(
            "The log could not be checked. Items were compared with their own openings alone, which proves little.",
        );
        return;
    };
    if verdict.is_verified() {
        print_line(&format!("Verified: {}", public.display()));
    }
    let entries = HumanCount(log.size);
    print_line(&format!("  log         {}, {entries} entries", log.origin.as_str().escape_debug()));
    if !verdict.editors.is_empty() {
        let of = verdict.editors.len();
        print_line(&format!("  editors     {} of {of} sign: {}", verdict.threshold, names(&verdict.editors)));
    }
    print_line(&format!(
        "  items       {} in {} releases and {} volumes ({})",
        HumanCount(verdict.item_count),
        verdict.release_count,
        verdict.volume_count,
        HumanBytes(verdict.size_bytes)
    ));
    if verdict.withdrawn_count > 0 {
        print_line(&format!("  withdrawn   {}: content unavailable, log intact", HumanCount(verdict.withdrawn_count)));
    }
    tell_witnesses(&verdict.witnesses, verdict.freshness);
    if verdict.passed_over > 0 {
        let count = HumanCount(verdict.passed_over);
        print_line(&format!("  passed over {count} entries of the log that mean nothing"));
    }
    if verdict.unknown_statements > 0 {
        let count = HumanCount(verdict.unknown_statements);
        print_line(&format!("  not read    {count} statements that only a newer version understands"));
    }
    if is_own {
        print_line("  policy      the tree's own: it shows that the tree agrees with itself. To know that it is the");
        print_line("              right one, get the policy by another way and give it with --policy.");
    }
    if !verdict.rewritten.is_empty() {
        print_line(&format!("  not proved  the READMEs of {}, rewritten since", verdict.rewritten.join(", ")));
    }
    if !verdict.unproved.is_empty() {
        print_line(&format!("  not proved  {}: the log does not cover it", verdict.unproved.join(", ")));
    }
}

/// Names of keys, which strangers chose, safe to print.
fn names(names: &[String]) -> String {
    names.iter().map(|name| name.escape_debug().to_string()).collect::<Vec<_>>().join(", ")
}

fn tell_witnesses(witnesses: &[Witness], freshness: Freshness) {
    let who = names(&witnesses.iter().map(|witness| witness.name.clone()).collect::<Vec<_>>());
    let latest = witnesses.iter().map(|witness| witness.cosigned_at).max();
    let at = latest.map(|at| Instant(at).to_rfc3339()).unwrap_or_default();
    print_line(&match freshness {
        Freshness::Fresh => format!("  witnesses   {who}; fresh, seen at {at}"),
        Freshness::Stale => {
            format!("  witnesses   {who}; STALE, last seen at {at}: there may be a newer state")
        }
        Freshness::Unknown => {
            "  witnesses   none: nobody else says that this is the only and the latest state".to_owned()
        }
    });
}

fn volume(path: &Path, args: &Verify, threads: NonZero<usize>) -> Result<(), Failure> {
    let verdict: VolumeVerdict = verify_volume(path, threads, &mut |_| ControlFlow::Continue(()))
        .map_err(|error| Failure::new(Kind::Failed, error))?;
    if args.json {
        let mut value = serde_json::to_value(&verdict).expect("names and numbers always serialise");
        value["what"] = json!("volume");
        // A volume alone is never verified: nothing says who made it.
        value["verified"] = json!(false);
        value["consistent"] = json!(verdict.is_consistent());
        print_line(&value.to_string());
    } else {
        for finding in &verdict.findings {
            print_line(&format!("wrong  {finding}"));
        }
        let (count, bytes) = (HumanCount(verdict.item_count), HumanBytes(verdict.size_bytes));
        print_line(&format!("  items       {count} are what their openings say ({bytes})"));
        print_line("  not proved  who released them: a volume alone is tied to no log. Verify the tree it is from.");
    }
    if verdict.is_consistent() {
        return Ok(());
    }
    Err(not_verified(&format!("{} things are wrong in {}", HumanCount(verdict.finding_count), path.display())))
}

fn single(item: &Path, proof: &Path, args: &Verify) -> Result<(), Failure> {
    let Some(policy_path) = &args.policy else {
        return Err(Failure::message(
            Kind::Usage,
            "a proof is checked against the policy of its log: give --policy FILE",
        )
        .hint("the policy is at the address of the archive, /policy; best from another place than the proof"));
    };
    let policy = policy(policy_path)?;
    let (bytes, proof_bytes) = (read(item, ITEM_BYTES_MAX)?, read(proof, ITEM_PROOF_BYTES_MAX as u64)?);
    match verify_item(&bytes, &proof_bytes, &policy, Some(clock::now())) {
        Ok(verdict) => {
            tell_item(item, &verdict, args.json);
            Ok(())
        }
        Err(error) => {
            if args.json {
                print_line(&json!({"what": "item", "verified": false, "reason": error.to_string()}).to_string());
            }
            Err(not_verified(&format!("{}: {error}", item.display())))
        }
    }
}

fn tell_item(item: &Path, verdict: &ItemVerdict, json: bool) {
    if json {
        let value = json!({
            "what": "item", "verified": true, "origin": verdict.origin, "log_size": verdict.log_size,
            "leaf": verdict.leaf, "collection": verdict.collection, "tranche": verdict.tranche,
            "number": verdict.number, "sha256": verdict.opening.content.to_string(),
            "size_bytes": verdict.opening.size_bytes, "type": verdict.opening.media_type,
            "published_at": verdict.published_at.to_rfc3339(), "editors": verdict.editors,
            "witnesses": verdict.witnesses, "freshness": verdict.freshness,
        });
        print_line(&value.to_string());
        return;
    }
    let ItemVerdict { collection, number, tranche, origin, .. } = verdict;
    print_line(&format!("Verified: {} is item {number} of {collection}", item.display()));
    print_line(&format!("  released    with tranche {tranche} on {}", verdict.published_at.to_rfc3339()));
    print_line(&format!("  editors     {}", names(&verdict.editors)));
    let (leaf, size) = (verdict.leaf, HumanCount(verdict.log_size));
    print_line(&format!("  log         {}, leaf {leaf} of {size} entries", origin.escape_debug()));
    tell_witnesses(&verdict.witnesses, verdict.freshness);
    print_line("  not proved  that it was not withdrawn since, and that what it says is true");
}
