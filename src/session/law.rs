//! Law looked up at the bench: by text, by name, by tariff code; and what is not in it.

use crate::model::Scheme;
use crate::report::{Mark, Page, law};

use super::{Reply, Session};

impl Session {
    /// `:rules TEXT`
    pub(super) fn rules(&self, text: &str) -> Reply {
        if text.is_empty() {
            return Err("say what to look for, as `:rules museum`".into());
        }
        let lines = law::find(self.policy()?, text);
        if lines.is_empty() {
            return Err(format!("nothing found for `{text}`; that is no clearance").into());
        }
        Ok(lines)
    }

    /// `:entry ID`
    pub(super) fn entry(&self, name: &str) -> Reply {
        let policy = self.policy()?;
        if name.is_empty() {
            return Err("name an entry or a rule, as `:entry annex_II.2.1`".into());
        }
        let mut lines = law::show(policy, name);
        if lines.is_empty() {
            // The end of a name is enough where only one ends so.
            let ends = |n: &&str| n.strip_suffix(name).is_some_and(|head| head.ends_with('.'));
            let world = policy.world();
            let mut found: Vec<&str> = world.categories.iter().map(|c| c.name.as_str()).filter(ends).collect();
            found.sort_unstable();
            found.dedup();
            match found.as_slice() {
                [one] => lines = law::show(policy, one),
                [] => {
                    let help = match law::nearest_name(policy, name) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`:rules TEXT` looks in titles and words".to_owned(),
                    };
                    return Err(format!("nothing is called `{name}`; {help}").into());
                }
                several => return Err(format!("`{name}` may be {}", several.join(" or ")).into()),
            }
        }
        Ok(lines)
    }

    /// `:code CODE`
    pub(super) fn code(&self, text: &str) -> Reply {
        let policy = self.policy()?;
        if let Err(problem) = Scheme::Tariff.normalise(text) {
            return Err(format!("`{text}` is no tariff code: {problem}; say for example `:code 7326 90 98`").into());
        }
        let lines = law::find(policy, text);
        if lines.is_empty() {
            let mut page = Page::default();
            page.wrap(
                Mark::Plain,
                "",
                &format!("No entry lists {text}. Codes are declared wrongly: that is no clearance."),
            );
            return Ok(page.lines);
        }
        Ok(lines)
    }

    /// `:unmodelled`
    pub(super) fn unmodelled(&self) -> Reply {
        let mut page = Page::default();
        for p in &self.policy()?.world().policies {
            let from = p.known.from.map_or("the beginning".to_owned(), |d| d.to_string());
            let to = p.known.to.map_or("no last day stated".to_owned(), |d| d.to_string());
            page.wrap(Mark::Heading, "", &format!("{} ({})", p.title, p.name));
            page.wrap(Mark::Plain, "  ", &format!("{}; known from {from} to {to}", p.source));
            if p.unmodelled.is_empty() {
                page.put(Mark::Plain, "  Nothing is named as left out.");
            }
            p.unmodelled.iter().for_each(|u| page.wrap(Mark::Plain, "  - ", u));
        }
        Ok(page.lines)
    }
}
