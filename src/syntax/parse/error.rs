//! What pest could not read, in the words of who writes law: no rule name reaches a message.

use pest::error::{ErrorVariant, InputLocation};

use crate::diagnostic::{Code, Diagnostic};
use crate::spelling::nearest;

use super::At;
use super::grammar::Rule;
use crate::syntax::scan::KEYWORDS;

/// Words for what the grammar wanted, for messages. Rules without words are details that no reader needs.
fn wanted(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::declaration => "a declaration",
        Rule::cond | Rule::conj | Rule::negation | Rule::atom | Rule::comparison => "a condition",
        Rule::string | Rule::strings => "a text in quotes",
        Rule::name | Rule::names => "a name",
        Rule::date | Rule::dated => "a date such as 2025-08-20",
        Rule::value | Rule::given_value | Rule::number | Rule::quantity => "a value",
        Rule::unit => "a unit such as mm or %",
        Rule::code | Rule::code_item | Rule::codes => "a code such as 8543 70 90",
        Rule::scheme => "a scheme (CN, HS, TARIC, ECCN, CAS)",
        Rule::type_expr => "a type such as yes/no, length or one of { … }",
        Rule::set_expr | Rule::set_term | Rule::set_lit => "a set such as { A, B } or the name of a group",
        Rule::effect | Rule::then => "an effect (prohibit, permit, require LICENCE)",
        Rule::outcome | Rule::expectation => "an outcome such as prohibited or licence_required",
        Rule::targets => "the rules it is an exception to",
        Rule::integer => "a whole number",
        Rule::table_row => "a row such as | fact | expect |",
        Rule::k_and | Rule::k_or => "`and` or `or`",
        Rule::cite => "`cite`",
        Rule::relation => "`same`, `wider`, `narrower` or `overlaps`",
        Rule::when => "`when`",
        Rule::given | Rule::assignment | Rule::assignments => "`given` facts",
        Rule::expect => "`expect`",
        Rule::predicate | Rule::in_set | Rule::is | Rule::compare | Rule::compare_op => {
            "a comparison such as `is`, `in` or `>=`"
        }
        Rule::EOI => "the end of the declaration",
        _ => return None,
    })
}

pub(super) fn syntax_error(at: At<'_>, text: &str, error: &pest::error::Error<Rule>) -> Diagnostic {
    let (offset, word) = stopped(text, error);
    let span = at.of(offset, offset + word.len());
    if offset == 0 && !KEYWORDS.iter().any(|k| text.split(|c: char| !c.is_alphanumeric()).next() == Some(k)) {
        let near = nearest(word, KEYWORDS.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a file is a list of declarations: {}", KEYWORDS.join(", ")),
        };
        return Diagnostic::error(Code::SyntaxError, span, format!("`{word}` does not start a declaration")).help(help);
    }
    let expected = expected(error);
    if expected.contains(&"the end of the declaration")
        && let Some(near) = nearest(word, KEYWORDS.iter().copied())
    {
        return Diagnostic::error(Code::SyntaxError, span, format!("`{word}` does not start a declaration"))
            .help(format!("did you mean `{near}`?"));
    }
    let message = match (word.is_empty(), expected.as_slice()) {
        (true, []) => "the declaration ends too early".to_owned(),
        (true, list) => format!("the declaration ends here, but {} should follow", any_of(list)),
        (false, []) => format!("`{word}` cannot stand here"),
        (false, list) => format!("`{word}` cannot stand here: expected {}", any_of(list)),
    };
    let help = if word.is_empty() {
        "finish the declaration".to_owned()
    } else if ["document", "duty"].contains(&word) {
        format!("`{word}` is a field of its own: leave out `then` before it")
    } else {
        let fields = ["cite", "when", "unless", "then", "in force", "code", "words", "title", "document", "duty"];
        match nearest(
            word,
            fields.iter().copied().chain(["claimed", "review", "reason", "expect", "given", "because", "presumed"]),
        ) {
            Some(near) if near != word => format!("did you mean `{near}`?"),
            _ => "see the guide, `docs/guide`, for what each declaration may say".to_owned(),
        }
    };
    Diagnostic::error(Code::SyntaxError, span, message).help(help)
}

/// What cannot be read in a line of the bench.
pub(super) fn line_error(at: At<'_>, text: &str, error: &pest::error::Error<Rule>) -> Diagnostic {
    let (offset, word) = stopped(text, error);
    let span = at.of(offset, offset + word.len());
    let expected = expected(error);
    let expected: Vec<&str> = expected.into_iter().filter(|e| *e != "the end of the declaration").collect();
    let message = match (word.is_empty(), expected.as_slice()) {
        (true, []) => "the line ends too early".to_owned(),
        (true, list) => format!("the line ends here, but {} should follow", any_of(list)),
        (false, []) => format!("`{word}` cannot stand here"),
        (false, list) => format!("`{word}` cannot stand here: expected {}", any_of(list)),
    };
    Diagnostic::error(Code::SyntaxError, span, message)
        .help("set a fact (`destination = TR`), ask (`goods.length > 1 m`), or give a command (`:help`)")
}

/// Where pest stopped, and the word there.
fn stopped<'t>(text: &'t str, error: &pest::error::Error<Rule>) -> (usize, &'t str) {
    let offset = match error.location {
        InputLocation::Pos(p) | InputLocation::Span((p, _)) => p.min(text.len()),
    };
    let rest = &text[offset..];
    let len = rest
        .char_indices()
        .take_while(|(i, c)| *i == 0 || c.is_alphanumeric() || "_.-".contains(*c))
        .map(|(i, c)| i + c.len_utf8())
        .last()
        .unwrap_or(0);
    (offset, &rest[..len])
}

/// What could have stood where pest stopped.
fn expected(error: &pest::error::Error<Rule>) -> Vec<&'static str> {
    let mut expected: Vec<&str> = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.iter().filter_map(|r| wanted(*r)).collect(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    expected.sort_unstable();
    expected.dedup();
    expected
}

fn any_of(list: &[&str]) -> String {
    match list {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}
