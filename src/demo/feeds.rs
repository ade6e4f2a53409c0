//! The sample feeds, in the shapes that real sources send (`docs/sources.md` names one for each).

use chrono::{DateTime, FixedOffset};

use super::{Desk, Shape};
use crate::schedule::{Time, vietnam};

/// A piece as a desk prints it.
pub struct Printed {
    pub number: usize,
    pub title: String,
    pub teaser: String,
    pub at: Time,
}

/// The feed of a desk and its media type.
pub fn write(desk: &Desk, address: &str, items: &[Printed]) -> (Vec<u8>, &'static str) {
    match desk.shape {
        Shape::Json => (json(desk, address, items).into_bytes(), "application/feed+json"),
        Shape::Atom => (atom(desk, address, items).into_bytes(), "application/atom+xml; charset=utf-8"),
        Shape::Utf16 => (rss(desk, address, items).encode_utf16().flat_map(u16::to_le_bytes).collect(), "text/xml"),
        _ => (rss(desk, address, items).into_bytes(), "application/rss+xml"),
    }
}

fn link(desk: &Desk, address: &str, number: usize) -> String {
    format!("http://{address}/{}/bai-viet-{number}.html", desk.id)
}

fn rss(desk: &Desk, address: &str, items: &[Printed]) -> String {
    let declaration = match desk.shape {
        Shape::SaysUtf16 | Shape::Utf16 => "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
        Shape::Careless => "\n",
        _ => "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    };
    let mut out = format!(
        "{declaration}<rss version=\"2.0\"><channel><title>{}</title><link>http://{address}/{}/</link>",
        escape(desk.name),
        desk.id
    );
    out.push_str("<description>Tin mẫu</description><language>vi-vn</language>");
    for item in items {
        let (address, picture) =
            (link(desk, address, item.number), format!("http://{address}/{}/anh-{}.jpg", desk.id, item.number));
        out.push_str(&match desk.shape {
            Shape::MonthFirst => format!(
                "<item><title><![CDATA[{}]]></title><description><![CDATA[(BBX) - {}]]></description><link><![CDATA[{address}]]></link>\
                 <enclosure url=\"{picture}\" length=\"0\" type=\"image/jpeg\"/><pubDate>{}</pubDate></item>",
                item.title,
                item.teaser,
                local(item.at).format("%-m/%-d/%Y %-I:%M:%S %p")
            ),
            Shape::SaysUtf16 => format!(
                "<item><title><![CDATA[{}]]></title><link><![CDATA[{address}]]></link><guid isPermaLink=\"false\"><![CDATA[{:08x}-mau]]></guid>\
                 <description><![CDATA[<a href=\"{address}\"><img src=\"{picture}\"/></a>{}]]></description>\
                 <pubDate><![CDATA[{}]]></pubDate></item>",
                twice_escaped(&item.title),
                item.number,
                item.teaser,
                local(item.at).format("%a, %d %b %Y %H:%M:%S GMT+7")
            ),
            Shape::Careless => format!(
                "<item><title>{}</title><link>{address}?muc=1&trang=2</link><description>{}</description><pubDate>{}</pubDate></item>",
                escape(&item.title),
                escape(&item.teaser),
                local(item.at).format("%a, %d %b %y %H:%M:%S +0700")
            ),
            _ => format!(
                "<item><title>{}</title><link>{address}</link><guid>{address}</guid>\
                 <description><![CDATA[<a href=\"{address}\"><img src=\"{picture}\" alt=\"\"></a></br>{}]]></description><pubDate>{}</pubDate></item>",
                escape(&item.title),
                item.teaser,
                local(item.at).format("%a, %d %b %Y %H:%M:%S +0700")
            ),
        });
    }
    out.push_str("</channel></rss>\n");
    out
}

fn atom(desk: &Desk, address: &str, items: &[Printed]) -> String {
    let updated = items.iter().map(|i| i.at).max().unwrap_or_default().to_rfc3339();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"vi\"><title>{}</title>\
         <id>http://{address}/{}/</id><updated>{updated}</updated>",
        escape(desk.name),
        desk.id
    );
    for item in items {
        let at = local(item.at).to_rfc3339();
        out.push_str(&format!(
            "<entry><title>{}</title><id>tag:mau.example,2026:{}/{}</id><link href=\"{}\"/><published>{at}</published><updated>{at}</updated>\
             <summary>{}</summary></entry>",
            escape(&item.title),
            desk.id,
            item.number,
            link(desk, address, item.number),
            escape(&item.teaser)
        ));
    }
    out.push_str("</feed>\n");
    out
}

fn json(desk: &Desk, address: &str, items: &[Printed]) -> String {
    let items: Vec<serde_json::Value> = items
        .iter()
        .map(|i| {
            let url = link(desk, address, i.number);
            serde_json::json!({ "id": url, "url": url, "title": i.title, "summary": i.teaser, "content_text": i.teaser, "date_published": local(i.at).to_rfc3339() })
        })
        .collect();
    serde_json::json!({ "version": "https://jsonfeed.org/version/1.1", "title": desk.name, "items": items }).to_string()
}

fn local(time: Time) -> DateTime<FixedOffset> {
    time.with_timezone(&vietnam())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Letters as character references inside CDATA, where nobody will decode them: `m&#227;`.
fn twice_escaped(text: &str) -> String {
    text.chars().map(|c| if matches!(c, 'à'..='ý') { format!("&#{};", u32::from(c)) } else { c.to_string() }).collect()
}
