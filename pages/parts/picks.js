// Which images of a list are picked. While a rectangle is being drawn its images show
// the value it gives them; they get it when the pointer lets go.

class Picks {
  constructor(ids = []) {
    this.chosen = new Set()
    this.band = null
    this.strays = new Set()
    this.setIds(ids)
  }

  // Keeps what is picked and still there: a list is read again after a change.
  setIds(ids) {
    const there = new Set(ids)
    this.ids = ids
    this.strays = new Set()
    this.chosen = new Set([...this.chosen].filter((id) => there.has(id)))
    this.anchor = Math.min(this.anchor ?? 0, Math.max(0, ids.length - 1))
    this.focus = Math.min(this.focus ?? 0, Math.max(0, ids.length - 1))
  }

  // Those that match the filter no more stay in the list; they are picked no longer,
  // unless somebody picks them by hand.
  keepMatching(matching) {
    const strays = new Set(this.ids.filter((id) => !matching.has(id)))
    for (const id of strays) if (!this.strays.has(id)) this.chosen.delete(id)
    this.strays = strays
  }

  chooseAll() {
    this.chosen = new Set(this.ids.filter((id) => !this.strays.has(id)))
  }

  get matching() {
    return this.ids.length - this.strays.size
  }

  get strayCount() {
    let count = [...this.strays].filter((id) => this.chosen.has(id)).length
    for (const id of this.bandIds()) if (this.strays.has(id)) count += this.band.value - this.chosen.has(id)
    return count
  }

  startOver() {
    this.chosen.clear()
    this.anchor = this.focus = 0
  }

  has(place) {
    return this.isInBand(place) ? this.band.value : this.chosen.has(this.ids[place])
  }

  get count() {
    let count = this.chosen.size
    for (const id of this.bandIds()) count += this.band.value - this.chosen.has(id)
    return count
  }

  set(place, isPicked) {
    if (isPicked) this.chosen.add(this.ids[place])
    else this.chosen.delete(this.ids[place])
  }

  // A click: one more or one less; with Shift everything from the last click to here.
  pick(place, isRange) {
    const value = isRange ? this.has(this.anchor) : !this.has(place)
    if (isRange) this.setRange(this.anchor, place, value)
    else this.set(place, value)
    if (!isRange) this.anchor = place
    this.focus = place
  }

  setRange(from, to, value) {
    const [first, last] = from < to ? [from, to] : [to, from]
    for (let place = first; place <= last; place++) this.set(place, value)
  }

  isInBand(place) {
    if (!this.band) return false
    const { columns, top, bottom, left, right } = this.band
    const [row, column] = [Math.floor(place / columns), place % columns]
    return row >= top && row <= bottom && column >= left && column <= right
  }

  *bandIds() {
    if (!this.band) return
    const { columns, top, bottom, left, right } = this.band
    for (let row = top; row <= bottom; row++) {
      for (let column = left; column <= right; column++) {
        const id = this.ids[row * columns + column]
        if (id !== undefined) yield id
      }
    }
  }

  keepBand() {
    const { value } = this.band
    for (const id of this.bandIds()) value ? this.chosen.add(id) : this.chosen.delete(id)
    this.band = null
  }
}
