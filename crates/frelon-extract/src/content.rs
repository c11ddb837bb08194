//! One file of a source, and what is nested in it: content to items, by what it is.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek as _, SeekFrom};
use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

use frelon_model::Place;
use frelon_model::limits::{CONTAINER_DEPTH_MAX, ITEM_BYTES_MAX};

use crate::bomb::{BombError, Budget};
use crate::kind::{self, Kind};
use crate::limit::{EMLX_TAIL_BYTES_MAX, FAILURE_BYTES_MAX, HEAD_BYTES, INNER_PATH_BYTES_MAX};
use crate::mailbox::MailboxEnd;
use crate::walk::shown;
use crate::{Failure, Form, Position, Progress, RawItem, Reason, Sink};

/// Media type of mail (RFC 2046 section 5.2.1).
const MESSAGE: &str = "message/rfc822";

/// Extraction of one file of a source.
pub(crate) struct Extraction<'a> {
    sink: &'a mut dyn Sink,
    progress: &'a Progress,
    pub(crate) spool_dir: Option<&'a Path>,
    source: u32,
    raw_path: Arc<[u8]>,
    shown_path: String,
    pub(crate) budget: Budget,
    /// Rows about reading so far: a container must not report again what its entry did.
    pub(crate) read_failures: u64,
    /// Bytes of progress when this file was begun.
    progress_start: u64,
}

/// Where content lies inside a file: nothing for the file itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct At {
    /// Path inside the containers, one step per container.
    pub(crate) inner: String,
    /// Containers around it.
    pub(crate) depth: usize,
}

impl At {
    /// An entry of the container at this place.
    pub(crate) fn entry(&self, name: &[u8]) -> Self {
        let mut inner = self.inner.clone();
        if !inner.is_empty() {
            inner.push_str(" > ");
        }
        inner.push_str(&shown(name));
        if inner.len() > INNER_PATH_BYTES_MAX {
            let end = (0..=INNER_PATH_BYTES_MAX).rev().find(|&at| inner.is_char_boundary(at)).unwrap_or(0);
            inner.truncate(end);
        }
        Self { inner, depth: self.depth + 1 }
    }

    /// The name of the file or entry itself, without folders and containers.
    fn name<'n>(&'n self, file: &'n str) -> &'n str {
        let path = if self.inner.is_empty() { file } else { self.inner.rsplit(" > ").next().unwrap_or_default() };
        path.rsplit('/').next().unwrap_or_default()
    }
}

/// Content to tell apart and read, from its first byte.
pub(crate) enum Input<'r> {
    /// A file on disk, rewound.
    File(File),
    /// An entry of a container: the bytes looked at already, then the rest.
    Stream(&'r mut dyn Read),
}

impl Input<'_> {
    /// All of it, to be kept with a failure; nothing where it cannot be read or is too much.
    fn read_whole(self) -> Vec<u8> {
        match self {
            Self::File(mut file) => read_whole(&mut file),
            Self::Stream(reader) => read_whole(reader),
        }
    }
}

/// As [`Input::read_whole`].
pub(crate) fn read_whole(reader: &mut dyn Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    match reader.take(FAILURE_BYTES_MAX + 1).read_to_end(&mut bytes) {
        Ok(length) if length as u64 <= FAILURE_BYTES_MAX => bytes,
        _ => Vec::new(),
    }
}

impl<'a> Extraction<'a> {
    pub(crate) fn new(
        sink: &'a mut dyn Sink,
        progress: &'a Progress,
        spool_dir: Option<&'a Path>,
        source: u32,
        relative: &Path,
        size_bytes: u64,
    ) -> Self {
        let raw = relative.as_os_str().as_bytes();
        Self {
            sink,
            progress,
            spool_dir,
            source,
            raw_path: Arc::from(raw),
            shown_path: shown(raw),
            budget: Budget::new(size_bytes),
            read_failures: 0,
            progress_start: progress.bytes_done(),
        }
    }

    /// Extracts the file itself, from `start` where it is a mailbox.
    pub(crate) fn file(&mut self, mut file: File, size_bytes: u64, start: u64) -> ControlFlow<()> {
        let at = At::default();
        let mut head = Vec::new();
        let peeked = (&mut file).take(HEAD_BYTES as u64).read_to_end(&mut head).and_then(|_| file.rewind());
        if let Err(error) = peeked {
            return self.read_failed(&at, 0, &error);
        }
        if kind::sniff(&head) == Kind::Mbox {
            let start = if start < size_bytes { start } else { 0 };
            return self.mailbox_file(file, &head, start);
        }
        self.content(&at, &head, Input::File(file))
    }

    /// Extracts an entry of a container.
    pub(crate) fn stream(&mut self, at: &At, reader: &mut dyn Read) -> ControlFlow<()> {
        let mut head = Vec::new();
        if let Err(error) = (&mut *reader).take(HEAD_BYTES as u64).read_to_end(&mut head) {
            // What was read before the error may be whole mail; the error comes again at its end.
            if head.is_empty() {
                return self.read_failed(at, 0, &error);
            }
            let mut rest = Cursor::new(&head).chain(Failing(Some(error)));
            return self.content(at, &head, Input::Stream(&mut rest));
        }
        let mut whole = Cursor::new(&head).chain(reader);
        self.content(at, &head, Input::Stream(&mut whole))
    }

    fn content(&mut self, at: &At, head: &[u8], input: Input<'_>) -> ControlFlow<()> {
        if head.is_empty() {
            return match kind::is_bookkeeping(at.name(&self.shown_path)) {
                true => self.bookkeeping(at),
                false => self.fail(at, 0, Reason::Empty, "an empty file; nothing to take in"),
            };
        }
        let kind = kind::sniff(head);
        let container = matches!(kind, Kind::Zip | Kind::Tar | Kind::Gzip);
        if container && at.depth >= CONTAINER_DEPTH_MAX {
            let message = format!(
                "containers are nested more than {CONTAINER_DEPTH_MAX} deep here; unpack it and take in the folder"
            );
            return self.fail(at, 0, Reason::TooDeep, &message);
        }
        match (kind, input) {
            (Kind::Mbox, Input::File(file)) => self.mailbox_file(file, head, 0),
            (Kind::Mbox, Input::Stream(reader)) => self.mailbox(at, reader, 0, head).map_continue(|_| ()),
            (Kind::Message, Input::File(mut file)) => self.message(at, &mut file),
            (Kind::Message, Input::Stream(reader)) => self.message(at, reader),
            (Kind::Emlx, Input::File(mut file)) => self.emlx(at, &mut file),
            (Kind::Emlx, Input::Stream(reader)) => self.emlx(at, reader),
            (Kind::Zip, Input::File(file)) => self.zip(at, &file),
            (Kind::Zip, Input::Stream(reader)) => self.spooled_zip(at, reader),
            (Kind::Tar, Input::File(mut file)) => self.tar(at, &mut file),
            (Kind::Tar, Input::Stream(reader)) => self.tar(at, reader),
            (Kind::Gzip, Input::File(mut file)) => self.gzip(at, &mut file),
            (Kind::Gzip, Input::Stream(reader)) => self.gzip(at, reader),
            (Kind::Unsupported(what, advice), input) => {
                let message = format!("{what}, which this version does not open; {advice}");
                self.fail_raw(at, Reason::Unsupported, &message, input.read_whole())
            }
            (Kind::Other(what), input) => self.not_mail(at, what, || input.read_whole()),
        }
    }

    /// The note on a mail program's own file.
    fn bookkeeping(&mut self, at: &At) -> ControlFlow<()> {
        self.fail(at, 0, Reason::Bookkeeping, "a mail program's own file, no mail in it; nothing to do")
    }

    /// The row for content that is no mail; `raw` is asked for its bytes only where they are kept.
    pub(crate) fn not_mail(&mut self, at: &At, what: &str, raw: impl FnOnce() -> Vec<u8>) -> ControlFlow<()> {
        if kind::is_bookkeeping(at.name(&self.shown_path)) {
            return self.bookkeeping(at);
        }
        let message = format!("not mail ({what}); kept out: this version takes in mail only");
        self.fail_raw(at, Reason::NotMail, &message, raw())
    }

    fn message(&mut self, at: &At, reader: &mut dyn Read) -> ControlFlow<()> {
        let mut bytes = Vec::new();
        let read = reader.take(ITEM_BYTES_MAX + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > ITEM_BYTES_MAX {
            return self.too_large(at, 0, Position::FINISHED);
        }
        let form = Form { kind: "file", ..Form::default() };
        match read {
            Ok(_) => self.item(at, 0, &bytes, form, Position::FINISHED),
            Err(error) => self.partial(at, &bytes, form, &error),
        }
    }

    /// Part of a message whose rest cannot be read: taken, since it is all there is, and noted.
    fn partial(&mut self, at: &At, bytes: &[u8], form: Form<'_>, error: &io::Error) -> ControlFlow<()> {
        if BombError::is_in(error) || bytes.is_empty() {
            return self.read_failed(at, 0, error);
        }
        self.read_failures += 1;
        let message = format!("the message breaks off here ({error}); taken as far as it goes");
        self.fail_next(at, bytes.len() as u64, Reason::CutShort, &message, 0)?;
        self.item(at, 0, bytes, form, Position::FINISHED)
    }

    fn emlx(&mut self, at: &At, reader: &mut dyn Read) -> ControlFlow<()> {
        let mut bytes = Vec::new();
        let limit = ITEM_BYTES_MAX + EMLX_TAIL_BYTES_MAX as u64;
        let read = reader.take(limit + 1).read_to_end(&mut bytes);
        let Some((count, rest)) = kind::emlx_count(&bytes) else {
            // The head said otherwise a moment ago: the file is changing under us.
            return self.fail(at, 0, Reason::Vanished, "it changed while it was read; run again");
        };
        let start = bytes.len() - rest.len();
        if count > ITEM_BYTES_MAX || bytes.len() as u64 > limit {
            return self.too_large(at, start as u64, Position::FINISHED);
        }
        let count = usize::try_from(count).expect("below the limit of an item");
        let message = &rest[..count.min(rest.len())];
        let tail = &rest[message.len()..];
        let form = Form { kind: "emlx", head: &bytes[..start], tail: &tail[..tail.len().min(EMLX_TAIL_BYTES_MAX)] };
        let cut = match read {
            Err(error) => {
                self.read_failures += 1;
                Some(format!("the message breaks off here ({error}); taken as far as it goes"))
            }
            Ok(_) if rest.len() < count => Some(format!(
                "its first line says {count} bytes, but {} follow; taken as far as it goes: look for a whole copy",
                rest.len()
            )),
            Ok(_) => None,
        };
        if let Some(text) = cut {
            self.fail_next(at, bytes.len() as u64, Reason::CutShort, &text, 0)?;
        }
        self.item(at, start as u64, message, form, Position::FINISHED)
    }

    fn mailbox_file(&mut self, mut file: File, head: &[u8], start: u64) -> ControlFlow<()> {
        let at = At::default();
        for start in [start, 0] {
            if let Err(error) = file.seek(SeekFrom::Start(start)) {
                return self.read_failed(&at, 0, &error);
            }
            if self.mailbox(&at, &mut file, start, head)? == MailboxEnd::Reached {
                break;
            }
        }
        ControlFlow::Continue(())
    }

    /// Hands an item over. `next` is the offset in the file on disk from which to go on.
    pub(crate) fn item(
        &mut self,
        at: &At,
        offset_bytes: u64,
        bytes: &[u8],
        form: Form<'_>,
        next: u64,
    ) -> ControlFlow<()> {
        let place = Place { file: self.shown_path.clone(), inner: at.inner.clone(), offset_bytes };
        let next = self.position(at, next);
        self.sink.item(RawItem { source: self.source, place: &place, bytes, media_type: MESSAGE, form, next: &next })
    }

    /// Hands a failure or note over.
    pub(crate) fn fail(&mut self, at: &At, offset_bytes: u64, reason: Reason, message: &str) -> ControlFlow<()> {
        self.fail_next(at, offset_bytes, reason, message, Position::FINISHED)
    }

    /// As [`Extraction::fail`], with where to go on.
    pub(crate) fn fail_next(
        &mut self,
        at: &At,
        offset_bytes: u64,
        reason: Reason,
        message: &str,
        next: u64,
    ) -> ControlFlow<()> {
        self.report(at, offset_bytes, reason, message, Vec::new(), next)
    }

    /// As [`Extraction::fail`] for something whole, with its bytes.
    fn fail_raw(&mut self, at: &At, reason: Reason, message: &str, raw: Vec<u8>) -> ControlFlow<()> {
        self.report(at, 0, reason, message, raw, Position::FINISHED)
    }

    /// Hands a row over.
    pub(crate) fn report(
        &mut self,
        at: &At,
        offset_bytes: u64,
        reason: Reason,
        message: &str,
        raw: Vec<u8>,
        next: u64,
    ) -> ControlFlow<()> {
        let place = Place { file: self.shown_path.clone(), inner: at.inner.clone(), offset_bytes };
        let next = self.position(at, next);
        self.sink.failure(Failure { source: self.source, place, reason, message: message.to_owned(), raw, next })
    }

    pub(crate) fn too_large(&mut self, at: &At, offset_bytes: u64, next: u64) -> ControlFlow<()> {
        let message = format!(
            "a message of more than {} MiB; left out: take it in by itself after splitting off its attachments",
            ITEM_BYTES_MAX >> 20
        );
        self.fail_next(at, offset_bytes, Reason::TooLarge, &message, next)
    }

    /// The row for an error while reading, with the reason it stands for.
    pub(crate) fn read_failed(&mut self, at: &At, offset_bytes: u64, error: &io::Error) -> ControlFlow<()> {
        self.read_failures += 1;
        if BombError::is_in(error) {
            let message = "it inflates beyond every measure (a bomb); left out from here on: unpack it yourself, with care, if it is genuine";
            return self.fail(at, offset_bytes, Reason::Bomb, message);
        }
        if at.depth > 0 {
            let message =
                format!("the container is damaged or breaks off here ({error}); look for a whole copy and run again");
            return self.fail(at, offset_bytes, Reason::ContainerDamaged, &message);
        }
        let message = format!("cannot be read any further: {error}; check the disk, then run again");
        self.fail(at, offset_bytes, Reason::Unreadable, &message)
    }

    pub(crate) fn progress(&self, bytes: u64) {
        self.progress.set_done(self.progress_start + bytes);
    }

    /// Inside containers an interrupted run starts with the file again.
    fn position(&self, at: &At, next: u64) -> Position {
        let offset_bytes = if at.depth == 0 { next } else { 0 };
        Position { source: self.source, file: Arc::clone(&self.raw_path), offset_bytes }
    }
}

/// A reader that gives one error.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
