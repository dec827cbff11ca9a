//! Values: signals, ports, users, durations, permissions.
use std::borrow::Cow;

use super::{Here, Hover};
use crate::analysis::accounts::{LONG, SHORT};
use crate::analysis::invocation::Invocation;
use crate::analysis::known::Known;
use crate::analysis::source::analyses;
use crate::analysis::state::ImageState;
use crate::ide::lines;
use crate::ide::markdown::{item, paragraphs};
use crate::knowledge::accounts::base_account;
use crate::knowledge::image_tags::image_users;
use crate::knowledge::texts;
use crate::knowledge::usual_values::usual_values;
use crate::model::image::ImageRef;
use crate::model::instruction::{Body, Kind};
use crate::model::value::{is_duration, is_file_mode, is_port};

/// The answer for the value of STOPSIGNAL, USER or EXPOSE, and for the name of a label.
pub fn hover(here: &Here) -> Option<Hover> {
    let text = here.snapshot.text();
    match (&here.instruction.body, here.instruction.kind) {
        (Body::Value(Some(word)), kind @ (Kind::Stopsignal | Kind::User)) if word.span.touches(here.offset) => {
            let state = here.state();
            let expanded = state.as_ref().map_or(Known::Unknown, |state| state.env.expand(text, word));
            let value = expanded.as_ref().cloned().or_else(|| word.literal(text).map(Cow::into_owned))?;
            let markdown = if kind == Kind::User { user_text(here, &value) } else { signal_text(&value) };
            Hover::of(word.span, markdown)
        }
        (Body::Words(words), Kind::Expose) => {
            let word = words.iter().find(|word| word.span.touches(here.offset))?;
            Hover::of(word.span, port_text(&word.literal(text)?))
        }
        (Body::Pairs(pairs), Kind::Label) => {
            let name = pairs.iter().map(|pair| &pair.name).find(|name| name.span.touches(here.offset))?;
            Hover::of(name.span, label_text(&name.literal(text)?))
        }
        _ => None,
    }
}

/// What the name of a label stands for.
fn label_text(name: &str) -> String {
    let known = usual_values("LABEL").find(|value| value.value == name);
    known.map(|value| paragraphs(&[&format!("**{name}**"), value.meaning])).unwrap_or_default()
}

fn signal_text(word: &str) -> String {
    let Some(signal) = texts::signal(word) else { return String::new() };
    paragraphs(&[&format!("**SIG{}**, number {}", signal.name, signal.number), signal.meaning])
}

/// `8000-8010/udp`; an address and a port of the host in front are left out.
fn port_text(word: &str) -> String {
    if !is_port(word) {
        return String::new();
    }
    let container = word.rsplit(':').next().unwrap_or(word);
    let (ports, protocol) = container.split_once('/').unwrap_or((container, ""));
    let protocol = if protocol.is_empty() { "tcp".to_owned() } else { protocol.to_ascii_lowercase() };
    let upper = protocol.to_ascii_uppercase();
    let title = match ports.split_once('-') {
        Some((first, last)) => format!("Ports **{first}** to **{last}**, {upper}"),
        None => format!("Port **{ports}**, {upper}"),
    };
    let service = ports.parse().ok().and_then(|port| texts::service(port, &protocol));
    let service = item("usual for", service.unwrap_or_default());
    let host = if word.contains(':') { "The host's part has no effect: `docker run -p` says it." } else { "" };
    paragraphs(&[&title, service.trim_end(), host, "EXPOSE publishes nothing: `docker run -p` does."])
}

/// The value of USER.
fn user_text(here: &Here, value: &str) -> String {
    let (user, group) = value.split_once(':').map_or((value, None), |(user, group)| (user, Some(group)));
    let Some(state) = here.state() else { return String::new() };
    let facts = account(here, &state, user);
    if facts.is_empty() {
        return String::new();
    }
    let group =
        group.filter(|group| !group.is_empty()).map(|group| item("group", &format!("`{group}`"))).unwrap_or_default();
    paragraphs(&[&format!("User **{user}**"), format!("{facts}{group}").trim_end()])
}

/// The value of `--chown`, as list entries.
pub fn owner_text(here: &Here, value: &str) -> String {
    let user = value.split(':').next().unwrap_or_default();
    here.state().map(|state| account(here, &state, user)).unwrap_or_default()
}

/// What is known of an account, as list entries.
fn account(here: &Here, state: &ImageState, user: &str) -> String {
    if user.is_empty() {
        return String::new();
    }
    let mut facts = String::new();
    if matches!(user, "root" | "0") {
        facts.push_str("- root, number 0: may do everything in the container\n");
    } else if let Some(base) = state.distro().as_ref().and_then(|distro| base_account(*distro, user)) {
        facts.push_str(&item("number", &base.uid.to_string()));
        facts.push_str(&item("home", &format!("`{}`", base.home)));
    } else if let Some((name, number)) = of_image(state, user) {
        facts.push_str(&item(if name == user { "number" } else { "name" }, if name == user { number } else { name }));
    } else if user.bytes().all(|byte| byte.is_ascii_digit()) {
        facts.push_str("- a number: the image need not know it\n");
    }
    if state.image().is_some_and(|image| image.user == Some(user)) && !facts.starts_with("- root") {
        facts.push_str("- the user that the base image runs as\n");
    }
    if let Some(made) = made(here, user) {
        facts.push_str(&item("made on", &lines::quoted(here.snapshot, made.span)));
    }
    facts
}

/// The account of the image that the stage starts from, by its name or its number.
fn of_image(state: &ImageState, user: &str) -> Option<(&'static str, &'static str)> {
    let reference = ImageRef::parse(state.reference.as_deref()?);
    image_users(&reference.repository).find(|(name, number)| *name == user || *number == user)
}

/// The command in front that makes the account.
fn made<'s>(here: &Here<'s>, user: &str) -> Option<&'s Invocation> {
    let stage = here.stage?;
    let makes = |command: &&Invocation| command.instruction < here.index && makes_account(command, user);
    analyses(here.snapshot, stage).into_iter().flat_map(|stage| &stage.commands).rfind(makes)
}

/// True for a command that makes the account of this name or number.
fn makes_account(command: &Invocation, user: &str) -> bool {
    let Some((_, short)) = SHORT.iter().find(|(name, _)| *name == command.name) else { return false };
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        let Some(letters) = arg.prefix.strip_prefix('-') else {
            if arg.is(user) {
                return true;
            }
            continue;
        };
        let takes = if letters.starts_with('-') {
            LONG.contains(&arg.prefix.as_str())
        } else {
            letters.chars().last().is_some_and(|letter| short.contains(letter))
        };
        let is_uid = letters.ends_with('u') && takes || arg.prefix == "--uid";
        let value = if takes { args.next() } else { None };
        if arg.is(&format!("--uid={user}")) || is_uid && value.is_some_and(|value| value.is(user)) {
            return true;
        }
    }
    false
}

/// `0755` as `rwxr-xr-x`, as a list entry; empty for what is no mode.
pub fn mode_text(value: &str) -> String {
    if !is_file_mode(value) {
        return String::new();
    }
    let Ok(mode) = u32::from_str_radix(value, 8) else { return String::new() };
    let who = [("owner", 6), ("group", 3), ("others", 0)];
    let may = |shift: u32| {
        let bits = mode >> shift & 7;
        let words = [(4, "read"), (2, "write"), (1, "execute")];
        let words: Vec<&str> = words.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| *word).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    };
    let mut facts = String::new();
    for (name, shift) in who {
        facts.push_str(&item(name, &may(shift)));
    }
    let special = [(0o4000, "runs as its owner"), (0o2000, "runs as its group"), (0o1000, "sticky")];
    for (bit, words) in special {
        if mode & bit != 0 {
            facts.push_str(&item("special", words));
        }
    }
    facts
}

/// `1m30s` as `1 minute 30 seconds`; `None` for what is no duration, and for 0 and nothing, which mean the default.
pub fn duration_text(value: &str) -> Option<String> {
    if !is_duration(value) || value.is_empty() {
        return None;
    }
    let total = milliseconds(value)?;
    if total < 1.0 {
        return Some("0: the default".to_owned());
    }
    #[allow(clippy::cast_sign_loss, reason = "is_duration takes no negative one")]
    let mut rest = total.round() as u64;
    let mut words = Vec::new();
    for (name, size) in [("hour", 3_600_000), ("minute", 60_000), ("second", 1_000), ("millisecond", 1)] {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            words.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    Some(words.join(" "))
}

fn milliseconds(value: &str) -> Option<f64> {
    const UNITS: [(&str, f64); 6] = [("ns", 1e-6), ("us", 1e-3), ("ms", 1.0), ("s", 1e3), ("m", 6e4), ("h", 3.6e6)];
    let mut rest = value.trim_start_matches(['+', '-']);
    let mut total = 0.0;
    while !rest.is_empty() && rest != "0" {
        let digits = rest.find(|character: char| !character.is_ascii_digit() && character != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, factor) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        total += number * factor;
        rest = &rest[unit.len()..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_words() {
        assert_eq!(duration_text("1m30s").as_deref(), Some("1 minute 30 seconds"));
        assert_eq!(duration_text("1.5h").as_deref(), Some("1 hour 30 minutes"));
        assert_eq!(duration_text("500ms").as_deref(), Some("500 milliseconds"));
        assert_eq!(duration_text("0").as_deref(), Some("0: the default"));
        assert_eq!((duration_text("30"), duration_text(""), duration_text("x")), (None, None, None));
    }

    #[test]
    fn modes_in_words() {
        assert!(mode_text("0755").starts_with("- **owner**: read, write, execute\n- **group**: read, execute\n"));
        assert!(mode_text("4000").ends_with("runs as its owner\n"));
        assert_eq!((mode_text("u=rw"), mode_text("9")), (String::new(), String::new()));
    }

    #[test]
    fn ports_in_words() {
        assert!(port_text("8000-8010/UDP").starts_with("Ports **8000** to **8010**, UDP"));
        assert!(port_text("443").contains("HTTPS"));
        assert!(port_text("80:8080").contains("host's part"));
        assert_eq!((port_text("http"), port_text("")), (String::new(), String::new()));
    }
}
