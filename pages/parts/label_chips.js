// Labels as chips with their keys, and the rules of a draft: what was typed for an
// image and is not saved yet. A draft maps a label id to true, false or null
// (unknown); a label that is not in it was not touched.

// u and x have other meanings. Letters in the order of the left hand, then the rest.
const CHIP_KEYS = [..."123456789", ..."qwertasdfgcvbyhnijmkolpz"]
const MARKS = { yes: "✓", no: "–", unknown: "?", open: "" }
const PRESSED = { yes: "true", no: "false", unknown: "mixed", open: "mixed" }
const SPOKEN = { yes: "yes", no: "no", unknown: "unknown", open: "not answered" }

function isExclusive(group) {
  return group.rule === "exactly-one" || group.rule === "at-most-one"
}

function shownValue(draft, saved, labelId) {
  return draft.has(labelId) ? draft.get(labelId) : saved[labelId]
}

function toggleLabel(draft, saved, group, labelId) {
  const wasYes = shownValue(draft, saved, labelId) === true
  const touched = isExclusive(group) ? group.labels.map((l) => l.id) : [labelId]
  if (wasYes) return touched.forEach((id) => withdraw(draft, saved, id))
  touched.forEach((id) => draft.set(id, id === labelId))
}

// Taking back a yes: a saved yes has to become a no, anything else is untouched.
function withdraw(draft, saved, labelId) {
  if (saved[labelId] === true) draft.set(labelId, false)
  else draft.delete(labelId)
}

// A group of which one label must be yes, and nobody said which: neither a yes, nor
// "unknown", nor a deliberate no for every label.
function isUnsaid(draft, saved, group) {
  if (group.rule !== "exactly-one") return false
  const ids = group.labels.map((label) => label.id)
  const isUnknown = ids.some((id) => draft.get(id) === null)
  if (isUnknown || ids.some((id) => shownValue(draft, saved, id) === true)) return false
  return !ids.every((id) => draft.get(id) === false) && !ids.every((id) => saved[id] === false)
}

function stateOf(value) {
  if (value === undefined) return "open"
  if (value === null) return "unknown"
  return value ? "yes" : "no"
}

class ChipBoard {
  constructor(groups, onPick) {
    this.chips = new Map()
    this.groups = new Map()
    this.titles = new Map()
    this.keys = new Map()
    this.onPick = onPick
    this.node = make("div", { class: "chips" })
    for (const group of groups) this.node.append(this.makeGroup(group))
  }

  makeGroup(group) {
    const chips = make("div", { class: "chip-row" })
    for (const label of group.labels) chips.append(this.makeChip(group, label))
    const title = make("div", { class: "chip-title" }, group.name)
    const rule = isExclusive(group) ? "one of these" : "any of these"
    title.append(make("span", { class: "quiet" }, rule))
    this.titles.set(group, title)
    const name = `${group.name}, ${rule}`
    return make("div", { class: "chip-group", role: "group", "aria-label": name }, title, chips)
  }

  makeChip(group, label) {
    const key = CHIP_KEYS[this.chips.size]
    const mark = make("span", { class: "mark", "aria-hidden": "true" })
    const name = make("span", { class: "name" }, label.name)
    const button = make("button", { type: "button", class: "chip" }, mark, name)
    if (key) button.prepend(make("kbd", { "aria-hidden": "true" }, key.toUpperCase()))
    if (key) this.keys.set(key, label.id)
    button.dataset.label = label.id
    button.title = label.name
    button.addEventListener("click", () => this.onPick(label.id))
    this.groups.set(label.id, group)
    this.chips.set(label.id, { button, mark, name: label.name, key })
    return button
  }

  show(valueOf, isTouched) {
    for (const [labelId, chip] of this.chips) {
      const state = stateOf(valueOf(labelId))
      chip.button.classList.toggle("touched", isTouched(labelId))
      if (chip.state === state) continue
      chip.state = state
      chip.button.dataset.state = state
      chip.button.setAttribute("aria-pressed", PRESSED[state])
      const key = chip.key ? `, key ${chip.key}` : ""
      chip.button.setAttribute("aria-label", `${chip.name}: ${SPOKEN[state]}${key}`)
      setText(chip.mark, MARKS[state])
    }
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
