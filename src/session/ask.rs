//! `:ask`: the interview at the bench. Each line answers a question, and what is answered is set on the consignment at
//! hand.

use crate::consignment::Overlay;
use crate::interview::{Interview, Question};
use crate::model::Case;
use crate::report::{self, Line, Mark, Page};

use super::draft::Draft;
use super::{Reply, Session, Trouble};

/// An interview that goes on.
pub struct Asking {
    /// The consignment that it started from, as JSON.
    start: String,
    /// What was answered, in order. The interview is gone through again for each line, since the law may be loaded anew
    /// between two.
    answers: Vec<String>,
    /// The question that waits for an answer.
    now: Question,
}

impl Asking {
    /// The question that waits.
    pub fn question(&self) -> &Question {
        &self.now
    }
}

/// Where an interview stands.
struct Stand {
    case: Option<Case>,
    next: Option<Question>,
    page: Vec<Line>,
}

impl Session {
    /// `:ask`
    pub(super) fn ask(&mut self) -> Reply {
        self.asking = None;
        let start = self.draft.json(self.policy()?.world());
        self.go_on(start, Vec::new())
    }

    /// Goes through the answers, and puts the next question or ends with the decision.
    fn go_on(&mut self, start: String, answers: Vec<String>) -> Reply {
        let Stand { case, next, page } = self.stand(&start, &answers)?;
        if let Some(case) = case {
            let draft = Draft::of(&case, self.policy()?.world());
            self.remember(draft);
        }
        self.asking = next.map(|now| Asking { start, answers, now });
        Ok(page)
    }

    fn stand(&self, start: &str, answers: &[String]) -> Result<Stand, Trouble> {
        let policy = self.policy()?;
        let interview = Interview::new(policy, "the consignment at hand", start, &Overlay::default());
        let mut interview = interview.map_err(|r| Trouble::Problems(r.sources, r.problems))?;
        for answer in answers {
            interview.answer(answer).map_err(Trouble::Text)?;
        }
        let mut page = Page::default();
        match (interview.next(), interview.decision()) {
            (Some(question), _) => page.lines.extend(report::interview::question(interview.answered() + 1, question)),
            (None, decision) => {
                page.put(Mark::Small, "Nothing that is still open could change the answer.");
                page.lines.extend(decision.into_iter().flat_map(|d| report::decision(policy, d)));
                page.put(Mark::Heading, "The consignment:");
                page.lines.extend(
                    interview.consignment(true).lines().map(|l| Line { mark: Mark::Plain, text: l.to_owned() }),
                );
            }
        }
        Ok(Stand { case: interview.case().cloned(), next: interview.next().cloned(), page: page.lines })
    }

    /// The question again, after something else was asked for.
    pub(super) fn again(&self, said: Vec<Line>) -> Reply {
        let mut page = Page { lines: said };
        if let Some(asking) = &self.asking {
            page.lines.extend(report::interview::question(asking.answers.len() + 1, &asking.now));
        }
        Ok(page.lines)
    }

    /// A line while a question waits.
    pub(super) fn answer(&mut self, text: &str) -> Reply {
        let Some(asking) = self.asking.take() else { return Ok(Vec::new()) };
        let mut answers = asking.answers.clone();
        match text.to_lowercase().as_str() {
            "stop" => {
                let mut page = Page::default();
                page.put(Mark::Small, "The questions end here; what was answered is kept.");
                return Ok(page.lines);
            }
            "why" => {
                let lines = report::interview::why(&asking.now);
                self.asking = Some(asking);
                return Ok(lines);
            }
            "back" if answers.is_empty() => {
                self.asking = Some(asking);
                return Err("this is the first question; `stop` ends them".into());
            }
            "back" => {
                answers.pop();
            }
            _ => answers.push(text.to_owned()),
        }
        let reply = self.go_on(asking.start.clone(), answers);
        if reply.is_err() {
            // An answer that cannot be so is not kept, and the question stands.
            self.asking = Some(asking);
        }
        reply
    }
}
