//! A small publication for tests: invented mail of every sort that pages, API, feeds and downloads
//! must get right. Shared by the tests in the crate and those beside it.

use std::path::Path;

use frelon_index::{Archive, BuildOptions};
use frelon_model::Instant;
use frelon_testkit::{NewItem, Press, PressOptions};

/// When the first release went out.
const PUBLISHED_AT: i64 = 1_700_000_000;

/// The messages of the collection `harbour`, in order.
pub(crate) fn messages() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [CRANE, REPLY, RICH, ATTACHED, BROKEN, FORMULA, ORPHAN]
        .iter()
        .map(|text| text.replace('\n', "\r\n").into_bytes())
        .collect();
    all.push(large());
    all
}

const CRANE: &str = "\
From: Ann Lind <ann@harbour.example>
To: Bob Reyes <bob@harbour.example>, carol@port.example
Subject: Crane budget
Date: Fri, 07 Oct 2016 14:03:00 +0200
Message-ID: <crane-1@harbour.example>
List-Id: Harbour board <board.harbour.example>
Content-Type: text/plain; charset=utf-8

The budget for the new crane is ready.
From the crane you can see both docks.
>From here too.

-- 
Ann
";

const REPLY: &str = "\
From: Bob Reyes <bob@harbour.example>
To: Ann Lind <ann@harbour.example>
Subject: Re: Crane budget
Date: Sat, 08 Oct 2016 09:00:00 +0200
Message-ID: <crane-2@harbour.example>
In-Reply-To: <crane-1@harbour.example>
References: <crane-1@harbour.example>
Content-Type: text/plain; charset=utf-8

I agree with the sum.

On Friday, Ann Lind wrote:
> The budget for the new crane is ready.
";

const RICH: &str = "\
From: Carol <carol@port.example>
To: ann@harbour.example
Subject: =?utf-8?q?Caf=C3=A9_des_docks?=
Date: Mon, 10 Oct 2016 08:30:00 +0000
Message-ID: <rich-3@port.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=\"b1\"

--b1
Content-Type: text/plain; charset=utf-8

Plain words about the quay.
--b1
Content-Type: text/html; charset=utf-8

<html><body onload=\"alert(1)\"><p>Rich <b>words</b> about the quay.</p>
<script>alert(2)</script><img src=\"https://tracker.example/pixel.gif\">
<a href=\"javascript:alert(3)\">press</a></body></html>
--b1--
";

const ATTACHED: &str = "\
From: Ann Lind <ann@harbour.example>
To: Bob Reyes <bob@harbour.example>
Subject: Three files
Date: Tue, 11 Oct 2016 10:00:00 +0000
Message-ID: <files-4@harbour.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"b2\"

--b2
Content-Type: text/plain; charset=utf-8

See the files.
--b2
Content-Type: text/html; name=\"page.html\"
Content-Disposition: attachment; filename=\"page.html\"

<script>alert('from a file')</script>
--b2
Content-Type: application/pdf
Content-Disposition: attachment; filename=\"../../etc/passwd\"
Content-Transfer-Encoding: base64

JVBERi0xLjQgaW52ZW50ZWQ=
--b2
Content-Type: text/plain
Content-Disposition: attachment; filename*=utf-8''n%C3%B6te%0D%0ASet-Cookie%3A%20stolen%3D1.txt

A note.
--b2--
";

const BROKEN: &str = "\
From: Nobody
Subject: Bell \u{7} and escape \u{1b}[31m

No date, no Message-ID.
";

const FORMULA: &str = "\
From: \"=cmd\" <mallory@elsewhere.example>
To: ann@harbour.example
Subject: =HYPERLINK(\"http://elsewhere.example\",\"<script>alert(4)</script>\")
Date: Wed, 12 Oct 2016 10:00:00 +0000
Message-ID: <formula-6@elsewhere.example>
Content-Type: text/plain; charset=utf-8

Quarterly <b>figures</b>, \"quoted\".
";

const ORPHAN: &str = "\
DKIM-Signature: v=1; a=rsa-sha256; d=harbour.example; s=old; c=relaxed/relaxed; h=from:subject;
 bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA
ARC-Seal: i=1; a=rsa-sha256; d=lists.example; s=arc; cv=none; b=AAAA
ARC-Message-Signature: i=1; a=rsa-sha256; d=lists.example; s=arc; c=relaxed/relaxed; h=from;
 bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA
ARC-Authentication-Results: i=1; lists.example; dkim=pass
From: Bob Reyes <bob@harbour.example>
To: carol@port.example
Subject: Re: Dredging
Date: Thu, 13 Oct 2016 10:00:00 +0000
Message-ID: <orphan-7@harbour.example>
In-Reply-To: <never-seen@port.example>
References: <never-seen@port.example>
Content-Type: text/plain; charset=utf-8

The dredger comes on Monday.
";

/// A message whose deflate stream is too long to be read in one go.
fn large() -> Vec<u8> {
    let mut text = b"From: Ann Lind <ann@harbour.example>\r\nTo: bob@harbour.example\r\n\
        Subject: Soundings\r\nDate: Fri, 14 Oct 2016 10:00:00 +0000\r\nMessage-ID: <large-8@harbour.example>\r\n\r\n"
        .to_vec();
    let mut state = 1_u64;
    for line in 0..9_000 {
        let mut figures = String::new();
        for _ in 0..4 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            figures.push_str(&format!(" {:08x}", state >> 32));
        }
        text.extend(format!("sounding {line}{figures}\r\n").bytes());
    }
    text
}

/// The press that makes the publication: one editor, two witnesses.
pub(crate) fn press(folder: &Path) -> Press {
    let now = Instant(PUBLISHED_AT);
    let mut press = Press::new(folder, PressOptions { witnesses: 2, now, ..PressOptions::default() });
    press.describe("harbour", "Harbour papers", "Invented for tests.");
    let item = |(index, raw)| NewItem::message(index as u64 + 1, raw);
    let items: Vec<NewItem> = messages().into_iter().enumerate().map(item).collect();
    press.release("harbour", 1, "First release", &items);
    let key = "{\"domain\":\"harbour.example\",\"selector\":\"old\",\"record\":\"v=DKIM1; p=\"}\n";
    frelon_public::write_keys(&folder.join("public"), key).unwrap();
    press
}

/// Indexes what a press made, and opens it.
pub(crate) fn index(folder: &Path) -> Archive {
    let (public, derived) = (folder.join("public"), folder.join("derived"));
    let options = BuildOptions { threads: 1, memory_bytes: 32_000_000, ..BuildOptions::default() };
    let report = frelon_index::build(&public, &derived, &options, &mut |_| ()).unwrap();
    assert_eq!(report.bad_entries, Vec::<String>::new());
    Archive::open(&public, &derived).unwrap()
}

/// Writes the publication into a folder and opens it.
pub(crate) fn archive(folder: &Path) -> Archive {
    press(folder);
    index(folder)
}
