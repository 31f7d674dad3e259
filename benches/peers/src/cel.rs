//! CEL: an expression an item and a provision, tried in order by the host. By headings, the host first looks up which
//! items a heading has.
//!
//! The variables of `whole` are read from the row when an expression asks for them, which is the quicker way; the input
//! made before is a context that holds all of them.

use std::collections::HashMap;
use std::sync::Arc;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::common::value::{CowVal, Val};
use cel::context::VariableResolver;
use cel::{Context, Env, Program, Value};

use crate::engine::Engine;
use crate::rows::{
    ACTIVITIES, Decided, FIELDS, FLAGS, IMPORT, IN_FORCE, Item, Policy, Provision, Row, UNION, activities, codes,
    flags, headings, measure, places, quoted, short,
};
use crate::support::listed::Outcome;

fn described(item: &Item) -> String {
    let mut all: Vec<String> = flags(item.need).map(str::to_owned).collect();
    all.extend(item.cas.map(|c| format!("cas == '{c}'")));
    let (whole, begun) = codes(item);
    let mut coded: Vec<String> = begun.iter().map(|c| format!("code.startsWith('{c}')")).collect();
    if !whole.is_empty() {
        coded.push(format!("code in [{}]", quoted(&whole, '\'')));
    }
    all.push(format!("({})", coded.join(" || ")));
    all.extend(flags(item.forbid).map(|f| format!("!{f}")));
    all.extend(
        item.measure.map(|(m, bound, reach)| format!("{} {} {bound}", measure(m), if reach { ">=" } else { ">" })),
    );
    if item.from > 0 {
        all.push(format!("date >= {}", item.from));
    }
    all.join(" && ")
}

fn follows(p: &Provision) -> String {
    let mut all = vec![format!("activity in [{}]", quoted(&activities(p), '\''))];
    all.extend(flags(p.need).map(str::to_owned));
    all.extend(flags(p.forbid).map(|f| format!("!{f}")));
    all.extend(places(p).map(|(_, list)| format!("destination in [{}]", quoted(list, '\''))));
    all.join(" && ")
}

/// The expressions of a policy.
pub struct Texts {
    outside: String,
    items: Vec<String>,
    provisions: Vec<String>,
}

/// The engine with its host.
pub struct Cel<const HEADINGS: bool> {
    env: Arc<Env>,
    outside: Program,
    /// Each with its annex, and whether it is carried for one's own protection.
    items: Vec<(Program, usize, bool)>,
    under: HashMap<String, Vec<u32>>,
    /// By annex: each with its number, outcome, and whether it is about one's own protection.
    provisions: [Vec<(Program, u8, Outcome, bool)>; 3],
    variables: HashMap<&'static str, usize>,
}

struct OfRow<'r> {
    row: &'r Row,
    variables: &'r HashMap<&'static str, usize>,
}

impl VariableResolver for OfRow<'_> {
    fn resolve<'v>(&'v self, name: &str) -> Option<CowVal<'v, 'v>> {
        let row = self.row;
        Some(match *self.variables.get(name)? {
            0 => CowVal::owned(CelInt::from(i64::from(row.date))),
            1 => CowVal::owned(CelString::from(ACTIVITIES[usize::from(row.activity)])),
            2 => CowVal::owned(CelString::from(row.destination)),
            3 => CowVal::owned(CelString::from(row.code_text())),
            4 => CowVal::owned(CelString::from(row.cas.unwrap_or_default())),
            n @ 5..8 => CowVal::owned(CelInt::from(i64::from(row.measures[n - 5]))),
            n => CowVal::owned(CelBool::from(row.flags >> (n - 8) & 1 == 1)),
        })
    }
}

fn holds(program: &Program, context: &Context) -> bool {
    let value = Value::resolve_val(program.expression(), context).unwrap_or_else(|e| panic!("{e}"));
    *value.downcast_ref::<CelBool>().unwrap_or_else(|| panic!("yes or no")).inner()
}

impl<const HEADINGS: bool> Cel<HEADINGS> {
    fn decide(&self, context: &Context, heading: &str) -> Decided {
        if holds(&self.outside, context) {
            return Decided { outcome: Outcome::NotApplicable, by: None };
        }
        let fits = |i: &u32| holds(&self.items[*i as usize].0, context);
        let found = if HEADINGS {
            self.under.get(heading).and_then(|all| all.iter().copied().find(fits))
        } else {
            (0..self.items.len() as u32).find(fits)
        };
        let Some(at) = found else { return Decided { outcome: Outcome::Permitted, by: None } };
        let (_, annex, own) = self.items[at as usize];
        let mut provisions = self.provisions[annex].iter();
        let fits = provisions.find(|(program, _, _, asks_own)| (!asks_own || own) && holds(program, context));
        let (_, number, outcome, _) = fits.unwrap_or_else(|| panic!("an annex covers all"));
        Decided { outcome: *outcome, by: Some((at, *number)) }
    }
}

impl<const HEADINGS: bool> Engine for Cel<HEADINGS> {
    type Source = Texts;
    type Input = (Context<'static, 'static>, String);
    type Said = Decided;
    fn source(model: &Policy) -> Texts {
        let union = quoted(&UNION, '\'');
        Texts {
            outside: format!("date < {IN_FORCE} || (activity != '{IMPORT}' && destination in [{union}])"),
            items: model.items.iter().map(described).collect(),
            provisions: model.provisions.iter().map(follows).collect(),
        }
    }
    fn load(source: &Texts, model: &Policy) -> Self {
        let env = Arc::new(Env::stdlib());
        let compile = |text: &String| env.compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        let mut under: HashMap<String, Vec<u32>> = HashMap::new();
        for (i, item) in (0..).zip(&model.items).filter(|_| HEADINGS) {
            headings(item).iter().for_each(|h| under.entry((*h).to_owned()).or_default().push(i));
        }
        let mut provisions = [const { Vec::new() }; 3];
        for (i, (p, text)) in (0..).zip(model.provisions.iter().zip(&source.provisions)) {
            provisions[p.annex as usize].push((compile(text), i, p.outcome, p.own_protection));
        }
        let items = model.items.iter().zip(&source.items);
        Cel {
            outside: compile(&source.outside),
            items: items.map(|(i, text)| (compile(text), i.annex as usize, i.for_own_protection())).collect(),
            under,
            provisions,
            variables: FIELDS.into_iter().chain(FLAGS.map(short)).zip(0..).collect(),
            env: env.clone(),
        }
    }
    fn input(&mut self, row: &Row) -> Self::Input {
        let mut context = Context::with_env(self.env.clone());
        let mut add = |name: &str, value: Box<dyn Val>| context.add_variable_as_val(name, value);
        add("date", Box::new(CelInt::from(i64::from(row.date))));
        add("activity", Box::new(CelString::from(ACTIVITIES[usize::from(row.activity)])));
        add("destination", Box::new(CelString::from(row.destination)));
        add("code", Box::new(CelString::from(row.code_text().to_owned())));
        add("cas", Box::new(CelString::from(row.cas.unwrap_or_default())));
        for (name, n) in FIELDS[5..].iter().zip(row.measures) {
            add(name, Box::new(CelInt::from(i64::from(n))));
        }
        for (i, flag) in FLAGS.iter().enumerate() {
            add(short(flag), Box::new(CelBool::from(row.flags >> i & 1 == 1)));
        }
        (context, row.code_text()[..4].to_owned())
    }
    fn answer(&mut self, (context, heading): &Self::Input) -> Decided {
        self.decide(context, heading)
    }
    fn whole(&mut self, row: &Row) -> Decided {
        let variables = OfRow { row, variables: &self.variables };
        let mut context = Context::with_env(self.env.clone());
        context.set_variable_resolver(&variables);
        self.decide(&context, &row.code_text()[..4])
    }
    fn read(&self, said: &Decided) -> Decided {
        *said
    }
}
