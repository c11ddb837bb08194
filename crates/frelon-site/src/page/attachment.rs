//! Which attachments can harm whoever opens them, by name and by declared type.

/// How an attachment can harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Risk {
    /// Runs when opened.
    Program,
    /// May carry macros or scripts.
    Active,
    /// Holds other files, which can be anything.
    Container,
}

impl Risk {
    /// Name of its words.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Program => "risk-program",
            Self::Active => "risk-active",
            Self::Container => "risk-container",
        }
    }
}

const PROGRAMS: [&str; 38] = [
    "exe", "com", "scr", "pif", "bat", "cmd", "msi", "msp", "dll", "cpl", "ocx", "sys", "vbs", "vbe", "js", "jse",
    "ws", "wsf", "wsh", "hta", "ps1", "psm1", "reg", "lnk", "url", "jar", "class", "apk", "app", "dmg", "pkg", "deb",
    "rpm", "sh", "py", "pl", "chm", "inf",
];
const ACTIVE: [&str; 26] = [
    "html", "htm", "xhtml", "mht", "mhtml", "svg", "xml", "swf", "doc", "dot", "xls", "xlt", "xla", "ppt", "pps",
    "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "ppsm", "rtf", "mdb", "one", "iqy",
];
const CONTAINERS: [&str; 17] = [
    "zip", "rar", "7z", "tar", "gz", "tgz", "bz2", "xz", "zst", "cab", "arj", "lzh", "ace", "iso", "img", "vhd", "pst",
];
const PROGRAM_TYPES: [&str; 7] = [
    "application/x-msdownload",
    "application/x-msdos-program",
    "application/x-dosexec",
    "application/x-executable",
    "application/javascript",
    "text/javascript",
    "application/hta",
];

/// The worst a file by this name and type can do; `None` for what is merely looked at.
pub(crate) fn risk_of(name: &str, media_type: &str) -> Option<Risk> {
    // Windows drops trailing dots and spaces, so "bill.exe." runs.
    let name = name.trim_end_matches(['.', ' ']).to_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let media_type = media_type.to_lowercase();
    if PROGRAMS.contains(&extension) || PROGRAM_TYPES.contains(&media_type.as_str()) {
        Some(Risk::Program)
    } else if ACTIVE.contains(&extension) || media_type == "text/html" || media_type == "image/svg+xml" {
        Some(Risk::Active)
    } else if CONTAINERS.contains(&extension) {
        Some(Risk::Container)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts() {
        assert_eq!(risk_of("report.pdf.EXE", "application/pdf"), Some(Risk::Program));
        assert_eq!(risk_of("bill.exe. .", "application/pdf"), Some(Risk::Program));
        assert_eq!(risk_of("a.js.txt", "text/plain"), None);
        assert_eq!(risk_of("budget.xlsm", ""), Some(Risk::Active));
        assert_eq!(risk_of("scan.zip", ""), Some(Risk::Container));
        assert_eq!(risk_of("photo", "application/x-msdownload"), Some(Risk::Program));
    }
}
