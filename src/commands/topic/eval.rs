//! `dongtin topic eval`: how well a topic's rules agree with labels, and every error.

use anyhow::Result;
use serde_json::{Value, json};

use super::labelled::{self, Subject, View};
use super::show;
use crate::cli::{Exit, Format, TopicEval};
use crate::commands::{line, match_json};
use crate::learn::{Labelled, Labels, Tally};
use crate::model::Match;

/// A labelled item that is decided wrongly.
struct Error<'a> {
    labelled: &'a Labelled,
    view: View,
    decided: Match,
}

pub fn run(args: &TopicEval) -> Result<Exit> {
    let subject = Subject::load(&args.labelled.config, args.labelled.topic.as_deref())?;
    let labels = labelled::read(&args.labelled.file, &subject.topic()?.id)?;
    let views = View::ALL.map(|view| evaluate(&subject, &labels, view)).into_iter().collect::<Result<Vec<_>>>()?;
    match args.labelled.format {
        Format::Text => print_text(&subject, &labels, &views)?,
        _ => print_json(&subject, &labels, &views)?,
    }
    Ok(Exit::Ok)
}

/// What is decided in one view, by the rules and what the topic learned.
struct Evaluated<'a> {
    view: View,
    tally: Tally,
    errors: Vec<Error<'a>>,
    /// The rules alone, where the topic learned something.
    untaught: Option<Tally>,
}

fn evaluate<'a>(subject: &Subject, labels: &'a Labels, view: View) -> Result<Evaluated<'a>> {
    let mut tally = Tally::default();
    let mut errors = Vec::new();
    for labelled in &labels.sure {
        let decided = subject.decide_taught(&labelled.document, view)?;
        tally.count(decided.matched(), labelled.yes);
        if decided.matched() != labelled.yes {
            errors.push(Error { labelled, view, decided });
        }
    }
    // The surest errors first: they say most about the rules.
    errors.sort_by(|a, b| distance(&b.decided).total_cmp(&distance(&a.decided)));
    let untaught = subject.taught.as_ref().map(|_| subject.tally(labels, view)).transpose()?;
    Ok(Evaluated { view, tally, errors, untaught })
}

fn distance(decided: &Match) -> f64 {
    (decided.score - decided.threshold).abs()
}

fn print_text(subject: &Subject, labels: &Labels, views: &[Evaluated<'_>]) -> Result<()> {
    line(labelled::heading(subject.topic()?, labels))?;
    line(format_args!("\n{}", labelled::columns("")))?;
    for Evaluated { view, tally, untaught, .. } in views {
        line(labelled::row(view.title(), tally))?;
        if let Some(untaught) = untaught {
            line(labelled::row("  không có mô hình · rules alone", untaught))?;
        }
    }
    let Some(Evaluated { view, errors, .. }) = views.last() else { return Ok(()) };
    for (matched, title) in
        [(true, "Sai (vào chủ đề mà không phải) · Wrong"), (false, "Sót (phải vào mà không vào) · Missed")]
    {
        let of_kind: Vec<&Error<'_>> = errors.iter().filter(|error| error.decided.matched() == matched).collect();
        line(format_args!("\n{title}: {} ({})", of_kind.len(), view.title()))?;
        for error in of_kind {
            print_error(error)?;
        }
    }
    Ok(())
}

fn print_error(error: &Error<'_>) -> Result<()> {
    let Error { labelled, decided, .. } = error;
    line(format_args!("\n  {}", show::headline(&labelled.document.title)))?;
    line(format_args!("    {} · {}", show::score(decided), show::name(&labelled.document.id)))?;
    show::reasons(decided).iter().try_for_each(|reason| line(format_args!("      {reason}")))?;
    if !decided.matched() && !decided.reasons.is_empty() {
        let short = decided.threshold - decided.score;
        line(format_args!("      còn thiếu {} điểm · {} short", show::points(short), show::points(short)))?;
    }
    Ok(())
}

fn print_json(subject: &Subject, labels: &Labels, views: &[Evaluated<'_>]) -> Result<()> {
    let topic = subject.topic()?;
    let view = |one: &Evaluated<'_>| {
        let object = labelled::with(labelled::tally_json(&one.tally), "view", one.view.as_str());
        labelled::with(object, "rules_alone", one.untaught.as_ref().map(labelled::tally_json))
    };
    line(json!({
        "schema": "topic-eval/1", "topic": topic.id, "threshold": topic.threshold, "items": labelled::counts_json(labels),
        "views": views.iter().map(view).collect::<Vec<_>>(),
        "errors": views.iter().flat_map(|one| &one.errors).map(error_json).collect::<Vec<_>>(),
    }))
}

fn error_json(error: &Error<'_>) -> Value {
    let Error { labelled, view, decided } = error;
    let object = labelled::with(match_json(decided), "id", labelled.document.id.as_str());
    let object = labelled::with(object, "title", labelled.document.title.as_str());
    let object = labelled::with(object, "error", if labelled.yes { "missed" } else { "wrong" });
    labelled::with(object, "view", view.as_str())
}
