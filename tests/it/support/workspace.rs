//! A folder of a test's own: configuration, state, and the program run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::Origin;

/// A folder with a configuration that polls local origins every second.
pub struct Workspace {
    dir: Option<tempfile::TempDir>,
    path: PathBuf,
}

const TOPIC: &str = "id = \"hoc-bac\"\nname = \"Học Bác\"\nname_en = \"Following Uncle\"\n\
    hide = [\"thành phố Hồ Chí Minh\"]\n[[rule]]\nname = \"r\"\nweight = 10\nphrases = [\"học Bác\", \"làm theo Bác\", \"Hồ Chí Minh\"]\n";

impl Workspace {
    /// With one topic, and loosened manners, as towards one's own servers.
    pub fn new() -> Workspace {
        let dir = tempfile::Builder::new().prefix("dongtin-test-").tempdir().unwrap();
        let workspace = Workspace { path: dir.path().to_owned(), dir: Some(dir) };
        for folder in ["config/sources", "config/topics"] {
            fs::create_dir_all(workspace.path.join(folder)).unwrap();
        }
        workspace.settings("", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n");
        workspace.write("config/topics/hoc-bac.toml", TOPIC);
        workspace
    }

    /// Writes `dongtin.toml` with further lines for `[fetch]` and these for `[manners]`.
    pub fn settings(&self, fetch: &str, manners: &str) {
        let state = self.path.join("state");
        self.write(
            "config/dongtin.toml",
            format!(
                "[public]\nbase_url = \"http://tin.hamau.vn/\"\nlisten = \"127.0.0.1:0\"\ntitle = \"Dòng tin thử\"\n\
                 [private]\nlisten = \"127.0.0.1:0\"\n[state]\ndir = \"{}\"\n\
                 [fetch]\ncontact = \"mailto:tin@hamau.vn\"\nallow = [\"127.0.0.1\"]\n{fetch}[manners]\n{manners}",
                state.display()
            ),
        );
    }

    /// Writes `dongtin.toml` with these lines for `[public]` and `[private]`, and the usual rest.
    pub fn listening(&self, public: &str, private: &str) {
        self.settings("", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 8\n");
        let text = fs::read_to_string(self.path.join("config/dongtin.toml")).unwrap();
        let usual = "listen = \"127.0.0.1:0\"\n";
        let text = text.replacen(usual, &format!("{public}\n"), 1).replacen(usual, &format!("{private}\n"), 1);
        self.write("config/dongtin.toml", text);
    }

    /// Writes a source file that polls these (id, path, further lines) of an origin every second.
    pub fn sources(&self, origin: &Origin, sources: &[(&str, &str, &str)]) {
        let text: String = sources
            .iter()
            .map(|(id, path, more)| {
                let every = if more.contains("every") { "" } else { "every = \"1s\"\n" };
                format!(
                    "[[source]]\nid = \"{id}\"\nname = \"Báo {id}\"\nurl = \"{}\"\n{every}{more}\n",
                    origin.url(path)
                )
            })
            .collect();
        self.write("config/sources/thu.toml", &text);
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path.join(name), text).unwrap();
    }

    /// The program with its configuration, ready to be told what to do.
    pub fn command(&self, command: &str) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_dongtin"));
        program
            .arg(command)
            .current_dir(&self.path)
            .env("DONGTIN_CONFIG", self.path.join("config"))
            .stdin(Stdio::null());
        for name in
            ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "JOURNAL_STREAM", "STATE_DIRECTORY", "DONGTIN_LOG"]
        {
            program.env_remove(name);
        }
        program
    }

    /// Runs a command to its end.
    pub fn run(&self, command: &str, args: &[&str]) -> Output {
        self.command(command).args(args).output().unwrap()
    }

    /// Polls everything once; gives the report of each source by id, and that of the whole under "".
    pub fn poll(&self, args: &[&str]) -> std::collections::BTreeMap<String, Value> {
        let output = self.run("poll", &[&["--format", "jsonl"], args].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        text.lines()
            .map(|line| {
                let report: Value = serde_json::from_str(line).unwrap();
                (report["source"].as_str().unwrap_or_default().to_owned(), report)
            })
            .collect()
    }

    /// Polls once and gives the report of the only source.
    pub fn poll_one(&self) -> Value {
        self.poll(&[]).into_iter().find(|(id, _)| !id.is_empty()).unwrap().1
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(dir) = self.dir.take()
        {
            eprintln!("the folder of this test is kept: {}", dir.keep().display());
        }
    }
}
