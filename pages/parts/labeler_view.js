// What the labeler looks like. Built once per set of labels; `show` only moves text,
// classes and the picture, so nothing jumps.

const LABELER_HELP = [
  ["1 2 3 …", "a label: yes, or back"],
  ["Enter", "save and next; labels not chosen become no"],
  ["← →", "look around without saving"],
  ["0", "none of these"],
  ["X", "unknown: the label in focus, else all"],
  ["U", "undo, back to that picture (Shift U: redo)"],
  ["/", "filter by file name"],
  ["?", "this help"],
]

class LabelerView {
  constructor(root, board, labeler) {
    this.root = root
    this.board = board
    this.progress = new ProgressLine()
    this.makeStage(labeler)
    this.makePanel(labeler)
    const body = make("div", { class: "desk" }, this.stage, this.panel)
    root.replaceChildren(this.progress.node, this.refusal, body, this.help)
  }

  makeStage(labeler) {
    this.frame = make("div", { class: "frame" })
    this.previous = iconButton("‹", "Previous picture (left arrow)", () => labeler.move(-1))
    this.next = iconButton("›", "Next picture without saving (right arrow)", () => labeler.move(1))
    this.position = make("span", { class: "position" })
    this.fileName = make("span", { class: "file quiet" })
    const help = textButton("Keys", "quiet-button", () => this.toggleHelp(), "?")
    const bar = make("div", { class: "stage-bar" }, this.previous, this.position, this.next, this.fileName, help)
    this.stage = make("section", { class: "stage", "aria-label": "Picture" }, this.frame, bar)
    this.refusal = make("div", { class: "refusal", role: "alert", hidden: true })
  }

  makePanel(labeler) {
    this.saveButton = textButton("Save and next", "primary", () => labeler.saveAndNext(false), "Enter")
    const none = textButton("None", "", () => labeler.press("0"), "0")
    const unknown = textButton("Unknown", "", () => labeler.press("x"), "X")
    this.undoButton = textButton("Undo", "", () => labeler.undo(), "U")
    const quiet = make("div", { class: "actions" }, none, unknown, this.undoButton)
    this.note = make("div", { class: "note quiet", role: "status" })
    const foot = make("div", { class: "panel-foot" }, this.saveButton, quiet, this.note)
    this.panel = make("section", { class: "panel", "aria-label": "Labels" }, this.board.node, foot)
    this.help = make("div", { class: "help", hidden: true }, ...helpLines())
    this.help.addEventListener("click", () => this.toggleHelp(false))
  }

  show(labeler) {
    const { feed, place, image, loaded } = labeler
    const total = feed.ids.length
    this.panel.classList.toggle("idle", loaded && !image && place >= total)
    const at = `${formatNumber(Math.min(place + 1, total))} of ${formatNumber(total)}`
    setText(this.position, loaded && total ? at : "")
    setText(this.fileName, image?.name ?? "")
    this.fileName.title = image?.name ?? ""
    this.previous.disabled = place === 0
    this.next.disabled = place >= total
    this.showPicture(labeler)
    this.showChips(labeler)
  }

  showPicture({ image, shelf, loaded, place, feed, data }) {
    if (image) return this.showImage(shelf.take(image))
    const words = loaded ? emptyWords(feed.ids.length, place, data) : ["", ""]
    this.frame.classList.toggle("waiting", !loaded || place < feed.ids.length)
    const [title, text] = words
    const message = make("div", { class: "message" }, make("strong", {}, title), text)
    this.frame.replaceChildren(message)
  }

  showImage(picture) {
    this.frame.classList.toggle("waiting", !picture.complete)
    if (this.frame.firstChild !== picture) this.frame.replaceChildren(picture)
    picture.onload = () => this.frame.classList.remove("waiting")
    picture.onerror = () => this.showBroken(picture)
  }

  get pictureFailed() {
    return Boolean(this.frame.firstChild?.failed || this.frame.querySelector(".broken"))
  }

  showBroken(picture) {
    picture.failed = true
    if (this.frame.firstChild !== picture) return
    this.frame.classList.remove("waiting")
    const text = "Its labels can still be answered."
    const title = make("strong", {}, "This picture could not be loaded.")
    this.frame.replaceChildren(make("div", { class: "message broken" }, title, text))
  }

  showChips({ image, drafts, id, asked }) {
    const draft = drafts.get(id) ?? new Map()
    const saved = image?.answers ?? {}
    this.board.show(
      (labelId) => shownValue(draft, saved, labelId),
      (labelId) => draft.has(labelId),
    )
    if (asked) return
    this.board.mark([])
    this.say(draft.size ? "Not saved yet" : savedWords(image))
  }

  ask(groups, byKey) {
    this.board.mark(groups)
    const missing = `No ${groups.map((group) => group.name).join(", no ")} chosen.`
    const keys = "Enter again saves without; X leaves it unknown."
    const buttons = "Save again to go on without, or say “Unknown”."
    this.say(`${missing} ${byKey ? keys : buttons}`)
    this.note.classList.add("asks")
  }

  say(text) {
    this.note.classList.remove("asks")
    setText(this.note, text)
  }

  refuse(sentence, look) {
    const button = textButton("Show the picture", "", look)
    const close = textButton("Dismiss", "", () => (this.refusal.hidden = true))
    this.refusal.replaceChildren(make("span", {}, `Not saved. ${sentence}`), button, close)
    this.refusal.hidden = false
  }

  toggleHelp(isOpen = this.help.hidden) {
    this.help.hidden = !isOpen
  }
}

function savedWords(image) {
  if (!image) return ""
  return Object.keys(image.answers).length ? "Labelled" : "Not labelled yet"
}

function emptyWords(total, place, { empty }) {
  if (total) return ["That was the last one.", "Go back with ←, or choose another filter above."]
  return empty
}

function helpLines() {
  const lines = LABELER_HELP.map(([key, text]) => [make("kbd", {}, key), make("span", {}, text)])
  const list = make("div", { class: "help-list" }, ...lines.flat())
  return [make("div", { class: "help-card", role: "dialog", "aria-label": "Keys" }, make("strong", {}, "Keys"), list)]
}

function textButton(text, kind, onclick, key) {
  const button = make("button", { type: "button", class: `button ${kind}`, onclick }, text)
  if (key) button.append(make("kbd", { "aria-hidden": "true" }, key))
  return button
}

function iconButton(sign, name, onclick) {
  return make("button", { type: "button", class: "button icon", "aria-label": name, title: name, onclick }, sign)
}
