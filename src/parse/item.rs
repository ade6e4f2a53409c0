//! Entry → item: what a feed said becomes bounded display text.

use url::Url;

use crate::html::{self, Html};
use crate::link;
use crate::model::item::{
    MAX_BODY_CHARS, MAX_CATEGORIES, MAX_CATEGORY_CHARS, MAX_ENCLOSURES, MAX_SUMMARY_CHARS, MAX_TITLE_CHARS,
};
use crate::model::{Enclosure, Item, Publish};
use crate::parse::article::Article;
use crate::parse::{Entry, IdSource, date};
use crate::schedule::Time;
use crate::text;

/// A description longer than this is the article, not a teaser: it is kept for matching and not published unless the
/// source says so. The longest of 48,387 real teasers has 303 characters; agencies' leads reach 600.
const LONGEST_TEASER: usize = 700;
/// How much of an article stands in for a missing teaser.
const OPENING: usize = 320;

/// The item of an entry, or nothing where there is nothing to show a reader. An entry of a sitemap may be an address alone: its item has
/// no title until its page was read.
pub fn item(entry: &Entry, publish: Publish, now: Time) -> Option<Item> {
    let teaser =
        entry.summary.as_deref().map(|s| text::paragraphs(&html::teaser_text(s), MAX_BODY_CHARS)).unwrap_or_default();
    let article =
        entry.content.as_deref().map(|c| text::paragraphs(&html::text_of_field(c), MAX_BODY_CHARS)).unwrap_or_default();
    let (mut summary, mut body) = (unescaped(teaser), article);
    let mut markup = entry.content.as_deref();
    if summary.chars().count() > LONGEST_TEASER {
        if body.is_empty() {
            markup = entry.summary.as_deref();
            body.clone_from(&summary);
        }
        summary = text::line(&summary, OPENING);
    } else if summary.is_empty() && !body.is_empty() {
        summary = text::line(&body, OPENING);
    }
    let title = match &entry.title {
        Some(title) => title.clone(),
        // A note without a headline is known by how it begins.
        None => text::line(&summary, MAX_TITLE_CHARS.min(100)),
    };
    if title.is_empty() && (entry.link.is_none() || entry.id_source != IdSource::Link) {
        return None;
    }
    Some(Item {
        title,
        link: entry.link.clone().map(link::without_tracking),
        summary: text::paragraphs(&summary, MAX_SUMMARY_CHARS),
        html: markup.filter(|_| publish == Publish::Full).map(|m| Html::clean(m, entry.link.as_ref())),
        body,
        author: entry.authors.iter().find_map(|a| a.name.clone()),
        categories: entry.tags.iter().take(MAX_CATEGORIES).map(|t| text::line(t, MAX_CATEGORY_CHARS)).collect(),
        image: entry.image.clone(),
        enclosures: enclosures(entry),
        published: entry.published.or(entry.updated).and_then(|t| date::plausible(t, now)),
    })
}

/// The longest media type: two names of at most 127 characters (RFC 6838 section 4.2).
const MAX_MEDIA_TYPE: usize = 255;

/// The files of an entry, without the lead picture, which papers attach too.
fn enclosures(entry: &Entry) -> Vec<Enclosure> {
    let files = entry.enclosures.iter().filter(|file| {
        matches!(file.url.scheme(), "http" | "https") && entry.image.as_ref().is_none_or(|image| *image != file.url)
    });
    let file = |file: &Enclosure| Enclosure {
        url: file.url.clone(),
        media_type: file.media_type.as_deref().and_then(media_type),
        length: file.length.filter(|length| *length > 0),
    };
    files.map(file).take(MAX_ENCLOSURES).collect()
}

/// A media type without its parameters, where what is declared is one.
fn media_type(declared: &str) -> Option<String> {
    let media = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_name = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    let is_media_type = media.len() <= MAX_MEDIA_TYPE
        && media.split_once('/').is_some_and(|(kind, name)| is_name(kind) && is_name(name));
    is_media_type.then_some(media)
}

/// Whether an article that was found at an address is the item's. Many servers answer for a page that is gone with their front page, or
/// with another article.
pub fn is_about(item: &Item, found_at: &Url, article: &Article) -> bool {
    let number = item.link.as_ref().and_then(link::article_number);
    let is_number = |url: &Url| match (&number, link::article_number(url)) {
        (Some(ours), Some(theirs)) => *ours == theirs,
        _ => true,
    };
    let is_front_page = |url: &Url| url.path() == "/" && url.query().is_none();
    let title_agrees = || match &article.metadata.title {
        Some(title) if !item.title.is_empty() => text::headlines_agree(&item.title, title),
        _ => true,
    };
    !is_front_page(found_at)
        && is_number(found_at)
        && article.metadata.canonical.as_ref().is_none_or(|c| !is_front_page(c) && is_number(c))
        && title_agrees()
}

/// Adds to an item what its page says and its feed did not.
pub fn complete(item: &mut Item, article: &Article, publish: Publish, now: Time) {
    if item.title.is_empty() {
        item.title = article.metadata.title.clone().unwrap_or_default();
    }
    item.body = text::paragraphs(&article.text, MAX_BODY_CHARS);
    if item.summary.is_empty() {
        let teaser = article.metadata.excerpt.clone().filter(|e| *e != item.title);
        item.summary = teaser.unwrap_or_else(|| text::line(&article.text, OPENING));
    }
    item.author = item.author.take().or_else(|| article.metadata.byline.clone());
    item.image = item.image.take().or_else(|| article.metadata.image.clone());
    item.published = item.published.or_else(|| article.metadata.published.and_then(|t| date::plausible(t, now)));
    if publish == Publish::Full && item.html.is_none() {
        item.html = Some(article.html.clone());
    }
}

/// Portals that escape twice leave entities in the text (`m&#227;`).
fn unescaped(text: String) -> String {
    if text.contains('&') { text::paragraphs(&html::text_of_field(&text), MAX_BODY_CHARS) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeDelta, TimeZone, Utc};

    fn now() -> Time {
        Utc.with_ymd_and_hms(2026, 11, 23, 5, 0, 0).unwrap()
    }

    fn entry(title: Option<&str>, summary: &str, content: Option<&str>) -> Entry {
        Entry {
            title: title.map(str::to_owned),
            summary: Some(summary.into()),
            content: content.map(str::to_owned),
            ..Entry::default()
        }
    }

    #[test]
    fn a_teaser_is_text_and_an_article_is_kept_for_matching_only() {
        let teaser = "<a href='x'><img src='i.jpg'></a><br/>Sáng 23/11, m&#227; <b>đẹp</b>.";
        let item = item(&entry(Some("Một"), teaser, Some("<p>Cả bài.</p>")), Publish::Teaser, now()).unwrap();
        assert_eq!((item.summary.as_str(), item.body.as_str(), item.html), ("Sáng 23/11, mã đẹp.", "Cả bài.", None));
    }

    #[test]
    fn a_whole_article_in_the_description_is_not_republished_as_a_teaser() {
        let long = "Một câu dài vừa phải để đếm. ".repeat(60);
        let taken = |publish| item(&entry(Some("Một"), &long, None), publish, now()).unwrap();
        assert!(taken(Publish::Teaser).summary.chars().count() <= OPENING + 1);
        assert!(taken(Publish::Teaser).body.len() > 1000);
        assert!(taken(Publish::Full).html.is_some_and(|h| h.as_str().len() > 1000));
    }

    #[test]
    fn what_is_missing_is_made_of_what_there_is() {
        let no_title = item(&entry(None, "Thông báo ngắn", None), Publish::Teaser, now()).unwrap();
        assert_eq!(no_title.title, "Thông báo ngắn");
        assert!(item(&entry(None, " ", None), Publish::Teaser, now()).is_none());
        let no_teaser =
            item(&entry(Some("Một"), "", Some("<p>Đoạn đầu.</p><p>Đoạn hai.</p>")), Publish::Teaser, now()).unwrap();
        assert_eq!(no_teaser.summary, "Đoạn đầu. Đoạn hai.");
    }

    #[test]
    fn its_link_tracks_nobody() {
        let link = Url::parse("https://bao.vn/a?id=1&utm_source=rss").ok();
        let tracked = Entry { link, ..entry(Some("Một"), "", None) };
        assert_eq!(item(&tracked, Publish::Teaser, now()).unwrap().link.unwrap().as_str(), "https://bao.vn/a?id=1");
    }

    #[test]
    fn its_files_are_kept_as_links_without_the_picture_and_without_what_is_no_media_type() {
        let file = |url: &str, media: Option<&str>, length| Enclosure {
            url: Url::parse(url).unwrap(),
            media_type: media.map(str::to_owned),
            length,
        };
        let image = Url::parse("https://bao.vn/anh.jpg").ok();
        let attached = vec![
            file("https://bao.vn/anh.jpg", Some("image/jpeg"), Some(9)),
            file("https://bao.vn/05-ct-tw.pdf", Some("Application/PDF; charset=x"), Some(120_000)),
            file("javascript:alert(1)", Some("text/html"), None),
            file("https://bao.vn/tieng.mp3", Some("\"><script>"), Some(0)),
        ];
        let many = (0..20).map(|n| file(&format!("https://bao.vn/{n}.pdf"), None, None));
        let enclosures = attached.into_iter().chain(many).collect();
        let taken = Entry { image, enclosures, ..entry(Some("Một"), "", None) };
        let kept = item(&taken, Publish::Teaser, now()).unwrap().enclosures;
        assert_eq!(kept.len(), MAX_ENCLOSURES);
        assert_eq!(
            kept[..2],
            [
                file("https://bao.vn/05-ct-tw.pdf", Some("application/pdf"), Some(120_000)),
                file("https://bao.vn/tieng.mp3", None, None)
            ]
        );
    }

    #[test]
    fn a_date_in_the_future_is_left_out() {
        let mut dated = entry(Some("Một"), "", None);
        dated.published = Some(now() + TimeDelta::days(30));
        assert_eq!(item(&dated, Publish::Teaser, now()).unwrap().published, None);
        dated.published = None;
        dated.updated = Some(now() - TimeDelta::days(1));
        assert_eq!(item(&dated, Publish::Teaser, now()).unwrap().published, dated.updated);
    }
}
