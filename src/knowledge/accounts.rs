//! Accounts that images have from the start.
use super::distros::Distro;
use super::table;

const TABLE: &str = include_str!("accounts.tsv");

/// An account of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseAccount {
    /// Its number.
    pub uid: u32,
    /// The home that /etc/passwd says.
    pub home: &'static str,
}

/// The account that `distro` knows by name or number.
pub fn base_account(distro: Distro, user: &str) -> Option<BaseAccount> {
    let is_it =
        |row: &table::Row| Distro::parse(row.cell(0)) == Some(distro) && (row.cell(1) == user || row.cell(2) == user);
    let row = table::rows(TABLE).find(is_it)?;
    Some(BaseAccount { uid: row.cell(2).parse().ok()?, home: row.cell(3) })
}

/// The names and numbers of the accounts that `distro` has from the start.
pub fn base_accounts(distro: Distro) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = table::rows(TABLE).filter(move |row| Distro::parse(row.cell(0)) == Some(distro));
    rows.map(|row| (row.cell(1), row.cell(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        assert!(
            table::rows(TABLE).all(|row| Distro::parse(row.cell(0)).is_some() && row.cell(2).parse::<u32>().is_ok())
        );
        assert_eq!(base_account(Distro::Debian, "nobody").map(|account| account.uid), Some(65534));
        assert_eq!(base_account(Distro::Alpine, "65534").map(|account| account.home), Some("/"));
        assert_eq!(base_account(Distro::Alpine, "app"), None);
    }
}
