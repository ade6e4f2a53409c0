//! Which province was meant. Files have ids, but people write names: with marks, capitals and "tỉnh", run together, and
//! those of before July 2025.

use super::mistake::{Report, closest};
use super::reader::At;
use crate::model::{Province, province};
use crate::text;

/// Names that are not the letters of an id, and the id, of today or of before.
const OTHER_NAMES: [(&str, &str); 11] = [
    ("hcm", "ho-chi-minh"),
    ("hcmc", "ho-chi-minh"),
    ("saigon", "ho-chi-minh"),
    ("thuathienhue", "hue"),
    ("thuathien", "hue"),
    ("baria", "ba-ria-vung-tau"),
    ("vungtau", "ba-ria-vung-tau"),
    ("baccan", "bac-kan"),
    ("dacnong", "dak-nong"),
    ("daclac", "dak-lak"),
    ("daclak", "dak-lak"),
];

/// The province of this id; if there is none, says which was probably meant.
pub fn find(typed: &At<&str>, report: &Report<'_>) -> Option<&'static Province> {
    let found = province::find(typed.value);
    if found.is_none() {
        let (vi, en) = hint(typed.value);
        report.mistake(
            &typed.span,
            format!("Không có địa phương \"{}\". {vi}", typed.value),
            format!("There is no province \"{}\". {en}", typed.value),
        );
    }
    found
}

fn hint(typed: &str) -> (String, String) {
    let letters = letters(typed);
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == letters).map(|(_, id)| run_together(id));
    let wanted = other.unwrap_or(letters);
    let known: Vec<(String, &str, &Province)> = province::ALL
        .iter()
        .flat_map(|p| {
            [p.id].into_iter().chain(p.former.iter().map(|(id, _)| *id)).map(move |id| (run_together(id), id, p))
        })
        .collect();
    if let Some((_, id, p)) = known.iter().find(|(name, ..)| *name == wanted) {
        return match *id == p.id {
            true => (format!("Hãy viết \"{id}\"."), format!("Write \"{id}\".")),
            false => (
                format!("Từ 7/2025 địa phương này thuộc {}: dùng \"{}\".", p.name, p.id),
                format!("Since July 2025 it belongs to {}: use \"{}\".", p.name, p.id),
            ),
        };
    }
    let near = closest(&wanted, known.iter().map(|(name, ..)| name.as_str()));
    let near: Vec<_> = known.iter().filter(|(name, ..)| near.contains(&name.as_str())).take(3).collect();
    if near.is_empty() {
        return (
            "Viết tên không dấu, nối bằng gạch, ví dụ \"ha-noi\", \"lam-dong\".".to_owned(),
            "Write the name without marks and with hyphens, such as \"ha-noi\".".to_owned(),
        );
    }
    let list = |or: &str, now: &str| {
        let each = near.iter().map(|(_, id, p)| match *id == p.id {
            true => format!("\"{id}\""),
            false => format!("\"{}\" ({id} {now} {})", p.id, p.name),
        });
        each.collect::<Vec<_>>().join(or)
    };
    (format!("Ý bạn là {}?", list(" hay ", "nay thuộc")), format!("Did you mean {}?", list(" or ", "now belongs to")))
}

/// A name's letters alone, without marks and without what kind of unit it is: "TP. Hồ Chí Minh" is `hochiminh`.
fn letters(typed: &str) -> String {
    let plain = text::without_marks(typed);
    let words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
    let name = match words.as_slice() {
        ["thanh", "pho", name @ ..] | ["tp" | "tinh", name @ ..] if !name.is_empty() => name,
        name => name,
    };
    let joined = name.concat();
    joined.strip_prefix("tp").filter(|rest| !rest.is_empty()).unwrap_or(&joined).to_owned()
}

fn run_together(id: &str) -> String {
    id.replace('-', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_leads_to_the_province_they_mean() {
        for (typed, vi) in [
            ("Hà Nội", "Hãy viết \"ha-noi\"."),
            ("HA_NOI", "Hãy viết \"ha-noi\"."),
            ("Đắk Lắk", "Hãy viết \"dak-lak\"."),
            ("TP. Hồ Chí Minh", "Hãy viết \"ho-chi-minh\"."),
            ("Thành phố Huế", "Hãy viết \"hue\"."),
            ("tỉnh Lâm Đồng", "Hãy viết \"lam-dong\"."),
            ("tphcm", "Hãy viết \"ho-chi-minh\"."),
            ("TP.HCM", "Hãy viết \"ho-chi-minh\"."),
            ("hcm", "Hãy viết \"ho-chi-minh\"."),
            ("sai-gon", "Hãy viết \"ho-chi-minh\"."),
            ("Thừa Thiên - Huế", "Hãy viết \"hue\"."),
            ("Yên Bái", "Từ 7/2025 địa phương này thuộc Lào Cai: dùng \"lao-cai\"."),
            ("yenbai", "Từ 7/2025 địa phương này thuộc Lào Cai: dùng \"lao-cai\"."),
            ("kontum", "Từ 7/2025 địa phương này thuộc Quảng Ngãi: dùng \"quang-ngai\"."),
            ("vung-tau", "Từ 7/2025 địa phương này thuộc Thành phố Hồ Chí Minh: dùng \"ho-chi-minh\"."),
            ("bac-can", "Từ 7/2025 địa phương này thuộc Thái Nguyên: dùng \"thai-nguyen\"."),
            ("dac-nong", "Từ 7/2025 địa phương này thuộc Lâm Đồng: dùng \"lam-dong\"."),
            ("ha-noii", "Ý bạn là \"ha-noi\"?"),
            ("yen-bay", "Ý bạn là \"lao-cai\" (yen-bai nay thuộc Lào Cai)?"),
            ("quang-inh", "Ý bạn là \"quang-ninh\" hay \"quang-tri\" (quang-binh nay thuộc Quảng Trị)?"),
            ("paris", "Viết tên không dấu, nối bằng gạch, ví dụ \"ha-noi\", \"lam-dong\"."),
            ("", "Viết tên không dấu, nối bằng gạch, ví dụ \"ha-noi\", \"lam-dong\"."),
        ] {
            assert_eq!(hint(typed).0, vi, "{typed}");
        }
    }
}
