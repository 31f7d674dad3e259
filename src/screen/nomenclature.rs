//! The codes that a year's nomenclature has: to see that a declared code exists at all.
//!
//! A file is CSV with a column `code`, as customs administrations publish it. The year is in its name (`cn-2026.csv`); a
//! file without one holds for every day.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Date, Scheme};

/// Codes by year; year 0 holds for every day.
#[derive(Clone, Debug, Default)]
pub struct Nomenclature {
    years: BTreeMap<i16, BTreeSet<Box<str>>>,
}

impl Nomenclature {
    /// Adds a file; `name` may hold its year.
    ///
    /// # Errors
    /// It is no CSV, has no column `code`, or a code in it is none.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ::csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.headers().map_err(|e| e.to_string())?;
        let column = header.iter().position(|h| h.trim().eq_ignore_ascii_case("code"));
        let column = column.ok_or("line 1: there is no column `code`")?;
        let codes = self.years.entry(year(name)).or_default();
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = record.position().map_or(0, ::csv::Position::line);
            let text = record.get(column).unwrap_or_default();
            let code = Scheme::Tariff.normalise(text).map_err(|e| format!("line {line}: `{text}`: {e}"))?;
            codes.insert(code.into());
        }
        Ok(())
    }

    /// Whether a code is in the nomenclature of a day; nothing where that of its year is not at hand.
    ///
    /// A code shorter than those listed is there if some code lies below it; a longer one if its first eight digits are.
    pub(super) fn has(&self, code: &str, day: Date) -> Option<bool> {
        let codes = self.years.get(&day.year()).or_else(|| self.years.get(&0))?;
        let head = code.get(..code.len().min(8)).unwrap_or(code);
        Some(
            codes
                .range::<str, _>((std::ops::Bound::Included(head), std::ops::Bound::Unbounded))
                .next()
                .is_some_and(|c| c.starts_with(head)),
        )
    }
}

/// The year in the name of a file, or 0.
fn year(name: &str) -> i16 {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let runs = last.split(|c: char| !c.is_ascii_digit());
    runs.filter(|r| r.len() == 4).filter_map(|r| r.parse().ok()).find(|y| (1900..2200).contains(y)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_looked_up_in_its_year() {
        let mut all = Nomenclature::default();
        all.add("x/cn-2025.csv", b"code,unit,name\n01012100,PST,Horses\n").unwrap();
        let day = |y| Date::new(y, 3, 2).unwrap();
        assert_eq!(all.has("01012100", day(2025)), Some(true));
        assert_eq!(all.has("0101", day(2025)), Some(true));
        assert_eq!(all.has("0101210010", day(2025)), Some(true));
        assert_eq!(all.has("01012900", day(2025)), Some(false));
        assert_eq!(all.has("01012100", day(2026)), None);
    }
}
