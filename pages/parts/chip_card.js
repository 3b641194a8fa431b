// What a label means: its description, example pictures and what it implies, in a
// small card while the pointer rests on the chip or a finger stays on it.

const CARD_REST_MS = 450
const CARD_PRESS_MS = 500

class ChipCard {
  constructor(project, board) {
    this.project = project
    this.board = board
    this.node = make("div", { class: "chip-card", role: "tooltip", hidden: true })
    for (const [id, { button }] of board.chips) {
      if (this.hasWords(board.labels.get(id))) this.watch(button, board.labels.get(id))
    }
  }

  hasWords(label) {
    return Boolean(label.description || label.examples?.length || label.implies?.length)
  }

  watch(button, label) {
    button.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") this.openSoon(button, label, CARD_REST_MS)
    })
    button.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse") this.close()
      else this.openSoon(button, label, CARD_PRESS_MS)
    })
    button.addEventListener("contextmenu", (event) => event.preventDefault())
    for (const end of ["pointerleave", "pointerup", "pointercancel"]) {
      button.addEventListener(end, () => this.close())
    }
    // A long press was a question, no answer.
    button.addEventListener("click", (event) => this.wasOpen && event.stopImmediatePropagation(), true)
  }

  openSoon(button, label, wait) {
    this.wasOpen = false
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.open(button, label, wait === CARD_PRESS_MS), wait)
  }

  open(button, label, isPress) {
    this.wasOpen = isPress
    this.node.replaceChildren(...this.partsOf(label))
    this.node.hidden = false
    const room = this.node.offsetParent.getBoundingClientRect()
    const chip = button.getBoundingClientRect()
    const card = this.node.getBoundingClientRect()
    const left = Math.max(0, Math.min(chip.left - room.left, room.width - card.width))
    const isAbove = chip.bottom + card.height + 8 > innerHeight
    const top = isAbove ? chip.top - card.height - 8 : chip.bottom + 8
    this.node.style.left = `${left}px`
    this.node.style.top = `${top - room.top}px`
  }

  partsOf({ name, description, examples = [], implies = [] }) {
    const parts = [make("strong", {}, name)]
    if (description) parts.push(make("div", {}, description))
    const names = implies.map((id) => this.board.labels.get(id)?.name).filter(Boolean)
    if (names.length) parts.push(make("div", { class: "quiet" }, `Implies ${names.join(", ")}.`))
    const pictures = examples.slice(0, 4).map((image) => this.makeExample(image))
    if (pictures.length) parts.push(make("div", { class: "chip-examples" }, ...pictures))
    return parts
  }

  makeExample(image) {
    return make("img", { src: pictureUrl(this.project, image, "thumb"), alt: "Example" })
  }

  close() {
    clearTimeout(this.timer)
    this.node.hidden = true
  }
}
