//! What an admin may write where a phrase is wanted.
//!
//! ```text
//! học tập và làm theo Bác        these words, one behind the other
//! Chỉ thị (số) 05                the word in brackets may be missing
//! (học|làm theo|noi) gương Bác   one of these
//! học @bac                       the phrases of a group
//! học tập … làm theo             both in one sentence, in this order, near each other
//! ```

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Phrase;
use crate::text;

/// The groups by their names, without the `@`.
pub type Groups = BTreeMap<String, Vec<String>>;

/// No part of a phrase has more wordings: eight places with two choices each are 256, and a group of 60 names in two of
/// them is 3,600.
const MOST_WORDINGS: usize = 4_096;
/// No wording is longer, in bytes: the longest shipped have a hundred. What brackets and groups multiply is so bounded, in all.
const MOST_BYTES: usize = 1_000;
/// Groups may name groups, so deep.
const DEEPEST: usize = 8;
/// No phrase has more parts.
const MOST_PARTS: usize = 4;

/// Why something is not a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It has no letter, or a part of it has none.
    Empty,
    /// A bracket without its other half, or one inside another.
    Brackets,
    /// `@name` of a group that nobody defined.
    UnknownGroup(String),
    /// A group that contains itself, or groups that name each other too deep.
    EndlessGroup(String),
    /// A group inside a phrase has a phrase with "…", which can stand alone only.
    GapInGroup(String),
    /// More wordings than anybody can have meant.
    TooManyWordings,
    /// A wording longer than any sentence.
    TooLong,
    /// More parts than a sentence has.
    TooManyParts,
}

/// Everything an entry of a list means: one phrase, or those of a group where it is nothing but the group's name.
pub fn read(written: &str, groups: &Groups) -> Result<Vec<Phrase>, Flaw> {
    splice(written, groups, 0)
}

/// The groups that an entry names itself.
pub fn names(written: &str) -> BTreeSet<&str> {
    written.split('@').skip(1).map(|behind| split_name(behind).0).filter(|name| !name.is_empty()).collect()
}

fn splice(written: &str, groups: &Groups, depth: usize) -> Result<Vec<Phrase>, Flaw> {
    let Some((name, "")) = written.trim().strip_prefix('@').map(split_name) else {
        return one(written, groups, depth).map(|phrase| vec![phrase]);
    };
    let mut phrases = Vec::new();
    for member in members(name, groups, depth)? {
        phrases.extend(splice(member, groups, depth + 1)?);
        if phrases.len() > MOST_WORDINGS {
            return Err(Flaw::TooManyWordings);
        }
    }
    Ok(phrases)
}

fn members<'g>(name: &str, groups: &'g Groups, depth: usize) -> Result<&'g [String], Flaw> {
    if depth >= DEEPEST {
        return Err(Flaw::EndlessGroup(name.to_owned()));
    }
    groups.get(name).map(Vec::as_slice).ok_or_else(|| Flaw::UnknownGroup(name.to_owned()))
}

fn one(written: &str, groups: &Groups, depth: usize) -> Result<Phrase, Flaw> {
    let dots = written.replace("...", "…");
    let parts: Vec<Vec<String>> =
        dots.split('…').map(|part| wordings(part, groups, depth)).collect::<Result<_, Flaw>>()?;
    if parts.len() > MOST_PARTS {
        return Err(Flaw::TooManyParts);
    }
    Ok(Phrase { written: written.trim().to_owned(), parts })
}

/// Every wording of one part, each folded form once; a wording without a letter is none.
fn wordings(part: &str, groups: &Groups, depth: usize) -> Result<Vec<String>, Flaw> {
    let mut seen = BTreeSet::new();
    let mut all = expand(part, groups, depth)?;
    all.retain(|wording| {
        let key = text::key(wording);
        !key.is_empty() && seen.insert(key)
    });
    if all.is_empty() { Err(Flaw::Empty) } else { Ok(all) }
}

/// Walks from bracket to bracket and group to group; `done` are the wordings of what lies behind.
fn expand(part: &str, groups: &Groups, depth: usize) -> Result<Vec<String>, Flaw> {
    let mut done = vec![String::new()];
    let mut rest = part;
    while let Some(at) = rest.find(['(', ')', '@']) {
        let (before, found) = rest.split_at(at);
        append(&mut done, before)?;
        let choices;
        (choices, rest) = if let Some(inside) = found.strip_prefix('(') {
            let (inside, behind) = inside.split_once(')').filter(|(i, _)| !i.contains('(')).ok_or(Flaw::Brackets)?;
            (choices_in(inside, groups, depth)?, behind)
        } else if let Some(named) = found.strip_prefix('@') {
            let (name, behind) = split_name(named);
            (flat(name, groups, depth)?, behind)
        } else {
            return Err(Flaw::Brackets);
        };
        if done.len() * choices.len() > MOST_WORDINGS {
            return Err(Flaw::TooManyWordings);
        }
        done = done.iter().flat_map(|start| choices.iter().map(move |choice| format!("{start} {choice} "))).collect();
    }
    append(&mut done, rest)?;
    Ok(done)
}

/// Lengthens every wording. Asked before each bracket and group, so that nothing longer than two is ever made.
fn append(wordings: &mut [String], text: &str) -> Result<(), Flaw> {
    if wordings.iter().any(|wording| wording.len() + text.len() > MOST_BYTES) {
        return Err(Flaw::TooLong);
    }
    wordings.iter_mut().for_each(|wording| wording.push_str(text));
    Ok(())
}

/// What brackets offer: one of several, or, where there is only one, that or nothing.
fn choices_in(inside: &str, groups: &Groups, depth: usize) -> Result<Vec<String>, Flaw> {
    let mut choices = Vec::new();
    for choice in inside.split('|') {
        choices.extend(expand(choice, groups, depth)?);
        if choices.len() > MOST_WORDINGS {
            return Err(Flaw::TooManyWordings);
        }
    }
    if !inside.contains('|') {
        choices.push(String::new());
    }
    Ok(choices)
}

/// The wordings of a group inside a phrase.
fn flat(name: &str, groups: &Groups, depth: usize) -> Result<Vec<String>, Flaw> {
    let mut all = Vec::new();
    for member in members(name, groups, depth)? {
        if member.contains('…') || member.contains("...") {
            return Err(Flaw::GapInGroup(name.to_owned()));
        }
        all.extend(expand(member, groups, depth + 1)?);
        if all.len() > MOST_WORDINGS {
            return Err(Flaw::TooManyWordings);
        }
    }
    Ok(all)
}

/// The name of a group, and what stands behind it.
fn split_name(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !is_of_name(c)).unwrap_or(text.len()))
}

/// Whether a character may stand in the name of a group: what TOML allows in a bare key.
pub fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> Groups {
        let group = |name: &str, phrases: &[&str]| (name.to_owned(), phrases.iter().map(|&p| p.to_owned()).collect());
        [
            group("bac", &["Bác", "Bác Hồ", "Chủ tịch Hồ Chí Minh"]),
            group("lam", &["học", "làm theo"]),
            group("ca-hai", &["@lam @bac", "noi gương @bac"]),
            group("xa", &["học tập … làm theo"]),
            group("vong", &["@tron"]),
            group("tron", &["@vong x"]),
            group("a", &["@b @b @b @b @b @b @b @b @b @b"]),
            group("b", &["@c @c @c @c @c @c @c @c @c @c"]),
            group("c", &["@d @d @d @d @d @d @d @d @d @d"]),
            group("d", &["@e @e @e @e @e @e @e @e @e @e"]),
            group("e", &["@f @f @f @f @f @f @f @f @f @f"]),
            group("f", &["@g @g @g @g @g @g @g @g @g @g"]),
            group("g", &["@lam"]),
        ]
        .into()
    }

    fn parts(written: &str) -> Vec<Vec<String>> {
        let tidy = |wording: &String| text::line(wording, 1_000).trim().to_owned();
        let phrases = read(written, &groups()).unwrap();
        phrases.iter().flat_map(|p| &p.parts).map(|part| part.iter().map(tidy).collect()).collect()
    }

    #[test]
    fn what_may_be_written() {
        for (written, wanted) in [
            ("học tập và làm theo Bác", vec![vec!["học tập và làm theo Bác"]]),
            ("Chỉ thị (số) 05", vec![vec!["Chỉ thị số 05", "Chỉ thị 05"]]),
            ("(học|noi) gương", vec![vec!["học gương", "noi gương"]]),
            ("(học|) gương", vec![vec!["học gương", "gương"]]),
            ("học @bac", vec![vec!["học Bác", "học Bác Hồ", "học Chủ tịch Hồ Chí Minh"]]),
            ("lời @bac dạy", vec![vec!["lời Bác dạy", "lời Bác Hồ dạy", "lời Chủ tịch Hồ Chí Minh dạy"]]),
            ("(lời @lam) dạy", vec![vec!["lời học dạy", "lời làm theo dạy", "dạy"]]),
            ("học tập … làm theo", vec![vec!["học tập"], vec!["làm theo"]]),
            ("học tập...@lam", vec![vec!["học tập"], vec!["học", "làm theo"]]),
            ("@lam", vec![vec!["học"], vec!["làm theo"]]),
            ("hòa/hoà", vec![vec!["hòa/hoà"]]),
            ("(hòa|hoà) bình", vec![vec!["hòa bình"]]),
        ] {
            assert_eq!(parts(written), wanted, "{written}");
        }
        assert_eq!(parts("@ca-hai").concat().len(), 9, "groups of groups");
        assert_eq!(parts("@xa"), vec![vec!["học tập"], vec!["làm theo"]]);
    }

    #[test]
    fn what_may_not() {
        for (written, flaw) in [
            ("", Flaw::Empty),
            ("…", Flaw::Empty),
            ("học … (…)", Flaw::Empty),
            ("học (số", Flaw::Brackets),
            ("học) số", Flaw::Brackets),
            ("học ((số))", Flaw::Brackets),
            ("@khong-co", Flaw::UnknownGroup("khong-co".into())),
            ("học @", Flaw::UnknownGroup(String::new())),
            ("học @xa", Flaw::GapInGroup("xa".into())),
            ("a … b … c … d … e", Flaw::TooManyParts),
            ("@bac @bac @bac @bac @bac @bac @bac @bac", Flaw::TooManyWordings),
        ] {
            assert!(
                matches!(read(written, &groups()), Err(found) if found == flaw || flaw == Flaw::Empty),
                "{written}"
            );
        }
        assert!(matches!(read("@vong", &groups()), Err(Flaw::EndlessGroup(_))));
    }

    /// None of them is ever written out: each would fill a machine's memory, or its time.
    #[test]
    fn what_would_never_end_is_refused_at_once() {
        let long = "chữ ".repeat(1_000_000);
        let group_of = |member: String| Groups::from([("x".to_owned(), vec![member])]);
        for (written, groups, flaw) in [
            ("@a", groups(), Flaw::TooManyWordings),
            (
                "@a",
                Groups::from_iter(
                    groups().into_iter().map(|(k, v)| (k, if v == ["@lam"] { vec!["y".into()] } else { v })),
                ),
                Flaw::TooLong,
            ),
            (long.as_str(), Groups::new(), Flaw::TooLong),
            (&format!("{}{long}", "(a|b) ".repeat(12)), Groups::new(), Flaw::TooLong),
            (&format!("{}@x", "(a|b) ".repeat(12)), group_of(long.clone()), Flaw::TooLong),
            (&format!("({})", ["@x"; 100_000].join("|")), group_of("(a|b)".repeat(12)), Flaw::TooManyWordings),
        ] {
            let found = read(written, &groups);
            assert!(matches!(&found, Err(found) if *found == flaw), "{:.40}: {flaw:?}", written);
        }
    }
}
