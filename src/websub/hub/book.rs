//! The subscribers of our hub, and whether one more may come.

use std::collections::{BTreeMap, HashMap};

use url::Url;

use super::Subscriber;

/// Subscribers in all. Each is a row and a kilobyte or two in memory; whoever has more readers than that has a hub that is made for it.
pub const MOST: usize = 10_000;
/// Subscribers of one feed, so that a feed that everybody knows leaves room for the others.
const MOST_OF_TOPIC: usize = 5_000;
/// Subscribers at one host: a reading service subscribes to a feed once, whoever reads it there, and topics times formats are fewer.
const MOST_AT_HOST: usize = 200;

/// The subscribers by their numbers.
#[derive(Default)]
pub struct Book {
    subscribers: BTreeMap<i64, Subscriber>,
    numbers: HashMap<(String, Url), i64>,
    of_topic: HashMap<String, usize>,
    at_host: HashMap<String, usize>,
}

impl Book {
    /// The number of the subscriber with this feed and callback.
    pub fn number(&self, topic: &str, callback: &Url) -> Option<i64> {
        self.numbers.get(&(topic.to_owned(), callback.clone())).copied()
    }

    /// Whether somebody new may come.
    pub fn has_room(&self, topic: &str, host: &str) -> bool {
        let count = |of: &HashMap<String, usize>, key: &str| of.get(key).copied().unwrap_or(0);
        self.subscribers.len() < MOST
            && count(&self.of_topic, topic) < MOST_OF_TOPIC
            && count(&self.at_host, host) < MOST_AT_HOST
    }

    /// A number that nobody has.
    pub fn free_number(&self) -> i64 {
        self.subscribers.last_key_value().map_or(1, |(last, _)| last.saturating_add(1))
    }

    /// Puts one in, in place of the one with its number.
    pub fn put(&mut self, number: i64, subscriber: Subscriber) {
        self.remove(number);
        self.numbers.insert((subscriber.topic.clone(), subscriber.callback.clone()), number);
        *self.of_topic.entry(subscriber.topic.clone()).or_default() += 1;
        *self.at_host.entry(subscriber.host()).or_default() += 1;
        self.subscribers.insert(number, subscriber);
    }

    /// Takes one out.
    pub fn remove(&mut self, number: i64) -> Option<Subscriber> {
        let gone = self.subscribers.remove(&number)?;
        self.numbers.remove(&(gone.topic.clone(), gone.callback.clone()));
        less(&mut self.of_topic, &gone.topic);
        less(&mut self.at_host, &gone.host());
        Some(gone)
    }

    /// One of them.
    pub fn get(&self, number: i64) -> Option<&Subscriber> {
        self.subscribers.get(&number)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &Subscriber)> {
        self.subscribers.iter().map(|(number, subscriber)| (*number, subscriber))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.subscribers.len()
    }
}

fn less(counts: &mut HashMap<String, usize>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::Time;

    fn subscriber(topic: &str, callback: &str) -> Subscriber {
        Subscriber {
            topic: topic.to_owned(),
            callback: Url::parse(callback).unwrap(),
            secret: None,
            lease_until: Time::default(),
            has: String::new(),
            attempts: 0,
            next_at: Time::default(),
        }
    }

    #[test]
    fn a_feed_and_a_callback_have_one_number() {
        let mut book = Book::default();
        let one = subscriber("t", "http://a.vn/1");
        assert_eq!((book.number("t", &one.callback), book.free_number()), (None, 1));
        book.put(1, one.clone());
        book.put(1, Subscriber { attempts: 3, ..one.clone() });
        assert_eq!((book.len(), book.get(1).map(|s| s.attempts), book.free_number()), (1, Some(3), 2));
        assert_eq!((book.number("t", &one.callback), book.number("u", &one.callback)), (Some(1), None));
        assert!(book.remove(1).is_some() && book.remove(1).is_none());
        assert_eq!((book.number("t", &one.callback), book.len()), (None, 0));
        assert!(book.of_topic.is_empty() && book.at_host.is_empty());
    }

    #[test]
    fn there_is_room_for_so_many_at_a_host_of_a_feed_and_in_all() {
        let mut book = Book::default();
        let mut number = 0;
        let mut fill = |book: &mut Book, topic: &str, host: &str, count: usize| {
            for n in 0..count {
                number += 1;
                book.put(number, subscriber(topic, &format!("http://{host}/{topic}/{n}")));
            }
        };
        fill(&mut book, "t", "a.vn", MOST_AT_HOST);
        assert!(!book.has_room("u", "a.vn") && book.has_room("t", "b.vn"));
        for n in 1..MOST_OF_TOPIC / MOST_AT_HOST {
            fill(&mut book, "t", &format!("h{n}.vn"), MOST_AT_HOST);
        }
        assert!(!book.has_room("t", "b.vn") && book.has_room("u", "b.vn"));
        for n in 0..(MOST - MOST_OF_TOPIC) / MOST_AT_HOST {
            fill(&mut book, &format!("u{}", n % 2), &format!("g{n}.vn"), MOST_AT_HOST);
        }
        assert!(!book.has_room("v", "c.vn"));
        book.remove(1);
        assert!(book.has_room("v", "c.vn"));
    }
}
