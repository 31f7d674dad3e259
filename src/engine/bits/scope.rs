//! What some policies ask of a goods item: of the law of all that are loaded, the products and steps that bear on them.

use crate::model::PolicyId;

use super::compile::{FIRST, column_of};
use super::edition::Edition;
use super::norm::{Literal, StepId};
use super::row::{BITS, is_set, set};
use super::tree::Tree;

/// The part of an edition that bears on some policies.
#[derive(Debug)]
pub struct Scope {
    /// The indexed products, a bit each.
    pub products: Box<[u64]>,
    /// The words of those that have any bit, a bit each.
    pub words: Box<[u64]>,
    /// For each word of products, the columns that they read, those first whose values leave the fewest.
    pub reads: Vec<Box<[u16]>>,
    /// The columns whose rows leave the fewest words: they are taken together first.
    pub first: Box<[u16]>,
    steps: Box<[u64]>,
}

/// What was met of some policies.
#[derive(Debug)]
pub struct Asked {
    /// The policies.
    pub policies: Box<[PolicyId]>,
    /// What bears on them.
    pub scope: Scope,
    /// What came of items.
    pub tree: Tree,
}

impl Asked {
    /// Nothing met yet.
    pub fn new(e: &Edition<'_>, policies: &[PolicyId]) -> Asked {
        Asked { policies: policies.into(), scope: Scope::new(e, policies), tree: Tree::new() }
    }
}

impl Scope {
    fn new(e: &Edition<'_>, policies: &[PolicyId]) -> Scope {
        // What a step asks for: the steps of its alternatives, and those that hold only if it does.
        let mut inner: Vec<Vec<StepId>> = vec![Vec::new(); e.steps.len()];
        for (member, step) in e.steps.iter().enumerate() {
            step.within.iter().for_each(|outer| inner[*outer as usize].push(member as StepId));
        }
        for product in &e.products {
            let asked =
                product.literals.iter().filter_map(|l| if let Literal::Step(s, _) = l { Some(*s) } else { None });
            inner[product.step as usize].extend(asked);
        }
        let mut open: Vec<StepId> =
            policies.iter().filter_map(|p| e.instruments.get(p.index())).map(|i| i.applies).collect();
        for (number, step) in e.steps.iter().enumerate() {
            let by_rule = step.rule.is_some_and(|r| policies.contains(&e.provisions[r.index()].policy));
            let by_entry = step.entry.and_then(|c| e.world.category(c).policy).is_some_and(|p| policies.contains(&p));
            if by_rule || by_entry {
                open.push(number as StepId);
            }
        }
        let mut steps = vec![0; e.steps.len().div_ceil(BITS)];
        while let Some(step) = open.pop() {
            if !is_set(&steps, step as usize) {
                set(&mut steps, step as usize);
                open.append(&mut inner[step as usize]);
            }
        }
        let mut products = vec![0; e.full.len()];
        for (number, product) in e.products[..e.indexed].iter().enumerate() {
            if is_set(&steps, product.step as usize) {
                set(&mut products, number);
            }
        }
        let mut words = vec![0; products.len().div_ceil(BITS)];
        (0..products.len()).filter(|w| products[*w] != 0).for_each(|w| set(&mut words, w));
        let mut rank = vec![0; e.order.len()];
        e.order.iter().enumerate().for_each(|(at, column)| rank[usize::from(*column)] = at);
        let (mut reads, mut any) = (Vec::new(), vec![false; e.order.len()]);
        for (w, word) in e.products[..e.indexed].chunks(BITS).enumerate() {
            let asked = word.iter().enumerate().filter(|(n, _)| is_set(&products, w * BITS + n));
            let mut all: Vec<u16> = asked.flat_map(|(_, p)| p.literals.iter()).filter_map(column_of).collect();
            all.sort_unstable_by_key(|c| rank[usize::from(*c)]);
            all.dedup();
            all.iter().for_each(|c| any[usize::from(*c)] = true);
            reads.push(all.into());
        }
        let first = e.order.iter().copied().filter(|c| any[usize::from(*c)]).take(FIRST).collect();
        Scope { products: products.into(), words: words.into(), reads, first, steps: steps.into() }
    }

    /// True of a step that bears on the policies.
    pub fn has(&self, step: StepId) -> bool {
        is_set(&self.steps, step as usize)
    }
}
