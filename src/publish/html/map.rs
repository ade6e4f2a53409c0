//! The tile map: one tile a province, of equal size and where it lies, so that a small province with many stories is seen.

use chrono::NaiveDate;

use super::figures::{Figures, SHADES, least, shade};
use super::say::{date, grouped, name, short, stories};
use crate::model::{Province, province};
use crate::publish::Lang;

/// Where each province stands: id, column from the west, row from the north, and its name as it fits into a tile.
pub const LAYOUT: [(&str, u32, u32, &str); 34] = [
    ("lai-chau", 0, 0, "Lai Châu"),
    ("lao-cai", 1, 0, "Lào Cai"),
    ("tuyen-quang", 2, 0, "T.Quang"),
    ("cao-bang", 3, 0, "C.Bằng"),
    ("dien-bien", 0, 1, "Đ.Biên"),
    ("son-la", 1, 1, "Sơn La"),
    ("phu-tho", 2, 1, "Phú Thọ"),
    ("thai-nguyen", 3, 1, "T.Nguyên"),
    ("lang-son", 4, 1, "L.Sơn"),
    ("ha-noi", 2, 2, "Hà Nội"),
    ("bac-ninh", 3, 2, "B.Ninh"),
    ("quang-ninh", 4, 2, "Q.Ninh"),
    ("ninh-binh", 2, 3, "N.Bình"),
    ("hung-yen", 3, 3, "H.Yên"),
    ("hai-phong", 4, 3, "H.Phòng"),
    ("thanh-hoa", 2, 4, "T.Hoá"),
    ("nghe-an", 2, 5, "Nghệ An"),
    ("ha-tinh", 2, 6, "Hà Tĩnh"),
    ("quang-tri", 3, 7, "Q.Trị"),
    ("hue", 3, 8, "Huế"),
    ("da-nang", 4, 9, "Đ.Nẵng"),
    ("quang-ngai", 4, 10, "Q.Ngãi"),
    ("gia-lai", 4, 11, "Gia Lai"),
    ("dak-lak", 4, 12, "Đắk Lắk"),
    ("khanh-hoa", 5, 13, "K.Hoà"),
    ("lam-dong", 4, 13, "L.Đồng"),
    ("dong-nai", 3, 13, "Đ.Nai"),
    ("tay-ninh", 2, 13, "T.Ninh"),
    ("ho-chi-minh", 3, 14, "TP.HCM"),
    ("dong-thap", 2, 14, "Đ.Tháp"),
    ("an-giang", 1, 14, "A.Giang"),
    ("vinh-long", 2, 15, "V.Long"),
    ("can-tho", 1, 15, "C.Thơ"),
    ("ca-mau", 1, 16, "Cà Mau"),
];

/// The archipelagos, which belong to provinces: name, the province, and where they are drawn.
pub const ISLANDS: [(&str, &str, u32, u32); 2] =
    [("Hoàng Sa", "da-nang", 294, 262), ("Trường Sa", "khanh-hoa", 294, 478)];

/// The distance from one tile to the next, and its size, in pixels of the drawing.
const PITCH: (u32, u32) = (54, 32);
const TILE: (u32, u32) = (51, 29);
/// The whole drawing. On the narrowest telephones it is shown at its size.
const SIZE: (u32, u32) = (350, 546);

/// The map as a page draws it.
pub struct Map {
    pub size: (u32, u32),
    pub title: String,
    pub summary: String,
    pub tiles: Vec<Tile>,
    pub central: Option<Tile>,
    pub islands: Vec<Island>,
    pub legend: Vec<Step>,
    /// Places with their counts, the most first.
    pub table: Vec<Line>,
}

/// A place on the map.
pub struct Tile {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
    pub label: &'static str,
    /// What is told of it: "Nghệ An: 12 tin".
    pub title: String,
    pub count: String,
    pub shade: usize,
    /// Its page below the root.
    pub path: Option<String>,
}

/// An archipelago.
pub struct Island {
    pub name: &'static str,
    /// Whose it is.
    pub of: &'static str,
    pub x: u32,
    pub y: u32,
}

/// A shade and what it says.
pub struct Step {
    pub shade: usize,
    pub y: u32,
    pub says: String,
}

/// A line of the table: a place and its stories.
pub struct Line {
    pub name: &'static str,
    pub count: String,
    pub path: Option<String>,
}

/// Draws the map.
pub fn map(figures: &Figures, lang: Lang) -> Map {
    let most = figures.places.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let total: u32 = figures.places.iter().map(|(_, count)| *count).fold(0, u32::saturating_add);
    let mut tiles: Vec<Tile> = LAYOUT.iter().filter_map(|place| tile(figures, *place, most, lang)).collect();
    // The order in which a keyboard or a reader of the source goes: from the north-west to the south.
    tiles.sort_by_key(|tile| (tile.y, tile.x));
    Map {
        size: SIZE,
        title: name(lang, "Tin theo địa phương", "Stories by place").to_owned(),
        summary: summary(figures, total, lang),
        tiles,
        central: figures
            .places
            .iter()
            .find(|(place, _)| place.is_none())
            .map(|(_, count)| central(figures, *count, most, lang)),
        islands: ISLANDS
            .iter()
            .map(|(name, id, x, y)| Island { name, of: province::find(id).map_or("", |p| p.name), x: *x, y: *y })
            .collect(),
        legend: legend(most, lang),
        table: table(figures, lang),
    }
}

fn summary(figures: &Figures, total: u32, lang: Lang) -> String {
    let with = figures.places.iter().filter(|(place, count)| place.is_some() && *count > 0).count();
    let span = span(figures.since, figures.until, lang);
    match lang {
        Lang::Vi => format!("{} {span}, từ {with}\u{a0}trong 34\u{a0}tỉnh, thành phố.", stories(total, lang)),
        Lang::En => format!("{} {span}, from {with} of the 34\u{a0}provinces and cities.", stories(total, lang)),
    }
}

/// "từ 25/10/2026 đến 23/11/2026".
pub fn span(since: NaiveDate, until: NaiveDate, lang: Lang) -> String {
    let (from, to) = (date(since, lang), date(until, lang));
    match lang {
        Lang::Vi => format!("từ {from} đến {to}"),
        Lang::En => format!("from {from} to {to}"),
    }
}

fn tile(
    figures: &Figures,
    (id, column, row, label): (&str, u32, u32, &'static str),
    most: u32,
    lang: Lang,
) -> Option<Tile> {
    let province = province::find(id)?;
    let known = figures.places.iter().find(|(place, _)| *place == Some(province));
    let count = known.map_or(0, |(_, count)| *count);
    Some(Tile {
        x: column * PITCH.0,
        y: row * PITCH.1,
        width: TILE.0,
        height: TILE.1,
        label,
        title: format!("{}: {}", province.name, stories(count, lang)),
        count: short(count),
        shade: shade(count, most),
        path: known.map(|_| path(figures, province)),
    })
}

/// The page of a province within the channel.
fn path(figures: &Figures, province: &Province) -> String {
    format!("{}/{}/", figures.base, province.id)
}

/// Central bodies are nowhere, and stand beside the map.
fn central(figures: &Figures, count: u32, most: u32, lang: Lang) -> Tile {
    Tile {
        x: SIZE.0 - 76,
        y: 0,
        width: 76,
        height: TILE.1,
        label: name(lang, "Trung ương", "Central"),
        title: format!("{}: {}", name(lang, "Cơ quan trung ương", "Central bodies"), stories(count, lang)),
        count: short(count),
        shade: shade(count, most),
        path: figures.central.clone(),
    }
}

/// What each shade says that occurs.
fn legend(most: u32, lang: Lang) -> Vec<Step> {
    let steps = (0..SHADES).filter(|&shade| least(shade, most) <= most);
    let says = |shade: usize| {
        let (from, to) = (least(shade, most), least(shade + 1, most).saturating_sub(1).min(most));
        let to = if shade + 1 == SHADES { most } else { to };
        if from == to { grouped(from, lang) } else { format!("{}–{}", grouped(from, lang), grouped(to, lang)) }
    };
    (0..).zip(steps).map(|(index, shade)| Step { shade, y: 278 + 20 * index, says: says(shade) }).collect()
}

fn table(figures: &Figures, lang: Lang) -> Vec<Line> {
    let mut places: Vec<_> = figures.places.iter().filter(|(_, count)| *count > 0).collect();
    places.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    places
        .into_iter()
        .map(|(place, count)| Line {
            name: place.map_or(name(lang, "Trung ương", "Central bodies"), |province| province.name),
            count: grouped(*count, lang),
            path: place.map_or_else(|| figures.central.clone(), |province| Some(path(figures, province))),
        })
        .collect()
}
