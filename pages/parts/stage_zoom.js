// Zoom and pan of the picture in its frame. Scale 1 is "the whole picture"; 100 % is
// one picture pixel per screen pixel. Only a transform is set: nothing is laid out.

const ZOOM_STEP = 1.3
const ZOOM_AT_MOST = 12
const TAP_PX = 8
const TAP_MS = 320
const SWIPE_PX = 50
const LARGE_PX = 1280

class StageZoom {
  constructor(frame, project, { onSwipe, onLevel }) {
    Object.assign(this, { frame, project, onSwipe, onLevel })
    this.pointers = new Map()
    this.frameSize = { width: 1, height: 1 }
    this.lastTap = { at: 0, x: 0, y: 0 }
    this.watchSize()
    frame.addEventListener("wheel", (event) => this.roll(event), { passive: false })
    frame.addEventListener("pointerdown", (event) => this.press(event))
    frame.addEventListener("pointermove", (event) => this.drag(event))
    for (const end of ["pointerup", "pointercancel"]) {
      frame.addEventListener(end, (event) => this.release(event, end === "pointerup"))
    }
  }

  // Asking the browser for the size while drawing would cost a layout per picture.
  watchSize() {
    new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect
      this.resize({ width, height })
    }).observe(this.frame)
  }

  // A line that comes or goes beside a zoomed picture leaves its pixels as they are.
  resize(frameSize) {
    const shown = this.picture && this.scale !== 1 ? this.fitScale * this.scale : 0
    this.frameSize = frameSize
    if (shown) this.scale = shown / this.fitScale
    if (this.picture) this.apply()
  }

  show(picture, image) {
    if (this.image?.sha256 === image.sha256 && this.picture === picture) return
    this.picture = picture
    this.image = image
    this.fit()
  }

  clear() {
    this.picture = this.image = null
    this.onLevel("")
  }

  // The picture as it is shown; a photo on its side has width and height swapped.
  get size() {
    const { width_px: width, height_px: height } = this.image
    const { naturalWidth, naturalHeight } = this.picture
    const isTurned = naturalWidth && naturalWidth > naturalHeight !== width > height
    return isTurned ? { width: height, height: width } : { width, height }
  }

  get fitScale() {
    const { width, height } = this.size
    return Math.min(this.frameSize.width / width, this.frameSize.height / height) || 1
  }

  fit() {
    this.scale = 1
    this.x = this.y = 0
    this.apply()
  }

  // 100 %, and back to the whole picture.
  toggle() {
    if (!this.picture) return
    const whole = 1 / this.fitScale
    if (this.scale !== 1) this.fit()
    else this.zoomBy(Math.abs(whole - 1) > 0.05 ? whole : 2, 0, 0)
  }

  // Closer to what was tapped: 100 %, or twice as large when that would be smaller.
  toggleAt({ x, y }) {
    if (this.scale !== 1) this.fit()
    else this.zoomBy(Math.max(2, 1 / this.fitScale), x, y)
  }

  step(direction) {
    if (this.picture) this.zoomBy(direction > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, 0, 0)
  }

  // (x, y) is the point that stays in place, counted from the middle of the frame.
  zoomBy(factor, x, y) {
    const whole = 1 / this.fitScale
    const largest = Math.max(ZOOM_AT_MOST, 4 * whole)
    const scale = Math.min(largest, Math.max(Math.min(1, whole), this.scale * factor))
    const ratio = scale / this.scale
    this.x = x - (x - this.x) * ratio
    this.y = y - (y - this.y) * ratio
    this.scale = Math.abs(scale - 1) < 0.02 ? 1 : scale
    this.apply()
  }

  moveBy(x, y) {
    this.x += x
    this.y += y
    this.apply()
  }

  apply() {
    const { width, height } = this.size
    const shown = this.fitScale * this.scale
    const slackX = Math.max(0, (width * shown - this.frameSize.width) / 2)
    const slackY = Math.max(0, (height * shown - this.frameSize.height) / 2)
    this.x = Math.min(slackX, Math.max(-slackX, this.x))
    this.y = Math.min(slackY, Math.max(-slackY, this.y))
    const isWhole = this.scale === 1
    this.picture.style.transform = isWhole ? "" : `translate(${this.x}px, ${this.y}px) scale(${this.scale})`
    this.frame.classList.toggle("zoomed", this.scale > 1)
    this.onLevel(isWhole ? "Fit" : `${Math.round(100 * shown)} %`)
    if (this.scale > 1) this.sharpen(shown * Math.max(width, height))
  }

  // What is shown at first has 1,280 pixels: beyond them the original is asked for.
  sharpen(shownPx) {
    const { picture, image } = this
    const isEnough = shownPx * devicePixelRatio <= LARGE_PX
    const isAll = Math.max(image.width_px, image.height_px) <= LARGE_PX
    if (isEnough || isAll || picture.dataset.full) return
    picture.dataset.full = "asked"
    const full = new Image()
    full.src = pictureUrl(this.project, image, "full")
    full.decode().then(
      () => (picture.src = full.src),
      () => delete picture.dataset.full,
    )
  }

  roll(event) {
    if (!this.picture) return
    event.preventDefault()
    const { x, y } = this.fromMiddle(event)
    this.zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), x, y)
  }

  fromMiddle({ clientX, clientY }) {
    const box = this.frame.getBoundingClientRect()
    return { x: clientX - box.left - box.width / 2, y: clientY - box.top - box.height / 2 }
  }

  press(event) {
    if (!this.picture || event.button > 0) return
    this.frame.setPointerCapture(event.pointerId)
    const here = { ...this.fromMiddle(event), at: event.timeStamp }
    if (!this.pointers.size) this.gesture = { start: here, isPinch: false }
    this.pointers.set(event.pointerId, here)
    if (this.pointers.size > 1) this.gesture.isPinch = true
  }

  drag(event) {
    const before = this.pointers.get(event.pointerId)
    if (!before || !this.picture) return
    const here = this.fromMiddle(event)
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1]
    this.pointers.set(event.pointerId, here)
    if (other) return this.pinch(other, before, here)
    if (this.scale > 1) this.moveBy(here.x - before.x, here.y - before.y)
  }

  pinch(other, before, here) {
    const spread = (point) => Math.hypot(point.x - other.x, point.y - other.y) || 1
    const middle = { x: (here.x + other.x) / 2, y: (here.y + other.y) / 2 }
    this.zoomBy(spread(here) / spread(before), middle.x, middle.y)
    if (this.scale > 1) this.moveBy((here.x - before.x) / 2, (here.y - before.y) / 2)
  }

  release(event, isDone) {
    if (!this.pointers.delete(event.pointerId) || this.pointers.size) return
    const { start, isPinch } = this.gesture
    if (!isDone || isPinch || !this.picture) return
    const end = this.fromMiddle(event)
    const [dx, dy] = [end.x - start.x, end.y - start.y]
    if (Math.hypot(dx, dy) < TAP_PX) return this.tap(end, event.timeStamp)
    const isSwipe = Math.abs(dx) > SWIPE_PX && Math.abs(dx) > 1.5 * Math.abs(dy)
    if (isSwipe && event.pointerType !== "mouse" && this.scale <= 1) this.onSwipe(dx < 0 ? 1 : -1)
  }

  tap({ x, y }, at) {
    const last = this.lastTap
    const isDouble = at - last.at < TAP_MS && Math.hypot(x - last.x, y - last.y) < 4 * TAP_PX
    this.lastTap = { at: isDouble ? 0 : at, x, y }
    if (isDouble) this.toggleAt({ x, y })
  }
}
