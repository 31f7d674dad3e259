//! Conditions as text, close to how a gate file spells them: for reasons and explanations.

use super::condition::{Atom, AtomKind, Cond, Set, Test};
use super::value::Type;
use super::world::{CategoryId, World};

/// One atom as text.
pub fn atom(atom: &Atom, world: &World) -> String {
    match &atom.kind {
        AtomKind::Fact(f, t) => test(&world.fact(*f).name, t, &world.fact(*f).ty, world),
        AtomKind::Elements { fact, all, test: t } => {
            let f = world.fact(*fact);
            let word = if *all { "all" } else { "any" };
            test(&format!("{word} of {}", f.name), t, f.ty.element(), world)
        }
        AtomKind::Empty(f) => format!("{} is empty", world.fact(*f).name),
        AtomKind::Means(f) => world.fact(*f).name.clone(),
        AtomKind::In(cats) => format!("goods in {}", categories(cats, world)),
        AtomKind::CodedUnder(cats) => format!("goods coded under {}", categories(cats, world)),
        AtomKind::Facts(a, c, b) => format!("{} {} {}", world.fact(*a).name, c.as_str(), world.fact(*b).name),
        AtomKind::Includes(f) => format!("{} includes goods", world.fact(*f).name),
    }
}

/// A condition as text.
pub fn cond(c: &Cond, world: &World) -> String {
    let inner = |c: &Cond| match c {
        Cond::All(l) | Cond::Any(l) if l.len() > 1 => format!("({})", cond(c, world)),
        _ => cond(c, world),
    };
    match c {
        Cond::All(list) if list.is_empty() => "always".to_owned(),
        Cond::Any(list) if list.is_empty() => "never".to_owned(),
        Cond::All(list) => list.iter().map(inner).collect::<Vec<_>>().join(" and "),
        Cond::Any(list) => list.iter().map(inner).collect::<Vec<_>>().join(" or "),
        Cond::Not(c) => format!("not {}", inner(c)),
        Cond::Atom(a) => atom(a, world),
    }
}

fn categories(cats: &[CategoryId], world: &World) -> String {
    let mut names: Vec<&str> = cats.iter().map(|c| world.category(*c).name.as_str()).collect();
    names.dedup();
    match names.as_slice() {
        [one] => (*one).to_owned(),
        many => format!("{{{}}}", many.join(", ")),
    }
}

fn test(subject: &str, test: &Test, ty: &Type, world: &World) -> String {
    match test {
        Test::Yes => subject.to_owned(),
        Test::Is(v) => format!("{subject} is {}", v.display(ty, world)),
        Test::In(s) => format!("{subject} in {}", set(s, ty, world)),
        Test::Compare(c, v) => format!("{subject} {} {}", c.as_str(), v.display(ty, world)),
        Test::Between(a, b) => format!("{subject} in {} to {}", a.display(ty, world), b.display(ty, world)),
        Test::Marked(chart, column) => {
            let chart = world.charts.get(chart.index());
            let column = chart.and_then(|c| c.columns.get(*column)).map_or("?", String::as_str);
            format!("{subject} marked {column} in {}", chart.map_or("?", |c| c.name.as_str()))
        }
    }
}

fn set(s: &Set, ty: &Type, world: &World) -> String {
    match s {
        Set::Values(list) => {
            format!("{{{}}}", list.iter().map(|v| v.display(ty, world)).collect::<Vec<_>>().join(", "))
        }
        Set::Group(ids) => {
            ids.first().and_then(|g| world.groups.get(g.index())).map_or("?", |g| g.name.as_str()).to_owned()
        }
        Set::Plus(a, b) => format!("{} + {}", set(a, ty, world), set(b, ty, world)),
        Set::Minus(a, b) => format!("{} - {}", set(a, ty, world), set(b, ty, world)),
        Set::And(a, b) => format!("{} & {}", set(a, ty, world), set(b, ty, world)),
    }
}
