//! The file of a model's weights, which a person can read and edit.
//!
//! ```text
//! # what it is, in comment lines
//! bias TAB -1.25
//! 1.81 TAB title TAB học Bác
//! 0.62 TAB rule@teaser TAB lời Bác dạy
//! -0.4 TAB body TAB thành phố Hồ Chí Minh
//! ```

use std::collections::BTreeMap;

use super::linear::{Feature, Linear, Place};

/// The most features that are read; training gives at most two thousand.
const MOST_FEATURES: usize = 10_000;
/// The longest line, in bytes.
const MOST_BYTES: usize = 1_000;
/// No weight is larger: ten are certainty.
const MOST_WEIGHT: f64 = 100.0;
/// So many mistakes are told.
const MOST_MISTAKES: usize = 20;

/// What is wrong with a line of a file of weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right, in Vietnamese.
    pub vi: String,
    /// The same in English.
    pub en: String,
}

impl Mistake {
    fn new(line: usize, vi: impl Into<String>, en: impl Into<String>) -> Mistake {
        Mistake { line, vi: vi.into(), en: en.into() }
    }
}

/// One line that says something.
enum Line {
    Bias(f64),
    Feature(Feature),
}

impl Linear {
    /// Writes the file, with these lines of comment at its head.
    pub fn write(&self, comments: &str) -> String {
        let mut file: String = comments.lines().map(|line| format!("# {line}\n").replace("# \n", "#\n")).collect();
        file.push_str(&format!("bias\t{}\n", self.bias()));
        for Feature { weight, place, phrase } in self.features() {
            file.push_str(&format!("{weight}\t{}\t{phrase}\n", place.name()));
        }
        file
    }

    /// Reads a file, or says every mistake in it, at most twenty.
    pub fn read(file: &str) -> Result<Linear, Vec<Mistake>> {
        let mut bias: Option<f64> = None;
        let mut features = Vec::new();
        let mut known: BTreeMap<(Place, String), usize> = BTreeMap::new();
        let mut mistakes = Vec::new();
        let lines = file.trim_start_matches('\u{feff}').lines().zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#')) {
            match read_line(line, number) {
                Err(mistake) => mistakes.push(mistake),
                Ok(Line::Bias(_)) if bias.is_some() => mistakes.push(Mistake::new(
                    number,
                    "\"bias\" chỉ được có một dòng.",
                    "There must be one line of \"bias\" only.",
                )),
                Ok(Line::Bias(value)) => bias = Some(value),
                Ok(Line::Feature(feature)) => {
                    let key = (feature.place, feature.place.key(&feature.phrase));
                    match known.insert(key, number) {
                        Some(first) => mistakes.push(Mistake::new(
                            number,
                            format!("\"{}\" ở {} đã có tại dòng {first}.", feature.phrase, feature.place.name()),
                            format!(
                                "\"{}\" in {} stands on line {first} already.",
                                feature.phrase,
                                feature.place.name()
                            ),
                        )),
                        None => features.push(feature),
                    }
                }
            }
            if features.len() > MOST_FEATURES || mistakes.len() >= MOST_MISTAKES {
                break;
            }
        }
        if features.len() > MOST_FEATURES {
            mistakes.push(Mistake::new(
                0,
                format!("Nhiều hơn {MOST_FEATURES} dòng; hãy xoá bớt những trọng số gần 0."),
                format!("More than {MOST_FEATURES} lines; delete weights near 0."),
            ));
        } else if bias.is_none() && mistakes.is_empty() {
            mistakes.push(Mistake::new(
                0,
                "Thiếu dòng \"bias\" TAB số; tập tin này có phải do `dongtin topic train` ghi không?",
                "The line \"bias\" TAB number is missing; was this file written by `dongtin topic train`?",
            ));
        }
        match bias {
            Some(bias) if mistakes.is_empty() => Ok(Linear::new(bias, features)),
            _ => Err(mistakes),
        }
    }
}

fn read_line(line: &str, number: usize) -> Result<Line, Mistake> {
    if line.len() > MOST_BYTES {
        let (vi, en) = ("Dòng dài hơn", "The line is longer than");
        return Err(Mistake::new(number, format!("{vi} {MOST_BYTES} byte."), format!("{en} {MOST_BYTES} bytes.")));
    }
    let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
    match columns.as_slice() {
        ["bias", value] => weight(value, number).map(Line::Bias),
        [value, place, phrase] => {
            let weight = weight(value, number)?;
            let place = Place::parse(place).ok_or_else(|| {
                Mistake::new(
                    number,
                    format!(
                        "\"{place}\" không phải title, opening, body hay rule@… (rule@title, rule@teaser, rule@body)."
                    ),
                    format!("\"{place}\" is not title, opening, body or rule@… (rule@title, rule@teaser, rule@body)."),
                )
            })?;
            if place.key(phrase).is_empty() {
                return Err(Mistake::new(
                    number,
                    "Thiếu cụm từ ở cột ba.",
                    "The phrase in the third column is missing.",
                ));
            }
            Ok(Line::Feature(Feature { weight, place, phrase: (*phrase).to_owned() }))
        }
        _ => Err(Mistake::new(
            number,
            "Mỗi dòng phải là: trọng số TAB nơi TAB cụm từ.",
            "Every line must be: weight TAB where TAB phrase.",
        )),
    }
}

fn weight(text: &str, number: usize) -> Result<f64, Mistake> {
    text.parse().ok().filter(|value: &f64| value.abs() <= MOST_WEIGHT).ok_or_else(|| {
        Mistake::new(
            number,
            format!("\"{text}\" phải là số từ -{MOST_WEIGHT} đến {MOST_WEIGHT}, như 1.25."),
            format!("\"{text}\" must be a number from -{MOST_WEIGHT} to {MOST_WEIGHT}, such as 1.25."),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_is_read_as_it_was_written() {
        let features = vec![
            Feature { weight: -0.5, place: Place::Body, phrase: "Thành phố Hồ Chí Minh".into() },
            Feature { weight: 1.25, place: Place::Title, phrase: "học Bác".into() },
            Feature {
                weight: 0.75, place: Place::Rule(crate::model::Field::Teaser), phrase: "lời Bác dạy".into()
            },
        ];
        let linear = Linear::new(-1.5, features);
        let file = linear.write("Chủ đề\n\nhai dòng");
        assert_eq!(
            file,
            "# Chủ đề\n#\n# hai dòng\nbias\t-1.5\n1.25\ttitle\thọc Bác\n0.75\trule@teaser\tlời Bác dạy\n\
             -0.5\tbody\tThành phố Hồ Chí Minh\n"
        );
        assert_eq!(Linear::read(&file), Ok(linear));
    }

    #[test]
    fn every_mistake_has_its_line() {
        let cases: &[(&str, &[usize])] = &[
            ("", &[0]),
            ("# nothing\n", &[0]),
            ("bias\t1\nbias\t2\n", &[2]),
            ("bias\tNaN\n", &[1]),
            ("bias\tinf\n1e3\ttitle\ta\nx\ttitle\ta", &[1, 2, 3]),
            ("bias\t0\n1\ttitle\thọc Bác\n\n# x\n2\ttitle\tHỌC  BÁC\n", &[5]),
            ("bias\t0\n1\ttitle\thọc Bác\n2\tbody\thọc Bác\n", &[]),
            ("bias\t0\n1\tlink\thọc Bác\n1\trule@x\thọc Bác\n", &[2, 3]),
            ("bias\t0\n1\ttitle\n1\ttitle\t…\n1 title a\n1\ttitle\ta\tb", &[2, 3, 4, 5]),
            ("\u{feff}bias\t0\r\n1\ttitle\thọc Bác\r\n", &[]),
        ];
        for (file, expected) in cases {
            let lines: Vec<usize> = Linear::read(file).err().unwrap_or_default().iter().map(|m| m.line).collect();
            assert_eq!(&lines, expected, "{file:?}");
        }
    }

    #[test]
    fn a_hostile_file_is_refused_early() {
        let long = format!("bias\t0\n1\ttitle\t{}\n", "a".repeat(MOST_BYTES));
        assert_eq!(Linear::read(&long).unwrap_err()[0].line, 2);
        let many: String = (0..MOST_FEATURES + 5).map(|i| format!("1\ttitle\ta{i}\n")).collect();
        assert_eq!(Linear::read(&format!("bias\t0\n{many}")).unwrap_err().len(), 1);
        assert_eq!(Linear::read(&"?\n".repeat(100_000)).unwrap_err().len(), MOST_MISTAKES);
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_written_and_read_again(file in "(bias\t-?[0-9.]{1,4}\n)?(-?[0-9.]{1,5}\t(title|body|rule@body)\t[a-zđê, ]{0,9}\n){0,9}") {
            if let Ok(linear) = Linear::read(&file) {
                prop_assert_eq!(Linear::read(&linear.write("")), Ok(linear));
            }
        }

        #[test]
        fn nothing_makes_the_reader_panic(file in "\\PC{0,80}(\t|\n|\\PC){0,80}") {
            drop(Linear::read(&file));
        }
    }
}
