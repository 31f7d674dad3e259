//! Random trees of gate files: every construct, and only what the grammar can read back.

use portcullis::span::Span;
use portcullis::syntax::tree::*;

use super::choices::Choices;

/// Names, among them some that look like something else.
const NAMES: &[&str] = &[
    "a",
    "goods.kind",
    "annex_II.2.1",
    "0A983",
    "40mm_grenade",
    "destination",
    "bar",
    "test",
    "rule",
    "table",
    "licence.expires",
    "countries.eu",
    "a_rather_long_name_that_makes_lines_break_sooner_than_they_would_otherwise",
];
const TEXTS: &[&str] = &[
    "x",
    "",
    "a \"quoted\" word",
    "back\\slash",
    "# no comment { | }",
    "Elektroschockgürtel",
    "a sentence that is long enough to fill most of a line, so that what stands beside it has to go elsewhere",
];
const DATES: &[&str] = &["2019-02-20", "2026-3-2"];
const CODES: &[&str] = &["9304", "8543 70 90", "8543.70", "57-33-0", "0A982.a", "4421 99"];

/// A random file.
pub fn file(c: &mut Choices<'_>) -> File {
    File { decls: c.many(0, 5, decl), ..File::default() }
}

fn spanned<T>(node: T) -> Spanned<T> {
    Spanned { node, span: Span::default() }
}

fn word(c: &mut Choices<'_>, all: &[&str]) -> Str {
    spanned((*c.of(all)).to_owned())
}

fn name(c: &mut Choices<'_>) -> Name {
    word(c, NAMES)
}

fn names(c: &mut Choices<'_>) -> Vec<Name> {
    c.many(1, 4, name)
}

fn string(c: &mut Choices<'_>) -> Str {
    word(c, TEXTS)
}

fn decl(c: &mut Choices<'_>) -> Decl {
    let mut all = Decl { span: Span::default(), name: None, title: None, kind: DeclKind::Use, fields: vec![] };
    all.name = Some(name(c));
    all.title = Some(string(c));
    match c.below(15) {
        0 => all.title = None,
        1 => {
            all.kind = DeclKind::Policy;
            all.fields = fields(c, "source applies known otherwise unmodelled doubt note");
        }
        2 => {
            all.title = None;
            all.kind = DeclKind::Fact { ty: type_expr(c, 0), presumed: c.maybe(presumed).map(Box::new) };
            all.fields = fields(c, "ask answered because means derived in_force doubt note");
        }
        3 => {
            all.kind = DeclKind::Constraint;
            all.fields = fields(c, "always because cite in_force doubt note");
        }
        4 => {
            all.title = c.maybe(string);
            all.kind = DeclKind::Group { of: c.maybe(name), body: group_body(c) };
            all.fields = fields(c, "cite source in_force doubt note");
        }
        5 => {
            all.name = Some(word(c, &["IT-livigno", "DE-busingen"]));
            let within = if c.coin() { ValueKind::Place("IT-livigno".into()) } else { ValueKind::Name("IT".into()) };
            all.kind = DeclKind::Place { within: Value { span: Span::default(), kind: within } };
            all.fields = fields(c, "cite source in_force doubt note");
        }
        6 => {
            all.title = c.maybe(string);
            if c.coin() {
                all.kind = DeclKind::Chart { file: string(c) };
                all.fields = fields(c, "cite source known doubt note");
            } else {
                all.kind = DeclKind::Vocabulary { file: string(c) };
                all.fields = fields(c, "cite source doubt note");
            }
        }
        7 => all = category(c, 0),
        8 => {
            all.kind = DeclKind::Licence;
            all.fields = fields(c, "general cite source document duty valid covers in_force doubt note");
        }
        9 => {
            all.kind = DeclKind::Rule;
            all.fields = fields(c, RULE);
        }
        10 => {
            all.kind = DeclKind::Exception(targets(c));
            all.fields = fields(c, RULE);
        }
        11 => {
            all.kind = DeclKind::Bar(targets(c));
            all.fields = fields(c, "cite source claimed when unless in_force doubt note");
        }
        12 => {
            all.title = None;
            all.kind = DeclKind::Link;
            all.fields = fields(c, "cite source doubt note");
            // What follows a line belongs to it, so remarks on the whole stand first.
            all.fields.extend(c.many(0, 4, linked).into_iter().map(|l| field(FieldKind::Child(Box::new(l)))));
        }
        13 => {
            all.name = None;
            let given = if c.coin() { assignments(c, 0) } else { vec![] };
            all.kind = DeclKind::Test(Test { given, expects: c.many(1, 3, expectation) });
        }
        _ => {
            all.name = None;
            let given = if c.coin() { assignments(c, 0) } else { vec![] };
            let cells = ["", "goods.pava", "0.3 %", "unknown", "permitted by a, b", "permitted duty \"x | y # z\""];
            let rows = c.many(1, 4, |c| c.many(1, 4, |c| word(c, &cells)));
            all.kind = DeclKind::Table(Table { given, rows });
        }
    }
    all
}

const RULE: &str = "cite source claimed when unless then review reason duty document in_force doubt note";

fn category(c: &mut Choices<'_>, depth: usize) -> Decl {
    let (name, title) = (c.maybe(name), c.maybe(string));
    let mut all = fields(c, "cite source whatever codes accepts when unless words in_force doubt note");
    if depth < 3 {
        for child in c.many(0, 2, |c| category(c, depth + 1)) {
            let at = c.below(all.len() + 1);
            all.insert(at, field(FieldKind::Child(Box::new(child))));
        }
    }
    Decl { span: Span::default(), name, title, kind: DeclKind::Category, fields: all }
}

fn linked(c: &mut Choices<'_>) -> Decl {
    let kind = DeclKind::Linked(word(c, &["same", "wider", "narrower", "overlaps"]));
    let fields = fields(c, "cite source in_force doubt note");
    Decl { span: Span::default(), name: Some(name(c)), title: None, kind, fields }
}

fn field(kind: FieldKind) -> Field {
    Field { span: Span::default(), kind }
}

fn fields(c: &mut Choices<'_>, allowed: &str) -> Vec<Field> {
    let allowed: Vec<&str> = allowed.split(' ').collect();
    c.many(0, 4, |c| {
        let which = *c.of(&allowed);
        field(field_kind(c, which))
    })
}

fn field_kind(c: &mut Choices<'_>, which: &str) -> FieldKind {
    match which {
        "cite" => FieldKind::Cite(string(c)),
        "source" => FieldKind::Source(string(c)),
        "note" => FieldKind::Note(string(c)),
        "doubt" => FieldKind::Doubt(string(c)),
        "unmodelled" => FieldKind::Unmodelled(string(c)),
        "ask" => FieldKind::Ask(string(c)),
        "answered" => FieldKind::AnsweredBy(name(c)),
        "because" => FieldKind::Because(string(c)),
        "derived" => FieldKind::Derived(string(c)),
        "review" => FieldKind::Review(string(c)),
        "reason" => FieldKind::Reason(string(c)),
        "means" => FieldKind::Means(cond(c, 0)),
        "applies" => FieldKind::Applies(cond(c, 0)),
        "always" => FieldKind::Always(cond(c, 0)),
        "claimed" => FieldKind::Claimed(cond(c, 0)),
        "covers" => FieldKind::Covers(cond(c, 0)),
        "when" => FieldKind::When(cond(c, 0)),
        "unless" => FieldKind::Unless(cond(c, 0)),
        "known" => FieldKind::Known(dated(c)),
        "otherwise" => FieldKind::Otherwise(spanned(if c.coin() { EffectWord::Permit } else { EffectWord::Prohibit })),
        "in_force" => FieldKind::InForce(c.many(1, 3, dated)),
        "general" => FieldKind::General,
        "valid" => FieldKind::Valid(duration(c)),
        "document" => FieldKind::Document { code: string(c), negative: c.coin() },
        "duty" => {
            let timing = |c: &mut Choices<'_>| match c.coin() {
                true => Timing::BeforeFirstUse,
                false => Timing::Within(duration(c)),
            };
            FieldKind::Duty { text: string(c), timing: c.maybe(timing) }
        }
        "then" => FieldKind::Then(match c.below(3) {
            0 => Effect::Prohibit,
            1 => Effect::Permit(c.maybe(name)),
            _ => {
                let licences = names(c);
                let ands = (1..licences.len()).map(|_| c.coin()).collect();
                Effect::Require { licences, ands }
            }
        }),
        "codes" => FieldKind::Codes { scheme: word(c, &["CN", "ECCN"]), items: c.many(1, 9, code_item) },
        "accepts" => {
            let codes = c.many(1, 3, |c| word(c, CODES));
            FieldKind::Accepts { scheme: word(c, &["HS", "TARIC"]), codes, because: string(c) }
        }
        "whatever" => FieldKind::WhateverCode,
        "words" => {
            let of = if c.coin() { names(c) } else { Vec::new() };
            let least = usize::from(of.is_empty());
            FieldKind::Words { of, lists: c.many(least, 3, |c| (word(c, &["en", "de"]), c.many(1, 4, string))) }
        }
        other => unreachable!("{other}"),
    }
}

fn duration(c: &mut Choices<'_>) -> Duration {
    Duration { count: word(c, &["12", "30"]), months: c.coin() }
}

fn dated(c: &mut Choices<'_>) -> Dated {
    let (from, to) = match c.below(3) {
        0 => (true, false),
        1 => (false, true),
        _ => (true, true),
    };
    let mut date = |wanted: bool| wanted.then(|| word(c, DATES));
    Dated { span: Span::default(), from: date(from), to: date(to) }
}

fn code_item(c: &mut Choices<'_>) -> CodeItem {
    CodeItem {
        span: Span::default(),
        ex: c.coin(),
        code: word(c, CODES),
        to: c.maybe(|c| word(c, CODES)),
        except: c.many(0, 2, |c| word(c, CODES)),
    }
}

fn type_expr(c: &mut Choices<'_>, depth: usize) -> TypeExpr {
    let kind = match c.below(6) {
        0 => TypeKind::YesNo,
        1 => TypeKind::Named((*c.of(&["country", "length", "entry"])).to_owned()),
        2 => TypeKind::Code(word(c, &["CN", "CAS"])),
        3 => TypeKind::Money(word(c, &["EUR", "USD"])),
        4 if depth < 1 => TypeKind::SetOf(Box::new(type_expr(c, depth + 1))),
        _ => TypeKind::OneOf(c.many(0, 6, |c| enum_value(c, 0))),
    };
    TypeExpr { span: Span::default(), kind }
}

fn enum_value(c: &mut Choices<'_>, depth: usize) -> EnumValue {
    let (name, also) = (name(c), c.many(0, 2, string));
    let narrower = if depth < 2 { c.many(0, 3, |c| enum_value(c, depth + 1)) } else { vec![] };
    EnumValue { name, also, narrower }
}

fn presumed(c: &mut Choices<'_>) -> Presumed {
    Presumed { value: value(c), unless: c.maybe(|c| cond(c, 1)) }
}

fn group_body(c: &mut Choices<'_>) -> GroupBody {
    if c.coin() {
        return GroupBody::Expr(set_expr(c, 0));
    }
    GroupBody::Members(c.many(0, 20, |c| Member {
        value: value(c),
        dated: if c.below(4) == 1 { Some(dated(c)) } else { None },
        doubt: if c.below(4) == 1 { Some(string(c)) } else { None },
    }))
}

fn targets(c: &mut Choices<'_>) -> Targets {
    if c.coin() {
        return Targets::Named(names(c));
    }
    Targets::EveryException { span: Span::default(), except: c.many(0, 3, name), to: c.many(0, 3, name) }
}

fn assignments(c: &mut Choices<'_>, depth: usize) -> Vec<Assignment> {
    c.many(1, 6, |c| {
        let span = Span::default();
        let value = match c.below(8) {
            5 if depth < 3 => Given::Block(span, assignments(c, depth + 1)),
            6 if depth < 3 => Given::Blocks(span, c.many(1, 3, |c| assignments(c, depth + 1))),
            7 => Given::Set(span, c.many(0, 4, value)),
            _ => Given::Value(value(c)),
        };
        Assignment { name: name(c), value }
    })
}

fn expectation(c: &mut Choices<'_>) -> Expectation {
    use ExpectedKind::*;
    let parts = c.many(0, 5, |c| {
        let all = [
            Under,
            By,
            NotBy,
            In,
            NotIn,
            Missing,
            Requires,
            NotRequires,
            Document,
            NotDocument,
            Duty,
            NotDuty,
            Presumes,
            NotPresumes,
            Near,
            Claimable,
            NotClaimable,
            May,
            MayNot,
        ];
        let kind = *c.of(&all);
        let names = match kind {
            Under => vec![name(c)],
            May | MayNot => vec![],
            Document | NotDocument | Duty | NotDuty => c.many(1, 3, string),
            _ => names(c),
        };
        Expected { span: Span::default(), kind, names }
    });
    let outcome =
        word(c, &["permitted", "prohibited", "licence_required", "not_applicable", "undetermined", "impossible"]);
    Expectation { span: Span::default(), outcome, parts }
}

fn cond(c: &mut Choices<'_>, depth: usize) -> Cond {
    match c.below(4) {
        2 if depth < 4 => {
            let conds = c.many(2, 4, |c| if c.coin() { conjunction(c, depth + 1) } else { negation(c, depth + 1) });
            condition(CondKind::Or(conds))
        }
        3 => conjunction(c, depth),
        _ => negation(c, depth),
    }
}

fn condition(kind: CondKind) -> Cond {
    Cond { span: Span::default(), kind }
}

fn conjunction(c: &mut Choices<'_>, depth: usize) -> Cond {
    condition(CondKind::And(c.many(2, 5, |c| negation(c, depth + 1))))
}

fn negation(c: &mut Choices<'_>, depth: usize) -> Cond {
    let kind = match c.below(if depth < 4 { 8 } else { 5 }) {
        3 => CondKind::Not(Box::new(negation(c, depth + 1))),
        4 => {
            let braces = c.coin();
            let names = if braces { names(c) } else { vec![name(c)] };
            CondKind::AnyAll { all: c.coin(), names, braces, predicate: c.maybe(predicate) }
        }
        5 | 6 => CondKind::Paren(Box::new(cond(c, depth + 1))),
        7 => CondKind::AnyAllConds { all: c.coin(), conds: c.many(1, 3, |c| cond(c, depth + 1)) },
        _ => CondKind::Fact { name: name(c), predicate: c.maybe(predicate) },
    };
    condition(kind)
}

fn predicate(c: &mut Choices<'_>) -> Predicate {
    let kind = match c.below(7) {
        0 => PredicateKind::Is { negated: c.coin(), value: value(c) },
        1 => PredicateKind::In { negated: c.coin(), set: set_expr(c, 0) },
        2 => PredicateKind::Range { negated: c.coin(), low: value(c), high: value(c) },
        3 => {
            let all = [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Gt, CompareOp::Ge];
            PredicateKind::Compare { op: spanned(*c.of(&all)), value: value(c) }
        }
        4 => {
            let braces = c.coin();
            PredicateKind::CodedUnder(if braces { names(c) } else { vec![name(c)] }, braces)
        }
        5 => PredicateKind::Marked { column: name(c), chart: name(c) },
        _ => PredicateKind::Includes(name(c)),
    };
    Predicate { span: Span::default(), kind }
}

fn set_expr(c: &mut Choices<'_>, depth: usize) -> SetExpr {
    let first = set_term(c, depth);
    let rest = c.many(0, 3, |c| {
        let op = *c.of(&[SetOp::Plus, SetOp::Minus, SetOp::And]);
        (op, set_term(c, depth))
    });
    SetExpr { span: Span::default(), first, rest }
}

fn set_term(c: &mut Choices<'_>, depth: usize) -> SetTerm {
    match c.below(4) {
        2 if depth < 2 => SetTerm::Paren(Box::new(set_expr(c, depth + 1))),
        3 => SetTerm::Literal(Span::default(), c.many(0, 9, value)),
        _ => SetTerm::Name(name(c)),
    }
}

fn value(c: &mut Choices<'_>) -> Value {
    let kind = match c.below(9) {
        0 | 1 => ValueKind::Name(name(c).node),
        2 => ValueKind::Text(string(c).node),
        3 => ValueKind::Date(word(c, DATES).node),
        4 => ValueKind::Cas("57-33-0".into()),
        5 => ValueKind::Quantity(
            word(c, &["12", "0.3", "-5"]).node,
            word(c, &["mm", "%", "in", "bar", "EUR", "cm3", "µm"]).node,
        ),
        6 => ValueKind::Code(word(c, &["4421 99", "8543 70 90"]).node),
        7 => ValueKind::Number(word(c, &["2", "0.25", "-1"]).node),
        _ => ValueKind::Place("IT-livigno".into()),
    };
    Value { span: Span::default(), kind }
}
