#!/usr/bin/env python3
"""A corpus of many gigabytes: its plan, data runs beside a small corpus, a kill and a resume in the middle, the time to the
first batch, minutes of real training, and many small files beside one.

The text is deterministic: FILE's lines in blocks of 64, in another order for each copy; in every fourth file of 100 MB the
letters "th" are one letter of two bytes, so that the index has to know where characters lie.
"""
import argparse, json, os, pathlib, random, re, shutil, signal, statistics, subprocess, sys, tempfile, time

root = pathlib.Path(__file__).resolve().parent.parent
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "charrnn_pipeline"
MB, GB = 10**6, 10**9

# One-unit network: a data run computes nothing. Slices of 16 KiB a row keep reads long.
DATA = ["--runtime.backend=hash", "--model.hidden=1", "--model.layers=1", "--train.batch=64", "--train.sequence_length=4096",
        "--runtime.stripe_windows=4", "--metrics.every_steps=10", "--checkpoint.every_steps=2000", "--train.epochs=1"]


class Program:
    """One run of the program: its output, time, peak memory and, while it runs, its memory every half second."""

    def __init__(self, build, arguments, resident=False):
        self.out, self.err = tempfile.TemporaryFile("w+"), tempfile.TemporaryFile("w+")
        self.words = [str(build / "charrnn_pipeline"), *map(str, arguments)]
        self.begin = time.monotonic()
        self.process = subprocess.Popen(self.words, stdout=self.out, stderr=self.err)
        self.resident, self.samples = resident, []

    def alive(self):
        """Looks whether it still runs, and notes its memory."""
        if self.resident and (not self.samples or time.monotonic() - self.samples[-1][0] > 0.5):
            try:
                status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
                found = re.search(r"VmRSS:\s+(\d+)", status)
                if found:
                    self.samples.append((time.monotonic(), int(found[1]) / 1024))
            except OSError:
                pass
        pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
        if pid == 0:
            return True
        self.end(status, usage)
        return False

    def end(self, status, usage):
        self.seconds = time.monotonic() - self.begin
        self.code = os.waitstatus_to_exitcode(status)
        self.process.returncode = self.code
        self.peak = usage.ru_maxrss / 1024
        self.processor = usage.ru_utime + usage.ru_stime
        self.out.seek(0), self.err.seek(0)
        self.text, self.messages = self.out.read(), self.err.read()

    def wait(self, expected=0):
        if self.resident:
            while self.alive():
                time.sleep(0.02)
        else:
            _, status, usage = os.wait4(self.process.pid, 0)
            self.end(status, usage)
        if self.code != expected:
            sys.exit(f"exit code {self.code}: {' '.join(self.words)}\n{self.text}{self.messages}")
        return self

    def kill(self, number):
        os.kill(self.process.pid, number)
        return self.wait(-number if number == signal.SIGKILL else 0)


def say(line=""):
    print(line, flush=True)


def source_text(given):
    """The text that everything is made of, as blocks of 64 lines."""
    known = [given] if given else [cache / "king-james-bible.txt", root / "tests/data/tiny.txt"]
    path = next((pathlib.Path(p) for p in known if p and pathlib.Path(p).is_file()), None)
    if path is None:
        sys.exit(f"no such text: {given}")
    text = path.read_bytes()
    while len(text) < 2 * MB:
        text += text
    lines = text.splitlines(keepends=True)
    return path, [b"".join(lines[i:i + 64]) for i in range(0, len(lines), 64)]


def write_file(path, size, blocks, seed, two_bytes):
    """`size` bytes of the blocks, in an order of their own for each copy; ends with a whole character."""
    dice = random.Random(seed)
    order = list(range(len(blocks)))
    left = size
    with open(path, "wb", buffering=0) as out:
        while left > 0:
            dice.shuffle(order)
            copy = b"".join([blocks[i] for i in order])
            if two_bytes:
                copy = copy.replace(b"th", "\u00fe".encode())
            if len(copy) > left:
                copy = copy[:left].decode(errors="ignore").encode()
                left = len(copy)
            out.write(copy)
            left -= len(copy)


def make_corpus(folder, gigabytes, blocks):
    big, small = folder / "big", folder / "small"
    big.mkdir(), small.mkdir()
    write_file(small / "0000.txt", 15 * MB, blocks, "small", False)
    write_file(small / "0001.txt", 5 * MB, blocks, "small too", True)
    count = max(1, round(gigabytes * GB / (100 * MB)))
    for i in range(count):
        write_file(big / f"{i:04}.txt", round(gigabytes * GB / count), blocks, i, i % 4 == 3)
    return big, small


def records(run):
    return [json.loads(line) for line in open(run / "metrics.jsonl")]


def rate_of(run):
    """Characters a second between the first and the last record."""
    first, last = (lambda all: (all[0], all[-1]))([r for r in records(run) if "train_loss" in r])
    return (last["chars"] - first["chars"]) / max(1e-9, last["seconds"] - first["seconds"])


def warm(folder):
    """Reads everything once, so that what follows finds it in the page cache."""
    for file in folder.rglob("*.txt"):
        with open(file, "rb", buffering=0) as text:
            while text.read(MB):
                pass


class Check:
    def __init__(self, a, folder):
        self.a, self.folder, self.failures = a, folder, []

    def run(self, command, corpus, run, *more, resident=False):
        return Program(self.a.build, [command, f"--run.directory={self.folder / run}", f"--corpus.files={corpus}",
                                      f"--corpus.cache_directory={self.folder / 'cache'}", *more], resident)

    def hold(self, name, value, bound, unit):
        good = value <= bound
        if not good:
            self.failures.append(f"{name}: {value:.2f} {unit}, at most {bound} are wanted")
        return f"{value:.2f} {unit}"

    def plan(self, big):
        first = self.run("plan", big, "data", *DATA).wait()
        again = self.run("plan", big, "data", *DATA).wait()
        say("Its plan before the first run:\n")
        say("\n".join("    " + line for line in again.text.splitlines()))
        size = sum(f.stat().st_size for f in big.iterdir())
        say(f"\nplan with the index pass took {first.seconds:.1f} s ({size / GB / first.seconds:.2f} GB/s with all else) "
            f"and {first.peak:.1f} MiB; with the kept index {again.seconds:.1f} s and {again.peak:.1f} MiB")

    def memory(self, big, small):
        rows = []
        little = self.run("train", small, "small", *DATA).wait()
        whole = self.run("train", big, "data", *DATA, resident=True).wait()
        for name, done, run in [("20 MB", little, "small"), (f"{self.a.gigabytes:g} GB", whole, "data")]:
            rows.append((name, self.steps(run) * 64 * 4096, done.seconds, rate_of(self.folder / run), done.processor, done.peak))
        say("\n| corpus | characters | seconds | characters/s | processor s | peak memory, MiB |\n|---|---|---|---|---|---|")
        for name, chars, seconds, rate, processor, peak in rows:
            say(f"| {name} | {chars:,} | {seconds:.1f} | {rate / 1e9:.2f} G | {processor:.1f} | {peak:.1f} |")
        above = self.hold("peak memory above the small corpus's", whole.peak - little.peak, 64, "MiB")
        say(f"\nThe large corpus takes {above} more than the small one (must: 64, aim: 16).")
        begin = whole.samples[0][0]
        step = max(1, len(whole.samples) // 12)
        say("Memory over time, s: MiB  " + "  ".join(f"{at - begin:.0f}: {mib:.0f}" for at, mib in whole.samples[::step]))
        return whole.text.split()[-1]

    def steps(self, run):
        names = [p.name for p in (self.folder / run / "checkpoints").glob("*") if p.name.isdigit()]
        return max((int(n) for n in names), default=0)

    def killed(self, big, digest):
        end = self.steps("data")
        program = self.run("train", big, "killed", *DATA)
        while program.process.poll() is None and self.steps("killed") < end // 2:
            time.sleep(0.005)
        if program.process.poll() is not None:
            sys.exit("the run ended before it was killed: take a larger corpus")
        program.kill(signal.SIGKILL)
        at = self.steps("killed")
        resumed, fresh = [], []
        for i in range(3):
            fresh.append(self.first_batch(big, f"first-{i}"))
            resumed.append(self.first_batch(big, "killed"))
        rest = self.run("train", big, "killed", *DATA).wait()
        same = rest.text.split()[-1] == digest
        if not same:
            self.failures.append("the digest after the kill is another one")
        say(f"\nKilled (SIGKILL) behind step {at:,} of {end:,}, then resumed: the digest of all batches is "
            f"{'the same' if same else 'ANOTHER ONE'}, {digest}.")
        say("\n| from the end of library loading to the first trained batch, median of 3 | seconds |\n|---|---|")
        say(f"| new run | {self.hold('first batch', statistics.median(fresh), 1, 's')} |")
        say(f"| resumed in the middle | {self.hold('first batch after a resume', statistics.median(resumed), 1, 's')} |")
        say("\n(from the first thread that main() starts to the first record; must: 1, aim: 0.2)")

    def first_batch(self, big, run):
        """Seconds from the end of library loading, when main() starts its first thread, until the first batch of this start
        is recorded; then it is killed."""
        log = self.folder / run / "metrics.jsonl"
        mark = f'{{"step":{self.steps(run) + 1},'
        started = time.time_ns()
        program = self.run("train", big, run, *DATA, "--metrics.every_steps=1")
        threads = pathlib.Path(f"/proc/{program.process.pid}/task")
        while len(list(threads.iterdir())) < 2:
            time.sleep(0.0005)
        loaded = time.monotonic()
        # A killed run has written the record already; it is taken back first.
        while not (log.exists() and log.stat().st_mtime_ns > started and mark in log.read_text()) and \
                program.process.poll() is None:
            time.sleep(0.001)
        seconds = time.monotonic() - loaded
        program.kill(signal.SIGKILL)
        return seconds

    def train(self, big):
        seconds = self.a.train * 60
        words = ["--config", root / "configs/quickstart.ini", f"--train.max_seconds={seconds:.0f}", "--train.epochs=0",
                 "--train.max_steps=0"]
        program = self.run("train", big, "real", *words)
        time.sleep(seconds / 2)
        first = program.kill(signal.SIGTERM)
        half = [r for r in records(self.folder / "real") if "train_loss" in r]
        second = self.run("train", big, "real", *words).wait()
        all_records = [r for r in records(self.folder / "real") if "train_loss" in r]
        last = all_records[-1]
        say(f"\nReal training, {self.a.train:g} min (configs/quickstart.ini), stopped after step {half[-1]['step']:,} and resumed: "
            f"{last['step']:,} steps, {last['chars']:,} characters, loss {all_records[0]['train_loss']:.3f} -> "
            f"{half[-1]['train_loss']:.3f} at the stop -> {last['train_loss']:.3f}; peak memory "
            f"{max(first.peak, second.peak):.0f} MiB; "
            f"{(re.findall(r'busy ([0-9.]+) % of its time', second.messages) or ['?'])[-1]} % of the train step's time without "
            "waiting for input.")

    def many_files(self, blocks):
        many, one = self.folder / "many", self.folder / "one"
        many.mkdir(), one.mkdir()
        write_file(one / "all.txt", self.a.files * 65536, blocks, "one", False)
        with open(one / "all.txt", "rb") as text:
            for i in range(self.a.files):
                if i % 1000 == 0:
                    (many / f"{i // 1000:04}").mkdir()
                (many / f"{i // 1000:04}" / f"{i:07}.txt").write_bytes(text.read(65536))
        size = self.a.files * 65536
        say(f"\n{self.a.files:,} files of 64 KiB beside one of the same bytes ({size / GB:.1f} GB), in turn:\n")
        say("| round | one file, index pass GB/s | many | ratio | one file, data run GB/s | many | ratio |\n|---|---|---|---|---|---|---|")
        ratios = []
        for i in range(self.a.rounds):
            shutil.rmtree(self.folder / "cache", ignore_errors=True)
            found = []
            for name, corpus in [("one", one), ("many", many)]:
                warm(corpus)
                opened = self.run("train", corpus, f"{name}-open-{i}", *DATA, "--train.max_steps=1").wait()
                self.run("train", corpus, f"{name}-{i}", *DATA).wait()
                found.append((size / opened.seconds / GB, rate_of(self.folder / f"{name}-{i}") / GB))
            (a, b), (c, d) = found
            ratios.append((c / a, d / b))
            say(f"| {i + 1} | {a:.2f} | {c:.2f} | {c / a:.2f} | {b:.2f} | {d:.2f} | {d / b:.2f} |")
        index, data = (statistics.median(r[k] for r in ratios) for k in (0, 1))
        say(f"\nMedian ratios: index pass {index:.2f}, data run {data:.2f} (must: 0.5, aim: 0.8).")
        for name, ratio in [("index pass", index), ("data run", data)]:
            if ratio < 0.5:
                self.failures.append(f"{name} over many files: {ratio:.2f} of one file's, 0.5 is wanted")
        shutil.rmtree(many), shutil.rmtree(one)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gigabytes", type=float, nargs="?", default=20, help="size of the large corpus; 0: none (default 20)")
    parser.add_argument("--folder", type=pathlib.Path, default=cache, help="where the corpus is written (default: the user's cache)")
    parser.add_argument("--train", type=float, default=5, help="minutes of real training; 0: none (default 5)")
    parser.add_argument("--files", type=int, default=100_000, help="small files; 0: none (default 100,000)")
    parser.add_argument("--rounds", type=int, default=3, help="of small files beside one (default 3)")
    parser.add_argument("--text", type=pathlib.Path, help="UTF-8 text that all is made of (default: the demo's)")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build/release", help="folder of the program")
    a = parser.parse_args()
    a.build = a.build.resolve()
    a.folder.mkdir(parents=True, exist_ok=True)
    needed = max(a.gigabytes * GB, 2 * a.files * 70_000) + GB
    free = shutil.disk_usage(a.folder).free
    if free < needed:
        sys.exit(f"{a.folder} has {free / GB:.1f} GB free, and {needed / GB:.1f} are needed: --folder DIR, or a smaller GB")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="large-corpus-", dir=a.folder))
    try:
        source, blocks = source_text(a.text)
        check = Check(a, folder)
        if a.gigabytes > 0:
            begin = time.monotonic()
            big, small = make_corpus(folder, a.gigabytes, blocks)
            say(f"{a.gigabytes:g} GB in {len(list(big.iterdir()))} files from {source.name}, written in "
                f"{time.monotonic() - begin:.0f} s; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
            check.plan(big)
            digest = check.memory(big, small)
            check.killed(big, digest)
            if a.train > 0:
                check.train(big)
            shutil.rmtree(big)
        if a.files > 0:
            check.many_files(blocks)
        say("\n" + ("\n".join("FAILED " + f for f in check.failures) if check.failures else "All bounds hold."))
        sys.exit(1 if check.failures else 0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
