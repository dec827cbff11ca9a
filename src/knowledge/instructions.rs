//! The instructions of a Dockerfile, their flags and mount options: what they are called, take and mean.
use std::sync::LazyLock;

use super::table::{self, Row};

const INSTRUCTIONS: &str = include_str!("instructions.tsv");
const FLAGS: &str = include_str!("flags.tsv");
const MOUNT_OPTIONS: &str = include_str!("mount_options.tsv");

/// The reference of one instruction.
#[derive(Clone, Debug)]
pub struct InstructionDoc {
    /// In capitals.
    pub name: &'static str,
    /// Its forms, one a line.
    pub signatures: Vec<&'static str>,
    /// One sentence.
    pub meaning: &'static str,
    /// What else matters.
    pub notes: &'static str,
    /// One to three lines of Dockerfile.
    pub examples: Vec<&'static str>,
    /// The official reference.
    pub link: &'static str,
}

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Nothing, `=true` or `=false`.
    Bool,
    /// Any text.
    Text,
    /// A Go duration.
    Duration,
    /// A decimal number.
    Integer,
    /// An octal number.
    Octal,
    /// A path.
    Path,
}

/// The reference of one flag of one instruction.
#[derive(Clone, Debug)]
pub struct FlagDoc {
    /// The instruction, in capitals.
    pub instruction: &'static str,
    /// The flag with its dashes.
    pub flag: &'static str,
    /// What it takes.
    pub kind: ValueKind,
    /// It may stand several times.
    pub repeatable: bool,
    /// The valid values, or what they look like; for people.
    pub values: &'static str,
    /// What holds without it; may be empty.
    pub default: &'static str,
    /// The frontend version that knows it first (`1.4`, `1.14-labs`); empty: all of them.
    pub since: &'static str,
    /// The builder expands variables in its value.
    pub expands: bool,
    /// One or two sentences.
    pub meaning: &'static str,
    /// One line of Dockerfile.
    pub example: &'static str,
    /// The official reference.
    pub link: &'static str,
}

/// Whether a mount of some type takes an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// It must be there.
    Required,
    /// It may be there.
    Optional,
    /// Accepted without effect.
    Ignored,
    /// The build fails.
    Error,
}

/// The reference of one option of one type of RUN --mount.
#[derive(Clone, Debug)]
pub struct MountOption {
    /// `bind`, `cache`, `tmpfs`, `secret` or `ssh`.
    pub mount_type: &'static str,
    /// Its name.
    pub key: &'static str,
    /// Its other names.
    pub aliases: Vec<&'static str>,
    /// What it takes.
    pub kind: ValueKind,
    /// Whether this type of mount takes it.
    pub usage: Use,
    /// The only valid values; empty: not a fixed list.
    pub values: Vec<&'static str>,
    /// What holds without it; may be empty.
    pub default: &'static str,
    /// The frontend version that knows it first; empty: all that know mounts.
    pub since: &'static str,
    /// One or two sentences.
    pub meaning: &'static str,
}

fn kind(word: &str) -> Option<ValueKind> {
    Some(match word {
        "bool" => ValueKind::Bool,
        "string" => ValueKind::Text,
        "duration" => ValueKind::Duration,
        "integer" => ValueKind::Integer,
        "octal" => ValueKind::Octal,
        "path" => ValueKind::Path,
        _ => return None,
    })
}

fn lines(cell: &'static str) -> Vec<&'static str> {
    cell.split("\\n").collect()
}

fn instruction(row: &Row) -> InstructionDoc {
    InstructionDoc {
        name: row.cell(0),
        signatures: lines(row.cell(1)),
        meaning: row.cell(2),
        notes: row.cell(3),
        examples: lines(row.cell(4)),
        link: row.cell(5),
    }
}

fn flag(row: &Row) -> Option<FlagDoc> {
    Some(FlagDoc {
        instruction: row.cell(0),
        flag: row.cell(1),
        kind: kind(row.cell(2))?,
        repeatable: row.yes_no(3)?,
        values: row.cell(4),
        default: row.cell(5),
        since: row.cell(6),
        expands: row.yes_no(7)?,
        meaning: row.cell(8),
        example: row.cell(9),
        link: row.cell(10),
    })
}

fn mount_option(row: &Row) -> Option<MountOption> {
    let usage = match row.cell(4) {
        "required" => Use::Required,
        "optional" => Use::Optional,
        "ignored" => Use::Ignored,
        "error" => Use::Error,
        _ => return None,
    };
    Some(MountOption {
        mount_type: row.cell(0),
        key: row.cell(1),
        aliases: row.words(2),
        kind: kind(row.cell(3))?,
        usage,
        values: row.words(5),
        default: row.cell(6),
        since: row.cell(7),
        meaning: row.cell(8),
    })
}

static ALL_INSTRUCTIONS: LazyLock<Vec<InstructionDoc>> =
    LazyLock::new(|| table::rows(INSTRUCTIONS).map(|row| instruction(&row)).collect());
static ALL_FLAGS: LazyLock<Vec<FlagDoc>> = LazyLock::new(|| table::rows(FLAGS).filter_map(|row| flag(&row)).collect());
static ALL_OPTIONS: LazyLock<Vec<MountOption>> =
    LazyLock::new(|| table::rows(MOUNT_OPTIONS).filter_map(|row| mount_option(&row)).collect());

/// All instructions, by name.
pub fn instructions() -> &'static [InstructionDoc] {
    &ALL_INSTRUCTIONS
}

/// The reference of an instruction, whose name may be in any case.
pub fn instruction_doc(name: &str) -> Option<&'static InstructionDoc> {
    ALL_INSTRUCTIONS.iter().find(|doc| doc.name.eq_ignore_ascii_case(name))
}

/// The flags that an instruction knows; none for an unknown instruction.
pub fn flags_of(instruction: &str) -> impl Iterator<Item = &'static FlagDoc> {
    ALL_FLAGS.iter().filter(move |doc| doc.instruction.eq_ignore_ascii_case(instruction))
}

/// The reference of a flag (`--from`); its name is case-sensitive, as in BuildKit.
pub fn flag_doc(instruction: &str, flag: &str) -> Option<&'static FlagDoc> {
    flags_of(instruction).find(|doc| doc.flag == flag)
}

/// The options of a type of mount, those that are errors or without effect there too.
pub fn mount_options(mount_type: &str) -> impl Iterator<Item = &'static MountOption> {
    ALL_OPTIONS.iter().filter(move |option| option.mount_type.eq_ignore_ascii_case(mount_type))
}

/// The reference of an option of a type of mount, by any of its names, in any case; `None` for an unknown key.
pub fn mount_option_doc(mount_type: &str, key: &str) -> Option<&'static MountOption> {
    let named = |option: &&MountOption| {
        option.key.eq_ignore_ascii_case(key) || option.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(key))
    };
    mount_options(mount_type).find(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(INSTRUCTIONS);
        table::assert_table(FLAGS);
        table::assert_table(MOUNT_OPTIONS);
        assert_eq!(ALL_INSTRUCTIONS.len(), 18);
        assert_eq!(table::rows(FLAGS).count(), ALL_FLAGS.len());
        assert_eq!(table::rows(MOUNT_OPTIONS).count(), ALL_OPTIONS.len());
        for doc in instructions() {
            assert!(doc.signatures[0].starts_with(doc.name) && doc.meaning.ends_with('.'), "{}", doc.name);
            assert!(!doc.examples.is_empty() && doc.link.contains('#'), "{}", doc.name);
        }
        for doc in ALL_FLAGS.iter() {
            assert!(instruction_doc(doc.instruction).is_some() && doc.example.contains(doc.flag), "{}", doc.flag);
        }
    }

    #[test]
    fn finds_docs() {
        assert_eq!(instruction_doc("copy").map(|doc| doc.name), Some("COPY"));
        assert_eq!(flag_doc("COPY", "--from").map(|doc| doc.expands), Some(false));
        assert_eq!(flag_doc("RUN", "--mount").map(|doc| (doc.kind, doc.repeatable)), Some((ValueKind::Text, true)));
        assert!(flag_doc("RUN", "--Mount").is_none() && flag_doc("ADD", "--from").is_none());
        assert_eq!(flags_of("USER").count(), 0);
        let sharing = mount_option_doc("cache", "sharing").unwrap();
        assert_eq!((sharing.usage, sharing.default), (Use::Optional, "shared"));
        assert_eq!(
            mount_option_doc("bind", "dst").map(|option| (option.key, option.usage)),
            Some(("target", Use::Required))
        );
        assert_eq!(mount_option_doc("secret", "from").map(|option| option.usage), Some(Use::Error));
        assert!(mount_option_doc("cache", "targte").is_none());
        assert!(["bind", "cache", "tmpfs", "secret", "ssh"].iter().all(|name| mount_options(name).count() == 14));
    }
}
