// A list that is put in order by dragging its handles (mouse and touch) or with the
// arrows. Names are people's text: textContent only.

const COLOUR_OF_DOT = /^#[0-9a-f]{6}$/

function makeOrderRow(item, list) {
  const dot = make("span", { class: "dot", "aria-hidden": "true" })
  if (COLOUR_OF_DOT.test(item.colour)) dot.style.background = item.colour
  const row = make(
    "li",
    { "data-id": item.id },
    make("span", { class: "handle", title: "Drag", "aria-hidden": "true", onpointerdown: (event) => startDrag(event, list) }, "⠿"),
    dot,
    make("span", { class: "name" }, item.name),
    makeArrow("↑", "up", item, list),
    makeArrow("↓", "down", item, list)
  )
  return row
}

function makeArrow(sign, way, item, list) {
  const props = { type: "button", "aria-label": `Move ${item.name} ${way}`, onclick: (event) => moveRow(event, way, list) }
  return make("button", props, sign)
}

function moveRow(event, way, list) {
  const button = event.currentTarget
  const row = button.closest("li")
  const other = way === "up" ? row.previousElementSibling : row.nextElementSibling
  if (!other) return
  if (way === "up") other.before(row)
  else other.after(row)
  button.focus({ preventScroll: true })
  list.report()
}

function startDrag(event, list) {
  const handle = event.currentTarget
  const row = handle.closest("li")
  event.preventDefault()
  handle.setPointerCapture(event.pointerId)
  row.classList.add("dragged")
  handle.onpointermove = (move) => placeRow(row, move.clientY)
  handle.onpointerup = handle.onpointercancel = () => {
    handle.onpointermove = handle.onpointerup = handle.onpointercancel = null
    row.classList.remove("dragged")
    list.report()
  }
}

// The others step aside: a row taken out of the page would lose the pointer.
function placeRow(row, y) {
  const middleOf = (other) => {
    const { top, height } = other.getBoundingClientRect()
    return top + height / 2
  }
  while (row.previousElementSibling && y < middleOf(row.previousElementSibling)) {
    row.after(row.previousElementSibling)
  }
  while (row.nextElementSibling && y > middleOf(row.nextElementSibling)) {
    row.before(row.nextElementSibling)
  }
}

export default function ({ data, parentElement, setStateValue }) {
  const node = parentElement.querySelector(".order")
  const signature = JSON.stringify(data.items)
  const report = () => {
    const ids = [...node.children].map((row) => Number(row.dataset.id))
    setStateValue("order", { ids })
  }
  // A rerun must not undo what was dragged since.
  if (node.dataset.signature === signature) return
  node.dataset.signature = signature
  node.replaceChildren(...data.items.map((item) => makeOrderRow(item, { report })))
}
