// Draws a rectangle over tiles: with the mouse at once, with a finger after a long
// press (before it a finger scrolls). Near an edge the field scrolls along.

const DRAG_STARTS_PX = 6
const LONG_PRESS_MS = 350
const EDGE_PX = 36
const FASTEST_PX = 40

class DragSelect {
  // Starting on a picked tile takes away, anywhere else it adds.
  constructor(canvas, picks, onChange) {
    this.canvas = canvas
    this.picks = picks
    this.onChange = onChange
    this.frame = make("div", { class: "band", "aria-hidden": "true" })
    this.listen(canvas.node)
  }

  listen(node) {
    node.addEventListener("pointerdown", (event) => this.press(event))
    node.addEventListener("pointermove", (event) => this.move(event))
    node.addEventListener("pointerup", () => this.end(true))
    node.addEventListener("pointercancel", () => this.end(false))
    node.addEventListener("contextmenu", (event) => this.isTouch && event.preventDefault())
    // Not passive: a drawn rectangle must not scroll as well.
    node.addEventListener("touchmove", (event) => this.isDrawing && event.preventDefault(), { passive: false })
    node.addEventListener("click", (event) => this.swallow(event), true)
  }

  get isDrawing() {
    return this.picks.band !== null
  }

  press(event) {
    this.hasDrawn = false
    const onScrollbar = event.target === this.canvas.node && event.offsetX >= this.canvas.node.clientWidth
    if (event.button !== 0 || onScrollbar) return
    this.isTouch = event.pointerType === "touch"
    this.start = { ...this.inCanvas(event), pointer: event.pointerId }
    this.last = event
    clearTimeout(this.waiting)
    if (this.isTouch) this.waiting = setTimeout(() => this.begin(), LONG_PRESS_MS)
  }

  move(event) {
    if (!this.start || event.pointerId !== this.start.pointer) return
    this.last = event
    if (this.isDrawing) return this.update()
    const now = this.inCanvas(event)
    const way = Math.hypot(now.x - this.start.x, now.y - this.start.y)
    if (way < DRAG_STARTS_PX) return
    if (this.isTouch) this.end(false)
    else this.begin()
  }

  begin() {
    const { columns } = this.canvas
    const place = this.canvas.placeAt(this.start)
    const value = !(place !== null && this.picks.has(place))
    this.picks.band = { columns, value, top: 0, bottom: -1, left: 0, right: -1 }
    this.hasDrawn = true
    this.canvas.node.setPointerCapture(this.start.pointer)
    this.canvas.inner.append(this.frame)
    this.update()
    this.follow()
  }

  update() {
    const now = this.inCanvas(this.last)
    const [left, right] = [Math.min(now.x, this.start.x), Math.max(now.x, this.start.x)]
    const [top, bottom] = [Math.min(now.y, this.start.y), Math.max(now.y, this.start.y)]
    Object.assign(this.picks.band, this.canvas.cells({ left, right, top, bottom }))
    this.frame.style.transform = `translate(${left}px, ${top}px)`
    this.frame.style.width = `${right - left}px`
    this.frame.style.height = `${bottom - top}px`
    this.onChange()
  }

  follow() {
    if (!this.isDrawing) return
    const { top, bottom } = this.canvas.node.getBoundingClientRect()
    const below = Math.max(0, this.last.clientY - (bottom - EDGE_PX))
    const above = Math.max(0, top + EDGE_PX - this.last.clientY)
    const step = Math.max(-FASTEST_PX, Math.min(FASTEST_PX, (below - above) / 2))
    if (step) {
      this.canvas.node.scrollTop += step
      this.update()
    }
    requestAnimationFrame(() => this.follow())
  }

  end(isKept) {
    clearTimeout(this.waiting)
    this.start = null
    if (!this.isDrawing) return
    if (isKept) this.picks.keepBand()
    this.picks.band = null
    this.frame.remove()
    this.onChange()
  }

  // Letting go of a rectangle is not a click on the tile beneath.
  swallow(event) {
    if (this.hasDrawn) event.stopImmediatePropagation()
    this.hasDrawn = false
  }

  inCanvas({ clientX, clientY }) {
    const { left, top, height } = this.canvas.inner.getBoundingClientRect()
    return { x: clientX - left, y: Math.max(0, Math.min(height, clientY - top)) }
  }
}
