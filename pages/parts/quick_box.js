// A line to type into, over the labels: find a label by name, or go to a picture.

const QUICK_LINES = 6

class QuickBox {
  constructor(onClose) {
    this.onClose = onClose
    this.input = make("input", { type: "text", autocomplete: "off", spellcheck: "false" })
    this.list = make("div", { class: "quick-list", role: "listbox" })
    this.hint = make("div", { class: "quiet quick-hint", role: "status" })
    this.node = make("div", { class: "quick-box", hidden: true }, this.input, this.list, this.hint)
    this.input.addEventListener("input", () => this.draw(0))
    this.input.addEventListener("keydown", (event) => this.handleKey(event))
    this.input.addEventListener("blur", () => this.closeSoon())
  }

  // `find` returns what to offer for a text: [{name, note, pick}]; `enter` takes the
  // text itself when nothing is offered, and returns words when it cannot.
  // What `nothing` says of a text for which there is nothing replaces the hint.
  open({ title, hint, find, enter, nothing }) {
    Object.assign(this, { find, enter, nothing, usualHint: hint })
    this.input.placeholder = title
    this.input.setAttribute("aria-label", title)
    this.input.value = ""
    this.node.hidden = false
    this.draw(0)
    this.input.focus({ preventScroll: true })
  }

  // Opened again meanwhile, it stays: the blur was that of the time before.
  closeSoon() {
    setTimeout(() => this.input.matches(":focus") || this.close(false), 150)
  }

  close(takesFocus = true) {
    if (this.node.hidden) return
    this.node.hidden = true
    if (takesFocus) this.onClose()
  }

  draw(chosen) {
    const text = this.input.value.trim()
    this.offers = this.find(text).slice(0, QUICK_LINES)
    this.say(text && !this.offers.length ? this.nothing(text) : this.usualHint)
    this.chosen = this.offers.length ? (chosen + this.offers.length) % this.offers.length : 0
    this.list.replaceChildren(...this.offers.map((offer, place) => this.makeLine(offer, place)))
  }

  say(words) {
    setText(this.hint, words)
  }

  makeLine({ name, note }, place) {
    const parts = [make("span", { class: "name" }, name), make("span", { class: "quiet" }, note ?? "")]
    const line = make("div", { class: "quick-line", role: "option", "aria-selected": place === this.chosen }, ...parts)
    line.dataset.chosen = place === this.chosen
    line.addEventListener("pointerdown", (event) => {
      event.preventDefault()
      this.pick(place)
    })
    return line
  }

  pick(place) {
    this.close()
    this.offers[place].pick()
  }

  // Streamlit has keys of its own (r, c): what is typed here is nobody else's.
  handleKey(event) {
    event.stopPropagation()
    if (event.isComposing) return
    const act = {
      Escape: () => this.close(),
      Enter: () => this.submit(),
      ArrowDown: () => this.draw(this.chosen + 1),
      ArrowUp: () => this.draw(this.chosen - 1),
    }[event.key]
    if (!act) return
    event.preventDefault()
    act()
  }

  async submit() {
    if (this.offers.length) return this.pick(this.chosen)
    if (!this.enter) return
    const problem = await this.enter(this.input.value.trim())
    if (problem) setText(this.hint, problem)
    else this.close()
  }
}
