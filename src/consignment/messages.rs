//! Every message about a consignment.

use crate::diagnostic::{Code, Diagnostic};
use crate::span::Span;

use super::{Given, MAX_BYTES, MAX_ITEMS, MAX_NESTING};

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

/// Facts that cannot all be so: by one constraint, or by several together.
#[derive(Clone, Debug, Default)]
pub struct Clash {
    /// The constraints, each with its name and title.
    pub constraints: Vec<(String, String)>,
    /// The facts that they read, each by name, with how it was given; one that was presumed was not given.
    pub facts: Vec<(String, Vec<Given>)>,
    /// The number of the goods item of which they are, from 1, where there are several.
    pub item: Option<usize>,
}

/// The most places that one message points at.
const MAX_PLACES: usize = 12;

/// Facts that break a constraint, underlined where they stand.
pub fn broken(clash: &Clash) -> Diagnostic {
    let name = |(name, given): &(String, Vec<Given>)| match given.first() {
        Some(Given::At(_)) => name.clone(),
        Some(Given::OnTop) => format!("{name} (by --set)"),
        Some(Given::AsOf) => format!("{name} (by --as-of)"),
        None => format!("{name} (presumed)"),
    };
    let facts: Vec<String> = clash.facts.iter().map(name).collect();
    let item = clash.item.map_or(String::new(), |n| format!(" of item {n}"));
    let message = format!("these facts{item} cannot all be so: {}", facts.join(", "));
    let because: Vec<String> = clash.constraints.iter().map(|(name, title)| format!("{title} ({name})")).collect();
    let because = because.join("; ");
    let way_out = "correct the fact that is wrong, or leave it out if it is not known";
    let given = clash.facts.iter().flat_map(|(_, given)| given);
    let mut spans: Vec<Span> = given.filter_map(|g| if let Given::At(span) = g { Some(*span) } else { None }).collect();
    spans.sort_unstable();
    spans.dedup();
    let Some((first, others)) = spans.split_first() else {
        return Diagnostic::global(Code::ConstraintBroken, message).help(format!("{because}; {way_out}"));
    };
    let d = Diagnostic::error(Code::ConstraintBroken, *first, message).here(because);
    others.iter().take(MAX_PLACES - 1).fold(d, |d, span| d.also(*span, "and this")).help(way_out)
}
