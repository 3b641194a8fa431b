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
    this.pictured = null
    this.onKey = (event) => this.handleKey(event)
    this.onQueue = (event, entry, answer) => this.handleQueue(event, entry, answer)
    document.addEventListener("keydown", this.onKey, true)
  }

  // Called on every rerun of the page: only real changes may have an effect.
  setData(data) {
    const before = this.data
    this.data = data
    if (before.project !== data.project) this.openProject()
    const schemaChanged = JSON.stringify(before.groups) !== JSON.stringify(data.groups)
    if (schemaChanged) this.buildView()
    if (before.project !== data.project || before.query !== data.query) this.load()
    else if (schemaChanged) this.refreshDetails()
  }

  openProject() {
    this.queue?.listeners.delete(this.onQueue)
    this.queue = saveQueueOf(this.data.project)
    this.queue.listeners.add(this.onQueue)
    this.shelf = new PictureShelf(this.data.project)
    this.feed = new ImageFeed(this.data.project, () => this.pageArrived())
  }

  buildView() {
    this.asked = null
    this.board = new ChipBoard(this.data.groups, (labelId) => this.toggle(labelId))
    this.view = new LabelerView(this.root, this.board, this)
    this.view.progress.showQueue(this.queue)
    if (this.counts) this.view.progress.show(this.counts)
  }

  async load() {
    this.place = 0
    this.undoable = []
    this.typedEarly = []
    this.drafts.clear()
    this.asked = null
    this.loaded = false
    this.show()
    const answer = await this.feed.load(this.data.query)
    if (!answer) return
    this.loaded = true
    this.place = this.feed.places.get(rememberedPlace(this.data)) ?? 0
    this.showCounts(answer.progress)
    takeFocus(this.root)
    this.show()
  }

  refreshDetails() {
    this.feed.reset(this.feed.ids)
    this.show()
  }

  pageArrived() {
    if (this.image === null) this.move(1)
    this.show()
    const early = this.image ? this.typedEarly.splice(0) : []
    for (const key of early) this.press(key)
  }

  get id() {
    return this.feed.ids[this.place]
  }

  get image() {
    return this.feed.known.get(this.id)
  }

  get draft() {
    if (!this.drafts.has(this.id)) this.drafts.set(this.id, new Map())
    return this.drafts.get(this.id)
  }

  show() {
    const { feed, place } = this
    if (this.loaded) feed.need(place - BEHIND, place + PAGE_AHEAD)
    this.view.show(this)
    const near = []
    for (let i = place + AHEAD; i >= place - BEHIND; i--) near.push(feed.at(i))
    this.shelf.prepare(near)
  }

  showCounts(progress) {
    this.counts = progress
    this.view.progress.show(progress)
  }

  toggle(labelId) {
    if (!this.image) return
    toggleLabel(this.draft, this.image.answers, this.board.groups.get(labelId), labelId)
    this.drafted()
  }

  sayNone() {
    this.sayOf(this.askedLabels() ?? this.board.labelIds, false)
  }

  sayUnknown() {
    const focused = this.board.focusedLabel()
    this.sayOf(this.askedLabels() ?? (focused ? [focused] : this.board.labelIds), null)
  }

  sayOf(labelIds, value) {
    for (const labelId of labelIds) this.draft.set(labelId, value)
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

  move(step) {
    let place = this.place + step
    while (this.feed.at(place) === null) place += step
    if (place < 0 || place > this.feed.ids.length) return
    this.goTo(place)
  }

  goTo(place) {
    this.place = place
    this.asked = null
    rememberPlace(this.data, this.id)
    this.show()
  }

  saveAndNext(byKey) {
    if (!this.image) return
    const hasNews = this.draft.size || !this.isComplete()
    if (hasNews && this.mustAsk()) return this.view.ask(this.asked, byKey)
    if (hasNews) this.save()
    this.move(1)
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
    const wish = { image_ids: [id], answers: Object.fromEntries(draft), complete: true }
    const before = image.answers
    image.answers = this.completed(before, draft)
    this.drafts.delete(id)
    this.undoable.push({ batchId: this.queue.add("answers", wish), id, before })
  }

  completed(saved, draft) {
    const answers = {}
    for (const labelId of this.board.labelIds) {
      const value = shownValue(draft, saved, labelId) ?? (draft.has(labelId) ? null : false)
      if (value !== null) answers[labelId] = value
    }
    return answers
  }

  undo() {
    const last = this.undoable.pop()
    this.queue.add("undo", last ? { batch_id: last.batchId } : {})
    if (!last) return this.view.say("Undoing the last change")
    const image = this.feed.known.get(last.id)
    if (image) image.answers = last.before
    this.jumpTo(last.id)
    this.view.say("Undone")
  }

  redo() {
    this.queue.add("redo", {})
    this.view.say("Doing it again")
  }

  jumpTo(id) {
    const place = this.feed.places.get(id)
    if (place === undefined) return
    this.drafts.delete(id)
    this.goTo(place)
  }

  handleKey(event) {
    if (!keyIsForUs(event, this.root) || !this.loaded) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const isSpaceOnChip = key === " "
    if (isSpaceOnChip || !this.knows(key)) return
    event.preventDefault()
    event.stopImmediatePropagation()
    // A held Enter would answer images nobody has looked at.
    if (event.repeat && !key.startsWith("Arrow")) return
    this.press(event.shiftKey && key === "u" ? "U" : key)
  }

  knows(key) {
    return key in LABELER_KEYS || this.board.keys.has(key)
  }

  press(key) {
    const waitsForImage = key === "Enter" || key === "0" || key === "x" || this.board.keys.has(key)
    if (waitsForImage && !this.image && this.id !== undefined) this.typedEarly.push(key)
    else if (this.board.keys.has(key)) this.toggle(this.board.keys.get(key))
    else LABELER_KEYS[key](this)
  }

  handleQueue(event, entry, answer) {
    this.view.progress.showQueue(this.queue)
    if (event === "saved") this.accept(entry, answer)
    if (event === "refused") this.showRefusal(entry, answer)
    if (event === "saved" && this.view.pictureFailed) this.show()
  }

  accept(entry, answer) {
    if (answer.progress) this.showCounts(answer.progress)
    const touched = Object.keys(answer.answers ?? {}).map(Number)
    for (const id of touched) this.learn(id, answer.answers[id])
    if (entry.path !== "answers") this.afterUndo(entry, touched)
    if (touched.includes(this.id)) this.view.showChips(this)
  }

  // The server's word counts, unless a newer answer for the image is on its way.
  learn(id, answers) {
    const image = this.feed.known.get(id)
    const newer = this.queue.entries.some(({ body }) => body.image_ids?.includes(id))
    if (image && !newer) image.answers = answers
  }

  afterUndo(entry, touched) {
    const isOurs = entry.path === "undo" && entry.body.batch_id
    if (isOurs) return
    if (touched.length) this.jumpTo(touched[0])
    this.view.say(touched.length ? "Done" : "Nothing left to change")
  }

  showRefusal(entry, answer) {
    const id = entry.body.image_ids?.[0]
    this.view.refuse(answer?.error ?? "The server did not accept an answer.", () => this.jumpTo(id))
  }

  destroy() {
    document.removeEventListener("keydown", this.onKey, true)
    this.queue?.listeners.delete(this.onQueue)
  }
}

const LABELER_KEYS = {
  Enter: (labeler) => labeler.saveAndNext(true),
  ArrowLeft: (labeler) => labeler.move(-1),
  ArrowRight: (labeler) => labeler.move(1),
  0: (labeler) => labeler.image && labeler.sayNone(),
  x: (labeler) => labeler.image && labeler.sayUnknown(),
  u: (labeler) => labeler.undo(),
  U: (labeler) => labeler.redo(),
  "?": (labeler) => labeler.view.toggleHelp(),
  "/": (labeler) => focusTextFilter(labeler.root),
  Escape: (labeler) => labeler.view.toggleHelp(false),
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".room")
  if (!LABELERS.has(root)) LABELERS.set(root, new Labeler(root))
  LABELERS.get(root).setData(data)
  return () => LABELERS.get(root).destroy()
}
