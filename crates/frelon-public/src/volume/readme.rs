//! The `README.txt` of a volume: for whoever finds the file alone, decades on.

use frelon_model::{CollectionId, Tranche};

/// The text for the nth volume of a tranche. Lines are short and plain ASCII apart from the title.
pub(crate) fn readme(title: &str, collection: &CollectionId, tranche: Tranche, n: usize) -> String {
    let title: String = title.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    format!(
        "{title}\n\
         Collection {collection}, tranche {tranche}, volume {n}\n\
         \n\
         WHAT THIS IS\n\
         \n\
         This file is one volume of a published archive. The folder items/ holds the\n\
         published items, one file each, named by their number in the collection:\n\
         items/5205.eml is item 5205. A file ending in .eml is an e-mail message as it\n\
         was released, unchanged to the last byte; any mail program opens it.\n\
         \n\
         openings.jsonl describes the items, one line of JSON each, in the order of\n\
         their numbers:\n\
         \n\
         \x20 v        version of the format, 1\n\
         \x20 salt     32 random bytes in base64\n\
         \x20 content  SHA-256 of the item's file, in hexadecimal\n\
         \x20 len      size of the item's file in bytes\n\
         \x20 type     media type\n\
         \x20 name     a file name\n\
         \x20 date     when the item was made (UTC), where that is known\n\
         \n\
         HOW TO CHECK ONE ITEM\n\
         \n\
         Unpack this file with any ZIP program and, in the folder you unpacked it to,\n\
         ask for the SHA-256 of the item:\n\
         \n\
         \x20 sha256sum items/5205.eml\n\
         \n\
         (on a Mac: shasum -a 256 items/5205.eml; on Windows: certutil -hashfile\n\
         items\\5205.eml SHA256). The 64 digits it prints must stand in openings.jsonl\n\
         after \"content\":\n\
         \n\
         \x20 grep \"$(sha256sum items/5205.eml | cut -c -64)\" openings.jsonl\n\
         \n\
         prints the line of that item, and prints nothing if a single bit of the item\n\
         was changed. The SHA-256 of that line itself, without the end of the line, is\n\
         the item's commitment: a number that can be published long before the item is,\n\
         gives nothing away, and later proves that the item is the same:\n\
         \n\
         \x20 grep \"$(sha256sum items/5205.eml | cut -c -64)\" openings.jsonl | \\\n\
         \x20   tr -d '\\n' | sha256sum\n\
         \n\
         The SHA-256 of this whole file stands in manifest.json of the publication.\n"
    )
}
