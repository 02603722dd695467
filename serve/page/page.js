// The whole: what is asked of the server, how often, and what the page says of it.
const kStages = { training: "learning", finished: "has learned", stopped: "stopped" };

const introduce = (model, stage) => {
  const text = model ? model.meta.corpus.files.join(", ") || "a text" : "a text";
  const does = stage === "training" ? "is learning to write" : "has learned to write";
  $("intro").textContent = "A small neural network " + does + " from " + text + ", one character at a time.";
  $("stage").hidden = false;
  $("stage").textContent = kStages[stage] || "serving";
  $("stage").classList.toggle("over", stage !== "training");
};

// What limits the run, and how much of each limit is reached.
const limits = status => ({ steps: status.last_step ? status.step / status.last_step : 0,
  seconds: status.max_seconds ? status.seconds / status.max_seconds : 0 });
const time_left = status => {
  const left = [];
  if (status.max_seconds) left.push(status.max_seconds - status.seconds);
  if (status.last_step && status.step) left.push(status.seconds / status.step * (status.last_step - status.step));
  return left.length ? duration(Math.max(0, Math.min(...left))) : "until it is stopped";
};
const with_small = (text, small, className) => {
  const value = element("span", text, className);
  return small ? [value, element("small", small)] : [value];
};
const show_progress = status => {
  $("progress").hidden = !status.step;
  if (!status.step) return;
  const share = limits(status), { validation } = records, best = best_of(validation), training = status.stage === "training";
  $("done").hidden = !status.last_step && !status.max_seconds;
  $("done").value = Math.min(1, Math.max(share.steps, share.seconds));
  const facts = [
    ["Training loss", ...with_small(fixed(status.train_loss, 4), fixed(bits(status.train_loss), 3) + " bits", "train")],
    ["Validation loss", ...with_small(status.validation_loss === undefined ? "not yet" : fixed(status.validation_loss, 4),
      best >= 0 ? "best " + fixed(validation.loss[best], 4) + " at step " + number(validation.step[best]) : "", "validation")],
    ["Step", ...with_small(number(status.step), share.steps > share.seconds ? "of " + number(status.last_step) : "")],
    ["Epoch", ...with_small(number(status.epoch), "of the text")],
    ["Time", ...with_small(duration(Math.round(status.seconds)), training ? "left: " + time_left(status) : "")]];
  if (training) facts.push(["Speed", ...with_small(short_number(status.chars_per_second), "characters a second")]);
  fill_list($("facts"), facts);
  document.title = (training ? fixed(status.train_loss, 3) + " · " : "") + "charrnn";
};

// Returns what the run does. Without a run there is only a model to use, and nothing to ask again.
let no_run = false;
const read_status = async () => {
  const answer = no_run ? null : await ask("/run/status");
  if (answer?.ok) return answer.json();
  no_run = no_run || answer.status === 404;
  return { stage: "serving", samples: [], nodes: [] };
};
// While it learns, the curves come first.
const arrange = training => {
  const column = $("losses").parentElement;
  if ((column.firstElementChild === $("losses")) === training) return;
  if (training) column.prepend($("losses")); else $("write").after($("losses"));
};

let lost = false;
const refresh = async () => {
  try {
    if (lost) { records = kNoRecords(); no_run = false; }  // perhaps another run answers now
    const model = await read_model();
    const more = await read_records(), status = await read_status();
    const published = take_corpus(status);
    introduce(model, status.stage);
    arrange(status.stage === "training");
    if (more || published) draw_chart();
    show_progress(status);
    draw_graph(status.nodes, status.stage === "training");
    show_samples(status.samples);
    lost = false;
  } catch (error) {
    lost = true;
    $("trouble").textContent = "The server does not answer (" + error.message + "). This page asks again.";
  }
  $("trouble").hidden = !lost;
};
const keep_fresh = async () => {
  await refresh();
  setTimeout(keep_fresh, document.hidden ? 10000 : no_run ? 3000 : 1000);
};
$("key-form").addEventListener("submit", event => {
  event.preventDefault();
  sessionStorage.setItem("key", $("key").value);
  refresh();
});
// A link shows no key, so what needs one is fetched and then shown.
for (const link of document.querySelectorAll("nav a")) {
  link.addEventListener("click", async event => {
    if (!saved_key()) return;
    event.preventDefault();
    const answer = await ask(link.getAttribute("href"));
    open(URL.createObjectURL(new Blob([await answer.text()], { type: "text/plain" })));
  });
}
keep_fresh();
