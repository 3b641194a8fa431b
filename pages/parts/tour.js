// The steps lie in one grid cell, so the tallest gives the height and nothing jumps.

function lastLabel(isCard) {
  return isCard ? "Got it" : "Close"
}

function makePanel(step, number, act) {
  const buttons = step.places.map(([place, words], at) =>
    make("button", { type: "button", class: at ? "" : "go", onclick: () => act(place) }, words),
  )
  return make(
    "section",
    { "aria-label": `Step ${number}` },
    make("div", { class: "picture" }, PICTURES[step.picture]()),
    make(
      "div",
      { class: "words" },
      make("h3", {}, `${number}. ${step.title}`),
      make("p", {}, step.text),
      make("div", { class: "places" }, ...buttons),
    ),
  )
}

class Tour {
  constructor(root) {
    this.root = root
    this.at = 0
    root.tabIndex = -1
    root.addEventListener("keydown", (event) => this.press(event))
  }

  setData(data, setTriggerValue) {
    this.act = (what) => setTriggerValue("act", what)
    const text = JSON.stringify(data)
    if (text === this.drawn) return
    this.drawn = text
    this.isCard = data.is_card
    this.panels = data.steps.map((step, at) =>
      makePanel(step, at + 1, (place) => this.act(place)),
    )
    const stage = make("div", { class: "stage" }, ...this.panels)
    this.root.replaceChildren(stage, this.makeFoot(), ...this.makeClose())
    this.show(Math.min(this.at, this.panels.length - 1))
    // A dialog has the keyboard; a card must not take it from the page.
    if (!this.isCard) this.next.focus({ preventScroll: true })
  }

  makeFoot() {
    this.back = make("button", { type: "button", onclick: () => this.show(this.at - 1) }, "Back")
    this.next = make("button", { type: "button", onclick: () => this.goOn() })
    this.count = make("span", { class: "count", role: "status" })
    return make("div", { class: "foot" }, this.back, this.count, this.next)
  }

  // Over a page the dialog's own cross closes it.
  makeClose() {
    if (!this.isCard) return []
    const icon = make("span", { class: "icon", "aria-hidden": "true" }, "close")
    const props = { type: "button", class: "close", "aria-label": "Do not show this again" }
    return [
      make(
        "button",
        { ...props, title: props["aria-label"], onclick: () => this.act("close") },
        icon,
      ),
    ]
  }

  show(at) {
    this.at = Math.max(0, Math.min(at, this.panels.length - 1))
    this.panels.forEach((panel, place) => {
      panel.inert = place !== this.at
      panel.classList.toggle("shown", place === this.at)
    })
    const isLast = this.at === this.panels.length - 1
    // Not disabled: that would drop the keyboard's focus to the page.
    this.back.setAttribute("aria-disabled", String(this.at === 0))
    setText(this.next, isLast ? lastLabel(this.isCard) : "Next")
    setText(this.count, `${this.at + 1} of ${this.panels.length}`)
  }

  goOn() {
    if (this.at === this.panels.length - 1) this.act("close")
    else this.show(this.at + 1)
  }

  press(event) {
    const turn = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!turn || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    this.show(this.at + turn)
  }
}

const TOURS = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".tour")
  if (!TOURS.has(root)) TOURS.set(root, new Tour(root))
  TOURS.get(root).setData(data, setTriggerValue)
}
