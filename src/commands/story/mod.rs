//! `dongtin story`: who carries a story and why they are one; taking one apart, making one of two, taking one back.

mod change;
mod show;
mod withdraw;

use anyhow::{Context as _, Result};

use super::refuse;
use crate::cli::{Exit, Story};
use crate::store::{self, Clue, Db};
use crate::store::{stories, withdrawn};
use crate::text;

pub fn run(args: &Story) -> Result<Exit> {
    match args {
        Story::Show(args) => show::run(args),
        Story::Split(args) => change::split(args),
        Story::Join(args) => change::join(args),
        Story::Withdraw(args) => withdraw::withdraw(args),
        Story::Restore(args) => withdraw::restore(args),
    }
}

/// Longer headlines are cut on a screen.
const MAX_TITLE_CHARS: usize = 94;

/// What a story is called.
struct Named {
    uid: String,
    title: String,
}

impl Named {
    fn of(db: &Db, story: i64) -> Result<Named> {
        let story = stories::by_id(db, story)?;
        let lead = story.lead().context("a story has a member")?;
        Ok(Named { title: headline(&lead.item.title), uid: story.uid })
    }
}

/// A headline in a line.
fn headline(title: &str) -> String {
    text::line(title, MAX_TITLE_CHARS)
}

/// The one story that what was typed leads to.
fn found(db: &Db, typed: &str) -> Result<i64> {
    let shown = text::line(typed, MAX_TITLE_CHARS);
    let Some(clue) = Clue::read(typed) else {
        return Err(refuse(
            Exit::Usage,
            format!(
                "\"{shown}\" không phải tên sự việc (20 chữ số 0-9a-f, hoặc ít nhất 6 chữ đầu) hay địa chỉ (https://…)\n    \
                 \"{shown}\" is neither a story's name (20 digits 0-9a-f, or at least the first 6) nor an address (https://…)"
            ),
        ));
    };
    let stories = store::find(db, &clue)?;
    match stories.as_slice() {
        [] if store::is_forgotten(db, &clue)? => Err(refuse(
            Exit::No,
            format!(
                "\"{shown}\" đã bị quên vì quá cũ ([retention]) · \"{shown}\" was forgotten for its age ([retention])"
            ),
        )),
        [] => Err(nothing(&shown)),
        [story] => Ok(*story),
        several => {
            let named = several.iter().map(|story| Named::of(db, *story)).collect::<Result<Vec<_>>>()?;
            let list: String = named.iter().map(|Named { uid, title }| format!("\n    {uid}  {title}")).collect();
            Err(refuse(
                Exit::Usage,
                format!(
                    "\"{shown}\" là của nhiều sự việc, hãy ghi tên một trong số đó · several stories have it, name one of them:{list}"
                ),
            ))
        }
    }
}

fn nothing(shown: &str) -> anyhow::Error {
    refuse(Exit::No, format!("không có sự việc nào là \"{shown}\" · there is no story \"{shown}\""))
}

/// The same where a change is to be made that readers see: a story that was taken back has to be shown again first.
fn shown(db: &Db, typed: &str) -> Result<i64> {
    let story = found(db, typed)?;
    if withdrawn::since(db, story)?.is_some() {
        let typed = text::line(typed, MAX_TITLE_CHARS);
        return Err(refuse(
            Exit::Usage,
            format!(
                "\"{typed}\" đã bị gỡ; trước hết: dongtin story restore {typed}\n    \
                 \"{typed}\" was taken back; first: dongtin story restore {typed}"
            ),
        ));
    }
    Ok(story)
}

/// What is said where there is no database.
fn nothing_stored() -> anyhow::Error {
    refuse(Exit::No, "chưa có tin nào được lưu · nothing is stored yet")
}
