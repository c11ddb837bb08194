use frelon_model::{CollectionId, Instant, MessageId};
use proptest::prelude::*;

use super::*;

/// The canonical form of a query, or the code of its error with the place it points at.
fn check(text: &str) -> String {
    match parse(text) {
        Ok(query) => print(&query),
        Err(error) => format!("{}: {}", error.kind.code(), &text[error.start..error.end]),
    }
}

#[track_caller]
fn expect(cases: &[(&str, &str)]) {
    for (text, canonical) in cases {
        assert_eq!(check(text), *canonical, "{text}");
    }
}

#[test]
fn operators() {
    expect(&[
        ("", "*"),
        ("  ", "*"),
        ("*", "*"),
        ("budget ann", "budget ann"),
        ("budget AND ann", "budget ann"),
        ("budget and ann or bob", "budget and ann or bob"),
        ("a b OR c d", "(a b) OR (c d)"),
        ("a (b OR c) -d", "a (b OR c) -d"),
        ("a NOT b", "a -b"),
        ("a AND NOT b", "a -b"),
        ("NOT NOT a", "a"),
        ("a ~OR, b", "a OR b"),
        ("a =OR OR~1 b", "a =OR OR~1 b"),
        ("a --b", "a b"),
        ("a - b", "a b"),
        ("-----Original Message-----", "Original Message"),
        ("((a))", "a"),
        ("a (b (c d))", "a b c d"),
        ("a OR (b OR c)", "a OR b OR c"),
        ("a -(b OR c)", "a -(b OR c)"),
        ("* -a", "* -a"),
        ("* (-a OR -b)", "* (-a OR -b)"),
        ("* a", "a"),
        ("a OR *", "*"),
        ("（a　OR b）c", "(a OR b) c"),
    ]);
}

#[test]
fn words_and_their_marks() {
    expect(&[
        ("budg*", "budg*"),
        ("budget~", "budget~1"),
        ("budget~2,", "budget~2"),
        ("=Budget", "=Budget"),
        ("budget~0", "=budget"),
        ("\"a  b\"", "\"a b\""),
        ("\"a b\"~5", "\"a b\"~5"),
        ("\"a b\"~", "\"a b\"~5"),
        ("“smart quotes”", "\"smart quotes\""),
        ("«guillemets»", "\"guillemets\""),
        ("„unten oben“", "\"unten oben\""),
        ("don't l'eau foo-bar", "don't l'eau foo-bar"),
        ("budget, (draft).", "budget draft"),
        ("C++ & R&D", "C R&D"),
        ("ann@example.org", "ann@example.org"),
        ("预算 ميزانية бюджет", "预算 ميزانية бюджет"),
        ("*.pdf", "pdf"),
    ]);
}

#[test]
fn colons_in_text_are_text() {
    expect(&[
        ("http://example.org/x", "http://example.org/x"),
        ("at 12:30", "at 12:30"),
        ("Re: budget", "Re budget"),
        ("Fwd:budget", "Fwd:budget"),
        ("note:this", "note:this"),
        ("std::vec", "std::vec"),
        ("mailto:ann@example.org", "mailto:ann@example.org"),
        ("form: letter", "form letter"),
    ]);
}

#[test]
fn fields() {
    expect(&[
        ("From:ann", "from:ann"),
        ("from：ann", "from:ann"),
        ("from: ann", "from:ann"),
        ("from:Ann@Example.ORG", "from:ann@example.org"),
        ("from:<ann@example.org>,", "from:ann@example.org"),
        ("from:@Example.org", "from:@example.org"),
        ("from:\"Ann B\"", "from:\"Ann B\""),
        ("from:(ann OR bob)", "from:ann OR from:bob"),
        ("from:(ann OR @example.org) x", "(from:ann OR from:@example.org) x"),
        ("-from:ann x", "-from:ann x"),
        ("from:(ann -subject:x)", "from:ann -subject:x"),
        ("from:ann*", "from:ann*"),
        ("subject:=Budget", "subject:=Budget"),
        ("subject:=\"a b\"", "subject:\"a b\""),
        ("subject:OR", "subject:OR"),
        ("subject:from:ann", "subject:from:ann"),
        ("attachment:report.pdf", "attachment:report.pdf"),
        ("filename:*.pdf", "attachment:pdf"),
        ("quoted:x body:y bcc:z cc:w to:v participant:u", "quoted:x body:y bcc:z cc:w to:v participant:u"),
        ("type:PDF", "type:pdf"),
        ("type:.pdf", "type:pdf"),
        ("type:image/*", "type:image/*"),
        ("has:attachments", "has:attachment"),
        ("list:<openbmc.lists.example>", "list:openbmc.lists.example"),
        ("list:\"Two  Words\"", "list:\"two words\""),
        ("id:<a.b$c@host>", "id:a.b$c@host"),
        ("id:\"<a(b)@host>\"", "id:\"a(b)@host\""),
        ("in:Lists-2019", "in:lists-2019"),
        ("lang:FR", "lang:fr"),
        ("lang:pt-BR", "lang:pt"),
        ("language:Français", "lang:fr"),
        ("thread:#17", "thread:17"),
    ]);
}

#[test]
fn numbers_and_sizes() {
    expect(&[
        ("number:5", "number:5"),
        ("number:5..9", "number:5..9"),
        ("number:>5", "number:6.."),
        ("number:>=5", "number:5.."),
        ("number:<5", "number:..4"),
        ("number:(5 OR 7)", "number:5 OR number:7"),
        ("release:2", "release:2"),
        ("recipients:>20", "recipients:21.."),
        ("size:>1mb", "size:>1mb"),
        ("size:>1MB", "size:>1mb"),
        ("size:<1.5mb", "size:<1500kb"),
        ("size:10kb..2mb", "size:10kb..2mb"),
        ("size:1mb", "size:1mb"),
        ("size:100", "size:100b"),
        ("size:>=1kib", "size:>=1024b"),
        ("size:(>1mb OR <1kb)", "size:>1mb OR size:<1kb"),
    ]);
    assert_eq!(parse("size:1.5mb"), Ok(Query::Clause(Clause::Size(Range { min: 1_500_000, max: 1_599_999 }))));
}

#[test]
fn dates() {
    expect(&[
        ("date:2016", "date:2016"),
        ("date:2016-10", "date:2016-10"),
        ("date:2016-10-07", "date:2016-10-07"),
        ("date:2016/10/7", "date:2016-10-07"),
        ("date:2016-10-01..2016-10-31", "date:2016-10"),
        ("date:2016..2017", "date:2016-01-01..2017-12-31"),
        ("date:2016-10..", "after:2016-10-01"),
        ("date:>2016", "after:2017-01-01"),
        ("date:..2016-02", "before:2016-03-01"),
        ("after:2016 before:2016-03", "after:2016-01-01 before:2016-03-01"),
        ("since:2016-12", "after:2016-12-01"),
    ]);
    let day = |year, month, day| Instant::from_date(year, month, day);
    let period = Period { from: day(2016, 10, 1), until: day(2016, 11, 1) };
    assert_eq!(parse("date:2016-10"), Ok(Query::Clause(Clause::Date(period))));
    assert!(period.contains(day(2016, 10, 31).expect("a day")));
    assert!(!period.contains(day(2016, 11, 1).expect("a day")));
}

#[test]
fn errors_point_at_the_place() {
    expect(&[
        ("a \"b c", "unclosed-quote: \"b c"),
        ("a (b c", "unclosed-parenthesis: (b c"),
        ("a) b", "unopened-parenthesis: )"),
        ("a () b", "empty-group: ()"),
        ("from:()", "empty-group: ()"),
        ("a OR", "dangling-operator: OR"),
        ("OR a", "dangling-operator: OR"),
        ("a AND OR b", "dangling-operator: AND"),
        ("a (b OR) c", "dangling-operator: OR"),
        ("a NOT", "dangling-operator: NOT"),
        ("-draft", "only-negations: -draft"),
        ("-a -b", "only-negations: -a -b"),
        ("!?", "no-words: !?"),
        ("\"--\"", "no-words: \"--\""),
        ("x form:ann", "unknown-field: form"),
        ("form:(ann)", "unknown-field: form"),
        ("a from:", "missing-value: from:"),
        ("from: OR b", "missing-value: from:"),
        ("from: subject:b", "missing-value: from:"),
        ("(from:) b", "missing-value: from:"),
        ("from:\"\" b", "missing-value: from:\"\""),
        ("date:soon", "bad-date: soon"),
        ("date:2015-02-29", "bad-date: 2015-02-29"),
        ("date:07/10/2016", "bad-date: 07/10/2016"),
        ("date:2017..2016", "empty-range: 2017..2016"),
        ("size:big", "bad-size: big"),
        ("size:>1tb", "bad-size: >1tb"),
        ("number:many", "bad-number: many"),
        ("number:9..5", "empty-range: 9..5"),
        ("number:99999999999999999999", "bad-number: 99999999999999999999"),
        ("lang:klingonish", "bad-language: klingonish"),
        ("has:wings", "bad-property: wings"),
        ("in:Säx", "bad-collection: Säx"),
        ("type:;x", "bad-type: ;x"),
        ("b*t", "misplaced-wildcard: b*t"),
        ("*get", "misplaced-wildcard: *get"),
        ("budget~3", "too-fuzzy: budget~3"),
        ("\"a b\"~1000", "too-far: \"a b\"~1000"),
    ]);
}

#[test]
fn limits_hold() {
    assert!(check(&"a".repeat(5_000)).starts_with("too-long"));
    assert!(check(&"a ".repeat(257)).starts_with("too-many-clauses"));
    assert_eq!(check(&"a ".repeat(256)), "a ".repeat(256).trim_end());
    assert!(check(&("(".repeat(33) + "a" + &")".repeat(33))).starts_with("too-deep"));
    assert_eq!(check(&("(".repeat(32) + "a" + &")".repeat(32))), "a");
    assert!(check(&"é".repeat(3_000)).starts_with("too-long"));
}

#[test]
fn errors_say_what_to_write() {
    let error = parse("budget form:ann").expect_err("a slip");
    assert_eq!(
        error.to_string(),
        "there is no field `form:`: write `from:`, or put a space after the colon to look for the words"
    );
    let json = serde_json::to_value(&error).expect("serialises");
    assert_eq!(
        json,
        serde_json::json!({"code": "unknown-field", "name": "form", "nearest": "from", "start": 7, "end": 11})
    );
}

#[test]
fn explanations_read_as_sentences() {
    for (text, words) in [
        ("", "all messages"),
        ("* -draft", "all messages except those that contain \"draft\" (any form)"),
        (
            "budget from:ann date:2016-10 -draft",
            "messages that contain \"budget\" (any form) and were sent by someone whose name or address contains \
             \"ann\" (any form) and are dated in October 2016, but not those that contain \"draft\" (any form)",
        ),
        (
            "subject:budg* (to:ann@example.org OR cc:@example.org)",
            "messages that have a word that starts with \"budg\" in the subject and (either were sent to \
             ann@example.org or were copied to an address at example.org)",
        ),
        ("size:>1mb recipients:>20", "messages that are larger than 1mb and have 21 or more recipients"),
        ("after:2016-10-07 lang:tr", "messages that are dated 7 October 2016 or later and are written in Turkish"),
        (
            "\"a b\"~3 x~",
            "messages that contain the words \"a b\" with at most 3 others between and contain a word like \"x\" (one letter may differ)",
        ),
    ] {
        let explanation = Explanation::of(&parse(text).expect("a good query"));
        assert_eq!(explanation.to_words(), words, "{text}");
    }
    assert_eq!(Explanation::default(), Explanation::of(&Query::All));
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zé0-9]{1,8}", "[a-z]{1,4}[-'.@/:&][A-Z]{1,4}", "[预算Ж]{1,3}"].prop_filter(
        "an unknown field is an error",
        |word| matches!(parse(word), Ok(Query::Clause(Clause::Text(_, Text::Word(same)))) if same == *word),
    )
}

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![
        word().prop_map(Text::Word),
        word().prop_map(Text::Exact),
        word().prop_map(Text::Prefix),
        (word(), 1..=2_u8).prop_map(|(word, edits)| Text::Fuzzy { word, edits }),
        "[a-z]{1,5}( [a-z()*~:-]{1,5}){0,3}".prop_map(Text::Phrase),
        ("[a-z]{1,5}( [a-z]{1,5}){0,3}", 0..=NEAR_WORDS_MAX)
            .prop_map(|(words, distance)| Text::Near { words, distance }),
    ]
}

fn range() -> impl Strategy<Value = Range> {
    let number = prop_oneof![0..30_u64, (0..40_u64).prop_map(|n| n * 500_000), any::<u64>(), Just(u64::MAX)];
    (number.clone(), number).prop_map(|(a, b)| Range { min: a.min(b), max: a.max(b) })
}

fn day() -> impl Strategy<Value = Instant> {
    (1900..2100_i16, 1..=12_i8, prop_oneof![Just(1_i8), 1..=28_i8])
        .prop_map(|(year, month, day)| Instant::from_date(year, month, day).expect("a day"))
}

fn clause_strategy() -> impl Strategy<Value = Clause> {
    let text_field = prop_oneof![
        Just(TextField::Any),
        Just(TextField::Subject),
        Just(TextField::Body),
        Just(TextField::Quoted),
        Just(TextField::Attachment)
    ];
    let address_field = prop_oneof![Just(AddressField::From), Just(AddressField::Cc), Just(AddressField::Participant)];
    let not_an_address = |text: &Text| !text.words().contains('@');
    let term = prop_oneof![
        "[a-z0-9][a-z0-9.+=_-]{0,6}@[a-z]{1,5}(\\.[a-z]{1,3}){0,2}".prop_map(AddressTerm::Exact),
        "[a-z]{1,5}(\\.[a-z]{1,3}){0,2}".prop_map(AddressTerm::Domain),
        text().prop_filter("would be an address", not_an_address).prop_map(AddressTerm::Text),
    ];
    let period = (day(), day(), 0..3).prop_map(|(a, b, open)| {
        let (from, until) = (a.min(b), Instant(a.max(b).0 + 86_400));
        Period { from: (open != 1).then_some(from), until: (open != 2).then_some(until) }
    });
    prop_oneof![
        4 => (text_field, text()).prop_map(|(field, text)| Clause::Text(field, text)),
        3 => (address_field, term).prop_map(|(field, term)| Clause::Address(field, term)),
        1 => "[a-z]{1,6}(/[a-z]{1,6})?".prop_map(Clause::Type),
        1 => prop_oneof![Just(Property::Attachment), Just(Property::Html), Just(Property::Problem), Just(Property::Date)].prop_map(Clause::Has),
        1 => "[a-z0-9]{1,4}([ (.-][a-z]{1,4}){0,2}".prop_map(Clause::List),
        3 => (0..4, range()).prop_map(|(field, range)| match field {
            0 => Clause::Number(range),
            1 => Clause::Release(range),
            2 => Clause::Recipients(range),
            _ => Clause::Size(range),
        }),
        1 => any::<u64>().prop_map(Clause::Thread),
        1 => "[a-z]{2}".prop_map(Clause::Language),
        2 => period.prop_map(Clause::Date),
        1 => "[a-z0-9.$()-]{1,8}@[a-z.]{1,8}".prop_map(|id| Clause::Id(MessageId::new(&id).expect("not empty"))),
        1 => "[a-z0-9]{1,8}".prop_filter_map("reserved", |id| CollectionId::new(&id).ok()).prop_map(Clause::Collection),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    let leaf = clause_strategy().prop_map(Query::Clause);
    leaf.prop_recursive(5, 60, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..5).prop_map(Query::and),
            prop::collection::vec(inner.clone(), 2..5).prop_map(Query::or),
            inner.prop_map(Query::negated),
        ]
    })
}

proptest! {
    #[test]
    fn printed_queries_parse_to_themselves(query in query()) {
        let text = print(&query);
        prop_assume!(text.len() <= 4_096);
        prop_assert_eq!(parse(&text), Ok(query), "{}", text);
    }

    #[test]
    fn any_text_parses_or_is_refused_at_a_place(text in any_query_text()) {
        match parse(&text) {
            Ok(query) => {
                let printed = print(&query);
                if printed.len() <= 4_096 {
                    prop_assert_eq!(parse(&printed), Ok(query.clone()), "{}", printed);
                }
                let explanation = Explanation::of(&query);
                prop_assert!(!explanation.to_words().is_empty());
            }
            Err(error) => {
                prop_assert!(text.get(error.start..error.end).is_some());
                prop_assert!(!error.to_string().is_empty());
            }
        }
    }
}

fn any_query_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,3}",
        Just(" ".to_owned()),
        prop::sample::select(vec![
            "from:", "to:", "subject:", "list:", "id:", "size:", "number:", "date:", "type:", "lang:", "in:", "has:",
            "OR", "AND", "NOT", "-", "(", ")", "\"", "“", "=", "*", "~", "~1", "..", ">", "<", ":", "：", "@", ".",
            "a", "é", "e\u{301}", "İ", "ß", "Σ", "字", "2016", "-10", "1mb", "a@b.c", "html", "\u{0}", "！", "（", "'",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}
