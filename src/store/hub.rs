//! The subscribers of our own hub, and what somebody else's was told.

use std::collections::BTreeMap;

use anyhow::Result;
use rusqlite::{Connection, Row, Transaction, named_params};
use url::Url;

use super::rows::{millis, time};
use crate::schedule::Time;
use crate::websub::hub::Subscriber;

/// All subscribers with their numbers.
pub fn subscribers(db: &Connection) -> Result<Vec<(i64, Subscriber)>> {
    let mut query = db.prepare_cached("SELECT * FROM subscriber ORDER BY id")?;
    let rows = query.query_map([], |row| Ok((row.get("id")?, subscriber(row))))?;
    rows.map(|row| row.map_err(Into::into).and_then(|(id, subscriber)| Ok((id, subscriber?)))).collect()
}

fn subscriber(row: &Row<'_>) -> Result<Subscriber> {
    Ok(Subscriber {
        topic: row.get("topic")?,
        callback: Url::parse(&row.get::<_, String>("callback")?)?,
        secret: row.get("secret")?,
        lease_until: time(row.get("lease_until")?),
        has: row.get("has")?,
        attempts: row.get("attempts")?,
        next_at: time(row.get("next_at")?),
    })
}

/// Writes a subscriber under its number, or takes away the one that has it.
pub fn set(tx: &Transaction<'_>, id: i64, subscriber: Option<&Subscriber>) -> Result<()> {
    let Some(subscriber) = subscriber else {
        tx.prepare_cached("DELETE FROM subscriber WHERE id = ?1")?.execute([id])?;
        return Ok(());
    };
    tx.prepare_cached(
        "INSERT OR REPLACE INTO subscriber (id, topic, callback, secret, lease_until, has, attempts, next_at)
         VALUES (:id, :topic, :callback, :secret, :lease_until, :has, :attempts, :next_at)",
    )?
    .execute(named_params! {
        ":id": id,
        ":topic": subscriber.topic,
        ":callback": subscriber.callback.as_str(),
        ":secret": subscriber.secret,
        ":lease_until": millis(subscriber.lease_until),
        ":has": subscriber.has,
        ":attempts": subscriber.attempts,
        ":next_at": millis(subscriber.next_at),
    })?;
    Ok(())
}

/// How many subscribers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Whose lease is not over.
    pub active: u32,
    /// And those of them that did not take their last delivery.
    pub failing: u32,
}

/// How many subscribers there are now.
pub fn count(db: &Connection, now: Time) -> Result<Count> {
    let mut query = db.prepare_cached(
        "SELECT count(*), count(*) FILTER (WHERE attempts > 0) FROM subscriber WHERE lease_until > ?1",
    )?;
    Ok(query.query_row([millis(now)], |row| Ok(Count { active: row.get(0)?, failing: row.get(1)? }))?)
}

/// What a hub was told of last: the `ETag`s by the addresses of feeds.
pub fn announced(db: &Connection, hub: &Url) -> Result<BTreeMap<String, String>> {
    let mut query = db.prepare_cached("SELECT topic, etag FROM announced WHERE hub = ?1")?;
    let rows = query.query_map([hub.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Writes what a hub was told of; of any other hub nothing is remembered.
pub fn announce(tx: &Transaction<'_>, hub: &Url, told: &[(String, String)]) -> Result<()> {
    tx.prepare_cached("DELETE FROM announced WHERE hub <> ?1")?.execute([hub.as_str()])?;
    let mut insert = tx.prepare_cached("INSERT OR REPLACE INTO announced (hub, topic, etag) VALUES (?1, ?2, ?3)")?;
    for (topic, etag) in told {
        insert.execute([hub.as_str(), topic, etag])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::migrate;
    use chrono::{TimeDelta, TimeZone, Utc};

    fn now() -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
    }

    fn database() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        migrate::apply(&mut db).unwrap();
        db
    }

    fn one(callback: &str, secret: Option<&str>) -> Subscriber {
        Subscriber {
            topic: "https://tin.vn/a/feed.atom".to_owned(),
            callback: Url::parse(callback).unwrap(),
            secret: secret.map(str::to_owned),
            lease_until: now() + TimeDelta::days(10),
            has: "W/\"1\"".to_owned(),
            attempts: 0,
            next_at: now(),
        }
    }

    #[test]
    fn a_subscriber_comes_back_as_it_was_and_goes_for_good() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        let (a, b) = (one("https://a.vn/cb?x=1&y=%20", None), one("https://b.vn/", Some("bí mật")));
        set(&tx, 7, Some(&a)).unwrap();
        set(&tx, 9, Some(&b)).unwrap();
        let failed = Subscriber { attempts: 3, has: "W/\"2\"".to_owned(), ..b };
        set(&tx, 9, Some(&failed)).unwrap();
        assert!(subscribers(&tx).unwrap() == [(7, a), (9, failed)]);
        set(&tx, 7, None).unwrap();
        set(&tx, 8, None).unwrap();
        assert_eq!(subscribers(&tx).unwrap().iter().map(|(id, _)| *id).collect::<Vec<_>>(), [9]);
    }

    #[test]
    fn status_counts_who_is_there_and_who_is_failing() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        let over = Subscriber { lease_until: now(), attempts: 5, ..one("https://c.vn/", None) };
        let failing = Subscriber { attempts: 1, ..one("https://b.vn/", None) };
        for (id, subscriber) in [(1, one("https://a.vn/", None)), (2, failing), (3, over)] {
            set(&tx, id, Some(&subscriber)).unwrap();
        }
        assert_eq!(count(&tx, now()).unwrap(), Count { active: 2, failing: 1 });
    }

    #[test]
    fn what_one_hub_was_told_says_nothing_of_another() {
        let mut db = database();
        let tx = db.transaction().unwrap();
        let (first, second) = (Url::parse("https://hub.vn/").unwrap(), Url::parse("https://neu.vn/").unwrap());
        let pair = |topic: &str, etag: &str| (topic.to_owned(), etag.to_owned());
        announce(&tx, &first, &[pair("a", "1"), pair("b", "1")]).unwrap();
        announce(&tx, &first, &[pair("b", "2")]).unwrap();
        assert_eq!(announced(&tx, &first).unwrap(), [pair("a", "1"), pair("b", "2")].into());
        assert!(announced(&tx, &second).unwrap().is_empty());
        announce(&tx, &second, &[pair("a", "3")]).unwrap();
        assert!(announced(&tx, &first).unwrap().is_empty());
    }
}
