//! A date as written → its words, numbers, clock times and offsets.

use super::zone::zone_of;

/// A piece of a date.
#[derive(Debug, Clone, Copy)]
pub enum Token<'a> {
    Word(&'a str),
    Number {
        text: &'a str,
        next: Option<char>,
    },
    /// `13:30`, `13:30:00.123`.
    Clock(&'a str),
    /// `+07:00`, `-0500`, `+7`.
    Offset(&'a str),
}

/// Splits a date into words, numbers, clock times and zone offsets.
pub struct Tokens<'a> {
    rest: &'a str,
    after: After,
}

/// What the last token was, which decides what a dash means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum After {
    Clock,
    Zone,
    Other,
}

impl<'a> Tokens<'a> {
    pub fn of(text: &'a str) -> Tokens<'a> {
        Tokens { rest: text, after: After::Other }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.rest;
        let start = rest.find(|c: char| c.is_alphanumeric() || matches!(c, '+' | '-' | '−'))?;
        let before = rest.get(..start)?.chars().next_back();
        let rest = rest.get(start..)?;
        let first = rest.chars().next()?;
        let length = |accept: &dyn Fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
        let (token, used) = if first.is_ascii_digit() {
            let digits = length(&|c| c.is_ascii_digit());
            let after = rest.get(digits..)?;
            if after.starts_with(':')
                && after.get(1..).is_some_and(|a| a.starts_with(|c: char| c.is_ascii_digit()))
                && digits <= 2
            {
                let used = length(&|c| c.is_ascii_digit() || c == ':' || c == '.');
                (Token::Clock(rest.get(..used)?), used)
            } else {
                (Token::Number { text: rest.get(..digits)?, next: after.chars().next() }, digits)
            }
        } else if matches!(first, '+' | '-' | '−') {
            let sign = first.len_utf8();
            let digits =
                rest.get(sign..)?.find(|c: char| !c.is_ascii_digit() && c != ':').map_or(rest.len(), |n| n + sign);
            // A plus is always an offset. A dash is one glued to a clock time ("08:05-0500") or standing with four
            // digits behind white space ("08:05 -0500"); in "23-11-2026" and "18:21 - 08/01/2026" it is punctuation.
            let count = rest.get(sign..digits)?.len();
            let followed = rest.get(digits..)?.starts_with(['/', '-', '.']);
            let spaced = before.is_some_and(char::is_whitespace);
            let is_offset = count > 0
                && (first == '+'
                    || matches!(self.after, After::Clock | After::Zone) && !spaced
                    || self.after == After::Clock && spaced && count <= 3 && !followed && rest.len() == digits
                    || spaced && count >= 4 && !followed);
            if is_offset { (Token::Offset(rest.get(..digits)?), digits) } else { (Token::Word(""), sign) }
        } else {
            // At least one character: other scripts' digits are alphanumeric and neither letter nor ASCII digit.
            let letters = length(&char::is_alphabetic).max(first.len_utf8());
            // "p.m." is a word.
            let dotted = ["a.m.", "p.m."].into_iter().any(|m| rest.get(..4).is_some_and(|r| r.eq_ignore_ascii_case(m)));
            let letters = if dotted { 4 } else { letters };
            (Token::Word(rest.get(..letters)?), letters)
        };
        self.rest = rest.get(used..)?;
        self.after = match token {
            Token::Clock(_) => After::Clock,
            Token::Word(word) if zone_of(&word.to_ascii_lowercase()).is_some() => After::Zone,
            // "--0700"
            Token::Word("") if matches!(self.after, After::Clock) => After::Clock,
            _ => After::Other,
        };
        Some(token)
    }
}
