//! Bodies that nobody wants: read to their end, so that what follows is a request, and given up where they are long. Pure.

use httparse::Status;

use super::head::Framing;

/// So much of a body is read and thrown away, in bytes, its framing too (assertion S-48).
const MOST: u64 = 64 * 1024;
/// The longest line that says how long a chunk is, or line behind the last chunk, in bytes.
const MAX_LINE: usize = 1024;

/// What is left of a body.
#[derive(Debug, Clone, Copy)]
pub struct Unwanted {
    part: Part,
    /// How much more may come.
    allowed: u64,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    /// So many bytes, and that was it.
    Rest(u64),
    /// A line with the size of a chunk.
    Size,
    /// So many bytes of a chunk.
    Chunk(u64),
    /// The end of a chunk's line.
    ChunkEnd,
    /// Lines behind the last chunk, to an empty one.
    Trailer,
    /// Nothing.
    End,
}

/// Why a body is not read on; a status.
type Refusal = u16;

impl Unwanted {
    /// The body of a request, or the refusal of one that says it is too long.
    pub fn new(framing: Framing) -> Result<Unwanted, Refusal> {
        let part = match framing {
            Framing::None => Part::End,
            Framing::Length(length) if length > MOST => return Err(413),
            Framing::Length(length) => Part::Rest(length),
            Framing::Chunked => Part::Size,
        };
        Ok(Unwanted { part, allowed: MOST })
    }

    /// Whether all of it has been seen.
    pub fn is_over(&self) -> bool {
        matches!(self.part, Part::End)
    }

    /// How many of these bytes belong to it and need not be kept. None of them where more must be seen first.
    pub fn take(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|_| !self.is_over()) {
            let step = self.step(rest)?;
            if step == 0 {
                break;
            }
            taken += step;
            self.allowed = self.allowed.checked_sub(step as u64).ok_or(413_u16)?;
        }
        Ok(taken)
    }

    fn step(&mut self, bytes: &[u8]) -> Result<usize, Refusal> {
        let (taken, next) = match self.part {
            Part::Rest(0) | Part::End => (0, Part::End),
            Part::Rest(left) => {
                let (taken, left) = part_of(left, bytes);
                (taken, if left == 0 { Part::End } else { Part::Rest(left) })
            }
            Part::Chunk(left) => {
                let (taken, left) = part_of(left, bytes);
                (taken, if left == 0 { Part::ChunkEnd } else { Part::Chunk(left) })
            }
            Part::Size => match line(bytes)? {
                None => (0, Part::Size),
                Some(end) => (end, size(bytes.get(..end).unwrap_or_default())?),
            },
            Part::ChunkEnd => match bytes {
                [b'\r', b'\n', ..] => (2, Part::Size),
                [] | [b'\r'] => (0, Part::ChunkEnd),
                _ => return Err(400),
            },
            Part::Trailer => match line(bytes)? {
                None => (0, Part::Trailer),
                Some(2) => (2, Part::End),
                Some(end) => (end, Part::Trailer),
            },
        };
        self.part = next;
        Ok(taken)
    }
}

fn part_of(left: u64, bytes: &[u8]) -> (usize, u64) {
    let taken = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
    (taken, left - taken as u64)
}

/// Where a line ends, which it does with both bytes and soon.
fn line(bytes: &[u8]) -> Result<Option<usize>, Refusal> {
    match memchr::memchr(b'\n', bytes) {
        Some(at) if at < MAX_LINE && at.checked_sub(1).and_then(|i| bytes.get(i)) == Some(&b'\r') => Ok(Some(at + 1)),
        None if bytes.len() < MAX_LINE => Ok(None),
        _ => Err(400),
    }
}

fn size(line: &[u8]) -> Result<Part, Refusal> {
    // A line without a digit is zero to httparse, and the end of a body to nobody else.
    if !line.first().is_some_and(u8::is_ascii_hexdigit) {
        return Err(400);
    }
    match httparse::parse_chunk_size(line) {
        Ok(Status::Complete((end, _))) if end != line.len() => Err(400),
        Ok(Status::Complete((_, 0))) => Ok(Part::Trailer),
        Ok(Status::Complete((_, size))) if size > MOST => Err(413),
        Ok(Status::Complete((_, size))) => Ok(Part::Chunk(size)),
        _ => Err(400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How much of it is the body, as it comes in pieces of a length.
    fn length(framing: Framing, bytes: &[u8], piece: usize) -> Result<Option<usize>, Refusal> {
        let mut body = Unwanted::new(framing)?;
        let mut gone = 0;
        for seen in (0..bytes.len()).step_by(piece).chain([bytes.len()]) {
            gone += body.take(&bytes[gone..seen])?;
        }
        Ok(body.is_over().then_some(gone))
    }

    #[test]
    fn a_body_ends_where_it_says() {
        for (framing, bytes, expected) in [
            (Framing::None, "GET", Ok(Some(0))),
            (Framing::Length(3), "abcGET", Ok(Some(3))),
            (Framing::Length(3), "ab", Ok(None)),
            (Framing::Chunked, "3\r\nabc\r\n0\r\n\r\nGET", Ok(Some(13))),
            (Framing::Chunked, "A;x=y\r\n0123456789\r\n0\r\nX: y\r\n\r\nGET", Ok(Some(30))),
            (Framing::Chunked, "0\r\n\r\n", Ok(Some(5))),
            (Framing::Chunked, "3\r\nabc", Ok(None)),
            (Framing::Chunked, "3\r\nabcd\r\n", Err(400)),
            (Framing::Chunked, "3\nabc\r\n", Err(400)),
            (Framing::Chunked, "x\r\n", Err(400)),
            (Framing::Chunked, "-1\r\n", Err(400)),
            (Framing::Chunked, "0x3\r\n", Err(400)),
            (Framing::Chunked, "\r\n", Err(400)),
            (Framing::Chunked, "ffffffffffffffff1\r\n", Err(400)),
            (Framing::Chunked, "fffff\r\n", Err(413)),
            (Framing::Length(MOST + 1), "", Err(413)),
        ] {
            for piece in [1, 2, 1000] {
                assert_eq!(length(framing, bytes.as_bytes(), piece), expected, "{bytes:?} by {piece}");
            }
        }
        let many = "1\r\na\r\n".repeat(20_000);
        assert_eq!(length(Framing::Chunked, many.as_bytes(), 1000), Err(413), "small chunks are long too");
        assert_eq!(length(Framing::Chunked, "0;".repeat(1000).as_bytes(), 1000), Err(400));
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in "[0-9a-f;\r\n]{0,60}", piece in 1_usize..20) {
            let whole = length(Framing::Chunked, bytes.as_bytes(), bytes.len().max(1));
            prop_assert_eq!(length(Framing::Chunked, bytes.as_bytes(), piece), whole);
        }
    }
}
