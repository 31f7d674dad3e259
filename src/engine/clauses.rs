//! Functions as clauses for a SAT solver: for questions about many of them at once, which one diagram would be too large
//! for.
//!
//! Each class of a fact is a literal, and one of those of a fact is so. A node of a diagram that holds makes its kid hold
//! under each class that is so, and likewise one that does not hold; so each function becomes as many clauses as its
//! diagram has edges. Only what is asked for is made: where a function is to hold, nothing is said of where it does not.
//!
//! Source: D. A. Plaisted, S. Greenbaum, A Structure-preserving Clause Form Translation, J. Symbolic Computation 2 (1986).

use std::cell::Cell;
use std::collections::BTreeMap;

use batsat::{Callbacks, Lit, Solver, SolverInterface, SolverOpts, lbool};
use rustc_hash::FxHashMap;

use super::diagram::{Diagrams, Id, NO, Var, YES};

/// More clauses than this are not learnt for one question.
const LEARNT: u32 = 200_000;

/// What some functions have in common.
pub struct Clauses {
    solver: Solver<Limit>,
    yes: Lit,
    /// For each fact, the literals of its classes; none for a class that does not occur.
    facts: BTreeMap<Var, Vec<Option<Lit>>>,
    /// The literal of a function that is to hold, or is not to.
    nodes: FxHashMap<(Id, bool), Lit>,
}

/// Counts what is learnt, so that a question ends by how much was done and not by how long it took.
#[derive(Default)]
struct Limit {
    learnt: Cell<u32>,
}

impl Callbacks for Limit {
    fn on_start(&mut self) {
        self.learnt.set(0);
    }

    fn on_new_clause(&mut self, _: &[Lit], _: batsat::ClauseKind) {
        self.learnt.set(self.learnt.get().saturating_add(1));
    }

    fn stop(&self) -> bool {
        self.learnt.get() > LEARNT
    }
}

impl Clauses {
    /// The consignments of a core that are in one of each group of functions, and in none that is kept out.
    pub fn new(d: &Diagrams, core: Id, groups: &[Vec<Id>], out: &[Id]) -> Clauses {
        let mut solver = Solver::new(SolverOpts::default(), Limit::default());
        let yes = Lit::new(solver.new_var_default(), true);
        let mut all = Clauses { solver, yes, facts: BTreeMap::new(), nodes: FxHashMap::default() };
        all.clause(vec![yes]);
        let ids: Vec<Id> = groups.iter().flatten().chain(out).copied().chain([core]).collect();
        for (var, classes) in d.widths(&ids) {
            let lits: Vec<Option<Lit>> =
                d.classes_of(core, var, classes).into_iter().map(|occurs| occurs.then(|| all.fresh())).collect();
            all.clause(lits.iter().copied().flatten().collect());
            all.facts.insert(var, lits);
        }
        let holds = all.literal(d, core, true);
        all.clause(vec![holds]);
        for group in groups {
            let members = group.iter().map(|m| all.literal(d, *m, true)).collect();
            all.clause(members);
        }
        for kept in out {
            let fails = all.literal(d, *kept, false);
            all.clause(vec![fails]);
        }
        all
    }

    fn fresh(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    fn clause(&mut self, mut lits: Vec<Lit>) {
        self.solver.add_clause_reuse(&mut lits);
    }

    /// A literal that makes a function hold, or not hold, for the classes that are so.
    fn literal(&mut self, d: &Diagrams, id: Id, holds: bool) -> Lit {
        match id {
            NO => return if holds { !self.yes } else { self.yes },
            YES => return if holds { self.yes } else { !self.yes },
            _ => {}
        }
        if let Some(known) = self.nodes.get(&(id, holds)) {
            return *known;
        }
        let node = self.fresh();
        self.nodes.insert((id, holds), node);
        if let Some(var) = d.top(id) {
            for class in 0..self.facts.get(&var).map_or(0, Vec::len) {
                if let Some(Some(is)) = self.facts.get(&var).and_then(|f| f.get(class)).copied() {
                    let kid = self.literal(d, d.kid(id, var, class), holds);
                    if kid != self.yes {
                        self.clause(vec![!node, !is, kid]);
                    }
                }
            }
        }
        node
    }

    /// The classes of a consignment of them, of each fact one, where one fact may have to be of a class; nothing if there
    /// is none. `Err` if that took too much work.
    pub fn one(&mut self, with: Option<(Var, usize)>) -> Result<Option<BTreeMap<Var, usize>>, TooMuch> {
        let mut assumed = Vec::new();
        if let Some((var, class)) = with {
            match self.facts.get(&var).and_then(|lits| lits.get(class)).copied().flatten() {
                Some(is) => assumed.push(is),
                None => return Ok(None),
            }
        }
        match self.solver.solve_limited(&assumed) {
            l if l == lbool::FALSE => return Ok(None),
            l if l == lbool::TRUE => {}
            _ => return Err(TooMuch),
        }
        // Where several classes of a fact are so, each of them does.
        let is_so = |lit: &Option<Lit>| lit.is_some_and(|l| self.solver.value_lit(l) == lbool::TRUE);
        let chosen = |(var, lits): (&Var, &Vec<Option<Lit>>)| Some((*var, lits.iter().position(is_so)?));
        Ok(Some(self.facts.iter().filter_map(chosen).chain(with).collect()))
    }
}

/// A limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMuch;
