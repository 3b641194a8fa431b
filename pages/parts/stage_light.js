// Brightness and contrast for dark or flat pictures: a filter of the browser, kept
// from picture to picture while this tab lives. The picture itself is not changed.

const LIGHT = { brightness: 1, contrast: 1 }
const LIGHT_WORDS = { brightness: "Brightness", contrast: "Contrast" }
const [LIGHT_LEAST, LIGHT_MOST, LIGHT_STEP] = [0.2, 4, 0.2]

class StageLight {
  constructor(frame, onDone, resetKey) {
    this.frame = frame
    this.onDone = onDone
    this.sliders = Object.keys(LIGHT).map((name) => this.makeSlider(name))
    const lines = this.sliders.map((input) => make("label", {}, LIGHT_WORDS[input.name], input))
    const normal = textButton("Normal", "", () => this.reset())
    this.node = make("div", { class: "light-card", hidden: true }, ...lines, normal)
    this.hint = make("button", { type: "button", class: "button light-hint", onclick: () => this.reset() })
    this.resetKey = resetKey
    this.apply()
  }

  makeSlider(name) {
    const input = make("input", { type: "range", name, min: LIGHT_LEAST, max: LIGHT_MOST, step: 0.05 })
    input.addEventListener("input", () => this.set(name, Number(input.value)))
    // The keyboard belongs to the labels again as soon as the slider is let go.
    input.addEventListener("change", this.onDone)
    return input
  }

  set(name, value) {
    LIGHT[name] = Math.min(LIGHT_MOST, Math.max(LIGHT_LEAST, value))
    this.apply()
  }

  step(name, direction) {
    this.set(name, LIGHT[name] + direction * LIGHT_STEP)
    return lightWords(name)
  }

  reset() {
    LIGHT.brightness = LIGHT.contrast = 1
    this.apply()
    this.onDone()
  }

  get isNormal() {
    return Math.abs(LIGHT.brightness - 1) < 0.01 && Math.abs(LIGHT.contrast - 1) < 0.01
  }

  apply() {
    const { brightness, contrast } = LIGHT
    const filter = this.isNormal ? "none" : `brightness(${brightness}) contrast(${contrast})`
    this.frame.style.setProperty("--light", filter)
    for (const input of this.sliders) input.value = LIGHT[input.name]
    this.hint.hidden = this.isNormal
    const key = this.resetKey ? ` (${this.resetKey})` : ""
    setText(this.hint, `${lightWords("brightness")} · ${lightWords("contrast").toLowerCase()}  ×`)
    this.hint.title = `The picture is shown altered. Back to normal${key}`
    this.hint.setAttribute("aria-label", `${this.hint.title}. ${this.hint.textContent}`)
  }

  toggle(isOpen = this.node.hidden) {
    this.node.hidden = !isOpen
  }
}

function lightWords(name) {
  return `${LIGHT_WORDS[name]} ${Math.round(100 * LIGHT[name])} %`
}
