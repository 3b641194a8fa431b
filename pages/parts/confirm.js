// One label or combination at a time: what the model suggests for it, surest first,
// all ticked. People untick the wrong ones and confirm the rest.

const CONFIRM_DESKS = new WeakMap()
const CONFIRM_PAGE = 60

class ConfirmDesk {
  constructor(root) {
    this.root = root
    this.data = {}
    this.picks = new Picks()
    this.undoable = []
    this.redoable = []
    this.onKey = (event) => this.handleKey(event)
    this.onQueue = (event, entry, answer) => this.handleQueue(event, entry, answer)
    document.addEventListener("keydown", this.onKey, true)
    this.lost = closeLostDialogs(() => takeFocus(this.root))
  }

  setData(data) {
    const before = this.data
    this.data = data
    if (JSON.stringify(before) === JSON.stringify(data)) return
    if (before.project !== data.project) this.openProject()
    if (JSON.stringify(before.groups) !== JSON.stringify(data.groups)) this.buildView()
    this.choices = data.choices
    const kept = this.choices.find(({ key }) => key === this.choice?.key)
    this.view.showChoices(this)
    if (kept && before.project === data.project) this.takeCounts(kept)
    else this.choose(this.choices[0].key)
  }

  openProject() {
    this.project = this.data.project
    this.url = `/api/${encodeURIComponent(this.project)}/`
    this.queue?.listeners.delete(this.onQueue)
    this.queue = saveQueueOf(this.project)
    this.queue.listeners.add(this.onQueue)
    this.passed = new Map()
    this.floor = 0
    this.saysNo = false
    // What TilePreview asks for; everything of this page is known.
    this.feed = { need() {}, known: new Map() }
  }

  buildView() {
    this.view?.canvas.destroy()
    const labels = this.data.groups.flatMap((group) => group.labels)
    this.names = new Map(labels.map((label) => [label.id, label]))
    this.view = new ConfirmView(this.root, this)
    this.view.progress.showQueue(this.queue)
    this.view.progress.show(this.data.progress)
    this.show()
  }

  takeCounts(choice) {
    const hadNone = this.loaded && !this.picks.ids.length
    this.choice = choice
    if (hadNone) this.load()
  }

  choose(key) {
    this.choice = this.choices.find((choice) => choice.key === key)
    this.load()
  }

  async load() {
    this.loaded = false
    this.show()
    const { choice } = this
    const labels = choice.ids.map((id) => `label=${id}`).join("&")
    const passed = this.passed.get(choice.key) ?? 0
    const path = `suggestions?${labels}&offset=${passed}&limit=${CONFIRM_PAGE}`
    const answer = await this.get(path, () => choice === this.choice)
    if (answer) this.showPage(answer)
  }

  async get(path, isWanted) {
    for (let failures = 0; isWanted(); failures++) {
      const answer = await getJson(this.url + path)
      if (answer) return isWanted() ? answer : null
      await new Promise((resolve) => setTimeout(resolve, Math.min(3000, 300 << failures)))
    }
    return null
  }

  showPage({ images, total }) {
    this.loaded = true
    this.total = total
    this.feed.known = new Map(images.map((image) => [image.id, image]))
    this.picks.startOver()
    this.picks.setIds(images.map((image) => image.id))
    for (const [place, { probability }] of images.entries()) this.picks.set(place, probability >= this.floor)
    this.view.canvas.node.scrollTop = 0
    // No empty line under pictures of which nothing is known yet.
    const isKnown = images.some(({ answers }) => Object.values(answers).includes(true))
    this.view.canvas.captionPx = isKnown ? CAPTION_PX : 0
    this.view.canvas.reset(images.length)
    this.view.setCount(this.choice, total)
    this.show()
    takeFocus(this.root)
  }

  // All of a page comes at once.
  need() {}

  imageAt(place) {
    return this.feed.known.get(this.picks.ids[place])
  }

  describe(place) {
    const image = this.imageAt(place)
    const isPicked = this.picks.has(place)
    const view = { image, isPicked, isFocus: place === this.picks.focus }
    if (!image) return view
    const yes = [...this.names.values()].filter(({ id }) => image.answers[id])
    const words = yes.map(({ name }) => name).join(" · ")
    const percent = inPercent(image.probability)
    const isWrong = this.canSayNo && this.saysNo && this.isUnticked(place)
    return { ...view, tags: yes, words, isFaint: !yes.length, percent, isWrong }
  }

  // By hand; those below the slider are left for later.
  isUnticked(place) {
    return !this.picks.has(place) && this.imageAt(place).probability >= this.floor
  }

  // Of a combination nobody knows which label is the wrong one.
  get canSayNo() {
    return this.choice?.ids.length === 1
  }

  get unticked() {
    return this.picks.ids.filter((_, place) => this.isUnticked(place))
  }

  // Moving the slider ticks or unticks only what it passes over.
  setFloor(floor) {
    const [low, high] = [Math.min(floor, this.floor), Math.max(floor, this.floor)]
    for (const [place, id] of this.picks.ids.entries()) {
      const { probability } = this.feed.known.get(id)
      if (probability >= low && probability < high) this.picks.set(place, floor === low)
    }
    this.floor = floor
    this.show()
  }

  show() {
    this.view.show(this)
    this.view.canvas.draw()
  }

  pick(place, isRange) {
    this.picks.pick(place, isRange)
    this.show()
  }

  pickOne(place) {
    this.pick(place, false)
  }

  pickAll(isPicked) {
    this.picks.ids.forEach((_, place) => this.picks.set(place, isPicked))
    this.show()
  }

  closed(place) {
    this.picks.focus = place
    this.view.canvas.focusOn(place)
  }

  confirm() {
    const yes = [...this.picks.chosen]
    const no = this.canSayNo && this.saysNo ? this.unticked : []
    if (!this.loaded || yes.length + no.length === 0) return
    const batches = [this.answer(yes, true), this.answer(no, false)].filter(Boolean)
    const passed = this.passed.get(this.choice.key) ?? 0
    this.undoable.push({ batches, passed, key: this.choice.key })
    this.redoable = []
    this.pass(this.picks.ids.length - yes.length - no.length)
    const words = no.length ? `, ${formatNumber(no.length)} answered no` : ""
    this.view.say(`${formatNumber(yes.length)} confirmed as ${this.choice.name}${words}. U takes it back.`)
    this.waitForSaving()
  }

  answer(image_ids, value) {
    if (!image_ids.length) return null
    const answers = Object.fromEntries(this.choice.ids.map((id) => [id, value]))
    return this.queue.add("answers", { image_ids, answers, complete: false })
  }

  // The next page follows once the server knows what was said of this one.
  waitForSaving() {
    this.loaded = false
    this.isWaiting = true
    this.picks.setIds([])
    this.view.canvas.reset(0)
    this.show()
  }

  pass(count) {
    this.passed.set(this.choice.key, (this.passed.get(this.choice.key) ?? 0) + count)
  }

  skip() {
    if (!this.loaded) return
    this.pass(this.picks.ids.length)
    this.load()
  }

  startAgain() {
    this.passed.delete(this.choice.key)
    this.load()
  }

  undo() {
    const last = this.undoable.pop()
    if (!last) return this.view.say("Nothing left to take back here")
    for (const batch_id of [...last.batches].reverse()) this.queue.add("undo", { batch_id })
    this.redoable.push({ ...last, passed: this.passed.get(last.key) ?? 0 })
    this.goTo(last, "Taken back. Shift+U does it again.")
  }

  redo() {
    const last = this.redoable.pop()
    if (!last) return this.view.say("Nothing to do again")
    for (const _ of last.batches) this.queue.add("redo", {})
    this.undoable.push({ ...last, passed: this.passed.get(last.key) ?? 0 })
    this.goTo(last, "Done again")
  }

  goTo({ key, passed }, words) {
    this.passed.set(key, passed)
    this.choice = this.choices.find((choice) => choice.key === key) ?? this.choice
    this.view.say(words)
    this.waitForSaving()
  }

  handleQueue(event, entry, answer) {
    this.view.progress.showQueue(this.queue)
    if (event === "refused") this.view.refuse(answer?.error ?? "The server did not accept it.")
    if (answer?.progress) this.view.progress.show(answer.progress)
    if (this.queue.entries.length || !this.isWaiting) return
    this.isWaiting = false
    this.load()
    this.readCounts()
  }

  async readCounts() {
    const asked = (this.asked = {})
    const answer = await this.get("suggestions/counts", () => asked === this.asked)
    if (!answer) return
    const ofSets = new Map(answer.sets.map(({ key, count }) => [key, count]))
    for (const { ids, key } of this.choices) {
      const count = ids.length === 1 ? answer.counts[ids[0]] : ofSets.get(ids.join(","))
      if (key !== this.choice.key) this.view.setCount({ key }, count ?? 0)
    }
  }

  handleKey(event) {
    if (!this.view || this.view.preview.isOpen) return
    const where = { root: this.root, canvas: this.view.canvas }
    const keys = { tileKeys: CONFIRM_TILE_KEYS, otherKeys: CONFIRM_KEYS, controlKeys: CONFIRM_CONTROL_KEYS }
    const action = findTileAction(event, { ...where, ...keys })
    if (!action) return
    event.preventDefault()
    event.stopImmediatePropagation()
    if (!event.repeat || /^(Arrow|Page)/.test(event.key)) action(this, event)
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey, true)
    this.lost.disconnect()
    this.queue?.listeners.delete(this.onQueue)
    this.view?.canvas.destroy()
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".room")
  if (!CONFIRM_DESKS.has(root)) CONFIRM_DESKS.set(root, new ConfirmDesk(root))
  CONFIRM_DESKS.get(root).setData(data)
  return () => CONFIRM_DESKS.get(root).destroy()
}
