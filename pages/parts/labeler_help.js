// The card with all keys. Each key is a button: press it, then the new key. Keys of
// labels are saved with the labels, for everybody; those of actions in this browser.

const ONE_HAND = [
  "Left hand: 1–5 and Q W E R T for labels, Space saves and goes on, A S D F X Z for the rest, Ctrl Z takes back.",
  "Mouse or finger: the labels and buttons; swipe for the next picture, pinch or wheel to zoom, double-tap for 100 %.",
]

class KeysCard {
  constructor(labeler) {
    this.labeler = labeler
    this.waiting = null
    this.hint = make("div", { class: "keys-hint", role: "status" })
    this.list = make("div", { class: "keys-lists" })
    const close = textButton("Close", "", () => this.toggle(false), "Esc")
    close.autofocus = true
    const normal = textButton("Usual keys", "quiet-button", () => this.forget())
    const words = ONE_HAND.map((line) => make("p", { class: "quiet" }, line))
    const foot = make("div", { class: "keys-foot" }, normal, close)
    const parts = [make("strong", {}, "Keys"), this.hint, this.list, ...words, foot]
    const card = make("div", { class: "keys-card" }, ...parts)
    this.node = make("dialog", { class: "keys-room", "aria-label": "Keys" }, card)
    this.node.addEventListener("click", (event) => event.target === this.node && this.toggle(false))
  }

  get isOpen() {
    return this.node.open
  }

  toggle(isOpen = !this.node.open) {
    this.waiting = null
    if (isOpen === this.node.open) return
    if (!isOpen) return this.node.close()
    this.draw("Press a key here to change it. Keys of labels change for everybody.")
    this.node.showModal()
  }

  draw(hint) {
    const { board } = this.labeler
    setText(this.hint, hint)
    const labels = [...board.labels.values()].map((label) => this.makeLine(label.name, board.keyOf.get(label.id), { label }))
    const actions = LABELER_ACTIONS.map((action) => this.makeLine(action.title, this.labeler.keyMap.keysOf(action)[0], { action }))
    this.list.replaceChildren(make("div", { class: "keys-list" }, ...labels.flat()), make("div", { class: "keys-list" }, ...actions.flat()))
  }

  makeLine(words, key, target) {
    const sign = key ? shownKey(key) : "…"
    const button = make("button", { type: "button", class: "key", "aria-label": `Key of ${words}: ${sign}` }, sign)
    button.disabled = Boolean(target.action?.isFixed)
    button.addEventListener("click", () => this.await(button, target))
    return [button, make("span", {}, words)]
  }

  await(button, target) {
    for (const key of this.list.querySelectorAll(".awaits")) key.classList.remove("awaits")
    button.classList.add("awaits")
    this.waiting = target
    setText(this.hint, target.label ? "Now press its new key; Delete gives the usual one back." : "Now press its new key.")
  }

  // While the card is open no key answers anything.
  takeKey(event, name) {
    const isFixed = KEYS_NOT_FREE.has(name) && name !== "Escape"
    if (isFixed || (!this.waiting && (name === "Enter" || name === " "))) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (name === "Escape" || (!this.waiting && name === "?")) return this.toggle(false)
    if (!this.waiting || event.repeat) return
    this.give(this.waiting, name)
  }

  give(target, name) {
    const isBack = target.label && (name === "Delete" || name === "Backspace")
    const problem = isBack ? "" : this.problemOf(target, name)
    if (problem) return setText(this.hint, problem)
    this.waiting = null
    if (target.label) return this.saveHotkey(target.label, isBack ? "" : name)
    this.labeler.keyMap.give(target.action.id, name)
    this.showAgain(`${shownKey(name)}: ${target.action.title}`)
  }

  problemOf({ label, action }, name) {
    const { board, keyMap } = this.labeler
    if (label && name.length !== 1) return "The key of a label is one letter, digit or sign."
    if (label && name === " ") return "Space saves; choose another key."
    const other = keyMap.actionOf.get(name)
    if (other && other !== action) return `${shownKey(name)} is taken: ${other.title}. Choose another key.`
    const labelId = board.keys.get(name)
    if (labelId === undefined || labelId === label?.id) return ""
    return `${shownKey(name)} is the key of “${board.labels.get(labelId).name}”. Choose another one.`
  }

  async saveHotkey(label, hotkey) {
    const url = `${this.labeler.feed.url}labels/${label.id}/hotkey`
    const answer = await postJson(url, { hotkey })
    if (answer.error) return this.draw(answer.error)
    adoptSchema(this.labeler, answer)
    this.showAgain(hotkey ? `${shownKey(hotkey)}: ${label.name}` : `${label.name} has its usual key again`)
  }

  forget() {
    this.labeler.keyMap.forgetOwn()
    this.showAgain("The actions have their usual keys again")
  }

  // Signs of keys are everywhere: the view is built anew, with this card open.
  showAgain(hint) {
    const { labeler } = this
    labeler.buildView()
    labeler.show()
    labeler.view.keys.toggle(true)
    setText(labeler.view.keys.hint, hint)
  }
}

async function postJson(url, body) {
  try {
    const headers = { "Content-Type": "application/json", "X-Unseen": "1" }
    const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })
    const answer = await response.json()
    return response.ok ? answer : { error: answer.error ?? "The server did not accept it." }
  } catch {
    return { error: "No connection: the key was not saved." }
  }
}
