// What the grid looks like: thumbnails on the left, what to do with them on the right.

class GridView {
  constructor(root, board, grid) {
    this.board = board
    this.progress = new ProgressLine()
    this.canvas = new TileCanvas(
      grid.data.project,
      (place) => grid.describe(place),
      (first, end) => grid.loaded && grid.feed.need(first, end),
    )
    this.listen(grid)
    this.makeBar(grid)
    this.makePanel(grid)
    this.empty = make("div", { class: "message", hidden: true })
    const field = make("section", { class: "field" }, this.bar, this.canvas.node, this.empty)
    this.refusal = make("div", { class: "refusal", role: "alert", hidden: true })
    const desk = make("div", { class: "desk" }, field, this.panel)
    root.replaceChildren(this.progress.node, this.refusal, desk)
    this.showWish(grid)
  }

  listen(grid) {
    this.canvas.node.addEventListener("click", (event) => {
      const place = this.canvas.placeOf(event)
      if (place === null) return
      grid.pick(place, event.shiftKey)
      this.canvas.tiles.get(place)?.node.focus({ preventScroll: true })
    })
  }

  makeBar(grid) {
    this.count = make("span", { class: "count", role: "status" })
    this.all = gridButton("Select all", "", () => grid.selectAll())
    this.clear = gridButton("Clear", "", () => grid.clearSelection())
    const buttons = make("span", { class: "bar-buttons" }, this.all, this.clear)
    this.bar = make("div", { class: "grid-bar" }, this.count, buttons)
  }

  makePanel(grid) {
    this.rest = make("input", { type: "checkbox", id: "rest" })
    const rest = make("label", { class: "rest", for: "rest" }, this.rest, "All other open labels: no")
    this.applyButton = gridButton("Apply", "primary", () => grid.apply())
    this.undoButton = gridButton("Undo", "", () => grid.undo())
    this.deleteButton = gridButton("Delete", "", () => this.askDelete(true))
    this.question = this.makeQuestion(grid)
    this.note = make("div", { class: "note quiet", role: "status" })
    const actions = make("div", { class: "actions" }, this.undoButton, this.deleteButton)
    const foot = make("div", { class: "panel-foot" }, rest, this.applyButton, actions, this.question, this.note)
    this.panel = make("section", { class: "panel", "aria-label": "Labels for the selected pictures" })
    this.panel.append(make("div", { class: "quiet hint" }, GRID_HINT), this.board.node, foot)
  }

  makeQuestion(grid) {
    this.questionText = make("span", {})
    const yes = gridButton("Delete", "danger", () => grid.deleteSelected())
    const no = gridButton("Keep", "", () => this.askDelete(false))
    return make("div", { class: "refusal", role: "alert", hidden: true }, this.questionText, yes, no)
  }

  showSelection({ selected, feed, loaded, data }) {
    const [count, total] = [selected.size, feed.ids.length]
    const all = loaded ? plural(total, "picture") : ""
    setText(this.count, count ? `${formatNumber(count)} of ${formatNumber(total)} selected` : all)
    this.panel.classList.toggle("at-rest", !count)
    setText(this.all, `Select all ${formatNumber(total)}`)
    setText(this.applyButton, count ? `Apply to ${plural(count, "picture")}` : "Apply")
    setText(this.questionText, `Delete ${plural(count, "picture")}? Undo brings them back.`)
    this.all.disabled = !total || count === total
    this.clear.disabled = this.deleteButton.disabled = this.applyButton.disabled = !count
    const isEmpty = loaded && !total
    this.canvas.node.hidden = isEmpty
    this.empty.hidden = !isEmpty
    const [title, text] = data.empty
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

  refuse(sentence) {
    const close = gridButton("Dismiss", "", () => (this.refusal.hidden = true))
    this.refusal.replaceChildren(make("span", {}, `Not saved. ${sentence}`), close)
    this.refusal.hidden = false
  }
}

const GRID_HINT = "Select pictures (Shift: a range), then choose labels. Each press changes a label: yes ✓, no –, unknown ?"

function gridButton(text, kind, onclick) {
  return make("button", { type: "button", class: `button ${kind}`, onclick }, text)
}
