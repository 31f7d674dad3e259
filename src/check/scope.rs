//! Names: what declares them, and from where they can be seen.
//!
//! A file sees the names of its own scope and of the modules it uses. The scope of a file is the policy in whose folder
//! it lies, or the file alone. A name may also be written after the name of a policy or module it belongs to.

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::Diagnostic;
use crate::model::{PolicyId, World};
use crate::span::{FileId, Span};
use crate::spelling::nearest;
use crate::syntax::tree::{Decl, DeclKind, FieldKind, Name, Str};

use super::{Module, messages};

/// What a name can be a name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Fact,
    Group,
    Chart,
    Words,
    Category,
    Licence,
    Rule,
    RuleGroup,
    Constraint,
}

impl Kind {
    /// The word for it in messages.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Fact => "fact",
            Kind::Group => "group",
            Kind::Chart => "chart",
            Kind::Words => "word list",
            Kind::Category => "category",
            Kind::Licence => "licence",
            Kind::Rule => "rule",
            Kind::RuleGroup => "group of rules",
            Kind::Constraint => "constraint",
        }
    }
}

/// Where a name lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Scope {
    Policy(PolicyId),
    Module(usize),
}

/// One declared name.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    pub kind: Kind,
    pub name: String,
    pub module: usize,
    pub span: Span,
    /// The number of what it names, once that is known.
    pub target: u32,
}

/// All names, and who sees what.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub symbols: Vec<Symbol>,
    by_name: HashMap<(Kind, String), Vec<usize>>,
    /// The scope of each module.
    pub scopes: Vec<Scope>,
    /// The modules that each module uses.
    uses: Vec<Vec<usize>>,
    /// Paths of modules.
    paths: Vec<String>,
    /// Names of policies, with their folders and declarations.
    pub policies: Vec<PolicyPlace>,
}

/// A policy declaration and the folder it governs.
#[derive(Clone, Debug)]
pub(super) struct PolicyPlace {
    pub name: String,
    pub module: usize,
    pub decl: usize,
    folder: String,
}

/// Why a name could not be resolved.
pub(super) enum Unresolved {
    Unknown(Diagnostic),
}

impl Names {
    /// Finds policies, scopes and uses. Symbols are added by the passes that number them.
    pub fn collect(modules: &[Module], problems: &mut Vec<Diagnostic>) -> Names {
        let mut names = Names { paths: modules.iter().map(|m| m.path.clone()).collect(), ..Names::default() };
        for (m, module) in modules.iter().enumerate() {
            for (d, decl) in module.tree.decls.iter().enumerate() {
                if let (DeclKind::Policy, Some(name)) = (&decl.kind, &decl.name) {
                    let folder = module.path.rsplit_once('.').map_or("", |(f, _)| f).to_owned();
                    if let Some(other) = names.policies.iter().find(|p| p.name == name.node || p.folder == folder) {
                        let first = modules[other.module].tree.decls[other.decl].span;
                        problems.push(messages::second_policy(name, first));
                    }
                    names.policies.push(PolicyPlace { name: name.node.clone(), module: m, decl: d, folder });
                }
            }
        }
        names.find_scopes();
        let by_path: BTreeMap<&str, usize> = modules.iter().enumerate().map(|(i, m)| (m.path.as_str(), i)).collect();
        for module in modules {
            let mut used = Vec::new();
            for decl in module.tree.decls.iter().filter(|d| matches!(d.kind, DeclKind::Use)) {
                let Some(name) = &decl.name else { continue };
                match by_path.get(name.node.as_str()) {
                    Some(i) => used.push(*i),
                    None => {
                        let near = nearest(&name.node, by_path.keys().copied());
                        problems.push(messages::unknown_module(name, near));
                    }
                }
            }
            names.uses.push(used);
        }
        names
    }

    /// Gives each module its scope: the policy in whose folder it lies, or itself.
    fn find_scopes(&mut self) {
        for (m, path) in self.paths.iter().enumerate() {
            let governs = |p: &&(usize, &PolicyPlace)| {
                let folder = &p.1.folder;
                if folder.is_empty() {
                    return path != "trade" || p.1.module == m;
                }
                path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('.'))
            };
            let nearest = self.policies.iter().enumerate().filter(|p| governs(&p)).max_by_key(|(_, p)| p.folder.len());
            self.scopes.push(nearest.map_or(Scope::Module(m), |(i, _)| Scope::Policy(PolicyId(i as u32))));
        }
    }

    /// The names of a world that was checked before, and the number of a further module that sees them all.
    pub fn of_world(world: &World, modules: &[(String, FileId)]) -> (Names, usize) {
        let mut names = Names { paths: modules.iter().map(|(p, _)| p.clone()).collect(), ..Names::default() };
        let of_file = |span: Span| modules.iter().position(|(_, file)| *file == span.file).unwrap_or_default();
        for p in &world.policies {
            let module = of_file(p.span);
            let folder = names.paths.get(module).and_then(|p| p.rsplit_once('.')).map_or("", |(f, _)| f).to_owned();
            names.policies.push(PolicyPlace { name: p.name.clone(), module, decl: 0, folder });
        }
        names.find_scopes();
        let id = |i: usize| i as u32;
        for (i, f) in world.facts.iter().enumerate() {
            names.declare(Kind::Fact, &f.name, of_file(f.span), f.span, id(i));
        }
        for (i, g) in world.groups.iter().enumerate() {
            names.declare(Kind::Group, &g.name, of_file(g.span), g.span, id(i));
        }
        for (i, c) in world.charts.iter().enumerate() {
            names.declare(Kind::Chart, &c.name, of_file(c.span), c.span, id(i));
        }
        for (i, c) in world.categories.iter().enumerate().filter(|(_, c)| !c.unnamed) {
            names.declare(Kind::Category, &c.name, of_file(c.span), c.span, id(i));
        }
        let from = names.paths.len();
        names.paths.push(String::new());
        names.scopes.push(Scope::Module(from));
        names.uses = vec![Vec::new(); from];
        names.uses.push((0..from).collect());
        (names, from)
    }

    /// The policy a module belongs to.
    pub fn policy_of(&self, module: usize) -> Option<PolicyId> {
        match self.scopes.get(module) {
            Some(Scope::Policy(p)) => Some(*p),
            _ => None,
        }
    }

    /// Adds a name.
    pub fn declare(&mut self, kind: Kind, name: &str, module: usize, span: Span, target: u32) {
        let i = self.symbols.len();
        self.symbols.push(Symbol { kind, name: name.to_owned(), module, span, target });
        self.by_name.entry((kind, name.to_owned())).or_default().push(i);
    }

    /// Everything of that kind and name in one scope, in order.
    pub fn in_scope(&self, kind: Kind, name: &str, scope: Scope) -> Vec<&Symbol> {
        let all = self.by_name.get(&(kind, name.to_owned())).map_or(&[][..], Vec::as_slice);
        all.iter().map(|i| &self.symbols[*i]).filter(|s| self.scopes[s.module] == scope).collect()
    }

    /// True if one module sees the names of another.
    pub fn sees(&self, from: usize, module: usize) -> bool {
        self.scopes[module] == self.scopes[from] || self.uses[from].contains(&module)
    }

    fn is_visible(&self, symbol: &Symbol, from: usize) -> bool {
        self.sees(from, symbol.module)
    }

    /// The numbers of all versions of a name as seen from a module, if it is visible and not ambiguous.
    pub fn find(&self, kind: Kind, name: &str, from: usize) -> Option<Vec<u32>> {
        self.lookup(kind, name, from).ok().filter(|v| !v.is_empty())
    }

    /// Like [`Names::find`]; `Err` holds the two declarations of an ambiguous name.
    fn lookup(&self, kind: Kind, name: &str, from: usize) -> Result<Vec<u32>, (Span, Span)> {
        let all = self.by_name.get(&(kind, name.to_owned())).map_or(&[][..], Vec::as_slice);
        let seen: Vec<&Symbol> = all.iter().map(|i| &self.symbols[*i]).filter(|s| self.is_visible(s, from)).collect();
        if let Some(first) = seen.first() {
            let scope = self.scopes[first.module];
            if let Some(other) = seen.iter().find(|s| self.scopes[s.module] != scope && s.target != first.target) {
                return Err((first.span, other.span));
            }
            return Ok(seen.iter().filter(|s| self.scopes[s.module] == scope).map(|s| s.target).collect());
        }
        // A name after that of its policy or module.
        let prefixes =
            self.policies.iter().enumerate().map(|(i, p)| (p.name.as_str(), Scope::Policy(PolicyId(i as u32))));
        let modules = self.paths.iter().enumerate().map(|(i, p)| (p.as_str(), self.scopes[i]));
        for (prefix, scope) in prefixes.chain(modules) {
            if let Some(rest) = name.strip_prefix(prefix).and_then(|r| r.strip_prefix('.')) {
                let found: Vec<u32> = self.in_scope(kind, rest, scope).iter().map(|s| s.target).collect();
                if !found.is_empty() {
                    return Ok(found);
                }
            }
        }
        Ok(Vec::new())
    }

    /// The numbers of all versions of a name, or the message that says what is wrong.
    pub fn resolve(&self, kind: Kind, name: &Name, from: usize) -> Result<Vec<u32>, Unresolved> {
        match self.lookup(kind, &name.node, from) {
            Err((a, b)) => Err(Unresolved::Unknown(messages::ambiguous(kind, name, a, b))),
            Ok(found) if !found.is_empty() => Ok(found),
            Ok(_) => {
                let elsewhere = self.symbols.iter().find(|s| s.kind == kind && s.name == name.node);
                let used = elsewhere.map(|s| self.paths[s.module].as_str());
                let other_kind = self.symbols.iter().find(|s| s.name == name.node && self.is_visible(s, from));
                let visible = self.symbols.iter().filter(|s| s.kind == kind && self.is_visible(s, from));
                let near = nearest(&name.node, visible.map(|s| s.name.as_str()));
                Err(Unresolved::Unknown(messages::unknown_name(
                    kind,
                    name,
                    near,
                    used,
                    other_kind.map(|s| (s.kind, s.span)),
                )))
            }
        }
    }
}

/// The first field of a kind.
pub(super) fn field<'t, T>(decl: &'t Decl, pick: impl Fn(&'t FieldKind) -> Option<T>) -> Option<T> {
    decl.fields.iter().find_map(|f| pick(&f.kind))
}

/// All texts of a kind of field, joined; nothing if there is none.
pub(super) fn joined<'t>(decl: &'t Decl, pick: impl Fn(&'t FieldKind) -> Option<&'t Str>) -> Option<String> {
    let all: Vec<&str> = decl.fields.iter().filter_map(|f| pick(&f.kind)).map(|s| s.node.as_str()).collect();
    (!all.is_empty()).then(|| all.join(" "))
}
