//! Every message of the checker, so that the wording can be read and reviewed as text.
//!
//! A headline says what is wrong in the law's words, lower case, without a full stop; the places say what stands there;
//! the help names one way out. Functions are named after the mistake.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;
use crate::spelling::with_article;
use crate::syntax::tree::Name;

use super::cond::MAX_PARTS;
use super::graph::{Excess, MAX_LEVELS, MAX_NAMED};
use super::scope::Kind;

pub(super) fn unknown_module(name: &Name, near: Option<&str>) -> Diagnostic {
    let d = Diagnostic::error(Code::UnknownModule, name.span, format!("there is no module `{}`", name.node));
    d.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a module is a gate file; its name is its path below the folder of `trade.gate`, with dots".to_owned(),
    })
}

pub(super) fn second_policy(name: &Name, first: Span) -> Diagnostic {
    Diagnostic::error(
        Code::DeclaredTwice,
        name.span,
        format!("`{}` is a second policy of one name or folder", name.node),
    )
    .also(first, "the first")
    .help("give each policy a folder and a name of its own")
}

pub(super) fn unknown_name(
    kind: Kind,
    name: &Name,
    near: Option<&str>,
    module: Option<&str>,
    other: Option<(Kind, Span)>,
) -> Diagnostic {
    let d = Diagnostic::error(Code::UnknownName, name.span, format!("no {} `{}` is declared", kind.word(), name.node));
    match (module, other, near) {
        (Some(module), ..) => {
            d.help(format!("it is declared in another module: write `use {module}` at the top of this file"))
        }
        (_, Some((kind, span)), _) => {
            d.also(span, format!("this is a {}", kind.word())).help("name something of the kind that is meant here")
        }
        (_, _, Some(near)) => d.help(format!("did you mean `{near}`?")),
        _ => d.help(format!("declare the {}, or check the spelling", kind.word())),
    }
}

pub(super) fn linked_twice(name: &Name, first: Span, days: &str) -> Diagnostic {
    let message = format!("what `{}` is to that entry is said twice", name.node);
    Diagnostic::error(Code::DeclaredTwice, name.span, message)
        .here(format!("again ({days})"))
        .also(first, "the first")
        .help("say it once for each day, with `in force`")
}

pub(super) fn ambiguous(kind: Kind, name: &Name, a: Span, b: Span) -> Diagnostic {
    let message = format!("two declarations visible here are called {} `{}`", kind.word(), name.node);
    Diagnostic::error(Code::AmbiguousName, name.span, message)
        .also(a, "one")
        .also(b, "the other")
        .help("rename one of them, or write the module before the name, as `alliance.countries.NAME`")
}

pub(super) fn unknown_value(span: Span, text: &str, fact: &str, near: Option<&str>, expects: &str) -> Diagnostic {
    let d = Diagnostic::error(Code::UnknownName, span, format!("`{text}` is no value of `{fact}`"));
    d.help(near.map_or_else(|| format!("expected {expects}"), |n| format!("did you mean `{n}`?")))
}

pub(super) fn unknown_type(span: Span, text: &str, near: Option<&str>) -> Diagnostic {
    let d = Diagnostic::error(Code::UnknownName, span, format!("there is no type `{text}`"));
    d.help(near.map_or_else(|| "see the guide for the types of facts".to_owned(), |n| format!("did you mean `{n}`?")))
}

pub(super) fn unknown_scheme(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(Code::BadCode, span, format!("there is no code scheme `{text}`"))
        .help("write CN, HS, TARIC, ECCN or CAS")
}

pub(super) fn no_fact_for_scheme(span: Span, scheme: &str) -> Diagnostic {
    Diagnostic::error(Code::UnknownName, span, format!("no fact in use here holds {}", with_article(scheme)))
        .help("write `use trade`, or declare a fact of that type: `fact goods.code: code CN`")
}

pub(super) fn valid_without_last_day(span: Span) -> Diagnostic {
    Diagnostic::error(Code::UnknownName, span, "no fact in use here says when a licence runs out")
        .help("write `use trade`, or declare it: `fact licence.expires: date`")
}

pub(super) fn declared_twice(kind: Kind, name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DeclaredTwice, span, format!("the {} `{name}` is declared twice", kind.word()))
        .also(first, "the first declaration")
        .help(match kind {
            Kind::Chart => "give one another name, or say of both for which days they are `known`",
            Kind::Words => "give one vocabulary another name",
            _ => "give one another name, or give both the interval in which they are `in force`",
        })
}

pub(super) fn overlapping(kind: Kind, name: &str, span: Span, first: Span, days: &str) -> Diagnostic {
    let are = if kind == Kind::Chart { "known for" } else { "in force on" };
    let message = format!("two versions of the {} `{name}` are {are} the same day", kind.word());
    Diagnostic::error(Code::OverlappingVersions, span, message)
        .here(days)
        .also(first, "the other version")
        .help("end the earlier version the day before the later one starts; both ends are included")
}

pub(super) fn outside_policy(span: Span, what: &str) -> Diagnostic {
    Diagnostic::error(Code::OutsidePolicy, span, format!("this {what} belongs to no policy"))
        .help("declare a `policy` in a file of this folder or above; the folder of a policy, and below, is that policy")
}

pub(super) fn missing(span: Span, what: &str, field: &str, example: &str) -> Diagnostic {
    Diagnostic::error(Code::MissingField, span, format!("this {what} does not say {field}"))
        .help(format!("add `{example}`"))
}

pub(super) fn repeated(span: Span, first: Span, field: &str) -> Diagnostic {
    Diagnostic::error(Code::RepeatedField, span, format!("`{field}` is said twice"))
        .also(first, "first said here")
        .help("say it once; join conditions with `and`")
}

pub(super) fn missing_citation(span: Span, name: &str) -> Diagnostic {
    Diagnostic::error(Code::MissingCitation, span, format!("`{name}` cites no provision"))
        .help("add `cite \"Art. 3(1)\"`: an answer without its ground in law cannot be checked by anyone")
}

pub(super) fn wrong_type(span: Span, message: String, help: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongType, span, message).help(help)
}

pub(super) fn types_differ(span: Span, left: &str, left_expects: &str, right: Span, declared: Span) -> Diagnostic {
    Diagnostic::error(Code::WrongType, right, format!("this cannot be compared with `{left}`"))
        .here(format!("expected {left_expects}"))
        .also(span, "compared here")
        .also(declared, "declared here")
        .help(format!("write {left_expects}"))
}

pub(super) fn wrong_dimension(span: Span, fact: &str, declared: Span, expects: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::WrongDimension, span, format!("`{fact}` is {expects}"))
        .here(problem)
        .also(declared, "declared here")
        .help(format!("write {expects}"))
}

pub(super) fn bad_number(span: Span, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::BadNumber, span, problem).help("write fewer digits, or a larger unit")
}

pub(super) fn bad_date(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(Code::BadDate, span, format!("`{text}` is no day of the calendar"))
        .help("write year, month and day, as 2025-08-20")
}

pub(super) fn interval_backwards(span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadInterval, span, "this interval ends before it starts")
        .help("both days are included; `from` must not be after `to`")
}

pub(super) fn intervals_overlap(span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::BadInterval, span, "two intervals of one declaration overlap")
        .also(first, "the other")
        .help("join them, or end the first the day before the second starts")
}

pub(super) fn bad_code(span: Span, text: &str, scheme: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::BadCode, span, format!("`{text}` is no {scheme}"))
        .here(problem)
        .help("copy the code again from the source")
}

pub(super) fn bad_words(span: Span, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::BadWords, span, "no description can have these search words")
        .here(problem)
        .help("write the words that a description has, and others that do as well behind a `|`: \"shock belt|vest\"")
}

pub(super) fn bad_vocabulary(span: Span, file: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::BadWords, span, format!("the vocabulary `{file}` cannot be used"))
        .here(problem)
        .help("a row has goods, a language and a phrase: gallows,en,gallows")
}

pub(super) fn bad_code_range(span: Span) -> Diagnostic {
    Diagnostic::error(Code::BadCode, span, "this range of codes is empty or mixes lengths")
        .help("write two codes of one length, the lower first")
}

pub(super) fn except_outside(span: Span, text: &str) -> Diagnostic {
    Diagnostic::error(Code::BadCode, span, format!("`{text}` does not lie under the code it is taken from"))
        .help("take out only codes below the heading")
}

pub(super) fn ex_without_condition(code: Span, entry: Span, name: &str) -> Diagnostic {
    Diagnostic::error(
        Code::ExWithoutCondition,
        code,
        format!("`ex` says that only part of this heading is in `{name}`, but not which part"),
    )
    .here("covered in part")
    .also(entry, "no `when` here says which goods are meant")
    .help("add a `when` with the description of the entry, or drop `ex` if the whole heading is covered")
}

pub(super) fn empty_group(span: Span) -> Diagnostic {
    Diagnostic::error(Code::EmptyGroup, span, "this set has no member, so nothing is ever in it")
        .help("list its members, or take out what uses it")
}

pub(super) fn bad_chart(span: Span, file: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::BadChart, span, format!("the chart file `{file}` cannot be used"))
        .here(problem)
        .help("the first column is `country`, then one column a mark: X marked, empty not marked, ? unknown; `as`, `from`, `to` and `doubt` are no marks")
}

pub(super) fn unknown_column(name: &Name, chart: Span, near: Option<&str>) -> Diagnostic {
    let d = Diagnostic::error(Code::UnknownName, name.span, format!("the chart has no column `{}`", name.node));
    let d = d.also(chart, "the chart");
    d.help(near.map_or_else(|| "name a column of the CSV file".to_owned(), |n| format!("did you mean `{n}`?")))
}

pub(super) fn cycle(spans: &[(Span, String)], what: &str) -> Diagnostic {
    let first = spans.first().map(|s| s.0).unwrap_or_default();
    let mut d = Diagnostic::error(Code::Cycle, first, format!("{what} in a circle, so none of them can be decided"));
    if let Some((_, name)) = spans.first() {
        d = d.here(format!("`{name}` starts the circle"));
    }
    for (span, name) in spans.iter().skip(1) {
        d = d.also(*span, format!("then `{name}`"));
    }
    d.help("take one of them out of the circle")
}

pub(super) fn too_involved(span: Span, name: &str, excess: Excess) -> Diagnostic {
    match excess {
        Excess::Named => {
            Diagnostic::error(Code::TooInvolved, span, format!("`{name}` rests on more than {MAX_NAMED} others"))
                .here("what it names is counted as often as it is named, and so is what that names")
                .help("name once what is named several times")
        }
        Excess::Levels => {
            Diagnostic::error(Code::TooInvolved, span, format!("`{name}` goes more than {MAX_LEVELS} levels deep"))
                .here("what it names counts, and what that names, and so on")
                .help("say it in fewer steps")
        }
    }
}

pub(super) fn long_set(span: Span, parts: usize) -> Diagnostic {
    let message = format!("a set is put together from {parts} parts, more than {MAX_PARTS}");
    Diagnostic::error(Code::TooInvolved, span, message).help("list the members, or name parts of it as groups")
}

pub(super) fn rules_have_days(span: Span) -> Diagnostic {
    Diagnostic::error(Code::WrongType, span, "a group of rules has no days of its own")
        .help("say `in force` in the rules, or list them in two groups")
}

pub(super) fn not_a_rule(name: &Name, found: Kind, span: Span) -> Diagnostic {
    Diagnostic::error(
        Code::NotARule,
        name.span,
        format!("`{}` is a {}, and only rules have exceptions", name.node, found.word()),
    )
    .also(span, "declared here")
    .help("name the rule that the provision derogates from")
}

pub(super) fn mixed_require(span: Span) -> Diagnostic {
    Diagnostic::error(Code::SyntaxError, span, "`and` and `or` between licences cannot be mixed")
        .help("write two rules: each requirement stands by itself")
}

pub(super) fn stricter_claim(claim: Span, effect: Span) -> Diagnostic {
    Diagnostic::error(
        Code::MisplacedClaim,
        claim,
        "who would gain nothing from this exception cannot be asked to claim it",
    )
    .also(effect, "stricter than what it defeats")
    .help("take out `claimed`: the burden of proof lies only on who relies on a milder rule")
}

pub(super) fn no_licence_meant(span: Span, name: &str) -> Diagnostic {
    let message = format!("`{name}` is said of a licence held, and none is meant here");
    Diagnostic::error(Code::WrongType, span, message)
        .help("write the condition into `covers when …` of the licence it is about")
}

pub(super) fn claim_on_bar(claim: Span, bar: Span) -> Diagnostic {
    Diagnostic::error(Code::MisplacedClaim, claim, "a bar closes exceptions whether or not anyone claims it")
        .also(bar, "this is a bar")
        .help("take out `claimed`, or move its condition to `when`")
}

pub(super) fn mild_without_ground(span: Span, fact: &str, milder: Span) -> Diagnostic {
    Diagnostic::error(
        Code::MildPresumption,
        span,
        format!("nothing says why `{fact}` may be presumed to the milder side"),
    )
    .also(milder, "this makes the outcome milder")
    .help("add `because \"Art. …\"` with the ground in law, or drop the presumption: unknown is then asked for")
}

pub(super) fn mild_goods(span: Span, fact: &str, milder: Span) -> Diagnostic {
    Diagnostic::error(
        Code::MildPresumption,
        span,
        format!("`{fact}` describes the goods, and goods are never presumed to be harmless"),
    )
    .also(milder, "this makes the outcome milder")
    .help("drop the presumption: who sends the goods can look at them")
}

pub(super) fn clashing_facts(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::ClashingFacts, span, format!("two policies mean different things by the fact `{name}`"))
        .also(first, "the other declaration")
        .help("declare it once in a shared module, or give one of them another name")
}

pub(super) fn bad_given(span: Span, fact: &str, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::BadFactValue, span, format!("this is no value of `{fact}`"))
        .here(problem)
        .help("give a value of its type, or `unknown`")
}

pub(super) fn bad_table(span: Span, problem: &str, help: &str) -> Diagnostic {
    Diagnostic::error(Code::SyntaxError, span, problem).help(help)
}

pub(super) fn beside_impossible(span: Span) -> Diagnostic {
    let message = "nothing is decided where the facts are `impossible`, so this cannot be expected beside it";
    Diagnostic::error(Code::SyntaxError, span, message).help("keep `impossible`, or `impossible by` and constraints")
}
