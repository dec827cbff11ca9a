//! A text and edits to everything between the parser and the formatter.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockline_fuzz::text::check(data, false));
