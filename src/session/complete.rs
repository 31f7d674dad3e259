//! What can stand where the cursor is: commands, facts, values of the fact at hand, entries, countries; and hints.

use crate::interview::Topic;
use crate::model::value::{PlaceId, Type};
use crate::model::{Fact, World};

use super::paint::tokens;
use super::{COMMANDS, Command, Session, Takes};

/// Something that can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is put there.
    pub text: String,
    /// How it is shown in a list.
    pub shown: String,
}

/// What can stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// These, in place of what stands from that byte to the cursor.
    Here(usize, Vec<Candidate>),
    /// A path of a file, which begins at that byte.
    Path(usize),
}

impl Session {
    /// What can stand at a byte of a line.
    pub fn complete(&self, line: &str, cursor: usize) -> Completion {
        let before = line.get(..cursor).unwrap_or(line);
        let start = before
            .rfind(|c: char| c.is_whitespace() || "{}()[],;=<>\"".contains(c))
            .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let word = &before[start..];
        let mut found = Found { word, out: Vec::new() };
        let Some(rest) = before.trim_start().strip_prefix(':') else {
            if let Some(asking) = &self.asking {
                match (asking.question().topic, self.policy()) {
                    (Topic::Fact(fact, _), Ok(policy)) => {
                        self.answers(&policy.world().fact(fact).name.clone(), &mut found);
                    }
                    _ => asking.question().values.iter().for_each(|v| found.add(v)),
                }
                ["unknown", "back", "why", "stop"].iter().for_each(|w| found.add(w));
                return Completion::Here(start, found.out);
            }
            self.saying(&before[..start], &mut found);
            return Completion::Here(start, found.out);
        };
        let Some((name, arguments)) = rest.split_once(char::is_whitespace) else {
            let colon = before.len() - rest.len();
            let mut found = Found { word: rest, out: Vec::new() };
            COMMANDS.iter().for_each(|c| found.put(c.name, &format!(":{} {}  {}", c.name, c.arguments, c.does)));
            return Completion::Here(colon, found.out);
        };
        let Some(command) = COMMANDS.iter().find(|c| c.name == name) else { return Completion::Here(start, vec![]) };
        let begin = before.len() - arguments.trim_start().len();
        self.arguments(command, arguments, begin, start, &before[..start], &mut found)
            .unwrap_or(Completion::Here(start, found.out))
    }

    fn arguments(
        &self,
        command: &Command,
        arguments: &str,
        begin: usize,
        start: usize,
        before: &str,
        found: &mut Found<'_>,
    ) -> Option<Completion> {
        let world = self.loaded.as_ref().map(|l| l.policy.world());
        match (command.takes, world) {
            (Takes::Path, _) => {
                let last = before.rfind(char::is_whitespace).map_or(begin, |i| begin.max(i + 1));
                return Some(Completion::Path(last));
            }
            (Takes::Save, _) => {
                // After the closing quote stands a file.
                if arguments.matches('"').count() == 2 {
                    return Some(Completion::Path(start));
                }
                found.add("test \"");
            }
            (Takes::Command, _) => COMMANDS.iter().for_each(|c| found.add(c.name)),
            (Takes::Outcome, _) => crate::eval::Outcome::ALL.iter().rev().for_each(|o| found.add(o.as_str())),
            (Takes::Rule, Some(world)) => world.rules.iter().for_each(|r| found.titled(&r.name, &r.title)),
            (Takes::Entry, Some(world)) => {
                entries(world, found);
                world.rules.iter().for_each(|r| found.titled(&r.name, &r.title));
            }
            (Takes::Two, Some(world)) => {
                entries(world, found);
                world.policies.iter().for_each(|p| found.titled(&p.name, &p.title));
            }
            (Takes::Setting, _) => self.saying(before.split_once(char::is_whitespace).map_or("", |(_, b)| b), found),
            _ => {}
        }
        None
    }

    /// A line that is no command, up to the word at the cursor.
    fn saying(&self, before: &str, found: &mut Found<'_>) {
        let Some(world) = self.loaded.as_ref().map(|l| l.policy.world()) else { return };
        match subject(world, before) {
            Some(Subject::Goods) => entries(world, found),
            Some(Subject::Fact(fact)) => {
                values(world, fact, found);
                if before.trim_end().ends_with(fact.name.as_str()) {
                    ["is", "in", "is not", "not in"].iter().for_each(|w| found.add(w));
                } else {
                    found.add("unknown");
                }
            }
            None => {
                let inside = block(before);
                for f in &world.facts {
                    match inside {
                        Some(prefix) => {
                            if let Some(short) = f.name.strip_prefix(prefix) {
                                found.add(short);
                            }
                        }
                        None => found.titled(&f.name, f.ask.as_deref().unwrap_or("")),
                    }
                }
                if inside.is_none() {
                    ["goods", "not", "any of", "all of"].iter().for_each(|w| found.add(w));
                }
            }
        }
    }

    fn answers(&self, fact: &str, found: &mut Found<'_>) {
        let Some(world) = self.loaded.as_ref().map(|l| l.policy.world()) else { return };
        if let Some(id) = world.fact_named(fact) {
            values(world, world.fact(id), found);
        }
    }

    /// What could follow a line that ends at the cursor, in a few words; nothing if nothing is plain.
    pub fn hint(&self, line: &str) -> Option<String> {
        if let Some(rest) = line.strip_prefix(':') {
            let (name, arguments) = rest.split_once(' ').unwrap_or((rest, ""));
            let command = COMMANDS.iter().find(|c| c.name == name).filter(|_| arguments.is_empty())?;
            let blank = if rest.ends_with(' ') { "" } else { " " };
            let arguments = if command.arguments.is_empty() { "" } else { command.arguments };
            return Some(format!("{blank}{arguments}  {}", command.does)).filter(|h| !h.trim().is_empty());
        }
        let world = self.loaded.as_ref()?.policy.world();
        if line.trim().is_empty() {
            return None;
        }
        match subject(world, line) {
            Some(Subject::Fact(f)) if line.trim_end().ends_with('=') || line.ends_with(' ') => {
                let after = line.trim_end().ends_with(['=', '{']) || line.trim_end().ends_with(f.name.as_str());
                after.then(|| format!(" {}", f.ty.expects(world)))
            }
            Some(Subject::Fact(f)) if line.ends_with(f.name.as_str()) => f.ask.as_ref().map(|a| format!("  {a}")),
            _ => None,
        }
    }
}

/// Candidates that begin with the word at the cursor.
struct Found<'w> {
    word: &'w str,
    out: Vec<Candidate>,
}

impl Found<'_> {
    fn add(&mut self, text: &str) {
        self.put(text, text);
    }

    fn titled(&mut self, text: &str, title: &str) {
        let shown = if title.is_empty() { text.to_owned() } else { format!("{text}  {title}") };
        self.put(text, &shown);
    }

    fn put(&mut self, text: &str, shown: &str) {
        if text.starts_with(self.word) && !self.out.iter().any(|c| c.text == text) {
            self.out.push(Candidate { text: text.to_owned(), shown: shown.to_owned() });
        }
    }
}

/// What a value at the cursor would be said of.
enum Subject<'w> {
    Goods,
    Fact(&'w Fact),
}

/// The fact that the next word is said of, if the words before name one.
fn subject<'w>(world: &'w World, before: &str) -> Option<Subject<'w>> {
    let inside = block(before).unwrap_or("");
    let all = tokens(before);
    let mut list = false;
    for (n, token) in all.iter().enumerate().rev() {
        let last = n + 1 == all.len();
        match token.text {
            ")" | "}" if last => return None,
            // `is not` goes on about the fact; `and not` begins anew.
            "not" if last && n.checked_sub(1).is_none_or(|i| all[i].text != "is") => return None,
            "and" | "or" | "(" | ";" | "]" => return None,
            "{" | "," => list = true,
            "goods" => {
                let rest = all.get(n + 1).map(|t| t.text);
                return matches!(rest, Some("in" | "not" | "coded")).then_some(Subject::Goods);
            }
            "=" | "is" | "in" | "not" | "coded" | "under" | "of" | "to" | "any" | "all" => {}
            text => {
                let fact = world.fact_named(text).or_else(|| world.fact_named(&format!("{inside}{text}")));
                if let Some(id) = fact {
                    // After a value and a comma the next fact begins, unless a set is open.
                    let after: String = before[token.at..].to_owned();
                    let fresh = after.trim_end().ends_with(',') && !after.contains('{');
                    return (!fresh).then(|| Subject::Fact(world.fact(id)));
                }
                // A whole value stands before the cursor: what comes next is not said of the fact.
                if last && !list {
                    return None;
                }
            }
        }
    }
    None
}

/// The prefix of facts inside `goods { …` or `licences { …`, if one is open.
fn block(before: &str) -> Option<&'static str> {
    let open = before.rfind('{').filter(|i| !before[*i..].contains('}'))?;
    let head = before[..open].trim_end().trim_end_matches(['[', '{', ',', '=', ' ']);
    match () {
        () if head.ends_with("goods") => Some("goods."),
        () if head.ends_with("licences") => Some("licence."),
        () => None,
    }
}

fn entries(world: &World, found: &mut Found<'_>) {
    for c in world.categories.iter().filter(|c| !c.unnamed) {
        found.titled(&c.name, c.title.as_deref().unwrap_or(""));
    }
}

fn values(world: &World, fact: &Fact, found: &mut Found<'_>) {
    match fact.ty.element() {
        Type::Bool => ["yes", "no"].iter().for_each(|w| found.add(w)),
        Type::Choice(id) => {
            let all = world.enum_type(*id).map(|e| e.values.as_slice()).unwrap_or_default();
            all.iter().for_each(|v| found.add(&v.name));
        }
        Type::Country => {
            let word = plain(found.word);
            for place in PlaceId::all(world) {
                let (code, name) = (place.code(world), place.name(world));
                // A country is also found by the beginning of its name.
                if code.starts_with(found.word) || word.len() > 2 && plain(name).starts_with(&word) {
                    found.out.push(Candidate { text: code.to_owned(), shown: format!("{code} {name}") });
                }
            }
        }
        Type::Entry => entries(world, found),
        _ => {}
    }
}

/// A name in small letters without their accents, so that `Tur` finds Türkiye.
fn plain(name: &str) -> String {
    let letter = |c: char| match c {
        'ã' | 'á' | 'å' => 'a',
        'ç' => 'c',
        'é' => 'e',
        'í' => 'i',
        'ô' | 'ó' => 'o',
        'ü' => 'u',
        other => other,
    };
    name.to_lowercase().chars().map(letter).collect()
}
