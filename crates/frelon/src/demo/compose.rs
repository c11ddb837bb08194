//! Drafts to letters: header fields in the order of the author's mail program, bodies, parts, Message-IDs, References.

use std::collections::BTreeMap;

use super::attachment::Attachment;
use super::cast::{Client, LIST, Language, Person};
use super::charset::{self, Charset, Transfer};
use super::clock::{Moment, Zone};
use super::draft::{Draft, Form, Link, Source};
use super::html;
use super::quote::{self, Quotable};
use super::rng::Dice;

/// A composed message.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    pub(super) key: String,
    pub(super) source: Source,
    pub(super) sent: Moment,
    /// The sender of the mbox separator.
    pub(super) envelope: String,
    /// The whole message, lines ended by LF.
    pub(super) bytes: Vec<u8>,
}

/// What later messages need of an earlier one.
struct Known {
    message_id: String,
    references: Vec<String>,
    quotable: Quotable,
    letter: usize,
}

/// One MIME entity: its own fields and its encoded content.
struct Entity {
    fields: Vec<String>,
    content: Vec<u8>,
}

/// Composes all drafts, by date. Ids and boundaries come from the seed too, so that the bytes never differ.
///
/// # Panics
/// When an answer was sent before what it answers; the tests compose the whole archive.
pub(super) fn letters(seed: u64, mut drafts: Vec<Draft>) -> Vec<Letter> {
    drafts.sort_by(|a, b| (a.sent.unix, &a.key).cmp(&(b.sent.unix, &b.key)));
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut letters: Vec<Letter> = Vec::with_capacity(drafts.len());
    for mut draft in drafts {
        let mut dice = Dice::named(seed, &draft.key);
        for key in std::mem::take(&mut draft.enclosed) {
            let enclosed = known.get(&key).map(|known| (&letters[known.letter], &known.quotable.subject));
            let (letter, subject) = enclosed.unwrap_or_else(|| panic!("{} encloses {key}, not written yet", draft.key));
            draft.attachments.push(Attachment::message(subject, letter.bytes.clone()));
        }
        let parent = draft.parent.as_ref().map(|key| {
            known.get(key).unwrap_or_else(|| panic!("{} answers {key}, which is not written yet", draft.key))
        });
        if let Some(parent) = parent
            && draft.subject.is_empty()
        {
            draft.subject = reply_subject(draft.from, &parent.quotable.subject);
        }
        if draft.to.iter().chain(&draft.cc).any(|person| person.is_list()) && !draft.subject.contains("[ouvane]") {
            draft.subject = listed_subject(&draft.subject);
        }
        let (references, in_reply_to) = threading(&draft, parent, seed);
        let message_id = message_id(draft.from, draft.sent, &mut dice);
        let text = full_text(&draft, parent.map(|parent| &parent.quotable));
        let body = entity(&draft, &text, &mut dice);
        let head = head(&draft, &message_id, &references, in_reply_to.as_deref(), &mut dice);
        let mut bytes = Vec::with_capacity(body.content.len() + 2_048);
        for line in head.iter().chain(&body.fields) {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        bytes.push(b'\n');
        bytes.extend_from_slice(&body.content);
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let quotable = Quotable {
            author: draft.from,
            to: draft.to.clone(),
            sent: draft.sent,
            subject: draft.subject.clone(),
            text,
        };
        known.insert(draft.key.clone(), Known { message_id, references, quotable, letter: letters.len() });
        let envelope = if draft.source == Source::List {
            "ouvane-bounces@lists.ouvane.example".to_string()
        } else {
            draft.from.address.to_string()
        };
        letters.push(Letter { key: draft.key, source: draft.source, sent: draft.sent, envelope, bytes });
    }
    letters
}

fn reply_subject(author: &Person, subject: &str) -> String {
    let known = ["Re: ", "RE: ", "Re : ", "RE : ", "Ynt: ", "رد: "];
    if known.iter().any(|prefix| subject.starts_with(prefix)) {
        return subject.to_string();
    }
    let prefix = match (author.client, author.language) {
        (Client::Office, Language::French) => "RE : ",
        (Client::Office, Language::Turkish) => "Ynt: ",
        (Client::Office, _) => "RE: ",
        (Client::Webmail, Language::Turkish) => "Ynt: ",
        (Client::Webmail, Language::Arabic) => "رد: ",
        _ => "Re: ",
    };
    format!("{prefix}{subject}")
}

/// The list's software puts its mark after an answer's "Re:".
fn listed_subject(subject: &str) -> String {
    format!("[ouvane] {subject}")
}

fn threading(draft: &Draft, parent: Option<&Known>, seed: u64) -> (Vec<String>, Option<String>) {
    match (&draft.link, parent) {
        (Link::SubjectOnly, _) => (Vec::new(), None),
        (Link::Ghost(name), parent) => {
            let mut dice = Dice::named(seed, name);
            let ghost = format!("{}@lost.ouvane.example", dice.hex(16));
            let mut references = parent.map(|known| known.references.clone()).unwrap_or_default();
            references.extend(parent.map(|known| known.message_id.clone()));
            references.push(ghost.clone());
            (references, Some(ghost))
        }
        (Link::Fields, Some(known)) => {
            let mut references = known.references.clone();
            references.push(known.message_id.clone());
            (references, Some(known.message_id.clone()))
        }
        (Link::Fields, None) => (Vec::new(), None),
    }
}

fn message_id(author: &Person, sent: Moment, dice: &mut Dice) -> String {
    let domain = author.domain();
    let c = sent.civil();
    match author.client {
        Client::Office => format!("{}$01d2$0{}$@{domain}", dice.hex(12), dice.hex(7)),
        Client::Desktop => {
            format!("{}-{}-4{}-a{}-{}@{domain}", dice.hex(8), dice.hex(4), dice.hex(3), dice.hex(3), dice.hex(12))
        }
        Client::Webmail => format!("CAK{}+{}@mail.{domain}", dice.hex(14), dice.hex(18)),
        Client::Terminal => {
            format!(
                "{:04}{:02}{:02}{:02}{:02}{:02}.GA{}@{domain}",
                c.year,
                c.month,
                c.day,
                c.hour,
                c.minute,
                c.second,
                dice.between(900, 31_000)
            )
        }
        Client::Phone => {
            format!("{}-{}-4{}-B{}-{}@{domain}", dice.hex(8), dice.hex(4), dice.hex(3), dice.hex(3), dice.hex(12))
                .to_uppercase()
        }
        Client::Robot => format!("{}.{}@{domain}", sent.unix, dice.hex(10)),
    }
}

/// The body as it is read: own words, signature, and what is repeated of the parent.
fn full_text(draft: &Draft, parent: Option<&Quotable>) -> String {
    let mut text = String::new();
    let inline = draft.body.lines().any(|line| line.starts_with("> "));
    if let (true, Some(parent)) = (inline, parent) {
        text.push_str(&quote::attribution(draft.from, parent));
        text.push_str("\n\n");
    }
    text.push_str(&draft.body);
    text.push('\n');
    if draft.signed && !draft.from.signature.is_empty() {
        let ruled = matches!(draft.from.client, Client::Desktop | Client::Terminal) && !draft.quotes_below;
        text.push_str(if ruled { "\n-- \n" } else { "\n" });
        text.push_str(draft.from.signature);
        text.push('\n');
        if draft.from.domain() == "castor-thwaite.example" && draft.from.client == Client::Office {
            text.push_str("\nThis message is confidential and may be privileged. If you are not the intended recipient please delete it and tell the sender. Castor & Thwaite LLP accepts no liability for opinions expressed by e-mail.\n");
        }
    }
    if let (true, Some(parent)) = (draft.quotes_below, parent) {
        text.push('\n');
        text.push_str(&quote::below(draft.from, parent));
        text.push('\n');
    }
    if draft.source == Source::List && draft.from.client != Client::Robot {
        text.push_str("\n_______________________________________________\nouvane mailing list\nouvane@lists.ouvane.example\nhttps://lists.ouvane.example/info/ouvane\n");
    }
    text
}

fn entity(draft: &Draft, text: &str, dice: &mut Dice) -> Entity {
    let form = match draft.form {
        Form::Usual => match draft.from.client {
            Client::Office if dice.chance(12) => Form::Pictured,
            Client::Office if dice.chance(40) => Form::Html,
            Client::Webmail if dice.chance(40) => Form::Html,
            Client::Phone if dice.chance(15) => Form::Html,
            _ => Form::Plain,
        },
        form => form,
    };
    // Lists refuse HTML.
    let form = if draft.source == Source::List && draft.form == Form::Usual { Form::Plain } else { form };
    let plain = text_entity(draft, text, "plain");
    let mut body = match form {
        Form::Plain | Form::Usual => plain,
        Form::Html => multipart("alternative", vec![plain, html_entity(draft, text, None)], dice),
        Form::Pictured => {
            let picture = Attachment::logo(draft.from, dice);
            let id = picture.inline_id.clone().unwrap_or_default();
            let related =
                multipart("related", vec![html_entity(draft, text, Some(&id)), attached(&picture, draft)], dice);
            multipart("alternative", vec![plain, related], dice)
        }
    };
    if !draft.attachments.is_empty() {
        let mut parts = vec![body];
        parts.extend(draft.attachments.iter().map(|attachment| attached(attachment, draft)));
        // A bounce is a report (RFC 6522); its parts are the text, the status and the message that came back.
        let is_report = draft.attachments.iter().any(|attachment| attachment.media_type == "message/delivery-status");
        body = multipart(if is_report { "report" } else { "mixed" }, parts, dice);
        if is_report && let Some(content_type) = body.fields.first_mut() {
            content_type.push_str(";\n report-type=delivery-status");
        }
    }
    body
}

fn text_entity(draft: &Draft, text: &str, subtype: &str) -> Entity {
    let flowed = subtype == "plain" && matches!(draft.from.client, Client::Desktop | Client::Terminal);
    let long = subtype == "plain" && matches!(draft.from.client, Client::Office | Client::Webmail | Client::Phone);
    let laid_out = match subtype {
        "plain" if flowed => quote::flow(text),
        "plain" if !long => quote::fill(text),
        _ => text.to_string(),
    };
    let charset = draft.charset.unwrap_or(draft.from.charset);
    let (charset, bytes) = match charset.encode(&laid_out) {
        Some(bytes) => (charset, bytes),
        None => (Charset::Utf8, laid_out.as_bytes().to_vec()),
    };
    // RFC 5322 section 2.1.1: no line over 998 octets unless it is encoded.
    let lines_fit = bytes.split(|byte| *byte == b'\n').all(|line| line.len() <= 900);
    let transfer = draft.transfer.unwrap_or(match draft.from.client {
        _ if laid_out.is_ascii() && lines_fit => Transfer::SevenBit,
        Client::Desktop | Client::Terminal | Client::Robot if lines_fit => Transfer::EightBit,
        Client::Webmail if draft.language == Language::Arabic => Transfer::Base64,
        _ => Transfer::QuotedPrintable,
    });
    let charset_name = if laid_out.is_ascii() && charset == Charset::Utf8 { "us-ascii" } else { charset.name() };
    let mut content_type = format!("Content-Type: text/{subtype}; charset={charset_name}");
    if flowed {
        content_type.push_str("; format=flowed");
    }
    Entity {
        fields: vec![content_type, format!("Content-Transfer-Encoding: {}", transfer.name())],
        content: transfer.apply(&bytes),
    }
}

fn html_entity(draft: &Draft, text: &str, picture: Option<&str>) -> Entity {
    let markup = match &draft.html {
        Some(markup) => markup.clone(),
        None => html::page(draft, text, picture),
    };
    text_entity(draft, &markup, "html")
}

fn attached(attachment: &Attachment, draft: &Draft) -> Entity {
    let mut fields = Vec::new();
    let named = match draft.from.client {
        // What office suites do, though RFC 2047 section 5 forbids it.
        Client::Office => format!("name=\"{}\"", charset::header(&attachment.name, draft.from.charset, false)),
        _ => charset::parameter("name", &attachment.name),
    };
    fields.push(format!("Content-Type: {};\n {named}", attachment.media_type));
    let transfer = if attachment.media_type.starts_with("message/") {
        if attachment.content.is_ascii() { Transfer::SevenBit } else { Transfer::EightBit }
    } else {
        Transfer::Base64
    };
    fields.push(format!("Content-Transfer-Encoding: {}", transfer.name()));
    if let Some(id) = &attachment.inline_id {
        fields.push(format!("Content-ID: <{id}>"));
    }
    let disposition = if attachment.inline_id.is_some() { "inline" } else { "attachment" };
    let file_name = charset::parameter("filename", &attachment.name);
    fields.push(format!("Content-Disposition: {disposition};\n {file_name}"));
    Entity { fields, content: transfer.apply(&attachment.content) }
}

fn multipart(subtype: &str, parts: Vec<Entity>, dice: &mut Dice) -> Entity {
    let boundary = format!("=_{}_{}", subtype, dice.hex(16));
    let mut content = Vec::new();
    content.extend_from_slice(b"This is a multi-part message in MIME format.\n");
    for part in parts {
        content.extend_from_slice(format!("\n--{boundary}\n").as_bytes());
        for field in part.fields {
            content.extend_from_slice(field.as_bytes());
            content.push(b'\n');
        }
        content.push(b'\n');
        content.extend_from_slice(&part.content);
    }
    content.extend_from_slice(format!("\n--{boundary}--\n").as_bytes());
    Entity { fields: vec![format!("Content-Type: multipart/{subtype};\n boundary=\"{boundary}\"")], content }
}

fn head(
    draft: &Draft,
    message_id: &str,
    references: &[String],
    in_reply_to: Option<&str>,
    dice: &mut Dice,
) -> Vec<String> {
    let author = draft.from;
    let base = matches!(author.client, Client::Webmail | Client::Phone) || author.language == Language::Arabic;
    let charset = author.charset;
    let mailbox = |person: &Person| {
        if person.is_list() && author.client == Client::Terminal {
            return person.address.to_string();
        }
        format!("{} <{}>", charset::phrase(person.name, charset, base), person.address)
    };
    let mailboxes =
        |people: &[&'static Person]| people.iter().map(|person| mailbox(person)).collect::<Vec<_>>().join(",\n ");
    let from = format!("From: {}", mailbox(author));
    let to = format!(
        "To: {}",
        if draft.to.is_empty() { "undisclosed-recipients:;".to_string() } else { mailboxes(&draft.to) }
    );
    let cc = (!draft.cc.is_empty()).then(|| format!("Cc: {}", mailboxes(&draft.cc)));
    let subject = format!("Subject: {}", charset::header(&draft.subject, charset, base));
    let date = format!("Date: {}", draft.sent.rfc5322());
    let id = format!("Message-ID: <{message_id}>");
    let reply = in_reply_to.map(|id| format!("In-Reply-To: <{id}>"));
    let chain = (!references.is_empty()).then(|| {
        format!("References: {}", references.iter().map(|id| format!("<{id}>")).collect::<Vec<_>>().join("\n "))
    });
    let version = "MIME-Version: 1.0".to_string();
    let program = |name: &str, text: &str| Some(format!("{name}: {text}"));
    let mut fields = trace(draft, dice);
    let ordered: Vec<Option<String>> = match author.client {
        Client::Office => {
            let program = program("X-Mailer", "Quillmark Office Mail 12.0");
            let thread = Some(format!("Thread-Index: AdL{}==", dice.hex(20)));
            vec![
                Some(from),
                Some(to),
                cc,
                chain,
                reply,
                Some(subject),
                Some(date),
                Some(id),
                Some(version),
                program,
                thread,
            ]
        }
        Client::Desktop => {
            let program = program("User-Agent", "Cormorant/52.1 (X11; en-US)");
            let language = match author.language {
                Language::French => "fr",
                Language::Turkish => "tr",
                Language::Arabic => "ar",
                Language::English => "en-GB",
            };
            let language = Some(format!("Content-Language: {language}"));
            vec![
                Some(subject),
                Some(to),
                cc,
                chain,
                Some(from),
                Some(id),
                Some(date),
                program,
                Some(version),
                reply,
                language,
            ]
        }
        Client::Webmail => {
            vec![Some(version), reply, chain, Some(from), Some(date), Some(id), Some(subject), Some(to), cc]
        }
        Client::Terminal => {
            let program = program("User-Agent", "Pigeonhole/1.9.4 (2017-04-18)");
            vec![Some(date), Some(from), Some(to), cc, Some(subject), Some(id), chain, Some(version), reply, program]
        }
        Client::Phone => {
            let program = program("X-Mailer", "Plume Mobile (14G60)");
            vec![Some(from), Some(version), Some(subject), Some(date), Some(id), reply, chain, Some(to), cc, program]
        }
        Client::Robot => {
            vec![Some(date), Some(from), reply, chain, Some(to), cc, Some(id), Some(subject), Some(version)]
        }
    };
    fields.extend(ordered.into_iter().flatten());
    fields.extend(draft.fields.iter().map(|(name, value)| format!("{name}: {value}")));
    if draft.source == Source::List {
        fields.extend(list_fields());
    }
    fields
}

/// The hops a message took, newest first.
fn trace(draft: &Draft, dice: &mut Dice) -> Vec<String> {
    let host = match draft.source {
        Source::Commission => {
            format!("mx1.{}", draft.to.first().map_or("eaux.kessara.example", |person| person.domain()))
        }
        Source::List => "lists.ouvane.example".to_string(),
        Source::Translator => "mail.deuxrives.example".to_string(),
        Source::Newsroom => "courrier.lefanal.example".to_string(),
    };
    let arrived = Zone::Utc.view(draft.sent.plus(dice.between(2, 45)));
    let mut fields = Vec::new();
    if draft.source == Source::Translator {
        let from = draft.from.address;
        fields.push(format!("Return-Path: <{from}>"));
        fields.push("Delivered-To: salwa@deuxrives.example".to_string());
    }
    fields.push(format!(
        "Received: from mail.{} (mail.{} [192.0.2.{}])\n by {host} with ESMTPS id {};\n {}",
        draft.from.domain(),
        draft.from.domain(),
        dice.between(2, 250),
        dice.hex(10).to_uppercase(),
        arrived.rfc5322()
    ));
    fields
}

fn list_fields() -> Vec<String> {
    vec![
        "Sender: ouvane-bounces@lists.ouvane.example".to_string(),
        "Precedence: list".to_string(),
        "List-Id: The river Ouvane: its water, its dams, its people <ouvane.lists.ouvane.example>".to_string(),
        format!("List-Post: <mailto:{LIST}>"),
        "List-Archive: <https://lists.ouvane.example/archive/ouvane>".to_string(),
        "List-Unsubscribe: <mailto:ouvane-leave@lists.ouvane.example>".to_string(),
    ]
}
