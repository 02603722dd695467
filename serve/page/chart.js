// The loss curves of the run.
const kCurves = ["train", "published", "validation"];
const kNames = { train: "training", validation: "validation", published: "published by the lecture (2 x 512 units)" };

const chart_choices = () => ({ axis: $("x-axis").value, log_x: $("log-x").checked, log_y: $("log-y").checked,
  smoothing: Number($("smoothing").value) });

const draw_best = (x, y, axis) => {
  const curve = records.validation, at = best_of(curve);
  if (at < 0 || curve[axis][at] < x.low) return [];
  const px = x.place(curve[axis][at]), py = y.place(curve.loss[at]);
  const end = px > (x.from + x.to) / 2;
  return [svg("circle", { class: "best", cx: px, cy: py, r: 6 }),
    svg("text", { class: "best-name", x: px + (end ? -2 : 2), y: py - 12, "text-anchor": end ? "end" : "start" },
      "best: " + fixed(curve.loss[at], 4))];
};

// What was drawn last, for whoever points at it.
let drawn = null;
const draw_chart = () => {
  $("losses").hidden = !kCurves.some(name => records[name].step.length);
  const width = $("chart-box").clientWidth;
  if ($("losses").hidden || !width) return;
  const height = Math.round(Math.min(380, Math.max(250, width * 0.5)));
  const choices = chart_choices(), { axis } = choices;
  const curves = kCurves.filter(name => records[name].step.length && (name !== "published" || compares_published(axis)))
    .map(name => ({ name, xs: records[name][axis], raw: records[name].loss,
      ys: name === "train" ? smoothed(records.train.loss, choices.smoothing) : records[name].loss }));
  const x = x_scale(choices, curves, width), y = y_scale(choices, curves, x, height, records.train.step.length < 100);
  const clip = svg("clipPath", { id: "inside" });
  clip.append(svg("rect", { x: x.from, y: kMargin.top - 8, width: x.to - x.from + 8, height: y.from - kMargin.top + 16 }));
  const lines = svg("g", { "clip-path": "url(#inside)" });
  for (const { name, xs, ys, raw } of curves) {
    if (raw !== ys) lines.append(svg("polyline", { class: "curve raw " + name, points: points_of(xs, raw, x, y).join(" ") }));
    const points = points_of(xs, ys, x, y);
    lines.append(svg("polyline", { class: "curve " + name, points: points.join(" ") }));
    if (name !== "validation" || points.length > 60) continue;
    for (const point of points) lines.append(svg("circle", { class: "dot validation", cx: point.split(",")[0], cy: point.split(",")[1], r: 3 }));
  }
  lines.append(...draw_best(x, y, axis));
  $("chart").setAttribute("viewBox", "0 0 " + width + " " + height);
  $("chart").replaceChildren(clip, ...draw_axes(x, y, axis, width, height), lines, svg("g", { id: "pointed" }));
  $("chart").setAttribute("aria-label", "Loss curves against " + kAxes[axis] + ": " + curves.map(curve => kNames[curve.name]).join(", ") +
    ". Arrow keys read them out.");
  drawn = { x, y, axis, curves, width, height };
  draw_key(curves.map(curve => curve.name));
  point_again();
};
const draw_key = names => $("chart-key").replaceChildren(...names.map(name => {
  const item = element("span");
  const mark = svg("svg", { class: "key-line", viewBox: "0 0 26 10" });
  mark.append(svg("line", { class: "curve " + name, x1: 0, x2: 24, y1: 5, y2: 5 }));
  item.append(mark, " " + kNames[name]);
  return item;
}));

for (const id of ["x-axis", "log-x", "log-y", "smoothing"]) $(id).addEventListener("input", draw_chart);
new ResizeObserver(draw_chart).observe($("chart-box"));
