//! A topic (chủ đề): what a reader subscribes to, and why an item is in it.

/// One topic, as its file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its slug: the path of its feeds.
    pub id: String,
    /// What it was called before: who asks for these is sent on.
    pub was: Vec<String>,
    /// Its name in Vietnamese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// One sentence for the page and the feeds.
    pub description: String,
    /// An item whose score reaches this belongs.
    pub threshold: f64,
    /// Phrases that are not the topic although its words stand in them: they hide those words from every rule.
    pub hide: Vec<Phrase>,
    /// What speaks for the topic.
    pub rules: Vec<Rule>,
    /// How many stories its feeds hold at least.
    pub limit: usize,
}

/// Phrases that mean the same to the topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What the reason is called.
    pub name: String,
    /// How much one of its phrases in a teaser counts; negative speaks against the topic.
    pub weight: f64,
    /// Any of these speaks.
    pub phrases: Vec<Phrase>,
    /// Only where each of these stands in the item too, wherever in it.
    pub all: Vec<Vec<Phrase>>,
    /// Only where none of these stands in the same field.
    pub none: Vec<Phrase>,
    /// At most so many syllables stand between the parts of a phrase.
    pub within: usize,
    /// Words that the admin wrote with a capital must have one in the text ("Bác" is not "bác").
    pub proper: bool,
    /// Where it counts.
    pub fields: Vec<Field>,
}

/// What is looked for: one or more parts that stand in this order in one sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phrase {
    /// As the admin wrote it.
    pub written: String,
    /// The parts, each in every wording that means it.
    pub parts: Vec<Vec<String>>,
}

impl Phrase {
    /// These words and no others.
    pub fn plain(words: &str) -> Phrase {
        Phrase { written: words.to_owned(), parts: vec![vec![words.to_owned()]] }
    }
}

/// A part of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The headline.
    Title,
    /// The teaser.
    Teaser,
    /// Where the article begins.
    Opening,
    /// The rest of the article.
    Body,
    /// The source's categories.
    Category,
    /// Where the source keeps it: the folders of its address, and the source's own name and address.
    Section,
    /// The source itself.
    Source,
}

impl Field {
    /// The fields that a rule looks into unless it says otherwise, in reading order.
    pub const TEXT: [Field; 5] = [Field::Title, Field::Teaser, Field::Opening, Field::Body, Field::Category];
    /// The fields that a rule can look into.
    pub const SEARCHED: [Field; 6] =
        [Field::Title, Field::Teaser, Field::Opening, Field::Body, Field::Category, Field::Section];
    const ALL: [Field; 7] =
        [Field::Title, Field::Teaser, Field::Opening, Field::Body, Field::Category, Field::Section, Field::Source];

    /// The word used in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Teaser => "teaser",
            Field::Opening => "opening",
            Field::Body => "body",
            Field::Category => "category",
            Field::Section => "section",
            Field::Source => "source",
        }
    }

    /// From the word used in files.
    pub fn parse(word: &str) -> Option<Field> {
        Field::ALL.into_iter().find(|f| f.as_str() == word)
    }
}

/// How an item stands to a topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// The topic's slug.
    pub topic: String,
    /// The sum of the reasons' weights.
    pub score: f64,
    /// What the score had to reach.
    pub threshold: f64,
    /// Every rule that spoke, in the order of the fields.
    pub reasons: Vec<Reason>,
}

impl Match {
    /// Whether the item belongs.
    pub fn matched(&self) -> bool {
        self.score >= self.threshold
    }
}

/// One rule that spoke.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// The rule's name.
    pub rule: String,
    /// The words as they stand in the text.
    pub text: String,
    /// Where they stand.
    pub field: Field,
    /// What they added to the score.
    pub weight: f64,
}
