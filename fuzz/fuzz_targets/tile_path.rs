//! Any text as the path of a tile or bundle: each place has one path.
#![no_main]

use frelon_log::tile::{Resource, TILE_WIDTH};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(resource) = text.parse::<Resource>() {
        assert_eq!(resource.to_string(), text);
        assert!((1..=TILE_WIDTH).contains(&resource.width()));
        assert_eq!(resource.full().to_string().parse(), Ok(resource.full()));
    }
});
