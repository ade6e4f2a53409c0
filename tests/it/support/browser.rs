//! Chromium, driven by chromedriver: both of Debian (`chromium`, `chromium-driver`). Without them the tests say that they skip.

use std::collections::BTreeSet;
use std::future::Future;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::{ChromeCapabilities, ChromiumLikeCapabilities, LoggingPrefsLogLevel, WebDriver};

use super::PATIENCE;

/// chromedriver, and its folder. Ended when dropped, with the browser it started: it takes that along only where it is asked to end.
struct Driver {
    child: Child,
    port: u16,
    profile: tempfile::TempDir,
}

impl Driver {
    fn start() -> std::io::Result<Driver> {
        Command::new("chromium").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        let profile = tempfile::Builder::new().prefix("dongtin-browser-").tempdir()?;
        let mut command = Command::new("chromedriver");
        // Whatever the browser leaves goes with the folder.
        command.arg("--port=0").env("TMPDIR", profile.path()).env("HOME", profile.path());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = said
            .filter_map(|line| line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok())
            .next();
        Ok(Driver { child, port: port.expect("chromedriver says its port"), profile })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        drop(Command::new("kill").arg(self.child.id().to_string()).status());
        drop(self.child.wait());
    }
}

/// A browser for which `tin.hamau.vn` is a daemon, or whoever else, and no other host exists.
pub struct Browser {
    driver: WebDriver,
}

/// Runs a test in a browser that finds `http://tin.hamau.vn/` at an address; says so where there is none.
pub fn in_browser<F: Future<Output = ()>>(site: SocketAddr, test: impl FnOnce(Browser) -> F) {
    let chromedriver = match Driver::start() {
        Ok(driver) => driver,
        Err(error) => {
            eprintln!("skipped: no chromium with chromedriver on this machine: {error}");
            return;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut wanted = ChromeCapabilities::new();
        let rules = format!("--host-resolver-rules=MAP tin.hamau.vn:80 {site}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
        let profile = format!("--user-data-dir={}", chromedriver.profile.path().join("profile").display());
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // Nobody answers for https here.
            "--disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable,OptimizationHints,MediaRouter,Translate",
            "--no-proxy-server",
            "--hide-scrollbars",
            "about:blank",
            &rules,
            &profile,
        ] {
            wanted.add_arg(argument).unwrap();
        }
        wanted.set_logging_prefs("browser", LoggingPrefsLogLevel::All).unwrap();
        wanted.set_logging_prefs("performance", LoggingPrefsLogLevel::All).unwrap();
        let driver = WebDriver::new(format!("http://127.0.0.1:{}", chromedriver.port), wanted).await.unwrap();
        driver.set_page_load_timeout(PATIENCE).await.unwrap();
        driver.set_script_timeout(PATIENCE).await.unwrap();
        let browser = Browser { driver: driver.clone() };
        // What the browser's own first page asked for is no matter of ours.
        browser.open("about:blank").await;
        drop((browser.requests().await, browser.complaints().await));
        test(browser).await;
        driver.quit().await.unwrap();
    });
}

impl Browser {
    /// A command of the `DevTools` protocol.
    pub async fn tell(&self, command: &str, parameters: Value) -> Value {
        self.driver.cdp().send_raw(command, parameters).await.unwrap()
    }

    /// The value of an expression in the page, promises resolved; no policy of the page hinders it.
    pub async fn ask(&self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let answer = self.tell("Runtime.evaluate", parameters).await;
        assert!(answer.get("exceptionDetails").is_none(), "{answer}");
        answer["result"]["value"].clone()
    }

    /// Opens a page and waits until it is loaded.
    pub async fn open(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
        // On a busy machine the driver returns from time to time before there is a document.
        let begun = std::time::Instant::now();
        while self.ask("document.readyState === 'complete' && document.body !== null").await != Value::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "{address} was never loaded");
        }
    }

    /// A window of this size, as a phone or a desk has it.
    pub async fn resize(&self, width: u32, height: u32) {
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", parameters).await;
    }

    /// What the visitor reads.
    pub async fn speak(&self, language: &str) {
        self.tell("Network.enable", json!({})).await;
        self.tell("Network.setExtraHTTPHeaders", json!({ "headers": { "Accept-Language": language } })).await;
    }

    /// What the page is shown on ("screen", "print"), in "light" or "dark".
    pub async fn show(&self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.tell("Emulation.setEmulatedMedia", json!({ "media": media, "features": features })).await;
    }

    /// What the browser complained about since it was last asked: errors of scripts, of policies, of loading.
    pub async fn complaints(&self) -> Vec<String> {
        let log = self.driver.get_log("browser").await.unwrap();
        log.into_iter().filter(|l| matches!(l.level.as_str(), "SEVERE" | "WARNING")).map(|l| l.message).collect()
    }

    /// What was requested since it was last asked: kind of resource and address.
    pub async fn requests(&self) -> BTreeSet<(String, String)> {
        let log = self.driver.get_log("performance").await.unwrap();
        log.into_iter()
            .filter_map(|entry| {
                let event: Value = serde_json::from_str(&entry.message).unwrap();
                let event = event["message"].clone();
                let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
                (event["method"] == "Network.requestWillBeSent")
                    .then(|| (text(&event["params"]["type"]), text(&event["params"]["request"]["url"])))
            })
            .collect()
    }

    /// Lets the page go on for a moment of its own clock.
    pub async fn breathe(&self, time: Duration) {
        self.ask(&format!("new Promise(done => setTimeout(done, {}))", time.as_millis())).await;
    }
}
