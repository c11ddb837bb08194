//! The list's digests: every other month, what was said, as multipart/digest would have it, here in one text.

use crate::demo::cast::person;
use crate::demo::clock::{DAY, Zone};
use crate::demo::draft::{Draft, Form, Source};
use crate::demo::rng::Dice;

/// Messages whole in one digest; the list's software sent one when so many had come.
const PER_DIGEST: usize = 14;
/// Digests in the archive: only the first were kept.
const DIGESTS: usize = 9;

pub(super) fn compose(seed: u64, drafts: &[Draft]) -> Vec<Draft> {
    let mut listed: Vec<&Draft> =
        drafts.iter().filter(|draft| draft.source == Source::List && draft.from.key != "owner").collect();
    listed.sort_by(|a, b| (a.sent.unix, &a.key).cmp(&(b.sent.unix, &b.key)));
    let mut digests = Vec::new();
    for (number, issue) in listed.chunks(PER_DIGEST).take(DIGESTS).enumerate() {
        let Some(last) = issue.last() else { continue };
        let mut dice = Dice::named(seed, &format!("digest {number}"));
        let sent = Zone::Kessara.view(last.sent.plus(dice.between(600, DAY / 2)));
        let mut body =
            String::from("Send ouvane mailing list submissions to ouvane@lists.ouvane.example\n\nToday's topics:\n\n");
        for (place, draft) in issue.iter().enumerate() {
            let title = title(draft, drafts);
            body.push_str(&format!("   {:2}. {title} ({})\n", place + 1, draft.from.name));
        }
        body.push_str("\n----------------------------------------------------------------------\n");
        let mut draft = Draft::new(format!("digest-{number}"), person("owner"), vec![person("list")], sent)
            .subject(format!("ouvane Digest, Vol {}, Issue {}", 14 + number / 3, number + 1))
            .body(body)
            .form(Form::Plain)
            .in_source(Source::List)
            .unsigned();
        // The latest few come whole.
        draft.enclosed = issue.iter().rev().take(3).rev().map(|draft| draft.key.clone()).collect();
        digests.push(draft);
    }
    digests
}

/// A message's subject: its own, or that of the message which began the thread.
fn title(draft: &Draft, drafts: &[Draft]) -> String {
    let mut root = draft;
    while root.subject.is_empty() {
        let Some(parent) = drafts.iter().find(|candidate| root.parent.as_ref() == Some(&candidate.key)) else { break };
        root = parent;
    }
    if draft.subject.is_empty() { format!("Re: {}", root.subject) } else { root.subject.clone() }
}
