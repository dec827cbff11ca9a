//! What can be typed.
use std::path::PathBuf;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::rules::rule::Severity;
use crate::settings::{FinalBase, Preset};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

const AFTER: &str = "\
Exit codes: 0 clean, 1 findings (see --fail-on), 2 something could not be done.
Silence a finding with a comment above the instruction: # dockline: ignore=RULE reason
Settings are read from dockline.toml beside or above each Dockerfile, else from .hadolint.yaml.";

const AFTER_COMPLETIONS: &str = "\
Where they go:
  bash        dockline completions bash > ~/.local/share/bash-completion/completions/dockline
  zsh         dockline completions zsh > ~/.zfunc/_dockline  (a folder of $fpath)
  fish        dockline completions fish > ~/.config/fish/completions/dockline.fish
  PowerShell  dockline completions powershell | Out-String | Invoke-Expression  (in $PROFILE)
  Elvish      eval (dockline completions elvish | slurp)  (in rc.elv)";

const AFTER_MAN: &str = "\
Where pages go:
  dockline man > ~/.local/share/man/man1/dockline.1
  dockline man check > ~/.local/share/man/man1/dockline-check.1";

/// A Dockerfile language server and linter that knows Go
#[derive(Debug, Parser)]
#[command(name = "dockline", version, about, after_help = AFTER, styles = STYLES, arg_required_else_help = true)]
pub struct Args {
    /// When to use colour
    #[arg(long, global = true, value_enum, hide_possible_values = true, default_value_t = Color::Auto, value_name = "auto|always|never")]
    pub color: Color,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Report what is wrong in Dockerfiles
    Check(Check),
    /// Repair what can be repaired without a decision
    Fix(Fix),
    /// Tidy the layout of Dockerfiles: keyword case, blanks, indentation of continued lines
    Fmt(Fmt),
    /// Print the page of a rule: what it finds, why, and how to repair it
    Explain {
        /// The rule's name, or its code elsewhere (DL3006, JSONArgsRecommended)
        rule: String,
    },
    /// List all rules
    Rules {
        /// How to print
        #[arg(long, value_enum, hide_possible_values = true, default_value_t = ListFormat::Text, value_name = "text|json")]
        format: ListFormat,
    },
    /// List the tables of facts that the findings rest on, with their sources and dates, or print one
    Data {
        /// The table; without one all are listed
        table: Option<String>,
        /// How to print
        #[arg(long, value_enum, hide_possible_values = true, default_value_t = ListFormat::Text, value_name = "text|json")]
        format: ListFormat,
    },
    /// Show what is known of the project around Dockerfiles: the build context and why, the ignore file, the Go modules
    Context(Context),
    /// Show where the time of a build went, by its log, and which rules and actions would save some
    Trace(Trace),
    /// Print the settings in force and where each comes from, or turn those of hadolint into ours
    Config(Config),
    /// Write a Dockerfile and a .dockerignore for the Go module at hand
    Init(Init),
    /// Print the smallest Dockerfile in which an instruction still does what it does in the whole one
    Slice(Slice),
    /// Print the completions for a shell
    #[command(after_help = AFTER_COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the man page, as troff text
    #[command(after_help = AFTER_MAN)]
    Man {
        /// The page of this command
        command: Option<String>,
    },
    /// Serve an editor on standard input and output
    Lsp {
        /// Accepted, because editors pass it: there is no other way of talking
        #[arg(long)]
        stdio: bool,
        /// The editor's process; the server ends with it
        #[arg(long, value_name = "PID", hide = true)]
        client_process_id: Option<u32>,
    },
}

/// What files to look at, and with which settings.
#[derive(Debug, Default, clap::Args)]
pub struct Input {
    /// Dockerfiles, or directories to search (honours .gitignore); `-` reads standard input
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Treat standard input as the content of this file
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// The build context [default: found out for each Dockerfile]
    #[arg(long, value_name = "DIR")]
    pub context: Option<PathBuf>,
    /// Use these settings instead of the nearest dockline.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Which rules are on
    #[arg(long, value_enum, hide_possible_values = true, value_name = "recommended|pedantic|hadolint")]
    pub preset: Option<PresetArg>,
    /// Run these rules alone, by name or by their codes elsewhere, with commas between them
    #[arg(long, value_name = "RULE,…", value_delimiter = ',')]
    pub rules: Vec<String>,
    /// The lowest level that is shown or fixed: hint, info, warning or error [default: info]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "LEVEL")]
    pub level: Option<LevelArg>,
}

/// `dockline check`
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The files
    #[command(flatten)]
    pub input: Input,
    /// Ask registries about the images: their names leave the machine
    #[arg(long)]
    pub registry: bool,
    /// Exit with 1 when a finding of this level or a higher one is shown, or never [default: warning]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "LEVEL|never")]
    pub fail_on: Option<FailOn>,
    /// How to print
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = Format::Text,
        value_name = "text|json|sarif|github|gitlab|checkstyle|junit")]
    pub format: Format,
    /// Write the report to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `dockline context`
#[derive(Debug, clap::Args)]
pub struct Context {
    /// The files
    #[command(flatten)]
    pub input: Input,
    /// How to print
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = ListFormat::Text, value_name = "text|json")]
    pub format: ListFormat,
}

/// `dockline trace`
#[derive(Debug, clap::Args)]
pub struct Trace {
    /// What `docker build --progress=plain` or `--progress=rawjson` printed; `-` reads standard input
    pub log: PathBuf,
    /// The Dockerfile that was built
    #[arg(long, short = 'f', value_name = "FILE", default_value = "Dockerfile")]
    pub dockerfile: PathBuf,
    /// The build context [default: found out]
    #[arg(long, value_name = "DIR")]
    pub context: Option<PathBuf>,
    /// Use these settings instead of the nearest dockline.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, hide_possible_values = true, default_value_t = ListFormat::Text, value_name = "text|json")]
    pub format: ListFormat,
}

/// `dockline config`
#[derive(Debug, clap::Args)]
pub struct Config {
    /// The Dockerfile, or the directory it would lie in; with --from-hadolint the file of hadolint, if it is not the nearest
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// Use this settings file instead of the nearest one
    #[arg(long = "config", value_name = "FILE", conflicts_with = "from_hadolint")]
    pub file: Option<PathBuf>,
    /// Print the dockline.toml that says what .hadolint.yaml says
    #[arg(long)]
    pub from_hadolint: bool,
    /// Write that dockline.toml beside the file of hadolint
    #[arg(long, requires = "from_hadolint")]
    pub write: bool,
}

const AFTER_INIT: &str = "\
The Dockerfile has a stage that builds, with a download layer and cache mounts, and a small one
that ships, with a user that is not root. Whether cgo is needed, the ports, the files that the
program reads, vendor/, go.work, local replacements and private modules (dockline.toml) are found out.

Exit codes: 0 done, 2 it could not be done, or a Dockerfile is there already.";

/// `dockline init`
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_INIT)]
pub struct Init {
    /// The folder of go.mod or go.work: the build context
    #[arg(default_value = ".")]
    pub dir: PathBuf,
    /// The program, where there are several: ./cmd/server
    #[arg(long, value_name = "PACKAGE")]
    pub main: Option<String>,
    /// The image of the stage that ships [default: distroless]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "distroless|scratch|alpine|chainguard|debian")]
    pub base: Option<BaseArg>,
    /// Overwrite files that are there
    #[arg(long)]
    pub force: bool,
    /// Write nothing; print the Dockerfile
    #[arg(long)]
    pub print: bool,
    /// Use these settings instead of the nearest dockline.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The image of the stage that ships.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BaseArg {
    /// Google's distroless images
    Distroless,
    /// Nothing but the program
    Scratch,
    /// Alpine
    Alpine,
    /// Chainguard's images
    Chainguard,
    /// Debian slim
    Debian,
}

const AFTER_SLICE: &str = "\
The stage of the instruction stays up to it, with the stages that it is built on or copies and
mounts from, the global ARGs they use, and the directives. Instructions that only matter when a
container starts go, and variables that nothing behind them can see.

  dockline slice Dockerfile:12 | docker build -f - .";

/// `dockline slice`
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_SLICE)]
pub struct Slice {
    /// The Dockerfile, or `-` for standard input, and a line of the instruction
    #[arg(value_name = "FILE:LINE", allow_hyphen_values = true)]
    pub place: String,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Treat standard input as the content of this file
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
}

/// `dockline fix`
#[derive(Debug, clap::Args)]
pub struct Fix {
    /// The files
    #[command(flatten)]
    pub input: Input,
    /// Print what would change, and change nothing; exit with 1 if there is something
    #[arg(long)]
    pub diff: bool,
    /// Apply fixes too that somebody has to look at
    #[arg(long)]
    pub r#unsafe: bool,
}

const AFTER_FMT: &str = "\
What is built stays the same: here-documents, strings, shell text and comments are not touched,
and what is laid out in columns or indented consistently stays so. Files with syntax errors,
or that are not UTF-8, are left alone.

Settings, in dockline.toml:
  [format]
  keyword-case = \"majority\"   # that of most of the file; or upper, lower, keep
  indent = 4                  # of continued lines, where the file has no indentation of its own
  max-blank-lines = 2

Exit codes: 0 done or nothing to do, 1 a file would change (--check, --diff), 2 something could
not be done.";

/// `dockline fmt`
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_FMT)]
pub struct Fmt {
    /// Dockerfiles, or directories to search (honours .gitignore); `-` formats standard input to standard output
    #[arg(default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// Change nothing; name the files that would change, and exit with 1 if there are any
    #[arg(long)]
    pub check: bool,
    /// Change nothing; print what would change, and exit with 1 if there is something
    #[arg(long)]
    pub diff: bool,
    /// Treat standard input as the content of this file
    #[arg(long, value_name = "FILE")]
    pub stdin_filename: Option<PathBuf>,
    /// Use these settings instead of the nearest dockline.toml
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// How to print findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Workflow commands: annotations of GitHub Actions
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// Checkstyle's XML
    Checkstyle,
    /// JUnit's XML
    Junit,
}

/// How to print a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// A level, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Advice
    Hint,
    /// Good to know
    Info,
    /// Wrong, insecure or needlessly slow
    Warning,
    /// The build fails, the container can't start, or a secret leaks
    Error,
    /// Findings never fail a run
    Never,
}

/// A level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelArg {
    /// Advice
    Hint,
    /// Good to know
    Info,
    /// Wrong, insecure or needlessly slow
    Warning,
    /// The build fails, the container can't start, or a secret leaks
    Error,
}

/// A preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PresetArg {
    /// What is wrong for sure and worth an edit
    Recommended,
    /// Every rule
    Pedantic,
    /// What hadolint reports, at its levels
    Hadolint,
}

impl LevelArg {
    /// The same level of the engine.
    pub fn severity(self) -> Severity {
        match self {
            LevelArg::Hint => Severity::Hint,
            LevelArg::Info => Severity::Info,
            LevelArg::Warning => Severity::Warning,
            LevelArg::Error => Severity::Error,
        }
    }
}

impl BaseArg {
    /// The same base of the settings.
    pub fn base(self) -> FinalBase {
        match self {
            BaseArg::Distroless => FinalBase::Distroless,
            BaseArg::Scratch => FinalBase::Scratch,
            BaseArg::Alpine => FinalBase::Alpine,
            BaseArg::Chainguard => FinalBase::Chainguard,
            BaseArg::Debian => FinalBase::Debian,
        }
    }
}

impl FailOn {
    /// The same level of the engine, if there is one.
    pub fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Hint => Some(Severity::Hint),
            FailOn::Info => Some(Severity::Info),
            FailOn::Warning => Some(Severity::Warning),
            FailOn::Error => Some(Severity::Error),
            FailOn::Never => None,
        }
    }
}

impl PresetArg {
    /// The same preset of the settings.
    pub fn preset(self) -> Preset {
        match self {
            PresetArg::Recommended => Preset::Recommended,
            PresetArg::Pedantic => Preset::Pedantic,
            PresetArg::Hadolint => Preset::Hadolint,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
