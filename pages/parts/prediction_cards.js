/* Cards of predictions. Names of labels and files are only ever textContent.
   Clicks go to Python as a growing log with numbers: a trigger would be lost
   when two clicks fall into one rerun. */
const memories = new WeakMap()

/* A number and its sign stay on one line. */
const bind = (text) => text.replace(/([\d]) %/g, "$1\u00a0%").replace(/([<>]) (\d)/g, "$1\u00a0$2")

const make = (tag, className = "", text = null) => {
  const node = document.createElement(tag)
  if (className) node.className = className
  if (text !== null) node.textContent = text
  return node
}

const icon = (name) => {
  const node = make("span", "icon", name)
  node.setAttribute("aria-hidden", "true")
  return node
}

const percent = (share) => {
  // A saturated sigmoid says 1 or 0, but no network is ever that sure.
  if (share >= 0.995) return "> 99 %"
  if (share < 0.005) return "< 1 %"
  return `${Math.round(share * 100)} %`
}

const bars = (rows) => {
  const list = make("ul", "bars")
  for (const [label, share, above] of rows) {
    const item = make("li", above ? "bar" : "bar below")
    const track = make("span", "track")
    const fill = make("span")
    fill.style.width = `${Math.max(1, share * 100)}%`
    track.append(fill)
    item.append(make("span", "label", label), make("span", "share", percent(share)), track)
    list.append(item)
  }
  return list
}

const reading = (card) => {
  const node = make("div", "reading")
  const name = make("h3", "name", card.name)
  name.title = card.name
  const above = card.shares.filter((row) => row[2])
  node.append(name)
  if (above.length) node.append(bars(above))
  else if (card.shares.length) node.append(make("p", "none", "No label reaches its threshold."))
  return node
}

/* What is worth knowing of a sure answer is said quietly. */
const warning = (card) => {
  const node = make("div", card.calm ? "warning calm" : "warning")
  node.setAttribute("role", "note")
  const text = make("div")
  for (const sentence of card.warnings) text.append(make("p", "", bind(sentence)))
  node.append(icon(card.calm ? "info" : "warning"), text)
  return node
}

const folded = (title, content) => {
  const node = make("details", "all")
  node.append(make("summary", "", title), content)
  return node
}

const more = (card) => {
  const node = make("div", "more")
  if (card.reasons.length) {
    const why = make("div", "truth")
    for (const reason of card.reasons) why.append(make("p", "", reason))
    node.append(folded("Why", why))
  }
  const figures = make("div")
  figures.append(bars(card.shares))
  for (const sentence of card.figures) figures.append(make("p", "quiet figure", bind(sentence)))
  node.append(folded("All probabilities", figures))
  if (card.truth) node.append(folded("Show the truth", make("p", "truth", card.truth)))
  return node
}

const button = (glyph, text, click, className = "") => {
  const node = make("button", className)
  node.type = "button"
  node.append(icon(glyph))
  if (text) node.append(make("span", "", text))
  node.onclick = click
  return node
}

/* A button whose answer draws the card anew: it says at once that it was heard. */
const once = (glyph, text, busy, click, className = "") => {
  const node = button(glyph, text, () => {
    node.disabled = true
    node.lastChild.textContent = busy
    click()
  }, className)
  return node
}

const savedActions = (send) => [
  once("undo", "Undo", "Undoing …", () => send("undo")),
  button("edit", "Correct it", () => send("correct")),
]

/* What is doubtful asks for a correction first, what is sure for saving. */
const openActions = (card, send) => {
  const save = ["check", "Save to the project", "Saving …", () => send("save")]
  const correct = ["edit", "Correct it", () => send("correct")]
  if (!card.can_save) return [button(...correct, "wide")]
  return card.doubtful
    ? [button(...correct, "wide first"), once(...save, "wide")]
    : [once(...save, "wide"), button(...correct, "wide")]
}

const actions = (card, send) => {
  const node = make("div", "actions")
  const picture = button("download", "", () => send("picture"))
  picture.title = "The picture with its labels drawn on it"
  picture.setAttribute("aria-label", picture.title)
  const alike = button("image_search", "", () => send("similar"))
  alike.title = "Similar in this project"
  alike.setAttribute("aria-label", alike.title)
  const why = button("center_focus_strong", "", () => send("why"))
  why.title = "Why it said so"
  why.setAttribute("aria-label", why.title)
  const small = make("span", "small")
  small.append(why, alike, picture)
  node.append(...(card.saved ? savedActions(send) : openActions(card, send)), small)
  return node
}

const render = (card, send) => {
  const node = make("article", card.saved ? "card saved" : "card")
  node.setAttribute("role", "listitem")
  node.dataset.n = card.n
  const picture = make("button", "picture")
  picture.type = "button"
  picture.setAttribute("aria-label", `Enlarge ${card.name}`)
  picture.onclick = () => send("picture")
  const image = make("img")
  image.src = card.url
  image.alt = ""
  image.loading = "lazy"
  picture.append(image)
  const top = make("div", "top")
  top.append(picture, reading(card))
  node.append(top)
  if (card.warnings.length) node.append(warning(card))
  if (card.alternatives) node.append(make("p", "alternatives", bind(card.alternatives)))
  if (card.confirmed) node.append(make("p", "alternatives", card.confirmed))
  if (card.left_out) node.append(make("p", "alternatives", card.left_out))
  if (card.missing) node.append(make("p", "quiet", card.missing))
  if (card.collect) {
    const text = `Put “${card.collect}” on the shopping list`
    node.append(once("add_shopping_cart", text, "Adding …", () => send("collect"), "collect"))
  }
  if (card.shares.length) node.append(more(card))
  if (card.note) node.append(make("p", card.failed ? "note failed" : "note", card.note))
  node.append(actions(card, send))
  return node
}

const sender = (memory, setStateValue, n) => (act) => {
  memory.last += 1
  memory.log = [...memory.log, [memory.last, act, n]]
  setStateValue("log", memory.log)
}

/* Only a card whose data changed is drawn again: open details stay open. */
const place = (memory, card, setStateValue) => {
  const text = JSON.stringify(card)
  const known = memory.cards.get(card.n)
  if (known && known.text === text) return known.node
  const node = render(card, sender(memory, setStateValue, card.n))
  if (known) {
    const open = [...known.node.querySelectorAll("details")].map((d) => d.open)
    node.querySelectorAll("details").forEach((d, i) => (d.open = Boolean(open[i])))
    if (known.node.contains(known.node.getRootNode().activeElement)) memory.focus = node
  }
  memory.cards.set(card.n, { text, node })
  return node
}

/* Nodes that stay are not moved: moving one would drop the keyboard's focus. */
const fill = (host, nodes) => {
  const old = [...host.children]
  const fresh = nodes.filter((node, i) => node !== old[i])
  if (nodes.length !== old.length || fresh.some((node) => old.includes(node))) {
    host.replaceChildren(...nodes)
    return
  }
  nodes.forEach((node, i) => node !== old[i] && old[i].replaceWith(node))
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const host = parentElement.querySelector(".cards")
  let memory = memories.get(parentElement)
  if (!memory || memory.batch !== data.batch) {
    memory = { batch: data.batch, cards: new Map(), log: [], last: 0, focus: null }
    memories.set(parentElement, memory)
  }
  memory.last = Math.max(memory.last, data.done)
  memory.log = memory.log.filter(([id]) => id > data.done)
  fill(host, data.cards.map((card) => place(memory, card, setStateValue)))
  memory.focus?.querySelector(".actions button")?.focus()
  memory.focus = null
  parentElement.querySelector(".announce").textContent = data.announce ?? ""
}
