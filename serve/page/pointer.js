// Reading the curves: by pointing at them, or with the arrow keys.
let pointed = null;  // the number of a training record

const loss_line = (name, loss, more) => {
  const line = element("div");
  line.append(element("b", kNames[name].split(" ")[0], name), " " + fixed(loss, 4) + " nats, " + fixed(bits(loss), 3) + " bits" + (more || ""));
  return line;
};
const tip_lines = (main, at) => {
  const step = main[0].curve.step[at];
  const lines = [element("div", "step " + number(step) + " · " + duration(main[0].curve.seconds[at] || 0) + " · " +
    short_number(main[0].curve.chars[at]) + " characters")];
  for (const { name, curve, ys, raw } of main) {
    const place = nearest(curve.step, step);
    const smooth = ys !== raw ? ", smoothed " + fixed(ys[place], 4) : "";
    const apart = curve.step[place] !== step ? " at step " + number(curve.step[place]) : "";
    lines.push(loss_line(name, raw[place], smooth + apart));
  }
  return lines;
};

// The tip stands beside the line, on the side that has room.
const show_pointed = () => {
  const main = drawn.curves.map(curve => ({ ...curve, curve: records[curve.name] })).filter(one => one.curve.step.length);
  main.sort((a, b) => (b.name === "train") - (a.name === "train"));
  const { x, y, axis } = drawn, first = main[0].curve;
  pointed = Math.max(0, Math.min(pointed, first.step.length - 1));
  const px = x.place(Math.max(x.low, first[axis][pointed]));
  const marks = [svg("line", { class: "cross", x1: px, x2: px, y1: y.to, y2: y.from })];
  for (const { name, curve, ys } of main) {
    const place = nearest(curve.step, first.step[pointed]);
    if (Number.isFinite(ys[place]) && ys[place] <= y.high) {
      marks.push(svg("circle", { class: "dot " + name, cx: x.place(Math.max(x.low, curve[axis][place])), cy: y.place(ys[place]), r: 4 }));
    }
  }
  $("pointed").replaceChildren(...marks);
  $("tip").replaceChildren(...tip_lines(main, pointed));
  $("tip").hidden = false;
  const room = $("chart-box").clientWidth, wide = $("tip").offsetWidth;
  const left = px + 12 + wide <= room ? px + 12 : Math.max(0, px - 12 - wide);
  $("tip").style.left = left + "px";
  $("tip").style.top = kMargin.top + 4 + "px";
};
const point_nowhere = () => {
  pointed = null;
  $("tip").hidden = true;
  if ($("pointed")) $("pointed").replaceChildren();
};
const point_again = () => { if (pointed !== null) show_pointed(); };

const main_column = () => records[records.train.step.length ? "train" : "validation"][drawn.axis];
const point_at = event => {
  if (!drawn) return;
  const box = $("chart").getBoundingClientRect();
  pointed = nearest(main_column(), drawn.x.value((event.clientX - box.left) * drawn.width / box.width));
  show_pointed();
};
$("chart").addEventListener("pointermove", point_at);
$("chart").addEventListener("pointerdown", point_at);
$("chart").addEventListener("pointerleave", point_nowhere);
$("chart").addEventListener("blur", point_nowhere);
$("chart").addEventListener("keydown", event => {
  if (!drawn) return;
  const last = main_column().length - 1, stride = Math.max(1, Math.round(last / 100)) * (event.shiftKey ? 10 : 1);
  const at = pointed ?? last;
  const places = { ArrowLeft: at - stride, ArrowRight: at + stride, Home: 0, End: last, Escape: null };
  if (!(event.key in places)) return;
  event.preventDefault();
  if (event.key === "Escape") return point_nowhere();
  pointed = places[event.key];
  show_pointed();
});
