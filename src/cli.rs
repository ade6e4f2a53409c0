//! What an operator can type. Definitions only; `commands` does the work.

mod story;
mod topic;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use story::{Story, StoryJoin, StoryName, StorySplit};
pub use topic::{Topic, TopicEval, TopicLabel, TopicLearn, TopicList, TopicStored, TopicTrain};

/// How a command ended, as scripts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// The answer is no.
    No = 1,
    /// The command line or its input makes no sense.
    Usage = 2,
    /// Input, output or network.
    Io = 3,
    /// Not a feed, no article.
    NotAFeed = 4,
    /// A feed, but nothing in it can be read.
    Unrecoverable = 5,
    /// A limit was hit.
    Limit = 6,
    /// Try again later.
    Later = 75,
    /// The configuration.
    Config = 78,
}

const EXIT_CODES: &str = "\
Mã kết thúc · Exit codes:
   0  xong · done
   1  câu trả lời là không: có nguồn đang hỏng, chạy lại thì khác, không có sự việc ấy · the answer is no: a source is ill, a replay differs, no such story
   2  gõ sai lệnh · usage
   3  đọc, ghi hoặc mạng · input, output or network
   4  không phải feed, không có bài · not a feed, no article
   5  là feed nhưng không đọc được gì · a feed but nothing recoverable
   6  chạm giới hạn · a limit was hit
  75  hãy thử lại sau · try again later
  78  cấu hình · configuration";

/// dongtin: gom tin của cơ quan Đảng, chính quyền, báo chí; mỗi tin một lần; phát lại theo chủ đề.
/// Merges the news of Vietnamese party and government bodies, every story once, by topic.
#[derive(Debug, Parser)]
#[command(name = "dongtin", version, after_help = EXIT_CODES, max_term_width = 110, arg_required_else_help = true)]
pub struct Cli {
    /// Làm gì · What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[command(disable_help_subcommand = true)]
pub enum Command {
    /// Xem thử ngay, không cần chuẩn bị gì · Try everything at once, with nothing to prepare
    Demo(Demo),
    /// Chạy nền, liên tục · Run the daemon
    Run(ConfigDir),
    /// Kiểm tra cấu hình, báo mọi lỗi một lần · Check the configuration, all mistakes at once
    Check(Check),
    /// Lấy tin ngay, một lần · Poll now, once
    Poll(Poll),
    /// Sức khoẻ các nguồn, lần lấy tin tới và lý do · Health of the sources, next polls and why
    Status(Status),
    /// Tìm trong các tin đã lưu · Search the stored items
    Search(Search),
    /// Sự việc: ai đăng, vì sao là một; tách, ghép · Stories: who carries one and why; split, join
    #[command(subcommand, disable_help_subcommand = true)]
    Story(Story),
    /// Chạy lại những gì đã giữ, xem điều gì sẽ khác · Run the past again and tell what would change
    Replay(Replay),
    /// Cả trang thành tập tin, hoặc lên kho S3 · The whole site as files, or in an S3-compatible store
    Export(Export),
    /// Đọc một feed như khi chạy nền · Read one feed as the daemon would
    Inspect(Inspect),
    /// Lấy bài chính trên một trang web · The main text of an article page
    Extract(Extract),
    /// Các feed mà một trang giới thiệu · The feeds a page offers
    Discover(Discover),
    /// Vì sao một tin vào hay không vào chủ đề · Why a page or feed is in a topic, or not
    Explain(Explain),
    /// Xếp chủ đề cho các tin (JSON Lines) · Topics of items, JSON Lines in and out
    Classify(Classify),
    /// Ghép các tin cùng sự việc (JSON Lines) · Stories of items, JSON Lines in and out
    Cluster,
    /// Chủ đề: xem, thử quy tắc mới, đo, gán nhãn, gợi ý · Topics: list, diff, near, eval, label, suggest, train
    #[command(subcommand, disable_help_subcommand = true)]
    Topic(Topic),
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub struct ConfigDir {
    /// Thư mục cấu hình (mặc định: ./config hoặc /etc/dongtin) · The configuration folder
    #[arg(long, value_name = "DIR", env = "DONGTIN_CONFIG")]
    pub config: Option<PathBuf>,
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Cho người đọc · For people
    Text,
    /// JSON
    Json,
    /// Mỗi dòng một JSON · One JSON object a line
    Jsonl,
}

/// `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Địa chỉ để mở trang · Where the pages are
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8750")]
    pub listen: SocketAddr,
    /// Giây giữa hai tin mới · Seconds between two new items
    #[arg(long, value_name = "SECONDS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub pace: u64,
}

const CHECK_CODES: &str = "\
Mã kết thúc · Exit codes:
   0  dùng được, kể cả khi có cảnh báo · usable, also with warnings
  78  bị từ chối · refused";

/// `check`.
#[derive(Debug, Args)]
#[command(after_help = CHECK_CODES)]
pub struct Check {
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `poll`.
#[derive(Debug, Args)]
pub struct Poll {
    /// Nguồn cần lấy (mặc định: mọi nguồn đang bật) · Sources to poll (default: all enabled)
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Chỉ cho biết sẽ ra sao, không ghi gì · Only say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Chỉ in tổng kết · Print the summary only
    #[arg(long, short)]
    pub quiet: bool,
}

/// `status`.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `search`.
#[derive(Debug, Args)]
pub struct Search {
    /// Từ cần tìm; trong ngoặc kép thì đứng liền nhau; không dấu cũng được · Words; quoted ones stand together; marks may be left out
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// Nhiều nhất bao nhiêu tin · The most items
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub limit: usize,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

const REPLAY_CODES: &str = "\
Mã kết thúc · Exit codes:
   0  không có gì khác · nothing would change
   1  có điều sẽ khác · something would change
   3  đọc hoặc ghi, hoặc chưa giữ gì · input or output, or nothing was kept
  78  cấu hình · configuration";

/// `replay`.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_CODES)]
pub struct Replay {
    /// Từ lúc nào: 7d, 12h, 2026-11-20 hoặc 2026-11-20T06:00:00+07:00 · From when
    #[arg(long, value_name = "WHEN", default_value = "7d")]
    pub since: String,
    /// Đến lúc nào (mặc định: bây giờ; nếu đang chạy nền: 10 phút trước) · Until when (default: now; beside a daemon, ten minutes ago)
    #[arg(long, value_name = "WHEN")]
    pub until: Option<String>,
    /// Chỉ nguồn này, có thể ghi nhiều lần · Only this source; may be repeated
    #[arg(long = "source", value_name = "ID")]
    pub sources: Vec<String>,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

const EXPORT_CODES: &str = "\
Mã kết thúc · Exit codes:
   0  xong, kể cả khi không có gì mới · done, also where nothing was new
   1  chưa có gì để xuất · nothing to export yet
   2  gõ sai, hoặc thư mục không phải của dongtin · usage, or the folder is not dongtin's
   3  đọc, ghi hoặc mạng; hãy chạy lại để gửi tiếp · input, output or network; run it again to go on
  75  một lần xuất khác đang chạy · another export is under way
  78  cấu hình · configuration

Khoá của kho S3 · The key of the S3 store: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN";

/// `export`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_CODES, group = clap::ArgGroup::new("place").required(true))]
pub struct Export {
    /// Thư mục sẽ là trang web; mỗi lần được thay trọn vẹn · The folder that will be the site; replaced as a whole
    #[arg(long, value_name = "DIR", group = "place")]
    pub out: Option<PathBuf>,
    /// Kho S3, ghi `s3://BUCKET/PREFIX` · An S3-compatible store
    #[arg(long, value_name = "URL", group = "place")]
    pub s3: Option<String>,
    /// Địa chỉ của kho (mặc định: Amazon) · Where the store is (default: Amazon)
    #[arg(long, value_name = "URL", requires = "s3", env = "AWS_ENDPOINT_URL")]
    pub endpoint: Option<String>,
    /// Vùng của kho · The store's region
    #[arg(long, value_name = "REGION", requires = "s3", env = "AWS_REGION", default_value = "us-east-1")]
    pub region: String,
    /// Giữ bản nén gzip trong kho, khi không có CDN nào nén hộ · Keep bodies gzipped, where no CDN compresses
    #[arg(long, requires = "s3")]
    pub gzip: bool,
    /// Chỉ in những gì sẽ gửi · Only print what would be sent
    #[arg(long, requires = "s3")]
    pub dry_run: bool,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `inspect`.
#[derive(Debug, Args)]
pub struct Inspect {
    /// Tập tin, địa chỉ, hoặc - · A file, an address, or - for standard input
    #[arg(value_name = "FILE|URL|-", required_unless_present = "batch")]
    pub input: Option<String>,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Tài liệu lấy từ đâu, để hiểu liên kết tương đối · Where the document came from
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Content-Type đi kèm · The Content-Type it came with
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// Giữ nguyên HTML, không làm sạch · Leave markup as it is
    #[arg(long)]
    pub raw: bool,
    /// Đọc như trang danh sách tin · Read it as a page of headlines
    #[arg(long)]
    pub listing: bool,
    /// Như --listing, theo họ CMS (b-grid, zce …) · Like --listing, by a CMS family
    #[arg(long, value_name = "FAMILY")]
    pub cms: Option<String>,
    /// Đọc nhiều tập tin: mỗi dòng `path TAB base_url TAB content_type` · Many files, one a line
    #[arg(long, value_name = "LIST", requires = "root", conflicts_with = "input")]
    pub batch: Option<PathBuf>,
    /// Thư mục của các tập tin trong LIST · The folder of the files in LIST
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    #[command(flatten)]
    pub config: ConfigDir,
}

/// `extract`.
#[derive(Debug, Args)]
pub struct Extract {
    /// Tập tin, địa chỉ, hoặc - · A file, an address, or - for standard input
    #[arg(value_name = "FILE|URL|-", required_unless_present = "batch")]
    pub input: Option<String>,
    /// Địa chỉ của trang · The address of the page
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    /// Đọc nhiều tập tin: mỗi dòng `id TAB path TAB url` · Many files, one a line
    #[arg(long, value_name = "LIST", requires = "root", conflicts_with = "input")]
    pub batch: Option<PathBuf>,
    /// Thư mục của các tập tin trong LIST · The folder of the files in LIST
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    #[command(flatten)]
    pub config: ConfigDir,
}

/// `discover`.
#[derive(Debug, Args)]
pub struct Discover {
    /// Tập tin, địa chỉ, hoặc - · A file, an address, or - for standard input
    #[arg(value_name = "FILE|URL|-")]
    pub input: Option<String>,
    /// Địa chỉ của trang · The address of the page
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
    #[command(flatten)]
    pub config: ConfigDir,
}

/// `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// Địa chỉ bài viết hoặc feed (hoặc tập tin) · The address of an article or a feed (or a file)
    #[arg(value_name = "URL|FILE")]
    pub input: String,
    #[command(flatten)]
    pub config: ConfigDir,
    /// Cách in · How to print
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// `classify`.
#[derive(Debug, Args)]
pub struct Classify {
    /// Chỉ chủ đề này · Only this topic
    #[arg(long, value_name = "ID")]
    pub topic: Option<String>,
    #[command(flatten)]
    pub config: ConfigDir,
}

impl Command {
    /// How much a command says on stderr unless `DONGTIN_LOG` says otherwise: the daemon what it does, the others what
    /// goes wrong.
    pub fn log_level(&self) -> tracing::level_filters::LevelFilter {
        match self {
            Command::Run(_) => tracing::level_filters::LevelFilter::INFO,
            // One of its sources fails all the time, on purpose.
            Command::Demo(_) => tracing::level_filters::LevelFilter::ERROR,
            _ => tracing::level_filters::LevelFilter::WARN,
        }
    }
}
