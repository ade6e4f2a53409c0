//! A small newsroom to try everything with: fourteen sample sources served over real HTTP on loopback, in the shapes
//! and with the faults that real ones have, and a configuration that polls them. All texts are samples; no place, body
//! or person in them is meant.

mod feeds;
mod newsroom;
mod pieces;

use std::net::SocketAddr;

pub use newsroom::Newsroom;

use crate::config::{File, FileKind, shipped};

/// A sample source.
struct Desk {
    id: &'static str,
    name: &'static str,
    /// Further lines of its configuration.
    settings: &'static str,
    shape: Shape,
    manner: Manner,
}

/// How a source writes its feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// RSS 2.0 as it should be.
    Rss,
    /// Atom 1.0.
    Atom,
    /// JSON Feed 1.1.
    Json,
    /// RSS without guids, dates as `9/5/2026 1:30:00 PM`.
    MonthFirst,
    /// RSS in UTF-16LE without a byte order mark.
    Utf16,
    /// RSS that says utf-16 and is UTF-8, with `GMT+7` and entities escaped twice.
    SaysUtf16,
    /// RSS with two-digit years and raw `&`.
    Careless,
}

/// How a source's server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Answers.
    Well,
    /// Answers after three seconds.
    Slowly,
    /// Answers sometimes.
    Badly,
}

const DESKS: [Desk; 14] = [
    desk("trung-uong", "Báo Trung ương (mẫu)", "level = \"central\"", Shape::Atom, Manner::Well),
    desk("thong-tan", "Hãng tin Mẫu", "level = \"central\"", Shape::SaysUtf16, Manner::Well),
    desk("lua-vang", "Báo Lúa Vàng (mẫu)", "province = \"hung-yen\"", Shape::Rss, Manner::Well),
    desk(
        "bien-xanh",
        "Báo Biển Xanh (mẫu)",
        "province = \"khanh-hoa\"\ndates = \"month-first\"",
        Shape::MonthFirst,
        Manner::Well,
    ),
    desk("nui-cao", "Báo Núi Cao (mẫu)", "province = \"son-la\"", Shape::Utf16, Manner::Well),
    desk("phuong-nam", "Báo Phương Nam (mẫu)", "province = \"ho-chi-minh\"", Shape::Json, Manner::Well),
    desk("rung-thong", "Báo Rừng Thông (mẫu)", "province = \"lam-dong\"", Shape::Rss, Manner::Well),
    desk(
        "tinh-uy",
        "Cổng tin Đảng bộ tỉnh (mẫu)",
        "province = \"nghe-an\"\norgan = \"party\"",
        Shape::Rss,
        Manner::Well,
    ),
    desk(
        "uy-ban",
        "Cổng tin Uỷ ban tỉnh (mẫu)",
        "province = \"ha-tinh\"\norgan = \"government\"",
        Shape::Careless,
        Manner::Well,
    ),
    desk(
        "mot-xa",
        "Trang tin xã Đồng Xanh (mẫu)",
        "province = \"hung-yen\"\norgan = \"government\"\nlevel = \"commune\"",
        Shape::Rss,
        Manner::Well,
    ),
    desk(
        "song-que",
        "Đài Sông Quê (mẫu)",
        "province = \"can-tho\"\norgan = \"broadcaster\"",
        Shape::Rss,
        Manner::Slowly,
    ),
    desk(
        "chuyen-muc",
        "Chuyên mục Học và làm theo Bác (mẫu)",
        "province = \"quang-ninh\"\ntopics = [\"hoc-tap-va-lam-theo-bac\"]",
        Shape::Rss,
        Manner::Well,
    ),
    desk("truc-trac", "Báo Hay Trục Trặc (mẫu)", "province = \"ca-mau\"", Shape::Rss, Manner::Badly),
    desk("phuong-xa", "Báo Phương Xa (mẫu)", "province = \"dien-bien\"", Shape::Atom, Manner::Well),
];

const fn desk(id: &'static str, name: &'static str, settings: &'static str, shape: Shape, manner: Manner) -> Desk {
    Desk { id, name, settings, shape, manner }
}

/// How many sources there are.
pub const SOURCES: usize = DESKS.len();

/// The files of a configuration that polls the newsroom at `newsroom` and serves readers on `listen`.
pub fn files(newsroom: SocketAddr, listen: SocketAddr) -> Vec<File> {
    let settings = format!(
        "[public]\nbase_url = \"http://{listen}/\"\nlisten = \"{listen}\"\ntitle = \"Dòng tin (xem thử)\"\ntitle_en = \"Dòng tin (demonstration)\"\n\
         [fetch]\ncontact = \"http://{listen}/\"\nallow = [\"{}\"]\ntimeout = \"20s\"\n\
         [manners]\nfloor = \"2s\"\nhost_gap = \"0s\"\nper_host = 16\n\
         [defaults]\nevery = \"3s\"\n",
        newsroom.ip()
    );
    let sources: String = DESKS
        .iter()
        .map(|d| {
            format!(
                "[[source]]\nid = \"{}\"\nname = \"{}\"\nurl = \"http://{newsroom}/{}/rss\"\n{}\n",
                d.id, d.name, d.id, d.settings
            )
        })
        .collect();
    let file = |name: &str, kind, text| File { name: name.to_owned(), kind, text };
    let mut files =
        vec![file("dongtin.toml", FileKind::Settings, settings), file("sources/mau.toml", FileKind::Sources, sources)];
    files.extend(shipped::topics());
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_configuration_is_without_mistake_and_polls_every_desk() {
        let addresses = ["127.0.0.1:9000".parse().unwrap(), "127.0.0.1:8750".parse().unwrap()];
        let config = crate::config::read(&files(addresses[0], addresses[1]), crate::clock::now())
            .unwrap_or_else(|m| panic!("{m:#?}"));
        assert_eq!(config.sources.values().filter(|s| s.enabled).count(), SOURCES);
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    }
}
