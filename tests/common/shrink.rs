//! Makes a failing case smaller: law without a declaration, a field or half of a condition; a consignment without a
//! fact. Each step is tried, and kept where the case still fails.

use portcullis::format::format;
use portcullis::span::FileId;
use portcullis::syntax::parse_file;
use portcullis::syntax::tree::{Cond, CondKind, Decl, DeclKind, Field, FieldKind, File};
use serde_json::Value;

use super::law::Law;

/// How many steps are tried.
const TRIES: usize = 1_500;

/// The smallest law and consignment found that still fail.
pub fn shrink(law: &Law, case: &Value, fails: impl Fn(&Law, &Value) -> bool) -> (Law, Value) {
    let (mut law, mut case, mut tries) = (law.clone(), case.clone(), 0);
    loop {
        let mut smaller = false;
        let mut at = 0;
        while let Some(less) = without(&case, at)
            && tries < TRIES
        {
            tries += 1;
            if fails(&law, &less) { (case, smaller) = (less, true) } else { at += 1 }
        }
        for file in 0..law.files.len() {
            let mut at = 0;
            while law.files[file].0.ends_with(".gate")
                && let Some(text) = edited(&law.files[file].1, at)
                && tries < TRIES
            {
                tries += 1;
                let mut less = law.clone();
                less.files[file].1 = text;
                if fails(&less, &case) { (law, smaller) = (less, true) } else { at += 1 }
            }
        }
        if !smaller || tries >= TRIES {
            return (law, case);
        }
    }
}

/// A consignment without its fact, goods item or licence of that number.
fn without(case: &Value, mut at: usize) -> Option<Value> {
    let mut less = case.clone();
    take(&mut less, &mut at).then_some(less)
}

fn take(value: &mut Value, at: &mut usize) -> bool {
    match value {
        Value::Object(map) => {
            let keys: Vec<String> = map.keys().filter(|k| *k != "date" && *k != "licence").cloned().collect();
            if *at < keys.len() {
                map.shift_remove(&keys[*at]);
                return true;
            }
            *at -= keys.len();
            keys.iter().any(|k| map.get_mut(k).is_some_and(|v| take(v, at)))
        }
        Value::Array(list) if list.iter().any(Value::is_object) => {
            if *at < list.len() && list.len() > 1 {
                list.remove(*at);
                return true;
            }
            *at = at.saturating_sub(list.len());
            list.iter_mut().any(|v| take(v, at))
        }
        _ => false,
    }
}

/// A gate file with its edit of that number made; nothing where it has fewer.
fn edited(text: &str, mut at: usize) -> Option<String> {
    let (mut file, problems) = parse_file(FileId(0), text);
    if !problems.is_empty() {
        return None;
    }
    edit_file(&mut file, &mut at).then(|| format(&file))
}

fn edit_file(file: &mut File, at: &mut usize) -> bool {
    if *at < file.decls.len() {
        file.decls.remove(*at);
        return true;
    }
    *at -= file.decls.len();
    file.decls.iter_mut().any(|d| edit_decl(d, at))
}

fn edit_decl(decl: &mut Decl, at: &mut usize) -> bool {
    if let DeclKind::Fact { presumed, .. } = &mut decl.kind
        && presumed.is_some()
        && hit(at)
    {
        *presumed = None;
        return true;
    }
    if *at < decl.fields.len() {
        decl.fields.remove(*at);
        return true;
    }
    *at -= decl.fields.len();
    decl.fields.iter_mut().any(|f| edit_field(f, at))
}

/// Counts one edit; true if it is the one that is wanted.
fn hit(at: &mut usize) -> bool {
    let found = *at == 0;
    *at = at.wrapping_sub(1);
    found
}

fn edit_field(field: &mut Field, at: &mut usize) -> bool {
    match &mut field.kind {
        FieldKind::Child(child) => edit_decl(child, at),
        kind => cond_of(kind).is_some_and(|c| edit_cond(c, at)),
    }
}

/// The condition of a field, if it has one.
pub fn cond_of(kind: &mut FieldKind) -> Option<&mut Cond> {
    match kind {
        FieldKind::Means(c)
        | FieldKind::Applies(c)
        | FieldKind::Always(c)
        | FieldKind::Claimed(c)
        | FieldKind::Covers(c)
        | FieldKind::When(c)
        | FieldKind::Unless(c) => Some(c),
        _ => None,
    }
}

fn edit_cond(cond: &mut Cond, at: &mut usize) -> bool {
    let parts: Vec<Cond> = match &cond.kind {
        CondKind::Or(list) | CondKind::And(list) | CondKind::AnyAllConds { conds: list, .. } => list.clone(),
        CondKind::Not(inner) => vec![(**inner).clone()],
        CondKind::Paren(_) | CondKind::AnyAll { .. } | CondKind::Fact { .. } => Vec::new(),
    };
    if *at < parts.len() {
        // In brackets, so that it binds as before.
        let part = parts[*at].clone();
        let span = part.span;
        *cond = match part.kind {
            CondKind::Or(_) | CondKind::And(_) | CondKind::Not(_) => {
                Cond { span, kind: CondKind::Paren(Box::new(part)) }
            }
            _ => part,
        };
        return true;
    }
    *at -= parts.len();
    match &mut cond.kind {
        CondKind::Or(list) | CondKind::And(list) | CondKind::AnyAllConds { conds: list, .. } => {
            list.iter_mut().any(|c| edit_cond(c, at))
        }
        CondKind::Not(inner) | CondKind::Paren(inner) => edit_cond(inner, at),
        _ => false,
    }
}
