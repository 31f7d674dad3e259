//! Mistakes in control lists, groups and charts.

use crate::model::{CategoryId, ChartId, Cond, GroupBody, GroupId, Interval, RowBody, World};
use crate::source::Sources;

use super::Mutant;
use super::conds::{Left, display_set, mistakes, sets};
use super::days;
use super::rules::Into;
use super::text::{cut, find, short, start};
use super::touch::Part;

pub(super) fn categories(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, category) in world.categories.iter().enumerate() {
        let id = CategoryId(i as u32);
        let mut to = Into { out, declaration: format!("category {}", category.name) };
        let at = |word: &str| find(sources, category.span, word);
        let part = || Part::Category(id);
        for (c, (fact, list)) in category.codes.iter().enumerate() {
            let others = list.items.len() + list.accepts.len() > 1;
            for (n, item) in list.items.iter().enumerate() {
                let code = list.scheme.display(&item.from);
                // Without its only code an entry goes by its description alone.
                to.add(
                    part(),
                    at(&code),
                    format!("without the code {code}"),
                    Box::new(move |w| {
                        let codes = &mut w.categories[i].codes;
                        codes[c].1.items.remove(n);
                        if !others {
                            codes.remove(c);
                        }
                    }),
                );
                for (e, except) in item.except.iter().enumerate() {
                    let left_out = list.scheme.display(except);
                    to.add(
                        part(),
                        at(&left_out),
                        format!("the code {code} without its `except {left_out}`"),
                        Box::new(move |w| {
                            w.categories[i].codes[c].1.items[n].except.remove(e);
                        }),
                    );
                }
            }
            for (n, (code, _)) in list.accepts.iter().enumerate() {
                let code = list.scheme.display(code);
                to.add(
                    part(),
                    at("accepts"),
                    format!("without `accepts {code}`"),
                    Box::new(move |w| {
                        let codes = &mut w.categories[i].codes;
                        codes[c].1.accepts.remove(n);
                        if !others {
                            codes.remove(c);
                        }
                    }),
                );
            }
            let _ = fact;
        }
        if category.whatever_code {
            to.add(
                part(),
                at("whatever"),
                "without `whatever code`",
                Box::new(move |w| {
                    w.categories[i].whatever_code = false;
                }),
            );
        }
        if category.unnamed {
            let sentence = format!("without its alternative `{}`", short(&category.cond, world));
            to.add(
                part(),
                start(&category.cond).unwrap_or(category.span),
                sentence,
                Box::new(move |w| {
                    w.categories[i].cond = Cond::Any(Vec::new());
                }),
            );
        }
        if !category.cond.is_always() && coded(world, id) {
            let sentence = format!("without its `when {}`, so that the code alone lists", short(&category.cond, world));
            to.add(
                part(),
                start(&category.cond).unwrap_or(category.span),
                sentence,
                Box::new(move |w| {
                    w.categories[i].cond = Cond::always();
                }),
            );
        }
        for m in mistakes(world, sources, category.span, &category.cond) {
            to.add(part(), m.span, m.sentence, Box::new(move |w| w.categories[i].cond = m.cond.clone()));
        }
        for (word, sentence, in_force) in days::moved(&category.in_force) {
            to.days(part(), at(&word), sentence, Box::new(move |w| w.categories[i].in_force = in_force.clone()));
        }
    }
}

/// True if a code binds an entry or something below it.
fn coded(world: &World, id: CategoryId) -> bool {
    let mut above = Some(id);
    while let Some(at) = above {
        let category = world.category(at);
        if !category.codes.is_empty() {
            return true;
        }
        if category.whatever_code {
            return false;
        }
        above = category.parent;
    }
    false
}

pub(super) fn groups(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, group) in world.groups.iter().enumerate() {
        let id = GroupId(i as u32);
        let mut to = Into { out, declaration: format!("group {}", group.name) };
        let at = |word: &str| find(sources, group.span, word);
        match &group.body {
            GroupBody::Members(members) => {
                for (n, (value, days, _)) in members.iter().enumerate() {
                    let name = value.display(&group.ty, world);
                    let span = at(&name);
                    if members.len() > 1 {
                        to.add(
                            Part::Group(id),
                            span,
                            format!("without {name}"),
                            Box::new(move |w| {
                                if let GroupBody::Members(m) = &mut w.groups[i].body {
                                    m.remove(n);
                                }
                            }),
                        );
                    }
                    for (_, sentence, moved) in days::moved(days) {
                        to.days(
                            Part::Group(id),
                            span,
                            format!("{name} {sentence}"),
                            Box::new(move |w| {
                                if let GroupBody::Members(m) = &mut w.groups[i].body {
                                    m[n].1 = moved.clone();
                                }
                            }),
                        );
                    }
                }
            }
            GroupBody::Expr(set) => sets(set, &mut |other, left| {
                let left = match left {
                    Left::Value(v) => v.display(&group.ty, world),
                    Left::Set(s) => display_set(&s, &group.ty, world),
                };
                to.add(
                    Part::Group(id),
                    at(&left),
                    format!("without `{}`", cut(&left)),
                    Box::new(move |w| {
                        w.groups[i].body = GroupBody::Expr(other.clone());
                    }),
                );
            }),
        }
        for (word, sentence, in_force) in days::moved(&group.in_force) {
            to.days(Part::Group(id), at(&word), sentence, Box::new(move |w| w.groups[i].in_force = in_force.clone()));
        }
    }
}

pub(super) fn charts(world: &World, sources: &Sources, out: &mut Vec<Mutant>) {
    for (i, chart) in world.charts.iter().enumerate() {
        let id = ChartId(i as u32);
        let mut to = Into { out, declaration: format!("chart {}", chart.name) };
        for (v, version) in chart.versions.iter().enumerate() {
            for (r, row) in version.rows.iter().enumerate() {
                let place = row.place.code(world);
                // Which of several rows of a place, or of several versions, is said by its days.
                let when = [version.known, row.days]
                    .map(|i| if i == Interval::ALWAYS { String::new() } else { format!(" {i}") });
                let when = if chart.versions.len() > 1 { when.concat() } else { when[1].clone() };
                if let RowBody::Own(cells) = &row.body {
                    for (c, _) in cells.iter().enumerate().filter(|(_, cell)| **cell == Some(true)) {
                        let column = chart.columns.get(c).map_or("?", String::as_str);
                        let edit = move |w: &mut World| {
                            if let RowBody::Own(cells) = &mut w.charts[i].versions[v].rows[r].body {
                                cells[c] = Some(false);
                            }
                        };
                        let sentence = format!("without the mark {column} of {place}{when}");
                        to.add(Part::Column(id, c), version.span, sentence, Box::new(edit));
                    }
                }
                for (_, sentence, moved) in days::interval(&row.days) {
                    let edit = move |w: &mut World| w.charts[i].versions[v].rows[r].days = moved;
                    to.days(Part::Chart(id), version.span, format!("{place} {sentence}"), Box::new(edit));
                }
            }
            for (word, sentence, moved) in days::interval(&version.known) {
                let span = find(sources, version.span, &word);
                let edit = move |w: &mut World| w.charts[i].versions[v].known = moved;
                to.days(Part::Chart(id), span, sentence, Box::new(edit));
            }
        }
    }
}
