//! Sources (files, folders, Maildir, MH, mbox, ZIP, tar) to raw items, bounded.
