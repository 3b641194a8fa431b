// Which pictures of the grid still match its filter. The list keeps its order while
// people work, so that nothing jumps: what matches no more is faded, counts no longer,
// and leaves the list when it is read again.

class FilterCheck {
  constructor(grid) {
    this.grid = grid
    this.selectsAll = false
    this.running = null
  }

  forget() {
    this.selectsAll = false
  }

  // Only what matches now, also of what others did: selected once the server has said.
  selectAll() {
    const { queue, view } = this.grid
    if (queue.state === "offline") {
      return view.say("Not saved yet, so what matches the filter is not known. Nothing was selected.")
    }
    this.selectsAll = true
    if (!queue.entries.length) this.run()
  }

  // Asked again while it asks, it asks once more: what was saved meanwhile counts.
  async run() {
    this.mustRepeat = Boolean(this.running)
    this.running ??= this.repeat()
    await this.running
  }

  async repeat() {
    do {
      this.mustRepeat = false
      await this.readOnce()
    } while (this.mustRepeat)
    this.running = null
  }

  async readOnce() {
    const { feed, query, picks } = this.grid
    const answer = await getJson(`${feed.url}image-ids?${query}`)
    const isOld = feed !== this.grid.feed || query !== this.grid.query || !this.grid.loaded
    if (isOld) this.forget()
    if (isOld || this.mustRepeat) return
    if (!answer) return this.giveUp()
    // One that was deleted has come back: it has no place in this list yet.
    if (answer.ids.some((id) => !feed.places.has(id))) await this.grid.readIds()
    else this.mark(new Set(answer.ids))
    this.finish()
  }

  mark(matching) {
    const { picks, view } = this.grid
    const before = picks.strays.size
    picks.keepMatching(matching)
    if (picks.strays.size > before) view.sayMore("Faded: no longer in this filter; ↻ takes those out of sight.")
  }

  // What is still on its way may change what matches: then the next answer decides.
  finish() {
    const { picks, queue } = this.grid
    if (this.selectsAll && !queue.entries.length) {
      picks.chooseAll()
      this.selectsAll = false
    }
    this.grid.showSelection()
  }

  giveUp() {
    if (this.selectsAll) this.grid.view.say("The server does not answer. Nothing was selected.")
    this.selectsAll = false
  }
}
