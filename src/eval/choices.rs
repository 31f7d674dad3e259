//! The values of one fact that the law can tell apart, for who tries what would be if it were another.

use crate::model::{Case, FactId, Level, Value};

use super::decide::Evaluator;
use super::env::{Env, Slot};

impl Evaluator<'_> {
    /// One value for each class of a fact on the day of a consignment, whatever the consignment says of the fact itself;
    /// `at` is the goods item or held licence, from 0. Classes that no value can be written for are left out.
    pub fn choices(&self, case: &Case, fact: FactId, at: u32) -> Vec<Value> {
        let mut env = Env::new(self.world, case);
        let slot = match self.world.fact(fact).level {
            Level::Consignment => Slot::Shared(fact),
            Level::Goods => Slot::Item(at, fact),
            Level::Licence => Slot::Licence(at, fact),
        };
        env.set(slot, None);
        self.classes.values(&env, slot).iter().map(|k| k.value.clone()).filter(can_be_written).collect()
    }
}

fn can_be_written(value: &Value) -> bool {
    match value {
        Value::Code(c) => !c.is_empty(),
        Value::Text(t) => !t.starts_with('\u{0}'),
        Value::Set(all) => all.iter().all(can_be_written),
        _ => true,
    }
}
