//! `dongtin story split` and `join`: what an admin says of a story holds, whatever their texts say. Beside a running daemon, too.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::super::{counted, line, load_config, refuse, state_dir};
use super::{MAX_TITLE_CHARS, Named, nothing_stored, shown};
use crate::cli::{ConfigDir, Exit, StoryJoin, StorySplit};
use crate::store::{self, Db, Transaction, regroup, stories};
use crate::{clock, link, text};

pub fn split(args: &StorySplit) -> Result<Exit> {
    change(&args.config, |tx| {
        let story = shown(tx, &args.story)?;
        let items = chosen(tx, story, &args.items)?;
        regroup::split(tx, &items, clock::now())?;
        let apart = regroup::story_of(tx, *items.first().context("items to take out")?)?;
        let (count, many) = (items.len(), counted(items.len(), "item", "items"));
        Ok([
            format!("Đã tách {count} tin ra thành sự việc riêng · {many} taken out, a story of their own now:"),
            told(&Named::of(tx, apart)?),
            "Còn lại trong sự việc cũ · what stays in the other:".to_owned(),
            told(&Named::of(tx, story)?),
        ])
    })
}

pub fn join(args: &StoryJoin) -> Result<Exit> {
    change(&args.config, |tx| {
        let (story, other) = (shown(tx, &args.story)?, shown(tx, &args.other)?);
        if story == other {
            return Err(refuse(Exit::Usage, "hai tên ấy đã là một sự việc · these two are one story already"));
        }
        let was = Named::of(tx, other)?;
        regroup::join(tx, story, other, clock::now())?;
        Ok([
            "Đã ghép vào sự việc · one story now, under the name:".to_owned(),
            told(&Named::of(tx, story)?),
            "Tên này từ nay dẫn đến đó · this name leads there from now on:".to_owned(),
            told(&was),
        ])
    })
}

pub(super) fn told(Named { uid, title }: &Named) -> String {
    format!("    {uid}  {title}")
}

/// Makes a change in one transaction, tells what it did, and when readers will see it.
fn change<const LINES: usize>(
    config: &ConfigDir,
    job: impl FnOnce(&Transaction<'_>) -> Result<[String; LINES]>,
) -> Result<Exit> {
    let (config_dir, config) = load_config(config)?;
    let dir = state_dir(&config_dir, &config);
    let told = store::write_beside(&dir, job)?.ok_or_else(nothing_stored)?;
    told.into_iter().try_for_each(line)?;
    line(when(&dir)?)?;
    Ok(Exit::Ok)
}

pub(super) fn when(dir: &Path) -> Result<&'static str> {
    Ok(match store::holder(dir)? {
        Some(_) => "Các trang đổi theo trong vài giây · the pages follow within seconds",
        None => "Các trang đổi theo khi chạy nền lần tới · the pages follow when the daemon starts",
    })
}

/// The items of a story that are to leave it: some, not all.
fn chosen(db: &Db, story: i64, typed: &[String]) -> Result<Vec<i64>> {
    let members = stories::by_id(db, story)?.members;
    let members: Vec<(i64, Option<String>)> = stories::numbers(db, story)?
        .into_iter()
        .zip(members)
        .map(|(number, member)| (number, member.item.link.as_ref().map(link::identity)))
        .collect();
    let chosen = typed.iter().map(|typed| one_of(&members, typed)).collect::<Result<BTreeSet<_>>>()?;
    if chosen.len() == members.len() {
        return Err(refuse(
            Exit::Usage,
            "đó là mọi tin của sự việc, không còn gì để tách ra khỏi · these are all items of the story, nothing would stay",
        ));
    }
    Ok(chosen.into_iter().collect())
}

fn one_of(members: &[(i64, Option<String>)], typed: &str) -> Result<i64> {
    let shown = text::line(typed, MAX_TITLE_CHARS);
    let number = typed.parse::<i64>().ok();
    let address = link::absolute(None, typed).map(|address| link::identity(&address));
    let is_meant = |(own, link): &&(i64, Option<String>)| number == Some(*own) || address.is_some() && address == *link;
    let meant: Vec<i64> = members.iter().filter(is_meant).map(|(number, _)| *number).collect();
    match meant.as_slice() {
        [item] => Ok(*item),
        [] => Err(refuse(
            Exit::Usage,
            format!(
                "không có tin \"{shown}\" trong sự việc này; dongtin story show in ra số của từng tin\n    \
                 there is no item \"{shown}\" in this story; dongtin story show prints their numbers"
            ),
        )),
        several => {
            let numbers = several.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
            Err(refuse(
                Exit::Usage,
                format!(
                    "nhiều tin có địa chỉ \"{shown}\", hãy ghi số: {numbers} · several items have this address, say their numbers: {numbers}"
                ),
            ))
        }
    }
}
