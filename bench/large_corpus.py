#!/usr/bin/env python3
"""Text of any size in bounded memory, shown in stages:

  plan      its plan beforehand, with the pass that makes the index and with the kept index
  memory    a data run over it beside one over 20 MB: peak memory, memory over time, characters/s
  shuffled  a minute of a data run in shuffled blocks
  kill      a data run killed at 1/4, 1/2 and 3/4: seconds to the first batch there and of a new run; the same digest at the end
  train     minutes of real training, stopped in the middle and resumed
  files     many files of 64 KiB beside one of the same bytes

The corpus (files of 100 MB, a quarter of them with letters of two bytes) is written into DIR/large-corpus and removed at
the end. --keep leaves it there with what was found, for another call with other --stages; the table at the end is of all
stages so far. A data run (runtime.backend = hash) reads, encodes and batches all, and digests the batches.
"""
import argparse, json, os, pathlib, re, shutil, signal, statistics, sys, time

from large_text import GB, blocks_of, make_corpus, make_many_files, warm
from program_run import Program

root = pathlib.Path(__file__).resolve().parent.parent
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "charrnn_pipeline"
STAGES = ["plan", "memory", "shuffled", "kill", "train", "files"]

# One-unit network: a data run computes nothing. Slices of 16 KiB a row keep reads long.
BATCH, LENGTH = 64, 4096
DATA = ["--runtime.backend=hash", "--model.hidden=1", "--model.layers=1", f"--train.batch={BATCH}",
        f"--train.sequence_length={LENGTH}", "--runtime.stripe_windows=4", "--metrics.every_steps=10",
        "--checkpoint.every_steps=2000", "--train.epochs=1"]


def say(line=""):
    print(line, flush=True)


def records(run):
    found = [json.loads(line) for line in open(run / "metrics.jsonl")]
    return [r for r in found if "train_loss" in r]


def rate_of(run):
    """Characters a second between the first and the last record."""
    first, *_, last = records(run)
    return (last["chars"] - first["chars"]) / max(1e-9, last["seconds"] - first["seconds"])


class Check:
    """The stages. What each one found is kept in a file of the folder: rows of the table, and what falls short."""

    def __init__(self, a, folder, blocks):
        self.a, self.folder, self.blocks = a, folder, blocks
        self.big, self.small = folder / "big", folder / "small"
        self.cache, self.file = folder / "cache", folder / "found.json"
        self.found = json.loads(self.file.read_text()) if self.file.exists() else {"rows": {}, "short": {}}

    def stage(self, name):
        begin = time.monotonic()
        say(f"\n== {name}; load {os.getloadavg()[0]:.1f}")
        self.rows, self.short = [], []
        for old in self.folder.glob(f"run-{name}*"):
            shutil.rmtree(old)
        getattr(self, name)()
        self.found["rows"][name], self.found["short"][name] = self.rows, self.short
        self.file.write_text(json.dumps(self.found))
        say(f"({time.monotonic() - begin:.0f} s)")

    def row(self, what, result):
        self.rows.append((what, result))
        say(f"{what}: {result}")

    def hold(self, name, value, bound):
        """Notes that a figure falls short of its bound."""
        if value > bound:
            self.short.append(f"{name}: {value:.2f}, at most {bound} is wanted")

    def run(self, command, corpus, run, *more, **how):
        return Program(self.a.build, [command, f"--run.directory={self.folder / run}", f"--corpus.files={corpus}",
                                      f"--corpus.cache_directory={self.cache}", *more], **how)

    def newest_step(self, run):
        names = [p.name for p in (self.folder / run / "checkpoints").glob("*") if p.name.isdigit()]
        return max((int(n) for n in names), default=0)

    def corpus(self):
        """Writes the large corpus, if no call before did."""
        if self.found.get("gigabytes") == self.a.gigabytes:
            return
        begin = time.monotonic()
        shutil.rmtree(self.big, ignore_errors=True), shutil.rmtree(self.small, ignore_errors=True)
        make_corpus(self.folder, self.a.gigabytes, self.blocks)
        self.found = {"rows": {}, "short": {}, "gigabytes": self.a.gigabytes}
        self.file.write_text(json.dumps(self.found))
        say(f"{self.a.gigabytes:g} GB in {len(list(self.big.iterdir()))} files written in {time.monotonic() - begin:.0f} s")

    def plan(self):
        shutil.rmtree(self.cache, ignore_errors=True)
        first = self.run("plan", self.big, "run-plan", *DATA).wait()
        again = self.run("plan", self.big, "run-plan", *DATA).wait()
        say("\n".join("    " + line for line in again.text.splitlines()) + "\n")
        self.row("`plan` with the index pass / with the kept index",
                 f"{first.seconds:.1f} / {again.seconds:.1f} s, {first.peak:.0f} / {again.peak:.0f} MiB")

    def memory(self):
        little = self.run("train", self.small, "run-memory-small", *DATA).wait()
        whole = self.run("train", self.big, "run-memory", *DATA, resident=True).wait()
        steps = self.newest_step("run-memory")
        self.found["digest"], self.found["steps"] = whole.text.split()[-1], steps
        self.found["small peak"] = little.peak
        above = whole.peak - little.peak
        self.hold("MiB of peak memory above the small corpus's", above, 64)
        self.row(f"peak memory of a data run over 20 MB / over {self.a.gigabytes:g} GB",
                 f"{little.peak:.1f} / {whole.peak:.1f} MiB: {above:.1f} MiB more (must: 64, aim: 16)")
        begin, every = whole.samples[0][0], max(1, len(whole.samples) // 10)
        self.row("its memory over time, seconds: MiB",
                 ", ".join(f"{at - begin:.0f}: {mib:.0f}" for at, mib in whole.samples[::every]))
        self.row("data run",
                 f"{steps * BATCH * LENGTH / 1e9:.1f} G characters in {whole.seconds:.0f} s, {whole.processor:.0f} s of "
                 f"processor time; {rate_of(self.folder / 'run-memory') / 1e9:.2f} G characters/s; "
                 f"{whole.read_mb:,.0f} MB came from disk")

    def shuffled(self):
        done = self.run("train", self.big, "run-shuffled", *DATA, "--corpus.order=shuffled", "--train.max_seconds=60").wait()
        if "small peak" in self.found:
            self.hold("MiB of peak memory of the shuffled run above the small corpus's", done.peak - self.found["small peak"], 64)
        self.row("in shuffled blocks of 8,192 characters, at most a minute",
                 f"{rate_of(self.folder / 'run-shuffled') / 1e9:.2f} G characters/s, peak memory {done.peak:.1f} MiB; "
                 f"{done.read_mb:,.0f} MB came from disk")

    def kill(self):
        if "digest" not in self.found:
            sys.exit("the stage kill compares with the stage memory: run that first, with --keep")
        fresh = statistics.median(self.first_batch(f"run-kill-new-{i}") for i in range(3))
        end, killed, resumed = self.found["steps"], [], []
        for quarter in (1, 2, 3):
            program = self.run("train", self.big, "run-kill", *DATA)
            while program.process.poll() is None and self.newest_step("run-kill") < end * quarter // 4:
                time.sleep(0.005)
            if program.process.poll() is not None:
                sys.exit("the run ended before it was killed: take a larger corpus")
            program.kill(signal.SIGKILL)
            killed.append(self.newest_step("run-kill"))
            resumed.append(statistics.median(self.first_batch("run-kill") for _ in range(3)))
        rest = self.run("train", self.big, "run-kill", *DATA).wait()
        same = rest.text.split()[-1] == self.found["digest"]
        if not same:
            self.short.append("the digest after the kills is another one")
        for name, seconds in [("of a new run", fresh), *((f"behind step {s}", t) for s, t in zip(killed, resumed))]:
            self.hold(f"seconds to the first batch {name}", seconds, 1)
        self.row(f"killed (SIGKILL) behind steps {', '.join(f'{s:,}' for s in killed)} of {end:,} and resumed each time",
                 f"{'the same' if same else 'ANOTHER'} digest of all batches as the run that never stopped, "
                 f"{self.found['digest']}")
        self.row("first batch of the indexed corpus, from the first thread of main() to its record, median of 3: new / "
                 "resumed there",
                 f"{fresh:.2f} / {', '.join(f'{s:.2f}' for s in resumed)} s (must: 1, aim: 0.2)")

    def first_batch(self, run):
        """Seconds from the end of library loading until the first batch of this start is recorded; then it is killed."""
        log = self.folder / run / "metrics.jsonl"
        mark = f'{{"step":{self.newest_step(run) + 1},'
        started = time.time_ns()
        program = self.run("train", self.big, run, *DATA, "--metrics.every_steps=1")
        program.wait_loaded()
        # A killed run has written the record already; it is taken back first.
        while not (log.exists() and log.stat().st_mtime_ns > started and mark in log.read_text()) and \
                program.process.poll() is None:
            time.sleep(0.001)
        seconds = time.monotonic() - program.loaded
        program.kill(signal.SIGKILL)
        return seconds

    def train(self):
        seconds = self.a.train * 60
        words = ["--config", root / "configs/quickstart.ini", f"--train.max_seconds={seconds:.0f}", "--train.epochs=0",
                 "--train.max_steps=0"]
        program = self.run("train", self.big, "run-train", *words)
        time.sleep(seconds / 2)
        first = program.kill(signal.SIGTERM)
        half = records(self.folder / "run-train")[-1]
        second = self.run("train", self.big, "run-train", *words).wait()
        begin, *_, last = records(self.folder / "run-train")
        busy = (re.findall(r"busy ([0-9.]+) % of its time", second.messages) or ["?"])[-1]
        self.row(f"real training, {self.a.train:g} min (`configs/quickstart.ini`), stopped behind step {half['step']:,} and resumed",
                 f"{last['step']:,} steps, {last['chars']:,} characters; loss {begin['train_loss']:.3f}, {half['train_loss']:.3f} at the "
                 f"stop, {last['train_loss']:.3f} at the end; peak memory {max(first.peak, second.peak):.0f} MiB; the train step was busy "
                 f"{busy} % of its time")

    def files(self):
        """Both sides from the page cache: each is read as a whole before each run. The index pass is the time of a run of one
        step, from the end of library loading on."""
        self.cache = self.folder / "files-cache"
        for name in ("one", "many"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        make_many_files(self.folder, self.a.files, self.blocks)
        size, ratios = self.a.files * 65536, []
        say("| round | one file, index pass GB/s | many | ratio | one file, data run GB/s | many | ratio | MB from disk |")
        say("|---|---|---|---|---|---|---|---|")
        for i in range(self.a.rounds):
            shutil.rmtree(self.cache, ignore_errors=True)
            index, data, disk = [], [], 0
            for name in ("one", "many"):
                for rates, run, more in [(index, f"run-files-{name}-open-{i}", ["--train.max_steps=1"]),
                                         (data, f"run-files-{name}-{i}", [])]:
                    warm(self.folder / name)
                    done = self.run("train", self.folder / name, run, *DATA, *more).wait_loaded().wait()
                    rates.append((size / done.seconds_loaded if more else rate_of(self.folder / run)) / GB)
                    disk += done.read_mb
            ratios.append((index[1] / index[0], data[1] / data[0]))
            say(f"| {i + 1} | {index[0]:.2f} | {index[1]:.2f} | {ratios[-1][0]:.2f} "
                f"| {data[0]:.2f} | {data[1]:.2f} | {ratios[-1][1]:.2f} | {disk:,.0f} |")
        medians = [statistics.median(r[k] for r in ratios) for k in (0, 1)]
        for name, ratio in zip(("index pass", "data run"), medians):
            if ratio < 0.5:
                self.short.append(f"{name} over many files: {ratio:.2f} of one file's rate, 0.5 is wanted")
        self.row(f"{self.a.files:,} files of 64 KiB ({size / GB:.1f} GB) beside one of the same bytes, in memory, "
                 f"median of {self.a.rounds} rounds",
                 f"index pass {medians[0]:.2f}, data run {medians[1]:.2f} of one file's rate (must: 0.5, aim: 0.8)")
        for name in ("one", "many"):
            shutil.rmtree(self.folder / name)

    def table(self):
        rows = [row for stage in STAGES for row in self.found["rows"].get(stage, [])]
        short = [line for stage in STAGES for line in self.found["short"].get(stage, [])]
        say(f"\n| {self.a.gigabytes:g} GB in files of 100 MB, a quarter of them with letters of two bytes; B {BATCH}, T {LENGTH:,}, "
            "stripes of 4 windows | |\n|---|---|")
        say("\n".join(f"| {what} | {result} |" for what, result in rows))
        say("\n" + ("\n".join("FAILED " + line for line in short) if short else "All bounds hold."))
        return 1 if short else 0


def source_text(given):
    known = [given] if given else [cache / "king-james-bible.txt", root / "tests/data/tiny.txt"]
    path = next((p for p in known if p.is_file()), None)
    return path or sys.exit(f"no such text: {given}")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gigabytes", type=float, nargs="?", default=20, help="size of the large corpus (default 20)")
    parser.add_argument("--stages", default=",".join(STAGES), help="which, separated by commas (default: all)")
    parser.add_argument("--keep", action="store_true", help="leave the corpus and what was found for another call")
    parser.add_argument("--folder", type=pathlib.Path, default=cache, help="where the corpus is written (default: the user's cache)")
    parser.add_argument("--train", type=float, default=5, help="minutes of real training (default 5)")
    parser.add_argument("--files", type=int, default=100_000, help="small files (default 100,000)")
    parser.add_argument("--rounds", type=int, default=3, help="of small files beside one (default 3)")
    parser.add_argument("--text", type=pathlib.Path, help="UTF-8 text that all is made of (default: the demo's)")
    parser.add_argument("--build", type=pathlib.Path, default=root / "build/release", help="folder of the program")
    a = parser.parse_args()
    a.build, a.stages = a.build.resolve(), a.stages.split(",")
    unknown = set(a.stages) - set(STAGES)
    if unknown:
        parser.error(f"no stage {', '.join(unknown)}; there are {', '.join(STAGES)}")
    return a


def look_for_room(a, folder):
    """The small files are written when the large ones are gone, unless these are kept."""
    big = a.gigabytes * GB if set(a.stages) - {"files"} or folder.exists() else 0
    small = 2 * a.files * 70_000 if "files" in a.stages else 0
    needed = (big + small if a.keep else max(big, small)) + GB
    there = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()) if folder.exists() else 0
    free = shutil.disk_usage(a.folder).free + there
    if free < needed:
        sys.exit(f"{a.folder} has {free / GB:.1f} GB free, and {needed / GB:.1f} are needed: --folder DIR, or a smaller GB")


def main():
    a = arguments()
    a.folder.mkdir(parents=True, exist_ok=True)
    folder = a.folder / "large-corpus"
    look_for_room(a, folder)
    folder.mkdir(exist_ok=True)
    try:
        check = Check(a, folder, blocks_of(source_text(a.text)))
        for name in [s for s in STAGES if s in a.stages]:
            if name != "files":
                check.corpus()
            elif not a.keep:
                shutil.rmtree(folder / "big", ignore_errors=True)
            check.stage(name)
        sys.exit(check.table())
    finally:
        if not a.keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
