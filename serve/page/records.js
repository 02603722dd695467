// The records of the run: columns of equal length, and what is computed from them.
const kNoRecords = () => ({ next: 0,
  train: { step: [], seconds: [], chars: [], loss: [] },
  validation: { step: [], seconds: [], chars: [], loss: [] },
  published: { step: [], seconds: [], chars: [], loss: [] }, newest: null });
let records = kNoRecords();

// The last place in an ascending column whose value is at most `value`; -1: there is none.
const place_of = (column, value) => {
  let low = 0, high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
};
const nearest = (column, value) => {
  const at = place_of(column, value);
  if (at < 0) return 0;
  return at + 1 < column.length && column[at + 1] - value < value - column[at] ? at + 1 : at;
};

const add_point = (curve, step, seconds, chars, loss) => {
  curve.step.push(step); curve.seconds.push(seconds); curve.chars.push(chars); curve.loss.push(loss);
};

// A validation tells its step alone: its time and characters are those of that step's record.
const take_record = record => {
  const { train, validation } = records;
  if ("train_loss" in record) {
    records.newest = record;
    add_point(train, record.step, record.seconds, record.chars, record.train_loss ?? NaN);
  } else if ("validation_loss" in record) {
    const at = place_of(train.step, record.step);
    add_point(validation, record.step, train.seconds[at] ?? 0, train.chars[at] ?? 0, record.validation_loss ?? NaN);
  }
};

// Each answer has at most 1 MiB; they are read until there are no more. Returns whether some came.
const read_records = async () => {
  let some = false;
  for (;;) {
    const answer = await ask("/run/metrics?from=" + records.next);
    if (!answer.ok) return some;
    const text = await answer.text();
    if (!text) return some;
    records.next = Number(answer.headers.get("X-Next"));
    for (const line of text.split("\n")) if (line) take_record(JSON.parse(line));
    some = true;
  }
};

// The place of the lowest finite loss; -1: there is none.
const best_of = curve => {
  let best = -1;
  curve.loss.forEach((loss, i) => { if (Number.isFinite(loss) && !(loss >= curve.loss[best])) best = i; });
  return best;
};

// The exponential moving average, free of the bias of its beginning.
const smoothed = (losses, weight) => {
  if (weight === 0) return losses;
  let sum = 0, total = 0;
  return losses.map(loss => {
    if (!Number.isFinite(loss)) return NaN;
    sum = weight * sum + (1 - weight) * loss;
    total = weight * total + 1 - weight;
    return sum / total;
  });
};
