//! The versions of a story beside the one that stands for it: what each says otherwise, and why it belongs to the story. Headlines and teasers
//! only; articles are read where they were published.

use super::difference::Difference;
use super::row::{Place, place};
use super::say::moment;
use crate::model::{Aspect, Checked, Finding, Item, Kind, Member, Story};
use crate::publish::{ALL, link_of, quoted};

/// The most versions that a page lists.
const MOST_CARRIERS: usize = 100;
/// The most work a page is worth: pairs of words held against each other, of about two nanoseconds each (release build). A hundred versions with teasers
/// of 60 words are a tenth of it; who sends a hundred teasers of a thousand words of one letter each is shown them unmarked.
const MOST_COMPARED: usize = 4_000_000;
/// The most rare words that are told of two versions.
const MOST_SHARED: usize = 8;

/// One source's version.
pub struct Carrier<'a> {
    /// What links on the page name it by: 1 for the lead.
    pub number: usize,
    pub who: &'a str,
    pub place: Option<Place>,
    pub title: &'a str,
    pub link: &'a str,
    pub time: String,
    pub datetime: String,
    pub beside: Beside<'a>,
    /// Why it belongs to the story; nothing for the one that founded it.
    pub because: Option<Told<'a>>,
}

impl Carrier<'_> {
    /// Whether there is more to tell than who it is: of the lead, unless it joined the story, there is not.
    pub fn is_told(&self) -> bool {
        !matches!(self.beside, Beside::Lead) || self.because.is_some()
    }
}

/// A version beside the lead.
pub enum Beside<'a> {
    /// It is the lead.
    Lead,
    /// The same headline and teaser, word for word.
    Same,
    /// Other words.
    Differs(Pair<'a>),
}

/// The lead's words, and those of another version.
pub struct Pair<'a> {
    pub title: Difference<'a>,
    pub teaser: Difference<'a>,
    /// Whether the differences are marked; where a page has too many words to be compared, they are not.
    pub is_marked: bool,
}

/// Why a version belongs to the story, as people are told.
pub struct Told<'a> {
    pub kind: &'static str,
    /// What leads from the kind to the other version's publisher.
    pub to: &'static str,
    pub with: Option<With<'a>>,
    /// Of the shorter text, how much is in the other: "93%". Only where that is what decided.
    pub similarity: Option<String>,
    pub shared: Vec<String>,
    pub checked: Vec<CheckedOf>,
}

/// The version that another one was compared with.
pub struct With<'a> {
    pub who: &'a str,
    /// Its [`Carrier::number`], if it is on the page.
    pub number: Option<usize>,
}

/// One thing that was compared.
pub struct CheckedOf {
    pub aspect: &'static str,
    pub finding: &'static str,
    /// The two say different things, which a reader should not miss.
    pub is_conflict: bool,
}

/// Words in one language.
pub struct Words {
    pub heading: &'static str,
    pub lead: &'static str,
    pub same: &'static str,
    pub differs: &'static str,
    pub left_out: &'static str,
    pub left_out_is: &'static str,
    pub added: &'static str,
    pub added_is: &'static str,
    pub legend: &'static str,
    pub too_much: &'static str,
    pub no_teaser: &'static str,
    pub why: &'static str,
    pub alike: &'static str,
    pub shared: &'static str,
    pub checked: &'static str,
    /// Of each kind what it is called, and what leads on to the publisher of the other version.
    hand: (&'static str, &'static str),
    link: (&'static str, &'static str),
    number: (&'static str, &'static str),
    text: (&'static str, &'static str),
    part: (&'static str, &'static str),
    /// Of a name in both languages, the one in this.
    pick: fn((&'static str, &'static str)) -> &'static str,
}

pub const VI: Words = Words {
    heading: "Khác nhau chỗ nào, vì sao là một",
    lead: "Bài đại diện",
    same: "Giống hệt bài đại diện",
    differs: "Có chỗ khác",
    left_out: "Gạch ngang",
    left_out_is: "chỉ bài đại diện có",
    added: "Gạch chân",
    added_is: "chỉ bài này có",
    legend: "Chỉ so tít và tóm tắt. Chữ hoa, chữ thường, chỗ đặt dấu thanh và dấu câu không tính là khác.",
    too_much: "Quá nhiều chữ nên không đánh dấu chỗ khác.",
    no_teaser: "Không có tóm tắt.",
    why: "Vì sao là một",
    alike: "lời văn của bài ngắn hơn có trong bài kia.",
    shared: "Cùng có những chữ hiếm:",
    checked: "Đã đối chiếu",
    hand: ("Ban biên tập ghép", " với bài của"),
    link: ("Cùng địa chỉ", " với bài của"),
    number: ("Cùng số bài trên cùng trang, tít đã sửa", " so với bài của"),
    text: ("Cùng lời văn", " với bài của"),
    part: ("Một bài nằm trong bài kia", ", so với bài của"),
    pick: |(vi, _)| vi,
};

pub const EN: Words = Words {
    heading: "What differs, and why they are one",
    lead: "The lead",
    same: "The same, word for word",
    differs: "Differs",
    left_out: "Struck through",
    left_out_is: "only the lead says it",
    added: "Underlined",
    added_is: "only this copy says it",
    legend: "Headlines and teasers only. Capitals, the place of tone marks and punctuation are no difference.",
    too_much: "Too many words to mark the differences.",
    no_teaser: "No teaser.",
    why: "Why they are one",
    alike: "of the shorter one’s wording is in the other.",
    shared: "Both have these rare words:",
    checked: "What was compared",
    hand: ("Joined by the editors", " with the article of"),
    link: ("The same address", " as the article of"),
    number: ("The same article number at the same site, the headline edited", ", as the article of"),
    text: ("The same wording", " as the article of"),
    part: ("One stands in the other", ", compared with the article of"),
    pick: |(_, en)| en,
};

impl Words {
    fn kind(&self, kind: Kind) -> (&'static str, &'static str) {
        match kind {
            Kind::Hand => self.hand,
            Kind::Link => self.link,
            Kind::Number => self.number,
            Kind::Text => self.text,
            Kind::Part => self.part,
        }
    }

    fn checked(&self, Checked { aspect, finding }: Checked) -> CheckedOf {
        let [aspect, told] = [aspect.names(), finding.names()].map(self.pick);
        CheckedOf { aspect, finding: told, is_conflict: finding == Finding::Differ }
    }
}

/// Everyone who carries a story, the lead first.
pub fn carriers<'a>(story: &'a Story, words: &Words) -> Vec<Carrier<'a>> {
    let Some(lead) = story.lead() else { return Vec::new() };
    let mut budget = MOST_COMPARED;
    let mut beside = |number, item| if number == 1 { Beside::Lead } else { beside(&lead.item, item, &mut budget) };
    (1..)
        .zip(&story.members)
        .take(MOST_CARRIERS)
        .map(|(number, member)| carrier(number, member, beside(number, &member.item), told(story, member, words)))
        .collect()
}

fn carrier<'a>(number: usize, member: &'a Member, beside: Beside<'a>, because: Option<Told<'a>>) -> Carrier<'a> {
    let (time, datetime) = moment(member.published());
    Carrier {
        number,
        who: &member.publisher.name,
        place: place(member, ALL),
        title: &member.item.title,
        link: link_of(member).as_str(),
        time,
        datetime,
        beside,
        because,
    }
}

fn beside<'a>(lead: &'a Item, copy: &'a Item, budget: &mut usize) -> Beside<'a> {
    let title = Difference::between(&lead.title, &copy.title, budget);
    let teaser = Difference::between(&lead.summary, &copy.summary, budget);
    match (title, teaser) {
        (Some(title), Some(teaser)) if title.is_none() && teaser.is_none() => Beside::Same,
        (Some(title), Some(teaser)) => Beside::Differs(Pair { title, teaser, is_marked: true }),
        _ => Beside::Differs(Pair {
            title: Difference::unmarked(&lead.title, &copy.title),
            teaser: Difference::unmarked(&lead.summary, &copy.summary),
            is_marked: false,
        }),
    }
}

fn told<'a>(story: &'a Story, member: &'a Member, words: &Words) -> Option<Told<'a>> {
    let (because, with) = member.joined.as_ref()?;
    let (kind, to) = words.kind(because.kind);
    Some(Told {
        kind,
        to,
        with: story
            .members
            .get(*with)
            .map(|other| With { who: &other.publisher.name, number: (*with < MOST_CARRIERS).then_some(*with + 1) }),
        similarity: because.percent(),
        shared: because.shared.iter().take(MOST_SHARED).map(|word| quoted(word)).collect(),
        checked: because.checked.iter().take(Aspect::ALL.len()).map(|&checked| words.checked(checked)).collect(),
    })
}
