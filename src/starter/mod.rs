//! The first files of a country's law: blank, or from the model list of the UN Special Rapporteur.
//!
//! What is made passes its own check, format and tests, and says of itself that it is a draft: a blank start is known
//! for one day of the past, so it clears nothing; a start from the model prohibits what the model asks to prohibit.
//! The model is read from the shipped `policies/un`, so a start from it is as good as that is.

use crate::embedded;
use crate::format::format;
use crate::model::country::{self, Status};
use crate::source::{SourceFile, Sources};
use crate::syntax::parse_file;

/// What to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// One placeholder of each kind.
    Blank,
    /// The model list of the UN Special Rapporteur on torture.
    Un,
}

/// The folder of an instrument where none is named.
const INSTRUMENT: &str = "torture";

/// The code that stands for the state which takes over the model.
const STAND_IN: &str = "AQ";

/// The files of a country by their paths below the root: a country's code such as `ch`, perhaps with the name of an
/// instrument, as in `ch.goods`.
///
/// # Errors
/// The name is no country's code, or none for an instrument.
pub fn country(name: &str, start: Start) -> Result<Vec<(String, String)>, String> {
    let (code, instrument) = name.split_once('.').unwrap_or((name, INSTRUMENT));
    let place = named(code)?;
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !instrument.starts_with(|c: char| c.is_ascii_lowercase()) || !instrument.chars().all(word) {
        return Err(format!("`{instrument}` is no name for an instrument: small letters, digits and `_`"));
    }
    let law = Law { code: place.code(), name: place.name(), policy: format!("{code}.{instrument}") };
    let texts = match start {
        Start::Blank => law.blank(),
        Start::Un => law.of_model()?,
    };
    let mut out = vec![(format!("{code}/README.md"), law.readme(start))];
    for (file, text) in texts {
        out.push((format!("{code}/{instrument}/{file}"), laid_out(&file, text)?));
    }
    Ok(out)
}

/// What the law of several countries shares and a start uses: the facts, and for the model the vocabulary from which
/// its entries have their search words.
pub fn shared(start: Start) -> Vec<(String, String)> {
    let used: &[&str] = match start {
        Start::Blank => &["trade.gate"],
        Start::Un => &["trade.gate", "alliance/words.gate", "alliance/words.csv"],
    };
    let files = embedded::files().into_iter().filter(|f| used.contains(&f.path.as_str()));
    files.filter_map(|f| Some((f.path, String::from_utf8(f.bytes).ok()?))).collect()
}

fn named(code: &str) -> Result<country::CountryId, String> {
    let upper = code.to_ascii_uppercase();
    let found = country::by_code(&upper).filter(|c| c.code() == upper && code.bytes().all(|b| b.is_ascii_lowercase()));
    match found.map(|c| (c, c.status())) {
        Some((c, Status::Current | Status::UserAssigned)) => Ok(c),
        Some((c, Status::Historic { until })) => {
            Err(format!("`{code}` stood for {} until {until}; name a country that is there", c.name()))
        }
        None => {
            let same = country::all().find(|c| c.name().eq_ignore_ascii_case(code));
            let help = match (same, country::by_code(&upper)) {
                (Some(c), _) | (None, Some(c)) => format!("; did you mean `{}`?", c.code().to_ascii_lowercase()),
                (None, None) => String::new(),
            };
            Err(format!("`{code}` is no country's code in two small letters, such as `ch`{help}"))
        }
    }
}

/// What stands in the place of the marks of a template.
struct Law {
    code: &'static str,
    name: &'static str,
    policy: String,
}

impl Law {
    fn fill(&self, text: &str) -> String {
        // Two countries at the other end of the trade.
        let mut others = ["BR", "CN", "ZA"].into_iter().filter(|c| *c != self.code);
        let (other, third) = (others.next().unwrap_or(STAND_IN), others.next().unwrap_or(STAND_IN));
        let text = text.replace("@NAME@", self.name).replace("@CODE@", self.code).replace("@POLICY@", &self.policy);
        text.replace("@OTHER@", other).replace("@THIRD@", third)
    }

    fn blank(&self) -> Vec<(String, String)> {
        let files = [
            ("list.gate", include_str!("blank/list.gate")),
            ("list.test.gate", include_str!("blank/list.test.gate")),
            ("policy.gate", include_str!("blank/policy.gate")),
            ("rules.gate", include_str!("blank/rules.gate")),
            ("rules.test.gate", include_str!("blank/rules.test.gate")),
        ];
        files.into_iter().map(|(name, text)| (name.to_owned(), self.fill(text))).collect()
    }

    /// The files of the model, made those of the country.
    fn of_model(&self) -> Result<Vec<(String, String)>, String> {
        let mut out = Vec::new();
        for file in embedded::files() {
            let Some(name) = file.path.strip_prefix("un/torture/").filter(|n| n.ends_with(".gate")) else { continue };
            let text = String::from_utf8(file.bytes).map_err(|_| format!("`{}` is not UTF-8 text", file.path))?;
            let text = if name.ends_with(".test.gate") { self.tests(&text) } else { self.law(&text) };
            out.push((name.to_owned(), text));
        }
        Ok(out)
    }

    fn law(&self, text: &str) -> String {
        let mut out = without(text, "fact model_taken_over:", "\n\n");
        for (from, to) in [
            ("when model_taken_over\n    and ", "when "),
            ("# Put your country here. Antarctica stands for it, since no state has that code.\n", ""),
            (
                "# from. It is a recommendation and binds nobody; README.md says what to change to make it a country's own.\n",
                "# from, made a draft of a country's own. It is no law until the country makes it so.\n",
            ),
            ("doubt \"source incomplete: 16", "doubt \"a draft, and no law; source incomplete: 16"),
        ] {
            out = out.replace(from, to);
        }
        let lines =
            out.lines().map(|line| match (line.strip_prefix("group home "), line.strip_prefix("policy un.torture ")) {
                (Some(_), _) => format!("group home \"{}\" {{ {} }}", self.name, self.code),
                (_, Some(_)) => {
                    format!(
                        "policy {} \"A draft from the model list of the UN Special Rapporteur on torture\" {{",
                        self.policy
                    )
                }
                _ => line.to_owned(),
            });
        lines.map(|l| l + "\n").collect()
    }

    fn tests(&self, text: &str) -> String {
        let text = without(text, "table \"A recommendation is no law until it is taken over\"", "\n}\n\n");
        let text = text.replace(" AQ stands for the state that takes over the model.", "");
        let text = text.replace("model_taken_over yes, ", "").replace("model_taken_over yes\n", "\n");
        // Where the country itself was the other end of the trade, the stand-in takes its place.
        let swapped = |word: &str| match word {
            STAND_IN => self.code.to_owned(),
            _ if word == self.code => STAND_IN.to_owned(),
            other => other.to_owned(),
        };
        let mut out = String::new();
        let mut word = String::new();
        for c in text.chars().chain(['\n']) {
            if c.is_ascii_alphanumeric() || c == '_' {
                word.push(c);
            } else {
                out.push_str(&swapped(&word));
                word.clear();
                out.push(c);
            }
        }
        out
    }

    fn readme(&self, start: Start) -> String {
        let (what, sources, dates, questions) = match start {
            Start::Blank => (
                "is a start with one placeholder of each kind: an entry, and a rule on export, import and transit.",
                "| the act | name it, and where its text was read |",
                "| 2000-01-01 | stands for the days for which the law is encoded; on all others the answer is undetermined |",
                "- Everything: no provision was read yet.",
            ),
            Start::Un => (
                "is a draft from the model list of the UN Special Rapporteur on torture: what the model asks states to prohibit, as a ban on export, import, transit, brokering and trade within the country.",
                "| category A | A/78/324 (October 2023), as reported by the Omega Research Foundation on 4 October 2023 and in the press |\n| the act | name it, and where its text was read |",
                "| 2023-11-01 | the report is out; before, the answer is undetermined |\n| 2026-07-31 | last day up to which the model was looked at; after, the answer is undetermined |",
                "- From which day the country prohibits these goods, and by which act.\n- Which goods with a legitimate use it licenses (category B), and by which authority.\n- Exceptions, such as for museums.\n- What the model leaves open: see `policies/un` of Portcullis.",
            ),
        };
        let text = include_str!("README.md").replace("PATH", self.policy.split('.').next().unwrap_or_default());
        let text = text.replace("@WHAT@", what).replace("@SOURCES@", sources).replace("@DATES@", dates);
        self.fill(&text.replace("@QUESTIONS@", questions))
    }
}

/// A text without the piece that starts with `start` and goes on until after `end`.
fn without(text: &str, start: &str, end: &str) -> String {
    let found = text.find(start).and_then(|at| Some((at, at + text.get(at..)?.find(end)? + end.len())));
    match found.and_then(|(from, to)| Some((text.get(..from)?, text.get(to..)?))) {
        Some((before, after)) => format!("{before}{after}"),
        None => text.to_owned(),
    }
}

/// A gate file in the canonical layout.
fn laid_out(name: &str, text: String) -> Result<String, String> {
    let source = SourceFile::new(name, text.into_bytes()).map_err(|e| e.to_string())?;
    let text = source.text.clone();
    let id = Sources::new().add(source);
    let (tree, problems) = parse_file(id, &text);
    match problems.first() {
        Some(p) => Err(format!("`{name}` of the start cannot be read: {}", p.message)),
        None => Ok(format(&tree)),
    }
}
