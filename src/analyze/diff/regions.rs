//! The consignments that two versions decide differently, cut by the rule that causes it and the entry it rests on.
//!
//! Where the outcome gets stricter, the rules that lead to the new outcome cause it; where it gets milder, those that
//! led to the old one. If no rule did, it is those on the other side, and otherwise the policy itself. Where a rule
//! rests on an entry of a control list that holds the goods on one side and not on the other, all rules that rest on
//! that entry and change the outcome alike make one finding. One consignment may stand in several findings, if several
//! rules or entries each cause its change.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diagram::{Diagrams, Id, NO, YES};
use crate::engine::space::View;
use crate::eval::Outcome;
use crate::eval::lists::Leaf;
use crate::eval::rules::outcome_of;
use crate::model::{
    AtomKind, Case, CategoryId, Cond, Date, Document, Duty, Effect, FactId, LicenceId, PolicyId, RuleId, Scheme, Test,
    Type, Value, World,
};
use crate::span::Span;

use super::super::alike::Alike;
use super::region::Region;
use super::show::Replay;
use super::side::{Reach, Side, and, but, or};
use super::words::Words;
use super::{About, Collected, Finding, Group, Limits, Named};

const TOO_MUCH: &str = "too much to compare, or a fact with too many values";

/// Compares pairs of policies in two views.
pub(super) fn compare(
    old: &View<'_>,
    new: &View<'_>,
    starts: (&Case, &Case),
    pairs: &[(PolicyId, PolicyId)],
    limit: Limits,
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
        // Where that was too much on other days, it is so on these.
        if !out.large {
            let outcomes =
                old.diagrams(|d| d.with_few(limit.outcomes as usize, |d| [0, 1].map(|n| sides[n].decided(d, within))));
            out.large = outcomes.is_none();
            sides.iter_mut().zip(outcomes.into_iter().flatten()).for_each(|(s, found)| s.outcomes = Some(found));
        }
        let replay = Replay::new(old, new, starts, (*p, *q), allowed);
        let piece = limit.piece as usize;
        let mut pair = Pair {
            sides,
            name,
            within,
            piece,
            words,
            replay: &replay,
            cut: BTreeMap::new(),
            found: Vec::new(),
            unreliable: false,
        };
        if !old.reliable(&[region, within]) {
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
        if pair.unreliable {
            out.skip(&format!("policy `{}`: {TOO_MUCH}", pair.name));
            continue;
        }
        pair.found.into_iter().for_each(|f| out.add(f));
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

/// A policy in two versions.
struct Pair<'v, 'w> {
    /// Before and after.
    sides: [Side<'v>; 2],
    name: String,
    /// The consignments that are compared.
    within: Id,
    /// The most nodes of a piece of them.
    piece: usize,
    words: &'w Words<'v>,
    replay: &'w Replay<'v>,
    /// Changes not yet put into words.
    cut: BTreeMap<Key, Change>,
    found: Vec<Finding>,
    /// True if something was found that hangs on a fact with too many values.
    unreliable: bool,
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
struct Change {
    rules: Vec<RuleId>,
    all: Region,
    /// A part of it to take a consignment from: by the first rule, and the first way down the entry.
    shown: Region,
    except: BTreeSet<String>,
    /// The entries of the other side that it may be in.
    others: BTreeMap<CategoryId, String>,
}

/// Where something is said, and under which outcome alone if not under any.
struct Said {
    holds: Id,
    only: Option<Outcome>,
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

    fn diagrams<T>(&self, f: impl FnOnce(&mut Diagrams) -> T) -> T {
        self.view().diagrams(f)
    }

    /// What is reached on one side where something holds, and on the other.
    fn both(&self, ways: &[&Reach]) -> Region {
        let groups: Vec<Vec<Id>> = ways.iter().filter_map(|w| w.one_of.clone()).collect();
        let without: Vec<Id> = ways.iter().flat_map(|w| &w.without).copied().collect();
        let small = self.sides[0].outcomes.is_some();
        self.diagrams(|d| {
            let mut core = ways.iter().fold(self.within, |t, w| d.and(t, w.core));
            if !small {
                return Region::new(d, self.piece, core, groups, without);
            }
            for group in groups {
                let any = group.into_iter().fold(NO, |t, m| d.or(t, m));
                core = d.and(core, any);
            }
            Region::of(self.piece, without.into_iter().fold(core, |t, w| d.but(t, w)))
        })
    }

    /// Every change of outcome, by the rules that lead to the stricter one, or if none does, to the other.
    fn outcomes(&mut self) {
        for (i, from) in Outcome::ALL.into_iter().enumerate() {
            for (j, to) in Outcome::ALL.into_iter().enumerate().filter(|(j, _)| *j != i) {
                let (side, outcome, other) = if j > i { (1, to, from) } else { (0, from, to) };
                let (here, there) = (&self.sides[side], &self.sides[1 - side]);
                let milder = there.reaches(other);
                let mut caused: Vec<(Option<(usize, RuleId)>, Region)> = Vec::new();
                for (rule, stands) in here.leading_to(outcome) {
                    // Where it stands as well on the other side, the outcome there is no milder.
                    let twin = there.named(&here.world().rule(rule).name);
                    let as_well = twin.filter(|t| there.effect(*t) >= Some(outcome)).map_or(NO, |t| there.stands(t));
                    let core = but(self.view(), stands, as_well);
                    if core == NO {
                        continue;
                    }
                    let led = here.led(core, outcome);
                    let mut all = Region::none(self.piece);
                    for way in &milder {
                        let part = self.both(&[&led, way]);
                        self.diagrams(|d| all.join(d, part));
                    }
                    caused.push((Some((side, rule)), all));
                }
                if let Some(unled) = here.unled(outcome) {
                    for (rule, stands) in there.leading_to(other) {
                        let led = there.led(stands, other);
                        caused.push((Some((1 - side, rule)), self.both(&[&unled, &led])));
                    }
                    let neither = there.unled(other).map(|way| self.both(&[&unled, &way]));
                    caused.extend(neither.map(|region| (None, region)));
                }
                for (cause, region) in caused {
                    if self.diagrams(|d| region.is_empty(d)) {
                        continue;
                    }
                    match cause {
                        Some((side, rule)) => self.caused(Step { from, to, side }, rule, region),
                        None => {
                            let step = Step { from, to, side: 1 };
                            let key = Key { group: Group::Meaning, step, entry: None, rule: None };
                            self.add(key, None, region, Vec::new(), BTreeMap::new());
                        }
                    }
                }
            }
        }
    }

    /// A change of outcome caused by one rule, by the entries on which it rests.
    fn caused(&mut self, step: Step, rule: RuleId, caused: Region) {
        let (here, there) = (&self.sides[step.side], &self.sides[1 - step.side]);
        let twin = there.named(&here.world().rule(rule).name);
        let (leaves, others) = (here.leaves(rule), twin.map_or(Vec::new(), |r| there.leaves(r)));
        let mut cut: Vec<(&Leaf<'_>, Group, Region)> = Vec::new();
        let mut rest = caused.clone();
        if twin.is_some() && !leaves.is_empty() {
            let listed = others.iter().fold(NO, |t, l| or(self.view(), t, there.view.leaf(l)));
            let fresh = self.diagrams(|d| caused.but(d, listed));
            for leaf in leaves.iter().copied() {
                let holds = here.view.leaf(leaf);
                let part = self.diagrams(|d| fresh.and(d, holds));
                if self.diagrams(|d| part.is_empty(d)) {
                    continue;
                }
                rest = self.diagrams(|d| {
                    let new = d.but(holds, listed);
                    rest.but(d, new)
                });
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
                let described = others.iter().filter(same).fold(NO, |t, l| or(self.view(), t, there.view.described(l)));
                let (codes, other) = self.diagrams(|d| (part.and(d, described), part.but(d, described)));
                let group = if self.renumbered(step.side, leaf, &others) { Group::Numbers } else { Group::Meaning };
                for (group, region) in [(Group::Codes, codes), (group, other)] {
                    if !self.diagrams(|d| region.is_empty(d)) {
                        cut.push((leaf, group, region));
                    }
                }
            }
        }
        // Rules that led there already, where this one would as well.
        let (was, is) = (&self.sides[1 - step.side], &self.sides[step.side]);
        let outcome = if step.side == 1 { step.to } else { step.from };
        let newly = twin.map_or(is.stands(rule), |t| but(self.view(), is.stands(rule), was.stands(t)));
        let already: Vec<(String, Region)> = was
            .leading_to(outcome)
            .into_iter()
            .filter(|(id, _)| Some(*id) != twin)
            .map(|(id, stands)| {
                let led = was.led(and(self.view(), newly, stands), outcome);
                (was.world().rule(id).name.clone(), self.both(&[&led]))
            })
            .filter(|(_, region)| !self.diagrams(|d| region.is_empty(d)))
            .collect();
        let except = |leaf: Option<&Leaf<'_>>| -> Vec<String> {
            let meets = |r: &Region| {
                leaf.is_none_or(|l| {
                    let holds = is.view.leaf(l);
                    self.diagrams(|d| !r.and(d, holds).is_empty(d))
                })
            };
            already.iter().filter(|(_, r)| meets(r)).map(|(n, _)| n.clone()).collect()
        };
        // The entries on which the outcome rests on the other side, where they ask for a fact that this one asks for.
        let other = if step.side == 1 { step.from } else { step.to };
        let resting: Vec<(&Leaf<'_>, Id)> = was
            .leading_to(other)
            .into_iter()
            .filter(|_| other > Outcome::Permitted)
            .flat_map(|(id, stands)| was.leaves(id).into_iter().map(move |l| (l, stands)))
            .collect();
        let meets = |leaf: &Leaf<'_>, region: &Region| -> BTreeMap<CategoryId, String> {
            let mut out = BTreeMap::new();
            for (l, stands) in &resting {
                let common = l.facts.intersection(&leaf.facts).any(|f| !is_tariff(is.world(), *f));
                if common && !out.contains_key(&l.reported) {
                    let holds = and(self.view(), *stands, was.view.leaf(l));
                    if self.diagrams(|d| !region.and(d, holds).is_empty(d)) {
                        out.insert(l.reported, was.entry(l));
                    }
                }
            }
            out
        };
        let mut all = Vec::new();
        for (leaf, group, region) in cut {
            let key = Key { group, step, entry: Some(leaf.reported), rule: None };
            let (except, others) = (except(Some(leaf)), meets(leaf, &region));
            all.push((key, region, except, others));
        }
        if !self.diagrams(|d| rest.is_empty(d)) {
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
        region: Region,
        except: Vec<String>,
        others: BTreeMap<CategoryId, String>,
    ) {
        let mut known = self.cut.remove(&key).unwrap_or_else(|| Change {
            rules: Vec::new(),
            all: Region::none(self.piece),
            shown: region.clone(),
            except: BTreeSet::new(),
            others: BTreeMap::new(),
        });
        self.diagrams(|d| known.all.join(d, region));
        known.rules.extend(rule.filter(|r| !known.rules.contains(r)));
        known.except.extend(except);
        known.others.extend(others);
        self.cut.insert(key, known);
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
        let [was, is] = [0, 1].map(|n| self.things(n));
        let keys: BTreeSet<&(&'static str, String)> = was.keys().chain(is.keys()).collect();
        let nothing = Vec::new();
        let mut changes = Vec::new();
        for key in keys {
            let (a, b) = (was.get(key).unwrap_or(&nothing), is.get(key).unwrap_or(&nothing));
            for (added, some, others) in [(false, a, b), (true, b, a)] {
                // The strictest outcome that stays shows it.
                let mut outcomes = Outcome::ALL.into_iter().skip(1).rev();
                let shown = outcomes.find_map(|o| Some((o, self.stays(o, some, others)?)));
                changes.extend(shown.map(|(o, r)| (About { what: key.0, name: key.1.clone(), added }, o, r)));
            }
        }
        for (about, outcome, region) in changes {
            let step = Step { from: outcome, to: outcome, side: usize::from(about.added) };
            let rule = (about.what == "rule").then(|| self.sides[step.side].named(&about.name)).flatten();
            let change = Change {
                rules: rule.into_iter().collect(),
                shown: region.clone(),
                all: region,
                except: BTreeSet::new(),
                others: BTreeMap::new(),
            };
            self.emit(Key { group: Group::Grounds, step, entry: None, rule: None }, change, Some(about));
        }
    }

    /// The consignments that stay in an outcome, and of which one side says something that the other does not, if there
    /// are any.
    fn stays(&self, outcome: Outcome, some: &[Said], others: &[Said]) -> Option<Region> {
        let said = |all: &[Said]| -> BTreeSet<Id> {
            all.iter().filter(|s| s.only.is_none_or(|o| o == outcome)).map(|s| s.holds).collect()
        };
        let (some, others) = (said(some), said(others));
        let one_of: Vec<Id> = some.difference(&others).copied().collect();
        if one_of.is_empty() {
            return None;
        }
        let newly = Reach { core: YES, one_of: Some(one_of), without: others.into_iter().collect() };
        let [was, is] = [0, 1].map(|n| self.sides[n].reaches(outcome));
        let mut out = Region::none(self.piece);
        for before in &was {
            for after in &is {
                let part = self.both(&[&newly, before, after]);
                self.diagrams(|d| out.join(d, part));
            }
        }
        (!self.diagrams(|d| out.is_empty(d))).then_some(out)
    }

    /// What a decision says besides its outcome, each with where it says so.
    fn things(&self, side: usize) -> BTreeMap<(&'static str, String), Vec<Said>> {
        let side = &self.sides[side];
        let (world, day) = (side.world(), side.view.day());
        let mut out: BTreeMap<(&'static str, String), Vec<Said>> = BTreeMap::new();
        let mut add = |what: &'static str, name: String, holds: Id, only: Option<Outcome>| {
            out.entry((what, name)).or_default().push(Said { holds, only });
        };
        for leaf in side.view.leaves().filter(|l| l.policy == Some(side.policy)) {
            add("entry", side.entry(leaf), side.view.leaf(leaf), None);
        }
        for (id, stands) in &side.standing {
            let rule = world.rule(*id);
            let licences = match &rule.effect {
                Some(Effect::Permit(Some(l))) => vec![*l],
                Some(Effect::Require(groups)) => groups.iter().flatten().copied().collect(),
                _ => Vec::new(),
            };
            let licences = || licences.iter().map(|l| world.licence(*l)).filter(|l| l.in_force.on(day));
            if let Some(effect) = &rule.effect {
                // A rule decides where the outcome is the one that it leads to.
                let decides = Some(outcome_of(effect));
                add("rule", rule.name.clone(), *stands, decides);
                if let Effect::Require(groups) = effect {
                    for group in groups {
                        add("licence", world.any_of(group), *stands, None);
                    }
                }
                for (what, text) in [("review", &rule.review), ("reason", &rule.reason)] {
                    text.iter().for_each(|t| add(what, t.clone(), *stands, decides));
                }
                if let Effect::Permit(Some(l)) = effect {
                    add("licence", format!("under {}", world.licence(*l).name), *stands, decides);
                }
            }
            let permits = matches!(rule.effect, Some(Effect::Permit(_)));
            let duties = rule.duties.iter().chain(licences().filter(|_| permits).flat_map(|l| &l.duties));
            for duty in duties {
                let when = duty.timing.as_ref().map_or(String::new(), |t| format!(" ({t})"));
                add("duty", format!("{}{when}", duty.text), *stands, None);
            }
            for document in rule.documents.iter().chain(licences().flat_map(|l| &l.documents)) {
                add("document", document.code.clone(), *stands, None);
            }
        }
        out
    }

    /// Puts a region into words, with a consignment to show for it.
    fn emit(&mut self, key: Key, region: Change, about: Option<About>) {
        self.unreliable |= !self.view().reliable(&region.all.functions());
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
        let witness = self.replay.witness(&region.shown, step.from, step.to);
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
            facts: self.words.facts(&region.all),
            except: region.except.into_iter().collect(),
            witness,
        });
    }
}

/// True for a fact that holds tariff codes, which all entries ask for.
fn is_tariff(world: &World, fact: FactId) -> bool {
    matches!(world.fact(fact).ty.element(), Type::Code(Scheme::Tariff))
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
