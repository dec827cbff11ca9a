//! ARG and ENV values at a point of a stage.
use std::collections::BTreeMap;
use std::sync::Arc;

use super::known::Known;
use crate::model::word::{Expansion, Part, Word};
use crate::project::pattern::Pattern;
use crate::syntax::shell;
use crate::text::span::Span;

/// Longer values are not known, in bytes: each of some lines `ENV A=$A$A` doubles one.
const MAX_VALUE: usize = 64 * 1024;
/// Of longer values nothing is cut by a pattern, in bytes: the time grows with the square.
const MAX_CUT: usize = 1024;

/// Where a variable comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// ARG
    Arg,
    /// ENV
    Env,
    /// The base image sets it.
    Image,
    /// BuildKit sets it (`TARGETARCH`), or predefines it (`HTTP_PROXY`).
    Builder,
    /// The shell set it: `export`, or an assignment in front of a command.
    Shell,
}

/// A variable at a point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its value, if that can be told.
    pub value: Known<String>,
    /// Who set it last.
    pub origin: Origin,
    /// Where; `None` for what no line of this file sets.
    pub span: Option<Span>,
}

/// The variables at a point; cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Env {
    variables: Arc<BTreeMap<String, Variable>>,
    open: bool,
}

impl Env {
    /// The variable `name`, if it is set here as far as we know.
    pub fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.get(name)
    }

    /// Sets `name`.
    pub fn set(&mut self, name: &str, value: Known<String>, origin: Origin, span: Option<Span>) {
        Arc::make_mut(&mut self.variables).insert(name.to_owned(), Variable { value, origin, span });
    }

    /// Forgets `name`.
    pub fn unset(&mut self, name: &str) {
        if self.variables.contains_key(name) {
            Arc::make_mut(&mut self.variables).remove(name);
        }
    }

    /// From here on there may be variables that we don't know of: an unknown base image.
    pub fn open(&mut self) {
        self.open = true;
    }

    /// True when there may be variables that we don't know of.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// The value of `name`; an unset variable of a closed environment is empty.
    pub fn value(&self, name: &str) -> Known<String> {
        match self.get(name) {
            Some(variable) => variable.value.clone(),
            None if self.open => Known::Unknown,
            None => Known::Known(String::new()),
        }
    }

    /// The known value of `name`; `None` when it is unset or unknown.
    pub fn known(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|variable| variable.value.as_ref()).map(String::as_str)
    }

    /// All variables, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Variable)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable))
    }

    /// What the builder makes of `word`; unknown as soon as one part is.
    pub fn expand(&self, text: &str, word: &Word) -> Known<String> {
        let mut value = String::new();
        for part in &word.parts {
            match (part, part.text(text)) {
                (_, Some(literal)) => value.push_str(literal),
                (Part::Variable(expansion), _) => match self.expansion(text, expansion) {
                    Known::Known(expanded) => value.push_str(&expanded),
                    Known::Unknown => return Known::Unknown,
                },
                _ => return Known::Unknown,
            }
            if value.len() > MAX_VALUE {
                return Known::Unknown;
            }
        }
        Known::Known(value)
    }

    fn expansion(&self, text: &str, expansion: &Expansion) -> Known<String> {
        let value = self.value(&text[expansion.name.range()]);
        let Some(operator) = expansion.operator else { return value };
        let Known::Known(value) = value else { return Known::Unknown };
        let set = self.get(&text[expansion.name.range()]).is_some();
        let word = || expansion.word.as_ref().map_or(Known::Known(String::new()), |word| self.expand(text, word));
        match &text[operator.range()] {
            ":-" if value.is_empty() => word(),
            "-" if !set => word(),
            ":+" if !value.is_empty() => word(),
            "+" if set => word(),
            ":+" | "+" => Known::Known(String::new()),
            ":-" | "-" | ":?" | "?" => Known::Known(value),
            "#" | "##" | "%" | "%%" => {
                // An escape keeps its backslash in a pattern, which the word has resolved.
                let raw = expansion.word.as_ref().map_or("", |word| word.raw(text));
                match word() {
                    Known::Known(pattern)
                        if value.len().max(pattern.len()) <= MAX_CUT && !raw.contains(['\\', '\'', '"', '`']) =>
                    {
                        Known::Known(trimmed(&value, &text[operator.range()], &pattern).to_owned())
                    }
                    _ => Known::Unknown,
                }
            }
            all @ ("/" | "//") => {
                let raw = expansion.word.as_ref().map_or("", |word| word.raw(text));
                replaced(&value, all == "//", raw).map_or(Known::Unknown, Known::Known)
            }
            _ => Known::Unknown,
        }
    }

    /// What a shell makes of `word` with this environment.
    pub fn expand_shell(&self, word: &shell::Word) -> Known<String> {
        let mut value = String::new();
        for part in &word.parts {
            match part {
                shell::Part::Text(literal) => value.push_str(literal),
                shell::Part::Expansion { name: Some(name), plain: true, default, .. } => match self.value(name) {
                    Known::Known(expanded) if expanded.is_empty() && default.is_some() => {
                        let Some(Known::Known(word)) = default.as_deref().map(|word| self.expand_shell(word)) else {
                            return Known::Unknown;
                        };
                        value.push_str(&word);
                    }
                    Known::Known(expanded) => value.push_str(&expanded),
                    Known::Unknown => return Known::Unknown,
                },
                _ => return Known::Unknown,
            }
            if value.len() > MAX_VALUE {
                return Known::Unknown;
            }
        }
        Known::Known(value)
    }
}

/// `value` without the shortest or longest (doubled operator) end that `pattern` covers.
fn trimmed<'v>(value: &'v str, operator: &str, pattern: &str) -> &'v str {
    let starts = operator.starts_with('#');
    let cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
    let pattern = Pattern::shell(pattern);
    let covers = |cut: &&usize| pattern.matches(if starts { &value[..**cut] } else { &value[**cut..] });
    // The cuts run from the shortest beginning on, which is the longest end.
    let found = if starts == (operator.len() == 1) { cuts.iter().find(covers) } else { cuts.iter().rev().find(covers) };
    match found {
        Some(&cut) if starts => &value[cut..],
        Some(&cut) => &value[..cut],
        None => value,
    }
}

/// `value` with other text in place of the first match, or all; `None` where more than plain text is to be found.
fn replaced(value: &str, all: bool, raw: &str) -> Option<String> {
    let is_plain = value.len() <= MAX_CUT && !raw.contains(['\\', '\'', '"', '`', '$', '*', '?']);
    let (pattern, new) = raw.split_once('/').filter(|(pattern, _)| is_plain && !pattern.is_empty())?;
    Some(if all { value.replace(pattern, new) } else { value.replacen(pattern, new, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::word::{Quoting, parse_word};

    fn expand(env: &Env, text: &str) -> Known<String> {
        let span = Span::new(0, text.len() as u32);
        env.expand(text, &parse_word(text, span, b'\\', Quoting::Resolve))
    }

    #[test]
    fn expands() {
        let mut env = Env::default();
        env.set("A", Known::Known("1".into()), Origin::Env, None);
        env.set("U", Known::Unknown, Origin::Arg, None);
        assert_eq!(expand(&env, "x$A${B:-y}${A:+z}"), Known::Known("x1yz".into()));
        assert_eq!(expand(&env, "$B"), Known::Known(String::new()));
        assert_eq!(expand(&env, "$U"), Known::Unknown);
        env.open();
        assert_eq!(expand(&env, "$B"), Known::Unknown);
    }

    #[test]
    fn no_value_grows_without_end() {
        let mut env = Env::default();
        env.set("A", Known::Known("12345678".into()), Origin::Env, None);
        env.set("L", Known::Known("a".repeat(MAX_CUT + 1)), Origin::Env, None);
        for _ in 0..64 {
            let doubled = expand(&env, "$A${A//1/11}");
            env.set("A", doubled, Origin::Env, None);
        }
        assert_eq!(env.value("A"), Known::Unknown);
        assert_eq!(expand(&env, "${L##*b}"), Known::Unknown);
    }

    /// The results are those of BuildKit's lexer.
    #[test]
    fn cuts_what_a_pattern_covers() {
        let mut env = Env::default();
        env.set("V", Known::Known("v1.2.3".into()), Origin::Arg, None);
        env.set("P", Known::Known("a/b/é".into()), Origin::Arg, None);
        let is = |text: &str, value: &str| assert_eq!(expand(&env, text), Known::Known(value.into()), "{text}");
        is("${V#v}", "1.2.3");
        is("${V#x}", "v1.2.3");
        is("${V%.*}", "v1.2");
        is("${V%%.*}", "v1");
        is("${V#*.}", "2.3");
        is("${V##*.}", "3");
        is("${P##*/}", "é");
        is("${P%/?}", "a/b");
        is("${V#}", "v1.2.3");
        is("${V#$V}", "");
        is("${UNSET#v}", "");
        is("${V/./-}", "v1-2.3");
        is("${V//./-}", "v1-2-3");
        is("${V//./}", "v123");
        assert_eq!(expand(&env, "${V/*/-}"), Known::Unknown);
        assert_eq!(expand(&env, r"${V#\\v}"), Known::Unknown);
    }
}
