"""The Python side of scripts/plot-lecture: plot_lecture.py METRICS PUBLISHED OUT.svg DOCUMENT.

Needs nothing but Python's own library.
"""

import json
import math
import pathlib
import sys

MOST_ROWS = 40  # of the table
WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 40, 50


def read_run(path):
    """{step: loss} of training and of validation, and the last training record."""
    train, validation, last = {}, {}, None
    for line in path.read_text().splitlines(keepends=True):
        if not line.endswith("\n"):
            break  # a run under way may be writing it
        record = json.loads(line)
        if "validation_loss" in record:
            validation[record["step"]] = record["validation_loss"]
        else:
            train[record["step"]] = record["train_loss"]
            last = record
    return train, validation, last


def read_published(path):
    train, validation = {}, {}
    head, *rows = path.read_text().splitlines()
    columns = head.split("\t")
    for row in rows:
        fields = dict(zip(columns, row.split("\t")))
        train[int(fields["step"])] = float(fields["train_loss"])
        validation[int(fields["step"])] = float(fields["val_loss"])
    return train, validation


def thinned(steps):
    """Every n-th of the steps, so that no more than MOST_ROWS are left, and the last."""
    every = -(-len(steps) // MOST_ROWS)
    return steps[::-1][::every][::-1]


def summary(ours, published, last):
    """Markdown: how far the run came, how near the curves are, and the table."""
    train, validation = ours
    steps = sorted(set(validation) & set(published[1]) & set(train))
    known = {step: loss for step, loss in published[1].items() if step <= last["step"]}
    least, least_known = min(validation, key=validation.get), min(known, key=known.get)
    lines = [f"{last['step']:,} steps ({last['chars']:,} characters). Least validation loss: "
             f"{validation[least]:.4f} at step {least:,}; published: {known[least_known]:.4f} at step {least_known:,}."]
    if steps:
        gaps = [validation[step] - published[1][step] for step in steps]
        mean = sum(map(abs, gaps)) / len(gaps)
        worst = max(gaps, key=abs)
        lines.append(f"Validation loss, ours less the published one, at {len(steps)} steps: "
                     f"{mean:.3f} in the mean of sizes, {worst:+.3f} at most, {gaps[-1]:+.3f} at "
                     f"step {steps[-1]}.")
    lines += ["", "| step | training, published | ours | validation, published | ours | difference |",
              "|---:|---:|---:|---:|---:|---:|"]
    for step in thinned(steps):
        lines.append(f"| {step} | {published[0][step]:.4f} | {train[step]:.4f} "
                     f"| {published[1][step]:.4f} | {validation[step]:.4f} "
                     f"| {validation[step] - published[1][step]:+.4f} |")
    return "\n".join(lines)


class Plot:
    """An SVG with steps to the right and nats upwards."""

    def __init__(self, steps, low, high):
        self.steps, self.low, self.high = steps, low, high
        self.parts = []

    def x(self, step):
        return LEFT + (WIDTH - LEFT - RIGHT) * step / self.steps

    def y(self, loss):
        return TOP + (HEIGHT - TOP - BOTTOM) * (self.high - loss) / (self.high - self.low)

    def text(self, x, y, words, anchor="middle", extra=""):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{words}</text>')

    def axes(self):
        loss = self.low
        while loss <= self.high + 1e-9:
            y = self.y(loss)
            self.parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
            self.text(LEFT - 8, y + 4, f"{loss:.1f}", "end")
            loss += 0.2
        for step in range(0, self.steps + 1, 50 if self.steps <= 500 else 400):
            x = self.x(step)
            self.parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
            self.text(x, HEIGHT - BOTTOM + 18, step)
        self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "step")
        self.text(16, HEIGHT / 2, "loss, nats a character",
                  extra=f'transform="rotate(-90 16 {HEIGHT / 2:.0f})"')

    def curve(self, points, colour, style, name, place):
        line = " ".join(f"{self.x(step):.1f},{self.y(loss):.1f}"
                        for step, loss in sorted(points.items()) if step <= self.steps)
        self.parts.append(f'<polyline clip-path="url(#inside)" fill="none" stroke="{colour}" '
                          f'{style} points="{line}"/>')
        x = LEFT + 10 + 175 * place
        self.parts.append(f'<path d="M{x} 22h26" stroke="{colour}" {style}/>')
        self.text(x + 32, 26, name, "start")

    def svg(self):
        inside = (f'<clipPath id="inside"><rect x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
                  f'height="{HEIGHT - TOP - BOTTOM}"/></clipPath>')
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                'font-family="sans-serif" font-size="12" fill="#333">\n'
                '<style>.grid{stroke:#ddd;stroke-width:1}</style>\n'
                f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n{inside}\n'
                + "\n".join(self.parts) + "\n</svg>\n")


def draw(ours, published, steps):
    # The first steps fall from ln 83 = 4.4 and would flatten all else: they leave at the top.
    seen = [loss for curve in (*ours, *published) for step, loss in curve.items()
            if 10 <= step <= steps]
    plot = Plot(steps, math.floor(min(seen) * 5) / 5, math.ceil(max(seen) * 5) / 5)
    plot.axes()
    thin, thick = 'stroke-width="1.2" stroke-opacity="0.7"', 'stroke-width="2.2"'
    plot.curve(published[0], "#999", thin, "training, published", 0)
    plot.curve(ours[0], "#e8833a", thin, "training, ours", 1)
    plot.curve(published[1], "#555", thick, "validation, published", 2)
    plot.curve(ours[1], "#1f5fbf", thick, "validation, ours", 3)
    return plot.svg()


def write_table(document, plot, table):
    begin, end = (f"<!-- made by scripts/plot-lecture, {plot}: {edge} -->" for edge in ("begin", "end"))
    before, rest = document.read_text().split(begin)
    _, after = rest.split(end)
    document.write_text(f"{before}{begin}\n{table}\n{end}{after}")


def main():
    metrics, curve, out, document = map(pathlib.Path, sys.argv[1:])
    train, validation, last = read_run(metrics)
    if last is None:
        sys.exit(f"plot-lecture: {metrics} has no training record yet")
    ours, published = (train, validation), read_published(curve)
    table = summary(ours, published, last)
    out.write_text(draw(ours, published, last["step"]))
    write_table(document, out.name, table)
    print(table)


main()
