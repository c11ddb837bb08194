//! `frelon search`: hits on the terminal.

use frelon_index::{Archive, Hit, SearchAnswer, SearchError, SearchRequest, Sort};
use indicatif::HumanCount;

use crate::{
    cli::{Order, Search},
    failure::{Failure, Kind},
    progress::{eprint_line, print_line},
    publication::Publication,
};

/// Hits asked for at a time.
const PAGE: usize = 500;

pub(crate) fn run(args: &Search) -> Result<(), Failure> {
    let publication = Publication::existing(&args.dir)?;
    let archive = Archive::open(&publication.public(), &publication.derived())?;
    let query = args.query.join(" ");
    let wanted = if args.limit == 0 { usize::MAX } else { args.limit };
    let mut request = SearchRequest {
        query: query.clone(),
        sort: sort(args.sort),
        limit: wanted.min(PAGE),
        facets: false,
        ..SearchRequest::default()
    };
    let mut printed = 0;
    loop {
        let answer = archive.search(&request).map_err(|error| failure(&query, error))?;
        for hit in answer.hits.iter().take(wanted - printed) {
            if args.json {
                print_json(hit);
            } else {
                print_hit(hit);
            }
            printed += 1;
        }
        if answer.cut_short {
            eprint_line("the search ran out of time: there may be more hits");
        }
        match &answer.next {
            Some(next) if printed < wanted => request.cursor = Some(next.clone()),
            _ => {
                if !args.json {
                    summarise(&answer, printed);
                }
                return Ok(());
            }
        }
    }
}

fn sort(order: Order) -> Sort {
    match order {
        Order::Relevance => Sort::Relevance,
        Order::Newest => Sort::Newest,
        Order::Oldest => Sort::Oldest,
        Order::Number => Sort::Number,
        Order::Largest => Sort::Largest,
    }
}

fn summarise(answer: &SearchAnswer, printed: usize) {
    let words = answer.explanation.to_words();
    let total = HumanCount(answer.total);
    eprint_line(&format!("{total} found, {printed} shown, in {:.1} ms: {words}", answer.took_us as f64 / 1000.0));
}

fn print_json(hit: &Hit) {
    print_line(&serde_json::to_string(hit).unwrap_or_default());
}

fn print_hit(hit: &Hit) {
    let item = &hit.item;
    let date = item.sorted_at.map_or_else(|| "undated   ".to_owned(), frelon_model::Instant::date);
    let from = item.from.as_ref().map_or("", |from| from.label());
    print_line(&format!(
        "{}/{}  {date}  {}  {}",
        item.key.collection,
        item.key.number,
        printable(from),
        printable(&item.subject)
    ));
    let snippet: String = hit.snippet.iter().map(|piece| piece.text.as_str()).collect();
    if !snippet.trim().is_empty() {
        print_line(&format!("    {}", printable(&snippet)));
    }
}

/// Text of strangers must not move the cursor, colour the screen or turn the direction of writing.
fn printable(text: &str) -> String {
    let direction =
        |letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .filter(|letter| !letter.is_control() && !direction(*letter))
        .collect()
}

/// A wrong query is shown with a mark under the place.
fn failure(query: &str, error: SearchError) -> Failure {
    match error {
        SearchError::Query(error) => {
            let before = query.get(..error.start).unwrap_or(query).chars().count();
            let length = query.get(error.start..error.end).map_or(1, |place| place.chars().count().max(1));
            let mark = format!("{query}\n        {}{}", " ".repeat(before), "^".repeat(length));
            Failure::new(Kind::Usage, error).hint(mark)
        }
        SearchError::Read(error) => error.into(),
        other => Failure::new(Kind::Failed, other),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn strangers_text_is_made_harmless() {
        assert_eq!(super::printable("a\u{1b}[31m\n b\u{202e}c"), "a[31m bc");
    }
}
