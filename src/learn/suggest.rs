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
/// The strength of the prior, in items: as much is believed of a phrase before anything is known of it.
const PRIOR: f64 = 10.0;
/// A phrase must be this many standard errors from telling nothing (1 % two-sided): thousands of phrases are looked at.
const FEWEST_ERRORS: f64 = 2.58;
/// And its odds in its kind must be this many times those in the other: with many items, "được" tells something too.
const LEAST_RATIO: f64 = 4.0;
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
    /// How many standard errors its log-odds are from telling nothing.
    pub z: f64,
    /// The documents that have it, by position.
    pub documents: Vec<usize>,
}

/// The phrases of the documents that are decided wrongly which stand much more often in their kind than in the other, the most telling
/// first, one of those that stand in one another in nearly the same documents, and without the `known` ones.
///
/// Telling is the log-odds-ratio with an informative Dirichlet prior, over its standard error, of the documents that have a phrase (Monroe,
/// Colaresi and Quinn, "Fightin' Words", Political Analysis 16, 2008, equations 15 to 22, with documents in the place of words).
pub fn candidates(documents: &[Sided<'_>], known: &BTreeSet<String>) -> Vec<Candidate> {
    let standing = whereabouts(documents);
    let all_for = documents.iter().filter(|sided| sided.is_for).count();
    let is_for = |at: &&usize| documents.get(**at).is_some_and(|sided| sided.is_for);
    let mut ranked: Vec<Ranked<'_>> = standing
        .into_iter()
        .filter_map(|(key, at)| {
            let count = at.iter().filter(is_for).count();
            let (ratio, z) = log_odds(count, all_for, at.len() - count, documents.len() - all_for);
            let tells = count >= FEWEST && z >= FEWEST_ERRORS && ratio >= LEAST_RATIO.ln() && !known.contains(key);
            tells.then_some(Ranked { key, z, documents: at })
        })
        .collect();
    ranked.sort_by(|a, b| b.z.total_cmp(&a.z).then(a.key.cmp(b.key)));
    spelt(documents, groups(ranked))
}

/// A phrase on trial.
struct Ranked<'a> {
    key: &'a str,
    z: f64,
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
                *longest = Some(one)
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

/// How telling it is that `a` of `all_a` documents of one kind have a phrase and `b` of `all_b` of the other: the logarithm of the ratio of
/// their odds, and how many standard errors that is.
fn log_odds(a: usize, all_a: usize, b: usize, all_b: usize) -> (f64, f64) {
    let [a, all_a, b, all_b] = [a, all_a, b, all_b].map(|count| count as f64);
    let prior = PRIOR * (a + b) / (all_a + all_b).max(1.0);
    let odds = |count: f64, all: f64| ((count + prior) / (all + PRIOR - count - prior)).ln();
    let ratio = odds(a, all_a) - odds(b, all_b);
    (ratio, ratio / (1.0 / (a + prior) + 1.0 / (b + prior)).sqrt())
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
    let named = kept.into_iter().filter_map(|Ranked { key, z, documents }| {
        let phrase = spellings.get(key)?.best(|spelling| text::key(spelling) == key)?.to_owned();
        Some(Candidate { phrase, key: key.to_owned(), z, documents })
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
        // a of 20, b of 200: the sign is the direction, the size the certainty.
        for (a, b, tells) in
            [(20, 200, false), (2, 20, false), (1, 0, false), (8, 2, true), (15, 20, true), (0, 150, false)]
        {
            assert_eq!(log_odds(a, 20, b, 200).1 >= FEWEST_ERRORS, tells, "{a} {b}: {:?}", log_odds(a, 20, b, 200));
        }
        assert!(log_odds(8, 20, 2, 200).1 > log_odds(4, 20, 1, 200).1, "the same ratio of more is surer");
    }

    #[test]
    fn nothing_labelled_proposes_nothing() {
        assert!(candidates(&[], &BTreeSet::new()).is_empty());
    }
}
