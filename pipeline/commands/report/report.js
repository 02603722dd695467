// A report: the curves of one run or of several, what they came to, and how they were configured.
const runs = JSON.parse($("runs").textContent);
const one = runs.length === 1;
const kHues = [209, 21, 142, 280, 340, 48, 180, 0];
const colour = run => one ? "" : "stroke: hsl(" + kHues[runs.indexOf(run) % kHues.length] + " 70% " + (runs.indexOf(run) < 8 ? 45 : 65) + "%)";

const best_place = run => best_of(run.validation);
const lowest = Math.min(...runs.map(run => run.validation.loss[best_place(run)] ?? Infinity));

// The curves: of several runs, each has one colour, and its training loss is the faint one.
const curves_of = choices => runs.flatMap(run => ["train", "validation"].filter(name => run[name].step.length).map(name => ({
  run, name, xs: run[name][choices.axis],
  ys: name === "train" ? smoothed(run.train.loss, choices.smoothing) : run.validation.loss })));
const draw_curve = (curve, x, y) => {
  const points = points_of(curve.xs, curve.ys, x, y), style = colour(curve.run);
  const faint = !one && curve.name === "train" && curve.run.validation.step.length ? " raw" : "";
  const parts = [svg("polyline", { class: "curve " + curve.name + faint, style, points: points.join(" ") })];
  if (curve.name === "validation" && points.length <= 60) {
    for (const point of points) parts.push(svg("circle", { class: "dot validation", style, cx: point.split(",")[0], cy: point.split(",")[1], r: 3 }));
  }
  return parts;
};

let drawn = null;
const draw = () => {
  const width = $("chart-box").clientWidth, height = Math.round(Math.min(420, Math.max(260, width * 0.55)));
  const choices = { axis: $("x-axis").value, log_x: $("log-x").checked, log_y: $("log-y").checked, smoothing: Number($("smoothing").value) };
  const curves = curves_of(choices);
  if (!curves.length || !width) return;
  const x = x_scale(choices, curves, width);
  const y = y_scale(choices, curves, x, height, Math.max(...runs.map(run => run.train.step.length)) < 100);
  const clip = svg("clipPath", { id: "inside" });
  clip.append(svg("rect", { x: x.from, y: kMargin.top - 8, width: x.to - x.from + 8, height: y.from - kMargin.top + 16 }));
  const lines = svg("g", { "clip-path": "url(#inside)" });
  lines.append(...curves.flatMap(curve => draw_curve(curve, x, y)));
  $("chart").setAttribute("viewBox", "0 0 " + width + " " + height);
  $("chart").replaceChildren(clip, ...draw_axes(x, y, choices.axis, width, height), lines, svg("g", { id: "pointed" }));
  drawn = { x, y, axis: choices.axis, curves, width, height };
};

const key_item = (className, style, text) => {
  const item = element("span"), mark = svg("svg", { class: "key-line", viewBox: "0 0 26 10" });
  mark.append(svg("line", { class: "curve " + className, style, x1: 0, x2: 24, y1: 5, y2: 5 }));
  item.append(mark, " " + text);
  return item;
};
const draw_key = () => $("chart-key").replaceChildren(...one
  ? [key_item("train", "", "training"), key_item("validation", "", "validation")]
  : runs.map(run => key_item("validation", colour(run), run.name)), ...(one ? [] : [element("span", "faint: training loss")]));

// The losses of every curve where the pointer is.
const point_at = event => {
  if (!drawn) return;
  const box = $("chart").getBoundingClientRect(), at = drawn.x.value((event.clientX - box.left) * drawn.width / box.width);
  const px = drawn.x.place(Math.max(drawn.x.low, at));
  const lines = [element("div", drawn.axis === "seconds" ? duration(Math.max(0, at)) : short_number(Math.max(0, Math.round(at))) + " " + kAxes[drawn.axis])];
  for (const { run, name, xs, ys } of drawn.curves) {
    const loss = ys[nearest(xs, at)], line = element("div");
    line.append(element("b", (one ? "" : run.name + " ") + (name === "train" ? "training" : name), one ? name : ""), " " + fixed(loss, 4));
    lines.push(line);
  }
  $("pointed").replaceChildren(svg("line", { class: "cross", x1: px, x2: px, y1: drawn.y.to, y2: drawn.y.from }));
  $("tip").replaceChildren(...lines);
  $("tip").hidden = false;
  const wide = $("tip").offsetWidth, room = $("chart-box").clientWidth;
  $("tip").style.left = (px + 12 + wide <= room ? px + 12 : Math.max(0, px - 12 - wide)) + "px";
  $("tip").style.top = kMargin.top + "px";
};

const row = (tag, cells) => {
  const line = element("tr");
  line.append(...cells.map((cell, i) => cell instanceof Node ? cell : element(i ? tag : "th", cell)));
  return line;
};
const fill_table = () => {
  const cells = run => {
    const best = best_place(run), loss = run.validation.loss[best], last = run.last || {};
    const best_cell = element("td", best < 0 ? "–" : fixed(loss, 4) + " nats, " + fixed(bits(loss), 3) + " bits", loss === lowest && !one ? "lowest" : "");
    return [run.name, best_cell, best < 0 ? "–" : number(run.validation.step[best]), number(last.step || 0), number(last.epoch || 0),
      short_number(last.chars || 0), duration(last.seconds || 0), fixed(last.train_loss ?? NaN, 4)];
  };
  $("table").replaceChildren(row("th", ["run", "best validation loss", "at step", "steps", "epoch", "characters", "time", "last training loss"]),
    ...runs.map(run => row("td", cells(run))));
};

// "section.key" -> value, from the run's config.ini.
const keys_of = ini => {
  const keys = new Map();
  let section = "";
  for (const line of ini.split("\n")) {
    const head = line.match(/^\[(.+)\]/), pair = line.match(/^([^#=\s][^=]*?)\s*=\s*(.*)$/);
    if (head) section = head[1] + ".";
    else if (pair) keys.set(section + pair[1], [keys.get(section + pair[1]), pair[2]].filter(Boolean).join(", "));
  }
  return keys;
};
const fill_keys = () => {
  const all = runs.map(run => keys_of(run.config)), names = [...new Set(all.flatMap(keys => [...keys.keys()]))];
  const told = one ? names : names.filter(name => new Set(all.map(keys => keys.get(name))).size > 1);
  if (!one) $("keys-title").textContent = "Where the configurations differ";
  const rows = told.map(name => row("td", [name, ...all.map(keys => keys.get(name) ?? "–")]));
  if (!one) rows.unshift(row("th", ["key", ...runs.map(run => run.name)]));
  $("keys").replaceChildren(...(told.length ? rows : [row("td", ["They do not differ."])]));
};

const show_one = run => {
  records = { ...kNoRecords(), train: run.train, validation: run.validation };
  const status = run.status;
  if (!status) return;
  const whole = Math.max(...status.nodes.map(node => node.busy_seconds + node.waiting_seconds), 1e-9);
  draw_graph(status.nodes.map(node => ({ ...node, queue: 0, busy: node.busy_seconds / whole })), true);
  show_samples(status.samples || []);
  if (!status.machine) return;
  $("machine-section").hidden = false;
  fill_list($("machine"), Object.entries(status.machine));
};

// The picture carries its styles along, since an image sees none of the page's.
const save_picture = () => {
  const picture = $("chart").cloneNode(true), { width, height } = drawn, image = new Image();
  picture.setAttribute("xmlns", "http:" + "//www.w3.org/2000/svg");
  picture.setAttribute("width", 2 * width);
  picture.setAttribute("height", 2 * height);
  const style = svg("style", {}, document.querySelector("style").textContent + " svg { background: var(--panel); font-family: sans-serif; }");
  picture.prepend(style);
  image.onload = () => {
    const canvas = element("canvas");
    canvas.width = 2 * width;
    canvas.height = 2 * height;
    canvas.getContext("2d").drawImage(image, 0, 0);
    const link = element("a");
    link.href = canvas.toDataURL("image/png");
    link.download = "losses.png";
    link.click();
  };
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(picture));
};

$("title").textContent = one ? runs[0].name : runs.length + " runs";
$("intro").textContent = one ? "A report of this training run." : "A comparison of training runs.";
document.title = $("title").textContent + " · charrnn";
fill_table();
fill_keys();
draw_key();
if (one) show_one(runs[0]);
for (const id of ["x-axis", "log-x", "log-y", "smoothing"]) $(id).addEventListener("input", draw);
new ResizeObserver(draw).observe($("chart-box"));
$("chart").addEventListener("pointermove", point_at);
$("chart").addEventListener("pointerleave", () => { $("tip").hidden = true; $("pointed")?.replaceChildren(); });
$("save").addEventListener("click", save_picture);
