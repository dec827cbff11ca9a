//! Lists the rule and action files, so that a new file is a new rule.
fn main() {}
