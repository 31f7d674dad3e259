//! Declarations and their fields.

use crate::syntax::tree::*;

use super::cond::value_text;
use super::doc::{Doc, group, text};
use super::{Body, Kind, Layout, STEP, decl_kind, quote};

/// How far the lines of a declaration's head that goes on stand to the right: further than its fields.
const HEAD: usize = 2 * STEP;

/// How far the languages after the first stand to the right, below it.
const WORDS: usize = "words ".len();

impl Layout<'_> {
    pub(super) fn decl(&mut self, decl: &Decl) -> Vec<Doc> {
        match &decl.kind {
            DeclKind::Use => vec![Doc::Nest(HEAD, self.head("use", decl))],
            DeclKind::Policy => self.braced(decl, "policy", None),
            DeclKind::Constraint => self.braced(decl, "constraint", None),
            DeclKind::Category => self.braced(decl, "category", None),
            DeclKind::Link => self.braced(decl, "link", None),
            DeclKind::Linked(relation) => {
                let head = self.head(&relation.node, decl);
                self.open(decl, vec![Doc::Nest(HEAD, head)], "  ", None)
            }
            DeclKind::Licence => self.braced(decl, "licence", None),
            DeclKind::Rule => self.braced(decl, "rule", None),
            DeclKind::Exception(targets) => self.braced(decl, "exception", Some(targets)),
            DeclKind::Bar(targets) => self.braced(decl, "bar", Some(targets)),
            DeclKind::Fact { ty, presumed } => self.fact(decl, ty, presumed.as_deref()),
            DeclKind::Group { of, body } => self.group(decl, of.as_ref(), body),
            DeclKind::Place { within } => {
                let mut head = self.head("place", decl);
                head.push(Doc::Space);
                head.extend(self.lead(within.span, "in"));
                head.push(text(format!("in {}", value_text(within))));
                self.open(decl, vec![Doc::Nest(HEAD, head)], "  ", None)
            }
            DeclKind::Chart { file } | DeclKind::Vocabulary { file } => {
                let is_chart = matches!(decl.kind, DeclKind::Chart { .. });
                let mut head = self.head(if is_chart { "chart" } else { "vocabulary" }, decl);
                head.push(Doc::Space);
                head.extend(self.lead(file.span, "from"));
                head.push(text(format!("from {}", quote(&file.node))));
                self.open(decl, vec![Doc::Nest(HEAD, head)], "  ", None)
            }
            DeclKind::Test(test) => self.test(decl, test),
            DeclKind::Table(table) => self.table(decl, table),
        }
    }

    /// `keyword name "title"`.
    pub(super) fn head(&mut self, keyword: &str, decl: &Decl) -> Vec<Doc> {
        let mut docs = vec![text(keyword)];
        if let Some(name) = &decl.name {
            docs.push(Doc::Space);
            docs.extend(self.word(name));
        }
        self.title(decl, &mut docs);
        docs
    }

    fn title(&mut self, decl: &Decl, docs: &mut Vec<Doc>) {
        if let Some(title) = &decl.title {
            docs.push(Doc::Space);
            docs.extend(self.string(title));
        }
    }

    /// A declaration whose fields stand in braces. A short one that was written on one line stays on it.
    fn braced(&mut self, decl: &Decl, keyword: &str, targets: Option<&Targets>) -> Vec<Doc> {
        let mut head = self.head(keyword, decl);
        if let Some(targets) = targets {
            head.push(Doc::Line(" "));
            head.extend(self.targets(targets));
        }
        let small = matches!(decl.kind, DeclKind::Constraint | DeclKind::Category | DeclKind::Link | DeclKind::Licence);
        let mut body = Body::new(!(small && self.one_line(decl.span)), " ");
        self.level += 1;
        self.bracketed(|layout| {
            layout.fields(decl, &mut body);
            body.finish(layout, decl.span.end);
        });
        self.level -= 1;
        vec![braces(group(vec![Doc::Nest(HEAD, head)]), body)]
    }

    fn fields(&mut self, decl: &Decl, body: &mut Body) {
        for field in &decl.fields {
            body.entry(self, field.span, |layout| match &field.kind {
                FieldKind::Child(child) => (layout.decl(child), decl_kind(child)),
                _ => (layout.field(field), Kind::Field),
            });
        }
    }

    /// A declaration whose fields follow without braces, and at its end what `last` lays out.
    fn open(
        &mut self,
        decl: &Decl,
        mut head: Vec<Doc>,
        before_first: &'static str,
        last: Option<&GroupBody>,
    ) -> Vec<Doc> {
        let one_line = self.one_line(decl.span);
        let mut body = Body::new(!one_line, before_first);
        self.fields(decl, &mut body);
        if let Some(last) = last {
            body.docs.push(Doc::Line("  "));
            let docs = self.group_body(decl, last);
            body.docs.extend(docs);
        }
        let forced = !one_line && !decl.fields.is_empty();
        head.push(Doc::Nest(STEP, body.docs));
        vec![Doc::Group { forced, docs: head }]
    }

    /// `to a, b` or `to every exception except a to b`.
    fn targets(&mut self, targets: &Targets) -> Vec<Doc> {
        let (except, to) = match targets {
            Targets::Named(names) => return self.after_word("to", names),
            Targets::EveryException { span, except, to } => {
                let mut docs = self.lead(*span, "to");
                docs.push(text("to every exception"));
                (docs, [("except", except), ("to", to)])
            }
        };
        let mut docs = except;
        for (word, names) in to {
            if !names.is_empty() {
                docs.push(Doc::Line(" "));
                docs.extend(self.after_word(word, names));
            }
        }
        docs
    }

    /// `word a, b`, with the comments before it.
    fn after_word(&mut self, word: &str, names: &[Name]) -> Vec<Doc> {
        let mut docs = names.first().map(|first| self.lead(first.span, word)).unwrap_or_default();
        docs.extend([text(word), Doc::Space, Doc::Nest(STEP, vec![self.names(names)])]);
        docs
    }

    fn fact(&mut self, decl: &Decl, ty: &TypeExpr, presumed: Option<&Presumed>) -> Vec<Doc> {
        let mut head = vec![Doc::Nest(HEAD, self.head("fact", decl)), text(":"), Doc::Space];
        head.extend(self.type_expr(ty));
        if let Some(Presumed { value, unless }) = presumed {
            let mut docs = vec![text(","), Doc::Space];
            docs.extend(self.lead(value.span, "presumed"));
            docs.push(text(format!("presumed {}", value_text(value))));
            if let Some(unless) = unless {
                docs.push(Doc::Space);
                docs.extend(self.lead(unless.span, "unless"));
                docs.extend(self.cond_field("unless", unless));
            }
            head.push(Doc::Nest(HEAD, docs));
        }
        let first = match decl.fields.first().map(|f| &f.kind) {
            Some(FieldKind::Means(_) | FieldKind::Derived(_)) => " ",
            _ => "  ",
        };
        self.open(decl, head, first, None)
    }

    /// The type of a fact. The list of a `one of` stands no further to the right than the fields.
    fn type_expr(&mut self, ty: &TypeExpr) -> Vec<Doc> {
        let (words, argument) = match &ty.kind {
            TypeKind::YesNo => ("yes/no", None),
            TypeKind::OneOf(_) => ("one of", None),
            TypeKind::SetOf(_) => ("set of", None),
            TypeKind::Code(scheme) => ("code", Some(scheme)),
            TypeKind::Money(currency) => ("money", Some(currency)),
            TypeKind::Named(name) => (name.as_str(), None),
        };
        let mut docs = self.lead(ty.span, words);
        docs.push(text(words));
        if let Some(argument) = argument {
            docs.push(Doc::Space);
            docs.extend(self.word(argument));
        }
        let mut docs = vec![Doc::Nest(HEAD, docs)];
        match &ty.kind {
            TypeKind::OneOf(values) => {
                docs.push(Doc::Space);
                docs.push(self.block(["{", "}"], ty.span.end, |layout| layout.enum_values(values)));
            }
            TypeKind::SetOf(inner) => {
                docs.push(Doc::Space);
                docs.extend(self.type_expr(inner));
            }
            _ => {}
        }
        docs
    }

    /// `a also "A", b { c, d }`.
    fn enum_values(&mut self, values: &[EnumValue]) -> Vec<Doc> {
        if values.is_empty() {
            return Vec::new();
        }
        let body = |layout: &mut Self, value: &EnumValue| {
            let mut docs = vec![text(&value.name.node)];
            if !value.also.is_empty() {
                let mut also = Vec::new();
                for spelling in &value.also {
                    also.push(Doc::Line(" "));
                    also.extend(layout.lead(spelling.span, "also"));
                    also.push(text(format!("also {}", quote(&spelling.node))));
                }
                docs.push(group(vec![Doc::Nest(STEP, also)]));
            }
            if !value.narrower.is_empty() {
                docs.push(Doc::Space);
                docs.push(layout.block(["{", "}"], 0, |layout| layout.enum_values(&value.narrower)));
            }
            docs
        };
        vec![self.commas(values, |v| v.name.span, body)]
    }

    fn group(&mut self, decl: &Decl, of: Option<&Name>, body: &GroupBody) -> Vec<Doc> {
        let mut head = vec![text("group")];
        if let Some(name) = &decl.name {
            head.push(Doc::Space);
            head.extend(self.word(name));
        }
        if let Some(of) = of {
            head.push(Doc::Space);
            head.extend(self.lead(of.span, "of"));
            head.push(text(format!("of {}", of.node)));
        }
        self.title(decl, &mut head);
        if !decl.fields.is_empty() {
            return self.open(decl, vec![Doc::Nest(HEAD, head)], "  ", Some(body));
        }
        let body = self.group_body(decl, body);
        let mut docs = vec![Doc::Nest(HEAD, head), Doc::Space];
        docs.extend(body);
        vec![group(docs)]
    }

    fn group_body(&mut self, decl: &Decl, body: &GroupBody) -> Vec<Doc> {
        match body {
            GroupBody::Expr(set) => {
                let mut docs = self.lead(set.span, "=");
                docs.extend([text("="), Doc::Space, Doc::Nest(STEP, vec![self.set_expr(set)])]);
                docs
            }
            GroupBody::Members(members) => {
                let end = decl.span.end;
                vec![self.block(["{", "}"], end, |layout| {
                    if members.is_empty() { Vec::new() } else { vec![layout.commas(members, |m| m.value.span, member)] }
                })]
            }
        }
    }

    fn field(&mut self, field: &Field) -> Vec<Doc> {
        match &field.kind {
            FieldKind::Cite(s) => self.quoted("cite", s),
            FieldKind::Source(s) => self.quoted("source", s),
            FieldKind::Note(s) => self.quoted("note", s),
            FieldKind::Doubt(s) => self.quoted("doubt", s),
            FieldKind::Unmodelled(s) => self.quoted("unmodelled", s),
            FieldKind::Ask(s) => self.quoted("ask", s),
            FieldKind::Because(s) => self.quoted("because", s),
            FieldKind::Derived(s) => self.quoted("derived", s),
            FieldKind::Review(s) => self.quoted("review", s),
            FieldKind::Reason(s) => self.quoted("reason", s),
            FieldKind::Means(c) => self.cond_field("means", c),
            FieldKind::Applies(c) => self.cond_field("applies when", c),
            FieldKind::Always(c) => self.cond_field("always", c),
            FieldKind::Claimed(c) => self.cond_field("claimed when", c),
            FieldKind::Covers(c) => self.cond_field("covers when", c),
            FieldKind::When(c) => self.cond_field("when", c),
            FieldKind::Unless(c) => self.cond_field("unless", c),
            FieldKind::General => vec![text("general")],
            FieldKind::WhateverCode => vec![text("whatever code")],
            FieldKind::Child(decl) => self.decl(decl),
            FieldKind::Then(effect) => self.effect(effect),
            FieldKind::AnsweredBy(name) => {
                let mut rest = self.lead(name.span, "by");
                rest.push(text(format!("by {}", name.node)));
                field_of("answered", rest)
            }
            FieldKind::Known(dated) => {
                let mut rest = self.comments_before(dated.span.start);
                rest.push(text(dated_text(dated)));
                field_of("known", rest)
            }
            FieldKind::Otherwise(word) => {
                let mut rest = self.comments_before(word.span.start);
                rest.push(text(match word.node {
                    EffectWord::Permit => "permit",
                    EffectWord::Prohibit => "prohibit",
                }));
                field_of("otherwise", rest)
            }
            FieldKind::InForce(list) => {
                let list = self.commas(list, |d| d.span, |_, d| vec![text(dated_text(d))]);
                field_of("in force", vec![list])
            }
            FieldKind::Valid(duration) => {
                let mut rest = self.comments_before(duration.count.span.start);
                rest.push(text(duration_text(duration)));
                field_of("valid", rest)
            }
            FieldKind::Document { code, negative } => {
                let mut rest = self.string(code);
                if *negative {
                    rest.extend([Doc::Space, text("negative")]);
                }
                field_of("document", rest)
            }
            FieldKind::Duty { text: what, timing } => {
                let mut rest = self.string(what);
                match timing {
                    None => {}
                    Some(Timing::BeforeFirstUse) => rest.extend([Doc::Line(" "), text("before first use")]),
                    Some(Timing::Within(duration)) => {
                        rest.push(Doc::Line(" "));
                        rest.extend(self.lead(duration.count.span, "within"));
                        rest.push(text(format!("within {}", duration_text(duration))));
                    }
                }
                vec![group(field_of("duty", rest))]
            }
            FieldKind::Codes { scheme, items } => {
                let mut rest = self.word(scheme);
                rest.extend([Doc::Space, self.commas(items, |i| i.span, |_, i| vec![text(code_text(i))])]);
                field_of("code", rest)
            }
            FieldKind::Accepts { scheme, codes, because } => {
                let mut rest = self.word(scheme);
                rest.extend([Doc::Space, self.names(codes), Doc::Line(" ")]);
                rest.extend(self.lead(because.span, "because"));
                rest.push(text(format!("because {}", quote(&because.node))));
                vec![group(field_of("accepts", rest))]
            }
            FieldKind::Words { of, lists } => {
                let mut rest = Vec::new();
                if !of.is_empty() {
                    rest.extend([text("of"), Doc::Space, Doc::Nest("en ".len(), vec![self.names(of)])]);
                }
                for (language, words) in lists {
                    if !rest.is_empty() {
                        rest.push(Doc::Line("  "));
                    }
                    rest.extend(self.word(language));
                    rest.extend([Doc::Space, Doc::Nest("en ".len(), vec![self.strings(words)])]);
                }
                // Languages written below each other stay so.
                let parts = lists.len() + usize::from(!of.is_empty());
                let forced = parts > 1 && !self.one_line(field.span);
                vec![Doc::Group { forced, docs: vec![text("words"), Doc::Space, Doc::Nest(WORDS, rest)] }]
            }
        }
    }

    fn quoted(&mut self, keyword: &str, string: &Str) -> Vec<Doc> {
        let rest = self.string(string);
        field_of(keyword, rest)
    }

    fn effect(&mut self, effect: &Effect) -> Vec<Doc> {
        let mut rest = Vec::new();
        match effect {
            Effect::Prohibit => rest.push(text("prohibit")),
            Effect::Permit(None) => rest.push(text("permit")),
            Effect::Permit(Some(licence)) => {
                rest.extend([text("permit"), Doc::Space]);
                rest.extend(self.lead(licence.span, "under"));
                rest.push(text(format!("under {}", licence.node)));
            }
            Effect::Require { licences, ands } => {
                rest.push(text("require"));
                for (i, licence) in licences.iter().enumerate() {
                    let word = match i.checked_sub(1).and_then(|i| ands.get(i)) {
                        None => {
                            rest.push(Doc::Space);
                            rest.extend(self.word(licence));
                            continue;
                        }
                        Some(true) => "and",
                        Some(false) => "or",
                    };
                    rest.push(Doc::Line(" "));
                    rest.extend(self.lead(licence.span, word));
                    rest.push(text(format!("{word} {}", licence.node)));
                }
            }
        }
        vec![group(field_of("then", rest))]
    }
}

/// A declaration with its head and what stands in its braces.
pub(super) fn braces(head: Doc, body: Body) -> Doc {
    if body.docs.is_empty() {
        return group(vec![head, Doc::Space, text("{}")]);
    }
    let forced = body.own_lines;
    let docs = vec![head, Doc::Space, text("{"), Doc::Nest(STEP, body.docs), Doc::Line(" "), text("}")];
    Doc::Group { forced, docs }
}

/// A field: its keyword and the rest.
fn field_of(keyword: &str, rest: Vec<Doc>) -> Vec<Doc> {
    vec![text(keyword), Doc::Space, Doc::Nest(STEP, rest)]
}

/// A member of a group, after the comments before it.
fn member(_: &mut Layout<'_>, member: &Member) -> Vec<Doc> {
    let mut docs = vec![text(value_text(&member.value))];
    if let Some(dated) = &member.dated {
        docs.extend([Doc::Space, text(dated_text(dated))]);
    }
    if let Some(doubt) = &member.doubt {
        docs.push(group(vec![Doc::Nest(STEP, vec![Doc::Line(" "), text(format!("doubt {}", quote(&doubt.node)))])]));
    }
    docs
}

fn dated_text(dated: &Dated) -> String {
    match (&dated.from, &dated.to) {
        (Some(from), Some(to)) => format!("from {} to {}", from.node, to.node),
        (Some(from), None) => format!("from {}", from.node),
        (None, Some(to)) => format!("to {}", to.node),
        (None, None) => String::new(),
    }
}

fn duration_text(duration: &Duration) -> String {
    format!("{} {}", duration.count.node, if duration.months { "months" } else { "days" })
}

fn code_text(item: &CodeItem) -> String {
    let mut out = if item.ex { format!("ex {}", item.code.node) } else { item.code.node.clone() };
    if let Some(to) = &item.to {
        out.push_str(&format!(" to {}", to.node));
    }
    for (i, code) in item.except.iter().enumerate() {
        out.push_str(if i == 0 { " except " } else { " and " });
        out.push_str(&code.node);
    }
    out
}
