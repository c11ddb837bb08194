//! `/<collection>/<n>`: one message, what surrounds it, and how to check it.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use frelon_index::{Archive, CollectionRecord, ItemRecord, ReadError, ThreadRecord};
use frelon_mail::{Message, PartRole, dkim::Authentication};
use frelon_model::{Address, ItemKey, ItemNumber, ProblemKind};

use super::{
    attachment::{Risk, risk_of},
    body::{Piece, pieces},
    row::When,
    shell::{Reader, Shell, page, site_title},
    signature::Signatures,
    standing::StateLine,
    thread::Tree,
};
use crate::{
    fault::Fault,
    link, path,
    standing::Standing,
    state::Site,
    text::{machine_time, percent_encode},
};

/// Addresses shown of a field before the rest is folded away.
const ADDRESSES_SHOWN: usize = 6;
/// Header fields listed in full; the raw message has all.
const FIELDS_MAX: usize = 400;

/// A person in a header field.
struct Who {
    name: String,
    address: String,
    /// Their page, if they have one.
    href: Option<String>,
}

/// A header field of people.
struct PeopleField {
    label: String,
    first: Vec<Who>,
    rest: Vec<Who>,
}

/// A part a reader can take.
struct PartLine {
    href: String,
    name: String,
    media_type: String,
    size: String,
    risk: Option<Risk>,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    s: Shell,
    collection: String,
    number: u64,
    subject: String,
    people: Vec<PeopleField>,
    /// The date as claimed, in the claimed zone.
    sent: Option<When>,
    sent_impossible: bool,
    received: Option<When>,
    list: Option<(String, String)>,
    fields: Vec<(String, String)>,
    pieces: Vec<Piece>,
    has_html: bool,
    parts: Vec<PartLine>,
    problems: Vec<(String, String)>,
    /// What its signatures prove; `None` for what is no mail.
    signatures: Option<Signatures>,
    /// Whether the tree has a key archive.
    has_keys: bool,
    tree: Option<Tree>,
    previous: Option<u64>,
    next: Option<u64>,
    content: String,
    size: String,
    size_bytes: u64,
    volume: Option<String>,
    /// Its place in the log, in words.
    leaf: String,
    state: StateLine,
    proof: String,
    entry: String,
    release: (String, String),
    published: When,
    permalink: String,
    citation: String,
}

/// What the page is made from.
pub(crate) struct Data {
    /// Its collection.
    pub(crate) record: CollectionRecord,
    /// The item.
    pub(crate) item: ItemRecord,
    /// Its message, read from the published bytes.
    pub(crate) message: Message,
    /// What its signatures prove; `None` for what is no mail.
    pub(crate) authentication: Option<Authentication>,
    /// Whether the tree has a key archive.
    pub(crate) has_keys: bool,
    /// The thread around it.
    pub(crate) thread: Option<ThreadRecord>,
    /// The items before and after it.
    pub(crate) neighbours: (Option<ItemNumber>, Option<ItemNumber>),
    /// Path of its volume in the public tree.
    pub(crate) volume: Option<String>,
}

impl Data {
    /// Reads all that the page of an item shows; `None` when there is no such item.
    pub(crate) fn read(archive: &Archive, key: &ItemKey) -> Result<Option<Self>, ReadError> {
        let (Some(item), Some(record)) = (archive.item(key)?, archive.collection(&key.collection)) else {
            return Ok(None);
        };
        let Some(raw) = archive.raw(key)? else { return Ok(None) };
        let message = frelon_mail::parse(&raw);
        let authentication = item.dkim.map(|_| archive.authenticate(&raw, message.received_at)).transpose()?;
        let thread = archive.thread(key)?;
        let neighbours = archive.neighbours(key)?;
        let stream = archive.stream(key)?;
        let releases = archive.releases();
        let volumes = releases.iter().filter(|one| one.collection == key.collection).flat_map(|one| &one.volumes);
        let volume = stream.and_then(|stream| {
            let mut volumes = volumes.map(|volume| &volume.path);
            volumes.find(|path| stream.volume.ends_with(path)).cloned()
        });
        let has_keys = archive.has_keys();
        Ok(Some(Self { record, item, message, authentication, has_keys, thread, neighbours, volume }))
    }
}

/// `GET /{collection}/{number}`
pub(crate) async fn show(
    State(site): State<Arc<Site>>,
    Path((collection, number)): Path<(String, String)>,
    reader: Reader,
) -> Result<Response, Fault> {
    let key = path::item_key(&collection, &number)?;
    let data = site.read(move |archive| Data::read(archive, &key)).await?.ok_or(Fault::NotFound)?;
    let shell = Shell::new(reader.clone(), site_title(&site, reader.words), String::new());
    let template = view(shell, &site.standing(), data);
    page(&site, &template.s, &template)
}

fn view(s: Shell, standing: &Standing, data: Data) -> ItemPage {
    let Data { record, item, message, authentication, has_keys, thread, neighbours, volume } = data;
    let id = record.id.as_str();
    let number = item.key.number;
    let label = format!("{} {number}", s.t("number-sign"));
    let mut s = s.within(&record.id, &record.title, &[(&number.to_string(), &label)]);
    let subject = if item.subject.is_empty() { s.t("no-subject").to_owned() } else { item.subject.clone() };
    s.title = format!("{subject} · {label}");
    s.feed = thread.as_ref().map(|thread| format!("/{id}/{}/thread.atom", thread.thread));
    let (previous, next) = neighbours;
    s.previous = previous.map(|number| s.href(format!("/{id}/{number}")));
    s.next = next.map(|number| s.href(format!("/{id}/{number}")));
    let path = format!("/{id}/{number}");
    let permalink = s.absolute(&path);
    let parts = message.attachments().map(|(index, part)| part_line(&s, &path, index, part)).collect();
    let list = item.list_id.as_ref().map(|list| {
        let query = super::person::clause("list", list);
        (list.clone(), format!("/search?q={}&c={id}", percent_encode(&query)))
    });
    let release = (format!("/{id}/release/{}", item.tranche), s.n("release-number", item.tranche.0));
    let tree = thread.as_ref().filter(|thread| thread.nodes.len() > 1).map(|thread| Tree::near(&s, id, thread, number));
    let extension = if item.media_type == "message/rfc822" { "eml" } else { "*" };
    let place = [("leaf", item.leaf.to_string().into()), ("size", standing.size.to_string().into())];
    let fields =
        message.fields.iter().take(FIELDS_MAX).map(|field| (field.name.clone(), field.value.clone())).collect();
    ItemPage {
        people: people_fields(&s, id, &message),
        sent: message.sent.map(|sent| When { machine: machine_time(sent), words: s.zoned(sent) }),
        sent_impossible: item.problems.iter().any(|problem| problem.kind == ProblemKind::DateImpossible),
        received: item.received_at.map(|at| When::moment(&s, at)),
        list,
        fields,
        pieces: pieces(&s, &message.body),
        has_html: message.html_part.is_some(),
        parts,
        problems: problems(&s, &item),
        signatures: authentication.map(|found| Signatures::of(&s, &found)),
        has_keys,
        tree,
        previous: previous.map(|number| number.0),
        next: next.map(|number| number.0),
        content: item.content.to_string(),
        size: s.size(item.size_bytes),
        size_bytes: item.size_bytes,
        volume,
        leaf: s.with("proof-leaf-of", place),
        state: StateLine::of(&s, standing),
        proof: link::proof(&item.key),
        entry: format!("items/{number}.{extension}"),
        release,
        published: When::day(&s, item.published_at),
        citation: citation(&s, &record, &item, &subject, &permalink),
        permalink,
        collection: id.to_owned(),
        number: number.0,
        subject,
        s,
    }
}

fn people_fields(s: &Shell, id: &str, message: &Message) -> Vec<PeopleField> {
    let from_key = message.from.first().map(Address::key);
    let sender: Vec<Address> = message.sender.iter().filter(|sender| Some(sender.key()) != from_key).cloned().collect();
    let reply: Vec<Address> = message.reply_to.iter().filter(|reply| Some(reply.key()) != from_key).cloned().collect();
    let all = [
        ("field-from", &message.from),
        ("field-sender", &sender),
        ("field-to", &message.to),
        ("field-cc", &message.cc),
        ("field-bcc", &message.bcc),
        ("field-reply-to", &reply),
    ];
    // Who only carried a message, or is named for replies, is not counted among its people.
    let counted = |label: &str| !matches!(label, "field-sender" | "field-reply-to");
    let who = |address: &Address, counted: bool| Who {
        name: address.label().to_owned(),
        address: if address.name.is_empty() { String::new() } else { address.email.clone() },
        href: counted.then(|| format!("/{id}/people/{}", percent_encode(&address.key()))),
    };
    let field = |(label, addresses): (&str, &Vec<Address>)| {
        let known = addresses.iter().filter(|one| !one.label().is_empty());
        let mut first: Vec<Who> = known.map(|one| who(one, counted(label))).collect();
        // One name more is shorter than the words that would hide it.
        let rest = if first.len() > ADDRESSES_SHOWN + 1 { first.split_off(ADDRESSES_SHOWN) } else { Vec::new() };
        PeopleField { label: s.t(label).to_owned(), first, rest }
    };
    all.into_iter().map(field).filter(|field| !field.first.is_empty()).collect()
}

fn part_line(s: &Shell, path: &str, index: usize, part: &frelon_mail::Part) -> PartLine {
    let unnamed = if part.role == PartRole::Message { "part-message" } else { "part-unnamed" };
    let name = part.name.clone().filter(|name| !name.is_empty()).unwrap_or_else(|| s.t(unnamed).to_owned());
    // The last segment names the download; it must not be empty, nor climb.
    let segment = part.name.as_deref().filter(|name| !matches!(*name, "" | "." | "..")).unwrap_or("part");
    PartLine {
        href: format!("{path}/part/{index}/{}", percent_encode(segment)),
        media_type: part.media_type.clone(),
        size: s.size(part.size_bytes),
        risk: risk_of(&name, &part.media_type),
        name,
    }
}

fn problems(s: &Shell, item: &ItemRecord) -> Vec<(String, String)> {
    let words = |problem: &frelon_model::Problem| {
        let key = format!("problem-{}", problem.kind.code());
        (s.t(&key).to_owned(), problem.detail.clone())
    };
    item.problems.iter().map(words).collect()
}

fn citation(s: &Shell, record: &CollectionRecord, item: &ItemRecord, subject: &str, permalink: &str) -> String {
    let from = item.from.as_ref().map_or_else(|| s.t("no-sender"), Address::label).to_owned();
    let date = item.sent.map_or_else(|| s.t("undated").to_owned(), |sent| s.civil_date(sent.civil().date()));
    s.with(
        "citation",
        [
            ("from", from.into()),
            ("subject", subject.to_owned().into()),
            ("date", date.into()),
            ("collection", record.title.clone().into()),
            ("number", item.key.number.to_string().into()),
            ("link", permalink.to_owned().into()),
            ("hash", item.content.to_string().into()),
        ],
    )
}
