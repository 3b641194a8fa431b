// "/" goes to the text filter of the page. Streamlit draws its box when it gets to it,
// on a busy machine a second later: until the box has the keyboard, what is typed waits
// here for it, so that a digit of a file name never answers a picture.

const BOX_WAIT_MS = 3_000
const BOX_LOOK_MS = 25
// The page may be drawn anew while the box opens, and take the focus along.
const BOX_SETTLED_MS = 250
const BOX_CLICK_AGAIN_MS = 400

function focusTextFilter(root) {
  if (!document.querySelector(".st-key-label_more button")) return
  new TextFilterVisit(root)
}

class TextFilterVisit {
  constructor(root) {
    this.root = root
    this.waiting = []
    this.startedAt = performance.now()
    this.onKey = (event) => this.takeKey(event)
    // Before the labeler and before Streamlit, which listen at the document.
    window.addEventListener("keydown", this.onKey, true)
    this.timer = setInterval(() => this.look(), BOX_LOOK_MS)
    this.look()
  }

  get box() {
    return document.querySelector(".st-key-label_text input")
  }

  get hasKeyboard() {
    return this.box !== null && document.activeElement === this.box
  }

  look() {
    const now = performance.now()
    if (this.hasKeyboard) return this.settle(now)
    this.settledAt = null
    if (this.isSettled) return this.box || this.end()
    if (now - this.startedAt > BOX_WAIT_MS) return this.leave()
    if (this.box) this.enterBox()
    else this.openFilter(now)
  }

  openFilter(now) {
    const button = document.querySelector(".st-key-label_more button")
    if (button?.getAttribute("aria-expanded") === "true" || now - this.clickedAt < BOX_CLICK_AGAIN_MS) return
    this.clickedAt = now
    button?.click()
  }

  enterBox() {
    this.box.focus()
    if (!this.hasEntered) this.box.select()
    this.hasEntered = true
    for (const key of this.waiting.splice(0)) typeInto(this.box, key)
  }

  settle(now) {
    this.settledAt ??= now
    if (now - this.settledAt > BOX_SETTLED_MS) this.isSettled = true
  }

  takeKey(event) {
    if (event.key === "Escape") return this.takeEscape(event)
    const isOurs = !this.isSettled && !this.hasKeyboard
    if (!isOurs || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.waiting.push(event.key)
    this.look()
  }

  // An open list of choices inside the filter has the first Escape.
  takeEscape(event) {
    const active = document.activeElement
    if (this.isSettled && active?.getAttribute("aria-expanded") === "true") return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.leave()
  }

  leave() {
    document.activeElement?.blur() // Streamlit takes over a text when its box is left
    const button = document.querySelector(".st-key-label_more button")
    if (button?.getAttribute("aria-expanded") === "true") button.click()
    this.end()
    this.root.focus({ preventScroll: true })
  }

  end() {
    clearInterval(this.timer)
    window.removeEventListener("keydown", this.onKey, true)
  }
}

// A script cannot press keys: it changes the text as the key would, and says so.
function typeInto(box, key) {
  const { selectionStart: start, selectionEnd: end } = box
  if (key === "Enter") return pressEnter(box)
  if (key === "Backspace") box.setRangeText("", start === end ? Math.max(0, start - 1) : start, end, "end")
  else if (key.length === 1) box.setRangeText(key, start, end, "end")
  else return
  box.dispatchEvent(new Event("input", { bubbles: true }))
}

function pressEnter(box) {
  const enter = { key: "Enter", code: "Enter", keyCode: 13, charCode: 13, bubbles: true, cancelable: true }
  for (const type of ["keydown", "keypress", "keyup"]) box.dispatchEvent(new KeyboardEvent(type, enter))
}
