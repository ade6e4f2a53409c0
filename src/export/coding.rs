//! The compressed twins of a file, as static servers look for them.

use std::io::{self, Write};

use crate::publish::Page;

/// How a twin is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// All of them.
    pub const ALL: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

    /// What the name of a twin ends with.
    pub fn suffix(self) -> &'static str {
        match self {
            Coding::Gzip => ".gz",
            Coding::Brotli => ".br",
            Coding::Zstd => ".zst",
        }
    }
}

/// Of the 11 levels of Brotli: the slowest takes ten times as long for a twentieth of the size, each time a page changes.
const BROTLI_QUALITY: i32 = 9;
/// A window of 4 MiB, as browsers must have.
const BROTLI_WINDOW: i32 = 22;
/// RFC 8878 lets a browser refuse windows beyond 8 MiB; levels up to 19 stay within.
const ZSTD_LEVEL: i32 = 15;

/// The page in a coding; nothing where that is no smaller, or its kind is not worth it.
pub fn twin(page: &Page, coding: Coding) -> io::Result<Option<Vec<u8>>> {
    if !is_compressible(page.content_type) {
        return Ok(None);
    }
    let coded = match coding {
        Coding::Gzip => page.gzip.to_vec(),
        Coding::Brotli => brotli(&page.body)?,
        Coding::Zstd => zstd::bulk::compress(&page.body, ZSTD_LEVEL)?,
    };
    Ok((!coded.is_empty() && coded.len() < page.body.len()).then_some(coded))
}

fn brotli(body: &[u8]) -> io::Result<Vec<u8>> {
    let params =
        brotli::enc::BrotliEncoderParams { quality: BROTLI_QUALITY, lgwin: BROTLI_WINDOW, ..Default::default() };
    let mut writer = brotli::CompressorWriter::with_params(Vec::new(), 16 << 10, &params);
    writer.write_all(body)?;
    writer.flush()?;
    Ok(writer.into_inner())
}

/// Text, in whatever dress.
fn is_compressible(content_type: &str) -> bool {
    let media = content_type.split(';').next().unwrap_or_default().trim();
    media.starts_with("text/") || media.ends_with("+xml") || media.ends_with("json") || media == "application/xml"
}
