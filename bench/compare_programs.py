#!/usr/bin/env python3
"""Training speed of this program beside the reference program in PyTorch, in turn, as ratios of one run.

  bench/compare_programs.py REFERENCE.py TEXT [--pairs 5] [--steps 5] [--shape 2x512x128x100 ...] [--build DIR]

REFERENCE.py must answer `speed --data TEXT --hidden H --layers L --batch B --length T --steps N` with a JSON line that
has median_chars_per_second. It runs in the environment of scripts/reference-venv. For each shape (layers x hidden x
batch x length) the two programs run in turn, `pairs` times; printed are the medians and the median of the ratios, the
peak memory of both, and the share of its time in which our train step did not wait for input (without the first batch).
"""
import argparse, json, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile

root = pathlib.Path(__file__).resolve().parent.parent
cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "charrnn_pipeline"


def measured(command):
    """Runs a command; its output, its messages and its peak memory in MiB."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen(command, stdout=out, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        out.seek(0), err.seek(0)
        text, messages = out.read(), err.read()
        if status != 0:
            sys.exit(f"{' '.join(map(str, command))}\n{text}{messages}")
        return text, messages, usage.ru_maxrss / 1024


def reference(a, layers, hidden, batch, length):
    text, _, memory = measured([cache / "reference-venv/bin/python", a.reference, "speed", "--data", a.text, "--layers",
                                str(layers), "--hidden", str(hidden), "--batch", str(batch), "--length", str(length),
                                "--steps", str(a.steps)])
    return json.loads(text.strip().splitlines()[-1])["median_chars_per_second"], memory


def ours(a, layers, hidden, batch, length):
    directory = tempfile.mkdtemp(prefix="charrnn-bench-")
    try:
        _, messages, memory = measured(
            [f"{a.build}/charrnn_pipeline", "train", "--config", root / "configs/lecture.ini", f"--corpus.files={a.text}",
             f"--run.directory={directory}", f"--model.layers={layers}", f"--model.hidden={hidden}",
             f"--train.batch={batch}", f"--train.sequence_length={length}", f"--train.max_steps={a.steps + 1}",
             "--validation.every_steps=0", "--validation.max_chars=100", "--checkpoint.every_steps=0"])
        records = [json.loads(line) for line in open(f"{directory}/metrics.jsonl")]
        speeds = [r["chars_per_second"] for r in records if "train_loss" in r][1:]
        share = re.search(r"busy ([0-9.]+) %", messages)
        return statistics.median(speeds), memory, float(share.group(1))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("reference"), p.add_argument("text")
    p.add_argument("--pairs", type=int, default=5), p.add_argument("--steps", type=int, default=5)
    p.add_argument("--shape", nargs="+", default=["2x512x128x100", "2x512x32x64", "1x128x50x50"])
    p.add_argument("--build", default=root / "build/release")
    a = p.parse_args()
    print("| layers x hidden x batch x length | reference, chars/s | ours, chars/s | ratio (min-max) | memory, of the "
          "reference's | train step busy |\n|---|---|---|---|---|---|")
    for shape in a.shape:
        sizes = [int(n) for n in shape.split("x")]
        pairs = [(reference(a, *sizes), ours(a, *sizes)) for _ in range(a.pairs)]
        ratios = [o[0] / r[0] for r, o in pairs]
        print(f"| {shape} | {statistics.median(r[0] for r, _ in pairs):.0f} | {statistics.median(o[0] for _, o in pairs):.0f}"
              f" | **{statistics.median(ratios):.2f}** ({min(ratios):.2f}-{max(ratios):.2f})"
              f" | {statistics.median(o[1] / r[1] for r, o in pairs):.2f}"
              f" | {statistics.median(o[2] for _, o in pairs):.3f} % |", flush=True)


if __name__ == "__main__":
    main()
