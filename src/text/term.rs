//! How a word is spelt in an index that is asked with and without marks.

use super::letter::{is_tone, unmarked};

/// Between the letters of a term and their marks. No folded word has it.
const MARKS: char = '^';

/// Whether a term has no marks.
pub fn is_bare(term: &str) -> bool {
    term.ends_with(MARKS)
}

/// Writes a folded word as a term: its letters without marks, [`MARKS`], the place and kind of each mark of a letter, the tone. `marks` is
/// room for the latter.
pub fn spell(word: &str, out: &mut String, marks: &mut String) {
    marks.clear();
    for (place, c) in (b'0'..=b'9').chain(b'A'..=b'Z').chain(std::iter::repeat(b'_')).zip(word.chars()) {
        // The fold puts tones behind all letters.
        if is_tone(c) {
            marks.push(char::from(b'0' + c as u8));
            continue;
        }
        let (letter, mark) = unmarked(c);
        out.push(letter);
        if let Some(mark) = mark {
            marks.push(char::from(place));
            marks.push(mark);
        }
    }
    out.push(MARKS);
    out.push_str(marks);
}
