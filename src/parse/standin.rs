//! A web page where something else was expected, and which: an error page with status 200, a notice of works, a test for browsers.
//! Named apart, because each wants something else of an admin.
//!
//! A portal's page may speak of any of these in a headline. So the words count in the title and the first heading only, and what
//! an article could be headed with too, or a page of comments could hold, only on a page that says little else.

#[cfg(test)]
mod tests;

use super::ParseError;
use super::repair::Repairs;
use super::xml::{Piece, Scanner};
use crate::text;

/// How much of a page is looked at.
const HEAD_BYTES: usize = 64 << 10;
/// A page with less text than this says one thing only. (Front pages have tens of kilobytes.)
const LITTLE: usize = 2_000;
/// A page without title and heading is its text, up to here.
const SENTENCE: usize = 300;

/// What a web page is that stands where a feed or headlines should.
pub fn of(page: &str) -> ParseError {
    let head = page.get(..page.floor_char_boundary(HEAD_BYTES)).unwrap_or_default();
    if is_challenge(page) {
        return ParseError::Challenge;
    }
    let seen = Seen::of(head);
    let says = |phrases: &[&str]| phrases.iter().any(|p| seen.headings.iter().any(|h| has_words(h, p)));
    if says(&ROBOT) || (seen.text < LITTLE && has_widget(head)) {
        ParseError::Captcha
    } else if says(&MISSING) || seen.headings.iter().any(|h| is_404(h)) {
        ParseError::SoftNotFound
    } else if seen.text < LITTLE && says(&WORKS) {
        ParseError::Maintenance
    } else {
        ParseError::Page
    }
}

/// A few hundred bytes of script that set a cookie and load the page again
/// (`document.cookie="D1N=…";window.location.reload`).
pub fn is_challenge(text: &str) -> bool {
    text.len() < 4096 && text.contains("document.cookie") && text.contains("location")
}

const ROBOT: [&str; 9] = [
    "không phải là robot",
    "không phải robot",
    "không phải người máy",
    "bạn là con người",
    "not a robot",
    "you are human",
    "are you a robot",
    "captcha",
    "attention required",
];
/// What the pages of Google's, hCaptcha's and Cloudflare's tests cannot do without.
const WIDGETS: [&str; 7] = [
    "g-recaptcha",
    "/recaptcha/api",
    "/recaptcha/enterprise",
    "h-captcha",
    "hcaptcha.com",
    "cf-turnstile",
    "challenges.cloudflare.com",
];
const MISSING: [&str; 17] = [
    "not found",
    "không tìm thấy trang",
    "không tìm thấy nội dung",
    "không tìm thấy bài viết",
    "không tìm thấy đường dẫn",
    "không tìm thấy địa chỉ",
    "trang không tồn tại",
    "trang này không tồn tại",
    "trang web không tồn tại",
    "trang bạn tìm không tồn tại",
    "trang bạn tìm kiếm không tồn tại",
    "trang bạn đang tìm không tồn tại",
    "trang bạn yêu cầu không tồn tại",
    "nội dung không tồn tại",
    "bài viết không tồn tại",
    "đường dẫn không tồn tại",
    "page does not exist",
];
const WORKS: [&str; 6] =
    ["bảo trì", "nâng cấp hệ thống", "nâng cấp website", "tạm ngừng hoạt động", "tạm dừng hoạt động", "maintenance"];

fn has_widget(head: &str) -> bool {
    WIDGETS.iter().any(|sign| memchr::memmem::find(head.as_bytes(), sign.as_bytes()).is_some())
}

/// Whether a text has the words of a phrase side by side, however their tones and letters are written.
fn has_words(text: &str, phrase: &str) -> bool {
    format!(" {} ", text::key(text)).contains(&format!(" {} ", text::key(phrase)))
}

/// The number as a name of its own, and not that of a road or a sum.
fn is_404(heading: &str) -> bool {
    let is_alone = heading.split(['|', '-', '–', '—', ':', '·', '»', '!']).any(|part| part.trim() == "404");
    let named = ["lỗi 404", "error 404", "trang 404", "http 404", "404 error", "404 lỗi", "404 page"];
    is_alone || named.iter().any(|name| has_words(heading, name))
}

/// What a reader would see first.
struct Seen {
    /// The title and the first heading; the text of a page that has neither.
    headings: Vec<String>,
    /// Bytes of text that are not in scripts and styles.
    text: usize,
}

impl Seen {
    fn of(head: &str) -> Seen {
        let mut scanner = Scanner::new(head);
        let (mut title, mut heading, mut body) = (String::new(), String::new(), String::new());
        let (mut within, mut unseen) = (None::<&str>, None::<&str>);
        let mut text = 0;
        while let Some(piece) = scanner.next_piece() {
            match piece {
                Piece::Start(tag) if unseen.is_none() => {
                    let is = |names: &[&str]| names.iter().any(|n| tag.name.eq_ignore_ascii_case(n));
                    if is(&["script", "style", "template"]) && !tag.is_empty {
                        unseen = Some(tag.name);
                    } else if is(&["title"]) && title.is_empty() || is(&["h1", "h2", "h3"]) && heading.is_empty() {
                        within = Some(tag.name);
                    }
                }
                Piece::End(name) => {
                    unseen = unseen.filter(|open| !open.eq_ignore_ascii_case(name));
                    within = within.filter(|open| !open.eq_ignore_ascii_case(name));
                }
                Piece::Text(written) | Piece::Cdata(written) if unseen.is_none() => {
                    text += written.trim().len();
                    let into = match within {
                        Some(name) if name.eq_ignore_ascii_case("title") => &mut title,
                        Some(_) => &mut heading,
                        None => &mut body,
                    };
                    if into.len() < SENTENCE {
                        let cut = written.get(..written.floor_char_boundary(SENTENCE)).unwrap_or_default();
                        into.push_str(&scanner.entities.decode(cut, &mut Repairs::default()));
                        into.push(' ');
                    }
                }
                Piece::Start(_) | Piece::Text(_) | Piece::Cdata(_) => {}
            }
        }
        let mut headings = vec![title, heading];
        headings.retain(|h| !h.trim().is_empty());
        if headings.is_empty() && text < SENTENCE {
            headings.push(body);
        }
        Seen { headings, text }
    }
}
