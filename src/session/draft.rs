//! The consignment at hand: facts as they were written, by item and by licence, in the order in which they were given.
//!
//! It is kept as text so that it outlives a change of the law, and is read by the reader of consignments whenever it is
//! decided: what a draft can say is what a consignment can say.

use indexmap::IndexMap;

use crate::consignment::one::{self, Written};
use crate::consignment::{MAX_ITEMS, Overlay};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::value::Type;
use crate::model::{Case, FactId, Level, Value, World};
use crate::policy::Policy;
use crate::span::Span;
use crate::syntax::tree::{self, Given, Setting};

/// Facts by name, as written.
pub type Facts = IndexMap<String, Written>;

/// A licence that is held.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Held {
    /// Its kind; empty until it is said.
    pub kind: String,
    /// What is known of it.
    pub fields: Facts,
}

/// The consignment at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    /// Its identifier, if it was opened from a file that has one.
    pub id: Option<String>,
    /// Facts of the whole.
    pub shared: Facts,
    /// Facts of each goods item.
    pub items: Vec<Facts>,
    /// True if the goods are a list.
    pub listed: bool,
    /// Licences held.
    pub licences: Vec<Held>,
}

/// One fact that was set: as it is named at the bench, what it was, what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// `destination`, `goods[2].kind`
    pub name: String,
    /// What it was; nothing: unknown.
    pub before: Option<Written>,
    /// What it is; nothing: unknown.
    pub after: Option<Written>,
}

/// Whose fact it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The whole consignment's.
    Shared,
    /// A goods item's, from 0.
    Item(usize),
    /// A held licence's, from 0.
    Licence(usize),
}

impl Draft {
    /// A consignment that was read.
    pub fn of(case: &Case, world: &World) -> Draft {
        let facts = |map: &std::collections::BTreeMap<FactId, Value>| -> Facts {
            let one = |(id, value): (&FactId, &Value)| {
                let fact = world.fact(*id);
                (fact.name.clone(), written(value, &fact.ty, world))
            };
            map.iter().map(one).collect()
        };
        Draft {
            id: case.id.clone(),
            shared: facts(&case.facts),
            items: case.items.iter().map(facts).filter(|f| case.listed || !f.is_empty()).collect(),
            listed: case.listed,
            licences: case
                .licences
                .iter()
                .map(|h| Held { kind: h.licence.clone(), fields: facts(&h.fields) })
                .collect(),
        }
    }

    /// True if nothing is given.
    pub fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.items.iter().all(Facts::is_empty) && self.licences.is_empty()
    }

    /// The consignment as JSON, with the names of facts as they are declared.
    pub fn json(&self, world: &World) -> String {
        let mut parts = Vec::new();
        if let Some(id) = &self.id {
            parts.push(format!("\"id\": {}", quoted(id)));
        }
        parts.extend(json_facts(&self.shared, "", world));
        let items: Vec<String> =
            self.items.iter().map(|i| format!("{{ {} }}", json_facts(i, "goods.", world).join(", "))).collect();
        match items.as_slice() {
            [one] if !self.listed => parts.push(format!("\"goods\": {one}")),
            [] => {}
            many => parts.push(format!("\"goods\": [{}]", many.join(", "))),
        }
        if !self.licences.is_empty() {
            let held = self.licences.iter().map(|h| {
                let mut fields = vec![format!("\"licence\": {}", quoted(&h.kind))];
                fields.extend(json_facts(&h.fields, "licence.", world));
                format!("{{ {} }}", fields.join(", "))
            });
            parts.push(format!("\"licences\": [{}]", held.collect::<Vec<_>>().join(", ")));
        }
        format!("{{ {} }}", parts.join(", "))
    }

    /// The consignment in exact values.
    ///
    /// # Errors
    /// It has no date, or a licence held has no kind, or it is too large.
    pub fn case(&self, policy: &Policy) -> Result<Case, Vec<Diagnostic>> {
        if !self.shared.contains_key("date") {
            return Err(vec![no_date()]);
        }
        if let Some(i) = self.licences.iter().position(|h| h.kind.is_empty()) {
            let message = format!("held licence {} does not say of which kind it is", i + 1);
            let help = format!("say `licences[{}].licence = individual`", i + 1);
            return Err(vec![Diagnostic::global(Code::ConsignmentSyntax, message).help(help)]);
        }
        policy.read("consignment", &self.json(policy.world()), &Overlay::default()).map_err(|rejected| {
            // The text is ours, so its places say nothing to the reader.
            let bare = |d: Diagnostic| Diagnostic { labels: Vec::new(), ..d };
            rejected.problems.into_iter().map(bare).collect()
        })
    }

    /// The same facts under another law; what it does not know, or not so, is left out and named.
    pub fn under(&self, world: &World) -> (Draft, Vec<String>) {
        let mut dropped = Vec::new();
        let mut keep = |facts: &Facts| -> Facts {
            let known = |(name, text): &(&String, &Written)| {
                let read = one::fact(world, name, Span::default());
                let fits = read.and_then(|id| one::value(world, id, text, Span::default()));
                if fits.is_err() {
                    dropped.push(format!("{name} {}", shown(text)));
                }
                fits.is_ok()
            };
            facts.iter().filter(known).map(|(n, t)| (n.clone(), t.clone())).collect()
        };
        let out = Draft {
            id: self.id.clone(),
            shared: keep(&self.shared),
            items: self.items.iter().map(&mut keep).collect(),
            listed: self.listed,
            licences: self.licences.iter().map(|h| Held { kind: h.kind.clone(), fields: keep(&h.fields) }).collect(),
        };
        (out, dropped)
    }

    /// What is said of a fact, with its name as it is given at the bench: once, or once for each item or licence.
    pub fn given(&self, fact: &str, level: Level) -> Vec<(String, Option<&Written>)> {
        match level {
            Level::Consignment => vec![(fact.to_owned(), self.shared.get(fact))],
            Level::Goods if self.items.is_empty() => vec![(fact.to_owned(), None)],
            Level::Goods => {
                let all = self.items.iter().enumerate();
                all.map(|(i, facts)| (self.name(Place::Item(i), fact), facts.get(fact))).collect()
            }
            Level::Licence => {
                let all = self.licences.iter().enumerate();
                all.map(|(i, h)| (self.name(Place::Licence(i), fact), h.fields.get(fact))).collect()
            }
        }
    }

    /// A fact's name at the bench: with its number where there are several items.
    pub fn name(&self, place: Place, fact: &str) -> String {
        let last = fact.split_once('.').map_or(fact, |(_, last)| last);
        match place {
            Place::Item(i) if self.items.len() > 1 => format!("goods[{}].{last}", i + 1),
            Place::Licence(i) => format!("licences[{}].{last}", i + 1),
            _ => fact.to_owned(),
        }
    }

    /// Sets what a line says.
    ///
    /// # Errors
    /// What is wrong with it; the draft is then as it was.
    pub fn set(&mut self, world: &World, settings: &[Setting]) -> Result<Vec<Change>, Diagnostic> {
        let mut next = self.clone();
        let mut changes = Vec::new();
        for setting in settings {
            next.one(world, setting, &mut changes)?;
        }
        *self = next;
        Ok(changes)
    }

    fn one(&mut self, world: &World, s: &Setting, out: &mut Vec<Change>) -> Result<(), Diagnostic> {
        let head = s.name.node.split('.').next().unwrap_or_default();
        let whole = head == s.name.node;
        match (head, &s.value) {
            ("goods", Given::Blocks(_, blocks)) if whole && s.number.is_none() => {
                if blocks.len() > MAX_ITEMS {
                    return Err(shape(s.name.span, &format!("at most {MAX_ITEMS} goods items are decided")));
                }
                self.items = vec![Facts::new(); blocks.len()];
                self.listed = true;
                for (i, block) in blocks.iter().enumerate() {
                    self.block(world, Place::Item(i), "goods.", block, out)?;
                }
                Ok(())
            }
            ("licences", Given::Block(_, block)) if whole && s.number.is_none() => {
                self.licences = vec![Held::default()];
                self.block(world, Place::Licence(0), "licence.", block, out)
            }
            ("licences", Given::Blocks(_, blocks)) if whole && s.number.is_none() => {
                self.licences.clear();
                for (i, block) in blocks.iter().enumerate() {
                    self.licences.push(Held::default());
                    self.block(world, Place::Licence(i), "licence.", block, out)?;
                }
                Ok(())
            }
            ("goods" | "licences", Given::Value(v)) if whole && s.number.is_none() && text(v) == "unknown" => {
                if head == "goods" {
                    (self.items, self.listed) = (Vec::new(), false);
                } else {
                    self.licences.clear();
                }
                let before = Some(Written::One("given".to_owned()));
                out.push(Change { name: head.to_owned(), before, after: None });
                Ok(())
            }
            ("goods", _) => {
                let places = self.item_places(s)?;
                for place in places {
                    match &s.value {
                        Given::Block(_, block) if whole => self.block(world, place, "goods.", block, out)?,
                        value => self.put(world, place, &s.name, value, out)?,
                    }
                }
                Ok(())
            }
            ("licences" | "licence", value) => {
                let place = self.licence_place(s)?;
                let rest = s.name.node.split_once('.').map(|(_, rest)| rest);
                match (rest, value) {
                    (None, Given::Block(_, block)) => self.block(world, place, "licence.", block, out),
                    (Some(rest), value) => {
                        let name = tree::Name { node: format!("licence.{rest}"), span: s.name.span };
                        self.put(world, place, &name, value, out)
                    }
                    (None, _) => Err(shape(s.name.span, "say a field of it, as `licences[1].number = \"A 17\"`")),
                }
            }
            (_, Given::Block(_, block)) => {
                no_number(s)?;
                self.block(world, Place::Shared, &format!("{}.", s.name.node), block, out)
            }
            (_, value) => {
                no_number(s)?;
                self.put(world, Place::Shared, &s.name, value, out)
            }
        }
    }

    /// The items that a setting is about: the one it names, else all there are.
    fn item_places(&mut self, s: &Setting) -> Result<Vec<Place>, Diagnostic> {
        let Some(number) = &s.number else {
            if self.items.is_empty() {
                self.items.push(Facts::new());
            }
            return Ok((0..self.items.len()).map(Place::Item).collect());
        };
        let next = self.items.len() + 1;
        if number.node == 0 || number.node > next.min(MAX_ITEMS) {
            let have = self.items.len();
            let message = format!("there is no goods item {}; the consignment has {have}", number.node);
            return Err(Diagnostic::error(Code::ConsignmentSyntax, number.span, message)
                .help(format!("the next one is `goods[{}]`", next.min(MAX_ITEMS))));
        }
        if number.node == next {
            self.items.push(Facts::new());
            self.listed = true;
        }
        Ok(vec![Place::Item(number.node - 1)])
    }

    fn licence_place(&mut self, s: &Setting) -> Result<Place, Diagnostic> {
        let have = self.licences.len();
        let number = match &s.number {
            Some(n) => n.clone(),
            None if have == 1 => return Ok(Place::Licence(0)),
            None => {
                let message = format!("{have} licences are held, so it is open which one is meant");
                return Err(Diagnostic::error(Code::ConsignmentSyntax, s.name.span, message)
                    .help(format!("say `licences[{}].licence = individual`, then its fields", have.max(1))));
            }
        };
        if number.node == 0 || number.node > have + 1 {
            let message = format!("there is no held licence {}; {have} are held", number.node);
            return Err(Diagnostic::error(Code::ConsignmentSyntax, number.span, message)
                .help(format!("the next one is `licences[{}]`", have + 1)));
        }
        if number.node == have + 1 {
            self.licences.push(Held::default());
        }
        Ok(Place::Licence(number.node - 1))
    }

    fn block(
        &mut self,
        world: &World,
        place: Place,
        prefix: &str,
        list: &[tree::Assignment],
        out: &mut Vec<Change>,
    ) -> Result<(), Diagnostic> {
        for assignment in list {
            let name = tree::Name { node: format!("{prefix}{}", assignment.name.node), span: assignment.name.span };
            match &assignment.value {
                Given::Block(_, inner) => self.block(world, place, &format!("{}.", name.node), inner, out)?,
                value => self.put(world, place, &name, value, out)?,
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        world: &World,
        place: Place,
        name: &tree::Name,
        given: &Given,
        out: &mut Vec<Change>,
    ) -> Result<(), Diagnostic> {
        let (text, span) = match given {
            Given::Value(v) => (Written::One(text(v)), v.span),
            Given::Set(span, values) => (Written::Many(values.iter().map(self::text).collect()), *span),
            Given::Block(span, _) | Given::Blocks(span, _) => {
                return Err(shape(*span, "only `goods` and `licences` hold several"));
            }
        };
        if let (Place::Licence(i), "licence.licence", Written::One(kind)) = (place, name.node.as_str(), &text) {
            let before = std::mem::replace(&mut self.licences[i].kind, kind.clone());
            let before = (!before.is_empty()).then_some(Written::One(before));
            out.push(Change { name: format!("licences[{}].licence", i + 1), before, after: Some(text) });
            return Ok(());
        }
        let id = one::fact(world, &name.node, name.span)?;
        let known = one::value(world, id, &text, span)?.is_some();
        let shown = self.name(place, &name.node);
        let facts = match place {
            Place::Shared => &mut self.shared,
            Place::Item(i) => &mut self.items[i],
            Place::Licence(i) => &mut self.licences[i].fields,
        };
        let after = known.then_some(text);
        let before = match &after {
            Some(text) => facts.insert(name.node.clone(), text.clone()),
            None => facts.shift_remove(&name.node),
        };
        out.push(Change { name: shown, before, after });
        Ok(())
    }
}

/// That no date is given, in the words of the bench.
pub fn no_date() -> Diagnostic {
    Diagnostic::global(Code::MissingDate, "no date is given, so it is open which law applies")
        .help("say `:as-of 2026-03-02`")
}

fn no_number(s: &Setting) -> Result<(), Diagnostic> {
    match &s.number {
        None => Ok(()),
        Some(n) => Err(shape(n.span, "only `goods` and `licences` are numbered")),
    }
}

fn shape(span: Span, help: &str) -> Diagnostic {
    Diagnostic::error(Code::ConsignmentSyntax, span, "a consignment cannot hold this").help(help)
}

/// A value of the tree as text, without quotes.
fn text(value: &tree::Value) -> String {
    use tree::ValueKind::*;
    match &value.kind {
        Text(t) | Date(t) | Cas(t) | Code(t) | Number(t) | Place(t) | Name(t) => t.clone(),
        Quantity(n, unit) => format!("{n} {unit}"),
    }
}

/// A value as it is written, without quotes.
pub fn written(value: &Value, ty: &Type, world: &World) -> Written {
    let one = |v: &Value, ty: &Type| match v {
        Value::Text(t) => t.to_string(),
        v => v.display(ty, world),
    };
    match value {
        Value::Set(all) => Written::Many(all.iter().map(|v| one(v, ty.element())).collect()),
        v => Written::One(one(v, ty)),
    }
}

/// What was written, for people.
pub fn shown(text: &Written) -> String {
    match text {
        Written::One(t) => t.clone(),
        Written::Many(all) => format!("{{{}}}", all.join(", ")),
    }
}

/// The facts of a map as members of a JSON object, the prefix taken off their names.
fn json_facts(facts: &Facts, prefix: &str, world: &World) -> Vec<String> {
    let one = |(name, text): (&String, &Written)| {
        let ty = world.fact_named(name).map(|id| &world.fact(id).ty);
        let value = match text {
            Written::One(t) => match ty {
                Some(Type::Set(inner)) => format!("[{}]", json_value(t, inner)),
                Some(ty) => json_value(t, ty),
                None => quoted(t),
            },
            Written::Many(all) => {
                let inner = ty.map_or(&Type::Text, Type::element);
                format!("[{}]", all.iter().map(|t| json_value(t, inner)).collect::<Vec<_>>().join(", "))
            }
        };
        format!("{}: {value}", quoted(name.strip_prefix(prefix).unwrap_or(name)))
    };
    facts.iter().map(one).collect()
}

fn json_value(text: &str, ty: &Type) -> String {
    match (ty, crate::model::unit::parse_number(text)) {
        (Type::Bool, _) => if matches!(text, "yes" | "true") { "true" } else { "false" }.to_owned(),
        (Type::Number | Type::Count, Some(n)) => n.normalize().to_string(),
        _ => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::String(text.to_owned()).to_string()
}
