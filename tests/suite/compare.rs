//! The law of several states side by side: against enumeration on a small domain, and against the law of real states.

use std::collections::BTreeSet;

use portcullis::Policy;
use portcullis::analyze::compare::{Column, Comparison, LIMIT, Question, Step, compare, strictness};
use portcullis::consignment::Overlay;
use portcullis::eval::Outcome;
use portcullis::model::date::parse_date;
use portcullis::model::{CategoryId, PolicyId};
use serde_json::{Value, json};

use crate::support::{law, load};

const TRADE: &str = "fact date: date
fact activity: one of { export, import }
fact from: country
fact destination: country
fact goods.kind: one of { whip, baton, glove }
fact goods.barbed: yes/no
fact goods.length: length
constraint gloves \"A glove has no barbs\" { always not (goods.kind is glove and goods.barbed) }
category neutral \"Goods\" { when goods.kind in {whip, baton} }
";

const NORTH: &str = "use trade
policy north \"N\" { source \"S\" applies when from is NO known from 2020-01-01 otherwise permit }
rule ban \"B\" { cite \"1\" when activity is export and goods.kind is whip and not destination is TR then prohibit }
exception short \"E\" to ban { cite \"2\" when goods.length < 500 mm and not goods.barbed then permit }
";

const SOUTH: &str = "use trade
policy south \"S\" { source \"S\" applies when from is ZA known from 2021-01-01 otherwise permit }
licence some \"L\" { note \"n\" }
rule needs \"A\" { cite \"1\" when activity is export and (goods.barbed or destination is US) then require some }
rule ban \"B\" { cite \"2\" when activity is export and goods.kind is baton and destination is TR then prohibit }
";

fn toy() -> Policy {
    let files = vec![law("trade.gate", TRADE), law("north/law.gate", NORTH), law("south/law.gate", SOUTH)];
    load(files).unwrap_or_else(|r| panic!("{r}"))
}

fn columns(policy: &Policy, names: &[(&str, &[&str])]) -> Vec<Column> {
    let id = |name: &&str| {
        let found = policy.world().policies.iter().position(|p| p.name == **name);
        PolicyId(found.unwrap_or_else(|| panic!("{name}")) as u32)
    };
    let one = |(name, policies): &(&str, &[&str])| Column {
        name: (*name).to_owned(),
        policies: policies.iter().map(id).collect(),
        from: None,
    };
    names.iter().map(one).collect()
}

fn ask(
    policy: &Policy,
    day: &str,
    set: &[(&str, &str)],
    names: &[(&str, &[&str])],
    goods: &str,
    by: bool,
) -> Comparison {
    ask_within(policy, day, set, names, goods, by, LIMIT)
}

fn ask_within(
    policy: &Policy,
    day: &str,
    set: &[(&str, &str)],
    names: &[(&str, &[&str])],
    goods: &str,
    by: bool,
    limit: u32,
) -> Comparison {
    let set = set.iter().map(|(f, v)| ((*f).to_owned(), (*v).to_owned())).collect();
    let base = policy.read("base", "{}", &Overlay { as_of: parse_date(day), set }).unwrap_or_else(|r| panic!("{r}"));
    let all = (0..).map(CategoryId).zip(&policy.world().categories);
    let ids: Vec<CategoryId> = all.filter(|(_, c)| !c.unnamed && c.name == goods).map(|(id, _)| id).collect();
    assert!(!ids.is_empty(), "{goods}");
    let question = Question {
        base,
        columns: columns(policy, names),
        goods: vec![(goods.to_owned(), ids)],
        activities: vec!["export".to_owned()],
        by_destination: by,
        pairs: true,
        limit,
    };
    compare(policy.world(), &question)
}

const BOTH: &[(&str, &[&str])] = &[("north", &["north"]), ("south", &["south"])];

/// The outcome of each side for all goods of the entry and some destinations.
fn enumerated(policy: &Policy) -> Vec<(&'static str, [Outcome; 2])> {
    let evaluator = policy.plain_evaluator();
    let mut out = Vec::new();
    for destination in ["TR", "US", "FR", "CH"] {
        for kind in ["whip", "baton"] {
            for barbed in [true, false] {
                for length in ["499 mm", "500 mm", "501 mm"] {
                    let decide = |policy_name: &str, from: &str| {
                        let c: Value = json!({
                            "date": "2025-01-01", "activity": "export", "from": from, "destination": destination,
                            "goods": { "kind": kind, "barbed": barbed, "length": length }
                        });
                        let case = policy.read("c", &c.to_string(), &Overlay::default());
                        let case = case.unwrap_or_else(|r| panic!("{r}"));
                        let decided = evaluator.decide(&case, &Default::default()).expect("it can be so");
                        let own = decided.policies.iter().find(|p| p.policy == policy_name).expect("it is asked");
                        own.outcome.0.expect("all is known")
                    };
                    out.push((destination, [decide("north", "NO"), decide("south", "ZA")]));
                }
            }
        }
    }
    out
}

#[test]
fn cells_and_pairs_are_what_enumeration_finds() {
    let policy = toy();
    let all = enumerated(&policy);
    let found = ask(&policy, "2025-01-01", &[], BOTH, "neutral", false);
    assert!(found.resolved && found.differ);
    assert_eq!(found.rows.len(), 1);
    for (n, cell) in found.rows[0].cells.iter().enumerate() {
        let expected: BTreeSet<Outcome> = all.iter().map(|(_, o)| o[n]).collect();
        assert_eq!(cell.set().into_iter().collect::<BTreeSet<_>>(), expected, "column {n}");
        assert!(cell.outcomes.iter().all(|p| p.witness.is_some()), "column {n}: {cell:?}");
    }
    assert_eq!(found.rows[0].cells[0].from.as_deref(), Some("NO"));
    assert_eq!(found.rows[0].cells[1].from.as_deref(), Some("ZA"));
    let expected: BTreeSet<[Outcome; 2]> =
        all.iter().map(|(_, o)| *o).filter(|o| strictness(o[0]) != strictness(o[1])).collect();
    let steps = &found.pairs[0].steps;
    assert_eq!(steps.iter().map(|s| s.outcomes).collect::<BTreeSet<_>>(), expected);
    assert!(steps.iter().all(|s| s.witness.is_some()), "{steps:?}");
}

/// In the north an exception turns on a listed code, so the description may not be presumed to fit it: that would be
/// milder. In the south a ban does, so it may.
fn coded() -> Policy {
    let trade = format!(
        "{TRADE}fact goods.code: code CN
fact goods.plaited: yes/no
category whips \"Whips\" {{ code CN 6602 when goods.kind is whip and goods.plaited }}
"
    );
    let north = "use trade
policy north \"N\" { source \"S\" applies when from is NO known from 2020-01-01 otherwise permit }
rule every \"A\" { cite \"1\" when activity is export and goods.kind is whip then prohibit }
exception light \"E\" to every { cite \"2\" when goods in whips and goods.length < 500 mm then permit }
";
    let south = "use trade
policy south \"S\" { source \"S\" applies when from is ZA known from 2020-01-01 otherwise permit }
rule ban \"B\" { cite \"1\" when activity is export and goods in whips and not destination is TR then prohibit }
";
    let files = vec![law("trade.gate", &trade), law("north/law.gate", north), law("south/law.gate", south)];
    load(files).unwrap_or_else(|r| panic!("{r}"))
}

#[test]
fn what_a_small_limit_leaves_unsettled_is_a_bound_and_says_so() {
    let policy = coded();
    let whole = ask(&policy, "2025-01-01", &[], BOTH, "neutral", false);
    assert!(whole.resolved);
    let (mut resolved, mut bounds) = (0, 0);
    for limit in (0..700).step_by(3) {
        let found = ask_within(&policy, "2025-01-01", &[], BOTH, "neutral", false, limit);
        for (cell, exact) in found.rows[0].cells.iter().zip(&whole.rows[0].cells) {
            if cell.resolved {
                assert_eq!(cell.set(), exact.set(), "limit {limit}");
                resolved += 1;
            } else {
                assert!(exact.set().iter().all(|o| cell.set().contains(o)), "limit {limit}");
                assert!(!found.resolved, "limit {limit}");
                bounds += 1;
            }
        }
        for (pair, exact) in found.pairs.iter().zip(&whole.pairs).filter(|(p, _)| p.resolved) {
            let outcomes = |steps: &[Step]| steps.iter().map(|s| s.outcomes).collect::<Vec<_>>();
            assert_eq!(outcomes(&pair.steps), outcomes(&exact.steps), "limit {limit}");
        }
    }
    assert!(resolved > 0 && bounds > 0, "{resolved} resolved, {bounds} bounds");
}

#[test]
fn destinations_are_told_apart_as_enumeration_does() {
    let policy = toy();
    let all = enumerated(&policy);
    let found = ask(&policy, "2025-01-01", &[], BOTH, "neutral", true);
    for row in &found.rows {
        for to in ["TR", "US", "FR", "CH"] {
            if !row.destinations.iter().any(|d| d == to) {
                continue;
            }
            for (n, cell) in row.cells.iter().enumerate() {
                let expected: BTreeSet<Outcome> = all.iter().filter(|(d, _)| *d == to).map(|(_, o)| o[n]).collect();
                assert_eq!(cell.set().into_iter().collect::<BTreeSet<_>>(), expected, "column {n} to {to}");
            }
        }
    }
    let row_of = |to: &str| found.rows.iter().find(|r| r.destinations.iter().any(|d| d == to)).expect("a row");
    assert!(row_of("FR").destinations.contains(&"CH".to_owned()));
    assert!(row_of("NO").cells[0].at_home && !row_of("NO").cells[1].at_home);
}

#[test]
fn where_there_is_no_law_it_is_unknown() {
    let policy = toy();
    let names: &[(&str, &[&str])] = &[("north", &["north"]), ("south", &["south"]), ("CH", &[])];
    let found = ask(&policy, "2020-06-01", &[], names, "neutral", false);
    let cells = &found.rows[0].cells;
    assert!(cells[0].unknown.is_none());
    for n in [1, 2] {
        assert!(cells[n].unknown.is_some() && cells[n].outcomes.is_empty(), "{:?}", cells[n]);
    }
    assert!(!found.differ);
}

/// Whips with one plain lash were in no item until 19 August 2025; item 4.3 of Annex II lists sjamboks since the day
/// after, and Art. 3(1) bans their export.
#[test]
fn the_union_bans_sjamboks_since_20_august_2025() {
    let policy = load(portcullis::embedded::files()).unwrap_or_else(|r| panic!("{r}"));
    let facts = [
        ("destination", "ZA"),
        ("goods.lash_count", "1"),
        ("goods.lash_fitted_with_impact_enhancers", "no"),
        ("goods.traditional_herding_instrument", "no"),
    ];
    let names: &[(&str, &[&str])] = &[("eu", &["eu.torture"]), ("CH", &[])];
    for (day, outcome) in [("2025-08-19", Outcome::Permitted), ("2025-08-20", Outcome::Prohibited)] {
        let found = ask(&policy, day, &facts, names, "alliance.goods.sjambok", false);
        assert_eq!(found.rows[0].cells[0].set(), [outcome], "{day}");
        assert!(found.rows[0].cells[1].unknown.is_some());
    }
}

#[cfg(feature = "cli")]
mod program {
    //! The verb, as people and scripts run it.

    use serde_json::Value;

    use super::{NORTH, SOUTH, TRADE};
    use crate::cli::{Answer, Folder, run};

    fn folder() -> Folder {
        let folder = Folder::new().with("trade.gate", TRADE);
        folder.with("north/law.gate", NORTH).with("south/law.gate", SOUTH)
    }

    fn ask(rest: &str, status: i32) -> Answer {
        run(&folder(), &format!("compare --as-of 2025-01-01 {rest}")).exits(status)
    }

    fn json(rest: &str, status: i32) -> Value {
        let said = ask(&format!("{rest} --format json"), status).stdout;
        serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}\n{said}"))
    }

    /// Gloves are in the entry of neither rule of either law, except that the south asks a licence for what goes to the
    /// United States.
    const GLOVES: &str = "--set goods.kind=glove --set goods.length=1m";

    #[test]
    fn the_exit_status_says_whether_the_columns_differ() {
        // Whips to France: the north bans them, the south lets those without barbs go.
        ask("north south --goods neutral --to FR", 1);
        // Gloves to France: both let them go.
        ask(&format!("north south {GLOVES} --to FR"), 0);
        // To the United States the south asks for a licence.
        ask(&format!("north south {GLOVES} --to US"), 1);
        // For Switzerland there is no law: that is unknown, and no difference.
        ask(&format!("north CH {GLOVES} --to FR"), 2);
        ask("north south --goods nothing", 3).complains(&["there is no entry `nothing`"]);
        ask("CH", 3).complains(&["name at least one policy"]);
        ask("north south", 3).complains(&["no link names goods"]);
        ask("north south --goods neutral --activity fly", 3).complains(&["`fly` is no activity"]);
        ask("north south --goods neutral --from XX", 3).complains(&["`XX` is no country code"]);
    }

    #[test]
    fn as_json_it_holds_rows_cells_and_pairs_with_witnesses() {
        let found = json("north south CH --goods neutral --to FR --pairs", 1);
        assert_eq!((&found["differ"], &found["resolved"]), (&true.into(), &true.into()));
        let cells = found["rows"][0]["cells"].as_array().expect("cells");
        assert_eq!(cells.len(), 3);
        let outcomes = |n: usize| {
            let all = cells[n]["outcomes"].as_array().into_iter().flatten();
            let mut all: Vec<&str> = all.filter_map(|o| o["outcome"].as_str()).collect();
            all.sort_unstable();
            all
        };
        // In the north a baton may go, and a short whip without barbs; in the south what has barbs needs a licence.
        assert_eq!(outcomes(0), ["permitted", "prohibited"]);
        assert_eq!(outcomes(1), ["licence_required", "permitted"]);
        assert!(outcomes(2).is_empty() && !cells[2]["unknown"].is_null(), "{}", cells[2]);
        let pairs = found["pairs"].as_array().expect("pairs");
        let steps = pairs.iter().flat_map(|p| p["steps"].as_array()).flatten();
        let shown: Vec<&Value> = steps.collect();
        assert!(
            !shown.is_empty() && shown.iter().all(|s| s["witness"].as_array().is_some_and(|w| w.len() == 2)),
            "{shown:?}"
        );
    }

    #[test]
    fn as_markdown_it_is_a_table_with_a_column_each() {
        let text = ask("north south CH --goods neutral --to FR --format markdown", 1).stdout;
        let head = text.lines().find(|l| l.starts_with('|')).unwrap_or_else(|| panic!("no table in\n{text}"));
        ["north", "south", "CH"].iter().for_each(|c| assert!(head.contains(c), "{head}"));
        let widths: Vec<usize> = text.lines().filter(|l| l.starts_with('|')).map(|l| l.matches('|').count()).collect();
        assert!(widths.len() >= 3 && widths.iter().all(|w| *w == widths[0]), "{text}");
        assert!(text.contains("UNKNOWN"), "{text}");
    }

    #[test]
    fn two_entries_are_told_to_be_the_same_or_not() {
        let more =
            "\ncategory whips \"W\" { when goods.kind is whip }\ncategory lashes \"L\" { when goods.kind is whip }\n";
        let folder = folder().with("trade.gate", format!("{TRADE}{more}"));
        let ask = |rest: &str, status: i32| {
            run(&folder, &format!("compare north --as-of 2025-01-01 --entries {rest}")).exits(status).stdout
        };
        ask("whips lashes", 0);
        ask("neutral whips", 1);
        ask("neutral nothing", 3);
        let found: Value = serde_json::from_str(&ask("whips neutral --format json", 1)).expect("JSON");
        // All whips are goods of the list, which holds batons besides.
        assert_eq!(found["relation"], "wider", "{found}");
        assert!(ask("whips neutral --format markdown", 1).contains("wider"));
    }
}

/// What enters a country is asked about from nearly everywhere. That goods from one neighbour are left out makes no home of
/// the rest of the world: a destination there is not at home.
#[test]
fn goods_that_enter_from_all_but_one_neighbour_make_no_home_of_the_world() {
    let west = "use trade
policy west \"W\" { source \"S\" applies when any of { from is GB and not destination in {GB, IE}; destination is GB and not from is IE }
  known from 2020-01-01 otherwise permit }
rule ban \"B\" { cite \"1\" when from is GB and goods.kind is whip then prohibit }
";
    let policy = load(vec![law("trade.gate", TRADE), law("west/law.gate", west)]).unwrap_or_else(|r| panic!("{r}"));
    let found = ask(&policy, "2025-01-01", &[], &[("west", &["west"])], "neutral", true);
    let to = |place: &str| found.rows.iter().find(|r| r.destinations.iter().any(|d| d == place));
    let cell = |place: &str| &to(place).unwrap_or_else(|| panic!("{place}")).cells[0];
    assert_eq!(cell("ZA").from.as_deref(), Some("GB"));
    assert_eq!((cell("ZA").at_home, cell("ZA").set()), (false, vec![Outcome::Prohibited, Outcome::Permitted]));
    assert!(cell("GB").at_home);
    assert_eq!((cell("IE").at_home, cell("IE").set()), (false, vec![Outcome::NotApplicable]));
}

/// A presumption that holds while the destination is open may be one that goods to some places break. Such places had no
/// outcome at all.
#[test]
fn places_that_a_presumption_rules_out_are_asked_about_by_themselves() {
    let trade = format!(
        "{TRADE}fact leaves_home: yes/no, presumed yes unless destination is ZA because \"s. 1\"\n\
         constraint stays \"What goes to ZA does not leave it\" {{ always not (destination is ZA and leaves_home) }}\n"
    );
    let south = SOUTH.replace("applies when from is ZA", "applies when from is ZA and leaves_home");
    let policy = load(vec![law("trade.gate", &trade), law("north/law.gate", NORTH), law("south/law.gate", &south)]);
    let policy = policy.unwrap_or_else(|r| panic!("{r}"));
    let found = ask(&policy, "2025-01-01", &[], BOTH, "neutral", true);
    let row = found.rows.iter().find(|r| r.destinations == ["ZA"]).expect("it is a row of its own");
    assert_eq!(row.cells[0].set(), [Outcome::Prohibited, Outcome::Permitted]);
    assert!(row.cells[1].at_home);
    assert!(found.rows.iter().flat_map(|r| &r.cells).all(|c| c.at_home || !c.outcomes.is_empty()));
}
