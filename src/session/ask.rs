//! `:ask`: the questions that can still change the answer, one by one, until nothing is left to ask.

use crate::eval::decision::Missing;
use crate::model::Level;
use crate::report::{Line, Mark, Page, words};
use crate::span::Span;
use crate::syntax::tree::{BenchLine, Name, Setting, Spanned};

use super::draft::Draft;
use super::{Reply, Session, Trouble};

/// An interview that goes on.
pub struct Asking {
    /// The question that waits for an answer.
    now: Missing,
    /// What was asked before, each with the draft as it was then.
    asked: Vec<(Missing, Draft)>,
    /// What nobody knows.
    unknown: Vec<Missing>,
}

impl Asking {
    /// The fact that is asked for.
    pub fn fact(&self) -> &str {
        &self.now.fact
    }
}

/// The question to ask next: the first that the decision names and nobody has passed over.
pub fn next_question(decision: &crate::eval::Decision, passed: &[Missing]) -> Option<Missing> {
    let all = super::answers::answers(decision).flat_map(|(_, p)| &p.missing);
    all.into_iter().find(|m| !passed.iter().any(|p| p.fact == m.fact && p.item == m.item)).cloned()
}

impl Session {
    /// `:ask`
    pub(super) fn ask(&mut self) -> Reply {
        self.asking = None;
        self.question(Vec::new(), Vec::new(), Vec::new())
    }

    /// Asks the next question, or ends with the decision.
    fn question(&mut self, asked: Vec<(Missing, Draft)>, unknown: Vec<Missing>, said: Vec<Line>) -> Reply {
        let decision = self.decide(&self.case()?, false)?;
        let mut page = Page { lines: said };
        match next_question(&decision, &unknown) {
            Some(now) => {
                if !decision.possible_outcomes.is_empty() {
                    let list: Vec<String> =
                        decision.possible_outcomes.iter().map(|o| words(Some(*o)).to_lowercase()).collect();
                    page.wrap(Mark::Small, "", &format!("Still possible: {}.", list.join(", ")));
                }
                self.put_question(&now, &mut page)?;
                self.asking = Some(Asking { now, asked, unknown });
            }
            None => {
                self.asking = None;
                page.put(Mark::Small, "Nothing is left to ask.");
                let open = decision.outcome.0.is_none() && !unknown.is_empty();
                if open {
                    let names: Vec<&str> = unknown.iter().map(|m| m.fact.as_str()).collect();
                    page.wrap(Mark::Plain, "  ", &format!("It stays open, since nobody knows {}.", names.join(", ")));
                }
                page.lines.extend(crate::report::decision(self.policy()?, &decision));
            }
        }
        Ok(page.lines)
    }

    fn put_question(&self, now: &Missing, page: &mut Page) -> Result<(), Trouble> {
        let world = self.policy()?.world();
        let which = now.item.map_or(String::new(), |i| format!(" (number {i})"));
        page.wrap(Mark::Heading, "", &format!("{}{which}", now.ask));
        if let Some(id) = world.fact_named(&now.fact) {
            let who = now.answered_by.as_deref().map_or(String::new(), |w| format!("; asked of: {w}"));
            let expects = world.fact(id).ty.expects(world);
            page.wrap(Mark::Small, "  ", &format!("{}: {expects}, or `unknown`, `back`, `stop`{who}", now.fact));
        }
        Ok(())
    }

    /// The question again, after something else was asked for.
    pub(super) fn again(&self, said: Vec<Line>) -> Reply {
        let mut page = Page { lines: said };
        if let Some(asking) = &self.asking {
            self.put_question(&asking.now, &mut page)?;
        }
        Ok(page.lines)
    }

    /// A line while a question waits.
    pub(super) fn answer(&mut self, text: &str) -> Reply {
        let Some(mut asking) = self.asking.take() else { return Ok(Vec::new()) };
        match text {
            "stop" => {
                let mut page = Page::default();
                page.put(Mark::Small, "The questions end here; what was answered is kept.");
                Ok(page.lines)
            }
            "back" => match asking.asked.pop() {
                None => {
                    self.asking = Some(asking);
                    Err("this is the first question; `stop` ends them".into())
                }
                Some((before, draft)) => {
                    self.remember(draft);
                    asking.unknown.retain(|m| *m != before);
                    self.question(asking.asked, asking.unknown, Vec::new())
                }
            },
            "unknown" => {
                asking.asked.push((asking.now.clone(), self.draft.clone()));
                asking.unknown.push(asking.now);
                self.question(asking.asked, asking.unknown, Vec::new())
            }
            text => {
                let draft = self.draft.clone();
                match self.answered(&asking.now, text) {
                    Err(trouble) => {
                        self.asking = Some(asking);
                        Err(trouble)
                    }
                    Ok(()) => {
                        asking.asked.push((asking.now.clone(), draft.clone()));
                        let reply = self.question(asking.asked.clone(), asking.unknown.clone(), Vec::new());
                        if reply.is_err() {
                            // An answer that cannot be so with the others is not kept.
                            self.draft = draft;
                            self.before.pop();
                            asking.asked.pop();
                            self.asking = Some(asking);
                        }
                        reply
                    }
                }
            }
        }
    }

    /// Sets what a question asked for.
    fn answered(&mut self, now: &Missing, text: &str) -> Result<(), Trouble> {
        let world = self.policy()?.world();
        let level = world.fact_named(&now.fact).map_or(Level::Consignment, |id| world.fact(id).level);
        // An answer reads as a value does after `=`; a list may be given without its brackets.
        let text = if text.contains(',') && !text.starts_with('{') { format!("{{{text}}}") } else { text.to_owned() };
        let line = format!("answer = {text}");
        let value = match self.parse(&line) {
            Ok((_, BenchLine::Settings(mut all))) if all.len() == 1 => all.remove(0).value,
            _ => {
                let expects = world.fact_named(&now.fact).map_or(String::new(), |id| world.fact(id).ty.expects(world));
                return Err(format!("`{text}` is no answer; say {expects}, or `unknown`, `back`, `stop`").into());
            }
        };
        let span = Span::default();
        let number = now.item.filter(|_| level != Level::Consignment);
        let node = match level {
            Level::Licence => now.fact.replacen("licence.", "licences.", 1),
            _ => now.fact.clone(),
        };
        let number = number.map(|n| Spanned { node: n as usize, span });
        let setting = Setting { name: Name { node, span }, number, value };
        let mut next = self.draft.clone();
        next.set(world, &[setting]).map_err(|d| self.problems(&line, vec![d]))?;
        self.remember(next);
        Ok(())
    }
}
