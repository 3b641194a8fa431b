// Label against label as a table of buttons. Names are people's text: textContent only.
const TIERS = { u: "unseen", r: "rare", t: "trace", h: "thin", f: "fine" };
const BARS = { t: 1, h: 2, f: 3 };

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".map");
  const kept = rememberView(root);
  root.replaceChildren(buildFrame(data, setStateValue), buildLegend(data));
  restoreView(root, kept);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// A rerun paints anew; the place a person scrolled to and the focus must stay.
function rememberView(root) {
  const frame = root.querySelector(".frame");
  const active = root.getRootNode().activeElement;
  return {
    top: frame ? frame.scrollTop : 0,
    left: frame ? frame.scrollLeft : 0,
    cell: active && active.dataset ? active.dataset.cell : undefined,
  };
}

function restoreView(root, kept) {
  const frame = root.querySelector(".frame");
  frame.scrollTop = kept.top;
  frame.scrollLeft = kept.left;
  if (!kept.cell) return;
  const cell = root.querySelector(`[data-cell="${CSS.escape(kept.cell)}"]`);
  if (cell) cell.focus({ preventScroll: true });
}

function buildFrame(data, setStateValue) {
  const frame = make("div", "frame");
  const table = make("table");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", "How many pictures show two labels together");
  if (data.columns.length > 6) table.classList.add("tall");
  if (data.columns.length > 12) table.classList.add("dense");
  table.append(buildHead(data), buildBody(data));
  table.onclick = (event) => pick(event, data, setStateValue);
  table.onkeydown = (event) => moveFocus(event, table);
  const first = table.querySelector("button[aria-pressed=true]") ||
    table.querySelector("button");
  if (first) first.tabIndex = 0;
  frame.append(table);
  return frame;
}

function pick(event, data, setStateValue) {
  const cell = event.target.closest("button");
  if (!cell) return;
  const same = cell.dataset.cell === data.selected;
  setStateValue("picked", { cell: same ? "" : cell.dataset.cell, at: Date.now() });
}

function startsGroup(labels, indexes, position) {
  if (position === 0) return true;
  return labels[indexes[position]].group !== labels[indexes[position - 1]].group;
}

function buildHead(data) {
  const head = make("thead");
  const groups = make("tr", "groups");
  groups.append(make("th", "corner"));
  let position = 0;
  while (position < data.columns.length) {
    const name = data.labels[data.columns[position]].group;
    let span = 1;
    while (
      position + span < data.columns.length &&
      data.labels[data.columns[position + span]].group === name
    ) span += 1;
    const cell = make("th", "starts", name);
    cell.colSpan = span;
    cell.title = name;
    groups.append(cell);
    position += span;
  }
  const names = make("tr", "names");
  names.append(make("th", "corner"));
  data.columns.forEach((index, place) => {
    const starts = startsGroup(data.labels, data.columns, place);
    names.append(heading(data.labels[index], "col", starts ? "starts" : ""));
  });
  head.append(groups, names);
  return head;
}

function heading(label, scope, className) {
  const cell = make("th", className);
  cell.scope = scope;
  const name = make("span", "name", label.name);
  name.title = label.group ? `${label.name} (${label.group})` : label.name;
  cell.append(name);
  return cell;
}

function buildBody(data) {
  const body = make("tbody");
  data.rows.forEach((row, rowPlace) => {
    const first = startsGroup(data.labels, data.rows, rowPlace);
    const line = make("tr", first ? "first" : "");
    line.append(heading(data.labels[row], "row", ""));
    data.columns.forEach((column, columnPlace) => {
      const starts = startsGroup(data.labels, data.columns, columnPlace);
      const cell = make("td", starts ? "starts" : "");
      cell.append(buildCell(data, row, column));
      line.append(cell);
    });
    body.append(line);
  });
  return body;
}

function buildCell(data, row, column) {
  const kind = data.kinds[row][column];
  const count = data.counts[row][column];
  if (kind === "x") {
    const blank = make("span", "never");
    blank.setAttribute("aria-label", "one label of a group at a time");
    blank.title = "A picture has one label of this group at a time.";
    return blank;
  }
  const button = make("button", cellClass(kind));
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.cell = cellKey(data.labels[row], data.labels[column]);
  button.setAttribute("aria-pressed", String(button.dataset.cell === data.selected));
  button.append(make("span", "", kind === "i" ? "–" : shortCount(count)));
  if (BARS[kind]) button.append(bars(BARS[kind]));
  const words = describe(data, row, column, kind, count);
  button.setAttribute("aria-label", words);
  button.title = words;
  return button;
}

function cellClass(kind) {
  if (kind === "i") return "impossible";
  if (kind === "d") return "total";
  return TIERS[kind];
}

function describe(data, row, column, kind, count) {
  const [a, b] = [data.labels[row], data.labels[column]];
  if (kind === "d") return `${a.name}: ${count.toLocaleString("en")} pictures in all`;
  const name = `${a.name} + ${b.name}`;
  if (kind === "i") return `${name}: marked as impossible`;
  if (kind === "r") return `${name}: no pictures, hardly any expected`;
  const expected = Math.round(expectedImages(data, a, b));
  const images = count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`;
  const tail = count === 0 ? `, about ${expected.toLocaleString("en")} if mixed evenly` : "";
  return `${name}: ${images}${tail} (${TIERS[kind]})`;
}

function expectedImages(data, a, b) {
  const known = data.expected[cellKey(a, b)];
  if (known !== undefined) return known;
  return data.total ? (a.total * b.total) / data.total : 0;
}

function cellKey(a, b) {
  return a.id === b.id ? `${a.id}` : `${Math.min(a.id, b.id)},${Math.max(a.id, b.id)}`;
}

function shortCount(count) {
  if (count < 10000) return count.toLocaleString("en");
  if (count < 1e6) return `${Math.round(count / 1000)}k`;
  return `${(count / 1e6).toFixed(1)}M`;
}

function bars(filled) {
  const row = make("span", "bars");
  row.setAttribute("aria-hidden", "true");
  for (let i = 0; i < 3; i += 1) row.append(make("i", i < filled ? "on" : ""));
  return row;
}

// One stop in the tab order; arrows walk the cells and jump over grey ones.
function moveFocus(event, table) {
  const step = {
    ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0],
  }[event.key];
  const from = event.target.closest("td");
  if (!step || !from) return;
  event.preventDefault();
  const rows = [...table.tBodies[0].rows];
  let [y, x] = [rows.indexOf(from.parentElement), from.cellIndex];
  while (true) {
    y += step[0];
    x += step[1];
    const cell = rows[y] && x > 0 ? rows[y].cells[x] : undefined;
    if (!cell) return;
    const button = cell.querySelector("button");
    if (!button) continue;
    event.target.closest("button").tabIndex = -1;
    button.tabIndex = 0;
    button.focus();
    return;
  }
}

function buildLegend(data) {
  const list = make("ul", "legend");
  const entries = [
    ["unseen", "0", 0, "unseen"],
    ["trace", "", 1, "1–4, a trace"],
    ["thin", "", 2, `5–${data.thin_below - 1}, thin`],
    ["fine", "", 3, `${data.thin_below} or more, fine`],
  ];
  const used = (kind) =>
    data.rows.some((row) => data.columns.some((column) => data.kinds[row][column] === kind));
  if (used("r")) entries.push(["rare", "0", 0, "0, hardly any expected"]);
  if (used("x")) entries.push(["never", "", 0, "one of a group at a time"]);
  if (used("i")) entries.push(["impossible", "–", 0, "marked impossible"]);
  for (const [className, text, filled, words] of entries) {
    const item = make("li");
    const swatch = make("span", `swatch ${className}`, text);
    swatch.setAttribute("aria-hidden", "true");
    if (filled) swatch.append(bars(filled));
    item.append(swatch, make("span", "", words));
    list.append(item);
  }
  return list;
}
