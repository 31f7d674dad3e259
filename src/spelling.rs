//! The nearest of some names, for "did you mean".

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
