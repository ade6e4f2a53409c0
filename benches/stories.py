#!/usr/bin/env python3
"""How `dongtin cluster` groups items: right or wrong, alike in every order of arrival, and at what cost. Prints tables.

    benches/stories.py wire DONGTIN ORIGIN [--feeds 5000] [--show FILE]      the reprints of synthetic wire stories
    benches/stories.py stream DONGTIN STREAM.jsonl [--draw 200] [--seed 1] [--show FILE]     a real stream, for a person to judge
    benches/stories.py order DONGTIN ITEMS.jsonl [--shuffles 5] [--seed 1] [--within HOURS]  the same items in other orders
    benches/stories.py curve DONGTIN STREAM.jsonl [--to 1000000] [--seed 1]                  time and memory as the stream grows

STREAM.jsonl and ITEMS.jsonl are what `cluster` reads, in order of arrival, `published` in each line. A *join* is an item that did not
found its story; a *joined pair* is two items of one story. CPU is user plus system time of the process, peak its maximum resident set.

wire    ORIGIN is the load origin: its Cargo project, or its program. It writes its feeds, `dongtin inspect` reads them, and each item
        goes to `cluster` in order of publication under a running number, without markup. 12 % are reprints of wire stories.
        The truth comes from the origin's generator alone (`feed.rs`, `item`): it draws for each item, from (seed, feed, serial),
        whether it is a reprint, of which wire story, and how it was changed. The same draws are made here again. Nothing in the
        documents or in what `cluster` reads tells them. Before anything is measured the texts must bear them out: all verbatim
        reprints of a story have one headline and summary, and the others differ from them as drawn; otherwise this ends.
        Kinds: `verbatim` (45 %), `title` (25 %: a phrase and a colon before the headline), `lead` (15 %: a sentence before the
        summary), `tail` (15 %: last sentence cut, an agency's name added); `own` is everything that is no reprint. A row is the
        pairs of two kinds. One feed in four carries bodies, so a body is often on one side only. --show: the false joins.
stream  Draws joined items and shows each beside the one that its `because.with` names. Items of one host with one article number (five
        digits or more at the end of the path, but for its extension) under several paths are one article whose slug was edited: how
        many of those are one story.
order   Orders drawn at random; with --within, each item only arrives up to so many hours after its publication.
curve   Beyond its end the stream is repeated, later by its own length each time. In each copy rare words, names and numbers are
        swapped for others as frequent, the same way throughout, and hosts are others: a copy has the shape of the stream and tells
        other stories, so nothing may join across copies. Bytes an item are above the peak without any item. Nothing may be
        quadratic: in a table that grows threefold, µs and bytes an item must not.
"""
import argparse, bisect, collections, datetime, html, itertools, json, os, random, re, subprocess, sys, tempfile, urllib.parse

sys.dont_write_bytecode = True
from poll import build_beside, measure

ASIDE = 25  # failures that are printed; --show has them all


# What the sub-commands share.
def read_lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def write_lines(path, items, mode="w"):
    with open(path, mode, encoding="utf-8") as f:
        f.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in items)


def cluster(program, path):
    """Runs `cluster` over a file: its answers, as they come, and what it took."""
    with open(path, "rb") as lines, open(path + ".out", "wb") as out:
        code, took = measure([program, "cluster"], out, lines)
    if code != 0:
        sys.exit(f"cluster ended with {code}")
    return (json.loads(line) for line in open(path + ".out", encoding="utf-8")), took


def cluster_all(program, items, folder):
    """The answer to each item, and what it took."""
    path = os.path.join(folder, "items.jsonl")
    write_lines(path, items)
    answers, took = cluster(program, path)
    answers = list(answers)
    if [a["id"] for a in answers] != [i["id"] for i in items]:
        sys.exit("cluster did not answer every item in its order")
    return answers, took


def took_line(count, took):
    return f"{count:,} items: {took['cpu_s']:.2f} s CPU, {took['wall_s']:.2f} s, {took['cpu_s'] / count * 1e6:.1f} µs an item, peak {took['peak_mb']:.1f} MiB"


def time_of(item):
    time = datetime.datetime.fromisoformat(item["published"])
    return time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)


def table(head, rows):
    """Prints a table: the first column to the left, figures to the right."""
    rows = [head] + [[cell if isinstance(cell, str) else f"{cell:,}" for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.rjust(width) if n else cell.ljust(width) for n, (cell, width) in enumerate(zip(row, widths))).rstrip())


def share(part, whole, digits=2):
    return f"{part / whole:.{digits}%}" if whole else "–"


def pairs(count):
    return count * (count - 1) // 2


def describe(item):
    return f"{item.get('title')}\n      {item.get('summary') or '–'}\n      {item.get('url') or '–'}\n      {item.get('published') or '–'}"


def beside(item, other, why):
    return f"{why}\n   A  {describe(item)}\n   B  {describe(other)}\n"


def show(path, blocks):
    """Writes numbered blocks of text, where somebody wants them."""
    if path:
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(f"{n}. {block}\n" for n, block in enumerate(blocks, 1))


# wire: against a truth that the generator gives.
KINDS = ["verbatim", "title", "lead", "tail", "own"]
SEED, WIRE_SHARE = 1, 0.12  # the origin's defaults
MASK = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return z ^ (z >> 31)


def draws(*parts):
    """The origin's `Rng`."""
    state = 0x9E37_79B9_7F4A_7C15
    for part in parts:
        state = mix(state ^ (part * 0xD6E8_FEB8_6659_FD93 & MASK))
    while True:
        state = (state + 0x9E37_79B9_7F4A_7C15) & MASK
        yield mix(state)


def truth_of(feed, serial, feeds):
    """Which wire story an item reprints, and how: the first three draws of the origin's `item`."""
    is_wire, which, how = itertools.islice(draws(SEED, 21, feed, serial), 3)
    if (is_wire >> 11) / (1 << 53) >= WIRE_SHARE:
        return (feed, serial), "own"
    below = lambda draw, n: (draw >> 32) * n >> 32
    return below(which, max(feeds // 8, 16)), KINDS[bisect.bisect([45, 70, 85], below(how, 100))]


def plain(markup):
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup or "")).split())


def synthetic_items(program, origin, feeds, folder):
    """The origin's items in order of publication, and beside each its truth."""
    subprocess.run([origin, "dump", "--out", folder, "--feeds", str(feeds), "--seed", str(SEED), "--wire-share", str(WIRE_SHARE)], check=True)
    listing = os.path.join(folder, "list")
    with open(listing, "w") as f:
        f.writelines(f"{i}.xml\thttp://bao{i}.example/feed.xml\tapplication/xml\n" for i in range(feeds))
    found = []
    with subprocess.Popen([program, "inspect", "--format", "jsonl", "--batch", listing, "--root", folder], stdout=subprocess.PIPE) as reading:
        for document in map(json.loads, reading.stdout):
            feed = int(document["path"].removesuffix(".xml"))
            for entry in document["entries"]:
                serial, rest = divmod(int(re.search(r"-(\d+)\.html$", entry["link"])[1]) - 4_000_000 - feed, 7)
                if rest:
                    sys.exit("the origin's addresses are not what this script believes")
                item = {"title": entry["title"], "summary": plain(entry["summary"]), "body": plain(entry["content"]) or None, "url": entry["link"],
                        "source": f"bao{feed}", "published": entry["published"], "categories": entry["tags"]}
                found.append((item, truth_of(feed, serial, feeds)))
    found.sort(key=lambda pair: (pair[0]["published"], pair[0]["url"]))
    for n, (item, _) in enumerate(found):
        item["id"] = str(n)
    return [item for item, _ in found], [truth for _, truth in found]


def verify(items, truth):
    """The texts must bear the draws out."""
    originals = {story: item for item, (story, kind) in zip(items, truth) if kind == "verbatim"}
    for item, (story, kind) in zip(items, truth):
        title, summary, first = item["title"], item["summary"], originals.get(story, item)
        same_title, same_summary = title == first["title"], summary == first["summary"]
        as_drawn = {
            "verbatim": same_title and same_summary,
            "title": title.endswith(": " + first["title"]) and same_summary,
            "lead": same_title and summary.endswith(" " + first["summary"]),
            "tail": same_title and summary.endswith(" (Theo TTXVN)") and first["summary"].startswith(summary.removesuffix(" (Theo TTXVN)")),
        }
        if story in originals and not as_drawn[kind]:
            sys.exit(f"the origin makes its items otherwise than this script believes: {kind}, {item['url']}")


def pairs_by_kind(groups, kinds):
    """How many pairs of each two kinds are in one group: a group for each item, and its kind."""
    counts = collections.defaultdict(collections.Counter)
    for group, kind in zip(groups, kinds):
        counts[group][kind] += 1
    found = collections.Counter()
    for group in counts.values():
        for a, b in itertools.combinations_with_replacement(KINDS, 2):
            found[a, b] += pairs(group[a]) if a == b else group[a] * group[b]
    return found


def wire(options):
    origin = build_beside(options.origin, "origin") if os.path.isdir(options.origin) else options.origin
    with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as folder:
        items, truth = synthetic_items(options.dongtin, origin, options.feeds, folder)
        verify(items, truth)
        answers, took = cluster_all(options.dongtin, items, folder)
    stories, kinds = [a["story"] for a in answers], [kind for _, kind in truth]
    wired = [story for story, kind in truth if kind != "own"]
    print(f"{options.feeds:,} feeds; {len(items):,} items, {len(wired):,} of them reprints of {len(set(wired)):,} wire stories; {len(set(stories)):,} stories told")
    print(took_line(len(items), took), end="\n\n")
    true = pairs_by_kind([story for story, _ in truth], kinds)
    told = pairs_by_kind(stories, kinds)
    right = pairs_by_kind([(story, answer) for (story, _), answer in zip(truth, stories)], kinds)
    row = lambda name, of: [name, *(sum(c[p] for p in of) for c in (true, told, right)),
                            share(sum(right[p] for p in of), sum(told[p] for p in of), 3), share(sum(right[p] for p in of), sum(true[p] for p in of), 3)]
    every = list(itertools.combinations_with_replacement(KINDS, 2))
    changed = [[p for p in every if kind in p and "own" not in p] for kind in KINDS[:-1]]
    table(["pairs", "true", "joined", "both", "precision", "recall"],
          [row("all", every)] + [row(f"with a {kind}", of) for kind, of in zip(KINDS, changed)]
          + [row(" + ".join(p), [p]) for p in every if "own" not in p] + [row("own + any", [p for p in every if "own" in p])])
    sources = [item["source"] for item in items]
    within = lambda groups: sum(pairs_by_kind(zip(groups, sources), kinds).values())
    print(f"\nOf these in one feed: {within([story for story, _ in truth]):,} true pairs, {within(stories):,} joined.")
    joins = ((n, int(a["because"]["with"]), a["because"]) for n, a in enumerate(answers) if a["because"])
    show(options.show, (beside(items[a], items[b], f"{because['kind']} {because['similarity']:.3f}: {kinds[a]}, {kinds[b]}")
                        for a, b, because in joins if truth[a][0] != truth[b][0]))


# stream: a real one, for a person to judge.
def article_number(url):
    """The host and the number that names an article there, or None."""
    url = urllib.parse.urlsplit(url or "")
    number = re.search(r"(\d{5,})(?:\.\w+)?$", url.path)
    return number and (url.hostname, number[1])


def renamed(items):
    """The articles that have one number at one host and several paths, each as the places of its items."""
    of = collections.defaultdict(list)
    for n, item in enumerate(items):
        if number := article_number(item.get("url")):
            of[number].append(n)
    return {key: ns for key, ns in of.items() if len({urllib.parse.urlsplit(items[n]["url"]).path for n in ns}) > 1}


def stream(options):
    items = read_lines(options.stream)
    with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as folder:
        answers, took = cluster_all(options.dongtin, items, folder)
    story = [a["story"] for a in answers]
    members = collections.defaultdict(list)
    for item, name in zip(items, story):
        members[name].append(item)
    joined = [(item, a["because"]) for item, a in zip(items, answers) if a["because"]]
    print(took_line(len(items), took))
    print(f"{len(members):,} stories, {len(joined):,} joins ({share(len(joined), len(items))} of the items), {sum(pairs(len(m)) for m in members.values()):,} joined pairs\n")
    drawn = random.Random(options.seed).sample(joined, min(options.draw, len(joined)))
    kinds, kinds_drawn = (collections.Counter(because["kind"] for _, because in of) for of in (joined, drawn))
    table(["kind", "joins", "drawn"], [[kind, count, kinds_drawn[kind]] for kind, count in kinds.most_common()])

    sizes = collections.Counter(len(group) for group in members.values())
    print("\nstories by size: " + ", ".join(f"{size}: {count:,}" for size, count in sorted(sizes.items())))
    print("\nThe largest:")
    for name, group in sorted(members.items(), key=lambda pair: -len(pair[1]))[:20]:
        titles = list(dict.fromkeys(item.get("title") or "–" for item in group))
        print(f"{len(group):5}  {name}  {len({item.get('source') for item in group})} sources, {group[0].get('published')} – {group[-1].get('published')}")
        print("".join(f"         {title}\n" for title in titles[:5]) + (f"         … and {len(titles) - 5} more\n" if len(titles) > 5 else ""), end="")

    edited = renamed(items)
    split = {key: ns for key, ns in edited.items() if len({story[n] for n in ns}) > 1}
    count, whole = sum(map(len, edited.values())), sum(len(ns) for key, ns in edited.items() if key not in split)
    print(f"\nOne host and number under several paths: {len(edited):,} articles of {count:,} items; in one story {len(edited) - len(split):,} articles "
          f"({share(len(edited) - len(split), len(edited))}) of {whole:,} items ({share(whole, count)})")
    failures = [f"split {host} {number}" + "".join(f"\n   {story[n]}  {describe(items[n])}" for n in ns) + "\n" for (host, number), ns in split.items()]
    print("".join(failures[:ASIDE]) + (f"… and {len(failures) - ASIDE} more\n" if len(failures) > ASIDE else ""), end="")
    by_id = {item["id"]: item for item in items}
    show(options.show, [beside(item, by_id[b["with"]], f"{b['kind']} {b['similarity']:.3f}") for item, b in drawn] + failures)


# order: the same items, otherwise.
def shuffled(items, dice, within):
    if within is None:
        return dice.sample(items, len(items))
    late = lambda item: time_of(item) + datetime.timedelta(hours=dice.uniform(0, within))
    return [item for _, item in sorted(((late(item), item) for item in items), key=lambda pair: pair[0])]


def common_pairs(partitions):
    """The pairs that every one of the partitions joins."""
    return sum(map(pairs, collections.Counter(zip(*partitions)).values()))


def jaccard(one, other):
    both = common_pairs([one, other])
    either = common_pairs([one]) + common_pairs([other]) - both
    return both / either if either else 1.0


def order(options):
    items, dice = read_lines(options.items), random.Random(options.seed)
    if len({item["id"] for item in items}) < len(items):
        sys.exit("every item needs an id of its own here")
    orders = [items] + [shuffled(items, dice, options.within) for _ in range(options.shuffles)]
    partitions = []
    with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as folder:
        for some in orders:
            told = {a["id"]: a["story"] for a in cluster_all(options.dongtin, some, folder)[0]}
            partitions.append([told[item["id"]] for item in items])
    # Joined in any order, without listing the pairs: inclusion and exclusion over the orders.
    anywhere = sum((-1) ** (size + 1) * common_pairs(some) for size in range(1, len(orders) + 1) for some in itertools.combinations(partitions, size))
    everywhere = common_pairs(partitions)
    print(f"{len(items):,} items in {len(orders)} orders: {anywhere:,} pairs joined in any, {everywhere:,} in every one ({share(everywhere, anywhere)})\n")
    matrix = [[jaccard(one, other) for other in partitions] for one in partitions]
    names = ["file", *map(str, range(1, len(orders)))]
    table(["order", "stories", "joined pairs", "in every order", *(f"J {name}" for name in names)],
          [[name, len(set(told)), common_pairs([told]), share(everywhere, common_pairs([told])), *(f"{j:.4f}" for j in row)]
           for name, told, row in zip(names, partitions, matrix)])
    apart = [j for n, row in enumerate(matrix) for j in row[n + 1:]]
    print(f"\nJaccard between orders: {min(apart):.4f} at least, {sum(apart) / len(apart):.4f} on average")


# curve: as the stream grows.
UPPER = "".join(filter(str.isupper, map(chr, range(0x1F00))))
UNIT = re.compile(rf"[{UPPER}]\w*(?: [{UPPER}]\w*)*|\w+")  # a name of several words is one
FIELDS = ["title", "summary", "body"]
RARE = 0.1  # of the items; more frequent words stay. At 0.01 half of the word pairs stay, and a copy is a reprint


def sort_of(unit):
    """Only the like are swapped: a day stays a day, a name of two words one of two words."""
    if unit.isdecimal():
        return 1, bisect.bisect([13, 32, 100, 1900, 2100], int(unit)), len(unit)
    return 2 + (not unit.islower()), unit.count(" "), any(map(str.isdecimal, unit))


def alike(items):
    """What is rare, a name or a number, in blocks of at most 32 of a sort that are about as frequent."""
    frequency = collections.Counter()
    for item in items:
        frequency.update({unit for field in FIELDS for unit in UNIT.findall(item.get(field) or "")})
    chosen = sorted((sort_of(unit), -count, unit) for unit, count in frequency.items() if count <= RARE * len(items) or not unit.islower())
    for _, like in itertools.groupby(chosen, key=lambda entry: entry[0]):
        while block := [unit for _, _, unit in itertools.islice(like, 32)]:
            yield block


def endless(items, seed):
    """The stream, then copies of it that tell other stories, each later by the length of the stream."""
    yield from items
    times = [time_of(item) for item in items]
    length, blocks = max(times) - min(times) + datetime.timedelta(hours=1), list(alike(items))
    for copy in itertools.count(1):
        dice = random.Random(f"{seed}/{copy}")
        swaps = {unit: other for block in blocks for unit, other in zip(block, dice.sample(block, len(block)))}
        swapped = lambda text: text and UNIT.sub(lambda m: swaps.get(m[0], m[0]), text)
        for item, time in zip(items, times):
            new = item | {field: swapped(item[field]) for field in FIELDS if field in item}
            new["id"], new["published"] = f"{item['id']}~{copy}", (time + length * copy).isoformat()
            if item.get("url"):
                new["url"] = re.sub(r"://(www\.)?", f"://c{copy}-", item["url"], count=1)
            yield new


def curve(options):
    items = read_lines(options.stream)
    sizes = [n for power in range(4, 10) for n in (10 ** power, 3 * 10 ** power) if n <= options.to]
    copies, at, rows, before = endless(items, options.seed), 0, [], (0, 0)
    with tempfile.TemporaryDirectory(prefix="dongtin-bench-") as folder:
        path = os.path.join(folder, "items.jsonl")
        write_lines(path, [])
        floor = cluster(options.dongtin, path)[1]["peak_mb"]
        for size in sizes:
            write_lines(path, itertools.islice(copies, size - at), "a")
            at = size
            answers, took = cluster(options.dongtin, path)
            joins = [(a["id"].partition("~")[2], (a["because"]["with"] or "").partition("~")[2]) for a in answers if a["because"]]
            micros, size_of = took["cpu_s"] / size * 1e6, (took["peak_mb"] - floor) * 2 ** 20 / size
            dearer, larger = (f"{now / then:.2f}" if then else "–" for now, then in zip((micros, size_of), before))
            rows.append([f"{size:,}", f"{took['cpu_s']:.2f}", f"{took['peak_mb']:.1f}", f"{micros:.2f}", dearer, f"{size_of:.0f}", larger,
                         share(len(joins), size), sum(a != b for a, b in joins)])
            before = micros, size_of
    print(f"{len(items):,} items in the stream; without any item the peak is {floor:.1f} MiB\n")
    table(["items", "CPU s", "peak MiB", "µs an item", "× before", "bytes an item", "× before", "joined", "joins across copies"], rows)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands, seed, show = options.add_subparsers(required=True), ("--seed", int, 1), ("--show", str, None)
    for run, reads, *more in ((wire, "origin", ("--feeds", int, 5000), show), (stream, "stream", ("--draw", int, 200), seed, show),
                              (order, "items", ("--shuffles", int, 5), seed, ("--within", float, None)), (curve, "stream", ("--to", int, 1_000_000), seed)):
        command = commands.add_parser(run.__name__)
        command.set_defaults(run=run)
        command.add_argument("dongtin")
        command.add_argument(reads)
        for name, kind, default in more:
            command.add_argument(name, type=kind, default=default)
    options = options.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
