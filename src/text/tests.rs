mod reference;
mod syllables;

use super::*;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

/// The fold is what the plain one says, and leads back to where the words stood.
fn is_as_the_reference_says(text: &str) {
    let folded = Folded::new(text);
    let expected = reference::fold(text);
    assert_eq!(folded.as_str(), expected.text, "{text:?}");
    assert_eq!(folded.has_capitals(), expected.has_capitals, "{text:?}");
    let mut at = 1;
    for (word, (original, capital)) in expected.text.split_whitespace().zip(&expected.words) {
        let span = at..at + word.len();
        assert_eq!(folded.original(span.clone()), *original, "{word:?} in {text:?}");
        assert_eq!(folded.capitals(span).collect::<Vec<_>>(), [*capital], "{word:?} in {text:?}");
        at += word.len() + 1;
    }
    let ends = expected.text.split_whitespace().filter(|&word| word == ".").count();
    assert_eq!(folded.word_count(), expected.words.len() - ends, "{text:?}");
    assert_eq!(folded.has_marks(), expected.text.contains(is_mark_or_marked), "{text:?}");
}

fn is_mark_or_marked(c: char) -> bool {
    matches!(c, '\u{1}'..='\u{5}' | 'ă' | 'â' | 'ê' | 'ô' | 'ơ' | 'ư' | 'đ')
}

#[test]
fn every_character_folds_as_the_reference_says_alone_in_a_word_and_between_words() {
    for c in '\0'..='\u{32ff}' {
        is_as_the_reference_says(&format!("{c} nư{c}ơc{c} {c}Bác. {c}"));
    }
    for c in ('\u{3300}'..=char::MAX).filter(|c| c.is_alphanumeric() && c.to_lowercase().ne([*c])) {
        is_as_the_reference_says(&format!("a{c}"));
    }
    for c in ["각", "\u{958}", "\u{fb2c}", "\u{1d160}", "𝐀", "😀", "İ", "ẞ", "Å", "ṍ", "ΐ"] {
        is_as_the_reference_says(&format!("a{c}́ {c}"));
    }
}

#[test]
fn words_of_every_length_fold_as_the_reference_says() {
    for len in 0..40 {
        for letter in ["a", "ạ", "Ư", "\u{23a}", "y", "ấ"] {
            for behind in ["", " ", ".", "…", "\u{301}", "\u{a0}và", "y", ". Bác"] {
                for before in ["", " ", "k", "học ", "“"] {
                    is_as_the_reference_says(&format!("{before}{}{behind}", letter.repeat(len)));
                }
            }
        }
    }
    is_as_the_reference_says(&"a;".repeat(500));
    is_as_the_reference_says(&"\u{fb2c}".repeat(500));
    is_as_the_reference_says(&"à".repeat(500));
}

#[test]
fn a_text_says_whether_it_has_marks() {
    let cases = [
        ("học tập và làm theo Bác", true),
        ("hoc tap va lam theo Bac", false),
        ("HỌC BÁC HỒ", true),
        ("HOC BAC HO, 05-CT/TW", false),
        ("HỌC BÁC HỒ nay", true),
        ("Đ", true),
        ("đi", true),
        ("HO\u{323}C", true),
        ("ho\u{302}", true),
        ("naïve façade", false),
        ("19/5/1890", false),
        ("20 ºC", false),
        ("", false),
        ("中文", false),
    ];
    for (text, marks) in cases {
        let folded = Folded::new(text);
        assert_eq!(folded.has_marks(), marks, "{text:?}");
    }
}

#[test]
fn without_marks_the_words_stand_where_they_stood() {
    let original = "Sáng nay, HOÀ BÌNH học Bác. Được!";
    let bare = Folded::new(original).without_marks();
    assert_eq!(bare.as_str(), " sang nay hoa binh hoc bac . duoc . ");
    assert!(!bare.has_marks());
    let at = bare.as_str().find(" hoa binh ").unwrap();
    assert_eq!(original.get(bare.original(at..at + 10)), Some("HOÀ BÌNH"));
    assert_eq!(bare.capitals(at..at + 10).collect::<Vec<_>>(), [true, true]);
    assert_eq!(bare.word_count(), 7);
}

#[test]
fn words_are_counted_and_found_by_their_place() {
    let folded = Folded::new("Học Bác. Làm theo!");
    assert_eq!(folded.as_str(), " hoc\u{5} bac\u{2} . lam\u{1} theo . ");
    assert_eq!(folded.word_count(), 4);
    assert_eq!(
        ["hoc", "bac", ".", "lam", "theo"].map(|w| folded.word_at(folded.as_str().find(w).unwrap())),
        [0, 1, 2, 3, 4]
    );
    assert_eq!((folded.word_at(0), folded.word_at(2), folded.word_at(1000)), (0, 1, 6), "the next one, or none");
}

fn same(a: &str, b: &str) {
    assert_eq!(key(a), key(b), "{a:?} and {b:?} are the same to a reader");
}

fn different(a: &str, b: &str) {
    assert_ne!(key(a), key(b), "{a:?} and {b:?} are different words");
}

#[test]
fn what_a_reader_does_not_see_is_folded_away() {
    same("Hoà Bình", "hòa bình");
    same("Thuỷ lợi", "thủy lợi");
    same("uỷ ban, khoẻ", "ủy ban, khỏe");
    same("ĐẢNG ỦY", "Đảng uỷ");
    same("kỹ sư, bác sỹ, tỷ lệ, quý I", "kĩ sư, bác sĩ, tỉ lệ, quí I");
    same("học\u{a0}tập", "học tập");
    same("học\u{200b} tập", "học tập");
    same("làm\u{ad} theo", "làm theo");
    same("Ðảng bộ Ɖà Nẵng", "Đảng bộ Đà Nẵng");
    same("Chỉ thị 05-CT/TW", "chỉ thị số 05 – CT / TW".replace("số ", "").as_str());
    same("“học tập”, 'làm theo'", "học tập làm theo");
    same("TP.HCM", "TP. HCM");
}

#[test]
fn what_a_reader_does_see_is_kept() {
    different("báo", "bão");
    different("tai", "tay");
    different("thuy", "thui");
    different("đa", "da");
    different("ban", "bàn");
    different("lý", "lỳ");
    different("05-CT/TW", "07-CT/TW");
}

#[test]
fn every_accented_letter_folds_alike_in_both_normal_forms_and_both_cases() {
    let vowels = ["a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y"];
    for vowel in vowels {
        for tone in ["", "\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"] {
            let nfc: String = format!("{vowel}{tone}").nfc().collect();
            let nfd: String = nfc.nfd().collect();
            same(&nfc, &nfd);
            same(&nfc.to_uppercase(), &nfd);
        }
    }
    same("đ", "Đ");
}

#[test]
fn a_sentence_end_stands_between_words_and_an_abbreviation_does_not_end_one() {
    assert!(Folded::new("làm theo. Bác sĩ").as_str().contains(" . "));
    assert!(!Folded::new("TP. Hồ Chí Minh").as_str().contains(" . "));
    assert!(!Folded::new("22.12.1944").as_str().contains(" . "));
    assert!(Folded::new("một\nhai").as_str().contains(" . "));
}

#[test]
fn a_match_leads_back_to_the_words_as_they_stand() {
    let original = "Sáng nay, HOÀ BÌNH học  Bác";
    let folded = Folded::new(original);
    let phrase = format!(" {} ", key("hòa bình"));
    let at = folded.as_str().find(&phrase).unwrap();
    assert_eq!(original.get(folded.original(at..at + phrase.len())), Some("HOÀ BÌNH"));
    assert_eq!(folded.capitals(at..at + phrase.len()).collect::<Vec<_>>(), [true, true]);
}

#[test]
fn what_is_taken_for_composed_is_composed() {
    for c in ('\0'..=char::MAX).filter(|&c| is_plainly_composed(c)) {
        assert_eq!(is_nfc_quick(std::iter::once(c)), IsNormalized::Yes, "{c:?}");
    }
    assert_eq!(nfc("e\u{302}\u{301}"), "ế");
}

#[test]
fn one_line_of_display_text_is_tidy_and_harmless() {
    let cases = [
        ("  hai \n dòng\t ", "hai dòng"),
        ("nghe\u{0}n\u{8}gào", "nghe n gào"),
        ("đảo\u{202e} ngược", "đảo ngược"),
        ("\u{feff}đầu", "đầu"),
        ("e\u{302}\u{301}", "ế"),
        ("một \u{200b} hai", "một hai"),
        ("", ""),
    ];
    for (given, expected) in cases {
        assert_eq!(line(given, 100), expected);
    }
    assert_eq!(line("một hai ba bốn", 9), "một hai…");
    assert_eq!(line("khôngcódấucáchnào", 5), "không…");
    assert_eq!(paragraphs(" một \n\n \n hai ba ", 100), "một\nhai ba");
}

proptest! {
    #[test]
    fn normal_form_and_case_never_change_the_key(text in "[a-zA-ZàáảãạăằắẳẵặâầấẩẫậđĐèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵÀÁÊỔƯỰ ,.;0-9-]{0,60}") {
        let nfd: String = text.nfd().collect();
        prop_assert_eq!(key(&text), key(&nfd));
        prop_assert_eq!(key(&text), key(&text.to_uppercase()));
    }

    #[test]
    fn any_text_folds_without_panic_and_keeps_its_offsets(text in "\\PC{0,80}") {
        let folded = Folded::new(&text);
        let whole = folded.original(0..folded.as_str().len());
        prop_assert!(text.get(whole).is_some());
        prop_assert!(line(&text, 20).chars().count() <= 21);
        prop_assert!(line(&text, 1000).chars().all(may_leave));
    }

    #[test]
    fn any_text_folds_as_the_reference_says(text in "\\PC{0,80}", typed in "[aeiouyăâêôơưđQKHBacnhgtmĐẠớỹ\u{300}-\u{323}\u{31b}\u{302}\u{306} .;…\u{200b}\u{a0}Ǆßﬁ각०-]{0,120}") {
        is_as_the_reference_says(&text);
        is_as_the_reference_says(&typed);
    }

    #[test]
    fn vietnamese_folds_as_the_reference_says_in_every_normal_form((text, _) in syllables::text(), choices in prop::collection::vec(any::<u8>(), 1..9)) {
        is_as_the_reference_says(&text);
        is_as_the_reference_says(&text.nfd().collect::<String>());
        is_as_the_reference_says(&text.to_uppercase());
        is_as_the_reference_says(&syllables::typed_otherwise(&text, &choices));
        // Some words in one form, some in the other.
        let mixed: Vec<String> = text.split(' ').zip(choices.iter().cycle()).map(|(word, choice)| if choice % 2 == 0 { word.nfd().collect() } else { word.to_owned() }).collect();
        is_as_the_reference_says(&mixed.join(" "));
    }

    #[test]
    fn one_text_has_one_key_however_it_is_typed((old, new) in syllables::text(), choices in prop::collection::vec(any::<u8>(), 1..9)) {
        let expected = key(&old);
        prop_assert_eq!(&key(&new), &expected, "the other habit of placing tones");
        prop_assert_eq!(&key(&new.nfd().collect::<String>()), &expected);
        prop_assert_eq!(&key(&old.to_uppercase()), &expected);
        prop_assert_eq!(&key(&old.to_lowercase()), &expected);
        prop_assert_eq!(&key(&syllables::typed_otherwise(&new, &choices)), &expected);
        prop_assert_eq!(&key(&syllables::typed_otherwise(&new.nfd().collect::<String>(), &choices)), &expected);
    }

    #[test]
    fn without_marks_is_the_fold_of_the_text_without_marks((text, _) in syllables::text()) {
        let folded = Folded::new(&text);
        let bare = folded.without_marks();
        let typed = Folded::new(&without_marks(&text));
        prop_assert_eq!(bare.as_str(), typed.as_str());
        prop_assert_eq!((bare.word_count(), bare.has_capitals()), (folded.word_count(), folded.has_capitals()));
        let ends = |folded: &Folded| folded.as_str().match_indices(' ').map(|(at, _)| (folded.word_at(at), folded.original(at..at + 2))).collect::<Vec<_>>();
        prop_assert_eq!(ends(&bare), ends(&folded));
    }
}
