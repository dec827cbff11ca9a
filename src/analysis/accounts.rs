//! Who a command runs as: the numbers and the home, from USER and from the accounts that were made before.
use super::go::GoCommand;
use super::invocation::Invocation;
use super::known::Answer;
use super::path::is_below;
use super::snapshot::Snapshot;
use super::source;
use super::state::ImageState;
use crate::knowledge::accounts::base_account;
use crate::knowledge::distros::Distro;
use crate::model::stage::Stage;
use crate::text::span::Span;

/// A user other than root. What is `None` can't be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// The number.
    pub uid: Option<u32>,
    /// The number of the group.
    pub gid: Option<u32>,
    /// The home that the container gets from /etc/passwd; `/` for a number that is not in it.
    pub home: Option<String>,
    /// False when nobody made that folder for the user.
    pub may_have_home: bool,
}

/// An account that `useradd` or `adduser` makes.
struct Made<'s> {
    name: &'s str,
    account: Account,
}

/// Short flags of useradd and adduser that take the next word, as letters.
pub const SHORT: [(&str, &str); 2] = [("useradd", "bcdefgGkKpPRsuZ"), ("adduser", "uGhsgk")];
/// Long flags of both that take the next word.
pub const LONG: [&str; 14] = [
    "--uid",
    "--gid",
    "--home",
    "--home-dir",
    "--shell",
    "--ingroup",
    "--gecos",
    "--comment",
    "--groups",
    "--password",
    "--base-dir",
    "--skel",
    "--key",
    "--expiredate",
];

/// The numbers that distributions give to accounts of people; those below are the system's.
const FIRST_UID: u32 = 1000;

/// The account that `command` of `stage` runs as, if that is not root; `None` for root, and where nobody can tell.
pub fn of(snapshot: &Snapshot, stage: &Stage, command: &GoCommand) -> Option<Account> {
    let state = &command.state;
    let (user, group) =
        { state.user.as_ref()? }.split_once(':').map_or((state.user.as_ref()?.as_str(), ""), |pair| pair);
    if state.is_root() != Answer::No || user.is_empty() {
        return None;
    }
    let stages = source::analyses(snapshot, stage);
    let before = |made: &&Invocation| made.span.start < command.span.start && is_adduser(&made.name);
    let made: Option<Vec<Made>> =
        stages.iter().flat_map(|stage| &stage.commands).filter(before).map(|command| read(command, state)).collect();
    let (made, all_known) = made.map_or((Vec::new(), false), |made| (made, true));
    let number: Option<u32> = user.parse().ok();
    let known = made.into_iter().rfind(|made| made.name == user || number.is_some() && made.account.uid == number);
    let base = state.distro().as_ref().and_then(|distro| base_account(*distro, user));
    let mut account = match (known, base, number) {
        (Some(made), ..) => made.account,
        (None, Some(base), _) => {
            Account { uid: Some(base.uid), gid: None, home: Some(base.home.to_owned()), may_have_home: false }
        }
        (None, None, Some(uid)) => {
            let is_nobody = all_known && is_unlisted(snapshot, stage, command, uid);
            Account { uid: Some(uid), gid: None, home: is_nobody.then(|| "/".to_owned()), may_have_home: !is_nobody }
        }
        (None, None, None) => return None,
    };
    account.gid = group.parse().ok().or(account.gid);
    Some(account)
}

/// True when /etc/passwd has no line for the number `uid`.
fn is_unlisted(snapshot: &Snapshot, stage: &Stage, command: &GoCommand, uid: u32) -> bool {
    let state = &command.state;
    let stages = source::analyses(snapshot, stage);
    let before = |span: Span| span.start < command.span.start;
    let takes_next_number = { stages.iter() }
        .flat_map(|stage| &stage.commands)
        .filter(|made| before(made.span) && is_adduser(&made.name))
        .any(|made| read(made, state).is_none_or(|made| made.account.uid.is_none()));
    let mut copies = stages.iter().flat_map(|stage| &stage.copies);
    let knows = state.distro().is(|distro| matches!(distro, Distro::Debian | Distro::Alpine));
    let brings_list = copies.any(|copy| {
        copy.destination.as_ref().is_none_or(|to| is_below("/etc/passwd", to) && (to != "/" || !copy.into_folder))
    });
    uid >= FIRST_UID && knows && !takes_next_number && !brings_list && !state.is_tainted()
}

/// The name of the account that a `useradd` or `adduser` makes; `None` for other commands, and where it can't be read.
pub fn made_by<'c>(command: &'c Invocation, state: &ImageState) -> Option<&'c str> {
    if is_adduser(&command.name) { Some(read(command, state)?.name) } else { None }
}

fn is_adduser(name: &str) -> bool {
    matches!(name, "useradd" | "adduser")
}

/// What a `useradd` or `adduser` makes; `None` where that can't be read.
fn read<'c>(command: &'c Invocation, state: &ImageState) -> Option<Made<'c>> {
    let is = |wanted: Distro| state.distro().is(|distro| *distro == wanted);
    let busybox = is(Distro::Alpine) && command.name == "adduser";
    let options = options(command, busybox)?;
    let name = options.name?;
    // Where Debian's adduser puts the home of a system account differs from release to release.
    let unknown_home = options.system && command.name == "adduser" && options.home.is_none() && !busybox;
    let omits_by_itself = is(Distro::Debian) || is(Distro::Ubuntu) || is(Distro::Alpine);
    let may_have_home = !options.omits && (options.creates || command.name == "adduser" || !omits_by_itself);
    let home = (!unknown_home).then(|| options.home.map_or_else(|| format!("/home/{name}"), str::to_owned));
    let number = |text: Option<&str>| text.and_then(|text| text.parse().ok());
    let account = Account { uid: number(options.uid), gid: number(options.gid), home, may_have_home };
    Some(Made { name, account })
}

/// The words of a command that makes an account, read.
#[derive(Default)]
struct Options<'c> {
    name: Option<&'c str>,
    home: Option<&'c str>,
    uid: Option<&'c str>,
    gid: Option<&'c str>,
    creates: bool,
    omits: bool,
    system: bool,
}

fn options(command: &Invocation, busybox: bool) -> Option<Options<'_>> {
    let letters = SHORT.iter().find(|(name, _)| *name == command.name)?.1;
    let useradd = command.name == "useradd";
    let mut read = Options::default();
    let mut args = command.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.value.as_ref()?.as_str();
        let pair = text.split_once('=').filter(|_| text.starts_with("--"));
        let (flag, inline) = pair.map_or((text, None), |(flag, value)| (flag, Some(value)));
        if !flag.starts_with('-') {
            read.name = read.name.or(Some(flag));
            continue;
        }
        let last = flag.chars().last().filter(|_| !flag.starts_with("--"));
        let takes = last.map_or(LONG.contains(&flag), |last| letters.contains(last));
        let value = if inline.is_none() && takes { Some(args.next()?.value.as_ref()?.as_str()) } else { inline };
        match (flag, last) {
            ("--uid", _) | (_, Some('u')) => read.uid = value,
            ("--gid", _) => read.gid = value,
            (_, Some('g')) if !busybox => read.gid = value,
            ("--home" | "--home-dir", _) => read.home = value,
            (_, Some('d')) if useradd => read.home = value,
            (_, Some('h')) if busybox => read.home = value,
            ("--create-home", _) => read.creates = true,
            ("--no-create-home", _) => read.omits = true,
            ("--system", _) => read.system = true,
            ("--base-dir", _) | (_, Some('b' | 'D')) if useradd => return None,
            _ => {}
        }
        let has = |letter: char| last.is_some() && flag.contains(letter);
        read.creates |= useradd && has('m');
        read.omits |= has(if useradd { 'M' } else { 'H' });
    }
    Some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(image: &str, lines: &str) -> Option<Account> {
        let snapshot = Snapshot::of_text(&format!("FROM {image}\n{lines}\nRUN go build\n"));
        let stage = &snapshot.file().stages[0];
        of(&snapshot, stage, &snapshot.stage(stage).go[0])
    }

    #[test]
    fn reads_accounts() {
        let made = |uid, gid, home: &str, may_have_home| {
            Some(Account { uid, gid, home: Some(home.to_owned()), may_have_home })
        };
        let (debian, alpine) = ("golang:1.25", "golang:1.25-alpine");
        assert_eq!(account(debian, ""), None);
        assert_eq!(account(debian, "USER 1000:2000"), made(Some(1000), Some(2000), "/", false));
        assert_eq!(account(debian, "USER nobody"), made(Some(65534), None, "/nonexistent", false));
        assert_eq!(account(debian, "USER app"), None);
        let lines = "RUN useradd -u 10001 -g 10 app\nUSER app";
        assert_eq!(account(debian, lines), made(Some(10001), Some(10), "/home/app", false));
        let lines = "RUN useradd -m --uid=10001 --home-dir /w app\nUSER 10001";
        assert_eq!(account(debian, lines), made(Some(10001), None, "/w", true));
        let lines = "RUN adduser -D -g '' -h /w app\nUSER app:app";
        assert_eq!(account(alpine, lines), made(None, None, "/w", true));
        let lines = "RUN addgroup -S x && adduser -S -D -H -u 101 -G x app\nUSER app";
        assert_eq!(account(alpine, lines), made(Some(101), None, "/home/app", false));
        let unsure = account(debian, "RUN adduser --system app\nUSER 1000");
        assert_eq!(unsure, Some(Account { uid: Some(1000), gid: None, home: None, may_have_home: true }));
        assert_eq!(account(debian, "RUN ./setup\nUSER 1000").unwrap().home, None);
    }
}
