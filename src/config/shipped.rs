//! The topics that come with the program, built in for commands that run without a configuration.

use super::{File, FileKind};

/// The files of `config/topics/`, in their order.
const TOPICS: [(&str, &str); 7] = [
    ("00-nhom-cum-tu.toml", include_str!("../../config/topics/00-nhom-cum-tu.toml")),
    ("10-hoc-tap-va-lam-theo-bac.toml", include_str!("../../config/topics/10-hoc-tap-va-lam-theo-bac.toml")),
    ("20-xay-dung-dang.toml", include_str!("../../config/topics/20-xay-dung-dang.toml")),
    ("30-phong-chong-tham-nhung.toml", include_str!("../../config/topics/30-phong-chong-tham-nhung.toml")),
    ("40-chuyen-doi-so.toml", include_str!("../../config/topics/40-chuyen-doi-so.toml")),
    ("50-nong-thon-moi.toml", include_str!("../../config/topics/50-nong-thon-moi.toml")),
    ("60-sap-xep-bo-may.toml", include_str!("../../config/topics/60-sap-xep-bo-may.toml")),
];

/// `config/topics/`, as built in.
pub fn topics() -> Vec<File> {
    TOPICS
        .iter()
        .map(|(name, text)| File {
            name: format!("(có sẵn · built in) topics/{name}"),
            kind: FileKind::Topic,
            text: (*text).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Evidence;

    #[test]
    fn every_shipped_topic_is_built_in_and_without_mistake() {
        let mut files: Vec<String> = std::fs::read_dir("config/topics")
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, TOPICS.map(|(name, _)| name.to_owned()));
        let rules = super::super::read_topics(&topics()).unwrap_or_else(|m| panic!("{m:#?}"));
        assert_eq!(rules.topics().len(), TOPICS.len() - 1, "one file has groups only");
    }

    /// Of each topic: plain headlines that are in it, and some that only share its words.
    const HEADLINES: [(&str, &[&str], &[&str]); 6] = [
        (
            "hoc-tap-va-lam-theo-bac",
            &[
                "Sơ kết thực hiện Chỉ thị 05 của Bộ Chính trị",
                "Học tập và làm theo Người từ những việc bình dị",
                "Học và làm theo Người",
                "Làm theo lời Người",
                "Thực hiện Di chúc của Chủ tịch Hồ Chí Minh",
                "Hội thi kể chuyện về Bác Hồ",
                "Chỉ thị 05: lan tỏa từ cơ sở",
            ],
            &[
                "Thực hiện Chỉ thị 05 của UBND tỉnh về phòng cháy rừng",
                "Triển khai thực hiện Chỉ thị số 05 của Thủ tướng Chính phủ",
                "Ngân hàng thực hiện Chỉ thị 05 của Ngân hàng Nhà nước",
                "Thực hiện Chỉ thị 05 của Bộ Công an về an toàn giao thông",
                "Thực hiện Chỉ thị số 05-CT/TU về phòng cháy, chữa cháy",
                "Học sinh học theo Bác Giang",
                "Trẻ em hay làm theo người lớn",
            ],
        ),
        (
            "chuyen-doi-so",
            &[
                "Chuyển đổi số, người dân hưởng lợi",
                "Chuyển đổi số: 10 năm nhìn lại",
                "Tổ công tác Đề án 06 của tỉnh họp phiên đầu năm",
                "Phát triển kinh tế số ở vùng cao",
            ],
            &[
                "Kinh tế số 1 thế giới gặp khó",
                "Nền kinh tế số hai thế giới",
                "Công dân số 1 của thành phố",
                "Hạ tầng số 5 quận",
                "Dữ liệu số người mắc cúm",
                "Xã hội số ca mắc giảm",
                "Chuyển đổi số điện thoại 11 số",
                "Ngân hàng chuyển đổi số tài khoản",
                "Đề án 06 của tỉnh về trồng rừng",
            ],
        ),
        (
            "nong-thon-moi",
            &["Nông thôn mới nổi bật ở một huyện miền núi", "Xã đạt chuẩn nông thôn mới"],
            &["Nông thôn mới nổi: thị trường bất động sản"],
        ),
        (
            "xay-dung-dang",
            &[
                "Trao Huy hiệu 50 năm tuổi Đảng",
                "Kết nạp Đảng cho 25 quần chúng ưu tú",
                "Hội nghị Trung ương 15",
                "Đại hội Đảng toàn quốc lần thứ XIV",
                "Ban Thường vụ Tỉnh ủy về công tác cán bộ",
                "Trao đổi kinh nghiệm xây dựng Đảng với Trung Quốc",
            ],
            &[
                "Trao huy hiệu Tuổi trẻ dũng cảm",
                "Ấn Độ: đảng viên mới của BJP",
                "Trung Quốc khai trừ Đảng hai tướng",
                "Hội nghị Trung ương Đoàn lần thứ ba",
            ],
        ),
        (
            "phong-chong-tham-nhung",
            &["Xét xử cựu giám đốc sở nhận hối lộ", "Thực hành tiết kiệm, chống lãng phí trong đầu tư công"],
            &[
                "Hàn Quốc xét xử cựu tổng thống nhận hối lộ",
                "Xét xử vụ tham ô ở Nhật Bản",
                "Chống lãng phí nước sạch trong gia đình",
            ],
        ),
        (
            "sap-xep-bo-may",
            &[
                "Tinh giản biên chế gắn với sắp xếp tổ chức bộ máy",
                "Xã mới sau sáp nhập đơn giản hóa thủ tục hành chính",
            ],
            &[
                "Tinh giản biên chế ở Google",
                "Hợp nhất tỉnh bang ở Canada",
                "Nghiên cứu sáp nhập xã ở Nhật Bản",
                "Ngân hàng sau sáp nhập thay đổi thủ tục hành chính",
            ],
        ),
    ];

    #[test]
    fn plain_headlines_fall_into_the_topics_they_are_about() {
        let rules = super::super::read_topics(&topics()).unwrap_or_else(|m| panic!("{m:#?}"));
        for (topic, inside, outside) in HEADLINES {
            let is_in = |title| {
                let evidence = Evidence { title, ..Evidence::default() };
                rules.decide(&evidence).iter().any(|m| m.topic == topic && m.matched())
            };
            for title in inside {
                assert!(is_in(title), "{topic} has {title:?}");
            }
            for title in outside {
                assert!(!is_in(title), "{topic} has not {title:?}");
            }
        }
    }
}
