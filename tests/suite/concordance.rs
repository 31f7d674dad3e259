//! The concordance of control lists, `policies/alliance/concordance.csv`: each row against the law itself.
//!
//! A row says how an entry relates to goods in neutral words. For each, a small policy asks which of three things can
//! be: goods outside the entry, an entry with other goods, and goods in both. With all that is said of the goods left
//! unknown, the answer goes through everything that they can be, so the type is proved and not sampled. The tariff code
//! is one of the entry's, and no listed component is built in, as the README beside the table says.

use std::collections::BTreeSet;

use portcullis::consignment::Overlay;
use portcullis::model::{Category, date};
use portcullis::{LawFile, Options, Policy, embedded};
use serde_json::json;

use crate::support::{law, load, read};

const TABLE: &str = "policies/alliance/concordance.csv";
/// The last day for which the lists are encoded.
const LAST: &str = "2026-07-31";
/// Lists whose policy is kept elsewhere; their rows are reasoned and not proved.
const NOT_HERE: &str = "us.ear";

struct Row {
    goods: String,
    list: String,
    entry: String,
    from: String,
    to: String,
    kind: String,
}

/// The cells of a line; a cell with commas stands in quotes.
fn cells(line: &str) -> Vec<String> {
    let (mut out, mut cell, mut quoted) = (Vec::new(), String::new(), false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut cell)),
            _ => cell.push(c),
        }
    }
    out.push(cell);
    out
}

fn rows() -> Vec<Row> {
    let text = read(TABLE);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("goods,list,entry,from,to,type,why"));
    let row = |line: &str| {
        let c = cells(line);
        let [goods, list, entry, from, to, kind, why] = c.as_slice() else { panic!("{line}: seven cells") };
        assert!(!why.is_empty(), "{line}: says why");
        assert!(["same", "wider", "narrower", "overlaps"].contains(&kind.as_str()), "{line}: its type");
        let [goods, list, entry, from, to, kind] = [goods, list, entry, from, to, kind].map(String::clone);
        Row { goods, list, entry, from, to, kind }
    };
    lines.map(row).collect()
}

/// A policy that asks of pair `n` whether goods are in the one, the other, or both.
fn asking(rows: &[&Row]) -> LawFile {
    let pick = |f: &dyn Fn(&str, &str) -> String| {
        let each = rows.iter().enumerate().map(|(n, r)| {
            let (x, e) = (format!("goods in alliance.goods.{}", r.goods), format!("goods in {}.{}", r.list, r.entry));
            format!("pair = {n} and ({})", f(&x, &e))
        });
        each.collect::<Vec<_>>().join(" or ")
    };
    let either = pick(&|x, e| format!("{x} or {e}"));
    let goods = pick(&|x, e| format!("{x} and not {e}"));
    let entry = pick(&|x, e| format!("{e} and not {x}"));
    let both = pick(&|x, e| format!("{x} and {e}"));
    let text = format!(
        "use trade\nuse alliance.goods\n
         fact pair: count  ask \"Which pair?\"
         policy pairs \"Pairs\" {{ source \"{TABLE}\" applies when {either} known from 2019-01-01 otherwise permit }}
         licence some \"Some licence\" {{ document \"L\" }}
         rule goods_alone \"Goods outside the entry\" {{ cite \"-\" when {goods} then prohibit }}
         rule entry_alone \"Entry with other goods\" {{ cite \"-\" when {entry} then require some }}
         rule in_both \"Goods in both\" {{ cite \"-\" when {both} then permit }}\n"
    );
    law("pairs/policy.gate", &text)
}

/// A tariff code of the entry on that day, if it has any.
fn code(policy: &Policy, row: &Row, day: &str) -> Option<String> {
    let world = policy.world();
    let day = date::parse_date(day).expect("a day");
    let of_list = |c: &&Category| {
        c.policy.is_some_and(|p| world.policies[p.index()].name == row.list) && c.name == row.entry && !c.unnamed
    };
    // An entry is in force if what it stands in is.
    let in_force = |c: &&Category| {
        let mut at = Some(*c);
        while let Some(category) = at {
            if !category.in_force.on(day) {
                return false;
            }
            at = category.parent.map(|p| world.category(p));
        }
        true
    };
    let entry = world.categories.iter().filter(of_list).find(in_force);
    let entry = entry.unwrap_or_else(|| panic!("{}.{} is not in force on {day}", row.list, row.entry));
    entry.codes.first().and_then(|(_, list)| list.items.first()).map(|i| i.from.clone())
}

/// How an entry relates to goods, by the outcomes that are possible for their pair.
fn relation(can: &BTreeSet<&str>) -> &'static str {
    match (can.contains("prohibited"), can.contains("licence_required"), can.contains("permitted")) {
        (false, false, true) => "same",
        (false, true, true) => "wider",
        (true, false, true) => "narrower",
        (true, true, true) => "overlaps",
        (_, _, false) => "nothing in common",
    }
}

/// The rows of one list that are wrong.
fn wrong(list: &str, rows: &[&Row]) -> Vec<String> {
    let folder = format!("{}/", list.replace('.', "/"));
    let wanted = |f: &LawFile| {
        !f.path.ends_with(".test.gate")
            && (f.path.starts_with(&folder) || f.path.starts_with("alliance/") || f.path == "trade.gate")
    };
    let files = embedded::files().into_iter().filter(wanted).chain([asking(rows)]);
    let policy = load(files.collect()).unwrap_or_else(|r| panic!("{r}"));
    let evaluator = policy.evaluator();
    let mut problems = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let last = if row.to.is_empty() { LAST } else { &row.to };
        // Where a list changed under a row, both of its versions are asked.
        let changed = list == "eu.torture" && row.to.is_empty() && row.from.as_str() < "2025-08-20";
        for day in if changed { vec![row.from.as_str(), last] } else { vec![last] } {
            let mut consignment = json!({
                "date": day, "activity": "supply", "from": "AQ", "destination": "US", "transit": [],
                "built_in_component": false, "pair": n, "goods": {}
            });
            if let Some(code) = code(&policy, row, day) {
                consignment["goods"]["code"] = code.into();
            }
            if list == "gb.torture" {
                consignment["uk_trader"] = true.into();
            }
            let text = consignment.to_string();
            let decision = policy.decide_with(&evaluator, "pair", &text, &Overlay::default(), &Options::default());
            let decision = decision.unwrap_or_else(|r| panic!("{r}"));
            let answer = decision.policies.iter().find(|p| p.policy == "pairs").expect("the pairs are asked");
            assert!(answer.resolved, "{} and {}: a bound only", row.goods, row.entry);
            let outcomes = answer.possible.outcomes.iter().map(|o| o.as_str());
            let found = relation(&outcomes.chain([answer.outcome.as_str()]).collect());
            if found != row.kind {
                problems.push(format!("{day} {}: {list} {} is {found}, not {}", row.goods, row.entry, row.kind));
            }
        }
    }
    problems
}

#[test]
fn each_entry_relates_to_the_goods_as_its_row_says() {
    let rows = rows();
    let lists: BTreeSet<&str> = rows.iter().map(|r| r.list.as_str()).filter(|l| *l != NOT_HERE).collect();
    assert_eq!(lists, BTreeSet::from(["eu.torture", "gb.torture", "un.torture"]));
    let of = |list: &str| rows.iter().filter(|r| r.list == list).collect::<Vec<_>>();
    let problems: Vec<String> = lists.iter().flat_map(|l| wrong(l, &of(l))).collect();
    assert!(problems.is_empty(), "{} rows:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn the_table_names_all_goods_and_no_others_and_no_row_twice() {
    let policy = load(embedded::files()).unwrap_or_else(|r| panic!("{r}"));
    let names = policy.world().categories.iter().filter(|c| !c.unnamed);
    let goods: BTreeSet<String> =
        names.filter_map(|c| c.name.strip_prefix("alliance.goods.").map(str::to_owned)).collect();
    let rows = rows();
    assert_eq!(rows.iter().map(|r| r.goods.clone()).collect::<BTreeSet<_>>(), goods);
    let keys: BTreeSet<_> = rows.iter().map(|r| (&r.goods, &r.list, &r.entry, &r.from)).collect();
    assert_eq!(keys.len(), rows.len());
}
