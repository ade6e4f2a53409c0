//! The topics that come with the program, built in for commands that run without a configuration.

use super::{File, FileKind};

/// The files of `config/topics/`, in their order.
const TOPICS: [(&str, &str); 6] = [
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
        assert_eq!(rules.topics().len(), TOPICS.len());
    }

    /// Of each topic: plain headlines that are in it, and some that only share its words.
    const HEADLINES: [(&str, &[&str], &[&str]); 1] = [(
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
    )];

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
