//! Short names of media types: what `type:pdf` stands for.

/// A media type looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypePattern {
    /// Exactly this type, lower case.
    Exact(String),
    /// Every type that starts so; the text ends in `/` or in a vendor's stem.
    Prefix(String),
}

/// Short names, each with the types it stands for; a trailing `*` makes a prefix.
const NAMES: &[(&str, &[&str])] = &[
    (
        "archive",
        &[
            "application/zip",
            "application/x-zip-compressed",
            "application/x-tar",
            "application/gzip",
            "application/x-gzip",
            "application/x-7z-compressed",
            "application/vnd.rar",
            "application/x-rar-compressed",
        ],
    ),
    ("calendar", &["text/calendar", "application/ics"]),
    ("csv", &["text/csv", "text/comma-separated-values"]),
    ("eml", &["message/rfc822"]),
    ("excel", EXCEL),
    ("gif", &["image/gif"]),
    ("html", &["text/html"]),
    ("jpeg", &["image/jpeg", "image/jpg"]),
    ("jpg", &["image/jpeg", "image/jpg"]),
    ("mail", &["message/rfc822"]),
    ("pdf", &["application/pdf", "application/x-pdf"]),
    ("png", &["image/png"]),
    ("powerpoint", POWERPOINT),
    ("ppt", POWERPOINT),
    ("pptx", POWERPOINT),
    ("rtf", &["text/rtf", "application/rtf"]),
    ("tiff", &["image/tiff"]),
    ("doc", WORD),
    ("docx", WORD),
    ("vcard", &["text/vcard", "text/x-vcard"]),
    ("word", WORD),
    ("xls", EXCEL),
    ("xlsx", EXCEL),
    ("xml", &["text/xml", "application/xml"]),
    ("zip", &["application/zip", "application/x-zip-compressed"]),
];

const WORD: &[&str] = &[
    "application/msword",
    "application/vnd.ms-word*",
    "application/vnd.openxmlformats-officedocument.wordprocessingml*",
    "application/vnd.oasis.opendocument.text",
];
const EXCEL: &[&str] = &[
    "application/vnd.ms-excel*",
    "application/vnd.openxmlformats-officedocument.spreadsheetml*",
    "application/vnd.oasis.opendocument.spreadsheet",
];
const POWERPOINT: &[&str] = &[
    "application/vnd.ms-powerpoint*",
    "application/vnd.openxmlformats-officedocument.presentationml*",
    "application/vnd.oasis.opendocument.presentation",
];

/// Top-level types of the media type registry (RFC 6838 section 4.2).
const TOP_LEVEL: [&str; 9] =
    ["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"];

/// The media types a value of `type:` stands for: a short name, a top-level type (`image`,
/// `image/*`), a whole type, or else any `application/` type of that name.
#[must_use]
pub fn patterns(value: &str) -> Vec<TypePattern> {
    let value = value.to_ascii_lowercase();
    let pattern = |text: &str| match text.strip_suffix('*') {
        Some(stem) => TypePattern::Prefix(stem.to_owned()),
        None => TypePattern::Exact(text.to_owned()),
    };
    if let Some((_, types)) = NAMES.iter().find(|(name, _)| *name == value) {
        return types.iter().map(|text| pattern(text)).collect();
    }
    if TOP_LEVEL.contains(&value.as_str()) {
        return vec![TypePattern::Prefix(format!("{value}/"))];
    }
    if value.contains('/') {
        return vec![if value.ends_with('/') { TypePattern::Prefix(value) } else { pattern(&value) }];
    }
    vec![pattern(&format!("application/{value}")), pattern(&format!("application/x-{value}"))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_tops_and_whole_types() {
        let exact = |text: &str| TypePattern::Exact(text.into());
        let prefix = |text: &str| TypePattern::Prefix(text.into());
        assert_eq!(patterns("PDF"), [exact("application/pdf"), exact("application/x-pdf")]);
        assert_eq!(patterns("image"), [prefix("image/")]);
        assert_eq!(patterns("image/*"), [prefix("image/")]);
        assert_eq!(patterns("text/x-diff"), [exact("text/x-diff")]);
        assert_eq!(patterns("ms-tnef"), [exact("application/ms-tnef"), exact("application/x-ms-tnef")]);
        assert!(patterns("docx").contains(&exact("application/msword")));
    }
}
