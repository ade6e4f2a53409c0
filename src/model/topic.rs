//! A topic (chủ đề): what a reader subscribes to, and why an item is in it.

/// One topic, as its file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    /// Its slug: the path of its feeds.
    pub id: String,
    /// Its name in Vietnamese.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// One sentence for the page and the feeds.
    pub description: String,
    /// An item whose score reaches this belongs.
    pub threshold: f64,
    /// Phrases that are not the topic although its words stand in them: they hide those words from every rule.
    pub hide: Vec<String>,
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
    /// The phrases, in the spelling of the admin.
    pub phrases: Vec<String>,
    /// Words that the admin wrote with a capital must have one in the text ("Bác" is not "bác").
    pub proper: bool,
    /// Where it counts.
    pub fields: Vec<Field>,
}

/// A part of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// The headline.
    Title,
    /// The teaser.
    Teaser,
    /// The article.
    Body,
    /// The source's categories.
    Category,
    /// The source itself.
    Source,
}

impl Field {
    /// The fields that a rule can look into, in reading order.
    pub const TEXT: [Field; 4] = [Field::Title, Field::Teaser, Field::Body, Field::Category];

    /// The word used in files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Title => "title",
            Field::Teaser => "teaser",
            Field::Body => "body",
            Field::Category => "category",
            Field::Source => "source",
        }
    }

    /// From the word used in files.
    pub fn parse(word: &str) -> Option<Field> {
        [Field::Title, Field::Teaser, Field::Body, Field::Category, Field::Source]
            .into_iter()
            .find(|f| f.as_str() == word)
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
