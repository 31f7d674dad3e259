//! The findings in words: every message of this analysis.

use crate::diagnostic::{Code, Diagnostic};
use crate::model::{CategoryId, InForce, RuleId, World};
use crate::spelling::counted;

use super::{Because, Beside, Example, Finding, NotAnalysed, Part};

/// A finding as a message.
pub fn diagnostic(world: &World, finding: &Finding) -> Diagnostic {
    match finding {
        Finding::NeverApplies { rule, because, never } => never_applies(world, *rule, *because, never),
        Finding::AlwaysDefeated { rule, by, example } => always_defeated(world, *rule, by, example),
        Finding::UnusedEntry(id) => {
            let entry = world.category(*id);
            let message = format!("no rule asks whether goods are in entry `{}`", entry.name);
            Diagnostic::warning(Code::EntryUnused, entry.span, message)
                .here("nor for anything that it stands in or holds")
                .help("name it in the rule that controls it, or leave it out")
        }
        Finding::Constant(part) => constant(part),
        Finding::Clash { entry, others } => clash(world, *entry, others),
        Finding::Gap { kind, name, before, after, days } => {
            let when = if days.from == days.to {
                days.from.map_or_else(String::new, |d| format!("on {d}"))
            } else {
                InForce(vec![*days]).to_string()
            };
            let message = format!("no version of {kind} `{name}` is in force {when}");
            Diagnostic::warning(Code::VersionGap, *after, message)
                .here("this version starts later")
                .also(*before, "the version before has ended")
                .help("let it start on the day after the older one ends; where the law was silent, say so in a `note`")
        }
        Finding::Unmet { list, entries, activities, day, other } => {
            let names: Vec<String> = entries.iter().map(|e| format!("`{}`", world.category(*e).name)).collect();
            let names = few(&names);
            let list = &world.category(*list).name;
            let activity = activities.join(", ");
            let message = format!("no rule that rests on `{list}` meets {names} for {activity}");
            let rule = world.rule(*other);
            Diagnostic::warning(Code::EntryUnmet, finding.span(world), message)
                .here(format!("as of {day}"))
                .also(rule.span, format!("`{}` speaks of it for other entries of `{list}`", rule.name))
                .help("add the entry to the rule, if the law does not leave it out")
        }
        Finding::IdleFact { fact, read } => {
            let fact = world.fact(*fact);
            let (message, help) = if *read {
                (
                    format!("fact `{}` changes no condition that reads it", fact.name),
                    "see what the condition is meant to say",
                )
            } else {
                (
                    format!("nothing reads fact `{}`", fact.name),
                    "use it or leave it out; if consignments may state it all the same, say why in a `note`",
                )
            };
            Diagnostic::warning(Code::FactWithoutEffect, fact.span, message).help(help)
        }
        Finding::IdlePresumption(fact) => {
            let fact = world.fact(*fact);
            let message = format!("what is presumed of `{}` changes nothing", fact.name);
            Diagnostic::warning(Code::PresumptionWithoutEffect, fact.span, message)
                .here("where it is presumed, another value would lead to the same")
                .help("leave the presumption out, or see whether its `unless` is too wide")
        }
        Finding::NotAnalysed { span, what, why } => {
            let why = match why {
                NotAnalysed::TooLarge => "too large",
                NotAnalysed::Date => "the date is compared with another fact, so no day stands for others",
                NotAnalysed::NotShown => "possible, and no consignment was found that shows it",
            };
            Diagnostic::warning(Code::NotAnalysed, *span, format!("not found out: {what}"))
                .here(why)
                .help("split the condition, or test it by hand")
        }
    }
}

fn never_applies(world: &World, id: RuleId, because: Because, never: &[Part]) -> Diagnostic {
    let rule = world.rule(id);
    let message = format!("rule `{}` never applies", rule.name);
    let (here, help) = match because {
        Because::NotInForce => (
            "it is in force on no day for which its policy is encoded",
            "see `in force` here and `known` in the policy",
        ),
        Because::Own => {
            ("no consignment is as its condition says", "see which parts of the condition exclude each other")
        }
        Because::Constraints => {
            ("constraints exclude every consignment that its condition describes", "see which constraint is too wide")
        }
        Because::Policy => ("where its condition holds, the policy does not apply", "see `applies` in the policy"),
        Because::Targets => (
            "where its condition holds, none of the rules that it names applies",
            "an exception needs a rule to be an exception to: see what it names",
        ),
    };
    let mut out = Diagnostic::warning(Code::RuleNeverApplies, rule.span, message).here(here).help(help);
    for part in never {
        out = out.also(part.span, "this is never so");
    }
    out
}

fn always_defeated(world: &World, id: RuleId, by: &[RuleId], example: &Example) -> Diagnostic {
    let rule = world.rule(id);
    let message = format!("rule `{}` is defeated wherever it applies", rule.name);
    let mut out = Diagnostic::warning(Code::RuleAlwaysDefeated, rule.span, message)
        .here("it never counts")
        .help(format!("for example {}; narrow what defeats it, or leave the rule out", said(example)));
    for by in by.iter().map(|r| world.rule(*r)) {
        out = out.also(by.span, format!("`{}` defeats it", by.name));
    }
    out
}

fn clash(world: &World, entry: CategoryId, others: &[Beside]) -> Diagnostic {
    let entry = world.category(entry);
    let names: Vec<String> = others.iter().map(|o| format!("`{}`", world.category(o.entry).name)).collect();
    let message =
        format!("goods can be in `{}` and in {} at once, which are treated differently", entry.name, few(&names));
    let mut out = Diagnostic::warning(Code::ClashingEntries, entry.span, message);
    if let Some(first) = others.first() {
        let (mine, other) = (world.rule(first.rules.0), world.rule(first.rules.1));
        out = out
            .here(format!("rule `{}` says: {}", mine.name, effect(world, mine)))
            .also(world.category(first.entry).span, format!("rule `{}` says: {}", other.name, effect(world, other)))
            .help(format!(
                "for example {}; the stricter rule decides; where the law has an order of review, say `unless goods in …`",
                said(&first.example)
            ));
    }
    out
}

/// Names in a row, and how many more there are.
fn few(names: &[String]) -> String {
    match names {
        [first, second, third, rest @ ..] if rest.len() > 1 => {
            format!("{first}, {second}, {third} and {}", counted(rest.len(), "other", "others"))
        }
        all => all.join(", "),
    }
}

fn constant(part: &Part) -> Diagnostic {
    let (so, help) = match part.always {
        true => ("always so", "leave it out, or say what was meant"),
        false => ("never so", "see which of its parts exclude each other, or which constraint excludes it"),
    };
    let message = format!("in {}, `{}` is {so}", part.holder, cut(&part.text));
    Diagnostic::warning(Code::ConstantCondition, part.span, message).help(help)
}

fn effect(world: &World, rule: &crate::model::Rule) -> String {
    use crate::model::Effect;
    let name = |l: &crate::model::LicenceId| world.licence(*l).name.clone();
    match &rule.effect {
        None => "nothing".to_owned(),
        Some(Effect::Prohibit) => "prohibited".to_owned(),
        Some(Effect::Permit(None)) => "permitted".to_owned(),
        Some(Effect::Permit(Some(l))) => format!("permitted under {}", name(l)),
        Some(Effect::Require(groups)) => format!("{} required", world.all_of(groups)),
    }
}

/// An example in one line.
fn said(example: &Example) -> String {
    let facts: Vec<String> = example.facts.iter().map(|(f, v)| format!("{f} {v}")).collect();
    let mut out = format!("on {}", example.case.date);
    if !facts.is_empty() {
        out = format!("{out} with {}", facts.join(", "));
    }
    if !example.if_achievable.is_empty() {
        out = format!("{out} (if {} can be so)", example.if_achievable.join(", "));
    }
    out
}

fn cut(text: &str) -> String {
    const MOST: usize = 100;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    let head: String = text.chars().take(MOST).collect();
    format!("{head} …")
}
