//! Lifts, parking, lunch, laboratory slips, water turns, page proofs, newsletters, spam: short threads of daily life.

use super::{FIRST, LAST, later, present, spin, working_moment};
use crate::demo::cast::{Person, person};
use crate::demo::clock::{self, Moment, Zone};
use crate::demo::draft::{Draft, Form};
use crate::demo::html;
use crate::demo::rng::Dice;
use crate::demo::script;

struct Scene<'a> {
    from: &'static Person,
    to: Vec<&'static Person>,
    subject: &'a str,
    times: usize,
    option: &'a str,
    /// First and last day on which it can happen.
    window: (i64, i64),
    text: &'a str,
    answers: Vec<(&'static Person, &'a str)>,
}

fn scenes() -> Vec<Scene<'static>> {
    let mut scenes: Vec<Scene<'static>> = Vec::new();
    for line in include_str!("../story/daily.txt").lines() {
        if let Some(head) = line.strip_prefix("# ") {
            // Choices in a subject use the same bar, so the fields are cut only outside braces.
            let fields = fields(head);
            let field = |place: usize| fields.get(place).copied().unwrap_or_default();
            let (from, to) = field(0).split_once('>').unwrap_or_default();
            scenes.push(Scene {
                from: person(from.trim()),
                to: to.split(',').map(|name| person(name.trim())).collect(),
                subject: field(1),
                times: field(2).parse().unwrap_or(1),
                option: field(3),
                window: window(field(4)),
                text: "",
                answers: Vec::new(),
            });
        } else if let Some(scene) = scenes.last_mut() {
            if let Some((name, text)) = line.strip_prefix("~ ").and_then(|answer| answer.split_once(": ")) {
                scene.answers.push((person(name), text));
            } else if !line.is_empty() {
                scene.text = line;
            }
        }
    }
    scenes
}

/// `2017-07-16..2018-03-01` as numbers of days; all of the story when there is no window.
fn window(text: &str) -> (i64, i64) {
    let day = |date: &str| clock::parse(&format!("{date} 00:00"), Zone::Utc).map(|moment| moment.unix / clock::DAY);
    text.split_once("..")
        .and_then(|(first, last)| Some((day(first)?, day(last)?)))
        .unwrap_or((clock::days(FIRST.0, FIRST.1, FIRST.2), clock::days(LAST.0, LAST.1, LAST.2)))
}

/// A working moment at which everybody concerned is there; after some throws any will do.
fn moment(dice: &mut Dice, scene: &Scene<'_>) -> Moment {
    const THROWS: usize = 40;
    let (first, last) = scene.window;
    let mut sent = working_moment(dice, scene.from.zone, first, last);
    for _ in 0..THROWS {
        if present(scene.from, sent) && scene.to.iter().all(|person| present(person, sent)) {
            break;
        }
        sent = working_moment(dice, scene.from.zone, first, last);
    }
    sent
}

fn fields(head: &str) -> Vec<&str> {
    let (mut depth, mut start, mut fields) = (0, 0, Vec::new());
    for (place, c) in head.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            '|' if depth == 0 => {
                fields.push(head[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    fields.push(head[start..].trim());
    fields
}

pub(super) fn compose(seed: u64) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (number, scene) in scenes().iter().enumerate() {
        for time in 0..scene.times {
            let key = format!("daily-{number:02}-{time}");
            let mut dice = Dice::named(seed, &key);
            let sent = moment(&mut dice, scene);
            let subject = spin::read(&mut dice, scene.subject);
            let body = spin::read(&mut dice, scene.text);
            let mut draft = Draft::new(key.clone(), scene.from, scene.to.clone(), sent).subject(subject).body(body);
            draft.source = script::place(&draft);
            decorate(&mut draft, scene.option, &mut dice);
            let source = draft.source;
            drafts.push(draft);
            let mut at = sent;
            for (place, (author, answer)) in scene.answers.iter().enumerate() {
                // Not everybody answers every time, but the first mostly does.
                if !dice.chance(if place == 0 { 80 } else { 60 }) {
                    continue;
                }
                let when = later(&mut dice, at);
                if !present(author, when) {
                    continue;
                }
                at = when;
                let text = spin::read(&mut dice, answer);
                let mut reply = Draft::new(format!("{key}-{place}"), author, vec![scene.from], author.zone.view(at))
                    .body(text)
                    .answering(key.clone());
                reply.quotes_below = true;
                reply.source = source;
                drafts.push(reply);
            }
        }
    }
    drafts
}

fn decorate(draft: &mut Draft, option: &str, dice: &mut Dice) {
    match option {
        "html" => draft.form = Form::Html,
        "newsletter" => {
            draft.form = Form::Html;
            draft.html = Some(newsletter(draft));
            draft.fields.push(("List-Unsubscribe", "<https://hydraulic-gazette.example/leave>".to_string()));
            draft.fields.push(("Precedence", "bulk".to_string()));
        }
        "spam" => {
            draft.form = Form::Html;
            draft.html = Some(tracker(draft, dice));
            draft.fields.push(("X-Spam-Flag", "YES".to_string()));
            draft.fields.push(("X-Spam-Score", format!("{}.{}", dice.between(7, 19), dice.below(10))));
        }
        _ => {}
    }
}

/// A page as newsletters send it: tables, colours, a picture from far away that a reader must not load.
fn newsletter(draft: &Draft) -> String {
    format!(
        "<html><head><style>td {{ font-family: Georgia, serif; }}</style></head><body bgcolor=\"#eef2f4\">\n<table width=\"600\" align=\"center\" bgcolor=\"#ffffff\" cellpadding=\"16\"><tr><td>\n<img src=\"https://images.hydraulic-gazette.example/mast.png\" width=\"568\" height=\"80\" alt=\"The Hydraulic Gazette\">\n<h1 style=\"color: #1f4e6b\">{}</h1>\n<p>{}</p>\n<p><a href=\"https://hydraulic-gazette.example/read\">Read on the web</a> | <a href=\"https://hydraulic-gazette.example/leave\">Leave us</a></p>\n</td></tr></table>\n<img src=\"https://images.hydraulic-gazette.example/open.gif?u=77\" width=\"1\" height=\"1\" alt=\"\">\n</body></html>\n",
        html::escape(&draft.subject),
        html::escape(&draft.body)
    )
}

/// Spam, with all that a sanitiser has to take out.
fn tracker(draft: &Draft, dice: &mut Dice) -> String {
    format!(
        "<html><body onload=\"window.open('https://count.invalid/{}')\">\n<script>document.location='https://count.invalid/go'</script>\n<center><font size=\"7\" color=\"red\">{}</font></center>\n<p>{}</p>\n<form action=\"https://count.invalid/card\"><input name=\"card\"><input type=\"submit\" value=\"OK\"></form>\n<a href=\"javascript:alert(1)\">&gt;&gt;&gt;</a>\n<img src=\"https://count.invalid/{}.gif\" width=\"1\" height=\"1\">\n</body></html>\n",
        dice.hex(8),
        html::escape(&draft.subject),
        html::escape(&draft.body),
        dice.hex(12)
    )
}
