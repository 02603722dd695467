// Small parts that the rest of the page is made of: elements, numbers for people, requests.
const $ = id => document.getElementById(id);

const svg = (name, attributes, text) => {
  const node = document.createElementNS("http:" + "//www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
};

// Text is always text: nothing that a model writes becomes markup.
const element = (name, text, className) => {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
};

const number = (value, digits) => Number(value).toLocaleString("en", { maximumFractionDigits: digits ?? 0 });
const fixed = (value, digits) => Number.isFinite(value) ? value.toFixed(digits) : "–";

// 15,400,000 as 15.4 M.
const short_number = value => {
  for (const [size, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e4, "k"]]) {
    if (value >= size) return number(value / (letter === "k" ? 1e3 : size), value >= 100 * size ? 0 : 1) + " " + letter;
  }
  return number(value);
};

// 3,725 seconds as 1 h 2 min.
const duration = seconds => {
  const whole = Math.round(seconds);
  if (seconds < 10 && whole !== seconds) return number(seconds, 1) + " s";
  if (whole < 60) return whole + " s";
  if (whole < 3600) return Math.floor(whole / 60) + " min" + (whole % 60 ? " " + whole % 60 + " s" : "");
  if (whole < 86400) {
    const minutes = Math.round(whole % 3600 / 60);
    return Math.floor(whole / 3600) + " h" + (minutes ? " " + minutes + " min" : "");
  }
  const hours = Math.round(whole % 86400 / 3600);
  return Math.floor(whole / 86400) + " d" + (hours ? " " + hours + " h" : "");
};

const bits = nats => nats / Math.LN2;

// Pairs of a name and what belongs to it: text, or elements.
const fill_list = (list, pairs) => list.replaceChildren(...pairs.map(([name, ...content]) => {
  const pair = element("div"), value = element("dd");
  value.append(...content);
  pair.append(element("dt", name), value);
  return pair;
}));

// Every request carries the key, once one was given.
const saved_key = () => sessionStorage.getItem("key");
const ask = async (path, options = {}) => {
  const headers = { ...options.headers, ...(saved_key() ? { Authorization: "Bearer " + saved_key() } : {}) };
  const answer = await fetch(path, { ...options, headers });
  $("key-form").hidden = answer.status !== 401;
  return answer;
};
const ask_json = (path, body, signal) => ask(path, { method: "POST", signal,
  headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
