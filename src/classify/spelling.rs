//! How else the press writes what a phrase says: abbreviations of bodies and places, numbers of documents. Written out once, when the
//! topics are compiled, so that deciding knows nothing of it.

use std::sync::LazyLock;

use crate::text::{Folded, key};

/// Each line is one thing under its names; an admin writes any of them. What newspapers of the Party and the State use without explaining, as read in the feeds
/// that `docs/sources.md` names.
const NAMES: [&[&str]; 30] = [
    &["thành phố Hồ Chí Minh", "TP Hồ Chí Minh", "T.P Hồ Chí Minh", "thành phố HCM", "TP.HCM", "T.P HCM", "TPHCM"],
    &["thành phố", "TP", "T.P"],
    &["Hồ Chí Minh", "HCM"],
    &["Trung ương", "TW", "T.W", "TƯ", "T.Ư"],
    &["Bộ Chính trị", "BCT"],
    &["Ban Chấp hành", "BCH"],
    &["Ban Thường vụ", "BTV"],
    &["Ủy ban Kiểm tra", "UBKT"],
    &["Ủy ban nhân dân", "UBND"],
    &["Hội đồng nhân dân", "HĐND"],
    &["Mặt trận Tổ quốc", "MTTQ"],
    &["Ủy ban Mặt trận Tổ quốc", "UBMTTQ"],
    &["Thanh niên Cộng sản", "TNCS"],
    &["Thiếu niên Tiền phong", "TNTP"],
    &["Liên hiệp Phụ nữ", "LHPN"],
    &["Cựu chiến binh", "CCB"],
    &["Liên đoàn Lao động", "LĐLĐ"],
    &["xã hội chủ nghĩa", "XHCN"],
    &["nông thôn mới", "NTM"],
    &["hợp tác xã", "HTX"],
    &["chuyển đổi số", "CĐS"],
    &["cải cách hành chính", "CCHC"],
    &["thủ tục hành chính", "TTHC"],
    &["dân tộc thiểu số", "DTTS"],
    &["đồng bào dân tộc thiểu số", "đồng bào DTTS"],
    &["quốc phòng, an ninh", "quốc phòng và an ninh", "QPAN", "QP-AN"],
    &["phòng cháy, chữa cháy", "phòng cháy và chữa cháy", "PCCC"],
    &["phòng, chống thiên tai", "phòng chống và giảm nhẹ thiên tai", "PCTT"],
    &["bảo hiểm xã hội", "BHXH"],
    &["giáo dục và đào tạo", "giáo dục - đào tạo", "GD&ĐT", "GDĐT"],
];

/// The last syllables of what has a number: Chỉ thị, Kết luận, Nghị quyết, Quyết định, Nghị định, Quy định, Thông tư, Công điện, Kế hoạch,
/// Hướng dẫn. "số" may stand before the number.
const NUMBERED: [&str; 8] = ["thị", "luận", "quyết", "định", "tư", "điện", "hoạch", "dẫn"];

/// The kinds of document in a document's number (Hướng dẫn 36-HD/VPTW of 2018, Nghị định 30/2020/NĐ-CP): the number is also written without a space before them.
const CODES: [&str; 12] = ["CT", "KL", "NQ", "QĐ", "QC", "KH", "HD", "TB", "TT", "NĐ", "CV", "ĐA"];

/// Vowels of [`NAMES`]: abbreviations with one in two letters are syllables too. "UBND" is none.
const VOWELS: [char; 2] = ['Ư', 'A'];

/// More spellings of one wording are not written out; then only its own is known.
const MOST_SPELLINGS: usize = 512;

/// One word of a phrase, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Its folded form.
    pub word: String,
    /// Whether it was written with a capital.
    pub capital: bool,
    /// Whether it is an abbreviation that is also a syllable, and nobody wrote it here: it is one in capitals only. "TƯ" is Trung ương, "tư" is not.
    pub is_short: bool,
}

type Words = Vec<Word>;

/// Names and abbreviations, folded.
struct Known {
    names: Vec<Vec<Words>>,
    numbered: Vec<String>,
    codes: Vec<String>,
    so: String,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let form = |name: &&str| {
        let written = name.split(|c: char| !c.is_alphanumeric()).filter(|piece| !piece.is_empty());
        let is_short = written.map(|piece| piece.chars().count() == 2 && VOWELS.iter().any(|v| piece.contains(*v)));
        let words = words(&Folded::new(name)).into_iter().zip(is_short);
        words.map(|(word, is_short)| Word { capital: false, is_short, ..word }).collect()
    };
    Known {
        names: NAMES.iter().map(|names| names.iter().map(form).collect()).collect(),
        numbered: NUMBERED.map(key).to_vec(),
        codes: CODES.map(key).to_vec(),
        so: key("số"),
    }
});

/// Every spelling of a wording, folded, its words between single spaces.
pub fn spelled(wording: &str) -> Vec<String> {
    let join = |words: Words| words.into_iter().map(|w| w.word).collect::<Vec<_>>().join(" ");
    spellings(wording).into_iter().map(join).collect()
}

/// Every spelling of a wording, its own first.
pub fn spellings(wording: &str) -> Vec<Words> {
    let own = words(&Folded::new(wording));
    let mut all: Vec<Words> = vec![Vec::new()];
    let mut at = 0;
    while let Some(rest) = own.get(at..).filter(|rest| !rest.is_empty()) {
        let (taken, choices) = choices(&own, at, rest);
        if all.len() * choices.len() > MOST_SPELLINGS {
            return vec![own];
        }
        all = all.iter().flat_map(|start| choices.iter().map(move |c| [start.as_slice(), c].concat())).collect();
        at += taken;
    }
    let own_first = |spelling: &Words| *spelling != own;
    all.sort_by_key(own_first);
    all
}

/// How the next words may be written, and how many of the phrase's they are.
fn choices(own: &[Word], at: usize, rest: &[Word]) -> (usize, Vec<Words>) {
    if let Some(found) = name(rest) {
        return found;
    }
    let before = |back: usize| at.checked_sub(back).and_then(|i| own.get(i)).map(|w| w.word.as_str());
    let is_numbered = |word: Option<&str>| word.is_some_and(|w| KNOWN.numbered.iter().any(|n| n == w));
    match rest {
        [so, number, ..] if so.word == KNOWN.so && is_number(number) && is_numbered(before(1)) => {
            (1, vec![vec![so.clone()], Vec::new()])
        }
        [number, behind @ ..] if is_number(number) => {
            let (taken, mut choices) = document(number, behind.first());
            if is_numbered(before(1)) {
                let so = Word { word: KNOWN.so.clone(), capital: false, is_short: false };
                let with_so: Vec<Words> = choices.iter().map(|c| [std::slice::from_ref(&so), c].concat()).collect();
                choices.extend(with_so);
            }
            (taken, choices)
        }
        [word, ..] => (1, vec![vec![word.clone()]]),
        [] => (1, vec![Vec::new()]),
    }
}

/// The longest known name that the words begin with, under all its names.
fn name(rest: &[Word]) -> Option<(usize, Vec<Words>)> {
    let begins = |form: &Words| rest.len() >= form.len() && rest.iter().zip(form).all(|(a, b)| a.word == b.word);
    let found = KNOWN.names.iter().flat_map(|names| names.iter().map(move |form| (form, names)));
    let (form, names) = found.filter(|(form, _)| begins(form)).max_by_key(|(form, _)| form.len())?;
    let own = rest.get(..form.len())?.to_vec();
    let others = names.iter().filter(|other| *other != form).cloned();
    Some((form.len(), std::iter::once(own).chain(others).collect()))
}

/// A number with and without its leading zero, apart from the document's kind and together with it.
fn document(number: &Word, behind: Option<&Word>) -> (usize, Vec<Words>) {
    let bare = number.word.trim_start_matches('0');
    let forms = if bare.len() == 1 { vec![format!("0{bare}"), bare.to_owned()] } else { vec![number.word.clone()] };
    let word = |text: String| Word { word: text, capital: false, is_short: false };
    match behind.filter(|code| KNOWN.codes.contains(&code.word)) {
        Some(code) => {
            let apart = forms.iter().map(|form| vec![word(form.clone()), code.clone()]);
            let together = forms.iter().map(|form| vec![word(format!("{form}{}", code.word))]);
            (2, apart.chain(together).collect())
        }
        None => (1, forms.into_iter().map(|form| vec![word(form)]).collect()),
    }
}

fn is_number(word: &Word) -> bool {
    (1..=3).contains(&word.word.len()) && word.word.bytes().all(|b| b.is_ascii_digit())
}

fn words(folded: &Folded) -> Words {
    let capitals = folded.capitals(0..folded.as_str().len());
    let all = folded.as_str().split(' ').filter(|w| !w.is_empty()).zip(capitals);
    all.filter(|(word, _)| *word != ".")
        .map(|(word, capital)| Word { word: word.to_owned(), capital, is_short: false })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_spelling(wording: &str, other: &str) -> bool {
        let wanted: Vec<String> = words(&Folded::new(other)).into_iter().map(|w| w.word).collect();
        spellings(wording).iter().any(|s| s.iter().map(|w| &w.word).eq(&wanted))
    }

    #[test]
    fn one_thing_under_its_names() {
        for (wording, others) in [
            (
                "ở thành phố Hồ Chí Minh",
                &["ở TP.HCM", "ở TP. HCM", "ở Tp Hồ Chí Minh", "ở TPHCM", "ở T.P Hồ Chí Minh"][..],
            ),
            ("TP.HCM", &["thành phố Hồ Chí Minh", "TP Hồ Chí Minh"]),
            ("thành phố Huế", &["TP Huế", "TP. Huế", "T.P Huế"]),
            ("Đoàn TNCS Hồ Chí Minh", &["Đoàn Thanh niên Cộng sản Hồ Chí Minh", "Đoàn TNCS HCM"]),
            (
                "Chỉ thị 05-CT/TW",
                &["chỉ thị số 05 - CT/TW", "Chỉ thị 5-CT/TW", "Chỉ thị số 05CT/TW", "Chỉ thị 05/CT-T.Ư"],
            ),
            ("Chỉ thị số 05 của Bộ Chính trị", &["Chỉ thị 05 của Bộ Chính trị", "Chỉ thị 5 của BCT"]),
            ("Nghị quyết 57-NQ/TW", &["Nghị quyết số 57-NQ/TW", "Nghị quyết 57NQ/TW"]),
            ("19/5", &["19/05", "19-5"]),
        ] {
            for other in others {
                assert!(is_spelling(wording, other), "{wording} is also {other}");
            }
        }
        for (wording, other) in [
            ("Chỉ thị 05-CT/TW", "Chỉ thị 05-CT/TU"),
            ("Chỉ thị 15", "Chỉ thị 5"),
            ("Chỉ thị 10", "Chỉ thị 1"),
            ("số 05", "05 số"),
        ] {
            assert!(!is_spelling(wording, other), "{wording} is not {other}");
        }
    }

    #[test]
    fn its_own_spelling_comes_first_and_keeps_its_capitals() {
        let all = spellings("học Bác ở TP.HCM");
        let own: Vec<bool> = all[0].iter().map(|w| w.capital).collect();
        assert_eq!(own, [false, true, false, true, true]);
        let twenty = "Trung ương ".repeat(20);
        assert_eq!(spellings(&twenty).len(), 1, "what has too many spellings has its own");
    }

    #[test]
    fn an_abbreviation_that_nobody_wrote_needs_its_capitals() {
        let shorts = |wording: &str| -> Vec<String> {
            let words = spellings(wording).concat();
            words.into_iter().filter(|w| w.is_short).map(|w| w.word).collect()
        };
        assert!(shorts("Trung ương").contains(&key("TƯ")));
        assert_eq!(shorts("thành phố Huế"), [""; 0], "nobody takes tp for a word");
    }

    #[test]
    fn no_name_is_written_twice() {
        let mut all: Vec<String> = NAMES.concat().iter().map(|name| key(name)).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
