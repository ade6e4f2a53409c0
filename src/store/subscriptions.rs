//! What sources advertise about WebSub, and their subscriptions.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use url::Url;

use super::rows::{millis, time, url};
use super::sources::cause_name;
use crate::schedule::{Due, Time};
use crate::websub::{Advertised, State, Subscription};

/// What is stored about one source.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The source's number.
    pub row: i64,
    /// What its last document advertised.
    pub advertised: Option<Advertised>,
    /// Its subscription, once one was begun.
    pub subscription: Option<Subscription>,
}

/// Everything stored, by the slugs of the sources.
pub fn all(db: &Connection) -> Result<BTreeMap<String, Record>> {
    let mut query =
        db.prepare_cached("SELECT s.slug, sub.* FROM subscription sub JOIN source s ON s.id = sub.source")?;
    let rows = query.query_map([], |row| Ok((row.get::<_, String>("slug")?, record(row))))?;
    let mut all = BTreeMap::new();
    for row in rows {
        let (slug, record) = row?;
        all.insert(slug, record?);
    }
    Ok(all)
}

/// What is stored about one source, by its number.
pub fn of(db: &Connection, row: i64) -> Result<Option<Record>> {
    let mut query = db.prepare_cached("SELECT * FROM subscription WHERE source = ?1")?;
    query.query_row([row], |row| Ok(record(row))).optional()?.transpose()
}

fn record(row: &Row<'_>) -> Result<Record> {
    let address = |column: &str| -> rusqlite::Result<Option<Url>> { Ok(url(row.get(column)?)) };
    let advertised = address("advertised_hub")?.zip(address("advertised_topic")?);
    Ok(Record {
        row: row.get("source")?,
        advertised: advertised.map(|(hub, topic)| Advertised { hub, topic }),
        subscription: row.get::<_, Option<String>>("state")?.map(|state| subscription(row, &state)).transpose()?,
    })
}

fn subscription(row: &Row<'_>, state: &str) -> Result<Subscription> {
    let at = |column: &str| -> rusqlite::Result<Option<Time>> { Ok(row.get::<_, Option<i64>>(column)?.map(time)) };
    let address = |column: &str| -> Result<Url> { Ok(Url::parse(&row.get::<_, String>(column)?)?) };
    Ok(Subscription {
        hub: address("hub")?,
        topic: address("topic")?,
        callback: address("callback")?,
        secret: row.get("secret")?,
        state: State::parse(state).context("the state of a subscription")?,
        attempts: row.get("attempts")?,
        act_at: at("act_at")?.unwrap_or_default(),
        lease_until: at("lease_until")?,
        since: at("since")?,
        last_push: at("last_push")?,
        trusted: row.get("trusted")?,
    })
}

/// Writes what a source's document advertised; gives whether that is something else than before.
pub fn advertise(tx: &Transaction<'_>, row: i64, advertised: Option<&Advertised>) -> Result<bool> {
    let before = of(tx, row)?.and_then(|record| record.advertised);
    if before.as_ref() == advertised {
        return Ok(false);
    }
    tx.prepare_cached(
        "INSERT INTO subscription (source, advertised_hub, advertised_topic) VALUES (?1, ?2, ?3)
         ON CONFLICT (source) DO UPDATE SET advertised_hub = excluded.advertised_hub, advertised_topic = excluded.advertised_topic",
    )?
    .execute((row, advertised.map(|a| a.hub.as_str()), advertised.map(|a| a.topic.as_str())))?;
    Ok(true)
}

/// Writes a subscription of a source that has a row here.
pub fn save(tx: &Transaction<'_>, row: i64, subscription: &Subscription) -> Result<()> {
    tx.prepare_cached(
        "UPDATE subscription SET hub = :hub, topic = :topic, callback = :callback, secret = :secret, state = :state, act_at = :act_at,
             lease_until = :lease_until, since = :since, last_push = :last_push, attempts = :attempts, trusted = :trusted
         WHERE source = :row",
    )?
    .execute(named_params! {
        ":row": row,
        ":hub": subscription.hub.as_str(),
        ":topic": subscription.topic.as_str(),
        ":callback": subscription.callback.as_str(),
        ":secret": subscription.secret,
        ":state": subscription.state.as_str(),
        ":act_at": millis(subscription.act_at),
        ":lease_until": subscription.lease_until.map(millis),
        ":since": subscription.since.map(millis),
        ":last_push": subscription.last_push.map(millis),
        ":attempts": subscription.attempts,
        ":trusted": subscription.trusted,
    })?;
    Ok(())
}

/// What an event makes of the subscription with this callback; gives it as it is then. Nothing where another has taken its place.
pub fn update(
    tx: &Transaction<'_>,
    row: i64,
    callback: &Url,
    event: impl FnOnce(&mut Subscription),
) -> Result<Option<Subscription>> {
    let stored = of(tx, row)?.and_then(|record| record.subscription);
    let Some(before) = stored.filter(|stored| stored.callback == *callback) else { return Ok(None) };
    let mut after = before.clone();
    event(&mut after);
    if after != before {
        save(tx, row, &after)?;
    }
    Ok(Some(after))
}

/// Writes when a source would be due if nothing pushed it.
pub fn remember_due(tx: &Transaction<'_>, row: i64, due: Due) -> Result<()> {
    tx.prepare_cached("UPDATE subscription SET unstretched_at = ?2, unstretched_cause = ?3 WHERE source = ?1")?
        .execute((row, millis(due.at), cause_name(due.cause)))?;
    Ok(())
}

/// Makes a source due as if nothing had pushed it; gives whether it was due later for that.
pub fn forget_push(tx: &Transaction<'_>, row: i64) -> Result<bool> {
    Ok(forget(tx, "id = ?1 AND", &[&row])? > 0)
}

/// The same for every source: while nobody listened, hubs may have delivered in vain.
pub fn forget_pushes(tx: &Transaction<'_>) -> Result<()> {
    forget(tx, "", &[]).map(drop)
}

fn forget(tx: &Transaction<'_>, which: &str, parameters: &[&dyn rusqlite::ToSql]) -> Result<usize> {
    let changed = tx
        .prepare_cached(&format!(
            "UPDATE source SET due_at = sub.unstretched_at, due_cause = sub.unstretched_cause
             FROM subscription sub
             WHERE {which} sub.source = source.id AND due_cause = 'websub' AND sub.unstretched_at IS NOT NULL"
        ))?
        .execute(parameters)?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Cause;
    use crate::store::{migrate, sources};
    use chrono::{TimeDelta, TimeZone, Utc};

    fn now() -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
    }

    fn advertised(hub: &str) -> Advertised {
        Advertised { hub: Url::parse(hub).unwrap(), topic: Url::parse("https://bao.vn/rss").unwrap() }
    }

    fn subscription() -> Subscription {
        let callback = Url::parse("https://tin.vn/websub/0a").unwrap();
        Subscription {
            state: State::Renewing,
            attempts: 3,
            lease_until: Some(now() + TimeDelta::days(1)),
            since: Some(now()),
            last_push: Some(now()),
            trusted: true,
            ..Subscription::new(&advertised("https://hub.vn/"), callback, "secret".to_owned(), now())
        }
    }

    /// A database with the sources 1 and 2.
    fn database() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        migrate::apply(&mut db).unwrap();
        for slug in ["a", "b"] {
            let insert = "INSERT INTO source (slug, name, feed, site, organ, level) VALUES (?1, 'A', 'https://bao.vn/rss', 'https://bao.vn/', 'press', 'central')";
            db.execute(insert, [slug]).unwrap();
        }
        db
    }

    #[test]
    fn what_is_advertised_is_news_only_where_it_changed() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        assert!(!advertise(&tx, 1, None).unwrap() && all(&tx).unwrap().is_empty(), "a source without a hub has no row");
        for (hub, is_news) in [("https://hub.vn/", true), ("https://hub.vn/", false), ("https://neu.vn/", true)] {
            assert_eq!(advertise(&tx, 1, Some(&advertised(hub))).unwrap(), is_news, "{hub}");
        }
        assert_eq!(of(&tx, 1).unwrap().unwrap().advertised, Some(advertised("https://neu.vn/")));
        assert!(advertise(&tx, 1, None).unwrap());
        assert_eq!(of(&tx, 1).unwrap().unwrap().advertised, None);
    }

    #[test]
    fn a_subscription_comes_back_as_it_was_and_events_are_for_the_one_they_are_about() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        advertise(&tx, 2, Some(&advertised("https://hub.vn/"))).unwrap();
        assert_eq!(of(&tx, 2).unwrap().unwrap().subscription, None);
        let before = subscription();
        save(&tx, 2, &before).unwrap();
        assert_eq!(all(&tx).unwrap()["b"].subscription, Some(before.clone()));
        let after = update(&tx, 2, &before.callback, |s| s.distrust(now())).unwrap().unwrap();
        assert!(!after.trusted);
        assert_eq!(of(&tx, 2).unwrap().unwrap().subscription, Some(after));
        let older = Url::parse("https://tin.vn/websub/00").unwrap();
        assert_eq!(update(&tx, 2, &older, |s| s.trusted = true).unwrap(), None);
        assert_eq!(update(&tx, 1, &older, |s| s.trusted = true).unwrap(), None);
    }

    #[test]
    fn a_source_is_due_again_when_it_would_have_been_without_a_hub_and_nobody_else_is() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        let plain = Due { at: now() + TimeDelta::minutes(20), cause: Cause::MaxAge };
        let stretched = Due { at: now() + TimeDelta::days(1), cause: Cause::WebSub };
        for row in [1, 2] {
            advertise(&tx, row, Some(&advertised("https://hub.vn/"))).unwrap();
            remember_due(&tx, row, plain).unwrap();
            sources::set_due(&tx, row, stretched).unwrap();
        }
        let due = |slug: &str| sources::state_of(&tx, slug).unwrap().unwrap().due.unwrap();
        assert!(forget_push(&tx, 1).unwrap());
        assert_eq!((due("a"), due("b")), (plain, stretched));
        let backoff = Due { at: now(), cause: Cause::Backoff };
        sources::set_due(&tx, 1, backoff).unwrap();
        assert!(!forget_push(&tx, 1).unwrap(), "it was not due later for a hub");
        forget_pushes(&tx).unwrap();
        assert_eq!((due("a"), due("b")), (backoff, plain));
    }
}
