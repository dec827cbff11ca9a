//! Which files hold secrets, by their names.
use std::sync::LazyLock;

use super::table;

const TABLE: &str = include_str!("secret_files.tsv");

#[derive(Default)]
struct Names {
    secret: Vec<&'static str>,
    sample: Vec<&'static str>,
    private: Vec<&'static str>,
}

static NAMES: LazyLock<Names> = LazyLock::new(|| {
    let mut names = Names::default();
    for row in table::rows(TABLE) {
        match row.cell(0) {
            "secret" => names.secret.push(row.cell(1)),
            "sample" => names.sample.push(row.cell(1)),
            "private" => names.private.push(row.cell(1)),
            _ => {}
        }
    }
    names
});

/// True for the name of a file that people keep secrets in: `.env`, `id_rsa`; not for one that shows how such a file looks.
pub fn holds_secrets(name: &str) -> bool {
    let sample = || name.starts_with(".env.") && NAMES.sample.iter().any(|word| name.contains(word));
    NAMES.secret.iter().any(|pattern| table::glob(pattern, name)) && !sample()
}

/// True for the name of a file that is not for all who can pull an image, or may not be: `server.key`, `id_dsa`.
pub fn is_private(name: &str) -> bool {
    NAMES.private.iter().any(|pattern| table::glob(pattern, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judges_names() {
        table::assert_table(TABLE);
        assert!(table::rows(TABLE).all(|row| ["secret", "sample", "private"].contains(&row.cell(0))));
        for name in [".env", ".env.local", ".env.", "id_rsa", ".netrc"] {
            assert!(holds_secrets(name), "{name}");
        }
        for name in [".env.example", ".env.local.sample", ".envrc", "id_rsa.pub", "a.env", ""] {
            assert!(!holds_secrets(name), "{name}");
        }
        assert!(
            is_private("tls.key")
                && is_private(".envrc")
                && is_private("id_dsa")
                && !is_private("key")
                && !is_private("id_map.go")
        );
    }
}
