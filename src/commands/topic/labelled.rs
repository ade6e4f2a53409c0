//! Labelled items as a file has them, and what a topic decides of them.

use std::path::Path;

use anyhow::Result;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::classify::{Evidence, Rules};
use crate::cli::{ConfigDir, Exit};
use crate::commands::classify::Line;
use crate::commands::{load_rules, read_file, refuse};
use crate::config::mistake::hint;
use crate::learn::{Article, Document, Example, Label, Labels, Tally};
use crate::model::{Match, Topic};
use crate::text::{self, Words};

/// A line of a labelled file: an item as `classify` reads it, and what somebody said of it.
#[derive(Debug, Deserialize)]
struct LabelledLine {
    #[serde(flatten)]
    item: Line,
    label: String,
    #[serde(default)]
    topic: Option<String>,
}

/// One topic, alone and ready to decide.
pub struct Subject {
    /// Its rules and nobody else's, without what it learned.
    pub rules: Rules,
    /// The same with what it learned, where it did.
    pub taught: Option<Rules>,
}

impl Subject {
    /// The topic with this name, or the first one.
    pub fn load(config: &ConfigDir, id: Option<&str>) -> Result<Subject> {
        let rules = load_rules(config)?;
        let subject = Subject::find(rules.topics(), id)?;
        let topic = subject.topic()?.clone();
        let place = (0..).zip(rules.topics()).find(|(_, one)| one.id == topic.id);
        let Some(learned) = place.and_then(|(place, _)| rules.learned(place)).cloned() else { return Ok(subject) };
        let learned = [(topic.id.clone(), learned)].into();
        Ok(Subject { taught: Some(Rules::compile(vec![topic])?.with_learned(learned)), ..subject })
    }

    fn find(topics: &[Topic], id: Option<&str>) -> Result<Subject> {
        let found = match id {
            Some(id) => topics.iter().find(|topic| topic.id == id),
            None => topics.first(),
        };
        let Some(topic) = found else {
            let known: Vec<&str> = topics.iter().map(|topic| topic.id.as_str()).collect();
            let id = id.unwrap_or_default();
            let (vi, en) = hint(id, &known);
            return Err(refuse(
                Exit::Usage,
                format!("không có chủ đề \"{id}\". {vi} · there is no topic \"{id}\". {en}"),
            ));
        };
        Subject::of(topic.clone())
    }

    /// This topic.
    pub fn of(topic: Topic) -> Result<Subject> {
        Ok(Subject { rules: Rules::compile(vec![topic])?, taught: None })
    }

    /// The topic itself.
    pub fn topic(&self) -> Result<&Topic> {
        self.rules.topics().first().ok_or_else(|| anyhow::anyhow!("a subject has one topic"))
    }

    /// How an item stands to the topic, as far as a view shows it. Where nothing speaks, the score is 0.
    pub fn decide(&self, document: &Document, view: View) -> Result<Match> {
        self.decide_by(&self.rules, document, view)
    }

    /// The same with what the topic learned.
    pub fn decide_taught(&self, document: &Document, view: View) -> Result<Match> {
        self.decide_by(self.taught.as_ref().unwrap_or(&self.rules), document, view)
    }

    fn decide_by(&self, rules: &Rules, document: &Document, view: View) -> Result<Match> {
        let topic = self.topic()?;
        let matched = rules.decide(&view.evidence(document)).into_iter().next();
        Ok(matched.unwrap_or_else(|| nothing_spoke(topic)))
    }

    /// The decisions about all labelled items counted.
    pub fn tally(&self, labels: &Labels, view: View) -> Result<Tally> {
        let decided = labels.sure.iter().map(|one| Ok((self.decide(&one.document, view)?.matched(), one.yes)));
        Ok(Tally::of(decided.collect::<Result<Vec<_>>>()?))
    }

    /// What there is to learn from.
    pub fn examples<'a>(&self, labels: &'a Labels, view: View) -> Result<Vec<Example<'a>>> {
        let examples = labels.sure.iter().map(|one| {
            let Match { score, reasons, .. } = self.decide(&one.document, view)?;
            let Evidence { title, teaser, body, words, .. } = view.evidence(&one.document);
            let article = Article { title, teaser, body, words };
            Ok(Example { id: &one.document.id, article, reasons, score, yes: one.yes })
        });
        examples.collect()
    }
}

/// How much of an item is known when it is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The headline alone, as in a page of headlines.
    Headline,
    /// What a feed says.
    Teaser,
    /// The article too.
    Everything,
}

impl View {
    /// From the least to the most.
    pub const ALL: [View; 3] = [View::Headline, View::Teaser, View::Everything];

    /// The word used in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            View::Headline => "headline",
            View::Teaser => "teaser",
            View::Everything => "everything",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            View::Headline => "chỉ tiêu đề · headline",
            View::Teaser => "tiêu đề, tóm tắt · and teaser",
            View::Everything => "toàn bộ · everything",
        }
    }

    /// What the rules are shown. The source says nothing by itself: it is the rules that are measured.
    pub fn evidence(self, document: &Document) -> Evidence<'_> {
        let Document { title, teaser, body, categories, words, .. } = document;
        let headline = Evidence { title, words: Some(words), ..Evidence::default() };
        match self {
            View::Headline => headline,
            View::Teaser => Evidence { teaser, ..headline },
            View::Everything => Evidence { teaser, body, categories, ..headline },
        }
    }
}

/// How an item stands to a topic of which nothing spoke.
pub fn nothing_spoke(topic: &Topic) -> Match {
    Match { topic: topic.id.clone(), score: 0.0, threshold: topic.threshold, reasons: Vec::new() }
}

/// An item as it is learned from.
pub fn document(line: Line) -> Document {
    let (title, teaser) = (line.title.unwrap_or_default(), line.summary.unwrap_or_default());
    let body = line.body.unwrap_or_default();
    let words = Words::of(&title, &teaser, &body);
    Document { id: line.id, title, teaser, body, categories: line.categories.unwrap_or_default(), words }
}

/// Reads the labels of a topic from a file.
pub fn read(path: &Path, topic: &str) -> Result<Labels> {
    parse(&path.display().to_string(), &text_of(path)?, topic)
}

/// A file as text.
pub fn text_of(path: &Path) -> Result<String> {
    let name = path.display().to_string();
    String::from_utf8(read_file(path)?).map_err(|error| not_utf8(&name, error.utf8_error().valid_up_to()))
}

/// A file that is in another encoding, from this byte on.
pub fn not_utf8(name: &str, at: usize) -> anyhow::Error {
    refuse(
        Exit::Usage,
        format!(
            "{name} không phải UTF-8 (từ byte {at}); hãy lưu lại bằng UTF-8\n    \
             {name} is not UTF-8 (from byte {at} on); save it as UTF-8"
        ),
    )
}

/// Reads the labels of a topic from the lines of a file called `name`.
pub fn parse(name: &str, lines: &str, topic: &str) -> Result<Labels> {
    let mut labels = Labels::default();
    for (line, number) in
        lines.trim_start_matches('\u{feff}').lines().zip(1..).filter(|(line, _)| !line.trim().is_empty())
    {
        let wrong = |vi: String, en: String| refuse(Exit::Usage, format!("{name}:{number}: {vi}\n    {en}"));
        let read: LabelledLine = serde_json::from_str(line).map_err(|error| {
            wrong(
                format!("mỗi dòng phải là một đối tượng JSON có \"id\" và \"label\" ({error})"),
                "every line must be a JSON object with an \"id\" and a \"label\"".to_owned(),
            )
        })?;
        if read.topic.as_deref().is_some_and(|of| of != topic) {
            labels.others += 1;
            continue;
        }
        let label = Label::parse(&read.label).ok_or_else(|| {
            let said = text::line(&read.label, 40);
            wrong(
                format!(
                    "\"label\" phải là \"yes\" (có), \"no\" (không) hoặc \"unsure\" (chưa chắc), không phải \"{said}\""
                ),
                format!("\"label\" must be \"yes\", \"no\" or \"unsure\", not \"{said}\""),
            )
        })?;
        let document = document(read.item);
        let id = text::line(&document.id, 80);
        labels.take(number, document, label).map_err(|again| {
            let first = again.first;
            wrong(
                format!("tin \"{id}\" đã có nhãn ở dòng {first}; hãy xoá một trong hai dòng"),
                format!("\"{id}\" has a label on line {first} already; delete one of the two lines"),
            )
        })?;
    }
    Ok(labels)
}

/// Labels from which something can be learned: there are some of both kinds.
pub fn read_both(path: &Path, topic: &str) -> Result<Labels> {
    let labels = read(path, topic)?;
    let (yes, no) = labels.counts();
    if yes == 0 || no == 0 {
        let name = path.display();
        return Err(refuse(
            Exit::Usage,
            format!(
                "{name}: chủ đề \"{topic}\" có {yes} tin \"yes\", {no} tin \"no\"; cần cả hai loại. Gán thêm nhãn: dongtin topic label {name}\n    \
                 {name}: topic \"{topic}\" has {yes} \"yes\" and {no} \"no\"; both are needed. Label more: dongtin topic label {name}"
            ),
        ));
    }
    Ok(labels)
}

/// What was read, for people.
pub fn heading(topic: &Topic, labels: &Labels) -> String {
    let (yes, no) = labels.counts();
    let others = match labels.others {
        0 => String::new(),
        n => format!("; {n} của chủ đề khác · {n} of other topics"),
    };
    format!(
        "{}\n{} tin có nhãn: {yes} có, {no} không (và {} chưa chắc, không tính)\n    \
         {} labelled: {yes} yes, {no} no (and {} unsure, not counted){others}",
        topic.name,
        yes + no,
        labels.unsure,
        yes + no,
        labels.unsure
    )
}

/// The same for programs.
pub fn counts_json(labels: &Labels) -> Value {
    let (yes, no) = labels.counts();
    json!({ "yes": yes, "no": no, "unsure": labels.unsure, "other_topics": labels.others })
}

/// An object with one thing more.
pub fn with(mut object: Value, key: &str, value: impl Into<Value>) -> Value {
    if let Value::Object(map) = &mut object {
        map.insert(key.to_owned(), value.into());
    }
    object
}

/// Counts and figures, for programs; null where nothing is counted.
pub fn tally_json(tally: &Tally) -> Value {
    json!({
        "precision": tally.precision(), "recall": tally.recall(), "f1": tally.f1(),
        "right": tally.right, "wrong": tally.wrong, "missed": tally.missed, "rest": tally.rest,
    })
}

/// The columns of [`row`], under a name.
pub fn columns(name: &str) -> String {
    format!(
        "{name:32}{:>10}{:>9}{:>9}{:>8}{:>8}{:>8}\n{:32}{:>10}{:>9}{:>9}{:>8}{:>8}{:>8}",
        "độ đúng", "độ đủ", "F1", "đúng", "sai", "sót", "", "precision", "recall", "", "right", "wrong", "missed"
    )
}

/// Counts and figures in a line.
pub fn row(name: &str, tally: &Tally) -> String {
    let figure = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
    let [precision, recall, f1] = [tally.precision(), tally.recall(), tally.f1()].map(figure);
    format!("{name:32}{precision:>10}{recall:>9}{f1:>9}{:>8}{:>8}{:>8}", tally.right, tally.wrong, tally.missed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_and_mistakes_have_their_line() {
        let good = "\u{feff}{\"id\":\"1\",\"title\":\"Học Bác\",\"label\":\"yes\",\"note\":\"rõ\"}\n\n\
            {\"id\":\"2\",\"label\":\"unsure\",\"topic\":null}\r\n{\"id\":\"1\",\"label\":\"no\",\"topic\":\"khac\"}\n\
            {\"id\":\"3\",\"label\":\"no\",\"topic\":\"bac\",\"summary\":null}";
        let labels = parse("x.jsonl", good, "bac").unwrap();
        assert_eq!((labels.counts(), labels.unsure, labels.others), ((1, 1), 1, 1));
        let cases = [
            ("{\"id\":\"1\"}", "x.jsonl:1: "),
            ("\n{\"id\":\"1\",\"label\":\"maybe\"}", "x.jsonl:2: "),
            (
                "{\"id\":\"1\",\"label\":\"yes\"}\n{\"id\":\"1\",\"label\":\"yes\"}",
                "x.jsonl:2: tin \"1\" đã có nhãn ở dòng 1",
            ),
            ("{\"id\":\"1\",\"label\":\"yes\"}\n{\"id\":\"2\",\"la", "x.jsonl:2: "),
            ("[]", "x.jsonl:1: "),
            ("{\"label\":\"yes\"}", "x.jsonl:1: "),
            ("{\"id\":\"1\",\"label\":\"\u{1b}[2J\"}", "x.jsonl:1: "),
        ];
        for (text, begins) in cases {
            let error = parse("x.jsonl", text, "bac").unwrap_err().to_string();
            assert!(error.starts_with(begins), "{text}: {error}");
            assert!(!error.contains('\u{1b}'), "{error:?}");
        }
    }
}
