//! A small site with everything in it that a document can be about: several papers, reprints, full texts, missing parts, hostile text.

use super::{Answer, Daemon, Origin, Workspace};

/// The characters that must never leave (assertion S-39), as a source's XML can carry them: raw, and as references.
pub const HOSTILE_XML: &str = "đầu \u{1}\u{8}\u{b}\u{1f}\u{7f}\u{85}\u{9f} &#0; &#1; &#x1F; &#xD800; &#xFFFE; &#xFFFF; \u{fffe}\u{ffff}\u{1fffe} ]]&gt; \
    \u{202e}ngược\u{202c} \u{2066}cô lập\u{2069} &#x202E; \u{200f} &amp;#0; &amp;#x202e; cuối";
/// The same for JSON: escapes, with surrogates that have lost their other half.
pub const HOSTILE_JSON: &str = r"đầu \u0000\u0001\u001f\u007f\u0085 \ud800 \udc00 \ud800x \ufffe\uffff \udbff\udfff ]]> \u202engược \u2066x\u2069 &#0; cuối";

/// A daemon over three sources, all read once.
pub fn site() -> (Workspace, Origin, Daemon) {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(
        &origin,
        &[
            ("mot", "/mot", "level = \"central\""),
            ("hai", "/hai", "level = \"province\"\nprovince = \"ha-tinh\"\npublish = \"full\""),
            ("ba", "/ba", "level = \"commune\"\nprovince = \"ha-tinh\"\npublish = \"full\""),
        ],
    );
    origin.script("/mot", [Answer::ok(ordinary())]);
    origin.script("/hai", [Answer::ok(full())]);
    origin.script("/ba", [Answer::ok(json())]);
    let reports = workspace.poll(&[]);
    assert!(["mot", "hai", "ba"].iter().all(|id| reports[*id]["outcome"] == "taken"), "{reports:?}");
    let daemon = Daemon::start(&workspace);
    (workspace, origin, daemon)
}

/// A wire story, whole; another paper prints it too.
const WIRE: &str = "Sáng nay, tại hội trường trung tâm, cấp uỷ đã tổ chức hội nghị sơ kết mười năm làm theo Bác, biểu dương 42 tập thể và 108 cá nhân \
    có nhiều việc làm thiết thực vì dân.";

fn item(number: usize, title: &str, date: &str, more: &str) -> String {
    format!(
        "<item><title>{title}</title><link>https://bao.example/tin-{number}.html</link><guid>{number}</guid>{date}{more}</item>"
    )
}

fn channel(items: &[String]) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel>\
         <title>Báo thử</title><link>https://bao.example/</link>{}</channel></rss>",
        items.concat()
    )
}

/// Teasers as papers write them, over three months; one at the same minute as its neighbour, one without a date, one without a teaser.
fn ordinary() -> String {
    let mut items: Vec<String> = ["Sep", "Oct", "Nov"]
        .into_iter()
        .enumerate()
        .flat_map(|(month, name)| {
            (1..=7).map(move |day| {
                let number = month * 10 + day;
                let title = format!("Xã {} học Bác bằng {number} việc làm cụ thể", ["Đông", "Tây", "Thượng", "Hạ", "Trung", "Bình", "Minh"][day - 1]);
                let date = format!("<pubDate>{}, {day:02} {name} 2026 08:{number:02}:00 +0700</pubDate>", weekday(month, day));
                item(number, &title, &date, &format!("<description>Câu dẫn của tin số {number}, có dấu &amp; và dấu ngoặc &quot;kép&quot;.</description>"))
            })
        })
        .collect();
    let at_once = "<pubDate>Sun, 22 Nov 2026 09:00:00 +0700</pubDate>";
    items.push(item(
        90,
        "Hội nghị sơ kết mười năm làm theo Bác",
        at_once,
        &format!("<description>{WIRE}</description><enclosure url=\"https://bao.example/tep/bao-cao.pdf\" type=\"application/pdf\" length=\"120000\"/>\
            <enclosure url=\"https://bao.example/tep/\" length=\"0\"/>"),
    ));
    items.push(item(91, "Chi bộ thôn Thượng kể chuyện Hồ Chí Minh", at_once, ""));
    items.push(item(
        92,
        "Học Bác từ những việc nhỏ: giá < 20.000 đồng, A & B <mới>".replace('&', "&amp;").replace('<', "&lt;").as_str(),
        "",
        "<description>Không có ngày.</description>",
    ));
    items.push(format!("<item><title>Không có địa chỉ mà vẫn học Bác</title><guid isPermaLink=\"false\">x-93</guid>{at_once}<description/></item>"));
    channel(&items)
}

/// The weekday of a day of September, October or November 2026.
fn weekday(month: usize, day: usize) -> &'static str {
    let first = [1, 3, 6][month];
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][(first + day - 1) % 7]
}

/// Whole articles with relative addresses, pictures, tables, and what must not leave.
fn full() -> String {
    let article = "<p>Mở đầu <a href=\"/chuyen-muc/hoc-bac\">chuyên mục</a> và <img src=\"anh.jpg\" onerror=\"alert(1)\" style=\"color:red\">.</p>\
        <script>alert(1)</script><table><tr><td>1</td></tr></table><iframe src=\"https://x.example/\"></iframe>";
    let content = |text: &str| format!("<content:encoded><![CDATA[{text}]]></content:encoded>");
    let date = "<pubDate>Sun, 22 Nov 2026 09:00:00 +0700</pubDate>";
    channel(&[
        item(
            200,
            "Hội nghị sơ kết mười năm làm theo Bác",
            date,
            &format!("<description>{WIRE}</description>{}", content(&format!("<p>{WIRE}</p>"))),
        ),
        item(
            201,
            "Một ngày học Bác ở bản vùng cao",
            date,
            &format!("<description>Câu dẫn.</description>{}", content(article)),
        ),
        item(
            202,
            &format!("Làm theo Bác {HOSTILE_XML}"),
            date,
            &format!(
                "<description>{HOSTILE_XML}</description><category>{HOSTILE_XML}</category><author>{HOSTILE_XML}</author><content:encoded>&lt;p&gt;{HOSTILE_XML}&lt;/p&gt;</content:encoded>"
            ),
        ),
        item(
            203,
            "Làm theo Bác &lt;b&gt;đậm&lt;/b&gt; &amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
            date,
            "<description>&lt;p&gt;Một &amp;lt;b&amp;gt;hai&amp;lt;/b&amp;gt; &amp;amp;nbsp; ba&lt;/p&gt;</description>",
        ),
    ])
}

fn json() -> String {
    format!(
        "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"Xã thử\",\"items\":[{{\"id\":\"1\",\"url\":\"https://xa.example/1\",\
         \"title\":\"Tuổi trẻ học Bác {HOSTILE_JSON}\",\"content_html\":\"<p>{HOSTILE_JSON}</p>\",\"summary\":\"{HOSTILE_JSON}\",\"tags\":[\"{HOSTILE_JSON}\"],\
         \"date_published\":\"2026-11-20T08:00:00+07:00\",\"authors\":[{{\"name\":\"{HOSTILE_JSON}\"}}],\"image\":\"https://xa.example/anh.jpg\"}}]}}"
    )
}
