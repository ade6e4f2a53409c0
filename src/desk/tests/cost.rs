//! How long documents take the thread that makes them, over the database that `benches/facets.py` leaves in its folder.

use std::path::PathBuf;

use rustix::time::{ClockId, clock_gettime};

use super::*;
use crate::publish::{Coding, Facet, Format, Shape};
use crate::store::facets::Of;

/// What this thread has run for, in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "nanoseconds of a test are exact in a double")]
fn cpu() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 / 1e6
}

/// Median and nearly the worst of what something takes for each, in milliseconds.
fn took<T>(all: &[T], mut job: impl FnMut(&T)) -> (f64, f64) {
    let mut times: Vec<f64> = all
        .iter()
        .map(|one| {
            let before = cpu();
            job(one);
            cpu() - before
        })
        .collect();
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

#[test]
#[ignore = "measures; run it with --release, --ignored and --nocapture, and DONGTIN_FACETS=FOLDER"]
fn what_a_facet_costs_that_nobody_asked_for() {
    let folder = PathBuf::from(std::env::var("DONGTIN_FACETS").unwrap());
    let config = config::load(&folder.join("config"), now()).unwrap();
    // Each with a connection that has read nothing.
    let open = || Store::open_beside(&folder.join("state")).unwrap().unwrap();
    let site = Room::new().site;
    let topics = config.rules.topics();
    let of = |meant: fn(&Facet) -> bool| -> Vec<(String, Facet)> {
        let of_topic = |topic: &Topic| {
            let id = topic.id.clone();
            Facet::all().filter(meant).map(move |facet| (id.clone(), facet))
        };
        topics.iter().flat_map(of_topic).collect()
    };
    for (kind, facets) in [
        ("topic × province", of(|facet| matches!(facet, Facet::Province(_)))),
        ("topic × organ", of(|facet| matches!(facet, Facet::Organ(_)))),
        ("topic × level", of(|facet| matches!(facet, Facet::Level(_)))),
    ] {
        let on = |run: &mut dyn FnMut(&Desk<'_>)| {
            let store = open();
            let publishers = store.read(publishers).unwrap();
            let read = |db: &Db| {
                run(&Desk::new(db, &site, &config, &publishers, now()));
                Ok(())
            };
            store.read(read).unwrap();
        };
        let (mut query, mut whole) = Default::default();
        on(&mut |desk| {
            query = took(&facets, |(topic, facet)| {
                let (topics, sources) = ([topic.clone()], desk.sources_of(*facet));
                let of = Of { topics: &topics, sources: Some(&sources) };
                desk.page_of(of, Shape::Feed(Format::Atom), 1).unwrap();
            });
        });
        on(&mut |desk| {
            whole = took(&facets, |(topic, facet)| {
                let made =
                    desk.facet(std::slice::from_ref(topic), Some(*facet), (Shape::Feed(Format::Atom), 1), Lang::Vi);
                let Ok(Made::Page(page)) = made else { panic!("{topic}: {made:?}") };
                page.coded(Coding::Gzip);
            });
        });
        println!(
            "{kind}: {} documents; CPU ms, median and p99: query {query:.3?}, with gzip {whole:.3?}",
            facets.len()
        );
    }
}
