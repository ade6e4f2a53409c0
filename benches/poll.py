#!/usr/bin/env python3
"""CPU time and peak memory of polling many feeds, against a local load origin. Prints one JSON object.

    benches/poll.py ORIGIN_FOLDER [--limits FOLDER] [--feeds 1000] [--runs 3] [--changed 0.01]
                    [--rounds cold,unchanged,changed,faults,bombs] [--program NAME=PATH]...

ORIGIN_FOLDER holds the load origin's Cargo project: a server that answers /feed/I.xml for I below --feeds, honours
If-None-Match, changes a share of its feeds at /tick?fraction=F&k=K, and misbehaves at /fault/MODE/I.xml. It is copied below
target/ and built there; so is the smallest poller there can be, `pollmin`, where --limits names its Cargo project. Each run
then measures both, one behind the other, and the ratio of their CPU time is printed: on a shared machine it is what to trust.
--program measures other builds of dongtin in the same runs (`--program before=/tmp/dongtin`).

Each run starts with an empty database. A round is one process, start to end (configuration, database and all):
    cold       everything is new
    unchanged  the server says so to every feed
    changed    a share of the feeds has two new items
    healthy    an empty database and only the 90 % of the feeds that `faults` leaves whole, for comparison with it
    faults     an empty database and all feeds, 10 % of them in one of the origin's fault modes
    bombs      100 feeds that are gzip bombs of 1 GiB, an empty database
CPU is user plus system time of the process from wait4(2); peak is its maximum resident set. One origin plays all hosts, so the
configuration names it as its own server and lifts the limits a host.
"""
import argparse, json, os, shutil, socket, statistics, subprocess, sys, tempfile, time, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(ROOT, "target")
ROUNDS = ["cold", "unchanged", "changed", "faults", "bombs"]
MODES = ["500", "429", "drip", "endless", "gzipbomb", "redirectloop", "brokenxml", "truncated", "wronglength", "reset"]
BOMBS = 100


def build_beside(project, name):
    """Builds a Cargo project in a copy below target/ and gives its program."""
    copy = os.path.join(TARGET, "bench-" + name)
    shutil.copytree(project, copy, dirs_exist_ok=True, copy_function=shutil.copyfile, ignore=shutil.ignore_patterns("target"))
    subprocess.run(["cargo", "build", "--release", "--quiet", "--bin", name, "--target-dir", os.path.join(copy, "target")], cwd=copy, check=True)
    return os.path.join(copy, "target", "release", name)


def configure(folder, urls):
    os.makedirs(os.path.join(folder, "config", "sources"))
    shutil.copytree(os.path.join(ROOT, "config", "topics"), os.path.join(folder, "config", "topics"))
    with open(os.path.join(folder, "config", "dongtin.toml"), "w") as f:
        f.write(f'''[public]
base_url = "http://tin.bench.vn/"
[state]
dir = "{folder}/state"
[fetch]
contact = "mailto:bench@bench.vn"
allow = ["127.0.0.1", "::ffff:127.0.0.1"]
concurrency = 32
timeout = "10s"
[manners]
floor = "1s"
host_gap = "0s"
per_host = 255
''')
    with open(os.path.join(folder, "config", "sources", "bench.toml"), "w") as f:
        # Feeds alone: the articles' hosts are nobody's.
        f.write('[defaults]\nlevel = "central"\nfull_text = "never"\n')
        for i, url in urls:
            f.write(f'[[source]]\nid = "bao-{i}"\nname = "Báo số {i}"\nurl = "{url}"\n')


# A process begins with the maximum resident set of the one that forked it, so a small one does that.
LAUNCHER = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, file=sys.stderr)
"""


def measure(command, out, stdin=None):
    """Runs a process and gives what it took."""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-I", "-S", "-c", LAUNCHER, *command], stdin=stdin, stdout=out, stderr=subprocess.PIPE, text=True, check=True)
    code, cpu, peak = done.stderr.splitlines()[-1].split()
    return int(code), {"cpu_s": float(cpu), "peak_mb": float(peak), "wall_s": time.monotonic() - began}


def poll(program, folder, may_fail=False):
    with open(os.path.join(folder, "out"), "w+") as out:
        code, took = measure([program, "poll", "-q", "--format", "json", "--config", os.path.join(folder, "config")], out)
        out.seek(0)
        took["summary"] = json.loads(out.read().splitlines()[-1])["summary"]
    assert may_fail or code == 0 and took["summary"]["failed"] == 0, (code, took)
    return took


def pollmin(program, folder, base, feeds):
    with open(os.path.join(folder, "out"), "w") as out:
        code, took = measure([program, "--db", os.path.join(folder, "min.db"), "--n", str(feeds), "--base", base], out)
    assert code == 0, code
    return took


class Bench:
    def __init__(self, options):
        self.feeds, self.changed, self.rounds = options.feeds, options.changed, options.rounds.split(",")
        self.programs = dict(p.split("=", 1) for p in options.program)
        if not self.programs:
            subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
            self.programs = {"dongtin": os.path.join(TARGET, "release", "dongtin")}
        self.pollmin = options.limits and build_beside(options.limits, "pollmin")
        self.origin = build_beside(options.origin, "origin")
        self.took, self.size = {}, {}

    def note(self, who, name, took):
        self.took.setdefault(who, {}).setdefault(name, []).append(took)

    def ask(self, path):
        return urllib.request.urlopen(f"{self.base}{path}").read()

    def everyone(self, folders, name):
        """One round of everybody, one behind the other. The order changes with the runs, so that nobody always comes first."""
        for who in reversed(list(folders)) if self.run % 2 else folders:
            if who == "pollmin":
                self.note(who, name, pollmin(self.pollmin, folders[who], self.base, self.feeds))
            else:
                self.note(who, name, poll(self.programs[who], folders[who]))

    def clean_rounds(self, top):
        feeds = [(i, f"{self.base}/feed/{i}.xml") for i in range(self.feeds)]
        folders = {}
        for who in [*self.programs, *(["pollmin"] if self.pollmin else [])]:
            folders[who] = os.path.join(top, who)
            os.makedirs(folders[who])
            if who != "pollmin":
                configure(folders[who], feeds)
        self.everyone(folders, "cold")
        if "unchanged" in self.rounds:
            self.everyone(folders, "unchanged")
        if "changed" in self.rounds:
            self.ask(f"/tick?fraction={self.changed}&k=2")
            self.everyone(folders, "changed")
        for who in self.programs:
            self.size[who] = os.path.getsize(os.path.join(folders[who], "state", "dongtin.db")) / 1e6

    def one(self, top, who, name, urls, may_fail):
        folder = os.path.join(top, f"{name}-{who}")
        configure(folder, urls)
        self.ask("/stats/reset")
        took = poll(self.programs[who], folder, may_fail)
        # The end of a drip is our own limit on time; the healthy are done when the origin sent the last of them.
        took["healthy_s"] = json.loads(self.ask("/stats"))["span_s"]
        self.note(who, name, took)
        shutil.rmtree(folder)

    def fault_rounds(self, top):
        healthy = [(i, f"{self.base}/feed/{i}.xml") for i in range(self.feeds) if i % 10]
        # A 429 silences its host; under another name of the same origin it silences nobody else.
        elsewhere = self.base.replace("127.0.0.1", "[::ffff:127.0.0.1]")
        base = lambda mode: elsewhere if mode == "429" else self.base
        mode = lambda i: MODES[i // 10 % len(MODES)]
        ill = [(i, f"{base(mode(i))}/fault/{mode(i)}/{i}.xml") for i in range(0, self.feeds, 10)]
        for who in self.programs:
            self.one(top, who, "healthy", healthy, False)
            self.one(top, who, "faults", sorted(healthy + ill), True)

    def bomb_rounds(self, top):
        for who in self.programs:
            self.one(top, who, "bombs", [(i, f"{self.base}/fault/gzipbomb/{i}.xml") for i in range(BOMBS)], True)

    def go(self, runs):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.base = f"http://127.0.0.1:{port}"
        server = subprocess.Popen([self.origin, "--feeds", str(self.feeds), "--port", str(port)], stderr=subprocess.DEVNULL)
        try:
            for _ in range(600):
                try:
                    self.ask("/stats")
                    break
                except OSError:
                    time.sleep(0.1)
            for self.run in range(runs):
                with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as top:
                    if {"cold", "unchanged", "changed"} & set(self.rounds):
                        self.clean_rounds(top)
                    if "faults" in self.rounds:
                        self.fault_rounds(top)
                    if "bombs" in self.rounds:
                        self.bomb_rounds(top)
        finally:
            server.terminate()
            server.wait()

    def median(self, who, name, key):
        return statistics.median(took[key] for took in self.took[who][name])

    def report(self):
        feeds_of = {"healthy": self.feeds - self.feeds // 10, "bombs": BOMBS}
        report = {"feeds": self.feeds, "database_mb": {who: round(size, 1) for who, size in self.size.items()}}
        for who, rounds in self.took.items():
            report[who] = {}
            for name, rows in rounds.items():
                feeds = feeds_of.get(name, self.feeds)
                each = [round(r["cpu_s"] * 1000 / feeds, 4) for r in rows]
                line = {
                    "cpu_ms_per_feed": round(statistics.median(each), 4), "cpu_ms_per_feed_of_each_run": each,
                    "peak_mb": round(self.median(who, name, "peak_mb"), 1), "wall_s": round(self.median(who, name, "wall_s"), 2),
                    "summary": rows[-1].get("summary"),
                }
                if who != "pollmin" and name in self.took.get("pollmin", {}):
                    line["times_pollmin"] = round(self.median(who, name, "cpu_s") / self.median("pollmin", name, "cpu_s"), 2)
                if name == "faults":
                    line["times_cpu_of_healthy"] = round(self.median(who, name, "cpu_s") / self.median(who, "healthy", "cpu_s"), 3)
                    line["times_healthy_s_of_healthy"] = round(self.median(who, name, "healthy_s") / self.median(who, "healthy", "healthy_s"), 3)
                report[who][name] = line
        return report


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("origin")
    options.add_argument("--limits")
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--changed", type=float, default=0.01)
    options.add_argument("--rounds", default="cold,unchanged,changed")
    options.add_argument("--program", action="append", default=[])
    options = options.parse_args()
    unknown = set(options.rounds.split(",")) - set(ROUNDS)
    if unknown:
        sys.exit(f"no such round: {', '.join(sorted(unknown))}")
    bench = Bench(options)
    bench.go(options.runs)
    print(json.dumps(bench.report(), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(main())
