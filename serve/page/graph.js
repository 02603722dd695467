// The training graph: nodes of { name, busy 0..1, queue }, in two columns so that a phone can read it.
const kPlaces = { reader: [0, 0], encoder: [1, 0], batcher: [1, 1], one_hot_transfer: [0, 1], train_step: [0, 2],
  validator: [1, 2], recorder: [0, 3], checkpointer: [1, 3] };
const kArrows = ["reader encoder", "encoder batcher", "batcher one_hot_transfer", "one_hot_transfer train_step",
  "train_step validator", "train_step recorder", "validator recorder", "recorder checkpointer"];
const kBox = { width: 176, height: 58, across: 222, down: 84 };
const corner = name => [1 + kBox.across * kPlaces[name][0], 2 + kBox.down * kPlaces[name][1]];

// From the border of one box to the border of the next; across and down at once, by way of the gap between the rows.
const arrow = pair => {
  const [from, to] = pair.split(" "), [px, py] = corner(from), [qx, qy] = corner(to);
  const half = kBox.width / 2, middle = kBox.height / 2;
  if (py === qy) return "M" + [px < qx ? px + kBox.width : px, py + middle] + "H" + (px < qx ? qx : qx + kBox.width);
  if (px === qx) return "M" + [px + half, py + kBox.height] + "V" + qy;
  return "M" + [px + half, py + kBox.height] + "V" + (qy - (kBox.down - kBox.height) / 2) + "H" + (qx + half + 44) + "V" + qy;
};

const stage_text = name => name === "one_hot_transfer" ? "transfer" : name.replaceAll("_", " ");
const percent = share => Math.round(100 * share) + " %";

const draw_node = node => {
  const [x, y] = corner(node.name), busy = Math.min(1, node.busy || 0), room = kBox.width - 20;
  return [svg("rect", { class: "node", x, y, width: kBox.width, height: kBox.height, rx: 6 }),
    svg("text", { class: "name", x: x + 10, y: y + 20 }, stage_text(node.name)),
    svg("text", { x: x + kBox.width - 10, y: y + 20, "text-anchor": "end" }, percent(busy)),
    svg("rect", { class: "idle", x: x + 10, y: y + 28, width: room, height: 6, rx: 3 }),
    svg("rect", { class: "busy", x: x + 10, y: y + 28, width: room * busy, height: 6, rx: 3 }),
    svg("text", { x: x + 10, y: y + 49 }, node.queue ? node.queue + " waiting" : "")];
};
const draw_graph = (nodes, working) => {
  $("graph-section").hidden = !working;
  if (!working) return;
  const head = svg("marker", { id: "head", viewBox: "0 0 8 8", refX: 8, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" });
  head.append(svg("path", { class: "head", d: "M0 0L8 4L0 8Z" }));
  $("graph").replaceChildren(head, ...kArrows.map(pair => svg("path", { class: "arrow", d: arrow(pair), "marker-end": "url(#head)" })),
    ...nodes.filter(node => node.name in kPlaces).flatMap(draw_node));
  $("graph").setAttribute("aria-label", "Stages of the training pipeline: " + nodes.map(node =>
    stage_text(node.name) + " " + percent(node.busy || 0) + " busy, " + node.queue + " waiting").join("; "));
};
