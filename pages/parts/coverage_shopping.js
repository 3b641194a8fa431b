// The shopping list: one row a combination. Names are people's text: textContent only.
export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".list");
  const focused = rememberField(root);
  const send = (act) => setStateValue("act", { ...act, at: Date.now() });
  const list = make("ul");
  for (const item of data.items) list.append(buildItem(item, send));
  root.replaceChildren(list);
  restoreField(root, focused);
}

function make(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

// A rerun draws anew: what is being typed must stay.
function rememberField(root) {
  const active = root.getRootNode().activeElement;
  if (!active || !active.dataset || !active.dataset.id) return undefined;
  return { id: active.dataset.id, value: active.value, old: active.defaultValue };
}

function restoreField(root, kept) {
  const node = kept && root.querySelector(`[data-id="${CSS.escape(kept.id)}"]`);
  if (!node) return;
  if (kept.value !== undefined && kept.value !== kept.old) node.value = kept.value;
  node.focus({ preventScroll: true });
}

function buildItem(item, send) {
  const row = make("li", item.done ? "row done" : "row");
  row.append(buildCount(item), buildWords(item, send), buildAmount(item, send));
  return row;
}

function buildCount(item) {
  const count = make("span", "count", item.done ? "✓" : item.have.toLocaleString("en"));
  count.classList.toggle("missing", !item.done && item.have === 0);
  count.setAttribute("aria-hidden", "true");
  return count;
}

function buildWords(item, send) {
  const box = make("div", "words");
  const name = make("button", "names");
  name.type = "button";
  name.dataset.id = `show ${item.key}`;
  item.names.forEach((text, place) => {
    if (place) name.append(make("span", "plus", " + "));
    name.append(make("span", "", text));
  });
  name.onclick = () => send({ do: "show", key: item.key });
  box.append(name);
  if (item.reason) box.append(make("div", "reason", item.reason));
  if (item.expect) box.append(make("div", "reason", item.expect));
  return box;
}

function buildAmount(item, send) {
  const box = make("div", "amount");
  const line = make("div", "line");
  const have = make("span", "", `${item.have.toLocaleString("en")} of`);
  line.append(have, buildField(item, send));
  if (item.kept) line.append(buildDrop(item, send));
  box.append(line, buildTrack(item), make("div", "reason", item.progress));
  return box;
}

function buildField(item, send) {
  const field = make("input");
  field.type = "number";
  field.min = "1";
  field.max = "1000000";
  field.defaultValue = String(item.wanted);
  field.dataset.id = `target ${item.key}`;
  field.setAttribute("aria-label", `Pictures wanted of ${item.names.join(" + ")}`);
  field.title = "How many pictures you want in all";
  field.onchange = () => {
    const wanted = Math.round(Number(field.value));
    if (!(wanted >= 1)) {
      field.value = String(item.wanted);
      return;
    }
    field.defaultValue = field.value;
    if (wanted !== item.wanted) send({ do: "target", key: item.key, wanted });
  };
  return field;
}

function buildDrop(item, send) {
  const drop = make("button", "drop", "✕");
  drop.type = "button";
  drop.dataset.id = `drop ${item.key}`;
  drop.title = "Forget this number";
  drop.setAttribute("aria-label", `Forget the number for ${item.names.join(" + ")}`);
  drop.onclick = () => send({ do: "drop", key: item.key });
  return drop;
}

function buildTrack(item) {
  const track = make("div", "track");
  const fill = make("div", "fill");
  const share = Math.min(100, (item.have / item.wanted) * 100);
  fill.style.width = `${item.have ? Math.max(3, share) : 0}%`;
  track.append(fill);
  track.setAttribute("role", "progressbar");
  track.setAttribute("aria-label", item.names.join(" + "));
  track.setAttribute("aria-valuemin", "0");
  track.setAttribute("aria-valuemax", String(item.wanted));
  track.setAttribute("aria-valuenow", String(Math.min(item.have, item.wanted)));
  return track;
}
