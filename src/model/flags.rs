//! Which flags BuildKit's parser knows. Source: frontend/dockerfile/instructions of BuildKit v0.32.2.
use super::instruction::Kind;

/// A flag of an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlagSpec {
    /// Without the dashes.
    pub name: &'static str,
    /// It takes `true`, `false` or nothing.
    pub boolean: bool,
    /// It may stand several times.
    pub repeatable: bool,
}

const fn text(name: &'static str) -> FlagSpec {
    FlagSpec { name, boolean: false, repeatable: false }
}

const fn many(name: &'static str) -> FlagSpec {
    FlagSpec { name, boolean: false, repeatable: true }
}

const fn boolean(name: &'static str) -> FlagSpec {
    FlagSpec { name, boolean: true, repeatable: false }
}

const FROM: &[FlagSpec] = &[text("platform")];
const RUN: &[FlagSpec] = &[many("mount"), text("network"), text("security"), many("device")];
const COPY: &[FlagSpec] =
    &[text("from"), text("chown"), text("chmod"), boolean("link"), many("exclude"), boolean("parents")];
const ADD: &[FlagSpec] = &[
    text("chown"),
    text("chmod"),
    boolean("link"),
    many("exclude"),
    boolean("keep-git-dir"),
    text("checksum"),
    boolean("unpack"),
];
const HEALTHCHECK: &[FlagSpec] =
    &[text("interval"), text("timeout"), text("start-period"), text("start-interval"), text("retries")];

/// The flags of `kind`.
pub const fn flags_of(kind: Kind) -> &'static [FlagSpec] {
    match kind {
        Kind::From => FROM,
        Kind::Run => RUN,
        Kind::Copy => COPY,
        Kind::Add => ADD,
        Kind::Healthcheck => HEALTHCHECK,
        _ => &[],
    }
}

/// True where BuildKit collects flags but never looks at them.
pub const fn ignores_flags(kind: Kind) -> bool {
    matches!(kind, Kind::Arg | Kind::Stopsignal | Kind::Unknown)
}
