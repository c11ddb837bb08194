use super::*;

fn check_form(text: &str, form: Form, expected: &[(BlockKind, &str)]) {
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        let mut blocks = Vec::new();
        split(&text, form, &mut blocks);
        let found: Vec<_> = blocks.iter().map(|block| (block.kind, block.text.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }
}

fn check(text: &str, expected: &[(BlockKind, &str)]) {
    check_form(text, Form::Fixed, expected);
}

use BlockKind::{Attribution, Forwarded, Own, Quoted, Signature};

#[test]
fn quotes_and_answers_alternate() {
    check(
        "On Mon, 1 Jan 2001, Ann wrote:\n> one\n> > two\n>> three\n\nmine\n\n> four\nlast\n",
        &[
            (Attribution, "On Mon, 1 Jan 2001, Ann wrote:"),
            (Quoted(1), "one"),
            (Quoted(2), "two\nthree"),
            (Own, "mine"),
            (Quoted(1), "four"),
            (Own, "last"),
        ],
    );
}

#[test]
fn signatures_run_to_the_end_or_to_a_quote() {
    check("hi\n\n-- \nAnn\nExample Ltd\n", &[(Own, "hi"), (Signature, "-- \nAnn\nExample Ltd")]);
    check("hi\n-- \nAnn\n> quoted\n", &[(Own, "hi"), (Signature, "-- \nAnn"), (Quoted(1), "quoted")]);
}

#[test]
fn attributions_in_many_languages() {
    for line in [
        "On 1 Jan 2001, at 10:00, Ann Example <ann@example.org> wrote:",
        "Le lun. 1 janv. 2001 à 10:00, Ann <ann@example.org> a écrit :",
        "Am 01.01.2001 um 10:00 schrieb Ann Example:",
        "El 1 ene 2001, a las 10:00, Ann <ann@example.org> escribió:",
        "1 Ocak 2001 10:00 tarihinde Ann <ann@example.org> yazdı:",
        "2001-01-01 10:00 GMT+08:00 Ann <ann@example.org>写道：",
        "في 1 يناير 2001، كتب ann@example.org:",
        "Ann Example wrote:",
    ] {
        check(&format!("mine\n\n{line}\n\n> theirs\n"), &[(Own, "mine"), (Attribution, line), (Quoted(1), "theirs")]);
    }
    check(
        "mine\n\nOn Mon, Jan 1, 2001 at 10:00 AM Ann Example\n<ann@example.org> wrote:\n\n> theirs\n",
        &[
            (Own, "mine"),
            (Attribution, "On Mon, Jan 1, 2001 at 10:00 AM Ann Example\n<ann@example.org> wrote:"),
            (Quoted(1), "theirs"),
        ],
    );
    check("I wrote:\nnothing\n", &[(Own, "I wrote:\nnothing")]);
    check("Three things, see below:\n\none\n", &[(Own, "Three things, see below:\n\none")]);
}

#[test]
fn inline_forwards_are_kept_whole() {
    let forward = "-----Original Message-----\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\n> text\n-- \nAnn";
    check(&format!("see below\n\n{forward}\n"), &[(Own, "see below"), (Forwarded, forward)]);
    let forward =
        "---------------------- Forwarded by Ann/HOU/ECT on 01/02/2001 10:00 AM ---------------------------\n\n\ntext";
    check(&format!("{forward}\n"), &[(Forwarded, forward)]);
    let forward = "________________________________\nFrom: Ann\nSent: Monday\nTo: Bob\nSubject: x\n\ntext";
    check(
        &format!("see\n\n{forward}"),
        &[(Own, "see\n\n________________________________"), (Forwarded, &forward[33..])],
    );
}

#[test]
fn header_runs_need_more_than_one_field() {
    let run = "\"Ann\" <ann@example.org> on 03/29/2001 08:31:25 AM\nTo: bob@example.org\ncc: \nSubject: x\n\ntext";
    check(&format!("mine\n\n{run}\n"), &[(Own, "mine"), (Forwarded, run)]);
    let run = "Von: Ann\nGesendet: Montag\nAn: Bob\nBetreff: x\n\ntext";
    check(&format!("mein\n\n{run}\n"), &[(Own, "mein"), (Forwarded, run)]);
    check("To: those who care\nhello\n", &[(Own, "To: those who care\nhello")]);
}

#[test]
fn flowed_lines_are_joined() {
    let form = Form::Flowed { deletes_space: false };
    check_form(
        "one \ntwo\n stuffed\n> a \n> b\n-- \nAnn\n",
        form,
        &[(Own, "one two\nstuffed"), (Quoted(1), "a b"), (Signature, "-- \nAnn")],
    );
    check_form("ab \ncd\n", Form::Flowed { deletes_space: true }, &[(Own, "abcd")]);
}

#[test]
fn control_characters_go_and_nothing_else() {
    check("a\0b\x1b[1mc\tD\n", &[(Own, "ab[1mc\tD")]);
    check("\n\n \n", &[]);
}
