//! The interview: what it asks, in which order, what it accepts, and how few questions it needs.

use std::collections::BTreeSet;

use portcullis::consignment::{Overlay, write};
use portcullis::interview::{About, Interview, Question};
use portcullis::model::code::Under;
use portcullis::model::{AtomKind, Category, Cond, Date, FactId, Level, Test, Value as Known, World};
use portcullis::{Policy, embedded};
use serde_json::Value;

use crate::cases::cases;
use crate::cli::{Folder, run as cli};
use crate::support::law;
use crate::toy::files;

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

/// One interview with the answers of a case: its line of the report, what was asked, and what is wrong with its end.
struct Measured {
    line: String,
    questions: usize,
    facts: usize,
    problem: Option<String>,
}

fn measure(policy: &Policy, case: &Value) -> Measured {
    let full = &case["consignment"];
    let start = stripped(full);
    let (interview, asked) = run(policy, &start, full);
    let whole = policy.decide(&full.to_string()).unwrap_or_else(|r| panic!("{r}"));
    let facts = askable(policy.world(), &start);
    let (found, wanted) = (essence(interview.decision().unwrap()), essence(&whole));
    let id = case["id"].as_str().unwrap_or("?");
    let problem = (found != wanted).then(|| format!("{id}: {found}, in full {wanted}; asked {asked:?}"));
    let line = format!("{id}: {} of {facts}: {}", asked.len(), asked.join("; "));
    Measured { line, questions: asked.len(), facts, problem }
}

#[test]
fn eu_cases_take_few_questions_and_end_as_the_full_case_does() {
    let Some(cases) = cases("eu.jsonl") else {
        println!("skipped: the worked cases are not at hand");
        return;
    };
    let apart = ["us/", "gb/", "concordance"];
    let files = embedded::files().into_iter().filter(|f| !apart.iter().any(|a| f.path.starts_with(a)));
    let policy = Policy::load(files).unwrap_or_else(|r| panic!("{r}"));
    let cases: Vec<&Value> =
        cases.iter().filter(|c| c["jurisdiction"].as_str().is_some_and(|j| j.starts_with("EU"))).collect();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let all: Vec<Measured> = std::thread::scope(|scope| {
        let parts = cases.chunks(cases.len().div_ceil(threads).max(1));
        let started: Vec<_> = parts
            .map(|part| {
                let policy = &policy;
                scope.spawn(move || part.iter().map(|c| measure(policy, c)).collect::<Vec<_>>())
            })
            .collect();
        started.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    all.iter().for_each(|m| println!("{}", m.line));
    let (questions, facts): (usize, usize) = (all.iter().map(|m| m.questions).sum(), all.iter().map(|m| m.facts).sum());
    println!("{questions} questions in {} interviews; {facts} facts could be asked for", all.len());
    let problems: Vec<String> = all.into_iter().filter_map(|m| m.problem).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(2 * questions <= facts, "{questions} questions, more than half of {facts}");
}

#[test]
fn a_case_that_is_written_down_reads_back_as_the_same_case() {
    let policy = files(vec![law("law.gate", LAW)]);
    let json = r#"{ "id": "a \"b\"", "date": "2026-03-02", "activity": "export", "holders": 3, "share": 0.1234567890123456,
        "goods": [ { "kind": "stun_gun", "length": "999999999999999.9 oz", "code": "4421 99" }, { "length": "12 in" } ],
        "parts": ["lash", "grip"], "licences": [ { "licence": "single", "destination": "TR" } ] }"#;
    let json = json.replace("999999999999999.9 oz", "999999999999999.9 um");
    let overlay = Overlay::default();
    let case = policy.read("case", &json, &overlay).unwrap_or_else(|r| panic!("{r}"));
    for text in [write::line(&case, policy.world()), write::pretty(&case, policy.world())] {
        let again = policy.read("case", &text, &overlay).unwrap_or_else(|r| panic!("{r}\n{text}"));
        assert_eq!(again, case, "{text}");
        assert!(text.contains("0.1234567890123456") && text.contains("304.8 mm"), "{text}");
    }
    assert_eq!(write::line(&case, policy.world()).lines().count(), 1);
}

/// A law with one of everything that is asked about.
const LAW: &str = r#"
fact date: date
fact activity: one of { export, import } ask "What is done with the goods?"
fact destination: country
fact parts: set of one of { lash, grip }
fact holders: count
fact share: number
fact shown: yes/no ask "Are they only shown?"
fact returned: yes/no ask "Do they come back?"
fact aware: yes/no, presumed no ask "Does the carrier know?" answered by carrier because "s. 3: only who knows is bound"
fact goods.code: code CN
fact goods.kind: one of { whip, electric { stun_gun, shield }, baton } ask "What are the goods?"
fact goods.length: length ask "How long are they?"
fact goods.worn: yes/no ask "Are they worn?"
fact goods.loud: yes/no ask "Are they loud?"
fact licence.destination: country
constraint whips "A whip is not worn" { always not (goods.kind is whip and goods.worn) }
policy act "Act" { source "Act" applies when date >= 2000-01-01 known from 2020-01-01 otherwise permit }
licence single "Single licence" { covers when licence.destination is destination }
rule s_1 "Long whips" { cite "s. 1" when activity is export and goods.kind is whip and goods.length >= 300 mm then prohibit }
rule s_2 "Stun guns" { cite "s. 2" when activity is export and goods.kind is stun_gun then require single }
rule s_3 "Worn shields" { cite "s. 3" when activity is export and goods.kind is shield and (goods.worn or aware) then prohibit }
rule s_4 "Loud batons" { cite "s. 4" when activity is export and goods.kind is baton and goods.loud then prohibit }
exception s_5 "Shown" to s_1 { cite "s. 5" claimed when shown when shown and returned then permit }
"#;

fn begin<'p>(policy: &'p Policy, json: &str) -> Interview<'p> {
    Interview::new(policy, "case", json, &Overlay::default()).unwrap_or_else(|r| panic!("{r}"))
}

fn asked(interview: &Interview<'_>) -> String {
    interview.next().map_or_else(|| "-".to_owned(), |q| q.name.clone())
}

const EXPORT: &str = r#"{ "date": "2026-03-02", "activity": "export", "destination": "TR" }"#;

#[test]
fn what_names_the_goods_comes_first_and_nothing_is_asked_that_changes_nothing() {
    let policy = files(vec![law("law.gate", LAW)]);
    let mut interview = begin(&policy, EXPORT);
    let first = interview.next().unwrap();
    assert_eq!(
        (first.name.as_str(), first.ask.as_str(), first.about),
        ("goods.kind", "What are the goods?", About::Fact)
    );
    assert_eq!(first.values, ["whip", "electric", "stun_gun", "shield", "baton"]);
    let possible: Vec<&str> = first.possible.iter().map(|o| o.as_str()).collect();
    assert_eq!(possible, ["prohibited", "licence_required", "permitted"]);
    let waiting: BTreeSet<&str> = first.why.iter().map(|w| w.name.as_str()).collect();
    assert_eq!(waiting, BTreeSet::from(["s_1", "s_2", "s_3", "s_4"]));
    interview.answer("baton").unwrap();
    assert_eq!(asked(&interview), "goods.loud", "of a baton neither length nor being worn matters");
    interview.answer("no").unwrap();
    assert_eq!(asked(&interview), "-");
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "permitted");
    assert!(begin(&policy, &EXPORT.replace("export", "import")).next().is_none(), "no rule is about imports");
}

#[test]
fn units_are_converted_and_a_bad_answer_leaves_the_question() {
    let policy = files(vec![law("law.gate", LAW)]);
    let mut interview = begin(&policy, EXPORT);
    interview.answer("whip").unwrap();
    let question = interview.next().unwrap().clone();
    assert_eq!(question.name, "goods.length");
    assert!(question.units.contains(&"in") && !question.units.contains(&"kg"), "{:?}", question.units);
    for (bad, said) in [
        ("12 kg", "measures mass, not length"),
        ("12", "needs a number and a unit"),
        ("long", "length"),
        ("", "expected"),
    ] {
        let message = interview.answer(bad).unwrap_err();
        assert!(message.contains(said), "{bad}: {message}");
        assert_eq!(interview.next(), Some(&question));
    }
    // 12 inches are 304.8 mm, 11.8 inches are 299.72 mm; the threshold is 300 mm.
    interview.answer("11.8 in").unwrap();
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "permitted");
    assert!(interview.back());
    interview.answer("12 in").unwrap();
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "prohibited");
    assert!(interview.consignment(false).contains("304.8 mm"), "{}", interview.consignment(false));
}

#[test]
fn unknown_is_never_asked_again_and_back_takes_it_back() {
    let policy = files(vec![law("law.gate", LAW)]);
    let mut interview = begin(&policy, EXPORT);
    assert!(interview.answer("back").unwrap_err().contains("first"));
    interview.answer("whip").unwrap();
    interview.answer("Unknown").unwrap();
    // What is left: whether they are shown, which could make a prohibition milder.
    assert_eq!(asked(&interview), "shown");
    assert_eq!(interview.closed(), ["goods.length"]);
    interview.answer("unknown").unwrap();
    assert_eq!(asked(&interview), "-");
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "undetermined");
    interview.answer("x").unwrap_err();
    assert!(interview.back());
    interview.answer("back").unwrap();
    assert_eq!((asked(&interview), interview.closed().len()), ("goods.length".to_owned(), 0));
    interview.answer("back").unwrap();
    assert_eq!(asked(&interview), "goods.kind");
    assert!(!interview.consignment(false).contains("whip"), "{}", interview.consignment(false));
    interview.answer("baton").unwrap();
    assert_eq!(asked(&interview), "goods.loud");
}

#[test]
fn an_answer_that_no_consignment_can_have_is_refused_and_asked_again() {
    let policy = files(vec![law("law.gate", LAW)]);
    let mut interview = begin(&policy, &EXPORT.replace("}", r#", "goods": { "worn": true } }"#));
    assert_eq!(asked(&interview), "goods.kind");
    let before = interview.consignment(true);
    let message = interview.answer("whip").unwrap_err();
    assert!(message.contains("A whip is not worn") && message.contains("goods.kind"), "{message}");
    assert_eq!((asked(&interview), interview.consignment(true)), ("goods.kind".to_owned(), before));
    interview.answer("shield").unwrap();
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "prohibited");
}

#[test]
fn the_date_comes_first_and_must_be_known() {
    let policy = files(vec![law("law.gate", LAW)]);
    let mut interview = begin(&policy, "{}");
    assert_eq!((asked(&interview), interview.next().unwrap().about), ("date".to_owned(), About::Date));
    assert!(interview.decision().is_none());
    for bad in ["unknown", "tomorrow", "2026-02-30"] {
        assert!(interview.answer(bad).unwrap_err().contains("2026-03-02"));
    }
    interview.answer("2026-03-02").unwrap();
    assert_eq!(asked(&interview), "goods.kind");
    assert!(interview.back());
    assert_eq!(asked(&interview), "date");
    let mistake = Interview::new(&policy, "case", r#"{ "colour": "red" }"#, &Overlay::default());
    assert!(mistake.is_err(), "a mistake is reported before anything is asked");
}

#[test]
fn a_claim_is_asked_for_where_it_would_help() {
    let policy = files(vec![law("law.gate", LAW)]);
    let long = EXPORT.replace("}", r#", "goods": { "kind": "whip", "length": "1 m" } }"#);
    let mut interview = begin(&policy, &long);
    let question = interview.next().unwrap();
    assert_eq!((question.name.as_str(), question.about, question.why[0].name.as_str()), ("shown", About::Claim, "s_5"));
    interview.answer("yes").unwrap();
    assert_eq!(asked(&interview), "returned");
    interview.answer("yes").unwrap();
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "permitted");
    assert!(interview.back() && interview.back());
    interview.answer("no").unwrap();
    assert_eq!(asked(&interview), "-");
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "prohibited");
}

#[test]
fn presumptions_are_put_before_it_ends_in_permitted() {
    let policy = files(vec![law("law.gate", LAW)]);
    let shield = EXPORT.replace("}", r#", "goods": { "kind": "shield", "worn": false } }"#);
    let mut interview = begin(&policy, &shield);
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "permitted");
    let question = interview.next().unwrap();
    assert_eq!((question.name.as_str(), question.about), ("aware", About::Presumption));
    assert_eq!(question.presumed.as_deref(), Some("no: s. 3: only who knows is bound"));
    assert_eq!(question.answered_by.as_deref(), Some("carrier"));
    interview.answer("yes").unwrap();
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "prohibited");
    assert!(interview.back());
    interview.answer("unknown").unwrap();
    assert_eq!(asked(&interview), "-");
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "permitted");
}

#[test]
fn a_broad_value_is_asked_for_more_exactly_and_only_narrower_ones_are_taken() {
    let policy = files(vec![law("law.gate", LAW)]);
    let mut interview = begin(&policy, EXPORT);
    interview.answer("electric").unwrap();
    let question = interview.next().unwrap();
    assert_eq!((question.name.as_str(), question.given.as_deref()), ("goods.kind", Some("electric")));
    assert_eq!(question.values, ["electric", "stun_gun", "shield"]);
    assert!(interview.answer("baton").unwrap_err().contains("electric"));
    interview.answer("stun gun").unwrap();
    assert_eq!(asked(&interview), "licences");
    interview.back();
    interview.answer("electric").unwrap();
    assert_ne!(asked(&interview), "goods.kind", "nothing more exact is known, so it is not asked again");
}

#[test]
fn licences_held_are_asked_for_and_then_what_they_are_for() {
    let policy = files(vec![law("law.gate", LAW)]);
    let gun = EXPORT.replace("}", r#", "goods": { "kind": "stun_gun" } }"#);
    let mut interview = begin(&policy, &gun);
    let question = interview.next().unwrap();
    assert_eq!((question.about, question.values.join(" ").as_str()), (About::Licence, "none single"));
    assert!(interview.answer("double").unwrap_err().contains("double"));
    interview.answer("single").unwrap();
    assert_eq!(asked(&interview), "licence.destination");
    interview.answer("US").unwrap();
    assert_eq!((asked(&interview), interview.decision().unwrap().may_proceed), ("licences".to_owned(), Some(false)));
    interview.answer("single").unwrap();
    assert_eq!(asked(&interview), "licence.2.destination");
    interview.answer("tr").unwrap();
    assert_eq!((asked(&interview), interview.decision().unwrap().may_proceed), ("-".to_owned(), Some(true)));
    let mut other = begin(&policy, &gun);
    other.answer("none").unwrap();
    assert_eq!((asked(&other), other.decision().unwrap().may_proceed), ("-".to_owned(), Some(false)));
}

#[test]
fn items_are_taken_one_after_the_other() {
    let policy = files(vec![law("law.gate", LAW)]);
    let two = EXPORT.replace("}", r#", "goods": [ { "kind": "baton" }, { "kind": "whip" } ] }"#);
    let mut interview = begin(&policy, &two);
    assert_eq!((asked(&interview), interview.next().unwrap().item), ("goods.1.loud".to_owned(), Some(1)));
    interview.answer("no").unwrap();
    assert_eq!((asked(&interview), interview.next().unwrap().item), ("goods.2.length".to_owned(), Some(2)));
    interview.close("goods.2.length").unwrap();
    assert_eq!(asked(&interview), "shown");
    assert!(interview.close("goods.2.lenght").is_err() && interview.close("nothing").is_err());
    assert_eq!(interview.decision().unwrap().outcome.as_str(), "undetermined");
}

/// Every full consignment of the law above, where each fact may also be unknown: the interview ends as it does.
#[test]
fn every_interview_ends_in_the_decision_on_all_that_could_be_answered() {
    let policy = files(vec![law("law.gate", LAW)]);
    let flags = ["", "true", "false"];
    let (mut runs, mut asked) = (0, 0);
    for kind in ["", "whip", "electric", "stun_gun", "shield", "baton"] {
        // The length is asked of whips alone.
        let lengths: &[&str] = if ["", "whip"].contains(&kind) { &["", "299 mm", "1 ft"] } else { &[""] };
        for length in lengths.iter().copied() {
            for bits in 0..3_usize.pow(5) {
                let mut goods = serde_json::Map::new();
                let mut full = serde_json::from_str::<serde_json::Map<String, Value>>(EXPORT).unwrap();
                let flag = |n: u32| flags[bits / 3_usize.pow(n) % 3];
                // So is a claim; and only batons are loud.
                let claims = ["", "whip"].contains(&kind) || flag(2).is_empty() && flag(3).is_empty();
                let noise = ["", "baton"].contains(&kind) || flag(1).is_empty();
                if !claims || !noise {
                    continue;
                }
                for (n, name) in ["goods.worn", "goods.loud", "shown", "returned", "aware"].into_iter().enumerate() {
                    let Ok(value) = serde_json::from_str::<Value>(flag(n as u32)) else { continue };
                    match name.strip_prefix("goods.") {
                        Some(name) => goods.insert(name.to_owned(), value),
                        None => full.insert(name.to_owned(), value),
                    };
                }
                for (name, value) in [("kind", kind), ("length", length)].into_iter().filter(|(_, v)| !v.is_empty()) {
                    goods.insert(name.to_owned(), Value::String(value.to_owned()));
                }
                full.insert("goods".to_owned(), Value::Object(goods));
                let full = Value::Object(full);
                let Ok(whole) = policy.decide(&full.to_string()) else { continue };
                let (interview, questions) = run(&policy, &serde_json::from_str(EXPORT).unwrap(), &full);
                assert_eq!(essence(interview.decision().unwrap()), essence(&whole), "{full}: {questions:?}");
                (runs, asked) = (runs + 1, asked + questions.len());
            }
        }
    }
    println!("{asked} questions in {runs} interviews");
    assert!(runs > 800);
}

#[test]
fn ask_takes_answers_from_a_file_and_keeps_the_consignment() {
    let f = Folder::new()
        .with("law.gate", LAW)
        .with("case.json", EXPORT)
        .with("answers.txt", "# a whip of a foot\ngoods.kind = whip\ngoods.length = 12 in\ngoods.loud = yes\n");
    cli(&f, "ask -p law.gate --answers answers.txt --save kept.json case.json")
        .exits(1)
        .says(&["1. What are the goods? [goods.kind]", "> whip", "> 12 in", "> unknown", "PROHIBITED", "kept.json"])
        .complains(&["not asked", "goods.loud"]);
    cli(&f, "decide -p law.gate kept.json").exits(1).says(&["PROHIBITED"]);
    // What the file does not say is unknown.
    let f = f.with("answers.txt", "goods.kind = whip\n");
    cli(&f, "ask -p law.gate --answers answers.txt case.json").exits(2).says(&["> unknown", "UNDETERMINED"]);
    for (text, said) in [
        ("goods.kind = cheese\n", "cheese"),
        ("goods.colour = red\n", "answers.txt:1"),
        ("goods.kind\n", "FACT = VALUE"),
    ] {
        let f = Folder::new().with("law.gate", LAW).with("case.json", EXPORT).with("answers.txt", text);
        cli(&f, "ask -p law.gate --answers answers.txt case.json").exits(3).complains(&[said]);
    }
    cli(&f, "ask -p law.gate --unknown goods.kin case.json").exits(3).complains(&["goods.kind"]);
    cli(&f, "ask -p law.gate no.json").exits(3).complains(&["no.json"]);
}

#[test]
fn ask_takes_the_lines_of_standard_input_as_answers() {
    let f = Folder::new().with("law.gate", LAW).with("case.json", EXPORT);
    cli(&f, "ask -p law.gate case.json").stdin("whip\nwhy\n12 kg\nback\nbaton\nno\n").exits(0).says(&[
        "s_1: Long whips (s. 1)",
        "measures mass, not length",
        "[goods.loud]",
        "PERMITTED",
        "\"kind\": \"baton\"",
    ]);
    // An interview that is stopped leaves the answer open.
    cli(&f, "ask -p law.gate case.json").stdin("stop\n").exits(2).says(&["UNDETERMINED"]);
    cli(&f, "ask -p law.gate case.json").stdin("").exits(2);
    let out = cli(&f, "ask -p law.gate").stdin("2026-03-02\nwhip\n").exits(2);
    assert!(out.stdout.lines().all(|l| l.chars().count() <= 80), "{}", out.stdout);
}

#[test]
fn ask_for_programs_gives_one_question_at_a_time_and_keeps_nothing() {
    let f = Folder::new().with("law.gate", LAW).with("case.json", EXPORT);
    let first = cli(&f, "ask -p law.gate --format json case.json").exits(2).lines();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0]["schema"], "portcullis.question/1");
    assert_eq!((&first[0]["question"]["name"], &first[0]["decision"]), (&"goods.kind".into(), &Value::Null));
    // The answer is filled in by the program that asks.
    let mut case = first[0]["consignment"].clone();
    case["goods"] = serde_json::json!({ "kind": "whip" });
    let f = f.with("case.json", case.to_string());
    let second = cli(&f, "ask -p law.gate --format json case.json").exits(2).lines().remove(0);
    assert_eq!(second["question"]["name"], "goods.length");
    assert!(second["question"]["units"].as_array().unwrap().contains(&"in".into()));
    let third = cli(&f, "ask -p law.gate --format json --unknown goods.length case.json").exits(2).lines().remove(0);
    assert_eq!(
        (&third["question"]["name"], &third["unknown"]),
        (&"shown".into(), &serde_json::json!(["goods.length"]))
    );
    let end = cli(&f, "ask -p law.gate --format json --unknown goods.length --unknown shown case.json").exits(2);
    let end = end.lines().remove(0);
    assert_eq!((&end["question"], &end["decision"]["outcome"]), (&Value::Null, &"undetermined".into()));
    let dated = cli(&f, "ask -p law.gate --format json").exits(2).lines().remove(0);
    assert_eq!((&dated["question"]["about"], &dated["consignment"]), (&"date".into(), &serde_json::json!({})));
}
