#!/usr/bin/env python3
"""CPU time and peak memory of polling many feeds, against a local load origin. Prints one JSON object.

    benches/poll.py ORIGIN_FOLDER [--feeds 1000] [--runs 3] [--changed 0.01]

ORIGIN_FOLDER holds the load origin's Cargo project: a server that answers /feed/I.xml for I below --feeds, honours
If-None-Match, and changes a share of its feeds at /tick?fraction=F&k=K. It is copied below target/ and built there.

Each run starts with an empty database and measures three rounds of `dongtin poll`, each a process of its own, start to end
(configuration, database and all): cold (everything is new), unchanged (the server says so to every feed), changed (a share
has two new items). CPU is user plus system time of that process from wait4(2); peak is its maximum resident set. One origin
plays all hosts, so the configuration names it as its own server and lifts the limits a host.
"""
import argparse, json, os, shutil, socket, statistics, subprocess, sys, tempfile, time, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def build(origin):
    target = os.path.join(ROOT, "target")
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    copy = os.path.join(target, "bench-origin")
    shutil.copytree(origin, copy, dirs_exist_ok=True, copy_function=shutil.copyfile)
    subprocess.run(["cargo", "build", "--release", "--quiet", "--target-dir", os.path.join(copy, "target")], cwd=copy, check=True)
    folder = os.path.join(copy, "target", "release")
    built = [f for f in os.listdir(folder) if os.access(os.path.join(folder, f), os.X_OK) and os.path.isfile(os.path.join(folder, f)) and "." not in f]
    return os.path.join(target, "release", "dongtin"), os.path.join(folder, built[0])


def configure(folder, base, feeds):
    os.makedirs(os.path.join(folder, "config", "sources"))
    shutil.copytree(os.path.join(ROOT, "config", "topics"), os.path.join(folder, "config", "topics"))
    with open(os.path.join(folder, "config", "dongtin.toml"), "w") as f:
        f.write(f'''[public]
base_url = "http://tin.bench.vn/"
[state]
dir = "{folder}/state"
[fetch]
contact = "mailto:bench@bench.vn"
allow = ["127.0.0.1"]
concurrency = 32
[manners]
floor = "1s"
host_gap = "0s"
per_host = 32
''')
    with open(os.path.join(folder, "config", "sources", "bench.toml"), "w") as f:
        # Feeds alone: the articles' hosts are nobody's.
        f.write('[defaults]\nlevel = "central"\nfull_text = "never"\n')
        for i in range(feeds):
            f.write(f'[[source]]\nid = "bao-{i}"\nname = "Báo số {i}"\nurl = "{base}/feed/{i}.xml"\n')


def poll(program, folder):
    began = time.monotonic()
    out = open(os.path.join(folder, "out"), "w+")
    child = subprocess.Popen([program, "poll", "-q", "--format", "json", "--config", os.path.join(folder, "config")], stdout=out)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    out.seek(0)
    summary = json.loads(out.read().splitlines()[-1])["summary"]
    assert os.waitstatus_to_exitcode(status) == 0 and summary["failed"] == 0, (status, summary)
    return {"cpu_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024, "wall_s": wall, "summary": summary}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("origin")
    options.add_argument("--feeds", type=int, default=1000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--changed", type=float, default=0.01)
    options = options.parse_args()
    program, origin = build(options.origin)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    server = subprocess.Popen([origin, "--feeds", str(options.feeds), "--port", str(port)], stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                urllib.request.urlopen(f"{base}/stats").read()
                break
            except OSError:
                time.sleep(0.1)
        rounds = {"cold": [], "unchanged": [], "changed": []}
        for _ in range(options.runs):
            with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as folder:
                configure(folder, base, options.feeds)
                rounds["cold"].append(poll(program, folder))
                rounds["unchanged"].append(poll(program, folder))
                urllib.request.urlopen(f"{base}/tick?fraction={options.changed}&k=2").read()
                rounds["changed"].append(poll(program, folder))
                size = os.path.getsize(os.path.join(folder, "state", "dongtin.db")) / 1e6
    finally:
        server.terminate()
        server.wait()
    median = lambda name, key: statistics.median(r[key] for r in rounds[name])
    print(json.dumps({
        "feeds": options.feeds, "runs": options.runs, "database_mb": round(size, 1),
        **{name: {
            "cpu_ms_per_feed": round(median(name, "cpu_s") * 1000 / options.feeds, 4),
            "cpu_ms_per_feed_of_each_run": [round(r["cpu_s"] * 1000 / options.feeds, 4) for r in rows],
            "peak_mb": round(median(name, "peak_mb"), 1), "wall_s": round(median(name, "wall_s"), 2), "summary": rows[-1]["summary"],
        } for name, rows in rounds.items()},
    }, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(main())
