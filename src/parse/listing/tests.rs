use super::*;
use crate::model::DateOrder;
use crate::parse::date::Style;
use chrono::{TimeZone, Utc};

fn now() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 23, 3, 0, 0).unwrap()
}

fn reading(page: &str, listing: &Listing) -> Result<Vec<Entry>, ParseError> {
    let base = Url::parse("https://bao.example/thoi-su/").unwrap();
    let context = Context { base: Some(&base), content_type: None, dates: Some(Style::vietnamese(DateOrder::ByShape)) };
    read(page.as_bytes(), &context, listing, now()).map(|p| p.parsed.entries)
}

fn any() -> Listing {
    Listing { least: 1, ..Listing::default() }
}

fn shown(entries: &[Entry]) -> Vec<(&str, &str, Option<String>)> {
    entries
        .iter()
        .map(|e| (e.title.as_deref().unwrap(), e.link.as_ref().unwrap().path(), e.published.map(|t| t.to_rfc3339())))
        .collect()
}

/// Headlines as the families write them (`docs/sources.md`); the texts are ours.
#[test]
fn pages_of_every_family_are_read_with_one_line_of_configuration() {
    let cases = [
        (
            "zce",
            "<article class=story><figure><a class=cms-link href='/hop-bao-post1234.html'><img alt='' data-src=/a.jpg></a></figure>\
             <h3><a class=cms-link href='/hop-bao-post1234.html'>Họp báo về chuyển đổi số</a></h3><time data-time='2026-11-23T08:00:00+0700'></time>\
             <div class=story__summary>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</div></article>",
            "/hop-bao-post1234.html",
        ),
        (
            "b-grid",
            "<div class=b-grid><div class=b-grid__img><a href='/hop-bao-567.html'><img src=/a.jpg></a></div><div class=b-grid__content>\
             <h3 class=b-grid__title><a href='/hop-bao-567.html'>Họp báo về chuyển đổi số</a></h3><span class=b-grid__time>23/11/2026 08:00</span>\
             <div class=b-grid__desc>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</div></div></div>",
            "/hop-bao-567.html",
        ),
        (
            "a-id",
            "<div class=item><a href='/hop-bao-a89.html'><img src=/a.jpg alt='x'></a><a title='Họp báo về chuyển đổi số' href='/hop-bao-a89.html'>\
             Họp báo về chuyển đổi số</a><span class=pubdate>23/11/2026 - 08:00</span>\
             <p>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</p></div>",
            "/hop-bao-a89.html",
        ),
        (
            "yyyymm",
            "<li><a class=title2 href='/chinh-tri/202611/hop-bao-1a2b3c4/'>Họp báo về chuyển đổi số</a><span class=date>23/11/2026, 08:00</span>\
             <div class=desc>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</div></li>",
            "/chinh-tri/202611/hop-bao-1a2b3c4/",
        ),
        (
            "content-detail",
            "<article class=card><div class=card-content><h3><a href='/hop-bao-321.html'>Họp báo về chuyển đổi số</a></h3><div class=card-date>2 giờ trước</div>\
             <div class=card-text>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</div></div></article>",
            "/hop-bao-321.html",
        ),
        (
            "dcontent",
            "<div class=news><a href='/hop-bao-654.htm'>Họp báo về chuyển đổi số</a><span class=time>08:00 ngày 23/11/2026</span>\
             <p class=pHead>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</p></div>",
            "/hop-bao-654.htm",
        ),
        (
            "vccorp",
            "<div class=box-stream-item><a class=box-stream-link-title href='/hop-bao-102261123080000111.htm'>Họp báo về chuyển đổi số</a>\
             <span class=time-ago title='2026-11-23T08:00:00'>2 giờ trước</span>\
             <p class=box-stream-sapo>Sáng 23/11, Ủy ban nhân dân tỉnh họp báo về kế hoạch năm tới.</p></div>",
            "/hop-bao-102261123080000111.htm",
        ),
    ];
    for (family, item, path) in cases {
        let page =
            format!("<html><body><nav><a href='/thoi-su-1.html'>Thời sự</a></nav><main>{item}</main></body></html>");
        let listing = Listing { cms: Some(family.to_owned()), ..any() };
        let entries = reading(&page, &listing).unwrap_or_else(|e| panic!("{family}: {e}"));
        let hour = entries[0].published.map(|t| t.timestamp() / 3600);
        assert_eq!(hour, Some(now().timestamp() / 3600 - 2), "{family}: {:?}", entries[0].published_raw);
        assert_eq!((entries.len(), entries[0].title.as_deref()), (1, Some("Họp báo về chuyển đổi số")), "{family}");
        assert_eq!(entries[0].link.as_ref().unwrap().path(), path, "{family}");
        assert!(entries[0].summary.as_deref().unwrap().starts_with("Sáng 23/11"), "{family}");
    }
}

#[test]
fn a_page_nobody_described_is_read_by_what_a_reader_sees() {
    let page = "<header><a href='/noi-bat-99999.html'>Tin nổi bật của cả tòa soạn hôm nay</a></header><div class=list>\
        <div><a href='/mot-10001.html'><img src='data:x' data-src='/1.jpg' alt='Tin thứ nhất của trang này'></a><div><a href='/mot-10001.html'>Tin thứ nhất của trang</a>\
        <i>3 giờ trước</i></div></div><div><a href='/hai-10002.html?utm_source=x'><h3>Tin thứ hai của trang</h3><p>Một câu dẫn đủ dài để làm lời dẫn cho tin này.</p></a>\
        <span>22/11/2026 15:00</span></div><div><a href='https://khac.example/ba-10003.html'>Tin của trang khác hẳn đây</a></div>\
        <div><a href='/tac-gia/nguyen'>Nguyễn A và những bài viết</a></div></div><footer><a href='/lien-he-20000.html'>Liên hệ với tòa soạn ngay</a></footer>";
    let entries = reading(page, &any()).unwrap();
    assert_eq!(
        shown(&entries),
        [
            ("Tin thứ nhất của trang", "/mot-10001.html", Some("2026-11-23T00:00:00+00:00".to_owned())),
            ("Tin thứ hai của trang", "/hai-10002.html", Some("2026-11-22T08:00:00+00:00".to_owned())),
        ]
    );
    assert_eq!(entries[0].image.as_ref().unwrap().path(), "/1.jpg");
}

#[test]
fn selectors_of_a_source_come_before_everything() {
    let page = "<div class=x><h2>Đầu đề riêng của tin này</h2><a href='/tin/mot'>Xem</a><em>23-11-2026</em><q>Lời dẫn riêng.  Thêm vài chữ cho đủ dài.</q></div>\
        <div class=y><a href='/tin/hai'>Không thuộc danh sách này đâu</a></div><a class=sau href='?trang=2'>Sau</a>";
    let listing = Listing {
        item: Some(".x".into()),
        link: Some(".x a".into()),
        title: Some("h2".into()),
        date: Some("em".into()),
        teaser: Some("q".into()),
        pattern: Some("^/tin/".into()),
        next: Some("a.sau".into()),
        ..any()
    };
    let entries = reading(page, &listing).unwrap();
    assert_eq!(
        shown(&entries),
        [("Đầu đề riêng của tin này", "/tin/mot", Some("2026-11-22T17:00:00+00:00".to_owned()))]
    );
    assert_eq!(entries[0].summary.as_deref(), Some("Lời dẫn riêng. Thêm vài chữ cho đủ dài."));
    let base = Url::parse("https://bao.example/thoi-su/").unwrap();
    let context = Context { base: Some(&base), ..Context::default() };
    let next = read(page.as_bytes(), &context, &listing, now()).unwrap().next;
    assert_eq!(next.unwrap().as_str(), "https://bao.example/thoi-su/?trang=2");
}

#[test]
fn json_ld_stands_in_where_links_say_nothing() {
    let page = r#"<script type="application/ld+json">{"@type":"ItemList","itemListElement":[
        {"@type":"ListItem","position":1,"url":"https://bao.example/mot-12345.html","name":"Tin thứ nhất của trang"},
        {"@type":"ListItem","position":2,"url":"https://bao.example/the-thao","name":"Chuyên mục thể thao của báo"},
        {"@type":"ListItem","position":3,"url":"https://khac.example/tin-12345.html","name":"Tin của một trang khác"}]}</script>"#;
    assert_eq!(shown(&reading(page, &any()).unwrap()), [("Tin thứ nhất của trang", "/mot-12345.html", None)]);
}

#[test]
fn a_news_sitemap_is_a_listing_too() {
    let page = "<?xml version=\"1.0\"?><urlset xmlns:news=\"x\"><url><loc> https://bao.example/mot-1.html </loc><news:news><news:title><![CDATA[Tin thứ nhất]]></news:title>\
        <news:publication_date>2026-11-23T08:00:00+07:00</news:publication_date></news:news></url><url><loc>https://bao.example/hai-2.html</loc>\
        <lastmod>2026-11-22</lastmod></url></urlset>";
    let entries = reading(page, &any()).unwrap();
    assert_eq!(entries[0].title.as_deref(), Some("Tin thứ nhất"));
    assert_eq!(entries[0].published.unwrap().to_rfc3339(), "2026-11-23T01:00:00+00:00");
    assert_eq!((entries[1].title.clone(), entries[1].published), (None, None));
    assert!(entries[1].updated.is_some());
}

#[test]
fn a_page_that_breaks_its_contract_has_drifted() {
    let one = "<a href='/tin-12345.html'>Một tin duy nhất trên trang</a>";
    let of = |listing: Listing| reading(one, &listing).unwrap_err();
    let few = of(Listing { least: 5, ..Listing::default() });
    assert_eq!((few.code(), few.to_string().contains("1 articles where at least 5")), ("drift", true), "{few}");
    let undated = of(Listing { least: 1, dated: 50, ..Listing::default() });
    assert!(undated.to_string().contains("0 % of its articles have a date"), "{undated}");
    let own = "<footer><a href='/tin-12345.html'>Một tin tài trợ ở chân trang</a></footer>";
    let gone = Listing { link: Some(".list-news a".into()), least: 1, ..Listing::default() };
    assert_eq!(reading(own, &gone).unwrap_err().code(), "drift");
    let other = of(Listing { least: 1, pattern: Some("-a\\d+".into()), ..Listing::default() });
    assert_eq!(other.code(), "drift");
    let challenge = "<script>document.cookie=\"D1N=x\";window.location.reload(true)</script>";
    assert_eq!(reading(challenge, &any()).unwrap_err().code(), "challenge-js");
    let works = "<html><head><title>Báo</title></head><body><h1>Hệ thống đang bảo trì</h1></body></html>";
    assert_eq!(reading(works, &any()).unwrap_err().code(), "maintenance");
    let missing = "<title>404 - Không tìm thấy trang</title><a href='/tin-12345.html'>Một tin duy nhất trên trang</a>";
    assert_eq!(reading(missing, &Listing { least: 5, ..Listing::default() }).unwrap_err().code(), "soft-404");
    assert_eq!(reading("<div class=g-recaptcha></div>", &any()).unwrap_err().code(), "captcha");
    assert_eq!(reading(" ", &any()).unwrap_err().code(), "empty");
    assert_eq!(reading(&"<div>".repeat(50_000), &any()).unwrap_err().code(), "too-deep");
}

#[test]
fn headlines_about_errors_and_repairs_are_headlines() {
    let page = "<title>Báo mẫu</title><h1><a href='/bao-tri-12345.html'>Bảo trì hệ thống điện trên toàn tỉnh</a></h1>\
        <a href='/gia-mao-12346.html'>Trang giả mạo báo lỗi 404 Not Found</a><div class=g-recaptcha></div>";
    let titles: Vec<_> = reading(page, &any()).unwrap().into_iter().filter_map(|e| e.title).collect();
    assert_eq!(titles, ["Bảo trì hệ thống điện trên toàn tỉnh", "Trang giả mạo báo lỗi 404 Not Found"]);
}
