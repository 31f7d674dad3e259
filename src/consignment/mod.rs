//! From a consignment as JSON to exact values.
//!
//! One object: `id`, facts by their declared names, nested at dots; `goods` an object or a list of them; `licences`
//! what is held. A fact left out or `null` is unknown. Nothing is guessed: a key that stands twice, a code given as a
//! number, a number that would lose digits, a fact that no loaded policy declares are errors, each with its place, and
//! one mistake does not hide the next.

pub mod messages;
pub mod one;
mod places;
pub mod template;
pub mod write;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jsonc_parser::ast::{Object, ObjectProp, Value as Json};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use crate::diagnostic::{Code, Diagnostic};
use crate::model::value::Type;
use crate::model::{Case, Date, FactId, Held, Level, Value, World, read};
use crate::span::{FileId, Span};
use crate::spelling::nearest;

pub use places::{Given, Owner, Places};

/// The longest consignment that is read, in bytes (1 MiB).
pub const MAX_BYTES: usize = 1024 * 1024;
/// The most goods items a consignment may have.
pub const MAX_ITEMS: usize = 10_000;
/// How deep a consignment may nest.
pub const MAX_NESTING: usize = 200;

/// What is laid over every consignment that is read.
#[derive(Clone, Debug, Default)]
pub struct Overlay {
    /// The date where the consignment has none.
    pub as_of: Option<Date>,
    /// Facts set on top, each as name and text; `unknown` takes a fact away.
    pub set: Vec<(String, String)>,
}

/// Reads one consignment.
///
/// # Errors
/// All mistakes found in it, in the order of their places.
pub fn read_case(file: FileId, text: &str, world: &World, overlay: &Overlay) -> Result<Case, Vec<Diagnostic>> {
    read_placed(file, text, world, overlay).map(|(case, _)| case)
}

/// Reads one consignment, and where each of its facts stands.
///
/// # Errors
/// All mistakes found in it, in the order of their places.
pub fn read_placed(
    file: FileId,
    text: &str,
    world: &World,
    overlay: &Overlay,
) -> Result<(Case, Places), Vec<Diagnostic>> {
    if text.len() > MAX_BYTES {
        return Err(vec![messages::too_long()]);
    }
    if let Some(at) = too_deep(text) {
        return Err(vec![messages::too_deep(Span::new(file, at, at + 1))]);
    }
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict).map_err(|e| {
        let range = e.range();
        vec![messages::not_json(Span::new(file, range.start, range.end), &e.kind().to_string())]
    })?;
    let Some(Json::Object(top)) = parsed.value else {
        return Err(vec![messages::not_an_object(Span::new(file, 0, text.len().min(1)))]);
    };
    let mut reader = Reader::new(file, world);
    reader.top(&top);
    reader.overlay(overlay);
    reader.finish(overlay)
}

/// The place at which brackets nest too deep, strings left out.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0usize, false, false);
    for (i, b) in text.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                if depth > MAX_NESTING {
                    return Some(i);
                }
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

struct Reader<'w> {
    file: FileId,
    world: &'w World,
    by_name: HashMap<&'w str, FactId>,
    problems: Vec<Diagnostic>,
    warnings: Vec<String>,
    id: Option<String>,
    facts: BTreeMap<FactId, Value>,
    items: Vec<BTreeMap<FactId, Value>>,
    listed: bool,
    licences: Vec<Held>,
    places: Places,
}

impl<'w> Reader<'w> {
    fn new(file: FileId, world: &'w World) -> Self {
        let by_name = world.facts.iter().enumerate().map(|(i, f)| (f.name.as_str(), FactId(i as u32))).collect();
        Reader {
            file,
            world,
            by_name,
            problems: Vec::new(),
            warnings: Vec::new(),
            id: None,
            facts: BTreeMap::new(),
            items: Vec::new(),
            listed: false,
            licences: Vec::new(),
            places: Places::default(),
        }
    }

    fn span(&self, node: &impl Ranged) -> Span {
        Span::new(self.file, node.start(), node.end())
    }

    /// Reports keys that stand twice; the first counts.
    fn distinct<'o, 't>(&mut self, object: &'o Object<'t>) -> Vec<&'o ObjectProp<'t>> {
        let mut seen: HashMap<&str, Span> = HashMap::new();
        let mut out = Vec::new();
        for prop in &object.properties {
            let (name, span) = (prop.name.as_str(), self.span(&prop.name));
            match seen.get(name) {
                Some(first) => self.problems.push(messages::duplicate_key(name, span, *first)),
                None => {
                    seen.insert(name, span);
                    out.push(prop);
                }
            }
        }
        out
    }

    fn top(&mut self, top: &Object<'_>) {
        for prop in self.distinct(top) {
            match (prop.name.as_str(), &prop.value) {
                ("id", Json::StringLit(s)) => self.id = Some(s.value.to_string()),
                ("id", Json::NumberLit(n)) => self.id = Some(n.value.to_owned()),
                ("id", Json::NullKeyword(_)) => {}
                ("id", other) => self.problems.push(messages::wrong_shape(self.span(other), "id", "a text in quotes")),
                ("goods", Json::Object(goods)) => {
                    self.items.push(BTreeMap::new());
                    self.object(goods, "goods.", Owner::Item(0));
                }
                ("goods", Json::Array(list)) => {
                    self.listed = true;
                    let span = self.span(list);
                    if list.elements.is_empty() {
                        self.problems.push(messages::no_items(span));
                    }
                    if list.elements.len() > MAX_ITEMS {
                        self.problems.push(messages::too_many_items(span, list.elements.len()));
                        continue;
                    }
                    for (i, element) in list.elements.iter().enumerate() {
                        self.items.push(BTreeMap::new());
                        match element {
                            Json::Object(goods) => self.object(goods, "goods.", Owner::Item(i)),
                            other => self.problems.push(messages::wrong_shape(self.span(other), "goods", "an object")),
                        }
                    }
                }
                ("goods", Json::NullKeyword(_)) => {}
                ("licences", Json::Array(list)) => {
                    for element in &list.elements {
                        match element {
                            Json::Object(held) => self.licence(held),
                            other => {
                                self.problems.push(messages::wrong_shape(self.span(other), "licences", "an object"))
                            }
                        }
                    }
                }
                ("licences", Json::NullKeyword(_)) => {}
                ("licences", other) => {
                    self.problems.push(messages::wrong_shape(self.span(other), "licences", "a list"))
                }
                _ => self.property(prop, "", Owner::Consignment),
            }
        }
    }

    fn licence(&mut self, object: &Object<'_>) {
        let at = self.licences.len();
        self.licences.push(Held { licence: String::new(), fields: BTreeMap::new() });
        let mut named = false;
        for prop in self.distinct(object) {
            match (prop.name.as_str(), &prop.value) {
                ("licence", Json::StringLit(s)) => {
                    named = true;
                    let known = self.world.licences.iter().any(|l| {
                        let policy = &self.world.policies[l.policy.index()].name;
                        *s.value == l.name || *s.value == format!("{policy}.{}", l.name)
                    });
                    if !known {
                        let warning = format!("no loaded policy knows the licence `{}`, so it covers nothing", s.value);
                        self.warnings.push(warning);
                    }
                    self.licences[at].licence = s.value.to_string();
                }
                _ => self.property(prop, "licence.", Owner::Licence(at)),
            }
        }
        if !named {
            self.problems.push(messages::licence_without_name(self.span(object)));
        }
    }

    fn object(&mut self, object: &Object<'_>, prefix: &str, owner: Owner) {
        for prop in self.distinct(object) {
            self.property(prop, prefix, owner);
        }
    }

    fn property(&mut self, prop: &ObjectProp<'_>, prefix: &str, owner: Owner) {
        let name = format!("{prefix}{}", prop.name.as_str());
        let at = self.span(&prop.name);
        match (self.by_name.get(name.as_str()).copied(), &prop.value) {
            (None, Json::Object(inner)) if !inner.properties.is_empty() => {
                self.object(inner, &format!("{name}."), owner);
            }
            (None, Json::Object(_)) if self.by_name.keys().any(|n| n.starts_with(&format!("{name}."))) => {}
            (None, _) => {
                self.problems.push(one::unknown(self.world, &name, at));
            }
            (Some(fact), value) => {
                let found = self.world.fact(fact);
                if found.is_named_condition() {
                    self.problems.push(messages::named_condition(&name, at));
                    return;
                }
                let fits = match owner {
                    Owner::Consignment => found.level == Level::Consignment,
                    Owner::Item(_) => found.level == Level::Goods,
                    Owner::Licence(_) => found.level == Level::Licence,
                };
                if !fits {
                    self.problems.push(messages::misplaced(&name, at));
                    return;
                }
                if let Some(value) = self.value(&name, &found.ty, value) {
                    self.places.put(fact, owner, Given::At(self.span(prop)));
                    if self.put(fact, value, owner).is_some() {
                        self.problems.push(messages::given_twice(&name, at));
                    }
                }
            }
        }
    }

    /// Puts a value in its place, and gives what was there before.
    fn put(&mut self, fact: FactId, value: Value, owner: Owner) -> Option<Value> {
        match owner {
            Owner::Consignment => self.facts.insert(fact, value),
            Owner::Item(i) => self.items[i].insert(fact, value),
            Owner::Licence(i) => self.licences[i].fields.insert(fact, value),
        }
    }

    /// A value; nothing for `null`, and for money in another currency, which is unknown.
    fn value(&mut self, name: &str, ty: &Type, json: &Json<'_>) -> Option<Value> {
        let span = self.span(json);
        let bad = |problem: &str| messages::bad_value(name, span, problem, &ty.expects(self.world));
        let problem = match (ty, json) {
            (_, Json::NullKeyword(_)) => return None,
            (Type::Set(inner), Json::Array(list)) => {
                let mut all = BTreeSet::new();
                let mut complete = true;
                for element in &list.elements {
                    if matches!(element, Json::NullKeyword(_)) {
                        self.problems.push(bad("a list names only what is known"));
                    }
                    match self.value(name, inner, element) {
                        Some(v) => {
                            all.insert(v);
                        }
                        None => complete = false,
                    }
                }
                return complete.then_some(Value::Set(all));
            }
            (Type::Set(_), _) => bad("one value is given where a list is expected"),
            (Type::Bool, Json::BooleanLit(b)) => return Some(Value::Bool(b.value)),
            (Type::Bool, _) => bad("write true or false, without quotes"),
            (Type::Code(_), Json::NumberLit(_)) => {
                bad("a code given as a number loses its leading zeros; put it in quotes")
            }
            (Type::Number | Type::Count, Json::NumberLit(n)) => match read::read(ty, n.value, self.world) {
                Ok(v) => return Some(v),
                Err(problem) => bad(&problem),
            },
            (_, Json::NumberLit(_)) => bad("a number alone says too little; put value and unit in quotes"),
            (_, Json::StringLit(s)) => {
                if read::is_other_currency(ty, &s.value) {
                    let of = if let Type::Money(of) = ty { of.as_str() } else { "the fact's" };
                    self.warnings.push(format!(
                        "{name}: {} is in another currency than {of}; nothing is converted, so it is unknown",
                        s.value
                    ));
                    return None;
                }
                match read::read(ty, &s.value, self.world) {
                    Ok(v) => return Some(v),
                    Err(problem) => bad(&problem),
                }
            }
            _ => bad("this is not one value"),
        };
        self.problems.push(problem);
        None
    }

    /// Facts set on top.
    fn overlay(&mut self, overlay: &Overlay) {
        if self.items.is_empty() {
            self.items.push(BTreeMap::new());
        }
        for (name, text) in &overlay.set {
            let Some(fact) = self.by_name.get(name.as_str()).copied() else {
                let near = nearest(name, self.world.facts.iter().map(|f| f.name.as_str()));
                self.problems.push(messages::set_undeclared(name, near));
                continue;
            };
            let found = self.world.fact(fact);
            if found.is_named_condition() || found.level == Level::Licence {
                self.problems.push(messages::set_impossible(name));
                continue;
            }
            let value = match &found.ty {
                _ if text == "unknown" => None,
                Type::Set(inner) => {
                    // Braces may stand around it, as in a gate file.
                    let bare = text.trim();
                    let bare = bare.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(bare);
                    if bare.contains(['{', '}', '"']) {
                        let problem = "its elements are separated by commas, and have no quotes";
                        self.problems.push(messages::set_bad_value(name, text, problem));
                        continue;
                    }
                    let parts = bare.split(',').map(str::trim).filter(|p| !p.is_empty());
                    match parts.map(|p| read::read(inner, p, self.world)).collect::<Result<BTreeSet<_>, _>>() {
                        Ok(all) => Some(Value::Set(all)),
                        Err(problem) => {
                            self.problems.push(messages::set_bad_value(name, text, &problem));
                            continue;
                        }
                    }
                }
                ty => match read::read(ty, text, self.world) {
                    Ok(v) => Some(v),
                    Err(problem) => {
                        self.problems.push(messages::set_bad_value(name, text, &problem));
                        continue;
                    }
                },
            };
            let owners: Vec<(Owner, &mut BTreeMap<FactId, Value>)> = match found.level {
                Level::Goods => self.items.iter_mut().enumerate().map(|(i, map)| (Owner::Item(i), map)).collect(),
                _ => vec![(Owner::Consignment, &mut self.facts)],
            };
            for (owner, map) in owners {
                self.places.put(fact, owner, Given::OnTop);
                match &value {
                    Some(v) => map.insert(fact, v.clone()),
                    None => map.remove(&fact),
                };
            }
        }
    }

    fn finish(mut self, overlay: &Overlay) -> Result<(Case, Places), Vec<Diagnostic>> {
        let date_fact = self.by_name.get("date").copied();
        let given = date_fact.and_then(|f| self.facts.get(&f)).cloned();
        let date = match (given, overlay.as_of) {
            (Some(Value::Date(d)), _) => Some(d),
            (_, Some(d)) => {
                if let Some(f) = date_fact {
                    self.facts.insert(f, Value::Date(d));
                    self.places.put(f, Owner::Consignment, Given::AsOf);
                }
                Some(d)
            }
            _ => None,
        };
        let has_date_problem =
            self.problems.iter().any(|p| p.code == Code::BadFactValue && p.message.contains("`date`"));
        let Some(date) = date else {
            if !has_date_problem {
                self.problems.push(messages::no_date(Span::new(self.file, 0, 1)));
            }
            return Err(self.problems);
        };
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        let case = Case {
            id: self.id,
            date,
            facts: self.facts,
            items: self.items,
            listed: self.listed,
            licences: self.licences,
            warnings: self.warnings,
        };
        Ok((case, self.places))
    }
}
