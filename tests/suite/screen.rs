//! A day's declarations: every row decided as by itself, in order, none dropped, whatever stands in the files.

use std::collections::BTreeMap;

use portcullis::screen::csv::Table;
use portcullis::screen::lines::Names;
use portcullis::screen::split::{Piece, Splitter};
use portcullis::screen::{Desk, FlagKind, Form, Output, Screener, Settings};
use portcullis::{LawFile, Policy, embedded};
use serde_json::Value;

use crate::cli::{Folder, run};
use crate::day::{self, Day};
use crate::support::{law, load, project};

const LAW: &str = r#"
fact date: date
fact destination: country
fact documents: set of text
fact end_user.description: text
fact value: money USD
fact goods.code: code CN
fact goods.description: text
fact goods.kind: one of { whip, baton, rope }
fact goods.length: length

policy island "Island Act" {
  source "Island Act 2020"
  applies when destination is not FR
  known from 2020-01-01
  otherwise permit
}

category listed "Listed goods" {
  cite "Sch. 1"
  code CN ex 6602 00, ex 4206
  when goods.kind is whip and goods.length > 30 cm
  words en "whip", "riding crop" de "Peitsche" fr "fouet"
}

rule ban "No whips" { cite "s. 1" when goods in listed and not destination is NO then prohibit }
rule paper "Whips to Norway" { cite "s. 2" when goods in listed and destination is NO then require permit_of_the_king }
rule not_listed "Not listed" { cite "s. 3" when goods coded under listed and not goods in listed document "Y999" negative }
licence permit_of_the_king "Permit" { cite "s. 4" document "K001" }
"#;

fn folder() -> Folder {
    Folder::new().with("law/law.gate", LAW)
}

const HEAD: &str = "id,date,destination,goods.code,goods.kind,goods.length,goods.description\n";

#[test]
fn every_row_is_decided_in_order_and_a_bad_one_ends_nothing() {
    let rows = "1,2026-03-02,TR,6602 00 00,whip,40 cm,a whip\n\
                2,2026-03-02,NA,6602 00 00,rope,,rope\n\
                3,2026-03-02,XX,6602 00 00,rope,,rope\n\
                4,2026-03-02,NO,6602 00 00,whip,40 cm,\n\
                5,2026-03-02\n\
                6,,TR,6602 00 00,whip,,x\n\
                7,2026-03-02,FR,6602 00 00,whip,40 cm,\"two\nlines\"\n\
                8,2026-03-02,TR,,whip,40,x\n";
    let f = folder().with("day.csv", format!("{HEAD}{rows}"));
    let answer = run(&f, "screen -p law day.csv -o out.csv").exits(3);
    answer.says(&["8 rows decided", "prohibited", "error                      4"]).complains(&[
        "day.csv:4: column `destination`: `XX`",
        "day.csv:6: column `destination`: the row has 2 cells, and the header has 7",
        "day.csv:7: the row has no date",
        "day.csv:10: column `goods.length`: `40`",
    ]);
    let out = f.read("out.csv");
    let outcomes: Vec<&str> = out.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    let wanted = ["prohibited", "permitted", "error", "licence_required", "error", "error", "not_applicable", "error"];
    assert_eq!(outcomes, wanted, "{out}");
    assert!(out.contains("4,licence_required,false,listed,paper,K001,"), "{out}");
    let ids: Vec<&str> = out.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6", "7", "8"], "a row in error keeps its name");
}

#[test]
fn all_facts_still_to_be_asked_are_named() {
    let facts: Vec<String> = (0..12).map(|i| format!("fact f{i}: yes/no\n")).collect();
    let law = format!(
        "fact date: date\n{}policy p \"P\" {{ source \"P\" applies when date >= 2000-01-01 known from 2020-01-01 otherwise permit }}\n\
         rule r \"R\" {{ cite \"1\" when {} then prohibit }}\n",
        facts.concat(),
        (0..12).map(|i| format!("f{i}")).collect::<Vec<_>>().join(" and ")
    );
    let f = Folder::new().with("law/law.gate", law);
    let out = run(&f, "screen -p law -o - --to flat").stdin("date\n2026-03-02\n").exits(2).lines();
    let mut missing: Vec<&str> = out[0]["missing"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
    missing.sort_unstable();
    let mut wanted: Vec<String> = (0..12).map(|i| format!("f{i}")).collect();
    wanted.sort();
    assert_eq!(missing, wanted);
}

#[test]
fn an_empty_list_says_that_there_are_none_and_no_list_says_nothing() {
    let law = "fact date: date\nfact papers: set of text\nfact other: set of text\n\
               policy p \"P\" { source \"P\" applies when date >= 2000-01-01 known from 2020-01-01 otherwise permit }\n\
               rule r \"R\" { cite \"1\" when papers is empty then prohibit }\n";
    let f = Folder::new().with("law/law.gate", law);
    let rows = [
        r#"{"date":"2026-03-02","papers":[],"other":[]}"#,
        r#"{"date":"2026-03-02","papers":["A"]}"#,
        r#"{"date":"2026-03-02","other":[]}"#,
    ];
    let out = run(&f, "screen -p law -o - --to flat").stdin(rows.join("\n")).exits(1).lines();
    let outcomes: Vec<&str> = out.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["prohibited", "permitted", "undetermined"]);
    assert_eq!(out[2]["missing"], serde_json::json!(["papers"]));
}

#[test]
fn the_exit_status_is_that_of_decide() {
    let f = folder();
    let status = |rows: &str| run(&f, "screen -p law -").stdin(format!("{HEAD}{rows}")).answer().status;
    assert_eq!(status("1,2026-03-02,TR,0101,rope,,x\n"), 0);
    assert_eq!(status("1,2026-03-02,TR,6602,,,x\n"), 2);
    assert_eq!(status("1,2026-03-02,FR,6602,,,x\n"), 2);
    assert_eq!(status("1,2026-03-02,TR,6602,,,x\n2,2026-03-02,TR,66020000,whip,40 cm,x\n"), 1);
    assert_eq!(status("1,2026-03-02,ZZ,6602,,,x\n2,2026-03-02,TR,6602,whip,40 cm,x\n"), 3);
}

#[test]
fn csv_and_json_lines_give_the_same_and_so_does_decide() {
    let rows = [
        ("1", "TR", "6602 00 00", "whip", "40 cm"),
        ("2", "NO", "6602", "whip", "31 cm"),
        ("3", "NA", "66", "", ""),
        ("4", "FR", "", "baton", "1 m"),
        ("5", "TR", "4206 00 00", "", "30 cm"),
        ("6", "TR", "6602 00 00", "whip", "300 mm"),
    ];
    let mut csv = "id;date;destination;goods.code;goods.kind;goods.length\r\n".to_owned();
    let mut json = String::from("\u{feff}");
    for (id, to, code, kind, length) in rows {
        csv.push_str(&format!("{id};2026-03-02;{to};{code};{kind};{length}\r\n"));
        let mut goods = serde_json::Map::new();
        for (name, text) in [("code", code), ("kind", kind), ("length", length)] {
            if !text.is_empty() {
                goods.insert(name.to_owned(), text.into());
            }
        }
        let row = serde_json::json!({ "id": id, "date": "2026-03-02", "destination": to, "goods": goods });
        json.push_str(&format!("{row}\r\n"));
    }
    let f = folder().with("day.csv", format!("\u{feff}{csv}")).with("day.jsonl", &json);
    for form in ["csv", "flat", "jsonl"] {
        let one = run(&f, &format!("screen -p law day.csv -o - --to {form}")).exits(1).stdout;
        let other = run(&f, &format!("screen -p law day.jsonl -o - --to {form}")).exits(1).stdout;
        assert_eq!(one, other, "{form}");
    }
    let screened = run(&f, "screen -p law day.jsonl -o - --to jsonl").exits(1).lines();
    let decided = run(&f, "decide -p law --format json day.jsonl").exits(1).lines();
    assert_eq!(screened.len(), decided.len());
    for (mut s, d) in screened.into_iter().zip(decided) {
        s.as_object_mut().unwrap().remove("flags");
        assert_eq!(s, d);
    }
}

#[test]
fn json_that_is_not_exact_is_an_error_with_its_column() {
    let f = folder();
    let bad = [
        "{\"date\":\"2026-03-02\",\"goods\":{\"code\":66020000}}",
        "{\"date\":\"2026-03-02\",\"date\":\"2026-03-03\"}",
        "{\"date\":\"2026-03-02\",\"destinaton\":\"TR\"}",
        "[1]",
        "{",
    ];
    let answer = run(&f, "screen -p law -o - --to flat --from jsonl").stdin(bad.join("\n")).exits(3);
    answer.lines().iter().for_each(|l| assert_eq!(l["outcome"], "error"));
    assert_eq!(answer.lines().len(), bad.len());
    answer.complains(&["-:1: column `38`", "-:3: column `22`", "-:5:"]);
}

#[test]
fn a_map_renames_columns_rewrites_values_and_sets_what_holds_for_all() {
    let map = "id = \"MRN\"\nignore = [\"Remarks\"]\n[columns]\nCode = \"goods.code\"\nWhat = \"goods.kind\"\n\
               [values.\"goods.kind\"]\nW = \"whip\"\n[constants]\ndate = \"2026-03-02\"\ndestination = \"TR\"\n\
               \"goods.length\" = \"40 cm\"\n";
    let f = folder().with("map.toml", map).with("day.csv", "MRN,Code,What,Remarks\n7,6602 00 00,W,none\n");
    let out = run(&f, "screen -p law --map map.toml day.csv -o -").exits(1).complains(&["1 row decided"]).stdout;
    assert!(out.contains("\n7,prohibited,false,listed,ban,"), "{out}");
    let f = f.with("other.csv", "MRN,Code\n7,6602\n8,6602\n");
    let answer = run(&f, "screen -p law --map map.toml other.csv -o -").exits(3);
    assert_eq!(answer.stdout.lines().filter(|l| l.contains(",error,")).count(), 2, "{}", answer.stdout);
    answer.complains(&["the column `What` of the map is not there"]);
    let f = f.with("wrong.toml", "[columns]\nCode = \"goods.cod\"\n");
    run(&f, "screen -p law --map wrong.toml other.csv").exits(3).complains(&["did you mean `goods.code`?"]);
}

#[test]
fn facts_are_joined_by_key_and_never_overrule() {
    let facts = "product,goods.kind,goods.length\nA,whip,40 cm\nB,rope,\nC,whip,40 cm\nC,rope,\n";
    let day = "product,date,destination,goods.code,goods.kind\nA,2026-03-02,TR,66020000,\nB,2026-03-02,TR,66020000,whip\n\
               C,2026-03-02,TR,6602,\nD,2026-03-02,TR,6602,\n";
    let f = folder().with("facts.csv", facts).with("day.csv", day);
    let out = run(&f, "screen -p law --facts facts.csv --key product day.csv -o -").exits(3);
    let outcomes: Vec<&str> = out.stdout.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    assert_eq!(outcomes, ["prohibited", "error", "error", "undetermined"], "{}", out.stdout);
    out.complains(&["facts.csv:3 says otherwise of `goods.kind`", "the key `C` stands twice"]);
}

#[test]
fn contradictions_stand_beside_the_decision() {
    let day = "id,date,destination,documents,goods.code,goods.description,end_user.description\n\
               1,2026-03-02,TR,Y999,6602,leather whips,\n\
               2,2026-03-02,TR,,9999 99 99,Lederpeitschen und eine Peitsche,\n\
               3,2026-03-02,TR,,6602,FOUETS,Acme Trading Ltd\n\
               4,2026-03-02,TR,,6602,spare parts,a zoo\n\
               5,2026-03-02,TR,,6602,walking sticks,a zoo\n";
    let f = folder().with("day.csv", day).with("cn-2026.csv", "code,unit,name\n66020000,,Whips\n");
    let out = run(&f, "screen -p law --nomenclature cn-2026.csv day.csv -o - --to flat").exits(2);
    let kinds: Vec<Vec<String>> = out
        .lines()
        .iter()
        .map(|l| {
            assert_eq!(l["outcome"], "undetermined", "{l}");
            let all = l["flags"].as_array().unwrap().iter();
            all.map(|f| f.as_str().unwrap().split(':').next().unwrap().to_owned()).collect()
        })
        .collect();
    assert_eq!(kinds[0], ["false_negative", "described"]);
    assert_eq!(kinds[1], ["look_alike", "no_such_code"]);
    assert_eq!(kinds[2], ["described", "trader"]);
    assert_eq!(kinds[3], ["vague"]);
    assert!(kinds[4].is_empty());
    let list = run(&f, "screen -p law day.csv --top 2 --explain full").exits(2).stdout;
    let first = list.find("1. day.csv:2  1").unwrap_or_else(|| panic!("{list}"));
    assert!(list.contains("\"whips\" (en) is said of listed"), "{list}");
    assert!(first < list.find("2. day.csv").unwrap());
}

/// What is plainly flagged of descriptions by the law of the Union, each with the entries it names.
fn flagged<'t>(rows: &[(&'t str, &'t str)]) -> Vec<Vec<String>> {
    let policy = shipped("eu/");
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let mut day = "date,activity,from,destination,goods.code,goods.description\n".to_owned();
    for (code, description) in rows {
        day.push_str(&format!("2026-03-02,export,DE,TR,{code},\"{}\"\n", description.replace('"', "\"\"")));
    }
    let (out, _) = screened(&screener, &day, Form::Flat, 0, false);
    let entry = |flag: &Value| {
        let (kind, rest) = flag.as_str()?.split_once(": ")?;
        let named = rest.rsplit_once(" is said of ").map(|(_, entry)| entry.to_owned());
        named.filter(|_| ["look_alike", "described"].contains(&kind))
    };
    let flags = |line: &str| -> Vec<String> {
        let row: Value = serde_json::from_str(line).unwrap();
        row["flags"].as_array().unwrap().iter().filter_map(entry).collect()
    };
    let all: Vec<Vec<String>> = out.lines().map(flags).collect();
    assert_eq!(all.len(), rows.len());
    all
}

/// The rows of a table of descriptions: language, entry or code, description.
fn described(text: &str) -> Vec<[&str; 3]> {
    let rows = text.lines().filter(|l| !l.starts_with('#'));
    rows.map(|l| l.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect()
}

#[test]
fn goods_are_known_by_what_declarants_call_them_in_eight_languages() {
    // Beside other goods under a code that no entry lists: the words alone have to tell.
    let rows = described(include_str!("../fixtures/descriptions/named.tsv"));
    let found = flagged(&rows.iter().map(|[_, _, text]| ("39241000", *text)).collect::<Vec<_>>());
    let mut by_language: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for ([language, entry, _], entries) in rows.iter().zip(&found) {
        let (all, some, right) = by_language.entry(language).or_default();
        *all += 1;
        *some += usize::from(!entries.is_empty());
        *right += usize::from(entries.iter().any(|e| *e == format!("annex_{entry}")));
    }
    assert_eq!(by_language.keys().copied().collect::<Vec<_>>(), ["de", "en", "es", "fr", "it", "nl", "pl", "pt"]);
    for (language, (all, some, right)) in by_language {
        assert!(some * 100 >= all * 94, "{language}: {some} of {all} are flagged");
        assert!(right * 100 >= all * 90, "{language}: {right} of {all} are flagged with their entry");
    }
}

#[test]
fn ordinary_goods_that_share_words_with_listed_ones_are_seldom_flagged() {
    let rows = described(include_str!("../fixtures/descriptions/ordinary.tsv"));
    let found = flagged(&rows.iter().map(|[_, code, text]| (*code, *text)).collect::<Vec<_>>());
    let wrong: Vec<_> = rows.iter().zip(&found).filter(|(_, entries)| !entries.is_empty()).collect();
    assert!(wrong.len() * 100 <= rows.len() * 3, "{wrong:?}");
}

/// The phrases found in each description, by an entry with the words given.
fn found(words: &str, descriptions: &[&str]) -> Vec<Vec<String>> {
    let vocabulary = "vocabulary neutral from \"words.csv\"\n";
    let words_of_it = "goods,language,phrase\nwhip,en,scourge\nwhip,de,Geißel|Geißeln\n";
    let law = LAW.replace("words en \"whip\", \"riding crop\" de \"Peitsche\" fr \"fouet\"", words);
    assert!(law.contains(words));
    let mut day = "id,date,destination,goods.code,goods.description\n".to_owned();
    for (i, text) in descriptions.iter().enumerate() {
        day.push_str(&format!("{i},2026-03-02,TR,6602,\"{text}\"\n"));
    }
    let f =
        Folder::new().with("law/law.gate", law + vocabulary).with("law/words.csv", words_of_it).with("day.csv", day);
    let out = run(&f, "screen -p law day.csv -o - --to flat").exits(2);
    let quoted = |flag: &Value| {
        let of_the_list = flag.as_str()?.strip_prefix("described: \"")?.strip_suffix(" is said of listed")?;
        of_the_list.split('"').next().map(str::to_owned)
    };
    let all = out.lines().into_iter().map(|l| l["flags"].as_array().unwrap().iter().filter_map(quoted).collect());
    all.collect()
}

#[test]
fn a_word_of_a_phrase_may_have_others_that_do_as_well() {
    let phrase = "electric shock belt|vest|sleeve";
    let said = [
        "vests giving an electric shock",
        "Electric-shock sleeve",
        "electric shock, hand-held",
        "shock belt",
        "x vest",
    ];
    assert_eq!(
        found(&format!("words en \"{phrase}\""), &said),
        [vec!["vests … electric shock"], vec!["Electric shock sleeve"], vec![], vec![], vec![]]
    );
}

#[test]
fn a_shorter_list_is_the_beginning_of_a_longer_one() {
    // Ten that a licence covers stand before three that none does, then rows that differ in their lesser flags alone.
    let mut day =
        "id,date,destination,goods.code,goods.kind,goods.length,goods.description,end_user.description\n".to_owned();
    for i in 0..10 {
        day.push_str(&format!("a{i},2026-03-02,NO,0101,rope,,rope,Acme Trading\n"));
    }
    for i in 0..3 {
        day.push_str(&format!("b{i},2026-03-02,NO,66020000,whip,40 cm,goods,a zoo\n"));
        day.push_str(&format!("c{i},2026-03-02,TR,66020000,,,sundry,a zoo\n"));
        day.push_str(&format!("d{i},2026-03-02,TR,66020000,,,a whip,a zoo\n"));
        day.push_str(&format!("e{i},2026-03-02,TR,66020000,,,a whip,Acme Trading\n"));
    }
    let f = folder().with("day.csv", day);
    let list = |top: usize| -> Vec<(u64, String)> {
        let out = run(&f, &format!("screen -p law day.csv --format json --top {top}")).exits(1);
        let list: Value = serde_json::from_str(&out.stdout).unwrap();
        let of = |r: &Value| (r["points"].as_u64().unwrap(), r["id"].as_str().unwrap().to_owned());
        list["list"].as_array().unwrap().iter().map(of).collect()
    };
    let whole = list(100);
    assert_eq!(whole.len(), 22);
    assert!(whole.windows(2).all(|w| w[0].0 >= w[1].0), "{whole:?}");
    for top in 1..22 {
        assert_eq!(list(top), whole[..top], "the first {top}");
    }
}

#[test]
fn a_code_that_is_merely_not_needed_is_no_false_one() {
    // Y999 says that goods under a listed code are not the listed ones. Under another code nobody asks for it.
    let day = "id,date,destination,documents,goods.code,goods.kind,goods.length\n1,2026-03-02,TR,Y999,84818099,,\n\
               2,2026-03-02,TR,Y999,66020000,whip,40 cm\n3,2026-03-02,TR,Y999,66020000,,\n";
    let f = folder().with("day.csv", day);
    let out = run(&f, "screen -p law day.csv -o - --to flat").exits(1);
    let flags: Vec<Value> = out.lines().into_iter().map(|l| l["flags"].clone()).collect();
    assert_eq!(flags[0], serde_json::json!([]));
    assert!(flags[1][0].as_str().unwrap().starts_with("false_negative: Y999"), "{flags:?}");
    assert_eq!(flags[2], serde_json::json!([]));
}

#[test]
fn a_row_has_the_line_on_which_it_begins_whatever_ends_lines() {
    let rows = [
        "1,2026-03-02,XX,,,,",
        "2,2026-03-02,TR,,rope,,\"two\nlines\"",
        "3,2026-03-02,XX,,,,",
        "",
        "4,2026-03-02,XX,,,,",
    ];
    for end in ["\n", "\r\n"] {
        let day = format!("{}{end}{}{end}", HEAD.trim_end(), rows.join(end));
        let f = folder().with("day.csv", day);
        run(&f, "screen -p law day.csv").exits(3).complains(&["day.csv:2: ", "day.csv:5: ", "day.csv:7: "]);
    }
}

#[test]
fn marks_part_words_whatever_letters_stand_beside_them() {
    let said = ["thumb_cuffs é", "thumb:cuffs é", "acier trempé,thumb.cuffs", "thumb cuffs d’acier"];
    assert!(found("words en \"thumb cuffs\"", &said).iter().all(|f| *f == ["thumb cuffs"]));
}

#[test]
fn it_is_said_whose_codes_no_nomenclature_is_there_for() {
    let day = "id,date,destination,goods.code\n1,2026-03-02,TR,0101\n2,2025-03-02,TR,9999\n";
    let f =
        folder().with("day.csv", day).with("cn-2025.csv", "code,name\n66020000,Whips\n").with("x.csv", "a,b\n1,2\n");
    let out = run(&f, "screen -p law --nomenclature cn-2025.csv day.csv").exits(2).stdout;
    assert!(out.contains("not looked up: the codes of 1 row"), "{out}");
    run(&f, "screen -p law --nomenclature x.csv day.csv").exits(3).complains(&["line 1", "no column `code`"]);
}

#[test]
fn the_longest_phrase_found_is_told_and_words_for_ordinary_goods_weigh_less() {
    let words = "words en \"shackles !bow|lifting\", \"leg shackles prison|prisoner\"";
    let said = ["shackles", "leg shackles, for prisoners", "bow shackles, galvanised"];
    assert_eq!(found(words, &said), [vec!["shackles"], vec!["leg shackles … prisoners"], vec![]]);
    let law = LAW.replace("words en \"whip\", \"riding crop\" de \"Peitsche\" fr \"fouet\"", words);
    let day = "id,date,destination,goods.code,goods.description\n1,2026-03-02,TR,6602,bow shackles\n2,2026-03-02,TR,6602,shackles\n";
    let f = Folder::new().with("law/law.gate", law).with("day.csv", day);
    let list = run(&f, "screen -p law day.csv --top 2").exits(2).stdout;
    let (plain, unlikely) = (list.find("1. day.csv:3"), list.find("2. day.csv:2"));
    assert!(plain.is_some() && unlikely.is_some(), "{list}");
    assert!(list.contains("unlikely: \"shackles\" (en) is said of listed"), "{list}");
}

#[test]
fn an_entry_takes_over_the_words_of_a_vocabulary() {
    let found = found(
        "words of neutral.whip  en \"cat-o-nine-tails\"",
        &["two scourges", "GEISSELN", "cat o nine tails", "a rope"],
    );
    assert_eq!(found, [vec!["scourges"], vec!["GEISSELN"], vec!["cat o nine tails"], vec![]]);
}

#[test]
fn words_said_in_several_fields_are_all_an_entrys() {
    let found =
        found("words en \"knout\" words of neutral.whip words de \"Knute\"", &["a knout", "scourges", "Knuten"]);
    assert_eq!(found[..2], [["knout"], ["scourges"]]);
    assert_eq!(found[2], ["Knuten"]);
}

#[test]
fn a_long_german_word_says_by_its_end_what_the_goods_are() {
    let words = "words de \"Handschellen\", \"Elektroschock Fesseln|Gürtel\", \"Seil\"";
    let said = [
        "Stahlhandschellen, vernickelt",
        "ELEKTROSCHOCKHANDFESSELN",
        "Elektroschockguertel",
        // A case for handcuffs is none, and what shocks need not bind.
        "Handschellenetui",
        "Elektroschockgerät",
        // Too short to be looked for within a word.
        "Drahtseile",
    ];
    let found = found(words, &said);
    assert_eq!(found[..3], [["Stahlhandschellen"], ["ELEKTROSCHOCKHANDFESSELN"], ["Elektroschockguertel"]]);
    assert!(found[3..].iter().all(Vec::is_empty), "{found:?}");
}

#[test]
fn accents_and_endings_make_no_difference() {
    let words = "words es \"cinturón descarga eléctrica\", \"inyección letal\" fr \"ceinture|gilet décharge électrique\" it \"manetta|manette elettrica\"";
    let said =
        ["CINTURONES DE DESCARGA ELECTRICA", "inyeccion letal", "gilets à décharge electrique", "Manette elettriche"];
    assert!(found(words, &said).iter().all(|f| f.len() == 1));
}

#[test]
fn hostile_input_is_answered_with_errors_and_no_end() {
    let long = "x".repeat(2 << 20);
    let day = format!(
        "{HEAD}1,2026-03-02,TR,,rope,,ok\n2,2026-03-02,TR,,rope,,{long}\n3,2026-03-02,TR,,rope,,\"open\n4,2026-03-02,TR,,rope,,ok\n"
    );
    let mut bytes = day.into_bytes();
    bytes.extend_from_slice(b"5,2026-03-02,TR,,rope,,\xff\xfe\n6,2026-03-02,TR,,rope,,ok\n");
    let f = folder().with("day.csv", bytes).with("bom.csv", b"\xff\xfei\0d\0".as_slice()).with("empty.csv", "");
    let out = run(&f, "screen -p law day.csv -o -").exits(3);
    let outcomes: Vec<&str> = out.stdout.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    assert_eq!(outcomes, ["permitted", "error", "error", "permitted", "error", "permitted"]);
    run(&f, "screen -p law bom.csv").exits(3).complains(&["UTF-16"]);
    run(&f, "screen -p law empty.csv").exits(3).complains(&["there is no header"]);
    run(&f, "screen -p law nowhere.csv").exits(3).complains(&["`nowhere.csv` cannot be read"]);
    run(&f, "screen -p law day.csv -o day.csv").exits(3).complains(&["one of the inputs"]);
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\">]><MetaData xmlns=\"urn:wco:datamodel:WCO:DEC-DMS:2\"><Declaration>&b;</Declaration></MetaData>";
    let f = f.with("bomb.xml", bomb).with("other.xml", "<Declaration><TypeCode>EX</TypeCode></Declaration>");
    run(&f, "screen -p law bomb.xml").exits(3).complains(&["a document type is declared"]);
    run(&f, "screen -p law other.xml").exits(3).complains(&["not of the namespace"]);
}

#[test]
fn files_are_found_by_pattern_and_read_packed_or_from_standard_input() {
    let packed = |text: &str| {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
        out.finish().unwrap()
    };
    let row = |id: &str| format!("{HEAD}{id},2026-03-02,TR,0101,rope,,a rope\n");
    let f = folder()
        .with("day/b.csv", row("b"))
        .with("day/a.csv", row("a"))
        .with("day/c.csv.gz", packed(&row("c")))
        // Two packed parts behind each other are one file.
        .with("day/d.gz", [packed(&row("d")), packed("e,2026-03-02,TR,0101,rope,,a rope\n")].concat())
        .with("day/note.txt", "not a declaration");
    let ids = |args: &str, stdin: &str| -> Vec<String> {
        let out = run(&f, args).stdin(stdin).exits(0);
        assert!(!out.stderr.contains('%') && !out.stderr.contains('\r'), "no progress on a pipe: {}", out.stderr);
        out.stdout.lines().skip(1).map(|l| l.split(',').next().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("screen -p law day/*.csv -o -", ""), ["a", "b"]);
    assert_eq!(ids("screen -p law day/*.gz day/a.csv -o -", ""), ["c", "d", "e", "a"]);
    assert_eq!(ids("screen -p law day/b.csv - -o -", &row("x")), ["b", "x"]);
    assert_eq!(ids("screen -p law -o -", &row("x")), ["x"]);
    run(&f, "screen -p law day/*.parquet").exits(3).complains(&["no file fits `day/*.parquet`"]);
    let cut = packed(&row("c"));
    let f = f.with("cut.csv.gz", &cut[..cut.len() - 9]);
    run(&f, "screen -p law cut.csv.gz day/a.csv").exits(3).complains(&["`cut.csv.gz` cannot be read"]);
}

#[cfg(not(feature = "columnar"))]
#[test]
fn what_the_program_was_built_without_is_said_with_how_to_get_it() {
    let f =
        folder().with("a.parquet", "PAR1").with("b", "ARROW1\0\0").with("c.csv.zst", b"\x28\xb5\x2f\xfd".as_slice());
    for name in ["a.parquet", "b", "c.csv.zst"] {
        run(&f, &format!("screen -p law {name}")).exits(3).complains(&[name, "--features columnar"]);
    }
    let f = f.with("day.csv", HEAD);
    run(&f, "screen -p law day.csv -o out.parquet").exits(3).complains(&["out.parquet", "--features columnar"]);
}

#[test]
fn a_line_without_end_costs_one_row() {
    let mut day = format!("{HEAD}1,2026-03-02,TR,0101,rope,,a rope\n2,2026-03-02,TR,0101,rope,,").into_bytes();
    day.resize(day.len() + (64 << 20), b'x');
    day.extend_from_slice(b"\n3,2026-03-02,TR,0101,rope,,a rope\n");
    let out = run(&folder(), "screen -p law -o -").stdin(day).exits(3);
    let outcomes: Vec<&str> = out.stdout.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    assert_eq!(outcomes, ["permitted", "error", "permitted"]);
    out.complains(&["-:3: this row is longer than 1048576 bytes"]);
}

#[test]
fn a_list_too_long_and_too_many_columns_name_the_limit() {
    let papers = vec!["Y1"; 10_001].join(";");
    let day = format!("date,destination,documents\n2026-03-02,TR,{papers}\n");
    let out = run(&folder(), "screen -p law -o -").stdin(day).exits(3);
    out.complains(&["-:2: column `documents`: the list has 10001 parts; at most 10000 are read"]);
    let head: Vec<String> = (0..4097).map(|i| format!("c{i}")).collect();
    let out = run(&folder(), "screen -p law -o -").stdin(format!("{}\n", head.join(","))).exits(3);
    out.complains(&["-:1: the header has 4097 columns; at most 4096 are read"]);
}

#[cfg(unix)]
#[test]
fn stopped_by_the_user_it_writes_what_is_done_and_says_the_totals() {
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};
    let f = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(["screen", "-p", "law", "-", "-o", "out.csv", "--threads", "1"])
        .current_dir(f.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // Rows without end: it ends only because it is stopped.
    let feeder = std::thread::spawn(move || {
        let row = "1,2026-03-02,TR,0101,rope,,a rope\n".repeat(1000);
        let _ = std::io::Write::write_all(&mut stdin, HEAD.as_bytes());
        while std::io::Write::write_all(&mut stdin, row.as_bytes()).is_ok() {}
    });
    let begun = Instant::now();
    while std::fs::metadata(f.path().join("out.csv")).map_or(0, |m| m.len()) < 100_000 {
        assert!(begun.elapsed() < Duration::from_secs(120), "nothing is written");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let out = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    let (stdout, stderr) = (String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap());
    assert_eq!(out.status.code(), Some(3), "{stderr}");
    assert!(stderr.contains("stopped: the rows up to here are decided"), "{stderr}");
    let said: usize = stdout.split(" rows decided").next().unwrap().parse().unwrap();
    assert_eq!(f.read("out.csv").lines().count(), said + 1, "each row that was counted is written");
    assert!(f.read("out.csv").ends_with('\n'));
}

#[test]
fn the_sample_declaration_is_decided_item_by_item() {
    let project = crate::support::project("examples/declarations");
    let f = Folder::new().with("x", "");
    let out = run(&f, "screen -p eu.torture -o - --to flat").arg(&project.join("declaration.xml").to_string_lossy());
    let lines = out.answer().lines();
    let ids: Vec<&str> = lines.iter().map(|l| l["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["SAMPLE-0001/1", "SAMPLE-0001/2"]);
    assert!(lines.iter().all(|l| l["outcome"] == "undetermined"), "{lines:?}");
    assert!(lines[1]["flags"][0].as_str().unwrap().starts_with("false_negative: Y904"), "{lines:?}");
}

#[test]
fn published_declarations_are_read_without_loss() {
    let folder = std::env::var_os("PORTCULLIS_DECLARATIONS");
    let folder = folder.map_or_else(|| project("../shared/data/declarations"), Into::into);
    let Ok(found) = std::fs::read_dir(folder) else {
        eprintln!("skipped: the published declarations are not at hand");
        return;
    };
    let mut names: Vec<_> = found.map(|e| e.unwrap().path()).collect();
    names.sort();
    let f = Folder::new().with("x", "");
    let mut command = run(&f, "screen -p gb.torture --as-of 2026-03-02 -o - --to flat");
    let mut wanted = Vec::new();
    for name in &names {
        let text = std::fs::read_to_string(name).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        let text_of = |n: roxmltree::Node<'_, '_>| n.text().unwrap_or_default().trim().to_owned();
        let named = |n: &roxmltree::Node<'_, '_>, t: &str| n.tag_name().name() == t;
        for declaration in document.descendants().filter(|n| named(n, "Declaration")) {
            let reference = declaration.children().find(|n| named(n, "FunctionalReferenceID")).map(text_of).unwrap();
            for item in declaration.descendants().filter(|n| named(n, "GovernmentAgencyGoodsItem")) {
                let number = item.children().find(|n| named(n, "SequenceNumeric")).map(text_of).unwrap();
                wanted.push(format!("{reference}/{number}"));
            }
        }
        command = command.arg(&name.to_string_lossy());
    }
    let lines = command.answer().lines();
    let ids: Vec<&str> = lines.iter().filter_map(|l| l["id"].as_str()).collect();
    assert_eq!(ids, wanted, "every item has its row, in order");
    // `ZG` is no country: those declarations are wrong, and said to be.
    let made_up = |l: &Value| l["errors"].as_array().unwrap().iter().all(|e| e.as_str().unwrap().contains("`ZG`"));
    let wrong: Vec<&Value> = lines.iter().filter(|l| l["outcome"] == "error" && !made_up(l)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// Decides text in memory, on one desk, cut at odd places.
fn screened(screener: &Screener<'_>, text: &str, form: Form, top: usize, json: bool) -> (String, Output) {
    let mut desk: Desk<'_, '_> = screener.desk(form, top);
    let mut total = Output::new(form, top);
    let mut out = Output::header(form);
    let (table, mut begin, mut splitter) = if json {
        (None, 0, Splitter::lines())
    } else {
        let (table, length) = Table::open(screener, text.as_bytes()).unwrap();
        let splitter = Splitter::csv(table.delimiter, table.line);
        (Some(table), length, splitter)
    };
    let names = Names::new(screener);
    let mut buffer = Vec::new();
    loop {
        let next = text.as_bytes().get(begin..(begin + 50_000).min(text.len())).unwrap();
        begin += next.len();
        buffer.extend_from_slice(next);
        for piece in splitter.cut(&mut buffer, next.is_empty()) {
            let Piece::Rows { bytes, line } = piece else { panic!("{piece:?}") };
            let output = match &table {
                Some(table) => table.rows(&mut desk, 0, line, &bytes),
                None => names.rows(&mut desk, 0, "-", line, &bytes),
            };
            out.push_str(&output.text);
            total.totals.add(output.totals);
            total.best.add(output.best);
        }
        if next.is_empty() {
            return (out, total);
        }
    }
}

fn shipped(folder: &str) -> Policy {
    let needed = |f: &LawFile| ["trade.gate", "alliance/", folder].iter().any(|p| f.path.starts_with(p));
    let law = |f: &LawFile| !f.path.ends_with(".test.gate");
    Policy::load(embedded::files().into_iter().filter(needed).filter(law)).unwrap()
}

/// Which planted rows are not among the first 250, by kind.
fn missed(day: &Day, output: Output) -> BTreeMap<&'static str, Vec<String>> {
    let totals = output.totals.clone();
    let ranked = output.best.ranked(250, &totals);
    let listed: Vec<&str> = ranked.iter().filter_map(|r| r.row.id.as_deref()).collect();
    let mut out: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for planted in day.planted.iter().filter(|p| !listed.contains(&p.id.as_str())) {
        out.entry(planted.kind).or_default().push(planted.description.clone());
    }
    out
}

#[test]
fn planted_cases_stand_first_in_a_small_day() {
    let policy = shipped("eu/");
    let day = Day::new(day::seed(), 2_000, 6, 2);
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let (csv, output) = screened(&screener, &day.csv(), Form::Csv, 250, false);
    assert_eq!(output.totals.read, 2_000);
    assert_eq!(output.totals.written(), 2_000);
    let (json, _) = screened(&screener, &day.json(), Form::Csv, 250, true);
    assert!(csv == json, "CSV and JSON lines give the same decisions");
    by_columns(&screener, &day, &csv);
    let missed = missed(&day, output);
    assert!(missed.is_empty(), "seed {}: {missed:?}", day.seed);
}

/// The same decisions from columns.
#[cfg(feature = "columnar")]
fn by_columns(screener: &Screener<'_>, day: &Day, csv: &str) {
    let batch = day.batch();
    let columns = portcullis::screen::columns::Columns::open(screener, batch.schema_ref()).unwrap();
    let begun = std::time::Instant::now();
    let output = columns.rows(&mut screener.desk(Form::Csv, 250), 0, 1, &batch);
    eprintln!("columns, one thread: {:.1} s", begun.elapsed().as_secs_f64());
    assert!(csv.strip_prefix(&Output::header(Form::Csv)) == Some(output.text.as_str()), "columns decide as CSV does");
    assert!(missed(day, output).is_empty());
}

#[cfg(not(feature = "columnar"))]
fn by_columns(_: &Screener<'_>, _: &Day, _: &str) {}

/// Writes a day's rows in every form.
fn kept(day: &Day, folder: &str, name: &str) {
    std::fs::write(format!("{folder}/{name}.csv"), day.csv()).unwrap();
    std::fs::write(format!("{folder}/{name}.jsonl"), day.json()).unwrap();
    #[cfg(feature = "columnar")]
    {
        let (file, batch) = (std::fs::File::create(format!("{folder}/{name}.parquet")).unwrap(), day.batch());
        let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
    }
}

#[test]
#[ignore = "takes minutes; .ci/nightly runs it"]
fn planted_cases_stand_first_in_a_million_rows() {
    let policy = shipped("eu/");
    let day = Day::new(day::seed(), 1_000_000, 100, 24);
    eprintln!("seed {}", day.seed);
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let begun = std::time::Instant::now();
    let (csv, output) = screened(&screener, &day.csv(), Form::Csv, 250, false);
    eprintln!("CSV, one thread: {:.1} s", begun.elapsed().as_secs_f64());
    let begun = std::time::Instant::now();
    let (json, _) = screened(&screener, &day.json(), Form::Csv, 250, true);
    eprintln!("JSON lines, one thread, warm: {:.1} s", begun.elapsed().as_secs_f64());
    assert!(csv == json, "CSV and JSON lines give the same decisions");
    assert_eq!((output.totals.read, output.totals.written()), (1_000_000, 1_000_000));
    by_columns(&screener, &day, &csv);
    eprintln!("{:?}", output.totals.outcomes);
    let missed = missed(&day, output);
    assert!(missed.is_empty(), "seed {}: {missed:?}", day.seed);
    if let Ok(folder) = std::env::var("PORTCULLIS_DAY") {
        kept(&day, &folder, "day");
        kept(&Day::new(day.seed, 250_000, 100, 24), &folder, "quarter");
    }
}

#[test]
fn rows_that_share_a_decision_would_each_be_decided_so() {
    // What is kept for a class must be what the row itself would get; the law compares, groups, and changes by date.
    let policy = load(vec![law(
        "law.gate",
        &LAW.replace("not destination is NO then", "not destination is NO and date >= 2026-01-01 then"),
    )])
    .unwrap();
    let screener = Screener::new(&policy, Settings::default()).unwrap();
    let (mut csv, mut single) = (HEAD.to_owned(), Vec::new());
    let days = ["2019-12-31", "2020-01-01", "2025-12-31", "2026-01-01", "2026-07-01"];
    for date in days {
        for to in ["", "TR", "NO", "FR", "DE"] {
            for code in ["", "66", "6602", "66020000", "4206", "0101"] {
                for (kind, length) in [("", ""), ("whip", "30 cm"), ("whip", "31 cm"), ("rope", "1 m"), ("whip", "")] {
                    csv.push_str(&format!("x,{date},{to},{code},{kind},{length},\n"));
                    let mut row = serde_json::json!({ "id": "x", "date": date, "goods": {} });
                    if !to.is_empty() {
                        row["destination"] = to.into();
                    }
                    for (name, text) in [("code", code), ("kind", kind), ("length", length)] {
                        if !text.is_empty() {
                            row["goods"][name] = text.into();
                        }
                    }
                    single.push(row.to_string());
                }
            }
        }
    }
    let (out, _) = screened(&screener, &csv, Form::Flat, 0, false);
    for (line, json) in out.lines().zip(&single) {
        let (kept, decided): (Value, _) = (serde_json::from_str(line).unwrap(), policy.decide(json).unwrap());
        assert_eq!(kept["outcome"], decided.outcome.as_str(), "{json}");
        assert_eq!(kept["may_proceed"], serde_json::json!(decided.may_proceed), "{json}");
        let of = &decided.policies[0];
        assert_eq!(kept["entries"], serde_json::json!(of.categories), "{json}");
        let missing: Vec<&str> = of.missing.iter().map(|m| m.fact.as_str()).collect();
        assert_eq!(kept["missing"], serde_json::json!(missing), "{json}");
        let warnings: Vec<&String> = decided.warnings.iter().chain(&of.warnings).collect();
        assert_eq!(kept["warnings"], serde_json::json!(warnings), "{json}");
    }
    assert_eq!(out.lines().count(), single.len());
}

#[test]
fn kinds_of_flag_have_names_of_their_own() {
    let names: std::collections::BTreeSet<&str> = FlagKind::ALL.iter().map(|k| k.as_str()).collect();
    assert_eq!(names.len(), FlagKind::ALL.len());
}
