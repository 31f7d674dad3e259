//! The law of two jurisdictions side by side, counted out: random policies decide every consignment of small domains by the
//! plain interpreter; the cells and the pairs of `compare`, and how two entries relate, must be what is found.
//!
//! `ORACLE_CASES` and `ORACLE_SEED` are those of the judge.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::analyze::compare::{Column, LIMIT, Question, compare, strictness};
use portcullis::analyze::entries::relate;
use portcullis::consignment::Overlay;
use portcullis::model::date::parse_date;
use portcullis::model::{CategoryId, PolicyId, Relation, read};
use portcullis::{Decision, Options, Outcome, Policy};
use serde_json::json;

use crate::common::choices::Choices;
use crate::common::grid::{Grid, Row, small};
use crate::common::law::{Law, SETTLED, Scale};
use crate::judge::{in_parallel, load, wanted};

/// Two jurisdictions. Without codes, which differ from country to country and are presumed to fit.
const SIDES: Scale = Scale {
    facts: (3, 5),
    without: &["transit", "goods.code", "goods.cas", "goods.eccn", "goods.code_confirmed"],
    policies: 2,
    ..SETTLED
};

const DAY: &str = "2026-03-02";

fn seeds() -> std::ops::Range<u64> {
    let first = wanted("ORACLE_SEED", 0);
    first..first + wanted("ORACLE_CASES", 2_000).div_ceil(50)
}

/// Random law; the first policy always applies, so that every decision names its entries.
fn sides(c: &mut Choices<'_>) -> (Law, Grid) {
    loop {
        let (mut law, grid) = small(c, &SIDES, 1, 400);
        if law.files.iter().filter(|(path, _)| path.ends_with("policy.gate")).count() < 2 {
            continue;
        }
        let text = &mut law.files.iter_mut().find(|(path, _)| path == "p/policy.gate").unwrap().1;
        let (head, rest) = text.split_once(" applies when ").unwrap();
        let known = rest.find(" known from").unwrap();
        *text = format!("{head} applies when date >= 2000-01-01{}", &rest[known..]);
        return (law, grid);
    }
}

/// Every consignment that constraints allow, decided.
fn decided(policy: &Policy, grid: &Grid) -> Vec<(Row, Decision)> {
    let plain = policy.plain_evaluator();
    let one = |row: Row| {
        let case = policy.read("case", &grid.case(DAY, &row).to_string(), &Overlay::default()).unwrap();
        Some((row, plain.decide(&case, &Options::default()).ok()?))
    };
    grid.all().into_iter().filter_map(one).collect()
}

fn is_in(decision: &Decision, entry: &str) -> bool {
    decision.policies[0].categories.iter().any(|c| c == entry || c.starts_with(&format!("{entry}.")))
}

/// The versions of an entry of the first policy.
fn versions(policy: &Policy, entry: &str) -> Vec<CategoryId> {
    let all = policy.world().categories_of(PolicyId(0));
    all.filter(|(_, c)| !c.unnamed && c.name == entry).map(|(id, _)| id).collect()
}

#[test]
fn cells_and_pairs_are_what_enumeration_finds() {
    let one = |seed: u64| {
        let mut c = Choices::seeded(seed ^ 11 << 32);
        let (law, grid) = sides(&mut c);
        let policy = load(&law, seed);
        let (world, context) = (policy.world(), format!("seed {seed}\n{}", law.text()));
        let all = decided(&policy, &grid);
        let axis = |name: &str| grid.axes.iter().position(|a| a.name == name);
        let is = |row: &Row, name: &str, wanted: &str| {
            axis(name).is_none_or(|n| grid.value(row, n).and_then(|v| v.as_str()) == Some(wanted))
        };
        // Each side sends goods from a place of its own, to the same destination.
        let places = ["FR", "US"];
        let place = |n: usize| axis("from").and_then(|_| read::place(places[n], world));
        let base = match axis("destination") {
            Some(_) => json!({ "date": DAY, "destination": "JP" }),
            None => json!({ "date": DAY }),
        };
        let policies = |n: usize| {
            let named = world.policies.iter().position(|p| p.name == ["p", "q"][n]).unwrap();
            PolicyId(named as u32)
        };
        assert_eq!(policies(0), PolicyId(0));
        let column = |n: usize| Column { name: ["p", "q"][n].to_owned(), policies: vec![policies(n)], from: place(n) };
        let activities: &[&str] = if axis("activity").is_some() { &["export", "import", "broker"] } else { &[] };
        let mut differ = 0;
        for goods in [None, Some("list_A")] {
            let question = Question {
                base: policy.read("base", &base.to_string(), &Overlay::default()).unwrap(),
                columns: vec![column(0), column(1)],
                goods: goods.iter().map(|g| ((*g).to_owned(), versions(&policy, g))).collect(),
                activities: activities.iter().map(|a| (*a).to_owned()).collect(),
                by_destination: false,
                pairs: true,
                limit: LIMIT,
            };
            let found = compare(world, &question);
            assert!(found.resolved, "{context}");
            assert_eq!(found.rows.len(), activities.len().max(1), "{context}");
            for (number, row) in found.rows.iter().enumerate() {
                let context = format!("{goods:?}, {:?}\n{context}", row.activity);
                let asked = |r: &Row, d: &Decision| {
                    is(r, "destination", "JP")
                        && row.activity.as_ref().is_none_or(|a| is(r, "activity", a))
                        && goods.is_none_or(|g| is_in(d, g))
                };
                // What is alike on both sides, with the outcome of each.
                let mut both: BTreeMap<Row, [Option<Outcome>; 2]> = BTreeMap::new();
                for (r, d) in all.iter().filter(|(r, d)| asked(r, d)) {
                    for n in (0..2).filter(|n| is(r, "from", places[*n])) {
                        let mut rest = r.clone();
                        axis("from").into_iter().for_each(|n| rest[n] = None);
                        both.entry(rest).or_default()[n] = d.policies[policies(n).index()].outcome.0;
                    }
                }
                let set = |n: usize| both.values().filter_map(|o| o[n]).collect::<BTreeSet<_>>();
                for (n, cell) in row.cells.iter().enumerate() {
                    assert_eq!(cell.set().into_iter().collect::<BTreeSet<_>>(), set(n), "column {n}\n{context}");
                    assert!(cell.outcomes.iter().all(|p| p.witness.is_some()), "column {n}: {cell:?}\n{context}");
                }
                let differs = !set(0).is_empty() && !set(1).is_empty() && set(0) != set(1);
                assert_eq!(row.differs, differs, "{context}");
                differ += u64::from(differs);
                let counted: BTreeSet<[Outcome; 2]> = both
                    .values()
                    .filter_map(|o| Some([o[0]?, o[1]?]))
                    .filter(|o| strictness(o[0]) != strictness(o[1]))
                    .collect();
                let steps: Vec<_> = found.pairs.iter().filter(|p| p.row == number).flat_map(|p| &p.steps).collect();
                assert_eq!(steps.iter().map(|s| s.outcomes).collect::<BTreeSet<_>>(), counted, "{context}");
                for step in steps {
                    assert!(step.witness.is_some(), "{step:?}\n{context}");
                    let stricter = usize::from(strictness(step.outcomes[1]) > strictness(step.outcomes[0]));
                    assert_eq!(step.stricter, stricter, "{context}");
                }
            }
        }
        differ
    };
    let (mut laws, mut differ) = (0, 0);
    in_parallel(seeds(), one, |n| (laws, differ) = (laws + 1, differ + n));
    assert!(differ >= laws, "{differ} rows differ under {laws} laws");
}

#[test]
fn how_two_entries_relate_is_what_enumeration_finds() {
    let one = |seed: u64| {
        let mut c = Choices::seeded(seed ^ 12 << 32);
        let (law, grid) = sides(&mut c);
        let policy = load(&law, seed);
        let (world, day) = (policy.world(), parse_date(DAY).unwrap());
        let all = decided(&policy, &grid);
        let names: BTreeSet<&str> =
            world.categories_of(PolicyId(0)).filter(|(_, c)| !c.unnamed).map(|(_, c)| c.name.as_str()).collect();
        let names: Vec<&str> = names.into_iter().collect();
        // Goods, whatever else is so of the consignment.
        let goods = |row: &Row| {
            let own = (0..grid.axes.len()).filter(|n| grid.axes[*n].item.is_some());
            own.map(|n| row[n]).collect::<Vec<_>>()
        };
        let held = |entry: &str| -> BTreeSet<Row> {
            all.iter().filter(|(_, d)| is_in(d, entry)).map(|(row, _)| goods(row)).collect()
        };
        let mut seen = BTreeSet::new();
        for _ in 0..4 {
            let (x, y) = (*c.of(&names), *c.of(&names));
            let context = format!("seed {seed}, {x} and {y}\n{}", law.text());
            let (a, b) = (held(x), held(y));
            let (first, both, second) =
                (a.difference(&b).count(), a.intersection(&b).count(), b.difference(&a).count());
            let relation = match (first > 0, both > 0, second > 0) {
                (_, false, _) => Relation::Apart,
                (false, true, false) => Relation::Same,
                (false, true, true) => Relation::Wider,
                (true, true, false) => Relation::Narrower,
                (true, true, true) => Relation::Overlaps,
            };
            let found = relate(world, &versions(&policy, x), &versions(&policy, y), day, true);
            if found.relation.is_none() {
                // It hangs on which of a fact of the goods and one of the consignment is greater.
                assert!(law.text().contains("made >= goods.seized"), "{context}");
                continue;
            }
            assert_eq!(found.relation, Some(relation), "{context}");
            assert_eq!(found.holds, [!a.is_empty(), !b.is_empty()], "{context}");
            let shown = [&found.first_alone, &found.both, &found.second_alone].map(Option::is_some);
            // Goods may be in each entry in some consignment, and in both together in none.
            let together = all.iter().any(|(_, d)| is_in(d, x) && is_in(d, y));
            assert_eq!(shown, [first > 0, together, second > 0], "goods to show\n{context}");
            seen.insert(relation);
        }
        seen
    };
    let mut seen = BTreeSet::new();
    in_parallel(seeds(), one, |of| seen.extend(of));
    assert!(seeds().count() < 20 || seen.len() == 5, "{seen:?}");
}
