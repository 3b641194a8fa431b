// Label against label as a table of buttons. Names are people's text: textContent only.
const TIERS = { u: "unseen", r: "rare", t: "trace", h: "thin", f: "fine" };
// Beyond so many rows or columns a cell's colour is all there is room for.
const LARGE = 40;

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".map");
  const kept = rememberView(root);
  root.replaceChildren(...buildParts(data, setStateValue));
  restoreView(root, kept);
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
  if (!frame) return;
  frame.scrollTop = kept.top;
  frame.scrollLeft = kept.left;
  if (!kept.cell) return;
  const cell = root.querySelector(`[data-cell="${CSS.escape(kept.cell)}"]`);
  if (cell) cell.focus({ preventScroll: true });
}

function buildParts(data, setStateValue) {
  if (!data.rows.length || !data.columns.length) {
    return [make("p", "nothing", data.empty), buildSaving(data)];
  }
  const foot = make("div", "foot");
  foot.append(buildLegend(data), buildSaving(data));
  return [buildFrame(data, setStateValue), foot];
}

function buildFrame(data, setStateValue) {
  const frame = make("div", "frame");
  const table = make("table");
  table.setAttribute("role", "grid");
  table.setAttribute("aria-label", "How many pictures show two labels together");
  if (data.columns.length > 6) table.classList.add("tall");
  if (data.columns.length > LARGE || data.rows.length > LARGE) table.classList.add("bare");
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

function startsGroup(labels, place) {
  return place === 0 || labels[place].group !== labels[place - 1].group;
}

function buildHead(data) {
  const head = make("thead");
  const groups = make("tr", "groups");
  groups.append(make("th", "corner"));
  data.columns.forEach((label, place) => {
    if (!startsGroup(data.columns, place)) return;
    let span = 1;
    while (data.columns[place + span] && !startsGroup(data.columns, place + span)) span += 1;
    const cell = make("th", "starts", label.group);
    cell.colSpan = span;
    cell.title = label.group;
    groups.append(cell);
  });
  const names = make("tr", "names");
  names.append(make("th", "corner"));
  data.columns.forEach((label, place) => {
    names.append(heading(label, "col", startsGroup(data.columns, place) ? "starts" : ""));
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
  data.rows.forEach((label, row) => {
    const line = make("tr", startsGroup(data.rows, row) ? "first" : "");
    line.append(heading(label, "row", ""));
    data.columns.forEach((_, column) => {
      const cell = make("td", startsGroup(data.columns, column) ? "starts" : "");
      cell.append(buildCell(data, row, column));
      line.append(cell);
    });
    body.append(line);
  });
  return body;
}

function buildCell(data, row, column) {
  const kind = data.kinds[row][column];
  if (kind === "x") {
    const blank = make("span", "never");
    blank.setAttribute("aria-label", "one label of a group at a time");
    blank.title = "A picture has one label of this group at a time.";
    return blank;
  }
  const button = make("button", cellClass(kind));
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.cell = cellKey(data.rows[row], data.columns[column]);
  button.setAttribute("aria-pressed", String(button.dataset.cell === data.selected));
  const count = data.counts[row][column];
  button.append(make("span", "", kind === "i" ? "–" : shortCount(count)));
  if (TIER_BARS[kind]) button.append(bars(TIER_BARS[kind]));
  const words = describe(data, row, column);
  button.setAttribute("aria-label", words);
  button.title = words;
  return button;
}

function describe(data, row, column) {
  const [a, b] = [data.rows[row], data.columns[column]];
  const [kind, count] = [data.kinds[row][column], data.counts[row][column]];
  if (kind === "d") return `${a.name}: ${count.toLocaleString("en")} pictures in all`;
  const name = `${a.name} + ${b.name}`;
  if (kind === "i") return `${name}: marked as impossible`;
  if (kind === "r") return `${name}: no pictures, hardly any expected`;
  const expected = Math.round(data.expected[row][column]).toLocaleString("en");
  const images = count === 1 ? "1 picture" : `${count.toLocaleString("en")} pictures`;
  const tail = count === 0 ? `, about ${expected} if mixed evenly` : "";
  return `${name}: ${images}${tail} (${TIERS[kind]})`;
}

function pick(event, data, setStateValue) {
  const cell = event.target.closest("button");
  if (!cell) return;
  const same = cell.dataset.cell === data.selected;
  setStateValue("picked", { cell: same ? "" : cell.dataset.cell, at: Date.now() });
}

function cellClass(kind) {
  if (kind === "i") return "impossible";
  if (kind === "d") return "total";
  return TIERS[kind];
}

function cellKey(a, b) {
  return a.id === b.id ? `${a.id}` : `${Math.min(a.id, b.id)},${Math.max(a.id, b.id)}`;
}

function shortCount(count) {
  if (count < 10000) return count.toLocaleString("en");
  if (count < 1e6) return `${Math.round(count / 1000)}k`;
  return `${(count / 1e6).toFixed(1)}M`;
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
