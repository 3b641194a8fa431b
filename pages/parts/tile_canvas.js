// A scrolling field of thumbnails that holds only the rows in sight, so that
// 100,000 images scroll like 100.

const TILE_MIN_PX = 104
const CAPTION_PX = 30
const GAP_PX = 10
const SPARE_ROWS = 2
const SETTLE_MS = 70

class TileCanvas {
  constructor(project, describe, onNeed) {
    this.project = project
    this.describe = describe
    this.onNeed = onNeed
    this.count = 0
    this.tiles = new Map()
    this.inner = make("div", { class: "canvas" })
    this.node = make("div", { class: "scroller", role: "listbox", "aria-label": "Images" }, this.inner)
    this.node.setAttribute("aria-multiselectable", "true")
    this.node.addEventListener("scroll", () => this.draw(), { passive: true })
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.node)
  }

  measure() {
    const width = Math.max(this.inner.clientWidth, TILE_MIN_PX)
    this.columns = Math.max(2, Math.floor((width + GAP_PX) / (TILE_MIN_PX + GAP_PX)))
    this.tilePx = (width - (this.columns - 1) * GAP_PX) / this.columns
    this.rowPx = this.tilePx + CAPTION_PX + GAP_PX
    const rows = Math.ceil(this.count / this.columns)
    this.inner.style.height = `${rows * this.rowPx}px`
  }

  get rowsInSight() {
    return Math.max(1, Math.floor(this.node.clientHeight / this.rowPx))
  }

  visible() {
    const firstRow = Math.floor(this.node.scrollTop / this.rowPx) - SPARE_ROWS
    const rows = Math.ceil(this.node.clientHeight / this.rowPx) + 2 * SPARE_ROWS + 1
    const first = Math.max(0, firstRow * this.columns)
    return [first, Math.min(this.count, (firstRow + rows) * this.columns)]
  }

  draw() {
    if (this.drawing) return
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null
      this.drawNow()
    })
  }

  drawNow() {
    this.measure()
    const [first, end] = this.visible()
    for (const [place, tile] of this.tiles) {
      if (place >= first && place < end) continue
      tile.node.remove()
      this.tiles.delete(place)
    }
    for (let place = first; place < end; place++) this.drawTile(place)
    clearTimeout(this.settling)
    this.settling = setTimeout(() => this.onNeed(first, end), SETTLE_MS)
  }

  drawTile(place) {
    const tile = this.tiles.get(place) ?? this.makeTile(place)
    const left = (place % this.columns) * (this.tilePx + GAP_PX)
    const top = Math.floor(place / this.columns) * this.rowPx
    tile.node.style.transform = `translate(${left}px, ${top}px)`
    tile.node.style.width = `${this.tilePx}px`
    tile.node.style.height = `${this.rowPx - GAP_PX}px`
    this.paint(tile, this.describe(place))
  }

  makeTile(place) {
    const picture = make("img", { alt: "", decoding: "async", draggable: "false" })
    const caption = make("div", { class: "caption" })
    const tick = make("span", { class: "tick", "aria-hidden": "true" })
    const frame = make("div", { class: "thumb" }, picture, tick)
    const node = make("div", { class: "tile", role: "option", tabindex: "-1" }, frame, caption)
    node.dataset.place = place
    const tile = { node, picture, caption }
    this.tiles.set(place, tile)
    this.inner.append(node)
    return tile
  }

  paint(tile, { image, words, isSelected, isFocus }) {
    tile.node.setAttribute("aria-selected", isSelected)
    tile.node.tabIndex = isFocus ? 0 : -1
    tile.node.classList.toggle("blank", !image)
    if (!image) return
    if (tile.sha256 !== image.sha256) {
      tile.sha256 = image.sha256
      tile.picture.src = pictureUrl(this.project, image, "thumb")
      tile.node.title = image.name
    }
    setText(tile.caption, words || "not labelled")
    tile.caption.classList.toggle("quiet", !words)
    tile.node.setAttribute("aria-label", `${image.name}: ${words || "not labelled"}`)
  }

  reset(count) {
    this.count = count
    for (const tile of this.tiles.values()) tile.node.remove()
    this.tiles.clear()
    this.draw()
  }

  focusOn(place) {
    this.measure()
    const top = Math.floor(place / this.columns) * this.rowPx
    const bottom = top + this.rowPx - this.node.clientHeight
    const scroll = Math.min(top, Math.max(bottom, this.node.scrollTop))
    this.node.scrollTop = scroll
    this.drawNow()
    this.tiles.get(place)?.node.focus({ preventScroll: true })
  }

  placeOf(event) {
    const node = event.composedPath().find((n) => n.classList?.contains("tile"))
    return node ? Number(node.dataset.place) : null
  }

  destroy() {
    this.observer.disconnect()
  }
}
