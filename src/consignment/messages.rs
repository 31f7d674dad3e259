//! Every message about a consignment.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;

use super::{MAX_BYTES, MAX_ITEMS, MAX_NESTING};

/// A consignment longer than the limit.
pub fn too_long() -> Diagnostic {
    Diagnostic::global(
        Code::ConsignmentLimit,
        format!("the consignment is longer than {MAX_BYTES} bytes, the most that is read"),
    )
    .help("split it, or leave out what no policy asks for")
}

pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentLimit, span, format!("the consignment nests deeper than {MAX_NESTING} levels"))
        .help("facts are nested only at the dots of their names")
}

pub(super) fn too_many_items(span: Span, count: usize) -> Diagnostic {
    Diagnostic::error(
        Code::ConsignmentLimit,
        span,
        format!("the consignment has {count} goods items; at most {MAX_ITEMS} are decided"),
    )
    .help("split the consignment")
}

pub(super) fn not_json(span: Span, problem: &str) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentSyntax, span, format!("this is not JSON: {}", problem.to_lowercase()))
        .help("a consignment is one JSON object, as `{ \"date\": \"2026-03-02\", \"goods\": { … } }`")
}

pub(super) fn not_an_object(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentSyntax, span, "a consignment is one JSON object").help(
        "write `{ \"date\": \"2026-03-02\", \"goods\": { … } }`; a file with one object a line is given as JSON lines",
    )
}

pub(super) fn wrong_shape(span: Span, name: &str, expected: &str) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentSyntax, span, format!("`{name}` cannot be this"))
        .here(format!("expected {expected}"))
        .help(format!("write {expected}"))
}

pub(super) fn no_items(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentSyntax, span, "`goods` lists no item")
        .help("give at least one item, or leave `goods` out")
}

pub(super) fn licence_without_name(span: Span) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentSyntax, span, "this held licence does not say of which kind it is")
        .help("add `\"licence\": \"individual\"`")
}

pub(super) fn duplicate_key(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, span, format!("`{name}` stands twice in one object"))
        .also(first, "first here")
        .help("take one out: which of the two is meant cannot be told")
}

pub(super) fn given_twice(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateKey, span, format!("`{name}` is given twice, nested and with dots in its name"))
        .help("take one out: which of the two is meant cannot be told")
}

pub(super) fn elsewhere(name: &str, span: Span, found: &str) -> Diagnostic {
    Diagnostic::error(Code::UndeclaredFact, span, format!("no loaded policy declares the fact `{name}`"))
        .here(format!("`{found}` is declared"))
        .help("facts of goods stand in `goods`, fields of a licence in `licences`, all others at the top")
}

pub(super) fn undeclared(name: &str, span: Span, near: Option<&str>) -> Diagnostic {
    let d = Diagnostic::error(Code::UndeclaredFact, span, format!("no loaded policy declares the fact `{name}`"));
    d.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see `portcullis schema` for the facts that can be given".to_owned(),
    })
}

pub(super) fn named_condition(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::UndeclaredFact, span, format!("`{name}` follows from other facts and cannot be given"))
        .help("give the facts that it is made of")
}

pub(super) fn misplaced(name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::UndeclaredFact, span, format!("the fact `{name}` does not belong here"))
        .help("facts of goods stand in `goods`, fields of a licence in `licences`, all others at the top")
}

pub(super) fn bad_value(name: &str, span: Span, problem: &str, expects: &str) -> Diagnostic {
    Diagnostic::error(Code::BadFactValue, span, format!("this is no value of `{name}`"))
        .here(problem)
        .help(format!("expected {expects}"))
}

pub(super) fn set_undeclared(name: &str, near: Option<&str>) -> Diagnostic {
    let d = Diagnostic::global(Code::UndeclaredFact, format!("--set {name}: no loaded policy declares this fact"));
    d.help(near.map_or_else(
        || "see `portcullis schema` for the facts that can be given".to_owned(),
        |n| format!("did you mean `{n}`?"),
    ))
}

pub(super) fn set_impossible(name: &str) -> Diagnostic {
    Diagnostic::global(Code::UndeclaredFact, format!("--set {name}: this fact cannot be set on top"))
        .help("set the facts it is made of, or give held licences in the consignment")
}

pub(super) fn set_bad_value(name: &str, text: &str, problem: &str) -> Diagnostic {
    Diagnostic::global(Code::BadFactValue, format!("--set {name}: `{text}` is no value of it: {problem}"))
        .help("write it as in a consignment, without quotes")
}

pub(super) fn no_date(span: Span) -> Diagnostic {
    Diagnostic::error(Code::MissingDate, span, "the consignment has no date, so it is open which law applies")
        .help("add `\"date\": \"2026-03-02\"`, or say `--as-of 2026-03-02`")
}

/// Facts that break a constraint.
pub fn broken(span: Span, constraints: &[(String, String, Vec<String>)]) -> Diagnostic {
    let (name, title, facts) = constraints.first().cloned().unwrap_or_default();
    let mut d =
        Diagnostic::error(Code::ConstraintBroken, span, format!("these facts cannot all be so: {}", facts.join(", ")))
            .here(format!("{title} ({name})"));
    for (name, title, facts) in constraints.iter().skip(1) {
        d = d.also(span, format!("{title} ({name}): {}", facts.join(", ")));
    }
    d.help("correct the fact that is wrong, or leave it out if it is not known")
}
