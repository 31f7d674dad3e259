//! Days, and the intervals in which law is in force.
//!
//! A day is a day of the civil calendar; both ends of an interval are included, as law counts them. Nothing here reads
//! a clock.

use std::fmt;

/// A day of the civil calendar.
pub type Date = jiff::civil::Date;

/// Reads `2026-03-02`, and nothing looser.
pub fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => *b == b'-',
            _ => b.is_ascii_digit(),
        });
    if !shape {
        return None;
    }
    Date::new(text[..4].parse().ok()?, text[5..7].parse().ok()?, text[8..].parse().ok()?).ok()
}

/// The day that many months later; the last day of a shorter month. `None` beyond the calendar.
pub fn add_months(date: Date, months: u32) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_months(i64::from(months)).ok()?).ok()
}

/// The day that many days later. `None` beyond the calendar.
pub fn add_days(date: Date, days: u32) -> Option<Date> {
    date.checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?).ok()
}

/// From one day to another, both included; an open end has no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub to: Option<Date>,
}

impl Interval {
    /// All days.
    pub const ALWAYS: Interval = Interval { from: None, to: None };

    /// True if the day lies in it.
    pub fn contains(&self, day: Date) -> bool {
        self.from.is_none_or(|f| f <= day) && self.to.is_none_or(|t| day <= t)
    }

    /// True if some day lies in both.
    pub fn overlaps(&self, other: &Interval) -> bool {
        let starts_before_end = |a: &Interval, b: &Interval| match (a.from, b.to) {
            (Some(f), Some(t)) => f <= t,
            _ => true,
        };
        starts_before_end(self, other) && starts_before_end(other, self)
    }

    /// The days in both, if any.
    pub fn intersect(&self, other: &Interval) -> Option<Interval> {
        let from = self.from.max(other.from);
        let to = match (self.to, other.to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.overlaps(other).then_some(Interval { from, to })
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(a), Some(b)) => write!(f, "from {a} to {b}"),
            (Some(a), None) => write!(f, "from {a}"),
            (None, Some(b)) => write!(f, "to {b}"),
            (None, None) => write!(f, "always"),
        }
    }
}

/// When a declaration is in force: always if nothing is said, else within any of its intervals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InForce(pub Vec<Interval>);

impl InForce {
    /// True if in force on that day.
    pub fn on(&self, day: Date) -> bool {
        self.0.is_empty() || self.0.iter().any(|i| i.contains(day))
    }

    /// The days on which both are in force; `None` if there are none.
    pub fn intersect(&self, other: &InForce) -> Option<InForce> {
        if self.0.is_empty() {
            return Some(other.clone());
        }
        if other.0.is_empty() {
            return Some(self.clone());
        }
        let both: Vec<_> = self.0.iter().flat_map(|a| other.0.iter().filter_map(|b| a.intersect(b))).collect();
        (!both.is_empty()).then_some(InForce(both))
    }
}

impl fmt::Display for InForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("always");
        }
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(s: &str) -> Date {
        parse_date(s).unwrap()
    }

    #[test]
    fn only_real_days_are_read() {
        assert!(parse_date("2024-02-29").is_some());
        for bad in ["2023-02-29", "2024-2-9", "2024-13-01", "20240101", "2024-01-01T00", "٢٠٢٤-01-01"] {
            assert_eq!(parse_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn both_ends_are_included() {
        let i = Interval { from: Some(day("2019-02-20")), to: Some(day("2025-08-19")) };
        assert!(i.contains(day("2019-02-20")) && i.contains(day("2025-08-19")));
        assert!(!i.contains(day("2019-02-19")) && !i.contains(day("2025-08-20")));
        let next = Interval { from: Some(day("2025-08-20")), to: None };
        assert!(!i.overlaps(&next));
        assert!(next.overlaps(&Interval { from: None, to: Some(day("2025-08-20")) }));
    }

    #[test]
    fn a_month_later_is_the_last_day_of_a_shorter_month() {
        assert_eq!(add_months(day("2025-01-31"), 1), Some(day("2025-02-28")));
        assert_eq!(add_months(day("2025-03-02"), 12), Some(day("2026-03-02")));
    }
}
