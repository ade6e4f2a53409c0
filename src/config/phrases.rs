//! Lists of phrases, and the groups of phrases that topics share.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::ops::Range;

use super::mistake::{Report, hint};
use super::reader::{At, Fields};
use crate::classify::phrase::{self, Flaw, Groups, is_of_name};
use crate::model::Phrase;
use crate::text;

/// The groups of a file: `[groups]`, each a name and a list. What is wrong with their phrases is reported where they are defined.
pub fn groups(root: &Fields<'_>, report: &Report<'_>) -> Vec<(At<String>, Vec<String>)> {
    let Some(table) = root.table("groups", "[groups]") else { return Vec::new() };
    let mut groups = Vec::new();
    for (name, members) in table.lists() {
        if members.is_empty() {
            let (vi, en) = ("Nhóm này chưa có cụm từ nào.", "This group has no phrase yet.");
            report.mistake(&name.span, vi, en);
        }
        if !name.value.chars().all(is_of_name) {
            let (vi, en) = (
                "Tên nhóm chỉ gồm chữ không dấu, số và gạch nối, như bac-ho.",
                "The name of a group has letters without marks, digits and hyphens only, such as bac-ho.",
            );
            report.mistake(&name.span, vi, en);
        }
        let name = At { value: name.value.to_owned(), span: name.span };
        groups.push((name, members.into_iter().map(|m| m.value.to_owned()).collect()));
    }
    groups
}

/// No file has more wordings than this, written out; the largest shipped has 5,600.
const MOST_WORDINGS: usize = 100_000;

/// What is known where a file's phrases are read.
pub struct Phrasebook<'a> {
    groups: &'a Groups,
    report: &'a Report<'a>,
    /// How many wordings the file may still have; none once that was reported.
    left: Cell<Option<usize>>,
}

impl<'a> Phrasebook<'a> {
    /// For one file.
    pub fn new(groups: &'a Groups, report: &'a Report<'a>) -> Phrasebook<'a> {
        Phrasebook { groups, report, left: Cell::new(Some(MOST_WORDINGS)) }
    }

    /// Reports what is wrong with a group's own phrases, once every group is known.
    pub fn check_groups(&self, root: &Fields<'_>) {
        let Some(table) = root.table("groups", "[groups]") else { return };
        for (_, members) in table.lists() {
            read(&members, self);
        }
    }

    /// The phrases of a list.
    pub fn list(&self, fields: &Fields<'_>, key: &'static str) -> Vec<Phrase> {
        read(&fields.texts(key), self).concat()
    }

    /// The phrases of a list of what has no parts, entry by entry: what is hidden, wanted or not wanted is looked for word by word.
    pub fn whole(&self, fields: &Fields<'_>, key: &'static str) -> Vec<Vec<Phrase>> {
        let texts = fields.texts(key);
        let entries = read(&texts, self);
        if entries.iter().flatten().any(|phrase| phrase.parts.len() > 1) {
            let is_it = |text: &&At<&str>| {
                let read = phrase::read(text.value, self.groups);
                read.is_ok_and(|phrases| phrases.iter().any(|phrase| phrase.parts.len() > 1))
            };
            self.report.mistake(
                &texts.iter().find(is_it).map_or_else(|| fields.span_of(key), |text| text.span.clone()),
                format!("Cụm từ với \"…\" chỉ dùng được trong \"phrases\", không dùng trong \"{key}\"."),
                format!("A phrase with \"…\" can stand in \"phrases\" only, not in \"{key}\"."),
            );
        }
        entries
    }

    /// Whether the file may have so many more; where not, it is reported once.
    fn takes(&self, phrases: &[Phrase], span: &Range<usize>) -> bool {
        let count: usize = phrases.iter().flat_map(|phrase| &phrase.parts).map(Vec::len).sum();
        let left = self.left.get().and_then(|left| left.checked_sub(count));
        if left.is_none() && self.left.get().is_some() {
            self.report.mistake(
                span,
                format!("Đến đây tập tin này đã có hơn {MOST_WORDINGS} cách viết cụm từ; hãy bớt đi hoặc chia ra nhiều chủ đề."),
                format!("Up to here the file has more than {MOST_WORDINGS} wordings of phrases; delete some, or make several topics of it."),
            );
        }
        self.left.set(left);
        left.is_some()
    }
}

fn read(texts: &[At<&str>], book: &Phrasebook<'_>) -> Vec<Vec<Phrase>> {
    let Phrasebook { groups, report, .. } = book;
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for text in texts.iter().take_while(|_| book.left.get().is_some()) {
        let phrases = match phrase::read(text.value, groups) {
            Ok(phrases) => phrases,
            Err(flaw) => {
                let (vi, en) = explain(&flaw, groups);
                report.mistake(&text.span, vi, en);
                continue;
            }
        };
        if !book.takes(&phrases, &text.span) {
            break;
        }
        if phrase::names(text.value).is_empty() && lacks_its_marks(text.value) {
            report.warning(
                &text.span,
                format!("Cụm từ \"{}\" không có dấu nên không khớp với bài viết có dấu. Hãy viết đủ dấu.", text.value),
                format!(
                    "The phrase \"{}\" has no marks, so it matches no text that has them. Write it with its marks.",
                    text.value
                ),
            );
        }
        let mut own = Vec::new();
        for phrase in phrases {
            let folded: Vec<BTreeSet<String>> =
                phrase.parts.iter().map(|part| part.iter().map(|wording| text::key(wording)).collect()).collect();
            if seen.insert(folded) {
                own.push(phrase);
            }
        }
        if own.is_empty() {
            report.warning(
                &text.span,
                format!("Cụm từ \"{}\" đã có ở trên (viết khác nhưng với máy là một).", text.value),
                format!("The phrase \"{}\" stands above already (in a spelling that reads the same).", text.value),
            );
        } else {
            all.push(own);
        }
    }
    all
}

fn explain(flaw: &Flaw, groups: &Groups) -> (String, String) {
    let both = |vi: &str, en: &str| (vi.to_owned(), en.to_owned());
    match flaw {
        Flaw::Empty => both("Cụm từ phải có ít nhất một chữ.", "A phrase needs at least one letter."),
        Flaw::Brackets => both(
            "Dấu ngoặc phải có đủ \"(\" và \")\", không lồng nhau: (số) là có cũng được, (học|noi) là một trong hai.",
            "Brackets come in pairs and not inside each other: (số) may be missing, (học|noi) is one of two.",
        ),
        Flaw::UnknownGroup(name) => {
            let known: Vec<&str> = groups.keys().map(String::as_str).collect();
            let (vi, en) = hint(name, &known);
            (
                format!("Không có nhóm \"@{name}\" trong [groups]. {vi}"),
                format!("There is no group \"@{name}\" in [groups]. {en}"),
            )
        }
        Flaw::EndlessGroup(name) => (
            format!("Nhóm \"@{name}\" chứa chính nó, hoặc các nhóm lồng nhau quá sâu."),
            format!("The group \"@{name}\" contains itself, or groups name each other too deep."),
        ),
        Flaw::GapInGroup(name) => (
            format!("Nhóm \"@{name}\" có cụm từ với \"…\" nên chỉ đứng một mình được, không ghép vào cụm khác."),
            format!(
                "The group \"@{name}\" has a phrase with \"…\", so it can stand alone only, not inside another phrase."
            ),
        ),
        Flaw::TooManyWordings => both(
            "Cụm từ này có quá nhiều cách viết (hơn 4096); hãy tách ra.",
            "This phrase has too many wordings (more than 4096); split it.",
        ),
        Flaw::TooLong => both(
            "Cụm từ này quá dài (hơn 1000 byte khi viết ra); hãy tách ra.",
            "This phrase is too long (more than 1000 bytes when written out); split it.",
        ),
        Flaw::TooManyParts => both(
            "Cụm từ có nhiều nhất bốn phần, cách nhau bằng \"…\".",
            "A phrase has at most four parts, with \"…\" between them.",
        ),
    }
}

/// Whether a phrase looks like Vietnamese typed without its marks. "an ninh" and "thanh tra" have none by right, but not
/// three such words in a row, nor "hoc": what ends in a stop always has a tone, and *ie*, *uo*, *uye* always a hat or horn.
fn lacks_its_marks(phrase: &str) -> bool {
    let words: Vec<&str> = phrase.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let never_plain = |word: &str| {
        let word = word.to_ascii_lowercase();
        word.ends_with(['c', 'p', 't']) || word.ends_with("ch") || ["ie", "uo", "ye"].iter().any(|v| word.contains(v))
    };
    words.len() > 1
        && words.iter().all(|word| is_plain_syllable(word))
        && (words.len() > 2 || words.iter().any(|word| never_plain(word)))
}

/// Whether a word has the shape of a Vietnamese syllable, in ASCII letters alone.
fn is_plain_syllable(word: &str) -> bool {
    const FIRST: [&str; 28] = [
        "", "b", "c", "ch", "d", "g", "gh", "gi", "h", "k", "kh", "l", "m", "n", "ng", "ngh", "nh", "p", "ph", "qu",
        "r", "s", "t", "th", "tr", "v", "x", "q",
    ];
    const LAST: [&str; 9] = ["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    // Abbreviations are in capitals.
    if word.chars().skip(1).any(|c| c.is_ascii_uppercase()) {
        return false;
    }
    let word = word.to_ascii_lowercase();
    let is_vowel = |c: char| "aeiouy".contains(c);
    let (Some(start), Some(end)) = (word.find(is_vowel), word.rfind(is_vowel)) else { return false };
    let part = |range: Range<usize>| word.get(range).unwrap_or_default();
    let vowels = part(start..end + 1);
    FIRST.contains(&part(0..start))
        && LAST.contains(&part(end + 1..word.len()))
        && vowels.len() <= 3
        && vowels.chars().all(is_vowel)
}
