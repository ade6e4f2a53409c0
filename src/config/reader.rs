//! One TOML table, read key by key. Every key that nobody asked for is a mistake, so a typing error can never silently
//! mean "default".

use std::borrow::Cow;
use std::cell::RefCell;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::mistake::{Report, hint};
use super::syntax::should_be_double;
use super::units::{parse_bytes, parse_duration};
use crate::text;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// What messages call a table.
#[derive(Clone, Copy)]
struct Name {
    vi: &'static str,
    en: &'static str,
}

/// The keys of one table.
pub struct Fields<'a> {
    name: Name,
    table: &'a DeTable<'a>,
    span: Range<usize>,
    report: &'a Report<'a>,
    asked: RefCell<Vec<&'static str>>,
}

impl<'a> Fields<'a> {
    /// The top of a file.
    pub fn of_file(table: &'a DeTable<'a>, report: &'a Report<'a>) -> Fields<'a> {
        let name = Name { vi: "Tập tin này", en: "This file" };
        Fields { name, table, span: 0..0, report, asked: RefCell::default() }
    }

    /// The table with this header; `span` is where it begins.
    fn new(header: &'static str, table: &'a DeTable<'a>, span: Range<usize>, report: &'a Report<'a>) -> Fields<'a> {
        Fields { name: Name { vi: header, en: header }, table, span, report, asked: RefCell::default() }
    }

    /// Where the table begins.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Says nothing about these keys: somebody has.
    pub fn pass_over(&self, keys: &[&'static str]) {
        self.asked.borrow_mut().extend(keys);
    }

    /// Reports every key that was not asked for.
    pub fn finish(self) {
        let asked = self.asked.into_inner();
        for (key, _) in self.table {
            let name: &str = key.get_ref();
            if !asked.contains(&name) {
                let (vi, en) = hint(name, &asked);
                self.report.mistake(
                    &key.span(),
                    format!("{} không có khoá \"{name}\". {vi}", self.name.vi),
                    format!("{} has no key \"{name}\". {en}", self.name.en),
                );
            }
        }
    }

    /// Where a key stands, or the table if it is missing.
    pub fn span_of(&self, key: &str) -> Range<usize> {
        self.table.iter().find(|(k, _)| k.get_ref() == key).map_or_else(|| self.span.clone(), |(k, _)| k.span())
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.table.keys().any(|k| k.get_ref() == key)
    }

    fn value(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.borrow_mut().push(key);
        self.table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, vi: &str, en: &str) {
        self.report.mistake(
            &value.span(),
            format!("\"{key}\" phải là {vi}, không phải {}.", vietnamese_type(value.get_ref())),
            format!("\"{key}\" must be {en}, not {}.", value.get_ref().type_str()),
        );
    }

    /// A text.
    pub fn text(&self, key: &'static str) -> Option<At<&'a str>> {
        let value = self.value(key)?;
        match value.get_ref().as_str() {
            Some(text) => self.visible(key, text, &value.span()),
            None => {
                self.wrong_type(key, value, "chữ trong dấu nháy \"…\"", "a string in quotes");
                None
            }
        }
    }

    /// A text of characters that may stand in what readers receive: one control character in a name breaks every feed that has it.
    fn visible(&self, key: &str, text: &'a str, span: &Range<usize>) -> Option<At<&'a str>> {
        let Some((at, hidden)) = text.char_indices().find(|(_, c)| !text::may_leave(*c)) else {
            return Some(At { value: text, span: span.clone() });
        };
        let (before, code) = (text.get(..at).unwrap_or_default(), u32::from(hidden));
        self.report.mistake(
            span,
            format!("\"{key}\" có ký tự ẩn (U+{code:04X}) ngay sau \"{before}\"; hãy xoá đoạn ấy và gõ lại bằng tay."),
            format!("\"{key}\" has a hidden character (U+{code:04X}) right after \"{before}\"; remove it and type the text anew."),
        );
        None
    }

    /// A text that must be there and not empty.
    pub fn required(&self, key: &'static str) -> Option<At<&'a str>> {
        if !self.has(key) {
            self.asked.borrow_mut().push(key);
            self.report.mistake(
                &self.span,
                format!("{} thiếu khoá \"{key}\".", self.name.vi),
                format!("{} lacks the key \"{key}\".", self.name.en),
            );
            return None;
        }
        self.filled(key)
    }

    /// A text that may be missing but not empty.
    pub fn filled(&self, key: &'static str) -> Option<At<&'a str>> {
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.report.mistake(
                &text.span,
                format!("\"{key}\" không được để trống."),
                format!("\"{key}\" must not be empty."),
            );
            return None;
        }
        Some(text)
    }

    /// Yes or no.
    pub fn boolean(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type(key, value, "true hoặc false (không có dấu nháy)", "true or false without quotes");
        }
        boolean
    }

    /// A number within bounds.
    pub fn number(&self, key: &'static str, bounds: Range<f64>) -> Option<f64> {
        let value = self.value(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .and_then(|i| i32::try_from(i).ok())
                .map(f64::from),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => {
                self.wrong_type(key, value, "một số", "a number");
                return None;
            }
        };
        match number {
            Some(number) if number >= bounds.start && number <= bounds.end => Some(number),
            _ => {
                let Range { start, end } = bounds;
                self.report.mistake(
                    &value.span(),
                    format!("\"{key}\" phải từ {start} đến {end}."),
                    format!("\"{key}\" must be between {start} and {end}."),
                );
                None
            }
        }
    }

    /// A whole number within bounds.
    pub fn count(&self, key: &'static str, bounds: Range<u32>) -> Option<usize> {
        let number = self.number(key, f64::from(bounds.start)..f64::from(bounds.end))?;
        if number.fract() == 0.0 {
            return format!("{number:.0}").parse().ok();
        }
        self.report.mistake(
            &self.span_of(key),
            format!("\"{key}\" phải là số nguyên."),
            format!("\"{key}\" must be a whole number."),
        );
        None
    }

    /// One word of a closed set.
    pub fn word<T>(&self, key: &'static str, known: &[&str], parse: fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text(key)?;
        let word = parse(text.value);
        if word.is_none() {
            self.unknown_word(key, &text, known);
        }
        word
    }

    /// Reports a word that is not in a closed set.
    pub fn unknown_word(&self, key: &str, text: &At<&str>, known: &[&str]) {
        let (vi, en) = hint(text.value, known);
        let word = text.value;
        self.report.mistake(
            &text.span,
            format!("\"{key}\" không nhận \"{word}\". {vi}"),
            format!("\"{key}\" does not know \"{word}\". {en}"),
        );
    }

    /// A list of texts.
    pub fn texts(&self, key: &'static str) -> Vec<At<&'a str>> {
        self.array(key).map(|array| self.texts_of(key, array)).unwrap_or_default()
    }

    fn texts_of(&self, key: &str, array: &'a DeArray<'a>) -> Vec<At<&'a str>> {
        let mut texts = Vec::new();
        for value in array {
            match value.get_ref().as_str() {
                Some(text) => texts.extend(self.visible(key, text, &value.span())),
                None => self.wrong_type(key, value, "danh sách chữ trong dấu nháy", "a list of strings"),
            }
        }
        texts
    }

    /// Every key of this table with its list of texts.
    pub fn lists(&self) -> Vec<(At<&'a str>, Vec<At<&'a str>>)> {
        let list = |(key, value): (&'a Spanned<Cow<'a, str>>, &'a Spanned<DeValue<'a>>)| {
            let name: &str = key.get_ref();
            let texts = match value.get_ref().as_array() {
                Some(array) => self.texts_of(name, array),
                None => {
                    self.wrong_type(name, value, "một danh sách [ … ]", "a list in brackets");
                    Vec::new()
                }
            };
            (At { value: name, span: key.span() }, texts)
        };
        self.table.iter().map(list).collect()
    }

    fn array(&self, key: &'static str) -> Option<&'a DeArray<'a>> {
        let value = self.value(key)?;
        let array = value.get_ref().as_array();
        if array.is_none() {
            self.wrong_type(key, value, "một danh sách [ … ]", "a list in brackets");
        }
        array
    }

    /// A table below this one, or an empty one.
    pub fn table(&self, key: &'static str, name: &'static str) -> Option<Fields<'a>> {
        let value = self.value(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some(Fields::new(name, table, value.span(), self.report)),
            None => {
                self.wrong_type(key, value, "một bảng [khoá]", "a table");
                None
            }
        }
    }

    /// The tables of a list, `[[key]]`.
    pub fn tables(&self, key: &'static str, name: &'static str) -> Vec<Fields<'a>> {
        if self.table.iter().any(|(k, v)| k.get_ref() == key && v.get_ref().is_table()) {
            self.asked.borrow_mut().push(key);
            let (vi, en) = should_be_double(key);
            self.report.mistake(&self.span_of(key), vi, en);
            return Vec::new();
        }
        let Some(array) = self.array(key) else {
            return Vec::new();
        };
        let mut tables = Vec::new();
        for value in array {
            match value.get_ref().as_table() {
                Some(table) => tables.push(Fields::new(name, table, value.span(), self.report)),
                None => self.wrong_type(key, value, "các bảng [[…]]", "tables"),
            }
        }
        tables
    }

    /// A length of time: "20m", "1h 30m", "20 phút".
    pub fn duration(&self, key: &'static str) -> Option<At<Duration>> {
        self.duration_of(key, self.text(key)?)
    }

    /// The length of time that a text says.
    pub fn duration_of(&self, key: &'static str, text: At<&'a str>) -> Option<At<Duration>> {
        match parse_duration(text.value) {
            Some(value) => Some(At { value, span: text.span }),
            None => {
                self.report.mistake(
                    &text.span,
                    format!("\"{key}\" phải là một khoảng thời gian như \"20m\", \"2h\", \"1d\" hoặc \"20 phút\", không phải \"{}\".", text.value),
                    format!("\"{key}\" must be a length of time such as \"20m\", \"2h\", \"1d\", not \"{}\".", text.value),
                );
                None
            }
        }
    }

    /// A number of bytes: "8 MiB".
    pub fn bytes(&self, key: &'static str) -> Option<At<usize>> {
        let text = self.text(key)?;
        let bytes = parse_bytes(text.value);
        if bytes.is_none() {
            self.report.mistake(
                &text.span,
                format!(
                    "\"{key}\" phải là một dung lượng như \"8 MiB\" hoặc \"512 KiB\", không phải \"{}\".",
                    text.value
                ),
                format!("\"{key}\" must be a size such as \"8 MiB\" or \"512 KiB\", not \"{}\".", text.value),
            );
        }
        bytes.map(|value| At { value, span: text.span })
    }
}

fn vietnamese_type(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "chữ",
        DeValue::Integer(_) | DeValue::Float(_) => "số",
        DeValue::Boolean(_) => "true/false",
        DeValue::Datetime(_) => "ngày giờ",
        DeValue::Array(_) => "danh sách",
        DeValue::Table(_) => "bảng",
    }
}
