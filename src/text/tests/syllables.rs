//! Vietnamese syllables as they are built: an initial, a rime, a tone; and the ways one text is typed.

use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

const INITIALS: [&str; 27] = [
    "", "b", "c", "ch", "d", "đ", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "r",
    "s", "t", "th", "tr", "v", "x",
];

/// Vowels and what closes them, the letter that carries the tone behind `'`. Where there are two habits, both, the old one first.
const RIMES: [(&str, &str); 52] = [
    ("'a", "'a"),
    ("'an", "'an"),
    ("'anh", "'anh"),
    ("'ach", "'ach"),
    ("'ao", "'ao"),
    ("'ay", "'ay"),
    ("'ăm", "'ăm"),
    ("'ăc", "'ăc"),
    ("'âu", "'âu"),
    ("'ây", "'ây"),
    ("'ât", "'ât"),
    ("'e", "'e"),
    ("'en", "'en"),
    ("'ê", "'ê"),
    ("'ênh", "'ênh"),
    ("'i", "'i"),
    ("'inh", "'inh"),
    ("'ich", "'ich"),
    ("'ia", "'ia"),
    ("i'ên", "i'ên"),
    ("i'êt", "i'êt"),
    ("'iu", "'iu"),
    ("'o", "'o"),
    ("'ong", "'ong"),
    ("'oc", "'oc"),
    ("'oi", "'oi"),
    ("o'a", "'oa"),
    ("o'e", "'oe"),
    ("o'ai", "o'ai"),
    ("o'an", "o'an"),
    ("o'ăc", "o'ăc"),
    ("'ô", "'ô"),
    ("'ông", "'ông"),
    ("'ôi", "'ôi"),
    ("'ơ", "'ơ"),
    ("'ơi", "'ơi"),
    ("'u", "'u"),
    ("'ung", "'ung"),
    ("'ua", "'ua"),
    ("'ui", "'ui"),
    ("u'ân", "u'ân"),
    ("u'ê", "u'ê"),
    ("u'ôi", "u'ôi"),
    ("u'ôc", "u'ôc"),
    ("u'y", "'uy"),
    ("u'yên", "u'yên"),
    ("'ư", "'ư"),
    ("'ưng", "'ưng"),
    ("'ưa", "'ưa"),
    ("ư'ơng", "ư'ơng"),
    ("ư'ơc", "ư'ơc"),
    ("'y", "'y"),
];

/// Behind qu the u is no vowel, so that nobody puts the tone on it: quý, quả, quê.
const AFTER_QU: [&str; 9] = ["'a", "'an", "'ang", "'ân", "'e", "'ê", "'ôc", "'y", "y'êt"];

const TONES: [&str; 6] = ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"];

/// A syllable in NFC, in the old habit and in the new.
fn syllable() -> impl Strategy<Value = (String, String)> {
    let rimes = prop_oneof![
        5 => (prop::sample::select(&INITIALS), prop::sample::select(&RIMES)),
        1 => prop::sample::select(&AFTER_QU).prop_map(|rime| ("qu", (rime, rime))),
    ];
    (rimes, prop::sample::select(&TONES)).prop_map(|((initial, (old, new)), tone)| {
        let spell = |rime: &str| {
            let (before, vowel) = rime.split_once('\'').unwrap();
            let (vowel, behind) = vowel.split_at(vowel.chars().next().unwrap().len_utf8());
            format!("{initial}{before}{vowel}{tone}{behind}").nfc().collect::<String>()
        };
        (spell(old), spell(new))
    })
}

/// How a word is written.
#[derive(Debug, Clone, Copy)]
pub enum Case {
    Lower,
    Capital,
    Upper,
}

impl Case {
    fn write(self, word: &str) -> String {
        let mut chars = word.chars();
        match self {
            Case::Lower => word.to_owned(),
            Case::Upper => word.to_uppercase(),
            Case::Capital => chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect(),
        }
    }
}

/// Sentences: words with spaces and punctuation between them, in the old habit and in the new.
pub fn text() -> impl Strategy<Value = (String, String)> {
    let case = prop_oneof![6 => Just(Case::Lower), 2 => Just(Case::Capital), 1 => Just(Case::Upper)];
    let number = "[0-9]{1,4}(/[0-9]{1,3}|-[A-Z]{2,3}/TW)?".prop_map(|n| (n.clone(), n));
    let word = prop_oneof![
        12 => (syllable(), case).prop_map(|((old, new), case)| (case.write(&old), case.write(&new))),
        1 => number,
    ];
    let gap = prop_oneof![
        12 => Just(" "),
        2 => Just(", "),
        1 => prop::sample::select(&[". ", "; ", "? ", "… ", " \"", "\" ", " '", " - ", "-", ": ", " (", ") ", "\n", "  "]),
    ];
    prop::collection::vec((word, gap), 0..40).prop_map(|words| {
        words.into_iter().fold(Default::default(), |(mut old, mut new): (String, String), ((a, b), gap)| {
            old.extend([&a, gap]);
            new.extend([&b, gap]);
            (old, new)
        })
    })
}

/// The same text, typed otherwise: other spaces, quotes and dashes, and characters that nobody sees, as many as there are in `choices`.
pub fn typed_otherwise(text: &str, choices: &[u8]) -> String {
    let mut choices = choices.iter().cycle();
    let mut out = String::new();
    for c in text.chars() {
        let choice = usize::from(*choices.next().unwrap_or(&0));
        let mut pick = |from: &[&'static str]| out.push_str(from[choice % from.len()]);
        match c {
            ' ' => pick(&[" ", "\u{a0}", "\u{202f}", "\u{2003}", "\t"]),
            '"' => pick(&["\"", "“", "”", "«", "»"]),
            '\'' => pick(&["'", "‘", "’"]),
            '-' => pick(&["-", "–", "—", "\u{2011}", "\u{2212}"]),
            _ => out.push(c),
        }
        if choice % 7 == 3 && c.is_alphanumeric() {
            out.push_str(["\u{200b}", "\u{ad}", "\u{feff}", "\u{2060}"][choice % 4]);
        }
    }
    out
}
