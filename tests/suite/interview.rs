//! The interview: what it asks, in which order, what it accepts, and how few questions it needs.

use std::collections::BTreeSet;

use portcullis::consignment::Overlay;
use portcullis::interview::{About, Interview, Question};
use portcullis::model::code::Under;
use portcullis::model::{AtomKind, Category, Cond, Date, FactId, Level, Test, Value as Known, World};
use portcullis::{Policy, embedded};
use serde_json::Value;

use crate::cases::cases;

/// What stays of a case that is stripped of its attributes: when, what is done, where, and the tariff code.
const KEPT: [&str; 6] = ["id", "date", "activity", "from", "destination", "transit"];

fn stripped(full: &Value) -> Value {
    let mut out = serde_json::Map::new();
    for key in KEPT.iter().chain(&["origin"]) {
        out.extend(full.get(*key).map(|v| ((*key).to_owned(), v.clone())));
    }
    if let Some(code) = full["goods"].get("code") {
        out.insert("goods".to_owned(), serde_json::json!({ "code": code }));
    }
    Value::Object(out)
}

/// The answer that a full consignment gives to a question; `unknown` where it is silent.
fn answer(full: &Value, question: &Question, held: usize) -> String {
    let text = |v: &Value| match v {
        Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    if question.about == About::Licence {
        let licence = full["licences"].get(held).map(|l| text(&l["licence"]));
        return licence.unwrap_or_else(|| "none".to_owned());
    }
    let mut at = full.get(&question.name);
    if at.is_none() {
        let name = match question.name.strip_prefix("licence.") {
            Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => {
                let (n, rest) = rest.split_once('.').unwrap();
                format!("licences.{}.{rest}", n.parse::<usize>().unwrap() - 1)
            }
            Some(rest) => format!("licences.0.{rest}"),
            None => question.name.clone(),
        };
        at = full.pointer(&format!("/{}", name.replace('.', "/")));
    }
    match at {
        None | Some(Value::Null) => "unknown".to_owned(),
        Some(Value::Array(all)) if all.is_empty() => "none".to_owned(),
        Some(Value::Array(all)) => all.iter().map(text).collect::<Vec<_>>().join(", "),
        Some(value) => text(value),
    }
}

/// Runs an interview to its end with the answers of a full consignment; the questions it put.
fn run<'p>(policy: &'p Policy, start: &Value, full: &Value) -> (Interview<'p>, Vec<String>) {
    let mut interview =
        Interview::new(policy, "case", &start.to_string(), &Overlay::default()).unwrap_or_else(|r| panic!("{r}"));
    let mut asked = Vec::new();
    while let Some(question) = interview.next().cloned() {
        let held = interview.case().map_or(0, |c| c.licences.len());
        let answer = answer(full, &question, held);
        asked.push(format!("{} = {answer}", question.name));
        interview.answer(&answer).unwrap_or_else(|e| panic!("{asked:?}: {e}"));
        assert!(asked.len() < 300, "no end: {asked:?}");
    }
    (interview, asked)
}

/// What is compared: the outcome, whether it may proceed, and for each policy the rules that decide.
fn essence(decision: &portcullis::Decision) -> String {
    let rules: Vec<Vec<&str>> = decision
        .policies
        .iter()
        .map(|p| {
            let mut all: Vec<&str> = p.decided_by.iter().map(|r| r.rule.as_str()).collect();
            all.sort_unstable();
            all
        })
        .collect();
    format!("{} {:?} {rules:?}", decision.outcome.as_str(), decision.may_proceed)
}

/// The facts that a condition reads, named conditions followed, entries not.
fn reads(world: &World, cond: &Cond, day: Date, out: &mut BTreeSet<FactId>) {
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::Fact(f, _) | AtomKind::Elements { fact: f, .. } | AtomKind::Empty(f) | AtomKind::Includes(f) => {
            out.insert(*f);
        }
        AtomKind::Facts(a, _, b) => out.extend([*a, *b]),
        AtomKind::Means(f) => {
            let version = world.fact(*f).means.iter().find(|(days, _)| days.on(day));
            version.into_iter().for_each(|(_, c)| reads(world, c, day, out));
        }
        AtomKind::In(_) | AtomKind::CodedUnder(_) => {}
    });
}

/// Whether a condition can hold with this activity; everything else is open.
fn possible_with(world: &World, cond: &Cond, activity: &str, day: Date) -> (bool, bool) {
    // Whether it may hold, and whether it may fail.
    match cond {
        Cond::All(all) => all
            .iter()
            .map(|c| possible_with(world, c, activity, day))
            .fold((true, false), |a, b| (a.0 && b.0, a.1 || b.1)),
        Cond::Any(all) => all
            .iter()
            .map(|c| possible_with(world, c, activity, day))
            .fold((false, true), |a, b| (a.0 || b.0, a.1 && b.1)),
        Cond::Not(inner) => {
            let (may, may_not) = possible_with(world, inner, activity, day);
            (may_not, may)
        }
        Cond::Atom(atom) => match &atom.kind {
            AtomKind::Means(f) => match world.fact(*f).means.iter().find(|(days, _)| days.on(day)) {
                Some((_, c)) => possible_with(world, c, activity, day),
                None => (false, true),
            },
            AtomKind::Fact(f, test) if world.fact(*f).name == "activity" => {
                let portcullis::model::Type::Choice(id) = world.fact(*f).ty else { return (true, true) };
                let all = world.enum_type(id).unwrap();
                let mine = all.find(activity).unwrap();
                let is = |v: &Known| matches!(v, Known::Choice(c) if all.is_within(mine, *c));
                match test {
                    Test::Is(v) => (is(v), !is(v)),
                    Test::In(portcullis::model::Set::Values(list)) => {
                        let any = list.iter().any(is);
                        (any, !any)
                    }
                    _ => (true, true),
                }
            }
            _ => (true, true),
        },
    }
}

/// The facts that somebody could be asked for: those read by the entries that the code leaves possible, and by the rules
/// for the activity, without what the stripped case says.
fn askable(world: &World, case: &Value) -> usize {
    let day = portcullis::model::date::parse_date(case["date"].as_str().unwrap()).unwrap();
    let activity = case["activity"].as_str().unwrap();
    let code = case["goods"]["code"].as_str().map(|c| c.replace([' ', '.'], ""));
    let mut facts = BTreeSet::new();
    let possible = |c: &Category| {
        let covers = |list: &portcullis::model::code::CodeList| match &code {
            Some(code) => list.covers(code, false) != Under::No,
            None => true,
        };
        c.in_force.on(day) && c.codes.iter().all(|(_, list)| covers(list))
    };
    for category in world.categories.iter().filter(|c| c.children.is_empty()) {
        let mut way = vec![category];
        while let Some(parent) = way.last().and_then(|c| c.parent) {
            way.push(world.category(parent));
        }
        if way.iter().all(|c| possible(c)) {
            way.iter().for_each(|c| reads(world, &c.cond, day, &mut facts));
        }
    }
    for rule in world.rules.iter().filter(|r| r.in_force.on(day)) {
        if possible_with(world, &rule.cond, activity, day).0 {
            reads(world, &rule.cond, day, &mut facts);
            rule.claimed.iter().for_each(|c| reads(world, c, day, &mut facts));
        }
    }
    let given: Vec<&str> = KEPT.iter().copied().chain(["origin", "goods.code"]).collect();
    facts.retain(|f| world.fact(*f).level != Level::Licence && !given.contains(&world.fact(*f).name.as_str()));
    facts.len()
}

#[test]
fn eu_cases_take_few_questions_and_end_as_the_full_case_does() {
    let Some(cases) = cases("eu.jsonl") else {
        println!("skipped: the worked cases are not at hand");
        return;
    };
    let files = embedded::files().into_iter().filter(|f| !f.path.contains("us/") && !f.path.contains("gb/"));
    let policy = Policy::load(files).unwrap_or_else(|r| panic!("{r}"));
    let (mut questions, mut facts, mut run_cases) = (0, 0, 0);
    let mut problems = Vec::new();
    for case in &cases {
        if !case["jurisdiction"].as_str().is_some_and(|j| j.starts_with("EU")) {
            continue;
        }
        let full = &case["consignment"];
        let start = stripped(full);
        let (interview, asked) = run(&policy, &start, full);
        let whole = policy.decide(&full.to_string()).unwrap_or_else(|r| panic!("{r}"));
        let could = askable(policy.world(), &start);
        let (found, wanted) = (essence(interview.decision().unwrap()), essence(&whole));
        println!("{} {} of {could}: {wanted}", case["id"], asked.len());
        if std::env::var_os("SHOW").is_some() {
            println!("   {asked:?}");
        }
        (questions, facts, run_cases) = (questions + asked.len(), facts + could, run_cases + 1);
        if found != wanted {
            problems.push(format!("{}: {found}, in full {wanted}; asked {asked:?}", case["id"]));
        }
    }
    println!("{questions} questions in {run_cases} interviews; {facts} facts could be asked for");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(2 * questions <= facts, "{questions} questions, more than half of {facts}");
}
