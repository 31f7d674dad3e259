//! A day of export declarations, made up: ordinary trade, some of it under listed codes, and the cases that a work list
//! has to bring to the top. It knows nothing of how rows are ranked, and takes no word from the law.

use std::fmt::Write;

/// A case that must be found.
pub struct Planted {
    /// The name of its row.
    pub id: String,
    /// What makes it one.
    pub kind: &'static str,
    /// Its description.
    pub description: String,
}

/// One row: id, date, from, destination, origin, code, kind, description, documents, end-user.
type Row = [String; 10];

/// The columns.
const COLUMNS: [&str; 10] = [
    "id",
    "date",
    "from",
    "destination",
    "origin",
    "goods.code",
    "goods.kind",
    "goods.description",
    "documents",
    "end_user.description",
];

/// A day's rows.
pub struct Day {
    /// What it was made from.
    pub seed: u64,
    /// The cases that must be found.
    pub planted: Vec<Planted>,
    rows: Vec<Row>,
}

/// The seed named by the environment, else one of this moment.
pub fn seed() -> u64 {
    let named = std::env::var("PORTCULLIS_SEED").ok().and_then(|s| s.parse().ok());
    named.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        now.as_nanos() as u64
    })
}

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const TO: [&str; 24] = [
    "TR", "CN", "US", "JP", "BR", "IN", "NA", "NO", "CH", "AE", "SG", "ZA", "EG", "MX", "CA", "AU", "KR", "TH", "UA",
    "RS", "MA", "CL", "KE", "VN",
];
const FROM: [&str; 8] = ["DE", "NL", "FR", "ES", "IT", "PL", "BE", "AT"];
const MADE_OF: [&str; 14] = [
    "steel",
    "plastic",
    "cotton",
    "rubber",
    "leather",
    "aluminium",
    "wooden",
    "nylon",
    "ceramic",
    "copper",
    "glass",
    "paper",
    "polyester",
    "brass",
];
const GOODS: [&str; 30] = [
    "bolts",
    "gaskets",
    "pump housings",
    "coffee machines",
    "printed circuits",
    "laptop computers",
    "garden furniture",
    "water filters",
    "bicycle frames",
    "lamps",
    "office desks",
    "tiles",
    "toys",
    "kitchen knives",
    "cables",
    "hydraulic hoses",
    "surgical masks",
    "baking trays",
    "shelving brackets",
    "pet collars",
    "door hinges",
    "umbrellas",
    "tractor seats",
    "protective gloves",
    "camping chairs",
    "syringe pumps",
    "power adapters",
    "fire extinguishers",
    "shoe soles",
    "paint brushes",
];
const FOR: [&str; 12] = [
    "for households",
    "for industry",
    "for retail sale",
    "for agriculture",
    "for hospitals",
    "for the building trade",
    "in cartons",
    "on pallets",
    "assorted sizes",
    "spare parts",
    "for vehicles",
    "for hotels",
];
const USERS: [&str; 6] =
    ["a hospital", "a factory", "a farm", "Blue Sky Trading", "a school", "a retailer of furniture"];
/// Codes that no list names.
const PLAIN: [&str; 10] = [
    "84713000", "85167100", "94033010", "39241000", "87149110", "69072100", "64062010", "85444290", "84212100",
    "82119200",
];
/// Codes that a list names in part.
const LISTED: [&str; 6] = ["73269098", "39269097", "83015000", "66020000", "85437090", "94018000"];

/// What nobody may send, as it is told in plain words.
const BANNED: [(&str, &str); 4] = [
    ("thumb_cuffs", "thumb cuffs, chromed"),
    ("thumbscrew", "thumbscrews with key"),
    ("bar_fetters", "bar fetters, pair"),
    ("finger_cuffs", "finger cuffs for transport of detainees"),
];
const ENGLISH: [(&str, &str); 5] = [
    ("73269098", "thumb-cuffs stainless, boxed"),
    ("73269098", "weighted leg irons"),
    ("85437090", "stun belts with transmitter"),
    ("83015000", "finger cuffs nickel plated"),
    ("73269098", "thumbscrews forged"),
];
const LOOK_ALIKE: [(&str, &str); 5] = [
    ("82119200", "thumb cuffs nickel"),
    ("39241000", "electric chair complete with straps"),
    ("85167100", "electric shock belt with remote"),
    ("87149110", "leg fetters with bar, prison type"),
    ("84713000", "guillotine blade, full size"),
];
const FOREIGN: [(&str, &str); 30] = [
    ("73269098", "Daumenschellen aus Stahl"),
    ("73269098", "poucettes en acier"),
    ("73269098", "esposas para pulgares, acero"),
    ("85437090", "Elektroschockgürtel mit Fernbedienung"),
    ("85437090", "ceintures à décharge électrique"),
    ("85437090", "cinturones de descarga eléctrica"),
    ("73269098", "DAUMENSCHRAUBEN GESCHMIEDET"),
    ("73269098", "beschwerte Fussfesseln"),
    ("94018000", "Zwangsstuhl mit Hand- und Fußfesseln"),
    ("94018000", "chaises de contention avec menottes"),
    ("94018000", "silla de inmovilización con grilletes"),
    ("94018000", "sedia di contenzione con ceppi"),
    ("94018000", "CADEIRA DE CONTENÇÃO COM ALGEMAS"),
    ("94018000", "dwangstoel met boeien"),
    ("94018000", "krzesło do unieruchamiania z kajdanami"),
    ("66020000", "fouets à plusieurs lanières, cuir"),
    ("66020000", "látigo de nueve colas"),
    ("66020000", "frusta a nove code in cuoio"),
    ("66020000", "chicote de nove caudas"),
    ("66020000", "zweep met negen staarten"),
    ("66020000", "bicz z wieloma rzemieniami"),
    ("39269097", "bouclier antiémeute à pointes métalliques"),
    ("39269097", "Schild mit Metallspitzen, Polizei"),
    ("39269097", "scudi antisommossa con punte metalliche"),
    ("73269098", "manette per pollici nichelate"),
    ("73269098", "algemas de polegares, aço"),
    ("73269098", "duimboeien, roestvrij staal"),
    ("73269098", "kajdanki na kciuki, stal"),
    ("85437090", "cintura a scariche elettriche con telecomando"),
    ("85437090", "stroomstootgordel met afstandsbediening"),
];

impl Day {
    /// A day of so many rows, to so many countries, of which so many are banned besides the sixty that are planted.
    pub fn new(seed: u64, count: usize, banned: usize, places: usize) -> Day {
        let mut dice = Dice(seed);
        let mut rows: Vec<Row> = Vec::with_capacity(count);
        let mut planted = Vec::new();
        let special = 60 + banned;
        for _ in 0..count - special {
            let listed = dice.below(100) < 5;
            let code = if listed { dice.pick(&LISTED) } else { dice.pick(&PLAIN) };
            let what = format!("{} {} {}", dice.pick(&MADE_OF), dice.pick(&GOODS), dice.pick(&FOR));
            let paper = if listed && dice.below(2) == 0 { "Y904" } else { "" };
            let row = row(&mut dice, places, code, "", &what, paper);
            rows.push(row);
        }
        for n in 0..special {
            let (kind, row) = match n {
                0..15 => {
                    let (kind, what) = BANNED[dice.below(BANNED.len())];
                    ("plainly prohibited", row(&mut dice, places, "73269098", kind, what, ""))
                }
                15..30 => {
                    let (code, what) = ENGLISH[dice.below(ENGLISH.len())];
                    ("false Y904", row(&mut dice, places, code, "", what, "Y904"))
                }
                30..45 => {
                    let (code, what) = LOOK_ALIKE[dice.below(LOOK_ALIKE.len())];
                    ("look-alike", row(&mut dice, places, code, "", what, ""))
                }
                45..60 => {
                    let (code, what) = FOREIGN[dice.below(FOREIGN.len())];
                    ("not in English", row(&mut dice, places, code, "", what, ""))
                }
                _ => {
                    let (kind, what) = BANNED[dice.below(BANNED.len())];
                    ("", row(&mut dice, places, "73269098", kind, what, ""))
                }
            };
            let at = dice.below(rows.len() + 1);
            // Put in the middle by taking the place of a row that goes to the end.
            rows.push(row);
            let last = rows.len() - 1;
            rows.swap(at, last);
            if !kind.is_empty() {
                planted.push((at, kind));
            }
            // A row that was moved may have been planted before.
            planted.iter_mut().rev().skip(1).filter(|(p, _)| *p == at).for_each(|(p, _)| *p = last);
            if kind.is_empty() {
                planted.iter_mut().filter(|(p, _)| *p == at).for_each(|(p, _)| *p = last);
            }
        }
        for (i, row) in rows.iter_mut().enumerate() {
            row[0] = format!("MRN{:08}", i + 1);
        }
        let planted = planted.into_iter().map(|(at, kind)| Planted {
            id: rows[at][0].clone(),
            kind,
            description: rows[at][7].clone(),
        });
        Day { seed, planted: planted.collect(), rows }
    }

    /// As CSV.
    pub fn csv(&self) -> String {
        let mut out = format!("{},activity\n", COLUMNS.join(","));
        for row in &self.rows {
            for cell in row {
                if cell.contains(',') {
                    let _ = write!(out, "\"{cell}\",");
                } else {
                    let _ = write!(out, "{cell},");
                }
            }
            out.push_str("export\n");
        }
        out
    }

    /// As columns of Arrow.
    #[cfg(feature = "columnar")]
    pub fn batch(&self) -> arrow_array::RecordBatch {
        use arrow_array::builder::StringDictionaryBuilder;
        use arrow_array::{ArrayRef, StringArray, types::Int32Type};
        use std::sync::Arc;
        let cell = |row: &Row, i: usize| Some(row[i].clone()).filter(|c| !c.is_empty());
        let coded = |i: usize| -> ArrayRef {
            let mut out: StringDictionaryBuilder<Int32Type> = StringDictionaryBuilder::new();
            self.rows.iter().for_each(|r| out.append_option(cell(r, i)));
            Arc::new(out.finish())
        };
        let column = |(i, name): (usize, &&str)| -> (String, ArrayRef) {
            let ids = || StringArray::from_iter(self.rows.iter().map(|r| cell(r, i)));
            ((*name).to_owned(), if i == 0 { Arc::new(ids()) } else { coded(i) })
        };
        let mut all: Vec<(String, ArrayRef)> = COLUMNS.iter().enumerate().map(column).collect();
        let export = StringArray::from_iter_values(self.rows.iter().map(|_| "export"));
        all.push(("activity".to_owned(), Arc::new(export)));
        arrow_array::RecordBatch::try_from_iter_with_nullable(all.into_iter().map(|(n, a)| (n, a, true))).unwrap()
    }

    /// As JSON lines.
    pub fn json(&self) -> String {
        let mut out = String::new();
        for row in &self.rows {
            let mut parts = vec!["\"activity\":\"export\"".to_owned()];
            let mut goods = Vec::new();
            for (name, cell) in COLUMNS.iter().zip(row).filter(|(_, c)| !c.is_empty()) {
                match name.strip_prefix("goods.") {
                    Some(name) => goods.push(format!("\"{name}\":\"{cell}\"")),
                    None if *name == "documents" => parts.push(format!("\"documents\":[\"{cell}\"]")),
                    None if *name == "end_user.description" => {
                        parts.push(format!("\"end_user\":{{\"description\":\"{cell}\"}}"));
                    }
                    None => parts.push(format!("\"{name}\":\"{cell}\"")),
                }
            }
            parts.push(format!("\"goods\":{{{}}}", goods.join(",")));
            let _ = writeln!(out, "{{{}}}", parts.join(","));
        }
        out
    }
}

fn row(dice: &mut Dice, places: usize, code: &str, kind: &str, what: &str, paper: &str) -> Row {
    let [to, from, origin] = [dice.pick(&TO[..places]), dice.pick(&FROM), dice.pick(&TO)];
    let user = dice.pick(&USERS);
    [
        String::new(),
        "2026-03-02".to_owned(),
        from.to_owned(),
        to.to_owned(),
        origin.to_owned(),
        code.to_owned(),
        kind.to_owned(),
        what.to_owned(),
        paper.to_owned(),
        user.to_owned(),
    ]
}
