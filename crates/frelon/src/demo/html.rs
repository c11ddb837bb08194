//! The HTML side of a message, as the story's mail programs write it.

use super::cast::{Client, Language};
use super::draft::Draft;

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A page from a plain text: paragraphs, quotes, and a picture below when there is one.
pub(super) fn page(draft: &Draft, text: &str, picture: Option<&str>) -> String {
    let office = draft.from.client == Client::Office;
    let right_to_left = draft.language == Language::Arabic;
    let mut markup = String::new();
    markup.push_str(if office {
        "<html xmlns:o=\"urn:schemas-office:office\">\n<head><style>p.MsoNormal { margin: 0 0 8pt; font: 11pt Calibri, sans-serif; }</style></head>\n<body lang=\"EN-GB\">\n"
    } else if right_to_left {
        "<html><body>\n<div dir=\"rtl\" style=\"font-size: 16px\">\n"
    } else {
        "<html><body>\n<div dir=\"ltr\">\n"
    });
    let mut depth = 0;
    for line in text.lines() {
        let level = line.chars().take_while(|c| *c == '>' || *c == ' ').filter(|c| *c == '>').count();
        let content = line.trim_start_matches(['>', ' ']);
        while depth < level {
            markup.push_str(
                "<blockquote style=\"margin: 0 0 0 .8ex; border-left: 1px solid #ccc; padding-left: 1ex\">\n",
            );
            depth += 1;
        }
        while depth > level {
            markup.push_str("</blockquote>\n");
            depth -= 1;
        }
        if content.trim().is_empty() {
            markup.push_str("<br>\n");
        } else if office {
            markup.push_str(&format!("<p class=\"MsoNormal\">{}</p>\n", escape(content)));
        } else {
            markup.push_str(&format!("<div>{}</div>\n", escape(content)));
        }
    }
    markup.push_str(&"</blockquote>\n".repeat(depth));
    if let Some(id) = picture {
        markup.push_str(&format!("<p><img src=\"cid:{id}\" width=\"96\" height=\"32\" alt=\"logo\"></p>\n"));
    }
    markup.push_str(if office { "</body></html>\n" } else { "</div>\n</body></html>\n" });
    markup
}
