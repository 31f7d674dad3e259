//! Unknown facts against enumeration: what is said of a partial consignment is what all its completions say one by one.
//!
//! The law is made up, with all constructs but those that take a fact left out for something else than unknown. It
//! decides, by the plain interpreter, every complete consignment once; then several partial ones are held against those
//! that complete them, with the engine and the interpreter saying the same. `ORACLE_CASES` and `ORACLE_SEED` are those of
//! the judge.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::analyze::whynot::{WhyNot, why_not};
use portcullis::consignment::Overlay;
use portcullis::model::PolicyId;
use portcullis::{Evaluator, Options, Outcome, Policy};
use serde_json::{Value, json};

use crate::common::choices::Choices;
use crate::common::grid::{Grid, Row, small};
use crate::common::law::{Law, SETTLED, Scale};
use crate::judge::{in_parallel, load, wanted};
use crate::toy::toy;

/// Partial consignments of each law.
const PARTIAL: usize = 10;

/// Two policies together.
const TWO: Scale = Scale { facts: (2, 4), policies: 2, ..SETTLED };

/// Numbers, places, codes, and facts compared with others.
const VALUED: Scale = Scale {
    facts: (3, 5),
    without: &["transit", "b", "aware", "shown", "goods.heavy", "activity", "goods.parts", "worth", "holders"],
    ..SETTLED
};

/// Decides, or nothing where a constraint is broken.
fn decide(policy: &Policy, evaluator: &Evaluator<'_>, case: &Value) -> Option<Value> {
    match policy.decide_with(evaluator, "case", &case.to_string(), &Overlay::default(), &Options::default()) {
        Ok(d) => Some(serde_json::to_value(d).unwrap()),
        Err(r) => {
            assert!(r.problems.iter().all(|d| d.code.as_str() == "constraint-broken"), "{r}");
            None
        }
    }
}

/// What a decision says is possible: the outcome, or all of them; nothing where it lists none, as for an item.
fn outcomes(answer: &Value) -> Option<BTreeSet<String>> {
    let open = answer.get("possible_outcomes").unwrap_or(&answer["possible"]["outcomes"]);
    match answer["outcome"].as_str().unwrap() {
        "undetermined" => Some(open.as_array()?.iter().map(text).collect()),
        one => Some(BTreeSet::from([one.to_owned()])),
    }
}

fn set(list: &Value, name: impl Fn(&Value) -> String) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(name).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The certain parts of an answer, by kind.
fn certain(answer: &Value) -> BTreeMap<&'static str, BTreeSet<String>> {
    let requirement = |r: &Value| format!("{} ({})", text(&r["licence"]), text(&r["rule"]));
    BTreeMap::from([
        ("categories", set(&answer["categories"], text)),
        ("requirements", set(&answer["requirements"], requirement)),
        ("duties", set(&answer["duties"], |d| format!("{} ({})", text(&d["duty"]), text(&d["from"])))),
        ("documents", set(&answer["documents"], text)),
    ])
}

/// One answer (of the whole, of an item, of a policy on an item) against the same one in every completion.
fn compare(partial: &Value, complete: &[&Value], papers: bool, context: &str) {
    let all: BTreeSet<String> = complete.iter().map(|c| text(&c["outcome"])).collect();
    match outcomes(partial) {
        Some(said) => assert_eq!(said, all, "outcomes\n{context}"),
        None => assert!(all.len() > 1, "undetermined though all agree\n{context}"),
    }
    let may: BTreeSet<Option<bool>> = complete.iter().map(|c| c["may_proceed"].as_bool()).collect();
    let agreed = if may.len() == 1 { may.first().copied().flatten() } else { None };
    assert_eq!(partial["may_proceed"].as_bool(), agreed, "may proceed\n{context}");
    // Where the policy does not apply it says nothing of papers and entries.
    if !papers || all.iter().all(|o| o == "not_applicable") {
        return;
    }
    let mine = certain(partial);
    let applies: Vec<_> = complete.iter().map(|c| c["outcome"] != "not_applicable").collect();
    let theirs: Vec<_> = complete.iter().map(|c| certain(c)).collect();
    for (kind, stated) in &mine {
        // Goods are in an entry whether or not the policy applies to the consignment.
        let counts = |n: &usize| *kind != "categories" || applies[*n];
        let counted = || (0..theirs.len()).filter(counts).map(|n| theirs[n][kind].clone());
        let every = counted().reduce(|a, b| &a & &b).unwrap_or_default();
        let some = counted().reduce(|a, b| &a | &b).unwrap_or_default();
        let possible = set(&partial["possible"][*kind], |w| text(&w["name"]));
        // A duty that is only possible is named without the rule it comes from.
        let name = |n: &String| if *kind == "duties" { n.split(" (").next().unwrap().to_owned() } else { n.clone() };
        if *kind == "categories" && applies.contains(&false) {
            assert!(stated.is_subset(&every), "certain {kind}: {stated:?}, {every:?}\n{context}");
            assert!(some.is_subset(&(stated | &possible)), "possible {kind}: {some:?}\n{context}");
        } else {
            assert_eq!(*stated, every, "certain {kind}\n{context}");
            let open: BTreeSet<String> = (&some - &every).iter().map(name).collect();
            assert_eq!(possible, open, "possible {kind}\n{context}");
        }
        for waiting in partial["possible"][*kind].as_array().unwrap() {
            assert!(!waiting["waits_for"].as_array().unwrap().is_empty(), "{waiting} waits for nothing\n{context}");
        }
    }
    let never =
        complete.iter().zip(&applies).filter(|(_, applies)| **applies).map(|(c, _)| set(&c["not_documents"], text));
    let every = never.reduce(|a, b| &a & &b).unwrap_or_default();
    assert_eq!(set(&partial["not_documents"], text), every, "not_documents\n{context}");
}

/// What is asked for: each fact that alone changes the answer, and none that neither changes nor narrows it.
fn asked(partial: &Value, complete: &[(&Row, &Value)], grid: &Grid, given: &Row, context: &str) {
    // Of several licences, each by its number.
    let name = |fact: &str, item: Option<u64>| item.map_or(fact.to_owned(), |n| format!("{fact} of {n}"));
    let missing = set(&partial["missing"], |m| name(&text(&m["fact"]), m["item"].as_u64()));
    let licences = grid.axes.iter().filter(|a| a.name == "licence.good").count();
    let answer = |c: &Value| (text(&c["outcome"]), c["may_proceed"].as_bool());
    for (i, axis) in grid.axes.iter().enumerate() {
        let several = axis.name == "licence.good" && licences > 1;
        let axis_name = &name(axis.name, axis.item.filter(|_| several).map(|n| n as u64 + 1));
        if given[i].is_some() {
            assert!(!missing.contains(axis_name), "asks for {axis_name}, which is given\n{context}");
            continue;
        }
        let mut others: BTreeMap<Row, BTreeSet<_>> = BTreeMap::new();
        let mut of_value: BTreeMap<Option<usize>, BTreeSet<_>> = BTreeMap::new();
        for (row, c) in complete {
            let mut rest = (*row).clone();
            of_value.entry(rest[i].take()).or_default().insert(answer(c));
            others.entry(rest).or_default().insert(answer(c));
        }
        let whole: BTreeSet<_> = complete.iter().map(|(_, c)| answer(c)).collect();
        let changes = others.values().any(|a| a.len() > 1);
        let narrows = of_value.values().any(|a| *a != whole);
        if changes {
            assert!(missing.contains(axis_name), "does not ask for {axis_name}, which changes the answer\n{context}");
        } else if !narrows {
            assert!(!missing.contains(axis_name), "asks for {axis_name}, which changes nothing\n{context}");
        }
    }
}

/// A law with all its complete consignments decided.
struct Known<'l> {
    law: &'l Law,
    grid: &'l Grid,
    policy: &'l Policy,
    day: &'l str,
    seed: u64,
    table: BTreeMap<Row, Option<Value>>,
}

impl<'l> Known<'l> {
    fn new(law: &'l Law, grid: &'l Grid, policy: &'l Policy, day: &'l str, seed: u64) -> Self {
        let plain = policy.plain_evaluator();
        let one = |row: Row| {
            let case = grid.case(day, &row);
            let answer = decide(policy, &plain, &case);
            let open = answer.as_ref().is_some_and(|a| a["outcome"] == "undetermined");
            assert!(!open, "seed {seed}: a complete consignment is decided\n{}\n{case}", law.text());
            (row, answer)
        };
        Known { law, grid, policy, day, seed, table: grid.all().into_iter().map(one).collect() }
    }

    /// Random partial consignments against those that complete them. Gives how many were decided.
    fn check(&self, c: &mut Choices<'_>, papers: bool) -> usize {
        let Known { law, grid, policy, day, seed, .. } = self;
        let (engine, plain) = (policy.evaluator(), policy.plain_evaluator());
        let mut done = 0;
        for _ in 0..PARTIAL {
            // Without a code the description is presumed to fit, so codes are given: whole, or their first digits.
            let value = |c: &mut Choices<'_>, n: usize| {
                let axis = &grid.axes[n];
                (axis.is_code() || c.chance(40)).then(|| *c.of(&axis.inner))
            };
            let mut given: Row = (0..grid.axes.len()).map(|n| value(c, n)).collect();
            let mut case = grid.case(day, &given);
            let mut digits = None;
            let code = grid.axes.iter().position(|a| a.name == "goods.code").filter(|_| papers && c.chance(40));
            if let Some(at) = code {
                let whole = text(grid.value(&given, at).unwrap());
                let first = whole[..*c.of(&[2, 4, 6, 8])].to_owned();
                case["goods"]["code"] = json!(first);
                given[at] = None;
                digits = Some((at, first));
            }
            let context = format!("seed {seed}\n{}\n{case}", law.text());
            let under =
                |r: &Row| digits.as_ref().is_none_or(|(at, d)| text(grid.value(r, *at).unwrap()).starts_with(d));
            let rows: Vec<Row> = grid.rows(&given).into_iter().filter(under).collect();
            let complete: Vec<(&Row, &Value)> =
                rows.iter().filter_map(|r| Some((r, self.table[r].as_ref()?))).collect();
            let partial = decide(policy, &engine, &case);
            assert_eq!(partial, decide(policy, &plain, &case), "engine and interpreter\n{context}");
            let Some(partial) = partial else {
                assert!(complete.is_empty(), "refused although it can be completed\n{context}");
                continue;
            };
            assert!(digits.is_some() || !complete.is_empty(), "decided although nothing completes it\n{context}");
            assert_eq!(partial["resolved"], true, "{context}");
            done += 1;
            let answers: Vec<&Value> = complete.iter().map(|(_, v)| *v).collect();
            if digits.is_some() {
                // Goods under the first digits may be under no code of the law.
                let some: BTreeSet<String> = answers.iter().map(|v| text(&v["outcome"])).collect();
                let said = outcomes(&partial).unwrap();
                assert!(some.is_subset(&said), "{said:?} leaves out some of {some:?}\n{context}");
                continue;
            }
            compare(&partial, &answers, false, &context);
            let items = partial["items"].as_array().map_or(0, Vec::len);
            for i in 0..items {
                let of: Vec<&Value> = answers.iter().map(|v| &v["items"][i]).collect();
                compare(&partial["items"][i], &of, false, &format!("item {i}\n{context}"));
            }
            for p in 0..policy.world().policies.len() {
                let at = |d: &Value| match items {
                    0 => d["policies"][p].clone(),
                    _ => d["items"][0]["policies"][p].clone(),
                };
                let of: Vec<Value> = answers.iter().map(|v| at(v)).collect();
                let answer = at(&partial);
                compare(&answer, &of.iter().collect::<Vec<_>>(), papers, &format!("policy {p}\n{context}"));
                if answer["outcome"] == "undetermined" {
                    assert!(
                        !answer["missing"].as_array().unwrap().is_empty(),
                        "nothing is asked\npolicy {p}\n{context}"
                    );
                }
                if papers {
                    let of: Vec<(&Row, &Value)> = complete.iter().map(|(r, _)| *r).zip(&of).collect();
                    asked(&answer, &of, grid, &given, &context);
                }
            }
        }
        done
    }
}

/// Licences held, of which one fact is open.
fn held(c: &mut Choices<'_>, law: &Law) -> Vec<Value> {
    let one = |c: &mut Choices<'_>| {
        let issued = *c.of(&["2019-01-01", "2023-12-31", "2026-02-01"]);
        let expires = *c.of(&["2026-03-01", "2026-03-02", "2031-01-01"]);
        let goods = *c.of(&["list_A", "8543 70", "nothing"]);
        let mut out = json!({
            "licence": c.of(&law.licences), "number": "N1", "issued": issued, "expires": expires, "goods": [goods]
        });
        if law.facts.iter().any(|f| f.name == "destination") {
            out["destination"] = json!(*c.of(&["FR", "IT", "US"]));
        }
        out
    };
    let count = c.below(3);
    (0..count).map(|_| one(c)).collect()
}

/// Runs some laws of each kind, and asks that enough of it was decided.
fn run(one: impl Fn(u64, &mut Choices<'_>) -> usize + Sync, salt: u64, least: usize) {
    let (first, laws) = (wanted("ORACLE_SEED", 0), wanted("ORACLE_CASES", 2_000).div_ceil(100));
    let mut done = 0;
    in_parallel(first..first + laws, |seed| one(seed, &mut Choices::seeded(seed ^ salt << 32)), |n| done += n);
    assert!(done >= laws as usize * least, "{done} of {laws} laws");
}

#[test]
fn papers_entries_requirements_and_licences_of_partial_consignments() {
    let one = |seed: u64, c: &mut Choices<'_>| {
        let (law, grid) = small(c, &SETTLED, 1, 250);
        let licences = held(c, &law);
        let grid = if licences.is_empty() { grid } else { Grid::new(&law, 1, licences) };
        let policy = load(&law, seed);
        Known::new(&law, &grid, &policy, "2026-03-02", seed).check(c, true)
    };
    run(one, 1, PARTIAL / 2);
}

#[test]
fn two_policies_and_two_items_of_partial_consignments() {
    let one = |seed: u64, c: &mut Choices<'_>| {
        let (law, grid) = small(c, &TWO, 2, 400);
        let policy = load(&law, seed);
        Known::new(&law, &grid, &policy, "2026-03-02", seed).check(c, false)
    };
    run(one, 2, PARTIAL / 2);
}

#[test]
fn numbers_places_codes_and_facts_compared_in_partial_consignments() {
    let one = |seed: u64, c: &mut Choices<'_>| {
        let (law, grid) = small(c, &VALUED, 1, 1_200);
        let policy = load(&law, seed);
        Known::new(&law, &grid, &policy, "2026-03-02", seed).check(c, true)
    };
    run(one, 3, PARTIAL / 2);
}

/// Few consignments, all the partial ones among them; a code may be changed for its first digits, which is no completion.
const FEW: Scale =
    Scale { facts: (2, 4), without: &["transit", "goods.code", "goods.cas", "goods.eccn", "goods.kind"], ..SETTLED };

/// The fewest facts that would have to differ, against all consignments, partial ones too.
#[test]
fn what_would_have_to_differ_is_the_least_that_would() {
    let one = |seed: u64, c: &mut Choices<'_>| {
        let (law, grid) = small(c, &FEW, 1, 60);
        let policy = load(&law, seed);
        let evaluator = policy.evaluator();
        let decided = |row: &Row| {
            let json = grid.case("2026-03-02", row).to_string();
            policy.decide_with(&evaluator, "case", &json, &Overlay::default(), &Options::default()).ok()
        };
        // Each fact with one of its values, or left out.
        let mut partial: Vec<Row> = vec![Vec::new()];
        for axis in &grid.axes {
            let all = || (0..axis.values.len()).map(Some).chain([None]);
            partial = partial.iter().flat_map(|r| all().map(move |v| [r.clone(), vec![v]].concat())).collect();
        }
        let table: Vec<(Row, Option<Outcome>)> =
            partial.into_iter().filter_map(|row| decided(&row).map(|d| (row, d.policies[0].outcome.0))).collect();
        for _ in 0..2 {
            let (given, decision) = c.of(&table).clone();
            let json = grid.case("2026-03-02", &given);
            let case = policy.read("case", &json.to_string(), &Overlay::default()).unwrap();
            let context = format!("seed {seed}\n{}\n{json}", law.text());
            for outcome in Outcome::ALL {
                // A change gives a fact a value; it never takes one away.
                let gives = |row: &Row| row.iter().zip(&given).all(|(r, g)| r.is_some() || g.is_none());
                let reaches = table.iter().filter(|(row, o)| *o == Some(outcome) && gives(row));
                let distance = |row: &Row| row.iter().zip(&given).filter(|(r, g)| r != g).count();
                let fewest = reaches.map(|(row, _)| distance(row)).min();
                match why_not(&evaluator, policy.world(), PolicyId(0), &case, outcome, 3) {
                    WhyNot::Already => assert_eq!(decision, Some(outcome), "{context}"),
                    WhyNot::Never => assert_eq!(fewest, None, "{outcome:?}\n{context}"),
                    WhyNot::Ways(ways) => {
                        for way in ways {
                            assert_eq!(Some(way.changes.len()), fewest, "{outcome:?}: {way:?}\n{context}");
                        }
                    }
                    WhyNot::NotShown => panic!("not shown\n{context}"),
                }
            }
        }
        1
    };
    run(one, 4, 1);
}

/// A code in a range, and under neither of its ends, is listed by the range alone.
#[test]
fn a_code_between_the_ends_of_a_range_is_one_of_those_that_are_possible() {
    let policy = toy("category range \"R\" { code CN 3920 10 to 3920 30 }\n\
         category ends \"E\" { code CN 3920 10, 3920 30 }\n\
         rule r \"R\" { cite \"r\" when goods in range and not goods in ends then prohibit }\n");
    let decide = |code: &str| policy.decide(&json!({ "date": "2026-03-02", "goods": { "code": code } }).to_string());
    assert_eq!(decide("3920 20 00").unwrap().outcome.0, Some(Outcome::Prohibited));
    assert_eq!(decide("3920 10 00").unwrap().outcome.0, Some(Outcome::Permitted));
    for code in ["3920", "39"] {
        assert_eq!(decide(code).unwrap().possible_outcomes, [Outcome::Prohibited, Outcome::Permitted], "{code}");
    }
}

/// An entry may ask whether the code lies under itself, since that reads no condition.
#[test]
fn an_entry_that_asks_for_its_own_codes_is_no_circle() {
    let policy = toy("category list \"L\" { code CN ex 9304 when a and goods coded under list }\n\
         rule r \"R\" { cite \"r\" when goods in list then prohibit }\n");
    let decide = |code: &str| {
        let case = json!({ "date": "2026-03-02", "a": true, "goods": { "code": code, "code_confirmed": true } });
        policy.decide(&case.to_string()).unwrap().outcome.0
    };
    assert_eq!([decide("9304"), decide("8543")], [Some(Outcome::Prohibited), Some(Outcome::Permitted)]);
}

/// The facts that a decision on nothing but the day asks for.
fn asked_of_nothing(law: &str) -> BTreeSet<String> {
    let policy = toy(law);
    let mut found = [policy.evaluator(), policy.plain_evaluator()].map(|evaluator| {
        let answer = decide(&policy, &evaluator, &json!({ "date": "2026-03-02" })).unwrap();
        set(&answer["policies"][0]["missing"], |m| text(&m["fact"]))
    });
    assert_eq!(found[0], found[1]);
    std::mem::take(&mut found[0])
}

/// Whatever `m` is, `n` may be 3, and may be no more than `m` and not 3: so an answer for `m` narrows nothing. There is a
/// number below every number.
#[test]
fn of_two_numbers_that_are_compared_only_the_one_that_narrows_is_asked() {
    let law = |op: &str| {
        format!(
            "constraint k \"K\" {{ always n {op} m or n = 3 }}
             rule ban \"B\" {{ cite \"b\" when n = 3 then prohibit }}
             rule other \"O\" {{ cite \"o\" when n > m then permit under open }}"
        )
    };
    for op in ["<=", "<", ">=", ">"] {
        assert_eq!(asked_of_nothing(&law(op)), BTreeSet::from(["n".to_owned()]), "{op}");
    }
}

/// Of any `n` some `m` lies above and another below: so both matter, although they are never equal.
#[test]
fn two_numbers_that_are_never_equal_are_both_asked() {
    let law = "constraint k \"K\" { always n < m or n > m }
               rule ban \"B\" { cite \"b\" when n < m and a then prohibit }";
    assert_eq!(asked_of_nothing(law), ["a", "m", "n"].map(str::to_owned).into());
}
