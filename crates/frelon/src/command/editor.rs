//! `frelon editor`: keys of editors, drafts and their signatures, and changes of the editors.

use std::{
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
};

use frelon_desk::{DeskError, EditorsRequest, key};
use frelon_durable::Disk;
use frelon_log::Verifier;
use zeroize::Zeroizing;

use super::{
    press::{self, Opening, random},
    reindex,
};
use crate::{
    cli::{Editor, EditorApprove, EditorChange, EditorList, EditorNew, EditorSign},
    failure::{Failure, Kind},
    passphrase,
    progress::{Progress, eprint_line, print_line},
    publication::Publication,
};

pub(crate) fn run(args: &Editor) -> Result<(), Failure> {
    match args {
        Editor::New(args) => new(args),
        Editor::Sign(args) => sign(args),
        Editor::Approve(args) => approve(args),
        Editor::List(args) => list(args),
        Editor::Change(args) => change(args),
    }
}

fn new(args: &EditorNew) -> Result<(), Failure> {
    let path = args.out.clone().unwrap_or_else(|| {
        let plain = |letter: char| if letter.is_ascii_alphanumeric() || letter == '.' { letter } else { '-' };
        PathBuf::from(format!("{}.key", args.name.chars().map(plain).collect::<String>()))
    });
    let passphrase = passphrase::to_lock(&args.unlock)?;
    let mut seed = Zeroizing::new([0; 32]);
    random(&mut *seed).map_err(DeskError::Random)?;
    let made = key::make(&args.name, &seed).map_err(DeskError::from)?;
    key::write(&Disk::new(), &path, &made, passphrase.as_ref()).map_err(DeskError::from)?;
    eprint_line(&format!("the private key is in {}: keep it to yourself, and keep a copy", path.display()));
    if passphrase.is_none() {
        eprint_line("whoever gets this file can sign: --passphrase would lock it");
    }
    eprint_line("the public key, for `frelon editor change --editor`:");
    print_line(&made.verifier().to_string());
    Ok(())
}

fn sign(args: &EditorSign) -> Result<(), Failure> {
    let passphrase = if key::is_locked(&args.key).map_err(DeskError::from)? {
        passphrase::to_unlock(args.passphrase_file.as_deref(), &args.key.display().to_string())?
    } else {
        None
    };
    let signer = key::read(&args.key, passphrase.as_ref()).map_err(DeskError::from)?;
    if !args.yes && !io::stdin().is_terminal() {
        return Err(Failure::message(Kind::Usage, "there is no terminal to ask at, so nothing was signed")
            .hint("read the draft, then add --yes"));
    }
    let name = signer.verifier().name().to_string();
    let signed = frelon_desk::sign(&Disk::new(), &args.draft, &signer, |says| {
        print_line(says.trim_end());
        args.yes || asked(&format!("Sign this as {name}? [yes/no] "))
    })?;
    if !signed {
        return Err(Failure::message(Kind::Input, "nothing was signed"));
    }
    print_line(&format!("signed as {name}: {}", args.draft.display()));
    Ok(())
}

/// Asks; only `yes` is a yes.
fn asked(question: &str) -> bool {
    let mut out = io::stderr();
    let mut answer = String::new();
    let is_asked = out.write_all(question.as_bytes()).and_then(|()| out.flush()).is_ok();
    is_asked && io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

fn approve(args: &EditorApprove) -> Result<(), Failure> {
    let publication = Publication::existing(&args.into)?;
    let draft = frelon_desk::load_draft(&args.draft)?;
    let opening = Opening::new(&publication, &args.signing)?;
    let stated = opening.with(&publication, |press| Ok(press.approve(&draft)?))?;
    if publication.public().join("manifest.json").is_file() {
        reindex::reindex(&publication, true, &mut Progress::new(&args.output))?;
    }
    press::stated(&publication, &stated, "enough editors have signed: it is logged and in effect")
}

fn list(args: &EditorList) -> Result<(), Failure> {
    let publication = Publication::existing(&args.place.dir)?;
    let standing = frelon_desk::standing(publication.root())?;
    if args.json {
        let editors =
            |root: &frelon_public::statement::Root| root.editors.iter().map(ToString::to_string).collect::<Vec<_>>();
        let drafts: Vec<_> = standing
            .drafts
            .iter()
            .map(|draft| {
                serde_json::json!({
                    "id": draft.waiting.id.to_string(), "path": draft.waiting.path.display().to_string(),
                    "missing": draft.waiting.missing, "signed": draft.signed, "says": draft.says,
                })
            })
            .collect();
        let line = serde_json::json!({
            "log": standing.log.as_ref().map(ToString::to_string),
            "version": standing.root.as_ref().map(|root| root.version),
            "threshold": standing.root.as_ref().map(|root| root.threshold),
            "editors": standing.root.as_ref().map(editors), "drafts": drafts,
        });
        print_line(&line.to_string());
        return Ok(());
    }
    let Some(root) = &standing.root else {
        print_line("nothing was stated yet: the first release names this publication's own editor");
        return Ok(());
    };
    print_line(&format!(
        "a statement takes {} of {} editors (version {}):",
        root.threshold,
        root.editors.len(),
        root.version
    ));
    root.editors.iter().for_each(|editor| print_line(&format!("  {editor}")));
    print_line(&format!("witnesses: {}", root.witnesses.len()));
    root.witnesses.iter().for_each(|witness| print_line(&format!("  {witness}")));
    print_line(&format!("log: {}", root.log));
    for draft in &standing.drafts {
        print_line("");
        print_line(&format!("waiting for {} more: {}", draft.waiting.missing, draft.waiting.path.display()));
        let signed = if draft.signed.is_empty() { "nobody yet".to_owned() } else { draft.signed.join(", ") };
        print_line(&format!("  signed by {signed}"));
        draft.says.lines().for_each(|line| print_line(&format!("  {line}")));
    }
    Ok(())
}

fn change(args: &EditorChange) -> Result<(), Failure> {
    let publication = Publication::existing(&args.into)?;
    let some = |keys: &[String]| if keys.is_empty() { Ok(None) } else { parsed(keys).map(Some) };
    let request = EditorsRequest {
        editors: parsed(&args.editors)?,
        threshold: args.threshold,
        witnesses: some(&args.witnesses)?,
        custodians: (!args.custodians.is_empty()).then(|| args.custodians.clone()),
    };
    let opening = Opening::new(&publication, &args.signing)?;
    let stated = opening.with(&publication, |press| Ok(press.change_editors(request)?))?;
    press::stated(&publication, &stated, "the editors have changed")
}

fn parsed(keys: &[String]) -> Result<Vec<Verifier>, Failure> {
    let parse = |text: &String| {
        text.parse().map_err(|error| {
            Failure::message(Kind::Usage, format!("`{text}` is no public key: {error}"))
                .hint("give the line that `frelon editor new` printed, in quotes")
        })
    };
    keys.iter().map(parse).collect()
}
