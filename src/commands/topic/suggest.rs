//! `dongtin topic suggest`: phrases that labels speak for, each with what it would do to the topic's figures.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::labelled::{self, Subject, View};
use super::show;
use crate::classify::Rules;
use crate::cli::{Exit, Format, TopicLearn};
use crate::commands::line;
use crate::learn::{self, Candidate, Labels, Sided, Tally};
use crate::model::{Field, Phrase, Rule, Topic};
use crate::text;

/// Weights that are tried, as parts of the threshold, the least first: what little does needs no more.
const PARTS: [f64; 5] = [0.2, 0.4, 0.6, 0.8, 1.0];

/// What a topic could have besides.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    /// A rule with this weight.
    Weigh(f64),
    /// A hidden phrase.
    Hide,
}

/// A change that helps.
struct Proposal {
    candidate: Candidate,
    change: Change,
    after: Tally,
}

/// Every labelled item as the topic decides it today.
struct Today<'a> {
    subject: &'a Subject,
    labels: &'a Labels,
    /// For each item, whether it matched, and whether any rule spoke.
    decided: Vec<(bool, bool)>,
    tally: Tally,
}

pub fn run(args: &TopicLearn) -> Result<Exit> {
    let subject = Subject::load(&args.labelled.config, args.labelled.topic.as_deref())?;
    let topic = subject.topic()?;
    let labels = labelled::read_both(&args.labelled.file, &topic.id)?;
    let today = Today::of(&subject, &labels)?;
    let mut proposals =
        today.proposals(&today.candidates_for(), &PARTS.map(|part| Change::Weigh(part * topic.threshold)))?;
    let mut against = vec![Change::Hide];
    against.extend(PARTS.map(|part| Change::Weigh(-part * topic.threshold)));
    proposals.extend(today.proposals(&today.candidates_against(), &against)?);
    let proposals = today.best(proposals, args.limit)?;
    match args.labelled.format {
        Format::Text => print_text(&today, &proposals)?,
        _ => print_json(&today, &proposals)?,
    }
    Ok(if proposals.is_empty() { Exit::No } else { Exit::Ok })
}

impl<'a> Today<'a> {
    fn of(subject: &'a Subject, labels: &'a Labels) -> Result<Today<'a>> {
        let decided = labels.sure.iter().map(|one| {
            let decided = subject.decide(&one.document, View::Everything)?;
            Ok((decided.matched(), !decided.reasons.is_empty()))
        });
        let decided = decided.collect::<Result<Vec<_>>>()?;
        let tally = Tally::of(decided.iter().zip(&labels.sure).map(|((matched, _), one)| (*matched, one.yes)));
        Ok(Today { subject, labels, decided, tally })
    }

    /// Phrases of the items that are missed.
    fn candidates_for(&self) -> Vec<Candidate> {
        let sided: Vec<(usize, Sided<'_>)> = self.sided(|_| true, true).collect();
        self.candidates(&sided)
    }

    /// Phrases of the items that are wrongly in the topic. Only where some rule speaks can a phrase do anything against it.
    fn candidates_against(&self) -> Vec<Candidate> {
        let sided: Vec<(usize, Sided<'_>)> = self.sided(|spoken| spoken, false).collect();
        self.candidates(&sided)
    }

    fn sided(&self, take: impl Fn(bool) -> bool, side: bool) -> impl Iterator<Item = (usize, Sided<'_>)> {
        let all = self.labels.sure.iter().zip(&self.decided).enumerate();
        all.filter(move |(_, (_, (_, spoken)))| take(*spoken)).map(move |(at, (one, (matched, _)))| {
            let is_for = one.yes == side;
            (at, Sided { document: &one.document, is_for, is_needed: is_for && *matched != one.yes })
        })
    }

    fn candidates(&self, sided: &[(usize, Sided<'_>)]) -> Vec<Candidate> {
        let known: BTreeSet<String> =
            self.subject.rules.topics().iter().flat_map(phrases).map(|p| text::key(p)).collect();
        let documents: Vec<Sided<'_>> = sided.iter().map(|(_, sided)| *sided).collect();
        let mut candidates = learn::candidates(&documents, &known);
        for candidate in &mut candidates {
            // Positions among all items.
            candidate.documents = candidate.documents.iter().filter_map(|&at| Some(sided.get(at)?.0)).collect();
        }
        candidates
    }

    /// For each candidate the change that helps most, if any helps.
    fn proposals(&self, candidates: &[Candidate], changes: &[Change]) -> Result<Vec<Proposal>> {
        let mut proposals = Vec::new();
        for candidate in candidates {
            let tallies = self.try_out(candidate, changes)?;
            let mut best: Option<(Change, Tally)> = None;
            for (&change, tally) in changes.iter().zip(tallies) {
                if tally.f1() > best.map_or(self.tally.f1(), |(_, best)| best.f1()) {
                    best = Some((change, tally));
                }
            }
            proposals.extend(best.map(|(change, after)| Proposal { candidate: candidate.clone(), change, after }));
        }
        Ok(proposals)
    }

    /// The figures with each of these changes. Only the items that have the phrase are decided again.
    fn try_out(&self, candidate: &Candidate, changes: &[Change]) -> Result<Vec<Tally>> {
        let topic = self.subject.topic()?;
        let changed = changes.iter().enumerate().map(|(number, change)| {
            let topic = with(topic, &candidate.phrase, *change);
            Topic { id: number.to_string(), ..topic }
        });
        let rules = Rules::compile(changed.collect())?;
        let mut tallies = vec![self.tally; changes.len()];
        for &at in &candidate.documents {
            let (Some(one), Some((was, _))) = (self.labels.sure.get(at), self.decided.get(at)) else { continue };
            let matches = rules.decide(&View::Everything.evidence(&one.document));
            for (number, tally) in tallies.iter_mut().enumerate() {
                let name = number.to_string();
                tally.discount(*was, one.yes);
                tally.count(matches.iter().any(|m| m.topic == name && m.matched()), one.yes);
            }
        }
        Ok(tallies)
    }

    /// The best, measured again by deciding every item: a phrase may act where it does not stand word for word.
    fn best(&self, mut proposals: Vec<Proposal>, limit: usize) -> Result<Vec<Proposal>> {
        sort(&mut proposals);
        let mut best = Vec::new();
        for mut proposal in proposals {
            if best.len() == limit {
                break;
            }
            let changed = with(self.subject.topic()?, &proposal.candidate.phrase, proposal.change);
            proposal.after = Subject::of(changed)?.tally(self.labels, View::Everything)?;
            if proposal.after.f1() > self.tally.f1() {
                best.push(proposal);
            }
        }
        sort(&mut best);
        Ok(best)
    }
}

/// By what they do, then by how much their phrases tell.
fn sort(proposals: &mut [Proposal]) {
    let f1 = |proposal: &Proposal| proposal.after.f1().unwrap_or_default();
    proposals.sort_by(|a, b| f1(b).total_cmp(&f1(a)).then(b.candidate.g2.total_cmp(&a.candidate.g2)));
}

/// Every wording that the topic has already.
fn phrases(topic: &Topic) -> impl Iterator<Item = &String> {
    topic.hide.iter().chain(topic.rules.iter().flat_map(|rule| &rule.phrases)).flat_map(|p| &p.parts).flatten()
}

/// The topic with one thing more. What a rule is made of is known here only.
fn with(topic: &Topic, phrase: &str, change: Change) -> Topic {
    let mut topic = topic.clone();
    match change {
        Change::Hide => topic.hide.push(Phrase::plain(phrase)),
        Change::Weigh(weight) => topic.rules.push(Rule {
            name: phrase.to_owned(),
            weight,
            phrases: vec![Phrase::plain(phrase)],
            all: Vec::new(),
            none: Vec::new(),
            within: 0,
            proper: false,
            fields: Field::TEXT.to_vec(),
        }),
    }
    topic
}

/// In how many items a phrase stands.
#[derive(Default)]
struct Standing {
    yes: usize,
    no: usize,
    title: usize,
    teaser: usize,
    body: usize,
}

impl Standing {
    fn of(key: &str, labels: &Labels) -> Standing {
        let run = format!(" {key} ");
        let mut standing = Standing::default();
        for one in &labels.sure {
            let words = &one.document.words;
            let [title, teaser, body] =
                [&words.title, &words.teaser, &words.body].map(|folded| usize::from(folded.as_str().contains(&run)));
            standing.title += title;
            standing.teaser += teaser;
            standing.body += body;
            let is_there = usize::from(title + teaser + body > 0);
            *(if one.yes { &mut standing.yes } else { &mut standing.no }) += is_there;
        }
        standing
    }
}

fn print_text(today: &Today<'_>, proposals: &[Proposal]) -> Result<()> {
    line(labelled::heading(today.subject.topic()?, today.labels))?;
    line(format_args!("\n{}\n{}", labelled::columns(""), labelled::row("hiện nay · now", &today.tally)))?;
    if proposals.is_empty() {
        return line(
            "\nKhông thấy cụm từ nào làm tốt hơn. · No phrase was found that would help.\n\
             Gán nhãn thêm tin thì thấy thêm. · More labels may show more.",
        );
    }
    for (number, proposal) in (1..).zip(proposals) {
        let Standing { yes, no, title, teaser, body } = Standing::of(&proposal.candidate.key, today.labels);
        let what = match proposal.change {
            Change::Weigh(weight) => format!("[[rule]] weight = {}", show::points(weight)),
            Change::Hide => "hide".to_owned(),
        };
        line(format_args!("\n{number:3}. \"{}\"  →  {what}", proposal.candidate.phrase))?;
        line(format_args!(
            "     trong {yes} tin có, {no} tin không · in {yes} yes, {no} no (tiêu đề {title}, tóm tắt {teaser}, thân bài {body})"
        ))?;
        line(format_args!("     {}", effect(&today.tally, &proposal.after)))?;
    }
    line(
        "\nMỗi gợi ý được đo riêng, trên chính các tin này; sửa xong hãy đo lại bằng topic eval và topic diff.\n\
         Each is measured by itself, on these very items; measure again with topic eval and topic diff.",
    )
}

fn effect(before: &Tally, after: &Tally) -> String {
    let figure = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.3}"));
    let change = |of: fn(&Tally) -> Option<f64>| format!("{} → {}", figure(of(before)), figure(of(after)));
    format!(
        "độ đúng · precision {}; độ đủ · recall {}; F1 {}",
        change(Tally::precision),
        change(Tally::recall),
        change(Tally::f1)
    )
}

fn print_json(today: &Today<'_>, proposals: &[Proposal]) -> Result<()> {
    line(json!({
        "schema": "topic-suggest/1", "topic": today.subject.topic()?.id, "items": labelled::counts_json(today.labels),
        "before": labelled::tally_json(&today.tally),
        "proposals": proposals.iter().map(|proposal| proposal_json(proposal, today.labels)).collect::<Vec<_>>(),
    }))
}

fn proposal_json(proposal: &Proposal, labels: &Labels) -> Value {
    let Standing { yes, no, title, teaser, body } = Standing::of(&proposal.candidate.key, labels);
    let (change, weight) = match proposal.change {
        Change::Weigh(weight) => ("rule", Some(weight)),
        Change::Hide => ("hide", None),
    };
    json!({
        "phrase": proposal.candidate.phrase, "change": change, "weight": weight, "g2": proposal.candidate.g2,
        "yes": yes, "no": no, "fields": { "title": title, "teaser": teaser, "body": body },
        "after": labelled::tally_json(&proposal.after),
    })
}
