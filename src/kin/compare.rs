//! How alike two items are, and in what they conflict. Shares are from 0 to 1.

use std::collections::BTreeMap;

use super::facts::{Fact, Stated};
use super::portrait::{OPENING, Portrait};
use super::rarity::Rarity;
use super::set::{Set, pairs};
use super::term::{Kind, STOP, Term, Terms, mix};
use crate::model::{Aspect, Finding};

/// So many word pairs in a row are copied, not met by chance.
const COPIED: usize = 7;
/// So many are more than a quotation of a name, a title and an office.
const COPIED_LONG: usize = 12;
/// In a teaser, less is.
const COPIED_SHORT: usize = 4;

/// Behind the same rubric, headlines of one story share at least so many of their words.
const LEAST_OF_NEWS: f32 = 0.4;

/// What facts can conflict in.
const FACTS: [Aspect; 5] = [Aspect::Numbers, Aspect::Dates, Aspect::Places, Aspect::Persons, Aspect::Bodies];

/// How much of one item stands in another.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Side {
    /// Of its text's word pairs, by weight.
    text: f32,
    /// Of its text, what stands there in runs; of three lengths.
    copied: f32,
    copied_long: f32,
    copied_short: f32,
    /// Of its opening's word pairs, by weight.
    opening: f32,
    /// Of its headline's word pairs, by weight.
    headline: f32,
    /// Of its headline's words.
    headline_words: f32,
}

/// Two items side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// How much of the one text that has most in the other stands there: a cut tail or an added lead leaves it whole.
    pub contained: f32,
    /// What both texts have of what either has.
    pub resemblance: f32,
    /// The weight of the pairs that both texts have: how much there is to go by.
    pub shared: f32,
    /// Of the text that has most in the other, what stands in runs of eight words and more.
    pub copied: f32,
    /// Of the other one, in runs of thirteen words and more.
    pub copied_both: f32,
    /// Of the one that has most, in runs of five words and more.
    pub copied_short: f32,
    /// How much of the opening that has less in the other text stands there: a follow-up opens with what is new.
    pub openings: f32,
    /// How much of the headline that has more in the other item stands there.
    pub headline: f32,
    /// The same of its single words.
    pub headline_words: f32,
    /// Of the headline that has less in the other item.
    pub headline_words_both: f32,
    /// Whether they are instalments of a series: the same words in both headlines lead to different numbers or days, or one rubric to
    /// different news.
    pub is_series: bool,
    /// Whether the same words in both headlines lead to different names.
    pub swaps_names: bool,
    /// Whether the same words in both texts lead to different names.
    pub text_swaps_names: bool,
    /// How often they lead to different numbers or days.
    pub numbers_swapped: usize,
    /// Whether each has numbers that the other lacks.
    pub numbers_apart: bool,
    /// Which kinds of facts their headlines and openings share none of, though both state some.
    pub heads_apart: Vec<Aspect>,
    /// Whether both name the same person up front.
    pub name_one_person: bool,
    /// How what they state compares, by kind.
    pub findings: [(Aspect, Finding); 5],
}

impl Likeness {
    /// Of two items; the same in either order.
    pub fn of(a: &Portrait, b: &Portrait, rarity: &Rarity) -> Likeness {
        let sides = [side(a, b, rarity), side(b, a, rarity)];
        let most = |of: fn(&Side) -> f32| sides.iter().map(of).fold(0.0, f32::max);
        let least = |of: fn(&Side) -> f32| sides.iter().map(of).fold(1.0, f32::min);
        let (shared, either) = shared(a, b, rarity);
        let sets = (a.words(), b.words());
        Likeness {
            contained: most(|side| side.text),
            resemblance: shared / either,
            shared,
            copied: most(|side| side.copied),
            copied_both: least(|side| side.copied_long),
            copied_short: most(|side| side.copied_short),
            openings: least(|side| side.opening),
            headline: most(|side| side.headline),
            headline_words: most(|side| side.headline_words),
            headline_words_both: least(|side| side.headline_words),
            is_series: swaps(&a.title, &b.title, sets, is_number) > 0 || are_of_one_rubric(a, b),
            swaps_names: swaps(&a.title, &b.title, sets, is_name) > 0,
            text_swaps_names: swaps(&a.text, &b.text, sets, is_name) > 0,
            numbers_swapped: numbers_swapped(a, b),
            numbers_apart: are_apart(a, b),
            heads_apart: FACTS.into_iter().filter(|aspect| heads(a, b, *aspect) == Some(false)).collect(),
            name_one_person: heads(a, b, Aspect::Persons) == Some(true),
            findings: FACTS.map(|aspect| (aspect, finding(a, b, aspect))),
        }
    }

    /// Whether they say the same of different places: the same words lead to another name, and each names a place that the other does not.
    pub fn is_of_another_place(&self) -> bool {
        self.text_swaps_names && self.differ_in(Aspect::Places)
    }

    /// The same of people, bodies and numbers.
    pub fn states_other_facts(&self) -> bool {
        let of_others = self.differ_in(Aspect::Persons) || self.differ_in(Aspect::Bodies);
        self.text_swaps_names && of_others || self.numbers_swapped > 0 && self.differ_in(Aspect::Numbers)
    }

    /// Whether they conflict in facts of a kind.
    pub fn differ_in(&self, aspect: Aspect) -> bool {
        self.findings.contains(&(aspect, Finding::Differ))
    }
}

fn is_name(kind: Kind) -> bool {
    kind == Kind::Name
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Number | Kind::Date)
}

/// One pair of neighbouring words, and whether the other item has it; nothing at the end of a sentence.
type Hit = Option<(bool, f32)>;

fn side(a: &Portrait, b: &Portrait, rarity: &Rarity) -> Side {
    let hits = |terms: &Terms| -> Vec<Hit> {
        pairs(&terms.words).map(|pair| pair.map(|pair| (b.pairs.contains(pair), rarity.weight(pair)))).collect()
    };
    let (text, title) = (hits(&a.text), hits(&a.title));
    let (known, words) = b.words().knows(&a.title.words);
    Side {
        text: share(&text),
        copied: copied(&text, COPIED),
        copied_long: copied(&text, COPIED_LONG),
        copied_short: copied(&text, COPIED_SHORT),
        opening: share(text.get(..OPENING).unwrap_or(&text)),
        headline: share(&title),
        headline_words: ratio(known, words),
    }
}

/// The weight of the pairs that the other item has, of all.
fn share(hits: &[Hit]) -> f32 {
    let (mut there, mut all) = (0.0, 0.0);
    for &(is_there, weight) in hits.iter().flatten() {
        all += weight;
        there += if is_there { weight } else { 0.0 };
    }
    if all > 0.0 { there / all } else { 0.0 }
}

/// What stands in runs of so many pairs and more. A run goes on over the end of a sentence.
fn copied(hits: &[Hit], least: usize) -> f32 {
    let runs = hits.split(|hit| matches!(hit, Some((false, _)))).map(<[Hit]>::len);
    ratio(runs.filter(|&length| length >= least).sum(), hits.len())
}

fn ratio(part: usize, whole: usize) -> f32 {
    let float = |count: usize| f32::from(u16::try_from(count).unwrap_or(u16::MAX));
    float(part) / float(whole.max(1))
}

/// The weight of the pairs that both texts have, and of those that either has.
fn shared(a: &Portrait, b: &Portrait, rarity: &Rarity) -> (f32, f32) {
    let weight = |set: &Set| set.iter().map(|pair| rarity.weight(pair)).sum::<f32>();
    let both = a.text_pairs().iter().filter(|&pair| b.text_pairs().contains(pair));
    let shared = both.map(|pair| rarity.weight(pair)).sum::<f32>();
    (shared, (weight(a.text_pairs()) + weight(b.text_pairs()) - shared).max(f32::EPSILON))
}

/// How often the same two words, before or behind, lead to different words of a kind, none of which the other item has.
fn swaps(a: &Terms, b: &Terms, (in_a, in_b): (&Set, &Set), is_kind: fn(Kind) -> bool) -> usize {
    let mut around: Vec<u32> =
        frames(a, is_kind).filter(|frame| !in_b.contains(frame.filler)).map(|frame| frame.around).collect();
    around.sort_unstable();
    let is_swapped = |frame: &Frame| !in_a.contains(frame.filler) && around.binary_search(&frame.around).is_ok();
    let mut fillers: Vec<Term> = frames(b, is_kind).filter(is_swapped).map(|frame| frame.filler).collect();
    fillers.sort_unstable();
    fillers.dedup();
    fillers.len()
}

/// How many numbers of a text stand between the same two words as another number in the other text, neither of which the other text has.
fn numbers_swapped(a: &Portrait, b: &Portrait) -> usize {
    let slots = |this: &Portrait, other: &Portrait| -> BTreeMap<u32, Term> {
        let words = this.text.words.as_slice();
        let numbers = this.text.iter().enumerate().filter(|(_, (_, kind))| is_number(*kind));
        let alone = numbers.filter(|(_, (number, _))| !other.words().contains(*number));
        let slot = |(at, (number, _)): (usize, (Term, Kind))| {
            let (before, behind) = (*words.get(at.checked_sub(1)?)?, *words.get(at + 1)?);
            (before != STOP || behind != STOP).then(|| (mix(before, behind), number))
        };
        alone.filter_map(slot).collect()
    };
    let (ours, theirs) = (slots(a, b), slots(b, a));
    ours.keys().filter(|slot| theirs.contains_key(slot)).count()
}

/// Whether two headlines stand under the same rubric and share little behind it: "Toàn cảnh 17h: …" of two days.
fn are_of_one_rubric(a: &Portrait, b: &Portrait) -> bool {
    // "Toàn cảnh 17h" and "Toàn cảnh 17h 12/10" are one.
    let split = |p: &Portrait| -> (Vec<Term>, Vec<Term>) {
        let rubric = p.title.iter().take(p.rubric).filter(|(_, kind)| !is_number(*kind)).map(|(word, _)| word);
        (rubric.collect(), p.title.words.iter().skip(p.rubric).copied().collect())
    };
    let ((rubric_of_a, news_of_a), (rubric_of_b, news_of_b)) = (split(a), split(b));
    let shared = |these: &[Term], those: &[Term]| {
        let (known, all) = Set::of_words(&[those]).knows(these);
        ratio(known, all)
    };
    !rubric_of_a.is_empty()
        && rubric_of_a == rubric_of_b
        && shared(&news_of_a, &news_of_b).min(shared(&news_of_b, &news_of_a)) < LEAST_OF_NEWS
}

/// A word with the two before it or the two behind.
struct Frame {
    around: u32,
    filler: Term,
}

fn frames(terms: &Terms, is_kind: fn(Kind) -> bool) -> impl Iterator<Item = Frame> {
    let word = |at: Option<usize>| at.and_then(|at| terms.words.get(at)).copied().unwrap_or(STOP);
    terms.iter().enumerate().filter(move |(_, (_, kind))| is_kind(*kind)).flat_map(move |(at, (filler, _))| {
        let before = (at.checked_sub(2), at.checked_sub(1));
        let behind = (Some(at + 2), Some(at + 1));
        [(1, before), (2, behind)].into_iter().filter_map(move |(side, (further, next))| {
            let (further, next) = (word(further), word(next));
            (next != STOP).then(|| Frame { around: mix(mix(side, further), next), filler })
        })
    })
}

/// Whether each states numbers or days of which the other has nothing.
fn are_apart(a: &Portrait, b: &Portrait) -> bool {
    let lacks = |a: &Portrait, b: &Portrait| {
        let kinds = [Aspect::Numbers, Aspect::Dates];
        kinds.iter().flat_map(|kind| a.facts().all(*kind)).any(|fact| !b.words().contains(fact.term))
    };
    lacks(a, b) && lacks(b, a)
}

/// Whether two items that both state facts of a kind up front have one of them in common.
fn heads(a: &Portrait, b: &Portrait, aspect: Aspect) -> Option<bool> {
    let (a, b) = (a.facts().stated(aspect)?, b.facts().stated(aspect)?);
    let meet = || a.head.iter().any(|fact| b.head.iter().any(|other| fact.agrees(*other)));
    (!a.head.is_empty() && !b.head.is_empty()).then(meet)
}

/// How what two items state of one kind compares: in conflict where each says something up front of which the other has nothing anywhere.
fn finding(a: &Portrait, b: &Portrait, aspect: Aspect) -> Finding {
    let (Some(a), Some(b)) = (a.facts().stated(aspect), b.facts().stated(aspect)) else { return Finding::Silent };
    if a.head.is_empty() || b.head.is_empty() {
        return Finding::Silent;
    }
    let lacks = |fact: &Fact, other: &Stated| !other.all.iter().any(|known| fact.agrees(*known));
    let differ = a.head.iter().any(|fact| lacks(fact, b)) && b.head.iter().any(|fact| lacks(fact, a));
    if differ { Finding::Differ } else { Finding::Agree }
}
