// What the grid looks like: thumbnails on the left, what to do with them on the right.

// In a lower window the labels need the room of what is used less.
const ROOMY_PX = 960

class GridView {
  constructor(root, board, grid) {
    this.board = board
    this.progress = new ProgressLine()
    this.canvas = new TileCanvas(grid)
    this.tools = new GridTools(grid, this.canvas)
    this.preview = new TilePreview(grid)
    this.drag = new DragSelect(this.canvas, grid.picks, () => grid.showSelection())
    this.canvas.listen((place, isRange) => grid.pick(place, isRange), (place) => this.preview.open(place))
    this.makePanel(grid, root.clientWidth > 700 && innerHeight > ROOMY_PX)
    this.empty = make("div", { class: "message", hidden: true })
    const field = make("section", { class: "field" }, this.tools.node, this.canvas.node, this.empty)
    this.refusal = make("div", { class: "refusal", role: "alert", hidden: true })
    const desk = make("div", { class: "desk" }, field, this.panel)
    root.replaceChildren(this.progress.node, this.refusal, desk, this.preview.node)
    this.showWish(grid)
  }

  makePanel(grid, isWide) {
    const { acts } = grid
    this.rest = make("input", { type: "checkbox", id: "rest" })
    const rest = make("label", { class: "rest", for: "rest" }, this.rest, "All other open labels: no")
    this.applyButton = gridButton("Apply", "primary", () => acts.apply())
    this.deleteButton = gridButton("Delete", "", () => this.askDelete(true))
    const actions = make("div", { class: "actions" })
    actions.append(gridButton("Undo", "", () => acts.undo()), gridButton("Redo", "", () => acts.redo()), this.deleteButton)
    this.question = this.makeQuestion(acts)
    this.note = make("div", { class: "note quiet", role: "status" })
    this.unfoldButton = gridButton("", "primary unfold", () => this.fold(!this.isFolded))
    const foot = make("div", { class: "panel-foot" }, rest, this.applyButton, actions, this.question, this.makeMore(acts, isWide), this.note)
    this.panel = make("section", { class: "panel folded", "aria-label": "Labels for the selected pictures" })
    this.panel.append(make("div", { class: "quiet grid-hint" }, GRID_HINT), this.unfoldButton, this.board.node, foot)
  }

  // On a phone the labels would cover the pictures: they come when asked for.
  fold(isFolded) {
    this.panel.classList.toggle("folded", isFolded)
    this.tellUnfold()
  }

  get isFolded() {
    return this.panel.classList.contains("folded")
  }

  tellUnfold(count = this.pickedCount) {
    this.pickedCount = count
    const choose = count ? `Choose labels for ${plural(count, "picture")}` : "Tap pictures, then choose labels"
    setText(this.unfoldButton, this.isFolded || !count ? choose : "Back to the pictures")
    this.unfoldButton.classList.toggle("primary", this.isFolded)
    this.unfoldButton.setAttribute("aria-expanded", !this.isFolded)
    this.unfoldButton.disabled = !count
  }

  makeMore(acts, isOpen) {
    const move = ([split, name]) => gridButton(name, "small", () => acts.moveTo(split || null))
    const splits = Object.entries({ ...SPLIT_NAMES, "": "None" }).map(move)
    const seen = gridButton("Reviewed", "small", () => acts.setReviewed(true))
    const unseen = gridButton("Not reviewed", "small", () => acts.setReviewed(false))
    this.marks = [...splits, seen, unseen]
    const moves = make("div", { class: "marks", role: "group", "aria-label": "Move to split" }, ...splits)
    const reviews = make("div", { class: "marks" }, seen, unseen)
    return make("details", { class: "more", open: isOpen }, make("summary", {}, "Move to split, review"), moves, reviews)
  }

  makeQuestion(acts) {
    this.questionText = make("span", {})
    const yes = gridButton("Delete", "danger", () => acts.deleteSelected())
    const no = gridButton("Keep", "", () => this.askDelete(false))
    return make("div", { class: "refusal", role: "alert", hidden: true }, this.questionText, yes, no)
  }

  showSelection(grid) {
    const count = grid.picks.count
    this.tools.show(grid)
    this.panel.classList.toggle("at-rest", !count)
    this.tellUnfold(count)
    setText(this.applyButton, count ? `Apply to ${plural(count, "picture")}` : "Apply")
    setText(this.questionText, `Delete ${plural(count, "picture")}? Undo brings them back.`)
    for (const button of [...this.marks, this.deleteButton, this.applyButton]) button.disabled = !count
    this.showEmpty(grid)
  }

  showEmpty({ loaded, picks, data, problem }) {
    const isEmpty = loaded && !picks.ids.length
    this.canvas.node.hidden = isEmpty
    this.empty.hidden = !isEmpty
    const [title, text] = problem ? ["This filter does not work.", problem] : data.empty
    if (isEmpty) this.empty.replaceChildren(make("strong", {}, title), text)
  }

  showWish({ wish }) {
    this.board.show((labelId) => wish.get(labelId), (labelId) => wish.has(labelId))
  }

  askDelete(isAsking) {
    this.question.hidden = !isAsking
    if (isAsking) this.question.querySelector("button").focus()
  }

  say(text) {
    setText(this.note, text)
  }

  sayMore(text) {
    if (!this.note.textContent.includes(text)) setText(this.note, `${this.note.textContent} ${text}`)
  }

  refuse(sentence, start = "Not saved. ") {
    const close = gridButton("Dismiss", "", () => (this.refusal.hidden = true))
    this.refusal.replaceChildren(make("span", {}, `${start}${sentence}`), close)
    this.refusal.hidden = false
  }
}

const GRID_HINT =
  "Click pictures (Shift: a range) or draw a frame; double click shows one large. Each press on a label: yes ✓, no –, unknown ?"
