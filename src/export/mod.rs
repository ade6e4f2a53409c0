//! A copy of the whole public site elsewhere: as files that any web server can serve, or in an S3-compatible object store. Readers of the copy
//! never find a link that leads nowhere, and what did not change is not written again.

mod bucket;
mod files;
mod generations;
mod manifest;
mod name;
mod object;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;

use crate::publish::{Lang, Page};

pub use bucket::{Bucket, Credentials};
pub use files::to_folder;
pub use object::Coded;

/// What is exported, one document at a time, in the [order](in_order) that they may be published in.
pub trait Documents: Iterator<Item = Result<Document, Error>> {}

impl<I: Iterator<Item = Result<Document, Error>>> Documents for I {}

/// One file of the exported site.
pub struct Document {
    /// Where readers ask for it: relative, no leading slash; "" and "x/" are pages.
    pub path: String,
    /// Its language.
    pub lang: Lang,
    /// What they receive.
    pub page: Arc<Page>,
}

/// In which order documents may appear where readers look: what a document links to is there before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Style, pictures, the pages of stories, closed months: they are linked to.
    Parts,
    /// Pages that list.
    Pages,
    /// Feeds, which programs ask for first.
    Feeds,
    /// What invites crawlers.
    Invitations,
}

impl Stage {
    fn of(path: &str) -> Stage {
        match path {
            "robots.txt" => Stage::Invitations,
            _ if path.starts_with("sitemap") => Stage::Invitations,
            _ if path.is_empty() || path.ends_with('/') => Stage::Pages,
            _ if path.starts_with("story/") || path.starts_with("assets/") => Stage::Parts,
            _ if path.contains("/archive/") || !path.contains('/') => Stage::Parts,
            _ => Stage::Feeds,
        }
    }
}

/// Puts the paths of a site in the order in which its documents may be published.
pub fn in_order(paths: &mut [String]) {
    paths.sort_by_cached_key(|path| (Stage::of(path), path.clone()));
}

/// What an export did, or would do. Twins and manifests are not counted as documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents of the site.
    pub documents: u64,
    /// Of these, not there before.
    pub new: u64,
    /// There before with other content.
    pub changed: u64,
    /// There before as they are.
    pub unchanged: u64,
    /// There before, and no document of the site any more.
    pub removed: u64,
    /// Size of all documents, uncompressed.
    pub bytes: u64,
    /// Bytes that were written or sent, compressed twins too.
    pub written: u64,
}

impl Summary {
    /// Whether the copy was as it should be.
    pub fn is_idle(&self) -> bool {
        self.new + self.changed + self.removed == 0
    }
}

/// A length as it is told.
fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Why a site could not be exported. Each is a different thing to do for an operator.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another export to the same place is under way.
    #[error(
        "một lần xuất khác đang ghi vào {place}; hãy thử lại sau\n    \
         another export is writing to {place}; try again later"
    )]
    Busy {
        /// Where to.
        place: String,
    },
    /// Something is there that we did not make.
    #[error(
        "{place} không do dongtin tạo ra và không trống, nên không động đến; hãy dời nó đi hoặc chọn thư mục khác\n    \
         {place} was not made by dongtin and is not empty, so it is left alone; move it away or choose another folder"
    )]
    NotOurs {
        /// Where to.
        place: String,
    },
    /// No folder can be made by that name.
    #[error(
        "không dùng được \"{place}\" làm tên thư mục; hãy ghi như /var/www/dongtin\n    \
         \"{place}\" cannot be the name of the folder; write something like /var/www/dongtin"
    )]
    NoName {
        /// What was asked for.
        place: String,
    },
    /// A document would be written somewhere else.
    #[error(
        "đường dẫn lạ trong trang: {path:?}; chưa xuất gì cả, hãy báo lỗi này\n    \
         a path of the site is not one that can be exported: {path:?}; nothing was exported, please report this"
    )]
    Path {
        /// The document's.
        path: String,
    },
    /// The site cannot be read.
    #[error("không đọc được trang để xuất: {reason}\n    the site cannot be read: {reason}")]
    Site {
        /// What happened.
        reason: String,
    },
    /// The disk.
    #[error("không ghi được {path}: {source}\n    cannot write {path}: {source}")]
    Disk {
        /// The file or folder.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// The address of the store makes no sense.
    #[error(
        "không hiểu \"{address}\"; hãy ghi --s3 s3://bucket/prefix, --endpoint https://host\n    \
         \"{address}\" is not understood; write --s3 s3://bucket/prefix, --endpoint https://host"
    )]
    Address {
        /// What was written.
        address: String,
    },
    /// The store does not know us, or does not let us.
    #[error(
        "kho {bucket} không nhận khoá hoặc khoá thiếu quyền; hãy xem AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, và quyền s3:ListBucket, \
         s3:GetObject, s3:PutObject, s3:DeleteObject: {reason}\n    \
         {bucket} refuses the key, or the key may not do this; look at AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and at the permissions above"
    )]
    Denied {
        /// The store.
        bucket: String,
        /// What it says.
        reason: String,
    },
    /// There is no such bucket.
    #[error(
        "không có kho {bucket}; hãy tạo nó trước, hoặc xem lại --s3 và --endpoint: {reason}\n    \
         there is no bucket {bucket}; make it first, or look at --s3 and --endpoint again"
    )]
    NoBucket {
        /// The store.
        bucket: String,
        /// What it says.
        reason: String,
    },
    /// The store cannot be reached, or failed.
    #[error(
        "không ghi được vào {bucket}; những gì đã gửi vẫn dùng được, hãy chạy lại để gửi tiếp: {reason}\n    \
         cannot write to {bucket}; what was sent is in use, run this again to go on"
    )]
    Store {
        /// The store.
        bucket: String,
        /// What was tried, and what happened.
        reason: String,
    },
}
