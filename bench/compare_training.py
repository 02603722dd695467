#!/usr/bin/env python3
"""Training speed of the fused backend beside the reference program in PyTorch, in turn.

For each shape, runs `train_step_bench` and the reference's `speed` command alternately, and prints
the median of the ratios of the pairs with the share of FMA peak and the peak memory of both
processes, as a Markdown table; with --svg, also draws the ratios. Absolute figures depend on the
machine and on what else it does; ratios of neighbours in time much less.

  bench/compare_training.py --bench build/release/bench/train_step_bench --python PYTHON \
      --reference seed_charrnn.py --data anna.txt [--pairs 5] [--shapes bars|table|HxLxBxT,...]
"""
import argparse
import json
import os
import statistics
import subprocess

BARS = "512x2x128x100,512x2x32x64,128x1x50x50"
TABLE = ",".join(f"{h}x2x{b}x{64 if b <= 32 else 100}" for h in (128, 256, 512, 1024)
                 for b in (1, 8, 32, 64, 128, 256))


def run(command):
    """The last line of a command's output as JSON, and its peak memory in MB."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return json.loads(output.strip().splitlines()[-1]), usage.ru_maxrss / 1024


def steps_for(hidden, layers, rows, length):
    """So many steps that a run takes some seconds."""
    flop = 6 * rows * length * (4 * hidden * hidden * (2 * layers - 1) + 83 * hidden)
    return max(2, min(200, int(4e11 / flop)))


def compare(arguments, shape):
    hidden, layers, rows, length = shape
    steps = str(steps_for(*shape))
    ours = [arguments.bench, *map(str, shape), steps]
    theirs = [arguments.python, arguments.reference, "speed", "--data", arguments.data,
              "--hidden", str(hidden), "--layers", str(layers), "--batch", str(rows),
              "--length", str(length), "--steps", steps]
    pairs = []
    for _ in range(arguments.pairs):
        mine, my_memory = run(ours)
        reference, its_memory = run(theirs)
        pairs.append({"ours": mine["median_chars_per_second"],
                      "reference": reference["median_chars_per_second"],
                      "of_peak": mine["of_peak"],
                      "memory": my_memory / its_memory})
    for pair in pairs:
        pair["ratio"] = pair["ours"] / pair["reference"]
    return {key: statistics.median(pair[key] for pair in pairs) for key in pairs[0]}


def draw(results, file):
    """Bars of the ratios, one for each shape."""
    width, bar, top = 640, 22, 30
    most = max(result["ratio"] for _, result in results)
    height = top + bar * len(results) + 10
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'font-family="sans-serif" font-size="12">',
             '<text x="10" y="18">training speed over the reference in PyTorch</text>']
    for i, (shape, result) in enumerate(results):
        y, length = top + bar * i, 400 * result["ratio"] / most
        lines += [f'<text x="10" y="{y + 14}">{shape}</text>',
                  f'<rect x="150" y="{y + 3}" width="{length:.1f}" height="{bar - 6}" fill="#4a7"/>',
                  f'<text x="{155 + length:.1f}" y="{y + 14}">{result["ratio"]:.2f}</text>']
    with open(file, "w", encoding="utf-8") as out:
        out.write("\n".join(lines + ["</svg>"]) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("bench", "python", "reference", "data"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--shapes", default="bars")
    parser.add_argument("--svg")
    arguments = parser.parse_args()
    shapes = {"bars": BARS, "table": TABLE}.get(arguments.shapes, arguments.shapes).split(",")
    print("| hidden x layers x rows x length | ours, chars/s | reference | ratio | of FMA peak | memory |")
    print("|---|---|---|---|---|---|")
    results = []
    for shape in shapes:
        result = compare(arguments, tuple(int(n) for n in shape.split("x")))
        results.append((shape, result))
        print(f"| {shape} | {result['ours']:,.0f} | {result['reference']:,.0f} | "
              f"{result['ratio']:.2f} | {result['of_peak']:.1%} | {result['memory']:.2f} |", flush=True)
    if arguments.svg:
        draw(results, arguments.svg)


if __name__ == "__main__":
    main()
