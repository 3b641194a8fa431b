// One row a combination that was left out. Names are people's text: textContent only.
export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".left-out");
  const list = make("ul");
  for (const row of data.rows) list.append(buildRow(row));
  const parts = [list];
  if (data.has_plain) parts.push(buildKey());
  root.replaceChildren(...parts);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function buildRow(row) {
  const item = make("li");
  const names = make("div", "names", row.names.join(" + "));
  names.append(make("span", "quiet", row.images));
  item.append(names);
  if (row.reason || row.share === null) {
    item.append(make("div", "reason", row.reason || "not tried"));
    return item;
  }
  item.append(buildScale(row), make("div", "share", inWords(row)));
  return item;
}

function inWords(row) {
  const part = (share) => `${Math.round(share * 100)}`;
  return `${part(row.share)} in 100 (${part(row.low)}–${part(row.high)})`;
}

function buildScale(row) {
  const scale = make("div", "scale");
  const words = `${row.names.join(" + ")}: right ${inWords(row)}`;
  scale.setAttribute("role", "img");
  scale.setAttribute("aria-label", words);
  scale.title = row.plain === null ? words : `${words}; plain ${Math.round(row.plain * 100)}`;
  const bar = make("div", "bar");
  bar.style.width = `${row.share * 100}%`;
  const interval = make("div", "interval");
  interval.style.left = `${row.low * 100}%`;
  interval.style.width = `${Math.max(0.5, (row.high - row.low) * 100)}%`;
  scale.append(bar, interval);
  if (row.plain !== null) {
    const mark = make("div", "plain");
    mark.style.left = `${row.plain * 100}%`;
    scale.append(mark);
  }
  return scale;
}

function buildKey() {
  const key = make("div", "key");
  const own = make("span", "", "compositional, with its 95 % interval");
  own.prepend(make("i", "bar"));
  const plain = make("span", "", "plain");
  plain.prepend(make("i", "plain"));
  key.append(own, plain);
  return key;
}
