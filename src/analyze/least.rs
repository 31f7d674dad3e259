//! The fewest facts that have to be stated for something to be so, whatever else is.

use rustc_hash::FxHashMap;

use crate::engine::diagram::{Diagrams, Id, NO, Var};

/// The search for the least change: for each pair of what is wanted and what is allowed, what it takes from there.
pub struct Search<'d> {
    d: &'d mut Diagrams,
    cost: &'d dyn Fn(Var, usize) -> u32,
    is_set: &'d dyn Fn(Var) -> bool,
    kept: FxHashMap<(Id, Id), Option<(u32, Step)>>,
}

/// What is done about the fact that is asked for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// Nothing is left to be done.
    Done,
    /// Nothing is said of it: the rest must do for all its classes.
    Unsaid,
    /// It is of that class.
    Class(usize),
}

/// How many pairs of functions are looked at before the search gives up.
const MOST: usize = 400_000;

impl<'d> Search<'d> {
    /// A search, in which stating that a fact is of a class has a cost, and a fact that is set cannot be left unsaid.
    pub fn new(d: &'d mut Diagrams, cost: &'d dyn Fn(Var, usize) -> u32, is_set: &'d dyn Fn(Var) -> bool) -> Self {
        Search { d, cost, is_set, kept: FxHashMap::default() }
    }

    /// The facts to be stated, each with the class of its value, so that what is wanted holds and something is allowed;
    /// `None` if there is no such way, or it took too much work to find one.
    pub fn way(&mut self, wanted: Id, allowed: Id) -> Option<Vec<(Var, usize)>> {
        self.least(wanted, allowed)?;
        let (mut out, mut at) = (Vec::new(), (wanted, allowed));
        loop {
            let (_, step) = self.kept.get(&at).copied().flatten()?;
            let var = self.next(at);
            match (step, var) {
                (Step::Class(class), Some(var)) => out.push((var, class)),
                (Step::Unsaid, _) => {}
                _ => return Some(out),
            }
            at = self.after(at, var?, step);
        }
    }

    fn next(&self, (wanted, allowed): (Id, Id)) -> Option<Var> {
        self.d.top(wanted).into_iter().chain(self.d.top(allowed)).min()
    }

    fn after(&mut self, (wanted, allowed): (Id, Id), var: Var, step: Step) -> (Id, Id) {
        match step {
            Step::Class(class) => (self.d.kid(wanted, var, class), self.d.kid(allowed, var, class)),
            _ => {
                let denied = self.d.not(wanted);
                let denied = self.d.some(denied, var);
                (self.d.not(denied), self.d.some(allowed, var))
            }
        }
    }

    fn least(&mut self, wanted: Id, allowed: Id) -> Option<u32> {
        let at = (wanted, allowed);
        if wanted == NO || allowed == NO || self.kept.len() > MOST {
            return None;
        }
        if let Some(known) = self.kept.get(&at) {
            return known.map(|(cost, _)| cost);
        }
        let Some(var) = self.next(at) else {
            self.kept.insert(at, Some((0, Step::Done)));
            return Some(0);
        };
        let asked = [wanted, allowed].into_iter().find(|id| self.d.top(*id) == Some(var));
        let classes = asked.map_or(0, |id| self.d.classes(id));
        let mut steps: Vec<(u32, Step)> = (0..classes).map(|c| ((self.cost)(var, c), Step::Class(c))).collect();
        if !(self.is_set)(var) {
            steps.push((0, Step::Unsaid));
        }
        let mut best: Option<(u32, Step)> = None;
        for (own, step) in steps {
            let (wanted, allowed) = self.after(at, var, step);
            let found = self.least(wanted, allowed).map(|rest| (own + rest, step));
            best = [best, found].into_iter().flatten().min();
        }
        self.kept.insert(at, best);
        best.map(|(cost, _)| cost)
    }
}
