//! What two short texts say alike and what only one of them says, word by word. Words are compared as [`Folded`] sees them, so case, the
//! place of a tone, Unicode form and punctuation are no difference; they are shown as they are written.

use std::ops::Range;

use similar::{Algorithm, DiffOp, capture_diff_slices};

use crate::text::Folded;

/// A piece of a text, as it is written. The pieces of a text, one behind the other, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// The words, and what stands between them.
    pub text: &'a str,
    /// Who says them.
    pub mark: Mark,
}

/// Which of two texts says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Both. What stands between words is here too.
    Both,
    /// The first alone: the second leaves it out.
    LeftOut,
    /// The second alone.
    Added,
}

/// Two texts with their differences marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<'a> {
    /// The first text: [`Mark::Both`] and [`Mark::LeftOut`].
    pub first: Vec<Span<'a>>,
    /// The second text: [`Mark::Both`] and [`Mark::Added`].
    pub second: Vec<Span<'a>>,
}

impl<'a> Difference<'a> {
    /// Of two texts. Each word of one is held against each of the other, so the work grows with the product of their lengths: it is taken off
    /// the `budget`, and nothing is told where that does not suffice.
    pub fn between(first: &'a str, second: &'a str, budget: &mut usize) -> Option<Difference<'a>> {
        let (folded, folded_second) = (Folded::new(first), Folded::new(second));
        let (old, new) = (Words::of(&folded), Words::of(&folded_second));
        if old.words == new.words {
            return Some(Difference::unmarked(first, second));
        }
        *budget = budget.checked_sub(old.words.len().saturating_mul(new.words.len()))?;
        // The differences in one text and in the other: places of words.
        let (mut left_out, mut added) = (Vec::new(), Vec::new());
        for op in capture_diff_slices(Algorithm::Lcs, &old.words, &new.words) {
            if !matches!(op, DiffOp::Equal { .. }) {
                left_out.push(op.old_range());
                added.push(op.new_range());
            }
        }
        Some(Difference {
            first: spans(first, &old.places(&left_out), Mark::LeftOut),
            second: spans(second, &new.places(&added), Mark::Added),
        })
    }

    /// The same two texts with nothing marked.
    pub fn unmarked(first: &'a str, second: &'a str) -> Difference<'a> {
        Difference { first: spans(first, &[], Mark::LeftOut), second: spans(second, &[], Mark::Added) }
    }

    /// Whether a reader of either has read the other.
    pub fn is_none(&self) -> bool {
        self.first.iter().chain(&self.second).all(|span| span.mark == Mark::Both)
    }
}

/// The words of a folded text without sentence ends.
struct Words<'a> {
    folded: &'a Folded,
    words: Vec<&'a str>,
    /// The byte of the folded text where each begins.
    at: Vec<usize>,
}

impl<'a> Words<'a> {
    fn of(folded: &'a Folded) -> Words<'a> {
        let (mut words, mut at, mut next) = (Vec::new(), Vec::new(), 0);
        for word in folded.as_str().split(' ') {
            if !word.is_empty() && word != "." {
                words.push(word);
                at.push(next);
            }
            next += word.len() + 1;
        }
        Words { folded, words, at }
    }

    /// Where runs of words stand in the original; empty runs stand nowhere.
    fn places(&self, runs: &[Range<usize>]) -> Vec<Range<usize>> {
        let place = |run: &Range<usize>| {
            let (first, last) = (*self.at.get(run.start)?, *self.at.get(run.end.checked_sub(1)?)?);
            (first <= last).then(|| self.folded.original(first..last + 1))
        };
        runs.iter().filter_map(place).collect()
    }
}

/// A text in pieces, of which those in the places have the mark.
fn spans<'a>(text: &'a str, places: &[Range<usize>], mark: Mark) -> Vec<Span<'a>> {
    let mut spans = Vec::with_capacity(2 * places.len() + 1);
    let mut push = |range: Range<usize>, mark| {
        let text = text.get(range).unwrap_or_default();
        if !text.is_empty() {
            spans.push(Span { text, mark });
        }
    };
    let mut end = 0;
    for place in places {
        push(end..place.start, Mark::Both);
        push(place.clone(), mark);
        end = place.end;
    }
    push(end..text.len(), Mark::Both);
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `[left out]` and `{added}`.
    fn written(spans: &[Span<'_>]) -> String {
        let write = |span: &Span<'_>| match span.mark {
            Mark::Both => span.text.to_owned(),
            Mark::LeftOut => format!("[{}]", span.text),
            Mark::Added => format!("{{{}}}", span.text),
        };
        spans.iter().map(write).collect()
    }

    #[test]
    fn what_only_one_text_says_is_marked_as_it_is_written() {
        let cases = [
            ("added", "Ra mắt câu lạc bộ", "Huế ra mắt câu lạc bộ", "Ra mắt câu lạc bộ", "{Huế} ra mắt câu lạc bộ"),
            ("left out", "Học Bác mỗi ngày", "Học Bác", "Học Bác [mỗi ngày]", "Học Bác"),
            ("replaced", "có 24 hội viên.", "có 26 hội viên.", "có [24] hội viên.", "có {26} hội viên."),
            ("more for less", "học tập Bác", "làm theo lời Bác", "[học tập] Bác", "{làm theo lời} Bác"),
            ("twice", "a b c d e", "x b c y e", "[a] b c [d] e", "{x} b c {y} e"),
            ("place of the tone", "Hoà Bình, uỷ ban", "Hòa Bình, ủy ban", "Hoà Bình, uỷ ban", "Hòa Bình, ủy ban"),
            ("i and y", "kỹ sư", "kĩ sư", "kỹ sư", "kĩ sư"),
            ("case", "HỌC BÁC", "Học Bác", "HỌC BÁC", "Học Bác"),
            ("form", "tiếng Việt", "tie\u{302}\u{301}ng Việt", "tiếng Việt", "tie\u{302}\u{301}ng Việt"),
            ("punctuation", "“Học Bác”: mỗi ngày!", "Học Bác. Mỗi ngày", "“Học Bác”: mỗi ngày!", "Học Bác. Mỗi ngày"),
            ("another tone is another word", "báo", "bão", "[báo]", "{bão}"),
            ("a sentence end inside", "một. Hai. ba", "ba", "[một. Hai]. ba", "ba"),
            ("lines", "một\nhai", "một\nba", "một\n[hai]", "một\n{ba}"),
            ("all of it", "Tin cũ", "Khác", "[Tin cũ]", "{Khác}"),
            ("nothing on one side", "", "Hai ba.", "", "{Hai ba}."),
            ("nothing on the other", "“Hai”", "", "“[Hai]”", ""),
            ("nothing at all", "", "", "", ""),
            ("no words", "…", "!!!", "…", "!!!"),
        ];
        for (what, first, second, left, right) in cases {
            let difference = Difference::between(first, second, &mut 1_000).unwrap();
            assert_eq!((&*written(&difference.first), &*written(&difference.second)), (left, right), "{what}");
            assert_eq!(difference.is_none(), (left, right) == (first, second), "{what}");
        }
    }

    #[test]
    fn work_is_paid_for_and_what_cannot_be_paid_can_be_shown_as_it_is() {
        let (ten, other) = ("a ".repeat(10), "b ".repeat(10));
        let mut budget = 250;
        assert!(Difference::between(&ten, &ten, &mut budget).unwrap().is_none());
        assert_eq!(budget, 250, "what is the same costs nothing");
        assert!(Difference::between(&ten, &other, &mut budget).is_some());
        assert!(Difference::between(&ten, &other, &mut budget).is_some());
        assert_eq!((Difference::between(&ten, &other, &mut budget), budget), (None, 50));
        assert!(Difference::between(&ten, "c d", &mut budget).is_some(), "a shorter one can still be paid");
        let shown = Difference::unmarked(&ten, "b");
        assert_eq!((&*written(&shown.first), &*written(&shown.second), shown.is_none()), (&*ten, "b", true));
    }

    proptest! {
        #[test]
        fn the_pieces_of_a_text_are_the_text_and_what_both_say_is_the_same(
            first in "\\PC{0,60}|[ab\u{e1}o.,\n ]{0,60}|[học báchồ .]{0,80}",
            second in "\\PC{0,60}|[ab\u{e1}o.,\n ]{0,60}|[học báchồ .]{0,80}",
        ) {
            let difference = Difference::between(&first, &second, &mut 10_000).unwrap();
            let whole = |spans: &[Span<'_>]| spans.iter().map(|span| span.text).collect::<String>();
            prop_assert_eq!(whole(&difference.first), first.clone());
            prop_assert_eq!(whole(&difference.second), second.clone());
            prop_assert!(difference.first.iter().all(|span| span.mark != Mark::Added));
            prop_assert!(difference.second.iter().all(|span| span.mark != Mark::LeftOut));
            prop_assert_eq!(difference.is_none(), crate::text::key(&first) == crate::text::key(&second));
            let back = Difference::between(&second, &first, &mut 10_000).unwrap();
            prop_assert_eq!(back.is_none(), difference.is_none());
        }
    }
}
