// Axes of a plot of losses, in pixels of the screen so that letters keep their size. A curve is { xs, ys }.
const kAxes = { step: "steps", seconds: "time of training", chars: "characters trained on" };
const kMargin = { left: 54, right: 16, top: 16, bottom: 44 };
const kMostPoints = 800;

// Round numbers from `low` to `high`, about `count` of them.
const round_numbers = (low, high, count) => {
  const rough = (high - low) / count || 1, unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(n => n * unit).find(n => n >= rough * 0.999);
  const numbers = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) numbers.push(Number(at.toPrecision(12)));
  return numbers;
};
const kRoundSeconds = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];
const round_times = (high, count) => {
  const step = kRoundSeconds.find(seconds => high / seconds <= count) || 86400 * Math.ceil(high / 86400 / count);
  return high < 2 ? round_numbers(0, high, count) : Array.from({ length: Math.floor(high / step) + 1 }, (_, i) => i * step);
};
const round_powers = (low, high) => {
  const numbers = [];
  for (let unit = 10 ** Math.floor(Math.log10(low)); unit <= high; unit *= 10) {
    for (const n of high / low > 1e3 ? [1] : [1, 2, 5]) if (n * unit >= low && n * unit <= high) numbers.push(n * unit);
  }
  return numbers;
};

// { place: value -> pixel, ticks }. A logarithmic axis of less than a decade has the ticks of a plain one.
const scale_of = (low, high, from, to, log, ticks) => {
  const along = log ? Math.log : value => value;
  const first = along(low), span = along(high) - first || 1;
  return { low, high, from, to, ticks, place: value => from + (to - from) * (along(value) - first) / span,
    value: pixel => { const at = first + span * (pixel - from) / (to - from); return log ? Math.exp(at) : at; } };
};
const x_scale = (choices, curves, width) => {
  let low = Infinity, high = 0;
  for (const { xs } of curves) for (const value of xs) {
    if (value > high) high = value;
    if (value > 0 && value < low) low = value;
  }
  high = high || 1;
  const room = Math.max(2, Math.floor((width - kMargin.left) / 110));
  const log = choices.log_x && low < high;
  const ticks = log ? round_powers(low, high) : choices.axis === "seconds" ? round_times(high, room) : round_numbers(0, high, room);
  return scale_of(log ? low : 0, high, kMargin.left, width - kMargin.right, log, ticks);
};
// The first steps of a run fall from far above: a plain picture of them would flatten all that follows. `whole` keeps them.
const y_scale = (choices, curves, x, height, whole) => {
  let low = Infinity, high = -Infinity;
  const from = whole || choices.log_x || choices.log_y ? -Infinity : x.high * 0.04;
  for (const { xs, ys } of curves) ys.forEach((loss, i) => {
    if (!Number.isFinite(loss)) return;
    if (loss < low) low = loss;
    if (loss > high && xs[i] >= from) high = loss;
  });
  if (!(low < high)) { low = Number.isFinite(low) ? low - 0.5 : 0; high = low + 1; }
  const pad = (high - low) * 0.05, log = choices.log_y && low - pad > 0;
  return scale_of(low - pad, high + pad, height - kMargin.bottom, kMargin.top, log, round_numbers(low - pad, high + pad, 6));
};

// At most so many points, the last one always.
const points_of = (xs, ys, x, y) => {
  const stride = Math.ceil(xs.length / kMostPoints), points = [];
  for (let i = 0; i < xs.length; i = i + stride < xs.length || i === xs.length - 1 ? i + stride : xs.length - 1) {
    if (Number.isFinite(ys[i]) && xs[i] >= x.low) points.push(x.place(xs[i]).toFixed(1) + "," + y.place(ys[i]).toFixed(1));
  }
  return points;
};
const draw_axes = (x, y, axis, width, height) => {
  const label = value => axis === "seconds" ? duration(value) : short_number(value);
  const bottom = height - kMargin.bottom, middle = (kMargin.top + bottom) / 2;
  return [
    ...y.ticks.flatMap(loss => [
      svg("line", { class: "grid", x1: x.from, x2: x.to, y1: y.place(loss), y2: y.place(loss) }),
      svg("text", { x: x.from - 6, y: y.place(loss) + 4, "text-anchor": "end" }, Number(loss.toPrecision(6)))]),
    ...x.ticks.flatMap(value => [
      svg("line", { class: "grid", x1: x.place(value), x2: x.place(value), y1: kMargin.top, y2: bottom + 4 }),
      svg("text", { x: x.place(value), y: bottom + 18, "text-anchor": x.place(value) > x.to - 30 ? "end" : "middle" }, label(value))]),
    svg("text", { x: (x.from + x.to) / 2, y: height - 6, "text-anchor": "middle" }, kAxes[axis]),
    svg("text", { x: 12, y: middle, "text-anchor": "middle", transform: "rotate(-90 12 " + middle + ")" }, "loss (nats per character)")];
};
