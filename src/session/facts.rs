//! What is known of the consignment at hand: facts given, presumed, unknown; and one fact in full.

use crate::consignment::one;
use crate::diagnostic::Diagnostic;
use crate::eval::decision::{Missing, Presumed};
use crate::model::display;
use crate::report::law;
use crate::report::{Line, Mark, Page};
use crate::span::Span;

use super::draft::{Change, shown};
use super::{Reply, Session, Trouble, question};

/// What a line has set.
pub fn changed(changes: &[Change]) -> Vec<Line> {
    let mut page = Page::default();
    for c in changes {
        let now = c.after.as_ref().map_or("unknown".to_owned(), shown);
        let was = match &c.before {
            Some(before) if Some(before) != c.after.as_ref() => format!(" (it was {})", shown(before)),
            _ => String::new(),
        };
        page.wrap(Mark::Plain, "  ", &format!("{} is {now}{was}", c.name));
    }
    page.lines
}

impl Session {
    /// What a name alone asks for: a fact with its value, or a piece of law; nothing for a condition to be asked.
    pub(super) fn named(&self, name: &str, at: Span, line: &str) -> Result<Option<Vec<Line>>, Trouble> {
        let policy = self.policy()?;
        let world = policy.world();
        let Some(id) = world.fact_named(name) else {
            let found = law::show(policy, name);
            if !found.is_empty() {
                return Ok(Some(found));
            }
            let mut problem = one::unknown(world, name, at);
            if let Some(near) = law::nearest_name(policy, name) {
                problem = problem.help(format!("did you mean `{near}`?"));
            }
            return Err(self.problems(line, vec![problem]));
        };
        let fact = world.fact(id);
        let mut page = Page::default();
        if fact.is_named_condition() {
            // It has a value like any condition, and a meaning.
            for (days, c) in &fact.means {
                let days = if days.0.is_empty() { String::new() } else { format!(" ({days})") };
                page.wrap(Mark::Small, "  means ", &format!("{}{days}", display::cond(c, world)));
            }
            if let Ok(case) = self.case() {
                let cond =
                    crate::model::Cond::Atom(crate::model::Atom { span: at, kind: crate::model::AtomKind::Means(id) });
                let asked = question::ask(policy, &case, &cond).map_err(|b| super::broken(&b))?;
                let mut lines = question::report(policy, &asked);
                lines.extend(page.lines);
                return Ok(Some(lines));
            }
            return Ok(Some(page.lines));
        }
        let presumed = if fact.presumed.is_some() { self.leaned_on(name) } else { Vec::new() };
        for (shown_name, given) in self.draft.given(name, fact.level) {
            let text = match (given, presumed.first()) {
                (Some(text), _) => format!("{shown_name} is {} (given)", shown(text)),
                (None, Some(p)) => format!("{shown_name} is {} (presumed)", question::json_shown(&p.value)),
                (None, None) => format!("{shown_name} is unknown"),
            };
            page.wrap(Mark::Heading, "", &text);
        }
        page.wrap(Mark::Plain, "  asks     ", &fact.question());
        if let Some(who) = &fact.answered_by {
            page.wrap(Mark::Plain, "  answered ", &format!("by {who}"));
        }
        page.wrap(Mark::Plain, "  expects  ", &fact.ty.expects(world));
        if let Some(p) = &fact.presumed {
            let ground = p.because.as_deref().map_or(String::new(), |b| format!(", {b}"));
            let unless = p.unless.as_ref().map_or(String::new(), |c| format!(", unless {}", display::cond(c, world)));
            page.wrap(Mark::Plain, "  presumed ", &format!("{}{unless}{ground}", p.value.display(&fact.ty, world)));
        }
        page.put(Mark::Small, format!("  {}", policy.sources().place(fact.span)));
        Ok(Some(page.lines))
    }

    /// The presumptions of a fact that the decision leans on.
    fn leaned_on(&self, name: &str) -> Vec<Presumed> {
        let decided = self.case().ok().and_then(|case| self.decide(&case, false).ok());
        let all = decided.iter().flat_map(|d| d.policies.iter().chain(d.items.iter().flat_map(|i| &i.policies)));
        all.flat_map(|p| p.presumed.iter().filter(|x| x.fact == name).cloned()).collect()
    }

    /// `:facts`
    pub(super) fn facts(&self) -> Reply {
        let mut page = Page::default();
        let mut given: Vec<String> = Vec::new();
        let d = &self.draft;
        given.extend(d.shared.iter().map(|(n, t)| format!("{n} = {}", shown(t))));
        for (i, item) in d.items.iter().enumerate() {
            let named = |n: &String| d.name(super::draft::Place::Item(i), n);
            given.extend(item.iter().map(|(n, t)| format!("{} = {}", named(n), shown(t))));
        }
        for (i, held) in d.licences.iter().enumerate() {
            given.push(format!("licences[{}].licence = {}", i + 1, held.kind));
            let named = |n: &String| d.name(super::draft::Place::Licence(i), n);
            given.extend(held.fields.iter().map(|(n, t)| format!("{} = {}", named(n), shown(t))));
        }
        if given.is_empty() {
            page.put(Mark::Plain, "Nothing is given.");
        }
        page.section("Given", &given);
        let case = match self.case() {
            Ok(case) => case,
            Err(Trouble::Problems(_, problems)) => {
                problems.iter().for_each(|p: &Diagnostic| {
                    let help = p.help.as_deref().map_or(String::new(), |h| format!("; {h}"));
                    page.wrap(Mark::Plain, "  ! ", &format!("{}{help}", p.message));
                });
                return Ok(page.lines);
            }
            Err(other) => return Err(other),
        };
        let decision = self.decide(&case, false)?;
        let all = || decision.policies.iter().chain(decision.items.iter().flat_map(|i| &i.policies));
        let mut presumed: Vec<String> = Vec::new();
        for p in all().flat_map(|p| &p.presumed) {
            let text = format!("{} = {}", p.fact, question::json_shown(&p.value));
            if !presumed.contains(&text) {
                presumed.push(text);
            }
        }
        page.section("Presumed, and the answer leans on it", &presumed);
        let mut missing: Vec<Missing> = Vec::new();
        for m in all().flat_map(|p| &p.missing) {
            if !missing.contains(m) {
                missing.push(m.clone());
            }
        }
        if missing.is_empty() {
            page.put(Mark::Plain, "Nothing is left to ask.");
        } else {
            page.put(Mark::Heading, "Unknown, and it matters");
            question::hangs_on(&missing, &mut page);
        }
        let mut claims: Vec<String> =
            all().flat_map(|p| &p.claimable).map(|c| format!("{}: {}", c.rule, c.facts.join(", "))).collect();
        claims.dedup();
        page.section("Not raised, and it could be claimed", &claims);
        Ok(page.lines)
    }
}
