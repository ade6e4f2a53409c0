//! Phrases that tell one kind of item from another.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::gram::{self, Spellings};
use super::labels::Document;
use crate::text::{self, Folded};

/// The longest phrase, in syllables.
const MOST_SYLLABLES: usize = 6;
/// A phrase in fewer items of its kind is an accident.
const FEWEST: usize = 3;
/// G² of a phrase at least: by chance, one in a hundred that tell nothing has as much.
const LEAST_G2: f64 = 6.63;
/// And it must stand this many times as often in its kind as in the other: among many items, "được" tells something too.
const LEAST_TIMES: f64 = 4.0;
/// So many phrases are worth trying out.
const MOST: usize = 150;
/// No more items are searched for phrases; all are searched for where the phrases stand.
const MOST_SEARCHED: usize = 200;

/// A document, and how it stands to what is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Sided<'a> {
    /// Its texts.
    pub document: &'a Document,
    /// Whether it is of the kind whose phrases are looked for.
    pub is_for: bool,
    /// Whether a phrase of it is what is missing: it is decided wrongly today.
    pub is_needed: bool,
}

/// A phrase that tells the two kinds apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// As it stands most often.
    pub phrase: String,
    /// As it is matched.
    pub key: String,
    /// How telling it is: G², without a unit.
    pub g2: f64,
    /// The documents that have it, by position.
    pub documents: Vec<usize>,
}

/// The phrases of the documents that are decided wrongly which stand much more often in their kind than in the other, the most telling
/// first, one of those that stand in one another in nearly the same documents, and without the `known` ones.
///
/// Telling is G², the log-likelihood ratio of the documents that have a phrase, which holds for rare phrases too (Dunning, Computational
/// Linguistics 19, 1993), where the phrase also stands several times as often in the one kind.
pub fn candidates(documents: &[Sided<'_>], known: &BTreeSet<String>) -> Vec<Candidate> {
    let standing = whereabouts(documents);
    let all_for = documents.iter().filter(|sided| sided.is_for).count();
    let is_for = |at: &&usize| documents.get(**at).is_some_and(|sided| sided.is_for);
    let mut ranked: Vec<Ranked<'_>> = standing
        .into_iter()
        .filter_map(|(key, at)| {
            let count = at.iter().filter(is_for).count();
            let contrast = Contrast::of(count, all_for, at.len() - count, documents.len() - all_for);
            let g2 = contrast.g2();
            let tells = count >= FEWEST && g2 >= LEAST_G2 && contrast.times() >= LEAST_TIMES && !known.contains(key);
            tells.then_some(Ranked { key, g2, documents: at })
        })
        .collect();
    ranked.sort_by(|a, b| b.g2.total_cmp(&a.g2).then(b.key.len().cmp(&a.key.len())).then(a.key.cmp(b.key)));
    spelt(documents, groups(ranked))
}

/// A phrase on trial.
struct Ranked<'a> {
    key: &'a str,
    g2: f64,
    documents: Vec<usize>,
}

/// One phrase of those that stand in one another in nearly the same documents as the most telling: the longest, because "tiết kiệm" says what
/// "kiệm" is about.
fn groups(ranked: Vec<Ranked<'_>>) -> Vec<Ranked<'_>> {
    let mut groups: Vec<(Ranked<'_>, Option<Ranked<'_>>)> = Vec::new();
    for one in ranked {
        let is_room = groups.len() < MOST;
        let group = groups.iter_mut().find(|(first, longest)| {
            nearly_same(&one.documents, &first.documents)
                && (one_in_other(one.key, first.key) || longest.as_ref().is_some_and(|l| one_in_other(one.key, l.key)))
        });
        match group {
            Some((first, longest)) if one.key.len() > longest.as_ref().unwrap_or(first).key.len() => {
                *longest = Some(one);
            }
            None if is_room => groups.push((one, None)),
            _ => {}
        }
    }
    groups.into_iter().map(|(first, longest)| longest.unwrap_or(first)).collect()
}

/// Where the phrases of the documents that matter stand. A phrase begins with shorter ones of the same documents, so a run whose beginning
/// is of no interest is not followed.
fn whereabouts<'a>(documents: &[Sided<'a>]) -> HashMap<&'a str, Vec<usize>> {
    let mut standing: HashMap<&str, Vec<usize>> = HashMap::new();
    for sided in documents.iter().filter(|sided| sided.is_needed).take(MOST_SEARCHED) {
        for (_, folded) in texts(sided.document) {
            gram::for_each(folded.as_str(), MOST_SYLLABLES, |_, run| {
                standing.entry(run).or_default();
                true
            });
        }
    }
    for (at, sided) in documents.iter().enumerate() {
        for (_, folded) in texts(sided.document) {
            gram::for_each(folded.as_str(), MOST_SYLLABLES, |_, run| {
                let known = standing.get_mut(run);
                let is_known = known.is_some();
                if let Some(found) = known
                    && found.last() != Some(&at)
                {
                    found.push(at);
                }
                is_known
            });
        }
    }
    standing
}

fn texts(document: &Document) -> [(&str, &Folded); 3] {
    let words = &document.words;
    [(&document.title, &words.title), (&document.teaser, &words.teaser), (&document.body, &words.body)]
}

/// How many documents of either kind have a phrase, and how many there are.
struct Contrast {
    here: f64,
    all_here: f64,
    there: f64,
    all_there: f64,
}

impl Contrast {
    fn of(here: usize, all_here: usize, there: usize, all_there: usize) -> Contrast {
        let [here, all_here, there, all_there] = [here, all_here, there, all_there].map(|count| count as f64);
        Contrast { here, all_here, there, all_there }
    }

    /// How many times as often the phrase stands in the one kind as in the other; half a document more in either, so that none is not never.
    fn times(&self) -> f64 {
        let share = |count: f64, all: f64| (count + 0.5) / (all + 1.0);
        share(self.here, self.all_here) / share(self.there, self.all_there)
    }

    fn g2(&self) -> f64 {
        let all = self.all_here + self.all_there;
        let with = self.here + self.there;
        let part = |count: f64, row: f64, column: f64| match count > 0.0 {
            true => count * (count * all / (row * column)).ln(),
            false => 0.0,
        };
        2.0 * (part(self.here, with, self.all_here)
            + part(self.there, with, self.all_there)
            + part(self.all_here - self.here, all - with, self.all_here)
            + part(self.all_there - self.there, all - with, self.all_there))
    }
}

/// Whether one phrase stands in the other, on whole words.
fn one_in_other(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
    format!(" {long} ").contains(&format!(" {short} "))
}

/// Whether nine tenths of the documents of either are in both.
fn nearly_same(a: &[usize], b: &[usize]) -> bool {
    // Both ascend.
    let shared = a.iter().filter(|at| b.binary_search(at).is_ok()).count();
    10 * shared >= 9 * (a.len() + b.len() - shared)
}

fn spelt(documents: &[Sided<'_>], kept: Vec<Ranked<'_>>) -> Vec<Candidate> {
    let mut spellings: HashMap<&str, Spellings> = kept.iter().map(|one| (one.key, Spellings::default())).collect();
    let mut note = |text: &str, folded: &Folded, place: Range<usize>, run: &str| {
        if let Some(spellings) = spellings.get_mut(run) {
            spellings.take(gram::surface(text, folded, place));
        }
    };
    for sided in documents.iter().filter(|sided| sided.is_for) {
        for (text, folded) in texts(sided.document) {
            gram::for_each(folded.as_str(), MOST_SYLLABLES, |place, run| {
                note(text, folded, place, run);
                true
            });
        }
    }
    let named = kept.into_iter().filter_map(|Ranked { key, g2, documents }| {
        let phrase = spellings.get(key)?.best(|spelling| text::key(spelling) == key)?.to_owned();
        Some(Candidate { phrase, key: key.to_owned(), g2, documents })
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Words;

    fn document(id: usize, title: &str, body: &str) -> Document {
        Document {
            id: id.to_string(),
            title: title.into(),
            body: body.into(),
            words: Words::of(title, "", body),
            ..Document::default()
        }
    }

    #[test]
    fn a_planted_phrase_is_found_in_the_spelling_that_is_most_frequent() {
        let documents: Vec<Document> = (0..40)
            .map(|i| match i % 4 {
                0 if i == 8 => document(i, "Tin ngày", "Hôm nay, HŨ GẠO TÌNH THƯƠNG ở xã."),
                0 => document(i, "Tin ngày", &format!("Hôm nay, thôn có {i} hũ gạo tình thương. Trời đẹp.")),
                _ => document(i, "Tin ngày", &format!("Hôm nay, thôn {i} họp. Trời đẹp. Gạo tăng giá.")),
            })
            .collect();
        let sided: Vec<Sided<'_>> = documents
            .iter()
            .enumerate()
            .map(|(i, document)| Sided { document, is_for: i % 4 == 0, is_needed: i % 8 == 0 })
            .collect();
        let found = candidates(&sided, &BTreeSet::new());
        assert_eq!(found[0].phrase, "hũ gạo tình thương", "{found:?}");
        assert_eq!(found[0].documents, (0..40).step_by(4).collect::<Vec<_>>());
        assert!(found.iter().all(|c| !c.phrase.contains("Trời")), "{found:?}");
        let shorter: Vec<_> = found.iter().filter(|c| one_in_other(&c.key, &found[0].key)).collect();
        assert_eq!(shorter.len(), 1, "what is part of it is not proposed beside it: {shorter:?}");
        let known: BTreeSet<String> = [found[0].key.clone()].into();
        assert!(candidates(&sided, &known).iter().all(|c| c.key != found[0].key));
    }

    #[test]
    fn what_stands_everywhere_or_seldom_tells_nothing() {
        // a of 20 documents, b of 200 others
        let cases = [
            (20, 200, false),
            (2, 20, false),
            (1, 0, false),
            (3, 0, true),
            (8, 2, true),
            (15, 20, true),
            (19, 80, false),
        ];
        for (a, b, expected) in cases {
            let contrast = Contrast::of(a, 20, b, 200);
            let tells = contrast.g2() >= LEAST_G2 && contrast.times() >= LEAST_TIMES;
            assert_eq!(tells, expected, "{a} {b}: {} {}", contrast.g2(), contrast.times());
        }
        assert!(Contrast::of(8, 20, 2, 200).g2() > Contrast::of(4, 20, 1, 200).g2(), "the same ratio of more is surer");
        assert!(Contrast::of(5, 15, 0, 20).g2() > 9.6 && Contrast::of(5, 15, 0, 20).g2() < 9.7, "worked out by hand");
    }

    #[test]
    fn nothing_labelled_proposes_nothing() {
        assert!(candidates(&[], &BTreeSet::new()).is_empty());
    }
}
