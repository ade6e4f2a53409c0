//! Sources that are pages of headlines, and the pages of articles behind items.

use serde_json::json;

use super::support::{Answer, Item, Origin, Workspace, rss};

fn headline(name: &str, title: &str) -> String {
    format!("<div class=item><a href='/{name}-a1.html'>{title}</a><span class=date>23/11/2026 08:00</span></div>")
}

fn page(items: &[String], next: &str) -> Vec<u8> {
    format!("<html><body><main>{}</main>{next}</body></html>", items.concat()).into()
}

fn five() -> Vec<String> {
    (1..=5).map(|n| headline(&format!("tin-{n}"), &format!("Tin thứ {n} của trang nhất"))).collect()
}

fn listing(more: &str) -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("trang", "/", &format!("level = \"central\"\nfull_text = \"never\"\n{more}"))]);
    (workspace, origin)
}

#[test]
fn a_page_of_headlines_is_a_source_like_any_other() {
    let (workspace, origin) = listing("cms = \"a-id\"");
    let mut items = five();
    origin.script(
        "/",
        [Answer::ok(page(&items, "")), {
            items.insert(0, headline("tin-6", "Tin mới vừa lên trang nhất"));
            Answer::ok(page(&items, ""))
        }],
    );
    let report = workspace.poll_one();
    assert_eq!((&report["outcome"], &report["new"]), (&json!("taken"), &json!(5)), "{report}");
    let report = workspace.poll_one();
    assert_eq!((&report["new"], &report["items"][0]["title"]), (&json!(1), &json!("Tin mới vừa lên trang nhất")));
}

#[test]
fn a_page_that_changed_its_look_is_a_failure_and_empties_nothing() {
    let (workspace, origin) = listing("cms = \"a-id\"");
    origin.script("/", [Answer::ok(page(&five(), "")), Answer::ok("<html><body>Giao diện mới</body></html>")]);
    workspace.poll_one();
    let report = workspace.poll_one();
    assert_eq!((&report["outcome"], &report["class"]), (&json!("failed"), &json!("drift")), "{report}");
    let status: serde_json::Value =
        serde_json::from_slice(&workspace.run("status", &["--format", "json"]).stdout).unwrap();
    assert_eq!(status["stories"], 5);
}

#[test]
fn the_first_time_the_pages_behind_are_read_too() {
    let (workspace, origin) = listing("[source.listing]\ncms = \"a-id\"\nnext = \"a.sau\"\npages = 3\nleast = 1\n");
    let behind = |n: u32| vec![headline(&format!("cu-{n}"), &format!("Tin cũ ở trang thứ {n}"))];
    origin.script("/", [Answer::ok(page(&five(), "<a class=sau href='/?trang=2'>Sau</a>"))]);
    origin.script("/?trang=2", [Answer::ok(page(&behind(2), "<a class=sau href='/?trang=3'>Sau</a>"))]);
    origin.script("/?trang=3", [Answer::ok(page(&behind(3), "<a class=sau href='/?trang=4'>Sau</a>"))]);
    assert_eq!(workspace.poll_one()["new"], 7);
    let paths = || origin.log().iter().map(|r| r.path.clone()).collect::<Vec<_>>();
    assert_eq!(paths(), ["/robots.txt", "/", "/?trang=2", "/?trang=3"]);
    workspace.poll_one();
    assert_eq!(paths()[4..], ["/robots.txt", "/"], "later only the first");
}

fn article(text: &str) -> Answer {
    let body = format!("{text} {}", "Nội dung bài viết đủ dài để là một bài báo thật sự. ".repeat(8));
    Answer::ok(format!("<html><body><div id=newscontents><p>{body}</p></div></body></html>"))
        .header("Content-Type", "text/html; charset=utf-8")
}

fn articles(setting: &str) -> (Workspace, Origin) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", &format!("level = \"central\"\n{setting}"))]);
    workspace.write(
        "config/topics/hoc-bac.toml",
        "id = \"hoc-bac\"\nname = \"Học Bác\"\nthreshold = 10\n[[rule]]\nname = \"goi\"\nweight = 3\nphrases = [\"tấm gương\"]\n\
         [[rule]]\nname = \"r\"\nweight = 50\nphrases = [\"học Bác\"]\n",
    );
    (workspace, origin)
}

#[test]
fn an_article_is_read_where_title_and_teaser_leave_a_topic_undecided() {
    let (workspace, origin) = articles("");
    let first = rss(&[Item::new("cu", "Một tấm gương đã cũ").link(&origin.url("/cu-a1.html"))]);
    let second = rss(&[
        Item::new("a", "Một tấm gương sáng ở xã").summary("Một câu.").link(&origin.url("/a-a1.html")),
        Item::new("b", "Giá lúa tăng").link(&origin.url("/b-a1.html")),
        Item::new("c", "Tuổi trẻ học Bác").link(&origin.url("/c-a1.html")),
    ]);
    origin.script("/rss", [Answer::ok(first), Answer::ok(second)]);
    origin.script("/a-a1.html", [article("Chị luôn học Bác từ những việc nhỏ.")]);
    workspace.poll_one();
    let report = workspace.poll_one();
    let topics: Vec<_> = report["items"].as_array().unwrap().iter().map(|i| (&i["title"], &i["topics"])).collect();
    assert!(topics.contains(&(&json!("Một tấm gương sáng ở xã"), &json!(["hoc-bac"]))), "{topics:?}");
    let asked: Vec<String> = origin.log().iter().map(|r| r.path.clone()).filter(|p| p.ends_with(".html")).collect();
    assert_eq!(asked, ["/a-a1.html"], "neither what is decided nor what was there before");
    assert_eq!(workspace.poll_one()["outcome"], "same-body");
}

#[test]
fn articles_are_read_always_or_never_where_a_source_says_so() {
    for (setting, expected) in [("full_text = \"never\"", 0), ("full_text = \"always\"", 12)] {
        let (workspace, origin) = articles(setting);
        let items: Vec<Item> = (0..12)
            .map(|n| Item::new(&format!("t{n}"), &format!("Tin số {n}")).link(&origin.url(&format!("/t{n}-a1.html"))))
            .collect();
        origin.script("/rss", [Answer::ok(rss(&items))]);
        for n in 0..12 {
            origin.script(&format!("/t{n}-a1.html"), [article("Chữ.")]);
        }
        assert_eq!(workspace.poll_one()["new"], 12);
        let asked = origin.log().iter().filter(|r| r.path.ends_with(".html")).count();
        assert_eq!(asked, expected.min(10), "at most ten pages a poll: {setting}");
    }
}

#[test]
fn an_article_that_cannot_be_had_costs_nothing() {
    let (workspace, origin) = articles("full_text = \"always\"");
    origin.script("/rss", [Answer::ok(rss(&[Item::new("a", "Tuổi trẻ học Bác").link(&origin.url("/mat.html"))]))]);
    origin.script("/mat.html", [Answer::status(500)]);
    let report = workspace.poll_one();
    assert_eq!((&report["outcome"], &report["new"]), (&json!("taken"), &json!(1)));
}

#[test]
fn a_sitemap_of_bare_addresses_gets_its_headlines_from_the_pages() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/sitemap.xml", "level = \"central\"\n[source.listing]\nleast = 1\n")]);
    let page = "<html><body><h1>Tuổi trẻ xã vùng cao học Bác</h1><div id=newscontents><p>Nội dung bài viết đủ dài. \
        Nội dung bài viết đủ dài. Nội dung bài viết đủ dài. Nội dung bài viết đủ dài. Nội dung bài viết đủ dài.</p></div></body></html>";
    let map = format!(
        "<urlset><url><loc>{}</loc><lastmod>2026-11-23</lastmod></url><url><loc>{}</loc></url></urlset>",
        origin.url("/co-a1.html"),
        origin.url("/mat-a2.html")
    );
    origin.script("/sitemap.xml", [Answer::ok(map)]);
    origin.script("/co-a1.html", [Answer::ok(page)]);
    origin.script("/mat-a2.html", [Answer::status(404)]);
    let report = workspace.poll_one();
    let items = report["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{report}");
    assert_eq!(
        (&items[0]["title"], &items[0]["topics"]),
        (&json!("Tuổi trẻ xã vùng cao học Bác"), &json!(["hoc-bac"]))
    );
}

#[test]
fn what_was_read_on_a_page_stays_when_the_source_edits_its_teaser() {
    let (workspace, origin) = articles("full_text = \"always\"");
    let item = |teaser: &str| {
        Answer::ok(rss(&[Item::new("a", "Một ngày ở xã vùng cao").summary(teaser).link(&origin.url("/a-a1.html"))]))
    };
    origin.script("/rss", [item("Câu dẫn."), item("Câu dẫn đã sửa.")]);
    origin.script("/a-a1.html", [article("Chị luôn học Bác, học Bác từ những việc nhỏ."), Answer::status(404)]);
    assert_eq!(workspace.poll_one()["items"][0]["topics"], json!(["hoc-bac"]));
    let report = workspace.poll_one();
    assert_eq!(
        (&report["items"][0]["decision"], &report["items"][0]["topics"]),
        (&json!("revise"), &json!(["hoc-bac"]))
    );
}

#[test]
fn a_headline_that_slides_down_the_page_keeps_the_teaser_it_had_on_top() {
    let (workspace, origin) = listing("cms = \"a-id\"");
    let lead = "<div class=item><a href='/dau-a9.html'>Tin đứng đầu trang hôm nay</a><p class=sapo>Một câu dẫn đủ dài để học Bác từ những việc nhỏ.</p></div>";
    let top = [vec![lead.to_owned()], five()].concat();
    let below = [five(), vec![headline("dau", "Tin đứng đầu trang hôm nay").replace("dau-a1", "dau-a9")]].concat();
    origin.script("/", [Answer::ok(page(&top, "")), Answer::ok(page(&below, ""))]);
    workspace.poll_one();
    let report = workspace.poll_one();
    assert_eq!((&report["outcome"], report["items"].as_array().unwrap().len()), (&json!("taken"), 0), "{report}");
}

#[test]
fn a_front_page_instead_of_an_article_is_not_the_article() {
    let (workspace, origin) = articles("full_text = \"always\"");
    origin.script("/rss", [Answer::ok(rss(&[Item::new("a", "Giá lúa giảm").link(&origin.url("/mat-a1.html"))]))]);
    origin.script("/mat-a1.html", [Answer::redirect(302, "/")]);
    origin.script("/", [article("Trang nhất hôm nay: học Bác, học Bác.")]);
    assert_eq!(workspace.poll_one()["items"][0]["topics"], json!([]));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "what counts as news is decided by the program's own clock")]
fn a_page_behind_a_server_in_trouble_is_asked_for_again_and_its_neighbours_are_not() {
    let (workspace, origin) = articles("full_text = \"always\"");
    let now = httpdate::fmt_http_date(std::time::SystemTime::now());
    let item = |name: &str, title: &str| {
        let mut item = Item::new(name, title).link(&origin.url(&format!("/{name}-a1.html")));
        item.date.clone_from(&now);
        item
    };
    let (a, b, c) = (item("a", "Một ngày ở xã vùng cao"), item("b", "Một ngày ở xã ven biển"), item("c", "Giá lúa"));
    origin.script("/rss", [Answer::ok(rss(&[a.clone(), b.clone()])), Answer::ok(rss(&[c, a, b]))]);
    origin.script("/a-a1.html", [Answer::status(503), article("Chị luôn học Bác, học Bác từ những việc nhỏ.")]);
    for name in ["b", "c"] {
        origin.script(&format!("/{name}-a1.html"), [article("Chữ.")]);
    }
    workspace.poll_one();
    let pages = || origin.log().iter().filter(|r| r.path.ends_with(".html")).count();
    assert_eq!(pages(), 1, "one refusal is enough");
    let report = workspace.poll_one();
    let found = report["items"].as_array().unwrap().iter().find(|i| i["title"] == "Một ngày ở xã vùng cao").unwrap();
    assert_eq!((&found["decision"], &found["topics"]), (&json!("revise"), &json!(["hoc-bac"])));
    assert_eq!(pages(), 4);
    assert!(origin.requests("/b-a1.html")[0].header("accept").unwrap().starts_with("text/html"));
}

#[test]
fn a_sitemap_of_more_addresses_than_one_poll_reads_is_worked_off_and_not_vouched_for_before() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    let more = "full_text = \"always\"\n[source.listing]\nleast = 1\n";
    workspace.sources(&origin, &[("mot", "/", more)]);
    let addresses = |n: usize| origin.url(&format!("/tin-so-{n}-post{}.html", 100_000 + n));
    let list: String = (0..12).map(|n| format!("<url><loc>{}</loc></url>", addresses(n))).collect();
    origin.script("/", [Answer::ok(format!("<urlset>{list}</urlset>")).etag("\"1\"")]);
    for n in 0..12 {
        let text = format!("Nội dung của bài số {n} nói về một việc làm của xã mẫu. ").repeat(12);
        let title = format!("Bài số {n} về một việc ở xã mẫu");
        let page = format!(
            "<html><head><title>{title}</title></head><body><article><h1>{title}</h1><p>{text}</p></article></body></html>"
        );
        origin.script(&format!("/tin-so-{n}-post{}.html", 100_000 + n), [Answer::ok(page)]);
    }
    assert_eq!(workspace.poll_one()["new"], 10);
    assert_eq!(workspace.poll_one()["new"], 2);
    assert_eq!(workspace.poll_one()["outcome"], "not-modified");
}
