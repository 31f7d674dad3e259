//! The commands of the bench: their names, their help, and what each is handed.

use crate::report::{Line, Mark, Page};
use crate::spelling::nearest;

use super::{Loaded, Reply, Session, Trouble};

/// What a command takes, for completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A path of a file or folder.
    Path,
    /// A date.
    Date,
    /// The name of a rule.
    Rule,
    /// An outcome.
    Outcome,
    /// A fact and its value.
    Setting,
    /// The name of an entry or rule.
    Entry,
    /// A tariff code.
    Code,
    /// Two dates, policies or entries.
    Two,
    /// Any text.
    Text,
    /// `test "NAME" FILE`.
    Save,
    /// The name of a command.
    Command,
}

/// One command.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// Its name, without the colon.
    pub name: &'static str,
    /// What stands after it, in capitals.
    pub arguments: &'static str,
    /// What it does, in a few words.
    pub does: &'static str,
    /// The rest of its help.
    pub help: &'static str,
    /// What it takes.
    pub takes: Takes,
}

macro_rules! commands {
    ($($name:literal $arguments:literal $takes:ident $does:literal $help:literal)*) => {
        /// All commands, in the order in which `:help` lists them.
        pub const COMMANDS: &[Command] = &[$(Command {
            name: $name, arguments: $arguments, does: $does, help: $help, takes: Takes::$takes,
        },)*];
    };
}

commands! {
    "load" "PATH…" Path "load law: gate files, folders, shipped policies"
        "It takes the place of the law at hand. Facts that the new law knows are kept, and those it does not are named.\n\
         :load policies/eu\n:load eu.torture"
    "reload" "" Nothing "read the law again after a change"
        "The facts given are kept, and what changes in the answer is shown."
    "open" "CONSIGNMENT" Path "take a consignment from a JSON file"
        "It takes the place of the facts at hand; `:undo` brings those back.\n:open examples/consignments/sjambok.json"
    "as-of" "DATE" Date "decide by the law of a day"
        "It sets the fact `date`, as `date = 2026-03-02` does.\n:as-of 2025-08-19"
    "facts" "" Nothing "what is given, presumed, unknown and matters"
        "Of what is unknown, it names what can still change the answer, the best question first."
    "decide" "" Nothing "decide the consignment at hand"
        "The answer first, then the rules, the entries, the papers, and what is still to be asked."
    "why" "[RULE]" Rule "the reasons: + holds, - does not, ? is open"
        "Without a name, the rules that decide, in short. With the name of a rule, the whole of it; if the rule does not \
         apply, which of its conditions keeps it from applying.\n:why\n:why art_3_1"
    "whynot" "OUTCOME" Outcome "what would have to differ for another outcome"
        "The ways of the fewest changes, for one goods item and each policy; every one was decided again before it is \
         shown. A value stands for all that the law does not tell apart from it. [party] is a fact about who takes part, \
         papers or circumstances, not about the goods or their way. The day stays as it is: see `:compare`.\n:whynot \
         permitted"
    "what-if" "FACT = VALUE" Setting "before and after a change; nothing is kept"
        "Several facts may stand with commas between. Rows that differ are marked with *.\n\
         :what-if goods.adjustable = no\n:what-if destination = CH, goods.length = 12 in"
    "ask" "" Nothing "answer the questions that still matter, one by one"
        "Each line answers, until nothing that is open can change the answer; then come the decision and the consignment \
         as JSON. `unknown` passes a question, `back` goes to the one before, `why` says what waits for it, `stop` ends; \
         answers are kept."
    "compare" "A B" Two "two days, policies or entries, on this consignment"
        "Two dates: the decision by the law of either day. Two policies, by their names: what each says. Two entries, by \
         their names: whether each holds the goods, and which of its conditions do. Rows that differ are marked with *.\n\
         :compare 2025-08-19 2025-08-20\n:compare annex_II.2.3 annex_III.1.3"
    "rules" "TEXT" Text "entries and rules by title, citation or word"
        "Small and capital letters are alike.\n:rules museum"
    "entry" "NAME" Entry "an entry or rule in full: text, dates, tests"
        "The end of a name is enough where only one name ends so.\n:entry annex_II.2.1\n:entry art_3_2"
    "code" "CODE" Code "entries that list a tariff code, wholly or in part"
        ":code 7326 90 98"
    "unmodelled" "" Nothing "what the law at hand does not say"
        "For each policy: its source, from when to when it is known, and what it leaves out."
    "save" "test \"NAME\" [FILE]" Save "write a test of what is decided now"
        "The test says what is given and what comes out, in the layout of gate files. It is run before it is kept, and is \
         added to the end of FILE, which has to lie in the folder of the policy. Without FILE it is shown.\n\
         :save test \"cuffs with a chain\" policies/eu/torture/review.test.gate"
    "undo" "" Nothing "take back the last change of the facts"
        "It can be given again and again."
    "reset" "" Nothing "forget all facts; the law stays"
        "`:undo` brings them back."
    "more" "" Nothing "what did not fit the screen"
        "An answer is at most one screen long."
    "help" "[COMMAND]" Command "this list, or one command"
        ":help whynot\n:help facts"
    "quit" "" Nothing "end; Ctrl-D does too"
        "Facts are not kept: `:save test` keeps them as a test."
}

impl Session {
    /// A command without its colon.
    pub(super) fn command(&mut self, text: &str) -> Reply {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let Some(command) = COMMANDS.iter().find(|c| c.name == name) else {
            let help = match nearest(name, COMMANDS.iter().map(|c| c.name)) {
                Some(near) => format!("did you mean `:{near}`?"),
                None => "`:help` lists them".to_owned(),
            };
            return Err(format!("there is no command `:{name}`; {help}").into());
        };
        if command.takes == Takes::Nothing && !rest.is_empty() {
            return Err(format!("`:{name}` takes nothing after it; `:help {name}` tells more").into());
        }
        match name {
            "load" => self.load_law(&rest.split_whitespace().map(str::to_owned).collect::<Vec<_>>()),
            "reload" => self.reload(),
            "open" => self.open(rest),
            "as-of" => self.as_of(rest),
            "facts" => self.facts(),
            "decide" => self.decided(),
            "why" => self.why(rest),
            "whynot" => self.whynot(rest),
            "what-if" => self.what_if(rest),
            "ask" => self.ask(),
            "compare" => self.compare(rest),
            "rules" => self.rules(rest),
            "entry" => self.entry(rest),
            "code" => self.code(rest),
            "unmodelled" => self.unmodelled(),
            "save" => self.save(rest),
            "undo" => self.undo(),
            "reset" => Ok(self.reset()),
            "more" => self.more(),
            "help" => help(rest),
            _ => Ok(Vec::new()),
        }
    }

    pub(super) fn load_law(&mut self, paths: &[String]) -> Reply {
        if paths.is_empty() {
            return Err("say what to load, as `:load policies/eu` or `:load eu.torture`".into());
        }
        let law = self.files.law(paths)?;
        // What is named is kept, so that `:reload` reads it once its mistakes are mended.
        self.paths = paths.to_vec();
        let prefix = law.prefix.clone();
        let mut policy = crate::policy::Policy::load(law.files.clone()).map_err(|mut rejected| {
            rejected.sources.rename(|name| format!("{prefix}{name}"));
            Trouble::Problems(rejected.sources, rejected.problems)
        })?;
        policy.rename(|name| format!("{prefix}{name}"));
        let mut page = Page::default();
        for p in &policy.world().policies {
            let to = p.known.to.map_or(String::new(), |d| format!(", known to {d}"));
            page.wrap(Mark::Heading, "", &format!("{} ({}{to})", p.title, p.name));
        }
        let world = policy.world();
        let entries = world.categories.iter().filter(|c| !c.unnamed && c.policy.is_some()).count();
        let counts = [(world.rules.len(), "rules"), (entries, "entries"), (world.tests.len(), "tests")];
        let counts: Vec<String> = counts.iter().map(|(n, what)| format!("{n} {what}")).collect();
        page.put(Mark::Plain, format!("  {}", counts.join(", ")));
        let (draft, dropped) = self.draft.under(world);
        for d in dropped {
            page.wrap(Mark::Plain, "  ! ", &format!("this law does not know {d}; it is left out"));
        }
        self.loaded = Some(Loaded { law, policy });
        self.asking = None;
        self.remember(draft);
        Ok(page.lines)
    }

    fn reload(&mut self) -> Reply {
        if self.paths.is_empty() {
            return Err(super::no_law());
        }
        let paths = self.paths.clone();
        let fresh = self.files.law(&paths)?;
        let pairs = |law: &super::Law| {
            let mut all: Vec<_> = law.files.iter().map(|f| (f.path.clone(), f.bytes.clone())).collect();
            all.sort();
            all
        };
        if self.loaded.as_ref().is_some_and(|l| pairs(&l.law) == pairs(&fresh)) {
            return Ok(vec![Line { mark: Mark::Plain, text: "Nothing has changed.".to_owned() }]);
        }
        let before = self.case().ok().and_then(|case| self.decide(&case, false).ok());
        let mut lines = self.load_law(&paths)?;
        let after = self.case().ok().and_then(|case| self.decide(&case, false).ok());
        if let (Some(before), Some(after)) = (before, after) {
            let mut page = Page { lines };
            super::compare::decisions(("before", &before), ("now", &after), &mut page);
            lines = page.lines;
        }
        Ok(lines)
    }

    fn open(&mut self, path: &str) -> Reply {
        if path.is_empty() {
            return Err("say which file, as `:open examples/consignments/sjambok.json`".into());
        }
        let text = self.files.read(path)?.ok_or_else(|| format!("there is no file `{path}`"))?;
        let policy = self.policy()?;
        // A consignment without a date is no mistake here: the date may come later.
        let mut dated = true;
        let case = policy.read(path, &text, &Default::default()).or_else(|rejected| {
            let only_date = |d: &crate::diagnostic::Diagnostic| d.code == crate::diagnostic::Code::MissingDate;
            if !rejected.problems.iter().all(only_date) {
                return Err(rejected);
            }
            dated = false;
            let any = crate::model::date::parse_date("2000-01-01");
            policy.read(path, &text, &crate::consignment::Overlay { as_of: any, set: Vec::new() })
        });
        let case = case.map_err(|r| Trouble::Problems(r.sources, r.problems))?;
        let mut draft = super::Draft::of(&case, policy.world());
        if !dated {
            draft.shared.shift_remove("date");
        }
        let count = draft.shared.len() + draft.items.iter().map(|i| i.len()).sum::<usize>();
        let mut page = Page::default();
        let id = draft.id.clone().unwrap_or_else(|| path.to_owned());
        let items = if draft.items.len() > 1 { format!(", {} goods items", draft.items.len()) } else { String::new() };
        let held = match draft.licences.len() {
            0 => String::new(),
            n => format!(", licences held: {n}"),
        };
        page.wrap(Mark::Heading, "", &format!("{id}: {count} facts{items}{held}"));
        case.warnings.iter().for_each(|w| page.wrap(Mark::Plain, "  ! ", w));
        self.asking = None;
        self.remember(draft);
        match self.case().and_then(|case| self.decide(&case, false)) {
            Ok(decision) => {
                let outcome = super::compare::outcome(&decision);
                page.put(Mark::Answer(decision.outcome.0), format!("  {outcome} (law of {})", decision.as_of));
            }
            Err(Trouble::Problems(_, problems)) => {
                problems.iter().for_each(|p| page.wrap(Mark::Plain, "  ! ", &p.message));
            }
            Err(Trouble::Text(text)) => page.wrap(Mark::Plain, "  ! ", &text),
        }
        Ok(page.lines)
    }

    fn as_of(&mut self, day: &str) -> Reply {
        if crate::model::date::parse_date(day).is_none() {
            return Err(format!("`{day}` is no day; say for example `:as-of 2026-03-02`").into());
        }
        self.said(&format!("date = {day}"))
    }

    fn undo(&mut self) -> Reply {
        let draft = self.before.pop().ok_or("there is nothing to take back")?;
        self.asking = None;
        let mut page = Page::default();
        let differs = facts_of(&self.draft, &draft);
        self.draft = draft;
        page.put(Mark::Plain, "Taken back.");
        differs.into_iter().for_each(|d| page.wrap(Mark::Plain, "  ", &d));
        Ok(page.lines)
    }

    fn reset(&mut self) -> Vec<Line> {
        self.asking = None;
        self.remember(super::Draft::default());
        vec![Line { mark: Mark::Plain, text: "All facts are forgotten; `:undo` brings them back.".to_owned() }]
    }

    fn more(&mut self) -> Reply {
        if self.rest.is_empty() {
            return Err("all was shown".into());
        }
        Ok(std::mem::take(&mut self.rest))
    }
}

/// What is otherwise in a draft than in one before it, fact by fact of the whole and of single goods.
fn facts_of(now: &super::Draft, then: &super::Draft) -> Vec<String> {
    use super::draft::shown;
    let mut out = Vec::new();
    let mut compare = |now: &super::draft::Facts, then: &super::draft::Facts| {
        for name in then.keys().chain(now.keys().filter(|k| !then.contains_key(*k))) {
            if now.get(name) != then.get(name) {
                out.push(format!("{name} is {}", then.get(name).map_or("unknown".to_owned(), shown)));
            }
        }
    };
    compare(&now.shared, &then.shared);
    if now.items.len() <= 1 && then.items.len() <= 1 {
        let none = super::draft::Facts::new();
        compare(now.items.first().unwrap_or(&none), then.items.first().unwrap_or(&none));
    }
    const MOST: usize = 6;
    if out.len() > MOST {
        let more = out.len() - MOST;
        out.truncate(MOST);
        out.push(format!("and {more} more"));
    }
    out
}

fn help(name: &str) -> Reply {
    let mut page = Page::default();
    let name = name.trim_start_matches(':');
    if name.is_empty() {
        page.put(Mark::Heading, "Set facts (`destination = TR`), ask (`goods.length > 1 m`), name one to see it:");
        for c in COMMANDS {
            let head = format!(":{} {}", c.name, c.arguments);
            page.put(Mark::Plain, format!("{head:26}{}", c.does));
        }
        return Ok(page.lines);
    }
    let Some(c) = COMMANDS.iter().find(|c| c.name == name) else {
        let help = match nearest(name, COMMANDS.iter().map(|c| c.name)) {
            Some(near) => format!("did you mean `:help {near}`?"),
            None => "`:help` lists them".to_owned(),
        };
        return Err(format!("there is no command `:{name}`; {help}").into());
    };
    page.put(Mark::Heading, format!(":{} {}", c.name, c.arguments).trim_end());
    let mut does = c.does.to_owned();
    if let Some(first) = does.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    page.wrap(Mark::Plain, "  ", &format!("{does}."));
    for line in c.help.lines() {
        let example = line.starts_with(':');
        page.wrap(if example { Mark::Small } else { Mark::Plain }, if example { "    " } else { "  " }, line);
    }
    Ok(page.lines)
}
