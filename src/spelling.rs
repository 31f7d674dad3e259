//! Small spelling: the nearest of some names, for "did you mean"; how many of something; `a` or `an`.

/// How many of something: `1 entry`, `2 entries`.
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// A word with its article: `a length`, `an area`.
pub fn with_article(word: &str) -> String {
    let vowel = word.starts_with(['a', 'e', 'i', 'o', 'u', 'A', 'E', 'I', 'O', 'U']);
    format!("{} {word}", if vowel { "an" } else { "a" })
}

/// The nearest of some names, if one is near enough to be meant: about one slip in three letters, and in fewer none but
/// capitals for small letters.
pub fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 64 {
        return None;
    }
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).min(4);
    known
        .filter(|k| k.len() <= 96)
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), k))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let found: Vec<String> = [0, 1, 2].map(|n| counted(n, "entry", "entries")).to_vec();
        assert_eq!(found, ["0 entries", "1 entry", "2 entries"]);
    }

    #[test]
    fn an_stands_before_a_vowel() {
        let found: Vec<String> = ["length", "area", "energy", "ECCN", "CAS number"].map(with_article).to_vec();
        assert_eq!(found, ["a length", "an area", "an energy", "an ECCN", "a CAS number"]);
    }
}
