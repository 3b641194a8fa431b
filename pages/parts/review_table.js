// A table of measures with bars; a click on a heading sorts. Text by textContent only.
const sortings = new WeakMap();
// Fewer rows are shown whole: a last row that is cut looks like the end.
const LONG_FROM = 25;

export default function (component) {
  const { data, parentElement } = component;
  const root = parentElement.querySelector(".measures");
  const frame = root.querySelector(".frame");
  const kept = frame ? [frame.scrollTop, frame.scrollLeft] : [0, 0];
  paint(root, data);
  const fresh = root.querySelector(".frame");
  [fresh.scrollTop, fresh.scrollLeft] = kept;
}

// Where columns are hidden at the right, a fading edge says so.
function watchEdge(root, frame) {
  const tell = () => {
    const left = frame.scrollWidth - frame.clientWidth - frame.scrollLeft;
    root.classList.toggle("more", left > 2);
  };
  frame.addEventListener("scroll", tell, { passive: true });
  const size = new ResizeObserver(() => {
    if (frame.isConnected) tell();
    else size.disconnect();
  });
  size.observe(frame);
}

function paint(root, data) {
  const sorting = sortings.get(root) || { column: -1, down: true };
  const frame = make("div", data.rows.length < LONG_FROM ? "frame" : "frame long");
  const table = make("table");
  table.setAttribute("aria-label", data.title);
  table.append(buildHead(root, data, sorting), buildBody(data, sorting));
  frame.append(table);
  root.replaceChildren(frame, make("p", "hint", "Swipe for more columns →"));
  watchEdge(root, frame);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function buildHead(root, data, sorting) {
  const head = make("thead");
  const row = make("tr");
  data.columns.forEach((column, place) => {
    const cell = make("th");
    cell.scope = "col";
    const active = sorting.column === place;
    if (active) cell.setAttribute("aria-sort", sorting.down ? "descending" : "ascending");
    const button = make("button", "", `${column.title} `);
    button.type = "button";
    button.title = column.help;
    const arrow = make("span", "arrow", active ? (sorting.down ? "↓" : "↑") : "");
    arrow.setAttribute("aria-hidden", "true");
    button.append(arrow);
    button.onclick = () => sortBy(root, data, place, active ? !sorting.down : place > 0);
    cell.append(button);
    row.append(cell);
  });
  head.append(row);
  return head;
}

function sortBy(root, data, column, down) {
  sortings.set(root, { column, down });
  paint(root, data);
  root.querySelectorAll("thead button")[column].focus();
}

function sorted(data, sorting) {
  if (sorting.column < 0) return data.rows;
  const value = (row) => row[sorting.column].value;
  const known = data.rows.filter((row) => value(row) !== null);
  const unknown = data.rows.filter((row) => value(row) === null);
  const order = (a, b) =>
    typeof a === "string" ? a.localeCompare(b) : a - b;
  known.sort((a, b) => order(value(a), value(b)) * (sorting.down ? -1 : 1));
  // what could not be measured stays at the end, whichever way one sorts
  return [...known, ...unknown];
}

function buildBody(data, sorting) {
  const body = make("tbody");
  for (const row of sorted(data, sorting)) {
    const line = make("tr");
    row.forEach((cell, place) => line.append(buildCell(cell, data.columns[place], place)));
    body.append(line);
  }
  return body;
}

function buildCell(cell, column, place) {
  const node = make(place ? "td" : "th", column.kind);
  if (!place) node.scope = "row";
  if (cell.shape) node.append(buildShape(cell));
  else if (column.kind === "mark") node.append(make("span", `pill ${cell.tone}`, cell.text));
  else if (cell.value === null) node.append(make("span", "note", cell.text));
  else if (column.kind === "bar") node.append(buildBar(cell));
  else node.textContent = cell.text;
  if (cell.help) node.title = cell.help;
  return node;
}

function buildBar(cell) {
  const box = make("div", "value");
  const track = make("div", "track");
  const fill = make("div", `fill ${cell.tone}`);
  fill.style.width = `${Math.max(0, Math.min(1, cell.value)) * 100}%`;
  track.append(fill);
  if (cell.low !== null) track.append(buildRange(cell));
  box.append(make("span", "", cell.text), track);
  return box;
}

// The likely range lies over the bar as a thin line.
function buildRange(cell) {
  const range = make("div", "range");
  range.style.left = `${cell.low * 100}%`;
  range.style.width = `${Math.max(cell.high - cell.low, 0.01) * 100}%`;
  return range;
}

const SVG = "http://www.w3.org/2000/svg";
const SHAPE_PX = [88, 26];

function draw(name, attributes) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

// Pictures with the label upwards, those without downwards, each by its own largest.
function buildShape(cell) {
  const [width, height] = SHAPE_PX;
  const picture = draw("svg", { width, height, class: "shape", role: "img" });
  picture.setAttribute("aria-label", cell.help);
  addBars(picture, cell.shape.with_label, "with", (tall) => height / 2 - tall);
  addBars(picture, cell.shape.without, "without", () => height / 2);
  if (cell.shape.threshold !== null) {
    const x = cell.shape.threshold * width;
    picture.append(draw("line", { x1: x, x2: x, y1: 0, y2: height, class: "limit" }));
  }
  return picture;
}

function addBars(picture, counts, className, top) {
  const [width, height] = SHAPE_PX;
  const step = width / counts.length;
  const most = Math.max(1, ...counts);
  counts.forEach((count, place) => {
    // by the root: a few stray pictures are what one wants to see
    const tall = (Math.sqrt(count / most) * height) / 2;
    const box = { x: place * step, y: top(tall), width: step - 0.5, height: tall };
    if (count) picture.append(draw("rect", { ...box, class: className }));
  });
}
