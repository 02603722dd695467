// The model's card, and how to ask it from a program: with the address that this page came from.
const kCells = { lstm: "LSTM", gru: "GRU", rnn: "tanh" };

const text_of_corpus = meta => {
  const names = meta.corpus.files.join(", ") || "a text";
  return names + "; " + number(meta.corpus.characters) + (meta.bytes ? " bytes" : " characters");
};
const loss_text = loss => fixed(loss, 4) + " nats = " + fixed(bits(loss), 3) + " bits per character";
const vocabulary_of = meta => {
  if (!meta.alphabet) return [number(meta.alphabet_size) + " bytes"];
  const all = element("details");
  all.append(element("summary", number(meta.alphabet_size) + " characters"),
    element("code", meta.alphabet.replaceAll("\n", "↵").replaceAll("\t", "⇥")));
  return [all];
};
const losses_of = meta => {
  const loss = meta.validation_loss ?? meta.train_loss;
  if (loss === null) return [];
  return [[meta.validation_loss === null ? "Loss of its last training step" : "Loss on text that it did not learn from",
    loss_text(loss), element("br"),
    element("small", "It is as unsure of the next character as among " + fixed(Math.exp(loss), 1) + " equally likely ones.")]];
};
const show_card = ({ created, meta }) => {
  const at = place_of(records.train.step, meta.step), took = at < 0 ? "" : " in " + duration(records.train.seconds[at]);
  const trained = number(meta.step) + " steps" + took + ", epoch " + number(meta.epoch) + ", " + short_number(meta.characters) + " characters";
  fill_list($("card-facts"), [
    ["It learned from", text_of_corpus(meta)],
    ["Network", number(meta.layers) + (meta.layers === 1 ? " layer" : " layers") + " of " + number(meta.hidden) + " " + kCells[meta.cell] +
      " units, " + number(meta.parameters) + " weights"],
    ["Vocabulary", ...vocabulary_of(meta)],
    ["Trained", trained, element("br"), element("small", "These weights are of " +
      new Date(1000 * created).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" }) + ".")],
    ...losses_of(meta)]);
  $("card").hidden = false;
};

// Letters that the model knows.
const example_prompt = meta => {
  if (!meta.alphabet) return "In the";
  const known = new Set(meta.alphabet);
  const common = ["In the", "The", "the"].find(text => [...text].every(letter => known.has(letter)));
  return common || [...meta.alphabet].filter(letter => /\p{L}/u.test(letter)).slice(0, 5).join("") || [...meta.alphabet][0];
};
const kKeyName = "CHARRNN_KEY";  // of the environment, in which the examples look for a key
const kExamples = {
  curl: prompt => "curl -N " + location.origin + "/v1/completions" +
    (saved_key() ? " \\\n  -H \"Authorization: Bearer $" + kKeyName + "\"" : "") +
    " \\\n  -H 'Content-Type: application/json' \\\n  -d '" +
    '{"model": "charrnn", "prompt": ' + JSON.stringify(prompt) + ', "max_tokens": 200, "temperature": 0.8}' + "'",
  python: prompt => (saved_key() ? "import json, os, urllib.request\n\n" : "import json, urllib.request\n\n") +
    "request = urllib.request.Request(\n    \"" + location.origin + "/v1/completions\",\n    json.dumps({\"prompt\": " +
    JSON.stringify(prompt) + ", \"max_tokens\": 200}).encode(),\n    {\"Content-Type\": \"application/json\"" +
    (saved_key() ? ",\n     \"Authorization\": \"Bearer \" + os.environ[\"" + kKeyName + "\"]" : "") +
    "})\nanswer = json.load(urllib.request.urlopen(request))\nprint(answer[\"choices\"][0][\"text\"])",
  nc: prompt => {
    const host = location.hostname.replace(/^\[|\]$/g, ""), tls = location.protocol === "https:", port = location.port || (tls ? 443 : 80);
    const line = saved_key() ? "echo '{\"prompt\": " + JSON.stringify(prompt) + ", \"max_tokens\": 200, \"key\": \"'$" + kKeyName + "'\"}'"
      : "echo \"" + prompt + "\"";
    return tls ? "(" + line + "; sleep 5) | openssl s_client -quiet -connect " + location.hostname + ":" + port
      : line + (saved_key() ? " | nc -N " : " | nc ") + host + " " + port;
  } };
let way = "curl", asked_with = "In the";
const show_example = () => {
  $("ask").hidden = false;
  $("base-url").textContent = location.origin + "/v1";
  $("example").textContent = kExamples[way](asked_with);
  $("example").setAttribute("aria-labelledby", "tab-" + way);
  for (const tab of document.querySelectorAll("[data-way]")) {
    tab.setAttribute("aria-selected", String(tab.dataset.way === way));
    tab.tabIndex = tab.dataset.way === way ? 0 : -1;
  }
};
for (const tab of document.querySelectorAll("[data-way]")) {
  tab.addEventListener("click", () => { way = tab.dataset.way; show_example(); });
  tab.addEventListener("keydown", event => {
    const turn = { ArrowRight: 1, ArrowLeft: -1 }[event.key], ways = Object.keys(kExamples);
    if (!turn) return;
    way = ways[(ways.indexOf(way) + turn + ways.length) % ways.length];
    show_example();
    $("tab-" + way).focus();
  });
}
$("copy").addEventListener("click", async () => {
  // Browsers let only secure pages write to the clipboard: elsewhere it is marked, to be copied by hand.
  try {
    await navigator.clipboard.writeText($("example").textContent);
    $("copy").textContent = "Copied";
    setTimeout(() => { $("copy").textContent = "Copy"; }, 1500);
  } catch (error) { getSelection().selectAllChildren($("example")); }
});

const read_model = async () => {
  const answer = await ask("/v1/models");
  if (!answer.ok) return null;
  const [model, ...others] = (await answer.json()).data;
  show_card(model);
  show_weights(others);
  asked_with = example_prompt(model.meta);
  show_example();
  $("top-k").max = model.meta.alphabet_size;
  if (!$("prompt").placeholder) $("prompt").placeholder = asked_with;
  return model;
};
