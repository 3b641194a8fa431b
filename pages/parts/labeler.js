// One image at a time. The keyboard never waits: what is typed changes the draft
// at once, Enter hands it to the save queue and paints the next, preloaded image.

const LABELERS = new WeakMap()
const AHEAD = 10
const BEHIND = 3
const PAGE_AHEAD = 60

class Labeler {
  constructor(root) {
    this.root = root
    this.data = {}
    this.drafts = new Map()
    this.keyMap = new KeyMap()
    this.onKey = (event) => handleLabelerKey(this, event)
    this.onQueue = (event, entry, answer) => this.handleQueue(event, entry, answer)
    this.onClick = (event) => this.giveKeysBack(event)
    document.addEventListener("keydown", this.onKey, true)
    root.addEventListener("click", this.onClick)
    this.lost = closeLostDialogs(() => takeFocus(root))
  }

  // Called on every rerun of the page: only real changes may have an effect.
  setData(data) {
    const before = this.data
    this.data = data = withNewestSchema(this, data)
    if (before.project !== data.project) this.openProject()
    const schemaChanged = JSON.stringify(before.groups) !== JSON.stringify(data.groups)
    if (schemaChanged || before.project !== data.project) this.buildView()
    if (before.project !== data.project || before.query !== data.query) this.load()
    else if (schemaChanged) readDetailsAgain(this)
    if (before.who !== undefined && before.who !== data.who) takeName(this)
  }

  openProject() {
    this.closeProject()
    const { project } = this.data
    this.queue = saveQueueOf(project)
    this.queue.listeners.add(this.onQueue)
    this.shelf = new PictureShelf(project)
    this.feed = new ImageFeed(project, () => this.pageArrived())
    this.leases = new LeaseKeeper(project, () => takeLeases(this))
    this.savedAt = new Map()
    this.pace = watchPace(project, (pace) => this.showPace(pace))
    const labels = { stamp: () => this.data.schema, take: (found) => takeSchema(this, found) }
    this.changes = watchChanges(project, (...change) => takeChange(this, ...change), labels)
  }

  closeProject() {
    this.queue?.listeners.delete(this.onQueue)
    for (const part of [this.leases, this.pace, this.changes]) part?.destroy()
  }

  buildView() {
    this.asked = null
    this.isHeld = false
    this.rules = new LabelRules(this.data.groups)
    this.board = this.makeBoard()
    this.view = new LabelerView(this.root, this.board, this)
    this.view.progress.showQueue(this.queue)
    if (this.counts) this.view.progress.show(this.counts)
    if (this.paceNow) this.view.progress.showPace(this.paceNow)
  }

  makeBoard() {
    return new ChipBoard(this.data.groups, (labelId) => this.toggle(labelId), this.keyMap.reserved)
  }

  async load() {
    this.place = 0
    this.undoable = []
    this.redoable = []
    this.typedEarly = []
    this.drafts = keptDrafts(this.data, this.board)
    this.asked = null
    this.loaded = false
    this.show()
    const answer = await this.feed.load(this.data.query)
    if (!answer) return this.showProblem()
    this.loaded = true
    this.skipped = rememberedSkips(this.data)
    this.feed.postpone([...this.skipped])
    this.place = this.feed.places.get(rememberedPlace(this.data)) ?? 0
    this.cameByItself = true
    this.showCounts(answer.progress)
    takeFocus(this.root)
    this.show()
  }

  // The server refused the filter, or a newer one took over: then nothing.
  showProblem() {
    if (this.feed.problem) this.view.showMessage("The pictures cannot be listed.", this.feed.problem)
  }

  pageArrived() {
    if (this.image === null) this.move(1)
    this.show()
    const early = this.image ? this.typedEarly.splice(0) : []
    for (const key of early) pressKey(this, key)
  }

  get id() {
    return this.feed.ids[this.place]
  }

  get image() {
    return this.feed.known.get(this.id)
  }

  get draft() {
    if (!this.drafts.has(this.id)) this.drafts.set(this.id, new Draft())
    return this.drafts.get(this.id)
  }

  get isAtEnd() {
    return this.loaded && this.place >= this.feed.ids.length
  }

  show() {
    const { feed, place } = this
    if (this.loaded) feed.need(place - BEHIND, place + PAGE_AHEAD)
    this.view.show(this)
    const near = []
    for (let i = place + AHEAD; i >= place - BEHIND; i--) near.push(feed.at(i))
    this.shelf.prepare(near)
    if (this.isAtEnd) countLeft(this)
    else if (this.loaded) this.leases.want(feed.ids.slice(place, place + LEASE_AHEAD))
  }

  showCounts(progress) {
    this.counts = progress
    this.view.progress.show(progress)
  }

  showPace(pace) {
    this.paceNow = pace
    this.view?.progress.showPace(pace)
    if (this.isAtEnd) countLeft(this)
  }

  toggle(labelId) {
    if (!this.image) return
    this.rules.toggle(this.draft, this.image.answers, labelId)
    this.drafted()
  }

  sayNone() {
    const ids = this.askedLabels() ?? this.board.labelIds
    for (const id of ids) this.rules.sayNo(this.draft, this.image.answers, id)
    this.drafted()
  }

  sayUnknown() {
    const focused = this.board.focusedLabel()
    const ids = this.askedLabels() ?? (focused ? [focused] : this.board.labelIds)
    for (const id of ids) this.rules.sayUnknown(this.draft, this.image.answers, id)
    this.drafted()
  }

  drafted() {
    this.asked = null
    this.view.showChips(this)
  }

  // While the labeler asks about a group, none and unknown answer that question.
  askedLabels() {
    return this.asked?.flatMap((group) => group.labels.map((label) => label.id))
  }

  // Looking around goes everywhere.
  move(step) {
    const place = this.placeFrom(this.place, step)
    if (place < 0 || place > this.feed.ids.length) return
    this.goTo(place)
  }

  placeFrom(start, step) {
    let place = start + step
    while (this.feed.at(place) === null) place += step
    return place
  }

  // Working on leaves out what somebody else has in hand; it comes again at the end.
  advance() {
    let place = this.placeFrom(this.place, 1)
    while (this.leases.taken.has(this.feed.ids[place])) place = this.placeFrom(place, 1)
    if (place > this.feed.ids.length) return
    this.goTo(place)
    this.cameByItself = true
  }

  goTo(place) {
    this.place = place
    this.asked = null
    this.left = undefined
    this.cameByItself = false
    rememberPlace(this.data, this.id)
    this.show()
  }

  saveAndNext(byKey) {
    if (this.isAtEnd) return lookAtLeft(this)
    if (!this.image) return
    const hasNews = this.draft.size || !this.isComplete()
    if (hasNews && this.mustAsk()) return this.view.ask(this.asked, byKey)
    if (hasNews) this.save()
    else this.markReviewed()
    this.advance()
    if (hasNews) tellNone(this)
  }

  // Once per image: the second Enter means it.
  mustAsk() {
    if (this.asked) return false
    const { answers } = this.image
    const groups = [...this.board.titles.keys()].filter((group) => isUnsaid(this.draft, answers, group))
    this.asked = groups.length ? groups : null
    return groups.length > 0
  }

  isComplete() {
    return this.board.labelIds.every((labelId) => labelId in this.image.answers)
  }

  save() {
    const { id, image, draft } = this
    const wish = { image_ids: [id], answers: Object.fromEntries(draft), complete: this.board.labelIds }
    const before = image.answers
    image.answers = this.completed(before, draft)
    this.drafts.delete(id)
    if (this.skipped.delete(id)) rememberSkips(this.data, this.skipped)
    this.lastSaved = image.answers
    this.remember({ batchId: this.queue.add("answers", wish), id, before, after: image.answers })
  }

  // Nothing to change on a picture that is all answered: somebody looked again.
  markReviewed() {
    const { id, image } = this
    if (image.reviewed) return
    image.reviewed = true
    const wish = { image_ids: [id], reviewed: true }
    this.remember({ batchId: this.queue.add("images/reviewed", wish), id, isReview: true })
  }

  remember(done) {
    this.undoable.push(done)
    this.redoable = []
  }

  completed(saved, draft) {
    const answers = {}
    for (const labelId of this.board.labelIds) {
      const value = shownValue(draft, saved, labelId) ?? (draft.has(labelId) ? null : false)
      if (value !== null) answers[labelId] = value
    }
    return answers
  }

  jumpTo(id) {
    const place = this.feed.places.get(id)
    if (place === undefined) return
    this.drafts.delete(id)
    this.goTo(place)
  }

  // After a click the keys mean labels again, not "press that button once more".
  giveKeysBack(event) {
    const target = event.composedPath()[0]
    const isPointer = event.detail > 0 && target.closest?.("button")
    if (isPointer && !target.closest(".keys-card, .quick-box")) this.root.focus({ preventScroll: true })
  }

  handleQueue(event, entry, answer) {
    this.view.progress.showQueue(this.queue)
    if (event === "saved") acceptSaved(this, entry, answer)
    if (event === "refused") showRefusal(this, entry, answer)
    settleRefusals(this, event)
    if (event === "saved" && this.view.pictureFailed) this.show()
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey, true)
    this.root.removeEventListener("click", this.onClick)
    this.lost.disconnect()
    this.closeProject()
  }
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".room")
  if (!LABELERS.has(root)) LABELERS.set(root, new Labeler(root))
  LABELERS.get(root).setData(data)
  return () => LABELERS.get(root).destroy()
}
