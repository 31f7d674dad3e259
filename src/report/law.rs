//! Law as encoded, for readers: one declaration in full, or those that a text or code leads to.

use std::collections::BTreeSet;

use crate::model::code::Under;
use crate::model::{Category, CategoryId, Expected, PolicyId, Scheme, World, display, phrase};
use crate::policy::Policy;
use crate::source::Sources;
use crate::span::Span;
use crate::spelling::nearest;

use super::{Line, Mark, Page, ending};

/// Everything of that name, in full.
pub fn show(policy: &Policy, name: &str) -> Vec<Line> {
    crate::stack::deep(|| show_all(policy, name))
}

fn show_all(policy: &Policy, name: &str) -> Vec<Line> {
    let (world, sources) = (policy.world(), policy.sources());
    let (mut page, mut of) = (Page::default(), Vec::new());
    for (i, c) in world.categories.iter().enumerate().filter(|(_, c)| c.name == name && !c.unnamed) {
        of.push(c.policy);
        category(policy, CategoryId(i as u32), c, &mut page);
    }
    for rule in world.rules.iter().filter(|r| r.name == name) {
        of.push(Some(rule.policy));
        head(&mut page, &format!("{} {} \"{}\"", kind_word(rule.kind), rule.name, rule.title), sources, rule.span);
        page.wrap(Mark::Plain, "  cite     ", &rule.cite);
        page.wrap(Mark::Plain, "  in force ", &rule.in_force.to_string());
        if let Some(claimed) = &rule.claimed {
            page.wrap(Mark::Plain, "  claimed  ", &display::cond(claimed, world));
        }
        page.wrap(Mark::Plain, "  when     ", &display::cond(&rule.cond, world));
        page.wrap(Mark::Plain, "  then     ", &effect(rule, world));
        let defeats: Vec<&str> = rule.targets.iter().map(|t| world.rule(*t).name.as_str()).collect();
        if !defeats.is_empty() {
            page.wrap(Mark::Plain, "  defeats  ", &defeats.join(", "));
        }
        let id = world.rules.iter().position(|r| r.span == rule.span);
        let by: Vec<&str> = world
            .rules
            .iter()
            .filter(|r| r.targets.iter().any(|t| Some(t.index()) == id))
            .map(|r| r.name.as_str())
            .collect();
        if !by.is_empty() {
            page.wrap(Mark::Plain, "  gives way", &format!(" to {}", by.join(", ")));
        }
        for d in rule.documents.iter() {
            page.wrap(
                Mark::Plain,
                "  document ",
                &format!("{}{}", d.code, if d.negative { " (negative)" } else { "" }),
            );
        }
        for d in &rule.duties {
            page.wrap(Mark::Plain, "  duty     ", &d.text);
        }
        remark(&mut page, rule.note.as_deref());
        remark(&mut page, rule.doubt.as_deref());
        tests(policy, name, &mut page);
    }
    for l in world.licences.iter().filter(|l| l.name == name) {
        of.push(Some(l.policy));
        head(&mut page, &format!("licence {} \"{}\"", l.name, l.title), sources, l.span);
        for d in &l.documents {
            page.wrap(Mark::Plain, "  document ", &d.code);
        }
        for d in &l.duties {
            let when = d.timing.as_deref().map_or(String::new(), |t| format!(" ({t})"));
            page.wrap(Mark::Plain, "  duty     ", &format!("{}{when}", d.text));
        }
        if let Some(c) = &l.covers {
            page.wrap(Mark::Plain, "  covers   ", &display::cond(c, world));
        }
        remark(&mut page, l.doubt.as_deref());
    }
    for f in world.facts.iter().filter(|f| f.name == name) {
        of.push(f.policy);
        head(&mut page, &format!("fact {}", f.name), sources, f.span);
        page.wrap(Mark::Plain, "  asks     ", &f.question());
        page.wrap(Mark::Plain, "  expects  ", &f.ty.expects(world));
        if let crate::model::Type::Choice(id) = &f.ty {
            let values: Vec<&str> =
                world.enum_type(*id).map(|e| e.values.iter().map(|v| v.name.as_str()).collect()).unwrap_or_default();
            page.wrap(Mark::Plain, "  values   ", &values.join(", "));
        }
        for (days, c) in &f.means {
            page.wrap(Mark::Plain, "  means    ", &format!("{} ({days})", display::cond(c, world)));
        }
        if let Some(p) = &f.presumed {
            let ground = p.because.as_deref().map_or(String::new(), |b| format!(": {b}"));
            page.wrap(Mark::Plain, "  presumed ", &format!("{}{ground}", p.value.display(&f.ty, world)));
        }
        remark(&mut page, f.note.as_deref());
        f.doubts.iter().for_each(|(_, d)| remark(&mut page, Some(d)));
    }
    for g in world.groups.iter().filter(|g| g.name == name) {
        of.push(None);
        head(&mut page, &format!("group {}", g.name), sources, g.span);
        if let Some(cite) = &g.cite {
            page.wrap(Mark::Plain, "  cite     ", cite);
        }
        match &g.body {
            crate::model::GroupBody::Members(members) => {
                let list: Vec<String> = members
                    .iter()
                    .map(|(v, days, doubt)| {
                        let days = if days.0.is_empty() { String::new() } else { format!(" {days}") };
                        let doubt = doubt.as_ref().map_or(String::new(), |d| format!(" ({d})"));
                        format!("{}{days}{doubt}", v.display(&g.ty, world))
                    })
                    .collect();
                page.wrap(Mark::Plain, "  members  ", &list.join(", "));
            }
            crate::model::GroupBody::Expr(_) => {
                page.wrap(Mark::Plain, "  members  ", sources.text(g.span));
            }
        }
        remark(&mut page, g.doubt.as_deref());
    }
    for list in world.words.iter().filter(|w| w.name == name) {
        of.push(None);
        head(&mut page, &format!("words {}", list.name), sources, list.span);
        for (language, phrases) in list.words.iter() {
            page.wrap(Mark::Plain, "  words    ", &format!("{language}: {}", phrases.join(", ")));
        }
    }
    for p in world.policies.iter().filter(|p| p.name == name) {
        let id = world.policies.iter().position(|q| q.name == p.name).map(|i| PolicyId(i as u32));
        of.push(id);
        head(&mut page, &format!("policy {} \"{}\"", p.name, p.title), sources, p.span);
        page.wrap(Mark::Plain, "  source   ", &p.source);
        page.wrap(Mark::Plain, "  applies  ", &display::cond(&p.applies, world));
        for gap in &p.unmodelled {
            page.wrap(Mark::Plain, "  not here ", gap);
        }
        remark(&mut page, p.doubt.as_deref());
    }
    if !of.is_empty() {
        known(&mut page, world, &of);
    }
    page.lines
}

fn remark(page: &mut Page, text: Option<&str>) {
    if let Some(text) = text {
        page.wrap(Mark::Plain, "  remark   ", text);
    }
}

/// The end of an answer about declarations of these policies; what belongs to none is shared by all.
fn known(page: &mut Page, world: &World, of: &[Option<PolicyId>]) {
    let named: BTreeSet<PolicyId> = of.iter().flatten().copied().collect();
    let all = named.is_empty() || of.contains(&None);
    let policies = world.policies.iter().enumerate().filter(|(i, _)| all || named.contains(&PolicyId(*i as u32)));
    ending(page, policies.map(|(_, p)| (p.name.as_str(), p.known.to.map(|day| day.to_string()))));
}

/// The nearest name of anything that can be shown.
pub fn nearest_name<'p>(policy: &'p Policy, name: &str) -> Option<&'p str> {
    let w = policy.world();
    let names = w.categories.iter().map(|c| c.name.as_str());
    let names = names.chain(w.rules.iter().map(|r| r.name.as_str())).chain(w.licences.iter().map(|l| l.name.as_str()));
    nearest(name, {
        let names = names.chain(w.facts.iter().map(|f| f.name.as_str()));
        let names = names.chain(w.words.iter().map(|l| l.name.as_str()));
        names.chain(w.groups.iter().map(|g| g.name.as_str())).chain(w.policies.iter().map(|p| p.name.as_str()))
    })
}

/// That nothing was found, and how far what was searched is known.
pub fn nothing_found(policy: &Policy, text: &str) -> Vec<Line> {
    let mut page = Page::default();
    page.wrap(Mark::Plain, "", &format!("nothing found for `{text}`; that is no clearance"));
    known(&mut page, policy.world(), &[]);
    page.lines
}

/// Entries that list a tariff code, wholly or in part; or entries and rules that hold a text.
pub fn find(policy: &Policy, text: &str) -> Vec<Line> {
    let world = policy.world();
    let (mut page, mut of) = (Page::default(), Vec::new());
    if let Ok(code) = Scheme::Tariff.normalise(text) {
        for c in world.categories.iter().filter(|c| !c.unnamed) {
            for (_, list) in c.codes.iter().filter(|(_, l)| l.scheme == Scheme::Tariff) {
                let how = match list.covers(&code, false) {
                    Under::No => continue,
                    Under::Unclear => "lists some codes below it".to_owned(),
                    Under::Yes => match list.which(&code) {
                        Some((heading, true)) => format!("lists {heading} in part (ex)"),
                        Some((heading, false)) => format!("lists {heading} wholly"),
                        None => "lists it".to_owned(),
                    },
                };
                of.push(c.policy);
                found(&mut page, policy, c, &how);
            }
        }
        if !of.is_empty() {
            known(&mut page, world, &of);
        }
        return page.lines;
    }
    let wanted = text.to_lowercase();
    let holds = |s: &str| s.to_lowercase().contains(&wanted);
    let says = |w: &str| holds(w) || phrase::read(w).is_ok_and(|p| p.is_said_by(&wanted));
    // What is of no policy, and so no law, comes behind.
    let named = || world.categories.iter().filter(|c| !c.unnamed);
    for c in named().filter(|c| c.policy.is_some()).chain(named().filter(|c| c.policy.is_none())) {
        let word = world.words_of(c).find(|(_, w)| says(w));
        let how = if c.name == text || c.title.as_deref().is_some_and(holds) {
            "found by its title".to_owned()
        } else if let Some((language, word)) = word {
            format!("found by the words \"{}\" ({language})", phrase::plain(word))
        } else if c.note.as_deref().is_some_and(holds) {
            "found by a note".to_owned()
        } else {
            continue;
        };
        of.push(c.policy);
        found(&mut page, policy, c, &how);
    }
    for r in world.rules.iter().filter(|r| holds(&r.title) || holds(&r.cite) || holds(&r.name)) {
        of.push(Some(r.policy));
        page.put(Mark::Heading, format!("{} {}", kind_word(r.kind), r.name));
        page.wrap(Mark::Plain, "  ", &format!("{} ({})", r.title, r.cite));
    }
    if !of.is_empty() {
        known(&mut page, world, &of);
    }
    page.lines
}

fn found(page: &mut Page, policy: &Policy, c: &Category, how: &str) {
    let of = c.policy.map_or("of no policy", |p| policy.world().policies[p.index()].name.as_str());
    page.put(Mark::Heading, format!("{} ({of}, {})", c.name, days(policy.world(), c)));
    page.wrap(Mark::Plain, "  ", c.title.as_deref().unwrap_or(""));
    let cite = c.cite.as_deref().map_or(String::new(), |cite| format!("{cite} - "));
    page.wrap(Mark::Small, "  ", &format!("{cite}{how}"));
}

/// When an entry is in force, what it stands in counted.
fn days(world: &World, c: &Category) -> String {
    let (mut all, mut at) = (Some(c.in_force.clone()), c.parent);
    while let Some(parent) = at {
        let p = world.category(parent);
        all = all.and_then(|d| d.intersect(&p.in_force));
        at = p.parent;
    }
    all.map_or_else(
        || "never in force".to_owned(),
        |d| if d.0.is_empty() { "always in force".to_owned() } else { format!("in force {d}") },
    )
}

fn category(policy: &Policy, id: CategoryId, c: &Category, page: &mut Page) {
    let world = policy.world();
    let title = c.title.as_deref().map_or(String::new(), |t| format!(" \"{t}\""));
    head(page, &format!("entry {}{title}", c.name), policy.sources(), c.span);
    if let Some(cite) = &c.cite {
        page.wrap(Mark::Plain, "  cite     ", cite);
    }
    page.wrap(Mark::Plain, "  days     ", &days(world, c));
    for (_, list) in &c.codes {
        let codes: Vec<String> = list
            .items
            .iter()
            .map(|i| {
                let to = i.to.as_deref().map_or(String::new(), |t| format!(" to {}", list.scheme.display(t)));
                let except =
                    if i.except.is_empty() { String::new() } else { format!(" except {}", i.except.join(" and ")) };
                format!("{}{}{to}{except}", if i.ex { "ex " } else { "" }, list.scheme.display(&i.from))
            })
            .collect();
        page.wrap(Mark::Plain, "  codes    ", &codes.join(", "));
        for (code, because) in &list.accepts {
            page.wrap(Mark::Plain, "  accepts  ", &format!("{}: {because}", list.scheme.display(code)));
        }
    }
    if !c.cond.is_always() {
        page.wrap(Mark::Plain, "  when     ", &display::cond(&c.cond, world));
    }
    for child in &c.children {
        let child = world.category(*child);
        if child.unnamed {
            let code = if child.whatever_code { "whatever the code, " } else { "" };
            page.wrap(Mark::Plain, "  or       ", &format!("{code}{}", display::cond(&child.cond, world)));
        } else {
            page.wrap(Mark::Plain, "  holds    ", &format!("{}: {}", child.name, child.title.as_deref().unwrap_or("")));
        }
    }
    if !c.words_of.is_empty() {
        let of: Vec<&str> =
            c.words_of.iter().filter_map(|id| Some(world.words.get(id.index())?.name.as_str())).collect();
        page.wrap(Mark::Plain, "  words    ", &format!("those of {}", of.join(", ")));
    }
    for (language, words) in &c.words {
        page.wrap(Mark::Plain, "  words    ", &format!("{language}: {}", words.join(", ")));
    }
    for text in [&c.note, &c.doubt].into_iter().flatten() {
        page.wrap(Mark::Plain, "  remark   ", text);
    }
    let users: Vec<&str> = world
        .rules
        .iter()
        .filter(|r| {
            let mut uses = false;
            r.cond.atoms(&mut |a, _| {
                if let crate::model::AtomKind::In(list) = &a.kind {
                    uses |= list.iter().any(|l| is_or_holds(world, *l, id));
                }
            });
            uses
        })
        .map(|r| r.name.as_str())
        .collect();
    if !users.is_empty() {
        page.wrap(Mark::Plain, "  rules    ", &users.join(", "));
    }
    tests(policy, &c.name, page);
}

fn is_or_holds(world: &World, outer: CategoryId, inner: CategoryId) -> bool {
    let mut at = Some(inner);
    while let Some(id) = at {
        if id == outer {
            return true;
        }
        at = world.category(id).parent;
    }
    false
}

fn tests(policy: &Policy, name: &str, page: &mut Page) {
    let world = policy.world();
    let naming = world.tests.iter().filter(|t| {
        let about = [Expected::By, Expected::In, Expected::Near, Expected::Claimable];
        let mut parts = t.expects.iter().flat_map(|e| &e.parts);
        parts.any(|p| about.contains(&p.what) && p.names.iter().any(|n| n == name))
    });
    let names: Vec<&str> = naming.map(|t| t.name.as_str()).collect();
    if !names.is_empty() {
        let more = names.len().saturating_sub(5);
        let mut text = names.iter().take(5).copied().collect::<Vec<_>>().join("; ");
        if more > 0 {
            text.push_str(&format!("; and {more} more"));
        }
        page.wrap(Mark::Plain, "  tests    ", &text);
    }
}

fn kind_word(kind: crate::model::RuleKind) -> &'static str {
    match kind {
        crate::model::RuleKind::Rule => "rule",
        crate::model::RuleKind::Exception => "exception",
        crate::model::RuleKind::Bar => "bar",
    }
}

fn effect(rule: &crate::model::Rule, world: &World) -> String {
    use crate::model::Effect;
    match &rule.effect {
        None => "nothing by itself".to_owned(),
        Some(Effect::Prohibit) => "prohibit".to_owned(),
        Some(Effect::Permit(None)) => "permit".to_owned(),
        Some(Effect::Permit(Some(l))) => format!("permit under {}", world.licence(*l).name),
        Some(Effect::Require(groups)) => format!("require {}", world.all_of(groups)),
    }
}

fn head(page: &mut Page, title: &str, sources: &Sources, span: Span) {
    if !page.lines.is_empty() {
        page.put(Mark::Plain, "");
    }
    page.wrap(Mark::Heading, "", title);
    page.put(Mark::Small, format!("  {}", sources.place(span)));
}
