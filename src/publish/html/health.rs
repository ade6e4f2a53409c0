//! How a source is, in words and with a sign: never by colour alone.

use super::given::{Condition, SourceHealth};
use super::say::{level, moment, name, organ, stories};
use crate::publish::Lang;

/// A source as pages show it.
pub struct Health<'a> {
    pub name: &'a str,
    pub site: &'a str,
    /// "Báo chí, Tỉnh, thành phố".
    pub kind: String,
    pub count: String,
    pub mark: Mark,
    /// For the style sheet.
    pub class: &'static str,
    /// What the sign says: "Tốt".
    pub word: &'static str,
    /// The whole: "Lỗi từ 08:30 23/11/2026: máy chủ không trả lời".
    pub says: String,
    /// When its newest item was published, for people and for programs.
    pub newest: Option<(String, String)>,
    /// When it was last read.
    pub ok: Option<(String, String)>,
}

/// The sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Well,
    New,
    Slow,
    Failing,
}

/// The words around it in one language.
pub struct Told {
    pub newest: &'static str,
    pub read: &'static str,
    pub about: &'static str,
    pub none: &'static str,
}

const VI: Told = Told {
    newest: "tin mới nhất",
    read: "đọc được lúc",
    about: "“Tốt” là đọc được và có tin đều; “chậm” là đọc được nhưng lâu chưa có tin mới; “lỗi” là chưa đọc được, và sẽ được thử lại.",
    none: "Chưa có nguồn nào được bật trong cấu hình.",
};

const EN: Told = Told {
    newest: "newest item",
    read: "read at",
    about: "“Well” is read and has news as usual; “slow” is read and has had no news for long; “failing” cannot be read now, and will be tried again.",
    none: "No source is enabled in the configuration.",
};

impl Told {
    pub fn of(lang: Lang) -> &'static Told {
        match lang {
            Lang::Vi => &VI,
            Lang::En => &EN,
        }
    }
}

/// A source as pages show it.
pub fn health<'a>(source: &SourceHealth<'a>, lang: Lang) -> Health<'a> {
    let who = source.publisher;
    let (mark, class, word) = match source.condition {
        Condition::Well => (Mark::Well, "well", name(lang, "Tốt", "Well")),
        Condition::New => (Mark::New, "new", name(lang, "Chưa đọc", "Not read yet")),
        Condition::Slow => (Mark::Slow, "slow", name(lang, "Chậm", "Slow")),
        Condition::Failing { .. } => (Mark::Failing, "failing", name(lang, "Lỗi", "Failing")),
    };
    let says = match &source.condition {
        Condition::Failing { since, class } => {
            let since = since.map(|time| format!(" {} {}", name(lang, "từ", "since"), moment(time).0));
            format!("{word}{}: {}", since.unwrap_or_default(), why(class, lang))
        }
        Condition::Slow => name(lang, "Chậm: lâu chưa có tin mới", "Slow: no news for long").to_owned(),
        Condition::Well | Condition::New => word.to_owned(),
    };
    Health {
        name: &who.name,
        site: who.site.as_str(),
        kind: format!("{} · {}", organ(who.organ, lang), level(who.level, lang)),
        count: stories(source.count, lang),
        mark,
        class,
        word,
        says,
        newest: source.newest_at.map(moment),
        ok: source.ok_at.map(moment),
    }
}

/// The class of a failure in words that do not need a network engineer. What is not known here is told as it is.
fn why(class: &str, lang: Lang) -> String {
    let (vi, en) = match class {
        "dns" | "dns-nxdomain" | "dns-servfail" | "dns-timeout" => {
            ("không tìm thấy tên miền", "its name cannot be found")
        }
        "connect" | "connect-timeout" | "reset" | "protocol" => ("không kết nối được", "no connection"),
        "header-timeout" | "read-timeout" | "slow" | "truncated" => {
            ("trả lời quá chậm hoặc dở dang", "it answers too slowly or in part")
        }
        "too-large" | "header-too-large" => ("trả lời quá lớn", "its answer is too large"),
        "redirect-bad" | "redirect-loop" | "redirect-too-many" | "redirect-downgrade" => {
            ("chuyển hướng sai", "it redirects to nowhere")
        }
        "robots" | "robots-unreachable" => ("robots.txt không cho đọc", "its robots.txt forbids reading"),
        "auth" | "forbidden" | "legal" | "denied" | "challenge" => ("từ chối cho đọc", "it refuses to be read"),
        "not-found" | "gone" => ("địa chỉ không còn", "its address is gone"),
        "throttled" | "unavailable" | "host-pause" => ("máy chủ xin tạm nghỉ", "its server asks for a pause"),
        "server" => ("máy chủ báo lỗi", "its server is in trouble"),
        "local-resource" | "refused-address" => ("chưa hỏi được từ máy này", "it could not be asked from here"),
        "drift" => ("trang đã đổi cách trình bày", "its page has changed its look"),
        _ if class.starts_with("tls") => ("chứng thư bảo mật có lỗi", "its certificate is wrong"),
        _ => ("trả lời không phải dòng tin đọc được", "its answer is not a feed"),
    };
    name(lang, vi, en).to_owned()
}
