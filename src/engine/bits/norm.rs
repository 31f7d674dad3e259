//! Conditions in normal form: alternatives ("products") of questions that must all be answered one way.
//!
//! Multiplying out can explode, so a part with many alternatives inside an `and` becomes a *step* of its own: something
//! found out first and then asked like a fact. So are entries of control lists and named conditions.

/// A question that is not broken down further.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// A test of a column; true at the end: it must fail.
    Test(u16, u16, bool),
    /// A step; true at the end: it must not hold.
    Step(u32, bool),
}

impl Literal {
    fn opposite(self) -> Literal {
        match self {
            Literal::Test(column, test, not) => Literal::Test(column, test, !not),
            Literal::Step(step, not) => Literal::Step(step, !not),
        }
    }
}

/// A condition without `not` but on its questions.
#[derive(Clone, Debug)]
pub enum Formula {
    /// A question.
    Is(Literal),
    /// All of them; nothing: always.
    All(Vec<Formula>),
    /// Any of them; nothing: never.
    Any(Vec<Formula>),
}

impl Formula {
    /// Always, or never.
    pub fn of(truth: bool) -> Formula {
        if truth { Formula::All(Vec::new()) } else { Formula::Any(Vec::new()) }
    }

    /// Its opposite.
    pub fn not(self) -> Formula {
        match self {
            Formula::Is(l) => Formula::Is(l.opposite()),
            Formula::All(parts) => Formula::Any(parts.into_iter().map(Formula::not).collect()),
            Formula::Any(parts) => Formula::All(parts.into_iter().map(Formula::not).collect()),
        }
    }
}

/// A number of a step.
pub type StepId = u32;

/// Questions that must all be answered one way, in order, each once.
pub type Literals = Vec<Literal>;

/// One alternative of a step.
#[derive(Debug)]
pub struct Product {
    /// The step that holds if this does.
    pub step: StepId,
    /// When it is looked at: after all steps that it reads.
    pub stage: u32,
    /// Its questions: tests first, those of the columns most read before the others, then steps.
    pub literals: Box<[Literal]>,
}

/// Above this many alternatives a part of an `and` becomes a step.
const PRODUCTS: usize = 24;

/// The alternatives of a formula. `step` makes a step of alternatives that are too many, and gives its number.
pub fn products(formula: &Formula, step: &mut dyn FnMut(Vec<Literals>) -> u32) -> Vec<Literals> {
    match formula {
        Formula::Is(l) => vec![vec![*l]],
        Formula::Any(parts) => {
            let mut out: Vec<Literals> = parts.iter().flat_map(|p| products(p, step)).collect();
            out.sort();
            out.dedup();
            out
        }
        Formula::All(parts) => {
            let mut each: Vec<Vec<Literals>> = parts.iter().map(|p| products(p, step)).collect();
            // The few first, so that it is the many that become steps.
            each.sort_by_key(Vec::len);
            let mut out: Vec<Literals> = vec![Vec::new()];
            for part in each {
                let part = if part.len() > 1 && out.len() * part.len() > PRODUCTS {
                    vec![vec![Literal::Step(step(part), false)]]
                } else {
                    part
                };
                let pairs = out.iter().flat_map(|a| part.iter().map(move |b| both(a, b)));
                out = pairs.flatten().collect();
            }
            out.sort();
            out.dedup();
            out
        }
    }
}

/// Two products together; none where they contradict each other.
fn both(a: &Literals, b: &Literals) -> Option<Literals> {
    let mut out: Literals = a.iter().chain(b).copied().collect();
    out.sort_unstable();
    out.dedup();
    let clash = out.iter().any(|l| out.binary_search(&l.opposite()).is_ok());
    (!clash).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(n: u16) -> Formula {
        Formula::Is(Literal::Test(n, 0, false))
    }

    #[test]
    fn an_and_of_ors_is_multiplied_out_and_contradictions_fall_away() {
        let f = Formula::All(vec![Formula::Any(vec![is(1), is(2)]), Formula::Any(vec![is(1).not(), is(3)])]);
        let mut none = |_| panic!("no step is needed");
        let t = |n, not| Literal::Test(n, 0, not);
        let wanted = [vec![t(1, false), t(3, false)], vec![t(1, true), t(2, false)], vec![t(2, false), t(3, false)]];
        assert_eq!(products(&f, &mut none), wanted);
    }

    #[test]
    fn what_would_explode_becomes_a_step() {
        let pair = |n| Formula::Any(vec![is(n), is(n + 1)]);
        let f = Formula::All((0..40).map(|n| pair(2 * n)).collect());
        let mut steps = 0;
        let found = products(&f, &mut |part| {
            assert_eq!(part.len(), 2);
            steps += 1;
            steps
        });
        assert!(found.len() <= PRODUCTS && steps > 30, "{} products, {steps} steps", found.len());
    }
}
