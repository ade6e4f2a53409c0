//! When two headlines are of one article, as far as their words can say.

use std::collections::BTreeSet;

use super::key;

/// Whether two headlines share half the words of the shorter one. Papers reword a wire story's headline; but two reports from one
/// conference open with the same sentence and share a word or two of their headlines. (On the labelled pairs of articles, without this
/// a sixth of the joins by teaser were two articles; `docs/topics.md`.)
pub fn headlines_agree(a: &str, b: &str) -> bool {
    let Overlap { shared, shorter, .. } = Overlap::of(a, b);
    2 * shared >= shorter
}

/// Whether a headline is another edited: two thirds of the words of the longer are in both.
pub fn is_edit(a: &str, b: &str) -> bool {
    let Overlap { shared, longer, .. } = Overlap::of(a, b);
    3 * shared >= 2 * longer
}

/// How many different words two headlines have, and how many of them in common.
struct Overlap {
    shared: usize,
    shorter: usize,
    longer: usize,
}

impl Overlap {
    fn of(a: &str, b: &str) -> Overlap {
        let (a, b) = (key(a), key(b));
        let (a, b): (BTreeSet<&str>, BTreeSet<&str>) = (a.split(' ').collect(), b.split(' ').collect());
        Overlap { shared: a.intersection(&b).count(), shorter: a.len().min(b.len()), longer: a.len().max(b.len()) }
    }
}

#[cfg(test)]
mod tests {
    use super::headlines_agree;

    #[test]
    fn a_reworded_headline_agrees_and_another_report_of_the_day_does_not() {
        let cases = [
            ("Tỉnh Sông Xanh khen thưởng 20 tấm gương dân vận khéo", "Khen thưởng 20 gương dân vận khéo", true),
            ("Năm năm bền bỉ giữ rừng", "Giữ rừng bền bỉ năm năm", true),
            (
                "Hội nghị vùng: Kết nối giáo dục và khởi nghiệp",
                "Hội nghị vùng: Đo lường ô nhiễm tại những thành phố đông dân",
                false,
            ),
            ("Chủ tịch tỉnh tiếp đoàn doanh nghiệp", "Kim ngạch xuất khẩu tăng 16%", false),
        ];
        for (a, b, expected) in cases {
            assert_eq!(headlines_agree(a, b), expected, "{a} | {b}");
            assert_eq!(headlines_agree(b, a), expected, "{b} | {a}");
        }
    }
}
