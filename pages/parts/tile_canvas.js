// A scrolling field of thumbnails that holds only the rows in sight, so that
// 100,000 images scroll like 100.

const TILE_PX = { least: 72, usual: 104, most: 320 }
const TILE_PX_NAME = "unseen.tile-px"
const TIGHT_PX = 96
const CAPTION_PX = 30
const GAP_PX = 10
const SPARE_ROWS = 2
const NEED_EVERY_MS = 50
// Browsers cut off what is higher than some 17 million px.
const HIGHEST_PX = 16_000_000

class TileCanvas {
  // `owner` has project, picks, describe(place) and need(first, end), which fetches
  // what describe tells of those images.
  constructor(owner, words = "Images") {
    this.owner = owner
    this.packs = new ThumbPacks(owner.project, () => this.repaint())
    this.count = 0
    this.tiles = new Map()
    this.sizePx = keptTileSize()
    this.captionPx = CAPTION_PX
    this.inner = make("div", { class: "canvas" })
    this.node = make("div", { class: "scroller", role: "listbox", "aria-label": words }, this.inner)
    this.node.setAttribute("aria-multiselectable", "true")
    this.node.addEventListener("scroll", () => this.draw(), { passive: true })
    this.observer = new ResizeObserver(() => this.draw())
    this.observer.observe(this.node)
  }

  // `pick(place, isRange)` on a click; `open(place)` on a double click, whose two
  // clicks have picked and unpicked the tile: it stays as it was.
  listen(pick, open) {
    this.node.addEventListener("click", (event) => {
      const place = this.placeOf(event)
      if (place === null) return
      pick(place, event.shiftKey)
      this.tiles.get(place)?.node.focus({ preventScroll: true })
    })
    this.node.addEventListener("dblclick", (event) => {
      const place = this.placeOf(event)
      if (place !== null) open(place)
    })
  }

  measure() {
    const width = Math.max(this.inner.clientWidth, TILE_PX.least)
    let columns = Math.max(1, Math.floor((width + GAP_PX) / (this.sizePx + GAP_PX)))
    while (this.heightOf(width, columns) > HIGHEST_PX) columns++
    this.columns = columns
    this.tilePx = (width - (columns - 1) * GAP_PX) / columns
    this.rowPx = this.tilePx + this.captionPx + GAP_PX
    this.inner.classList.toggle("tight", this.tilePx < TIGHT_PX)
    this.inner.style.height = `${this.heightOf(width, columns)}px`
  }

  heightOf(width, columns) {
    const tilePx = (width - (columns - 1) * GAP_PX) / columns
    return Math.ceil(this.count / columns) * (tilePx + this.captionPx + GAP_PX)
  }

  // The pictures at the top stay there, whatever their size becomes.
  setSize(sizePx) {
    const top = Math.floor(this.node.scrollTop / this.rowPx) * this.columns
    this.sizePx = sizePx
    keepTileSize(sizePx)
    this.measure()
    this.node.scrollTop = Math.floor(top / this.columns) * this.rowPx
    this.mustAsk = true
    this.drawNow()
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
    this.mustAsk = true
    this.repaint()
  }

  // Something has come: nothing new to ask for.
  repaint() {
    if (this.drawing) return
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null
      this.drawNow()
    })
  }

  drawNow() {
    this.measure()
    const [first, end] = this.visible()
    if (this.mustAsk) this.askFor(first, end)
    this.mustAsk = false
    for (const [place, tile] of this.tiles) {
      if (place >= first && place < end) continue
      dropTile(tile)
      this.tiles.delete(place)
    }
    for (let place = first; place < end; place++) this.drawTile(place)
  }

  // Also while scrolling on and on, but not for every frame of it.
  askFor(first, end) {
    clearTimeout(this.asking)
    const ask = () => {
      this.askedAt = performance.now()
      this.owner.need(first, end)
      if (this.tilePx <= THUMB_SUFFICES_PX) this.packs.need(this.owner.picks.ids.slice(first, end))
    }
    const wait = (this.askedAt ?? 0) + NEED_EVERY_MS - performance.now()
    if (wait <= 0) ask()
    else this.asking = setTimeout(ask, wait)
  }

  drawTile(place) {
    const tile = this.tiles.get(place) ?? this.addTile(place)
    const left = (place % this.columns) * (this.tilePx + GAP_PX)
    const top = Math.floor(place / this.columns) * this.rowPx
    tile.node.style.transform = `translate(${left}px, ${top}px)`
    tile.node.style.width = `${this.tilePx}px`
    tile.node.style.height = `${this.rowPx - GAP_PX}px`
    const view = this.owner.describe(place)
    showPicture(tile, this.owner.picks.ids[place], this.addressOf(place, view.image))
    paintTile(tile, view)
  }

  // Undefined while it has to be waited for.
  addressOf(place, image) {
    const { project, picks } = this.owner
    if (this.tilePx > THUMB_SUFFICES_PX) return image && pictureUrl(project, image, "large")
    return this.packs.urlOf(picks.ids[place]) || this.addressAlone(picks.ids[place], image)
  }

  addressAlone(id, image) {
    const isMissing = this.packs.urlOf(id) === ""
    return isMissing && image ? pictureUrl(this.owner.project, image, "thumb") : undefined
  }

  addTile(place) {
    const tile = makeTile(place)
    this.tiles.set(place, tile)
    this.inner.append(tile.node)
    return tile
  }

  // Another list of images; those at the same place are painted over.
  reset(count) {
    this.count = count
    this.draw()
  }

  focusOn(place) {
    this.measure()
    const top = Math.floor(place / this.columns) * this.rowPx
    const bottom = top + this.rowPx - this.node.clientHeight
    const scroll = Math.min(top, Math.max(bottom, this.node.scrollTop))
    this.node.scrollTop = scroll
    this.mustAsk = true
    this.drawNow()
    this.tiles.get(place)?.node.focus({ preventScroll: true })
  }

  placeOf(event) {
    const node = event.composedPath().find((n) => n.classList?.contains("tile"))
    return node ? Number(node.dataset.place) : null
  }

  // Null between the tiles and beside them.
  placeAt({ x, y }) {
    const { top, bottom, left, right } = this.cells({ left: x, right: x, top: y, bottom: y })
    const place = top * this.columns + left
    return top === bottom && left === right && place < this.count ? place : null
  }

  // The rows and columns whose tiles a rectangle of the canvas touches. In a gap the
  // first comes after the last: there are none.
  cells({ left, right, top, bottom }) {
    const [first, last] = touched(left, right, this.tilePx)
    const [firstRow, lastRow] = touched(top, bottom, this.rowPx - GAP_PX)
    return { top: firstRow, bottom: lastRow, left: first, right: Math.min(this.columns - 1, last) }
  }

  destroy() {
    clearTimeout(this.asking)
    this.packs.destroy()
    this.observer.disconnect()
  }
}

// Of things `sizePx` long with gaps between them, the first and last that a span touches.
function touched(from, to, sizePx) {
  const stepPx = sizePx + GAP_PX
  return [Math.max(0, Math.ceil((from - sizePx) / stepPx)), Math.floor(to / stepPx)]
}

function keptTileSize() {
  try {
    const kept = Number(localStorage.getItem(TILE_PX_NAME)) || TILE_PX.usual
    return Math.max(TILE_PX.least, Math.min(TILE_PX.most, kept))
  } catch {
    return TILE_PX.usual
  }
}

function keepTileSize(sizePx) {
  try {
    localStorage.setItem(TILE_PX_NAME, sizePx)
  } catch {
    // storage forbidden: the size holds until the page is left
  }
}

function makeSizeSlider(canvas) {
  const slider = make("input", { type: "range", class: "size", step: 4, title: "Size of the pictures" })
  Object.assign(slider, { min: TILE_PX.least, max: TILE_PX.most, value: canvas.sizePx })
  slider.setAttribute("aria-label", "Size of the pictures")
  slider.addEventListener("input", () => canvas.setSize(Number(slider.value)))
  return slider
}
