//! `ca_file` of a source → the certificates that vouch for its server.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use super::mistake::{self, Report};
use super::sources::Listed;
use super::{File, FileKind, Mistake};
use crate::fetch::tls::{self, PemError};
use crate::model::Trust;

/// Where certificates are, below the configuration.
const FOLDER: &str = "ca/";

/// A message in Vietnamese and in English.
type Words = (String, String);

/// Gives each source the certificates of the file that it names.
pub fn attach(files: &[File], sources: &mut [Listed], mistakes: &mut Vec<Mistake>) {
    let named: HashMap<&str, &File> = files
        .iter()
        .filter(|f| f.kind == FileKind::Certificates)
        .filter_map(|f| Some((Path::new(&f.name).file_name()?.to_str()?, f)))
        .collect();
    let mut read: HashMap<&str, Arc<Trust>> = HashMap::new();
    for file in files.iter().filter(|f| f.kind == FileKind::Sources) {
        let report = Report::new(&file.name, &file.text);
        for one in sources.iter_mut().filter(|l| l.file == file.name) {
            let Some(written) = &one.ca_file else { continue };
            match find(&written.value, &named).and_then(|file| trust(file, &mut read)) {
                Ok(trust) => one.source.trust = Some(trust),
                Err((vi, en)) => report.mistake(&written.span, vi, en),
            }
        }
        mistakes.extend(report.into_mistakes());
    }
}

/// The file of this name. It is looked for among those that were read, so that no name leads out of the folder.
fn find<'f>(written: &str, named: &HashMap<&str, &'f File>) -> Result<&'f File, Words> {
    let name = written.strip_prefix(FOLDER).filter(|name| !name.contains(['/', '\\']));
    let Some(name) = name else {
        return Err((
            format!(
                "\"{written}\": tập tin chứng chỉ phải nằm trong thư mục ca/ của cấu hình, ví dụ ca_file = \"ca/tinh.pem\"."
            ),
            format!(
                "\"{written}\": a file of certificates belongs into the folder ca/ of the configuration, such as ca_file = \"ca/tinh.pem\"."
            ),
        ));
    };
    named.get(name).copied().ok_or_else(|| {
        let mut all: Vec<&str> = named.keys().copied().collect();
        all.sort_unstable();
        let (vi, en) = mistake::meant(name, &all).unwrap_or_default();
        (
            format!("Không đọc được tập tin \"{written}\" trong thư mục cấu hình. {vi}").trim_end().to_owned(),
            format!("No file \"{written}\" could be read in the configuration's folder. {en}").trim_end().to_owned(),
        )
    })
}

/// What is in a file, read once for all sources that name it.
fn trust<'f>(file: &'f File, read: &mut HashMap<&'f str, Arc<Trust>>) -> Result<Arc<Trust>, Words> {
    if let Some(trust) = read.get(file.name.as_str()) {
        return Ok(Arc::clone(trust));
    }
    let certificates = tls::read_pem(file.text.as_bytes()).map_err(|error| {
        let vi = match error {
            PemError::Empty => {
                "không có chứng chỉ nào dạng PEM (-----BEGIN CERTIFICATE-----). Tập tin .cer, .crt dạng DER thì đổi bằng: openssl x509 -inform der -in TẬP-TIN -out ca/tinh.pem".to_owned()
            }
            PemError::Broken(number) => format!("chứng chỉ thứ {number} không đọc được"),
        };
        (format!("{}: {vi}.", file.name), format!("{}: {error}.", file.name))
    })?;
    let trust = Arc::new(Trust::new(certificates.iter().map(|c| c.to_vec()).collect()));
    read.insert(&file.name, Arc::clone(&trust));
    Ok(trust)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use chrono::{TimeZone, Utc};
    use rcgen::{CertificateParams, KeyPair};

    use super::super::{Config, load};
    use super::*;

    /// A folder with these files in `ca/` and a source with this line on line 6.
    fn loaded(ca: &[(&str, &[u8])], line: &str) -> Result<Config, Vec<Mistake>> {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["topics", "sources", "ca", "ca/folder.pem"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let write = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
        write(
            "dongtin.toml",
            b"[public]\nbase_url = \"https://tin.hamau.vn\"\n[fetch]\ncontact = \"mailto:tin@hamau.vn\"\n",
        );
        write(
            "topics/bac.toml",
            "id = \"bac\"\nname = \"B\"\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"học Bác\"]\n".as_bytes(),
        );
        let source = "[[source]]\nid = \"a\"\nname = \"A\"\nurl = \"https://a.vn/rss\"\nlevel = \"central\"\n";
        let other = source.replace("\"a\"", "\"b\"").replace("/rss", "/khac");
        write("sources/a.toml", format!("{source}{line}\n{other}{line}\n").as_bytes());
        ca.iter().for_each(|(name, bytes)| write(&format!("ca/{name}"), bytes));
        load(dir.path(), Utc.with_ymd_and_hms(2026, 11, 23, 1, 0, 0).unwrap())
    }

    fn certificate() -> (String, Vec<u8>) {
        let made = CertificateParams::default().self_signed(&KeyPair::generate().unwrap()).unwrap();
        (made.pem(), made.der().to_vec())
    }

    #[test]
    fn a_source_trusts_the_certificates_of_the_file_that_it_names_and_shares_them() {
        let ((one, one_der), (two, two_der)) = (certificate(), certificate());
        let both = format!("# của tỉnh\n{one}{two}");
        let config = loaded(&[("tinh.pem", both.as_bytes()), ("unused", b"")], "ca_file = \"ca/tinh.pem\"");
        let config = config.unwrap_or_else(|m| panic!("{m:#?}"));
        let (a, b) = (config.sources["a"].trust.clone().unwrap(), config.sources["b"].trust.clone().unwrap());
        assert!(Arc::ptr_eq(&a, &b));
        assert_eq!(*a, Trust::new(vec![two_der, one_der]));
        assert!(loaded(&[], "").is_ok_and(|config| config.sources["a"].trust.is_none()));
    }

    #[test]
    fn a_file_of_certificates_is_a_plain_small_one_in_its_folder_or_a_mistake_where_it_is_named() {
        let (pem, der) = certificate();
        let large = format!("{pem}{}", " ".repeat(64 << 10));
        let ca: &[(&str, &[u8])] = &[
            ("tinh.pem", pem.as_bytes()),
            ("large.pem", large.as_bytes()),
            ("der.crt", &der),
            ("cut.pem", pem.split_at(100).0.as_bytes()),
        ];
        for (line, column, expected) in [
            ("ca_file = \"ca/tinh.pen\"", 11, "Did you mean \"tinh.pem\"?"),
            ("ca_file = \"ca/large.pem\"", 11, "No file \"ca/large.pem\" could be read"),
            ("ca_file = \"ca/folder.pem\"", 11, "No file \"ca/folder.pem\" could be read"),
            ("ca_file = \"ca/der.crt\"", 11, "there is no certificate in it"),
            ("ca_file = \"ca/cut.pem\"", 11, "its certificate 1 cannot be read"),
            ("ca_file = \"tinh.pem\"", 11, "belongs into the folder ca/"),
            ("ca_file = \"/etc/ssl/cert.pem\"", 11, "belongs into the folder ca/"),
            ("ca_file = \"ca/../dongtin.toml\"", 11, "belongs into the folder ca/"),
            ("ca_file = \"../ca/tinh.pem\"", 11, "belongs into the folder ca/"),
            ("ca_file = \"ca/..\"", 11, "No file \"ca/..\" could be read"),
            ("ca_file = \"\"", 11, "\"ca_file\" must not be empty"),
            ("ca_file = 1", 11, "\"ca_file\" must be a string in quotes"),
        ] {
            let found = loaded(ca, line).err().unwrap_or_else(|| panic!("{line} is taken"));
            let one = found.iter().find(|m| m.fatal).unwrap();
            assert!(one.file.ends_with("sources/a.toml") && one.en.contains(expected), "{line}: {found:#?}");
            assert_eq!((one.line, one.column), (6, column), "{line}");
            let doubts: Vec<_> = found.iter().filter(|m| !m.fatal).map(|m| m.en.as_str()).collect();
            assert_eq!(doubts, ["This is not a file.", "Larger than 64 KiB."], "{line}");
        }
    }
}
