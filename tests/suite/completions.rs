//! The wider oracle: two policies, items, licences, papers, codes, numbers and places, on partial consignments.
//!
//! What is said of a partial consignment must be what its completions say one by one. A random policy is decided once
//! for every complete consignment of a small grid that meets every class of every fact; then several partial
//! consignments are held against the part of that table which completes them. The random numbers are fixed: a failure
//! is the same on every machine.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::Policy;
use portcullis::consignment::Overlay;
use portcullis::{Evaluator, Options};
use serde_json::{Map, Value, json};

use crate::support::law;
use crate::toy::files;

/// Numbers that look random (splitmix64), the same everywhere.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
    fn pick<'t, T: ?Sized>(&mut self, list: &[&'t T]) -> &'t T {
        list[self.below(list.len())]
    }
    /// A condition over these atoms.
    fn cond(&mut self, atoms: &[&str], depth: usize) -> String {
        match self.below(if depth == 0 { 2 } else { 6 }) {
            0 => self.pick(atoms).to_owned(),
            1 => format!("not ({})", self.pick(atoms)),
            2 | 3 => format!("({} and {})", self.cond(atoms, depth - 1), self.cond(atoms, depth - 1)),
            _ => format!("({} or {})", self.cond(atoms, depth - 1), self.cond(atoms, depth - 1)),
        }
    }
}

/// A fact of the grid: where it stands in a consignment, and values that meet all its classes.
struct Axis {
    path: &'static str,
    values: Vec<Value>,
}

fn axis(path: &'static str, values: Value) -> Axis {
    Axis { path, values: values.as_array().unwrap().clone() }
}

/// A complete or partial consignment: for each axis the number of a value, or nothing.
type Row = Vec<Option<usize>>;

/// Puts values at their places: `a`, `goods.kind`, `goods.1.kind`, `licences.0.good`.
fn consignment(axes: &[Axis], row: &Row, licences: &Value) -> Value {
    let mut out = json!({ "date": "2026-03-02" });
    if axes.iter().any(|a| a.path.starts_with("goods.0")) {
        out["goods"] = json!([{}, {}]);
    }
    if !licences.is_null() {
        out["licences"] = licences.clone();
    }
    for (axis, value) in axes.iter().zip(row) {
        let Some(v) = value else { continue };
        let mut at = &mut out;
        for part in axis.path.split('.') {
            at = match part.parse::<usize>() {
                Ok(i) => &mut at[i],
                Err(_) => {
                    if at.is_null() {
                        *at = Value::Object(Map::new());
                    }
                    &mut at[part]
                }
            };
        }
        *at = axis.values[*v].clone();
    }
    out
}

/// All rows that complete one.
fn rows(axes: &[Axis], given: &Row) -> Vec<Row> {
    let mut out: Vec<Row> = vec![Vec::new()];
    for (axis, value) in axes.iter().zip(given) {
        let all: Vec<usize> = value.map_or_else(|| (0..axis.values.len()).collect(), |v| vec![v]);
        out = out.iter().flat_map(|row| all.iter().map(move |v| [row.clone(), vec![Some(*v)]].concat())).collect();
    }
    out
}

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

/// Decides by the engine and by the plain interpreter, which must say the same.
fn by_both(
    policy: &Policy,
    engine: &Evaluator<'_>,
    plain: &Evaluator<'_>,
    case: &Value,
    context: &str,
) -> Option<Value> {
    let (fast, slow) = (decide(policy, engine, case), decide(policy, plain, case));
    assert_eq!(fast, slow, "engine and interpreter\n{context}");
    fast
}

/// What a decision says is possible: the outcome, or all of them; nothing where it lists none, as for an item.
fn outcomes(answer: &Value) -> Option<BTreeSet<String>> {
    let open = answer.get("possible_outcomes").unwrap_or(&answer["possible"]["outcomes"]);
    match answer["outcome"].as_str().unwrap() {
        "undetermined" => Some(open.as_array()?.iter().map(|o| o.as_str().unwrap().to_owned()).collect()),
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
    if !papers {
        return;
    }
    let mine = certain(partial);
    let theirs: Vec<_> = complete.iter().map(|c| certain(c)).collect();
    for (kind, stated) in &mine {
        let every = theirs.iter().map(|t| t[kind].clone()).reduce(|a, b| &a & &b).unwrap_or_default();
        let some = theirs.iter().map(|t| t[kind].clone()).reduce(|a, b| &a | &b).unwrap_or_default();
        assert_eq!(*stated, every, "certain {kind}\n{context}");
        let possible = set(&partial["possible"][*kind], |w| text(&w["name"]));
        // A duty that is only possible is named without the rule it comes from.
        let name = |n: &String| if *kind == "duties" { n.split(" (").next().unwrap().to_owned() } else { n.clone() };
        let open: BTreeSet<String> = (&some - &every).iter().map(name).collect();
        assert_eq!(possible, open, "possible {kind}\n{context}");
        for waiting in partial["possible"][*kind].as_array().unwrap() {
            assert!(!waiting["waits_for"].as_array().unwrap().is_empty(), "{waiting} waits for nothing\n{context}");
        }
    }
    let never = |c: &&Value| set(&c["not_documents"], text);
    let every = complete.iter().map(never).reduce(|a, b| &a & &b).unwrap_or_default();
    assert_eq!(set(&partial["not_documents"], text), every, "not_documents\n{context}");
}

/// A value of an axis to be given. Of numbers compared with each other neither end: beyond it the grid has none.
fn some_value(axis: &Axis, dice: &mut Dice) -> usize {
    let n = axis.values.len();
    if axis.path.len() == 1 && n > 3 { 1 + dice.below(n - 2) } else { dice.below(n) }
}

/// A law, the grid of its facts, and what is compared besides outcomes.
struct World {
    policy: Policy,
    text: String,
    axes: Vec<Axis>,
    licences: Value,
    papers: bool,
    /// Given with these chances in 100.
    given: usize,
}

/// Decides all complete consignments once, then partial ones against them. Gives how many partial ones were decided.
fn check(world: &World, dice: &mut Dice, partials: usize) -> usize {
    let World { policy, axes, .. } = world;
    let (engine, plain) = (policy.evaluator(), policy.plain_evaluator());
    let everything = vec![None; axes.len()];
    let table: BTreeMap<Row, Option<Value>> = rows(axes, &everything)
        .into_iter()
        .map(|row| {
            let case = consignment(axes, &row, &world.licences);
            let answer = decide(policy, &plain, &case);
            if let Some(a) = &answer {
                assert_ne!(a["outcome"], "undetermined", "a complete consignment is decided\n{}\n{case}", world.text);
            }
            (row, answer)
        })
        .collect();
    let mut done = 0;
    for _ in 0..partials {
        let given: Row = axes.iter().map(|a| (dice.below(100) < world.given).then(|| some_value(a, dice))).collect();
        let case = consignment(axes, &given, &world.licences);
        let context = format!("{}\n{case}", world.text);
        let complete: Vec<&Value> = rows(axes, &given).iter().filter_map(|r| table[r].as_ref()).collect();
        let Some(partial) = by_both(policy, &engine, &plain, &case, &context) else {
            assert!(complete.is_empty(), "refused although it can be completed\n{context}");
            continue;
        };
        assert!(!complete.is_empty(), "decided although nothing completes it\n{context}");
        assert_eq!(partial["resolved"], true, "{context}");
        done += 1;
        compare(&partial, &complete, false, &context);
        let items = partial["items"].as_array().map_or(0, Vec::len);
        for i in 0..items {
            let of: Vec<&Value> = complete.iter().map(|c| &c["items"][i]).collect();
            compare(&partial["items"][i], &of, false, &format!("item {i}\n{context}"));
        }
        let policies = policy.world().policies.len();
        for p in 0..policies {
            let at =
                |d: &Value| if items == 0 { d["policies"][p].clone() } else { d["items"][0]["policies"][p].clone() };
            let of: Vec<Value> = complete.iter().map(|c| at(c)).collect();
            let answer = at(&partial);
            compare(&answer, &of.iter().collect::<Vec<_>>(), world.papers, &format!("policy {p}\n{context}"));
            let open = answer["outcome"] == "undetermined" || answer["may_proceed"].is_null();
            let silent = of.iter().all(|c| c["outcome"] == "not_applicable");
            if open && !silent && answer["outcome"] == "undetermined" {
                let missing = answer["missing"].as_array().unwrap();
                assert!(!missing.is_empty(), "nothing is asked\npolicy {p}\n{context}");
            }
        }
    }
    done
}

const RULE_EFFECTS: [&str; 5] =
    ["prohibit", "permit", "require pass", "require pass or visa", "require pass and visa reason \"NS\""];

/// Rules, exceptions, bars, papers over some atoms.
fn rules(dice: &mut Dice, atoms: &[&str]) -> String {
    let (mut out, mut names) = (String::new(), Vec::new());
    for i in 0..2 + dice.below(2) {
        let (when, then) = (dice.cond(atoms, 2), dice.pick(&RULE_EFFECTS));
        let document = dice.pick(&["", " document \"D1\"", " document \"D2\" duty \"Tell\""]);
        out.push_str(&format!("rule r{i} \"R\" {{ cite \"r{i}\" when {when} then {then}{document} }}\n"));
        names.push(format!("r{i}"));
    }
    for i in 0..dice.below(3) {
        let (when, then) = (dice.cond(atoms, 1), dice.pick(&RULE_EFFECTS));
        let to = names[dice.below(names.len())].clone();
        out.push_str(&format!("exception e{i} \"E\" to {to} {{ cite \"e{i}\" when {when} then {then} }}\n"));
        names.push(format!("e{i}"));
    }
    if names.iter().any(|n| n.starts_with('e')) && dice.below(2) == 0 {
        let when = dice.cond(atoms, 1);
        out.push_str(&format!("bar b \"B\" to every exception {{ cite \"b\" when {when} }}\n"));
    }
    let when = dice.cond(atoms, 1);
    out.push_str(&format!("rule papers \"R\" {{ cite \"p\" when {when} duty \"Keep\" document \"Y9\" negative }}\n"));
    out
}

const LICENCES: &str =
    "licence pass \"L\" { document \"C1\" covers when licence.good and a }\nlicence visa \"L\" { }\n";

fn policy(name: &str, applies: &str, otherwise: &str) -> String {
    format!(
        "policy {name} \"P\" {{ source \"S\" applies when {applies} known from 2020-01-01 otherwise {otherwise} }}\n{LICENCES}"
    )
}

fn constraints(dice: &mut Dice, atoms: &[&str]) -> String {
    (0..dice.below(3))
        .map(|i| format!("constraint c{i} \"C\" {{ always {} or {} }}\n", dice.cond(atoms, 1), dice.pick(atoms)))
        .collect()
}

#[test]
fn papers_entries_requirements_and_licences_of_partial_consignments() {
    let facts = "fact date: date\nfact a: yes/no\nfact b: yes/no\nfact c: yes/no\nfact goods.k: one of { x, y, z }\n\
                 fact goods.g: yes/no\nfact licence.good: yes/no\n";
    let plain = ["a", "b", "c", "goods.g", "goods.k is x", "goods.k in {y, z}"];
    let atoms = [&plain[..], &["goods in list", "goods in list.one", "goods in other"]].concat();
    let mut done = 0;
    for seed in 0..60 {
        let mut dice = Dice(seed);
        let lists = format!(
            "category list \"L\" {{ when {} category one \"1\" {{ when {} }} category {{ when {} }} }}\ncategory other \"O\" {{ when {} unless goods in list.one }}\n",
            dice.cond(&plain, 1),
            dice.cond(&plain, 1),
            dice.cond(&plain, 1),
            dice.cond(&plain, 1)
        );
        let otherwise = dice.pick(&["permit", "permit", "prohibit"]);
        let text = facts.to_owned()
            + &policy("p", "date >= 2000-01-01", otherwise)
            + &lists
            + &rules(&mut dice, &atoms)
            + &constraints(&mut dice, &plain);
        let yes_no = json!([false, true]);
        let mut axes: Vec<Axis> = ["a", "b", "c", "goods.g"].map(|p| axis(p, yes_no.clone())).into();
        axes.push(axis("goods.k", json!(["x", "y", "z"])));
        let licences = match dice.below(3) {
            0 => Value::Null,
            1 => json!([{ "licence": "pass" }]),
            _ => json!([{ "licence": "pass" }, { "licence": "visa" }]),
        };
        if !licences.is_null() {
            axes.push(axis("licences.0.good", yes_no));
        }
        let world =
            World { policy: files(vec![law("law.gate", &text)]), text, axes, licences, papers: true, given: 40 };
        done += check(&world, &mut dice, 8);
    }
    assert!(done >= 300, "{done}");
}

#[test]
fn two_policies_and_two_items_of_partial_consignments() {
    let facts = "fact date: date\nfact a: yes/no\nfact b: yes/no\nfact goods.g: yes/no\nfact goods.k: one of { x, y, z }\n\
                 fact licence.good: yes/no\n";
    let atoms = ["a", "b", "goods.g", "goods.k is x", "goods.k in {y, z}"];
    let mut done = 0;
    for seed in 0..40 {
        let mut dice = Dice(1_000 + seed);
        let act = |dice: &mut Dice, name: &str| {
            let applies = dice.pick(&["date >= 2000-01-01", "a", "b or a", "goods.g", "not b"]);
            let otherwise = dice.pick(&["permit", "permit", "prohibit"]);
            "use trade\n".to_owned() + &policy(name, applies, otherwise) + &rules(dice, &atoms)
        };
        let (p, q) = (act(&mut dice, "p"), act(&mut dice, "q"));
        let trade = facts.to_owned() + &constraints(&mut dice, &atoms);
        let policy = files(vec![law("trade.gate", &trade), law("p/policy.gate", &p), law("q/policy.gate", &q)]);
        let yes_no = json!([false, true]);
        let kinds = json!(["x", "y", "z"]);
        let axes = vec![
            axis("a", yes_no.clone()),
            axis("b", yes_no.clone()),
            axis("goods.0.g", yes_no.clone()),
            axis("goods.1.g", yes_no),
            axis("goods.0.k", kinds.clone()),
            axis("goods.1.k", kinds),
        ];
        let licences = if dice.below(2) == 0 { Value::Null } else { json!([{ "licence": "visa" }]) };
        let text = format!("{trade}\n{p}\n{q}");
        let world = World { policy, text, axes, licences, papers: false, given: 45 };
        done += check(&world, &mut dice, 8);
    }
    assert!(done >= 200, "{done}");
}

#[test]
fn numbers_places_codes_and_facts_compared_in_partial_consignments() {
    let facts = "fact date: date\nfact a: yes/no\nfact n: number\nfact m: number\nfact dest: country\nfact at: country\n\
                 fact goods.code: code CN\nfact goods.code_confirmed: yes/no\nfact goods.heavy: yes/no\nfact licence.good: yes/no\n\
                 place IT-livigno \"Livigno\" in IT\ngroup g { FR, IT }\ngroup h { IT-livigno, DE }\n";
    let listed = "category list \"L\" { code CN ex 8543 70, 9304 except 9304 90 when goods.heavy }\n\
                  category plain \"P\" { code CN 3920 10 to 3920 30 }\n";
    let atoms = [
        "a",
        "n >= 3",
        "n in 2 to 4",
        "m < 3",
        "n > m",
        "m = n",
        "dest in g",
        "dest in h",
        "dest is IT",
        "dest is not at",
        "at in g - h",
        "goods in list",
        "goods in plain",
        "goods coded under list",
        "goods.heavy",
    ];
    let grids = [
        axis("n", json!([-1, 0, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 6])),
        axis("m", json!([-1, 0, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 6])),
        axis("dest", json!(["FR", "DE", "IT", "US", "JP", "IT-livigno"])),
        axis("at", json!(["FR", "DE", "IT", "US", "JP", "IT-livigno"])),
        axis(
            "goods.code",
            json!(["8543709000", "8543800000", "9304100000", "9304900000", "3920200000", "3920400000", "0101210000"]),
        ),
        axis("goods.code_confirmed", json!([false, true])),
        axis("goods.heavy", json!([false, true])),
        axis("a", json!([false, true])),
    ];
    let mut done = 0;
    for seed in 0..70 {
        let mut dice = Dice(2_000 + seed);
        // A few atoms, so that the table of their facts stays small.
        let few: Vec<&str> = (0..4).map(|_| dice.pick(&atoms)).collect();
        let text = facts.to_owned() + &policy("p", "date >= 2000-01-01", "permit") + listed + &rules(&mut dice, &few);
        let has =
            |what: &str| text[facts.len() + listed.len()..].contains(what) || few.iter().any(|f| f.contains(what));
        let code = few.iter().any(|f| f.contains("list") || f.contains("plain"));
        let reads = |a: &&Axis| match a.path {
            "n" => has("n >") || has("n in") || has("= n"),
            "m" => has("m <") || has("> m") || has("m ="),
            "dest" => has("dest in") || has("dest is"),
            "at" => has("at in") || has("not at"),
            "goods.code" | "goods.code_confirmed" => code,
            "goods.heavy" => code || few.contains(&"goods.heavy"),
            _ => few.contains(&"a"),
        };
        let axes: Vec<Axis> =
            grids.iter().filter(reads).map(|a| Axis { path: a.path, values: a.values.clone() }).collect();
        let size: usize = axes.iter().map(|a| a.values.len()).product();
        if size > 1_500 {
            continue;
        }
        // A code is always given here: what is presumed without one has its own test.
        let policy = files(vec![law("law.gate", &text)]);
        let world = World { policy, text, axes, licences: Value::Null, papers: false, given: 35 };
        done += check_coded(&world, &mut dice, 10);
    }
    assert!(done >= 200, "{done}");
}

/// As [`check`], with a code always given: whole, or as the first digits of codes of the grid.
fn check_coded(world: &World, dice: &mut Dice, partials: usize) -> usize {
    let Some(at) = world.axes.iter().position(|a| a.path == "goods.code") else { return check(world, dice, partials) };
    let (engine, plain) = (world.policy.evaluator(), world.policy.plain_evaluator());
    let table: BTreeMap<Row, Option<Value>> = rows(&world.axes, &vec![None; world.axes.len()])
        .into_iter()
        .map(|row| (row.clone(), decide(&world.policy, &plain, &consignment(&world.axes, &row, &Value::Null))))
        .collect();
    for _ in 0..partials {
        let mut given: Row =
            world.axes.iter().map(|a| (dice.below(100) < world.given).then(|| some_value(a, dice))).collect();
        given[at] = Some(dice.below(world.axes[at].values.len()));
        let whole = text(&world.axes[at].values[given[at].unwrap()]);
        let code = &whole[..[2, 4, 6, 8, 10][dice.below(5)]];
        let mut case = consignment(&world.axes, &given, &Value::Null);
        case["goods"]["code"] = json!(code);
        let context = format!("{}\n{case}", world.text);
        given[at] = None;
        let under = |r: &&Row| text(&world.axes[at].values[r[at].unwrap()]).starts_with(code);
        // Other goods under the first digits, which no code of the grid names, are under no heading.
        let complete = rows(&world.axes, &given);
        let complete: Vec<&Value> = complete.iter().filter(under).filter_map(|r| table[r].as_ref()).collect();
        let partial = by_both(&world.policy, &engine, &plain, &case, &context).unwrap();
        let (some, said) =
            (complete.iter().map(|c| text(&c["outcome"])).collect::<BTreeSet<_>>(), outcomes(&partial).unwrap());
        assert!(some.is_subset(&said), "{said:?} leaves out some of {some:?}\n{context}");
        if code.len() == 10 {
            compare(&partial, &complete, false, &context);
        }
    }
    partials
}
