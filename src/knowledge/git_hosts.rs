//! How Git hosts take access tokens.
use super::table;

const HOSTS: &str = include_str!("git_hosts.tsv");

/// The user name that stands in front of a token in an address of `host`; `None` for a host that is not known.
pub fn token_user(host: &str) -> Option<&'static str> {
    table::rows(HOSTS).find(|row| row.cell(0) == host).map(|row| row.cell(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(HOSTS);
        assert_eq!(token_user("github.com"), Some("x-access-token"));
        assert_eq!(token_user("git.example.com"), None);
    }
}
