use super::*;
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

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
}
