//! Links: what is said of pairs of entries. Whether it is so is proved elsewhere, by `analyze`.

use crate::model::{CategoryId, Link, Relation};
use crate::syntax::tree::{Decl, DeclKind, FieldKind};

use super::scope::joined;
use super::{Checker, messages};

impl Checker<'_> {
    /// Lowers all links.
    pub(super) fn links(&mut self) {
        self.each(
            |k| matches!(k, DeclKind::Link),
            |c, m, decl| {
                let Some(name) = &decl.name else { return };
                let to = c.resolve_categories(std::slice::from_ref(name), m);
                let doubt = joined(decl, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None });
                let lines =
                    decl.fields.iter().filter_map(|f| if let FieldKind::Child(l) = &f.kind { Some(l) } else { None });
                for line in lines {
                    c.linked(m, &to, doubt.as_deref(), line);
                }
            },
        );
    }

    fn linked(&mut self, m: usize, to: &[CategoryId], doubt: Option<&str>, line: &Decl) {
        let (DeclKind::Linked(word), Some(name)) = (&line.kind, &line.name) else { return };
        let Some(relation) = Relation::by_name(&word.node) else { return };
        let entry = self.resolve_categories(std::slice::from_ref(name), m);
        let in_force = self.in_force(line);
        if to.is_empty() || entry.is_empty() {
            return;
        }
        let of_pair = |l: &&Link| l.to == to && l.entry == entry;
        let again =
            self.world.links.iter().filter(of_pair).find_map(|l| Some((l.span, l.in_force.intersect(&in_force)?)));
        if let Some((first, days)) = again {
            self.report(messages::linked_twice(name, first, &days.to_string()));
        }
        let own = joined(line, |f| if let FieldKind::Doubt(s) = f { Some(s) } else { None });
        self.world.links.push(Link {
            to: to.to_vec(),
            entry,
            relation,
            span: name.span,
            in_force,
            cite: joined(line, |f| if let FieldKind::Cite(s) = f { Some(s) } else { None }),
            doubt: match (doubt, own) {
                (Some(all), Some(own)) => Some(format!("{all} {own}")),
                (all, own) => own.or_else(|| all.map(str::to_owned)),
            },
            note: joined(line, |f| if let FieldKind::Note(s) = f { Some(s) } else { None }),
        });
    }
}
