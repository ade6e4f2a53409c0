#!/usr/bin/env python3
"""What serving costs, beside nginx; what stalled clients cost the others; and what a restart costs. Prints one JSON object a part.

    benches/serve.py cpu      [--program NAME=PATH]... [--rounds 5] [--seconds 3]
    benches/serve.py stalled  [--program NAME=PATH]... [--clients 5000] [--seconds 8] [--rest 4]
    benches/serve.py restarts [--program NAME=PATH]... [--restarts 100]

Without --program, target/release/dongtin is measured. Needs wrk; `cpu` needs nginx too. One feed of about 100 KB is polled from a
server of this script, once, and served by everybody: nginx has its bytes as files and answers with gzip_static.
    cpu       interleaved rounds of `wrk -t1 -c32` for the feed in gzip and for 304; CPU microseconds a request, from the schedstat of all
              threads of the server (of all processes of nginx, which has one worker)
    stalled   the latency of 8 good connections (wrk -t1 -c8 --latency), each of which rests so many milliseconds between requests, without
              and with so many stalled ones: with --rest 0 they fill the machine, and the slowest in a hundred tells who got a processor, the
              server, wrk or this script. Of the stalled half never say a word and half ask for the feed again and again and read
              nothing; who is cut off comes again. The memory that a stalled client costs the server is the growth of its resident set by their number
    restarts  a listening socket that this script keeps, as the service manager would; 16 readers, half of whom rest between requests, over
              connections they keep; SIGTERM and a new process again and again. Counts requests that were not answered whole
Both sides run on one machine, so what is to be trusted is CPU time and ratios, not requests a second.
"""
import argparse, glob, http.client, http.server, json, os, random, resource, select, shutil, signal, socket, statistics, subprocess
import sys, tempfile, threading, time, urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PATH = "/all/feed.atom"
WORDS = ("học tập làm theo tư tưởng đạo đức phong cách đảng bộ tỉnh xã phường nhân dân cán bộ đảng viên chi bộ phong trào thi đua "
         "mô hình kinh tế nông thôn mới thanh niên phụ nữ cựu chiến binh công đoàn giáo dục y tế văn hóa du lịch đầu tư hạ tầng").split()


def feed(items=88):
    """A feed of made-up headlines, which compresses about as badly as a real one: to a quarter."""
    chance = random.Random(1)
    word = lambda: chance.choice(WORDS) if chance.random() < 0.65 else "".join(chance.choices("aăâbcdđeêghiklmnoôơpqrstuưvxy", k=4))
    say = lambda n: " ".join(word() for _ in range(n)).capitalize()
    entry = lambda i: (f"<item><title>{say(12)}</title><link>http://bao.bench.vn/{i}.html</link><guid>bench-{i}</guid>"
                       f"<pubDate>Mon, 23 Nov 2026 {i % 24:02}:{i % 60:02}:00 GMT</pubDate><description>{say(50)}</description></item>")
    return f"<rss version='2.0'><channel><title>Bench</title><link>http://bao.bench.vn/</link>{''.join(map(entry, range(items)))}</channel></rss>".encode()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def workspace(folder, program):
    """A configuration and a database with the feed in it."""
    body = feed()

    class Origin(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/rss"
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(body) if found else 0))
            self.end_headers()
            self.wfile.write(body if found else b"")

        def log_message(self, *_):
            pass

    origin = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    config = os.path.join(folder, "config")
    os.makedirs(os.path.join(config, "sources"))
    shutil.copytree(os.path.join(ROOT, "config", "topics"), os.path.join(config, "topics"))
    port = free_port()
    with open(os.path.join(config, "dongtin.toml"), "w") as f:
        f.write(f'[public]\nbase_url = "http://tin.bench.vn/"\nlisten = "127.0.0.1:{port}"\n[state]\ndir = "{folder}/state"\n'
                '[fetch]\ncontact = "mailto:bench@bench.vn"\nallow = ["127.0.0.1"]\n[manners]\nfloor = "1s"\nhost_gap = "0s"\nper_host = 8\n')
    with open(os.path.join(config, "sources", "bench.toml"), "w") as f:
        f.write(f'[defaults]\nlevel = "central"\nfull_text = "never"\n[[source]]\nid = "bench"\nname = "Bench"\norgan = "press"\n'
                f'url = "http://127.0.0.1:{origin.server_port}/rss"\nevery = "1d"\n')
    polled = subprocess.run([program, "poll", "--config", config], capture_output=True, text=True)
    if polled.returncode:
        sys.exit(polled.stdout + polled.stderr)
    origin.shutdown()
    return config, port


def get(port, path=PATH, **headers):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={k.replace("_", "-"): v for k, v in headers.items()})
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.status, dict(reply.headers), reply.read()


def wait_for(port):
    for _ in range(600):
        try:
            return get(port)
        except OSError:
            time.sleep(0.05)
    sys.exit("the server does not answer")


def run(program, config):
    return subprocess.Popen([program, "run", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def cpu_seconds(pids):
    """What all threads of these processes have run, in seconds."""
    total = 0
    for pid in pids:
        for path in glob.glob(f"/proc/{pid}/task/*/schedstat"):
            with open(path) as f:
                total += int(f.read().split()[0])
    return total / 1e9


def wrk(port, seconds, connections=32, headers=(), rest=0):
    """Requests, and the latency of the slowest in a hundred in milliseconds. Every connection rests so many milliseconds before each request."""
    script = tempfile.NamedTemporaryFile("w", suffix=".lua")
    script.write('done = function(s, l, r) io.write(string.format("JSON {\\"requests\\": %d, \\"p50\\": %f, \\"p99\\": %f, \\"errors\\": %d}\\n", '
                 's.requests, l:percentile(50) / 1000, l:percentile(99) / 1000, s.errors.connect + s.errors.read + s.errors.write + s.errors.timeout)) end\n')
    if rest:
        script.write(f'delay = function() return {rest} end\n')
    script.flush()
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script.name]
    for header in headers:
        command += ["-H", header]
    output = subprocess.run(command + [f"http://127.0.0.1:{port}{PATH}"], capture_output=True, text=True, check=True).stdout
    return json.loads(output.split("JSON ", 1)[1].splitlines()[0])


def nginx(folder, identity, gzip, etag_free_port):
    root = os.path.join(folder, "root")
    os.makedirs(os.path.join(root, "all"))
    for name, data in (("feed.atom", identity), ("feed.atom.gz", gzip)):
        path = os.path.join(root, "all", name)
        with open(path, "wb") as f:
            f.write(data)
        os.utime(path, (1_790_000_000, 1_790_000_000))
    conf = os.path.join(folder, "nginx.conf")
    with open(conf, "w") as f:
        f.write(f"""daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{ access_log off; types {{ application/atom+xml atom; }} sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{etag_free_port}; root {root}; gzip_static on; gzip_vary on; add_header Cache-Control "public, max-age=300"; }} }}
""")
    os.chmod(folder, 0o755)
    return subprocess.Popen(["nginx", "-c", conf], stderr=subprocess.DEVNULL)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(child) for child in f.read().split()]


def cpu(args):
    with tempfile.TemporaryDirectory() as folder:
        servers, processes = {}, []
        try:
            for name, program in args.program:
                inner = os.path.join(folder, name)
                os.makedirs(inner)
                config, port = workspace(inner, program)
                process = run(program, config)
                processes.append(process)
                wait_for(port)
                servers[name] = (port, lambda p=process: [p.pid])
            identity, gzip = get(port)[2], get(port, Accept_Encoding="gzip")[2]
            port = free_port()
            process = nginx(folder, identity, gzip, port)
            processes.append(process)
            wait_for(port)
            servers["nginx"] = (port, lambda p=process: [p.pid] + children(p.pid))
            found = {name: {"200 gzip": [], "304": []} for name in servers}
            for _ in range(args.rounds):
                for name, (port, pids) in servers.items():
                    etag = get(port, Accept_Encoding="gzip")[1].get("ETag") or get(port)[1]["etag"]
                    for case, headers in (("200 gzip", ["Accept-Encoding: gzip"]), ("304", ["Accept-Encoding: gzip", f"If-None-Match: {etag}"])):
                        before = cpu_seconds(pids())
                        requests = wrk(port, args.seconds, headers=headers)["requests"]
                        found[name][case].append((cpu_seconds(pids()) - before) / requests * 1e6)
            report = {"bytes": len(identity), "gzip": len(gzip), "rounds": args.rounds, "us_a_request": {}, "to_nginx": {}}
            for name, cases in found.items():
                report["us_a_request"][name] = {case: {"median": round(statistics.median(all), 2), "all": [round(x, 1) for x in all]} for case, all in cases.items()}
                report["to_nginx"][name] = {case: round(statistics.median(a / b for a, b in zip(all, found["nginx"][case])), 2) for case, all in cases.items()}
            print(json.dumps(report))
        finally:
            for process in processes:
                process.terminate()
                process.wait()


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) * 1024


class Stalled(threading.Thread):
    """Clients that want nothing but our places. Whoever is cut off comes again."""

    def __init__(self, port, count):
        super().__init__(daemon=True)
        self.port, self.count, self.going, self.open, self.cut = port, count, True, {}, 0

    def connect(self, silent):
        s = socket.socket()
        if not silent:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        s.setblocking(False)
        try:
            s.connect(("127.0.0.1", self.port))
        except BlockingIOError:
            pass
        self.open[s.fileno()] = (s, silent)
        self.poll.register(s, select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR | (0 if silent else select.EPOLLOUT))

    def run(self):
        self.poll = select.epoll()
        for n in range(self.count):
            self.connect(n % 2 == 0)
        ask = f"GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 100
        while self.going:
            for fd, events in self.poll.poll(0.1):
                s, silent = self.open[fd]
                if events & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
                    self.poll.unregister(fd)
                    del self.open[fd]
                    s.close()
                    self.cut += 1
                    self.connect(silent)
                elif events & select.EPOLLOUT:
                    s.send(ask)
                    self.poll.modify(fd, select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR)
        for s, _ in self.open.values():
            s.close()


def stalled(args):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    for name, program in args.program:
        with tempfile.TemporaryDirectory() as folder:
            config, port = workspace(folder, program)
            process = run(program, config)
            try:
                wait_for(port)
                headers = ["Accept-Encoding: gzip"]
                wrk(port, 2, 8, headers, args.rest)
                alone, small = wrk(port, args.seconds, 8, headers, args.rest), resident(process.pid)
                crowd = Stalled(port, args.clients)
                crowd.start()
                time.sleep(5)
                large = resident(process.pid)
                descriptors = len(os.listdir(f"/proc/{process.pid}/fd"))
                beside = wrk(port, args.seconds, 8, headers, args.rest)
                crowd.going = False
                crowd.join()
                again = wrk(port, args.seconds, 8, headers, args.rest)
                print(json.dumps({"program": name, "clients": args.clients, "rest_ms": args.rest, "descriptors": descriptors, "cut": crowd.cut,
                                  "bytes_a_client": (large - small) // args.clients, "alone": alone, "beside": beside, "after": again,
                                  "p99_ratio": round(beside["p99"] / max(alone["p99"], again["p99"]), 2)}))
            finally:
                process.terminate()
                process.wait()


def reader(port, rests, going, counts, length):
    connection = None
    chance = random.Random(rests)
    while going.is_set():
        try:
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", PATH)
            reply = connection.getresponse()
            whole = reply.status == 200 and len(reply.read()) == length
            counts["answered" if whole else "broken"] += 1
            if reply.will_close:
                connection.close()
                connection = None
        except (OSError, http.client.HTTPException) as error:
            counts["failed"] += 1
            counts.setdefault("errors", []).append(repr(error))
            connection = None
        if rests:
            time.sleep(chance.random() * 0.3)


def restarts(args):
    for name, program in args.program:
        with tempfile.TemporaryDirectory() as folder:
            config, _ = workspace(folder, program)
            listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
            port = listener.getsockname()[1]

            def start():
                # As the service manager does: the socket is descriptor 3, and the process is told that it is meant.
                script = 'exec 3<&"$0" && LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=http exec "$1" run --config "$2"'
                command = ["bash", "-c", script, str(listener.fileno()), program, config]
                return subprocess.Popen(command, pass_fds=[listener.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

            process = start()
            length = len(wait_for(port)[2])
            going, counts = threading.Event(), {"answered": 0, "broken": 0, "failed": 0}
            going.set()
            readers = [threading.Thread(target=reader, args=(port, n % 2 * (n + 1), going, counts, length)) for n in range(16)]
            for thread in readers:
                thread.start()
            longest = 0
            for _ in range(args.restarts):
                seen = counts["answered"]
                while counts["answered"] < seen + 50 and not counts["failed"] > 1000:
                    time.sleep(0.005)
                asked = time.monotonic()
                process.send_signal(signal.SIGTERM)
                process.wait()
                longest = max(longest, time.monotonic() - asked)
                process = start()
            time.sleep(0.5)
            going.clear()
            for thread in readers:
                thread.join()
            process.terminate()
            process.wait()
            counts["errors"] = counts.get("errors", [])[:5]
            print(json.dumps({"program": name, "restarts": args.restarts, **counts, "longest_stop_s": round(longest, 2)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=["cpu", "stalled", "restarts"])
    parser.add_argument("--program", action="append", type=lambda text: tuple(text.split("=", 1)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=0)
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--rest", type=int, default=4)
    parser.add_argument("--restarts", type=int, default=100)
    args = parser.parse_args()
    args.program = args.program or [("dongtin", os.path.join(ROOT, "target", "release", "dongtin"))]
    args.seconds = args.seconds or {"cpu": 3, "stalled": 8, "restarts": 0}[args.part]
    {"cpu": cpu, "stalled": stalled, "restarts": restarts}[args.part](args)


if __name__ == "__main__":
    main()
