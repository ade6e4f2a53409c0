//! The content management systems of Vietnamese party papers and portals, as far as their pages tell them apart.

/// Where the families put the body of an article (`docs/sources.md`); each is a name that no other site has, so they are tried on
/// every page.
pub const BODIES: [&str; 13] = [
    // A, "zce"
    "div.article__body.zce-content-body",
    "div[data-field=body]",
    // B, "b-grid"
    "div.b-maincontent .entry",
    "div.b-maincontent",
    // C, "-a<id>"
    "#newscontents .content-fck",
    "#newscontents",
    "#contentNews .singular-content",
    "#contentNews",
    // E
    "#content-detail",
    // F
    "#dcontent",
    // VCCorp
    "div.detail-content[data-role=content]",
    // MasterCMS
    ".__MASTERCMS_CONTENT",
    // Liferay
    ".journal-content-article",
];
