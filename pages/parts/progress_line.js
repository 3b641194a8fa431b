// "412 of 2,160 labelled · 30 with open questions", a bar, and whether the work is
// saved. Lives from the answers of the server, without a rerun of the page.

const SAVE_WORDS = {
  saved: () => "All saved",
  saving: (count) => `Saving ${formatNumber(count)}`,
  offline: (count, problem) =>
    `${problem}: ${plural(count, "answer")} kept here, trying again`,
}

class ProgressLine {
  constructor() {
    this.text = make("span", { class: "progress-text" })
    this.state = make("span", { class: "save-state", role: "status" })
    this.fill = make("div", { class: "progress-fill" })
    this.bar = make("div", { class: "progress-bar", role: "progressbar" }, this.fill)
    this.bar.setAttribute("aria-label", "Pictures labelled")
    const line = make("div", { class: "progress-line" }, this.text, this.state)
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

  showQueue({ state, entries, problem }) {
    this.state.dataset.state = state
    setText(this.state, SAVE_WORDS[state](entries.length, problem))
  }
}
