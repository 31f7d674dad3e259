//! Rego by regorus: a rule an item, or the items as data under an index of their codes; by the interpreter of regorus and
//! by its register machine.
//!
//! The indexed policy says `not lacks(item)` and not `every flag in item.need { input[flag] }`: the register machine of
//! 0.14.1 gives other answers than the interpreter on `every` with an indexed body and an input of several keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regorus::Value;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::vm::RegoVM;
use serde_json::json;

use crate::engine::Engine;
use crate::rows::{
    ACTIVITIES, Decided, FIELDS, FLAGS, GENERAL, IMPORT, IN_FORCE, Policy, Row, TERRITORIES, UNION, activities, codes,
    flags, measure, places, quoted, short,
};
use crate::support::listed::Outcome;

const ENTRY: &str = "data.listed.decision";

const INDEXED: &str = "
meta := data.items
hit contains i if {
  some digits in [4, 6, 8]
  some i in data.under[substring(input.code, 0, digits)]
  item := data.items[i]
  item.from <= input.date
  not lacks(item)
  not carries(item)
  substance(item)
  measured(item)
}
lacks(item) if { some flag in item.need; not input[flag] }
carries(item) if { some flag in item.forbid; input[flag] }
substance(item) if item.cas == null
substance(item) if item.cas == input.cas
measured(item) if item.measure == null
measured(item) if input[item.measure] >= item.least
";

/// The module and the data.
fn text(model: &Policy, indexed: bool) -> (String, String) {
    let mut out = String::from("package listed\n\n");
    for (name, list) in [("union", &UNION[..]), ("territories", &TERRITORIES), ("general", &GENERAL)] {
        let _ = writeln!(out, "{name}_places := {{{}}}", quoted(list, '"'));
    }
    let mut data = json!({});
    if indexed {
        let mut under: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (i, item) in model.items.iter().enumerate() {
            item.codes.iter().for_each(|c| under.entry(c).or_default().push(i));
        }
        let items = model.items.iter().map(|i| {
            json!({
                "annex": i.annex.name(), "own": i.for_own_protection(), "from": i.from, "cas": i.cas,
                "need": flags(i.need).collect::<Vec<_>>(), "forbid": flags(i.forbid).collect::<Vec<_>>(),
                "measure": i.measure.map(|(m, ..)| measure(m)), "least": i.measure.map(|(_, b, reach)| b + u32::from(!reach)),
            })
        });
        data = json!({ "under": under, "items": items.collect::<Vec<_>>() });
        out.push_str(INDEXED);
    } else {
        let about =
            |i: &crate::rows::Item| json!({ "annex": i.annex.name(), "own": i.for_own_protection() }).to_string();
        let _ = writeln!(out, "meta := [{}]", model.items.iter().map(about).collect::<Vec<_>>().join(",\n"));
        for (i, item) in model.items.iter().enumerate() {
            let mut all: Vec<String> = flags(item.need).map(|f| format!("input.{f}")).collect();
            all.extend(item.cas.map(|c| format!("input.cas == \"{c}\"")));
            let (whole, begun) = codes(item);
            if begun.is_empty() {
                all.push(format!("input.code in {{{}}}", quoted(&whole, '"')));
            } else {
                all.push(format!("some prefix in [{}]", quoted(&item.codes, '"')));
                all.push("startswith(input.code, prefix)".to_owned());
            }
            all.extend(flags(item.forbid).map(|f| format!("not input.{f}")));
            let measured = item.measure;
            all.extend(
                measured.map(|(m, b, reach)| format!("input.{} {} {b}", measure(m), if reach { ">=" } else { ">" })),
            );
            if item.from > 0 {
                all.push(format!("input.date >= {}", item.from));
            }
            let _ = writeln!(out, "hit contains {i} if {{\n  {}\n}}", all.join("\n  "));
        }
    }
    let says = |outcome: Outcome, item: &str, provision: &str| {
        format!("{{\"outcome\": \"{}\", \"item\": {item}, \"provision\": {provision}}}", outcome.word())
    };
    let outside = says(Outcome::NotApplicable, "null", "null");
    let _ = writeln!(out, "default decision := {}", says(Outcome::Permitted, "null", "null"));
    let _ = writeln!(out, "decision := {outside} if input.date < {IN_FORCE}");
    let _ =
        writeln!(out, "else := {outside} if {{ input.activity != \"{IMPORT}\"; input.destination in union_places }}");
    let _ = writeln!(
        out,
        "else := {{\"outcome\": then[0], \"item\": i, \"provision\": then[1]}} if {{ i := min(hit); then := follows(meta[i]) }}"
    );
    for (i, p) in model.provisions.iter().enumerate() {
        let mut all = vec![format!("item.annex == \"{}\"", p.annex.name())];
        all.push(format!("input.activity in {{{}}}", quoted(&activities(p), '"')));
        all.extend(flags(p.need).map(|f| format!("input.{f}")));
        all.extend(flags(p.forbid).map(|f| format!("not input.{f}")));
        all.extend(p.own_protection.then(|| "item.own".to_owned()));
        all.extend(places(p).map(|(name, _)| format!("input.destination in {name}_places")));
        let head = if i == 0 { "\nfollows(item)" } else { "else" };
        let _ = writeln!(out, "{head} := [\"{}\", {i}] if {{ {} }}", p.outcome.word(), all.join("; "));
    }
    (out, data.to_string())
}

/// The engine; with a machine if it is the register machine.
pub struct Rego<const MACHINE: bool, const INDEXED: bool> {
    engine: regorus::Engine,
    machine: Option<RegoVM>,
    fields: Vec<Value>,
    activities: Vec<Value>,
}

impl<const MACHINE: bool, const INDEXED: bool> Engine for Rego<MACHINE, INDEXED> {
    type Source = (String, String);
    type Input = Value;
    type Said = Value;
    fn source(model: &Policy) -> (String, String) {
        text(model, INDEXED)
    }
    fn load((module, data): &(String, String), _: &Policy) -> Self {
        let load = || -> Result<_, Box<dyn std::error::Error>> {
            let mut engine = regorus::Engine::new();
            // 3,600 rules are more than it reads unless told.
            let mut limits = regorus::PolicyLengthConfig::default();
            limits.max_file_bytes = std::num::NonZero::<usize>::MAX;
            limits.max_lines = std::num::NonZero::<usize>::MAX;
            engine.set_policy_length_config(limits);
            engine.add_policy("listed.rego".to_owned(), module.clone())?;
            engine.add_data(Value::from_json_str(data)?)?;
            if !MACHINE {
                return Ok((engine, None));
            }
            let compiled = engine.compile_with_entrypoint(&ENTRY.into())?;
            let program = Compiler::compile_from_policy(&compiled, &[ENTRY])?;
            let mut machine = RegoVM::new_with_policy(compiled);
            machine.load_program(program);
            machine.set_max_instructions(usize::MAX);
            machine.set_data(engine.get_data())?;
            Ok((engine, Some(machine)))
        };
        let (engine, machine) = load().unwrap_or_else(|e| panic!("{e}"));
        let fields = FIELDS.into_iter().chain(FLAGS.map(short)).map(Value::from).collect();
        Rego { engine, machine, fields, activities: ACTIVITIES.iter().map(|a| Value::from(*a)).collect() }
    }
    fn input(&mut self, row: &Row) -> Value {
        let first = [
            Value::from(row.date),
            self.activities[usize::from(row.activity)].clone(),
            Value::from(row.destination),
            Value::from(row.code_text()),
            Value::from(row.cas.unwrap_or_default()),
        ];
        let flags = (0..FLAGS.len()).map(|i| Value::from(row.flags >> i & 1 == 1));
        let values = first.into_iter().chain(row.measures.map(Value::from)).chain(flags);
        Value::from(self.fields.iter().cloned().zip(values).collect::<BTreeMap<Value, Value>>())
    }
    fn answer(&mut self, input: &Value) -> Value {
        let said = match &mut self.machine {
            Some(machine) => {
                machine.set_input(input.clone());
                machine.execute_entry_point_by_index(0).map_err(|e| e.to_string())
            }
            None => {
                self.engine.set_input(input.clone());
                self.engine.eval_rule(ENTRY.to_owned()).map_err(|e| e.to_string())
            }
        };
        said.unwrap_or_else(|e| panic!("{e}"))
    }
    fn read(&self, said: &Value) -> Decided {
        use Outcome::{LicenceRequired, NotApplicable, Permitted, Prohibited};
        let word = said["outcome"].as_string().unwrap_or_else(|e| panic!("{e}: {said}"));
        let all = [NotApplicable, Permitted, LicenceRequired, Prohibited];
        let outcome = all.into_iter().find(|o| o.word() == word.as_ref()).unwrap_or_else(|| panic!("{said}"));
        let number = |key: &str| said[key].as_u32().ok();
        Decided { outcome, by: number("item").zip(number("provision")).map(|(i, p)| (i, p as u8)) }
    }
}
