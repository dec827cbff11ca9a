//! The variable in which a program keeps its version: `go build -ldflags "-X main.version=…"` sets it.

/// Bytes of one declaration that are looked at.
pub const MAX_BYTES: usize = 4 << 10;

/// A string variable that the linker can set: without a value, or with a constant one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// `version` or `Version`.
    pub name: String,
    /// What it holds by itself.
    pub value: String,
}

/// The variable among those that are declared behind `var`; `text` begins there.
pub fn declared(text: &str) -> Option<Variable> {
    match text.trim_start_matches([' ', '\t']).strip_prefix('(') {
        None => line(text.lines().next()?),
        // As gofmt writes it: one tab in front of each variable, none in front of what closes the block.
        Some(block) => {
            let lines = block.lines().skip(1).take_while(|line| !line.starts_with(')'));
            lines.filter(|line| !line.starts_with("\t\t")).find_map(line)
        }
    }
}

/// `version string`, `version = "dev"`, `version, commit string = "dev", ""`
fn line(text: &str) -> Option<Variable> {
    let (names, values) = match text.split_once('=') {
        Some((names, values)) => (names.trim(), Some(values)),
        None => (text.split("//").next()?.trim(), None),
    };
    let names = match (names.strip_suffix("string").filter(|names| names.ends_with([' ', '\t'])), values) {
        (Some(names), _) => names,
        (None, Some(_)) => names,
        (None, None) => return None,
    };
    let names: Vec<&str> = names.split(',').map(str::trim).collect();
    let at = names.iter().position(|name| matches!(*name, "version" | "Version"))?;
    let value = match values {
        None => String::new(),
        Some(values) => {
            let values = literals(values)?;
            values.get(at).filter(|_| values.len() == names.len())?.clone()
        }
    };
    Some(Variable { name: names[at].to_owned(), value })
}

/// String literals with commas between them, and nothing else.
fn literals(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text.trim();
    loop {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '`'))?;
        let end = rest[1..].find(quote)? + 1;
        let value = &rest[1..end];
        if value.contains('\\') {
            return None;
        }
        found.push(value.to_owned());
        rest = rest[end + 1..].trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() || rest.starts_with("//") => return Some(found),
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;

    fn found(declaration: &str) -> Option<(String, String)> {
        let text = format!("package main\n\nimport \"fmt\"\n\n{declaration}\n\nfunc main() {{ fmt.Println(1) }}\n");
        scan(text.as_bytes()).version.map(|variable| (variable.name, variable.value))
    }

    #[test]
    fn finds_string_variables() {
        let some = |name: &str, value: &str| Some((name.to_owned(), value.to_owned()));
        assert_eq!(found("var version string"), some("version", ""));
        assert_eq!(found("var Version = \"dev\" // by the linker"), some("Version", "dev"));
        assert_eq!(found("var commit, version string = `x`, `y`"), some("version", "y"));
        assert_eq!(
            found("var (\n\t// set by the linker\n\tcommit  = \"\"\n\tversion = \"v1\"\n)"),
            some("version", "v1")
        );
        assert_eq!(found("var (\n\tf = g(\n\t\t1,\n\t)\n\tversion string // x\n)"), some("version", ""));
        assert_eq!(found("var a = 1\nvar version string\nvar Version string"), some("version", ""));
    }

    #[test]
    fn leaves_others_alone() {
        for declaration in [
            "const version = \"1\"",
            "var version int",
            "var version = fmt.Sprint(1)",
            "var version = \"a\" + x",
            "var version, commit = \"a\"",
            "var versions string",
            "var version",
            "var (\n\tx = T{\n\t\tversion: \"1\",\n\t}\n)",
            "func f() { var version string }",
            "var version = \"a\\n\"",
            "var",
            "var (",
        ] {
            assert_eq!(found(declaration), None, "{declaration}");
        }
        assert_eq!(scan(b"package other\nvar version string\n").version, None);
    }
}
