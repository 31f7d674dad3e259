//! Other words for the same law: rewrites that keep its meaning.

use std::collections::BTreeMap;

use portcullis::format::format;
use portcullis::span::{FileId, Span};
use portcullis::syntax::parse_file;
use portcullis::syntax::tree::*;

use super::choices::Choices;
use super::law::Law;
use super::shrink::cond_of;

/// A rewrite.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// Declarations in another order.
    Order,
    /// Every condition denied twice.
    Twice,
    /// `a and b` as `not (not a or not b)`, `a or b` as `not (not a and not b)`.
    DeMorgan,
    /// What a named condition means, in place of its name.
    Inline,
    /// Groups of listed members as the union of two; sets of values as the union of their values.
    Groups,
    /// A rule as two: where a fact is so, and where it is not.
    Split,
}

/// All of them.
pub const REWRITES: [Rewrite; 6] =
    [Rewrite::Order, Rewrite::Twice, Rewrite::DeMorgan, Rewrite::Inline, Rewrite::Groups, Rewrite::Split];

/// What the second half of a split rule is called, after the name of the rule.
pub const HALF: &str = "_otherwise";

/// The law in other words.
pub fn rewrite(law: &Law, how: Rewrite, c: &mut Choices<'_>) -> Law {
    let mut out = law.clone();
    for (_, text) in out.files.iter_mut().filter(|(path, _)| path.ends_with(".gate")) {
        let (mut file, problems) = parse_file(FileId(0), text);
        assert!(problems.is_empty(), "{}\n{text}", problems[0].message);
        match how {
            Rewrite::Order => shuffle(&mut file.decls, c),
            Rewrite::Twice => each_cond(&mut file.decls, &mut |cond| *cond = not(not(cond.clone()))),
            Rewrite::DeMorgan => each_cond(&mut file.decls, &mut de_morgan),
            Rewrite::Inline => {
                let meant = meanings(&file);
                each_cond(&mut file.decls, &mut |cond| inline(cond, &meant));
            }
            Rewrite::Groups => {
                file.decls.iter_mut().for_each(split_group);
                each_cond(&mut file.decls, &mut split_sets);
            }
            Rewrite::Split => split_rules(&mut file, c),
        }
        // In no order of a text: the formatter looks for what stood on one line.
        *text = format(&File { decls: file.decls, ..File::default() });
    }
    out
}

fn shuffle(decls: &mut [Decl], c: &mut Choices<'_>) {
    for i in (1..decls.len()).rev() {
        decls.swap(i, c.below(i + 1));
    }
    for decl in decls {
        // Entries below one another may change places too; what is said of a declaration keeps its order.
        let mut below: Vec<Field> = Vec::new();
        decl.fields.retain(|f| {
            let child = matches!(f.kind, FieldKind::Child(_));
            below.extend(child.then(|| f.clone()));
            !child
        });
        for i in (1..below.len()).rev() {
            below.swap(i, c.below(i + 1));
        }
        decl.fields.extend(below);
    }
}

/// Calls `f` on every condition of a field, those of entries below one another too.
fn each_cond(decls: &mut [Decl], f: &mut dyn FnMut(&mut Cond)) {
    for decl in decls {
        for field in &mut decl.fields {
            match &mut field.kind {
                FieldKind::Child(child) => each_cond(std::slice::from_mut(child), f),
                kind => {
                    if let Some(cond) = cond_of(kind) {
                        f(cond);
                    }
                }
            }
        }
        if let DeclKind::Fact { presumed: Some(presumed), .. } = &mut decl.kind
            && let Some(unless) = &mut presumed.unless
        {
            f(unless);
        }
    }
}

fn cond(kind: CondKind) -> Cond {
    Cond { span: Span::default(), kind }
}

fn paren(inner: Cond) -> Cond {
    cond(CondKind::Paren(Box::new(inner)))
}

fn not(inner: Cond) -> Cond {
    cond(CondKind::Not(Box::new(paren(inner))))
}

fn parts_of(c: &mut Cond) -> Vec<&mut Cond> {
    match &mut c.kind {
        CondKind::Or(list) | CondKind::And(list) | CondKind::AnyAllConds { conds: list, .. } => {
            list.iter_mut().collect()
        }
        CondKind::Not(inner) | CondKind::Paren(inner) => vec![inner],
        CondKind::AnyAll { .. } | CondKind::Fact { .. } => Vec::new(),
    }
}

fn de_morgan(c: &mut Cond) {
    parts_of(c).into_iter().for_each(de_morgan);
    let denied = |list: &[Cond]| list.iter().map(|c| not(c.clone())).collect::<Vec<_>>();
    *c = match &c.kind {
        CondKind::Or(list) | CondKind::AnyAllConds { all: false, conds: list } => {
            not(cond(CondKind::And(denied(list))))
        }
        CondKind::And(list) | CondKind::AnyAllConds { all: true, conds: list } => not(cond(CondKind::Or(denied(list)))),
        _ => return,
    };
}

/// The meaning of each named condition that has one version and no doubt.
fn meanings(file: &File) -> BTreeMap<String, Cond> {
    let mut found: BTreeMap<String, Option<Cond>> = BTreeMap::new();
    for decl in &file.decls {
        let (DeclKind::Fact { .. }, Some(name)) = (&decl.kind, &decl.name) else { continue };
        let meant =
            decl.fields.iter().find_map(|f| if let FieldKind::Means(c) = &f.kind { Some(c.clone()) } else { None });
        let Some(meant) = meant else { continue };
        let alone = decl.fields.len() == 1 && !found.contains_key(&name.node);
        found.insert(name.node.clone(), alone.then_some(meant));
    }
    found.into_iter().filter_map(|(name, c)| Some((name, c?))).collect()
}

fn inline(c: &mut Cond, meant: &BTreeMap<String, Cond>) {
    parts_of(c).into_iter().for_each(|p| inline(p, meant));
    if let CondKind::Fact { name, predicate: None } = &c.kind
        && let Some(meaning) = meant.get(&name.node)
    {
        let mut meaning = meaning.clone();
        // A named condition may name another.
        inline(&mut meaning, meant);
        *c = paren(meaning);
    }
}

fn split_group(decl: &mut Decl) {
    let DeclKind::Group { body, .. } = &mut decl.kind else { return };
    let GroupBody::Members(members) = body else { return };
    if members.len() < 2 || members.iter().any(|m| m.dated.is_some() || m.doubt.is_some()) {
        return;
    }
    let literal = |m: &[Member]| SetTerm::Literal(Span::default(), m.iter().map(|m| m.value.clone()).collect());
    let (first, rest) = members.split_at(1);
    *body = GroupBody::Expr(SetExpr {
        span: Span::default(),
        first: literal(first),
        rest: vec![(SetOp::Plus, literal(rest))],
    });
}

/// `in {a, b}` as `in {a} + {b}`, of a fact with values and no ranges of them.
fn split_sets(c: &mut Cond) {
    parts_of(c).into_iter().for_each(split_sets);
    let (CondKind::Fact { predicate: Some(p), .. } | CondKind::AnyAll { predicate: Some(p), .. }) = &mut c.kind else {
        return;
    };
    let PredicateKind::In { set, .. } = &mut p.kind else { return };
    if let (SetTerm::Literal(span, values), true) = (&set.first, set.rest.is_empty())
        && values.len() > 1
    {
        let one = |v: &Value| SetTerm::Literal(*span, vec![v.clone()]);
        let rest = values[1..].iter().map(|v| (SetOp::Plus, one(v))).collect();
        *set = SetExpr { span: set.span, first: one(&values[0]), rest };
    }
}

/// Each rule that has one version, as two: where `a` is so, and where it is not; who named it names both.
fn split_rules(file: &mut File, c: &mut Choices<'_>) {
    let named = |d: &Decl| d.name.as_ref().map(|n| n.node.clone()).unwrap_or_default();
    let names: Vec<String> = file.decls.iter().filter(|d| matches!(d.kind, DeclKind::Rule)).map(named).collect();
    let once = |n: &String| names.iter().filter(|m| *m == n).count() == 1;
    let chosen: Vec<String> = names.iter().filter(|n| once(n) && c.coin()).cloned().collect();
    let fact = Cond {
        span: Span::default(),
        kind: CondKind::Fact { name: Spanned { node: "a".to_owned(), span: Span::default() }, predicate: None },
    };
    let mut halves = Vec::new();
    for decl in &mut file.decls {
        let is = |n: &Name| chosen.contains(&n.node);
        let both = |list: &mut Vec<Name>| {
            for name in list.clone().into_iter().filter(is) {
                list.push(Spanned { node: format!("{}{HALF}", name.node), span: name.span });
            }
        };
        if let DeclKind::Exception(targets) | DeclKind::Bar(targets) = &mut decl.kind {
            match targets {
                Targets::Named(list) => both(list),
                Targets::EveryException { to, .. } => both(to),
            }
        }
        let Some(name) = decl.name.clone().filter(|n| matches!(decl.kind, DeclKind::Rule) && is(n)) else { continue };
        let mut half = decl.clone();
        half.name = Some(Spanned { node: format!("{}{HALF}", name.node), span: name.span });
        for (of, and) in [(decl, fact.clone()), (&mut half, not(fact.clone()))] {
            for field in &mut of.fields {
                if let FieldKind::When(when) = &mut field.kind {
                    *when = cond(CondKind::And(vec![paren(when.clone()), and.clone()]));
                }
            }
        }
        halves.push(half);
    }
    file.decls.extend(halves);
}
