//! Why an item is in its story, as commands tell it.

use serde_json::{Value, json};
use url::Url;

use crate::model::{Because, Finding, Item};
use crate::store::Db;
use crate::store::stories::{self, Stored};
use crate::text;

/// The most shared words that are told.
const MOST_SHARED: usize = 8;
/// The longest of them, in characters.
const MAX_WORD_CHARS: usize = 30;

/// The item that another one was found to be like.
#[derive(Debug, Clone, Copy)]
pub struct With<'a> {
    /// Its number.
    pub number: i64,
    /// Its source's id.
    pub source: &'a str,
    /// What it says.
    pub item: &'a Item,
}

impl<'a> With<'a> {
    /// A stored item.
    pub fn stored(stored: &'a Stored) -> With<'a> {
        With { number: stored.id, source: &stored.source, item: &stored.item }
    }
}

/// The item with this number, where one was needed and is there.
pub fn with(db: &Db, number: Option<i64>) -> anyhow::Result<Option<Stored>> {
    number.map_or(Ok(None), |number| stories::stored_item(db, number))
}

/// A line in Vietnamese, and one in English.
pub fn text(because: &Because, with: Option<With<'_>>) -> [String; 2] {
    [
        told(because, with, |(vi, _)| vi, [" với tin", "cùng có chữ hiếm"]),
        told(because, with, |(_, en)| en, [", compared with item", "both have the rare words"]),
    ]
}

fn told(
    because: &Because,
    with: Option<With<'_>>,
    pick: fn((&'static str, &'static str)) -> &'static str,
    [compared, both]: [&str; 2],
) -> String {
    let mut told = pick(because.kind.names()).to_owned();
    if let Some(percent) = because.percent() {
        told.push_str(&format!(" {percent}"));
    }
    if let Some(With { number, source, .. }) = with {
        told.push_str(&format!("{compared} {number} [{source}]"));
    }
    if !because.shared.is_empty() {
        told.push_str(&format!("; {both}: {}", shared(because).join(", ")));
    }
    for finding in [Finding::Agree, Finding::Differ, Finding::Silent] {
        let of = because.checked.iter().filter(|checked| checked.finding == finding);
        let aspects: Vec<&str> = of.map(|checked| pick(checked.aspect.names())).collect();
        if !aspects.is_empty() {
            told.push_str(&format!("; {}: {}", pick(finding.names()), aspects.join(", ")));
        }
    }
    told
}

/// Words of sources, fit for a terminal.
fn shared(because: &Because) -> Vec<String> {
    because.shared.iter().take(MOST_SHARED).map(|word| text::line(word, MAX_WORD_CHARS)).collect()
}

/// The same for programs.
pub fn json(because: &Because, with: Option<With<'_>>) -> Value {
    let with = with.map(|With { number, source, item }| {
        json!({ "item": number, "source": source, "title": item.title, "link": item.link.as_ref().map(Url::as_str) })
    });
    let checked = because
        .checked
        .iter()
        .map(|checked| json!({ "aspect": checked.aspect.as_str(), "finding": checked.finding.as_str() }));
    json!({
        "kind": because.kind.as_str(), "similarity": because.similarity, "with": with, "shared": shared(because),
        "checked": checked.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Aspect, Checked, Kind};

    #[test]
    fn what_was_compared_is_one_line_in_each_language() {
        let item = Item { title: "Cầu mới".to_owned(), ..Item::default() };
        let with = With { number: 12, source: "bao-a", item: &item };
        let checked = |aspect, finding| Checked { aspect, finding };
        let alike = Because {
            kind: Kind::Text,
            similarity: 0.934,
            shared: vec!["cầu".to_owned(), "dài\u{1b}[31m\nnữa".to_owned()],
            checked: vec![
                checked(Aspect::Numbers, Finding::Agree),
                checked(Aspect::Dates, Finding::Silent),
                checked(Aspect::Time, Finding::Agree),
            ],
        };
        assert_eq!(
            text(&alike, Some(with)),
            [
                "cùng lời văn 93% với tin 12 [bao-a]; cùng có chữ hiếm: cầu, dài [31m nữa; khớp: con số, lúc đăng; một bên không nói: ngày tháng",
                "the same wording 93%, compared with item 12 [bao-a]; both have the rare words: cầu, dài [31m nữa; agree: numbers, time published; \
                 one is silent: dates"
            ]
        );
        assert_eq!(text(&Because::plainly(Kind::Link), None), ["cùng địa chỉ", "the same address"]);
        let told = json(&alike, Some(with));
        assert_eq!((&told["kind"], &told["with"]["item"]), (&json!("text"), &json!(12)));
        assert_eq!(told["checked"][1], json!({ "aspect": "dates", "finding": "silent" }));
        assert_eq!(json(&Because::plainly(Kind::Hand), None)["with"], Value::Null);
    }
}
