//! What `check` warns of: planted mistakes are found, by hand and in random law, and on small random law each finding about
//! a rule is what enumeration says.

use std::collections::BTreeSet;

use portcullis::analyze::warn::{Finding, LIMIT, diagnostic, warnings};
use portcullis::consignment::Overlay;
use portcullis::diagnostic::Code;
use portcullis::model::date::parse_date;
use portcullis::model::{RuleId, RuleKind, World};
use portcullis::{Options, Policy};

use crate::common::choices::Choices;
use crate::common::facts::SPANS;
use crate::common::grid::{Grid, small};
use crate::common::law::{Law, SETTLED, Scale};
use crate::judge::{self, in_parallel, wanted};
use crate::support::{law, load};

const HEAD: &str = "fact date: date\nfact activity: one of { export, transit }\nfact k: one of { x, y, z }\nfact a: yes/no\n\
    fact n: count\nfact here: yes/no\npolicy p \"P\" { source \"S\" applies when here known from 2020-01-01 to 2026-07-31 otherwise permit }\n";

/// The findings of a law, the facts of which are shared: each code with the name that stands first in its message.
fn found(body: &str, limit: u32) -> Vec<(Code, String)> {
    let (trade, own) = HEAD.split_once("policy p").unwrap();
    let text = format!("use trade\npolicy p{own}{body}");
    let policy = load(vec![law("trade.gate", trade), law("p/law.gate", &text)]).unwrap_or_else(|r| panic!("{r}"));
    let found = warnings(policy.world(), limit);
    let of = |f: &Finding| {
        let message = diagnostic(policy.world(), f);
        (message.code, message.message.split('`').nth(1).unwrap_or_default().to_owned())
    };
    found.findings.iter().map(of).collect()
}

const BAN: &str = "rule ban \"B\" { cite \"1\" when k is x then prohibit }\n";

#[test]
fn planted_mistakes_are_found_and_nothing_else_is() {
    let rule = |when: &str| format!("rule r \"R\" {{ cite \"2\" when {when} then prohibit }}\n");
    let is = |code: Code, name: &str| vec![(code, name.to_owned())];
    let cases: Vec<(String, Vec<(Code, String)>)> = vec![
        (rule("k is x and a"), vec![]),
        (rule("k is x and k is y"), is(Code::RuleNeverApplies, "r")),
        (rule("k is x and n < 2") + "constraint c \"C\" { always not (k is x and n < 5) }\n", is(Code::RuleNeverApplies, "r")),
        ("rule r \"R\" { cite \"2\" when k is y then prohibit in force to 2019-12-31 }\n".into(), is(Code::RuleNeverApplies, "r")),
        ("exception e \"E\" to ban { cite \"2\" when k is y then permit }\n".into(), is(Code::RuleNeverApplies, "e")),
        ("exception e \"E\" to ban { cite \"2\" when k in {x, y} then permit }\n".into(), is(Code::RuleAlwaysDefeated, "ban")),
        ("exception e \"E\" to ban { cite \"2\" when k is x and a then permit }\n".into(), vec![]),
        // What an exception defeats counts again where a bar defeats the exception.
        (
            "exception e \"E\" to ban { cite \"2\" when k is x then permit }\nbar b \"B\" to e { cite \"3\" when a }\n".into(),
            vec![],
        ),
        (rule("k is x and (a or not a)"), vec![(Code::ConstantCondition, "rule ".into())]),
        (rule("k is x or a and not a"), vec![(Code::ConstantCondition, "rule ".into())]),
        (rule("k is y and date >= 2019-06-01"), vec![(Code::ConstantCondition, "rule ".into())]),
        (rule("k is y and date >= 2021-06-01"), vec![]),
        ("fact idle: yes/no\n".into(), is(Code::FactWithoutEffect, "idle")),
        ("fact idle: yes/no note \"N\"\n".into(), vec![]),
        ("fact idle: yes/no\n".to_owned() + &rule("k is y and not idle"), vec![]),
        ("category list \"L\" { when k is y }\n".into(), is(Code::EntryUnused, "list")),
        (
            "category list \"L\" { category 1 \"A\" { when k is y } category 2 \"B\" { when k is z } }\n".to_owned()
                + &rule("goods in list.1"),
            is(Code::EntryUnused, "list.2"),
        ),
        (
            "category g \"L\" { when k is y in force to 2022-03-30 }\ncategory g \"L\" { when k is z in force from 2022-04-01 }\n"
                .to_owned()
                + &rule("goods in g"),
            is(Code::VersionGap, "entry "),
        ),
        (
            "category g \"L\" { when k is y in force to 2022-03-31 }\ncategory g \"L\" { when k is z in force from 2022-04-01 }\n"
                .to_owned()
                + &rule("goods in g"),
            vec![],
        ),
        (
            "category g \"L\" { when k is y and n < 3 }\ncategory h \"L\" { when k is y and n > 1 }\n".to_owned()
                + &rule("goods in g")
                + "rule s \"S\" { cite \"3\" when goods in h then permit }\n",
            is(Code::ClashingEntries, "g"),
        ),
        (
            "category g \"L\" { when k is y and n < 2 }\ncategory h \"L\" { when k is y and n > 1 }\n".to_owned()
                + &rule("goods in g")
                + "rule s \"S\" { cite \"3\" when goods in h then permit }\n",
            vec![],
        ),
        (
            "category g \"L\" { category 1 \"A\" { when k is y } category 2 \"B\" { when k is z } }\n".to_owned()
                + &rule("goods in g and activity is export")
                + "rule s \"S\" { cite \"3\" when goods in g.1 and activity is transit then prohibit }\n",
            is(Code::EntryUnmet, "g"),
        ),
        ("fact f: yes/no, presumed yes unless a\n".to_owned() + &rule("k is y and a and f"), is(Code::PresumptionWithoutEffect, "f")),
        ("fact f: yes/no, presumed yes unless a\n".to_owned() + &rule("k is y and f"), vec![]),
    ];
    for (body, expected) in cases {
        let text = format!("{BAN}{body}");
        let mut got = found(&text, LIMIT);
        if expected.first().is_some_and(|(code, name)| {
            matches!(code, Code::ConstantCondition | Code::VersionGap) && name.ends_with(' ')
        }) {
            got.iter_mut().for_each(|(_, name)| *name = expected[0].1.clone());
        }
        assert_eq!(got, expected, "{text}");
    }
}

#[test]
fn what_is_too_large_is_named_and_nothing_is_claimed_of_it() {
    let body = format!("{BAN}rule r \"R\" {{ cite \"2\" when k is x and k is y and n > 3 and a then prohibit }}\n");
    let got = found(&body, 1);
    assert!(!got.is_empty() && got.iter().all(|(code, _)| *code == Code::NotAnalysed), "{got:?}");
}

/// Law in which the date is compared with no fact, since no day stands for others there.
const TIMELESS: Scale = Scale { without: &["transit", "made"], ..SETTLED };

/// What is seen of a law over all consignments of a grid, on a day of each span.
#[derive(Default)]
struct Seen {
    /// Rules that apply, and that stand; bars left out, since no decision names one that changes nothing.
    applies: BTreeSet<RuleId>,
    stands: BTreeSet<RuleId>,
    /// Pairs of entries that hold the same goods.
    together: BTreeSet<(String, String)>,
}

/// Each rule asks for a duty of its own here, so that a decision names every rule that stands.
fn seen(policy: &Policy, grid: &Grid) -> Seen {
    let (plain, world, mut out) = (policy.plain_evaluator(), policy.world(), Seen::default());
    for day in SPANS {
        let date = parse_date(day).unwrap();
        let id = |name: &String| {
            let on = world.rules.iter().position(|r| r.name == *name && r.in_force.on(date));
            RuleId(on.unwrap_or_else(|| panic!("{name}")) as u32)
        };
        if !world.policies[0].known.contains(date) {
            continue;
        }
        for row in grid.all() {
            let case = policy.read("case", &grid.case(day, &row).to_string(), &Overlay::default()).unwrap();
            // A consignment that a constraint excludes is refused.
            let Ok(decision) = plain.decide(&case, &Options::default()) else { continue };
            let p = &decision.policies[0];
            out.applies.extend(p.defeated.iter().map(|d| id(&d.rule)));
            let own = p.duties.iter().filter(|d| d.duty.starts_with("of "));
            out.stands.extend(own.map(|d| id(&d.from)));
            for (i, a) in p.categories.iter().enumerate() {
                out.together.extend(p.categories[i + 1..].iter().map(|b| (a.clone(), b.clone())));
            }
        }
    }
    out.applies.extend(out.stands.iter().copied());
    out.applies.retain(|r| world.rule(*r).kind != RuleKind::Bar);
    out
}

/// The law with a duty of its own for each rule and exception.
pub fn with_duties(law: &Law) -> Law {
    let mut out = law.clone();
    let text = &mut out.files.iter_mut().find(|(path, _)| path == "p/policy.gate").unwrap().1;
    let line = |l: &str| match l.split_once(" \"") {
        Some((head, rest)) if l.starts_with("rule ") || l.starts_with("exception ") => {
            let name = head.split(' ').nth(1).unwrap();
            let (title, body) = rest.split_once("{ ").unwrap();
            let cut = body.rfind(" }").unwrap();
            let then = [" then ", " document ", " duty "].iter().filter_map(|w| body.find(w)).min().unwrap_or(cut);
            // The effect and the papers, then the duty, then days and doubts.
            let end =
                [" in force", " doubt"].iter().filter_map(|w| body[then..].find(w)).min().map_or(cut, |i| then + i);
            format!("{head} \"{title}{{ {} duty \"of {name}\"{} \n", &body[..end], &body[end..])
        }
        _ => format!("{l}\n"),
    };
    *text = text.lines().map(line).collect();
    out
}

/// The rules that are said never to apply, and those said to be always defeated; bars left out.
fn said(world: &World, context: &str) -> (BTreeSet<RuleId>, BTreeSet<RuleId>) {
    let (mut never, mut defeated) = (BTreeSet::new(), BTreeSet::new());
    for finding in warnings(world, LIMIT).findings {
        match finding {
            Finding::NeverApplies { rule, .. } => drop(never.insert(rule)),
            Finding::AlwaysDefeated { rule, .. } => drop(defeated.insert(rule)),
            Finding::NotAnalysed { .. } => panic!("not analysed\n{context}"),
            _ => {}
        }
    }
    let rule = |r: &RuleId| world.rule(*r).kind != RuleKind::Bar;
    (never.into_iter().filter(rule).collect(), defeated.into_iter().filter(rule).collect())
}

fn seeds(each: u64) -> std::ops::Range<u64> {
    let first = wanted("ORACLE_SEED", 0);
    first..first + wanted("ORACLE_CASES", 2_000).div_ceil(each)
}

#[test]
fn rules_that_never_apply_or_never_count_are_those_of_enumeration() {
    let one = |seed: u64| {
        let (law, grid) = small(&mut Choices::seeded(seed ^ 6 << 32), &TIMELESS, 1, 150);
        let law = with_duties(&law);
        let policy = judge::load(&law, seed);
        let (world, context) = (policy.world(), format!("seed {seed}\n{}", law.text()));
        let Seen { applies, stands, .. } = seen(&policy, &grid);
        let (never, defeated) = said(world, &context);
        let names = |set: &BTreeSet<RuleId>| set.iter().map(|r| world.rule(*r).name.clone()).collect::<Vec<_>>();
        let rules = (0..world.rules.len() as u32).map(RuleId).filter(|r| world.rule(*r).kind != RuleKind::Bar);
        let all: BTreeSet<RuleId> = rules.collect();
        assert_eq!(names(&never), names(&(&all - &applies)), "never apply\n{context}");
        assert_eq!(names(&defeated), names(&(&applies - &stands)), "always defeated\n{context}");
        [never.len(), defeated.len()]
    };
    let mut all = [0, 0];
    in_parallel(seeds(80), one, |[n, d]| all = [all[0] + n, all[1] + d]);
    assert!(all.iter().all(|n| *n > 0), "never apply, always defeated: {all:?}");
}

/// A rule that contradicts itself, a rule shadowed by an exception of the same condition, and two overlapping entries on
/// which a ban and a permission rest, in law that is made up.
#[test]
fn planted_dead_shadowed_and_clashing_rules_are_all_found() {
    let one = |seed: u64| {
        let mut c = Choices::seeded(seed ^ 7 << 32);
        let (law, grid) = small(&mut c, &TIMELESS, 1, 150);
        let mut law = law;
        let text = &mut law.files.iter_mut().find(|(path, _)| path == "p/policy.gate").unwrap().1;
        // Without bars, which could defeat the exception.
        *text = text.lines().filter(|l| !l.starts_with("bar ")).map(|l| format!("{l}\n")).collect();
        let rules = || text.lines().filter(|l| l.starts_with("rule r"));
        let conditions: Vec<String> = rules()
            .filter_map(|l| l.split_once(" when ")?.1.split([';', '}']).next())
            .filter_map(|w| {
                [" unless ", " then ", " document ", " duty "]
                    .iter()
                    .filter_map(|m| w.find(m))
                    .min()
                    .map(|i| w[..i].to_owned())
            })
            .filter(|w| !w.contains('{') && w.matches('(').count() == w.matches(')').count())
            .chain(["a or goods.g".to_owned()])
            .collect();
        let (x, y) = (c.of(&conditions).clone(), c.of(&conditions).clone());
        let planted = format!(
            "rule dead \"D\" {{ cite \"d\" when ({x}) and ({y}) and not ({x}) then prohibit }}\n\
             rule shadowed \"S\" {{ cite \"s\" when ({x}) then prohibit }}\n\
             exception shadow \"X\" to shadowed {{ cite \"x\" when ({x}) or ({y}) then permit }}\n\
             category one \"O\" {{ when ({x}) }}\ncategory two \"T\" {{ when ({x}) or ({y}) }}\n\
             rule bans \"B\" {{ cite \"b\" when goods in one then prohibit }}\n\
             rule lets \"L\" {{ cite \"l\" when goods in two then permit }}\n",
        );
        text.push_str(&planted);
        let law = with_duties(&law);
        let policy = judge::load(&law, seed);
        let (world, context) = (policy.world(), format!("seed {seed}\n{}", law.text()));
        let seen = seen(&policy, &grid);
        let (never, defeated) = said(world, &context);
        let id = |name: &str| RuleId(world.rules.iter().position(|r| r.name == name).unwrap() as u32);
        assert!(never.contains(&id("dead")), "dead\n{context}");
        // Where the condition is never so, the rule never applies.
        let lives = seen.applies.contains(&id("shadowed"));
        let (list, other) = if lives { (&defeated, &never) } else { (&never, &defeated) };
        assert!(list.contains(&id("shadowed")) && !other.contains(&id("shadowed")), "shadowed\n{context}");
        let pair = |a: &str, b: &str| [("one", "two"), ("two", "one")].contains(&(a, b));
        let name = |id: portcullis::model::CategoryId| world.category(id).name.as_str();
        let clash = warnings(world, LIMIT).findings.iter().any(|f| match f {
            Finding::Clash { entry, others } => others.iter().any(|o| pair(name(*entry), name(o.entry))),
            _ => false,
        });
        let together = seen.together.iter().any(|(a, b)| pair(a, b));
        assert_eq!(clash, together, "clash\n{context}");
        [lives, together]
    };
    let (mut laws, mut found) = (0, [0, 0]);
    in_parallel(seeds(80), one, |of: [bool; 2]| {
        laws += 1;
        (0..2).for_each(|i| found[i] += usize::from(of[i]));
    });
    assert!(found.iter().all(|n| n * 2 >= laws), "of {laws}, shadowed and clashing: {found:?}");
}
