//! Feeds as tests write them.

/// An item of a feed.
#[derive(Clone)]
pub struct Item {
    pub guid: String,
    pub link: String,
    pub title: String,
    pub summary: String,
    pub date: String,
}

impl Item {
    /// An item whose guid and link follow from its name.
    pub fn new(name: &str, title: &str) -> Item {
        Item {
            guid: format!("{name}-guid"),
            link: format!("https://bao.example/{name}.html"),
            title: title.to_owned(),
            summary: format!("Tóm tắt của {title}."),
            date: "Mon, 23 Nov 2026 08:00:00 +0700".to_owned(),
        }
    }

    pub fn summary(mut self, summary: &str) -> Item {
        self.summary = summary.to_owned();
        self
    }

    pub fn link(mut self, link: &str) -> Item {
        self.link = link.to_owned();
        self
    }
}

/// An RSS document.
pub fn rss(items: &[Item]) -> Vec<u8> {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let items: String = items
        .iter()
        .map(|i| {
            format!(
                "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid><description>{}</description>\
                 <pubDate>{}</pubDate></item>",
                escape(&i.title),
                escape(&i.link),
                escape(&i.guid),
                escape(&i.summary),
                i.date
            )
        })
        .collect();
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><rss version=\"2.0\"><channel><title>Báo thử</title>{items}</channel></rss>")
        .into_bytes()
}
