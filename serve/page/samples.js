// What the model wrote while it learned, the newest first: a line in time.
let samples_shown = "";

const sample_item = ({ step, text }) => {
  const { train, validation } = records, item = element("li");
  const at = place_of(train.step, step), checked = place_of(validation.step, step);
  const parts = ["step " + number(step)];
  if (at >= 0) parts.push(duration(train.seconds[at]));
  if (checked >= 0) parts.push("validation loss " + fixed(validation.loss[checked], 4));
  item.append(element("p", parts.join(" · "), "note"), element("p", text, "text"));
  return item;
};
const show_samples = samples => {
  $("samples-section").hidden = !samples.length;
  const last = samples.length + " " + (samples.at(-1)?.step ?? "");
  if (last === samples_shown) return;  // what somebody reads or copies stays
  samples_shown = last;
  $("samples").replaceChildren(...samples.toReversed().map(sample_item));
};
