//! Faults of the catalogue that need the real program: what its machine denies it, what its environment tells it, what a hundred
//! bombs weigh, and a daemon among faulty servers.

use std::net::TcpListener;
use std::process::Command;

use super::support::{Answer, Item, Origin, Workspace, rss};

fn one_item() -> Vec<u8> {
    rss(&[Item::new("a", "Tuổi trẻ học Bác")])
}

/// The same program under a limit of the shell.
fn under(limit: &str, program: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{limit} && exec \"$0\" \"$@\"")).arg(program.get_program()).args(program.get_args());
    shell.current_dir(program.get_current_dir().unwrap());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

#[test]
fn f_n16_where_this_machine_has_no_more_sockets_no_server_is_blamed() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.settings("timeout = \"2s\"\nconcurrency = 64\n", "floor = \"1s\"\nhost_gap = \"0s\"\nper_host = 64\n");
    let ids: Vec<(String, String)> = (0..64).map(|i| (format!("s{i}"), format!("/{i}"))).collect();
    let sources: Vec<(&str, &str, &str)> = ids.iter().map(|(id, path)| (id.as_str(), path.as_str(), "")).collect();
    workspace.sources(&origin, &sources);
    // Whoever is connected stays so, until the time is over.
    ids.iter().for_each(|(_, path)| origin.script(path, [Answer::status(200).never()]));
    let mut poll = workspace.command("poll");
    poll.args(["--format", "jsonl"]);
    let output = under("ulimit -n 48", &poll).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let times = |class: &str| said.matches(&format!("\"class\":\"{class}\"")).count();
    assert!(times("local-resource") > 0, "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(times("local-resource") + times("header-timeout"), 64, "{said}");
}

#[test]
fn f_n18_f_u34_proxies_in_the_environment_are_ignored() {
    let (workspace, origin) = (Workspace::new(), Origin::start());
    workspace.sources(&origin, &[("mot", "/rss", "")]);
    origin.script("/rss", [Answer::ok(one_item())]);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    proxy.set_nonblocking(true).unwrap();
    let mut poll = workspace.command("poll");
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        poll.env(name, format!("http://{}", proxy.local_addr().unwrap()));
    }
    assert!(poll.env_remove("no_proxy").env_remove("NO_PROXY").output().unwrap().status.success());
    assert_eq!(origin.requests("/rss").len(), 1);
    assert!(proxy.accept().is_err(), "nobody came by");
}
