// One row per combination. Names are people's text: textContent only.
export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".list");
  const focused = rememberFocus(root);
  const send = (action, key) => setStateValue("act", { do: action, key, at: Date.now() });
  const list = make("ul");
  const largest = Math.max(1, ...data.rows.map((row) => row.expected));
  for (const row of data.rows) list.append(buildRow(row, data, largest, send));
  root.replaceChildren(list);
  restoreFocus(root, focused);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function rememberFocus(root) {
  const active = root.getRootNode().activeElement;
  return active && active.dataset ? active.dataset.id : undefined;
}

function restoreFocus(root, id) {
  if (!id) return;
  const node = root.querySelector(`[data-id="${CSS.escape(id)}"]`);
  if (node) node.focus({ preventScroll: true });
}

function buildRow(row, data, largest, send) {
  const item = make("li", "row");
  const count = make("span", `count ${row.tier}`, row.shown);
  count.setAttribute("aria-hidden", "true");
  item.append(
    count,
    buildNames(row, send),
    buildExpected(row, largest),
    buildPictures(row),
    buildActions(row, data.actions, send),
  );
  return item;
}

function buildNames(row, send) {
  const button = make("button", "names");
  button.type = "button";
  button.dataset.id = `show ${row.key}`;
  row.names.forEach((name, place) => {
    if (place) button.append(make("span", "plus", " + "));
    button.append(make("span", "", name));
  });
  button.onclick = () => send("show", row.key);
  return button;
}

function buildExpected(row, largest) {
  const box = make("div", "expected", row.words);
  if (row.tier === "impossible") return box;
  const track = make("div", "track");
  const fill = make("div", row.count ? "fill have" : "fill");
  const share = row.count ? row.count / row.aim : row.expected / largest;
  fill.style.width = `${Math.max(2, Math.min(100, share * 100))}%`;
  track.append(fill);
  box.append(track);
  if (row.note) box.append(make("div", "", row.note));
  return box;
}

function buildPictures(row) {
  const box = make("div", "pictures");
  for (const picture of row.pictures) {
    const image = make("img");
    image.src = picture.url;
    image.alt = picture.caption;
    image.title = picture.caption;
    image.loading = "lazy";
    image.width = 44;
    image.height = 44;
    box.append(image);
  }
  return box;
}

function buildActions(row, actions, send) {
  const box = make("div", "actions");
  for (const action of actions) {
    const button = make("button", "", action.title);
    button.type = "button";
    button.dataset.id = `${action.do} ${row.key}`;
    button.setAttribute("aria-label", `${action.title}: ${row.names.join(" + ")}`);
    button.onclick = () => send(action.do, row.key);
    box.append(button);
  }
  return box;
}
