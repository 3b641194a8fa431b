// Many images at once. Selecting stays in the browser; one POST on "Apply".

const GRIDS = new WeakMap()

class Grid {
  constructor(root) {
    this.root = root
    this.data = {}
    this.picks = new Picks()
    this.filter = new FilterCheck(this)
    this.onKey = (event) => this.handleKey(event)
    this.onQueue = (event, entry, answer) => this.handleQueue(event, entry, answer)
    document.addEventListener("keydown", this.onKey, true)
    this.lost = closeLostDialogs(() => takeFocus(this.root))
  }

  setData(data, tellPage) {
    const before = this.data
    this.data = data
    this.tellPage = tellPage
    const projectChanged = before.project !== data.project
    if (projectChanged) this.openProject()
    const schemaChanged = JSON.stringify(before.groups) !== JSON.stringify(data.groups)
    if (projectChanged || schemaChanged) this.buildView()
    if (projectChanged || before.query !== data.query) this.load()
    else if (schemaChanged) this.lookAgain()
  }

  openProject() {
    this.project = this.data.project
    this.queue?.listeners.delete(this.onQueue)
    this.queue = saveQueueOf(this.project)
    this.queue.listeners.add(this.onQueue)
    this.feed = new ImageFeed(this.project, () => this.showPage())
    this.acts = new GridActs(this)
    this.order = keptOrder(this.project)
    this.stopWatching()
    this.watchers = [
      watchChanges(this.project, (id, answers) => this.acts.hear(id, answers)),
      watchPace(this.project, (pace) => this.view.progress.showPace(pace)),
    ]
  }

  stopWatching() {
    for (const watcher of this.watchers ?? []) watcher.destroy()
  }

  buildView() {
    this.view?.canvas.destroy()
    this.wish = new Map()
    this.board = new ChipBoard(this.data.groups, (labelId) => this.cycle(labelId))
    this.rules = new LabelRules(this.data.groups)
    const labels = this.data.groups.flatMap((group) => group.labels)
    this.names = new Map(labels.map((label) => [label.id, label]))
    this.view = new GridView(this.root, this.board, this)
    this.view.progress.showQueue(this.queue)
    if (this.counts) this.view.progress.show(this.counts)
    this.view.canvas.reset(this.picks.ids.length)
  }

  async load() {
    this.picks.startOver()
    this.loaded = false
    this.showSelection()
    if (!(await this.readIds())) return
    this.view.canvas.node.scrollTop = 0
    takeFocus(this.root)
  }

  // A queue has an order of its own, and says why.
  get ordersItself() {
    return /(^|&)(queue|order)=/.test(this.data.query)
  }

  get query() {
    return this.ordersItself ? this.data.query : `${this.data.query}&order=${this.order.value}`
  }

  async readIds() {
    const known = this.feed.known
    const answer = await this.feed.load(this.query)
    if (!answer) return this.feed.problem ? this.explain(this.feed.problem) : false
    // What was known stays in sight until it has been read again.
    for (const id of answer.ids) if (known.has(id)) this.feed.known.set(id, known.get(id))
    this.loaded = true
    this.problem = ""
    this.picks.setIds(answer.ids)
    this.showCounts(answer.progress)
    this.view.canvas.reset(answer.ids.length)
    this.showSelection()
    return true
  }

  explain(problem) {
    const isOrder = !this.ordersItself && this.order.value !== "added"
    if (isOrder) {
      this.view.refuse(problem, "")
      return this.setOrder("added")
    }
    this.problem = problem
    this.loaded = true
    this.picks.setIds([])
    this.view.canvas.reset(0)
    this.showSelection()
    return false
  }

  setOrder(value, name = "") {
    this.order = { value, name }
    keepOrder(this.project, this.order)
    this.view.canvas.node.scrollTop = 0
    return this.readIds()
  }

  sortByLikeness() {
    const { picks } = this
    const id = picks.has(picks.anchor) ? picks.ids[picks.anchor] : [...picks.chosen][0]
    if (!id) {
      this.view.say("Pick the picture that the others should be like, then choose this order.")
      return this.showSelection()
    }
    this.setOrder(`similar:${id}`, this.feed.known.get(id)?.name ?? `picture ${id}`)
  }

  readAgain() {
    this.feed.refresh()
    this.view.canvas.draw()
  }

  showPage() {
    this.view.canvas.repaint()
    this.view.preview.draw()
  }

  showCounts(progress) {
    this.counts = progress
    this.view.progress.show(progress)
  }

  need(first, end) {
    if (this.loaded) this.feed.need(first, end)
  }

  describe(place) {
    const image = this.feed.at(place)
    const isStray = this.picks.strays.has(this.picks.ids[place])
    const view = { image, isPicked: this.picks.has(place), isFocus: place === this.picks.focus, isStray }
    return image ? { ...view, ...describeAnswers(image, this.names) } : view
  }

  showSelection() {
    this.view.showSelection(this)
    this.view.canvas.draw()
  }

  pick(place, isRange) {
    this.picks.pick(place, isRange)
    this.view.askDelete(false)
    this.showSelection()
  }

  pickOne(place) {
    this.pick(place, false)
  }

  clearSelection() {
    this.filter.forget()
    this.picks.chosen.clear()
    this.view.askDelete(false)
    this.showSelection()
  }

  closed(place) {
    this.picks.focus = place
    this.view.canvas.focusOn(place)
  }

  openImage(place) {
    rememberPlace(this.data, this.picks.ids[place])
    this.tellPage("open_image", this.picks.ids[place])
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

  handleQueue(event, entry, answer) {
    this.view.progress.showQueue(this.queue)
    if (event === "refused") this.view.refuse(answer?.error ?? "The server did not accept it.")
    if (event === "refused") this.lookAgain()
    if (event === "saved") this.accept(entry, answer)
  }

  accept(entry, answer) {
    if (answer.progress) this.showCounts(answer.progress)
    this.acts.heard(entry, answer)
    if (this.queue.entries.length || !this.loaded) return
    if (LISTS_ANEW.has(entry.path)) this.readIds().then(() => this.filter.finish())
    else this.lookAgain()
  }

  lookAgain() {
    this.readAgain()
    this.filter.run()
  }

  handleKey(event) {
    if (!this.loaded || this.view.preview.isOpen) return
    const action = this.findAction(event)
    if (!action) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (!event.repeat || /^(Arrow|Page)/.test(event.key)) action(this, event)
  }

  findAction(event) {
    const where = { root: this.root, canvas: this.view.canvas }
    const keys = { tileKeys: TILE_KEYS, otherKeys: GRID_KEYS, controlKeys: CONTROL_KEYS }
    const labelId = !isControl(event) && this.board.keys.get(event.key.toLowerCase())
    const found = findTileAction(event, { ...where, ...keys })
    if (found || !labelId || !keyIsForUs(event, this.root)) return found
    return () => this.cycle(labelId)
  }

  walk(step, event) {
    const last = this.picks.ids.length - 1
    const place = Math.max(0, Math.min(last, this.picks.focus + step))
    if (event.shiftKey) this.picks.setRange(this.picks.anchor, place, true)
    else this.picks.anchor = place
    this.picks.focus = place
    this.view.showSelection(this)
    this.view.canvas.focusOn(place)
  }

  enter(place) {
    if (this.picks.count || this.wish.size) this.acts.apply()
    else this.view.preview.open(place)
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey, true)
    this.lost.disconnect()
    this.queue?.listeners.delete(this.onQueue)
    this.stopWatching()
    this.view?.canvas.destroy()
  }
}

// Other acts change what is on the images, not which images there are; what an undo
// brings back the check of the filter finds.
const LISTS_ANEW = new Set(["images/delete", "redo"])

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".room")
  if (!GRIDS.has(root)) GRIDS.set(root, new Grid(root))
  GRIDS.get(root).setData(data, setTriggerValue)
  return () => GRIDS.get(root).destroy()
}
