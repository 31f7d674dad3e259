//! The facts that random law may be about: every type, each with the values that tell apart all that is said of it.

/// One fact.
#[derive(Debug)]
pub struct Fact {
    pub name: &'static str,
    /// What stands after `fact NAME:`.
    pub ty: &'static str,
    /// JSON list: values that meet every class of every condition on this fact, also beside its fellow.
    pub values: &'static str,
    /// JSON list: those among them beside which every class of the fellow fact has a value too; empty: all.
    pub inner: &'static str,
    /// JSON list: values that leave something open.
    pub broad: &'static str,
    /// Conditions on it alone.
    pub atoms: &'static [&'static str],
}

const fn fact(
    name: &'static str,
    ty: &'static str,
    values: &'static str,
    inner: &'static str,
    broad: &'static str,
    atoms: &'static [&'static str],
) -> Fact {
    Fact { name, ty, values, inner, broad, atoms }
}

const YES_NO: &str = "[false, true]";
const PLACES: &str = r#"["FR", "DE", "IT", "IT-livigno", "US", "MC", "JP", "KR"]"#;

/// All of them; the first two are always declared.
pub const FACTS: &[Fact] = &[
    fact("a", "yes/no", YES_NO, "", "[]", &["a"]),
    fact("goods.g", "yes/no", YES_NO, "", "[]", &["goods.g"]),
    fact("b", "yes/no", YES_NO, "", "[]", &["b", "any of {a, b}", "all of {a, b}"]),
    fact("aware", "yes/no", YES_NO, "", "[]", &["aware"]),
    fact("shown", "yes/no", YES_NO, "", "[]", &["shown", "not shown"]),
    fact("goods.heavy", "yes/no", YES_NO, "", "[]", &["goods.heavy"]),
    fact(
        "activity",
        "one of { export, import, broker also \"brokering\" }",
        r#"["export", "import", "broker"]"#,
        "",
        "[]",
        &["activity is export", "activity in {export, broker}", "activity is not import"],
    ),
    fact(
        "goods.kind",
        // One value in each broader one that no condition names: what is neither of its fellows is like it.
        "one of { whip, electric { stun_gun, shield { small, large, round }, prod }, baton also \"truncheon\" }",
        r#"["whip", "stun_gun", "small", "large", "baton", "round", "prod"]"#,
        "",
        r#"["electric", "shield"]"#,
        &[
            "goods.kind is whip",
            "goods.kind is electric",
            "goods.kind is shield",
            "goods.kind in {whip, small}",
            "goods.kind is not stun_gun",
            "goods.kind not in {baton, large}",
            "goods.kind in tools",
        ],
    ),
    fact("destination", "country", PLACES, "", "[]", PLACE_OF_DESTINATION),
    fact("from", "country", PLACES, "", "[]", PLACE_OF_ORIGIN),
    fact(
        "transit",
        "set of country",
        r#"[[], ["FR"], ["IT-livigno"], ["US", "JP"], ["DE", "MC"], ["IT"]]"#,
        "",
        "[]",
        &["any of transit in GROUP", "all of transit in GROUP", "transit is empty", "any of transit is not JP"],
    ),
    fact(
        "n",
        "number",
        "[1, 2, 2.5, 3, 3.5, 4, 5]",
        "[2, 3, 4]",
        "[]",
        &["n >= 3", "n < 3", "n = 3", "n in 3 to 3", "n != 3"],
    ),
    fact("m", "number", "[1, 2, 2.5, 3, 3.5, 4, 5]", "[2, 3, 4]", "[]", &["m <= 3", "m > 3", "m not in 3 to 3"]),
    fact("holders", "count", "[0, 1, 2, 3, 4]", "", "[]", &["holders >= 2", "holders in 1 to 3", "holders < 4"]),
    fact(
        "made",
        "date",
        r#"["1949-12-30", "1949-12-31", "1950-01-01", "1970-06-01", "1999-12-31", "2000-01-01", "2035-01-01", "2037-01-01"]"#,
        r#"["1949-12-31", "1950-01-01", "1970-06-01", "1999-12-31", "2000-01-01", "2035-01-01"]"#,
        "[]",
        &["made < 1950-01-01", "made in 1950-01-01 to 1999-12-31"],
    ),
    fact("worth", "money EUR", r#"["1000 EUR", "1000.01 EUR"]"#, "", r#"["5 USD"]"#, &["worth > 1000 EUR"]),
    fact(
        "memo",
        "text",
        r#"["x", "y", "z", "w"]"#,
        r#"["x", "y"]"#,
        "[]",
        &["memo is \"x\"", "memo in {\"x\", \"y\"}"],
    ),
    fact("note_of", "text", r#"["x", "y", "z", "w"]"#, r#"["x", "y"]"#, "[]", &["note_of is not \"y\""]),
    fact(
        "goods.length",
        "length",
        r#"["79 cm", "800 mm", "0.9 m", "1 m", "1.1 m"]"#,
        "",
        "[]",
        &["goods.length >= 80 cm", "goods.length > 1 m", "goods.length in 80 cm to 1000 mm"],
    ),
    fact(
        "goods.share",
        "percent",
        r#"["0.29 %", "3000 ppm", "50 %"]"#,
        "",
        "[]",
        &["goods.share >= 0.3 %", "goods.share in 0.3 % to 0.3 %"],
    ),
    fact(
        "goods.parts",
        "set of one of { lash, thong, grip { bare, padded } }",
        r#"[[], ["lash"], ["thong"], ["thong", "bare"], ["padded", "lash"]]"#,
        "",
        r#"[["grip"]]"#,
        &[
            "any of goods.parts in {lash, grip}",
            "all of goods.parts in {lash, thong}",
            "goods.parts is not empty",
            "any of goods.parts is bare",
        ],
    ),
    fact(
        "goods.code",
        "code CN",
        r#"["8543709000", "8543701000", "8543800000", "9304100000", "9304900000", "3920100000", "3920200000", "3920250000",
            "3920300000", "3920400000", "3920990000", "8548000000", "0101210000"]"#,
        "",
        r#"["8543", "854370", "9304", "93", "3920", "39", "85", "01", "9304 10"]"#,
        &["goods.code is 8543 70", "goods.code in {9304, 3920 40}"],
    ),
    fact("goods.code_confirmed", "yes/no", YES_NO, "", "[]", &[]),
    fact(
        "goods.cas",
        "set of code CAS",
        r#"[[], ["57-33-0"], ["76-75-5", "50-00-0"], ["64-17-5"]]"#,
        "",
        "[]",
        &["any of goods.cas in {57-33-0, 76-75-5}", "goods.cas is empty"],
    ),
    fact(
        "goods.eccn",
        "code ECCN",
        r#"["0A982.a", "0A982.b", "0A982.c", "0A983", "EAR99"]"#,
        "",
        r#"["0A982"]"#,
        &["goods.eccn is 0A982.a"],
    ),
    fact(
        "goods.seized",
        "date",
        r#"["1949-12-31", "1950-01-01", "1980-01-01", "2036-01-01"]"#,
        "",
        "[]",
        &["goods.seized >= 1950-01-01"],
    ),
];

const PLACE_OF_DESTINATION: &[&str] = &[
    "destination in GROUP",
    "destination not in GROUP",
    "destination is IT",
    "destination in {FR, IT-livigno}",
    "destination marked M1 in marks",
    "not destination marked M2 in marks",
    "destination in GROUP - {FR}",
    "destination in GROUP & GROUP + {US}",
];
const PLACE_OF_ORIGIN: &[&str] =
    &["from in GROUP", "from is not US", "from marked M1 in marks", "from in (GROUP + {MC}) - {DE}"];

/// Facts that hold the codes of goods.
pub const CODES: &[&str] = &["goods.code", "goods.cas", "goods.eccn"];

/// Two facts compared with each other.
pub const PAIRS: &[(&str, &str, &[&str])] = &[
    ("n", "m", &["n > m", "m = n", "n <= m"]),
    ("destination", "from", &["destination is from", "destination is not from", "any of {destination, from} in GROUP"]),
    ("memo", "note_of", &["memo is note_of"]),
    ("made", "date", &["made < date"]),
    ("made", "goods.seized", &["made >= goods.seized"]),
];

/// Days on which other law is in force, and one outside what is known.
pub const DATES: &[&str] =
    &["2026-03-02", "2020-06-30", "2023-12-31", "2024-01-01", "2022-06-30", "2029-12-31", "2030-01-01"];

/// A day of each span between the days on which any law that is made up may change, while it is known.
pub const SPANS: &[&str] =
    &["2020-06-30", "2022-06-30", "2023-12-31", "2024-06-30", "2026-03-02", "2026-06-30", "2029-12-31", "2030-01-01"];

/// The fact of that name.
pub fn named(name: &str) -> &'static Fact {
    FACTS.iter().find(|f| f.name == name).unwrap_or_else(|| panic!("{name}"))
}
