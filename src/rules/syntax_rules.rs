//! The rules of the group `syntax`: one static for each page in `syntax/`, which `build.rs` pairs by name.
#![allow(missing_docs, reason = "each is documented by its page")]
use super::rule::{Check, Default, Finding, Rule, Severity};
use crate::analysis::snapshot::Snapshot;

/// BuildKit refuses what these rules report, so they are errors and on; the engine asks `syntax::findings` for them.
const fn rule(aliases: &'static [&'static str]) -> Rule {
    Rule { severity: Severity::Error, default: Default::On, since: "0.1.0", aliases, check: Check::File(nothing) }
}

fn nothing(_: &Snapshot, _: &mut Vec<Finding>) {}

pub static ADDRESS_IN_COPY: Rule = rule(&[]);
pub static DUPLICATE_FLAG: Rule = rule(&["FLAG_DUPLICATE"]);
pub static EXTRA_ARGUMENT: Rule = rule(&["ARGUMENT_EXTRA", "ARGUMENT_UNNECESSARY", "ARGUMENT_REQUIRES_ONE_OR_THREE"]);
pub static HEREDOC_AS_DESTINATION: Rule = rule(&[]);
pub static INSTRUCTION_BEFORE_FROM: Rule = rule(&["DL3061", "NO_SOURCE_IMAGE"]);
pub static INVALID_DIRECTIVE: Rule = rule(&["INVALID_ESCAPE_DIRECTIVE", "DUPLICATED_ESCAPE_DIRECTIVE"]);
pub static INVALID_FLAG_VALUE: Rule = rule(&[
    "FLAG_INVALID_DURATION",
    "FLAG_LESS_THAN_1MS",
    "FLAG_MISSING_DURATION",
    "FLAG_UNKNOWN_UNIT",
    "FLAG_EXPECTED_BOOLEAN_VALUE",
    "FLAG_AT_LEAST_ONE",
]);
pub static INVALID_JSON_FORM: Rule = rule(&["SHELL_JSON_FORM", "JSON_IN_SINGLE_QUOTES"]);
pub static INVALID_MOUNT: Rule = rule(&[]);
pub static INVALID_PORT: Rule = rule(&["DL3011", "INVALID_PROTO", "INVALID_PORT"]);
pub static INVALID_SIGNAL: Rule = rule(&["INVALID_SIGNAL"]);
pub static INVALID_STAGE_NAME: Rule = rule(&["INVALID_BUILD_STAGE_NAME"]);
pub static INVALID_SUBSTITUTION: Rule = rule(&["UNSUPPORTED_MODIFIER"]);
pub static INVALID_TRIGGER: Rule = rule(&["DL3043", "ONBUILD_CHAINING_DISALLOWED", "ONBUILD_TRIGGER_DISALLOWED"]);
pub static LABS_FLAG: Rule = rule(&[]);
pub static LINE_TOO_LONG: Rule = rule(&[]);
pub static MISSING_ARGUMENT: Rule = rule(&[
    "ARGUMENT_MISSING",
    "ARGUMENT_REQUIRES_AT_LEAST_ONE",
    "ARGUMENT_REQUIRES_AT_LEAST_TWO",
    "ARGUMENT_REQUIRES_ONE",
    "ARGUMENT_REQUIRES_TWO",
    "SHELL_REQUIRES_ONE",
    "HEALTHCHECK_CMD_ARGUMENT_MISSING",
]);
pub static MISSING_AS: Rule = rule(&["INVALID_AS"]);
pub static MISSING_EQUALS: Rule = rule(&["SYNTAX_MISSING_EQUALS", "SYNTAX_MISSING_NAMES"]);
pub static MISSING_FLAG_VALUE: Rule = rule(&["FLAG_MISSING_VALUE"]);
pub static MISSING_FROM: Rule = rule(&["NO_SOURCE_IMAGE", "DL3061"]);
pub static NEEDS_NEWER_FRONTEND: Rule = rule(&[]);
pub static TRAILING_COMMENT: Rule = rule(&[]);
pub static UNCLOSED_QUOTE: Rule =
    rule(&["SYNTAX_MISSING_SINGLE_QUOTE", "SYNTAX_MISSING_DOUBLE_QUOTE", "INVALID_SYNTAX"]);
pub static UNKNOWN_FLAG: Rule =
    rule(&["UNKNOWN_ADD_FLAG", "UNKNOWN_COPY_FLAG", "UNKNOWN_FROM_FLAG", "UNKNOWN_HEALTHCHECK_FLAG"]);
pub static UNKNOWN_HEALTHCHECK_TYPE: Rule = rule(&["UNKNOWN_TYPE"]);
pub static UNKNOWN_INSTRUCTION: Rule = rule(&["UNKNOWN_INSTRUCTION"]);
pub static UNREADABLE_TEXT: Rule = rule(&[]);
pub static UNTERMINATED_HEREDOC: Rule = rule(&[]);
pub static VARIABLE_IN_COPY_FROM: Rule = rule(&["FLAG_INVALID_FROM_VALUE"]);
