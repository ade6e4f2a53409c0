//! `dongtin topic train`: a linear model from labelled items, written only if it helps on items that it has not seen.

use std::fs;

use anyhow::{Context as _, Result, anyhow};
use serde_json::json;

use super::labelled::{self, Subject, View};
use super::show;
use crate::cli::{Exit, Format, TopicTrain};
use crate::commands::line;
use crate::learn::{self, ADDS, Article, Document, FOLDS, Labels, Learned, Linear, Mistake, Trial, VETOES};
use crate::model::Topic;

/// So many items show what the model does.
const EXAMPLES: usize = 5;
/// Above this chance, a difference may be an accident.
const ACCIDENT: f64 = 0.05;

/// What held-out items said in each view.
type Trials = Vec<(View, Trial)>;

pub fn run(args: &TopicTrain) -> Result<Exit> {
    let subject = Subject::load(&args.labelled.config, args.labelled.topic.as_deref())?;
    let topic = subject.topic()?;
    let labels = labelled::read_both(&args.labelled.file, &topic.id)?;
    let views = View::ALL.map(|view| subject.examples(&labels, view)).into_iter().collect::<Result<Vec<_>>>()?;
    let trials = learn::cross_validate(&views, topic.threshold, ADDS, VETOES);
    let trials: Trials = View::ALL.into_iter().zip(trials).collect();
    let is_better = trials.last().is_some_and(|(_, trial)| trial.is_better());
    let linear =
        is_better.then(|| write(args, &learn::train(&views), &comments(topic, &labels, &trials))).transpose()?;
    match args.labelled.format {
        Format::Text => {
            print_text(args, topic, &labels, &trials, linear.as_ref())?;
            if let Some(linear) = linear {
                print_changes(&subject, &labels, linear)?;
            }
        }
        _ => line(json!({
            "schema": "topic-train/1", "topic": topic.id, "items": labelled::counts_json(&labels), "folds": FOLDS,
            "adds": ADDS, "vetoes": VETOES, "written": is_better,
            "features": linear.as_ref().map(|linear| linear.features().len()),
            "views": trials.iter().map(|(view, trial)| json!({
                "view": view.as_str(), "rules": labelled::tally_json(&trial.rules), "with": labelled::tally_json(&trial.with),
                "mended": trial.mended, "spoilt": trial.spoilt, "p": chance(trial),
            })).collect::<Vec<_>>(),
        }))?,
    }
    Ok(if is_better { Exit::Ok } else { Exit::No })
}

/// Writes the file, and gives the model as it will be read from there.
fn write(args: &TopicTrain, linear: &Linear, comments: &str) -> Result<Linear> {
    let (text, name) = (linear.write(comments), args.out.display());
    let read = Linear::read(&text).map_err(|mistakes| match mistakes.first() {
        Some(Mistake { line, vi, en }) => anyhow!("{name}:{line}: {vi} · {en}"),
        None => anyhow!("{name} cannot be read again"),
    })?;
    fs::write(&args.out, text).with_context(|| format!("không ghi được {name} · cannot write {name}"))?;
    Ok(read)
}

/// What the finished model does to the items that it learned from: examples of its reasons, not a measure of it.
fn print_changes(subject: &Subject, labels: &Labels, linear: Linear) -> Result<()> {
    let learned = Learned { linear, adds: ADDS, vetoes: VETOES };
    line("\nVí dụ, trong chính các tin đã học · Examples, among the items it learned from:")?;
    let mut shown = 0;
    for one in &labels.sure {
        let mut decided = subject.decide(&one.document, View::Everything)?;
        let before = decided.matched();
        let Document { title, teaser, body, words, .. } = &one.document;
        let reason = learned.reason(&Article { title, teaser, body, words: Some(words) }, &decided.reasons);
        decided.score += reason.as_ref().map_or(0.0, |reason| reason.weight);
        decided.reasons = reason.into_iter().collect();
        if decided.matched() != before && shown < EXAMPLES {
            shown += 1;
            line(format_args!("\n  {}\n    {}", show::headline(title), show::score(&decided)))?;
            show::reasons(&decided).iter().try_for_each(|reason| line(format_args!("      {reason}")))?;
        }
    }
    Ok(())
}

fn chance(trial: &Trial) -> f64 {
    learn::mcnemar(trial.mended, trial.spoilt)
}

fn print_text(
    args: &TopicTrain,
    topic: &Topic,
    labels: &Labels,
    trials: &Trials,
    linear: Option<&Linear>,
) -> Result<()> {
    line(labelled::heading(topic, labels))?;
    line(format_args!(
        "{FOLDS} phần, mỗi phần được xét bằng mô hình học từ các phần kia\n    \
         {FOLDS} folds, each decided by what the others taught; at most +{ADDS} and -{VETOES} points"
    ))?;
    for (view, trial) in trials {
        line(format_args!("\n{}", labelled::columns(view.title())))?;
        line(labelled::row("  quy tắc · rules alone", &trial.rules))?;
        line(labelled::row("  thêm mô hình · with the model", &trial.with))?;
        let (mended, spoilt, chance) = (trial.mended, trial.spoilt, chance(trial));
        line(format_args!("  sửa được {mended}, làm hỏng {spoilt} · mended, spoilt; McNemar p = {chance:.3}"))?;
    }
    let out = args.out.display();
    let Some((linear, (_, trial))) = linear.zip(trials.last()) else {
        return line(format_args!(
            "\nKhông ghi {out}: trên tin chưa thấy, mô hình không làm F1 cao hơn mà vẫn giữ độ đúng. Hãy gán thêm nhãn.\n    \
             {out} was not written: on unseen items the model does not raise F1 and keep precision. Label more."
        ));
    };
    if chance(trial) > ACCIDENT {
        line(
            "\nKhác biệt nhỏ đến mức có thể là ngẫu nhiên; càng nhiều nhãn càng chắc.\n    \
             The difference is small enough for chance; more labels make surer.",
        )?;
    }
    line(format_args!(
        "\nĐã ghi {out}: {0} đặc trưng · features\nĐể dùng, thêm vào tập tin của chủ đề · to use it, add to the topic's file:\n\n\
         [learned]\nfile = \"{1}\"\nadds = {ADDS}\nvetoes = {VETOES}",
        linear.features().len(),
        args.out.file_name().unwrap_or_default().display()
    ))
}

/// The head of the file.
fn comments(topic: &Topic, labels: &Labels, trials: &Trials) -> String {
    let (yes, no) = labels.counts();
    let mut lines = vec![
        format!("Trọng số đã học cho chủ đề \"{}\" · learned weights of this topic (dongtin topic train)", topic.id),
        format!("Học từ {yes} tin có, {no} tin không · from {yes} items in the topic and {no} not in it"),
        format!("Trên tin chưa thấy ({FOLDS} phần, +{ADDS} -{VETOES} điểm) · on held-out items:"),
    ];
    for (view, trial) in trials {
        for (who, tally) in [("rules", &trial.rules), ("with", &trial.with)] {
            let figure = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3}"));
            let [precision, recall, f1] = [tally.precision(), tally.recall(), tally.f1()].map(figure);
            lines.push(format!("  {:11}{who:6} precision {precision}, recall {recall}, F1 {f1}", view.as_str()));
        }
    }
    lines.push("Mỗi dòng: trọng số TAB nơi TAB cụm từ; sửa hay xoá dòng nào cũng được.".to_owned());
    lines.push(
        "Each line: weight TAB where TAB phrase; any may be edited or deleted. In log-odds; above 0 speaks for."
            .to_owned(),
    );
    lines.join("\n")
}
