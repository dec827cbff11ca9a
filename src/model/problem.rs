//! Syntax problems: what BuildKit refuses when it reads the file. `rules::syntax` turns them into findings.
use super::instruction::Kind;
use crate::text::span::Span;

/// One problem and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong.
    pub kind: ProblemKind,
    /// The smallest part that is wrong.
    pub span: Span,
    /// The instruction it belongs to, as an index; `None` for the file.
    pub instruction: Option<usize>,
    /// It stands in a trigger of ONBUILD, which another build reads.
    pub deferred: bool,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file holds no instruction.
    NoInstruction,
    /// The file holds no FROM.
    NoFrom,
    /// An instruction other than ARG stands in front of the first FROM.
    BeforeFrom(Kind),
    /// Text that no instruction could hold.
    Unparsable,
    /// A keyword that is no instruction.
    UnknownInstruction,
    /// A flag that the instruction does not have.
    UnknownFlag,
    /// A flag given twice that may stand once.
    DuplicateFlag,
    /// A flag that needs a value and has none.
    MissingFlagValue,
    /// A value that the flag does not take; what it takes instead.
    BadFlagValue(&'static str),
    /// Arguments are missing; what is missing.
    MissingArgument(&'static str),
    /// More is written than the instruction takes; what it takes.
    ExtraArgument(&'static str),
    /// FROM with a second word that is not AS.
    ExpectedAs,
    /// A stage name with letters that it can't have.
    BadStageName,
    /// A pair of ENV or LABEL without an equals sign behind one that has it.
    MissingEquals,
    /// A pair without a name.
    MissingName,
    /// A JSON array that holds more than strings.
    JsonNotStrings,
    /// SHELL in another form than JSON, or an empty one.
    ShellNotJson,
    /// A quote without its partner.
    UnclosedQuote,
    /// `${` without `}`.
    UnclosedBrace,
    /// An expansion that BuildKit does not know.
    BadSubstitution,
    /// A here-document whose end is missing.
    UnterminatedHeredoc,
    /// A here-document as the destination of COPY or ADD.
    HeredocDestination,
    /// ONBUILD with an instruction that can't be a trigger.
    BadTrigger(Kind),
    /// HEALTHCHECK with a word that is neither NONE nor CMD.
    BadHealthcheckType,
    /// A parser directive that is given twice.
    DuplicateDirective,
    /// `# escape=` with another character than a backslash or a back-tick.
    BadEscape,
    /// `COPY --from=` with a variable.
    VariableInFrom,
    /// A port that EXPOSE does not take.
    BadPort,
    /// An empty element of VOLUME.
    EmptyVolume,
    /// A line over BuildKit's limit of 65,535 bytes.
    LineTooLong,
    /// `${v/p}`: the slash in front of the replacement is missing.
    MissingSlash,
    /// A signal that STOPSIGNAL does not know.
    BadSignal,
    /// An option of `# check=` that does not exist; what may stand there.
    BadCheckOption(&'static str),
    /// A flag that the stable frontend knows but refuses.
    NeedsLabs,
    /// COPY with an address as source.
    AddressInCopy,
    /// `--checksum` with sources that have none; what it goes with.
    ChecksumSource(&'static str),
    /// An option of `RUN --mount`.
    BadMount(MountFault),
}

/// What is wrong with an option of `RUN --mount`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MountFault {
    /// `--mount` without any option.
    Empty,
    /// Two commas, or one at an end.
    EmptyOption,
    /// A quote of the comma-separated form that has no partner, or stands within a word.
    Quotes,
    /// A type that does not exist.
    Type,
    /// A key that no type has.
    Key,
    /// A key without a value.
    NoValue,
    /// A value that the key does not take; what it takes instead.
    Value(&'static str),
    /// A key that this type of mount does not have; the type.
    NotForType(&'static str),
    /// A key whose type is named only behind it; the type.
    BeforeType(&'static str),
    /// The root as target.
    Root,
    /// A secret without id, source and target.
    NoSecret,
    /// A secret with both source and id.
    SourceAndId,
}
