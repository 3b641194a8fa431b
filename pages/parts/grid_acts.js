// What the grid does to the picked images: each act is one batch that U takes back.

const SPLIT_NAMES = { train: "Train", validation: "Valid.", test: "Test" }

class GridActs {
  constructor(grid) {
    this.grid = grid
    this.undoable = []
  }

  add(path, wish) {
    this.undoable.push(this.grid.queue.add(path, wish))
  }

  say(count, done, back = "U takes it back.") {
    this.grid.view.say(`${plural(count, "picture")} ${done}. ${back}`)
  }

  apply() {
    const { picks, wish, view } = this.grid
    const complete = view.rest.checked
    const image_ids = [...picks.chosen]
    if (this.grid.filter.selectsAll) return view.say("Still looking which pictures match. Press again.")
    if (!image_ids.length) return view.say("Select pictures first.")
    if (!wish.size && !complete) return view.say("Choose a label first.")
    this.add("answers", { image_ids, answers: Object.fromEntries(wish), complete })
    for (const id of image_ids) this.foretell(this.grid.feed.known.get(id), complete)
    wish.clear()
    view.rest.checked = false
    picks.chosen.clear()
    view.fold(true)
    this.say(image_ids.length, "changed")
    view.showWish(this.grid)
    this.grid.showSelection()
  }

  // Shows at once what the server will answer.
  foretell(image, complete) {
    if (!image) return
    const draft = new Draft()
    for (const [labelId, value] of this.grid.wish) this.draft(draft, image.answers, labelId, value)
    const answers = { ...image.answers, ...Object.fromEntries(draft) }
    for (const [labelId, value] of draft) if (value === null) delete answers[labelId]
    if (complete) {
      for (const id of this.grid.names.keys()) if (!draft.has(id)) answers[id] ??= false
    }
    image.answers = answers
  }

  draft(draft, saved, labelId, value) {
    const { rules } = this.grid
    if (value) rules.sayYes(draft, saved, labelId)
    else if (value === null) rules.sayUnknown(draft, saved, labelId)
    else rules.sayNo(draft, saved, labelId)
  }

  // What others answered meanwhile; our own that are on their way come after it.
  hear(id, answers) {
    const image = this.grid.feed.known.get(id)
    const isOnItsWay = this.grid.queue.entries.some(({ body }) => body.image_ids?.includes(id))
    if (!image || isOnItsWay) return
    image.answers = answers
    this.grid.view.canvas.repaint()
    this.grid.filter.run()
  }

  moveTo(split) {
    const image_ids = [...this.grid.picks.chosen]
    this.add("images/split", { image_ids, split })
    this.change(image_ids, { split })
    this.say(image_ids.length, split ? `moved to ${split}` : "taken out of their split")
  }

  setReviewed(reviewed) {
    const image_ids = [...this.grid.picks.chosen]
    this.add("images/reviewed", { image_ids, reviewed })
    this.change(image_ids, { reviewed })
    this.say(image_ids.length, reviewed ? "marked reviewed" : "marked not reviewed")
  }

  change(image_ids, values) {
    const { known } = this.grid.feed
    for (const id of image_ids) {
      const image = known.get(id)
      if (image) known.set(id, { ...image, ...values })
    }
    this.grid.view.canvas.draw()
  }

  deleteSelected() {
    const image_ids = [...this.grid.picks.chosen]
    this.add("images/delete", { image_ids })
    this.grid.view.askDelete(false)
    this.say(image_ids.length, "deleted", "U brings them back.")
  }

  undo() {
    const batch_id = this.undoable.pop()
    this.grid.queue.add("undo", batch_id ? { batch_id } : {})
    this.grid.view.say("Taken back. Shift+U does it again.")
  }

  redo() {
    this.grid.queue.add("redo", {})
    this.grid.view.say("Done again")
  }

  // The server knows best whether there was anything left.
  heard({ path }, answer) {
    if (path === "undo" && answer.undone === null) this.grid.view.say("Nothing left to take back")
    if (path === "redo" && answer.redone === null) this.grid.view.say("Nothing to do again")
    if (path === "redo" && answer.redone) this.undoable.push(answer.redone)
  }
}
