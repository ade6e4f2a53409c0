//! What is kept, how much, for how long, and what happens where it cannot be.

use std::os::unix::fs::PermissionsExt;

use chrono::{TimeZone, Utc};
use tempfile::TempDir;

use super::past::Past;
use super::*;

const MIB: u64 = 1 << 20;

fn day(day: u32) -> Time {
    Utc.with_ymd_and_hms(2026, 11, day, 5, 0, 0).unwrap()
}

fn archive(days: u32, bytes: u64) -> (TempDir, Archive) {
    let dir = tempfile::tempdir().unwrap();
    let archive = Archive::new(dir.path(), Bounds { days, bytes });
    (dir, archive)
}

fn keep_coded(archive: &Archive, now: Time, content_encoding: Option<&str>, wire: &[u8]) {
    let url = Url::parse("https://bao.vn/rss").unwrap();
    let content_type = Some("text/xml");
    let (source, kind) = ("mot", Kind::Document);
    archive.keep(now, &Arrival { source, kind, asked: &url, url: &url, content_type, content_encoding, wire });
}

fn keep(archive: &Archive, now: Time, wire: &[u8]) {
    keep_coded(archive, now, None, wire);
}

/// Bytes that do not compress.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed * 2 + 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..length).map(|_| next()[3]).collect()
}

/// Every file of the archive with its size, by its path within.
fn files(dir: &TempDir) -> BTreeMap<String, u64> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<String, u64>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                walk(&entry.path(), root, found);
            } else {
                let name = entry.path().strip_prefix(root).unwrap().display().to_string();
                found.insert(name, entry.metadata().unwrap().len());
            }
        }
    }
    let mut found = BTreeMap::new();
    let root = dir.path().join(FOLDER);
    if root.exists() {
        walk(&root, &root, &mut found);
    }
    found
}

fn bodies(dir: &TempDir) -> Vec<String> {
    files(dir).into_keys().filter(|name| !name.ends_with(LOG)).collect()
}

fn lines(dir: &TempDir, now: Time) -> Vec<Line> {
    Past::open(dir.path()).unwrap().unwrap().lines(now.date_naive()).unwrap().0
}

fn read_back(dir: &TempDir, now: Time) -> Vec<Option<Vec<u8>>> {
    let past = Past::open(dir.path()).unwrap().unwrap();
    let body = |line: &Line| match line {
        Line::Kept(kept) => past.body(now.date_naive(), kept, 1 << 20),
        _ => None,
    };
    lines(dir, now).iter().map(body).collect()
}

#[test]
fn a_plain_body_is_compressed_and_a_compressed_one_kept_as_it_came() {
    let (dir, archive) = archive(7, MIB);
    keep(&archive, day(23), b"<rss/>");
    keep_coded(&archive, day(23), Some("br"), b"not really brotli");
    let (plain, coded) = (sha256_hex(b"<rss/>"), sha256_hex(b"not really brotli"));
    let folder = |digest: &str| format!("2026-11-23/{}", digest.split_at(2).0);
    let mut expected = vec![format!("{}/{plain}.zst", folder(&plain)), format!("{}/{coded}", folder(&coded))];
    expected.sort();
    assert_eq!(bodies(&dir), expected);
    assert_eq!(read_back(&dir, day(23)), [Some(b"<rss/>".to_vec()), Some(b"not really brotli".to_vec())]);
    let log = fs::read_to_string(dir.path().join("raw/2026-11-23/log.jsonl")).unwrap();
    assert_eq!(
        log.lines().next().unwrap(),
        format!(
            "{{\"at\":\"2026-11-23T05:00:00.000Z\",\"source\":\"mot\",\"kind\":\"document\",\"url\":\"https://bao.vn/rss\",\
             \"content_type\":\"text/xml\",\"content_encoding\":null,\"digest\":\"{plain}\",\"bytes\":6,\"stored\":\"zst\"}}"
        )
    );
    assert_eq!(archive.failures(), 0);
}

#[test]
fn nobody_else_may_look() {
    let (dir, archive) = archive(7, MIB);
    keep(&archive, day(23), b"<rss/>");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for name in files(&dir).keys() {
        let path = dir.path().join(FOLDER).join(name);
        assert_eq!(mode(&path), 0o600, "{name}");
        for folder in path.ancestors().skip(1).take_while(|f| *f != dir.path()) {
            assert_eq!(mode(folder), 0o700, "{}", folder.display());
        }
    }
}

#[test]
fn a_body_that_comes_again_costs_a_line() {
    let (dir, archive) = archive(7, MIB);
    for now in [day(21), day(21), day(23)] {
        keep(&archive, now, b"<rss/>");
    }
    assert_eq!(bodies(&dir).len(), 1);
    assert!(bodies(&dir)[0].starts_with("2026-11-23/"), "it lies with the newest day that brought it");
    assert_eq!(read_back(&dir, day(21)), vec![Some(b"<rss/>".to_vec()); 2], "and an older day finds it there");
    assert_eq!(lines(&dir, day(23)).len(), 1);
}

#[test]
fn days_are_pruned_whole_the_oldest_first_and_take_nothing_along_that_a_kept_day_names() {
    let (dir, archive) = archive(3, MIB);
    keep(&archive, day(20), b"<old/>");
    for now in [20, 21, 22, 23] {
        keep(&archive, day(now), b"<rss/>");
    }
    let days: Vec<String> = Past::open(dir.path()).unwrap().unwrap().days().iter().map(ToString::to_string).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-22", "2026-11-23"]);
    for now in [21, 22, 23] {
        assert_eq!(read_back(&dir, day(now)), [Some(b"<rss/>".to_vec())]);
    }
    assert_eq!(bodies(&dir).len(), 1, "what only the pruned day had is gone");
    keep(&archive, day(30), b"<rss/>");
    assert_eq!(Past::open(dir.path()).unwrap().unwrap().days().len(), 1, "days count by the calendar");
}

#[test]
fn no_more_bytes_than_allowed_and_old_days_make_room() {
    let (dir, archive) = archive(30, MIB);
    for now in 10..=20 {
        for n in 0..3 {
            keep(&archive, day(now), &noise(u64::from(now) * 10 + n, 100 << 10));
            let total: u64 = files(&dir).values().sum();
            assert!(total <= MIB, "{total} bytes on day {now}");
        }
    }
    let days = Past::open(dir.path()).unwrap().unwrap().days().to_vec();
    assert_eq!(days.last(), Some(&day(20).date_naive()));
    assert_eq!(days.len(), 3, "{days:?}");
}

#[test]
fn once_today_alone_reaches_the_bound_nothing_more_is_kept_until_tomorrow() {
    let (dir, archive) = archive(7, MIB);
    keep(&archive, day(21), b"<rss/>");
    for n in 0..20 {
        keep(&archive, day(22), &noise(n, 100 << 10));
    }
    archive.note_failure(day(22), "mot", "drift");
    assert!(files(&dir).values().sum::<u64>() <= MIB);
    let told = lines(&dir, day(22));
    assert_eq!(told.len(), 11, "ten answers, and that it is full");
    assert_eq!(told.last(), Some(&Line::Full { at: day(22), full: true }));
    keep(&archive, day(23), b"<rss/>");
    assert_eq!(lines(&dir, day(23)).len(), 1);
    assert_eq!(archive.failures(), 0, "a bound is no failure");
}

#[test]
fn a_restart_counts_what_is_there() {
    let (dir, archive) = archive(7, MIB);
    for n in 0..9 {
        keep(&archive, day(22), &noise(n, 100 << 10));
    }
    let again = Archive::new(dir.path(), Bounds { days: 7, bytes: MIB });
    for n in 10..12 {
        keep(&again, day(22), &noise(n, 100 << 10));
    }
    assert!(files(&dir).values().sum::<u64>() <= MIB);
    assert_eq!(bodies(&dir).len(), 10);
}

#[test]
fn torn_lines_missing_and_damaged_bodies_and_foreign_files_are_passed_over() {
    let (dir, archive) = archive(7, MIB);
    for body in [&b"<a/>"[..], b"<b/>", b"<c/>"] {
        keep(&archive, day(23), body);
    }
    let root = dir.path().join(FOLDER);
    let path = |body: &[u8]| {
        let digest = sha256_hex(body);
        root.join(format!("2026-11-23/{}/{digest}.zst", digest.split_at(2).0))
    };
    fs::remove_file(path(b"<b/>")).unwrap();
    fs::write(path(b"<c/>"), b"(overwritten)").unwrap();
    fs::write(root.join("notes.txt"), "foreign").unwrap();
    fs::create_dir(root.join("2026-13-99")).unwrap();
    let log = root.join("2026-11-23").join(LOG);
    let mut text = fs::read(&log).unwrap();
    text.extend(b"{\"at\":\"2026-11-23T05:0");
    fs::write(&log, &text).unwrap();

    let restarted = Archive::new(dir.path(), Bounds { days: 7, bytes: MIB });
    keep(&restarted, day(23), b"<d/>");
    let past = Past::open(dir.path()).unwrap().unwrap();
    let (read, torn) = past.lines(day(23).date_naive()).unwrap();
    assert_eq!((read.len(), torn), (4, 1), "the line behind a torn one is whole");
    assert_eq!(read_back(&dir, day(23)), [Some(b"<a/>".to_vec()), None, None, Some(b"<d/>".to_vec())]);
    assert_eq!(past.days().len(), 1);
}

#[test]
fn a_body_larger_than_wanted_is_not_inflated() {
    let (dir, archive) = archive(7, MIB);
    keep(&archive, day(23), &vec![b' '; 2 << 20]);
    assert_eq!(read_back(&dir, day(23)), [None]);
}

#[test]
fn a_digest_that_is_none_names_no_file() {
    let (dir, archive) = archive(7, MIB);
    keep(&archive, day(23), b"<rss/>");
    let Some(Line::Kept(kept)) = lines(&dir, day(23)).pop() else { panic!("a kept answer") };
    for digest in ["", "../../etc/passwd", &"đ".repeat(32)] {
        assert_eq!(Kept { digest: digest.to_owned(), ..(*kept).clone() }.file(), None, "{digest}");
    }
}

#[test]
fn what_cannot_be_kept_is_counted_and_kept_again_once_it_can() {
    let (dir, archive) = archive(7, MIB);
    fs::write(dir.path().join(FOLDER), "in the way").unwrap();
    keep(&archive, day(23), b"<rss/>");
    archive.note_failure(day(23), "mot", "drift");
    assert_eq!(archive.failures(), 2);
    fs::remove_file(dir.path().join(FOLDER)).unwrap();
    keep(&archive, day(23), b"<rss/>");
    assert_eq!((archive.failures(), lines(&dir, day(23)).len()), (2, 1));
    keep_coded(&archive, day(23), Some(&"x".repeat(line::MAX_LINE)), b"<rss/>");
    assert_eq!(archive.failures(), 3, "nor is a line without bounds");
}

#[test]
fn failures_and_their_documents_have_the_same_time() {
    let (dir, archive) = archive(7, MIB);
    let now = day(23) + TimeDelta::microseconds(1_234_567);
    keep(&archive, now, b"<rss/>");
    archive.note_failure(now, "mot", "drift");
    let told = lines(&dir, now);
    assert_eq!(told[0].at(), told[1].at());
    assert!(matches!(&told[1], Line::Failed { source, failed, .. } if source == "mot" && failed == "drift"));
}
