//! Cedar: a permit an item and a provision. The answer names all that hold, and the host takes the first item and the
//! first provision of its annex, since Cedar knows no order and gives no value out. By headings there is a policy set for
//! each heading, and one without items for the others.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression,
};

use crate::engine::Engine;
use crate::rows::{
    ACTIVITIES, Decided, FIELDS, FLAGS, GENERAL, IMPORT, IN_FORCE, Policy, Provision, Row, TERRITORIES, UNION,
    activities, codes, flags, headings, measure, places, quoted, short,
};
use crate::support::listed::{Outcome, destinations};

/// What stands before the items in a text: that the policy is not in force, or does not reach.
const BEFORE: usize = 2;

/// One text: what is outside, these items, and the provisions if there are items.
fn text(model: &Policy, items: &[u32]) -> String {
    let mut out = format!(
        "permit(principal, action, resource) when {{ context.date < {IN_FORCE} }};\n\
         permit(principal, action, resource in Group::\"union\") unless {{ action == Action::\"{IMPORT}\" }};\n"
    );
    for item in items.iter().map(|i| &model.items[*i as usize]) {
        let mut all: Vec<String> = flags(item.need).map(|f| format!("context.{f}")).collect();
        all.extend(item.cas.map(|c| format!("context.cas == \"{c}\"")));
        let (whole, begun) = codes(item);
        let mut coded: Vec<String> = begun.iter().map(|c| format!("context.code like \"{c}*\"")).collect();
        if !whole.is_empty() {
            coded.push(format!("[{}].contains(context.code)", quoted(&whole, '"')));
        }
        all.push(format!("({})", coded.join(" || ")));
        all.extend(flags(item.forbid).map(|f| format!("!context.{f}")));
        let measured = item.measure;
        all.extend(
            measured.map(|(m, b, reach)| format!("context.{} {} {b}", measure(m), if reach { ">=" } else { ">" })),
        );
        if item.from > 0 {
            all.push(format!("context.date >= {}", item.from));
        }
        let _ = writeln!(out, "permit(principal, action, resource) when {{ {} }};", all.join(" && "));
    }
    for p in model.provisions.iter().filter(|_| !items.is_empty()) {
        let actions: Vec<String> = activities(p).iter().map(|a| format!("Action::\"{a}\"")).collect();
        let place = places(p).map_or(String::new(), |(group, _)| format!(" in Group::\"{group}\""));
        let mut all: Vec<String> = flags(p.need).map(|f| format!("context.{f}")).collect();
        all.extend(flags(p.forbid).map(|f| format!("!context.{f}")));
        let when = if all.is_empty() { String::new() } else { format!(" when {{ {} }}", all.join(" && ")) };
        let _ = writeln!(out, "permit(principal, action in [{}], resource{place}){when};", actions.join(", "));
    }
    out
}

struct Set {
    policies: PolicySet,
    items: Vec<u32>,
}

/// The engine with its host.
pub struct Cedar<const HEADINGS: bool> {
    authorizer: Authorizer,
    entities: Entities,
    /// For every heading that has no set of its own.
    rest: Set,
    under: HashMap<String, Set>,
    principal: EntityUid,
    actions: Vec<EntityUid>,
    resources: HashMap<&'static str, EntityUid>,
    items: Vec<(usize, bool)>,
    provisions: Vec<Provision>,
}

fn uid(of: &str, name: &str) -> EntityUid {
    let of = EntityTypeName::from_str(of).unwrap_or_else(|e| panic!("{e}"));
    EntityUid::from_type_name_and_id(of, EntityId::new(name))
}

impl<const HEADINGS: bool> Engine for Cedar<HEADINGS> {
    /// Texts by heading; the one for all others has none.
    type Source = Vec<(String, Vec<u32>, String)>;
    type Input = (Request, String);
    type Said = Decided;
    fn source(model: &Policy) -> Self::Source {
        let mut by: HashMap<&str, Vec<u32>> = HashMap::new();
        for (i, item) in (0..).zip(&model.items) {
            let under = if HEADINGS { headings(item) } else { vec![""] };
            under.into_iter().for_each(|h| by.entry(h).or_default().push(i));
        }
        by.entry("").or_default();
        by.into_iter().map(|(h, items)| (h.to_owned(), items.clone(), text(model, &items))).collect()
    }
    fn load(source: &Self::Source, model: &Policy) -> Self {
        let set = |(heading, items, text): &(String, Vec<u32>, String)| {
            let policies = PolicySet::from_str(text).unwrap_or_else(|e| panic!("{e}"));
            (heading.clone(), Set { policies, items: items.clone() })
        };
        let mut under: HashMap<String, Set> = source.iter().map(set).collect();
        let groups = [("union", &UNION[..]), ("territories", &TERRITORIES), ("general", &GENERAL)];
        let mut entities: Vec<Entity> =
            groups.iter().map(|(name, _)| Entity::new_no_attrs(uid("Group", name), HashSet::new())).collect();
        for place in destinations() {
            let within = groups.iter().filter(|(_, list)| list.contains(&place)).map(|(name, _)| uid("Group", name));
            entities.push(Entity::new_no_attrs(uid("Country", place), within.collect()));
        }
        Cedar {
            authorizer: Authorizer::new(),
            entities: Entities::from_entities(entities, None).unwrap_or_else(|e| panic!("{e}")),
            rest: under.remove("").unwrap_or_else(|| panic!("a set for all others")),
            under,
            principal: uid("Trader", "any"),
            actions: ACTIVITIES.iter().map(|a| uid("Action", a)).collect(),
            resources: destinations().into_iter().map(|d| (d, uid("Country", d))).collect(),
            items: model.items.iter().map(|i| (i.annex as usize, i.for_own_protection())).collect(),
            provisions: model.provisions.clone(),
        }
    }
    fn input(&mut self, row: &Row) -> Self::Input {
        let long = |n: u32| RestrictedExpression::new_long(i64::from(n));
        let text = |t: &str| RestrictedExpression::new_string(t.to_owned());
        let mut all = vec![
            ("date".to_owned(), long(row.date)),
            ("code".to_owned(), text(row.code_text())),
            ("cas".to_owned(), text(row.cas.unwrap_or_default())),
        ];
        all.extend(FIELDS[5..].iter().zip(row.measures).map(|(name, n)| ((*name).to_owned(), long(n))));
        let set = |i: usize| RestrictedExpression::new_bool(row.flags >> i & 1 == 1);
        all.extend(FLAGS.iter().enumerate().map(|(i, f)| (short(f).to_owned(), set(i))));
        let context = Context::from_pairs(all).unwrap_or_else(|e| panic!("{e}"));
        let action = self.actions[usize::from(row.activity)].clone();
        let resource = self.resources[row.destination].clone();
        let request = Request::new(self.principal.clone(), action, resource, context, None);
        (request.unwrap_or_else(|e| panic!("{e}")), row.code_text()[..4].to_owned())
    }
    fn answer(&mut self, (request, heading): &Self::Input) -> Decided {
        let set = self.under.get(heading).unwrap_or(&self.rest);
        let said = self.authorizer.is_authorized(request, &set.policies, &self.entities);
        let (mut item, mut fits) = (None, 0u32);
        for id in said.diagnostics().reason() {
            // Policies are numbered as they stand in the text: `policy7`.
            let name: &str = id.as_ref();
            let number: usize =
                name.strip_prefix("policy").and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("{name}"));
            match number.checked_sub(BEFORE) {
                None => return Decided { outcome: Outcome::NotApplicable, by: None },
                Some(n) => match set.items.get(n) {
                    Some(at) => item = Some(item.map_or(*at, |i: u32| i.min(*at))),
                    None => fits |= 1 << (n - set.items.len()),
                },
            }
        }
        let Some(at) = item else { return Decided { outcome: Outcome::Permitted, by: None } };
        let (annex, own) = self.items[at as usize];
        let mut provisions = (0u8..).zip(&self.provisions);
        let first =
            provisions.find(|(i, p)| p.annex as usize == annex && fits >> i & 1 == 1 && (!p.own_protection || own));
        let (number, p) = first.unwrap_or_else(|| panic!("an annex covers all"));
        Decided { outcome: p.outcome, by: Some((at, number)) }
    }
    fn read(&self, said: &Decided) -> Decided {
        *said
    }
}
