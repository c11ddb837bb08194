# The interface in English. A line `key = text`; `{ $shown }` is a number as written, `{ $n }` chooses the plural.

language-name = English
direction = ltr
number-group = ,
number-decimal = .
number-sign = No.

size-bytes = { $what } bytes
size-kb = { $what } kB
size-mb = { $what } MB
size-gb = { $what } GB
size-tb = { $what } TB

month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday
weekday-7 = Sunday
weekday-1-short = Mon
weekday-2-short = Tue
weekday-3-short = Wed
weekday-4-short = Thu
weekday-5-short = Fri
weekday-6-short = Sat
weekday-7-short = Sun
day-1 = 1
date-month = { $month } { $year }
date-day = { $day } { $month } { $year }
date-moment = { $date }, { $time }
span = { $first } to { $last }
undated = undated

# Frame of every page
site-name = Frelon
skip = Skip to the text
home = Start
nav-site = Site
nav-here = Where you are
nav-language = Language
nav-more = More
nav-items = Previous and next item
nav-dates = Earlier and later
nav-order = Order
nav-changes = Changes
nav-lookup = Is it here?
nav-verify = How to check
nav-help = How to search
feed = Atom feed
close = Close
more = Next page
previous = Previous
next = Next
foot-what = Published with Frelon: every document can be read, cited, downloaded and checked.
search-label = Search the archive
search-placeholder = Words, "a phrase", from:name
search-do = Search
search-hint = All words must occur. Use OR, -word, "phrases", and fields such as from: or date:.

# Front page
home-description = A searchable archive in which every document can be cited, downloaded and checked.
home-lede = { $n ->
    [0] Nothing has been released yet.
    [one] One document, open to all: search it, cite it, download it, check it.
   *[other] { $shown } documents, open to all: search them, cite them, download them, check them.
}
home-empty = Nothing has been released yet. What is released will be listed here.
browse-items = All items
browse-people = People
browse-about = About this collection
releases = Releases
latest-items = Latest items
all-changes = All changes
release-number = Release { $shown }
promise-title = What you can rely on
promise-read = Complete
promise-read-text = Nothing is cut or ranked away. Every search can be paged to its last hit and taken away as a file.
promise-cite = Citable
promise-cite-text = Every item keeps its number and its address. Cite the number, and anyone will find it.
promise-check = Checkable
promise-check-text = Every item is published byte for byte and entered in a signed log that can only grow, so that you need not trust this site.

# Counts
items = { $n ->
    [one] { $shown } item
   *[other] { $shown } items
}
items-word = items
people = { $n ->
    [one] { $shown } person
   *[other] { $shown } people
}
attachments = { $n ->
    [one] { $shown } attachment
   *[other] { $shown } attachments
}
ghosts = { $n ->
    [one] one more message that is not here
   *[other] { $shown } more messages that are not here
}
and-more = and { $shown } more

# Collection
items-over-time = Items over time
chart-title = { $n ->
    [one] One item, { $first } to { $last }
   *[other] { $shown } items, { $first } to { $last }
}
chart-outside = { $n ->
    [one] One item claims a date far outside this span and is not drawn.
   *[other] { $shown } items claim dates far outside this span and are not drawn.
}
chart-table = The same by year
about = About
about-none = The publisher has not described this collection.
completeness = What is missing
completeness-text = An archive is never the whole of what was written. This is what is known to be missing or doubtful here.
missing-ghosts = { $n ->
    [0] No message is referred to that is not here.
    [one] One message is referred to by others but is not here.
   *[other] { $shown } messages are referred to by others but are not here.
}
missing-dates = { $n ->
    [0] Every item has a usable date.
    [one] One item has no usable date.
   *[other] { $shown } items have no usable date.
}
with-problems = { $n ->
    [0] Every item could be read without a problem.
    [one] One item has a defect, listed on its page.
   *[other] { $shown } items have a defect, listed on their pages.
}
figures = In figures
figure-items = Items
figure-threads = Threads
figure-people = People
figure-attachments = Attachments
figure-size = Size
busiest-people = Busiest people
all-people = { $n ->
    [one] The one person
   *[other] All { $shown } people
}
languages = Languages

# Lists
all-items = All items
order-number = By number
order-newest = Newest first
order-oldest = Oldest first
order-busiest = Busiest first
order-address = By address
no-subject = (no subject)
no-sender = (no sender)
to-word = to

# People
people-title = People
people-text = One line for each address. The same person may have several; they are never merged by guess.
people-filter = Name or address starts with
filter-do = Show
people-none = Nobody matches.
person = Person
sent = Sent
received = Received
first-seen = First seen
last-seen = Last seen
person-items = Newest items
person-all = { $n ->
    [one] The one item
   *[other] All { $shown } items
}
correspondents = Writes with
items-between = Items between the two:

# Dates
date-empty = No item is dated so.

# Release
release = Release
release-from = It holds the items from
release-to = to
release-items = Show its items
volumes = Volumes
volumes-text = A volume is an ordinary ZIP file with the published items, unchanged. Download it, and you hold all that this release is.
volumes-cut = More volumes are listed on the pages of the releases.

# Changes
changes-text = Everything the editors stated, newest first: what came out, what was withdrawn or corrected and why, and who the editors are. Each line is a signed entry of the log; none can be taken out again.
changes-none = Nothing has been stated yet.
changes-earlier = Earlier changes
change-leaf = Entry { $what } of the log
change-keys = Their keys
change-root = The editors’ keys were changed
change-root-first = The editors’ keys were laid down
change-root-detail = { $n ->
    [one] One editor signs.
   *[other] Any { $threshold } of { $editors } editors must sign.
}
change-root-witnesses = { $n ->
    [one] One witness is named.
   *[other] { $shown } witnesses are named.
}
change-collection = The collection was described
change-accession = Taken in
change-release = Released: { $what }
change-withdraw = No. { $what } was withdrawn
change-restore = No. { $what } is out again
change-correct = No. { $number } was corrected by no. { $replacement }
change-succession = The archive goes on in another log
change-until = Until { $what }
change-mode-hide = It is kept, and not shown.
change-mode-erase = It was erased.

# Withdrawn
tombstone-title = This document was withdrawn
tombstone-lede = It was published here under this number and is no longer shown. The number is not given to another document.
tombstone-when = Withdrawn
tombstone-why = Reason
tombstone-law = Law of
tombstone-until = Until
tombstone-extent = Extent
tombstone-hide = It is kept by the editors and can be shown again.
tombstone-erase = It was removed from this archive: text, files, search and exports.
tombstone-text = What the editors say
tombstone-log = The log is intact
tombstone-log-text = The entry of this document stays in the log, and so does the signed statement that withdraws it. Neither says anything of its content.
tombstone-statement = Statement
tombstone-copies = Copies that others made before cannot be recalled. Whoever holds one, with its proof, can still show that it was published here.
tombstone-back = To the collection
reason-court-order = A court ordered it
reason-personal-data = It holds personal data that must not be public
reason-error = It was published by mistake
reason-copyright = Somebody else holds the rights to it
reason-source-at-risk = It can give away where it came from
withdrawn-items = { $n ->
    [0] Nothing was withdrawn.
    [one] One document was withdrawn.
   *[other] { $shown } documents were withdrawn.
}

# Item
field-from = From
field-sender = Sent by
field-to = To
field-cc = Cc
field-bcc = Bcc
field-reply-to = Reply to
field-date = Date
field-received = Received
field-list = List
date-impossible = as claimed; cannot be true
all-fields = All header fields
message-text = Text of the message
body-none = This message has no text.
quoted-lines = { $n ->
    [one] Quoted text, one line
   *[other] Quoted text, { $shown } lines
}
forwarded-lines = { $n ->
    [one] Forwarded message, one line
   *[other] Forwarded message, { $shown } lines
}
html-version = HTML version
html-text = The message as its author laid it out, made harmless: nothing is loaded from elsewhere and nothing runs.
html-open = Open it alone
html-note = HTML version of an archived message. Links cannot be followed from here; their addresses are shown.
html-remote = { $n ->
    [one] One picture lies on another server and was not loaded.
   *[other] { $shown } pictures lie on other servers and were not loaded.
}
html-cut = The message is very long: this is its beginning.
part-message = attached message
part-unnamed = unnamed
risk-program = can run when opened
risk-active = can carry macros or scripts
risk-container = holds other files
problems = { $n ->
    [one] One defect in this message
   *[other] { $shown } defects in this message
}
thread = Thread
thread-items = { $n ->
    [one] One item
   *[other] All { $shown } items of the thread
}
thread-part = a part of it around this item
thread-cut = This thread is too long for one page. Search for thread: and the number of its first item to see all.
ghost = Not in the archive
ghost-text = A message is marked “not in the archive” when others refer to it by its Message-ID but it was not among what was published.
inferred = by subject
inferred-text = Placed here by its subject; its header fields do not say so.
cite = Cite this
citation = { $from }, “{ $subject }”, { $date }. { $collection }, no. { $number }. { $link } (SHA-256 { $hash })
copy = Copy
copied = Copied
permalink = Permanent address:
check = Check it yourself
check-text = You need not trust this page. Three steps:
check-1 = Download the message
check-2 = Download its proof
check-3 = Check the two together, on your own machine:
check-or = Or let this browser do it:
check-here = Check this document here
proof-leaf = Place in the log
proof-leaf-of = Entry { $leaf } of { $size }
proof-log = Log
proof-state = Witnesses
proof-download = Download the proof
proof-title = Proof
proof-lede = This small file shows, without asking this site again, that the document is in the log, when witnesses saw it there, and that the editors released it.
proof-file = The proof
proof-size = Size of the proof
proof-inside = What is in it
proof-inside-text = The document’s opening, its entry in the log with the path of hashes to the signed checkpoint, and the editors’ statements with theirs. Any tool that reads C2SP tlog-proof files can check the entry.
proof-none = There is no proof for this document just now.
proof-none-text = The log cannot be read, or the document is not in it. This is a fault of the server.
state-fresh = Fresh
state-stale = Stale
state-unwitnessed = Not witnessed
state-too-few = Too few witnesses
state-unsigned = Not verified
state-missing = No log
state-fresh-text = Enough witnesses cosigned the log within the last three days: everybody who looks is shown the same.
state-stale-text = Enough witnesses cosigned the log, but not lately. What is shown is genuine; whether it is the newest cannot be told.
state-unwitnessed-text = The log is signed by its own key, and no witness watches it. What came out cannot be changed unnoticed by those who keep an older checkpoint; that everybody is shown the same is not proved.
state-too-few-text = Fewer witnesses cosigned the log than the policy asks for.
state-unsigned-text = The checkpoint of the log is not signed as the policy asks, or there is no policy to judge it by.
state-missing-text = This site has no checkpoint of its log to show.
last-cosigned = Last cosigned { $what }
never-cosigned = Not cosigned
log-entries = { $n ->
    [one] One entry
   *[other] { $shown } entries
}
volume = Volume
raw = Download the message

# Search
search-title = Search
collection = Collection
all-collections = All collections
hits = { $n ->
    [0] Nothing found
    [one] One item found
   *[other] { $shown } items found
}
hits-none = No item matches. Take a condition away, or look for fewer words.
more-hits = More
took = Took { $what } ms.
cut-short = The search ran out of time. What you see is a part; the counts are too low. Narrow the search or try again.
chips = Conditions of this search
chip-remove = Remove:
narrow = Narrow the search
facet-when = When
facet-from = From
facet-to = To
facet-lang = Language
facet-dkim = Signature
facet-list = Mailing list
facet-has = With
facet-year = Year
facet-collection = Collection
facet-release = Release
facet-more = { $n ->
    [one] and one more
   *[other] and { $shown } more
}
sort-relevance = Best match
sort-newest = Newest
sort-oldest = Oldest
sort-number = Number
sort-largest = Largest
take-away = Take it away
take-away-text = All hits of this search, uncut.
has-attachment = an attachment
has-html = an HTML version
has-problem = a defect
has-date = a usable date

explain-everything = everything
explain-and = and
explain-or = or
explain-not = not { $what }
explain-field-any = any text
explain-field-subject = the subject
explain-field-body = the author’s own text
explain-field-quoted = quoted text
explain-field-attachment = an attachment’s name
explain-field-from = the sender
explain-field-to = a recipient
explain-field-cc = a copy recipient
explain-field-bcc = a blind-copy recipient
explain-field-participant = any participant
explain-field-type = the media type
explain-field-has = it has
explain-field-list = the mailing list
explain-field-number = the number
explain-field-release = the release
explain-field-thread = the thread
explain-field-lang = the language
explain-field-dkim = the signature
explain-field-size = the size in bytes
explain-field-recipients = the number of recipients
explain-field-date = the date
explain-field-id = the Message-ID
explain-field-in = the collection
explain-word = { $field } has “{ $value }” in any form
explain-exact = { $field } has exactly “{ $value }”
explain-prefix = { $field } has a word starting with “{ $value }”
explain-fuzzy = { $field } has a word like “{ $value }”
explain-phrase = { $field } has the phrase “{ $value }”
explain-near = { $field } has “{ $value }” with at most { $second } words between
explain-address = { $field } is { $value }
explain-domain = { $field } is at { $value }
explain-is = { $field }: { $value }
explain-between = { $field } is from { $value } to { $second }
explain-least = { $field } is at least { $value }
explain-most = { $field } is at most { $value }
explain-year = { $field } is in { $value }
explain-month = { $field } is in { $value }
explain-day = { $field } is { $value }
explain-from = { $field } is { $value } or later
explain-until = { $field } is before { $value }
explain-ever = { $field } is known

query-wrong = This query cannot be read.
query-too-long = It is too long: use at most { $max } bytes, or split it into several searches.
query-too-many-clauses = It has too many conditions: use at most { $max }.
query-too-deep = Its parentheses are nested too deeply: use at most { $max } levels.
query-unclosed-quote = This quotation mark is never closed: add " where the phrase ends.
query-unclosed-parenthesis = This parenthesis is never closed: add ) where the group ends, or leave out the (.
query-unopened-parenthesis = This ) closes nothing: leave it out, or add ( before the group.
query-empty-group = Nothing stands between these parentheses: leave them out, or write words inside.
query-dangling-operator = Something is missing beside { $operator }: write what it applies to, or put it in quotes to look for the word.
query-only-negations = This says only what not to find: add what to find, or * for everything, as in * -draft.
query-no-words = There is no word to look for here: use letters or digits.
query-unknown-field = There is no field { $name }: – write { $nearest }: instead, or put a space after the colon to look for the words.
query-missing-value = { $field }: has no value: write one right after the colon.
query-bad-date = “{ $value }” is not a date: write 2016, 2016-10, 2016-10-07 or a range such as 2016-10-01..2016-10-31.
query-bad-size = “{ $value }” is not a size: write a number with b, kb, mb or gb, such as >1mb.
query-bad-number = “{ $value }” is not a number: write { $field }: with a whole number or a range, such as 5, >5 or 5..9.
query-bad-dkim = “{ $value }” is no state of a signature: write pass, expired, body-altered, headers-altered, altered, key-not-found, key-revoked, malformed or unsigned.
query-bad-language = “{ $value }” is not a language: write its code of two letters, such as lang:fr.
query-bad-property = has:{ $value } is unknown: write has:attachment, has:html, has:problem or has:date.
query-bad-type = “{ $value }” is not a media type: write type:pdf, type:image or type:text/calendar.
query-bad-collection = “{ $value }” cannot name a collection: write the name as in the address of its page.
query-empty-range = Nothing lies in { $value }: its end is before its start.
query-misplaced-wildcard = In { $word } the * is not at the end: only a word’s ending can be left open, as in budg*.
query-too-fuzzy = Too many edits: write word~1 or at most word~{ $max }.
query-too-far = Too far apart: use at most ~{ $max }.

# Help
help-lede = Type words and get the items that have all of them. Everything below can be combined. Each example is a link: try it.
help-write = Write
help-finds = Finds
help-words = Words
help-people = People
help-places = Where in the message
help-dates = Dates
help-things = Everything else
help-notes = Good to know
help-note-accents = Case and accents do not matter, and words are found in all their forms. Write =word for one form alone.
help-note-quotes = What an author wrote and what they quoted are told apart: body: looks at the one, quoted: at the other.
help-note-dates = Dates are in universal time. An item with an impossible date counts by when it was received.

# Lookup
lookup-lede = Someone shows you a message, a file or a quotation and says it is from this archive. Find out.
lookup-text = A text, a hash or a Message-ID
lookup-text-hint = A sentence is looked for word by word; 64 hexadecimal digits as a SHA-256; something like a1b2@host as a Message-ID.
lookup-file = A file
lookup-file-hint = A message or an attachment, up to 64 MB. Only its SHA-256 is computed; the file is not kept.
lookup-do = Look it up
lookup-yes-hash = { $n ->
    [one] Yes, with exactly this content.
   *[other] Yes, in { $shown } places, with exactly this content.
}
lookup-yes-hash-text = What has this SHA-256 is in the archive, byte for byte, here:
lookup-yes-file = { $n ->
    [one] Yes, exactly this file.
   *[other] Yes, exactly this file, in { $shown } places.
}
lookup-yes-file-text = The file is in the archive byte for byte, here:
lookup-yes-message-id = { $n ->
    [one] Yes, a message with this Message-ID.
   *[other] Yes, { $shown } messages with this Message-ID.
}
lookup-yes-message-id-text = A Message-ID is chosen by the sender and proves nothing about the content: compare the text.
lookup-yes-text = { $n ->
    [one] Yes, one item has these words in this order.
   *[other] Yes, { $shown } items have these words in this order.
}
lookup-yes-text-text = Case, accents and punctuation were not compared, and the words may stand in quoted text: read the item before you rely on it.
lookup-no = No, not found here.
lookup-no-hash-text = Nothing that is published here has this SHA-256. A copy that was saved, forwarded or converted has other bytes and another hash, even if it reads the same: look up a sentence of it too. And what is not published here may still exist.
lookup-no-file-text = No item and no attachment that is published here is this file, byte for byte. Mail programs often change line ends or header fields when they save a message, and then the hash differs: look up a sentence of it, or its Message-ID, too. And what is not published here may still exist.
lookup-no-message-id-text = No message that is published here has this Message-ID. It may have been left out, not yet released, or never have been in the archive.
lookup-no-text-text = No item that is published here has these words in this order. Try a shorter piece. Text inside pictures and attached documents is not searched. And what is not published here may still exist.
lookup-attachments = As an attachment

# Verify
verify-lede = You need not trust this site. Everything it shows follows from files you can download, and signatures you can check without it.
verify-now = How the log stands
verify-log = The log
verify-root = Root of its tree
verify-key = Its key
verify-seen = Last cosigned
verify-witness = Witness
verify-witnesses = Witnesses
verify-witnesses-text = Witnesses are independent servers that cosign the log only if it has grown since they last saw it. They see no document.
verify-witnesses-none = No witness is named for this log.
verify-editors = Editors
verify-editors-text = A release, a withdrawal or a change of editors counts only if enough of the editors signed it. Whoever takes this server, or the key of the log, cannot make one.
verify-editors-count = { $n ->
    [one] There is one editor, who signs alone.
   *[other] { $threshold } of these { $editors } editors must sign.
}
verify-here = Check one document in this browser
verify-here-text = Choose the document, as you downloaded it, and its proof. Both stay in your browser: nothing is sent.
verify-here-off = The check in the browser needs JavaScript. Without it, use the steps below; they show the same and more.
verify-item-file = Document (.eml)
verify-proof-file = Proof (.tlog-proof)
verify-policy-file = Policy (if you have one from elsewhere)
verify-policy-hint = Without one, this site’s own policy is used: then you trust this site to name the log.
verify-do = Check
verify-one = Check one document on your own machine
verify-one-1 = Open the document and download the message and its proof, under “Check it yourself”.
verify-one-2 = Take the policy, best from someone else than this site: it names the log and its witnesses.
verify-one-3 = With all three in one folder, no network is needed:
verify-one-4 = Without Frelon: the SHA-256 of the message is on its page, in its proof and in its volume.
verify-all = Check everything
verify-all-text = Download the volumes, the policy and the log, or ask anyone who holds a copy. One command checks every document against the log, and the log against its signatures:
verify-all-plain = With common tools alone, take any document out of its volume and compare its hash:
verify-yes = What this shows
verify-yes-1 = The document is the one that was published under this number, to the last byte.
verify-yes-2 = It is in a log that can only grow; the editors’ signatures say that it was released.
verify-yes-3 = As many witnesses as the policy asks for saw this very log, at the times they state.
verify-no = What it does not show
verify-no-1 = That what a document claims is true, or who wrote it; see the signatures on its own page.
verify-no-2 = That the archive is complete: what was never entered in the log is not missed by it.
verify-no-3 = That the policy you use names the right log, if you took it from this site.
verify-copies = Who else holds it
verify-copies-text = Anyone can hold a whole copy and serve it. Compare the root above with theirs: at the same number of entries, both must be the same. If they are not, keep both checkpoints; they prove that somebody was shown something else.
verify-files = The files
file-checkpoint = Size and root of the log, with signatures and cosignatures
file-policy = Which log, which witnesses, how many
file-manifest = What is released, and in which volumes
file-tile = The log itself: entries and hashes in tiles (C2SP tlog-tiles)
file-keys = Keys that signatures of mail are judged by

# Checks in the browser
checker-running = Checking …
checker-good = This document is genuine
checker-good-text = It was released by the editors and is in the log, exactly so.
checker-partly = Nothing is wrong, but not all could be checked
checker-partly-text = See below what is missing.
checker-bad = This does not hold
checker-bad-text = The document, the proof and the policy do not belong together, or one of them was changed.
checker-unread = The files could not be read
checker-no-crypto = This browser cannot check signatures of this kind (Ed25519). All else was checked; for the signatures use a newer browser or the command line.
checker-no-hash = This browser offers no cryptography on this page. Open the page over https, or use the command line.
checker-content-ok = The document is the one its opening describes: same SHA-256, same length.
checker-content-bad = The document is not the one its opening describes: its SHA-256 or length differs.
checker-entry-ok = The log’s entry commits to this opening.
checker-entry-bad = The log’s entry commits to another opening.
checker-inclusion-ok = The entry is in the log: place %1 of %2.
checker-inclusion-bad = The entry is not in the log at this checkpoint.
checker-log-ok = The checkpoint is signed by the log %1.
checker-log-bad = The checkpoint is not signed by the log that the policy names.
checker-witness-ok = Witnesses cosigned: %1 of %2, the last on %3. The policy is met.
checker-witness-none = The policy asks for no witness.
checker-witness-bad = Witnesses cosigned: %1 of %2. The policy asks for others or more.
checker-editors-ok = The editors’ keys are in the log, in their order; %1 of %2 must sign.
checker-editors-bad = The statements about the editors’ keys do not hold.
checker-release-ok = The editors’ statement that released it is in the log, and enough of them signed it.
checker-release-bad = The statement that released it does not hold.
checker-not = Not shown by this: that the document was not withdrawn later, and that what it claims is true.
checker-own-policy = Judged by this site’s own policy.
checker-your-policy = Judged by the policy you chose.

# Errors
error-not-found = There is nothing here
error-not-found-text = No document has this address. If you followed a citation, check the number; if the item was released, it never moves.
error-parameter = This address is not valid
error-parameter-text = A part of the address has a value that is not allowed:
error-cursor = This page link is no longer valid
error-cursor-text = The list has changed since. Start again from its first page.
error-query = This query cannot be read
error-query-text = See the page on how to search.
error-too-large = This file is too large
error-too-large-text = Files up to 64 MB can be looked up here. Compute the SHA-256 yourself and look that up instead.
error-busy = Too many are searching just now
error-busy-text = Reading goes on undisturbed; searching will be possible again in a few seconds.
error-method = This cannot be done here
error-method-text = This address can be read, nothing else.
error-unreadable = The archive cannot be read just now
error-unreadable-text = This is a fault of the server, not of your request. It has been noted.
error-unexpected = Something went wrong
error-unexpected-text = This is a fault of the server, not of your request. It has been noted.

# Keyboard
keys-title = Keyboard shortcuts
keys-search = go to the search box
keys-rows = next and previous in a list
keys-open = open the chosen one
keys-items = next and previous item or page
keys-up = up to the list
keys-help = show or hide this

# Problems (codes of the API)
problem-message-id-missing = It has no Message-ID.
problem-message-id-repeated = It has more than one Message-ID; the first is used.
problem-date-missing = It has no Date field.
problem-date-unreadable = Its Date field cannot be read.
problem-date-impossible = Its date cannot be true: before there was electronic mail, or after the archive took it in.
problem-from-missing = It does not say who sent it.
problem-field-repeated = A header field that may occur once occurs more often; the first is used.
problem-header-not-ascii = Its header has letters in an undeclared encoding.
problem-header-too-long = Its header is too long to be read whole; the original has all of it.
problem-header-malformed = Its header has lines that are not fields.
problem-charset-wrong = Its text is not in the character set it declares, or in one that is unknown.
problem-encoding-wrong = Its transfer encoding is damaged.
problem-nul-bytes = It has NUL bytes.
problem-bare-carriage-return = It has carriage returns that do not end a line.
problem-mixed-line-endings = Its lines end in different ways.
problem-truncated = It seems to be cut off.
problem-structure-broken = Its MIME structure is broken.
problem-too-many-parts = It has more parts than are read; the original has all of them.
problem-quoting-ambiguous = It is not certain which lines of it were quoted by the mailbox; its bytes are kept as found.
problem-body-missing = It has no text.
problem-unparsed = It could not be read; the original is kept.

# Languages of mail (ISO 639-1)
language-ar = Arabic
language-cs = Czech
language-da = Danish
language-de = German
language-el = Greek
language-en = English
language-es = Spanish
language-et = Estonian
language-fa = Persian
language-fi = Finnish
language-fr = French
language-he = Hebrew
language-hi = Hindi
language-hu = Hungarian
language-hy = Armenian
language-it = Italian
language-ja = Japanese
language-ko = Korean
language-lt = Lithuanian
language-nb = Norwegian
language-nl = Dutch
language-no = Norwegian
language-pl = Polish
language-pt = Portuguese
language-ro = Romanian
language-ru = Russian
language-sr = Serbian
language-sv = Swedish
language-tr = Turkish
language-uk = Ukrainian
language-yi = Yiddish
language-zh = Chinese

# Signatures of mail

signatures = Signatures
signatures-text = A DKIM signature is made by the sender’s mail server. It says that the signed fields and the body left that server as they are here. It does not say that what they state is true.
signatures-none = Nobody signed this message. That was usual before 2012, and says nothing against it.
signatures-left-out = { $n ->
    [one] { $n } more signature was not looked at
   *[other] { $n } more signatures were not looked at
}
signature-by = Signed by
signature-selector = Selector
signature-key = Key
signature-key-size = { $bits } bits
signature-key-live-dns = asked for in the DNS
signature-key-archive = from a key archive
signature-key-recovered = computed from signatures: one signer, but whose key it was is not known
signature-key-seen = seen { $first } to { $last }
signature-covers = Covers
signature-body-whole = the whole body
signature-body-part = { $covered } of { $total } bytes of the body
signature-duplicate = There are more “{ $field }” fields than are signed.
signature-aligned = the author’s own domain
signature-foreign = not the author’s domain

dkim-pass = holds
dkim-expired = holds, but had expired
dkim-body-altered = body altered
dkim-headers-altered = fields altered
dkim-key-not-found = key not known
dkim-key-revoked = key revoked
dkim-altered = altered
dkim-malformed = malformed
dkim-unsigned = unsigned

dkim-reason-verified = Signed fields and body are as they were signed.
dkim-reason-body-differs = The signed fields are as they were; the body is not. A mailing list’s footer does this.
dkim-reason-body-shorter = The signed fields are as they were; a part of the signed body is missing.
dkim-reason-headers-differ = The body is as it was signed; a signed field is not. A list’s mark in the subject does this.
dkim-reason-headers-or-key = The body is as it was signed; the fields differ, or the key is another one.
dkim-reason-headers-and-body-differ = Neither the signed fields nor the body are as they were.
dkim-reason-body-and-headers-or-key = The body is not as it was signed; the fields may differ too, or the key is another one.
dkim-reason-no-record = No key is known under this selector, so the signature cannot be judged.
dkim-reason-no-key-fits = None of the keys known under this selector made the signature: it was another key, or the signature was damaged.
dkim-reason-revoked = All that is known under this selector is that its key was revoked.
dkim-reason-signature-malformed = The signature field makes no sense.
dkim-reason-record-malformed = The key record makes no sense.
dkim-reason-record-unfit = The key record is not for a signature of this kind.
dkim-reason-header-too-long = The header is longer than is read.

arc = Passed on (ARC)
arc-text = Servers that passed the message on, such as mailing lists, wrote down what they saw and sealed it. A chain that holds shows what reached the last of them; it is as good as your trust in them.
arc-pass = chain holds
arc-fail = chain broken
arc-key-not-found = key not known
arc-reason-verified = Every seal holds, and what the last link signed is as it was.
arc-reason-structure = Links are missing, doubled, or too many.
arc-reason-malformed = A field of it makes no sense.
arc-reason-failed-before = The last link itself says that the chain was broken when it came.
arc-reason-chain-value = A link says something else of the chain before it than its place asks for.
arc-reason-message = What the last link signed of the message was changed since.
arc-reason-seal = A seal does not fit what it seals.
arc-reason-key-not-found = A key is not known, so this cannot be judged.
arc-at = Link { $shown }:
arc-unchanged = From link { $shown } on, nobody changed what is signed.
arc-message = Message
arc-seal = Seal
arc-not-looked-at = not looked at
arc-left-out = { $n ->
    [one] { $n } more link is not shown
   *[other] { $n } more links are not shown
}

# Signatures of a collection

authenticity = Authenticity
authenticity-all = The signatures of the whole collection
authenticity-none = There is no mail in this collection, and so nothing that is signed in this way.
authenticity-lede = { $n ->
    [one] One of { $total } messages is signed by a mail server; by the keys known here, { $holding } of these signatures holds.
   *[other] { $signed } of { $total } messages are signed by a mail server; by the keys known here, the signatures of { $holding } hold.
}
authenticity-years = Shares by year
authenticity-grades = What the grades mean
authenticity-keys = Keys that signed
authenticity-keys-text = A domain publishes its keys in the DNS and replaces them after some years. What is known of a key, and from where, decides what a signature proves. A message with several signatures counts for each of their keys.
authenticity-keys-none = No message has a signature.
authenticity-keys-other = Further domains
authenticity-keys-cut = { $n ->
    [one] { $shown } more key is not shown.
   *[other] { $shown } more keys are not shown.
}
authenticity-key-messages = { $n ->
    [one] { $shown } message, { $holding } of them with a signature that holds
   *[other] { $shown } messages, { $holding } of them with a signature that holds
}
keys-archive = All key records (JSON lines)
messages = { $n ->
    [one] { $shown } message
   *[other] { $shown } messages
}
year = Year
percent = { $what }%

class-holds = holds
class-altered = altered
class-unknown = key not known
class-malformed = malformed
class-unsigned = unsigned

grade-pass = The signed fields and the body are as they left the mail server of the domain that signed. Nobody changed them since who did not have its key.
grade-expired = As above; but when the message arrived, the signature said of itself that it was too old.
grade-body-altered = The signed fields are as they were, the body is not. Mailing lists do this when they add a footer; so would a forger.
grade-headers-altered = The body is as it was, a signed field is not. Mailing lists do this when they mark the subject; so would a forger.
grade-key-not-found = The key that made the signature is not known here, so it proves nothing either way. If somebody kept the key, it can be judged.
grade-key-revoked = The domain withdrew the key, and no copy of it is known here, so that the signature cannot be judged.
grade-altered = Neither the signed fields nor the body are as they were signed.
grade-malformed = The signature, or the key record it needs, makes no sense.
grade-unsigned = There is no signature. That was usual before 2012, and says nothing against a message.
