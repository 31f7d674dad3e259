//! What rests on what: circles, and what rests on more than can be followed.

use crate::span::Span;

/// How many others one may rest on, each counted as often as it is named.
pub(super) const MAX_NAMED: u64 = 10_000;

/// How deep what rests on others may go, brackets counted.
pub(super) const MAX_LEVELS: u64 = 1_000;

/// Declarations, and which of them name which.
#[derive(Default)]
pub(super) struct Graph {
    /// Where each is declared, and its name.
    pub(super) nodes: Vec<(Span, String)>,
    /// What each names, as often as it names it.
    edges: Vec<Vec<usize>>,
    /// How many levels each has itself.
    own: Vec<u64>,
}

/// What rests on more than is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// On too many others.
    Named,
    /// On others that go too deep.
    Levels,
}

impl Graph {
    pub(super) fn add(&mut self, node: (Span, &str), own: u64, names: Vec<usize>) {
        self.nodes.push((node.0, node.1.to_owned()));
        self.own.push(own);
        self.edges.push(names);
    }

    /// Those that rest on more than is allowed, the lowest of them: what rests on these does so too.
    ///
    /// There must be no circle.
    pub(super) fn excessive(&self) -> Vec<(usize, Excess)> {
        let mut extents = vec![(0u64, 0u64); self.edges.len()];
        let mut path: Vec<usize> = Vec::new();
        for start in 0..self.edges.len() {
            path.push(start);
            while let Some(&node) = path.last() {
                let before = path.len();
                path.extend(self.edges[node].iter().filter(|to| extents[**to].0 == 0));
                if path.len() == before {
                    let below = || self.edges[node].iter().map(|to| extents[*to]);
                    let named = below().fold(1, |t: u64, (named, _)| t.saturating_add(named));
                    let levels = below().map(|(_, levels)| levels).max().unwrap_or(0);
                    extents[node] = (named, levels.saturating_add(self.own[node]).saturating_add(1));
                    path.pop();
                }
            }
        }
        let excess = |i: usize| match extents[i] {
            (named, _) if named > MAX_NAMED => Some(Excess::Named),
            (_, levels) if levels > MAX_LEVELS => Some(Excess::Levels),
            _ => None,
        };
        let all = (0..self.edges.len()).filter_map(|i| Some((i, excess(i)?)));
        all.filter(|(i, _)| self.edges[*i].iter().all(|to| excess(*to).is_none())).collect()
    }

    /// The circles, one for each set of nodes that reach each other; each starts at its lowest node.
    pub(super) fn circles(&self) -> Vec<Vec<usize>> {
        let edges = &self.edges;
        // Depth-first, without recursion: 0 unseen, 1 on the path, 2 done.
        let mut state = vec![0u8; edges.len()];
        let mut found = Vec::new();
        for start in 0..edges.len() {
            if state[start] != 0 {
                continue;
            }
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            state[start] = 1;
            while let Some((node, next)) = path.last_mut() {
                let node = *node;
                if let Some(to) = edges[node].get(*next).copied() {
                    *next += 1;
                    match state[to] {
                        0 => {
                            state[to] = 1;
                            path.push((to, 0));
                        }
                        1 => {
                            let from = path.iter().position(|(n, _)| *n == to).unwrap_or(0);
                            found.push(path[from..].iter().map(|(n, _)| *n).collect());
                        }
                        _ => {}
                    }
                } else {
                    state[node] = 2;
                    path.pop();
                }
            }
        }
        found
    }
}
