//! A question of an interview in words.

use crate::interview::{About, Question};

use super::{Line, Mark, Page, short, words};

/// A question as lines: what is asked, what can be answered, what is still possible.
pub fn question(number: usize, question: &Question) -> Vec<Line> {
    let mut page = Page::default();
    let which = match (question.item, question.name.starts_with("licence.")) {
        (None, _) => String::new(),
        (Some(n), true) => format!(" (licence {n})"),
        (Some(n), false) => format!(" (item {n})"),
    };
    page.wrap(Mark::Heading, &format!("{number}. "), &format!("{}{which} [{}]", question.ask, question.name));
    let mut put = |text: &str| page.wrap(Mark::Plain, "   ", text);
    put(&format!("Answer: {}.", expected(question)));
    if let Some(given) = &question.given {
        put(&format!("Known so far: {given}. Can it be said more exactly?"));
    }
    if let (About::Claim, Some(rule)) = (question.about, question.why.first()) {
        let cite = rule.cite.as_deref().map_or(String::new(), |c| format!(" ({c})"));
        put(&format!("It has to be raised and shown by who relies on it: {}{cite}.", rule.title));
    }
    if let Some(presumed) = &question.presumed {
        put(&format!("Without an answer it is taken to be {presumed}."));
    }
    if let Some(who) = &question.answered_by {
        put(&format!("Who can tell: {who}."));
    }
    let possible: Vec<String> = question.possible.iter().map(|o| words(Some(*o)).to_lowercase()).collect();
    let text = match possible.as_slice() {
        [one] => format!("So far: {one}."),
        all => format!("Still possible: {}.", all.join(", ")),
    };
    page.wrap(Mark::Small, "   ", &text);
    page.lines
}

/// What can be answered.
fn expected(question: &Question) -> String {
    let units = match question.units.as_slice() {
        [] | [_] => String::new(),
        units => format!("; units are {}", units.join(", ")),
    };
    let many = if question.list { "; several with commas, or none" } else { "" };
    match (question.about, question.values.as_slice()) {
        (About::Licence, values) | (_, values) if !values.is_empty() && question.ty != "yes/no" => {
            format!("{}{many}", values.join(", "))
        }
        _ if question.list => format!("{}{units}{many}", question.expects.trim_start_matches("a list, each ")),
        _ => format!("{}{units}", question.expects),
    }
}

/// Why a question is asked: what waits for its answer.
pub fn why(question: &Question) -> Vec<Line> {
    let mut page = Page::default();
    let waiting = question.why.iter().map(|w| {
        let cite = w.cite.as_deref().map_or(String::new(), |c| format!(" ({c})"));
        format!("{} {}: {}{cite}", w.kind, w.name, w.title)
    });
    let title = match question.about {
        About::Date => "The date picks the law",
        About::Fact if question.why.is_empty() => "The outcome, or whether it may proceed, can still change with it",
        About::Fact => "These wait for the answer",
        About::Claim => "This would apply if it is shown",
        About::Presumption => "The answer leans on it: were it otherwise, another would be possible",
        About::Licence => "These require a licence, or may",
    };
    page.put(Mark::Plain, title);
    short_list(&mut page, waiting.collect());
    page.lines
}

fn short_list(page: &mut Page, entries: Vec<String>) {
    let before = page.lines.len();
    short(page, "", entries, 10);
    // The list stands under a line of its own, not under a heading.
    if page.lines.get(before).is_some_and(|l| l.text.is_empty()) {
        page.lines.remove(before);
    }
}
