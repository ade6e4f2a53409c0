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
}
