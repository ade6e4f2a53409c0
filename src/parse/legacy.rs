//! Text that is valid Unicode and yet garbled: Vietnamese typed for TCVN3 ("ABC") and VNI fonts, whose letters stand in the places
//! of Latin-1, and UTF-8 that some program took for Windows-1252 and encoded once more.
//!
//! Each is recognised by signs that no other text has, counted over a sample; a document with any true Vietnamese letter
//! is never touched.

use std::collections::BTreeSet;

use encoding_rs::WINDOWS_1252;

use super::repair::Repair;

/// Fewer signs than this are a quotation or a trade mark.
const LEAST_SIGNS: usize = 6;

/// The text as it was meant, if it is garbled in one of the known ways.
pub fn mend(text: &str, sample_bytes: usize) -> Option<(Repair, String)> {
    let sample = text.get(..text.floor_char_boundary(sample_bytes)).unwrap_or_default();
    // All three stand wholly in Latin-1 and Windows-1252, which UTF-8 writes with C2 and C3, and are full of such letters.
    let bytes = sample.as_bytes();
    let foreign = bytes.iter().filter(|b| **b >= 0xc0).count();
    if foreign < LEAST_SIGNS
        || foreign * 200 < bytes.len()
        || memchr::memchr2(0xc2, 0xc3, bytes).is_none()
        || has_vietnamese(bytes)
    {
        return None;
    }
    if let Some(mended) = once_less_encoded(sample).and_then(|_| once_less_encoded(text)) {
        return Some((Repair::DoubleEncoding, mended));
    }
    if is_vni(sample, foreign) {
        return Some((Repair::Vni, from_vni(text)));
    }
    is_tcvn3(sample, foreign).then(|| (Repair::Tcvn3, text.chars().map(from_tcvn3).collect()))
}

/// Whether UTF-8 holds letters that only Vietnamese has: ạ to ỹ, ơ, ư.
pub fn has_vietnamese(text: &[u8]) -> bool {
    memchr::memchr2_iter(0xe1, 0xc6, text).any(|at| {
        matches!(
            (text.get(at), text.get(at + 1)),
            (Some(0xe1), Some(0xba | 0xbb)) | (Some(0xc6), Some(0xa0 | 0xa1 | 0xaf | 0xb0))
        )
    })
}

/// The text with one round of encoding undone, if nearly everything outside ASCII asks for it.
fn once_less_encoded(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut mended, mut left) = (0, 0);
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
        let (ascii, from) = rest.split_at_checked(start)?;
        out.push_str(ascii);
        let end = from.find(|c: char| c.is_ascii()).unwrap_or(from.len());
        let (run, after) = from.split_at_checked(end)?;
        rest = after;
        if run.is_empty() {
            continue;
        }
        let bytes: Option<Vec<u8>> = run.chars().map(as_byte).collect();
        match bytes.as_deref().map(std::str::from_utf8) {
            Some(Ok(meant)) => {
                mended += 1;
                out.push_str(meant);
            }
            _ => {
                left += 1;
                out.push_str(run);
            }
        }
    }
    (mended >= LEAST_SIGNS && left * 10 <= mended).then_some(out)
}

/// The byte that a letter was: in Latin-1, or in Windows-1252, which has letters where Latin-1 has controls.
fn as_byte(c: char) -> Option<u8> {
    if let Ok(byte) = u8::try_from(u32::from(c)) {
        return Some(byte);
    }
    let mut letter = [0; 4];
    let (bytes, _, failed) = WINDOWS_1252.encode(c.encode_utf8(&mut letter));
    bytes.first().copied().filter(|_| !failed)
}

/// TCVN3 in the order of its places, A1 to FE; what is not a letter there is a space here.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ      àảãáạ ằẳẵắ       ặầẩẫấậè ẻẽéẹềểễếệìỉ   ĩíịò ỏõóọồổỗốộờởỡớợù ủũúụừửữứựỳỷỹýỵ";

fn from_tcvn3(c: char) -> char {
    let place = u32::from(c).checked_sub(0xa1).and_then(|n| usize::try_from(n).ok());
    place.and_then(|n| TCVN3.chars().nth(n)).filter(|&meant| meant != ' ').unwrap_or(c)
}

/// "Häc tËp vµ lµm theo": signs that are no letters in any language stand inside words.
fn is_tcvn3(sample: &str, foreign: usize) -> bool {
    // Trade marks and soft hyphens stand inside words of any language; these do not.
    const SURE: &str = "µ¸¶·¹";
    const SIGNS: &str = "µ¸¶·¹¨©ª«¬\u{ad}®";
    let mut before = ' ';
    let mut signs = 0;
    let mut kinds = BTreeSet::new();
    for c in sample.chars() {
        if before.is_ascii_lowercase() && SIGNS.contains(c) {
            signs += 1;
            kinds.insert(c);
        }
        before = c;
    }
    signs >= LEAST_SIGNS
        && signs * 10 >= foreign
        && kinds.len() >= 4
        && kinds.iter().filter(|c| SURE.contains(**c)).count() >= 2
}

/// The marks that VNI writes behind a letter, and what letter and mark mean.
const VNI: [(char, &str); 17] = [
    ('ø', "aàeèoòuùyỳôờöừ"),
    ('ù', "aáeéoóuúyýôớöứ"),
    ('û', "aảeẻoỏuủyỷôởöử"),
    ('õ', "aãeẽoõuũyỹôỡöữ"),
    ('ï', "aạeẹoọuụôợöự"),
    ('â', "aâeêoô"),
    ('à', "aầeềoồ"),
    ('á', "aấeếoố"),
    ('å', "aẩeểoổ"),
    ('ã', "aẫeễoỗ"),
    ('ä', "aậeệoộ"),
    ('ê', "aă"),
    ('è', "aằ"),
    ('é', "aắ"),
    ('ú', "aẳ"),
    ('ü', "aẵ"),
    ('ë', "aặ"),
];

/// What a letter and the mark behind it mean.
fn vni_pair(letter: char, mark: char) -> Option<char> {
    let lower = |c: char| c.to_lowercase().next().unwrap_or(c);
    let meanings = VNI.iter().find(|(m, _)| *m == lower(mark))?.1;
    let mut letters = meanings.chars();
    while let (Some(from), Some(to)) = (letters.next(), letters.next()) {
        if from == lower(letter) {
            return if letter.is_uppercase() { to.to_uppercase().next() } else { Some(to) };
        }
    }
    None
}

/// What a letter by itself means.
fn vni_single(letter: char) -> char {
    const SINGLES: [(char, char); 16] = [
        ('ô', 'ơ'),
        ('ö', 'ư'),
        ('ñ', 'đ'),
        ('æ', 'ỉ'),
        ('ó', 'ĩ'),
        ('ò', 'ị'),
        ('î', 'ỵ'),
        ('ì', 'ì'),
        ('Ô', 'Ơ'),
        ('Ö', 'Ư'),
        ('Ñ', 'Đ'),
        ('Æ', 'Ỉ'),
        ('Ó', 'Ĩ'),
        ('Ò', 'Ị'),
        ('Î', 'Ỵ'),
        ('Ì', 'Ì'),
    ];
    SINGLES.iter().find(|(from, _)| *from == letter).map_or(letter, |(_, to)| *to)
}

/// "Hoïc taäp vaø laøm theo": half of all foreign letters stand as marks behind a vowel.
fn is_vni(sample: &str, foreign: usize) -> bool {
    let mut before = ' ';
    let mut pairs = 0;
    for c in sample.chars() {
        pairs += usize::from(!c.is_ascii() && vni_pair(before, c).is_some());
        before = c;
    }
    pairs >= LEAST_SIGNS && pairs * 2 >= foreign
}

fn from_vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letters.peek().and_then(|mark| vni_pair(letter, *mark)) {
            Some(meant) => {
                letters.next();
                out.push(meant);
            }
            None => out.push(vni_single(letter)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEANT: &str = "Học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh; đẩy mạnh sắp xếp, củng cố tổ chức cơ sở, giữ vững kỷ luật";

    #[test]
    fn fonts_of_before_unicode_are_read() {
        let tcvn3 = "Häc tËp vµ lµm theo t\u{ad} t\u{ad}ëng, ®¹o ®øc, phong c¸ch Hå ChÝ Minh; ®Èy m¹nh s¾p xÕp, cñng cè tæ chøc c¬ së, gi÷ v÷ng kû luËt";
        assert_eq!(mend(tcvn3, 4096), Some((Repair::Tcvn3, MEANT.to_owned())));
        let vni = "Hoïc taäp vaø laøm theo tö töôûng, ñaïo ñöùc, phong caùch Hoà Chí Minh; ñaåy maïnh saép xeáp, cuûng coá toå chöùc cô sôû, giöõ vöõng kyû luaät";
        assert_eq!(mend(vni, 4096), Some((Repair::Vni, MEANT.to_owned())));
    }

    #[test]
    fn utf8_encoded_twice_is_decoded_twice() {
        let twice = WINDOWS_1252.decode_without_bom_handling(MEANT.as_bytes()).0.into_owned();
        assert_eq!(mend(&twice, 4096), Some((Repair::DoubleEncoding, MEANT.to_owned())));
        let by_latin_1: String = MEANT.bytes().map(char::from).collect();
        assert_eq!(mend(&by_latin_1, 4096), Some((Repair::DoubleEncoding, MEANT.to_owned())));
    }

    #[test]
    fn sound_text_of_any_language_is_left_alone() {
        for text in [
            MEANT,
            "L'été où l'aïeul goûta la crème brûlée, à côté du château; déjà vu, où ça? Noël, maïs, naïf, où, où, où",
            "Não há informações sobre as eleições; ações e opções são questões de organizações e condições",
            "Über größere Straßen müssen Fußgänger gehen; schöne Grüße aus Köln, Mönchengladbach und Düsseldorf",
            "® µ © are signs, and Nestlé® Kit©Kat µTorrent ¹ ² ³ are too",
            "Pro\u{ad}vin\u{ad}cial lead\u{ad}ers meet in\u{ad}vest\u{ad}ors and re\u{ad}port; na\u{ef}ve",
            "plain",
        ] {
            assert_eq!(mend(text, 4096), None, "{text}");
        }
    }
}
