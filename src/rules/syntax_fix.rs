//! What to do about a syntax problem, where that is certain.
use super::rule::Fix;
use super::syntax_mount;
use super::syntax_place::{first_of_two, instruction_of};
use crate::analysis::snapshot::Snapshot;
use crate::model::command::{Json, parse_json};
use crate::model::flags::flags_of;
use crate::model::instruction::{Body, Healthcheck, Instruction, KEYWORDS, Kind, Pair};
use crate::model::problem::{Problem, ProblemKind};
use crate::model::value::{SIGNALS, is_digest, is_duration, is_file_mode, is_stage_name};
use crate::model::word::split_at_blanks;
use crate::rewrite::lines;
use crate::text::edit::Edit;
use crate::text::nearest::nearest;
use crate::text::span::Span;

/// The remedy of `problem`, if there is one.
pub fn fix(snapshot: &Snapshot, problem: &Problem) -> Option<Fix> {
    let instruction = instruction_of(snapshot, problem);
    match problem.kind {
        ProblemKind::UnknownInstruction => {
            lost_continuation(snapshot, problem).or_else(|| known_instruction(snapshot, problem))
        }
        ProblemKind::UnknownFlag => known_flag(snapshot, instruction?, problem.span),
        ProblemKind::DuplicateFlag => remove_flag(snapshot, problem),
        ProblemKind::MissingFlagValue => join_flag(snapshot, instruction?, problem.span),
        ProblemKind::BadFlagValue(expected) => flag_value(snapshot, problem.span, expected),
        ProblemKind::ExpectedAs => write_as(snapshot, instruction?),
        ProblemKind::MissingEquals => write_equals(snapshot, instruction?, problem.span),
        ProblemKind::JsonNotStrings => quote_elements(snapshot, problem.span),
        ProblemKind::ShellNotJson => shell_as_json(snapshot, problem.span),
        ProblemKind::UnclosedQuote => close_quote(snapshot, instruction?, problem.span),
        ProblemKind::UnclosedBrace => close_brace(snapshot, instruction?, problem.span),
        ProblemKind::UnterminatedHeredoc => end_heredoc(snapshot, instruction?, problem.span),
        ProblemKind::BadHealthcheckType => healthcheck_type(snapshot, problem.span),
        ProblemKind::DuplicateDirective => remove_directive(snapshot, problem),
        ProblemKind::BadPort => split_ports(snapshot, problem.span),
        ProblemKind::BadMount(fault) => syntax_mount::fix(snapshot, instruction?, fault, problem.span),
        ProblemKind::BadSignal => known_signal(snapshot, problem.span),
        ProblemKind::AddressInCopy => add_instead(snapshot, instruction?),
        ProblemKind::MissingSlash => Fix::safe(
            "insert the slash: nothing is put in place of the pattern",
            vec![Edit::insert(problem.span.end.checked_sub(1)?, "/")],
        ),
        _ => None,
    }
}

/// `known` in the case of `written`: lower where that has no capital.
fn like(known: &str, written: &str) -> String {
    let lower = !written.bytes().any(|byte| byte.is_ascii_uppercase());
    if lower { known.to_ascii_lowercase() } else { known.to_owned() }
}

fn replace(span: Span, by: impl Into<String>) -> Option<Fix> {
    let by = by.into();
    Fix::safe(format!("write {by}"), vec![Edit::replace(span, by)])
}

fn known_instruction(snapshot: &Snapshot, problem: &Problem) -> Option<Fix> {
    let written = &snapshot[problem.span];
    let keyword = near_keyword(written)?;
    replace(problem.span, like(keyword, written))
}

/// Commands that look like a mistyped keyword, in a line that lost its RUN.
const COMMANDS: [&str; 4] = ["ar", "cd", "cmp", "export"];

/// The keyword that `written` was meant to be.
pub fn near_keyword(written: &str) -> Option<&'static str> {
    nearest(written, KEYWORDS.map(|(_, keyword)| keyword)).filter(|_| !COMMANDS.contains(&written))
}

/// Adds the escape character that a command like `a &&` lost at its line's end, when the unknown word stands below it.
pub fn lost_continuation(snapshot: &Snapshot, problem: &Problem) -> Option<Fix> {
    let above = snapshot.file().instructions.get(problem.instruction?.checked_sub(1)?)?;
    let text = &snapshot[above.span];
    let unfinished = ["&&", "||", "|"].iter().any(|operator| text.trim_end().ends_with(operator));
    let between = &snapshot[Span::new(above.span.end, problem.span.start)];
    if above.kind != Kind::Run || !unfinished || between.matches('\n').count() != 1 {
        return None;
    }
    let end = above.span.start + text.trim_end().len() as u32;
    let escape = char::from(snapshot.file().escape);
    Fix::safe("continue the line above", vec![Edit::insert(end, format!(" {escape}"))])
}

fn known_flag(snapshot: &Snapshot, instruction: &Instruction, span: Span) -> Option<Fix> {
    let name = Span::new(span.start + 2, span.end.max(span.start + 2));
    let flag = nearest(&snapshot[name], flags_of(instruction.kind).iter().map(|flag| flag.name));
    if flag.is_none() && instruction.kind == Kind::Add && &snapshot[name] == "from" {
        return replace(instruction.keyword, like("COPY", &snapshot[instruction.keyword]));
    }
    Fix::safe(format!("write --{}", flag?), vec![Edit::replace(name, flag?)])
}

fn remove_flag(snapshot: &Snapshot, problem: &Problem) -> Option<Fix> {
    let first = first_of_two(snapshot, problem)?;
    let blanks = snapshot.text()[..problem.span.start as usize].trim_end_matches([' ', '\t']).len() as u32;
    let same = snapshot[first] == snapshot[problem.span];
    same.then(|| Fix::safe("remove it", vec![Edit::delete(Span::new(blanks, problem.span.end))]))?
}

/// `--from builder` → `--from=builder`, when enough arguments remain.
fn join_flag(snapshot: &Snapshot, instruction: &Instruction, flag: Span) -> Option<Fix> {
    let words = split_at_blanks(snapshot.text(), instruction.arguments, snapshot.file().escape);
    let value = *words.first()?;
    let first = &snapshot[value];
    let enough = match &instruction.body {
        Body::From(_) => matches!(words.len(), 2 | 4),
        Body::Copy(copy) => words.len() > 2 && !copy.json,
        Body::Command(_) => {
            words.len() > 1 && (first.contains("type=") || matches!(first, "none" | "host" | "default"))
        }
        Body::Healthcheck(Healthcheck::Unknown(_)) => words.len() > 1,
        _ => false,
    };
    let gap = Span::new(flag.end, value.start.max(flag.end));
    let blank = !gap.is_empty() && snapshot[gap].bytes().all(|byte| matches!(byte, b' ' | b'\t'));
    let title = format!("write {}={first}", &snapshot[flag]);
    (enough && blank).then(|| Fix::safe(title, vec![Edit::replace(gap, "=")]))?
}

fn flag_value(snapshot: &Snapshot, value: Span, expected: &str) -> Option<Fix> {
    let written = snapshot[value].to_ascii_lowercase();
    let near = |words: &[&'static str]| nearest(&written, words.iter().copied());
    match (expected.split_whitespace().next()?, written.as_str()) {
        ("true", "yes" | "1" | "on") => replace(value, "true"),
        ("true", "no" | "0" | "off") => replace(value, "false"),
        ("true", _) => replace(value, near(&["true", "false"])?),
        ("default,", _) => replace(value, near(&["default", "none", "host"])?),
        ("sandbox", _) => replace(value, near(&["sandbox", "insecure"])?),
        (_, digits) if expected.contains("duration") && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            (!digits.is_empty()).then(|| replace(value, format!("{digits}s")))?
        }
        (_, lower) if expected.contains("duration") && is_duration(lower) => replace(value, lower),
        (_, mode) if expected.contains("mode") && mode.starts_with("0o") && is_file_mode(&mode[2..]) => {
            replace(value, &mode[2..])
        }
        (_, sum) if expected.contains("digest") && sum.len() == 64 && sum.bytes().all(|b| b.is_ascii_hexdigit()) => {
            replace(value, format!("sha256:{sum}"))
        }
        (_, sum) if expected.contains("digest") && is_digest(sum) => replace(value, sum),
        _ => None,
    }
}

/// A word that begins like a version is a tag, not a name.
fn is_tag(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_digit())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
}

fn write_as(snapshot: &Snapshot, instruction: &Instruction) -> Option<Fix> {
    let r#as = like("AS", &snapshot[instruction.keyword]);
    match split_at_blanks(snapshot.text(), instruction.arguments, snapshot.file().escape)[..] {
        [image, _] if snapshot[image].eq_ignore_ascii_case("as") => None,
        [image, tag] if !snapshot[image].contains(['"', '\'', ':', '@']) && is_tag(&snapshot[tag]) => {
            let gap = Span::new(image.end, tag.start);
            let edits = vec![Edit::replace(gap, ":")];
            Fix::unsafe_(format!("write {}:{}", &snapshot[image], &snapshot[tag]), edits)
        }
        [_, name] if is_stage_name(&snapshot[name]) => {
            Fix::safe(format!("insert {as}"), vec![Edit::insert(name.start, format!("{as} "))])
        }
        [_, word, _] => replace(word, nearest(&snapshot[word], ["as"]).map(|_| r#as)?),
        _ => None,
    }
}

/// `y = 2`, `y =2` and `y= 2` → `y=2`; a value with blanks is put in quotes, which somebody has to look at.
fn write_equals(snapshot: &Snapshot, instruction: &Instruction, word: Span) -> Option<Fix> {
    let pairs = instruction.pairs();
    let index = pairs.iter().position(|pair| pair.span == word)?;
    let raw = |at: usize| pairs.get(at).map(|pair: &Pair| &snapshot[pair.span]);
    let before = index.checked_sub(1).and_then(|before| pairs.get(before));
    let joined = |from: Span, to: Span| (format!("{}={}", &snapshot[from], &snapshot[to]), from.cover(to));
    let (text, span) = match (raw(index + 1), raw(index + 2)) {
        (Some("="), Some(_)) => joined(word, pairs[index + 2].span),
        (Some(next), _) if next.len() > 1 && next.starts_with('=') => {
            let value = pairs[index + 1].span;
            joined(word, Span::new(value.start + 1, value.end))
        }
        _ => match before {
            Some(before) if before.value.as_ref().is_some_and(|value| value.span.is_empty()) => {
                (format!("{}{}", &snapshot[before.span], &snapshot[word]), before.span.cover(word))
            }
            _ => return quote_value(snapshot, pairs, index),
        },
    };
    (!snapshot[span].contains('\n')).then(|| Fix::safe(format!("write {text}"), vec![Edit::replace(span, text)]))?
}

/// `a=b c d` → `a="b c d"`
fn quote_value(snapshot: &Snapshot, pairs: &[Pair], index: usize) -> Option<Fix> {
    let first = pairs.get(index.checked_sub(1)?)?.value.as_ref()?.span;
    let bare = pairs[index..].iter().take_while(|pair| pair.value.is_none()).last()?;
    let value = first.cover(bare.span);
    let written = &snapshot[value];
    let plain = !written.contains(['"', '\'', '\n', '\\', '`']);
    let edits = vec![Edit::insert(value.start, "\""), Edit::insert(value.end, "\"")];
    plain.then(|| Fix::unsafe_(format!("write \"{written}\""), edits))?
}

/// `["sleep", 5]` → `["sleep", "5"]`
fn quote_elements(snapshot: &Snapshot, array: Span) -> Option<Fix> {
    let text = &snapshot[array];
    if text.contains(['\n', '{']) || text.matches('[').count() != 1 {
        return None;
    }
    let (mut edits, mut quoted, mut escaped, mut start) = (Vec::new(), false, false, None);
    for (index, byte) in text.bytes().enumerate() {
        let at = array.start + index as u32;
        let inside = !quoted && (byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'+'));
        match (start, inside) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                edits.extend([Edit::insert(from, "\""), Edit::insert(at, "\"")]);
                start = None;
            }
            _ => {}
        }
        quoted ^= byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
    }
    Fix::safe("put every element in quotes", edits)
}

fn shell_as_json(snapshot: &Snapshot, arguments: Span) -> Option<Fix> {
    let text = &snapshot[arguments];
    let simple = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'/' | b'-' | b'_' | b'.' | b'+');
    let json = if text.starts_with('[') {
        text.replace('\'', "\"")
    } else if !text.is_empty() && text.bytes().all(simple) {
        let words: Vec<_> = text.split_ascii_whitespace().map(|word| format!("\"{word}\"")).collect();
        format!("[{}]", words.join(", "))
    } else {
        return None;
    };
    let whole = Span::new(0, json.len() as u32);
    match parse_json(&json, whole, snapshot.file().escape) {
        Json::Strings(strings) if !strings.is_empty() => replace(arguments, json),
        _ => None,
    }
}

/// Where a quote without blanks behind it ends is plain; else the line's end is a guess.
fn close_quote(snapshot: &Snapshot, instruction: &Instruction, quote: Span) -> Option<Fix> {
    let end = instruction.arguments.end;
    let behind = snapshot.text().get(quote.end as usize..end as usize)?;
    let mark = &snapshot[quote];
    // An even number of them: each belongs to one of two words that blanks have torn apart.
    let torn = snapshot[instruction.arguments].matches(mark).count().is_multiple_of(2);
    let splits = matches!(instruction.body, Body::Copy(_) | Body::Words(_) | Body::From(_));
    let torn = torn || splits && (behind.contains([' ', '\t']) || snapshot[instruction.arguments].starts_with('['));
    let unclear = torn || behind.contains(['\n', '}']) || behind.contains(mark);
    if unclear || behind.ends_with(char::from(snapshot.file().escape)) || !matches!(mark, "\"" | "'") {
        return None;
    }
    let edits = vec![Edit::insert(end, mark)];
    let title = format!("close it with {mark}");
    if behind.contains([' ', '\t']) { Fix::unsafe_(title, edits) } else { Fix::safe(title, edits) }
}

fn close_brace(snapshot: &Snapshot, instruction: &Instruction, open: Span) -> Option<Fix> {
    let behind = snapshot.text().get(open.end as usize..instruction.arguments.end as usize)?;
    let length = behind.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let edits = vec![Edit::insert(open.end + length as u32, "}")];
    match behind.as_bytes().get(length) {
        _ if length == 0 => None,
        None | Some(b' ' | b'\t' | b'"' | b'\r' | b'\n') => Fix::safe("close it with }", edits),
        Some(b'/' | b'.' | b'@') => Fix::unsafe_("close it with }", edits),
        Some(_) => None,
    }
}

/// The line of the body that would end it but for blanks around; or the shift in `$((1 << 2))` without blanks.
fn end_heredoc(snapshot: &Snapshot, instruction: &Instruction, start: Span) -> Option<Fix> {
    let heredoc = instruction.heredocs.iter().find(|heredoc| heredoc.start == start)?;
    if heredoc.delimiter.contains("))") {
        let blanks = snapshot.text()[..start.start as usize].trim_end_matches([' ', '\t']).len() as u32;
        let tight = snapshot[start].replace([' ', '\t'], "");
        return Fix::safe("remove the blanks", vec![Edit::replace(Span::new(blanks, start.end), tight)]);
    }
    let mut at = heredoc.body.start;
    for line in snapshot[heredoc.body].split_inclusive('\n') {
        let text = line.trim_end_matches(['\r', '\n']);
        if text.trim() == heredoc.delimiter {
            let span = Span::new(at, at + text.len() as u32);
            return Fix::safe("remove the blanks around its end", vec![Edit::replace(span, &*heredoc.delimiter)]);
        }
        at += line.len() as u32;
    }
    None
}

fn healthcheck_type(snapshot: &Snapshot, word: Span) -> Option<Fix> {
    match nearest(&snapshot[word], ["CMD", "NONE"]) {
        Some(known) => replace(word, known),
        None => Fix::safe("insert CMD", vec![Edit::insert(word.start, "CMD ")]),
    }
}

fn remove_directive(snapshot: &Snapshot, problem: &Problem) -> Option<Fix> {
    let first = first_of_two(snapshot, problem)?;
    let line = whole_line(snapshot, problem.span);
    (snapshot[first] == snapshot[problem.span]).then(|| Fix::safe("remove it", vec![Edit::delete(line)]))?
}

/// The line of `span` with its line break.
pub fn whole_line(snapshot: &Snapshot, span: Span) -> Span {
    let text = snapshot.text();
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let end = text[span.end as usize..].find('\n').map_or(text.len(), |at| span.end as usize + at + 1);
    Span::from(start..end)
}

fn known_signal(snapshot: &Snapshot, word: Span) -> Option<Fix> {
    let upper = snapshot[word].to_ascii_uppercase();
    let (prefix, name) = upper.strip_prefix("SIG").map_or(("", &*upper), |name| ("SIG", name));
    replace(word, format!("{prefix}{}", nearest(name, SIGNALS)?))
}

/// `COPY https://…` → `ADD https://…`, where ADD has the flags too.
fn add_instead(snapshot: &Snapshot, instruction: &Instruction) -> Option<Fix> {
    let has = |name: &str| flags_of(Kind::Add).iter().any(|flag| flag.name == name);
    let all = instruction.flags.iter().all(|flag| has(&snapshot[flag.name]));
    all.then(|| replace(instruction.keyword, like("ADD", &snapshot[instruction.keyword])))?
}

/// `80,443` → `80 443`
fn split_ports(snapshot: &Snapshot, word: Span) -> Option<Fix> {
    let ports: Vec<&str> = snapshot[word].split(',').filter(|port| !port.is_empty()).collect();
    let plain = ports.iter().all(|port| port.parse::<u16>().is_ok());
    (plain && snapshot[word].contains(',') && !ports.is_empty()).then(|| replace(word, ports.join(" ")))?
}

/// Puts the comment on a line of its own above the instruction.
pub fn move_comment(snapshot: &Snapshot, instruction: &Instruction, comment: Span) -> Option<Fix> {
    let text = snapshot.text();
    let line = whole_line(snapshot, instruction.keyword);
    let blanks = text[..comment.start as usize].trim_end_matches([' ', '\t']).len() as u32;
    let indent = &text[line.start as usize..instruction.span.start as usize];
    let above = format!("{}{}{indent}", &snapshot[comment], lines::eol(snapshot));
    let edits = vec![Edit::insert(instruction.span.start, above), Edit::delete(Span::new(blanks, comment.end))];
    Fix::safe("move the comment above", edits)
}
