//! Portcullis: whole decisions in words by the plain interpreter and by the engine, verdicts from consignments, and
//! verdicts from consignments whose facts are classed already.
//!
//! All calls of its interface are here. A loaded policy is given away for the life of the process, which is short, since
//! what decides borrows from it.

use std::collections::HashMap;

use portcullis::engine::bits::{Bits, Classed, Clerk};
use portcullis::eval::verdict::Verdict;
use portcullis::model::{self, Case, Date, FactId, Level, PolicyId, Type, Value, World};
use portcullis::{Decision, Evaluator, LawFile, Options};

use crate::engine::Engine;
use crate::rows::{Decided, Policy, Row, iso};
use crate::support::listed::Outcome;

fn load(files: &[LawFile]) -> &'static portcullis::Policy {
    Box::leak(Box::new(portcullis::Policy::load(files.to_vec()).unwrap_or_else(|r| panic!("{r}"))))
}

/// Which items and provisions the names of the law stand for.
struct Names {
    items: HashMap<String, u32>,
    provisions: HashMap<String, u8>,
}

impl Names {
    fn new(model: &Policy) -> Names {
        Names {
            items: (0..).zip(&model.items).map(|(i, item)| (item.name(), i)).collect(),
            provisions: (0..).zip(&model.provisions).map(|(i, p)| (p.name.to_owned(), i)).collect(),
        }
    }

    /// The first item in the order of the lists, and the provision.
    fn decided<'n>(
        &self,
        outcome: &str,
        entries: impl Iterator<Item = &'n str>,
        rules: impl Iterator<Item = &'n str>,
    ) -> Decided {
        use Outcome::{LicenceRequired, NotApplicable, Permitted, Prohibited};
        let all = [NotApplicable, Permitted, LicenceRequired, Prohibited];
        let outcome = all.into_iter().find(|o| o.word() == outcome);
        let item = entries.filter_map(|e| self.items.get(e)).min();
        let provision = rules.filter_map(|r| self.provisions.get(r)).min();
        Decided {
            outcome: outcome.unwrap_or_else(|| panic!("an outcome of the policy")),
            by: item.zip(provision).map(|(i, p)| (*i, *p)),
        }
    }
}

/// Makes consignments of rows, as a program does that holds typed values: what texts stand for was looked up before.
struct Consignments {
    world: &'static World,
    /// The facts of the world, by name, and what their texts stand for.
    facts: Vec<(FactId, &'static model::Fact)>,
    known: HashMap<(FactId, &'static str), Value>,
    numbers: HashMap<(FactId, u32), Value>,
    days: HashMap<u32, Date>,
}

impl Consignments {
    fn new(world: &'static World) -> Consignments {
        let facts = (0..).map(FactId).zip(&world.facts).filter(|(_, f)| !f.is_named_condition());
        let (known, numbers, days) = (HashMap::new(), HashMap::new(), HashMap::new());
        Consignments { world, facts: facts.collect(), known, numbers, days }
    }

    fn case(&mut self, row: &Row) -> Case {
        let day = || model::date::parse_date(&iso(row.date)).unwrap_or_else(|| panic!("a day"));
        let date = *self.days.entry(row.date).or_insert_with(day);
        let mut case = Case {
            id: None,
            date,
            facts: Default::default(),
            items: vec![Default::default()],
            listed: false,
            licences: Vec::new(),
            warnings: Vec::new(),
        };
        for (id, fact) in &self.facts {
            let world = self.world;
            let read = |text: &str| model::read::read(fact.ty.element(), text, world).unwrap_or_else(|e| panic!("{e}"));
            let text = || row.text(&fact.name).unwrap_or_default();
            let mut named = |name: &'static str| self.known.entry((*id, name)).or_insert_with(|| read(name)).clone();
            let value = match (fact.name.as_str(), &fact.ty) {
                ("goods.code_confirmed", _) => Value::Bool(true),
                (name, Type::Bool) => Value::Bool(row.flags & crate::support::listed::flag(name) != 0),
                (_, Type::Date) => Value::Date(date),
                ("destination", _) => named(row.destination),
                ("activity", _) => named(crate::rows::ACTIVITIES[usize::from(row.activity)]),
                ("goods.code", _) => Value::Code(row.code_text().into()),
                ("goods.cas_numbers", _) => Value::Set(row.cas.map(named).into_iter().collect()),
                (name, _) => {
                    let which = crate::rows::MEASURES.iter().position(|m| *m == name).unwrap_or_default();
                    self.numbers.entry((*id, row.measures[which])).or_insert_with(|| read(&text())).clone()
                }
            };
            let facts = if fact.level == Level::Goods { &mut case.items[0] } else { &mut case.facts };
            facts.insert(*id, value);
        }
        case
    }
}

/// Whole decisions with all reasons in words: by the plain interpreter, which is the meaning of the language, or by the
/// engine.
pub struct Words<const PLAIN: bool> {
    evaluator: Evaluator<'static>,
    consignments: Consignments,
    names: Names,
}

impl<const PLAIN: bool> Engine for Words<PLAIN> {
    type Source = Vec<LawFile>;
    type Input = Case;
    type Said = Decision;
    fn source(model: &Policy) -> Vec<LawFile> {
        model.files()
    }
    fn load(source: &Vec<LawFile>, model: &Policy) -> Self {
        let policy = load(source);
        let evaluator = if PLAIN { policy.plain_evaluator() } else { policy.evaluator() };
        Words { evaluator, consignments: Consignments::new(policy.world()), names: Names::new(model) }
    }
    fn input(&mut self, row: &Row) -> Case {
        self.consignments.case(row)
    }
    fn answer(&mut self, input: &Case) -> Decision {
        self.evaluator.decide(input, &Options::default()).unwrap_or_else(|_| panic!("it breaks no constraint"))
    }
    fn read(&self, said: &Decision) -> Decided {
        let all = &said.policies;
        let entries = all.iter().flat_map(|p| &p.categories).map(String::as_str);
        let rules = all.iter().flat_map(|p| &p.decided_by).map(|r| r.rule.as_str());
        self.names.decided(said.outcome.as_str(), entries, rules)
    }
}

/// Verdicts: outcome, entries and rules as numbers, from a consignment of typed values.
pub struct Verdicts {
    world: &'static World,
    law: Vec<PolicyId>,
    evaluator: Evaluator<'static>,
    clerk: Clerk<'static, 'static>,
    consignments: Consignments,
    names: Names,
}

impl Verdicts {
    fn case_of(&mut self, row: &Row) -> Case {
        self.consignments.case(row)
    }
}

impl Engine for Verdicts {
    type Source = Vec<LawFile>;
    type Input = Case;
    type Said = Verdict;
    fn source(model: &Policy) -> Vec<LawFile> {
        model.files()
    }
    fn load(source: &Vec<LawFile>, model: &Policy) -> Verdicts {
        let policy = load(source);
        let world = policy.world();
        let bits: &'static Bits<'static> = Box::leak(Box::new(Bits::new(world)));
        Verdicts {
            world,
            law: (0..world.policies.len() as u32).map(PolicyId).collect(),
            evaluator: policy.evaluator(),
            clerk: bits.clerk(),
            consignments: Consignments::new(world),
            names: Names::new(model),
        }
    }
    fn input(&mut self, row: &Row) -> Case {
        self.case_of(row)
    }
    fn answer(&mut self, input: &Case) -> Verdict {
        let settled = self.clerk.decide(&self.evaluator, input, &self.law);
        settled.unwrap_or_else(|| panic!("all is known, so it is settled: {input:?}"))
    }
    fn read(&self, said: &Verdict) -> Decided {
        let entries = said.parts.iter().flat_map(|p| &p.entries).map(|e| self.world.category(*e).name.as_str());
        let rules = said.parts.iter().flat_map(|p| p.decided_by(self.world)).map(|r| self.world.rule(r).name.as_str());
        self.names.decided(said.outcome().as_str(), entries, rules)
    }
}

/// The same from consignments whose facts are classed: all that the law can tell of them.
pub struct Classes(Verdicts);

impl Engine for Classes {
    type Source = Vec<LawFile>;
    type Input = Classed;
    type Said = Verdict;
    fn source(model: &Policy) -> Vec<LawFile> {
        model.files()
    }
    fn load(source: &Vec<LawFile>, model: &Policy) -> Classes {
        Classes(Verdicts::load(source, model))
    }
    fn input(&mut self, row: &Row) -> Classed {
        let case = self.0.case_of(row);
        let v = &mut self.0;
        let classed = v.clerk.classify(&case);
        classed.unwrap_or_else(|| panic!("all is known, so it is classed: {row:?}"))
    }
    fn answer(&mut self, input: &Classed) -> Verdict {
        let mut out = Verdict::default();
        let settled = self.0.clerk.verdict_into(input, &self.0.law, &mut out);
        settled.unwrap_or_else(|| panic!("all is known, so it is settled: {input:?}"));
        out
    }
    fn read(&self, said: &Verdict) -> Decided {
        self.0.read(said)
    }
}
