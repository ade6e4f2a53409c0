#!/usr/bin/env python3
"""How long after the end of a source's answer its news is in the feed. Prints one JSON object.

    benches/visible.py [--program NAME=PATH]... [--feeds 5000] [--round 60] [--changed 1.0]

`dongtin run` polls so many feeds of a server of this script every so many seconds. Once all were read, a share of the feeds has one new item each;
a reader asks for /all/feed.atom over one connection every 5 ms, with the ETag that it has, until all are in it. Latency is from the last
byte that the server handed to the system to the last byte of the first document with the item. CPU is what the process took in the round,
over its polls. Before and after are to be run in one call (`--program before=… --program after=…`): the server and the reader take turns
with the program for the same processors.
"""
import argparse, asyncio, glob, http.client, json, os, random, re, shutil, socket, subprocess, sys, tempfile, threading, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Invented syllables, so that no item is like another.
SYLLABLES = [a + b for a in "b c d đ g h k l m n ph qu r s t th tr v x".split() for b in "a á à an áng ăn ân e ê em i inh o ong ô ơ ơn u ung ư ưng".split()]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Origin:
    """A server of feeds, which has a thread of its own."""

    def __init__(self, feeds):
        self.feeds, self.changed, self.sent, self.asked = feeds, set(), {}, set()
        self.port = free_port()
        self.began = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() - 7200))
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self.serve(ready)), daemon=True).start()
        ready.wait()

    async def serve(self, ready):
        server = await asyncio.start_server(self.talk, "127.0.0.1", self.port, backlog=4096)
        ready.set()
        await server.serve_forever()

    def item(self, feed, number, date):
        chance = random.Random(feed * 1000 + number)
        say = lambda n: " ".join(chance.choices(SYLLABLES, k=n))
        return (f"<item><title>{say(12)}</title><link>http://bao{feed}.vn/{number}.html</link><guid isPermaLink='false'>tin-{feed}-{number}</guid>"
                f"<pubDate>{date}</pubDate><description>{say(40)}</description></item>")

    def document(self, feed):
        items = [self.item(feed, n, self.began) for n in range(3)]
        if feed in self.changed:
            items.insert(0, self.item(feed, 9, self.now))
        return f"<rss version='2.0'><channel><title>Báo {feed}</title><link>http://bao{feed}.vn/</link>{''.join(items)}</channel></rss>".encode()

    async def talk(self, reader, writer):
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                found = re.match(rb"GET /feed/(\d+)\.xml ", head)
                if not found:
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                    continue
                feed = int(found[1])
                is_new, tag = feed in self.changed, b'"%d-%d"' % (feed, feed in self.changed)
                if tag in head:
                    writer.write(b"HTTP/1.1 304 Not Modified\r\nETag: " + tag + b"\r\n\r\n")
                else:
                    body = self.document(feed)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nETag: %s\r\nContent-Length: %d\r\n\r\n" % (tag, len(body)) + body)
                await writer.drain()
                self.asked.add(feed)
                if is_new:
                    self.sent.setdefault(feed, time.monotonic())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def change(self, share):
        self.now = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime())
        self.changed = set(random.Random(3).sample(range(self.feeds), int(self.feeds * share)))


def configure(folder, origin, seconds):
    config, port = os.path.join(folder, "config"), free_port()
    os.makedirs(os.path.join(config, "sources"))
    shutil.copytree(os.path.join(ROOT, "config", "topics"), os.path.join(config, "topics"))
    with open(os.path.join(config, "dongtin.toml"), "w") as f:
        f.write(f'[public]\nbase_url = "http://tin.bench.vn/"\nlisten = "127.0.0.1:{port}"\n[private]\nlisten = "127.0.0.1:{free_port()}"\n'
                f'[state]\ndir = "{folder}/state"\n[fetch]\ncontact = "mailto:bench@bench.vn"\nallow = ["127.0.0.1"]\nconcurrency = 32\n'
                '[manners]\nfloor = "1s"\nhost_gap = "0s"\nper_host = 255\n[websub]\nhub = "off"\n')
    with open(os.path.join(config, "sources", "bench.toml"), "w") as f:
        f.write(f'[defaults]\nlevel = "central"\nfull_text = "never"\nevery = "{seconds}s"\n')
        for i in range(origin.feeds):
            f.write(f'[[source]]\nid = "bao-{i}"\nname = "Báo số {i}"\nurl = "http://127.0.0.1:{origin.port}/feed/{i}.xml"\n')
    return config, port


def cpu(pid):
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Reader:
    def __init__(self, port):
        self.connection, self.tag, self.documents = http.client.HTTPConnection("127.0.0.1", port, timeout=30), None, 0

    def news(self):
        """The feeds whose new item is in the document, if that is another one."""
        self.connection.request("GET", "/all/feed.atom", headers={"If-None-Match": self.tag} if self.tag else {})
        reply = self.connection.getresponse()
        body = reply.read()
        if reply.status != 200:
            return []
        self.tag, self.documents = reply.headers["ETag"], self.documents + 1
        return [int(feed) for feed in re.findall(rb'http://bao(\d+)\.vn/9\.html', body)]


def measure(program, feeds, seconds, share):
    origin = Origin(feeds)
    with tempfile.TemporaryDirectory(prefix="dongtin-visible-") as folder:
        config, port = configure(folder, origin, seconds)
        server = subprocess.Popen([program, "run", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 6 * seconds + 60
            while len(origin.asked) < feeds and time.monotonic() < end:
                time.sleep(0.2)
            time.sleep(seconds / 4)
            reader = Reader(port)
            reader.news()
            began, took, seen = time.monotonic(), cpu(server.pid), {}
            origin.change(share)
            end = time.monotonic() + 6 * seconds + 60
            while len(seen) < len(origin.changed) and time.monotonic() < end:
                for feed in reader.news():
                    seen.setdefault(feed, time.monotonic())
                time.sleep(0.005)
            took, wall = cpu(server.pid) - took, time.monotonic() - began
        finally:
            server.terminate()
            server.wait()
    late = sorted((seen[feed] - origin.sent[feed]) * 1000 for feed in seen)
    at = lambda share: round(late[min(len(late) - 1, int(len(late) * share))], 1)
    return {"items": len(origin.changed), "never seen": len(origin.changed) - len(seen), "round_s": round(wall, 1), "documents": reader.documents,
            "median_ms": at(0.5), "p90_ms": at(0.9), "p99_ms": at(0.99), "worst_ms": round(late[-1], 1), "cpu_s": round(took, 2)}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--program", action="append", default=[])
    options.add_argument("--feeds", type=int, default=5000)
    options.add_argument("--round", type=int, default=60)
    options.add_argument("--changed", type=float, default=1.0)
    options = options.parse_args()
    programs = dict(p.split("=", 1) for p in options.program) or {"dongtin": os.path.join(ROOT, "target", "release", "dongtin")}
    print(json.dumps({name: measure(path, options.feeds, options.round, options.changed) for name, path in programs.items()}, indent=1))


if __name__ == "__main__":
    sys.exit(main())
