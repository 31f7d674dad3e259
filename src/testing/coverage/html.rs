//! Coverage as one HTML page: the law as it is written, with its gaps marked beside the lines. It needs no script and
//! nothing from elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::policy::Policy;
use crate::span::FileId;

use super::{Coverage, Goal, line};

const STYLE: &str = "\
:root{--paper:#fff;--ink:#1c1c1c;--soft:#667;--rule:#ddd;--met:#2a7d3c;--part:#b26a00;--open:#b3261e;--note:#fff6e0}
@media(prefers-color-scheme:dark){:root{--paper:#16181c;--ink:#e6e6e6;--soft:#9aa;--rule:#333;--met:#57b56c;\
--part:#e0a24a;--open:#ef7f76;--note:#2e2717}}
body{background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,sans-serif;max-width:72rem;margin:2rem auto;\
padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.05rem;margin-top:2.5rem}
table.sum{border-collapse:collapse}table.sum td,table.sum th{padding:.2rem .9rem .2rem 0;text-align:left}
table.sum td.n{text-align:right;font-variant-numeric:tabular-nums}
.key span{padding-left:.5rem;border-left:.35rem solid;margin-right:1.2rem}
.law{border:1px solid var(--rule);overflow-x:auto}
.law div{display:flex;border-left:.35rem solid transparent}
.law pre{margin:0;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap}
.law a{flex:0 0 3.5rem;text-align:right;padding-right:.8rem;color:var(--soft);font:13px/1.5 ui-monospace,monospace;\
text-decoration:none}
.law .met,.key .met{border-left-color:var(--met)}.law .part,.key .part{border-left-color:var(--part)}
.law .open,.key .open{border-left-color:var(--open)}
.law p{margin:0;padding:.1rem .8rem .1rem 4.6rem;background:var(--note);font-size:.85rem}
";

/// The files measured, with their gaps, as one page.
pub fn html(policy: &Policy, coverage: &Coverage) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>Coverage of the law by its tests</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <h1>Coverage of the law by its tests</h1>\n"
    );
    out.push_str("<table class=\"sum\">\n<tr><th>measure<th>met<th>of<th>%<th>\n");
    for r in coverage.reached() {
        let (name, meaning) = (r.measure.name(), r.measure.meaning());
        let numbers = format!("<td class=\"n\">{}<td class=\"n\">{}<td class=\"n\">{}", r.met, r.of, r.percent());
        out.push_str(&format!("<tr><td>{name}{numbers}<td>{meaning}\n"));
    }
    out.push_str(
        "</table>\n<p class=\"key\"><span class=\"met\">tested</span><span class=\"part\">tested in part</span>\
         <span class=\"open\">not tested</span></p>\n<ul>\n",
    );
    let files: BTreeSet<FileId> = coverage.goals.iter().map(|g| g.span.file).collect();
    for id in &files {
        let name = escape(policy.sources().get(*id).map_or("", |f| f.name.as_str()));
        let gaps = coverage.goals.iter().filter(|g| g.span.file == *id && g.hits == 0).count();
        let word = if gaps == 1 { "gap" } else { "gaps" };
        out.push_str(&format!("<li><a href=\"#f{}\">{name}</a>: {gaps} {word}\n", id.0));
    }
    out.push_str("</ul>\n");
    files.iter().for_each(|id| file(policy, coverage, *id, &mut out));
    out.push_str("</body>\n</html>\n");
    out
}

fn file(policy: &Policy, coverage: &Coverage, id: FileId, out: &mut String) {
    let Some(source) = policy.sources().get(id) else { return };
    let mut lines: BTreeMap<usize, Vec<&Goal>> = BTreeMap::new();
    for goal in coverage.goals.iter().filter(|g| g.span.file == id) {
        lines.entry(line(policy, goal.span)).or_default().push(goal);
    }
    out.push_str(&format!("<h2 id=\"f{}\">{}</h2>\n<div class=\"law\">\n", id.0, escape(&source.name)));
    for (n, text) in (1..).zip(source.text.lines()) {
        let goals = lines.get(&n).map_or(&[][..], Vec::as_slice);
        let met = goals.iter().filter(|g| g.hits > 0).count();
        let class = match met {
            _ if goals.is_empty() => "",
            0 => " class=\"open\"",
            m if m == goals.len() => " class=\"met\"",
            _ => " class=\"part\"",
        };
        let anchor = format!("f{}-{n}", id.0);
        out.push_str(&format!(
            "<div{class} id=\"{anchor}\"><a href=\"#{anchor}\">{n}</a><pre>{}</pre></div>\n",
            escape(text)
        ));
        for gap in goals.iter().filter(|g| g.hits == 0) {
            out.push_str(&format!("<p>{}: {}</p>\n", gap.measure.name(), escape(&gap.text)));
        }
    }
    out.push_str("</div>\n");
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}
