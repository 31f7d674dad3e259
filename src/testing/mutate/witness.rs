//! A consignment that two laws decide differently, as a test that passes on one and fails on the other.

use crate::model::{Case, Expect, Expected, ExpectedPart, FactId, Value, World};
use crate::span::Span;

use super::super::{Answer, compare};

/// What a test can expect of the first answer and not of the second, and whether its outcome is settled: as little as
/// is needed to tell the two apart.
pub(super) fn difference(base: &Answer, mutant: &Answer, policy: &str) -> Option<(Expect, bool)> {
    use Expected::*;
    let outcome = compare::outcome(base, policy);
    let determined = outcome != "undetermined";
    let mut expect = Expect { outcome: outcome.to_owned(), ..Expect::default() };
    let fails = |e: &Expect| !compare::differences(e, mutant, policy).is_empty();
    let part = |negated: bool, what: Expected, names: Vec<String>| ExpectedPart {
        span: Span::default(),
        negated,
        what,
        names,
    };
    for what in [In, By, Requires, Document, Duty, Presumes, Claimable, Near, Missing, Under] {
        if fails(&expect) {
            break;
        }
        let (ours, theirs) = (compare::found(what, base, policy), compare::found(what, mutant, policy));
        let only: Vec<String> = ours.certain.into_iter().filter(|n| !theirs.certain.contains(n)).take(1).collect();
        if !only.is_empty() {
            expect.parts.push(part(false, what, only));
        }
    }
    for what in [In, By, Requires, Document, Duty, Presumes, Claimable] {
        if fails(&expect) {
            break;
        }
        let all = |a: &Answer| {
            let found = compare::found(what, a, policy);
            found.certain.into_iter().chain(found.possible).collect::<Vec<_>>()
        };
        let ours = all(base);
        let only: Vec<String> = all(mutant).into_iter().filter(|n| !ours.contains(n)).collect();
        if !only.is_empty() {
            expect.parts.push(part(true, what, only));
        }
    }
    if !fails(&expect)
        && let Some(may) = compare::proceeds(base, policy)
    {
        expect.parts.push(part(!may, Proceed, Vec::new()));
    }
    let settled = compare::differences(&expect, base, policy).is_empty() && fails(&expect);
    settled.then_some((expect, determined))
}

/// A consignment and what is expected of it, as a test of a gate file.
pub(in crate::testing) fn test(world: &World, title: &str, case: &Case, expect: &Expect) -> String {
    format!("test {} {{\n  given {}\n  expect {}\n}}\n", quoted(title), given(world, case), expectation(expect))
}

fn given(world: &World, case: &Case) -> String {
    let date = world.fact_named("date");
    let one = |prefix: &str, (fact, value): (&FactId, &Value)| {
        let fact = world.fact(*fact);
        let name = fact.name.strip_prefix(prefix).unwrap_or(&fact.name);
        format!("{name} {}", value.display(&fact.ty, world))
    };
    let all = |prefix: &str, facts: &std::collections::BTreeMap<FactId, Value>| {
        facts.iter().map(|f| one(prefix, f)).collect::<Vec<_>>().join(", ")
    };
    let mut parts = vec![format!("date {}", case.date)];
    parts.extend(case.facts.iter().filter(|(f, _)| Some(**f) != date).map(|f| one("", f)));
    let items: Vec<String> = case
        .items
        .iter()
        .filter(|i| case.listed || !i.is_empty())
        .map(|i| format!("{{ {} }}", all("goods.", i)))
        .collect();
    match items.as_slice() {
        [] => {}
        [only] if !case.listed => parts.push(format!("goods {only}")),
        many => parts.push(format!("goods [ {} ]", many.join(", "))),
    }
    let licence = |l: &crate::model::Held| {
        let fields = all("licence.", &l.fields);
        format!("{{ licence {}{}{fields} }}", l.licence, if fields.is_empty() { "" } else { ", " })
    };
    if !case.licences.is_empty() {
        parts.push(format!("licences [ {} ]", case.licences.iter().map(licence).collect::<Vec<_>>().join(", ")));
    }
    let mut out = String::new();
    let mut column = 8;
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            out.push(',');
            column += 1;
            if column + part.len() > 115 {
                out.push_str("\n   ");
                column = 3;
            }
            out.push(' ');
        }
        column += part.len() + 1;
        out.push_str(part);
    }
    out
}

fn expectation(e: &Expect) -> String {
    let mut out = e.outcome.clone();
    for part in &e.parts {
        let not = if part.negated { " not" } else { "" };
        if part.what == Expected::Proceed {
            out.push_str(&format!(" may{not} proceed"));
            continue;
        }
        let names: Vec<String> =
            part.names.iter().map(|n| if part.what.quoted() { quoted(n) } else { n.clone() }).collect();
        out.push_str(&format!("{not} {} {}", part.what.word(), names.join(", ")));
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
