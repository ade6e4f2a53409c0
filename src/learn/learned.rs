//! A linear model at work: how far it moves a score, and what it says for itself.

use super::linear::Linear;
use crate::model::{Field, Reason};
use crate::text::Words;

/// What a model sees of an item, beside what the rules said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Article<'a> {
    /// The headline.
    pub title: &'a str,
    /// The teaser.
    pub teaser: &'a str,
    /// The article.
    pub body: &'a str,
    /// The words of all three, where somebody has folded them.
    pub words: Option<&'a Words>,
}

/// A model, and how many points of a topic's score it may move.
#[derive(Debug, Clone, PartialEq)]
pub struct Learned {
    /// The model.
    pub linear: Linear,
    /// The most it adds, in points.
    pub adds: f64,
    /// The most it takes away, in points.
    pub vetoes: f64,
}

/// What a model may add where a topic's file does not say otherwise, in points: three of ten turn a doubt, and no more.
pub const ADDS: f64 = 3.0;
/// What it may take away.
pub const VETOES: f64 = 3.0;
/// What a model's reason is called.
const NAME: &str = "mô hình đã học";
/// A reason quotes this many of the features that weighed most.
const QUOTED: usize = 3;

impl Learned {
    /// What the model adds to the reasons of a topic. Nothing where no rule spoke: it is asked about doubts, not about all the news; and
    /// nothing about a source that an editor declared to be the topic.
    pub fn reason(&self, article: &Article<'_>, reasons: &[Reason]) -> Option<Reason> {
        if reasons.is_empty() || reasons.iter().any(|reason| reason.field == Field::Source) {
            return None;
        }
        let folded;
        let words = match article.words {
            Some(words) => words,
            None => {
                folded = Words::of(article.title, article.teaser, article.body);
                &folded
            }
        };
        let article = Article { words: Some(words), ..*article };
        let weight = points(self.linear.probability(&article, reasons), self.adds, self.vetoes);
        if weight == 0.0 {
            return None;
        }
        let top = self.linear.top(&article, reasons, weight.signum(), QUOTED);
        let field = top.first().map_or(Field::Title, |told| told.field);
        let quoted: Vec<&str> = top.iter().map(|told| told.text.as_str()).collect();
        Some(Reason { rule: NAME.to_owned(), text: quoted.join(" · "), field, weight })
    }
}

/// How far a probability moves a score: not at all in doubt, all the way when certain, in tenths of a point, so that the last digit of an
/// exponential, which machines compute differently, is never published.
pub fn points(probability: f64, adds: f64, vetoes: f64) -> f64 {
    let certainty = 2.0 * probability - 1.0;
    let points = if certainty > 0.0 { certainty * adds } else { certainty * vetoes };
    // Adding nothing turns -0 into 0.
    (points * 10.0).round() / 10.0 + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_doubt_moves_nothing_and_certainty_all_the_way() {
        for (probability, expected) in [(0.5, 0.0), (1.0, 3.0), (0.0, -2.0), (0.75, 1.5), (0.25, -1.0), (0.501, 0.0)] {
            assert_eq!(points(probability, 3.0, 2.0), expected, "{probability}");
        }
        assert!(points(0.499, 3.0, 2.0).is_sign_positive(), "no -0");
    }

    proptest! {
        #[test]
        fn no_score_moves_further_than_is_allowed(p in 0.0..=1.0, adds in 0.0..50.0, vetoes in 0.0..50.0) {
            let moved = points(p, adds, vetoes);
            prop_assert!(moved <= adds + 0.05 && moved >= -vetoes - 0.05);
        }

        #[test]
        fn any_text_is_judged(title in "\\PC{0,30}", teaser in "\\PC{0,30}", body in "(học|Bác|\\.|\n| |\\PC){0,50}") {
            let file = "bias\t-1\n2\ttitle\thọc\n3\topening\thọc Bác\n-2\tbody\tBác\n1\trule@body\tr\n";
            let learned = Learned { linear: Linear::read(file).unwrap(), adds: 3.0, vetoes: 3.0 };
            let reasons = [Reason { rule: "r".into(), text: "x".into(), field: Field::Body, weight: 1.0 }];
            let folded = Words::of(&title, &teaser, &body);
            let bare = Article { title: &title, teaser: &teaser, body: &body, words: None };
            let told = learned.reason(&bare, &reasons);
            prop_assert_eq!(&told, &learned.reason(&Article { words: Some(&folded), ..bare }, &reasons));
            prop_assert!(told.is_none_or(|reason| reason.weight.abs() <= 3.0));
        }
    }
}
