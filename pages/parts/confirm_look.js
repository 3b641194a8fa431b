// What the desk of suggestions looks like: what to confirm on the left, its pictures
// on the right, the one big button below them.

class ConfirmView {
  constructor(root, desk) {
    this.progress = new ProgressLine()
    this.canvas = new TileCanvas(desk, "Suggested pictures")
    this.preview = new TilePreview(desk)
    this.drag = new DragSelect(this.canvas, desk.picks, () => desk.show())
    this.canvas.listen((place, isRange) => desk.pick(place, isRange), (place) => this.preview.open(place))
    this.buttons = new Map()
    this.list = make("nav", { class: "choices", "aria-label": "What to confirm" })
    this.menu = make("select", { class: "order choices-menu", "aria-label": "What to confirm" })
    this.menu.addEventListener("change", () => desk.choose(this.menu.value))
    this.empty = make("div", { class: "message", hidden: true })
    const field = make("section", { class: "field" }, this.makeHead(desk), this.canvas.node, this.empty, this.makeFoot(desk))
    this.refusal = make("div", { class: "refusal", role: "alert", hidden: true })
    const room = make("div", { class: "confirm-desk" }, this.list, this.menu, field)
    root.replaceChildren(this.progress.node, this.refusal, room, this.preview.node)
  }

  makeHead(desk) {
    this.title = make("strong", { class: "confirm-title" })
    this.count = make("span", { class: "quiet count", role: "status" })
    this.floor = make("input", { type: "range", class: "size", min: 0, max: 100, value: 0, "aria-label": "Tick from" })
    this.floor.addEventListener("input", () => desk.setFloor(Number(this.floor.value) / 100))
    this.floorWords = make("span", { class: "floor-words" })
    const floor = make("label", { class: "floor" }, this.floorWords, this.floor)
    const size = make("label", { class: "floor" }, make("span", {}, "Size"), makeSizeSlider(this.canvas))
    const looks = make("span", { class: "bar-looks" }, floor, size)
    return make("div", { class: "grid-bar" }, this.title, this.count, looks)
  }

  makeFoot(desk) {
    this.confirmButton = gridButton("Confirm", "primary", () => desk.confirm())
    this.no = make("input", { type: "checkbox", id: "say-no" })
    this.no.addEventListener("change", () => {
      desk.saysNo = this.no.checked
      desk.show()
    })
    this.noWords = make("span", {})
    this.noLine = make("label", { class: "rest", for: "say-no" }, this.no, this.noWords)
    this.all = gridButton("Tick all", "", () => desk.pickAll(true))
    this.none = gridButton("Untick all", "", () => desk.pickAll(false))
    this.skipButton = gridButton("Skip these", "", () => desk.skip())
    const undo = gridButton("Undo", "", () => desk.undo())
    const redo = gridButton("Redo", "", () => desk.redo())
    const actions = make("div", { class: "actions" }, this.all, this.none, this.skipButton, undo, redo)
    this.note = make("div", { class: "note quiet", role: "status" }, CONFIRM_HINT)
    return make("div", { class: "confirm-foot" }, this.noLine, this.confirmButton, actions, this.note)
  }

  showChoices({ choices, choice }) {
    this.buttons.clear()
    const titles = [...new Set(choices.map(({ title }) => title))]
    this.list.replaceChildren(...titles.map((title) => this.makePart(title, choices)))
    this.menu.replaceChildren(...[...this.buttons.values()].map(({ option }) => option))
    for (const one of choices) this.setCount(one, one.count)
    if (choice) this.menu.value = choice.key
  }

  makePart(title, choices) {
    const part = make("div", { class: "choice-part" }, make("div", { class: "chip-title" }, title))
    for (const choice of choices.filter((one) => one.title === title)) part.append(this.makeChoice(choice))
    return part
  }

  makeChoice({ key, name, colour }) {
    const count = make("span", { class: "quiet choice-count" })
    const dot = make("span", { class: "dot", "aria-hidden": "true" })
    if (colour) dot.style.setProperty("--tag", colour)
    const button = make("button", { type: "button", class: "choice", title: name }, dot, make("span", { class: "name" }, name), count)
    button.addEventListener("click", () => {
      this.menu.value = key
      this.menu.dispatchEvent(new Event("change"))
    })
    const option = make("option", { value: key }, name)
    this.buttons.set(key, { button, count, option, name })
    return button
  }

  setCount({ key }, count) {
    const choice = this.buttons.get(key)
    if (!choice) return
    setText(choice.count, formatNumber(count))
    setText(choice.option, `${choice.name} · ${formatNumber(count)}`)
  }

  show(desk) {
    const { choice, loaded, picks, total } = desk
    for (const [key, { button }] of this.buttons) button.setAttribute("aria-current", key === choice?.key)
    if (choice) this.menu.value = choice.key
    const [count, shown] = [picks.count, picks.ids.length]
    setText(this.title, choice?.name ?? "")
    setText(this.count, loaded && shown ? `${formatNumber(shown)} of ${formatNumber(total)} suggested` : "")
    setText(this.confirmButton, count ? `Confirm ${formatNumber(count)}` : "Confirm")
    setText(this.floorWords, `Tick from ${Math.round(100 * desk.floor)} %`)
    this.showNo(desk)
    this.confirmButton.disabled = !loaded || (!count && !(desk.canSayNo && desk.saysNo && desk.unticked.length))
    for (const button of [this.all, this.none, this.skipButton]) button.disabled = !loaded || !shown
    this.showEmpty(desk)
  }

  showNo(desk) {
    this.noLine.classList.toggle("off", !desk.canSayNo)
    this.no.disabled = !desk.canSayNo
    const count = desk.loaded && desk.canSayNo ? desk.unticked.length : 0
    const some = count ? `the ${formatNumber(count)} unticked` : "those I untick"
    setText(this.noWords, desk.canSayNo ? `Answer no for ${some}` : "Unticked ones stay open: which label is wrong?")
  }

  showEmpty(desk) {
    const isEmpty = desk.loaded && !desk.picks.ids.length
    this.canvas.node.hidden = isEmpty
    this.empty.hidden = !isEmpty
    if (!isEmpty) return
    const left = desk.total
    const again = gridButton("Start again", "", () => desk.startAgain())
    const words = left ? `${plural(left, "picture")} left unticked or skipped.` : "Choose something else to confirm."
    const title = make("strong", {}, left ? "You have seen them all." : `Nothing more is suggested for ${desk.choice.name}.`)
    this.empty.replaceChildren(title, words, ...(left ? [again] : []))
  }

  say(text) {
    setText(this.note, text)
  }

  refuse(sentence) {
    const close = gridButton("Dismiss", "", () => (this.refusal.hidden = true))
    this.refusal.replaceChildren(make("span", {}, `Not saved. ${sentence}`), close)
    this.refusal.hidden = false
  }
}

const CONFIRM_HINT = "Click or draw a frame to untick the wrong ones, then press Enter. Double click shows one large."
