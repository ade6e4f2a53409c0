//! The names of everything that had to be mended. The mending itself happens while reading; a name is kept because a source
//! that needs repairing every day should be told.

/// Something that had to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Repair {
    /// White space, a blank line, a PHP notice before the document.
    LeadingJunk,
    /// Something after the end of the root element.
    TrailingJunk,
    /// Entries without a feed around them: the beginning is missing.
    MissingRoot,
    /// The bytes are in another encoding than declared, and not in UTF-8 either.
    WrongEncoding,
    /// Bytes that are not text in the document's encoding.
    InvalidBytes,
    /// UTF-8 that was encoded as UTF-8 once more ("Äá»“ng").
    DoubleEncoding,
    /// Letters of a TCVN3 ("ABC") font, by their places in Latin-1.
    Tcvn3,
    /// Letters of a VNI font, by their places in Latin-1.
    Vni,
    /// Characters that XML forbids.
    IllegalCharacters,
    /// `&` that begins no entity.
    BareAmpersand,
    /// An entity that nothing declares (`&nbsp;` in XML).
    UndeclaredEntity,
    /// `<` that begins no tag.
    StrayLessThan,
    /// An attribute without quotes, or with only the first.
    BadAttribute,
    /// A tag without its `>`.
    UnterminatedTag,
    /// A CDATA section or a comment that does not end.
    UnterminatedSection,
    /// End tags that are missing or do not match.
    MismatchedTags,
    /// Element names in another case than the format's.
    LetterCase,
    /// A prefix that no namespace declaration explains.
    UndeclaredPrefix,
    /// `<rss>` without a version, or with one that never was.
    RssVersion,
    /// Markup in an RSS text that is not escaped.
    UnescapedMarkup,
    /// Elements nested deeper than any feed's; the rest was not read.
    TooDeep,
    /// More entries, or longer fields, than any feed has; the rest was not read.
    TooLong,
    /// JSON with a type or a version that JSON Feed does not have.
    JsonShape,
    /// The document stops in the middle; what came whole before that was kept.
    Truncated,
}

/// Every repair and its name in `inspect`, in the log and in the database.
const NAMES: [(Repair, &str); 24] = [
    (Repair::LeadingJunk, "leading-junk"),
    (Repair::TrailingJunk, "trailing-junk"),
    (Repair::MissingRoot, "missing-root"),
    (Repair::WrongEncoding, "wrong-encoding"),
    (Repair::InvalidBytes, "invalid-bytes"),
    (Repair::DoubleEncoding, "double-encoding"),
    (Repair::Tcvn3, "tcvn3"),
    (Repair::Vni, "vni"),
    (Repair::IllegalCharacters, "illegal-characters"),
    (Repair::BareAmpersand, "bare-ampersand"),
    (Repair::UndeclaredEntity, "undeclared-entity"),
    (Repair::StrayLessThan, "stray-less-than"),
    (Repair::BadAttribute, "bad-attribute"),
    (Repair::UnterminatedTag, "unterminated-tag"),
    (Repair::UnterminatedSection, "unterminated-section"),
    (Repair::MismatchedTags, "mismatched-tags"),
    (Repair::LetterCase, "letter-case"),
    (Repair::UndeclaredPrefix, "undeclared-prefix"),
    (Repair::RssVersion, "rss-version"),
    (Repair::UnescapedMarkup, "unescaped-markup"),
    (Repair::TooDeep, "too-deep"),
    (Repair::TooLong, "too-long"),
    (Repair::JsonShape, "json-shape"),
    (Repair::Truncated, "truncated"),
];

impl Repair {
    /// The name in `inspect` and in the log.
    pub fn as_str(self) -> &'static str {
        NAMES.iter().find(|(r, _)| *r == self).map_or("", |(_, name)| name)
    }
}

/// A set of repairs; filled while reading, listed in the order of [`Repair`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repairs(u32);

impl Repairs {
    /// Adds one.
    pub fn note(&mut self, repair: Repair) {
        self.0 |= 1 << repair as u32;
    }

    /// Adds all of others.
    pub fn join(&mut self, others: Repairs) {
        self.0 |= others.0;
    }

    /// Whether it is there.
    pub fn has(self, repair: Repair) -> bool {
        self.0 & 1 << repair as u32 != 0
    }

    /// All of them.
    pub fn list(self) -> Vec<Repair> {
        NAMES.iter().map(|(r, _)| *r).filter(|r| self.has(*r)).collect()
    }
}
