//! The fold's short way: a whole word at a time, for what nearly every word is.
//!
//! Sixteen bytes are asked at once where the word ends and which of its bytes are capitals or no ASCII; then its letters are copied from one
//! that is not ASCII to the next. How long a word is and where its marks stand is as good as random to a processor, so nothing here branches
//! on it more than it must: one letter beyond ASCII is looked up in every word, whether it has one or not.

use wide::u8x16;

use super::letter::{OTHER, TONED, Table, UPPER};

/// How many bytes of a text are looked at: sixteen for the word, and what is read behind its last letter for nothing.
const WINDOW: usize = 48;
/// How many bytes it may write; a word is at most 23 bytes and its tone and space.
pub const ROOM: usize = 48;

/// A text that can be read past its end, where it has spaces.
pub struct Windows<'a> {
    text: &'a [u8],
    /// The last bytes of the text, and spaces.
    tail: [u8; 2 * WINDOW],
    /// Where the tail begins in the text.
    tail_at: usize,
}

impl<'a> Windows<'a> {
    pub fn of(text: &'a [u8]) -> Windows<'a> {
        let tail_at = text.len().saturating_sub(WINDOW);
        let mut tail = [b' '; 2 * WINDOW];
        for (to, from) in tail.iter_mut().zip(text.get(tail_at..).unwrap_or_default()) {
            *to = *from;
        }
        Windows { text, tail, tail_at }
    }

    #[inline(always)]
    fn at(&self, at: usize) -> Option<&[u8; WINDOW]> {
        match self.text.get(at..)?.first_chunk() {
            Some(window) => Some(window),
            None => self.tail.get(at - self.tail_at..)?.first_chunk(),
        }
    }
}

/// A word that was written.
pub struct Syllable {
    /// How many bytes it has in the original.
    pub len: u32,
    /// How many bytes of the folded text are its letters.
    pub letters: usize,
    /// How many bytes it has there with its tone and the space behind it.
    pub folded: usize,
    /// The traits of its letters beyond ASCII.
    pub traits: u8,
    /// Which of its bytes are capitals of ASCII.
    pub capitals: u32,
    /// Whether its first letter is a capital.
    pub capital: bool,
}

/// The letters that are not ASCII of a word, as they are written.
#[derive(Default)]
struct Foreign {
    /// How far the word was read, and written, in bytes.
    from: usize,
    to: usize,
    tone: u8,
    traits: u8,
    toned_twice: u8,
}

/// Writes the word that begins at a byte of a text into `room`, if it is one of the plain ones: at most 15 bytes, up to a separator in ASCII,
/// of letters and digits with at most one tone.
#[inline(always)]
pub fn fold(table: &Table, text: &Windows<'_>, at: usize, room: &mut [u8; ROOM]) -> Option<Syllable> {
    let window = text.at(at)?;
    let bytes = load(window, 0);
    let Lowered { text, alphabetic } = Lowered::of(bytes);
    let separators = !(alphabetic | digits(bytes) | bytes).to_bitmask() & 0xffff;
    let len = (separators | 1 << 16).trailing_zeros();
    if len == 0 || len == 16 {
        return None;
    }
    let end = 1 << len;
    let word = end - 1;
    let capitals = !bytes.simd_eq(text).to_bitmask() & word;
    let foreign = bytes.to_bitmask() & word;
    store(room, 0, text);
    let mut done = Foreign::default();
    done.letter(table, window, foreign | end, room)?;
    // What was read first is the first letter, if that is none of ASCII.
    let capital = (capitals | foreign & u32::from(done.traits & UPPER != 0)) & 1 != 0;
    loop {
        let left = foreign & u32::MAX << done.from;
        if left == 0 {
            break;
        }
        done.letter(table, window, left, room)?;
    }
    if (done.toned_twice & TONED) | (done.traits & OTHER) != 0 {
        return None;
    }
    let letters = done.to + len as usize - done.from;
    let (bytes, behind) = ENDS.get(usize::from(done.tone)).copied()?;
    put(room, letters, bytes);
    Some(Syllable { len, letters, folded: letters + behind, traits: done.traits, capitals, capital })
}

/// What stands behind the letters of a word with a tone, and how many bytes that is.
const ENDS: [([u8; 2], usize); 6] =
    [([b' ', 0], 1), ([1, b' '], 2), ([2, b' '], 2), ([3, b' '], 2), ([4, b' '], 2), ([5, b' '], 2)];

impl Foreign {
    /// Writes the letter at the lowest of these places, and sixteen bytes of what stands behind it. Where no such letter is left, the place is
    /// that of the separator, which reads as a letter of no bytes.
    #[inline(always)]
    fn letter(&mut self, table: &Table, window: &[u8; WINDOW], places: u32, room: &mut [u8; ROOM]) -> Option<()> {
        let at = places.trailing_zeros() as usize & 15;
        let (code, bytes) = decode(window, at);
        let letter = table.get(code)?;
        self.toned_twice |= self.traits & letter.traits;
        self.traits |= letter.traits;
        self.tone |= letter.tone;
        self.to += at - self.from;
        put(room, self.to, letter.base);
        self.to += usize::from(letter.len);
        self.from = at + bytes;
        store(room, self.to, Lowered::of(load(window, self.from)).text);
        Some(())
    }
}

/// Bytes with the capitals of ASCII made small.
struct Lowered {
    text: u8x16,
    /// All ones where a letter of ASCII is.
    alphabetic: u8x16,
}

impl Lowered {
    #[inline(always)]
    fn of(bytes: u8x16) -> Lowered {
        let bit = u8x16::splat(0x20);
        let alphabetic = is_below(26, (bytes | bit) - u8x16::splat(b'a'));
        Lowered { text: bytes | (alphabetic & bit), alphabetic }
    }
}

#[inline(always)]
fn digits(bytes: u8x16) -> u8x16 {
    is_below(10, bytes - u8x16::splat(b'0'))
}

#[inline(always)]
fn is_below(limit: u8, bytes: u8x16) -> u8x16 {
    bytes.min(u8x16::splat(limit - 1)).simd_eq(bytes)
}

/// By the upper half of a first byte, how far to shift what three bytes of UTF-8 say to have what the character says, and how many bytes it has.
/// ASCII reads as something below 32 in no bytes, four bytes as something that no table has.
const SHAPES: [(u8, u8); 16] = {
    let mut shapes = [(12, 0); 16];
    [shapes[12], shapes[13], shapes[14], shapes[15]] = [(6, 2), (6, 2), (0, 3), (0, 3)];
    shapes
};

/// The code point that begins at a byte, and how many bytes it has.
#[inline(always)]
fn decode(window: &[u8; WINDOW], at: usize) -> (usize, usize) {
    let at = at & 15;
    let [a, b, c] = [at, at + 1, at + 2].map(|i| window.get(i).copied().map_or(0, u32::from));
    let three = (a & 0x1f) << 12 | (b & 0x3f) << 6 | c & 0x3f;
    let (shift, bytes) = SHAPES.get(a as usize >> 4 & 15).copied().unwrap_or_default();
    ((three >> (shift & 15)) as usize, usize::from(bytes))
}

#[inline(always)]
fn load(window: &[u8; WINDOW], at: usize) -> u8x16 {
    let at = at & 31;
    u8x16::new(window.get(at..at + 16).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default())
}

#[inline(always)]
fn store(room: &mut [u8; ROOM], at: usize, bytes: u8x16) {
    put(room, at, bytes.to_array());
}

/// Writes at a byte below 32.
#[inline(always)]
fn put<const N: usize>(room: &mut [u8; ROOM], at: usize, bytes: [u8; N]) {
    let at = at & 31;
    if let Some(to) = room.get_mut(at..at + N) {
        to.copy_from_slice(&bytes);
    }
}
