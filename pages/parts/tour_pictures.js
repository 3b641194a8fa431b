// What stands beside each step: the table with its holes, an answer with its
// warning, and the hole filled.

const COLOURS = ["black", "blue", "red"]
const GARMENTS = ["dress", "jeans", "shirt"]
const SHOWN = {
  "black jeans": 4,
  "blue dress": 3,
  "blue jeans": 1,
  "blue shirt": 1,
  "red dress": 5,
  "red shirt": 3,
}
const UNSEEN = { colour: "black", garment: "dress", number: 4 }
const COLLECTED = [6, 1, 8]

function drawn(colour, garment, number) {
  const src = `/drawn/${colour}/${garment}/${number}`
  return make("img", { src, alt: `a ${colour} ${garment}`, width: 96, height: 96 })
}

function gapCell(colour, garment) {
  const number = SHOWN[`${colour} ${garment}`]
  if (number !== undefined) return make("td", {}, drawn(colour, garment, number))
  const words = `no ${colour} ${garment}`
  return make("td", {}, make("span", { class: "hole", role: "img", "aria-label": words }, "0"))
}

function gapTable() {
  const head = GARMENTS.map((name) => make("th", { scope: "col" }, name))
  const rows = COLOURS.map((colour) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, colour),
      ...GARMENTS.map((garment) => gapCell(colour, garment)),
    ),
  )
  return make("table", {}, make("tr", {}, make("td"), ...head), ...rows)
}

function answerCard() {
  const { colour, garment, number } = UNSEEN
  const icon = make("span", { class: "icon", "aria-hidden": "true" }, "warning")
  const words = make("p", {}, "Perhaps black dress, which no training picture shows.")
  return make(
    "div",
    { class: "answer" },
    drawn(colour, garment, number),
    make("strong", {}, "blue dress?"),
    make("div", { class: "warning" }, icon, words),
  )
}

function collectedRow() {
  const pictures = COLLECTED.map((number) => drawn("black", "dress", number))
  const hole = make("span", { class: "hole" }, "0")
  const arrow = make("span", { class: "icon arrow", "aria-hidden": "true" }, "arrow_downward")
  const kept = make("div", { class: "pictures" }, ...pictures)
  return make("div", { class: "collect" }, hole, arrow, kept, make("strong", {}, "black dress"))
}

const PICTURES = { gap: gapTable, answer: answerCard, collect: collectedRow }
