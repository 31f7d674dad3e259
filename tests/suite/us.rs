//! The country chart of the United States: every cell as the law prints it, and no place that is free by a gap.
//!
//! The lists of country codes below were written down from the chart column by column. They are not read from the CSV
//! file that the policy reads, so that a slip in either shows.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::consignment::Overlay;
use portcullis::embedded;
use portcullis::model::country;
use portcullis::{LawFile, Options, Policy};
use serde_json::{Value, json};

use crate::support::law;

/// The 196 rows that have marks or could have them.
const ROWS: &str = "AD AE AF AG AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL \
     CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW \
     GY HN HR HT HU ID IE IL IN IQ IS IT JM JO JP KE KG KH KI KM KN KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA \
     MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW \
     PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TR TT TV TW \
     TZ UA UG UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW";

/// The marks of each column, by country.
#[rustfmt::skip]
const COLUMNS: [(&str, &str); 16] = [
    ("CB1", "AD AE AF AG AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL \
     CM CN CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW \
     GY HN HR HT HU ID IE IL IN IQ IS IT JM JO JP KE KG KH KI KM KN KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA \
     MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW \
     PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TR TT TV TW \
     TZ UA UG UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW"),
    ("CB2", "AD AE AF AG AL AM AO AW AZ BA BB BD BF BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CI CL CM CN CO CR CV CW DJ \
     DM DO DZ EC EG EH ER ET FJ FM GA GD GE GH GM GN GQ GT GW GY HN HT ID IL IQ JM JO KE KG KH KI KM KN KW KZ LA \
     LB LC LK LR LS LY MA MC MD ME MG MH MK ML MM MN MO MR MU MV MW MY MZ NA NE NG NI NP NR OM PA PE PG PH PK PW \
     PY QA RS RU RW SA SB SC SD SG SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TT TV TW TZ UG UY UZ VA \
     VC VE VN VU WS XK YE ZA ZM ZW"),
    ("CB3", "AE AF AM AZ BH BY CN EG GE IL IQ JO KG KW KZ LB LY MD MM MN MO OM PK QA RU SA TJ TM TW UZ VE VN YE"),
    ("NP1", "AD AE AF AG AL AM AO AW AZ BA BB BD BF BH BI BJ BN BO BS BT BW BY BZ CD CF CG CI CL CM CN CO CR CV CW DJ DM \
     DO DZ EC EG EH ER ET FJ FM GA GD GE GH GM GN GQ GT GW GY HN HT ID IL IN IQ JM JO KE KG KH KI KM KN KW LA LB \
     LC LK LR LS LY MA MC MD ME MG MH MK ML MM MN MO MR MU MV MW MY MZ NA NE NG NI NP NR OM PA PE PG PH PK PW PY \
     QA RU RW SA SB SC SD SG SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TT TV TW TZ UG UY UZ VA VC VE \
     VN VU WS XK YE ZM ZW"),
    ("NP2", "BY CN IL IQ LY MO PK RU VE"),
    ("NS1", "AD AE AF AG AL AM AO AR AT AW AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CH CI CL CM CN \
     CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FM FR GA GD GE GH GM GN GQ GR GT GW GY HN HR \
     HT HU ID IE IL IN IQ IS IT JM JO JP KE KG KH KI KM KN KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
     MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO \
     RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG \
     UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW"),
    ("NS2", "AD AE AF AG AL AM AO AW AZ BA BB BD BF BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CI CL CM CN CO CR CV CW CY \
     DJ DM DO DZ EC EG EH ER ET FJ FM GA GD GE GH GM GN GQ GT GW GY HN HT ID IL IQ JM JO KE KG KH KI KM KN KW KZ \
     LA LB LC LK LR LS LY MA MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MY MZ NA NE NG NI NP NR OM PA PE PG PH \
     PK PW PY QA RS RU RW SA SB SC SD SG SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TT TV TW TZ UA UG \
     UY UZ VA VC VE VN VU WS XK YE ZM ZW"),
    ("MT1", "AD AE AF AG AL AM AO AR AT AW AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CH CI CL CM CN \
     CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FM FR GA GD GE GH GM GN GQ GR GT GW GY HN HR \
     HT HU ID IE IL IN IQ IS IT JM JO JP KE KG KH KI KM KN KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
     MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO \
     RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG \
     UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW"),
    ("RS1", "AD AE AF AG AL AM AO AR AT AW AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CH CI CL CM CN \
     CO CR CV CW CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FM FR GA GD GE GH GM GN GQ GR GT GW GY HN HR \
     HT HU ID IE IL IN IQ IS IT JM JO JP KE KG KH KI KM KN KR KW KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME \
     MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG PH PK PL PT PW PY QA RO \
     RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG \
     UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW"),
    ("RS2", "AD AE AF AG AL AM AO AW AZ BA BB BD BF BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CI CL CM CN CO CR CV CW CY \
     DJ DM DO DZ EC EG EH ER ET FJ FM GA GD GE GH GM GN GQ GT GW GY HN HT ID IL IQ JM JO KE KG KH KI KM KN KW KZ \
     LA LB LC LK LR LS LY MA MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MY MZ NA NE NG NI NP NR OM PA PE PG PH \
     PK PW PY QA RS RU RW SA SB SC SD SG SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TT TV TW TZ UA UG \
     UY UZ VA VC VE VN VU WS XK YE ZM ZW"),
    ("FC1", "AG AR BB BO BR BS BZ CA CL CO CR DM DO EC GD GT GY HN HT JM KN LC MX NI PA PE PY SR SV TT UY VC VE"),
    ("CC1", "AD AE AF AG AM AO AR AW AZ BA BB BD BF BH BI BJ BN BO BR BS BT BW BY BZ CD CF CG CI CL CM CN CO CR CV CW CY \
     DJ DM DO DZ EC EG EH ER ET FJ FM GA GD GE GH GM GN GQ GT GW GY HN HT ID IL IQ JM JO KE KG KH KI KM KN KW KZ \
     LA LB LC LK LR LS LY MA MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NP NR OM PA PE PG \
     PH PK PW PY QA RS RU RW SA SB SC SD SG SL SM SN SO SR SS ST SV SX SZ TD TG TH TJ TL TM TN TO TT TV TW TZ UA \
     UG UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW"),
    ("CC2", "AM AZ BY FJ GE IQ KG KH KZ LA MD ME MN RS RU RW TJ TM UA UZ VN XK"),
    ("CC3", "AD AE AF AG AO AR AW BA BB BD BF BH BI BJ BN BO BR BS BT BW BZ CD CF CG CI CL CM CN CO CR CV CW CY DJ DM DO \
     DZ EC EG EH ER ET FJ FM GA GD GH GM GN GQ GT GW GY HN HT ID IL JM JO KE KI KM KN KW LB LC LK LR LS LY MA MC \
     ME MG MH MK ML MM MO MR MT MU MV MW MX MY MZ NA NE NG NI NP NR OM PA PE PG PH PK PW PY QA RS RW SA SB SC SD \
     SG SL SM SN SO SR SS ST SV SX SZ TD TG TH TL TN TO TT TV TW TZ UG UY VA VC VE VU WS XK YE ZA ZM ZW"),
    ("AT1", ""),
    ("AT2", ""),
];

/// The rows that carry a pointer to part 746 in place of marks.
const EMBARGOED: [&str; 4] = ["CU", "IR", "KP", "SY"];

/// Territories that borrow the row of another.
const BORROWED: [(&str, &str); 19] = [
    ("BM", "GB"),
    ("BQ", "NL"),
    ("CK", "NZ"),
    ("FO", "DK"),
    ("GF", "FR"),
    ("GG", "GB"),
    ("GI", "GB"),
    ("GL", "DK"),
    ("GP", "FR"),
    ("HK", "CN"),
    ("IM", "GB"),
    ("JE", "GB"),
    ("KY", "GB"),
    ("MQ", "FR"),
    ("NC", "FR"),
    ("NF", "AU"),
    ("PF", "FR"),
    ("RE", "FR"),
    ("VG", "GB"),
];

/// The United States and what belongs to them.
const HOME: [&str; 7] = ["US", "AS", "GU", "MP", "PR", "UM", "VI"];

fn codes(list: &str) -> Vec<&str> {
    list.split_whitespace().collect()
}

fn shipped(path: &str) -> String {
    let file = embedded::files().into_iter().find(|f| f.path == path);
    String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes).unwrap()
}

/// A policy over a chart with a rule for each column, whose reason is the column.
fn reader(csv: &str, columns: &[&str]) -> Policy {
    let mut text = String::from(
        "fact date: date ask \"When?\"\nfact destination: country ask \"Where?\"\n\
         policy lab \"Lab\" { source \"s\" applies when not destination is AQ known from 2017-01-15 otherwise permit }\n\
         licence l \"L\" { }\nchart c from \"c.csv\"\n",
    );
    for column in columns {
        text += &format!(
            "rule r_{column} \"R\" {{ cite \"s\" when destination marked {column} in c then require l reason \"{column}\" }}\n"
        );
    }
    let files =
        vec![law("lab/policy.gate", &text), LawFile { path: "lab/c.csv".into(), bytes: csv.as_bytes().to_vec() }];
    Policy::load(files).unwrap_or_else(|r| panic!("{}", r.plain()))
}

/// The columns that are marked for a place; none where the chart leaves something open.
fn marks(policy: &Policy, place: &str) -> Option<BTreeSet<String>> {
    marks_on(policy, "2026-07-27", place)
}

fn marks_on(policy: &Policy, date: &str, place: &str) -> Option<BTreeSet<String>> {
    let consignment = json!({ "date": date, "destination": place }).to_string();
    let decision = policy.decide(&consignment).unwrap_or_else(|r| panic!("{}", r.plain()));
    let answer = serde_json::to_value(&decision.policies[0]).unwrap();
    let open = answer["possible"]["requirements"].as_array().is_some_and(|a| !a.is_empty());
    let reasons = answer["requirements"].as_array().unwrap().iter();
    (!open).then(|| reasons.map(|r| r["reason"].as_str().unwrap().to_owned()).collect())
}

/// The cells of a chart that are not as the lists above say, and how many cells were compared.
fn differences(csv: &str) -> (Vec<String>, usize) {
    let names: Vec<&str> = COLUMNS.iter().map(|(c, _)| *c).collect();
    let policy = reader(csv, &names);
    let expected: BTreeMap<&str, BTreeSet<&str>> =
        COLUMNS.iter().map(|(c, list)| (*c, codes(list).into_iter().collect())).collect();
    let (mut found, mut cells) = (Vec::new(), 0);
    for place in codes(ROWS) {
        let marks = marks(&policy, place);
        for column in &names {
            cells += 1;
            let cell = marks.as_ref().map(|m| m.contains(*column));
            if cell != Some(expected[column].contains(place)) {
                found.push(format!("{place} {column}"));
            }
        }
    }
    (found, cells)
}

#[test]
fn every_cell_of_the_chart_is_as_the_law_prints_it() {
    let (found, cells) = differences(&shipped("us/ear/country_chart.csv"));
    assert_eq!(cells, 196 * 16);
    assert_eq!(found, Vec::<String>::new());
}

#[test]
fn one_flipped_cell_is_found() {
    let csv = shipped("us/ear/country_chart.csv");
    let header: Vec<&str> = csv.lines().find(|l| l.starts_with("country,")).unwrap().split(',').collect();
    for (place, column) in [("DE", "CC1"), ("BR", "CC1"), ("ME", "CC2"), ("NA", "FC1"), ("NO", "NP2"), ("CN", "AT1")] {
        let at = header.iter().position(|h| *h == column).unwrap();
        let flip = |line: &str| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if cells[0] == place {
                cells[at] = if cells[at] == "X" { "" } else { "X" };
            }
            cells.join(",")
        };
        let flipped: Vec<String> = csv.lines().map(flip).collect();
        assert_eq!(differences(&flipped.join("\n")).0, [format!("{place} {column}")]);
    }
}

#[test]
fn embargoed_rows_point_to_part_746_and_no_other_row_does() {
    let policy = reader(&shipped("us/ear/country_chart.csv"), &["part_746", "CC1", "AT1"]);
    for place in EMBARGOED {
        assert_eq!(marks(&policy, place), Some(BTreeSet::from(["part_746".to_owned()])), "{place}");
    }
    for place in codes(ROWS) {
        assert!(!marks(&policy, place).unwrap().contains("part_746"), "{place}");
    }
}

#[test]
fn territories_borrow_the_row_of_the_country_the_law_names() {
    let columns: Vec<&str> = COLUMNS.iter().map(|(c, _)| *c).collect();
    let policy = reader(&shipped("us/ear/country_chart.csv"), &columns);
    for (territory, from) in BORROWED {
        let expected = COLUMNS.iter().filter(|(_, list)| codes(list).contains(&from)).map(|(c, _)| (*c).to_owned());
        assert_eq!(marks(&policy, territory), Some(expected.collect()), "{territory} borrows {from}");
    }
}

/// The columns of the older versions.
const OLDER: [&str; 4] = ["FC1", "CC1", "CC2", "CC3"];

/// While the firearms interim final rule was in force, column CC2 is marked where any crime-control column is marked
/// today; everywhere else the source leaves it open. All other columns are those of today.
#[test]
fn the_chart_of_2024_has_column_2_marked_or_open_and_the_others_as_today() {
    let csv = shipped("us/ear/crime_control_in_2024.csv");
    let crime_control: BTreeSet<&str> =
        COLUMNS.iter().filter(|(c, _)| c.starts_with("CC")).flat_map(|(_, list)| codes(list)).collect();
    let (column_2, others) = (reader(&csv, &["CC2"]), reader(&csv, &["FC1", "CC1", "CC3", "part_746"]));
    for place in codes(ROWS).into_iter().chain(EMBARGOED) {
        let expected = crime_control.contains(place).then(|| BTreeSet::from(["CC2".to_owned()]));
        assert_eq!(marks(&column_2, place), expected, "{place}");
        let mut today = marked_today(place, &["FC1", "CC1", "CC3"]);
        today.extend(EMBARGOED.contains(&place).then(|| "part_746".to_owned()));
        assert_eq!(marks(&others, place), Some(today), "{place}");
    }
}

/// Until 2024 the chart is that of today, but for seven partners that had marks until 7 December 2023, and Hong Kong,
/// whose own row, until 22 December 2020, was not seen.
#[test]
fn the_chart_before_2024_is_as_today_but_for_what_changed() {
    let mut columns = OLDER.to_vec();
    columns.push("part_746");
    let policy = reader(&shipped("us/ear/crime_control_before_2024.csv"), &columns);
    let lost = ["AT", "CH", "FI", "IE", "KR", "LI", "SE"];
    for place in codes(ROWS).into_iter().chain(EMBARGOED) {
        let mut expected = marked_today(place, &OLDER);
        expected.extend(EMBARGOED.contains(&place).then(|| "part_746".to_owned()));
        assert_eq!(marks_on(&policy, "2023-12-08", place), Some(expected.clone()), "{place}");
        if lost.contains(&place) {
            assert!(expected.is_empty(), "{place}");
            expected = ["CC1", "CC3"].map(str::to_owned).into();
        }
        assert_eq!(marks_on(&policy, "2023-12-07", place), Some(expected), "{place}");
    }
    for (territory, from) in BORROWED {
        assert_eq!(marks_on(&policy, "2023-12-08", territory), Some(marked_today(from, &OLDER)), "{territory}");
    }
    assert_eq!(marks_on(&policy, "2020-12-22", "HK"), None);
    assert_eq!(marks_on(&policy, "2020-12-23", "HK"), Some(marked_today("CN", &OLDER)));
}

/// Those of some columns that are marked for a place on 23 July 2026.
fn marked_today(place: &str, columns: &[&str]) -> BTreeSet<String> {
    let of = COLUMNS.iter().filter(|(c, list)| columns.contains(c) && codes(list).contains(&place));
    of.map(|(c, _)| (*c).to_owned()).collect()
}

/// The policy itself, on batons and on goods of no entry, to every place there is a code for: a place with a row and no
/// mark is free; an embargoed one, one without a row, and one that is no more, is not.
#[test]
fn no_place_is_free_by_a_gap() {
    let own = |f: &LawFile| ["trade.gate", "alliance/", "us/"].iter().any(|p| f.path.starts_with(p));
    let files = embedded::files().into_iter().filter(own);
    let policy = Policy::load(files).unwrap_or_else(|r| panic!("{}", r.plain()));
    let known = json!({
        "agent": "none", "designed_for": "other", "used_in": "other", "purpose": "other", "exclusively_for": "none",
        "specially_designed_for": "none", "spiked": false, "electric_shock": false, "stage": "use"
    });
    let goods = |own: Value| {
        let mut all = known.clone();
        all.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        all
    };
    let batons =
        goods(json!({ "kind": "police_baton", "function": "striking_weapon", "intended_user": "law_enforcement" }));
    let gloves = goods(json!({ "kind": "glove", "function": "none", "general_purpose": true }));
    let marked = |place: &str| codes(COLUMNS[11].1).contains(&place);
    assert_eq!(COLUMNS[11].0, "CC1");
    let evaluator = policy.evaluator();
    let outcome = |goods: &Value, place: &str| {
        let consignment = json!({
            "date": "2026-07-27", "activity": "export", "from": "US", "origin": "US", "destination": place,
            "region": "other", "most_recent_citizenship": "US", "us_permanent_resident": true, "goods": goods
        });
        let (overlay, options) = (Overlay::default(), Options::default());
        let decision = policy.decide_with(&evaluator, place, &consignment.to_string(), &overlay, &options);
        decision.unwrap_or_else(|r| panic!("{}", r.plain())).outcome.as_str()
    };
    let mut problems = Vec::new();
    for country in country::all() {
        let place = country.code();
        let row = BORROWED.iter().find(|(t, _)| *t == place).map_or(place, |(_, from)| from);
        let expected = if HOME.contains(&place) {
            ["permitted"; 2]
        } else if EMBARGOED.contains(&row) {
            ["licence_required"; 2]
        } else if !codes(ROWS).contains(&row) {
            ["undetermined"; 2]
        } else if marked(row) {
            ["licence_required", if ["RU", "BY"].contains(&row) { "undetermined" } else { "permitted" }]
        } else {
            ["permitted"; 2]
        };
        let expected = if row == "SY" { ["licence_required", "permitted"] } else { expected };
        // Plain goods to a row with marks are free whatever the marks, so those few that differ are asked for.
        let plain = codes(ROWS).contains(&place) && !["RU", "BY", "DE", "BR"].contains(&place);
        let got = [outcome(&batons, place), if plain { expected[1] } else { outcome(&gloves, place) }];
        if got != expected {
            problems.push(format!("{place}: {got:?}, expected {expected:?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
