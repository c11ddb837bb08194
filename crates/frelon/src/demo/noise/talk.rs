//! Discussions of the public list: each answer quotes a point somebody made and answers that very point.

use super::spin;
use crate::demo::cast::{Language, Person, person};
use crate::demo::clock::{self, DAY, Zone};
use crate::demo::draft::{Draft, Link};
use crate::demo::rng::Dice;

struct Topic<'a> {
    subject: &'a str,
    language: Language,
    regulars: Vec<&'static Person>,
    opening: &'a str,
    /// The day it begins, where the season matters.
    day: Option<i64>,
    points: Vec<Point<'a>>,
}

struct Point<'a> {
    claim: &'a str,
    answers: Vec<&'a str>,
}

/// What a regular adds when the matter itself is said.
const ASIDES: &[(&str, &[&str])] = &[
    (
        "mervyn",
        &[
            "(I have it in a notebook, if anybody doubts.)",
            "Sorry to be exact; it is a condition.",
            "In 1968 we'd have settled this with a stick.",
        ],
    ),
    (
        "piet",
        &[
            "Anyway. Glue is drying.",
            "I speak as a man with one wet boot.",
            "Come by the slip if you want to shout at me in person.",
        ],
    ),
    (
        "hollis",
        &["Back to the cows.", "That's me done, the light's going.", "No offence meant, and if taken there's soup."],
    ),
    (
        "samir",
        &[
            "Sent from the number 6 bus, forgive the spelling.",
            "My daughter says hello to the list.",
            "I'll ask my uncle, he knows everybody.",
        ],
    ),
    (
        "odile",
        &["Le robinet vous salue.", "Je retourne à mes confitures.", "C'était mon avis, il est garanti sans OGM."],
    ),
    ("claudine", &["La bibliothèque est ouverte jeudi jusqu'à 20 h.", "(Cote LOC 3 412, pour qui voudrait vérifier.)"]),
    ("gul", &["Herkese selam, çay koydum.", "Öptüm hepinizi, mısırlar dahil."]),
    ("ilyas", &["Vardiyadan yazıyorum, kısa oldu.", "Pazar görüşürüz."]),
    ("zeynep", &["Not: kaynakçayı isteyene gönderirim.", "Ölçmeden inanmayalım."]),
    ("rami", &["جدي يسلم عليكم.", "والله أعلم، ثم جدي."]),
    ("huda", &["دمتم بخير.", "ومن عنده رأي آخر فأهلا به."]),
    ("faris", &["والسلام.", "وعندنا شاي لمن مر بنا."]),
];

const GREETINGS_EN: [&str; 6] =
    ["Hello all,", "Good day all,", "Dear list,", "Friends,", "A question for the list,", "Neighbours,"];
const GREETINGS_FR: [&str; 4] = ["Bonjour la liste,", "Chers riverains,", "Chers tous,", "Bonjour à toutes et à tous,"];
const GREETINGS_TR: [&str; 4] = ["Merhaba,", "Selamlar,", "Değerli liste,", "Kolay gelsin,"];
const GREETINGS_AR: [&str; 3] = ["السلام عليكم،", "أهل القائمة الكرام،", "تحية طيبة،"];

fn topics() -> Vec<Topic<'static>> {
    let mut topics: Vec<Topic<'static>> = Vec::new();
    for line in include_str!("../story/talk.txt").lines() {
        let Some((mark, text)) = line.split_once(' ') else { continue };
        match (mark, topics.last_mut()) {
            ("#", _) => topics.push(Topic {
                subject: text,
                language: Language::English,
                regulars: Vec::new(),
                opening: "",
                day: None,
                points: Vec::new(),
            }),
            ("@", Some(topic)) => {
                let mut words = text.split(' ');
                topic.language = match words.next() {
                    Some("fr") => Language::French,
                    Some("tr") => Language::Turkish,
                    Some("ar") => Language::Arabic,
                    _ => Language::English,
                };
                topic.regulars = words.map(person).collect();
            }
            ("!", Some(topic)) => {
                topic.day = clock::parse(&format!("{text} 00:00"), Zone::Utc).map(|moment| moment.unix / DAY);
            }
            ("=", Some(topic)) => topic.opening = text,
            ("+", Some(topic)) => topic.points.push(Point { claim: text, answers: Vec::new() }),
            ("-", Some(topic)) => {
                if let Some(point) = topic.points.last_mut() {
                    point.answers.push(text);
                }
            }
            _ => {}
        }
    }
    topics
}

pub(super) fn compose(seed: u64) -> Vec<Draft> {
    let topics = topics();
    let mut drafts = Vec::new();
    let first = clock::days(2017, 1, 20);
    for (number, topic) in topics.iter().enumerate() {
        let mut dice = Dice::named(seed, &format!("talk {number}"));
        // Spread over the two years, each a little off its place.
        let place = first + (number as i64 * 32) % 680 + dice.between(0, 9);
        let day = topic.day.unwrap_or(place);
        thread(&mut dice, number, topic, day, &mut drafts);
    }
    drafts
}

fn thread(dice: &mut Dice, number: usize, topic: &Topic<'_>, day: i64, drafts: &mut Vec<Draft>) {
    let list = || vec![person("list")];
    let mut speaker = dice.below(topic.regulars.len());
    let author = topic.regulars[speaker];
    let mut sent = author.zone.at(day, dice.between(7 * 3_600, 21 * 3_600));
    let greeting = match topic.language {
        Language::English => *dice.pick(&GREETINGS_EN),
        Language::French => *dice.pick(&GREETINGS_FR),
        Language::Turkish => *dice.pick(&GREETINGS_TR),
        Language::Arabic => *dice.pick(&GREETINGS_AR),
    };
    let mut parent = format!("talk-{number:02}-0");
    let first_claim = topic.points.first().map_or("", |point| point.claim);
    let mut opener = Draft::new(parent.clone(), author, list(), sent)
        .subject(topic.subject)
        .body(format!("{greeting}\n\n{}\n\n{first_claim}", topic.opening));
    opener.language = topic.language;
    drafts.push(opener);
    for (step, point) in topic.points.iter().enumerate() {
        let claimant = speaker;
        let mut after = sent;
        let mut next = None;
        for (turn, answer) in point.answers.iter().enumerate() {
            // Somebody else answers, and not the same one twice.
            speaker = (claimant + 1 + (turn + step) % (topic.regulars.len() - 1)) % topic.regulars.len();
            let author = topic.regulars[speaker];
            let wait = dice.between(600, 5 * 3_600) + if dice.chance(25) { DAY } else { 0 };
            after = super::awake(dice, after.plus(wait));
            let carries_on = turn + 1 == point.answers.len();
            let claim = topic.points.get(step + 1).filter(|_| carries_on).map(|point| point.claim);
            let mut body = format!("> {}\n\n{}", quoted(point.claim), spin::read(dice, answer));
            if let Some(claim) = claim {
                body.push_str("\n\n");
                body.push_str(claim);
            }
            if dice.chance(38)
                && author.language == topic.language
                && let Some((_, asides)) = ASIDES.iter().find(|(key, _)| *key == author.key)
            {
                body.push_str("\n\n");
                let aside: &str = dice.pick::<&str>(asides);
                body.push_str(aside);
            }
            let key = format!("talk-{number:02}-{}-{turn}", step + 1);
            let mut draft = Draft::new(key.clone(), author, list(), author.zone.view(after))
                .body(body.trim_end())
                .answering(parent.clone());
            draft.language = topic.language;
            // One answer in fourteen loses its way: by subject alone, or to a message that nobody has.
            draft.link = match dice.below(28) {
                0 => {
                    draft.subject = format!("Re: [ouvane] {}", topic.subject);
                    Link::SubjectOnly
                }
                1 => Link::Ghost(format!("lost {number} {step}")),
                _ => Link::Fields,
            };
            drafts.push(draft);
            if carries_on {
                next = Some(key);
            }
        }
        sent = after;
        match next {
            Some(key) => parent = key,
            None => break,
        }
    }
}

/// A quotation as people trim it: one line of prose, marked on each line by the caller's wrapping.
fn quoted(claim: &str) -> String {
    const WIDTH: usize = 68;
    let mut lines = vec![String::new()];
    for word in claim.split(' ') {
        let width = lines.last().map_or(0, |line| line.chars().count());
        if width > 0 && width + word.chars().count() >= WIDTH {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.join("\n> ")
}
