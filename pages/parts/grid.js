// Many images at once. Selecting stays in the browser; one POST on "Apply".

const GRIDS = new WeakMap()

class Grid {
  constructor(root) {
    this.root = root
    this.data = {}
    this.onKey = (event) => this.handleKey(event)
    this.onQueue = (event, entry, answer) => this.handleQueue(event, entry, answer)
    document.addEventListener("keydown", this.onKey, true)
  }

  setData(data) {
    const before = this.data
    this.data = data
    const projectChanged = before.project !== data.project
    if (projectChanged) this.openProject()
    const schemaChanged = JSON.stringify(before.groups) !== JSON.stringify(data.groups)
    if (projectChanged || schemaChanged) this.buildView()
    if (projectChanged || before.query !== data.query) this.load()
    else if (schemaChanged) this.readAgain()
  }

  openProject() {
    this.queue?.listeners.delete(this.onQueue)
    this.queue = saveQueueOf(this.data.project)
    this.queue.listeners.add(this.onQueue)
    this.feed = new ImageFeed(this.data.project, () => this.view.canvas.draw())
    this.undoable = []
  }

  buildView() {
    this.view?.canvas.destroy()
    this.wish = new Map()
    this.board = new ChipBoard(this.data.groups, (labelId) => this.cycle(labelId))
    this.names = new Map([...this.board.chips].map(([id, chip]) => [id, chip.name]))
    this.view = new GridView(this.root, this.board, this)
    this.view.progress.showQueue(this.queue)
    if (this.counts) this.view.progress.show(this.counts)
    this.view.canvas.reset(this.feed.ids.length)
  }

  async load() {
    this.selected = new Set()
    this.anchor = 0
    this.focusPlace = 0
    this.loaded = false
    this.showSelection()
    if (!(await this.readIds())) return
    this.view.canvas.node.scrollTop = 0
    takeFocus(this.root)
  }

  async readIds() {
    const answer = await this.feed.load(this.data.query)
    if (!answer) return false
    this.loaded = true
    this.selected = new Set([...this.selected].filter((id) => this.feed.places.has(id)))
    this.showCounts(answer.progress)
    this.view.canvas.reset(answer.ids.length)
    this.showSelection()
    return true
  }

  readAgain() {
    this.feed.refresh()
    this.view.canvas.draw()
  }

  showCounts(progress) {
    this.counts = progress
    this.view.progress.show(progress)
  }

  describe(place) {
    const image = this.feed.at(place)
    const isSelected = this.selected.has(this.feed.ids[place])
    return { image, isSelected, isFocus: place === this.focusPlace, words: this.words(image) }
  }

  words(image) {
    if (!image) return ""
    const yes = [...this.names].filter(([id]) => image.answers[id]).map(([, name]) => name)
    const isLabelled = Object.keys(image.answers).length > 0
    return yes.join(" · ") || (isLabelled ? "none of the labels" : "")
  }

  showSelection() {
    this.view.showSelection(this)
    this.view.canvas.draw()
  }

  pick(place, isRange) {
    const id = this.feed.ids[place]
    if (isRange) this.pickRange(this.anchor, place)
    else if (!this.selected.delete(id)) this.selected.add(id)
    if (!isRange) this.anchor = place
    this.focusPlace = place
    this.view.askDelete(false)
    this.showSelection()
  }

  pickRange(from, to) {
    const [first, last] = from < to ? [from, to] : [to, from]
    for (let place = first; place <= last; place++) this.selected.add(this.feed.ids[place])
  }

  selectAll() {
    this.selected = new Set(this.feed.ids)
    this.showSelection()
  }

  clearSelection() {
    this.selected.clear()
    this.view.askDelete(false)
    this.showSelection()
  }

  // untouched → yes → no → unknown → untouched
  cycle(labelId) {
    const next = { open: true, yes: false, no: null }[stateOf(this.wish.get(labelId))]
    if (next === undefined) this.wish.delete(labelId)
    else this.wish.set(labelId, next)
    if (next === true) this.dropRivals(labelId)
    this.view.showWish(this)
  }

  dropRivals(labelId) {
    const group = this.board.groups.get(labelId)
    if (!isExclusive(group)) return
    for (const rival of group.labels) if (rival.id !== labelId) this.wish.delete(rival.id)
  }

  apply() {
    const complete = this.view.rest.checked
    if (!this.selected.size) return this.view.say("Select pictures first.")
    if (!this.wish.size && !complete) return this.view.say("Choose a label first.")
    const image_ids = [...this.selected]
    const answers = Object.fromEntries(this.wish)
    this.remember("answers", { image_ids, answers, complete })
    for (const id of image_ids) this.foretell(this.feed.known.get(id), complete)
    this.wish.clear()
    this.view.rest.checked = false
    this.selected.clear()
    this.view.say(`${plural(image_ids.length, "picture")} changed. U takes it back.`)
    this.view.showWish(this)
    this.showSelection()
  }

  remember(path, wish) {
    this.undoable.push({ path, batchId: this.queue.add(path, wish) })
  }

  // Shows at once what the server will answer.
  foretell(image, complete) {
    if (!image) return
    const answers = { ...image.answers }
    for (const [labelId, value] of this.wish) this.put(answers, labelId, value)
    if (complete) {
      for (const id of this.names.keys()) if (!this.wish.has(id)) answers[id] ??= false
    }
    image.answers = answers
  }

  put(answers, labelId, value) {
    const group = this.board.groups.get(labelId)
    if (value === true && isExclusive(group)) {
      for (const rival of group.labels) answers[rival.id] = false
    }
    if (value === null) delete answers[labelId]
    else answers[labelId] = value
  }

  deleteSelected() {
    const image_ids = [...this.selected]
    this.remember("images/delete", { image_ids })
    this.view.askDelete(false)
    this.view.say(`${plural(image_ids.length, "picture")} deleted. U brings them back.`)
  }

  undo() {
    const last = this.undoable.pop()
    this.queue.add("undo", last ? { batch_id: last.batchId } : {})
    this.view.say("Taken back")
  }

  handleQueue(event, entry, answer) {
    this.view.progress.showQueue(this.queue)
    if (event === "refused") this.view.refuse(answer?.error ?? "The server did not accept it.")
    if (event === "saved") this.accept(entry, answer)
    if (event === "refused") this.readAgain()
  }

  accept(entry, answer) {
    if (answer.progress) this.showCounts(answer.progress)
    if (this.queue.entries.length || !this.loaded) return
    if (entry.path === "answers") this.readAgain()
    else this.readIds()
  }

  handleKey(event) {
    if (!this.loaded || !keyIsForUs(event, this.root)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const onTile = this.view.canvas.placeOf(event) !== null
    const action = (onTile && TILE_KEYS[key]) || GRID_KEYS[key] || this.chipAction(key)
    const onButton = !onTile && key === "Enter" && event.composedPath()[0].closest?.("button")
    if (!action || onButton) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (!event.repeat || key.startsWith("Arrow") || key.startsWith("Page")) action(this, event)
  }

  chipAction(key) {
    const labelId = this.board.keys.get(key)
    return labelId && (() => this.cycle(labelId))
  }

  walk(step, event) {
    const last = this.feed.ids.length - 1
    const place = Math.max(0, Math.min(last, this.focusPlace + step))
    if (event.shiftKey) this.pickRange(this.anchor, place)
    else this.anchor = place
    this.focusPlace = place
    this.view.showSelection(this)
    this.view.canvas.focusOn(place)
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey, true)
    this.queue?.listeners.delete(this.onQueue)
    this.view?.canvas.destroy()
  }
}

const TILE_KEYS = {
  " ": (grid, event) => grid.pick(grid.focusPlace, event.shiftKey),
  ArrowLeft: (grid, event) => grid.walk(-1, event),
  ArrowRight: (grid, event) => grid.walk(1, event),
  ArrowUp: (grid, event) => grid.walk(-grid.view.canvas.columns, event),
  ArrowDown: (grid, event) => grid.walk(grid.view.canvas.columns, event),
  PageUp: (grid, event) => grid.walk(-grid.view.canvas.columns * grid.view.canvas.rowsInSight, event),
  PageDown: (grid, event) => grid.walk(grid.view.canvas.columns * grid.view.canvas.rowsInSight, event),
  Home: (grid, event) => grid.walk(-Infinity, event),
  End: (grid, event) => grid.walk(Infinity, event),
}

const GRID_KEYS = {
  Enter: (grid) => grid.apply(),
  u: (grid) => grid.undo(),
  Escape: (grid) => grid.clearSelection(),
  Delete: (grid) => grid.selected.size && grid.view.askDelete(true),
  "/": (grid) => focusTextFilter(grid.root),
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".room")
  if (!GRIDS.has(root)) GRIDS.set(root, new Grid(root))
  GRIDS.get(root).setData(data)
  return () => GRIDS.get(root).destroy()
}
