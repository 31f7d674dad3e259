//! Every diagnostic code has a page; its wrong example raises that code and no other, its right example none.

use portcullis::Policy;
use portcullis::analyze::warn::{LIMIT, diagnostic, warnings};
use portcullis::diagnostic::Code;

use crate::support::{blocks, law, load, read};

fn codes_of_law(text: &str) -> Vec<Code> {
    let files = vec![law("trade.gate", &read("docs/diagnostics/prelude.gate")), law("policies/example/law.gate", text)];
    match load(files) {
        Ok(policy) => {
            let world = policy.world();
            let found = warnings(world, LIMIT).findings;
            let links = portcullis::report::links::problems(world).into_iter().map(|d| d.code);
            distinct(found.iter().map(|f| diagnostic(world, f).code).chain(links))
        }
        Err(rejected) => distinct(rejected.problems.iter().map(|d| d.code)),
    }
}

fn codes_of_consignment(policy: &Policy, text: &str) -> Vec<Code> {
    match policy.decide(text) {
        Ok(_) => Vec::new(),
        Err(rejected) => distinct(rejected.problems.iter().map(|d| d.code)),
    }
}

fn distinct(codes: impl Iterator<Item = Code>) -> Vec<Code> {
    let mut all: Vec<Code> = codes.collect();
    all.sort_unstable();
    all.dedup();
    all
}

#[test]
fn every_page_shows_its_mistake_and_the_way_out() {
    let files = vec![
        law("trade.gate", &read("docs/diagnostics/prelude.gate")),
        law("policies/example/policy.gate", &read("docs/diagnostics/policy.gate")),
    ];
    let policy = load(files).unwrap_or_else(|r| panic!("the fixed policy of the pages:\n{r}"));
    let mut problems = Vec::new();
    for code in Code::ALL {
        let page = code.page();
        let found = blocks(page);
        for heading in ["Wrong", "Right"] {
            if !found.iter().any(|(h, ..)| h == heading) {
                problems.push(format!("{code}: no example under `{heading}`"));
            }
        }
        for (heading, info, text) in found {
            let codes = match info.as_str() {
                "gate" => codes_of_law(&text),
                "json" => codes_of_consignment(&policy, &text),
                _ => continue,
            };
            let expected = if heading == "Wrong" { vec![*code] } else { Vec::new() };
            if codes != expected {
                problems.push(format!("{code}, {heading}: raises {codes:?}, expected {expected:?}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn codes_read_back() {
    for code in Code::ALL {
        assert_eq!(code.as_str().parse(), Ok(*code));
    }
}

#[test]
fn what_follows_from_one_mistake_is_not_reported_beside_it() {
    let of = |entries: &str| {
        let act = "policy act \"Act\" { source \"S\" applies when here known from 2020-01-01 otherwise permit }";
        let trade = law("trade.gate", "fact date: date\nfact goods.code: code CN\n");
        let text = format!("fact here: yes/no\n{act}\n{entries}");
        load(vec![trade, law("act/law.gate", &text)]).map_or_else(|r| r.plain(), |_| String::new())
    };
    // The module of the fact for codes is not used: two entries list codes, one of them says nothing else.
    let forgotten = of("category a \"A\" { code CN ex 8543 70 90 when here }\ncategory b \"B\" { code CN 9504 }");
    assert_eq!(forgotten.matches("error[").count(), 1, "{forgotten}");
    assert!(forgotten.contains("no fact in use here holds a tariff code"), "{forgotten}");
    assert!(forgotten.contains("write `use trade`"), "{forgotten}");
    // A condition that names nothing, and a code that is none, say something all the same.
    for (entry, code) in [("when nonsense", "unknown-name"), ("unless nonsense", "unknown-name")] {
        let found = of(&format!("category a \"A\" {{ {entry} }}"));
        assert!(found.matches("error[").count() == 1 && found.contains(code), "{found}");
    }
    let nothing = of("category a \"A\" { words en \"a\" }");
    assert!(nothing.contains("this category does not say which goods it holds"), "{nothing}");
    // What stands in a vocabulary that cannot be read is not missed as well.
    let bare = of("vocabulary v from \"v.csv\"\ncategory a \"A\" { when here words of v.whip }");
    assert!(bare.contains("there is no such file beside this one"), "{bare}");
    assert_eq!(bare.matches("error[").count(), 1, "{bare}");
    // Every wrong row of a vocabulary is told, with its line.
    let csv = "goods,language,phrase\nwhip,en,whip\nwhip,english,whip\nwhip,de\nwhip,en,whip !whip\nwhip,en,whip\n";
    let files = [law("trade.gate", "fact date: date\nvocabulary v from \"v.csv\"\n"), law("v.csv", csv)];
    let rows = load(files.into()).map_or_else(|r| r.plain(), |_| String::new());
    for wrong in [
        "line 3: `english` is no language",
        "line 4: the row has 2 cells",
        "line 5: `whip !whip`",
        "line 6: `whip` stands there",
    ] {
        assert!(rows.contains(wrong), "{wrong}: {rows}");
    }
    assert!(of("rule r \"R\" { cite \"1\" then prohibit }").contains("this rule does not say `when`"));
}
