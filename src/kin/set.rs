//! Which words a text has, and which follow each other: a set of numbers, made for asking.

use super::term::{STOP, Term, mix};

/// A set of words or word pairs.
#[derive(Debug, Clone, Default)]
pub struct Set {
    /// Open addressing, at most half full; nought is nothing.
    slots: Box<[u32]>,
    /// How many there are.
    len: usize,
}

impl Set {
    /// The word pairs of texts. None runs over the end of a sentence.
    pub fn of_pairs(texts: &[&[Term]]) -> Set {
        Set::of(texts.iter().map(|t| t.len()).sum(), texts.iter().flat_map(|text| pairs(text)).flatten())
    }

    /// The words of texts.
    pub fn of_words(texts: &[&[Term]]) -> Set {
        let words = texts.iter().flat_map(|text| text.iter().copied());
        Set::of(texts.iter().map(|t| t.len()).sum(), words.filter(|&word| word != STOP))
    }

    fn of(most: usize, members: impl Iterator<Item = u32>) -> Set {
        let mut set = Set { slots: vec![0; (2 * most).next_power_of_two()].into(), len: 0 };
        members.for_each(|member| set.insert(member));
        set
    }

    /// Whether it has this.
    pub fn contains(&self, member: u32) -> bool {
        self.find(member).is_some_and(|slot| self.slots.get(slot) == Some(&member))
    }

    /// How many of some words it has, and how many words they are.
    pub fn knows(&self, words: &[Term]) -> (usize, usize) {
        let words = words.iter().filter(|&&word| word != STOP);
        words.fold((0, 0), |(known, all), &word| (known + usize::from(self.contains(word)), all + 1))
    }

    /// All of them, each once.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().copied().filter(|&slot| slot != 0)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.len
    }

    fn insert(&mut self, member: u32) {
        if let Some(slot) = self.find(member).and_then(|at| self.slots.get_mut(at)) {
            self.len += usize::from(*slot == 0);
            *slot = member;
        }
    }

    /// The slot that has the member, or the empty one where it would be.
    fn find(&self, member: u32) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        (0..self.slots.len()).map(|step| (member as usize + step) & mask).find(|&at| {
            let slot = self.slots.get(at).copied().unwrap_or_default();
            slot == 0 || slot == member
        })
    }
}

/// For each place between two words, the pair around it; nothing at the end of a sentence.
pub fn pairs(text: &[Term]) -> impl Iterator<Item = Option<u32>> {
    text.iter()
        .zip(text.get(1..).unwrap_or_default())
        .map(|(&a, &b)| (a != STOP && b != STOP).then(|| mix(a, b).max(1)))
}
