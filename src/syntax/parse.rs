//! From text to tree, with pest. The only file that names pest rules.
//!
//! Each piece that [`scan`](super::scan) found is parsed on its own, so a mistake costs one declaration. pest accepts
//! or refuses a piece as a whole; past that point the shape of its pairs is the grammar's, and the functions here only
//! rename it. Where a pair that the grammar promises is missing, a [`Broken`] is returned and reported as a bug of ours.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pair;

use crate::diagnostic::{Code, Diagnostic};
use crate::span::{FileId, Span};
use crate::spelling::nearest;

use super::scan::{self, KEYWORDS};
use super::tree::*;

mod grammar {
    #![allow(missing_docs, reason = "generated from the grammar, where each rule is documented")]
    /// The parser that pest generates.
    #[derive(pest_derive::Parser)]
    #[grammar = "../grammar/portcullis.pest"]
    pub struct Gate;
}
use grammar::{Gate, Rule};

/// Reads one file: its tree, and every mistake in it.
pub fn parse_file(file: FileId, text: &str) -> (File, Vec<Diagnostic>) {
    let found = scan::scan(file, text);
    let mut problems = found.problems;
    let starts = text.bytes().zip(1..).filter(|(b, _)| *b == b'\n').map(|(_, next)| next);
    let lines = std::iter::once(0).chain(starts).collect();
    let mut decls = Vec::new();
    let scanned_badly = problems.iter().any(|d| d.code == Code::NestingTooDeep);
    for range in found.pieces {
        let inner = problems.iter().any(|d| d.labels.iter().any(|l| range.contains(&(l.span.start as usize))));
        let at = At { file, base: range.start, comments: &found.comments };
        match Gate::parse(Rule::declaration, &text[range.clone()]) {
            Ok(mut pairs) => match pairs.next().ok_or(Broken).and_then(|p| at.declaration(p)) {
                Ok(decl) => decls.push(decl),
                Err(Broken) => problems.push(broken(file, range)),
            },
            // A bracket or quote that does not match already has its own message.
            Err(_) if inner || scanned_badly => {}
            Err(error) => problems.push(syntax_error(at, &text[range.clone()], &error)),
        }
    }
    (File { decls, comments: found.comments, lines }, problems)
}

/// Reads one condition on its own, as the REPL and tests do.
pub fn parse_cond(file: FileId, text: &str) -> Result<Cond, Diagnostic> {
    let wrapped = format!("constraint x \"\" {{ always {text}\n}}");
    let (mut tree, problems) = parse_file(file, &wrapped);
    if let Some(first) = problems.into_iter().next() {
        return Err(first);
    }
    match tree.decls.pop().and_then(|d| d.fields.into_iter().next()).map(|f| f.kind) {
        Some(FieldKind::Always(cond)) => Ok(cond),
        _ => Err(Diagnostic::global(Code::SyntaxError, "this is not one condition")),
    }
}

/// Reads one expectation or value, as the cells of a table hold them.
pub fn parse_cell(file: FileId, base: usize, text: &str) -> Result<Cell, Diagnostic> {
    let at = At { file, base, comments: &[] };
    let fail = |e: pest::error::Error<Rule>| syntax_error(at, text, &e);
    let bug = |_| broken(file, base..base + text.len());
    let whole = |p: &Pair<'_, Rule>| p.as_span().end() == text.trim_end().len();
    if let Ok(mut pairs) = Gate::parse(Rule::expectation, text)
        && let Some(pair) = pairs.next()
        && whole(&pair)
    {
        return at.expectation(pair).map(Cell::Expectation).map_err(bug);
    }
    let pair = Gate::parse(Rule::given_value, text).map_err(fail)?.next().ok_or(Broken).map_err(bug)?;
    if !whole(&pair) {
        let span = at.of(pair.as_span().end(), text.len());
        return Err(Diagnostic::error(Code::SyntaxError, span, "this is not one value").help("write one value a cell"));
    }
    at.given_value(pair).map(Cell::Given).map_err(bug)
}

/// What a cell of a table holds.
#[derive(Clone, Debug)]
pub enum Cell {
    /// `permitted`, `undetermined missing goods.pava`
    Expectation(Expectation),
    /// `0.3 %`, `unknown`
    Given(Given),
}

/// The tree walk met a shape that the grammar does not have: a bug of ours.
struct Broken;
type Walk<T> = Result<T, Broken>;

fn broken(file: FileId, range: std::ops::Range<usize>) -> Diagnostic {
    let span = Span::new(file, range.start, range.end);
    Diagnostic::error(Code::SyntaxError, span, "internal error: the parser and the grammar disagree here")
        .help("please report this declaration as a bug")
}

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

fn syntax_error(at: At<'_>, text: &str, error: &pest::error::Error<Rule>) -> Diagnostic {
    let offset = match error.location {
        InputLocation::Pos(p) | InputLocation::Span((p, _)) => p.min(text.len()),
    };
    let rest = &text[offset..];
    let word_len = rest
        .char_indices()
        .take_while(|(i, c)| *i == 0 || c.is_alphanumeric() || "_.-".contains(*c))
        .map(|(i, c)| i + c.len_utf8())
        .last()
        .unwrap_or(0);
    let word = &rest[..word_len];
    let span = at.of(offset, offset + word_len);
    if offset == 0 && !KEYWORDS.iter().any(|k| text.split(|c: char| !c.is_alphanumeric()).next() == Some(k)) {
        let near = nearest(word, KEYWORDS.iter().copied());
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("a file is a list of declarations: {}", KEYWORDS.join(", ")),
        };
        return Diagnostic::error(Code::SyntaxError, span, format!("`{word}` does not start a declaration")).help(help);
    }
    let mut expected: Vec<&str> = match &error.variant {
        ErrorVariant::ParsingError { positives, .. } => positives.iter().filter_map(|r| wanted(*r)).collect(),
        ErrorVariant::CustomError { .. } => Vec::new(),
    };
    expected.sort_unstable();
    expected.dedup();
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

fn any_of(list: &[&str]) -> String {
    match list {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

/// Where a piece stands, so that spans are those of the file.
#[derive(Clone, Copy)]
struct At<'c> {
    file: FileId,
    base: usize,
    /// The comments of the file; blanks and comments after an optional part that is not there belong to no node.
    comments: &'c [Comment],
}

/// Keywords that carry nothing: their pairs are dropped.
fn is_noise(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::k_one
            | Rule::k_use
            | Rule::k_policy
            | Rule::k_fact
            | Rule::k_constraint
            | Rule::k_group
            | Rule::k_place
            | Rule::k_chart
            | Rule::k_category
            | Rule::k_licence
            | Rule::k_rule
            | Rule::k_exception
            | Rule::k_bar
            | Rule::k_test
            | Rule::k_table
            | Rule::k_given
            | Rule::k_expect
            | Rule::k_of
            | Rule::k_set
            | Rule::k_code
            | Rule::k_money
            | Rule::k_also
            | Rule::k_presumed
            | Rule::k_unless
            | Rule::k_when
            | Rule::k_then
            | Rule::k_to
            | Rule::k_from
            | Rule::k_in
            | Rule::k_is
            | Rule::k_every
            | Rule::k_except
            | Rule::k_cite
            | Rule::k_source
            | Rule::k_note
            | Rule::k_doubt
            | Rule::k_unmodelled
            | Rule::k_ask
            | Rule::k_answered
            | Rule::k_by
            | Rule::k_because
            | Rule::k_means
            | Rule::k_derived
            | Rule::k_applies
            | Rule::k_always
            | Rule::k_claimed
            | Rule::k_covers
            | Rule::k_known
            | Rule::k_otherwise
            | Rule::k_force
            | Rule::k_general
            | Rule::k_valid
            | Rule::k_document
            | Rule::k_duty
            | Rule::k_before
            | Rule::k_within
            | Rule::k_require
            | Rule::k_under
            | Rule::k_review
            | Rule::k_reason
            | Rule::k_accepts
            | Rule::k_whatever
            | Rule::k_words
            | Rule::k_missing
            | Rule::k_requires
            | Rule::k_presumes
            | Rule::k_near
            | Rule::k_claimable
            | Rule::k_may
            | Rule::k_proceed
    )
}

/// The inner pairs of a pair, without keywords that carry nothing.
fn kids(pair: Pair<'_, Rule>) -> Kids<'_> {
    pair.into_inner().filter(|p| !is_noise(p.as_rule())).collect::<Vec<_>>().into_iter().peekable()
}

type Kids<'i> = std::iter::Peekable<std::vec::IntoIter<Pair<'i, Rule>>>;

/// The inner pairs of a pair, taken in order.
struct Inner<'i> {
    pairs: Kids<'i>,
}

impl<'i> Inner<'i> {
    fn of(pair: Pair<'i, Rule>) -> Self {
        Self { pairs: kids(pair) }
    }
    fn next(&mut self) -> Walk<Pair<'i, Rule>> {
        self.pairs.next().ok_or(Broken)
    }
    /// The next pair if it is of that rule.
    fn take(&mut self, rule: Rule) -> Option<Pair<'i, Rule>> {
        if self.pairs.peek()?.as_rule() == rule { self.pairs.next() } else { None }
    }
    fn take_all(&mut self, rule: Rule) -> Vec<Pair<'i, Rule>> {
        std::iter::from_fn(|| self.take(rule)).collect()
    }
}

impl At<'_> {
    fn of(self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.base + start, self.base + end)
    }

    fn span(self, pair: &Pair<'_, Rule>) -> Span {
        let (text, start) = (pair.as_str(), pair.as_span().start());
        let mut len = text.trim_end().len();
        while let Ok(i) = self.comments.binary_search_by_key(&(self.base + start + len), |c| c.span.end as usize) {
            let comment = self.comments[i].span.start as usize;
            if comment < self.base + start {
                break;
            }
            len = text[..comment - self.base - start].trim_end().len();
        }
        self.of(start, start + len)
    }

    /// The text of a pair as written.
    fn word(self, pair: Pair<'_, Rule>) -> Str {
        Spanned { span: self.span(&pair), node: pair.as_str().trim_end().to_owned() }
    }

    /// A quoted text without its quotes.
    fn string(self, pair: Pair<'_, Rule>) -> Str {
        let span = self.span(&pair);
        let raw = pair.as_str();
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or("");
        let mut node = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            node.push(if c == '\\' { chars.next().unwrap_or('\\') } else { c });
        }
        Spanned { node, span }
    }

    fn only_string(self, pair: Pair<'_, Rule>) -> Walk<Str> {
        Ok(self.string(Inner::of(pair).next()?))
    }

    fn only_cond(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        self.cond(Inner::of(pair).next()?)
    }

    fn names(self, pair: Pair<'_, Rule>) -> Vec<Name> {
        kids(pair).map(|p| self.word(p)).collect()
    }

    fn declaration(self, pair: Pair<'_, Rule>) -> Walk<Decl> {
        self.decl(Inner::of(pair).next()?)
    }

    fn decl(self, pair: Pair<'_, Rule>) -> Walk<Decl> {
        let (span, rule) = (self.span(&pair), pair.as_rule());
        let mut inner = Inner::of(pair);
        let mut name = None;
        if !matches!(rule, Rule::test | Rule::table) {
            name = inner.take(Rule::name).or_else(|| inner.take(Rule::place_name)).map(|p| self.word(p));
        }
        let mut of = None;
        if rule == Rule::group {
            of = match inner.take(Rule::of_fact) {
                Some(p) => Some(self.word(Inner::of(p).next()?)),
                None => None,
            };
        }
        let title = if rule == Rule::fact { None } else { inner.take(Rule::string).map(|p| self.string(p)) };
        let mut fields = Vec::new();
        let kind = match rule {
            Rule::use_decl => DeclKind::Use,
            Rule::policy => DeclKind::Policy,
            Rule::constraint => DeclKind::Constraint,
            Rule::category => DeclKind::Category,
            Rule::licence => DeclKind::Licence,
            Rule::rule_decl => DeclKind::Rule,
            Rule::fact => {
                let ty = self.type_expr(inner.next()?)?;
                let presumed = inner.take(Rule::presumed).map(|p| self.presumed(p)).transpose()?.map(Box::new);
                DeclKind::Fact { ty, presumed }
            }
            Rule::group => {
                let mut members = Vec::new();
                let mut body = None;
                for p in inner.pairs.by_ref() {
                    match p.as_rule() {
                        Rule::member => members.push(self.member(p)?),
                        Rule::set_expr => body = Some(GroupBody::Expr(self.set_expr(p)?)),
                        _ => fields.push(self.field(p)?),
                    }
                }
                DeclKind::Group { of, body: body.unwrap_or(GroupBody::Members(members)) }
            }
            Rule::place => DeclKind::Place { within: self.value(inner.next()?)? },
            Rule::chart => {
                let mut file = None;
                for p in inner.pairs.by_ref() {
                    match p.as_rule() {
                        Rule::chart_file => file = Some(self.only_string(p)?),
                        _ => fields.push(self.field(p)?),
                    }
                }
                DeclKind::Chart { file: file.ok_or(Broken)? }
            }
            Rule::exception => DeclKind::Exception(self.targets(inner.next()?)?),
            Rule::bar => DeclKind::Bar(self.targets(inner.next()?)?),
            Rule::test => {
                let mut test = Test { given: Vec::new(), expects: Vec::new() };
                for p in inner.pairs.by_ref() {
                    match p.as_rule() {
                        Rule::given => {
                            if let Some(a) = kids(p).next() {
                                test.given = self.assignments(a)?;
                            }
                        }
                        Rule::expect => test.expects.push(self.expectation(Inner::of(p).next()?)?),
                        _ => return Err(Broken),
                    }
                }
                DeclKind::Test(test)
            }
            Rule::table => {
                let given = inner.take(Rule::assignments).map(|p| self.assignments(p)).transpose()?.unwrap_or_default();
                let rows = inner.take_all(Rule::table_row).into_iter().map(|p| self.table_row(p)).collect();
                DeclKind::Table(Table { given, rows })
            }
            _ => return Err(Broken),
        };
        for p in inner.pairs {
            fields.push(self.field(p)?);
        }
        Ok(Decl { span, name, title, kind, fields })
    }

    fn table_row(self, pair: Pair<'_, Rule>) -> Vec<Str> {
        kids(pair)
            .map(|cell| {
                let (text, start) = (cell.as_str(), cell.as_span().start());
                let lead = text.len() - text.trim_start().len();
                let node = text.trim().to_owned();
                Spanned { span: self.of(start + lead, start + lead + node.len()), node }
            })
            .collect()
    }

    fn field(self, pair: Pair<'_, Rule>) -> Walk<Field> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::cite => FieldKind::Cite(self.only_string(pair)?),
            Rule::source => FieldKind::Source(self.only_string(pair)?),
            Rule::note => FieldKind::Note(self.only_string(pair)?),
            Rule::doubt => FieldKind::Doubt(self.only_string(pair)?),
            Rule::unmodelled => FieldKind::Unmodelled(self.only_string(pair)?),
            Rule::ask => FieldKind::Ask(self.only_string(pair)?),
            Rule::answered_by => FieldKind::AnsweredBy(self.word(Inner::of(pair).next()?)),
            Rule::because => FieldKind::Because(self.only_string(pair)?),
            Rule::means => FieldKind::Means(self.only_cond(pair)?),
            Rule::derived => FieldKind::Derived(self.only_string(pair)?),
            Rule::applies => FieldKind::Applies(self.only_cond(pair)?),
            Rule::always => FieldKind::Always(self.only_cond(pair)?),
            Rule::claimed => FieldKind::Claimed(self.only_cond(pair)?),
            Rule::covers => FieldKind::Covers(self.only_cond(pair)?),
            Rule::when => FieldKind::When(self.only_cond(pair)?),
            Rule::unless => FieldKind::Unless(self.only_cond(pair)?),
            Rule::known => FieldKind::Known(self.dated(Inner::of(pair).next()?)?),
            Rule::otherwise => {
                let word = Inner::of(pair).next()?;
                let node = if word.as_rule() == Rule::k_permit { EffectWord::Permit } else { EffectWord::Prohibit };
                FieldKind::Otherwise(Spanned { node, span: self.span(&word) })
            }
            Rule::in_force => FieldKind::InForce(kids(pair).map(|p| self.dated(p)).collect::<Walk<_>>()?),
            Rule::general => FieldKind::General,
            Rule::valid => FieldKind::Valid(self.duration(Inner::of(pair))?),
            Rule::document => {
                let mut inner = Inner::of(pair);
                let code = self.string(inner.next()?);
                FieldKind::Document { code, negative: inner.take(Rule::k_negative).is_some() }
            }
            Rule::duty => {
                let mut inner = Inner::of(pair);
                let text = self.string(inner.next()?);
                let timing = match inner.take(Rule::timing) {
                    None => None,
                    Some(p) if kids(p.clone()).next().is_none() => Some(Timing::BeforeFirstUse),
                    Some(p) => Some(Timing::Within(self.duration(Inner::of(p))?)),
                };
                FieldKind::Duty { text, timing }
            }
            Rule::then => FieldKind::Then(self.effect(Inner::of(Inner::of(pair).next()?).next()?)?),
            Rule::review => FieldKind::Review(self.only_string(pair)?),
            Rule::reason => FieldKind::Reason(self.only_string(pair)?),
            Rule::codes => {
                let mut inner = Inner::of(pair);
                let scheme = self.word(inner.next()?);
                let items = inner.pairs.map(|p| self.code_item(p)).collect::<Walk<_>>()?;
                FieldKind::Codes { scheme, items }
            }
            Rule::accepts => {
                let mut inner = Inner::of(pair);
                let scheme = self.word(inner.next()?);
                let codes = inner.take_all(Rule::code).into_iter().map(|p| self.word(p)).collect();
                FieldKind::Accepts { scheme, codes, because: self.string(inner.next()?) }
            }
            Rule::whatever_code => FieldKind::WhateverCode,
            Rule::words => {
                let mut lists = Vec::new();
                for list in kids(pair) {
                    let mut inner = Inner::of(list);
                    let language = self.word(inner.next()?);
                    lists.push((language, inner.pairs.map(|p| self.string(p)).collect()));
                }
                FieldKind::Words(lists)
            }
            Rule::category => FieldKind::Child(Box::new(self.decl(pair)?)),
            _ => return Err(Broken),
        };
        Ok(Field { span, kind })
    }

    fn duration(self, mut inner: Inner<'_>) -> Walk<Duration> {
        let count = self.word(inner.next()?);
        Ok(Duration { count, months: inner.next()?.as_rule() == Rule::k_months })
    }

    fn effect(self, pair: Pair<'_, Rule>) -> Walk<Effect> {
        Ok(match pair.as_rule() {
            Rule::prohibit => Effect::Prohibit,
            Rule::permit => {
                let mut inner = Inner::of(pair);
                inner.take(Rule::k_permit);
                Effect::Permit(inner.take(Rule::name).map(|p| self.word(p)))
            }
            Rule::require => {
                let (mut licences, mut ands) = (Vec::new(), Vec::new());
                for p in kids(pair) {
                    match p.as_rule() {
                        Rule::name => licences.push(self.word(p)),
                        _ => ands.push(Inner::of(p).next()?.as_rule() == Rule::k_and),
                    }
                }
                Effect::Require { licences, ands }
            }
            _ => return Err(Broken),
        })
    }

    fn dated(self, pair: Pair<'_, Rule>) -> Walk<Dated> {
        let span = self.span(&pair);
        let starts_with_from = pair.as_str().starts_with("from");
        let mut dates = kids(pair).map(|p| self.word(p));
        let from = if starts_with_from { dates.next() } else { None };
        Ok(Dated { span, from, to: dates.next() })
    }

    fn code_item(self, pair: Pair<'_, Rule>) -> Walk<CodeItem> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let ex = inner.take(Rule::ex).is_some();
        let code = self.word(inner.next()?);
        let to = inner.take(Rule::code_to).map(|p| Inner::of(p).next()).transpose()?.map(|p| self.word(p));
        let except = match inner.take(Rule::code_except) {
            Some(p) => kids(p).filter(|p| p.as_rule() == Rule::code).map(|p| self.word(p)).collect(),
            None => Vec::new(),
        };
        Ok(CodeItem { span, ex, code, to, except })
    }

    fn type_expr(self, pair: Pair<'_, Rule>) -> Walk<TypeExpr> {
        let span = self.span(&pair);
        let pair = Inner::of(pair).next()?;
        let kind = match pair.as_rule() {
            Rule::yes_no => TypeKind::YesNo,
            Rule::one_of => match kids(pair).next() {
                Some(values) => TypeKind::OneOf(self.enum_values(values)?),
                None => TypeKind::OneOf(Vec::new()),
            },
            Rule::set_of => TypeKind::SetOf(Box::new(self.type_expr(Inner::of(pair).next()?)?)),
            Rule::code_type => TypeKind::Code(self.word(Inner::of(pair).next()?)),
            Rule::money_type => TypeKind::Money(self.word(Inner::of(pair).next()?)),
            Rule::name => TypeKind::Named(pair.as_str().to_owned()),
            _ => return Err(Broken),
        };
        Ok(TypeExpr { span, kind })
    }

    fn enum_values(self, pair: Pair<'_, Rule>) -> Walk<Vec<EnumValue>> {
        kids(pair).map(|p| self.enum_value(p)).collect()
    }

    fn enum_value(self, pair: Pair<'_, Rule>) -> Walk<EnumValue> {
        let mut inner = Inner::of(pair);
        let name = self.word(inner.next()?);
        let also = inner.take_all(Rule::also).into_iter().map(|p| self.only_string(p)).collect::<Walk<_>>()?;
        let narrower = inner.take(Rule::enum_values).map(|p| self.enum_values(p)).transpose()?.unwrap_or_default();
        Ok(EnumValue { name, also, narrower })
    }

    fn presumed(self, pair: Pair<'_, Rule>) -> Walk<Presumed> {
        let mut inner = Inner::of(pair);
        let value = self.value(inner.next()?)?;
        let unless = inner.take(Rule::cond).map(|p| self.cond(p)).transpose()?;
        Ok(Presumed { value, unless })
    }

    fn member(self, pair: Pair<'_, Rule>) -> Walk<Member> {
        let mut inner = Inner::of(pair);
        let value = self.value(inner.next()?)?;
        let dated = inner.take(Rule::dated).map(|p| self.dated(p)).transpose()?;
        let doubt = inner.take(Rule::string).map(|p| self.string(p));
        Ok(Member { value, dated, doubt })
    }

    fn targets(self, pair: Pair<'_, Rule>) -> Walk<Targets> {
        let pair = Inner::of(pair).next()?;
        if pair.as_rule() == Rule::names {
            return Ok(Targets::Named(self.names(pair)));
        }
        let span = self.span(&pair);
        // `except NAMES` and `to NAMES` are told apart by the word that stands before each.
        let (text, start) = (pair.as_str().to_owned(), pair.as_span().start());
        let (mut except, mut to) = (Vec::new(), Vec::new());
        for names in kids(pair) {
            let before = text.get(..names.as_span().start() - start).unwrap_or("").trim_end();
            if before.ends_with("except") {
                except = self.names(names);
            } else {
                to = self.names(names);
            }
        }
        Ok(Targets::EveryException { span, except, to })
    }

    fn assignments(self, pair: Pair<'_, Rule>) -> Walk<Vec<Assignment>> {
        kids(pair).map(|p| self.assignment(p)).collect()
    }

    fn assignment(self, pair: Pair<'_, Rule>) -> Walk<Assignment> {
        let mut inner = Inner::of(pair);
        let name = self.word(inner.next()?);
        let pair = inner.next()?;
        let span = self.span(&pair);
        let value = match pair.as_rule() {
            Rule::block => Given::Block(span, self.block(pair)?),
            Rule::blocks => Given::Blocks(span, kids(pair).map(|p| self.block(p)).collect::<Walk<_>>()?),
            _ => self.given_value(pair)?,
        };
        Ok(Assignment { name, value })
    }

    fn block(self, pair: Pair<'_, Rule>) -> Walk<Vec<Assignment>> {
        self.assignments(Inner::of(pair).next()?)
    }

    fn given_value(self, pair: Pair<'_, Rule>) -> Walk<Given> {
        let pair = Inner::of(pair).next()?;
        if pair.as_rule() == Rule::given_set {
            let span = self.span(&pair);
            let values = kids(pair).map(|p| self.value(p)).collect::<Walk<_>>()?;
            return Ok(Given::Set(span, values));
        }
        Ok(Given::Value(self.value(pair)?))
    }

    fn expectation(self, pair: Pair<'_, Rule>) -> Walk<Expectation> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let outcome = self.word(inner.next()?);
        let parts = inner.pairs.map(|p| self.expected(p)).collect::<Walk<_>>()?;
        Ok(Expectation { span, outcome, parts })
    }

    fn expected(self, pair: Pair<'_, Rule>) -> Walk<Expected> {
        let pair = Inner::of(pair).next()?;
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::exp_under => ExpectedKind::Under,
            Rule::exp_by => ExpectedKind::By,
            Rule::exp_not_by => ExpectedKind::NotBy,
            Rule::exp_in => ExpectedKind::In,
            Rule::exp_not_in => ExpectedKind::NotIn,
            Rule::exp_missing => ExpectedKind::Missing,
            Rule::exp_requires => ExpectedKind::Requires,
            Rule::exp_document => ExpectedKind::Document,
            Rule::exp_not_document => ExpectedKind::NotDocument,
            Rule::exp_duty => ExpectedKind::Duty,
            Rule::exp_presumes => ExpectedKind::Presumes,
            Rule::exp_near => ExpectedKind::Near,
            Rule::exp_claimable => ExpectedKind::Claimable,
            Rule::exp_may => ExpectedKind::May,
            Rule::exp_may_not => ExpectedKind::MayNot,
            _ => return Err(Broken),
        };
        let mut names = Vec::new();
        for p in kids(pair) {
            match p.as_rule() {
                Rule::name => names.push(self.word(p)),
                Rule::names => names.extend(self.names(p)),
                Rule::strings => names.extend(kids(p).map(|s| self.string(s))),
                _ => {}
            }
        }
        Ok(Expected { span, kind, names })
    }

    fn cond(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let mut list = kids(pair).filter(|p| p.as_rule() == Rule::conj).map(|p| self.conj(p));
        let first = list.next().ok_or(Broken)??;
        let rest = list.collect::<Walk<Vec<_>>>()?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Cond { span, kind: CondKind::Or(std::iter::once(first).chain(rest).collect()) })
    }

    fn conj(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let mut list = kids(pair).filter(|p| p.as_rule() == Rule::negation).map(|p| self.negation(p));
        let first = list.next().ok_or(Broken)??;
        let rest = list.collect::<Walk<Vec<_>>>()?;
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Cond { span, kind: CondKind::And(std::iter::once(first).chain(rest).collect()) })
    }

    fn negation(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let nots = inner.take_all(Rule::k_not);
        let mut cond = self.atom(inner.next()?)?;
        for not in nots.iter().rev() {
            let start = self.span(not).start;
            cond = Cond { span: Span { start, ..span }, kind: CondKind::Not(Box::new(cond)) };
        }
        Ok(cond)
    }

    fn atom(self, pair: Pair<'_, Rule>) -> Walk<Cond> {
        let span = self.span(&pair);
        let pair = Inner::of(pair).next()?;
        Ok(match pair.as_rule() {
            Rule::cond => Cond { span, kind: CondKind::Paren(Box::new(self.cond(pair)?)) },
            Rule::comparison => {
                let mut inner = Inner::of(pair);
                let name = self.word(inner.next()?);
                let predicate = inner.take(Rule::predicate).map(|p| self.predicate(p)).transpose()?;
                Cond { span, kind: CondKind::Fact { name, predicate } }
            }
            Rule::quantified => {
                let mut inner = Inner::of(pair);
                let all = inner.next()?.as_rule() == Rule::k_all;
                let list = inner.next()?;
                let predicate = inner.take(Rule::predicate).map(|p| self.predicate(p)).transpose()?;
                let kind = match list.as_rule() {
                    Rule::cond_list => {
                        let conds = kids(list).map(|p| self.cond(p)).collect::<Walk<_>>()?;
                        CondKind::AnyAllConds { all, conds }
                    }
                    Rule::name_list => CondKind::AnyAll { all, names: self.names(list), braces: true, predicate },
                    _ => CondKind::AnyAll { all, names: vec![self.word(list)], braces: false, predicate },
                };
                Cond { span, kind }
            }
            _ => return Err(Broken),
        })
    }

    fn predicate(self, pair: Pair<'_, Rule>) -> Walk<Predicate> {
        let pair = Inner::of(pair).next()?;
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = Inner::of(pair);
        let kind = match rule {
            Rule::is | Rule::is_not => {
                inner.take(Rule::k_not);
                PredicateKind::Is { negated: rule == Rule::is_not, value: self.value(inner.next()?)? }
            }
            Rule::in_set | Rule::not_in => {
                let negated = rule == Rule::not_in;
                inner.take(Rule::k_not);
                let what = inner.next()?;
                if what.as_rule() == Rule::range {
                    let mut ends = Inner::of(what);
                    let (low, high) = (self.value(ends.next()?)?, self.value(ends.next()?)?);
                    PredicateKind::Range { negated, low, high }
                } else {
                    PredicateKind::In { negated, set: self.set_expr(what)? }
                }
            }
            Rule::compare => {
                let op = inner.next()?;
                let node = match op.as_str() {
                    "=" => CompareOp::Eq,
                    "!=" => CompareOp::Ne,
                    "<" => CompareOp::Lt,
                    "<=" => CompareOp::Le,
                    ">" => CompareOp::Gt,
                    _ => CompareOp::Ge,
                };
                let op = Spanned { node, span: self.span(&op) };
                PredicateKind::Compare { op, value: self.value(inner.next()?)? }
            }
            Rule::coded_under => {
                let list = inner.next()?;
                if list.as_rule() == Rule::name_list {
                    PredicateKind::CodedUnder(self.names(list), true)
                } else {
                    PredicateKind::CodedUnder(vec![self.word(list)], false)
                }
            }
            Rule::marked => PredicateKind::Marked { column: self.word(inner.next()?), chart: self.word(inner.next()?) },
            Rule::includes => PredicateKind::Includes(self.word(inner.next()?)),
            _ => return Err(Broken),
        };
        Ok(Predicate { span, kind })
    }

    fn set_expr(self, pair: Pair<'_, Rule>) -> Walk<SetExpr> {
        let span = self.span(&pair);
        let mut inner = Inner::of(pair);
        let first = self.set_term(inner.next()?)?;
        let mut rest = Vec::new();
        while let Some(op) = inner.take(Rule::set_op) {
            let op = match op.as_str() {
                "+" => SetOp::Plus,
                "-" => SetOp::Minus,
                _ => SetOp::And,
            };
            rest.push((op, self.set_term(inner.next()?)?));
        }
        Ok(SetExpr { span, first, rest })
    }

    fn set_term(self, pair: Pair<'_, Rule>) -> Walk<SetTerm> {
        let pair = Inner::of(pair).next()?;
        Ok(match pair.as_rule() {
            Rule::set_lit => {
                let span = self.span(&pair);
                SetTerm::Literal(span, kids(pair).map(|p| self.value(p)).collect::<Walk<_>>()?)
            }
            Rule::set_expr => SetTerm::Paren(Box::new(self.set_expr(pair)?)),
            _ => SetTerm::Name(self.word(pair)),
        })
    }

    fn value(self, pair: Pair<'_, Rule>) -> Walk<Value> {
        let span = self.span(&pair);
        let pair = Inner::of(pair).next()?;
        let text = pair.as_str().trim_end().to_owned();
        let kind = match pair.as_rule() {
            Rule::string => ValueKind::Text(self.string(pair).node),
            Rule::date => ValueKind::Date(text),
            Rule::cas => ValueKind::Cas(text),
            Rule::quantity => {
                let mut inner = Inner::of(pair);
                let (number, unit) = (inner.next()?.as_str().to_owned(), inner.next()?.as_str().to_owned());
                ValueKind::Quantity(number, unit)
            }
            Rule::code_value => ValueKind::Code(text),
            Rule::number => ValueKind::Number(text),
            Rule::place_name => ValueKind::Place(text),
            Rule::name => ValueKind::Name(text),
            _ => return Err(Broken),
        };
        Ok(Value { span, kind })
    }
}
