//! Days moved by one, and the days on which two laws can differ.

use crate::model::{AtomKind, Date, FactId, GroupBody, InForce, Interval, Test, Value, World, date};

/// An interval with either end a day earlier or later: the day as written, what is changed, and the interval.
pub(super) fn interval(interval: &Interval) -> Vec<(String, String, Interval)> {
    let near = |d: Date| d.yesterday().ok().into_iter().chain(date::add_days(d, 1));
    let say = |word: &str, d: Date, to: Date| (d.to_string(), format!("`{word} {d}` read as `{word} {to}`"));
    let mut out = Vec::new();
    for from in interval.from.into_iter() {
        for moved in near(from) {
            let (word, sentence) = say("from", from, moved);
            out.push((word, sentence, Interval { from: Some(moved), ..*interval }));
        }
    }
    for to in interval.to.into_iter() {
        for moved in near(to) {
            let (word, sentence) = say("to", to, moved);
            out.push((word, sentence, Interval { to: Some(moved), ..*interval }));
        }
    }
    out
}

/// The same for all intervals of a declaration.
pub(super) fn moved(in_force: &InForce) -> Vec<(String, String, InForce)> {
    let one = |(i, each): (usize, &Interval)| {
        let with = move |moved: Interval| {
            let mut all = in_force.clone();
            all.0[i] = moved;
            all
        };
        interval(each).into_iter().map(move |(word, sentence, moved)| (word, sentence, with(moved))).collect::<Vec<_>>()
    };
    in_force.0.iter().enumerate().flat_map(one).collect()
}

/// The first days of all periods in which nothing in a world changes with the day.
pub(super) fn starts(world: &World, out: &mut Vec<Date>) {
    let mut add = |i: &Interval| {
        out.extend(i.from);
        out.extend(i.to.and_then(|d| date::add_days(d, 1)));
    };
    let groups = world.groups.iter();
    let members = groups.clone().flat_map(|g| match &g.body {
        GroupBody::Members(list) => list.iter().map(|(_, days, _)| days).collect::<Vec<_>>(),
        GroupBody::Expr(_) => Vec::new(),
    });
    let days = world.categories.iter().map(|c| &c.in_force);
    let days = days.chain(world.rules.iter().map(|r| &r.in_force)).chain(groups.map(|g| &g.in_force)).chain(members);
    let days =
        days.chain(world.licences.iter().map(|l| &l.in_force)).chain(world.constraints.iter().map(|c| &c.in_force));
    let days = days.chain(world.facts.iter().flat_map(|f| f.means.iter().map(|(days, _)| days)));
    days.flat_map(|d| &d.0).for_each(&mut add);
    world.policies.iter().map(|p| &p.known).for_each(&mut add);
    world.charts.iter().flat_map(|c| c.intervals()).for_each(&mut add);
    // The day itself may be compared.
    let Some(today) = world.fact_named("date") else { return };
    let mut compared = |c: &crate::model::Cond| {
        c.atoms(&mut |atom, _| {
            if let AtomKind::Fact(f, test) = &atom.kind {
                out.extend(
                    constants(*f, today, test).into_iter().flat_map(|d| [Some(d), date::add_days(d, 1)]).flatten(),
                );
            }
        });
    };
    world.rules.iter().flat_map(|r| std::iter::once(&r.cond).chain(&r.claimed)).for_each(&mut compared);
    world.categories.iter().map(|c| &c.cond).for_each(&mut compared);
    world.policies.iter().map(|p| &p.applies).for_each(&mut compared);
    world.facts.iter().flat_map(|f| f.means.iter().map(|(_, c)| c)).for_each(&mut compared);
}

fn constants(fact: FactId, today: FactId, test: &Test) -> Vec<Date> {
    let day = |v: &Value| if let Value::Date(d) = v { Some(*d) } else { None };
    match test {
        Test::Compare(_, v) | Test::Is(v) if fact == today => day(v).into_iter().collect(),
        Test::Between(a, b) if fact == today => day(a).into_iter().chain(day(b)).collect(),
        _ => Vec::new(),
    }
}
