//! The site as files and in an S3-compatible store, replaced as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::support::bucket::Store;
use super::support::{Answer, Daemon, Item, Origin, Reply, Workspace, eventually, get, rss};

/// Two stories, one of them on the topic; a daemon ran once, so that the site has a name.
fn site() -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "every = \"1h\"\nprovince = \"ha-tinh\"")]);
    let items = [Item::new("a", "Tuổi trẻ học Bác & làm theo Bác"), Item::new("b", "Giá lúa tăng")];
    origin.script("/rss", [Answer::ok(rss(&items))]);
    workspace.poll_one();
    assert!(Daemon::start(&workspace).stop().success());
    (workspace, origin)
}

/// Another topic.
const OTHER: &str = "id = \"khac\"\nname = \"Khác\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"lúa\"]\n";

/// Has a third story stored.
fn news(workspace: &Workspace, origin: &Origin) {
    origin.script("/rss", [Answer::ok(rss(&[Item::new("c", "Một ngày học Bác ở trường")]))]);
    assert_eq!(workspace.poll_one()["outcome"], "taken");
}

fn export(workspace: &Workspace) -> Output {
    workspace.run("export", &["--out", "site", "--format", "json"])
}

fn report(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refusal(output: &Output) -> (Option<i32>, String) {
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Every file below a folder that is not hidden.
fn files(root: &Path) -> BTreeMap<String, PathBuf> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(found.insert(path.strip_prefix(root).unwrap().display().to_string(), path)),
            }
        }
    }
    found.retain(|name, _| !name.starts_with('.'));
    found
}

fn bodies(root: &Path) -> BTreeMap<String, Vec<u8>> {
    files(root).into_iter().map(|(name, path)| (name, fs::read(path).unwrap())).collect()
}

/// What a folder's link leads to.
fn generation(workspace: &Workspace) -> String {
    fs::read_link(workspace.path().join("site")).unwrap().display().to_string()
}

fn names(folder: &Path, prefix: &str) -> BTreeSet<String> {
    let all = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    all.filter(|name| name.starts_with(prefix)).collect()
}

#[test]
fn the_files_are_what_readers_of_the_daemon_receive_with_their_dates_and_twins() {
    let (workspace, _origin) = site();
    let daemon = Daemon::start(&workspace);
    // No file is from the future.
    daemon.settled("/all/feed.atom");
    let report = report(&export(&workspace));
    let found = files(&workspace.path().join("site"));
    let plain: Vec<&String> = found.keys().filter(|n| ![".gz", ".br", ".zst"].iter().any(|s| n.ends_with(s))).collect();
    assert_eq!(
        (&report["schema"], &report["documents"], &report["new"]),
        (&json!("export/1"), &json!(plain.len()), &json!(plain.len()))
    );
    for name in
        ["index.html", "index.en.html", "all/feed.atom", "hoc-bac/index.html", "404.html", "robots.txt", "sources.opml"]
    {
        assert!(found.contains_key(name), "{name}");
    }
    assert_eq!(plain.iter().filter(|name| name.starts_with("story/")).count(), 4);
    for name in plain {
        let (path, lang) = match name.replace(".en.html", ".html") {
            vi if vi == *name => (vi, "vi"),
            en => (en, "en"),
        };
        let path = path.strip_suffix("index.html").unwrap_or(&path).to_owned();
        let is_bare = path.starts_with("story/") || ["search.html", "sources.html"].contains(&path.as_str());
        let path = if is_bare { path.trim_end_matches(".html") } else { &path };
        let served = get(daemon.public, &format!("/{path}"), &[("Accept-Language", lang), ("Accept", "text/html")]);
        let file = &found[name];
        assert_eq!(fs::read(file).unwrap(), served.body, "{name}");
        let meta = fs::metadata(file).unwrap();
        assert_eq!(meta.permissions().mode() & 0o777, 0o644, "{name}");
        // Since when it is so, the database knows of these.
        if ["hoc-bac/feed.", "all/feed."].iter().any(|feed| name.starts_with(feed)) {
            let date = httpdate::fmt_http_date(meta.modified().unwrap());
            assert_eq!(date, daemon.settled(&format!("/{path}")).header("last-modified"), "{name}");
        }
        for (suffix, twin) in [".gz", ".br", ".zst"].map(|s| (s, found.get(&format!("{name}{s}")))) {
            let Some(twin) = twin else { continue };
            let coded = fs::read(twin).unwrap();
            let mut body = Vec::new();
            match suffix {
                ".gz" => flate2::read::GzDecoder::new(coded.as_slice()).read_to_end(&mut body),
                ".br" => brotli_decompressor::Decompressor::new(coded.as_slice(), 4096).read_to_end(&mut body),
                _ => zstd::Decoder::new(coded.as_slice()).unwrap().read_to_end(&mut body),
            }
            .unwrap();
            assert!(body == served.body && coded.len() < body.len(), "{name}{suffix}");
            assert_eq!(fs::metadata(twin).unwrap().modified().unwrap(), meta.modified().unwrap());
        }
    }
    for name in ["hoc-bac/feed.atom", "hoc-bac/feed.rss", "hoc-bac/feed.json", "index.html"] {
        assert!([".gz", ".br", ".zst"].iter().all(|s| found.contains_key(&format!("{name}{s}"))), "{name}");
    }
}

#[test]
fn without_news_nothing_is_touched_and_with_news_only_what_changed() {
    let (workspace, origin) = site();
    report(&export(&workspace));
    let root = workspace.path().join("site");
    let state = |root: &Path| -> BTreeMap<String, (u64, i64, i64)> {
        let of = |path: PathBuf| fs::metadata(path).map(|m| (m.ino(), m.mtime(), m.mtime_nsec())).unwrap();
        files(root).into_iter().map(|(name, path)| (name, of(path))).collect()
    };
    let before = (generation(&workspace), state(&root), names(workspace.path(), "site"));
    let again = report(&export(&workspace));
    assert_eq!(
        (&again["new"], &again["changed"], &again["removed"], &again["written"]),
        (&json!(0), &json!(0), &json!(0), &json!(0))
    );
    assert_eq!(before, (generation(&workspace), state(&root), names(workspace.path(), "site")));

    news(&workspace, &origin);
    let first = workspace.path().join(generation(&workspace));
    let seen = bodies(&first);
    let more = report(&export(&workspace));
    assert_eq!((&more["new"], &more["removed"]), (&json!(2), &json!(0)), "the page of a story, in two languages");
    assert!(more["changed"].as_u64() > Some(5) && more["unchanged"].as_u64() > Some(5), "{more}");
    let after = state(&root);
    for name in ["404.html", "404.html.gz", "robots.txt", "sources.opml.br"] {
        assert_eq!(before.1[name], after[name], "{name}");
    }
    assert_ne!(before.1["hoc-bac/feed.atom"], after["hoc-bac/feed.atom"]);
    assert_eq!(bodies(&first), seen, "who is reading the old site reads all of it");

    workspace.write("config/topics/khac.toml", OTHER);
    fs::remove_file(workspace.path().join("config/topics/hoc-bac.toml")).unwrap();
    let is_twin = |name: &String| [".gz", ".br", ".zst"].iter().any(|end| name.ends_with(end));
    let of_topic = after.keys().filter(|name| name.starts_with("hoc-bac/") && !is_twin(name)).count();
    let gone = report(&export(&workspace));
    assert_eq!(gone["removed"], of_topic, "everything of the topic that left: {gone}");
    assert!(!root.join("hoc-bac").exists() && root.join("khac/feed.atom").exists());
    assert_eq!(
        names(workspace.path(), "site"),
        BTreeSet::from(["site", "site.2", "site.3", "site.lock"].map(str::to_owned))
    );
}

#[test]
fn s40_months_that_an_export_gave_out_stay_as_they_were() {
    let (workspace, origin) = site();
    let old = |name: &str, day: &str| Item {
        date: format!("{day} Oct 2026 08:00:00 +0700"),
        ..Item::new(name, &format!("Xã {name} học Bác"))
    };
    let every = "every = \"1h\"\nprovince = \"ha-tinh\"";
    workspace.sources(&origin, &[("mot", "/rss", every), ("hai", "/hai", every)]);
    origin.script("/hai", [Answer::ok(rss(&[old("Đông", "05"), old("Tây", "06")]))]);
    workspace.poll(&["hai"]);
    let month = workspace.path().join("site/all/archive/2026-10.atom");
    let read = || fs::read_to_string(&month).unwrap();
    assert!(workspace.run("export", &["--out", "site"]).status.success());
    let first = read();
    assert_eq!(first.matches("<entry>").count(), 2);
    origin.script("/ba", [Answer::ok(rss(&[old("Nam", "07")]))]);
    workspace.sources(&origin, &[("mot", "/rss", every), ("hai", "/hai", every), ("ba", "/ba", every)]);
    workspace.poll(&["ba"]);
    report(&export(&workspace));
    assert_eq!(read(), first, "what was given out stays");
    let november = fs::read_to_string(workspace.path().join("site/all/archive/2026-11.atom")).unwrap();
    assert!(november.contains("Xã Nam học Bác"), "and the late one is met in the month that was open");
    assert_eq!(
        Daemon::start(&workspace).get("/all/archive/2026-10.atom").text(),
        first,
        "the daemon gives out the same"
    );
}

#[test]
fn a_story_that_became_part_of_another_is_found_under_its_old_name() {
    let (workspace, _origin) = site();
    report(&export(&workspace));
    let of = |site: &str| -> Vec<String> {
        let files = names(&workspace.path().join(site).join("story"), "").into_iter();
        files.filter_map(|name| name.strip_suffix(".html").filter(|id| !id.contains('.')).map(str::to_owned)).collect()
    };
    let [kept, other] = of("site").try_into().unwrap();
    assert!(workspace.run("story", &["join", &kept, &other]).status.success());
    let after = report(&export(&workspace));
    assert_eq!((&after["removed"], of("site")), (&json!(0), vec![kept.clone(), other.clone()]));
    let page = |id: &str| fs::read_to_string(workspace.path().join(format!("site/story/{id}.html"))).unwrap();
    assert_eq!(page(&kept), page(&other));
    assert!(page(&other).contains(&format!("rel=\"canonical\" href=\"http://tin.hamau.vn/story/{kept}\"")));
}

#[test]
fn what_dongtin_did_not_make_is_left_alone() {
    let (workspace, _origin) = site();
    let at = |name: &str| workspace.path().join(name);
    fs::create_dir(at("site")).unwrap();
    workspace.write("site/precious", "mine");
    for _ in 0..2 {
        let (code, said) = refusal(&export(&workspace));
        assert!(
            code == Some(2) && said.contains("không do dongtin tạo ra") && said.contains("was not made by dongtin"),
            "{code:?} {said}"
        );
    }
    assert_eq!(fs::read_to_string(at("site/precious")).unwrap(), "mine");
    assert_eq!(names(workspace.path(), "site."), BTreeSet::from(["site.lock".to_owned()]));

    fs::rename(at("site"), at("elsewhere")).unwrap();
    for target in ["elsewhere", "../x/site.1", "site.01", "site.1x"] {
        symlink(target, at("site")).unwrap();
        assert_eq!(refusal(&export(&workspace)).0, Some(2), "{target}");
        assert_eq!(generation(&workspace), target);
        fs::remove_file(at("site")).unwrap();
    }
    workspace.write("site", "a file");
    assert_eq!(refusal(&export(&workspace)).0, Some(2));
    fs::remove_file(at("site")).unwrap();
    for (out, code) in [("/", 2), ("..", 2), ("no/such/site", 3)] {
        assert_eq!(refusal(&workspace.run("export", &["--out", out])).0, Some(code), "{out}");
    }

    // Folders that only look like generations, and one of ours that is no more.
    fs::rename(at("elsewhere"), at("site.7")).unwrap();
    symlink("site.5", at("site")).unwrap();
    report(&export(&workspace));
    assert_eq!(generation(&workspace), "site.8");
    assert_eq!(fs::read_to_string(at("site.7/precious")).unwrap(), "mine");
    fs::create_dir(at("empty")).unwrap();
    assert!(workspace.run("export", &["--out", "empty/"]).status.success());
    assert!(at("empty/all/feed.atom").is_file() && at("empty").is_symlink());
}

#[test]
fn what_a_killed_export_left_is_cleared_away_and_links_planted_in_a_site_are_not_followed() {
    let (workspace, origin) = site();
    let at = |name: &str| workspace.path().join(name);
    report(&export(&workspace));
    fs::create_dir_all(at("site.2.partial/all")).unwrap();
    workspace.write("site.2.partial/.dongtin", "export/1\n");
    workspace.write("site.2.partial/all/feed.atom", "half");
    fs::create_dir(at("site.3.partial")).unwrap();
    fs::create_dir(at("site.1.partial")).unwrap();
    workspace.write("site.1.partial/.dongtin", "");
    fs::create_dir(at("outside")).unwrap();
    workspace.write("outside/secret", "secret");
    workspace.write("outside/feed.atom", fs::read(at("site/all/feed.atom")).unwrap());
    symlink("outside", at("site.4.partial")).unwrap();

    fs::remove_file(at("site/404.html")).unwrap();
    symlink("../outside/secret", at("site/404.html")).unwrap();
    fs::rename(at("site/all"), at("all")).unwrap();
    symlink("../outside", at("site/all")).unwrap();
    news(&workspace, &origin);
    report(&export(&workspace));
    assert_eq!(generation(&workspace), "site.5");
    assert!(names(workspace.path(), "site").iter().all(|name| !name.contains("partial")));
    assert_eq!(names(&at("outside"), ""), BTreeSet::from(["feed.atom", "secret"].map(str::to_owned)));
    assert_eq!(fs::read_to_string(at("outside/secret")).unwrap(), "secret");
    assert!(files(&at("site.5")).values().all(|path| path.symlink_metadata().unwrap().is_file()));
    assert_ne!(
        fs::metadata(at("site/all/feed.atom")).unwrap().ino(),
        fs::metadata(at("outside/feed.atom")).unwrap().ino()
    );
}

#[test]
fn the_second_of_two_exports_is_told_to_come_later() {
    let (workspace, _origin) = site();
    let lock = fs::File::create(workspace.path().join("site.lock")).unwrap();
    lock.lock().unwrap();
    let (code, said) = refusal(&export(&workspace));
    assert!(code == Some(75) && said.contains("another export"), "{code:?} {said}");
    drop(lock);
    report(&export(&workspace));
}

#[test]
fn where_nothing_was_stored_nothing_is_exported() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    let (code, said) = refusal(&export(&workspace));
    assert!(code == Some(1) && said.contains("dongtin run"), "{said}");
    assert_eq!(refusal(&workspace.run("export", &[])).0, Some(2));
    assert!(names(workspace.path(), "site").is_empty());
}

/// What changes which files have which names, and what makes that last; each as machines call it.
const NAMING: [&str; 5] =
    ["mkdir,mkdirat", "syncfs", "rename,renameat,renameat2", "symlink,symlinkat", "unlink,unlinkat,rmdir"];

/// Exports under `strace`, which kills the program when it does one of these for the `n`-th time; gives whether it did.
fn export_killed_at(workspace: &Workspace, calls: &str, n: usize) -> std::io::Result<bool> {
    let plain = workspace.command("export");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={calls}"), "-e"]);
    strace.arg(format!("inject={calls}:signal=KILL:when={n}")).arg(plain.get_program()).args(plain.get_args());
    strace.args(["--out", "site"]).current_dir(workspace.path()).stdin(Stdio::null());
    strace.env("DONGTIN_CONFIG", workspace.path().join("config")).stdout(Stdio::null()).stderr(Stdio::null());
    let ended = strace.status()?;
    assert!(ended.success() || ended.signal().is_some(), "{calls} {n}: {ended}");
    Ok(ended.signal().is_some())
}

#[test]
fn a_kill_at_any_moment_leaves_the_old_site_or_the_new_one() {
    let (workspace, _origin) = site();
    let root = workspace.path().join("site");
    for (turn, calls) in NAMING.into_iter().enumerate() {
        report(&export(&workspace));
        report(&export(&workspace));
        let old = bodies(&root);
        workspace.write("config/topics/khac.toml", OTHER.replace("Khác", &format!("Khác {turn}")));
        assert!(workspace.run("export", &["--out", "new"]).status.success());
        let new = bodies(&workspace.path().join("new"));
        assert_ne!(old, new);
        let mut killed = 0;
        for n in 1.. {
            match export_killed_at(&workspace, calls, n) {
                Err(error) => return eprintln!("skipped: no strace on this machine: {error}"),
                Ok(true) => killed += 1,
                Ok(false) => break,
            }
            let found = bodies(&root);
            assert!(found == old || found == new, "killed at {calls} {n}");
        }
        assert!(killed > 0, "an export does {calls}");
        assert_eq!(bodies(&root), new);
        assert!(names(workspace.path(), "site").iter().all(|name| !name.contains("partial")), "{calls}");
    }
}

#[test]
fn a_store_has_every_document_under_the_address_readers_ask_for_with_the_headers_they_receive() {
    let ((workspace, _origin), store) = (site(), Store::start());
    let report = report(&store.export(&workspace, &[], &[]));
    assert_eq!((&report["to"], &report["new"]), (&json!("s3://kho/trang"), &report["documents"]));
    let daemon = Daemon::start(&workspace);
    let story = names(&store.bucket().join("trang/story"), "").into_iter().find(|name| !name.contains('.')).unwrap();
    let story = (format!("story/{story}"), format!("/story/{story}"));
    let english = (format!("{}.en.html", story.0), story.1.clone());
    let cases = [
        ("index.html", "/", Some("vi")),
        ("index.en.html", "/", Some("en")),
        ("hoc-bac/index.html", "/hoc-bac/", Some("vi")),
        (story.0.as_str(), story.1.as_str(), Some("vi")),
        (english.0.as_str(), english.1.as_str(), Some("en")),
        ("hoc-bac/feed.atom", "/hoc-bac/feed.atom", None),
        ("hoc-bac/feed.rss", "/hoc-bac/feed.rss", None),
        ("all/feed.json", "/all/feed.json", None),
        ("sources.opml", "/sources.opml", None),
    ];
    let style = names(&store.bucket().join("trang/assets"), "style-").pop_first().unwrap();
    let style = (format!("assets/{style}"), format!("/assets/{style}"));
    for (key, path, lang) in cases.into_iter().chain([(style.0.as_str(), style.1.as_str(), None)]) {
        let (body, headers) = store.object(key).unwrap_or_else(|| panic!("{key} is not there"));
        let served = get(daemon.public, path, &[("Accept-Language", lang.unwrap_or("vi"))]);
        assert_eq!(body, served.text(), "{key}");
        assert_eq!(headers["type"], served.header("content-type"), "{key}");
        assert_eq!(headers["cache"], served.header("cache-control"), "{key}");
        assert_eq!((headers.get("language").map(String::as_str), headers.get("encoding")), (lang, None), "{key}");
    }
    assert!(store.object("404.html").is_some());
}

/// The keys that a run sent and removed, in order, without the manifest.
fn sent(store: &Store) -> Vec<(String, String)> {
    let calls = store.calls().into_iter().filter(|call| call.method != "GET");
    let below = calls.map(|call| (call.method, call.key.trim_start_matches("trang/").to_owned()));
    below.filter(|(_, key)| key != MANIFEST).collect()
}

const MANIFEST: &str = ".dongtin-manifest.json";

#[test]
fn only_what_changed_is_sent_in_an_order_that_breaks_no_link_and_what_is_no_more_is_removed_last() {
    let ((workspace, origin), store) = (site(), Store::start());
    report(&store.export(&workspace, &[], &[]));
    let calls = store.calls();
    let place = |key: &str| calls.iter().rposition(|call| call.key == format!("trang/{key}")).unwrap();
    let last_story = calls.iter().rposition(|call| call.key.contains("/story/")).unwrap();
    assert!(last_story < place("all/index.html") && place("all/index.html") < place("all/feed.atom"));
    assert!(place("all/feed.atom") < place("robots.txt") && place("robots.txt") < place(MANIFEST));
    assert_eq!(place(MANIFEST), calls.len() - 1);

    assert_eq!(
        report(&store.export(&workspace, &[], &[]))["unchanged"],
        report(&store.export(&workspace, &[], &[]))["documents"]
    );
    let idle = store.calls();
    assert!(idle.iter().all(|call| call.method == "GET" && call.key.ends_with(MANIFEST)), "{idle:?}");

    news(&workspace, &origin);
    let would = report(&store.export(&workspace, &["--dry-run"], &[]));
    assert_eq!(sent(&store), []);
    let more = report(&store.export(&workspace, &[], &[]));
    assert_eq!((&would["new"], &would["changed"]), (&more["new"], &more["changed"]));
    let keys: BTreeSet<String> = sent(&store).into_iter().map(|(_, key)| key).collect();
    assert_eq!(json!(keys), would["would"]["send"]);
    assert!(keys.contains("hoc-bac/feed.atom") && !keys.contains("robots.txt"), "{keys:?}");

    fs::remove_file(workspace.path().join("config/topics/hoc-bac.toml")).unwrap();
    workspace.write("config/topics/khac.toml", OTHER);
    let removed = report(&store.export(&workspace, &[], &[]))["removed"].clone();
    let calls = sent(&store);
    assert_eq!(removed, calls.iter().filter(|(method, _)| method == "DELETE").count());
    let first_removal = calls.iter().position(|(method, _)| method == "DELETE").unwrap();
    assert!(
        calls[first_removal..].iter().all(|(method, key)| method == "DELETE" && key.starts_with("hoc-bac/")),
        "{calls:?}"
    );
    assert!(store.object("hoc-bac/feed.atom").is_none() && store.object("khac/feed.atom").is_some());
}

#[test]
fn what_failed_half_way_is_gone_on_with() {
    let ((workspace, _origin), store) = (site(), Store::start());
    store.break_keys(&["trang/all/feed.rss"]);
    let (code, said) = refusal(&store.export(&workspace, &[], &[]));
    assert!(code == Some(3) && said.contains("chạy lại") && said.contains("run this again"), "{code:?} {said}");
    let tried = sent(&store);
    assert!(
        tried.contains(&("PUT".into(), "index.html".into())) && !tried.contains(&("PUT".into(), "robots.txt".into()))
    );
    let manifest: Value = serde_json::from_str(&store.object(MANIFEST).unwrap().0).unwrap();
    assert_eq!(manifest["keys"]["all/feed.rss"], Value::Null);
    assert!(manifest["keys"]["index.html"].is_string());
    store.calls();

    store.break_keys(&[]);
    report(&store.export(&workspace, &[], &[]));
    let rest: BTreeSet<String> = sent(&store).into_iter().map(|(_, key)| key).collect();
    assert!(rest.contains("all/feed.rss") && rest.contains("robots.txt") && !rest.contains("index.html"), "{rest:?}");
    assert!(report(&store.export(&workspace, &[], &[]))["new"] == 0);

    // A manifest that is none is no reason to stop.
    fs::write(store.bucket().join("trang").join(MANIFEST), "{").unwrap();
    let anew = report(&store.export(&workspace, &[], &[]));
    assert_eq!(anew["new"], anew["documents"]);
}

#[test]
fn a_store_may_keep_bodies_compressed() {
    let ((workspace, _origin), store) = (site(), Store::start());
    report(&store.export(&workspace, &[], &[]));
    assert!(report(&store.export(&workspace, &["--gzip"], &[]))["changed"].as_u64() > Some(10));
    let puts: BTreeMap<String, _> =
        store.calls().into_iter().filter(|call| call.method == "PUT").map(|call| (call.key, call.headers)).collect();
    let feed = &puts["trang/all/feed.atom"];
    assert_eq!(
        (feed["content-encoding"].as_str(), feed["content-type"].as_str()),
        ("gzip", "application/atom+xml; charset=utf-8")
    );
    assert_eq!(store.object("all/feed.atom").unwrap().1["encoding"], "gzip");
}

#[test]
fn who_may_not_write_or_cannot_reach_the_store_is_told_what_to_do() {
    let ((workspace, _origin), store) = (site(), Store::start());
    type Case<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], i32, &'a str);
    let cases: [Case<'_>; 6] = [
        (&[], &[("AWS_SECRET_ACCESS_KEY", "sai")], 3, "AWS_SECRET_ACCESS_KEY"),
        (&[], &[("AWS_ACCESS_KEY_ID", "ai-do")], 3, "s3:PutObject"),
        (&[], &[("AWS_ACCESS_KEY_ID", "")], 2, "hãy đặt AWS_ACCESS_KEY_ID"),
        (&["--s3", "s3://khong-co"], &[], 3, "there is no bucket s3://khong-co"),
        (&["--s3", "https://kho/x"], &[], 2, "s3://bucket/prefix"),
        (&["--s3", "s3://kho/../x y"], &[], 2, "s3://bucket/prefix"),
    ];
    for (args, env, code, what) in cases {
        let mut command = workspace.command("export");
        let endpoint = format!("http://{}", store.address);
        let address = if args.is_empty() { &["--s3", "s3://kho/trang"] } else { args };
        command.args(address).args(["--endpoint", &endpoint]);
        command
            .env("AWS_ACCESS_KEY_ID", super::support::bucket::KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", super::support::bucket::SECRET);
        let (found, said) = refusal(&command.envs(env.iter().copied()).output().unwrap());
        assert!(found == Some(code) && said.contains(what), "{args:?} {env:?}: {found:?} {said}");
        assert!(!said.contains(super::support::bucket::SECRET), "{said}");
    }
    // A port where nobody listens: it was somebody's a moment ago.
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = workspace.command("export");
    command.args(["--s3", "s3://kho", "--endpoint", &format!("http://{nobody}")]);
    command.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    let (code, said) = refusal(&command.output().unwrap());
    assert!(
        code == Some(3) && said.contains("Connection refused") && said.contains("run this again"),
        "{code:?} {said}"
    );
    assert!(fs::read_dir(store.bucket()).unwrap().next().is_none(), "nothing was written");
}

/// nginx with the text of `docs/export.md`, in a folder of its own. Killed when dropped.
struct Nginx(std::process::Child);

impl Nginx {
    /// Nothing where there is no nginx.
    fn start(workspace: &Workspace) -> Option<(Nginx, std::net::SocketAddr)> {
        let docs = fs::read_to_string("docs/export.md").unwrap();
        let server = docs.split_once("```nginx\n").unwrap().1.split_once("```").unwrap().0;
        let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let folder = workspace.path().display();
        let server = server
            .replace("listen 80;", &format!("listen {address};"))
            .replace("/var/www/dongtin", &format!("{folder}/site"));
        let user = if fs::metadata(workspace.path()).unwrap().uid() == 0 { "user root;" } else { "" };
        let text = format!(
            "{user} daemon off; pid nginx.pid; error_log nginx.log; events {{}} http {{ access_log off;\n{server}}}"
        );
        workspace.write("nginx.conf", text);
        let conf = workspace.path().join("nginx.conf");
        let nginx = Command::new("nginx").arg("-c").arg(conf).arg("-p").arg(workspace.path()).spawn().ok()?;
        let nginx = Nginx(nginx);
        eventually("nginx answers", || std::net::TcpStream::connect(address).ok());
        Some((nginx, address))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // In order: its worker goes with it.
        drop(Command::new("kill").arg(self.0.id().to_string()).status());
        drop(self.0.wait());
    }
}

#[test]
fn nginx_as_the_docs_have_it_answers_as_the_daemon_does() {
    let (workspace, _origin) = site();
    report(&export(&workspace));
    let Some((_nginx, address)) = Nginx::start(&workspace) else {
        return eprintln!("skipped: no nginx on this machine");
    };
    let daemon = Daemon::start(&workspace);
    let story = names(&workspace.path().join("site/story"), "")
        .into_iter()
        .find_map(|name| name.strip_suffix(".html").filter(|id| !id.contains('.')).map(str::to_owned));
    let style = names(&workspace.path().join("site/assets"), "style-").into_iter().find(|name| name.ends_with(".css"));
    let paths = [
        "/",
        "/hoc-bac/",
        "/all/",
        "/all/feed.atom",
        "/hoc-bac/feed.rss",
        "/hoc-bac/feed.json",
        "/sources.opml",
        "/robots.txt",
        "/nowhere",
        "/.dongtin",
        "/all/nowhere.json",
    ];
    let found = [format!("/story/{}", story.unwrap()), format!("/assets/{}", style.unwrap())];
    for path in paths.into_iter().chain(found.iter().map(String::as_str)) {
        for lang in ["vi,en;q=0.5", "en-GB,en"] {
            for coding in ["gzip", "identity"] {
                let asked = [("Accept", "text/html"), ("Accept-Language", lang), ("Accept-Encoding", coding)];
                let (ours, theirs) = (get(daemon.public, path, &asked), get(address, path, &asked));
                assert_eq!(
                    (theirs.status, theirs.header("content-type")),
                    (ours.status, ours.header("content-type")),
                    "{path}"
                );
                assert_eq!(theirs.header("content-security-policy"), ours.header("content-security-policy"), "{path}");
                if ours.status == 200 {
                    assert_eq!(theirs.header("cache-control"), ours.header("cache-control"), "{path}");
                    assert_eq!(plain(&theirs), plain(&ours), "{path} {lang}");
                    assert_eq!(
                        theirs.header("access-control-allow-origin"),
                        ours.header("access-control-allow-origin"),
                        "{path}"
                    );
                }
            }
        }
    }
    let redirect = get(address, "/all", &[]);
    assert_eq!((redirect.status, redirect.header("location")), (301, "/all/"));
    let feed = get(address, "/all/feed.atom", &[("Accept-Encoding", "gzip")]);
    assert_eq!(feed.header("content-encoding"), "gzip");
    assert_eq!(get(address, "/all/feed.atom", &[("If-Modified-Since", feed.header("last-modified"))]).status, 304);
}

/// A body without its coding.
fn plain(reply: &Reply) -> String {
    let mut text = String::new();
    match reply.header("content-encoding") {
        "gzip" => drop(flate2::read::GzDecoder::new(reply.body.as_slice()).read_to_string(&mut text).unwrap()),
        _ => text = reply.text(),
    }
    text
}
