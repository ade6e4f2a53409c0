//! What `dongtin topic` understands.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{ConfigDir, Format};

/// `topic`.
#[derive(Debug, Subcommand)]
pub enum Topic {
    /// Các chủ đề, số tin và quy tắc của chúng · The topics, their items and rules
    List(TopicList),
    /// Quy tắc vừa sửa sẽ thêm, bớt tin nào, vì sao · What edited rules would add or drop, and why
    Diff(TopicStored),
    /// Tin suýt vào chủ đề, tin chỉ khớp khi bỏ dấu · Items just below the threshold, or matched without marks only
    Near(TopicStored),
    /// Đo độ đúng, độ đủ trên tập đã gán nhãn · Precision, recall and every error on labelled items
    Eval(TopicEval),
    /// Gán nhãn từng tin, ngay trên màn hình · Label items one by one at the terminal
    Label(TopicLabel),
    /// Gợi ý cụm từ nên thêm, có đo hiệu quả · Propose phrases, with their measured effect
    Suggest(TopicLearn),
    /// Học trọng số từ tập đã gán nhãn · Learn weights from labelled items
    Train(TopicTrain),
}

/// `topic list`.
#[derive(Debug, Args)]
pub struct TopicList {
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `topic diff` and `topic near`.
#[derive(Debug, Args)]
pub struct TopicStored {
    /// Từ lúc nào: 90d, 12h, 2026-11-20 · From when
    #[arg(long, value_name = "WHEN", default_value = "90d")]
    pub since: String,
    /// Chỉ chủ đề này · Only this topic
    #[arg(long, value_name = "ID")]
    pub topic: Option<String>,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// A labelled file, and whose labels are looked at.
#[derive(Debug, Args)]
pub struct Labelled {
    /// Tập đã gán nhãn (JSON Lines) · The labelled items
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Chủ đề nào (mặc định: chủ đề đầu tiên) · Which topic (default: the first)
    #[arg(long, value_name = "ID")]
    pub topic: Option<String>,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `topic eval`.
#[derive(Debug, Args)]
pub struct TopicEval {
    #[command(flatten)]
    pub labelled: Labelled,
}

/// `topic label`.
#[derive(Debug, Args)]
pub struct TopicLabel {
    /// Tập đã gán nhãn, được ghi thêm vào cuối (JSON Lines) · The labelled items; new ones are appended
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Chủ đề nào (mặc định: chủ đề đầu tiên) · Which topic (default: the first)
    #[arg(long, value_name = "ID")]
    pub topic: Option<String>,
    /// Lấy tin từ tập tin này (JSON Lines) thay vì từ kho · Take items from this file instead of the database
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Từ lúc nào: 90d, 12h, 2026-11-20 · From when
    #[arg(long, value_name = "WHEN", default_value = "90d")]
    pub since: String,
    #[command(flatten)]
    pub config: ConfigDir,
}

/// `topic suggest`.
#[derive(Debug, Args)]
pub struct TopicLearn {
    #[command(flatten)]
    pub labelled: Labelled,
    /// Nhiều nhất bao nhiêu gợi ý · The most proposals
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub limit: usize,
}

/// `topic train`.
#[derive(Debug, Args)]
pub struct TopicTrain {
    #[command(flatten)]
    pub labelled: Labelled,
    /// Ghi trọng số vào đâu · Where to write the weights
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}
