//! `dongtin topic label`: items one by one, and what a person says of each.

use std::io::{self, BufRead, Read as _, Write as _};

use anyhow::{Context as _, Result};

use super::items::{Asked, Items};
use super::labelled::{self, Subject};
use super::notebook::{Mended, Notebook};
use super::show;
use crate::cli::{Exit, TopicLabel};
use crate::commands::{line, say};
use crate::learn::Label;
use crate::model::Field;

/// An answer is one letter; no line is read further, in bytes.
const MOST_ANSWER: u64 = 1_000;
/// Lines of a teaser that are shown.
const TEASER_LINES: usize = 4;
/// Places of an article that are shown.
const SNIPPETS: usize = 3;
/// Characters that are shown on either side of what a rule found.
const AROUND: usize = 110;

/// What somebody typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Label(Label),
    Back,
    Skip,
    End,
}

impl Answer {
    fn parse(typed: &str) -> Option<Answer> {
        match typed.trim().to_lowercase().as_str() {
            "c" | "có" => Some(Answer::Label(Label::Yes)),
            "k" | "không" => Some(Answer::Label(Label::No)),
            "?" => Some(Answer::Label(Label::Unsure)),
            "l" | "lùi" => Some(Answer::Back),
            "b" | "bỏ qua" => Some(Answer::Skip),
            "t" | "thoát" => Some(Answer::End),
            _ => None,
        }
    }
}

pub fn run(args: &TopicLabel) -> Result<Exit> {
    let subject = Subject::load(&args.config, args.topic.as_deref())?;
    let (mut notebook, text, mended) = Notebook::open(&args.file)?;
    let name = args.file.display().to_string();
    if mended == Mended::HalfALine {
        say(format_args!(
            "dongtin: {name}: dòng cuối mới ghi được một nửa, đã bỏ; tin ấy sẽ được hỏi lại\n    \
             {name}: the last line was half written and is gone; that item will be asked about again"
        ));
    }
    let labels = labelled::parse(&name, &text, &subject.topic()?.id)?;
    let items = Items::rank(args, subject, &labels)?;
    if items.count() == 0 {
        say("không còn tin nào để hỏi · no item is left to ask about");
        return Ok(Exit::No);
    }
    let said = ask(&items, &mut notebook, &mut io::stdin().lock())?;
    line(format_args!("\nĐã ghi {said} nhãn vào {name} · {said} labels written"))?;
    Ok(Exit::Ok)
}

/// Asks until the items or the answers end. Gives how many labels were written.
fn ask(items: &Items, notebook: &mut Notebook, input: &mut impl BufRead) -> Result<usize> {
    // What was passed, and where its label begins in the file if it has one.
    let mut passed: Vec<(usize, Option<u64>)> = Vec::new();
    let mut place = 0;
    while place < items.count() {
        let Some(asked) = items.get(place)? else {
            place += 1;
            continue;
        };
        show_item(&asked, place, items.count())?;
        match answer(&items.topic()?.name, input)? {
            Answer::End => break,
            Answer::Skip => {
                passed.push((place, None));
                place += 1;
            }
            Answer::Label(label) => {
                let object = labelled::with(asked.json, "topic", items.topic()?.id.as_str());
                let begins = notebook.append(&labelled::with(object, "label", label.as_str()))?;
                passed.push((place, Some(begins)));
                place += 1;
            }
            Answer::Back => match passed.pop() {
                None => line("đây là tin đầu tiên · this is the first")?,
                Some((before, written)) => {
                    if let Some(begins) = written {
                        notebook.take_back(begins)?;
                    }
                    place = before;
                }
            },
        }
    }
    Ok(passed.iter().filter(|(_, written)| written.is_some()).count())
}

/// Asks until the answer is one. No more input is the end.
fn answer(topic: &str, input: &mut impl BufRead) -> Result<Answer> {
    loop {
        let mut out = io::stdout().lock();
        write!(out, "\n\"{topic}\"?  c có · k không · ? chưa chắc · b bỏ qua · l lùi · t thoát > ")
            .and_then(|()| out.flush())
            .context("cannot write to standard output")?;
        let mut typed = Vec::new();
        input.take(MOST_ANSWER).read_until(b'\n', &mut typed).context("cannot read standard input")?;
        if typed.is_empty() {
            return Ok(Answer::End);
        }
        match Answer::parse(&String::from_utf8_lossy(&typed)) {
            Some(answer) => return Ok(answer),
            None => {
                line("c yes · k no · ? unsure · b skip · l back, takes the last answer away · t end")?;
            }
        }
    }
}

fn show_item(asked: &Asked, place: usize, count: usize) -> Result<()> {
    line(format_args!("\n── {}/{count} ── {}", place + 1, show::score(&asked.decided)))?;
    show::wrap(&asked.title, 0, 3).iter().try_for_each(line)?;
    show::wrap(&asked.origin.join(" · "), 2, 2).iter().try_for_each(|text| line(format_args!("  {text}")))?;
    show::wrap(&asked.teaser, 2, TEASER_LINES).iter().try_for_each(|text| line(format_args!("  {text}")))?;
    show::reasons(&asked.decided).iter().try_for_each(|reason| line(format_args!("    {reason}")))?;
    for snippet in snippets(asked) {
        let lines = show::wrap(&snippet, 6, 3);
        for (text, mark) in lines.iter().zip(std::iter::once("¶").chain(std::iter::repeat(" "))) {
            line(format_args!("    {mark} {text}"))?;
        }
    }
    Ok(())
}

/// The article around what the rules found there, or its beginning.
fn snippets(asked: &Asked) -> Vec<String> {
    let in_article =
        asked.decided.reasons.iter().filter(|reason| !matches!(reason.field, Field::Title | Field::Teaser));
    let found: Vec<String> =
        in_article.filter_map(|reason| snippet(&asked.body, &reason.text)).take(SNIPPETS).collect();
    match found.is_empty() && !asked.body.is_empty() {
        true => vec![asked.body.chars().take(3 * AROUND).collect()],
        false => found,
    }
}

/// A text around its first «words».
fn snippet(text: &str, words: &str) -> Option<String> {
    let (before, after) = text.split_once(words).filter(|_| !words.is_empty())?;
    let before: Vec<char> = before.chars().rev().take(AROUND).collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = after.chars().take(AROUND).collect();
    Some(format!("…{before}«{words}»{after}…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_letter_or_its_word() {
        let cases = [
            ("c\n", Some(Answer::Label(Label::Yes))),
            (" K \r\n", Some(Answer::Label(Label::No))),
            ("?", Some(Answer::Label(Label::Unsure))),
            ("lùi", Some(Answer::Back)),
            ("b", Some(Answer::Skip)),
            ("T", Some(Answer::End)),
            ("", None),
            ("y", None),
            ("cc", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(Answer::parse(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn a_snippet_stands_around_the_words() {
        assert_eq!(snippet("Thôn học Bác mỗi ngày", "học Bác").as_deref(), Some("…Thôn «học Bác» mỗi ngày…"));
        assert_eq!(snippet("Thôn", "học Bác"), None);
        assert_eq!(snippet("Thôn", ""), None);
        let long = snippet(&format!("{0}x{0}", "ệ".repeat(500)), "x").unwrap();
        assert_eq!(long.chars().count(), 2 * AROUND + 5);
    }
}
