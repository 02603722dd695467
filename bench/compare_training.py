#!/usr/bin/env python3
"""Training speed of this program beside the reference program in PyTorch, in turn, as ratios of one run.

  bench/compare_training.py REFERENCE.py TEXT [--shapes bars|grid|LxHxBxT,...] [--pairs 5] [--seconds 8]
                            [--amp] [--svg FILE] [--build DIR]
  bench/compare_training.py --bill TEXT [--pairs 1] [--build DIR]

REFERENCE.py must answer `speed --data TEXT --layers L --hidden H --batch B --length T --steps N` with a JSON line that
has median_chars_per_second; it runs in the environment of scripts/reference-venv. For each shape (layers x hidden x
batch x length) the two programs run in turn, `pairs` times, each for about `seconds` of steps. Printed are medians, the
median of the ratios, the useful FLOP/s of our whole program over the FMA peak measured between the two, the peak memory
of both processes, and the share of its time in which our train step did not wait for input (without the first batch).
`grid` is hidden 128-1024 and batch 1-256; --svg draws the ratios.

--amp: both programs in fp32 and in bf16. The reference then has to know `--amp`, its bf16 autocast. The opponent of our
bf16 is the faster of the reference's two, and its share of the peak is of twice the FMA peak, which is that of AVX512-BF16.

--bill: what validation (198,523 characters every 139 steps, on the lecture's text) and a checkpoint as often cost:
139 steps with both beside 139 steps with neither.
"""
import argparse, json, os, pathlib, re, shutil, statistics, subprocess, sys, tempfile, time

from reference_python import reference_python

root = pathlib.Path(__file__).resolve().parent.parent
BARS = "2x512x128x100,2x512x32x64,1x128x50x50"
GRID = ",".join(f"2x{hidden}x{batch}x100" for hidden in (128, 256, 512, 1024) for batch in (1, 8, 32, 64, 128, 256))
VOCABULARY = 83


def flop_of_character(layers, hidden):
    """Useful work: 2 FLOP a weight forward and 4 backward; layer 0's input is a row of its matrix and costs none."""
    return 6 * (4 * hidden * hidden * (2 * layers - 1) + hidden * VOCABULARY)


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


def reference(a, shape, steps, *more):
    layers, hidden, batch, length = map(str, shape)
    text, _, memory = measured([reference_python(), a.reference, "speed", "--data", a.text, "--layers",
                                layers, "--hidden", hidden, "--batch", batch, "--length", length, "--steps", str(steps), *more])
    return {"speed": json.loads(text.strip().splitlines()[-1])["median_chars_per_second"], "memory": memory}


TRAINING_ALONE = ("--validation.max_chars=100", "--checkpoint.every_steps=0")


def ours(a, shape, steps, more=TRAINING_ALONE):
    layers, hidden, batch, length = shape
    directory = tempfile.mkdtemp(prefix="charrnn-bench-")
    try:
        began = time.monotonic()
        _, messages, memory = measured(
            [f"{a.build}/charrnn_pipeline", "train", "--config", root / "configs/lecture.ini", f"--corpus.files={a.text}",
             f"--run.directory={directory}", f"--model.layers={layers}", f"--model.hidden={hidden}",
             f"--train.batch={batch}", f"--train.sequence_length={length}", f"--train.max_steps={steps}",
             "--train.epochs=0", "--validation.every_steps=0", *more])
        records = [json.loads(line) for line in open(f"{directory}/metrics.jsonl")]
        speeds = [r["chars_per_second"] for r in records if "train_loss" in r][1:]
        return {"speed": statistics.median(speeds), "memory": memory, "records": records, "wall": time.monotonic() - began,
                "checkpoints": len(os.listdir(f"{directory}/checkpoints")),
                "busy": float(re.search(r"busy ([0-9.]+) %", messages).group(1))}
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def fma_peak(a):
    """GFLOP/s of all cores together."""
    text, _, _ = measured([f"{a.build}/bench/train_step_bench", "32", "1", "2", "2", "1"])
    return json.loads(text)["fma_peak_gflops"]


def steps_for(a, shape):
    """So many steps that either program runs for about `seconds`, on two cores of 100 GFLOP/s."""
    layers, hidden, batch, length = shape
    return max(4, min(2000, round(a.seconds * 1.2e11 / (batch * length * flop_of_character(layers, hidden)))))


def compare(a, shape):
    steps, pairs = steps_for(a, shape), []
    for _ in range(a.pairs):
        theirs, mine, peak = reference(a, shape, steps), ours(a, shape, steps + 1), fma_peak(a)
        pairs.append({"reference": theirs["speed"], "ours": mine["speed"], "ratio": mine["speed"] / theirs["speed"],
                      "of_peak": mine["speed"] * flop_of_character(*shape[:2]) / peak / 1e9,
                      "memory": mine["memory"] / theirs["memory"], "busy": mine["busy"]})
    result = {key: statistics.median(pair[key] for pair in pairs) for key in pairs[0]}
    ratios = [pair["ratio"] for pair in pairs]
    return result | {"least": min(ratios), "most": max(ratios)}


def compare_precisions(a, shape):
    steps, rounds = steps_for(a, shape), []
    for _ in range(a.pairs):
        theirs = reference(a, shape, steps), reference(a, shape, 2 * steps, "--amp")
        mine = [ours(a, shape, steps + 1, (*TRAINING_ALONE, "--runtime.precision=fp32")),
                ours(a, shape, 2 * steps + 1, (*TRAINING_ALONE, "--runtime.precision=bf16"))]
        (fp32, amp), (own_fp32, own_bf16) = (t["speed"] for t in theirs), (m["speed"] for m in mine)
        rounds.append({"fp32": fp32, "amp": amp, "own_fp32": own_fp32, "own_bf16": own_bf16, "ratio": own_bf16 / max(fp32, amp),
                       "of_fp32": own_fp32 / fp32, "of_own": own_bf16 / own_fp32,
                       "of_peak": own_bf16 * flop_of_character(*shape[:2]) / fma_peak(a) / 2e9,
                       "memory": mine[1]["memory"] / max(theirs, key=lambda t: t["speed"])["memory"]})
    result = {key: statistics.median(r[key] for r in rounds) for key in rounds[0]}
    return result | {"least": min(r["ratio"] for r in rounds), "most": max(r["ratio"] for r in rounds)}


def print_precisions(a, shapes):
    print("| layers x hidden x batch x length | reference fp32, chars/s | reference amp | ours fp32 | ours bf16 "
          "| bf16 over the faster reference (min-max) | fp32 over fp32 | bf16 over our fp32 | of the bf16 peak "
          "| memory, of the faster reference's |\n|---|---:|---:|---:|---:|---|---:|---:|---:|---:|")
    results = {}
    for shape in shapes:
        r = results[shape] = compare_precisions(a, shape)
        print(f"| {'x'.join(map(str, shape))} | {r['fp32']:,.0f} | {r['amp']:,.0f} | {r['own_fp32']:,.0f} | {r['own_bf16']:,.0f} "
              f"| **{r['ratio']:.2f}** ({r['least']:.2f}-{r['most']:.2f}) | {r['of_fp32']:.2f} | {r['of_own']:.2f} "
              f"| {r['of_peak']:.1%} | {r['memory']:.2f} |", flush=True)
    return results


def print_table(a, shapes):
    print("| layers x hidden x batch x length | reference, chars/s | ours, chars/s | ratio (min-max) | of FMA peak "
          "| memory, of the reference's | train step busy |\n|---|---:|---:|---|---:|---:|---:|")
    results = {}
    for shape in shapes:
        r = results[shape] = compare(a, shape)
        print(f"| {'x'.join(map(str, shape))} | {r['reference']:,.0f} | {r['ours']:,.0f} | **{r['ratio']:.2f}** "
              f"({r['least']:.2f}-{r['most']:.2f}) | {r['of_peak']:.1%} | {r['memory']:.2f} | {r['busy']:.3f} % |", flush=True)
    return results


def draw(results, file):
    """A line of ratios over the batch for each size of the hidden state."""
    width, height, left, bottom = 640, 360, 50, 310
    batches, hiddens = sorted({shape[2] for shape in results}), sorted({shape[1] for shape in results})
    top = max(result["ratio"] for result in results.values()) * 1.1
    x = {batch: left + 40 + i * (width - left - 120) / max(1, len(batches) - 1) for i, batch in enumerate(batches)}
    y = lambda ratio: bottom - (bottom - 40) * ratio / top
    text = lambda at_x, at_y, what, more="": f'<text x="{at_x:.0f}" y="{at_y:.0f}" {more}>{what}</text>'
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="#fff"/>',
             text(left, 20, "training speed over the reference in PyTorch, two layers, windows of 100"),
             *[f'<path d="M{left} {y(r):.1f}H{width - 60}" stroke="{"#999" if r == 1 else "#e4e4e4"}"/>' +
               text(left - 8, y(r) + 4, r, 'text-anchor="end"') for r in range(int(top) + 1)],
             *[text(x[batch], bottom + 18, batch, 'text-anchor="middle"') for batch in batches],
             text((left + width) / 2, bottom + 38, "rows of a batch", 'text-anchor="middle"')]
    for hidden, colour in zip(hiddens, ("#c33", "#c80", "#282", "#24c", "#808")):
        points = [(x[s[2]], y(r["ratio"])) for s, r in sorted(results.items(), key=lambda item: item[0][2]) if s[1] == hidden]
        lines += [f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="'
                  + " ".join(f"{px:.1f},{py:.1f}" for px, py in points) + '"/>',
                  text(points[-1][0] + 6, points[-1][1] + 4, f"{hidden} units", f'fill="{colour}"')]
    pathlib.Path(file).write_text("\n".join(lines + ["</svg>"]) + "\n", encoding="utf-8")


def print_bill(a):
    """By the clock on the wall, whole programs, so that whatever either brings with it counts."""
    shape, steps, losses = (2, 512, 128, 100), 139, []
    for _ in range(a.pairs):
        bare, full = ours(a, shape, steps), ours(a, shape, steps, ("--validation.every_steps=139", "--checkpoint.every_steps=139"))
        validation = sum(r["validation_seconds"] for r in full["records"] if "validation_loss" in r)
        losses.append(1 - bare["wall"] / full["wall"])
        print(f"{steps} steps in {bare['wall']:.1f} s with neither, in {full['wall']:.1f} s with both "
              f"({validation:.1f} s of it validation, {full['checkpoints']} checkpoint): training loses {losses[-1]:.1%}", flush=True)
    print(f"median: training loses {statistics.median(losses):.1%}")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("reference", nargs="?"), p.add_argument("text")
    p.add_argument("--shapes", default="bars"), p.add_argument("--pairs", type=int, default=5)
    p.add_argument("--seconds", type=float, default=8), p.add_argument("--svg"), p.add_argument("--bill", action="store_true")
    p.add_argument("--amp", action="store_true"), p.add_argument("--build", default=root / "build/release")
    a = p.parse_args()
    if a.bill:
        return print_bill(a)
    if a.reference is None:
        p.error("REFERENCE.py and TEXT are needed")
    names = {"bars": BARS, "grid": GRID}.get(a.shapes, a.shapes).split(",")
    shapes = [tuple(map(int, name.split("x"))) for name in names]
    results = print_precisions(a, shapes) if a.amp else print_table(a, shapes)
    if a.svg:
        draw(results, a.svg)


if __name__ == "__main__":
    main()
