//! What is not TOML, in words an admin can act on. One mistake a file: the parser goes on after the first, but what it
//! finds then are its echoes.

use std::ops::Range;

use toml::de::Error;

use super::mistake::Report;
use super::{File, FileKind};

/// What word processors make of a quote.
const CURLY: [char; 6] = ['“', '”', '„', '‘', '’', '″'];

/// What is wrong and what to do, in Vietnamese and in English.
type Words = (String, String);

/// Reports the first mistake of a file that is not TOML.
pub fn report(file: &File, error: &Error, report: &Report<'_>) {
    let text = file.text.as_str();
    let single = file.kind.block().map(|name| single_brackets(text, name)).unwrap_or_default();
    if error.message().contains("duplicate key") && !single.is_empty() {
        for (span, (vi, en)) in single {
            report.mistake(&span, vi, en);
        }
        return;
    }
    let span = error.span().unwrap_or(0..0);
    // The parser notices a list without its end only where something cannot be an element, maybe in the next block.
    let unended = open_list(text, span.start).filter(|opened| goes_on_with_another_key(text, span.start, *opened));
    let span = unended.map_or(span, |opened| opened..opened + 1);
    let line = line_at(text, span.start);
    let (vi, en) = match unended {
        Some(_) => words(
            "danh sách mở bằng [ ở dòng này thiếu dấu ] đóng",
            "the list that is opened by [ in this line lacks its closing ]",
        ),
        None => cause(file, error.message(), &span, line),
    };
    let quoted: String = line.trim().chars().take(80).collect();
    if quoted.is_empty() {
        report.mistake(&span, format!("Sai cú pháp: {vi}."), format!("TOML syntax: {en}."));
    } else {
        report.mistake(
            &span,
            format!("Sai cú pháp ở dòng «{quoted}»: {vi}."),
            format!("TOML syntax in the line «{quoted}»: {en}."),
        );
    }
}

/// What to say of a table that should have been one of a list.
pub fn should_be_double(name: &str) -> Words {
    (
        format!("Viết [[{name}]] (hai ngoặc vuông), không phải [{name}]."),
        format!("Write [[{name}]] with two brackets, not [{name}]."),
    )
}

impl FileKind {
    /// The name of the blocks of which such a file has many.
    fn block(self) -> Option<&'static str> {
        match self {
            FileKind::Settings | FileKind::Certificates | FileKind::Weights => None,
            FileKind::Topic => Some("rule"),
            FileKind::Sources => Some("source"),
        }
    }
}

fn single_brackets(text: &str, name: &str) -> Vec<(Range<usize>, Words)> {
    let header = format!("[{name}]");
    let mut start = 0;
    let mut found = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with(&header) {
            found.push((start..start + line.len(), should_be_double(name)));
        }
        start += line.len();
    }
    found
}

fn cause(file: &File, message: &str, span: &Range<usize>, line: &str) -> Words {
    let bare = outside_strings(line);
    let value = bare.split_once('=').map_or("", |(_, value)| value.trim());
    let says = |what: &str| message.contains(what);
    if says("carriage return") {
        return words(
            "tập tin xuống dòng bằng ký tự CR (kiểu máy Mac cũ); hãy lưu lại với kiểu xuống dòng LF hoặc CRLF",
            "the lines end in CR alone (old Macintosh); save the file with LF or CRLF",
        );
    }
    if bare.contains(CURLY) {
        return words(
            "dấu nháy cong “ ” không dùng được (Word và điện thoại hay tự đổi); hãy gõ lại bằng dấu nháy thẳng \"",
            "curly quotes “ ” do not work (Word and telephones make them); type straight ones \" instead",
        );
    }
    if bare.chars().any(is_special_space) {
        return words(
            "có dấu cách đặc biệt mà mắt không thấy (thường do chép từ trang web); hãy xoá các dấu cách của dòng này rồi gõ lại",
            "there is a special space that cannot be seen (often copied from a web page); delete the spaces of this line and type them again",
        );
    }
    if says("duplicate key") {
        return duplicate(file, span, line);
    }
    if says("unclosed table") || says("unclosed array table") {
        return words("thiếu dấu ] ở cuối", "the closing ] is missing");
    }
    if says("basic string") || says("literal string, expected `'`") {
        return words("thiếu dấu nháy đóng", "the closing quote is missing");
    }
    if says("missing comma between array elements") {
        return words(
            "thiếu dấu phẩy giữa hai phần tử của danh sách",
            "a comma is missing between two elements of the list",
        );
    }
    if let Some((whole, part)) = value.split_once(',').filter(|(a, b)| is_number(a) && is_number(b)) {
        return (
            format!("số lẻ viết bằng dấu chấm, không phải dấu phẩy: {whole}.{part}"),
            format!("decimals are written with a point, not a comma: {whole}.{part}"),
        );
    }
    if ["true", "false", "yes", "no", "on", "off", "có", "không"].contains(&value.to_lowercase().as_str()) {
        return words("viết true hoặc false, bằng chữ thường", "write true or false, in lower case");
    }
    if line.trim_start().starts_with(['/', ';', '-', '*']) && !value_follows(&bare) {
        return words("dòng ghi chú phải bắt đầu bằng dấu #", "a comment begins with #");
    }
    if says("string values must be quoted") && value.is_empty() && !line.contains('[') {
        return words("thiếu giá trị sau dấu =", "the value after = is missing");
    }
    if says("string values must be quoted") {
        return words("chữ phải đặt trong dấu nháy \"…\"", "text must be in quotes \"…\"");
    }
    if !value_follows(&bare) && bare.contains(':') {
        return words("dùng dấu = sau tên khoá, không phải dấu :", "use = after the key, not :");
    }
    if says("key with no value") {
        return words(
            "mỗi dòng phải có dạng: khoá = giá trị (dòng ghi chú bắt đầu bằng #)",
            "every line is: key = value (a comment begins with #)",
        );
    }
    if says("unquoted key") {
        return words(
            "tên khoá chỉ gồm chữ cái không dấu, chữ số, _ và -",
            "a key has only ASCII letters, digits, _ and -",
        );
    }
    if says("escaped value") || says("unicode") {
        return words("dấu \\ trong chữ phải viết hai lần: \\\\", "a \\ in text must be written twice: \\\\");
    }
    if says("unexpected key or value") {
        return words(
            "thừa chữ sau giá trị; mỗi dòng chỉ một khoá",
            "something stands after the value; one key a line",
        );
    }
    let message = message.trim().replace('\n', "; ");
    (format!("hãy kiểm tra dấu nháy, dấu ngoặc, dấu = và dấu phẩy ở đây ({message})"), message)
}

/// White space that TOML does not know as such.
fn is_special_space(c: char) -> bool {
    (c.is_whitespace() && !c.is_ascii()) || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

fn words(vi: &str, en: &str) -> Words {
    (vi.to_owned(), en.to_owned())
}

/// The same key twice is most often the next block without its header.
fn duplicate(file: &File, span: &Range<usize>, line: &str) -> Words {
    let key = file.text.get(span.clone()).unwrap_or_default();
    let is_first = |other: &str| match line.trim_start().starts_with('[') {
        true => other.trim() == line.trim(),
        false => other.trim_start().strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')),
    };
    let above = file.text.get(..span.start).unwrap_or_default();
    let first = above.lines().collect::<Vec<_>>().iter().rposition(|l| is_first(l)).map_or(0, |index| index + 1);
    match file.kind.block() {
        Some(block) if !line.trim_start().starts_with('[') => (
            format!("thiếu dòng [[{block}]] trước khối này (khoá \"{key}\" đã có ở dòng {first})"),
            format!("the line [[{block}]] is missing before this block (the key \"{key}\" is already in line {first})"),
        ),
        _ => (
            format!("\"{key}\" đã có ở dòng {first}; hãy giữ một chỗ thôi"),
            format!("\"{key}\" is already in line {first}; keep one of them"),
        ),
    }
}

/// The line around a byte of the text.
fn line_at(text: &str, at: usize) -> &str {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
    text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default()
}

/// A line without its finished strings and its comment: what is left must be ASCII.
fn outside_strings(line: &str) -> String {
    let mut bare = String::new();
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        rest = match c {
            '#' => return bare,
            '"' | '\'' => match after.split_once(c) {
                Some((_, behind)) => behind,
                None => {
                    bare.push_str(rest);
                    return bare;
                }
            },
            _ => {
                bare.push(c);
                after
            }
        };
    }
    bare
}

/// Where the list begins that is still open at a byte of the text.
fn open_list(text: &str, at: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut start = 0;
    for line in text.get(..at)?.split_inclusive('\n') {
        let bare = outside_strings(line);
        // Headers have brackets too.
        let brackets =
            if open.is_empty() { bare.split_once('=').map_or("", |(_, value)| value) } else { bare.as_str() };
        for c in brackets.chars() {
            match c {
                '[' => open.push(start + line.find('[').unwrap_or(0)),
                ']' => drop(open.pop()),
                _ => {}
            }
        }
        start += line.len();
    }
    open.first().copied()
}

/// Whether the next key or header, or the end, comes at a byte of the text although a list is still open.
fn goes_on_with_another_key(text: &str, at: usize, opened: usize) -> bool {
    let begins = |line: &str| line.trim_start().starts_with("[[") || value_follows(&outside_strings(line));
    let mut rest = text.get(at..).unwrap_or_default().lines();
    let nothing_behind = outside_strings(rest.next().unwrap_or_default()).trim().is_empty();
    let next = rest.find(|line| !outside_strings(line).trim().is_empty());
    let in_another_line = text.get(opened..at).is_some_and(|between| between.contains('\n'));
    (nothing_behind && next.is_none_or(begins)) || (in_another_line && begins(line_at(text, at)))
}

/// Whether a line, without its strings, is a key and its value.
fn value_follows(bare: &str) -> bool {
    bare.contains('=')
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
