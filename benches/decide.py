#!/usr/bin/env python3
"""Items a second that `topic diff` and `topic near` look at, and their peak memory. Prints one JSON object.

    benches/decide.py [--items 100000] [--runs 3] [--program target/release/dongtin]

The program makes an empty database; the items are written into it directly, of generated Vietnamese words: a headline of 12, a
teaser of 40 and, for every third, an article of 400, one in twenty with a phrase of the flagship topic. The topics are the
shipped ones. The first comparison therefore tells all that the topics would add; in the second, `same`, one topic of one phrase
that nothing has is in force, so that nothing is told. Wall clock; peak is the maximum resident set.
"""
import argparse, json, os, random, sqlite3, shutil, statistics, subprocess, sys, tempfile, time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
WORDS = "xã huyện tỉnh hội nghị tổ chức phong trào nhân dân đồng bào mùa vụ trường học sinh đường cầu sông núi biển rừng lúa ngô chợ " \
        "khu phố thôn bản cán bộ đoàn viên thanh niên phụ nữ nông dân công nhân kế hoạch chương trình dự án đầu tư phát triển bền vững".split()
PHRASE = "học tập và làm theo tư tưởng, đạo đức, phong cách Hồ Chí Minh"
NEVER = 'id = "khong"\nname = "Không"\n[[rule]]\nname = "r"\nweight = 10\nphrases = ["cụm từ không ai viết"]\n'


def words(dice, count):
    return " ".join(dice.choice(WORDS) for _ in range(count)).capitalize() + "."


def configure(folder):
    for name in ("sources", "topics"):
        os.makedirs(os.path.join(folder, "config", name))
    with open(os.path.join(folder, "config", "dongtin.toml"), "w") as f:
        f.write(f'[public]\nbase_url = "http://tin.bench.vn/"\n[state]\ndir = "{folder}/state"\n[fetch]\ncontact = "mailto:bench@bench.vn"\nallow = ["127.0.0.1"]\n')
    with open(os.path.join(folder, "config", "sources", "bench.toml"), "w") as f:
        f.write('[[source]]\nid = "bench"\nname = "Báo bench"\nlevel = "central"\nurl = "http://127.0.0.1:9/rss"\n')


def topics(folder, shipped):
    there = os.path.join(folder, "config", "topics")
    shutil.rmtree(there)
    if shipped:
        shutil.copytree(os.path.join(ROOT, "config", "topics"), there)
    else:
        os.makedirs(there)
        with open(os.path.join(there, "khong.toml"), "w") as f:
            f.write(NEVER)


def fill(folder, count):
    dice = random.Random(20261123)
    db = sqlite3.connect(os.path.join(folder, "state", "dongtin.db"))
    source = db.execute("SELECT id FROM source").fetchone()[0]
    now = int(time.time() * 1000)
    for n in range(1, count + 1):
        title, summary = words(dice, 12), words(dice, 40)
        if n % 20 == 0:
            summary = PHRASE + " " + summary
        at = now - (count - n) * 1000
        db.execute("INSERT INTO story (id, uid, at, updated, lead) VALUES (?, ?, ?, ?, ?)", (n, f"{n:020x}", at, at, n))
        db.execute("INSERT INTO item (id, source, story, content, title, link, summary, categories, seen) VALUES (?, ?, ?, x'00', ?, ?, ?, '[]', ?)",
                   (n, source, n, title, f"https://bench.vn/{n}.html", summary, at))
        if n % 3 == 0:
            db.execute("INSERT INTO item_text (item, body) VALUES (?, ?)", (n, words(dice, 400)))
    db.commit()
    db.close()


def run(program, folder, command):
    begin = time.monotonic()
    with open(os.path.join(folder, "out"), "wb") as out:
        child = subprocess.Popen([program, "topic", command, "--config", os.path.join(folder, "config"), "--format", "json"], stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begin
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit(f"{command} failed")
    with open(os.path.join(folder, "out")) as out:
        report = json.load(out)
    return report["items"] / seconds, usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--items", type=int, default=100_000)
    options.add_argument("--runs", type=int, default=3)
    options.add_argument("--program", default=os.path.join(ROOT, "target", "release", "dongtin"))
    options = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as folder:
        configure(folder)
        topics(folder, shipped=True)
        subprocess.run([options.program, "poll", "--quiet", "--config", os.path.join(folder, "config")], stdout=subprocess.DEVNULL)
        fill(folder, options.items)
        result = {"items": options.items, "megabytes": os.path.getsize(os.path.join(folder, "state", "dongtin.db")) >> 20}
        for name, command, shipped in (("diff", "diff", True), ("near", "near", True), ("same", "diff", False)):
            topics(folder, shipped)
            runs = [run(options.program, folder, command) for _ in range(options.runs)]
            result[name] = {"items_a_second": round(statistics.median(r[0] for r in runs)), "peak_mib": round(max(r[1] for r in runs))}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
