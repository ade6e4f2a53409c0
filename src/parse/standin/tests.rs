use super::*;

fn page(title: &str, body: &str) -> String {
    format!("<!DOCTYPE html><html><head><title>{title}</title></head><body>{body}</body></html>")
}

fn class(page: &str) -> &'static str {
    of(page).code()
}

/// F-H04, F-H05: what Vietnamese servers answer with status 200 where a feed was; the texts are ours.
#[test]
fn f_h04_each_page_that_stands_in_for_a_feed_has_its_class() {
    let portal = "<p>Tin của một trang nhất đầy đủ, có rất nhiều chữ.</p>".repeat(100);
    let cases = [
        (
            "challenge-js",
            "<html><script>document.cookie=\"D1N=1\";window.location.reload(true)</script></html>".to_owned(),
        ),
        ("captcha", page("Báo", "<form><div class=\"g-recaptcha\" data-sitekey=x></div></form>")),
        ("captcha", page("Báo", "<script src='https://www.google.com/recaptcha/api.js'></script>")),
        (
            "captcha",
            page("Báo", "<div class='h-captcha'></div><script src='https://js.hcaptcha.com/1/api.js'></script>"),
        ),
        ("captcha", page("Báo", "<script src='https://challenges.cloudflare.com/turnstile/v0/api.js'></script>")),
        ("captcha", page("Báo", "<h1>Vui lòng xác minh bạn không phải là robot</h1>")),
        ("captcha", page("Xác minh bạn không phải robot", &portal)),
        ("captcha", page("Attention Required! | Cloudflare", &portal)),
        ("soft-404", page("404", "")),
        ("soft-404", page("404 Not Found", "<center><h1>404 Not Found</h1></center>")),
        ("soft-404", page("Báo mẫu", &format!("<h1>Lỗi 404</h1>{portal}"))),
        ("soft-404", page("404 | Báo mẫu", &portal)),
        ("soft-404", page("Không tìm thấy trang - Báo mẫu", &portal)),
        ("soft-404", page("Kh&#244;ng t&#236;m th&#7845;y trang", "")),
        ("soft-404", page("Báo mẫu", "<h2>Trang bạn tìm kiếm không tồn tại</h2>")),
        ("soft-404", page("KHÔNG TÌM THẤY NỘI DUNG", "")),
        ("maintenance", page("Báo mẫu", "<h1>Hệ thống đang bảo trì</h1><p>Mời quay lại sau.</p>")),
        ("maintenance", page("Site under maintenance", "")),
        ("maintenance", page("Thông báo nâng cấp hệ thống", "")),
        ("maintenance", "<html><body>Trang tạm ngừng hoạt động</body></html>".to_owned()),
    ];
    for (expected, page) in cases {
        assert_eq!(class(&page), expected, "{page:.300}");
    }
}

#[test]
fn a_page_that_only_speaks_of_it_is_a_page() {
    let portal = "<p>Tin của một trang nhất đầy đủ, có rất nhiều chữ.</p>".repeat(100);
    for page in [
        page("Báo mẫu", &format!("<h1>Báo mẫu</h1><h2>Trang web giả mạo báo lỗi 404 Not Found</h2>{portal}")),
        page("Bảo trì cầu Long Biên trong ba tháng", &portal),
        page("404 tỷ đồng cho giao thông", &portal),
        page("Xe rơi xuống vực trên Quốc lộ 404", ""),
        page("Báo mẫu", &format!("{portal}<form><div class=g-recaptcha></div></form>")),
        page("Báo mẫu", "<script>var lines = ['bảo trì', '404', 'not found'];</script><p>Trang chủ.</p>"),
        page("Báo mẫu", &format!("{portal}<h1>404</h1>").replace("<p>", &format!("<p>{}", "x".repeat(700)))),
    ] {
        assert_eq!(class(&page), "html-page", "{page:.300}");
    }
}

#[test]
fn a_page_is_looked_at_no_further_than_64_kib() {
    let endless = "<b>".repeat(1_000_000) + "<h1>404</h1>";
    assert_eq!(class(&endless), "html-page");
    for opened in ["<title>", "<h1>", "<script>", "<!-- ", "<a b='"] {
        assert_eq!(class(&opened.repeat(100_000)), "html-page", "{opened}");
    }
}
