//! Ways round a rule, as text or Markdown: the direct way first, then the paths, the surest first, then who could close
//! them.

use std::collections::BTreeSet;

use crate::analyze::routes::{Answer, At, Change, Leg, NotHere, Route, Routes, Sure, WhyNotHere};
use crate::eval::Outcome;
use crate::spelling::counted;

use super::{Line, Mark, Page, ending, words};

/// How many states of one stop are named; all are in the JSON.
const STATES: usize = 40;

/// How many kinds of paths are shown that are equally sure; all are in the JSON.
const KINDS: usize = 6;

/// How many facts are named that an answer waits for.
const FACTS: usize = 4;

/// How many doubts are shown; all are in the JSON.
const DOUBTS: usize = 6;

/// The answer as lines.
pub fn lines(routes: &Routes) -> Vec<Line> {
    let mut page = Page::default();
    let (answer, mark) = answer(routes.answer);
    let title = format!("{} to {}, ways round: {answer} (law of {})", routes.from, routes.to, routes.as_of);
    page.wrap(Mark::Answer(mark), "", &title);
    let facts: Vec<String> = routes.facts.iter().map(|(fact, value)| format!("{fact} {value}")).collect();
    page.wrap(Mark::Plain, "  ", &facts.join(", "));
    page.put(Mark::Plain, "");
    page.wrap(Mark::Heading, "", "The direct way");
    leg(&routes.direct, &mut page);
    explain(routes, &mut page);
    for (sure, title) in [
        (Sure::Open, "OPEN: every leg is weaker, by law that is loaded"),
        (Sure::Depends, "DEPENDS: whether every leg is weaker waits for facts"),
        (Sure::Unknown, "UNKNOWN: a state on the way has no policy loaded, and nothing else closes it"),
    ] {
        let found: Vec<&Route> = routes.routes.iter().filter(|r| r.sure == sure).collect();
        if found.is_empty() {
            continue;
        }
        page.put(Mark::Plain, "");
        page.wrap(Mark::Heading, "", title);
        found.iter().take(KINDS).for_each(|r| route(r, &mut page));
        if let Some(rest) = found.get(KINDS..).filter(|rest| !rest.is_empty()) {
            let paths = rest.iter().map(|r| r.paths).sum();
            let more =
                format!("and {} of {} more kinds (with --format json)", counted(paths, "path", "paths"), rest.len());
            page.wrap(Mark::Plain, "  ", &more);
        }
    }
    closing(routes, &mut page);
    small(routes, &mut page);
    page.lines
}

fn answer(answer: Answer) -> (&'static str, Option<Outcome>) {
    match answer {
        Answer::Open => ("OPEN", Some(Outcome::Prohibited)),
        Answer::Depends => ("UNDETERMINED", None),
        Answer::Unknown => ("UNKNOWN", None),
        Answer::Closed => ("CLOSED", Some(Outcome::Permitted)),
        Answer::NothingToGoRound => ("NOTHING TO GO ROUND", Some(Outcome::Permitted)),
        Answer::DirectUndetermined => ("UNDETERMINED", None),
        Answer::DirectUnknown => ("UNKNOWN", None),
    }
}

/// Where there are no paths, why.
fn explain(routes: &Routes, page: &mut Page) {
    let text = match routes.answer {
        Answer::Closed => format!(
            "Every path with one stop or two has a leg on which the law asks for as much; all {} states were tried.",
            routes.states
        ),
        Answer::NothingToGoRound => "The direct way asks for nothing, so there is nothing to go round.".to_owned(),
        Answer::DirectUndetermined => {
            "What the direct way asks for is open. Say more of the goods, in their file or with --set.".to_owned()
        }
        Answer::DirectUnknown => {
            format!("No policy loaded speaks for exports from {}, so what holds directly is unknown.", routes.from)
        }
        _ => return,
    };
    page.put(Mark::Plain, "");
    page.wrap(Mark::Plain, "", &text);
}

fn route(route: &Route, page: &mut Page) {
    let first: Vec<&str> = route.legs.iter().map(|l| l.from.as_str()).collect();
    let end = route.legs.last().map_or("", |l| l.to.as_str());
    let mut title = format!("{} -> {end}", first.join(" -> "));
    if route.paths > 1 {
        title.push_str(&format!(", {}", counted(route.paths, "path", "paths")));
    }
    page.put(Mark::Plain, "");
    page.wrap(Mark::Plain, "  ", &title);
    for stop in &route.stops {
        let Some((name, others)) = stop.split_first().filter(|(_, others)| !others.is_empty()) else { continue };
        page.wrap(Mark::Plain, "  ", &format!("for {name} also {}", states(others)));
    }
    route.legs.iter().for_each(|l| leg(l, page));
}

/// The codes of states, of many the first.
fn states(codes: &[String]) -> String {
    let named = codes.iter().take(STATES).map(String::as_str).collect::<Vec<_>>().join(", ");
    match codes.len().saturating_sub(STATES) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn leg(leg: &Leg, page: &mut Page) {
    let word = match (&leg.no_law_of, leg.outcome.0) {
        (Some(state), _) => format!("UNKNOWN, no policy loaded speaks for what leaves {state} on it"),
        (None, Some(outcome)) => words(Some(outcome)).to_owned(),
        (None, None) => {
            let possible: Vec<String> = leg.possible.iter().map(|o| words(Some(*o)).to_lowercase()).collect();
            format!("UNDETERMINED ({})", possible.join(", "))
        }
    };
    page.wrap(Mark::Plain, "  - ", &format!("{} -> {}: {word}", leg.from, leg.to));
    for said in &leg.policies {
        let mut text = match said.rules.as_slice() {
            [] if said.outcome == Outcome::Permitted.as_str() => "no rule asks for anything".to_owned(),
            [] => format!("{}, by no rule for certain", said.outcome.replace('_', " ")),
            rules => {
                let each = rules.iter().map(|r| match &r.review {
                    Some(review) => format!("{} ({}; applications: {review})", r.title, r.cite),
                    None => format!("{} ({})", r.title, r.cite),
                });
                each.collect::<Vec<_>>().join("; ")
            }
        };
        if let Some(under) = &said.under {
            text.push_str(&format!("; under {under}"));
        }
        page.wrap(Mark::Plain, "    - ", &format!("{}: {text}", said.policy));
    }
    for n in &leg.not_here {
        page.wrap(Mark::Plain, "    - ", &not_here(n));
    }
    if !leg.missing.is_empty() {
        let named = leg.missing.iter().take(FACTS).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = match leg.missing.len().saturating_sub(FACTS) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        page.wrap(Mark::Plain, "    - ", &format!("waits for {named}{more}"));
    }
}

fn not_here(n: &NotHere) -> String {
    let NotHere { policy, rule, .. } = n;
    match (n.why, &n.by) {
        (WhyNotHere::Defeated, Some(by)) => format!("{policy}: {rule} gives way to {by}"),
        (WhyNotHere::OutOfReach, _) => format!("{policy} does not reach it"),
        (WhyNotHere::Open, _) => format!("{policy}: whether {rule} applies is open"),
        _ => format!("{policy}: {rule} says nothing of it"),
    }
}

fn closing(routes: &Routes, page: &mut Page) {
    if routes.closing.is_empty() {
        return;
    }
    page.put(Mark::Plain, "");
    let title = format!("Whose law could close the most of {}", counted(routes.paths, "path", "paths"));
    page.wrap(Mark::Heading, "", &title);
    for change in routes.closing.iter().take(KINDS) {
        page.wrap(Mark::Plain, "  - ", &self::change(routes, change));
    }
    if let Some(rest) = routes.closing.get(KINDS..).filter(|rest| !rest.is_empty()) {
        page.wrap(Mark::Plain, "  ", &format!("and {} more changes (with --format json)", rest.len()));
    }
}

fn change(routes: &Routes, c: &Change) -> String {
    let number = if c.closes == routes.paths { "all".to_owned() } else { c.closes.to_string() };
    let on = match c.at {
        At::Start => format!("what leaves {} for the first stop", routes.from),
        At::Stop => format!("what comes through {}", states(&c.states)),
        At::End => format!("what enters {}", routes.to),
    };
    match (&c.policy, c.extend.is_empty(), c.states.as_slice()) {
        (Some(policy), false, _) => format!("{policy}, {} extended to {on}: {number}", c.extend.join(" and ")),
        (Some(policy), true, _) => format!("{policy}, a rule added on {on}: {number}"),
        (None, _, [_]) => format!("a rule there, where no policy is loaded, on {on}: {number}"),
        (None, _, many) => {
            format!("a rule in any one of {} states without a policy loaded, on {on}: {number} each", many.len())
        }
    }
}

fn small(routes: &Routes, page: &mut Page) {
    let legs: Vec<&Leg> = std::iter::once(&routes.direct).chain(routes.routes.iter().flat_map(|r| &r.legs)).collect();
    let presumed: BTreeSet<String> =
        legs.iter().flat_map(|l| &l.presumed).map(|p| format!("{} {}", p.fact, p.value)).collect();
    if !presumed.is_empty() {
        page.put(Mark::Plain, "");
        page.put(Mark::Heading, "Presumed on these legs");
        page.wrap(Mark::Plain, "  - ", &presumed.into_iter().collect::<Vec<_>>().join(", "));
    }
    let doubts: BTreeSet<&String> = legs.iter().flat_map(|l| &l.doubts).collect();
    if !doubts.is_empty() {
        page.put(Mark::Plain, "");
        page.put(Mark::Heading, "Doubts in the law of these legs");
        doubts.iter().take(DOUBTS).for_each(|d| page.wrap(Mark::Plain, "  - ", d));
        if let Some(more) = doubts.len().checked_sub(DOUBTS).filter(|n| *n > 0) {
            page.wrap(Mark::Plain, "  - ", &format!("and {more} more (with --format json)"));
        }
    }
    if !routes.resolved {
        page.put(Mark::Plain, "");
        page.wrap(Mark::Plain, "  ! ", "A limit was reached: legs may be shown as open or unknown that are not.");
    }
    if !routes.routes.is_empty() {
        page.put(Mark::Plain, "");
        let text = format!(
            "All {} states were tried, as one stop and as two. Each leg is decided as an export that ends where the leg \
             ends; whoever knows that the goods go on has to say so, and may be held to more.",
            routes.states
        );
        page.wrap(Mark::Small, "", &text);
    }
    ending(page, routes.known_to.iter().map(|(name, last)| (name.as_str(), last.clone())));
}

/// Lines as Markdown.
pub fn markdown(lines: &[Line]) -> String {
    let mut out = String::new();
    // How far in the text of the last list item stands; none after anything else.
    let mut item: Option<usize> = None;
    for line in lines {
        let text = line.text.replace('_', "\\_").replace('*', "\\*").replace('<', "\\<").replace("->", "→");
        let bare = text.trim_start();
        let indent = text.len() - bare.len();
        let head = match line.mark {
            Mark::Answer(_) if out.is_empty() => "# ",
            Mark::Heading => "## ",
            _ => "",
        };
        if !head.is_empty() {
            out.push_str(&format!(
                "{}{head}{text}\n\n",
                if out.is_empty() || out.ends_with("\n\n") { "" } else { "\n" }
            ));
            item = None;
        } else if bare.is_empty() {
            out.push_str(if out.ends_with("\n\n") { "" } else { "\n" });
            item = None;
        } else if let Some(rest) = bare.strip_prefix("- ") {
            out.push_str(&format!("{}- {rest}\n", " ".repeat(indent.saturating_sub(2))));
            item = Some(indent + 2);
        } else if item == Some(indent) {
            out.truncate(out.trim_end_matches('\n').len());
            out.push_str(&format!(" {bare}\n"));
        } else {
            out.push_str(&format!("{bare}\n"));
            item = None;
        }
    }
    out
}
