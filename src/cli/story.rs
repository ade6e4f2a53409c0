//! What `dongtin story` understands.

use clap::{Args, Subcommand};

use super::{ConfigDir, Format};

const EXIT_CODES: &str = "\
Mã kết thúc · Exit codes:
   0  xong · done
   1  không có sự việc ấy · no such story
   2  gõ sai, hoặc không tách, không ghép được như thế · usage, or it cannot be split or joined so
   3  đọc hoặc ghi · input or output
  78  cấu hình · configuration";

/// `story`.
#[derive(Debug, Subcommand)]
pub enum Story {
    /// Ai đăng, vì sao là một, thuộc chủ đề nào · Who carries it, why they are one, in which topics it is
    Show(StoryName),
    /// Tách vài tin ra thành sự việc riêng · Take items out and make a story of their own of them
    Split(StorySplit),
    /// Ghép hai sự việc làm một, giữ tên thứ nhất · Make one story of two; the first keeps its name
    Join(StoryJoin),
    /// Gỡ một sự việc: trang của nó báo đã gỡ, các feed bỏ nó đi · Take a story back: its page says gone, feeds drop it
    Withdraw(StoryName),
    /// Đưa lại sự việc đã gỡ, đúng tên và chỗ cũ · Show a story again that was taken back, under its name and in its place
    Restore(StoryName),
}

/// `story show`, `story withdraw` and `story restore`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct StoryName {
    /// Tên sự việc (hoặc 6 chữ đầu), địa chỉ trang của nó, hay địa chỉ một bài · Its name (or its first 6 digits), its page, or an article's address
    #[arg(value_name = "STORY")]
    pub story: String,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `story split`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct StorySplit {
    /// Sự việc, như ở story show · The story, as for story show
    #[arg(value_name = "STORY")]
    pub story: String,
    /// Các tin cần tách: số mà story show in ra, hoặc địa chỉ bài · The items: their numbers in story show, or their addresses
    #[arg(value_name = "ITEM", required = true)]
    pub items: Vec<String>,
    #[command(flatten)]
    pub config: ConfigDir,
}

/// `story join`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct StoryJoin {
    /// Sự việc giữ tên, như ở story show · The story that keeps its name, as for story show
    #[arg(value_name = "STORY")]
    pub story: String,
    /// Sự việc nhập vào; tên của nó từ nay dẫn đến sự việc kia · The story that becomes part of it; its name leads there from now on
    #[arg(value_name = "OTHER")]
    pub other: String,
    #[command(flatten)]
    pub config: ConfigDir,
}
