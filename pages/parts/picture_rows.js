// Pictures one under the other: what was said of each, and thumbs where asked for.
// Names and labels are only ever textContent. Clicks go to Python as a growing log
// with numbers, so that none is lost when two fall into one rerun.
const rowMemories = new WeakMap()

function makeIcon(name) {
  return make("span", { class: "icon", "aria-hidden": "true" }, name)
}

function makeThumb(row, act, name, words, send) {
  const props = { type: "button", title: words, "aria-label": `${words}: ${row.title}` }
  const pressed = String(row.thumb === act)
  const onclick = () => send(act, row.id)
  return make("button", { ...props, "aria-pressed": pressed, onclick }, makeIcon(name))
}

function makeThumbs(row, send) {
  const right = makeThumb(row, "right", "thumb_up", "Right", send)
  return make("div", { class: "thumbs" }, right, makeThumb(row, "wrong", "thumb_down", "Wrong", send))
}

function makeSaid([label, share, differs]) {
  const line = make("p", { class: differs ? "said differs" : "said" })
  line.append(make("span", {}, label), make("span", {}, share))
  return line
}

function makeColumn(column) {
  const node = make("div", {}, make("p", { class: "quiet" }, column.head))
  node.append(...column.said.map(makeSaid))
  if (column.note) node.append(make("p", { class: "careful" }, column.note))
  return node
}

function makePicture(row) {
  if (!row.url) {
    return make("div", { class: "gone", title: row.gone }, makeIcon("hide_image"))
  }
  return make("img", { src: row.url, alt: row.title, loading: "lazy" })
}

function makeRow(row, send) {
  const words = make("div", {}, make("p", { class: "title" }, row.title))
  words.append(...row.lines.map((line) => make("p", { class: "quiet" }, line)))
  if (row.careful) words.append(make("p", { class: "careful" }, row.careful))
  const node = make("li", { class: row.columns.length ? "row wide" : "row" })
  node.append(makePicture(row), words)
  if (row.columns.length) {
    const columns = make("div", { class: "columns" }, ...row.columns.map(makeColumn))
    columns.style.setProperty("--columns", row.columns.length)
    node.append(columns)
  }
  if (row.thumb !== null) node.append(makeThumbs(row, send))
  return node
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const list = parentElement.querySelector(".rows")
  const memory = rowMemories.get(parentElement) ?? { log: [], last: 0, nodes: new Map() }
  rowMemories.set(parentElement, memory)
  memory.last = Math.max(memory.last, data.done)
  memory.log = memory.log.filter(([id]) => id > data.done)
  const send = (act, id) => {
    memory.last += 1
    memory.log = [...memory.log, [memory.last, act, id]]
    setStateValue("log", memory.log)
  }
  const focused = list.getRootNode().activeElement?.getAttribute("aria-label")
  const text = JSON.stringify(data.rows)
  if (memory.text === text) return
  memory.text = text
  list.replaceChildren(...data.rows.map((row) => makeRow(row, send)))
  if (focused) list.querySelector(`[aria-label="${CSS.escape(focused)}"]`)?.focus()
}
