//! Why two items are one story: what they have in common, and what was compared.

/// Why an item belongs to the story that another item tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Because {
    /// What shows it.
    pub kind: Kind,
    /// How much of the shorter text is in the other one, by weight of its word pairs: 0 to 1.
    pub similarity: f64,
    /// The rarest words that both have, as they are written.
    pub shared: Vec<String>,
    /// What was compared, and how it came out.
    pub checked: Vec<Checked>,
}

impl Because {
    /// One that needs no comparing of texts.
    pub fn plainly(kind: Kind) -> Because {
        Because { kind, similarity: 1.0, shared: Vec::new(), checked: Vec::new() }
    }
}

/// What shows that two items are one story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// An admin said so.
    Hand,
    /// They have one address.
    Link,
    /// They have one article number at one host: headline and slug were edited.
    Number,
    /// The same words, or nearly.
    Text,
    /// One of them stands in the other: a cut tail, an added lead.
    Part,
}

impl Kind {
    /// All of them, strongest first.
    pub const ALL: [Kind; 5] = [Kind::Hand, Kind::Link, Kind::Number, Kind::Text, Kind::Part];

    /// The name in answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Hand => "hand",
            Kind::Link => "link",
            Kind::Number => "number",
            Kind::Text => "text",
            Kind::Part => "part",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One thing that was compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// What.
    pub aspect: Aspect,
    /// How it came out.
    pub finding: Finding,
}

/// What two items can agree or conflict in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aspect {
    /// Amounts, and numbers of documents.
    Numbers,
    /// Days that the texts name.
    Dates,
    /// Provinces, districts, communes.
    Places,
    /// People.
    Persons,
    /// Committees, ministries, departments.
    Bodies,
    /// When they were published.
    Time,
}

impl Aspect {
    /// All of them, in the order in which they are told.
    pub const ALL: [Aspect; 6] =
        [Aspect::Numbers, Aspect::Dates, Aspect::Places, Aspect::Persons, Aspect::Bodies, Aspect::Time];

    /// The name in answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Aspect::Numbers => "numbers",
            Aspect::Dates => "dates",
            Aspect::Places => "places",
            Aspect::Persons => "persons",
            Aspect::Bodies => "bodies",
            Aspect::Time => "time",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Aspect> {
        Aspect::ALL.into_iter().find(|aspect| aspect.as_str() == name)
    }
}

/// How a comparison came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// Both say the same.
    Agree,
    /// Each says something that the other does not.
    Differ,
    /// One of them says nothing of it.
    Silent,
}

impl Finding {
    /// The name in answers and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Finding::Agree => "agree",
            Finding::Differ => "differ",
            Finding::Silent => "silent",
        }
    }

    /// From its name.
    pub fn parse(name: &str) -> Option<Finding> {
        [Finding::Agree, Finding::Differ, Finding::Silent].into_iter().find(|finding| finding.as_str() == name)
    }
}
