//! The content management systems of Vietnamese party papers and portals, as far as their pages tell them apart (`docs/sources.md`).

use crate::model::Listing;

/// How the pages of one family are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// The name in `cms = "…"`.
    pub name: &'static str,
    /// What its pages have in their markup and others have not.
    signs: &'static [&'static str],
    /// Links to articles; where it is nothing, any link whose address fits.
    link: Option<&'static str>,
    /// The path of an article.
    pattern: &'static str,
    date: Option<&'static str>,
    teaser: Option<&'static str>,
    /// Where the body of an article is.
    pub bodies: &'static [&'static str],
    /// Where its feeds are, as paths.
    pub feeds: &'static [&'static str],
}

/// The families, with a host of each.
pub const FAMILIES: [Family; 10] = [
    // baohatinh.vn, baogialai.com.vn, sggp.org.vn
    Family {
        name: "zce",
        signs: &["zce-content-body", "cms-link"],
        link: Some("a.cms-link[href], article a[href], .story a[href]"),
        pattern: r"-post\d+\.html$",
        date: Some("time[data-time], time[datetime], time, .story__time, .meta-time"),
        teaser: Some(".story__summary, .article__sapo, .summary, .sapo"),
        bodies: &["div.article__body.zce-content-body", "div[data-field=body]"],
        feeds: &["/rss/home.rss", "/rss.html"],
    },
    // hanoimoi.vn, baonghean.vn, baodanang.vn, baohaiphong.vn
    Family {
        name: "b-grid",
        signs: &["b-grid__", "b-maincontent", ".1cdn.vn"],
        link: Some(".b-grid__title a[href], .b-grid__img a[href], h3 a[href]"),
        pattern: r"-\d+\.html$",
        date: Some(".b-grid__time, .sc-longform-header-date, time, .time"),
        teaser: Some(".b-grid__desc, .sc-longform-header-sapo"),
        bodies: &["div.b-maincontent .entry", "div.b-maincontent"],
        feeds: &["/rss"],
    },
    // baocantho.com.vn, baoangiang.com.vn, baodongthap.vn
    Family {
        name: "a-id",
        signs: &["content-fck", "id=\"newscontents\"", "id=\"contentNews\""],
        link: None,
        pattern: r"-a\d+\.html$",
        date: Some(".pubdate, .date, .time, time"),
        teaser: Some(".sapo, .desc, .summary, .news-desc"),
        bodies: &["#newscontents .content-fck", "#newscontents", "#contentNews .singular-content", "#contentNews"],
        feeds: &["/rss"],
    },
    // baodongnai.com.vn, baothainguyen.vn, baodaklak.vn
    Family {
        name: "yyyymm",
        signs: &["td-post-content"],
        link: Some(
            "a.title1[href], a.title2[href], a.title3[href], a.title4[href], a.title5[href], a.h2[href], a.h3[href], a.card-img[href], div.item a[href]",
        ),
        pattern: r"/\d{6}/[^/]+/?$",
        date: Some(".date, .time, time"),
        teaser: Some(".desc, .sapo, .intro"),
        bodies: &[
            "div#content.content-detail .td-post-content",
            "div#content.content-detail",
            "div.article_content #content",
        ],
        feeds: &[],
    },
    // baoquangninh.vn, baohungyen.vn, baocaobang.vn, baolangson.vn
    Family {
        name: "content-detail",
        signs: &["id=\"content-detail\""],
        link: Some("article a[href], h3 a[href], h2 a[href], .card-title a[href], .card-content a[href]"),
        pattern: r"-\d+\.html$",
        date: Some(".card-date, .date, .time, time"),
        teaser: Some(".card-text, .card-description, .sapo"),
        bodies: &["#content-detail"],
        feeds: &["/rss"],
    },
    // baothanhhoa.vn, baophutho.vn
    Family {
        name: "dcontent",
        signs: &["id=\"dcontent\"", "class=\"pTitle\""],
        link: None,
        pattern: r"-\d+\.htm$",
        date: Some(".date, .time, time"),
        teaser: Some(".pHead, .sapo, .desc"),
        bodies: &["#dcontent"],
        feeds: &["/rss"],
    },
    // baochinhphu.vn, mst.gov.vn, bvhttdl.gov.vn
    Family {
        name: "vccorp",
        signs: &["box-stream-link-title", "box-category-link-title", "afcbc-body"],
        link: Some(
            "a.box-stream-link-title[href], a.box-focus-link-title[href], a.box-category-link-title[href], .box-category-item a[href]",
        ),
        pattern: r"-\d{8,18}\.(htm|chn)$",
        date: Some(".time-ago, .box-category-time, .box-stream-time, .time"),
        teaser: Some(".box-category-sapo, .box-stream-sapo, .sapo"),
        bodies: &["div.detail-content[data-role=content]", "div.detail-content.afcbc-body"],
        feeds: &["/rss", "/home.rss", "/rss/home.rss"],
    },
    // baoquocte.vn, thoibaotaichinhvietnam.vn
    Family {
        name: "mastercms",
        signs: &["__MASTERCMS_CONTENT", "__MASTERCMS"],
        link: Some("a.article-title[href], h3.article-title a[href], h2 a[href], h3 a[href]"),
        pattern: r"-\d+\.html$",
        date: Some(".article-date, .article-publish-time, time"),
        teaser: Some(".article-desc"),
        bodies: &[".__MASTERCMS_CONTENT"],
        feeds: &["/rss_feed/"],
    },
    // moh.gov.vn, tapchicongsan.org.vn
    Family {
        name: "liferay",
        signs: &["asset_publisher", "journal-content-article"],
        link: Some("a[href*='/-/'], a[href*='asset_publisher']"),
        pattern: r"/-/|asset_publisher",
        date: Some(".date, .time, .metadata-publish-date"),
        teaser: Some(".asset-summary, .summary"),
        bodies: &[".journal-content-article", ".asset-full-content"],
        feeds: &[],
    },
    // moj.gov.vn, portals of 2019
    Family {
        name: "sharepoint",
        signs: &["ms-rtestate-field", "_layouts/15/"],
        link: Some("a[href*='ItemID='], a[href*='/Pages/']"),
        pattern: r"ItemID=\d+|/Pages/.+\.aspx",
        date: Some(".PostDate, .date, .time"),
        teaser: Some(".mota, .ArticleSummary, .summary"),
        bodies: &[".ArticleContent", ".ms-rtestate-field", "div.news-details div.news-content"],
        feeds: &[],
    },
];

/// A family by its name.
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|f| f.name == name)
}

/// The family that a page is of, by what its markup has.
pub fn recognise(page: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|f| f.signs.iter().any(|sign| page.contains(sign)))
}

/// The names of all families.
pub fn names() -> Vec<&'static str> {
    FAMILIES.iter().map(|f| f.name).collect()
}

/// Where any family puts the body of an article. Each is a name that no other site has, but for the last two families' and those
/// of many words, so they may be tried on every page.
pub fn bodies() -> impl Iterator<Item = &'static str> {
    FAMILIES.iter().filter(|f| f.name != "sharepoint").flat_map(|f| f.bodies.iter().copied())
}

/// A listing with its family's preset in the places that the admin left open.
pub fn with_preset(listing: &Listing) -> Listing {
    let Some(family) = listing.cms.as_deref().and_then(family) else {
        return listing.clone();
    };
    let given = |own: &Option<String>, preset: Option<&str>| own.clone().or_else(|| preset.map(str::to_owned));
    Listing {
        link: given(&listing.link, family.link),
        pattern: given(&listing.pattern, Some(family.pattern)),
        date: given(&listing.date, family.date),
        teaser: given(&listing.teaser, family.teaser),
        ..listing.clone()
    }
}
