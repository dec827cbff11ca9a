//! Parsed shell bodies by their text: a keystroke changes one RUN, not all.
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::syntax::shell::{self, Script};

/// So many new bodies are taken in between two sweeps.
const NEW: usize = 1_024;

/// What was parsed, by body and escape character.
#[derive(Default)]
struct Cache {
    scripts: HashMap<(Box<str>, u8), Entry>,
    /// The number of sweeps.
    round: u64,
    /// Bodies left by the last one.
    left: usize,
}

struct Entry {
    script: Arc<Script>,
    /// The round in which it was wanted last.
    round: u64,
}

/// The script of `body`, parsed at most once while it is in use.
pub fn script(body: &str, escape: u8) -> Arc<Script> {
    thread_local! {
        static SCRIPTS: RefCell<Cache> = RefCell::default();
    }
    SCRIPTS.with_borrow_mut(|cache| cache.script(body, escape))
}

impl Cache {
    fn script(&mut self, body: &str, escape: u8) -> Arc<Script> {
        let (key, round) = ((Box::from(body), escape), self.round);
        if let Some(entry) = self.scripts.get_mut(&key) {
            entry.round = round;
            return entry.script.clone();
        }
        if self.scripts.len() >= self.left + NEW {
            self.sweep();
        }
        let script = Arc::new(shell::parse(body, escape));
        self.scripts.insert(key, Entry { script: script.clone(), round: self.round });
        script
    }

    /// Drops what nobody holds and nobody wanted since the last sweep, so that it is what is open that decides the size, not
    /// what was typed.
    fn sweep(&mut self) {
        let round = self.round;
        self.scripts.retain(|_, entry| entry.round == round || Arc::strong_count(&entry.script) > 1);
        self.left = self.scripts.len();
        self.round += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_is_forgotten() {
        let mut cache = Cache::default();
        let held = cache.script("held", b'\\');
        for number in 0..20 * NEW {
            cache.script(&format!("echo {number}"), b'\\');
            cache.script("wanted", b'\\');
            assert!(cache.scripts.len() <= 2 * NEW + 2, "{number}: {}", cache.scripts.len());
        }
        assert!(Arc::ptr_eq(&held, &cache.script("held", b'\\')), "somebody holds it");
        assert!(cache.scripts.contains_key(&("wanted".into(), b'\\')));
        assert!(!cache.scripts.contains_key(&("echo 0".into(), b'\\')));
    }

    #[test]
    fn a_large_file_stays() {
        let mut cache = Cache::default();
        let bodies: Vec<String> = (0..5 * NEW).map(|number| format!("echo {number}")).collect();
        let held: Vec<_> = bodies.iter().map(|body| cache.script(body, b'\\')).collect();
        let again = bodies.iter().map(|body| cache.script(body, b'\\'));
        assert!(again.zip(&held).all(|(again, held)| Arc::ptr_eq(&again, held)));
    }
}
