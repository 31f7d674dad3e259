//! What the language means, one small test a sentence of `docs/guide` and of the language's page on meaning.

use portcullis::{Options, Policy};
use serde_json::{Value, json};

use crate::support::{law, load};
use crate::toy::{ACT, Answer, FACTS, decide, decide_with, files, outcomes, problems, refusal, toy};

const PROHIBITED: &str = "prohibited";
const LICENCE: &str = "licence_required";
const PERMITTED: &str = "permitted";
const OPEN: &str = "undetermined";

/// A rule whose citation is its name.
fn rule(name: &str, when: &str, then: &str) -> String {
    format!("rule {name} \"R\" {{ cite \"{name}\" when {when} then {then} }}\n")
}

/// An exception whose citation is its name.
fn exception(name: &str, to: &str, when: &str, then: &str) -> String {
    format!("exception {name} \"E\" to {to} {{ cite \"{name}\" when {when} then {then} }}\n")
}

/// A policy with one prohibition.
fn ban(when: &str) -> Policy {
    toy(&rule("ban", when, "prohibit"))
}

// ---------------------------------------------------------------------------------------------------- unknown facts

#[test]
fn a_fact_not_given_is_unknown_never_false() {
    let policy = ban("a");
    outcomes(
        &policy,
        &[
            (json!({ "a": true }), PROHIBITED),
            (json!({ "a": false }), PERMITTED),
            (json!({}), OPEN),
            (json!({ "a": null }), OPEN),
        ],
    );
    let open = decide(&policy, json!({}));
    assert_eq!(open.may(), None);
    assert_eq!(open.list("missing"), ["a"]);
    assert_eq!(open.possible("outcomes"), [PERMITTED, PROHIBITED]);
    outcomes(&ban("not a"), &[(json!({}), OPEN), (json!({ "a": true }), PERMITTED)]);
}

#[test]
fn x_or_not_x_is_true_and_x_is_not_asked() {
    let certain = decide(&ban("a or not a"), json!({}));
    assert_eq!((certain.outcome(), certain.may()), (PROHIBITED, Some(false)));
    assert_eq!(certain.list("missing"), [""; 0]);
    let never = decide(&ban("a and not a"), json!({}));
    assert_eq!((never.outcome(), never.may()), (PERMITTED, Some(true)));
    // The same over two facts, and over the parts of a domain.
    assert_eq!(decide(&ban("a and b or a and not b or not a"), json!({})).outcome(), PROHIBITED);
    assert_eq!(decide(&ban("n > 3 or n <= 3"), json!({})).outcome(), PROHIBITED);
    assert_eq!(decide(&ban("n > 3 and n < 3"), json!({})).outcome(), PERMITTED);
    assert_eq!(decide(&ban("holders > 2 and holders < 3"), json!({})).outcome(), PERMITTED);
    assert_eq!(decide(&ban("destination in {FR} or destination not in {FR}"), json!({})).outcome(), PROHIBITED);
    assert_eq!(decide(&ban("goods.kind in {whip, electric, baton}"), json!({})).outcome(), PROHIBITED);
}

#[test]
fn no_fact_is_asked_whose_answer_changes_nothing() {
    let open = decide(&ban("a and (b or not b) and (c or d)"), json!({ "c": true }));
    assert_eq!(open.list("missing"), ["a"]);
    let open = decide(&ban("a and b"), json!({ "b": false }));
    assert_eq!((open.outcome(), open.list("missing")), (PERMITTED, vec![]));
    let law = rule("ban", "a", "prohibit") + &rule("too", "a and b", "prohibit");
    assert_eq!(decide(&toy(&law), json!({})).list("missing"), ["a"]);
}

#[test]
fn what_every_completion_agrees_on_is_stated_though_the_reason_is_open() {
    let law = rule("x", "a", "prohibit") + &rule("y", "not a", "prohibit");
    let answer = decide(&toy(&law), json!({}));
    assert_eq!((answer.outcome(), answer.may()), (PROHIBITED, Some(false)));
    // The outcome is open, that it may not proceed is not: no licence is held.
    let law = rule("x", "a", "prohibit") + &rule("y", "not a", "require single");
    let answer = decide(&toy(&law), json!({}));
    assert_eq!((answer.outcome(), answer.may()), (OPEN, Some(false)));
    assert_eq!(answer.list("missing"), ["a"]);
}

#[test]
fn unless_is_and_not() {
    let policy = toy("rule ban \"R\" { cite \"s\" when a unless b then prohibit }");
    outcomes(
        &policy,
        &[
            (json!({ "a": true, "b": false }), PROHIBITED),
            (json!({ "a": true, "b": true }), PERMITTED),
            (json!({ "a": true }), OPEN),
            (json!({ "a": false }), PERMITTED),
        ],
    );
    let several = toy("rule ban \"R\" { cite \"s\" when a unless b unless c then prohibit }");
    outcomes(&several, &[(json!({ "a": true, "b": false, "c": true }), PERMITTED)]);
}

// ----------------------------------------------------------------------------------------------------------- values

#[test]
fn a_narrower_value_is_the_broader_and_a_broader_one_leaves_the_narrower_unknown() {
    let kind = |k: &str| json!({ "goods": { "kind": k } });
    outcomes(
        &ban("goods.kind is electric"),
        &[(kind("stun_gun"), PROHIBITED), (kind("electric"), PROHIBITED), (kind("whip"), PERMITTED)],
    );
    let narrow = ban("goods.kind is stun_gun");
    outcomes(
        &narrow,
        &[
            (kind("stun_gun"), PROHIBITED),
            (kind("electric"), OPEN),
            (kind("shield"), PERMITTED),
            (kind("whip"), PERMITTED),
        ],
    );
    assert_eq!(decide(&narrow, kind("electric")).list("missing"), ["goods.kind"]);
    // What all narrower values agree on is certain.
    outcomes(
        &ban("goods.kind in {stun_gun, shield, whip} or goods.kind is electric"),
        &[(kind("electric"), PROHIBITED)],
    );
    outcomes(&ban("goods.kind is not whip"), &[(kind("electric"), PROHIBITED)]);
    outcomes(&ban("goods.kind is not stun_gun"), &[(kind("electric"), OPEN), (kind("shield"), PROHIBITED)]);
    // An alias is the value.
    outcomes(&ban("goods.kind is baton"), &[(kind("truncheon"), PROHIBITED)]);
}

#[test]
fn quantities_are_exact_and_converted_within_their_dimension() {
    let long = |l: &str| json!({ "goods": { "length": l } });
    outcomes(
        &ban("goods.length >= 304.8 mm"),
        &[
            (long("12 in"), PROHIBITED),
            (long("30.48 cm"), PROHIBITED),
            (long("0.3048m"), PROHIBITED),
            (long("304.7999 mm"), PERMITTED),
        ],
    );
    let range = ban("goods.length in 150 mm to 280 mm");
    outcomes(
        &range,
        &[
            (long("150 mm"), PROHIBITED),
            (long("280 mm"), PROHIBITED),
            (long("149.999 mm"), PERMITTED),
            (long("280.001 mm"), PERMITTED),
        ],
    );
    outcomes(&ban("n = 0.3"), &[(json!({ "n": 0.3 }), PROHIBITED), (json!({ "n": 0.30 }), PROHIBITED)]);
}

#[test]
fn two_facts_are_compared_with_each_other() {
    let policy = ban("n > m");
    outcomes(
        &policy,
        &[
            (json!({ "n": 2, "m": 1 }), PROHIBITED),
            (json!({ "n": 1, "m": 1 }), PERMITTED),
            (json!({ "n": 1 }), OPEN),
            (json!({ "m": 1 }), OPEN),
            (json!({}), OPEN),
        ],
    );
    // The parts of both domains are met, also where both are unknown.
    outcomes(&ban("n > m and m > 3 and n < 5"), &[(json!({}), OPEN), (json!({ "m": 5 }), PERMITTED)]);
    outcomes(&ban("n > m and m > 3 and n < 3"), &[(json!({}), PERMITTED)]);
}

#[test]
fn two_facts_of_one_item_are_compared_for_every_item() {
    let policy = files(vec![law(
        "law.gate",
        &format!(
            "{FACTS}fact goods.weight: mass\nfact goods.allowed: mass\n{ACT}{}",
            rule("ban", "goods.weight > goods.allowed", "prohibit")
        ),
    )]);
    let goods = |list: Value| json!({ "goods": list });
    let light = json!({ "weight": "1 g", "allowed": "2 g" });
    outcomes(
        &policy,
        &[
            (goods(json!([light, { "allowed": "2 g" }])), OPEN),
            (goods(json!([{ "weight": "1 g" }, { "allowed": "2 g" }])), OPEN),
            (goods(json!([light, { "weight": "3 g", "allowed": "2 g" }])), PROHIBITED),
        ],
    );
    // Only the second item is open, and the first knows neither.
    let policy = files(vec![law(
        "law.gate",
        &format!(
            "{FACTS}fact goods.weight: mass\nfact goods.allowed: mass\n{ACT}{}",
            rule("ban", "goods.heavy and goods.weight > goods.allowed", "prohibit")
        ),
    )]);
    outcomes(&policy, &[(goods(json!([{ "heavy": false }, { "heavy": true, "allowed": "2 g" }])), OPEN)]);
}

#[test]
fn a_fact_of_the_consignment_is_compared_with_that_of_every_item() {
    let policy = files(vec![law(
        "law.gate",
        &format!(
            "{FACTS}fact goods.weight: mass\nfact allowed: mass\n{ACT}{}",
            rule("ban", "goods.weight > allowed", "prohibit")
        ),
    )]);
    let goods = |list: Value, allowed: Value| json!({ "goods": list, "allowed": allowed });
    let two = json!([{ "weight": "5 g" }, { "weight": "7 g" }]);
    outcomes(
        &policy,
        &[
            (goods(two.clone(), json!(null)), OPEN),
            (goods(two.clone(), json!("6 g")), PROHIBITED),
            (goods(two, json!("7 g")), PERMITTED),
            (goods(json!([{}, { "weight": "7 g" }]), json!(null)), OPEN),
        ],
    );
    // Each item by itself is open, but not both at once are as they are: the heavier decides for the lighter.
    let both = files(vec![law(
        "law.gate",
        &format!(
            "{FACTS}fact goods.weight: mass\nfact allowed: mass\n{ACT}{}{}",
            rule("ban", "goods.heavy and goods.weight > allowed", "prohibit"),
            rule("need", "not goods.heavy and goods.weight <= allowed", "prohibit"),
        ),
    )]);
    let light = json!([{ "heavy": true, "weight": "5 g" }, { "heavy": false, "weight": "5 g" }]);
    outcomes(&both, &[(goods(light, json!(null)), PROHIBITED)]);
    let between = json!([{ "heavy": true, "weight": "7 g" }, { "heavy": false, "weight": "5 g" }]);
    outcomes(&both, &[(goods(between, json!(null)), PROHIBITED)]);
    let neither = json!([{ "heavy": true, "weight": "5 g" }, { "heavy": false, "weight": "7 g" }]);
    outcomes(&both, &[(goods(neither, json!(null)), OPEN)]);
}

#[test]
fn facts_compared_in_a_chain_leave_room_for_each_other() {
    let chain = |ty: &str, low: &str, high: &str| {
        let facts: String = ["x", "y", "z"].iter().map(|f| format!("fact {f}: {ty}\n")).collect();
        let (x, y, z) = (format!("x < {high}"), "x > y and y > z", format!("z > {low}"));
        let text = format!("{FACTS}{facts}{ACT}{}", rule("ban", &format!("{x} and {y} and {z}"), "prohibit"));
        decide(&files(vec![law("law.gate", &text)]), json!({})).outcome().to_owned()
    };
    assert_eq!(chain("number", "3", "4"), OPEN);
    assert_eq!(chain("number", "4", "4"), PERMITTED);
    assert_eq!(chain("count", "3", "7"), OPEN);
    assert_eq!(chain("count", "3", "6"), PERMITTED);
    assert_eq!(chain("date", "2026-01-01", "2026-01-05"), OPEN);
    assert_eq!(chain("date", "2026-01-01", "2026-01-04"), PERMITTED);
    let counts =
        "fact x: count\nfact y: count\nfact z: count\n".to_owned() + &rule("ban", "x > y and y > z", "prohibit");
    assert_eq!(decide(&toy(&counts), json!({})).outcome(), OPEN);
    // Without an upper end too.
    let open = |ty: &str, low: &str| {
        let facts: String = ["x", "y", "z"].iter().map(|f| format!("fact {f}: {ty}\n")).collect();
        let text = format!("{FACTS}{facts}{ACT}{}", rule("ban", &format!("x > y and y > z and z > {low}"), "prohibit"));
        decide(&files(vec![law("law.gate", &text)]), json!({})).outcome().to_owned()
    };
    assert_eq!(open("count", "0"), OPEN);
    assert_eq!(open("count", "3"), OPEN);
    assert_eq!(open("date", "2026-01-01"), OPEN);
}

#[test]
fn a_count_is_never_below_nothing() {
    outcomes(&ban("holders < 0"), &[(json!({}), PERMITTED)]);
    outcomes(&ban("holders >= 0"), &[(json!({}), PROHIBITED)]);
    outcomes(&ban("goods.length < 0 mm"), &[(json!({}), PERMITTED)]);
    outcomes(&ban("n < 0"), &[(json!({}), OPEN)]);
}

#[test]
fn a_place_in_a_country_is_in_that_country() {
    let policy = toy(&format!(
        "place IT-livigno \"Livigno\" in IT\ngroup g {{ IT }}\ngroup h {{ IT-livigno }}\n{}{}",
        rule("ban", "destination in g and not destination in h", "prohibit"),
        rule("need", "destination is IT", "require single"),
    ));
    let to = |d: &str| json!({ "destination": d });
    outcomes(&policy, &[(to("IT"), PROHIBITED), (to("IT-livigno"), LICENCE), (to("FR"), PERMITTED), (json!({}), OPEN)]);
}

#[test]
fn sets_of_facts_any_and_all() {
    let through = |list: Value| json!({ "transit": list });
    let any = ban("any of transit in {FR, DE}");
    outcomes(
        &any,
        &[
            (through(json!([])), PERMITTED),
            (through(json!(["US", "DE"])), PROHIBITED),
            (through(json!(["US"])), PERMITTED),
            (json!({}), OPEN),
        ],
    );
    let all = ban("all of transit in {FR, DE}");
    outcomes(
        &all,
        &[
            (through(json!([])), PROHIBITED),
            (through(json!(["US", "DE"])), PERMITTED),
            (through(json!(["FR"])), PROHIBITED),
        ],
    );
    outcomes(
        &ban("transit is empty"),
        &[(through(json!([])), PROHIBITED), (through(json!(["FR"])), PERMITTED), (json!({}), OPEN)],
    );
    // A list of facts, and of conditions.
    outcomes(
        &ban("any of {destination, origin} in {FR}"),
        &[(json!({ "destination": "US" }), OPEN), (json!({ "destination": "FR" }), PROHIBITED)],
    );
    outcomes(
        &ban("all of {destination, origin, transit} in {FR}"),
        &[(json!({ "destination": "FR", "origin": "FR", "transit": ["FR", "US"] }), PERMITTED)],
    );
    outcomes(
        &ban("any of { a; b and c }"),
        &[(json!({ "a": false, "b": true }), OPEN), (json!({ "a": true }), PROHIBITED)],
    );
}

#[test]
fn sets_combine_with_plus_minus_and_and() {
    let policy = toy(&format!(
        "group x {{ FR, DE, IT }}\ngroup y = x + {{ US }} - {{ DE }}\ngroup z = x & y\n{}{}",
        rule("ban", "destination in z", "prohibit"),
        rule("need", "destination in y - z", "require single")
    ));
    let to = |d: &str| json!({ "destination": d });
    outcomes(&policy, &[(to("FR"), PROHIBITED), (to("US"), LICENCE), (to("DE"), PERMITTED), (to("IT"), PROHIBITED)]);
}

#[test]
fn a_named_condition_is_its_meaning_on_the_day() {
    let policy = toy(&format!(
        "fact bad: yes/no means a in force from 2020-01-01 to 2022-12-31\n\
         fact bad: yes/no means a and b in force from 2023-01-01\n{}",
        rule("ban", "bad", "prohibit")
    ));
    outcomes(
        &policy,
        &[
            (json!({ "date": "2022-12-31", "a": true }), PROHIBITED),
            (json!({ "date": "2023-01-01", "a": true }), OPEN),
            (json!({ "date": "2023-01-01", "a": true, "b": true }), PROHIBITED),
        ],
    );
    assert_eq!(decide(&policy, json!({ "a": true })).list("missing"), ["b"]);
}

// ------------------------------------------------------------------------------------------------------- categories

/// An entry under `ex 8543 70` that a description narrows, and a ban on what is in it.
fn listed() -> Policy {
    toy(&format!(
        "category list \"L\" {{ code CN ex 8543 70 when goods.heavy }}\n{}",
        rule("ban", "goods in list", "prohibit")
    ))
}

fn goods(value: Value) -> Value {
    json!({ "goods": value })
}

#[test]
fn ex_asks_for_both_code_and_description() {
    outcomes(
        &listed(),
        &[
            (goods(json!({ "code": "8543 70", "heavy": true })), PROHIBITED),
            (goods(json!({ "code": "8543 70", "heavy": false })), PERMITTED),
            (goods(json!({ "code": "8543 70" })), OPEN),
            (goods(json!({ "code": "9304", "heavy": false })), PERMITTED),
        ],
    );
    let excluded = decide(&listed(), goods(json!({ "code": "8543 70", "heavy": false })));
    assert_eq!(excluded.list("excluded"), ["list"]);
}

#[test]
fn a_longer_code_lies_under_a_heading_and_a_prefix_of_it_is_unknown() {
    let heavy = |code: &str| goods(json!({ "code": code, "heavy": true }));
    outcomes(
        &listed(),
        &[
            (heavy("8543 70 90 10"), PROHIBITED),
            (heavy("8543.70"), PROHIBITED),
            (heavy("8543"), OPEN),
            (heavy("85"), OPEN),
        ],
    );
    let open = decide(&listed(), heavy("8543"));
    assert_eq!(open.waits_for("categories", "list"), ["goods.code", "goods.code_confirmed"]);
}

#[test]
fn a_short_code_is_unknown_to_a_condition_that_names_a_longer_one() {
    let code = |c: &str| goods(json!({ "code": c }));
    let policy = ban("goods.code in {8543 70, 9304}");
    outcomes(
        &policy,
        &[
            (code("8543"), OPEN),
            (code("8543 70 90"), PROHIBITED),
            (code("8544"), PERMITTED),
            (code("93"), OPEN),
            (json!({}), OPEN),
        ],
    );
    assert_eq!(decide(&policy, code("8543")).list("missing"), ["goods.code"]);
    outcomes(&ban("goods.code is 8543 70 or not goods.code is 8543 70"), &[(code("8543"), PROHIBITED)]);
}

#[test]
fn a_code_that_is_none_of_the_entrys_waits_for_confirmation_and_is_near() {
    let case =
        |confirmed: Value, heavy: Value| goods(json!({ "code": "9304", "code_confirmed": confirmed, "heavy": heavy }));
    outcomes(
        &listed(),
        &[
            (case(json!(true), json!(true)), PERMITTED),
            (case(json!(false), json!(true)), PROHIBITED),
            (case(json!(false), json!(false)), PERMITTED),
            (case(json!(null), json!(true)), OPEN),
            (case(json!(null), json!(false)), PERMITTED),
            (case(json!(null), json!(null)), OPEN),
            (case(json!(true), json!(null)), PERMITTED),
        ],
    );
    let near = decide(&listed(), case(json!(null), json!(true)));
    assert_eq!(
        (near.list("near"), near.list("missing")),
        (vec!["list".to_owned()], vec!["goods.code_confirmed".to_owned()])
    );
    assert_eq!(near.possible("categories"), ["list"]);
    // The description may fit: near too. It does not: not near.
    assert_eq!(decide(&listed(), case(json!(null), json!(null))).list("near"), ["list"]);
    assert_eq!(decide(&listed(), case(json!(null), json!(false))).list("near"), [""; 0]);
}

#[test]
fn a_plain_code_covers_its_heading_whatever_the_goods() {
    let policy = toy(&format!("category list \"L\" {{ code CN 3920 }}\n{}", rule("ban", "goods in list", "prohibit")));
    outcomes(
        &policy,
        &[
            (goods(json!({ "code": "3920 10 10" })), PROHIBITED),
            (goods(json!({ "code": "3921" })), PERMITTED),
            (goods(json!({ "code": "39" })), OPEN),
            (goods(json!({})), OPEN),
        ],
    );
    assert_eq!(decide(&policy, goods(json!({ "code": "3921" }))).list("near"), [""; 0]);
}

#[test]
fn ranges_exceptions_and_accepted_headings_of_codes() {
    let policy = toy(&format!(
        "category list \"L\" {{ code CN 9306 21 to 9306 29 except 9306 29 10\n accepts CN 9307 because \"split\" }}\n{}",
        rule("ban", "goods in list", "prohibit")
    ));
    let code = |c: &str| goods(json!({ "code": c }));
    outcomes(
        &policy,
        &[
            (code("9306 21"), PROHIBITED),
            (code("9306 25 00"), PROHIBITED),
            (code("9306 29 90"), PROHIBITED),
            (code("9306 29 10"), PERMITTED),
            (code("9306 29"), OPEN),
            (code("9306 30"), PERMITTED),
            (code("9306"), OPEN),
            (code("9307 00"), PROHIBITED),
        ],
    );
}

#[test]
fn no_code_given_the_description_decides() {
    let answer = decide(&listed(), goods(json!({ "heavy": true })));
    assert_eq!((answer.outcome(), answer.list("categories")), (PROHIBITED, vec!["list".to_owned()]));
    outcomes(&listed(), &[(goods(json!({ "heavy": false })), PERMITTED), (json!({}), OPEN)]);
    assert_eq!(decide(&listed(), json!({})).list("missing"), ["goods.heavy"]);
}

#[test]
fn no_code_given_is_unknown_where_presuming_it_would_make_a_decision_milder() {
    // An exception lets goods of the entry pass: presuming that they are in it would clear them.
    let law = format!(
        "category spared \"S\" {{ code CN ex 8543 70 when goods.heavy }}\n{}{}",
        rule("ban", "a", "prohibit"),
        exception("free", "ban", "goods in spared", "permit")
    );
    let policy = toy(&law);
    let case = |code: Value| json!({ "a": true, "goods": { "heavy": true, "code": code } });
    outcomes(
        &policy,
        &[(case(json!("8543 70")), PERMITTED), (case(json!(null)), OPEN), (json!({ "a": false }), PERMITTED)],
    );
    assert!(decide(&policy, case(json!(null))).list("missing").contains(&"goods.code".to_owned()));
    // The same by `not goods in`.
    let policy = toy(&format!(
        "category list \"L\" {{ code CN ex 8543 70 when goods.heavy }}\n{}",
        rule("rest", "not goods in list", "prohibit")
    ));
    outcomes(&policy, &[(goods(json!({ "heavy": true })), OPEN), (goods(json!({ "heavy": false })), PROHIBITED)]);
}

#[test]
fn coded_under_reads_the_code_alone() {
    let policy = toy(&format!(
        "category list \"L\" {{ code CN ex 8543 70 when goods.heavy }}\n{}",
        rule("ban", "goods coded under list", "prohibit")
    ));
    outcomes(
        &policy,
        &[
            (goods(json!({ "code": "8543 70", "heavy": false })), PROHIBITED),
            (goods(json!({ "code": "9304", "heavy": true })), PERMITTED),
            (goods(json!({ "heavy": true })), OPEN),
        ],
    );
}

#[test]
fn a_category_with_children_holds_when_its_own_condition_and_any_child_hold() {
    let policy = toy(&format!(
        "category list \"L\" {{ when a category x \"X\" {{ when b }} category y \"Y\" {{ when c }} }}\n{}",
        rule("ban", "goods in list", "prohibit")
    ));
    outcomes(
        &policy,
        &[
            (json!({ "a": true, "b": true, "c": false }), PROHIBITED),
            (json!({ "a": true, "b": false, "c": false }), PERMITTED),
            (json!({ "a": false, "b": true, "c": true }), PERMITTED),
            (json!({ "a": true, "b": false }), OPEN),
        ],
    );
    let both = decide(&policy, json!({ "a": true, "b": true, "c": true }));
    assert_eq!(both.list("categories"), ["list.x", "list.y"]);
    // A child can be asked for by itself, and is bound by its parent's condition.
    let child = toy(&format!(
        "category list \"L\" {{ when a category x \"X\" {{ when b }} category y \"Y\" {{ when c }} }}\n{}",
        rule("ban", "goods in list.x", "prohibit")
    ));
    outcomes(&child, &[(json!({ "a": false, "b": true }), PERMITTED), (json!({ "a": true, "b": true }), PROHIBITED)]);
}

#[test]
fn children_out_of_force_are_absent_and_with_all_of_them_the_parent_does_not_hold() {
    let policy = toy(&format!(
        "category list \"L\" {{ when a\n category x \"X\" {{ when b in force from 2020-01-01 to 2024-12-31 }}\n \
         category y \"Y\" {{ when c in force from 2022-01-01 to 2023-12-31 }} }}\n{}",
        rule("ban", "goods in list", "prohibit")
    ));
    let on = |date: &str| json!({ "date": date, "a": true, "b": false, "c": true });
    outcomes(
        &policy,
        &[
            (on("2021-12-31"), PERMITTED),
            (on("2022-01-01"), PROHIBITED),
            (on("2023-12-31"), PROHIBITED),
            (on("2024-01-01"), PERMITTED),
            (json!({ "date": "2025-01-01", "a": true, "b": true, "c": true }), PERMITTED),
        ],
    );
}

#[test]
fn an_unnamed_child_is_an_alternative_reported_as_its_parent() {
    let policy = toy(&format!(
        "category list \"L\" {{ code CN ex 8543 70\n category {{ when a }} category {{ whatever code when b }} }}\n{}",
        rule("ban", "goods in list", "prohibit")
    ));
    let case =
        |code: &str, a: bool, b: bool| json!({ "a": a, "b": b, "goods": { "code": code, "code_confirmed": true } });
    outcomes(
        &policy,
        &[
            (case("8543 70", true, false), PROHIBITED),
            (case("9304", true, false), PERMITTED),
            (case("9304", false, true), PROHIBITED),
            (case("8543 70", false, false), PERMITTED),
        ],
    );
    assert_eq!(decide(&policy, case("9304", false, true)).list("categories"), ["list"]);
}

#[test]
fn an_entry_may_leave_out_what_another_holds() {
    let law = "category x \"X\" { when a unless goods in y }\ncategory y \"Y\" { when b }\n".to_owned();
    let policy = toy(&(law + &rule("ban", "goods in x", "prohibit") + &rule("need", "goods in y", "require single")));
    outcomes(
        &policy,
        &[
            (json!({ "a": true, "b": true }), LICENCE),
            (json!({ "a": true, "b": false }), PROHIBITED),
            (json!({ "a": true }), OPEN),
        ],
    );
}

// ------------------------------------------------------------------------------------------------- rules, exceptions

#[test]
fn the_most_restrictive_effect_wins_and_otherwise_holds_where_no_rule_speaks() {
    let law = rule("p", "a", "permit") + &rule("l", "b", "require single") + &rule("x", "c", "prohibit");
    let policy = toy(&law);
    let case = |a: bool, b: bool, c: bool| json!({ "a": a, "b": b, "c": c });
    outcomes(
        &policy,
        &[
            (case(true, true, true), PROHIBITED),
            (case(true, true, false), LICENCE),
            (case(true, false, false), PERMITTED),
            (case(false, false, false), PERMITTED),
        ],
    );
    assert_eq!(decide(&policy, case(true, true, false)).list("decided_by"), ["l"]);
    assert_eq!(decide(&policy, case(false, false, false)).list("decided_by"), [""; 0]);
}

#[test]
fn otherwise_prohibit_gives_way_to_any_rule_with_an_effect() {
    let act = ACT.replace("otherwise permit", "otherwise prohibit");
    let law_text = format!("{FACTS}{act}{}{}", rule("p", "a", "permit"), rule("l", "b", "require single"));
    let policy = files(vec![law("law.gate", &law_text)]);
    outcomes(
        &policy,
        &[
            (json!({ "a": false, "b": false }), PROHIBITED),
            (json!({ "a": true, "b": false }), PERMITTED),
            (json!({ "a": true, "b": true }), LICENCE),
            (json!({ "b": true }), LICENCE),
            (json!({ "b": false }), OPEN),
            (json!({}), OPEN),
        ],
    );
    assert_eq!(decide(&policy, json!({ "a": false, "b": false })).may(), Some(false));
    assert_eq!(decide(&policy, json!({ "a": true, "b": false })).may(), Some(true));
}

#[test]
fn a_rule_with_duties_or_documents_alone_decides_nothing() {
    let act = ACT.replace("otherwise permit", "otherwise prohibit");
    let duty = "rule d \"D\" { cite \"d\" when a duty \"Keep papers\" document \"X1\" }";
    let policy = files(vec![law("law.gate", &format!("{FACTS}{act}{duty}"))]);
    let answer = decide(&policy, json!({ "a": true }));
    assert_eq!(
        (answer.outcome(), answer.list("duties"), answer.list("documents")),
        (PROHIBITED, vec!["Keep papers".into()], vec!["X1".into()])
    );
}

#[test]
fn an_exception_applies_only_where_a_rule_it_names_applies() {
    let law = rule("ban", "a", "prohibit") + &exception("free", "ban", "b", "require single");
    let policy = toy(&law);
    outcomes(
        &policy,
        &[
            (json!({ "a": true, "b": true }), LICENCE),
            (json!({ "a": true, "b": false }), PROHIBITED),
            (json!({ "a": false, "b": true }), PERMITTED),
            (json!({ "a": true }), OPEN),
        ],
    );
    let answer = decide(&policy, json!({ "a": true, "b": true }));
    assert_eq!((answer.list("decided_by"), answer.list("defeated")), (vec!["free".into()], vec!["ban".into()]));
}

#[test]
fn only_an_undefeated_exception_defeats_through_a_chain_of_three() {
    let law = rule("r", "a", "prohibit")
        + &exception("x", "r", "b", "permit")
        + &exception("y", "x", "c", "require single")
        + &exception("z", "y", "d", "permit");
    let policy = toy(&law);
    let case = |b: bool, c: bool, d: bool| json!({ "a": true, "b": b, "c": c, "d": d });
    outcomes(
        &policy,
        &[
            (case(false, false, false), PROHIBITED),
            (case(true, false, false), PERMITTED),
            // y defeats x, so r counts again, and y's own requirement stands beside it.
            (case(true, true, false), PROHIBITED),
            // z defeats y, so x counts again and r does not.
            (case(true, true, true), PERMITTED),
            // Without x, y has nothing to be an exception to, and z neither.
            (case(false, true, true), PROHIBITED),
        ],
    );
    let chain = decide(&policy, case(true, true, false));
    assert_eq!((chain.list("decided_by"), chain.list("defeated")), (vec!["r".into()], vec!["x".into()]));
    assert_eq!(chain.list("requirements"), ["single"]);
}

#[test]
fn an_exceptions_own_effect_stands_beside_other_rules_and_cancels_none() {
    let law =
        rule("r", "a", "prohibit") + &rule("s", "b", "require broad") + &exception("x", "r", "c", "permit under open");
    let answer = decide(&toy(&law), json!({ "a": true, "b": true, "c": true }));
    assert_eq!((answer.outcome(), answer.list("decided_by")), (LICENCE, vec!["s".into()]));
    // `under` is said only where the outcome is permitted.
    assert_eq!(answer.policy()["under"], Value::Null);
    let answer = decide(&toy(&law), json!({ "a": true, "b": false, "c": true }));
    assert_eq!((answer.outcome(), answer.policy()["under"].as_str()), (PERMITTED, Some("open")));
}

#[test]
fn an_exception_to_two_rules_defeats_both_and_needs_one() {
    let law = rule("r", "a", "prohibit") + &rule("s", "b", "prohibit") + &exception("x", "r, s", "c", "permit");
    outcomes(
        &toy(&law),
        &[
            (json!({ "a": true, "b": true, "c": true }), PERMITTED),
            (json!({ "a": false, "b": true, "c": true }), PERMITTED),
            (json!({ "a": false, "b": true, "c": false }), PROHIBITED),
        ],
    );
}

#[test]
fn a_bar_closes_every_exception_except_those_it_names() {
    let law = rule("r", "a", "prohibit")
        + &exception("x", "r", "b", "permit")
        + &exception("y", "r", "c", "require single")
        + "bar shut \"B\" to every exception except y { cite \"shut\" when d }\n";
    let policy = toy(&law);
    let case = |b: bool, c: bool, d: bool| json!({ "a": true, "b": b, "c": c, "d": d });
    outcomes(
        &policy,
        &[
            (case(true, false, false), PERMITTED),
            (case(true, false, true), PROHIBITED),
            (case(false, true, true), LICENCE),
            (json!({ "a": true, "b": true, "c": false }), OPEN),
        ],
    );
    let barred = decide(&policy, case(true, false, true));
    assert_eq!((barred.list("decided_by"), barred.list("defeated")), (vec!["r".into()], vec!["x".into()]));
}

#[test]
fn a_bar_to_every_exception_to_a_rule_leaves_those_to_others() {
    let law = rule("r", "a", "prohibit")
        + &rule("s", "b", "prohibit")
        + &exception("x", "r", "c", "permit")
        + &exception("y", "s", "c", "permit")
        + "bar shut \"B\" to every exception to r { cite \"shut\" when d }\n";
    let case = |a: bool, b: bool| json!({ "a": a, "b": b, "c": true, "d": true });
    outcomes(&toy(&law), &[(case(true, false), PROHIBITED), (case(false, true), PERMITTED)]);
}

#[test]
fn a_rule_out_of_force_is_absent_and_both_ends_of_an_interval_are_in() {
    let policy = toy(
        "rule ban \"R\" { cite \"s\" when a then prohibit in force from 2021-03-01 to 2021-03-31, from 2023-01-01 to 2023-12-31 }\n\
         exception free \"E\" to ban { cite \"e\" when b then permit in force from 2023-06-01 }",
    );
    let on = |date: &str| json!({ "date": date, "a": true, "b": true });
    outcomes(
        &policy,
        &[
            (on("2021-02-28"), PERMITTED),
            (on("2021-03-01"), PROHIBITED),
            (on("2021-03-31"), PROHIBITED),
            (on("2021-04-01"), PERMITTED),
            (on("2022-12-31"), PERMITTED),
            (on("2023-05-31"), PROHIBITED),
            (on("2023-06-01"), PERMITTED),
            (on("2024-01-01"), PERMITTED),
        ],
    );
}

#[test]
fn a_cycle_of_defeat_meaning_or_membership_is_an_error() {
    let loop_of_defeat =
        rule("r", "a", "prohibit") + &exception("x", "r, y", "b", "permit") + &exception("y", "x", "c", "permit");
    assert_eq!(problems(&loop_of_defeat), ["cycle"]);
    assert_eq!(problems("fact x: yes/no means y\nfact y: yes/no means not x"), ["cycle"]);
    assert_eq!(problems("category x \"X\" { when goods in y }\ncategory y \"Y\" { when not goods in x }"), ["cycle"]);
}

// -------------------------------------------------------------------------------------------------- claims, presumed

#[test]
fn a_claim_is_considered_once_raised_and_listed_until_then() {
    let law = rule("ban", "a", "prohibit")
        + "exception free \"E\" to ban { cite \"e\" claimed when b when b and c then permit }\n";
    let policy = toy(&law);
    // Not raised: the rule stands for certain, and the exception is listed with what would have to be shown.
    let answer = decide(&policy, json!({ "a": true }));
    assert_eq!((answer.outcome(), answer.may()), (PROHIBITED, Some(false)));
    assert_eq!(answer.policy()["claimable"], json!([{ "rule": "free", "cite": "e", "facts": ["b", "c"] }]));
    // Raised: treated like any other.
    assert_eq!(decide(&policy, json!({ "a": true, "b": true })).outcome(), OPEN);
    assert_eq!(decide(&policy, json!({ "a": true, "b": true })).list("claimable"), [""; 0]);
    assert_eq!(decide(&policy, json!({ "a": true, "b": true, "c": true })).outcome(), PERMITTED);
    // Raised and false, or not able to hold: not claimable.
    assert_eq!(decide(&policy, json!({ "a": true, "b": false })).list("claimable"), [""; 0]);
    assert_eq!(decide(&policy, json!({ "a": true, "c": false })).list("claimable"), [""; 0]);
    // Nothing to be defeated: nothing to claim.
    assert_eq!(decide(&policy, json!({ "a": false })).list("claimable"), [""; 0]);
}

#[test]
fn a_claim_on_a_bar_or_to_something_stricter_is_an_error() {
    let bar = rule("r", "a", "prohibit") + "bar x \"B\" to r { cite \"x\" claimed when b when b }\n";
    assert_eq!(problems(&bar), ["misplaced-claim"]);
    let strict = rule("r", "a", "require single")
        + "exception x \"E\" to r { cite \"x\" claimed when b when b then prohibit }\n";
    assert_eq!(problems(&strict), ["misplaced-claim"]);
}

#[test]
fn a_presumption_supplies_what_is_not_given_and_is_listed_only_if_leaned_on() {
    let law = "fact aware: yes/no, presumed no because \"s. 1\"\n".to_owned() + &rule("ban", "a and aware", "prohibit");
    let policy = toy(&law);
    let answer = decide(&policy, json!({ "a": true }));
    assert_eq!(answer.outcome(), PERMITTED);
    let presumed = json!([{ "fact": "aware", "value": false, "because": "s. 1", "milder": true }]);
    assert_eq!(answer.policy()["presumed"], presumed);
    // Given, nothing is presumed; where it cannot matter, nothing is leaned on.
    assert_eq!(decide(&policy, json!({ "a": true, "aware": true })).outcome(), PROHIBITED);
    assert_eq!(decide(&policy, json!({ "a": true, "aware": false })).list("presumed"), [""; 0]);
    assert_eq!(decide(&policy, json!({ "a": false })).list("presumed"), [""; 0]);
}

#[test]
fn a_presumption_gives_way_to_its_guard_on_the_facts_given_alone() {
    let law =
        "fact x: yes/no, presumed no unless b because \"s. 1\"\nfact y: yes/no, presumed no unless x because \"s. 2\"\n"
            .to_owned()
            + &rule("ban", "a and x", "prohibit") + &rule("need", "a and y", "require single");
    let policy = toy(&law);
    assert_eq!(decide(&policy, json!({ "a": true })).outcome(), PERMITTED);
    // The guard is given: x is not presumed, and is asked.
    let guarded = decide(&policy, json!({ "a": true, "b": true }));
    assert_eq!((guarded.outcome(), guarded.list("missing")), (OPEN, vec!["x".to_owned()]));
    // A presumed x does not feed the guard of y; a given one does.
    assert_eq!(decide(&policy, json!({ "a": true, "x": true })).possible("outcomes"), [""; 0]);
    assert_eq!(decide(&policy, json!({ "a": true, "x": true })).possible("requirements"), ["single (need)"]);
}

#[test]
fn a_presumption_that_a_constraint_excludes_is_not_made() {
    let law = "fact x: yes/no, presumed no because \"s. 1\"\nconstraint k \"C\" { always not b or x }\n".to_owned()
        + &rule("ban", "x", "prohibit");
    outcomes(
        &toy(&law),
        &[(json!({}), PERMITTED), (json!({ "b": true }), PROHIBITED), (json!({ "b": false }), PERMITTED)],
    );
    // Excluded only through a third fact.
    let law = "fact x: yes/no, presumed no because \"s. 1\"\n\
               constraint k \"C\" { always x or c }\nconstraint l \"C\" { always not c or not d }\n"
        .to_owned()
        + &rule("ban", "x", "prohibit");
    outcomes(&toy(&law), &[(json!({ "d": true }), PROHIBITED), (json!({ "d": false }), PERMITTED)]);
}

#[test]
fn presumptions_that_cannot_all_be_so_are_no_error_of_the_consignment() {
    let law = "fact x: yes/no, presumed no because \"s. 1\"\nfact y: yes/no, presumed no because \"s. 2\"\n\
               constraint k \"C\" { always x or y }\n"
        .to_owned()
        + &rule("ban", "x", "prohibit");
    assert_eq!(decide(&toy(&law), json!({})).outcome(), OPEN);
}

#[test]
fn a_mild_presumption_needs_a_ground_and_goods_are_never_presumed_harmless() {
    assert_eq!(
        problems(&("fact x: yes/no, presumed no\n".to_owned() + &rule("ban", "x", "prohibit"))),
        ["mild-presumption"]
    );
    let goods = "fact goods.x: yes/no, presumed no because \"s. 1\"\n".to_owned() + &rule("ban", "goods.x", "prohibit");
    assert_eq!(problems(&goods), ["mild-presumption"]);
    assert_eq!(problems(&("fact x: yes/no, presumed yes\n".to_owned() + &rule("ban", "x", "prohibit"))), [""; 0]);
}

// ----------------------------------------------------------------------------------------- requirements and licences

/// A consignment to France, with held licences of the kinds named.
fn holding(kinds: &[&str]) -> Value {
    let held: Vec<Value> = kinds.iter().map(|k| json!({ "licence": k, "destination": "FR", "number": "7" })).collect();
    json!({ "a": true, "b": true, "destination": "FR", "licences": held })
}

#[test]
fn one_of_the_licences_joined_by_or_suffices_and_all_joined_by_and_are_needed() {
    let either = toy(&rule("r", "a", "require single or broad"));
    let both = toy(&rule("r", "a", "require single and broad"));
    let may = |policy: &Policy, kinds: &[&str]| decide(policy, holding(kinds)).may();
    assert_eq!(may(&either, &[]), Some(false));
    assert_eq!(may(&either, &["single"]), Some(true));
    assert_eq!(may(&either, &["broad"]), Some(true));
    assert_eq!(may(&either, &["open"]), Some(false));
    assert_eq!(may(&both, &["single"]), Some(false));
    assert_eq!(may(&both, &["single", "broad"]), Some(true));
    assert_eq!(decide(&either, holding(&[])).list("requirements"), ["single or broad"]);
    assert_eq!(decide(&both, holding(&[])).list("requirements"), ["broad", "single"]);
    // The outcome stays what it is: a licence is required, and held.
    assert_eq!(decide(&either, holding(&["single"])).outcome(), LICENCE);
}

#[test]
fn a_licence_of_which_there_are_versions_is_required_once() {
    let versions = "licence paper \"P\" { cite \"p\" in force to 2024-05-29 }\n\
                    licence paper \"P\" { cite \"q\" in force from 2024-05-30 }\n";
    let policy = toy(&(versions.to_owned() + &rule("r", "a", "require paper or single")));
    assert_eq!(decide(&policy, holding(&[])).list("requirements"), ["paper or single"]);
    assert_eq!(decide(&policy, holding(&["paper"])).may(), Some(true));
}

#[test]
fn each_requirement_stands_by_itself_and_curing_one_leaves_the_other() {
    let law = "rule r \"R\" { cite \"r\" when a then require single reason \"CC\" }\n\
               rule s \"S\" { cite \"s\" when b then require broad reason \"NS\" }\n"
        .to_owned()
        + &exception("x", "r", "c", "permit");
    let policy = toy(&law);
    let held = |kinds: &[&str], cured: bool| {
        let mut case = holding(kinds);
        case["c"] = json!(cured);
        case
    };
    let answer = decide(&policy, held(&["single"], false));
    assert_eq!(answer.may(), Some(false));
    let found: Vec<(&str, bool)> = answer.policy()["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["reason"].as_str().unwrap(), r["covered_by"].is_string()))
        .collect();
    assert_eq!(found, [("CC", true), ("NS", false)]);
    assert_eq!(decide(&policy, held(&["single", "broad"], false)).may(), Some(true));
    let answer = decide(&policy, held(&[], true));
    assert_eq!((answer.outcome(), answer.list("requirements")), (LICENCE, vec!["broad".to_owned()]));
    // Whether the first is cured is open: then only the second is certain.
    let answer = decide(&policy, holding(&["single"]));
    assert_eq!(
        (answer.list("requirements"), answer.possible("requirements")),
        (vec!["broad".into()], vec!["single (r)".into()])
    );
}

#[test]
fn a_held_licence_must_cover_and_a_field_not_given_is_named() {
    let policy = toy(&rule("r", "a", "require single"));
    let held = |licence: Value| json!({ "a": true, "destination": "FR", "licences": [licence] });
    let right = decide(&policy, held(json!({ "licence": "single", "destination": "FR" })));
    assert_eq!(right.may(), Some(true));
    let wrong = decide(&policy, held(json!({ "licence": "single", "destination": "US" })));
    assert_eq!(
        (wrong.may(), &wrong.policy()["requirements"][0]["failed"]),
        (Some(false), &json!(["licence.destination"]))
    );
    let open = decide(&policy, held(json!({ "licence": "single" })));
    assert_eq!((open.may(), &open.policy()["requirements"][0]["unknown"]), (None, &json!(["licence.destination"])));
    assert_eq!((open.outcome(), open.list("missing")), (LICENCE, vec!["licence.destination".to_owned()]));
    // By its name after that of its policy too; one that no policy knows covers nothing and is warned of.
    assert_eq!(decide(&policy, held(json!({ "licence": "toy.single", "destination": "FR" }))).may(), Some(true));
    let strange = decide(&policy, held(json!({ "licence": "import_permit", "destination": "FR" })));
    assert_eq!(strange.may(), Some(false));
    assert!(strange.0["warnings"].to_string().contains("import_permit"), "{}", strange.0);
}

#[test]
fn a_licence_runs_out_by_its_own_day_or_by_the_time_of_its_kind() {
    let policy = toy(&("licence dated \"D\" { valid 12 months }\n".to_owned() + &rule("r", "a", "require dated")));
    let held = |fields: Value| {
        let mut licence = json!({ "licence": "dated" });
        licence.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        json!({ "a": true, "licences": [licence] })
    };
    let may = |fields: Value| decide(&policy, held(fields)).may();
    assert_eq!(may(json!({ "expires": "2026-03-02" })), Some(true));
    assert_eq!(may(json!({ "expires": "2026-03-01" })), Some(false));
    assert_eq!(may(json!({ "issued": "2025-03-02" })), Some(true));
    assert_eq!(may(json!({ "issued": "2025-03-01" })), Some(false));
    assert_eq!(may(json!({ "issued": "2026-03-03" })), Some(false));
    assert_eq!(may(json!({ "issued": "2020-01-01", "expires": "2026-03-02" })), Some(true));
    assert_eq!(may(json!({})), None);
    assert_eq!(decide(&policy, held(json!({}))).list("missing"), ["licence.expires"]);
    // What `covers` reads and is not given never covers, though the kind's duration tells a last day.
    let read = "licence dated \"D\" { valid 12 months covers when licence.expires >= date }\n".to_owned();
    let reading = toy(&(read + &rule("r", "a", "require dated")));
    let issued = decide(&reading, held(json!({ "issued": "2025-03-02" })));
    assert_eq!((issued.may(), issued.list("missing")), (None, vec!["licence.expires".into()]));
    assert_eq!(decide(&reading, held(json!({ "issued": "2025-03-01" }))).may(), Some(false));
    // Without a fact for the last day nobody could be asked, so a paper of which nothing is said would cover.
    let no_last_day = FACTS.replace("fact licence.expires: date", "");
    let text = format!("{no_last_day}{ACT}licence dated \"D\" {{ valid 12 months }}");
    let refused = load(vec![law("law.gate", &text)]).map_or_else(|r| r.plain(), |_| String::new());
    assert!(refused.contains("no fact in use here says when a licence runs out"), "{refused}");
}

#[test]
fn unknown_facts_of_the_consignment_and_of_the_licence_are_completed_together() {
    // Whatever the destination, one licence covers it or the other does not: only the pair tells.
    let law = rule("r", "a", "require single") + &rule("ban", "destination in {FR}", "prohibit");
    let policy = toy(&law);
    let answer = decide(&policy, json!({ "a": true, "licences": [{ "licence": "single" }] }));
    assert_eq!(answer.may(), None);
    let answer = decide(&policy, json!({ "a": true, "licences": [{ "licence": "single", "destination": "FR" }] }));
    assert_eq!(answer.may(), Some(false));
    // AD is the first country of the table, and only as good as any other.
    let law = rule("r", "a", "require single") + &rule("ban", "destination in {AD}", "prohibit");
    assert_eq!(decide(&toy(&law), json!({ "a": true, "licences": [{ "licence": "single" }] })).may(), None);
}

// ------------------------------------------------------------------------------------------------ duties, documents

#[test]
fn duties_and_documents_are_certain_or_possible_with_the_facts_they_wait_for() {
    let law = "rule d \"D\" { cite \"d\" when a and b duty \"Keep papers\" within 30 days document \"X1\" }\n"
        .to_owned()
        + &rule("g", "a", "permit under open");
    let policy = toy(&law);
    let certain = decide(&policy, json!({ "a": true, "b": true }));
    assert_eq!(
        (certain.list("duties"), certain.list("documents")),
        (vec!["Keep papers".into(), "Register".into()], vec!["G1".into(), "X1".into()])
    );
    let open = decide(&policy, json!({ "a": true }));
    assert_eq!((open.list("duties"), open.list("documents")), (vec!["Register".into()], vec!["G1".into()]));
    assert_eq!((open.possible("duties"), open.possible("documents")), (vec!["Keep papers".into()], vec!["X1".into()]));
    assert_eq!(open.waits_for("documents", "X1"), ["b"]);
    let none = decide(&policy, json!({ "a": true, "b": false }));
    assert_eq!((none.possible("duties"), none.possible("documents")), (vec![], vec![]));
}

#[test]
fn a_negative_document_is_given_only_where_its_rule_certainly_applies() {
    let policy = toy("rule y \"Y\" { cite \"y\" when not a document \"Y9\" negative }");
    let given = decide(&policy, json!({ "a": false }));
    assert_eq!((given.list("documents"), given.list("not_documents")), (vec!["Y9".to_owned()], vec![]));
    let not = decide(&policy, json!({ "a": true }));
    assert_eq!((not.list("documents"), not.list("not_documents")), (vec![], vec!["Y9".to_owned()]));
    let open = decide(&policy, json!({}));
    assert_eq!((open.list("documents"), open.list("not_documents")), (vec![], vec![]));
    assert_eq!(open.waits_for("documents", "Y9"), ["a"]);
}

#[test]
fn what_a_paper_waits_for_includes_whether_the_policy_applies() {
    let act = ACT.replace("applies when date >= 2000-01-01", "applies when c");
    let paper = "rule y \"Y\" { cite \"y\" when a document \"X1\" }";
    let policy = files(vec![law("law.gate", &format!("{FACTS}{act}{paper}"))]);
    assert_eq!(decide(&policy, json!({ "a": true })).waits_for("documents", "X1"), ["c"]);
    assert_eq!(decide(&policy, json!({})).waits_for("documents", "X1"), ["a", "c"]);
}

// ------------------------------------------------------------------------------------------------------- constraints

#[test]
fn a_consignment_that_breaks_a_constraint_is_an_error_naming_the_facts() {
    let policy = toy(
        &("constraint k \"Whips are light\" { always not (a and b) }\n".to_owned() + &rule("ban", "c", "prohibit"))
    );
    let message = refusal(&policy, json!({ "a": true, "b": true, "c": false }));
    assert!(message.contains("constraint-broken") && message.contains("Whips are light (k)"), "{message}");
    assert!(message.contains("these facts cannot all be so: a, b"), "{message}");
    assert_eq!(decide(&policy, json!({ "a": true, "c": false })).outcome(), PERMITTED);
    // Two constraints that clash only together, over a fact that is not given.
    let chain = "constraint k \"C\" { always not a or c }\nconstraint l \"C\" { always not c or b }\n".to_owned();
    let policy = toy(&(chain + &rule("ban", "d", "prohibit")));
    let message = refusal(&policy, json!({ "a": true, "b": false }));
    assert!(message.contains("a") && message.contains("b"), "{message}");
}

#[test]
fn completions_respect_constraints() {
    let law = "constraint k \"C\" { always not a or b }\n".to_owned() + &rule("ban", "a and not b", "prohibit");
    assert_eq!(decide(&toy(&law), json!({})).outcome(), PERMITTED);
    let law = "constraint k \"C\" { always not a or b }\n".to_owned() + &rule("ban", "b", "prohibit");
    assert_eq!(decide(&toy(&law), json!({ "a": true })).outcome(), PROHIBITED);
    // A constraint on goods holds of each item.
    let law = "constraint k \"C\" { always not goods.kind is whip or not goods.heavy }\n".to_owned()
        + &rule("ban", "goods.heavy", "prohibit");
    let answer = decide(&toy(&law), goods(json!([{ "kind": "whip" }, { "kind": "baton" }])));
    assert_eq!(answer.0["items"][0]["outcome"], PERMITTED);
    assert_eq!(answer.0["items"][1]["outcome"], OPEN);
}

#[test]
fn an_open_answer_names_something_to_ask_also_where_constraints_tie_facts() {
    let tied =
        "constraint k \"C\" { always a and b or not a and not b }\n".to_owned() + &rule("ban", "a or b", "prohibit");
    let answer = decide(&toy(&tied), json!({}));
    assert_eq!(answer.outcome(), OPEN);
    assert!(!answer.list("missing").is_empty());
    let two = "constraint k \"C\" { always a and b or not a and not b }\nconstraint l \"C\" { always c and d or not c and not d }\n"
        .to_owned()
        + &rule("ban", "(a or b) and not (c or d) or (c or d) and not (a or b)", "prohibit");
    let answer = decide(&toy(&two), json!({}));
    assert_eq!(answer.outcome(), OPEN);
    assert!(!answer.list("missing").is_empty());
}

// ------------------------------------------------------------------------------------------- several policies, items

/// Two acts on one set of facts, in folders of their own.
fn two_acts() -> Policy {
    let act = |name: &str, applies: &str, body: String| {
        format!(
            "use trade\npolicy {name} \"P\" {{ source \"S\" applies when {applies} known from 2020-01-01 to 2027-12-31 otherwise permit }}\n\
             licence pass \"L\" {{ }}\n{body}"
        )
    };
    files(vec![
        law("trade.gate", FACTS),
        law("x/policy.gate", &act("x", "c", rule("ban", "a", "prohibit"))),
        law("y/policy.gate", &act("y", "d", rule("need", "b", "require pass"))),
    ])
}

#[test]
fn the_joint_outcome_of_several_policies_is_the_strictest() {
    let policy = two_acts();
    let case = |a: bool, b: bool, c: bool, d: bool| json!({ "a": a, "b": b, "c": c, "d": d });
    outcomes(
        &policy,
        &[
            (case(true, true, true, true), PROHIBITED),
            (case(false, true, true, true), LICENCE),
            (case(false, false, true, true), PERMITTED),
            (case(true, true, false, true), LICENCE),
            (case(true, true, true, false), PROHIBITED),
        ],
    );
}

#[test]
fn if_no_policy_speaks_that_is_no_clearance() {
    let none = decide(&two_acts(), json!({ "a": true, "b": true, "c": false, "d": false }));
    assert_eq!((none.outcome(), none.may()), ("not_applicable", None));
    assert!(none.0["warnings"].to_string().contains("no policy loaded speaks to this"), "{}", none.0);
    // Whether any speaks is open: neither cleared.
    let open = decide(&two_acts(), json!({ "a": false, "b": false, "c": false }));
    assert_eq!((open.outcome(), open.may()), (OPEN, None));
    assert_eq!(open.0["possible_outcomes"], json!([PERMITTED, "not_applicable"]));
}

#[test]
fn the_joint_outcome_is_formed_within_each_completion() {
    // Each act by itself is open; together they always prohibit or require.
    let act = |name: &str, body: String| {
        format!(
            "use trade\npolicy {name} \"P\" {{ source \"S\" applies when date >= 2000-01-01 known from 2020-01-01 otherwise permit }}\n{body}"
        )
    };
    let policy = files(vec![
        law("trade.gate", FACTS),
        law("x/policy.gate", &act("x", rule("ban", "a", "prohibit"))),
        law("y/policy.gate", &act("y", rule("ban", "not a", "prohibit"))),
    ]);
    let answer = decide(&policy, json!({}));
    assert_eq!((answer.outcome(), answer.may()), (PROHIBITED, Some(false)));
    assert_eq!(answer.0["policies"][0]["outcome"], OPEN);
    assert_eq!(answer.0["policies"][1]["outcome"], OPEN);
}

#[test]
fn outside_the_known_days_the_answer_is_undetermined_never_otherwise() {
    let policy = two_acts();
    for day in ["2019-12-31", "2028-01-01"] {
        let answer = decide(&policy, json!({ "date": day, "a": false, "b": false, "c": true, "d": true }));
        assert_eq!((answer.outcome(), answer.may()), (OPEN, None), "{day}");
        assert!(answer.0["policies"][0]["warnings"].to_string().contains("outside what is encoded"), "{}", answer.0);
    }
    for day in ["2020-01-01", "2027-12-31"] {
        let answer = decide(&policy, json!({ "date": day, "a": false, "b": false, "c": true, "d": true }));
        assert_eq!((answer.outcome(), answer.may()), (PERMITTED, Some(true)), "{day}");
    }
}

#[test]
fn what_one_policy_refuses_is_refused_though_another_is_not_known_on_the_day() {
    let act = |name: &str, to: &str, body: String| {
        format!(
            "use trade\npolicy {name} \"P\" {{ source \"S\" applies when date >= 2000-01-01 known from 2020-01-01 to {to} otherwise permit }}\n{body}"
        )
    };
    let policy = files(vec![
        law("trade.gate", FACTS),
        law("x/policy.gate", &act("x", "2029-12-31", rule("ban", "a", "prohibit"))),
        law("y/policy.gate", &act("y", "2021-12-31", rule("ban", "b", "prohibit"))),
    ]);
    let refused = decide(&policy, json!({ "a": true }));
    assert_eq!((refused.outcome(), refused.may()), (PROHIBITED, Some(false)));
    let open = decide(&policy, json!({ "a": false, "b": false }));
    assert_eq!((open.outcome(), open.may()), (OPEN, None));
}

#[test]
fn each_item_is_decided_and_the_strictest_is_the_consignments() {
    let policy = toy(&(rule("ban", "goods.heavy", "prohibit") + &rule("need", "a", "require single")));
    let answer = decide(&policy, json!({ "a": false, "goods": [{ "heavy": false }, { "heavy": true }] }));
    assert_eq!((answer.outcome(), answer.may()), (PROHIBITED, Some(false)));
    let items: Vec<(i64, &str)> = answer.0["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|i| (i["item"].as_i64().unwrap(), i["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(items, [(1, PERMITTED), (2, PROHIBITED)]);
    // A list of one is a list; one object is not.
    let listed = decide(&policy, json!({ "a": false, "goods": [{ "heavy": false }] }));
    assert_eq!((listed.0["items"].as_array().unwrap().len(), listed.0.get("policies")), (1, None));
    let single = decide(&policy, json!({ "a": false, "goods": { "heavy": false } }));
    assert_eq!((single.0.get("items"), single.0["policies"].as_array().unwrap().len()), (None, 1));
    // What is asked of one item names it.
    let open = decide(&policy, json!({ "a": false, "goods": [{ "heavy": false }, {}] }));
    assert_eq!(open.0["items"][1]["policies"][0]["missing"][0]["item"], 2);
}

#[test]
fn completions_are_of_all_items_together() {
    // One of two items is heavy or light as the shared fact says: together always prohibited.
    let policy = toy(&rule("ban", "a and goods.heavy or not a and not goods.heavy", "prohibit"));
    let answer = decide(&policy, json!({ "goods": [{ "heavy": true }, { "heavy": false }] }));
    assert_eq!((answer.outcome(), answer.may()), (PROHIBITED, Some(false)));
    assert_eq!(answer.0["items"][0]["outcome"], OPEN);
}

#[test]
fn an_error_in_one_item_makes_the_joint_answer_an_error() {
    let message = refusal(&ban("goods.heavy"), goods(json!([{ "heavy": true }, { "heavy": "perhaps" }])));
    assert!(message.contains("bad-fact-value"), "{message}");
}

// ---------------------------------------------------------------------------------------------------- groups of rules

fn grouped(groups: &str, exception: &str) -> Result<Policy, String> {
    let mut text = format!("{FACTS}{ACT}{groups}\n");
    for place in ["FR", "DE", "IT"] {
        text += &rule(&format!("to_{place}"), &format!("destination is {place}"), "prohibit");
    }
    text += exception;
    Policy::load(vec![law("law.gate", &text)]).map_err(|r| r.plain())
}

#[test]
fn an_exception_to_a_group_of_rules_is_one_to_each_rule_in_it() {
    let groups = "group west of rules { to_FR, to_DE }\ngroup union of rules \"All\" { west, to_IT, to_FR }\n";
    let exception = |to: &str| format!("exception e \"E\" to {to} {{ cite \"E\" when a then permit }}\n");
    let to = |d: &str| json!({ "destination": d, "a": true });
    let west = grouped(groups, &exception("west")).unwrap();
    outcomes(&west, &[(to("FR"), PERMITTED), (to("DE"), PERMITTED), (to("IT"), PROHIBITED)]);
    let union = grouped(groups, &exception("union")).unwrap();
    outcomes(&union, &[(to("FR"), PERMITTED), (to("DE"), PERMITTED), (to("IT"), PERMITTED)]);
    let bar = "bar b \"B\" to every exception to west { cite \"B\" when b }\n";
    let barred = grouped(groups, &(exception("union") + bar)).unwrap();
    outcomes(&barred, &[(json!({ "destination": "IT", "a": true, "b": true }), PROHIBITED)]);
}

#[test]
fn what_cannot_be_a_group_of_rules_is_said() {
    let says = |groups: &str, code: &str, what: &str| {
        let e = grouped(groups, "").map_or_else(|e| e, |_| "no message".to_owned());
        assert!(e.contains(code) && e.contains(what), "{groups}: {e}");
    };
    says("group g of rules { to_FR, to_UK }", "unknown-name", "to_UK");
    says("group g of rules { h }\ngroup h of rules { g }", "cycle", "list each other");
    says("group g of rules { to_FR from 2025-01-01 }", "wrong-type", "no days of its own");
    says("group g of rules in force from 2025-01-01 { to_FR }", "wrong-type", "no days of its own");
    says("group g of rules = to_FR + to_DE", "wrong-type", "is a list");
    says("group g of rules { }", "empty-group", "no member");
    says("group g of rules { to_FR }\ngroup g of rules { to_DE }", "declared-twice", "group of rules `g`");
    says("group to_FR of rules { to_DE }", "declared-twice", "to_FR");
}

// ------------------------------------------------------------------------------------------------------------ charts

fn charted(known: &str) -> Policy {
    let text = format!(
        "{FACTS}{ACT}place IT-livigno \"Livigno\" in IT\nplace IT-campione \"Campione\" in IT\n\
         chart marks {known} from \"marks.csv\"\n{}",
        rule("ban", "destination marked M1 in marks", "prohibit")
    );
    files(vec![
        law("law.gate", &text),
        law(
            "marks.csv",
            "country,M1,M2,as\nFR,X,,\nDE,,X,\nAT,?,,\nLI,,,CH\nCH,X,,\nIT,X,,\nIT-campione,,,CH\nSM,,,VA\n",
        ),
    ])
}

#[test]
fn a_chart_says_so_by_own_borrowed_or_inherited_row_and_is_unknown_without() {
    let to = |d: &str| json!({ "destination": d });
    outcomes(
        &charted(""),
        &[
            (to("FR"), PROHIBITED),
            (to("DE"), PERMITTED),
            (to("LI"), PROHIBITED),
            (to("IT-livigno"), PROHIBITED),
            (to("IT-campione"), PROHIBITED),
            (to("AT"), OPEN),
            (to("US"), OPEN),
            (to("SM"), OPEN),
        ],
    );
    let silent = decide(&charted(""), to("US"));
    assert_eq!((silent.may(), silent.list("missing")), (None, vec![]));
    assert!(silent.policy()["warnings"].to_string().contains("marks"), "{}", silent.0);
}

/// A law with a ban on what is marked M1, by the versions of a chart that are given as declaration and file.
fn versions(versions: &[(&str, &str)]) -> Result<Policy, String> {
    let mut text = format!("{FACTS}{ACT}place IT-livigno \"Livigno\" in IT\n");
    let mut all = Vec::new();
    for (i, (fields, csv)) in versions.iter().enumerate() {
        text += &format!("chart marks from \"marks_{i}.csv\" {fields}\n");
        all.push(law(&format!("marks_{i}.csv"), csv));
    }
    text += &rule("ban", "destination marked M1 in marks", "prohibit");
    all.push(law("law.gate", &text));
    Policy::load(all).map_err(|r| r.plain())
}

#[test]
fn a_chart_has_versions_and_rows_with_days() {
    let earlier = "country,M1,M2,from,to\nFR,X,,,2020-06-30\nFR,,,2020-07-01,\nDE,,X,,\nIT,,,,\nIT-livigno,X,,,2020-06-30\nAT,X,,2020-07-01,\n";
    let later = "country,M1\nFR,X\nDE,X\n";
    let policy =
        versions(&[("known from 2020-01-01 to 2020-12-31", earlier), ("known from 2021-01-01 to 2021-12-31", later)])
            .unwrap();
    let on = |date: &str, to: &str| json!({ "date": date, "destination": to });
    outcomes(
        &policy,
        &[
            (on("2019-12-31", "FR"), OPEN),
            (on("2020-06-30", "FR"), PROHIBITED),
            (on("2020-07-01", "FR"), PERMITTED),
            (on("2020-12-31", "FR"), PERMITTED),
            (on("2021-01-01", "FR"), PROHIBITED),
            (on("2021-12-31", "FR"), PROHIBITED),
            (on("2022-01-01", "FR"), OPEN),
            (on("2020-12-31", "DE"), PERMITTED),
            (on("2021-01-01", "DE"), PROHIBITED),
            // A place whose own row is over has that of what it lies in; a country has none.
            (on("2020-06-30", "IT-livigno"), PROHIBITED),
            (on("2020-07-01", "IT-livigno"), PERMITTED),
            (on("2020-06-30", "AT"), OPEN),
            (on("2020-07-01", "AT"), PROHIBITED),
            (on("2021-01-01", "IT"), OPEN),
        ],
    );
}

#[test]
fn a_column_that_a_version_does_not_print_is_unknown_while_it_is_known() {
    let policy = versions(&[
        ("known to 2020-12-31", "country,M2\nFR,X\n"),
        ("known from 2021-01-01", "country,M2,M1\nFR,,X\nDE,,\n"),
    ])
    .unwrap();
    let on = |date: &str, to: &str| json!({ "date": date, "destination": to });
    outcomes(
        &policy,
        &[(on("2020-12-31", "FR"), OPEN), (on("2021-01-01", "FR"), PROHIBITED), (on("2021-01-01", "DE"), PERMITTED)],
    );
}

#[test]
fn versions_of_a_chart_may_not_be_known_for_the_same_day() {
    let csv = "country,M1\nFR,X\n";
    let error = |a, b| versions(&[(a, csv), (b, csv)]).unwrap_err();
    let twice = error("", "");
    assert!(twice.contains("declared-twice") && twice.contains("`known`"), "{twice}");
    let both = error("known to 2021-01-01", "known from 2021-01-01");
    assert!(both.contains("overlapping-versions") && both.contains("known for the same day"), "{both}");
    assert!(error("known to 2021-01-01", "").contains("overlapping-versions"));
}

#[test]
fn what_is_unsure_of_a_row_or_a_chart_is_said_where_an_answer_rests_on_it() {
    let earlier =
        "country,M1,as,doubt\nFR,X,,unsure: the mark\nDE,,,memory: no mark\nAT,X,,\nMC,,FR,unsure: borrowed\n";
    let policy = versions(&[
        ("known to 2020-12-31", earlier),
        ("known from 2021-01-01 doubt \"memory: the whole\"", "country,M1\nFR,X\nDE,\n"),
    ])
    .unwrap();
    let warned = |date: &str, to: &str| {
        let decision = decide(&policy, json!({ "date": date, "destination": to }));
        decision.policy()["warnings"].as_array().cloned().unwrap_or_default()
    };
    assert_eq!(warned("2020-12-31", "FR"), ["marks: unsure: the mark"]);
    assert_eq!(warned("2020-12-31", "MC"), ["marks: unsure: borrowed", "marks: unsure: the mark"]);
    assert_eq!(warned("2020-12-31", "AT"), json!([]).as_array().unwrap()[..]);
    assert_eq!(warned("2021-01-01", "FR"), ["marks: memory: the whole"]);
}

#[test]
fn outside_its_known_days_a_chart_says_nothing() {
    let policy = charted("known from 2021-01-01 to 2021-12-31");
    let on = |date: &str, to: &str| json!({ "date": date, "destination": to });
    outcomes(
        &policy,
        &[
            (on("2021-01-01", "DE"), PERMITTED),
            (on("2021-12-31", "FR"), PROHIBITED),
            (on("2022-01-01", "DE"), OPEN),
            (on("2020-12-31", "FR"), OPEN),
        ],
    );
}

#[test]
fn members_of_groups_come_and_go_on_their_days() {
    let policy = toy(&format!(
        "group g {{ HR from 2021-07-01, GB to 2020-12-31, FR }}\n{}",
        rule("ban", "destination in g", "prohibit")
    ));
    let on = |date: &str, to: &str| json!({ "date": date, "destination": to });
    outcomes(
        &policy,
        &[
            (on("2021-06-30", "HR"), PERMITTED),
            (on("2021-07-01", "HR"), PROHIBITED),
            (on("2020-12-31", "GB"), PROHIBITED),
            (on("2021-01-01", "GB"), PERMITTED),
            (on("2021-01-01", "FR"), PROHIBITED),
        ],
    );
}

#[test]
fn a_group_that_no_version_describes_on_the_day_is_unknown() {
    let policy =
        toy(&format!("group g in force from 2022-01-01 {{ FR }}\n{}", rule("ban", "destination in g", "prohibit")));
    let on = |date: &str, to: &str| json!({ "date": date, "destination": to });
    outcomes(
        &policy,
        &[(on("2021-12-31", "FR"), OPEN), (on("2021-12-31", "US"), OPEN), (on("2022-01-01", "US"), PERMITTED)],
    );
}

// ------------------------------------------------------------------------------------------------- money, the limit

#[test]
fn money_in_another_currency_is_unknown_and_warned_of() {
    let policy = ban("worth > 1000 EUR");
    outcomes(
        &policy,
        &[
            (json!({ "worth": "1000.01 EUR" }), PROHIBITED),
            (json!({ "worth": "1000 EUR" }), PERMITTED),
            (json!({ "worth": "1 USD" }), OPEN),
        ],
    );
    let answer = decide(&policy, json!({ "worth": "1 USD" }));
    assert!(answer.0["warnings"].to_string().contains("another currency"), "{}", answer.0);
}

#[test]
fn a_limit_reached_says_so_and_what_is_said_stays_sound() {
    let law =
        rule("ban", "(a and b or not a and not b) and (c or d) and n > 3 and destination in {FR, DE}", "prohibit")
            + &rule("need", "a and c and n < 8", "require single")
            + &exception("free", "ban", "b and d", "permit");
    let policy = toy(&law);
    let full = decide(&policy, json!({}));
    assert!(full.0["resolved"].as_bool().unwrap());
    let mut short = 0;
    for limit in 0..60 {
        let answer = decide_with(&policy, json!({}), &Options { limit, ..Options::default() });
        let resolved = answer.0["resolved"].as_bool().unwrap();
        short += usize::from(!resolved);
        if resolved {
            assert_eq!(answer.outcome(), full.outcome());
            continue;
        }
        sound(&answer, &full);
    }
    assert!(short > 0);
    // What needs no completion is certain whatever the limit.
    let certain = decide_with(&ban("a"), json!({ "a": true }), &Options { limit: 0, ..Options::default() });
    assert_eq!(certain.outcome(), PROHIBITED);
}

/// An answer cut short states nothing that the whole answer does not, and leaves out nothing that is possible.
fn sound(answer: &Answer, full: &Answer) {
    let all = |a: &Answer| match a.outcome() {
        OPEN => a.possible("outcomes"),
        one => vec![one.to_owned()],
    };
    let (some, every) = (all(full), all(answer));
    assert!(some.iter().all(|o| every.contains(o)), "{every:?} leaves out some of {some:?}");
    assert!(answer.may().is_none() || answer.may() == full.may());
    for what in ["documents", "duties", "categories"] {
        let stated = full.list(what);
        assert!(answer.list(what).iter().all(|n| stated.contains(n)));
    }
}

#[test]
fn sets_with_many_classes_are_bounded_and_not_decided_wrongly() {
    // Ten classes of countries: all subsets are too many, and a pair is what counts.
    let names = ["FR", "DE", "IT", "ES", "PT", "NL", "BE", "LU", "AT", "PL"];
    let pair = "any of transit in {FR} and any of transit in {DE} and not any of transit in {IT}";
    let rest: String = names.iter().map(|n| format!(" and not (any of transit in {{{n}}} and a)")).collect();
    let policy = ban(&format!("{pair}{rest}"));
    let answer = decide(&policy, json!({ "a": false }));
    assert_eq!((answer.outcome(), answer.0["resolved"].as_bool()), (OPEN, Some(false)));
    assert_eq!(decide(&policy, json!({ "a": false, "transit": ["FR", "DE"] })).outcome(), PROHIBITED);
    // A constraint that only such a pair meets does not make the consignment impossible.
    let law =
        format!("constraint k \"C\" {{ always not b or {pair} }}\n{}", rule("ban", &format!("a{rest}"), "prohibit"));
    assert_eq!(decide(&toy(&law), json!({ "a": false, "b": true })).outcome(), PERMITTED);
}

#[test]
fn a_broad_value_in_a_set_stays_within_itself() {
    let text = format!(
        "{FACTS}fact goods.parts: set of one of {{ grip, blade {{ saw, razor }}, tip }}\n{ACT}{}{}",
        rule("ban", "any of goods.parts in {razor}", "prohibit"),
        rule("need", "any of goods.parts in {tip}", "require single")
    );
    let policy = files(vec![law("law.gate", &text)]);
    let parts = |list: Value| goods(json!({ "parts": list }));
    outcomes(
        &policy,
        &[
            (parts(json!(["blade", "grip"])), OPEN),
            (parts(json!(["saw"])), PERMITTED),
            (parts(json!(["razor"])), PROHIBITED),
        ],
    );
    assert_eq!(decide(&policy, parts(json!(["blade"]))).possible("outcomes"), [PERMITTED, PROHIBITED]);
    // What is given stays given.
    assert_eq!(decide(&policy, parts(json!(["blade", "tip"]))).possible("outcomes"), [LICENCE, PROHIBITED]);
}

#[test]
fn a_short_code_in_a_set_stays_within_itself() {
    let text = format!(
        "{FACTS}fact goods.headings: set of code HS\n{ACT}category list \"L\" {{ when any of goods.headings in {{8543 70, 9304}} }}\n{}",
        rule("ban", "goods in list", "prohibit"),
    );
    let policy = files(vec![law("law.gate", &text)]);
    let codes = |list: Value| goods(json!({ "headings": list }));
    outcomes(
        &policy,
        &[
            (codes(json!(["8543", "3920"])), OPEN),
            (codes(json!(["8543 70 90", "3920"])), PROHIBITED),
            (codes(json!(["3920", "6602"])), PERMITTED),
            (codes(json!(["8543", "9304 00"])), PROHIBITED),
            (codes(json!([])), PERMITTED),
        ],
    );
}

#[test]
fn a_broad_value_in_a_set_may_be_several_narrower_ones() {
    let text = format!(
        "{FACTS}fact goods.parts: set of one of {{ grip, blade {{ saw, razor }} }}\n{ACT}{}",
        rule("ban", "any of goods.parts in {saw} and any of goods.parts in {razor}", "prohibit"),
    );
    let policy = files(vec![law("law.gate", &text)]);
    outcomes(&policy, &[(goods(json!({ "parts": ["blade"] })), OPEN), (goods(json!({ "parts": ["saw"] })), PERMITTED)]);
}

// ------------------------------------------------------------------------------------------------------------- order

#[test]
fn which_general_licence_permits_does_not_depend_on_the_order_of_declarations() {
    let more = "licence other \"Other general licence\" { general }\n";
    let (x, y) = (rule("x", "a", "permit under open"), rule("y", "a", "permit under other"));
    let under = |law: String| decide(&toy(&law), json!({ "a": true })).policy()["under"].clone();
    assert_eq!(under(format!("{more}{x}{y}")), under(format!("{more}{y}{x}")));
}

#[test]
fn a_code_that_a_rule_itself_asks_for_is_asked_though_entries_describe_their_goods() {
    let ban = rule("ban", "goods.code in {9304}", "prohibit");
    let list = |entry: &str| toy(&(format!("category list \"L\" {{ {entry} }}\n") + &ban));
    // Alone, beside an entry that describes its goods, and beside one that has a code and no description.
    for policy in [toy(&ban), list("code CN 8543 when a"), list("code CN 8543")] {
        let answer = decide(&policy, json!({}));
        assert_eq!((answer.outcome(), answer.list("missing")), (OPEN, vec!["goods.code".to_owned()]));
        let other = decide(&policy, json!({ "goods": { "code": "8543 70 90" } }));
        assert_eq!((other.outcome(), other.list("missing")), (PERMITTED, Vec::new()));
    }
    // What only an entry asks for is presumed to fit where the goods do.
    let described =
        toy(&("category list \"L\" { code CN 8543 when a }\n".to_owned() + &rule("ban", "goods in list", "prohibit")));
    assert_eq!(decide(&described, json!({})).list("missing"), ["a"]);
}

#[test]
fn codes_are_not_compared_with_each_other() {
    // `7326` given in part may be `7326 90 98`: neither equal nor unequal, and nothing known of both is not equal either.
    let declared = "fact goods.old_code: code CN\n";
    assert_eq!(problems(declared), [""; 0]);
    let law = declared.to_owned() + &rule("ban", "goods.code is goods.old_code", "prohibit");
    assert_eq!(problems(&law), ["wrong-type"]);
}

#[test]
fn fields_of_a_licence_are_read_only_where_a_licence_is_meant() {
    assert_eq!(problems(&rule("ban", "licence.expires >= date", "prohibit")), ["wrong-type"]);
    let named = "fact fresh: yes/no means licence.expires >= date\n".to_owned();
    assert_eq!(problems(&(named.clone() + &rule("ban", "a or fresh", "prohibit"))), ["wrong-type"]);
    assert_eq!(problems("category x \"X\" { when licence.destination is destination }"), ["wrong-type"]);
    assert_eq!(problems(&(named + "licence dated \"D\" { covers when fresh }")), [""; 0]);
}

#[test]
fn where_countries_are_compared_one_that_has_a_place_in_it_is_one_of_its_own() {
    // What leaves from the hill may go to the country in which it lies, which covers it.
    let law = format!(
        "{FACTS}place IT-hill \"Hill\" in IT\nconstraint c \"C\" {{ always not destination in {{FR, IT-hill}} }}\n{ACT}{}",
        rule("ban", "destination is origin", "prohibit")
    );
    let policy = files(vec![crate::support::law("law.gate", &law)]);
    outcomes(
        &policy,
        &[
            (json!({ "origin": "IT-hill" }), OPEN),
            (json!({ "origin": "IT-hill", "destination": "IT" }), PROHIBITED),
            (json!({ "origin": "IT-hill", "destination": "DE" }), PERMITTED),
            (json!({ "destination": "IT" }), OPEN),
        ],
    );
    let plainly = |case: Value| {
        let found = policy.decide_with(
            &policy.plain_evaluator(),
            "case",
            &case.to_string(),
            &portcullis::consignment::Overlay::default(),
            &Options::default(),
        );
        Answer(serde_json::to_value(found.unwrap_or_else(|r| panic!("{r}"))).unwrap())
    };
    let open = plainly(json!({ "date": "2026-03-02", "origin": "IT-hill" }));
    assert_eq!(open.outcome(), OPEN);
}

#[test]
fn a_doubt_is_repeated_by_every_answer_that_rests_on_it_and_by_no_other() {
    let law = format!(
        "{FACTS}group near \"N\" {{ FR doubt \"memory: joined late\", DE }}\nplace IT-hill \"Hill\" in IT doubt \"unsure: outside\"\n\
         fact risky: yes/no means a doubt \"unsure: how it is read\"\n{ACT}{}",
        rule("ban", "risky and destination in near or b and destination is IT", "prohibit")
    );
    let policy = files(vec![crate::support::law("law.gate", &law)]);
    let warned = |facts: Value, text: &str| {
        let answer = decide(&policy, facts);
        answer.0["policies"][0]["warnings"].to_string().contains(text)
    };
    assert!(warned(json!({ "a": true, "b": false, "destination": "FR" }), "near: memory: joined late"));
    assert!(warned(json!({ "a": true, "b": false, "destination": "FR" }), "risky: unsure: how it is read"));
    // Another member, another way, or nothing that holds.
    assert!(!warned(json!({ "a": true, "b": false, "destination": "DE" }), "joined late"));
    assert!(warned(json!({ "a": false, "b": true, "destination": "IT-hill" }), "IT-hill: unsure: outside"));
    assert!(!warned(json!({ "a": false, "b": true, "destination": "IT-hill" }), "risky"));
    assert!(!warned(json!({ "a": false, "b": false, "destination": "FR" }), "near"));
}

#[test]
fn an_exception_that_a_bar_keeps_out_is_not_offered_to_be_claimed() {
    let law = rule("ban", "a", "prohibit")
        + "exception free \"F\" to ban { cite \"f\" claimed when b when a then permit }\n"
        + "bar gate \"G\" to every exception { cite \"g\" when c }\n";
    let policy = toy(&law);
    let claimable = |facts: Value| decide(&policy, facts).0["policies"][0]["claimable"].to_string();
    assert!(claimable(json!({ "a": true, "c": false })).contains("free"));
    assert!(claimable(json!({ "a": true })).contains("free"), "the bar may or may not apply");
    assert_eq!(claimable(json!({ "a": true, "c": true })), "[]");
    // Whether the exception would apply is open; if it did, the bar would keep it out.
    let policy = toy(&law.replace("when a then permit", "when d then permit"));
    let claimable = |facts: Value| decide(&policy, facts).0["policies"][0]["claimable"].to_string();
    assert!(claimable(json!({ "a": true, "c": false })).contains("free"));
    assert_eq!(claimable(json!({ "a": true, "c": true })), "[]");
}
