#!/usr/bin/env python3
"""What outside judges say of everything that `dongtin demo` serves. Prints a table and every remark; ends with 1 where there is one.

    benches/judge.py BINARY [--shots DIR] [--vnu vnu.jar] [--feedvalidator CHECKOUT]

Python 3.11 with redbot, feedparser, html5lib, lxml, rdflib (PyPI); newsboat, chromium, chromium-driver, a Java runtime (Debian); vnu.jar of npm's
`vnu-jar`; a checkout of https://github.com/w3c/feedvalidator. A judge that is missing is named as not asked, which is a remark too.

Documents are found by following links from the front page, three of a kind (`crawl`). Judges, and what counts as a remark of each:
  REDbot          every document over HTTP: a note of level warning or bad. Control: a server with known faults must get some.
  W3C validator   every Atom and RSS feed and the OPML: an error or a warning (level AA, as the site shows them).
  feedparser      every Atom and RSS feed, and newsboat too: an id, title or date that differs from what `dongtin inspect` reads. Neither knows JSON Feed;
                  that feed-rs reads the same of all three is a test (`documents`).
  Nu checker      every page, and the style sheet: an error or a warning. Control: a broken page must get some.
--shots: a picture of one page of each kind, whole, at 360 and 1200 pixels, light and dark.
"""
import argparse, base64, calendar, collections, concurrent.futures, contextlib, datetime, http.server, json, os, re, shutil, socket, sqlite3, subprocess, sys
import tempfile, threading, time, urllib.error, urllib.parse, urllib.request

OF_A_KIND = 3
FEEDS = {"application/atom+xml": "atom", "application/rss+xml": "rss", "application/feed+json": "json"}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def demo(binary):
    """The demonstration, once its newsroom has nothing new: the address of its front page."""
    base = f"http://127.0.0.1:{free_port()}/"
    process = subprocess.Popen([binary, "demo", "--pace", "3600", "--listen", urllib.parse.urlsplit(base).netloc], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        tag, since = None, time.monotonic()
        while time.monotonic() - since < 5:  # the same for five seconds
            with contextlib.suppress(OSError):
                _, headers, _ = get(base + "all/feed.atom")
                if headers["ETag"] != tag:
                    tag, since = headers["ETag"], time.monotonic()
            if process.poll() is not None:
                sys.exit("dongtin demo ended")
            time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait()


def get(url, headers={}):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def kind(path):
    """A path without its particulars."""
    path, _, query = path.partition("?")
    parts = []
    for part in path.split("/"):
        if part in ("", "all", "story", "search", "sources", "archive", "assets") or "." in part and not re.match(r"\d{4}-", part):
            parts.append(part)
        elif re.match(r"\d{4}-\d\d", part):
            parts.append("month" + part[7:])
        else:
            parts.append("id" if re.fullmatch(r"[0-9a-f]{20}", part) else "x")
    return "/".join(parts) + ("?" if query else "")


def crawl(base):
    """Path -> (media type, headers, body) of what links lead to."""
    import html5lib

    found, kinds, waiting = {}, collections.Counter(), collections.deque(["/"])
    while waiting:
        path = waiting.popleft()
        if path in found or kinds[kind(path)] >= OF_A_KIND:
            continue
        kinds[kind(path)] += 1
        status, headers, body = get(urllib.parse.urljoin(base, path))
        if status != 200:
            sys.exit(f"a link leads to {path}, which answers {status}")
        media = headers.get_content_type()
        found[path] = media, headers, body
        if media == "text/html":
            for element in html5lib.parse(body, namespaceHTMLElements=False).iter():
                for name in ("href", "src", "action"):
                    if address := element.get(name) if isinstance(element.tag, str) else None:
                        url = urllib.parse.urlsplit(urllib.parse.urljoin(base + path.lstrip("/"), address + ("?q=h%E1%BB%8Dc" if name == "action" else "")))
                        if url.netloc == urllib.parse.urlsplit(base).netloc:
                            waiting.append(url.path + (f"?{url.query}" if url.query else ""))
    return found


REDBOT = """
import json, sys, thor
from configparser import ConfigParser
from redbot.resource import HttpResource
config = ConfigParser(); config.read_dict({"redbot": {"enable_local_access": "True"}})
resource = HttpResource(config["redbot"]); resource.set_request(sys.argv[1])
@thor.events.on(resource)
def check_done(): thor.schedule(0.1, thor.stop)
resource.check(); thor.run()
notes = [n for note in resource.response.notes for n in [note, *note.subnotes]]
print(json.dumps([[n.level.value, n.summary] for n in notes] + ([["bad", str(resource.fetch_error)]] if resource.fetch_error else [])))
"""


def redbot(url):
    """The negative notes, and how many there were at all."""
    done = subprocess.run([sys.executable, "-c", REDBOT, url], capture_output=True, text=True, timeout=120)
    if done.returncode:
        return [done.stderr.strip().splitlines()[-1]], 0
    notes = json.loads(done.stdout)
    return [f"{level}: {summary}" for level, summary in notes if level in ("warning", "bad")], len(notes)


@contextlib.contextmanager
def bad_server():
    """Answers that no judge should let pass."""

    class Bad(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = b"<html><p>x"
            self.send_response(200)
            for name, value in [("Content-Type", "text/html"), ("Last-Modified", "yesterday"), ("ETag", "x y"), ("Cache-Control", "max-age=abc, public, private"), ("Vary", "*")]:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bad)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()


def ask_redbot(base, documents):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        urls = [urllib.parse.urljoin(base, path) for path in documents]
        answers = dict(zip(documents, pool.map(redbot, urls)))
    with bad_server() as bad:
        control, _ = redbot(bad)
    remarks = [f"{path}: {note}" for path, (notes, _) in answers.items() for note in notes]
    if len(control) < 3:
        remarks.append(f"control: a bad server got only {control}")
    unread = [f"{path}: no notes at all" for path, (_, count) in answers.items() if count == 0]
    return len(documents), remarks + unread, f"control {len(control)} notes"


def ask_w3c(checkout, base, documents):
    """The validator of the W3C over HTTP, as its site runs it."""
    sys.path.insert(0, os.path.join(checkout, "src"))
    import feedvalidator
    from feedvalidator import compatibility
    from feedvalidator.formatter.text_plain import Formatter

    chosen = readable(documents) + [path for path, (media, *_) in documents.items() if media == "text/x-opml"]
    remarks = []
    for path in chosen:
        try:
            events = feedvalidator.validateURL(urllib.parse.urljoin(base, path), firstOccurrenceOnly=1)["loggedEvents"]
        except feedvalidator.logging.ValidationFailure as failure:
            events = [failure.event]
        remarks += [f"{path}: {line}" for line in Formatter(compatibility.AA(events))]
    bad = '<rss version="2.0"><channel><title>x</title><item><pubDate>yesterday</pubDate></item></channel></rss>'
    events = feedvalidator.validateString(bad, firstOccurrenceOnly=1)["loggedEvents"]
    control = len(compatibility.AA(events))
    if control < 3:
        remarks.append("control: a bad feed passed")
    return len(chosen), remarks, f"control {control} remarks"


def inspected(binary, folder, body):
    path = os.path.join(folder, "feed")
    with open(path, "wb") as out:
        out.write(body)
    read = json.loads(subprocess.run([binary, "inspect", "--format", "json", path], capture_output=True, check=True).stdout)
    seconds = lambda text: text and int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    return [(e["id"], e["title"], seconds(e["published"]), seconds(e["updated"])) for e in read["entries"]]


def ask_feedparser(binary, folder, documents):
    import feedparser

    remarks, chosen = [], readable(documents)
    moment = lambda t: t and calendar.timegm(t)
    for path in chosen:
        media, _, body = documents[path]
        ours = inspected(binary, folder, body)
        read = feedparser.parse(body)
        if read.bozo:
            remarks.append(f"{path}: bozo: {read.bozo_exception}")
        theirs = [(e.get("id"), e.get("title"), moment(e.get("published_parsed")), moment(e.get("updated_parsed"))) for e in read.entries]
        # RSS has one date; feedparser gives it under another name too.
        width = 4 if FEEDS[media] == "atom" else 3
        remarks += differences(path, [o[:width] for o in ours], [t[:width] for t in theirs])
    return len(chosen), remarks, ""


def ask_newsboat(binary, folder, base, documents):
    """Newsboat reads each over HTTP into a database of its own, for it keeps an id once; its date is the publication's."""
    chosen, remarks = readable(documents), []
    urls, config, cache = (os.path.join(folder, name) for name in ("urls", "config", "cache.db"))
    open(config, "w").close()
    for path in chosen:
        with open(urls, "w") as out:
            out.write(urllib.parse.urljoin(base, path) + "\n")
        command = ["newsboat", "-q", "-u", urls, "-c", cache, "-C", config, "-x", "reload"]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "HOME": folder, "LC_ALL": "C.UTF-8"})
        with contextlib.closing(sqlite3.connect(cache)) as database:
            rows = database.execute("select guid, title, pubDate from rss_item").fetchall()
        os.remove(cache)
        ours = [(i, t, published or updated) for i, t, published, updated in inspected(binary, folder, documents[path][2])]
        remarks += differences(path, sorted(ours), sorted(rows))
    return len(chosen), remarks, ""


def readable(documents):
    """The feeds that every reader knows; feedparser 6 and newsboat know no JSON Feed."""
    return [path for path, (media, *_) in documents.items() if FEEDS.get(media) in ("atom", "rss")]


def differences(path, ours, theirs):
    if len(ours) != len(theirs):
        return [f"{path}: {len(ours)} entries, they read {len(theirs)}"]
    wrong = [(o, t) for o, t in zip(ours, theirs) if tuple(o) != tuple(t)]
    return [f"{path}: {len(wrong)} of {len(ours)} differ, first: ours {wrong[0][0]}, theirs {wrong[0][1]}"] if wrong else []


def ask_nu(jar, folder, documents):
    def check(files, *options):
        done = subprocess.run(["java", "-jar", jar, "--format", "json", *options, *files], capture_output=True, text=True)
        messages = json.loads(done.stderr or done.stdout)["messages"]
        return [m for m in messages if m["type"] != "info" or m.get("subType") == "warning"]

    pages, names = os.path.join(folder, "pages"), {}
    os.makedirs(pages)
    for number, (path, (media, _, body)) in enumerate(documents.items()):
        if extension := {"text/html": "html", "text/css": "css", "image/svg+xml": "svg"}.get(media):
            names[file := os.path.join(pages, f"{number}.{extension}")] = path
            with open(file, "wb") as out:
                out.write(body)
    told = check(list(names), "--also-check-css", "--also-check-svg")
    remarks = []
    for message in told:
        file = next((f for f in names if message.get("url", "").endswith(f)), "")
        remarks.append(f"{names.get(file, message.get('url'))}: {message['type']}: {message['message']} {message.get('extract', '')[:90]!r}")
    with open(bad := os.path.join(folder, "bad.html"), "w") as out:
        out.write("<p id=a><p id=a><img src=x></blink>")
    control = len(check([bad]))
    if control < 3:
        remarks.append("control: a bad page passed")
    return len(names), sorted(set(remarks)), f"control {control} messages"


def patiently(ask):
    """Asks again, for a busy machine makes the browser give up a picture."""
    for _ in range(4):
        with contextlib.suppress(urllib.error.HTTPError):
            return ask()
    return ask()


def shoot(base, documents, folder):
    """Pictures of one page of each kind. Gives how many there are."""
    os.makedirs(folder, exist_ok=True)
    seen = {}
    for path, (media, *_) in documents.items():
        if media == "text/html":
            seen.setdefault(kind(path), path)
    profile = tempfile.mkdtemp()
    driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": profile, "HOME": profile})
    port = next(m[1] for line in driver.stdout if (m := re.search(r"successfully on port (\d+)", line)))

    def call(path, body=None, method=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body and json.dumps(body).encode(), method=method, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars", f"--user-data-dir={profile}/profile"]
    session = "/session/" + call("/session", {"capabilities": {"alwaysMatch": {"goog:chromeOptions": {"args": flags}}}})["sessionId"]
    tell = lambda cmd, **params: call(f"{session}/goog/cdp/execute", {"cmd": cmd, "params": params})
    try:
        tell("Network.enable")
        tell("Network.setExtraHTTPHeaders", headers={"Accept-Language": "vi"})
        for name, path in seen.items():
            for width, height in ((360, 740), (1200, 900)):
                for scheme in ("light", "dark"):
                    tell("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
                    tell("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])
                    call(f"{session}/url", {"url": urllib.parse.urljoin(base, path)})
                    picture = patiently(lambda: tell("Page.captureScreenshot", format="png", captureBeyondViewport=True)["data"])
                    file = re.sub(r"[^a-z]+", "-", name).strip("-") or "front"
                    with open(os.path.join(folder, f"{file}-{width}-{scheme}.png"), "wb") as out:
                        out.write(base64.b64decode(picture))
    finally:
        call(session, method="DELETE")
        driver.terminate()
        driver.wait()
        shutil.rmtree(profile, ignore_errors=True)
    return 4 * len(seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--shots")
    parser.add_argument("--vnu", default="node_modules/vnu-jar/build/dist/vnu.jar")
    parser.add_argument("--feedvalidator", default="feedvalidator")
    args = parser.parse_args()
    binary = os.path.abspath(args.binary)
    with demo(binary) as base, tempfile.TemporaryDirectory() as folder:
        documents = crawl(base)
        judges = {
            "REDbot": lambda: ask_redbot(base, documents),
            "W3C feed validator": lambda: ask_w3c(args.feedvalidator, base, documents),
            "feedparser": lambda: ask_feedparser(binary, folder, documents),
            "newsboat": lambda: ask_newsboat(binary, folder, base, documents),
            "Nu HTML checker": lambda: ask_nu(args.vnu, folder, documents),
        }
        rows, everything = [], []
        for name, ask in judges.items():
            try:
                asked, remarks, note = ask()
            except (ImportError, OSError, ValueError, subprocess.SubprocessError) as error:
                asked, remarks, note = 0, [f"{name} could not be asked: {error}"], "not asked"
            rows.append((name, asked, len(remarks), note))
            everything += [f"{name}: {remark}" for remark in remarks]
        if args.shots:
            rows.append(("screenshots", shoot(base, documents, args.shots), 0, args.shots))
    print(f"{len(documents)} documents of {len({kind(p) for p in documents})} kinds\n")
    print("| judge | documents | remarks | |\n|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print("\n" + "\n".join(everything) if everything else "")
    sys.exit(1 if everything else 0)


if __name__ == "__main__":
    main()
