//! Search words as they are written: `electric chair|stool !wheel|massage`. A phrase is the words that a description has to
//! hold near each other; for each there may be others that do as well. Words behind a `!` speak for other, ordinary goods.

/// In how many ways a phrase may be said at most: the product of the alternatives of its words.
pub const MAX_WAYS: usize = 200;
/// The most words of a phrase.
pub const MAX_WORDS: usize = 8;

/// A phrase, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Phrase<'t> {
    /// Its words, each with the others that do as well.
    pub words: Vec<Vec<&'t str>>,
    /// Words beside which other goods are meant.
    pub against: Vec<&'t str>,
}

impl Phrase<'_> {
    /// True if each of its words, or one that does as well, is among those of a text in small letters, whatever the endings.
    pub fn is_said_by(&self, text: &str) -> bool {
        let said: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
        let is = |way: &str| {
            let way = way.to_lowercase();
            said.iter().any(|w| way == *w || w.len().min(way.len()) > 3 && (w.starts_with(&way) || way.starts_with(w)))
        };
        self.words.iter().all(|ways| ways.iter().any(|way| is(way)))
    }
}

/// A phrase without the words that speak against it.
pub fn plain(text: &str) -> &str {
    text.split(" !").next().unwrap_or(text)
}

/// Reads a phrase.
///
/// # Errors
/// There is no word in it, or none beside a `|` or behind a `!`; there are more than [`MAX_WORDS`], or more than [`MAX_WAYS`]
/// to say it. The message says which.
pub fn read(text: &str) -> Result<Phrase<'_>, String> {
    let mut out = Phrase::default();
    let between = |c: char| !(c.is_alphanumeric() || c == '|' || c == '!');
    for word in text.split(between).filter(|w| !w.is_empty()) {
        let (against, word) = word.strip_prefix('!').map_or((false, word), |w| (true, w));
        let ways: Vec<&str> = word.split('|').collect();
        if ways.iter().any(|w| w.contains('!')) {
            return Err("`!` stands before a word, behind a blank".to_owned());
        }
        if ways.contains(&"") {
            return Err("`|` stands between two words, and `!` before one, without blanks".to_owned());
        }
        if against {
            out.against.extend(ways);
        } else {
            out.words.push(ways);
        }
    }
    if out.words.is_empty() {
        return Err("there is no word in it".to_owned());
    }
    if let Some(both) = out.words.iter().flatten().find(|w| out.against.contains(w)) {
        return Err(format!("`{both}` stands behind a `!` and before it"));
    }
    if out.words.len() > MAX_WORDS {
        return Err(format!("it has {} words, and a phrase has at most {MAX_WORDS}", out.words.len()));
    }
    let ways = out.words.iter().fold(1usize, |n, ways| n.saturating_mul(ways.len()));
    if ways.max(out.against.len()) > MAX_WAYS {
        return Err(format!("it can be said in {ways} ways, and a phrase in at most {MAX_WAYS}"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_may_have_others_that_do_as_well() {
        let read = |text| super::read(text).unwrap().words;
        assert_eq!(read("electric-shock belt|vest"), [vec!["electric"], vec!["shock"], vec!["belt", "vest"]]);
        assert_eq!(read("chaîne d'otages"), [["chaîne"], ["d"], ["otages"]]);
    }

    #[test]
    fn a_text_says_a_phrase_whatever_the_endings() {
        let phrase = super::read("electric shock belt|vest !seat").unwrap();
        assert!(phrase.is_said_by("vests, electric shock"));
        assert!(!phrase.is_said_by("electric belt"));
        assert_eq!(super::plain("electric shock belt|vest !seat"), "electric shock belt|vest");
    }

    #[test]
    fn words_behind_a_mark_speak_against_it() {
        let phrase = super::read("electric chair !wheel|massage !dental").unwrap();
        assert_eq!(phrase.words, [["electric"], ["chair"]]);
        assert_eq!(phrase.against, ["wheel", "massage", "dental"]);
    }

    #[test]
    fn what_nothing_could_hold_is_refused() {
        for bad in
            ["", " - ", "belt |vest", "belt||vest", "|", "a b c d e f g h i", "!wheel", "a !", "a!b", "a !b|!c", "a !a"]
        {
            assert!(read(bad).is_err(), "{bad:?}");
        }
        // Six times six times six ways.
        let six = "a|b|c|d|e|f";
        assert!(read(&format!("{six} {six}")).is_ok());
        assert!(read(&format!("{six} {six} {six}")).unwrap_err().contains("216"));
    }
}
