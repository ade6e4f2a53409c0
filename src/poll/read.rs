//! From a document to what in it is new. All of it on a blocking thread.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;

use super::{Criteria, Outcome, pages};
use crate::dedup;
use crate::fetch::Document;
use crate::fetch::error::FetchError;
use crate::kin;
use crate::model::{Digest, Source, Validators};
use crate::parse::{self, ParseError, Parsed, Repair};
use crate::schedule::{Pace, Setback, Signals, Time, vietnam};
use crate::store::sources::{EndingKind, State};
use crate::store::{self, Db, Incoming, Known, Store, search, stories};
use crate::text::{self, Words};
use crate::websub::{self, Advertised};

/// Changes when the same bytes would be read differently, so that an unchanged body is read again after an upgrade.
const READER_VERSION: &str = "3";

/// How a source's documents are read. (Its topics are not here: what is stored is decided again when they change.)
pub fn reading(source: &Source) -> Digest {
    Digest::of(&[
        READER_VERSION.to_owned(),
        format!("{:?} {} {:?} {:?}", source.dates, source.zone, source.publish, source.listing),
    ])
}

/// What a poll brought, ready to be written.
pub struct Harvest {
    /// The items that are not stored as they are, oldest first.
    pub incoming: Vec<Incoming>,
    /// How many are.
    pub unchanged: usize,
    /// In one word and a sentence.
    pub outcome: Outcome,
    /// Where the server says the feed has moved for good.
    pub moved_to: Option<url::Url>,
    /// The hub the document advertises, if any; nothing where no whole document was read.
    pub advertised: Option<Option<Advertised>>,
}

impl Harvest {
    /// Of a poll that brought nothing.
    pub fn nothing(outcome: Outcome) -> Harvest {
        Harvest { incoming: Vec::new(), unchanged: 0, outcome, moved_to: None, advertised: None }
    }
}

/// What a document means: for the source's row, for the items, and for when to ask again.
pub type Read = (EndingKind, Harvest, Signals, Option<Setback>);

/// What a fetch that brought nothing means. Nobody is asked in the hours that the feed wants skipped for that.
pub fn failed(error: FetchError, state: &State) -> Read {
    let (class, text) = (Cow::Borrowed(error.class.as_str()), error.text);
    let outcome = Outcome::Failed { class: class.clone(), text: text.clone() };
    let pace = state.pace.skips_only();
    let signals = Signals { retry_after: error.retry_after, pace, ..Signals::default() };
    (EndingKind::Failed { class, text }, Harvest::nothing(outcome), signals, Some(error.class.setback()))
}

/// What "not modified" means: what we have is what there is, also where that could not be read.
pub fn not_modified(state: &State, validators: Validators, signals: Signals) -> Read {
    let signals = Signals { pace: state.pace, span: state.span, ..signals };
    match still_unread(state) {
        Some((kind, harvest)) => (kind, harvest, signals, Some(Setback::Content)),
        None => (EndingKind::NotModified { validators }, Harvest::nothing(Outcome::NotModified), signals, None),
    }
}

fn still_unread(state: &State) -> Option<(EndingKind, Harvest)> {
    let (class, text) = state.unread.clone()?;
    let class = Cow::Owned(class);
    let outcome = Outcome::Failed { class: Cow::clone(&class), text: text.clone() };
    Some((EndingKind::Failed { class, text }, Harvest::nothing(outcome)))
}

/// A document that cannot be read. What stands in for a feed, such as a page of an overloaded server, vouches for nothing: its dates may be
/// newer than the feed's that comes back.
fn unreadable(error: &ParseError, document: &Document, state: &State, reading: Digest, body: Digest) -> Read {
    let (class, text) = (Cow::Borrowed(error.code()), error.to_string());
    let harvest = Harvest::nothing(Outcome::Failed { class: class.clone(), text: text.clone() });
    let validators = document.validators.clone();
    let kind = match error {
        ParseError::Unrecoverable(_) | ParseError::TooDeep if !validators.is_empty() => {
            EndingKind::Unread { validators, body, reading, class, text }
        }
        _ => EndingKind::Failed { class, text },
    };
    let signals = Signals { pace: state.pace.skips_only(), ..document.signals };
    (kind, harvest, signals, Some(Setback::Content))
}

/// The body of a document and its digest, or what the poll comes to where that need not be read.
pub fn open<'d>(document: &'d Document, state: &State) -> Result<(Cow<'d, [u8]>, Digest), Box<Read>> {
    let body = document.body().map_err(|error| Box::new(failed(error, state)))?;
    let digest = Digest::of(&[&body]);
    if state.body == Some(digest) {
        let signals = Signals { pace: state.pace, span: state.span, ..document.signals };
        let validators = document.validators.clone();
        if let Some((kind, harvest)) = still_unread(state) {
            return Err(Box::new((kind, harvest, signals, Some(Setback::Content))));
        }
        let settled = (EndingKind::SameBody { validators }, Harvest::nothing(Outcome::SameBody), signals, None);
        return Err(Box::new(settled));
    }
    Ok((body, digest))
}

/// Reads a document and finds what in it is new.
pub fn read(
    store: &Store,
    criteria: &Criteria,
    source: &Source,
    (document, further): (&Document, &[Document]),
    (body, digest): (&[u8], Digest),
    state: &State,
    now: Time,
) -> Result<Read> {
    let parsed = match parsed(source, document, body, now) {
        Ok(mut parsed) => {
            for page in further {
                let behind = page.body().ok().and_then(|body| self::parsed(source, page, &body, now).ok());
                parsed.entries.extend(behind.into_iter().flat_map(|p| p.entries));
            }
            parsed
        }
        Err(error) => return Ok(unreadable(&error, document, state, reading(source), digest)),
    };
    let (incoming, unchanged) = store.read(|db| whats_new(db, criteria, source, &parsed, state, now))?;
    let moved_to = document.moved_to.clone();
    let pace = parsed.feed.pace();
    if parsed.repaired.contains(&Repair::Truncated) {
        // Nothing vouches for what did not come, and how long half a document stays fresh is of no interest.
        return Ok((
            taken(source, &parsed, &incoming, Validators::default(), None, (pace, span(&parsed))),
            harvest(&parsed, incoming, unchanged, moved_to, None),
            Signals { is_unvouched: true, max_age: None, pace: pace.skips_only(), ..document.signals },
            Some(Setback::Network),
        ));
    }
    let inside = (parsed.feed.hubs.as_slice(), parsed.feed.self_link.as_ref());
    let advertised = Some(websub::discover(&document.links, &document.url, inside));
    // A difference says nothing about how far the whole reaches back.
    let span = if document.is_delta { state.span } else { span(&parsed) };
    let signals = Signals { pace, span, ..document.signals };
    Ok((
        taken(source, &parsed, &incoming, document.validators.clone(), Some(digest), (pace, span)),
        harvest(&parsed, incoming, unchanged, moved_to, advertised),
        signals,
        None,
    ))
}

/// A document as a feed, whatever it is.
fn parsed(source: &Source, document: &Document, body: &[u8], now: Time) -> Result<Parsed, ParseError> {
    let context = pages::context(source, document);
    match &source.listing {
        Some(listing) => parse::listing::read(body, &context, listing, now).map(|page| page.parsed),
        None => parse::feed(body, &context),
    }
}

/// From the oldest item to the newest; nothing where hardly any has a date.
fn span(parsed: &Parsed) -> Option<Duration> {
    let dates: Vec<Time> = parsed.entries.iter().filter_map(|entry| entry.published.or(entry.updated)).collect();
    if dates.len() < LEAST_DATED {
        return None;
    }
    (*dates.iter().max()? - *dates.iter().min()?).to_std().ok()
}

fn taken(
    source: &Source,
    parsed: &Parsed,
    incoming: &[Incoming],
    validators: Validators,
    body: Option<Digest>,
    (pace, span): (Pace, Option<Duration>),
) -> EndingKind {
    let repairs = repairs(parsed);
    EndingKind::Taken {
        validators,
        body,
        reading: reading(source),
        pace,
        span,
        repairs: (!repairs.is_empty()).then(|| repairs.join(",")),
        news: !incoming.is_empty(),
        newest: incoming.iter().filter_map(|i| i.item.published).max(),
    }
}

fn harvest(
    parsed: &Parsed,
    mut incoming: Vec<Incoming>,
    unchanged: usize,
    moved_to: Option<url::Url>,
    advertised: Option<Option<Advertised>>,
) -> Harvest {
    // Feeds are written newest first; taken in oldest first, numbers rise with time.
    incoming.reverse();
    let outcome = Outcome::Taken { entries: parsed.entries.len(), repairs: repairs(parsed) };
    Harvest { incoming, unchanged, outcome, moved_to, advertised }
}

/// What was wrong with a document that was read all the same. An empty channel is not an error and never empties
/// anything, but hanoimoi.vn answers one under a wrong address for ever, so it is said.
fn repairs(parsed: &Parsed) -> Vec<&'static str> {
    let mended = parsed.repaired.iter().map(|r| r.as_str());
    let empty = parsed.entries.is_empty().then_some("no-entries");
    // P-43: to be skipped always cannot be meant, so it is not obeyed.
    let always = parsed.feed.pace().skips_everything().then_some("skips-everything");
    mended.chain(empty).chain(always).collect()
}

/// The entries that are not stored as they are, with everything computed; and how many are. Of a source's first document
/// nothing is stored, so nothing is looked up.
fn whats_new(
    db: &Db,
    criteria: &Criteria,
    source: &Source,
    parsed: &Parsed,
    state: &State,
    now: Time,
) -> Result<(Vec<Incoming>, usize)> {
    let mut incoming = Vec::new();
    let (mut unchanged, mut forgotten, mut stored) = (0, 0, BTreeSet::new());
    for (entry, keys) in parsed.entries.iter().zip(dedup::assign(source.id(), &parsed.entries)) {
        let Some((keys, item)) = keys.zip(parse::item::item(entry, source.publish, now)) else {
            continue;
        };
        let mut item = item;
        let (keys, known) = if state.harvested {
            store::known(db, state.row, &keys, &item, None)?
        } else {
            (Cow::Borrowed(&keys), Known::New)
        };
        let uid = dedup::story_uid(&item, &keys);
        if known == Known::Forgotten || known == Known::New && stories::was_forgotten(db, &uid)? {
            forgotten += 1;
            continue;
        }
        let known = known.stored();
        stored.extend(known.map(|k| k.id));
        if let Some(known) = known.filter(|_| parsed.format == parse::Format::Listing) {
            store::recall_teaser(db, known.id, &mut item)?;
        }
        let content = dedup::content(&item);
        if known.is_some_and(|k| k.content == content) && store::all_on_file(db, state.row, &keys)? {
            unchanged += 1;
            continue;
        }
        if let Some(known) = known {
            store::recall_text(db, known.id, &mut item)?;
        }
        let words = Words::of(&item.title, &item.summary, &item.body);
        incoming.push(Incoming {
            traits: kin::Traits::of(&item, &words, keys.link_names_it()),
            uid,
            topics: criteria.verdicts(source.id(), &item, &words),
            terms: Some(search::terms(&words)),
            item,
            content,
            keys: keys.into_owned(),
            same_as: None,
        });
    }
    let entries = parsed.entries.len() - forgotten;
    if state.harvested && stored.len() < entries {
        recognise(db, state.row, &mut incoming, &stored, entries)?;
    }
    Ok((incoming, unchanged + forgotten))
}

/// Fewer dates than this say nothing about how fast a feed moves.
const LEAST_DATED: usize = 5;
/// Fewer new items at once than this are news.
const LEAST_SUSPECTS: usize = 10;
/// How many of a source's items are looked through for those that came back under other names.
const LOOK_BACK: usize = 2_000;
/// A shorter headline is written every week.
const LEAST_TITLE_WORDS: usize = 5;

/// Where half a document and ten items are new at once, the source has probably moved to another system, and guids and addresses
/// with it: an item with headline and day of one stored item of the source that no other entry is, is that item. (F-R05: thanhnien.vn
/// changed from `-post1.html` to `-1.htm` in 2023; without this a reader meets its whole feed again.)
fn recognise(db: &Db, row: i64, incoming: &mut [Incoming], stored: &BTreeSet<i64>, entries: usize) -> Result<()> {
    let new = entries.saturating_sub(stored.len());
    if new < LEAST_SUSPECTS || new * 2 < entries {
        return Ok(());
    }
    // A bulletin has the same headline every day, and a move keeps the days.
    let day = |time: Time| time.with_timezone(&vietnam()).date_naive();
    let mut by_title: BTreeMap<_, Option<i64>> = BTreeMap::new();
    for (id, title, published) in store::newest_titles(db, row, LOOK_BACK)? {
        // A headline that two items of one day have says nothing.
        by_title.entry((text::key(&title), day(published))).and_modify(|known| *known = None).or_insert(Some(id));
    }
    let mut taken = BTreeSet::new();
    let same: Vec<Option<i64>> = incoming
        .iter()
        .map(|one| {
            let title = text::key(&one.item.title);
            if title.split(' ').count() < LEAST_TITLE_WORDS {
                return None;
            }
            let known = by_title.get(&(title, day(one.item.published?))).copied().flatten();
            known.filter(|id| !stored.contains(id) && taken.insert(*id))
        })
        .collect();
    // After a move most of a document is old. A headline that is written every week is no move.
    if taken.len() * 2 >= new {
        incoming.iter_mut().zip(same).for_each(|(one, id)| one.same_as = id);
    }
    Ok(())
}
