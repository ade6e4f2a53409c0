//! The database as it was before, for a replay.

use super::*;

fn words(word: &str, count: usize) -> String {
    (0..count).map(|n| format!("{word}{n} ")).collect()
}

/// A copy in a folder of its own from which what these sources brought since a time was forgotten; and the highest number before.
fn copy(room: &Room, since: &[(&str, Time)]) -> (tempfile::TempDir, Store, i64) {
    let dir = tempfile::tempdir().unwrap();
    room.store.copy_into(dir.path()).unwrap();
    let copy = Store::open(dir.path()).unwrap();
    let since: BTreeMap<String, Time> = since.iter().map(|(slug, at)| ((*slug).to_owned(), *at)).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let last = runtime.block_on(copy.write(move |tx| past::forget(tx, &since, now()))).unwrap();
    (dir, copy, last)
}

fn titles(store: &Store) -> Vec<String> {
    let stories = newest(store, None, 100);
    let mut titles: Vec<String> = stories.iter().flat_map(|s| &s.members).map(|m| m.item.title.clone()).collect();
    titles.sort();
    titles
}

#[test]
fn what_a_source_brought_since_is_forgotten_and_the_rest_stays() {
    let room = Room::new();
    let later = now() + TimeDelta::hours(1);
    room.take("a", incoming("a", "https://a.vn/1", "Cũ", ""), now());
    room.take("a", incoming("a", "https://a.vn/2", "Mới", ""), later);
    room.take("b", incoming("b", "https://b.vn/1", "Của nguồn khác", ""), later);
    let (_dir, copy, last) = copy(&room, &[("a", later)]);
    assert_eq!(titles(&copy), ["Cũ", "Của nguồn khác"]);
    assert_eq!(titles(&room.store).len(), 3, "the original is as it was");
    let kept = copy.read(|db| Ok(past::keys_after(db, 0)?.len())).unwrap();
    assert_eq!((last, kept), (3, 2));
    let states = copy.read(sources::states).unwrap();
    assert_eq!((states["a"].harvested, states["b"].body), (true, None));
}

#[test]
fn a_source_of_which_nothing_stays_was_never_harvested() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Mới", ""), now());
    let (_dir, copy, last) = copy(&room, &[("a", now())]);
    assert!(!copy.read(sources::states).unwrap()["a"].harvested);
    assert!(titles(&copy).is_empty());
    let row = room.rows["a"];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let again = incoming("a", "https://a.vn/1", "Mới", "");
    runtime.block_on(copy.write(move |tx| take_in(tx, row, &again, now(), true))).unwrap();
    assert_eq!(copy.read(|db| past::items_after(db, last)).unwrap().len(), 1, "numbers are never given twice");
}

#[test]
fn a_story_that_stays_has_a_lead_that_stays_and_no_keys_of_who_went() {
    let room = Room::new();
    let later = now() + TimeDelta::hours(1);
    let (shared, own) = (words("chung", 40), words("riêng", 40));
    room.take("a", incoming("a", "https://a.vn/1", "Một", &shared), now());
    room.take("tw", incoming("tw", "https://tw.vn/1", "Một", &shared), later);
    // The central paper leads, and words its teaser anew: only it leaves the new key.
    room.take("tw", incoming("tw", "https://tw.vn/1", "Một", &own), later);
    let joined = room.take("b", incoming("b", "https://b.vn/1", "Một", &own), later);
    assert!(matches!(joined.decision, Decision::Join { .. }));
    let (_dir, copy, _) = copy(&room, &[("tw", later), ("b", later)]);
    let stories = newest(&copy, None, 100);
    assert_eq!((stories.len(), stories[0].members.len()), (1, 1));
    assert_eq!(stories[0].lead().unwrap().publisher.id, "a");
    let row = room.rows["b"];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let take = |one: Incoming| runtime.block_on(copy.write(move |tx| take_in(tx, row, &one, later, false))).unwrap();
    assert_eq!(take(incoming("b", "https://b.vn/1", "Một", &own)).decision, Decision::Found);
    assert!(matches!(take(incoming("b", "https://b.vn/2", "Một", &shared)).decision, Decision::Join { .. }));
}

#[test]
fn an_item_that_is_written_over_is_remembered() {
    let room = Room::new();
    room.take("a", incoming("a", "https://a.vn/1", "Một", "Cũ."), now());
    room.take("a", incoming("a", "https://a.vn/2", "Hai", "Cũ."), now());
    let (_dir, copy, last) = copy(&room, &[]);
    let row = room.rows["a"];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let again = incoming("a", "https://a.vn/2", "Hai", "Mới.");
    runtime.block_on(copy.write(move |tx| take_in(tx, row, &again, now(), false))).unwrap();
    assert_eq!(copy.read(|db| past::written_over(db, last)).unwrap(), [2]);
}

#[test]
fn who_gave_a_story_its_name_and_goes_does_not_come_back_to_it_for_the_name() {
    let room = Room::new();
    let later = now() + TimeDelta::hours(1);
    let shared = words("chung", 40);
    room.take("tw", incoming("tw", "https://tw.vn/1", "Một", &shared), later);
    room.take("a", incoming("a", "https://a.vn/1", "Một", &shared), later);
    let (_dir, copy, _) = copy(&room, &[("tw", later)]);
    let row = room.rows["tw"];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let otherwise = incoming("tw", "https://tw.vn/1", "Một", "");
    let taken = runtime.block_on(copy.write(move |tx| take_in(tx, row, &otherwise, later, false))).unwrap();
    assert_eq!(taken.decision, Decision::Found);
}

#[test]
fn who_was_made_part_of_a_story_and_goes_does_not_come_back_to_it_for_its_old_name() {
    let room = Room::new();
    let later = now() + TimeDelta::hours(1);
    room.take("a", incoming("a", "https://a.vn/1", "Một", ""), now());
    room.take("tw", incoming("tw", "https://tw.vn/1", "Hai", ""), later);
    room.write(move |tx| regroup::join(tx, 1, 2, later)).unwrap();
    let (_dir, copy, _) = copy(&room, &[("tw", later)]);
    let row = room.rows["tw"];
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let again = incoming("tw", "https://tw.vn/1", "Hai", "");
    let taken = runtime.block_on(copy.write(move |tx| take_in(tx, row, &again, later, false))).unwrap();
    assert_eq!(taken.decision, Decision::Found);
}
