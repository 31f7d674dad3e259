//! The consignments that two versions decide differently, cut by the rule that causes it and the entry it rests on.
//!
//! Where the outcome gets stricter, the rules that lead to the new outcome cause it; where it gets milder, those that
//! led to the old one. If no rule did, it is those on the other side, and otherwise the policy itself. Where a rule
//! rests on an entry of a control list that holds the goods on one side and not on the other, all rules that rest on
//! that entry and change the outcome alike make one finding. One consignment may stand in several findings, if several
//! rules or entries each cause its change.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Diagrams, Id, NO};
use crate::engine::space::View;
use crate::eval::Outcome;
use crate::eval::ask::Asked;
use crate::eval::lists::Leaf;
use crate::eval::rules::outcome_of;
use crate::model::{
    AtomKind, Case, CategoryId, Cond, Date, Document, Duty, Effect, FactId, LicenceId, Otherwise, PolicyId, RuleId,
    Scheme, Test, Type, Value, World,
};
use crate::span::Span;

use super::super::alike::Alike;
use super::show::Replay;
use super::words::Words;
use super::{About, Collected, Finding, Group, Named};

const TOO_MUCH: &str = "too much to compare, or a fact with too many values";

/// Compares pairs of policies in two views.
pub(super) fn compare(
    old: &View<'_>,
    new: &View<'_>,
    starts: (&Case, &Case),
    pairs: &[(PolicyId, PolicyId)],
    out: &mut Collected,
) {
    let (was_allowed, is_allowed) = (old.allowed(), new.allowed());
    let allowed = and(old, was_allowed, is_allowed);
    let differ = old.diagrams(|d| d.differ(was_allowed, is_allowed));
    if !old.reliable(&[was_allowed, is_allowed, differ]) {
        out.skip("the constraints");
        return;
    }
    if differ != NO {
        out.notes.insert("the constraints differ: some facts can be so together in one version only".to_owned());
    }
    let mut alike = Alike::new(old, new);
    let mut words = None;
    for (p, q) in pairs {
        let name = new.world().policies[q.index()].name.clone();
        let Some(region) = changed(&mut alike, (old, *p), (new, *q)) else {
            out.skip(&format!("policy `{name}`: {TOO_MUCH}"));
            continue;
        };
        let within = and(old, allowed, region);
        if within == NO && !old.diagrams(|d| d.full()) {
            continue;
        }
        let words = words.get_or_insert_with(|| Words::new(old, new, allowed));
        let narrowed = [old.narrowed(within), new.narrowed(within)];
        let [was, is] = &narrowed;
        let mut sides = [Side::new(old, was, *p), Side::new(new, is, *q)];
        sides.iter_mut().for_each(|s| s.decide(within));
        let replay = Replay::new(old, new, starts, (*p, *q), allowed);
        let mut pair =
            Pair { sides, name, allowed: within, words, replay: &replay, cut: BTreeMap::new(), found: Vec::new() };
        let outcomes = pair.sides.iter().flat_map(|s| s.outcomes.iter().copied());
        let functions: Vec<Id> = outcomes.chain([region, within]).collect();
        if !old.reliable(&functions) {
            out.skip(&format!("policy `{}`: {TOO_MUCH}", pair.name));
            continue;
        }
        pair.outcomes();
        pair.said();
        pair.grounds();
        if old.diagrams(|d| d.full()) {
            out.skip(&format!("policy `{}`: the limit of work was reached", pair.name));
            continue;
        }
        pair.found.into_iter().for_each(|f| out.add(f));
    }
}

/// A policy in one version.
struct Side<'v> {
    /// All consignments.
    whole: &'v View<'v>,
    /// Those in question: outside of them nothing holds.
    view: &'v View<'v>,
    policy: PolicyId,
    outcomes: Vec<Id>,
    /// Where each rule stands; those that stand nowhere are left out.
    standing: Vec<(RuleId, Id)>,
}

impl<'v> Side<'v> {
    fn new(whole: &'v View<'v>, view: &'v View<'v>, policy: PolicyId) -> Self {
        let all: Vec<RuleId> = view.world().rules_of(policy).map(|(id, _)| id).collect();
        let standing = all.iter().copied().zip(view.standing(policy, &all)).filter(|(_, s)| *s != NO).collect();
        Side { whole, view, policy, outcomes: vec![NO; Outcome::ALL.len()], standing }
    }

    /// Finds where within a region each outcome is reached.
    ///
    /// The outcome of all consignments at once would be a function of all facts; of a region where something differs it
    /// is one of few.
    fn decide(&mut self, region: Id) {
        let view = self.view;
        let both = |a: Id, b: Id| and(view, a, b);
        let but = |a: Id, b: Id| {
            view.diagrams(|d| {
                let not = d.not(b);
                d.and(a, not)
            })
        };
        let mut left = both(region, view.asked(&Asked::Applies(self.policy, 0)));
        let otherwise = match self.world().policies[self.policy.index()].otherwise {
            Otherwise::Permit => Outcome::Permitted,
            Otherwise::Prohibit => Outcome::Prohibited,
        };
        let outside = but(region, left);
        let mut found = Vec::new();
        for outcome in Outcome::ALL.into_iter().rev() {
            let mut here = if outcome == Outcome::NotApplicable { outside } else { NO };
            for (_, stands) in self.leading_to(outcome) {
                let met = both(left, stands);
                here = view.diagrams(|d| d.or(here, met));
            }
            left = but(left, here);
            found.push((outcome, here));
        }
        for (at, outcome) in Outcome::ALL.into_iter().enumerate() {
            let here = found.iter().find(|(o, _)| *o == outcome).map_or(NO, |(_, here)| *here);
            let here = if outcome == otherwise { view.diagrams(|d| d.or(here, left)) } else { here };
            self.outcomes[at] = here;
        }
    }

    fn world(&self) -> &'v World {
        self.view.world()
    }

    fn stands(&self, rule: RuleId) -> Id {
        self.standing.iter().find(|(id, _)| *id == rule).map_or(NO, |(_, stands)| *stands)
    }

    /// The rules whose effect leads to an outcome, each with where it stands.
    fn leading_to(&self, outcome: Outcome) -> Vec<(RuleId, Id)> {
        let leads = |id: &RuleId| self.world().rule(*id).effect.as_ref().map(outcome_of) == Some(outcome);
        self.standing.iter().copied().filter(|(id, _)| leads(id)).collect()
    }

    fn named(&self, name: &str) -> Option<RuleId> {
        self.world().rules_of(self.policy).map(|(id, _)| id).find(|id| self.world().rule(*id).name == name)
    }

    /// The ways down entries that a rule asks for, itself or by a rule that it is an exception to.
    fn leaves(&self, rule: RuleId) -> Vec<&'v Leaf<'v>> {
        let world = self.world();
        let (mut cats, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![rule]);
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                let rule = world.rule(id);
                entries_of(world, &rule.cond, &mut cats, &mut BTreeSet::new());
                open.extend(&rule.targets);
            }
        }
        let below = |leaf: &&Leaf<'_>| {
            let mut at = Some(leaf.id);
            while let Some(id) = at {
                if cats.contains(&id) {
                    return true;
                }
                at = world.category(id).parent;
            }
            false
        };
        self.view.leaves().filter(below).collect()
    }

    fn entry(&self, leaf: &Leaf<'_>) -> String {
        self.world().category(leaf.reported).name.clone()
    }
}

/// The consignments of which two versions of a policy may say something else: where they are not alike, or where goods
/// are in an entry in one only. `None` where that cannot be relied on.
fn changed(alike: &mut Alike<'_, '_>, (old, p): (&View<'_>, PolicyId), (new, q): (&View<'_>, PolicyId)) -> Option<Id> {
    let says = |was: RuleId, is: RuleId| says(old.world(), was, old.day()) == says(new.world(), is, new.day());
    let mut out = alike.region((p, q), &says)?;
    let mut entries: BTreeMap<&str, [Vec<&Leaf<'_>>; 2]> = BTreeMap::new();
    for (n, (view, policy)) in [(old, p), (new, q)].into_iter().enumerate() {
        for leaf in view.leaves().filter(|l| l.policy == Some(policy)) {
            entries.entry(&view.world().category(leaf.reported).name).or_default()[n].push(leaf);
        }
    }
    let any = |view: &View<'_>, leaves: &[&Leaf<'_>]| leaves.iter().fold(NO, |t, l| or(view, t, view.leaf(l)));
    let mut compared = Vec::new();
    for [was, is] in entries.into_values() {
        let same = was.len() == is.len() && was.iter().zip(&is).all(|(a, b)| a.id == b.id && alike.entry(a.id));
        if !same {
            let (was, is) = (any(old, &was), any(new, &is));
            compared.extend([was, is]);
            out = or(old, out, old.diagrams(|d| d.differ(was, is)));
        }
    }
    old.reliable(&compared).then_some(out)
}

/// What a decision says where a rule stands: its effect, and by name what it requires or permits under; its review policy
/// and reason; its papers and duties; those of its licences.
type Says<'w> = (
    Option<Outcome>,
    Vec<Vec<&'w str>>,
    [&'w Option<String>; 2],
    (&'w [Document], &'w [Duty]),
    Vec<(bool, &'w [Document], &'w [Duty])>,
);

fn says(world: &World, id: RuleId, day: Date) -> Says<'_> {
    let rule = world.rule(id);
    let groups: Vec<Vec<LicenceId>> = match &rule.effect {
        Some(Effect::Permit(Some(l))) => vec![vec![*l]],
        Some(Effect::Require(groups)) => groups.iter().map(|g| g.to_vec()).collect(),
        _ => Vec::new(),
    };
    let names = groups.iter().map(|g| g.iter().map(|l| world.licence(*l).name.as_str()).collect()).collect();
    let licence = |l: &LicenceId| {
        let l = world.licence(*l);
        (l.in_force.on(day), &l.documents[..], &l.duties[..])
    };
    let licences = groups.iter().flatten().map(licence).collect();
    let papers = (&rule.documents[..], &rule.duties[..]);
    (rule.effect.as_ref().map(outcome_of), names, [&rule.review, &rule.reason], papers, licences)
}

/// The entries that a condition asks for, named conditions followed.
fn entries_of(world: &World, cond: &Cond, out: &mut BTreeSet<CategoryId>, seen: &mut BTreeSet<u32>) {
    cond.atoms(&mut |atom, _| match &atom.kind {
        AtomKind::In(list) | AtomKind::CodedUnder(list) => out.extend(list),
        AtomKind::Means(f) if seen.insert(f.0) => {
            world.fact(*f).means.iter().for_each(|(_, c)| entries_of(world, c, out, seen));
        }
        _ => {}
    });
}

/// A policy in two versions.
struct Pair<'v, 'w> {
    /// Before and after.
    sides: [Side<'v>; 2],
    name: String,
    allowed: Id,
    words: &'w Words<'v>,
    replay: &'w Replay<'v>,
    /// Regions not yet put into words.
    cut: BTreeMap<Key, Region>,
    found: Vec<Finding>,
}

/// What makes one finding: all rules that rest on one entry, or one rule by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    group: Group,
    step: Step,
    entry: Option<CategoryId>,
    rule: Option<RuleId>,
}

/// Consignments that change alike.
struct Region {
    rules: Vec<RuleId>,
    all: Id,
    /// A part of it to take a consignment from: by the first rule, and the first way down the entry.
    shown: Id,
    except: BTreeSet<String>,
    /// The entries of the other side that it may be in.
    others: BTreeMap<CategoryId, String>,
}

/// From one outcome to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    from: Outcome,
    to: Outcome,
    /// The side whose rules cause it: 0 before, 1 after.
    side: usize,
}

impl Pair<'_, '_> {
    fn view(&self) -> &View<'_> {
        self.sides[0].view
    }

    fn and(&self, a: Id, b: Id) -> Id {
        and(self.view(), a, b)
    }

    fn but(&self, a: Id, b: Id) -> Id {
        self.view().diagrams(|d| {
            let not = d.not(b);
            d.and(a, not)
        })
    }

    fn or(&self, a: Id, b: Id) -> Id {
        self.view().diagrams(|d| d.or(a, b))
    }

    /// Every change of outcome.
    fn outcomes(&mut self) {
        for (i, from) in Outcome::ALL.into_iter().enumerate() {
            for (j, to) in Outcome::ALL.into_iter().enumerate().filter(|(j, _)| *j != i) {
                let both = self.and(self.sides[0].outcomes[i], self.sides[1].outcomes[j]);
                let mut left = self.and(both, self.allowed);
                let (first, wanted) = if j > i { (1, to) } else { (0, from) };
                for (side, outcome) in [(first, wanted), (1 - first, if j > i { from } else { to })] {
                    if left == NO {
                        break;
                    }
                    let mut covered = NO;
                    for (rule, stands) in self.sides[side].leading_to(outcome) {
                        let caused = self.and(left, stands);
                        if caused != NO {
                            covered = self.or(covered, caused);
                            self.caused(Step { from, to, side }, rule, caused);
                        }
                    }
                    left = self.but(left, covered);
                }
                if left != NO {
                    self.add(
                        Key { group: Group::Meaning, step: Step { from, to, side: 1 }, entry: None, rule: None },
                        None,
                        left,
                        Vec::new(),
                        BTreeMap::new(),
                    );
                }
            }
        }
    }

    /// A change of outcome caused by one rule, by the entries on which it rests.
    fn caused(&mut self, step: Step, rule: RuleId, caused: Id) {
        let (here, there) = (&self.sides[step.side], &self.sides[1 - step.side]);
        let twin = there.named(&here.world().rule(rule).name);
        let (leaves, others) = (here.leaves(rule), twin.map_or(Vec::new(), |r| there.leaves(r)));
        let mut cut: Vec<(&Leaf<'_>, Group, Id)> = Vec::new();
        let mut rest = caused;
        if twin.is_some() && !leaves.is_empty() {
            let listed = others.iter().fold(NO, |t, l| self.or(t, there.view.leaf(l)));
            let fresh = self.but(caused, listed);
            for leaf in leaves.iter().copied() {
                let part = self.and(fresh, here.view.leaf(leaf));
                if part == NO {
                    continue;
                }
                rest = self.but(rest, part);
                // A description that asks for nothing this one asks for fits by chance; one that goes on unchanged in
                // another entry is that one's.
                let goes_on = |l: &Leaf<'_>| {
                    let described = there.whole.described(l);
                    leaves.iter().any(|n| n.id != leaf.id && here.whole.described(n) == described)
                };
                let same = |l: &&&Leaf<'_>| match leaf.described() {
                    true => !goes_on(l) && l.facts.intersection(&leaf.facts).any(|f| !is_tariff(here.world(), *f)),
                    false => there.entry(l) == here.entry(leaf),
                };
                let described = others.iter().filter(same).fold(NO, |t, l| self.or(t, there.view.described(l)));
                let codes = self.and(part, described);
                let other = self.but(part, described);
                let group = if self.renumbered(step.side, leaf, &others) { Group::Numbers } else { Group::Meaning };
                cut.extend([(leaf, Group::Codes, codes), (leaf, group, other)].into_iter().filter(|(.., r)| *r != NO));
            }
        }
        // Rules that led there already, where this one would as well.
        let (was, is) = (&self.sides[1 - step.side], &self.sides[step.side]);
        let outcome = if step.side == 1 { step.to } else { step.from };
        let at = Outcome::ALL.iter().position(|o| *o == outcome).unwrap_or_default();
        let stays = self.and(was.outcomes[at], self.allowed);
        let newly = twin.map_or(is.stands(rule), |t| self.but(is.stands(rule), was.stands(t)));
        let newly = self.and(newly, stays);
        let already: Vec<(String, Id)> = was
            .leading_to(outcome)
            .into_iter()
            .filter(|(id, _)| Some(*id) != twin)
            .map(|(id, stands)| (was.world().rule(id).name.clone(), self.and(newly, stands)))
            .filter(|(_, r)| *r != NO)
            .collect();
        let except = |leaf: Option<&Leaf<'_>>| -> Vec<String> {
            let meets = |r: Id| leaf.is_none_or(|l| self.and(r, is.view.leaf(l)) != NO);
            already.iter().filter(|(_, r)| meets(*r)).map(|(n, _)| n.clone()).collect()
        };
        // The entries on which the outcome rests on the other side, where they ask for a fact that this one asks for.
        let other = if step.side == 1 { step.from } else { step.to };
        let resting: Vec<(&Leaf<'_>, Id)> = was
            .leading_to(other)
            .into_iter()
            .filter(|_| other > Outcome::Permitted)
            .flat_map(|(id, stands)| was.leaves(id).into_iter().map(move |l| (l, stands)))
            .collect();
        let meets = |leaf: &Leaf<'_>, region: Id| -> BTreeMap<CategoryId, String> {
            let mut out = BTreeMap::new();
            for (l, stands) in &resting {
                let common = l.facts.intersection(&leaf.facts).any(|f| !is_tariff(is.world(), *f));
                if common && !out.contains_key(&l.reported) {
                    let within = self.and(self.and(region, *stands), was.view.leaf(l));
                    if within != NO {
                        out.insert(l.reported, was.entry(l));
                    }
                }
            }
            out
        };
        let mut all = Vec::new();
        for (leaf, group, region) in &cut {
            let key = Key { group: *group, step, entry: Some(leaf.reported), rule: None };
            all.push((key, *region, except(Some(leaf)), meets(leaf, *region)));
        }
        if rest != NO {
            let key = Key { group: Group::Meaning, step, entry: None, rule: Some(rule) };
            all.push((key, rest, except(None), BTreeMap::new()));
        }
        for (key, region, except, others) in all {
            self.add(key, Some(rule), region, except, others);
        }
    }

    fn add(
        &mut self,
        key: Key,
        rule: Option<RuleId>,
        region: Id,
        except: Vec<String>,
        others: BTreeMap<CategoryId, String>,
    ) {
        let before = self.cut.get(&key).map_or(NO, |r| r.all);
        let all = self.or(before, region);
        let known = self.cut.entry(key).or_insert_with(|| Region {
            rules: Vec::new(),
            all,
            shown: region,
            except: BTreeSet::new(),
            others: BTreeMap::new(),
        });
        known.all = all;
        known.rules.extend(rule.filter(|r| !known.rules.contains(r)));
        known.except.extend(except);
        known.others.extend(others);
    }

    /// Puts all regions into words.
    fn said(&mut self) {
        for (key, region) in std::mem::take(&mut self.cut) {
            self.emit(key, region, None);
        }
    }

    /// True if a way down an entry is one on the other side but for a name of an enumeration, and the entry there has
    /// another number: another way down it has the same description.
    fn renumbered(&self, side: usize, leaf: &Leaf<'_>, others: &[&Leaf<'_>]) -> bool {
        let (here, there) = (&self.sides[side], &self.sides[1 - side]);
        let name = here.entry(leaf);
        let shape = |l: &Leaf<'_>| l.conditions.iter().map(|c| shape(c)).collect::<Vec<_>>();
        let mine = shape(leaf);
        others.iter().filter(|o| there.entry(o) != name && shape(o) == mine).any(|o| {
            let twin = there.entry(o);
            let siblings = here.view.leaves().filter(|l| l.id != leaf.id && here.entry(l) == name);
            siblings.into_iter().any(|l| {
                let described = here.whole.described(l);
                others.iter().any(|x| x.id != o.id && there.entry(x) == twin && there.whole.described(x) == described)
            })
        })
    }

    /// What stays in its outcome and rests on something else, or asks for something else.
    fn grounds(&mut self) {
        let mut stays: Vec<(Outcome, Id)> = Vec::new();
        for (i, outcome) in Outcome::ALL.into_iter().enumerate().skip(1).rev() {
            let both = self.and(self.sides[0].outcomes[i], self.sides[1].outcomes[i]);
            stays.push((outcome, self.and(both, self.allowed)));
        }
        let [was, is] = [0, 1].map(|n| self.things(n));
        let keys: BTreeSet<&(&'static str, String)> = was.keys().chain(is.keys()).collect();
        let mut changes = Vec::new();
        for key in keys {
            let (a, b) = (was.get(key).copied().unwrap_or(NO), is.get(key).copied().unwrap_or(NO));
            for (added, region) in [(false, self.but(a, b)), (true, self.but(b, a))] {
                // The strictest outcome that stays shows it.
                let shown = stays.iter().map(|(o, s)| (*o, self.and(*s, region))).find(|(_, r)| *r != NO);
                changes.extend(shown.map(|(o, r)| (About { what: key.0, name: key.1.clone(), added }, o, r)));
            }
        }
        for (about, outcome, region) in changes {
            let step = Step { from: outcome, to: outcome, side: usize::from(about.added) };
            let rule = (about.what == "rule").then(|| self.sides[step.side].named(&about.name)).flatten();
            let region = Region {
                rules: rule.into_iter().collect(),
                all: region,
                shown: region,
                except: BTreeSet::new(),
                others: BTreeMap::new(),
            };
            self.emit(Key { group: Group::Grounds, step, entry: None, rule: None }, region, Some(about));
        }
    }

    /// What a decision says besides its outcome, each with where it says so.
    fn things(&self, side: usize) -> BTreeMap<(&'static str, String), Id> {
        let side = &self.sides[side];
        let (world, day) = (side.world(), side.view.day());
        let mut out: BTreeMap<(&'static str, String), Id> = BTreeMap::new();
        let mut add = |key: (&'static str, String), id: Id| {
            let id = self.and(id, self.allowed);
            let entry = out.entry(key).or_insert(NO);
            *entry = self.or(*entry, id);
        };
        for leaf in side.view.leaves().filter(|l| l.policy == Some(side.policy)) {
            add(("entry", side.entry(leaf)), side.view.leaf(leaf));
        }
        for (id, stands) in side.standing.iter().copied() {
            let rule = world.rule(id);
            let licences = match &rule.effect {
                Some(Effect::Permit(Some(l))) => vec![*l],
                Some(Effect::Require(groups)) => groups.iter().flatten().copied().collect(),
                _ => Vec::new(),
            };
            let licences = || licences.iter().map(|l| world.licence(*l)).filter(|l| l.in_force.on(day));
            if let Some(effect) = &rule.effect {
                let at = Outcome::ALL.iter().position(|o| *o == outcome_of(effect)).unwrap_or_default();
                add(("rule", rule.name.clone()), self.and(stands, side.outcomes[at]));
                if let Effect::Require(groups) = effect {
                    for group in groups {
                        let names = group.iter().map(|l| world.licence(*l).name.as_str()).collect::<Vec<_>>();
                        add(("licence", names.join(" or ")), stands);
                    }
                }
                for (what, text) in [("review", &rule.review), ("reason", &rule.reason)] {
                    text.iter().for_each(|t| add((what, t.clone()), self.and(stands, side.outcomes[at])));
                }
                if let Effect::Permit(Some(l)) = effect {
                    add(("licence", format!("under {}", world.licence(*l).name)), self.and(stands, side.outcomes[at]));
                }
            }
            let permits = matches!(rule.effect, Some(Effect::Permit(_)));
            let duties = rule.duties.iter().chain(licences().filter(|_| permits).flat_map(|l| &l.duties));
            for duty in duties {
                let when = duty.timing.as_ref().map_or(String::new(), |t| format!(" ({t})"));
                add(("duty", format!("{}{when}", duty.text)), stands);
            }
            for document in rule.documents.iter().chain(licences().flat_map(|l| &l.documents)) {
                add(("document", document.code.clone()), stands);
            }
        }
        out
    }

    /// Puts a region into words, with a consignment to show for it.
    fn emit(&mut self, key: Key, region: Region, about: Option<About>) {
        let (step, here) = (key.step, &self.sides[key.step.side]);
        let named = |id: &RuleId| {
            let r = here.world().rule(*id);
            Named { name: r.name.clone(), title: r.title.clone(), cite: r.cite.clone() }
        };
        let entry = key.entry.map(|id| here.world().category(id).name.clone());
        let (mut was_in, mut now_in): (BTreeSet<String>, BTreeSet<String>) =
            (region.others.into_values().collect(), entry.into_iter().collect());
        if step.side == 0 {
            std::mem::swap(&mut was_in, &mut now_in);
        }
        let witness = self.replay.witness(region.shown, step.from, step.to);
        self.found.push(Finding {
            group: key.group,
            days: Vec::new(),
            policy: self.name.clone(),
            rules: region.rules.iter().map(named).collect(),
            from: step.from,
            to: step.to,
            about,
            was_in: was_in.into_iter().collect(),
            now_in: now_in.into_iter().collect(),
            facts: self.words.facts(region.all),
            except: region.except.into_iter().collect(),
            witness,
        });
    }
}

/// True for a fact that holds tariff codes, which all entries ask for.
fn is_tariff(world: &World, fact: FactId) -> bool {
    matches!(world.fact(fact).ty.element(), Type::Code(Scheme::Tariff))
}

fn and(view: &View<'_>, a: Id, b: Id) -> Id {
    view.diagrams(|d: &mut Diagrams| d.and(a, b))
}

fn or(view: &View<'_>, a: Id, b: Id) -> Id {
    view.diagrams(|d: &mut Diagrams| d.or(a, b))
}

/// A condition with its places and the values of enumerations left out.
fn shape(cond: &Cond) -> Cond {
    match cond {
        Cond::All(list) => Cond::All(list.iter().map(shape).collect()),
        Cond::Any(list) => Cond::Any(list.iter().map(shape).collect()),
        Cond::Not(inner) => Cond::Not(Box::new(shape(inner))),
        Cond::Atom(a) => {
            let mut a = a.clone();
            a.span = Span::default();
            if let AtomKind::Fact(_, Test::Is(value @ Value::Choice(_))) = &mut a.kind {
                *value = Value::Choice(0);
            }
            Cond::Atom(a)
        }
    }
}
