use url::Url;

use super::*;
use crate::text::may_leave;
use crate::text::{line, paragraphs};

fn tidy(markup: &str) -> String {
    paragraphs(&text(markup), 10_000)
}

#[test]
fn the_text_of_teasers_as_vietnamese_papers_write_them() {
    let cases = [
        (
            "<a href=\"https://b.vn/x\"><img src=\"https://b.vn/i.jpg\"></a></br>Sáng 23/11, hội nghị…",
            "Sáng 23/11, hội nghị…",
        ),
        ("<p>Một</p><p>Hai &amp; ba</p>", "Một\nHai & ba"),
        ("TCH v&#224; hai m&#227;", "TCH và hai mã"),
        ("xin ch&agrave;o&nbsp;bạn", "xin chào bạn"),
        ("trước<script>alert(1)</script><style>p{}</style> sau", "trước sau"),
        ("<ul><li>một<li>hai</ul>", "một\nhai"),
        ("dòng một\ndòng tiếp", "dòng một dòng tiếp"),
        ("<!-- ghi chú -->còn lại", "còn lại"),
    ];
    for (markup, expected) in cases {
        assert_eq!(tidy(markup), expected, "{markup}");
    }
}

#[test]
fn a_teasers_list_of_other_articles_is_not_its_text() {
    let teaser = "<p>Câu dẫn.</p><div><ul><li><a href=/x>Bài khác</a></li><li><a href=/y>Bài nữa</a></li></ul></div>";
    assert_eq!(paragraphs(&teaser_text(teaser), 100), "Câu dẫn.");
    assert_eq!(paragraphs(&teaser_text("<ul><li>Một điểm</li></ul>"), 100), "Một điểm");
    assert_eq!(teaser_text("giá < 20 đồng"), "giá < 20 đồng");
}

#[test]
fn a_title_is_text_unless_it_is_plainly_markup() {
    let cases = [
        ("giá < 20.000 đồng & tăng", "giá < 20.000 đồng & tăng"),
        ("Nghị quyết <mới> và <Nam>", "Nghị quyết <mới> và <Nam>"),
        ("Tom & Jerry; và bạn", "Tom & Jerry; và bạn"),
        ("m&#227; chứng khoán", "mã chứng khoán"),
        ("&amp;aacute;o d&amp;agrave;i", "áo dài"),
        ("<b>Đậm</b> nhạt", "Đậm nhạt"),
    ];
    for (field, expected) in cases {
        assert_eq!(line(&text_of_field(field), 100), expected, "{field}");
    }
}

#[test]
fn a_line_is_harmless_even_as_markup() {
    let cases = [
        ("Nghị quyết <mới> và <Nam>", "Nghị quyết ‹mới› và ‹Nam›"),
        ("giá < 20.000 đồng, 3 > 2", "giá < 20.000 đồng, 3 > 2"),
        ("<form onfocus=x>Chữ</form>", "Chữ"),
        ("a <b", "a ‹b"),
        ("Phim <Mai> và <Đào>; Q&A", "Phim ‹Mai› và <Đào>; Q&A"),
        ("&lt;p&gt;Chữ&lt;/p&gt;", "Chữ"),
    ];
    for (field, expected) in cases {
        assert_eq!(line(&line_of_field(field), 100), expected, "{field}");
    }
}

#[test]
fn nothing_that_runs_or_loads_survives_cleaning() {
    let base = Url::parse("https://bao.vn/muc/").unwrap();
    let raw = concat!(
        "<p onclick=x() style='color:red'>Chữ <a href='/a' onmouseover=x>liên kết</a> <img src='i.jpg' onerror=x srcset='javascript:x'>",
        "<a href=\"java\tscript:alert(1)\">xấu</a><iframe srcdoc='<script>'></iframe><svg><animate onbegin=x></svg>",
        "<script>alert(1)</script><form action=/x><button formaction=x>g</button></form></p>"
    );
    let clean = Html::clean(raw, Some(&base));
    let clean = clean.as_str();
    for bad in ["script", "onclick", "onerror", "onmouseover", "style", "iframe", "svg", "form", "srcset"] {
        assert!(!clean.contains(bad), "{bad} in {clean}");
    }
    assert!(
        clean.contains("href=\"https://bao.vn/a\"") && clean.contains("src=\"https://bao.vn/muc/i.jpg\""),
        "{clean}"
    );
    assert!(!Html::clean("<img src=/a.jpg>", None).as_str().contains("src"));
}

#[test]
fn the_first_picture_is_found_and_made_absolute() {
    let base = Url::parse("https://bao.vn/").unwrap();
    let image = first_image("<p>x<img alt=a src='/anh.jpg'><img src=/hai.jpg>", Some(&base));
    assert_eq!(image.unwrap().as_str(), "https://bao.vn/anh.jpg");
    assert!(first_image("<img src='data:image/png;base64,x'>", Some(&base)).is_none());
}

#[test]
fn markup_that_would_grow_into_a_giant_tree_becomes_its_text() {
    let bomb = format!("<p>{}{}", (0..9000).map(|n| format!("<b a={n}>")).collect::<String>(), "<p>chữ".repeat(9000));
    assert!(Html::clean(&bomb, None).as_str().starts_with("<p>chữ</p><p>chữ</p>"));
    let deep = format!("{}chữ", "<div>".repeat(45_000));
    assert_eq!(Html::clean(&deep, None).as_str(), "<p>chữ</p>");
    let honest = "<p>một <b>hai</b> <a href='https://a.vn/'>ba</a><p>bốn".repeat(500);
    assert!(Html::clean(&honest, None).as_str().contains("<b>hai</b>"));
}

#[test]
fn characters_that_xml_forbids_do_not_leave_in_markup() {
    let clean = Html::clean("<p title='a&#1;b'>x&#xFFFE;y&#8;z</p><a href='https://a.vn/&#2;'>l</a>", None);
    assert!(clean.as_str().chars().all(may_leave), "{:?}", clean.as_str());
    assert_eq!(Html::clean("\u{1}\u{7f} x", None).as_str(), "x", "cleaning again changes nothing");
    assert_eq!(Html::stored("<p>x\u{1}y</p>").as_str(), "<p>xy</p>");
}

#[test]
fn endless_and_deep_markup_is_bounded() {
    let deep = "<div>".repeat(200_000);
    assert!(text(&deep).len() <= deep.len());
    let long = "ế".repeat(MAX_MARKUP_BYTES);
    assert!(text(&long).len() <= MAX_MARKUP_BYTES);
}
