//! Any bytes to the grammar alone.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| dockline_fuzz::grammar::check(data));
