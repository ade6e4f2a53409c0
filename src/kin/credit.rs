//! Whether an item says that it was taken from another paper. Of two versions of a story the original stands for it.

use crate::model::Item;

/// What stands before the name of whom a text was taken from.
const CREDITS: [&str; 4] = ["theo ", "nguồn: ", "nguồn ", "(theo "];
/// A credit is the end of a text: so many characters at most.
const LONGEST: usize = 40;

/// Whether an item's text credits somebody at its end.
pub fn is_reprint(item: &Item) -> bool {
    let text = if item.body.is_empty() { &item.summary } else { &item.body };
    without(text).len() < text.trim_end().len()
}

/// A text without the credit in its last line or in a bracket at its end: "Theo TTXVN", "(Theo Tuổi Trẻ)", "Nguồn: Báo Nhân Dân".
pub fn without(text: &str) -> &str {
    let end = text.trim_end().trim_end_matches(['.', '/', ' ']);
    if let Some((before, inside)) = end.strip_suffix(')').and_then(|rest| rest.rsplit_once('('))
        && is_credit(inside.trim())
    {
        return before.trim_end();
    }
    match end.rfind(['\n', '.', '!', '?']).and_then(|at| end.split_at_checked(at + 1)) {
        Some((before, line)) if is_credit(line.trim()) => before.trim_end(),
        None if is_credit(end) => "",
        _ => text.trim_end(),
    }
}

fn is_credit(words: &str) -> bool {
    // What goes on behind a comma is a sentence.
    if words.chars().nth(LONGEST).is_some() || words.contains(',') {
        return false;
    }
    let lower = words.to_lowercase();
    CREDITS.iter().any(|credit| {
        // Behind it stands a name, not a sentence: "Theo đó" credits nobody.
        let name = lower.strip_prefix(credit).and_then(|name| words.get(words.len().checked_sub(name.len())?..));
        name.is_some_and(|name| name.trim_start().starts_with(char::is_uppercase))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_at_its_end_whom_it_is_from() {
        let cases = [
            ("Bão đổ bộ vào miền Trung. (Theo TTXVN)", true),
            ("Bão đổ bộ vào miền Trung.\nTheo Tuổi Trẻ", true),
            ("Bão đổ bộ vào miền Trung.\nNguồn: Báo Nhân Dân", true),
            ("Bão đổ bộ vào miền Trung. Theo đó, mưa lớn kéo dài", false),
            ("Theo Chỉ thị, các xã sơ kết", false),
            ("Sơ kết một năm.", false),
            ("", false),
        ];
        for (text, expected) in cases {
            let in_teaser = Item { summary: text.into(), ..Item::default() };
            let in_article = Item { body: text.into(), ..Item::default() };
            assert_eq!((is_reprint(&in_teaser), is_reprint(&in_article)), (expected, expected), "{text}");
        }
    }
}
