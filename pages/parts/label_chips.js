// Labels as chips: their keys, colours and states. A draft is what was said of an
// image and is not saved yet: a Map of label id to true, false or null (unknown).

// In the order of the left hand, then the rest. The other letters do something else
// in the labeler.
const CHIP_KEYS = [..."123456789", ..."qwertvbcyhnjmkiol"]
const MARKS = { yes: "✓", no: "–", unknown: "?", open: "" }
const PRESSED = { yes: "true", no: "false", unknown: "mixed", open: "mixed" }
const SPOKEN = { yes: "yes", no: "no", unknown: "unknown", open: "not answered" }
const COLOUR = /^#[0-9a-f]{6}$/i

function isExclusive(group) {
  return group.rule === "exactly-one" || group.rule === "at-most-one"
}

function shownValue(draft, saved, labelId) {
  return draft.has(labelId) ? draft.get(labelId) : saved[labelId]
}

function stateOf(value) {
  if (value === undefined) return "open"
  if (value === null) return "unknown"
  return value ? "yes" : "no"
}

// Label id to key. The project remembers which label has which; only a key that does
// something else in this browser (`reserved`) is none for a label here.
function keysOfLabels(groups, reserved = new Set()) {
  const labels = groups.flatMap((group) => group.labels).filter(({ key }) => key)
  const used = new Set(labels.map(({ key }) => key))
  const spare = CHIP_KEYS.filter((key) => !reserved.has(key) && !used.has(key))
  const keyFor = (key) => (reserved.has(key) ? spare.shift() : key)
  return new Map(labels.map(({ id, key }) => [id, keyFor(key)]).filter(([, key]) => key))
}

class ChipBoard {
  constructor(groups, onPick, reserved) {
    this.chips = new Map()
    this.groups = new Map()
    this.titles = new Map()
    this.labels = new Map()
    this.onPick = onPick
    this.keyOf = keysOfLabels(groups, reserved)
    this.keys = new Map([...this.keyOf].map(([labelId, key]) => [key, labelId]))
    this.node = make("div", { class: "chips" })
    for (const group of groups) this.node.append(this.makeGroup(group))
  }

  makeGroup(group) {
    const chips = make("div", { class: "chip-row" })
    for (const label of group.labels) chips.append(this.makeChip(group, label))
    const title = make("div", { class: "chip-title" }, group.name)
    title.title = group.description ?? ""
    const rule = isExclusive(group) ? "one of these" : "any of these"
    title.append(make("span", { class: "quiet" }, rule))
    this.titles.set(group, title)
    const name = `${group.name}, ${rule}`
    return make("div", { class: "chip-group", role: "group", "aria-label": name }, title, chips)
  }

  makeChip(group, label) {
    const key = this.keyOf.get(label.id)
    const mark = make("span", { class: "mark", "aria-hidden": "true" })
    const name = make("span", { class: "name" }, label.name)
    const hint = make("span", { class: "hint", "aria-hidden": "true" })
    const button = make("button", { type: "button", class: "chip" }, mark, name, hint)
    if (key) button.prepend(make("kbd", { "aria-hidden": "true" }, key.toUpperCase()))
    if (COLOUR.test(label.colour)) this.colourChip(button, label.colour)
    button.dataset.label = label.id
    button.title = label.description ? "" : label.name
    button.addEventListener("click", () => this.onPick(label.id))
    this.groups.set(label.id, group)
    this.labels.set(label.id, label)
    this.chips.set(label.id, { button, mark, hint, name: label.name, key })
    return button
  }

  colourChip(button, colour) {
    button.classList.add("coloured")
    button.style.setProperty("--label-colour", colour)
  }

  // `scores` are a model's probabilities: shown where nobody has answered yet.
  show(valueOf, isTouched, scores = {}) {
    for (const [labelId, chip] of this.chips) {
      const state = stateOf(valueOf(labelId))
      const hint = state === "open" && scores[labelId] >= 0.5 ? percentWords(scores[labelId]) : ""
      chip.button.classList.toggle("touched", isTouched(labelId))
      setText(chip.hint, hint)
      if (chip.state === state && chip.said === hint) continue
      chip.state = state
      chip.said = hint
      this.speak(chip)
    }
  }

  speak(chip) {
    const { button, state, said } = chip
    button.dataset.state = state
    button.setAttribute("aria-pressed", PRESSED[state])
    const key = chip.key ? `, key ${chip.key}` : ""
    const suggested = said ? `, suggested with ${said}` : ""
    button.setAttribute("aria-label", `${chip.name}: ${SPOKEN[state]}${suggested}${key}`)
    setText(chip.mark, MARKS[state])
  }

  // Points at the groups that still want an answer.
  mark(groups) {
    for (const [group, title] of this.titles) title.classList.toggle("unsaid", groups.includes(group))
  }

  get labelIds() {
    return [...this.chips.keys()]
  }

  focusedLabel() {
    const active = this.node.getRootNode().activeElement
    return active?.classList.contains("chip") ? Number(active.dataset.label) : null
  }
}

// 99.6 % is not certainty: never 100 %.
function percentWords(share) {
  return `${Math.min(99, Math.round(100 * share))} %`
}
