//! Parsed shell bodies by their text: a keystroke changes one RUN, not all.
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::syntax::shell::{self, Script};

/// How many bodies are kept; beyond it all are dropped at once, which a session of 5,000-line files never reaches.
const CAPACITY: usize = 8_192;

/// By body and escape character.
type Scripts = HashMap<(Box<str>, u8), Arc<Script>>;

/// The script of `body`, parsed at most once.
pub fn script(body: &str, escape: u8) -> Arc<Script> {
    thread_local! {
        static SCRIPTS: RefCell<Scripts> = RefCell::new(Scripts::new());
    }
    SCRIPTS.with_borrow_mut(|scripts| {
        let key = (Box::from(body), escape);
        if let Some(script) = scripts.get(&key) {
            return script.clone();
        }
        if scripts.len() >= CAPACITY {
            scripts.clear();
        }
        let script = Arc::new(shell::parse(body, escape));
        scripts.insert(key, script.clone());
        script
    })
}
