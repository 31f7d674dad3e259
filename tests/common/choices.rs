//! Choices: from bytes, so that a random test case shrinks with its bytes; or from a seed, without end.

/// A source of choices.
pub struct Choices<'b>(Source<'b>);

enum Source<'b> {
    /// Where the bytes end every choice is the first, so that fewer bytes make a smaller case.
    Bytes(std::slice::Iter<'b, u8>),
    /// Numbers that look random (splitmix64), the same on every machine.
    Seed(u64),
}

impl<'b> Choices<'b> {
    /// Choices from these bytes.
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(Source::Bytes(bytes.iter()))
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        match &mut self.0 {
            Source::Bytes(bytes) => usize::from(bytes.next().copied().unwrap_or(0)) % n,
            Source::Seed(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut z = *state;
                z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                ((z ^ (z >> 31)) % n as u64) as usize
            }
        }
    }

    /// Yes or no; no where the bytes end.
    pub fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Yes with this chance in 100.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) + percent >= 100
    }

    /// One of several.
    pub fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }

    /// `least..=most` of something.
    pub fn many<T>(&mut self, least: usize, most: usize, mut make: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = least + self.below(most - least + 1);
        (0..count).map(|_| make(self)).collect()
    }

    /// Something or nothing.
    pub fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.coin().then(|| make(self))
    }
}

impl Choices<'static> {
    /// Choices from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seed(seed))
    }
}
