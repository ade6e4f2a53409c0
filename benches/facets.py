#!/usr/bin/env python3
"""What documents cost that nobody asked for before, over a large database. Prints one JSON object.

    benches/facets.py FOLDER [--items 1000000] [--program NAME=PATH]... [--asked 60] [--only KIND,…]

FOLDER keeps the database between runs: it is made once, of invented items, by SQL behind a schema that the program made itself. 250 sources over
all provinces, kinds and levels, as unequally busy as words are frequent (Zipf); three years; the shipped topics; a tenth of the stories has two
to four items. Then each program serves the database and every address is asked for once, in gzip, over one connection. CPU is what all threads of
the process have run for it (schedstat), so that the query, reading, writing, compressing, HTTP and the runtime are in it; where a goal is
for less than that, it is missed here first. Who is measured first pays for what the system has not cached: measure in both orders. `perf record -g -p` beside it says what has which part.

The last part asks SQLite, through Python, for the stories of the same lists by one statement with `IN`, and times that (CPU of the thread).
"""
import argparse, bisect, glob, http.client, itertools, json, os, random, shutil, socket, sqlite3, statistics, subprocess, sys, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCES = 250
YEARS = 3
ORGANS = ["press", "press", "press", "party", "government", "broadcaster"]
WORDS = ("học tập làm theo tư tưởng đạo đức phong cách đảng bộ tỉnh xã phường nhân dân cán bộ đảng viên chi bộ phong trào thi đua "
         "mô hình kinh tế nông thôn mới thanh niên phụ nữ cựu chiến binh công đoàn giáo dục y tế văn hóa du lịch đầu tư hạ tầng").split()


def topics():
    ids = []
    for path in sorted(glob.glob(os.path.join(ROOT, "config", "topics", "*.toml"))):
        ids += [line.split('"')[1] for line in open(path) if line.startswith("id = ")]
    return ids


def provinces():
    return sorted(os.path.basename(p)[:-5] for p in glob.glob(os.path.join(ROOT, "config", "sources", "*.toml")) if "trung-uong" not in p)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def configure(folder, port):
    """A configuration whose sources nobody answers for, and are due in a hundred years."""
    config = os.path.join(folder, "config")
    shutil.rmtree(config, ignore_errors=True)
    os.makedirs(os.path.join(config, "sources"))
    shutil.copytree(os.path.join(ROOT, "config", "topics"), os.path.join(config, "topics"))
    with open(os.path.join(config, "dongtin.toml"), "w") as f:
        f.write(f'[public]\nbase_url = "http://tin.bench.vn/"\nlisten = "127.0.0.1:{port}"\n[private]\nlisten = "127.0.0.1:{free_port()}"\n'
                f'[state]\ndir = "{folder}/state"\n[fetch]\ncontact = "mailto:bench@bench.vn"\nallow = ["127.0.0.1"]\ntimeout = "5s"\n'
                '[manners]\nfloor = "1s"\nhost_gap = "0s"\nper_host = 255\n[websub]\nhub = "off"\n')
    with open(os.path.join(config, "sources", "bench.toml"), "w") as f:
        places = provinces()
        for i in range(SOURCES):
            # A fifth is central; of the others every fourth is a commune's.
            place = f'province = "{places[i % len(places)]}"\nlevel = "{"commune" if i % 4 == 3 else "province"}"' if i % 5 else 'level = "central"'
            f.write(f'[[source]]\nid = "nguon-{i}"\nname = "Báo số {i}"\nurl = "http://127.0.0.1:9/{i}.xml"\norgan = "{ORGANS[i % 6]}"\n{place}\nevery = "1d"\n')
    return config


def serve(program, config):
    return subprocess.Popen([program, "run", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(port):
    for _ in range(1200):
        try:
            ask(http.client.HTTPConnection("127.0.0.1", port, timeout=60), "/robots.txt")
            return
        except OSError:
            time.sleep(0.05)
    sys.exit("the server does not answer")


def stop(server):
    server.terminate()
    server.wait()


def zipf(chance, count):
    """Draws numbers below `count`, the first most often."""
    sums = list(itertools.accumulate(1 / (n + 1) for n in range(count)))
    return lambda: bisect.bisect(sums, chance.random() * sums[-1])


def fill(folder, program, items):
    """Makes the database; the last thing it does is to give it its name."""
    state = os.path.join(folder, "state")
    shutil.rmtree(state, ignore_errors=True)
    port = free_port()
    server = serve(program, configure(folder, port))
    wait_for(port)
    time.sleep(2)
    stop(server)
    db = sqlite3.connect(os.path.join(state, "dongtin.db"))
    db.execute("PRAGMA synchronous = off")
    db.execute("PRAGMA cache_size = -500000")
    rows = [row for (row,) in db.execute("SELECT id FROM source ORDER BY id")]
    assert len(rows) == SOURCES, len(rows)
    chance = random.Random(1)
    a_source, a_topic = zipf(chance, SOURCES), zipf(chance, len(topics()))
    order, names = rows[:], topics()
    chance.shuffle(order)
    now = int(time.time() * 1000) - 3_600_000
    begin = now - YEARS * 365 * 86_400_000
    say = lambda n: " ".join(chance.choices(WORDS, k=n)).capitalize()
    # Texts are drawn from a pool: what counts is that they differ along a feed.
    titles, teasers = [say(13) for _ in range(5000)], [say(52) + "." for _ in range(5000)]
    reasons = lambda: json.dumps([{"rule": say(4), "text": say(4), "field": f, "weight": w} for f, w in (("title", 12.0), ("teaser", 6.0), ("opening", 4.0), ("body", 3.0))[:chance.randint(1, 4)]], ensure_ascii=False)
    why = [reasons() for _ in range(2000)]
    because = json.dumps({"kind": "text", "similarity": 0.93, "shared": [say(3) for _ in range(5)], "checked": [["numbers", "same"]]}, ensure_ascii=False)
    item = story = 0
    while item < items:
        tables = {name: [] for name in ("story", "item", "item_text", "item_topic", "story_topic", "topic_item")}
        while item < items and len(tables["story"]) < 20_000:
            story += 1
            at = begin + (now - begin) * item // items
            carriers = 1 if chance.random() < 0.9 else chance.randint(2, 4)
            filed = set() if chance.random() < 0.4 else {names[a_topic()] for _ in range(chance.randint(1, 3))}
            tables["story"].append((story, f"{story:020x}", at, at, item + 1))
            tables["story_topic"] += [(topic, at, story) for topic in filed]
            for n in range(carriers):
                item += 1
                source, seen = order[a_source()], at + n * 600_000
                tables["item"].append((item, source, story, b"", chance.choice(titles), f"https://bao{source}.vn/thoi-su/{chance.choice(titles)[:40].replace(' ', '-')}-{item}.html",
                                       chance.choice(teasers), "Minh Anh", '["Thời sự"]', f"https://img.bao{source}.vn/{item:x}.jpg", seen, seen, None if n == 0 else because, seen))
                tables["item_text"].append((item, "", None))
                for topic in filed:
                    tables["item_topic"].append((item, topic, 14.5, 10.0, chance.choice(why)))
                    tables["topic_item"].append((topic, source, seen, item))
        columns = {"story": "id, uid, at, updated, lead", "item": "id, source, story, content, title, link, summary, author, categories, image, published, seen, because, at",
                   "item_text": "item, body, html", "item_topic": "item, topic, score, threshold, reasons", "story_topic": "topic, at, story", "topic_item": "topic, source, at, item"}
        for table, values in tables.items():
            if values:
                db.executemany(f"INSERT INTO {table} ({columns[table]}) VALUES ({', '.join('?' * len(values[0]))})", values)
        db.commit()
    db.execute("UPDATE source SET due_at = ?, due_cause = 'cadence', harvested = 1, failures = 0, failure_class = NULL, failure_text = NULL, ok_at = polled_at", (now + 100 * 365 * 86_400_000,))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    with open(os.path.join(folder, "filled"), "w") as f:
        f.write(str(items))


def kinds(asked):
    """Addresses by kind, each different from all others."""
    chance, ids, places = random.Random(2), topics(), provinces()
    organs, levels = ["party", "government", "press", "broadcaster"], ["central", "province", "commune"]
    union = lambda n: "+".join(sorted(chance.sample(ids, n)))

    def pick(paths):
        paths = sorted(set(paths))
        return chance.sample(paths, min(asked, len(paths)))

    month = lambda: f"{2024 + chance.randrange(2)}-{chance.randrange(12) + 1:02}"
    return {
        "topic × province": pick(f"{t}/{p}/feed.atom" for t in ids for p in places),
        "topic × organ": pick(f"{t}/{o}/feed.atom" for t in ids for o in organs),
        "topic × level": pick(f"{t}/{l}/feed.atom" for t in ids for l in levels),
        "all × province": pick(f"all/{p}/feed.atom" for p in places),
        "all × organ, level": pick(f"all/{x}/feed.atom" for x in organs + levels),
        "topics": pick(f"{union(n)}/feed.atom" for n in (2, 3, 4) for _ in range(40)),
        "topics × province": pick(f"{union(n)}/{p}/feed.atom" for n in (2, 3) for p in places for _ in range(3)),
        "second page": pick(f"{t}/{p}/page/2/feed.atom" for t in ids for p in places),
        "html: topic × province": pick(f"{t}/{p}/" for t in ids for p in places),
        "html: topic": pick(f"{t}/" for t in ids),
        "archive": pick(f"{t}/archive/{month()}.atom" for t in ids for _ in range(4)),
        "html: month": pick(f"{t}/{month()}/" for t in ids for _ in range(4)),
    }


def ask(connection, path):
    connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
    reply = connection.getresponse()
    return reply.status, len(reply.read())


def cpu_ms(pid):
    total = 0
    for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
        try:
            with open(path) as f:
                total += int(f.read().split()[0])
        except OSError:
            pass
    return total / 1e6


def line(values, sizes=None):
    values = sorted(values)
    at = lambda share: round(values[min(len(values) - 1, int(len(values) * share))], 3)
    return {"n": len(values), "median_ms": at(0.5), "p99_ms": at(0.99), "worst_ms": round(values[-1], 3), **({"median_kb": round(statistics.median(sizes) / 1000, 1)} if sizes else {})}


def measure(folder, program, addresses):
    # A month that is over is kept as it was first given out.
    with sqlite3.connect(os.path.join(folder, "state", "dongtin.db")) as db:
        db.execute("DELETE FROM archived")
    db.close()
    port = free_port()
    server = serve(program, configure(folder, port))
    try:
        wait_for(port)
        # What happens beside after a start is over.
        settled = 0
        while settled < 4:
            before = cpu_ms(server.pid)
            time.sleep(0.5)
            settled = settled + 1 if cpu_ms(server.pid) - before < 1 else 0
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        # The first reads warm what the first of anything pays for: the connection to the database, its statements.
        for path in ("search?q=b", "all/page/9/feed.atom", "xay-dung-dang/ha-noi/page/9/feed.atom", "an-sinh-xa-hoi+xay-dung-dang/page/9/feed.atom"):
            ask(connection, "/" + path)
        # What a request costs whose answer is finished.
        ask(connection, "/all/feed.atom")
        floor = []
        for _ in range(20):
            before = cpu_ms(server.pid)
            ask(connection, "/all/feed.atom")
            floor.append(cpu_ms(server.pid) - before)
        report = {"finished before it is asked for": line(floor)}
        for kind, paths in addresses.items():
            took, sizes = [], []
            for path in paths:
                time.sleep(0.002)
                before = cpu_ms(server.pid)
                status, size = ask(connection, "/" + path)
                took.append(cpu_ms(server.pid) - before)
                sizes.append(size)
                if status not in (200, 404):
                    sys.exit(f"{path}: {status}")
            report[kind] = line(took, sizes)
        return report
    finally:
        stop(server)


def by_in(folder, addresses):
    """The newest of the same lists by one statement."""
    db = sqlite3.connect(os.path.join(folder, "state", "dongtin.db"))
    rows = db.execute("SELECT id, province, organ, level FROM source").fetchall()
    report = {}
    for kind in ("topic × province", "topic × level", "all × province", "topics"):
        took = []
        for path in addresses[kind][:10]:
            names, slug = path.split("/")[0].split("+"), path.split("/")[1]
            sources = [str(row[0]) for row in rows if slug in row[1:]]
            where = f" AND i.source IN ({', '.join(sources)})" if sources else ""
            listed = ", ".join(f"'{name}'" for name in names)
            sql = f"SELECT i.story, min(i.at) AS first FROM item i WHERE 1{where} GROUP BY i.story" if names == ["all"] else \
                  f"SELECT i.story, min(t.at) AS first FROM topic_item t JOIN item i ON i.id = t.item WHERE t.topic IN ({listed}){where.replace('i.', 't.')} GROUP BY i.story"
            before = time.thread_time()
            db.execute(f"{sql} ORDER BY first DESC LIMIT 51").fetchall()
            took.append((time.thread_time() - before) * 1000)
        report[kind] = line(took)
    return report


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder")
    options.add_argument("--items", type=int, default=1_000_000)
    options.add_argument("--asked", type=int, default=60)
    options.add_argument("--program", action="append", default=[])
    options.add_argument("--only")
    options = options.parse_args()
    programs = dict(p.split("=", 1) for p in options.program) or {"dongtin": os.path.join(ROOT, "target", "release", "dongtin")}
    folder = os.path.abspath(options.folder)
    if not os.path.exists(os.path.join(folder, "filled")):
        fill(folder, next(iter(programs.values())), options.items)
    addresses = kinds(options.asked)
    asked = {kind: paths for kind, paths in addresses.items() if not options.only or kind in options.only.split(",")}
    report = {name: measure(folder, program, asked) for name, program in programs.items()}
    if not options.only:
        report["one statement with IN"] = by_in(folder, addresses)
    print(json.dumps(report, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    sys.exit(main())
