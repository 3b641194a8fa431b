// One picture of the grid, large, above everything; arrows go on, Space picks it.

class TilePreview {
  // `owner` has ids, feed, picks, describe(place), pickOne(place), closed(place), and
  // openImage(place) where that makes sense.
  constructor(owner) {
    this.owner = owner
    this.title = make("div", { class: "preview-title" })
    this.picture = make("img", { alt: "", draggable: "false" })
    this.words = make("div", { class: "preview-words" })
    this.pickButton = make("button", { type: "button", class: "button", onclick: () => this.pick() })
    this.node = make("dialog", { class: "preview", "aria-label": "Picture" }, this.makeHead(), this.makeStage(), this.words)
    this.node.addEventListener("keydown", (event) => this.handleKey(event))
    this.node.addEventListener("close", () => owner.closed(this.place))
    this.node.addEventListener("click", (event) => event.target === this.node && this.node.close())
  }

  makeHead() {
    const openButton = make("button", { type: "button", class: "button", onclick: () => this.openImage() }, "Label it")
    openButton.hidden = !this.owner.openImage
    const close = make("button", { type: "button", class: "button", onclick: () => this.node.close() }, "Close")
    return make("div", { class: "preview-head" }, this.title, this.pickButton, openButton, close)
  }

  makeStage() {
    const before = this.makeArrow("‹", "Previous picture", -1)
    const after = this.makeArrow("›", "Next picture", 1)
    return make("div", { class: "preview-stage" }, before, this.picture, after)
  }

  makeArrow(sign, name, step) {
    return make("button", { type: "button", class: "button icon", "aria-label": name, onclick: () => this.walk(step) }, sign)
  }

  get isOpen() {
    return this.node.open
  }

  open(place) {
    if (place >= this.owner.picks.ids.length) return
    this.place = place
    this.node.showModal()
    this.owner.feed.need(place, place + 1)
    this.draw()
  }

  draw() {
    if (!this.isOpen) return
    const { image, words, percent } = this.owner.describe(this.place)
    const total = this.owner.picks.ids.length
    const name = image?.name ?? ""
    setText(this.title, `${name} · ${formatNumber(this.place + 1)} of ${formatNumber(total)}`)
    setText(this.words, [words, percent, image?.reason].filter(Boolean).join(" · "))
    setText(this.pickButton, this.owner.picks.has(this.place) ? "✓ Picked" : "Pick")
    this.pickButton.setAttribute("aria-pressed", this.owner.picks.has(this.place))
    this.picture.hidden = !image
    if (image) this.showPicture(image)
  }

  showPicture(image) {
    const url = pictureUrl(this.owner.project, image, "large")
    if (this.url === url) return
    this.url = url
    this.picture.src = url
    const next = this.owner.describe(this.place + 1).image
    if (next) new Image().src = pictureUrl(this.owner.project, next, "large")
  }

  walk(step) {
    const last = this.owner.picks.ids.length - 1
    this.place = Math.max(0, Math.min(last, this.place + step))
    this.owner.feed.need(this.place, this.place + 1)
    this.draw()
  }

  pick() {
    this.owner.pickOne(this.place)
    this.draw()
  }

  openImage() {
    this.node.close()
    this.owner.openImage(this.place)
  }

  handleKey(event) {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key]
    const isButton = event.composedPath()[0].closest?.("button")
    event.stopPropagation()
    if (step) this.walk(step)
    else if (event.key === " ") this.pick()
    else if (event.key === "Enter" && !isButton) this.node.close()
    else return
    event.preventDefault()
  }
}
