//! F-C: content codings, as servers get them right and wrong, and bombs. F-C15 weighs the real program (`tests/it/faults.rs`).

use std::io::{Read, Write};

use super::server::{Server, ok};
use super::*;
use crate::fetch::decode::{ACCEPTED, decode};

const TEXT: &[u8] = "Học tập và làm theo Bác. ".as_bytes();
const MAX: usize = 8 << 20;

fn gzip(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes.as_ref()).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: impl Read) -> Vec<u8> {
    ::zstd::encode_all(bytes, 3).unwrap()
}

/// One uncompressed block (RFC 7932 section 9.2).
fn brotli(text: &[u8]) -> Vec<u8> {
    let [low, high] = u16::try_from(text.len() - 1).unwrap().to_le_bytes();
    // A window of 16 bits; not the last block; a length of four digits; not compressed. Behind it, the last block, empty.
    let bits = u32::from(low) << 4 | u32::from(high) << 12 | 1 << 20;
    let head = bits.to_le_bytes();
    [&head[..3], text, &[3]].concat()
}

/// A gibibyte of zeros as one member for each MiB: 1.0 MiB in all.
fn gzip_bomb() -> Vec<u8> {
    gzip(vec![0; 1 << 20]).repeat(1024)
}

/// A gibibyte of zeros in 809 bytes: 64 blocks of 16 MiB, of which eight end on a byte.
fn brotli_bomb() -> Vec<u8> {
    const EIGHT: &str = "effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fff\
        ffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07bffcfffff7f002400e2b00074";
    const LAST: &str = "effff9ffff0f8004401c1680eefd3fffffff01900088c302d0bdffe7ffff3f001200715800baf7fffcffff074002200e0b40f7fe9fff\
        ffff004800c46101e8defff3ffff1f000980382c00ddfb7ffeffff032001108705a07bff3f";
    let hex = ["cfffff7f002400e2b14072", &EIGHT.repeat(7), LAST].concat();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// What a body comes to: its length and first bytes, or the class of its failure.
fn said(wire: &[u8], coding: Option<&str>) -> Result<Vec<u8>, &'static str> {
    decode(wire, coding, MAX).map(|body| body.into_owned()).map_err(|error| error.class.as_str())
}

#[test]
fn every_coding_we_ask_for_is_read_and_so_are_the_ways_in_which_servers_get_it_wrong() {
    let zipped = gzip(TEXT);
    let with = |more: &[u8]| [zipped.as_slice(), more].concat();
    let cases: Vec<(&str, Vec<u8>, Option<&str>, Vec<u8>)> = vec![
        ("nothing", TEXT.to_vec(), None, TEXT.to_vec()),
        ("gzip", zipped.clone(), Some("gzip"), TEXT.to_vec()),
        ("gzip, shouted", zipped.clone(), Some("GZIP"), TEXT.to_vec()),
        ("gzip by its old name", zipped.clone(), Some("x-gzip"), TEXT.to_vec()),
        ("brotli", brotli(TEXT), Some("br"), TEXT.to_vec()),
        ("zstd", zstd(TEXT), Some("zstd"), TEXT.to_vec()),
        ("F-C04 gzip in gzip, said once: one layer", gzip(&zipped), Some("gzip"), zipped.clone()),
        ("F-C06 junk behind the member", with(b"\r\n<!-- cached -->"), Some("gzip"), TEXT.to_vec()),
        ("F-C07 two members", with(&zipped), Some("gzip"), TEXT.repeat(2)),
        ("F-C09 says gzip, is plain", TEXT.to_vec(), Some("gzip"), TEXT.to_vec()),
        ("F-C10 says nothing, is gzip", zipped.clone(), None, TEXT.to_vec()),
        ("F-C10 says identity, is gzip", zipped.clone(), Some("identity"), TEXT.to_vec()),
        ("F-C11 deflate with the frame of zlib", zlib(TEXT), Some("deflate"), TEXT.to_vec()),
        ("F-C11 deflate without it", deflate(TEXT), Some("deflate"), TEXT.to_vec()),
        ("F-C12 identity", TEXT.to_vec(), Some("identity"), TEXT.to_vec()),
        ("F-C12 an empty name", TEXT.to_vec(), Some(""), TEXT.to_vec()),
        ("F-C12 gzip and identity", zipped.clone(), Some("gzip, identity"), TEXT.to_vec()),
    ];
    for (case, wire, coding, expected) in cases {
        assert_eq!(said(&wire, coding), Ok(expected), "{case}");
    }
}

#[test]
fn broken_foreign_and_nested_codings_are_named() {
    let long = TEXT.repeat(100);
    let zipped = gzip(&long);
    let half = |wire: Vec<u8>| wire[..wire.len() / 2].to_vec();
    let mut wrong_sum = zipped.clone();
    let at = wrong_sum.len() - 6;
    wrong_sum[at] ^= 0xff;
    let mut wrong_length = zipped.clone();
    *wrong_length.last_mut().unwrap() ^= 0xff;
    let cases: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("F-C04 gzip in gzip, said twice", gzip(&zipped), "gzip, gzip", "encoding"),
        ("F-C05 a wrong checksum", wrong_sum, "gzip", "encoding"),
        ("F-C05 a wrong length", wrong_length, "gzip", "encoding"),
        ("F-C08 half of gzip", half(zipped.clone()), "gzip", "truncated"),
        ("F-C08 gzip without its last bytes", zipped[..zipped.len() - 4].to_vec(), "gzip", "truncated"),
        ("F-C08 half of deflate", half(deflate(&long)), "deflate", "truncated"),
        ("F-C08 half of deflate in zlib", half(zlib(&long)), "deflate", "truncated"),
        ("F-C08 half of brotli", half(brotli(&long)), "br", "truncated"),
        ("F-C08 half of zstd", half(zstd(long.as_slice())), "zstd", "truncated"),
        ("F-C12 aes", TEXT.to_vec(), "aes", "encoding"),
        ("F-C13 compress, which we do not offer", TEXT.to_vec(), "compress", "encoding"),
        ("F-C13 a dictionary that we do not have", TEXT.to_vec(), "dcb", "encoding"),
        ("says zstd, is plain", TEXT.to_vec(), "zstd", "encoding"),
        ("says brotli, is plain", TEXT.to_vec(), "br", "encoding"),
    ];
    for (case, wire, coding, class) in cases {
        assert_eq!(said(&wire, Some(coding)), Err(class), "{case}");
    }
    assert!(!ACCEPTED.contains("compress") && !ACCEPTED.contains("dcb"));
}

#[test]
fn bombs_are_cut_by_what_they_come_to_and_by_how_much_that_is_of_what_came() {
    let wide = {
        let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.write_all(&[0; 4096]).unwrap();
        encoder.flush().unwrap();
        encoder.write_all(&[0; 4096]).unwrap();
        encoder.finish().unwrap()
    };
    // Bits that RFC 7932 calls invalid, and a window of 2 to the 30th behind them.
    let mut wide_brotli = vec![0x11, 30];
    wide_brotli.extend(brotli_bomb());
    let cases: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("F-C01 gzip, 1 GiB of 1.0 MiB", gzip_bomb(), "gzip", "too-large"),
        ("F-C01 gzip, one member", gzip(vec![0; 16 << 20]), "gzip", "too-large"),
        ("F-C01 deflate", deflate(&vec![0; 16 << 20]), "deflate", "too-large"),
        ("F-C02 brotli, 1 GiB of 809 bytes", brotli_bomb(), "br", "too-large"),
        ("F-C02 brotli with a window of 1 GiB", wide_brotli, "br", "encoding"),
        ("F-C03 zstd, 256 MiB", zstd(std::io::repeat(0).take(256 << 20)), "zstd", "too-large"),
        ("F-C03 zstd with a window of 128 MiB", wide, "zstd", "encoding"),
        ("F-C04 gzip in gzip, as it is", gzip(gzip_bomb()), "gzip, gzip", "encoding"),
    ];
    for (case, wire, coding, class) in cases {
        assert_eq!(said(&wire, Some(coding)), Err(class), "{case}");
    }
    assert_eq!(brotli_bomb().len(), 809);
}

#[test]
fn f_c14_beyond_a_mebibyte_two_hundred_times_is_enough() {
    let zeros = |length: usize| gzip(vec![0; length]);
    let one = 1 << 20;
    assert!(zeros(one).len() * 200 < one, "the ratio is beyond all measure");
    assert_eq!(said(&zeros(one), Some("gzip")).map(|body| body.len()), Ok(one), "little is free");
    assert_eq!(said(&zeros(one + 1), Some("gzip")), Err("too-large"));
    let words = TEXT.repeat(2 * one / TEXT.len());
    let dense = [gzip(&words), gzip(random(64 << 10))].concat();
    assert!(dense.len() * 200 > words.len() + (64 << 10));
    assert!(said(&dense, Some("gzip")).is_ok(), "much of much is no bomb");
    let much = [gzip(vec![0; MAX]), gzip(random(64 << 10))].concat();
    assert_eq!(said(&much, Some("gzip")), Err("too-large"), "what is unpacked counts, not what came");
}

/// Bytes that cannot be packed, the same every time.
fn random(length: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    });
    next.take(length).collect()
}

#[tokio::test]
async fn codings_are_read_behind_the_whole_client() {
    let cases = [
        (
            "F-C07 gzip in two members",
            ok("Content-Encoding: gzip", [gzip(&FEED[..20]), gzip(&FEED[20..])].concat()),
            TIN,
        ),
        ("F-C02 the brotli bomb", ok("Content-Encoding: br", brotli_bomb()), "too-large"),
        (
            "F-C04 gzip in gzip, said in two lines",
            ok("Content-Encoding: gzip\r\nContent-Encoding: gzip", gzip(gzip(FEED))),
            "encoding",
        ),
        ("F-C04 gzip in gzip, said once", ok("Content-Encoding: gzip", gzip(gzip(FEED))), "not-a-feed"),
        ("F-C06 gzip and junk", ok("Content-Encoding: gzip", [gzip(FEED), b"junk".to_vec()].concat()), TIN),
        ("F-C08 half of gzip", ok("Content-Encoding: gzip", &gzip(FEED)[..40]), "truncated"),
        ("F-C09 says gzip, is plain", ok("Content-Encoding: gzip", FEED), TIN),
        ("F-C10 says nothing, is gzip", ok("", gzip(FEED)), TIN),
        ("F-C12 aes", ok("Content-Encoding: aes", FEED), "encoding"),
    ];
    for (case, bytes, expected) in cases {
        let server = Server::answering(bytes).await;
        assert_eq!(outcome(&client(), &server.url()).await, expected, "{case}");
    }
}
