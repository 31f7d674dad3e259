//! Ways round a rule: a small world against enumeration over all states, and the real policies against the law.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use portcullis::analyze::routes::{self, Answer, Routes, Sure, WhyNotHere};
use portcullis::consignment::Overlay;
use portcullis::model::country::{self, Status};
use portcullis::{LawFile, Policy, embedded};
use serde_json::json;

use crate::support::{law, load, read};

/// Three states with law: AA's bans whips except to its friends, and follows goods of its own abroad; BE's asks for a
/// licence to leave and bans what comes from China; CH's asks for nothing, or, of heavy goods, something unknown.
const TOY: &str = r#"
fact date: date
fact from: country
fact destination: country
fact origin: country
fact transit: set of country
fact heavy: yes/no
fact goods.kind: one of { whip, baton }
group friends { BE, CH, JP, KR }
"#;

const POLICIES: [(&str, &str); 3] = [
    (
        "a",
        r#"
policy a "A" { source "A" applies when from is AR or origin is AR known from 2020-01-01 otherwise permit }
rule ban "Export of whips" { cite "s. 1" when goods.kind is whip and not destination in friends then prohibit }
exception museum "To Peru" to ban { cite "s. 2" when destination is PE then require single }
licence single "Licence" { }
"#,
    ),
    (
        "b",
        r#"
policy b "B" { source "B" applies when from is BE or destination is BE known from 2020-01-01 otherwise permit }
rule outward "Export of whips" { cite "s. 1" when from is BE and goods.kind is whip and not destination in {JP, FR} then require single }
rule inward "Import of whips from China" { cite "s. 2" when destination is BE and from is CN and goods.kind is whip then prohibit }
licence single "Licence" { }
"#,
    ),
    (
        "c",
        r#"
policy c "C" { source "C" applies when from is CH known from 2020-01-01 otherwise permit }
rule heavy "Export of heavy whips" { cite "s. 1" when heavy and goods.kind is whip and destination in {MX, NZ} then prohibit }
"#,
    ),
];

fn toy() -> Policy {
    let mut files = vec![law("trade.gate", TOY)];
    for (name, text) in POLICIES {
        files.push(law(&format!("{name}/law.gate"), &format!("use trade\n{text}")));
    }
    load(files).unwrap_or_else(|r| panic!("{r}"))
}

fn find(policy: &Policy, json: &serde_json::Value, set: &[(&str, &str)]) -> Routes {
    let set = set.iter().map(|(f, v)| ((*f).to_owned(), (*v).to_owned())).collect();
    let case = policy.read("goods", &json.to_string(), &Overlay { as_of: None, set }).unwrap_or_else(|r| panic!("{r}"));
    routes::find(policy.world(), &policy.evaluator(), &policy.plain_evaluator(), &case).expect("there is an answer")
}

/// All states that exist in 2026.
fn states() -> Vec<&'static str> {
    let there = |c: &country::CountryId| !matches!(c.status(), Status::Historic { until } if until < 2026);
    country::all().filter(there).map(country::CountryId::code).collect()
}

/// Each path by its stops, with how sure it is.
type Paths = BTreeMap<Vec<String>, Sure>;

fn listed(found: &Routes) -> Paths {
    let mut out = BTreeMap::new();
    for route in &found.routes {
        let mut paths: Vec<Vec<String>> = vec![Vec::new()];
        for stop in &route.stops {
            paths = paths.iter().flat_map(|p| stop.iter().map(|s| [p.clone(), vec![s.clone()]].concat())).collect();
        }
        paths.retain(|p| p.iter().collect::<BTreeSet<_>>().len() == p.len());
        assert_eq!(paths.len(), route.paths);
        for path in paths {
            assert!(out.insert(path.clone(), route.sure).is_none(), "{path:?} stands twice");
        }
    }
    assert_eq!(out.len(), found.paths);
    out
}

/// The paths by trying every state, each leg decided by the plain interpreter alone.
fn enumerated(policy: &Policy, facts: &serde_json::Value, from: &str, to: &str) -> Paths {
    // Who speaks for which state is written in the law above.
    let law_of = |state: &str| match state {
        "AR" => Some("a"),
        "BE" => Some("b"),
        "CH" => Some("c"),
        _ => None,
    };
    let evaluator = policy.plain_evaluator();
    let strictness = ["not_applicable", "permitted", "licence_required", "prohibited"];
    let rank = |word: &str| strictness.iter().position(|w| *w == word).expect("an outcome");
    let mut kept: BTreeMap<(String, String), (usize, usize, bool)> = BTreeMap::new();
    let mut leg = |a: &str, b: &str| -> (usize, usize, bool) {
        *kept.entry((a.to_owned(), b.to_owned())).or_insert_with(|| {
            let mut facts = facts.clone();
            facts["from"] = json!(a);
            facts["destination"] = json!(b);
            facts["transit"] = json!([]);
            let d = policy
                .decide_with(&evaluator, "leg", &facts.to_string(), &Overlay::default(), &Default::default())
                .unwrap_or_else(|r| panic!("{r}"));
            let possible: Vec<usize> = match d.outcome.0 {
                Some(o) => vec![rank(o.as_str())],
                None => d.possible_outcomes.iter().map(|o| rank(o.as_str())).collect(),
            };
            let own = d.policies.iter().find(|p| Some(p.policy.as_str()) == law_of(a));
            let spoken = own.is_some_and(|p| {
                let outcomes: Vec<&str> = match p.outcome.0 {
                    Some(o) => vec![o.as_str()],
                    None => p.possible.outcomes.iter().map(|o| o.as_str()).collect(),
                };
                !outcomes.contains(&"not_applicable")
            });
            (*possible.iter().min().expect("some"), *possible.iter().max().expect("some"), spoken)
        })
    };
    let (target, same, _) = leg(from, to);
    assert_eq!(target, same, "the direct way is decided");
    let mut sure = |a: &str, b: &str| match leg(a, b) {
        (least, ..) if least >= target => None,
        (.., false) => Some(Sure::Unknown),
        (_, most, true) if most < target => Some(Sure::Open),
        _ => Some(Sure::Depends),
    };
    let stops: Vec<&str> = states().into_iter().filter(|s| *s != from && *s != to).collect();
    let (mut out, mut inward, mut outward) = (Paths::new(), BTreeMap::new(), BTreeMap::new());
    for x in &stops {
        inward.insert(*x, sure(from, x));
        outward.insert(*x, sure(x, to));
        if let (Some(i), Some(o)) = (inward[x], outward[x]) {
            out.insert(vec![(*x).to_owned()], i.max(o));
        }
    }
    let alone = out.clone();
    for x in &stops {
        for y in stops.iter().filter(|y| *y != x) {
            let (Some(i), Some(o)) = (inward[x], outward[y]) else { continue };
            let Some(between) = sure(x, y) else { continue };
            let all = i.max(between).max(o);
            let shorter = |s: &str| alone.get(&vec![s.to_owned()]).is_some_and(|a| *a <= all);
            if !shorter(x) && !shorter(y) {
                out.insert(vec![(*x).to_owned(), (*y).to_owned()], all);
            }
        }
    }
    out
}

#[test]
fn all_paths_are_found_and_no_others() {
    let policy = toy();
    let whip = |origin: &str, heavy: Option<bool>| {
        let mut facts = json!({ "date": "2026-03-02", "origin": origin, "goods": { "kind": "whip" } });
        if let Some(heavy) = heavy {
            facts["heavy"] = json!(heavy);
        }
        facts
    };
    for (origin, heavy, from, to) in [
        // Made elsewhere, so that A does not follow: open by Belgium and Switzerland, unknown by Japan and Korea.
        ("DE", Some(false), "AR", "MX"),
        // What is heavy depends.
        ("DE", None, "AR", "MX"),
        ("DE", Some(true), "AR", "NZ"),
        // A follows its own goods.
        ("AR", Some(false), "AR", "MX"),
        // A licence, to be gone round by what is free.
        ("DE", None, "BE", "MX"),
        ("DE", Some(false), "AR", "PE"),
    ] {
        let facts = whip(origin, heavy);
        let found = find(&policy, &facts, &[("from", from), ("destination", to)]);
        assert!(found.resolved);
        let wanted = enumerated(&policy, &facts, from, to);
        assert_eq!(listed(&found), wanted, "{origin} {heavy:?} {from} {to}");
        for change in &found.closing {
            // Whoever closes some closes those that come through it.
            let through = |path: &Vec<String>, state: &String| *state == from || *state == to || path.contains(state);
            let closes = |states: &[String]| wanted.keys().filter(|p| states.iter().any(|s| through(p, s))).count();
            match change.policy {
                Some(_) => assert_eq!(closes(&change.states), change.closes, "{change:?}"),
                None => {
                    change.states.iter().for_each(|s| assert_eq!(closes(std::slice::from_ref(s)), change.closes, "{s}"))
                }
            }
        }
    }
}

#[test]
fn who_speaks_for_a_state_follows_from_the_policies() {
    let found = find(
        &toy(),
        &json!({ "date": "2026-03-02", "origin": "AR", "goods": { "kind": "whip" } }),
        &[("from", "AR"), ("destination", "MX")],
    );
    let homes: Vec<(&str, Vec<&str>)> = found
        .homes
        .iter()
        .map(|h| (h.policy.as_str(), h.states.iter().flatten().map(String::as_str).collect()))
        .collect();
    // That A follows goods made there abroad, and B looks at what comes in, makes no other state theirs.
    assert_eq!(homes, [("a", vec!["AR"]), ("b", vec!["BE"]), ("c", vec!["CH"])]);
    assert_eq!(found.answer, Answer::Closed);
}

#[test]
fn a_way_without_law_is_unknown_and_never_free() {
    let policy = toy();
    let facts = json!({ "date": "2026-03-02", "origin": "DE", "heavy": false, "goods": { "kind": "whip" } });
    let direct = find(&policy, &facts, &[("from", "FR"), ("destination", "MX")]);
    assert_eq!((direct.answer, direct.direct.no_law_of.as_deref()), (Answer::DirectUnknown, Some("FR")));
    // What enters Belgium from China is banned, whoever speaks for China.
    let banned = find(&policy, &facts, &[("from", "CN"), ("destination", "BE")]);
    assert_eq!(banned.direct.outcome.as_str(), "prohibited");
    assert_eq!(banned.answer, Answer::Unknown);
    let free = find(&policy, &facts, &[("from", "CH"), ("destination", "MX")]);
    assert_eq!(free.answer, Answer::NothingToGoRound);
    let open = find(
        &policy,
        &json!({ "date": "2026-03-02", "origin": "DE", "goods": { "kind": "whip" } }),
        &[("from", "CH"), ("destination", "MX")],
    );
    assert_eq!((open.answer, open.direct.missing.as_slice()), (Answer::DirectUndetermined, &["heavy".to_owned()][..]));
}

/// The law of the Union, the United States and Great Britain.
static REAL: LazyLock<Policy> = LazyLock::new(|| {
    let needed = |f: &LawFile| {
        let ours = ["trade.gate", "alliance/", "eu/", "us/", "gb/"].iter().any(|p| f.path.starts_with(p));
        ours && !f.path.ends_with(".test.gate")
    };
    load(embedded::files().into_iter().filter(needed).collect()).expect("the shipped law loads")
});

fn real(goods: &str, from: &str, to: &str, origin: &str) -> Routes {
    let facts: serde_json::Value = serde_json::from_str(&read(&format!("examples/goods/{goods}.json"))).expect("JSON");
    find(
        &REAL,
        &facts,
        &[("date", "2026-03-02"), ("activity", "export"), ("from", from), ("destination", to), ("origin", origin)],
    )
}

/// All states that a path stops at, by how sure it is.
fn stops(found: &Routes, sure: Sure) -> BTreeSet<&str> {
    let routes = found.routes.iter().filter(|r| r.sure == sure);
    routes.flat_map(|r| r.stops.iter().flatten().map(String::as_str)).collect()
}

/// Law that asks for as much of every destination, or follows its goods abroad, cannot be gone round.
#[test]
fn what_is_banned_or_asked_for_everywhere_cannot_be_gone_round() {
    for (goods, from, outcome) in [
        // Annex II, Art. 3(1): whatever the destination, so no leg out of the Union is weaker.
        ("sjambok", "NL", "prohibited"),
        ("shock-belt", "NL", "prohibited"),
        // The assimilated list as taken over: the same, but gang chains are in Annex III.
        ("spiked-baton", "GB", "prohibited"),
        ("gang-chain", "GB", "licence_required"),
        // 0A983: a licence to every destination, Canada included.
        ("thumb-cuffs", "US", "licence_required"),
        // 0A978 and 0A982: free to some, and what goes on from there is a reexport of goods of United States origin.
        ("whip", "US", "licence_required"),
    ] {
        let found = real(goods, from, "ZA", from);
        assert_eq!(found.direct.outcome.as_str(), outcome, "{goods} from {from}");
        assert_eq!(found.answer, Answer::Closed, "{goods} from {from}: {:?}", found.routes);
        assert!(found.resolved && found.states > 250);
    }
    // The British list has no sjamboks, so there is nothing to go round.
    assert_eq!(real("sjambok", "GB", "ZA", "GB").answer, Answer::NothingToGoRound);
}

#[test]
fn foreign_goods_from_the_united_states_go_round_by_where_no_mark_stands() {
    // 0A982: no licence to Canada alone; whether Canada asks for one is not encoded.
    let chain = real("gang-chain", "US", "ZA", "CN");
    assert_eq!(chain.answer, Answer::Unknown);
    assert_eq!(stops(&chain, Sure::Unknown), BTreeSet::from(["CA"]));
    assert!(stops(&chain, Sure::Open).is_empty() && stops(&chain, Sure::Depends).is_empty());
    // 0A983: to every destination.
    assert_eq!(real("thumb-cuffs", "US", "ZA", "CN").answer, Answer::Closed);
    // 0A978: where CC column 1 is blank. Nine lashes may enter neither the Union nor Great Britain; a sjambok may enter
    // Great Britain, and leave it for anywhere.
    let whip = real("whip", "US", "ZA", "CN");
    assert_eq!(whip.answer, Answer::Unknown);
    let through = stops(&whip, Sure::Unknown);
    assert!(["AU", "CA", "JP", "NO", "NZ", "TR"].iter().all(|s| through.contains(s)), "{through:?}");
    assert!(["BR", "DE", "FR", "GB", "KP", "MX", "NL", "RU"].iter().all(|s| !through.contains(s)), "{through:?}");
    let sjambok = real("sjambok", "US", "ZA", "CN");
    assert_eq!(sjambok.answer, Answer::Open);
    assert_eq!(stops(&sjambok, Sure::Open), BTreeSet::from(["GB"]));
    let open = sjambok.routes.first().expect("a route");
    let (first, last) = (&open.legs[0], &open.legs[1]);
    assert_eq!((first.outcome.as_str(), last.outcome.as_str()), ("permitted", "permitted"));
    let why = |leg: &routes::Leg| leg.not_here.iter().map(|n| (n.rule.clone(), n.why)).collect::<Vec<_>>();
    assert_eq!(why(first), [("cc_column_1".to_owned(), WhyNotHere::NotMet)]);
    assert_eq!(why(last), [("cc_column_1".to_owned(), WhyNotHere::OutOfReach)]);
    // A rule of the United States on the first leg would close them all, one of Great Britain its own.
    let closes = |policy: &str| sjambok.closing.iter().find(|c| c.policy.as_deref() == Some(policy)).map(|c| c.closes);
    assert_eq!(closes("us.ear"), Some(sjambok.paths));
    assert_eq!(closes("gb.torture"), Some(1));
    assert_eq!(closes("eu.torture"), None);
}

#[test]
fn execution_drugs_go_round_by_the_destinations_of_the_general_authorisation() {
    let found = real("pentobarbital", "DE", "US", "DE");
    assert_eq!(found.direct.outcome.as_str(), "licence_required");
    assert_eq!(found.answer, Answer::Unknown);
    let through = stops(&found, Sure::Unknown);
    // Annex V, Part 2: named there; and not named, or a licence besides on the way out.
    assert!(["AR", "AU", "CA", "CH", "GL", "NO", "TR", "ZA"].iter().all(|s| through.contains(s)), "{through:?}");
    assert!(["BR", "FR", "GB", "JP", "KR", "XI"].iter().all(|s| !through.contains(s)), "{through:?}");
    assert!(stops(&found, Sure::Open).is_empty());
    let first = &found.routes.first().expect("a route").legs[0];
    assert_eq!(first.policies[0].under.as_deref(), Some("eu_gea"));
    assert_eq!((first.not_here[0].why, first.not_here[0].by.as_deref()), (WhyNotHere::Defeated, Some("annex_V")));
}

#[test]
fn goods_of_an_entry_are_those_that_the_direct_way_holds_strictest() {
    let world = REAL.world();
    let entry = world.categories.iter().enumerate().filter(|(_, c)| c.name == "alliance.goods.sjambok");
    let entry: Vec<_> = entry.map(|(i, _)| portcullis::model::CategoryId(i as u32)).collect();
    let start = r#"{ "date": "2026-03-02", "activity": "export", "from": "NL", "destination": "ZA" }"#;
    let start = REAL.read("start", start, &Overlay::default()).expect("it is read");
    let case = routes::goods_of(world, &REAL.evaluator(), &start, &entry).expect("there are such goods");
    let facts: BTreeMap<&str, String> = case.items[0]
        .iter()
        .map(|(f, v)| (world.fact(*f).name.as_str(), v.display(&world.fact(*f).ty, world)))
        .collect();
    // A sjambok that is no herding instrument is banned.
    let wanted = BTreeMap::from([
        ("goods.kind", "whip".to_owned()),
        ("goods.is_sjambok", "yes".to_owned()),
        ("goods.traditional_herding_instrument", "no".to_owned()),
    ]);
    assert_eq!(facts, wanted);
}
