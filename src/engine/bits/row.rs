//! Rows of bits: for one value of a fact, the products that it leaves possible.
//!
//! Most rows are nearly empty (a tariff code leaves few entries) or nearly full (a flag that few entries read), so only
//! words that are neither are stored, and a summary says which words have any bit at all. Taking the summaries of a few
//! facts together first leaves few words to look at.
//!
//! Source: F. Baboescu, G. Varghese, Scalable Packet Classification, SIGCOMM 2001 (aggregated bit vectors).

/// How many bits a word has.
pub const BITS: usize = 64;

/// A set of products, stored without its empty and its full words.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// One bit a word: whether it has any bit.
    any: Box<[u64]>,
    /// One bit a word: whether it is stored, being neither empty nor full.
    mixed: Box<[u64]>,
    /// For each word of `mixed`, how many words are stored before it.
    before: Box<[u32]>,
    words: Box<[u64]>,
}

impl Row {
    /// The row of a set of bits, of which the last word may be used in part; `full` is the set of all there are.
    pub fn new(bits: &[u64], full: &[u64]) -> Row {
        let groups = bits.len().div_ceil(BITS);
        let (mut any, mut mixed, mut before) = (vec![0; groups], vec![0; groups], vec![0; groups]);
        let mut words = Vec::new();
        for (w, (bits, full)) in bits.iter().zip(full).enumerate() {
            if w % BITS == 0 {
                before[w / BITS] = words.len() as u32;
            }
            let bit = 1u64 << (w % BITS);
            if *bits != 0 {
                any[w / BITS] |= bit;
                if bits != full {
                    mixed[w / BITS] |= bit;
                    words.push(*bits);
                }
            }
        }
        Row { any: any.into(), mixed: mixed.into(), before: before.into(), words: words.into() }
    }

    /// One bit for each of 64 words: whether it has any bit.
    #[inline]
    pub fn summary(&self, group: usize) -> u64 {
        self.any[group]
    }

    /// One word; bits beyond the set of all there are may be set.
    #[inline]
    pub fn word(&self, w: usize) -> u64 {
        let (group, bit) = (w / BITS, 1u64 << (w % BITS));
        let mixed = self.mixed[group];
        if mixed & bit != 0 {
            let at = self.before[group] as usize + (mixed & (bit - 1)).count_ones() as usize;
            self.words[at]
        } else if self.any[group] & bit != 0 {
            u64::MAX
        } else {
            0
        }
    }

    /// The bytes that it takes.
    pub fn bytes(&self) -> usize {
        (self.any.len() + self.mixed.len() + self.words.len()) * 8 + self.before.len() * 4 + size_of::<Row>()
    }
}

/// Whether a bit is set.
pub fn is_set(bits: &[u64], at: usize) -> bool {
    bits.get(at / BITS).is_some_and(|word| word >> (at % BITS) & 1 == 1)
}

/// Sets one bit.
pub fn set(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / BITS) {
        *word |= 1 << (at % BITS);
    }
}

/// Clears one bit.
pub fn clear(bits: &mut [u64], at: usize) {
    if let Some(word) = bits.get_mut(at / BITS) {
        *word &= !(1 << (at % BITS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_gives_back_its_words() {
        let full = vec![u64::MAX; 130];
        let mut bits = vec![0; 130];
        (bits[0], bits[1], bits[63], bits[64], bits[129]) = (5, u64::MAX, 9, 1 << 63, 7);
        let row = Row::new(&bits, &full);
        for (w, word) in bits.iter().enumerate() {
            assert_eq!(row.word(w), *word, "word {w}");
            assert_eq!(row.summary(w / 64) >> (w % 64) & 1 == 1, *word != 0, "summary of {w}");
        }
    }
}
