// "412 of 2,160 labelled · 640 an hour · about 2 h 45 min left · 120 today", a bar, and
// whether the work is saved. Lives from the answers of the server, without a rerun.

const SAVE_WORDS = {
  saved: () => "All saved",
  saving: (count) => `Saving ${formatNumber(count)}`,
  offline: (count, problem) =>
    `${problem}: ${plural(count, "answer")} kept here, trying again`,
  refused: () => "",
}

class ProgressLine {
  constructor() {
    this.text = make("span", { class: "progress-text" })
    this.pace = make("span", { class: "progress-pace quiet" })
    this.state = make("span", { class: "save-state", role: "status" })
    const again = lineButton("Try again", () => this.queue.retry())
    const drop = lineButton("Give up", () => this.queue.giveUp())
    drop.title = "Forget these answers: the pictures stay as they were before"
    this.acts = make("span", { class: "save-acts", hidden: true }, again, drop)
    this.fill = make("div", { class: "progress-fill" })
    this.bar = make("div", { class: "progress-bar", role: "progressbar" }, this.fill)
    this.bar.setAttribute("aria-label", "Pictures labelled")
    const said = make("span", { class: "progress-said" }, this.text, this.pace)
    const line = make("div", { class: "progress-line" }, said, this.state, this.acts)
    this.node = make("div", { class: "progress" }, line, this.bar)
    this.showQueue({ state: "saved", entries: [] })
  }

  show({ total, labelled, complete }) {
    const open = labelled - complete
    const questions = open ? ` · ${formatNumber(open)} with open questions` : ""
    const counts = `${formatNumber(labelled)} of ${formatNumber(total)} labelled`
    setText(this.text, counts + questions)
    const percent = total ? (100 * labelled) / total : 0
    this.fill.style.width = `${percent}%`
    this.bar.setAttribute("aria-valuenow", Math.round(percent))
  }

  showPace(pace) {
    setText(this.pace, paceWords(pace).map((word) => ` · ${word}`).join(""))
  }

  showQueue(queue) {
    const { state, entries, problem, refused = [] } = queue
    this.queue = queue
    this.acts.hidden = !refused.length
    this.state.dataset.state = refused.length ? "refused" : state
    const unsaved = refused.length ? `${plural(refused.length, "answer")} not saved` : ""
    setText(this.state, [SAVE_WORDS[state](entries.length, problem), unsaved].filter(Boolean).join(" · "))
  }
}

function lineButton(text, onclick) {
  return make("button", { type: "button", class: "button quiet-button", onclick }, text)
}

function paceWords({ today, today_bulk: inBulk, per_hour: perHour, left, left_s: leftS }) {
  const words = []
  if (perHour) words.push(`${formatNumber(roughly(perHour))} an hour`)
  if (left && leftS) words.push(`${durationWords(leftS)} left`)
  if (today || inBulk) words.push(todayWords(today, inBulk))
  return words
}

// The pace is of what was done one by one; what one click did is said beside it.
function todayWords(byHand, inBulk) {
  if (!inBulk) return `${formatNumber(byHand)} today`
  return `today ${formatNumber(byHand)} by hand, ${formatNumber(inBulk)} in bulk`
}

// Two digits are enough for a pace, and do not flicker with every picture.
function roughly(value) {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1)
  return Math.round(value / step) * step
}

function durationWords(seconds) {
  const minutes = Math.round(seconds / 60)
  if (minutes < 1) return "less than a minute"
  if (minutes < 60) return `about ${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours >= 10) return `about ${formatNumber(Math.round(minutes / 60))} h`
  const rest = Math.round((minutes % 60) / 5) * 5
  if (rest === 60) return `about ${hours + 1} h`
  return rest ? `about ${hours} h ${rest} min` : `about ${hours} h`
}
