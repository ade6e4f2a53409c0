//! What a text states that another can contradict: amounts, days, places, people, bodies.
//!
//! Read off the words alone, by what stands before a name ("tỉnh", "ông", "Sở") and by two short lists: the provinces, those of today and those
//! merged in July 2025, and the family names. What is read falsely is read falsely from both texts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use super::set::Set;
use super::term::{Kind, STOP, Term, Terms, digest, mix};
use crate::model::{Aspect, province};
use crate::text::Folded;

/// Where a report says what it is about: so many words behind its headline.
const HEAD: usize = 60;
/// The most facts of one kind that are kept of a text.
const MOST: usize = 200;
/// The most words of a name.
const LONGEST_NAME: usize = 5;

/// What a text states.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    by_aspect: BTreeMap<Aspect, Stated>,
}

/// What it states of one kind.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// In its headline and opening.
    pub head: Vec<Fact>,
    /// Anywhere, in order.
    pub all: Vec<Fact>,
}

/// One fact: equal where the same is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fact {
    /// What is said.
    pub term: Term,
    /// Of a former province, the one that took it in.
    pub inside: Option<Term>,
}

impl Fact {
    /// Whether two say the same, or one names what the other is in today.
    pub fn agrees(self, other: Fact) -> bool {
        self.term == other.term || self.inside == Some(other.term) || other.inside == Some(self.term)
    }
}

impl Facts {
    /// Of a headline and what stands under it.
    pub fn of(title: &Terms, text: &Terms) -> Facts {
        let mut facts = Facts::default();
        facts.read(title, usize::MAX);
        facts.read(text, HEAD);
        for stated in facts.by_aspect.values_mut() {
            stated.all.sort_unstable();
            stated.all.dedup();
            stated.head.sort_unstable();
            stated.head.dedup();
        }
        facts
    }

    /// What it states of one kind.
    pub fn stated(&self, aspect: Aspect) -> Option<&Stated> {
        self.by_aspect.get(&aspect)
    }

    /// Everything of one kind.
    pub fn all(&self, aspect: Aspect) -> impl Iterator<Item = Fact> {
        self.stated(aspect).into_iter().flat_map(|stated| stated.all.iter().copied())
    }

    fn read(&mut self, terms: &Terms, head: usize) {
        let lexicon = lexicon();
        let words = terms.words.as_slice();
        let mut at = 0;
        while let (Some(&word), Some(&kind)) = (words.get(at), terms.kinds.get(at)) {
            let is_head = at < head;
            match kind {
                Kind::Number => self.state(Aspect::Numbers, Fact { term: word, inside: None }, is_head),
                Kind::Date => self.state(Aspect::Dates, Fact { term: word, inside: None }, is_head),
                Kind::Plain | Kind::Name => {}
            }
            if !lexicon.openings.contains(word) {
                at += 1;
                continue;
            }
            let rest = words.get(at..).unwrap_or_default();
            if let Some((length, place)) = lexicon.province(rest) {
                self.state(Aspect::Places, place, is_head);
                at += length;
                continue;
            }
            if let Some(aspect) = lexicon.classes.get(&word).copied() {
                let name = name_at(terms, at + 1);
                if !name.is_empty() {
                    let term = name.iter().fold(aspect as u32, |term, &word| mix(term, word));
                    self.state(aspect, Fact { term, inside: None }, is_head);
                }
            } else if lexicon.families.contains(&word) && is_name_start(terms, at) {
                let name = name_at(terms, at);
                if (2..LONGEST_NAME).contains(&name.len()) {
                    let term = name.iter().fold(Aspect::Persons as u32, |term, &word| mix(term, word));
                    self.state(Aspect::Persons, Fact { term, inside: None }, is_head);
                    at += name.len();
                    continue;
                }
            }
            at += 1;
        }
    }

    fn state(&mut self, aspect: Aspect, fact: Fact, is_head: bool) {
        let stated = self.by_aspect.entry(aspect).or_default();
        if stated.all.len() < MOST {
            stated.all.push(fact);
            if is_head {
                stated.head.push(fact);
            }
        }
    }
}

/// The words of the name that begins here.
fn name_at(terms: &Terms, at: usize) -> &[Term] {
    let kinds = terms.kinds.get(at..).unwrap_or_default();
    let length = kinds.iter().take(LONGEST_NAME).take_while(|&&kind| kind == Kind::Name).count();
    terms.words.get(at..at + length).unwrap_or_default()
}

/// Whether no name runs on from before.
fn is_name_start(terms: &Terms, at: usize) -> bool {
    terms.kinds.get(at) == Some(&Kind::Name)
        && at.checked_sub(1).and_then(|before| terms.kinds.get(before)) != Some(&Kind::Name)
}

/// What stands before a place's name.
const PLACES: &str = "tỉnh thành huyện quận xã phường trấn phố tp thôn ấp bản đảo sông cầu đường";
/// What stands before a person's.
const PERSONS: &str = "ông bà anh chị cô chú em cháu chí tướng tá";
/// What stands before a body's.
const BODIES: &str = "bộ sở ban cục viện hội đoàn trường công tập hàng vụ";
/// The family names of nine in ten Vietnamese (Lê Trung Hoa, Họ và tên người Việt Nam, 2005) and some of the minorities'.
const FAMILIES: &str = "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh mai trịnh đoàn cao lương lưu hà \
    tạ tô châu trương lâm đào vương thái tống quách tăng từ la phùng triệu nông chu giàng vàng sùng lò hầu thào y rơ ksor";

/// The lists as terms.
struct Lexicon {
    /// Every word that one of them begins with: most words of a text are none.
    openings: Set,
    classes: BTreeMap<Term, Aspect>,
    families: BTreeSet<Term>,
    /// Names of provinces by their first word.
    provinces: BTreeMap<Term, Vec<(Vec<Term>, Fact)>>,
}

/// How papers write Ho Chi Minh City.
const HO_CHI_MINH_CITY: [&str; 6] = ["TP HCM", "TPHCM", "TP.HCM", "TP Hồ Chí Minh", "Thành phố Hồ Chí Minh", "Sài Gòn"];

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let classes = [(PLACES, Aspect::Places), (PERSONS, Aspect::Persons), (BODIES, Aspect::Bodies)];
        let classes = classes.iter().flat_map(|(list, aspect)| terms(list).into_iter().map(|term| (term, *aspect)));
        let mut lexicon = Lexicon {
            openings: Set::default(),
            classes: classes.collect(),
            families: terms(FAMILIES).into_iter().collect(),
            provinces: BTreeMap::new(),
        };
        for unit in &province::ALL {
            let own = Fact { term: digest(unit.id.as_bytes()), inside: None };
            if unit.id == "ho-chi-minh" {
                HO_CHI_MINH_CITY.iter().for_each(|name| lexicon.add(name, own));
            } else {
                lexicon.add(unit.name, own);
            }
            for (id, name) in unit.former {
                lexicon.add(name, Fact { term: digest(id.as_bytes()), inside: Some(own.term) });
            }
        }
        let openings: Vec<Term> =
            lexicon.classes.keys().chain(lexicon.families.iter()).chain(lexicon.provinces.keys()).copied().collect();
        lexicon.openings = Set::of_words(&[&openings]);
        lexicon
    })
}

impl Lexicon {
    fn add(&mut self, name: &str, fact: Fact) {
        let name = terms(name);
        if let Some(&first) = name.first() {
            self.provinces.entry(first).or_default().push((name, fact));
        }
    }

    /// The province whose name these words begin with, and how many words that has.
    fn province(&self, words: &[Term]) -> Option<(usize, Fact)> {
        let names = self.provinces.get(words.first()?)?;
        names.iter().find(|(name, _)| words.starts_with(name)).map(|(name, fact)| (name.len(), *fact))
    }
}

fn terms(text: &str) -> Vec<Term> {
    let mut terms = Terms::default();
    terms.extend(text, &Folded::new(text), usize::MAX);
    terms.words.into_iter().filter(|&word| word != STOP).collect()
}
