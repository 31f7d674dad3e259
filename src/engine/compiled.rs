//! The engine as it decides by default: whole decisions by bits where enough is known, by diagrams where it is not.

use std::sync::{Arc, Mutex};

use crate::eval::Evaluator;
use crate::eval::ask::{Completions, Setting, Solver};
use crate::eval::env::Env;
use crate::eval::verdict::Settled;
use crate::model::{Case, PolicyId, World};

use super::bits::{Bits, Met};
use super::solve::Engine;

/// The law of a world, compiled.
#[derive(Debug)]
pub struct Compiled<'a> {
    bits: Arc<Bits<'a>>,
    /// What clerks met who are not at work now.
    resting: Mutex<Vec<Met>>,
}

impl<'a> Compiled<'a> {
    /// Nothing is compiled before it is asked for.
    pub fn new(world: &'a World) -> Self {
        Compiled::of(Arc::new(Bits::new(world)))
    }

    /// By bits that others decide by too, so that the law is compiled once.
    pub fn of(bits: Arc<Bits<'a>>) -> Self {
        Compiled { bits, resting: Mutex::default() }
    }
}

impl Solver for Compiled<'_> {
    fn open<'s>(&self, setting: Setting<'s>, env: &'s Env) -> Box<dyn Completions + 's> {
        Engine.open(setting, env)
    }

    fn settle(&self, evaluator: &Evaluator<'_>, case: &Case, policies: &[PolicyId]) -> Option<Settled> {
        let met = self.resting.lock().ok().and_then(|mut all| all.pop());
        let mut clerk = met.map_or_else(|| self.bits.clerk(), |met| self.bits.clerk_with(met));
        let found = clerk.settle(evaluator, case, policies);
        if let Ok(mut all) = self.resting.lock() {
            all.push(clerk.met());
        }
        found
    }
}
