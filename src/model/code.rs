//! Codes of goods: tariff codes by prefix, entry numbers by part, CAS numbers with their check digit.
//!
//! Tariff codes (HS 6 digits, CN 8, TARIC 10) nest by prefix and share one tree. A code given that is shorter than a
//! listed one leaves open which of the goods below it is meant; a longer one lies under it.

use std::collections::BTreeSet;

use crate::spelling::counted;

/// A scheme of codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// The tariff: HS, CN and TARIC are one tree of digits.
    Tariff,
    /// Export control classification numbers such as `0A982.a`.
    Eccn,
    /// Chemical Abstracts Service registry numbers.
    Cas,
}

impl Scheme {
    /// The scheme of that name in gate files.
    pub fn by_name(name: &str) -> Option<Scheme> {
        Some(match name {
            "CN" | "HS" | "TARIC" => Scheme::Tariff,
            "ECCN" => Scheme::Eccn,
            "CAS" => Scheme::Cas,
            _ => return None,
        })
    }

    /// How it is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Scheme::Tariff => "tariff code",
            Scheme::Eccn => "ECCN",
            Scheme::Cas => "CAS number",
        }
    }

    /// The code in its one normal spelling, or what is wrong with it.
    pub fn normalise(self, text: &str) -> Result<String, String> {
        match self {
            Scheme::Tariff => tariff(text),
            Scheme::Eccn => eccn(text),
            Scheme::Cas => cas(text),
        }
    }

    /// True if `code` lies under `heading` or is it; both normal.
    pub fn is_under(self, code: &str, heading: &str) -> bool {
        match self {
            Scheme::Tariff => code.starts_with(heading),
            Scheme::Cas => code == heading,
            Scheme::Eccn => code.strip_prefix(heading).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')),
        }
    }

    /// A normal code as people write it: `8543 70 90`.
    pub fn display(self, code: &str) -> String {
        if self != Scheme::Tariff {
            return code.to_owned();
        }
        let mut out = String::new();
        for (i, c) in code.chars().enumerate() {
            if i >= 4 && i % 2 == 0 {
                out.push(' ');
            }
            out.push(c);
        }
        out
    }
}

fn tariff(text: &str) -> Result<String, String> {
    if let Some(bad) = text.chars().find(|c| !c.is_ascii_digit() && !" .\u{a0}".contains(*c)) {
        return Err(format!("`{bad}` is no digit"));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        2 | 4 | 6 | 8 | 10 => Ok(digits),
        n => Err(format!("it has {}; a tariff code has 2, 4, 6, 8 or 10", counted(n, "digit", "digits"))),
    }
}

fn eccn(text: &str) -> Result<String, String> {
    let mut parts = text.trim().split('.');
    let head = parts.next().unwrap_or("").to_ascii_uppercase();
    let b = head.as_bytes();
    let numbered =
        b.len() == 5 && b[0].is_ascii_digit() && b[1].is_ascii_uppercase() && b[2..].iter().all(u8::is_ascii_digit);
    if !numbered && head != "EAR99" {
        return Err("an ECCN starts with a digit, a letter and three digits, as `0A982`".to_owned());
    }
    let mut out = head;
    for part in parts {
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(format!("`{part}` is no paragraph of an ECCN"));
        }
        out.push('.');
        out.push_str(&part.to_ascii_lowercase());
    }
    Ok(out)
}

fn cas(text: &str) -> Result<String, String> {
    let text = text.trim();
    let parts: Vec<&str> = text.split('-').collect();
    let [a, b, check] = parts.as_slice() else {
        return Err("a CAS number has three parts, as `57-33-0`".to_owned());
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if !(2..=7).contains(&a.len()) || b.len() != 2 || check.len() != 1 || !digits(a) || !digits(b) || !digits(check) {
        return Err("a CAS number has two to seven digits, two digits and a check digit, as `57-33-0`".to_owned());
    }
    let weighted = a.bytes().chain(b.bytes()).rev().zip(1u32..).map(|(d, weight)| u32::from(d - b'0') * weight);
    let sum: u32 = weighted.sum::<u32>() % 10;
    if sum.to_string() != *check {
        return Err(format!("its check digit should be {sum}, so a digit is mistyped"));
    }
    Ok(text.to_owned())
}

/// Part of a list of codes: a heading or a range of headings, without some below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeItem {
    /// True if only part of the heading is covered (`ex`).
    pub ex: bool,
    /// First heading.
    pub from: String,
    /// Last heading of a range, of the same length as the first.
    pub to: Option<String>,
    /// Headings left out.
    pub except: Vec<String>,
}

/// The codes of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeList {
    /// The scheme.
    pub scheme: Scheme,
    /// The codes as listed.
    pub items: Vec<CodeItem>,
    /// Headings accepted as the entry's own, with the reason.
    pub accepts: Vec<(String, String)>,
}

/// Whether a given code lies under a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The code given is too short to tell.
    Unclear,
}

impl CodeList {
    /// All headings that decide how a code is classed.
    pub fn headings(&self) -> impl Iterator<Item = &str> {
        self.items
            .iter()
            .flat_map(|i| {
                [Some(i.from.as_str()), i.to.as_deref()]
                    .into_iter()
                    .flatten()
                    .chain(i.except.iter().map(String::as_str))
            })
            .chain(self.accepts.iter().map(|(c, _)| c.as_str()))
    }

    /// The parts into which headings cut the ranges of the list, each by its first and its last code. Between the ends of
    /// a range lie codes that no heading names, so a part stands for them.
    pub fn parts(&self, headings: &BTreeSet<&str>) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (from, to) in self.items.iter().filter_map(|i| Some((&i.from, i.to.as_ref()?))) {
            // What lies under a heading begins with its first code of that length, and ends with its last.
            let filled =
                |h: &str, with: char| -> String { h.chars().chain(std::iter::repeat(with)).take(from.len()).collect() };
            let starts = |h: &&str| [Some(filled(h, '0')), beside(&filled(h, '9'), true)].into_iter().flatten();
            let inside = |c: &String| from <= c && c <= to;
            let starts: BTreeSet<String> =
                headings.iter().flat_map(starts).filter(inside).chain([from.clone()]).collect();
            let ends = starts.iter().skip(1).filter_map(|next| beside(next, false)).chain([to.clone()]);
            out.extend(starts.iter().cloned().zip(ends));
        }
        out
    }

    /// Whether `code` (normal) lies under the list. `exact` codes name goods that are under no deeper heading.
    pub fn covers(&self, code: &str, exact: bool) -> Under {
        let accepted = self.accepts.iter().map(|(c, _)| one(self.scheme, code, exact, c, None));
        let listed = self.items.iter().map(|item| {
            let inside = one(self.scheme, code, exact, &item.from, item.to.as_deref());
            let out = any(item.except.iter().map(|e| one(self.scheme, code, exact, e, None)));
            match (inside, out) {
                (Under::No, _) | (_, Under::Yes) => Under::No,
                (Under::Yes, Under::No) => Under::Yes,
                _ => Under::Unclear,
            }
        });
        any(listed.chain(accepted))
    }

    /// The code or accepted heading under which `code` lies, for explanations.
    pub fn which(&self, code: &str) -> Option<(String, bool)> {
        for item in &self.items {
            if one(self.scheme, code, true, &item.from, item.to.as_deref()) == Under::Yes {
                return Some((self.scheme.display(&item.from), item.ex));
            }
        }
        let accepted = self.accepts.iter().find(|(c, _)| self.scheme.is_under(code, c));
        accepted.map(|(c, _)| (self.scheme.display(c), true))
    }
}

/// The next code of the same length, or the one before; none beyond the last digit or letter.
fn beside(code: &str, next: bool) -> Option<String> {
    let mut out: Vec<u8> = code.bytes().collect();
    for at in (0..out.len()).rev() {
        let (over, under) = if next { (b'9', b'0') } else { (b'0', b'9') };
        match out[at] {
            c if c == over => out[at] = under,
            c if c.is_ascii_alphanumeric() => {
                let c = if next { c + 1 } else { c - 1 };
                out[at] = c;
                return c.is_ascii_alphanumeric().then(|| String::from_utf8(out).ok()).flatten();
            }
            _ => return None,
        }
    }
    None
}

fn any(all: impl Iterator<Item = Under>) -> Under {
    let mut best = Under::No;
    for u in all {
        match u {
            Under::Yes => return Under::Yes,
            Under::Unclear => best = Under::Unclear,
            Under::No => {}
        }
    }
    best
}

/// One heading, or a range of them.
fn one(scheme: Scheme, code: &str, exact: bool, from: &str, to: Option<&str>) -> Under {
    let Some(to) = to else {
        return if scheme.is_under(code, from) {
            Under::Yes
        } else if !exact && scheme.is_under(from, code) {
            Under::Unclear
        } else {
            Under::No
        };
    };
    let head = code.get(..from.len().min(code.len())).unwrap_or(code);
    if code.len() >= from.len() {
        return if (from..=to).contains(&head) { Under::Yes } else { Under::No };
    }
    // A shorter code is unclear if some heading of the range lies below it.
    let (low, high) = (from.get(..head.len()).unwrap_or(from), to.get(..head.len()).unwrap_or(to));
    if !exact && (low..=high).contains(&head) { Under::Unclear } else { Under::No }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(items: Vec<CodeItem>) -> CodeList {
        CodeList { scheme: Scheme::Tariff, items, accepts: vec![] }
    }
    fn item(from: &str) -> CodeItem {
        CodeItem { ex: true, from: from.into(), to: None, except: vec![] }
    }

    #[test]
    fn a_longer_code_lies_under_a_heading_and_a_shorter_one_is_unclear() {
        let l = list(vec![item("442199")]);
        assert_eq!(l.covers("44219999", false), Under::Yes);
        assert_eq!(l.covers("4421", false), Under::Unclear);
        assert_eq!(l.covers("4421", true), Under::No);
        assert_eq!(l.covers("442191", false), Under::No);
    }

    #[test]
    fn ranges_and_exceptions() {
        let range =
            CodeItem { ex: false, from: "930621".into(), to: Some("930629".into()), except: vec!["93062900".into()] };
        let l = list(vec![range]);
        assert_eq!(l.covers("93062100", false), Under::Yes);
        assert_eq!(l.covers("93062900", false), Under::No);
        assert_eq!(l.covers("930629", false), Under::Unclear);
        assert_eq!(l.covers("9306", false), Under::Unclear);
        assert_eq!(l.covers("930630", false), Under::No);
    }

    #[test]
    fn headings_cut_a_range_into_parts() {
        let range = CodeItem { ex: false, from: "392010".into(), to: Some("392030".into()), except: vec![] };
        let l = list(vec![range]);
        let parts = |headings: &[&str]| {
            let parts = l.parts(&headings.iter().copied().collect());
            parts.into_iter().map(|(a, b)| format!("{a}-{b}")).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(parts(&["39"]), "392010-392030");
        assert_eq!(parts(&["392010", "392030"]), "392010-392010 392011-392029 392030-392030");
        // A longer heading sets its own part off, a shorter one all that lies under it.
        assert_eq!(parts(&["39201950"]), "392010-392018 392019-392019 392020-392030");
        assert_eq!(beside("0A982.a", true).as_deref(), Some("0A982.b"));
        assert_eq!(beside("0A989", true).as_deref(), Some("0A990"));
        assert_eq!(beside("0A980", false).as_deref(), Some("0A979"));
        assert_eq!(beside("99", true), None);
    }

    #[test]
    fn cas_numbers_are_checked() {
        assert!(Scheme::Cas.normalise("57-33-0").is_ok());
        assert!(Scheme::Cas.normalise("2444-46-4").is_ok());
        assert!(Scheme::Cas.normalise("57-33-1").is_err());
        assert!(Scheme::Cas.normalise("57330").is_err());
    }

    #[test]
    fn tariff_codes_ignore_spaces_and_dots() {
        assert_eq!(Scheme::Tariff.normalise("8543.70 90").unwrap(), "85437090");
        assert!(Scheme::Tariff.normalise("854").is_err());
        assert!(Scheme::Tariff.normalise("8543-70").is_err());
        assert_eq!(Scheme::Tariff.display("8543709010"), "8543 70 90 10");
    }

    #[test]
    fn entry_numbers_nest_by_part() {
        assert!(Scheme::Eccn.is_under("0A982.a.1", "0A982.a"));
        assert!(!Scheme::Eccn.is_under("0A982.ab", "0A982.a"));
        assert_eq!(Scheme::Eccn.normalise("0a982.A").unwrap(), "0A982.a");
        assert!(Scheme::Eccn.normalise("A0982").is_err());
    }
}
