// Writing, and scoring what others wrote: each character tinted by its surprisal in nats.
const kDeepest = 8;  // nats, from which on nothing gets redder
const shade = nats => "rgb(var(--hot) / " + Math.min(0.8, 0.8 * nats / kDeepest).toFixed(2) + ")";
const tinted = (text, nats) => {
  const span = element("span", text);
  if (nats === null || nats === undefined) return span;
  span.title = nats.toFixed(2) + " nats: a probability of " + Number((100 * Math.exp(-nats)).toPrecision(2)) + " %";
  span.style.backgroundColor = shade(nats);
  return span;
};
document.querySelector(".shades").append(...[0, 2, 4, 6, 8].map(nats => {
  const span = element("span", nats === 0 ? "not at all" : nats < 8 ? nats + " nats" : "8 nats and more");
  span.style.backgroundColor = shade(nats);
  return span;
}));
const fail = (out, message) => out.append(element("span", "\n" + message, "error"));

// Events come as they are written.
const show_event = (data, out) => {
  if (data === "[DONE]") return;
  const event = JSON.parse(data);
  if (event.error) return fail(out, event.error.message);
  for (const choice of event.choices) {
    if (!choice.logprobs) { if (choice.text) out.append(choice.text); continue; }
    choice.logprobs.tokens.forEach((token, i) => {
      const logprob = choice.logprobs.token_logprobs[i];
      out.append(tinted(token, logprob === null ? null : -logprob));
    });
  }
  out.scrollTop = out.scrollHeight;
};
const read_events = async (answer, out) => {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let waiting = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const events = (waiting + part.value).split("\n\n");
    waiting = events.pop();
    for (const event of events) if (event.startsWith("data: ")) show_event(event.slice(6), out);
  }
};
let halt = null;
const write = async () => {
  const out = $("written"), prompt = $("prompt").value || $("prompt").placeholder;
  out.replaceChildren(element("strong", prompt));
  halt = new AbortController();
  $("go").disabled = true; $("halt").disabled = false;
  try {
    const answer = await ask_json("/v1/completions", { model: $("weights").value, prompt, stream: true, logprobs: 0,
      max_tokens: Number($("length").value), temperature: Number($("temperature").value), top_k: Number($("top-k").value) }, halt.signal);
    if (answer.ok) await read_events(answer, out); else fail(out, (await answer.json()).error.message);
  } catch (error) {
    if (error.name !== "AbortError") fail(out, error.message);
  } finally {
    $("go").disabled = false; $("halt").disabled = true;
  }
};

// One surprisal for each character as the model reads it. It may have composed characters, or read bytes.
const surprisal_of_characters = (text, surprisals) => {
  for (const form of [text, text.normalize("NFC")]) {
    if ([...form].length === surprisals.length) return [...form].map((letter, i) => [letter, surprisals[i]]);
  }
  const bytes = [...text].map(letter => new TextEncoder().encode(letter).length);
  if (bytes.reduce((sum, count) => sum + count, 0) !== surprisals.length) return null;
  let at = 0;
  return [...text].map((letter, i) => [letter, surprisals.slice(at, at += bytes[i]).reduce((sum, nats) => sum + (nats ?? 0), 0)]);
};
const show_score = (text, score) => {
  $("score-sum").textContent = fixed(score.nats_per_character, 3) + " nats = " + fixed(score.bits_per_character, 3) +
    " bits per character; perplexity " + fixed(score.perplexity, 2);
  const pairs = surprisal_of_characters(text, score.surprisals);
  $("scored").replaceChildren(...(pairs ? pairs.map(pair => tinted(...pair)) : [element("span", text)]));
};
const score = async () => {
  const text = $("scored-text").value;
  $("score-go").disabled = true;
  $("score-sum").textContent = "";
  $("scored").hidden = false;
  try {
    const answer = await ask_json("/v1/score", { model: $("weights").value, text });
    const told = await answer.json();
    if (answer.ok) return show_score(text, told);
    $("scored").replaceChildren();
    fail($("scored"), told.error.message);
  } catch (error) { fail($("scored"), error.message); } finally { $("score-go").disabled = false; }
};

// The checkpoints that may be chosen, beside the newest weights.
const show_weights = models => {
  const chosen = $("weights").value, ids = ["charrnn", ...models.map(model => model.id).reverse()];
  $("weights-label").hidden = !models.length;
  if (ids.join() === [...$("weights").options].map(option => option.value).join()) return;
  $("weights").replaceChildren(...ids.map(id => new Option(id === "charrnn" ? "newest" : "step " + number(id.split("@")[1]), id)));
  $("weights").value = ids.includes(chosen) ? chosen : "charrnn";
};

const on_submit = (form, text, action) => {
  $(form).addEventListener("submit", event => { event.preventDefault(); action(); });
  $(text).addEventListener("keydown", event => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); action(); }
  });
};
on_submit("prompt-form", "prompt", write);
on_submit("score-form", "scored-text", score);
$("halt").addEventListener("click", () => halt && halt.abort());
$("temperature").addEventListener("input", () => { $("temperature-value").textContent = Number($("temperature").value).toFixed(2); });
$("top-k").addEventListener("input", () => { $("top-k-value").textContent = $("top-k").value === "0" ? "all" : $("top-k").value; });
