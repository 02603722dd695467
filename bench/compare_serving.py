#!/usr/bin/env python3
"""The endpoint's speed beside the reference program in PyTorch, in turn, as ratios of one run: every bar of serving.

  bench/compare_serving.py REFERENCE.py [--pairs 5] [--seconds 3] [--only one eight many first fair idle training]
                           [--out FILE] [--port 7800] [--build DIR] [--short]

REFERENCE.py must answer `generate --pick argmax --engine native|default|int8 --streams N --length-out N` with a JSON line
that has median_chars_per_second. It runs in the environment of scripts/reference-venv. It takes the most probable
character; ours samples. Network: 2 layers of 512 over 83 characters, untrained: speed does not depend on the weights.
Ratios are the medians of `pairs` pairs, ours and the reference's one after the other. --short: one pair, one second,
less of everything, only to see that it works. The table goes to standard output, all readings to --out as JSON.
"""
import argparse, json, os, pathlib, random, resource, shutil, signal, statistics, string, subprocess, sys, tempfile, time
import urllib.request

from reference_python import reference_python

root = pathlib.Path(__file__).resolve().parent.parent
alphabet = "\n " + string.ascii_letters + string.digits + ".,;:!?'\"-()*&/_@$%+"
assert len(alphabet) == 83
readings, lines = {}, []


def run(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout.strip().splitlines()[-1])


class Program:
    """`serve` or `run` of this program until the end of the block; `pid` for its memory."""

    def __init__(self, a, command, *options):
        self.a = a
        self.process = subprocess.Popen(
            [f"{a.build}/charrnn_pipeline", command, "--config", f"{a.work}/bench.ini", f"--serve.port={a.port}",
             "--serve.request_seconds=3600", "--generate.length=1000000000", *options],
            stdout=subprocess.DEVNULL, stderr=open(f"{a.work}/program.log", "w"))
        self.pid = self.process.pid

    def __enter__(self):
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.a.port}/ready", timeout=5).close()
                return self
            except OSError:
                time.sleep(0.1)
        self.process.kill()
        sys.exit(open(f"{self.a.work}/program.log").read())

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def load(self, mode, *arguments):
        return run(f"{self.a.build}/bench/serve_load", self.a.port, mode, *arguments)

    def memory(self):
        return next(int(line.split()[1]) * 1024 for line in open(f"/proc/{self.pid}/status") if line.startswith("VmRSS"))


def prepare(a):
    """A text of random characters of the alphabet, and a run directory with a checkpoint."""
    random.seed(1)
    text = pathlib.Path(a.work) / "text.txt"
    text.write_text(alphabet + "".join(random.choices(alphabet, k=4_000_000)))
    (pathlib.Path(a.work) / "bench.ini").write_text(
        f"[corpus]\nfiles = text.txt\n[model]\nhidden = 512\nlayers = 2\n[run]\ndirectory = run\n"
        f"[validation]\nevery_steps = 0\n")
    subprocess.run([f"{a.build}/charrnn_pipeline", "train", "--config", f"{a.work}/bench.ini", "--train.max_steps=1",
                    "--train.batch=4", "--train.sequence_length=16", "--validation.max_chars=100"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def reference(a, engine, streams):
    length = {1: 1500, 8: 500, 64: 200}[streams] // (10 if a.short else 1)
    return run(reference_python(), a.reference, "generate", "--pick", "argmax", "--engine", engine,
               "--streams", streams, "--length-out", max(20, length))["median_chars_per_second"]


def row(name, must, aim, got, more_is_better=True, unit=""):
    held = got >= must if more_is_better else got <= must
    reached = got >= aim if more_is_better else got <= aim
    sign = ">=" if more_is_better else "<="
    lines.append(f"| {name} | {sign} {must:g}{unit} | {sign} {aim:g}{unit} | **{got:.3g}{unit}** | "
                 f"{'aim' if reached else 'must' if held else 'no'} |")
    print(lines[-1], flush=True)
    readings.setdefault("bars", []).append(dict(name=name, must=must, aim=aim, got=got, held=held, reached=reached))


def pairs_of(a, key, ours, *others):
    """Readings of ours and of each other, in turn; the median of ours over the best of the others of the same pair."""
    pairs = [[ours()] + [other() for other in others] for _ in range(a.pairs)]
    readings[key] = pairs
    return statistics.median(pair[0] / max(pair[1:]) for pair in pairs)


def beside_reference(a, streams, bars):
    for weights, engine, must, aim in bars:
        with Program(a, "serve", f"--serve.weights={weights}") as program:
            got = pairs_of(a, f"{streams} streams over TCP, {weights}",
                           lambda: program.load("streams", streams, a.seconds)["chars_per_second"],
                           lambda: reference(a, engine, streams))
        row(f"{streams} stream{'s, sum' if streams > 1 else ' over TCP'}: {weights} over {engine}", must, aim, got)


def one(a):
    beside_reference(a, 1, [("fp32", "native", 2.5, 4), ("int8", "int8", 2, 4)])


def eight(a):
    beside_reference(a, 8, [("fp32", "native", 2.5, 4), ("int8", "int8", 1.3, 2.2)])


def many(a):
    for weights, engines, must, aim in [("fp32", ["native", "default"], 1.4, 1.8), ("int8", ["int8"], 1.1, 1.6)]:
        inside = lambda: run(f"{a.build}/bench/engine_bench", 64, 0, weights, a.seconds)["chars_per_second"]
        got = pairs_of(a, f"64 streams in-process, {weights}", inside,
                       *[lambda engine=engine: reference(a, engine, 64) for engine in engines])
        row(f"64 streams, sum, engine in-process: {weights} over {' and '.join(engines)}", must, aim, got)
        with Program(a, "serve", f"--serve.weights={weights}") as program:
            got = pairs_of(a, f"64 streams over TCP, {weights}",
                           lambda: program.load("streams", 64, a.seconds)["chars_per_second"], inside)
        row(f"64 streams over TCP, over in-process, {weights}", 0.9, 0.97, got)


def first(a):
    with Program(a, "serve") as program:
        got = program.load("first", 50 if a.short else 1000, "The first sixtee")
    readings["first byte"] = got
    row("first byte, 16-character prompt, idle server, p99", 6, 3, got["p99_ms"], False, " ms")


def fair(a):
    with Program(a, "serve", "--serve.max_live=1000") as program:
        got = program.load("streams", 1000, 3 if a.short else 20)
    readings["1,000 streams"] = got
    row("1,000 live streams: the slowest's share over the mean", 0.9, 0.98, got["slowest_over_mean"])


def idle(a):
    count = 1000 if a.short else 10_000
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(hard, count + 1000), max(hard, count + 1000)))
    with Program(a, "serve", "--serve.header_seconds=3600", "--serve.idle_seconds=3600") as program:
        program.load("first", 20, "The first sixtee")  # what every server has
        before = program.memory()
        clients = subprocess.Popen([f"{a.build}/bench/serve_load", str(a.port), "idle", str(count)],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        clients.stdout.readline()
        time.sleep(1)
        got = (program.memory() - before) / count / 1024
        clients.communicate()
    readings["idle connections"] = dict(count=count, kibibytes_each=got)
    row(f"{count:,} idle connections: memory each", 16, 8, got, False, " KiB")


def steps_after(a, begin):
    records = [json.loads(line) for line in open(f"{a.work}/run/metrics.jsonl")]
    return [r["chars_per_second"] for r in records[begin:] if "train_loss" in r]


def training(a):
    seconds = 4 if a.short else 20
    with Program(a, "serve") as program:
        alone = program.load("streams", 8, a.seconds)["chars_per_second"]
    shutil.rmtree(f"{a.work}/run")
    keeps, streams = [], []
    with Program(a, "run", "--serve.share=0.25", "--train.max_steps=1000000", "--train.epochs=0") as program:
        count = lambda: len(open(f"{a.work}/run/metrics.jsonl").readlines())
        while count() < 2:
            time.sleep(0.5)
        for _ in range(a.pairs):
            begin = count() + 1
            time.sleep(seconds)
            quiet = steps_after(a, begin)
            begin = count() + 1
            streams.append(program.load("streams", 8, seconds)["chars_per_second"])
            keeps.append(statistics.median(steps_after(a, begin)) / statistics.median(quiet))
    readings["training"] = dict(keeps=keeps, streams=streams, streams_alone=alone)
    row("training beside 8 greedy streams, serve.share = 0.25: training keeps", 0.70, 0.74, statistics.median(keeps))
    row("the streams keep of their speed without training", 0.20, 0.24, statistics.median(streams) / alone)


parts = dict(one=one, eight=eight, many=many, first=first, fair=fair, idle=idle, training=training)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("reference"), p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--seconds", type=float, default=3), p.add_argument("--only", nargs="+", choices=parts, default=parts)
    p.add_argument("--port", type=int, default=7800), p.add_argument("--out", default="serving.json")
    p.add_argument("--build", default=root / "build/release"), p.add_argument("--short", action="store_true")
    a = p.parse_args()
    if a.short:
        a.pairs, a.seconds = 1, 1.0
    a.work = tempfile.mkdtemp(prefix="charrnn-serving-")
    try:
        prepare(a)
        lines.extend(["| | must | aim | got | held |", "|---|---|---|---|---|"])
        print("\n".join(lines), flush=True)
        for name in a.only:
            parts[name](a)
    finally:
        pathlib.Path(a.out).write_text(json.dumps(readings, indent=1) + "\n")
        shutil.rmtree(a.work, ignore_errors=True)


if __name__ == "__main__":
    main()
