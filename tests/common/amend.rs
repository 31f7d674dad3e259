//! Amendments: law in which one declaration says something else.

use portcullis::format::format;
use portcullis::span::{FileId, Span};
use portcullis::syntax::parse_file;
use portcullis::syntax::tree::*;

use super::choices::Choices;
use super::law::Law;
use super::shrink::cond_of;

/// The law with one condition, effect or time of a rule or entry, or a whole rule, changed. It may be refused: what is
/// named may be gone, or a condition may end in a circle.
pub fn amend(law: &Law, c: &mut Choices<'_>) -> Law {
    let mut out = law.clone();
    let policies: Vec<usize> = (0..out.files.len()).filter(|i| out.files[*i].0.ends_with("policy.gate")).collect();
    let text = &mut out.files[*c.of(&policies)].1;
    let (mut file, problems) = parse_file(FileId(0), text);
    assert!(problems.is_empty(), "{}\n{text}", problems[0].message);
    let is_rule = |d: &Decl| matches!(d.kind, DeclKind::Rule | DeclKind::Exception(_) | DeclKind::Bar(_));
    let changeable = |d: &Decl| is_rule(d) || matches!(d.kind, DeclKind::Category);
    let all: Vec<usize> = (0..file.decls.len()).filter(|i| changeable(&file.decls[*i])).collect();
    let (at, other) = (*c.of(&all), *c.of(&all));
    let donor = file.decls[other].clone();
    let is_when = |f: &&Field| matches!(f.kind, FieldKind::When(_));
    let is_then = |f: &&Field| matches!(f.kind, FieldKind::Then(_));
    let is_time = |f: &&Field| matches!(f.kind, FieldKind::InForce(_));
    let decl = &mut file.decls[at];
    match c.below(8) {
        // Another condition, its opposite, or a part of it.
        0..=2 => {
            let taken = donor.fields.iter().find(is_when).cloned();
            decl.fields.iter_mut().filter(|f| is_when(&&**f)).zip(taken).for_each(|(f, other)| *f = other);
        }
        3 => each_when(decl, &mut |cond| *cond = not(cond.clone())),
        4 => each_when(decl, &mut |cond| {
            if let CondKind::And(list) | CondKind::Or(list) | CondKind::AnyAllConds { conds: list, .. } = &cond.kind
                && let Some(first) = list.first()
            {
                *cond = first.clone();
            }
        }),
        5 => {
            let taken = donor.fields.iter().find(is_then).cloned();
            decl.fields.iter_mut().filter(|f| is_then(&&**f)).zip(taken).for_each(|(f, other)| *f = other);
        }
        6 => {
            decl.fields.retain(|f| !is_time(&f));
            decl.fields.extend(donor.fields.iter().find(is_time).cloned());
        }
        _ => {
            if is_rule(decl) {
                file.decls.remove(at);
            }
        }
    }
    *text = format(&File { decls: file.decls, ..File::default() });
    out
}

fn each_when(decl: &mut Decl, f: &mut dyn FnMut(&mut Cond)) {
    for field in decl.fields.iter_mut().filter(|f| matches!(f.kind, FieldKind::When(_))) {
        cond_of(&mut field.kind).into_iter().for_each(&mut *f);
    }
}

fn not(inner: Cond) -> Cond {
    let cond = |kind: CondKind| Cond { span: Span::default(), kind };
    cond(CondKind::Not(Box::new(cond(CondKind::Paren(Box::new(inner))))))
}
