//! News sitemaps: `<url>` with an address, and where the site is kind a headline and a date
//! (<https://www.sitemaps.org/protocol.html>, Google's news and image extensions).

use super::xml::{Piece, Scanner};
use super::{Context, Entry, IdSource, MAX_ENTRIES, date, draft};
use crate::link;

/// Whether a document is a sitemap.
pub fn is_sitemap(text: &str) -> bool {
    let head = text.get(..text.floor_char_boundary(2048)).unwrap_or_default();
    head.contains("<urlset") || head.contains("<sitemapindex")
}

/// Its entries, in its order. An index has none: it is configured by the address of its part.
pub fn read(document: &str, context: &Context<'_>) -> Vec<Entry> {
    let mut scanner = Scanner::new(document);
    let mut entries = Vec::new();
    let mut entry: Option<Entry> = None;
    let mut field = String::new();
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Start(tag) if tag.name == "url" => entry = Some(Entry::default()),
            Piece::Start(_) => field.clear(),
            Piece::Text(text) if field.len() < 4096 => {
                field.push_str(&scanner.entities.decode(text, &mut scanner.repairs));
            }
            Piece::Cdata(text) if field.len() < 4096 => field.push_str(text),
            Piece::Text(_) | Piece::Cdata(_) => {}
            Piece::End("url") => {
                entries.extend(entry.take().filter(|e| e.link.is_some()));
                if entries.len() >= MAX_ENTRIES {
                    break;
                }
            }
            Piece::End(name) => {
                if let Some(entry) = &mut entry {
                    fill(entry, name, &field, context);
                }
                field.clear();
            }
        }
    }
    entries
}

fn fill(entry: &mut Entry, name: &str, field: &str, context: &Context<'_>) {
    let time = |raw: &str| date::parse(raw, context.style());
    match name {
        // Some pad it with spaces (baodautu.vn).
        "loc" => {
            entry.link = link::absolute(context.base, field);
            entry.id = entry.link.as_ref().map(ToString::to_string).unwrap_or_default();
            entry.id_source = IdSource::Link;
        }
        "news:title" => entry.title = draft::one_line(field),
        "image:title" | "image:caption" if entry.title.is_none() => entry.title = draft::one_line(field),
        "image:loc" => entry.image = link::absolute(context.base, field),
        "news:publication_date" => {
            entry.published = time(field);
            entry.published_raw = draft::words(field);
        }
        // The time of an edit on some sites, of publication on others; never better than a publication date.
        "lastmod" if entry.published.is_none() => {
            entry.updated = time(field);
            entry.updated_raw = draft::words(field);
        }
        "news:keywords" => entry.tags = field.split(',').filter_map(draft::one_line).take(32).collect(),
        _ => {}
    }
}
