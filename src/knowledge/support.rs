//! Until when releases of distributions get security fixes.
use super::distros::Distro;
use super::table;

const TABLE: &str = include_str!("support.tsv");

/// The days until which a release gets security fixes, as `2026-06-10`, or the month alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Support {
    /// From the project itself.
    pub until: &'static str,
    /// From those who go on after it; empty where nobody does, or nothing is known of it.
    pub extended: &'static str,
}

/// The support of a release; `None` where nothing is known of it.
pub fn support(distro: Distro, version: &str) -> Option<Support> {
    let row = table::rows(TABLE).find(|row| row.cell(1) == version && Distro::parse(row.cell(0)) == Some(distro))?;
    Some(Support { until: row.cell(2), extended: row.cell(3) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_parses() {
        table::assert_table(TABLE);
        for row in table::rows(TABLE) {
            let days = [row.cell(2), row.cell(3)];
            assert!(Distro::parse(row.cell(0)).is_some() && days[0].starts_with("20"), "{row:?}");
            assert!(days[1].is_empty() || days[0] < days[1], "{row:?}");
        }
        assert_eq!(support(Distro::Debian, "12").map(|found| found.extended), Some("2028-06-30"));
        assert_eq!(support(Distro::Alpine, "3.99"), None);
    }
}
