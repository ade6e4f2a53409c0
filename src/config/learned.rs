//! `[learned]` in a topic's file: the weights that `dongtin topic train` wrote, and how much they may say.

use std::collections::BTreeMap;
use std::path::Path;

use super::mistake::{Mistake, Report, hint};
use super::reader::{At, Fields};
use super::{File, FileKind, topics};
use crate::learn::{self, Learned, Linear};

/// What a topic's file says of its model.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The name of the file with the weights, and where it is named.
    pub file: At<String>,
    /// The most it adds and takes away, in points.
    pub adds: f64,
    /// See `adds`.
    pub vetoes: f64,
}

/// More would make a topic of what no rule found.
const MOST_POINTS: f64 = 100.0;

/// Reads the table.
pub fn read(root: &Fields<'_>) -> Option<Wanted> {
    let table = root.table("learned", "[learned]")?;
    let file = table.required("file");
    let adds = table.number("adds", 0.0..MOST_POINTS).unwrap_or(learn::ADDS);
    let vetoes = table.number("vetoes", 0.0..MOST_POINTS).unwrap_or(learn::VETOES);
    table.finish();
    let file = file?;
    Some(Wanted { file: At { value: file.value.to_owned(), span: file.span }, adds, vetoes })
}

/// Reads the weights of every topic that names some.
pub fn load(topics: &[topics::Listed], files: &[File], mistakes: &mut Vec<Mistake>) -> BTreeMap<String, Learned> {
    let mut learned = BTreeMap::new();
    for (listed, wanted) in topics.iter().filter_map(|l| Some((l, l.learned.as_ref()?))) {
        let name = wanted.file.value.as_str();
        let weights = files.iter().filter(|f| f.kind == FileKind::Weights);
        let Some(file) = weights.clone().find(|f| file_name(&f.name) == name) else {
            let known: Vec<&str> = weights.map(|f| file_name(&f.name)).collect();
            mistakes.extend(missing(listed, wanted, &known, files));
            continue;
        };
        match Linear::read(&file.text) {
            Ok(linear) => {
                let of_topic = Learned { linear, adds: wanted.adds, vetoes: wanted.vetoes };
                learned.insert(listed.topic.id.clone(), of_topic);
            }
            Err(wrong) => mistakes.extend(wrong.into_iter().map(|learn::Mistake { line, vi, en }| Mistake {
                line,
                column: 1,
                ..Mistake::of_file(&file.name, vi, en)
            })),
        }
    }
    learned
}

fn missing(listed: &topics::Listed, wanted: &Wanted, known: &[&str], files: &[File]) -> Vec<Mistake> {
    let text = files.iter().find(|f| f.name == listed.file).map_or("", |f| f.text.as_str());
    let report = Report::new(&listed.file, text);
    let (name, (vi, en)) = (&wanted.file.value, hint(&wanted.file.value, known));
    report.mistake(
        &wanted.file.span,
        format!("Không có tập tin \"{name}\" cạnh tập tin chủ đề này. {vi}"),
        format!("There is no file \"{name}\" beside this topic. {en}"),
    );
    report.into_mistakes()
}

fn file_name(path: &str) -> &str {
    Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or(path)
}
