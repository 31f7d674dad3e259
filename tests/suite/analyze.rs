//! Questions about the law itself, on the law of the Union.

use portcullis::analyze::same::{Same, same};
use portcullis::embedded;
use portcullis::model::{Effect, Interval};

fn date(year: i16, month: i8, day: i8) -> portcullis::model::Date {
    portcullis::model::Date::constant(year, month, day)
}

#[test]
fn the_law_of_the_union_is_the_same_as_itself_and_not_the_same_with_one_code_less() {
    let own = |f: &portcullis::LawFile| ["trade.gate", "alliance/", "eu/"].iter().any(|p| f.path.starts_with(p));
    let policy = portcullis::Policy::load(embedded::files().into_iter().filter(own)).unwrap();
    let world = policy.world();
    let day = [Interval { from: Some(date(2026, 3, 2)), to: Some(date(2026, 3, 2)) }];
    assert_eq!(same(world, world, &day), Same::Yes);
    // Without the condition of the ban, everything of Annex II could leave for a museum and for nobody else alike.
    let mut weaker = world.clone();
    let eu = world.policies.iter().position(|p| p.name == "eu.torture").unwrap();
    let ban = weaker.rules.iter_mut().find(|r| r.name == "art_3_1" && r.policy.index() == eu).unwrap();
    ban.effect = Some(Effect::Permit(None));
    let Same::No(found) = same(world, &weaker, &day) else { panic!("a ban turned into a permission is a difference") };
    assert_eq!(found.case.date, date(2026, 3, 2));
    // Before the rule's law is encoded there is nothing to differ.
    let before = [Interval { from: None, to: Some(date(2016, 1, 1)) }];
    assert_eq!(same(world, &weaker, &before), Same::Yes);
}
