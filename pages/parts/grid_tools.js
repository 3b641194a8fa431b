// Above the thumbnails: how many are picked, their order, their size.

const ORDERS = {
  added: "Oldest first",
  newest: "Newest first",
  name: "By file name",
  uncertainty: "Least certain first",
}
const LIKE = "Like the picked picture"

class GridTools {
  constructor(grid, canvas) {
    this.grid = grid
    this.count = make("span", { class: "count", role: "status" })
    this.all = gridButton("Select all", "", () => grid.filter.selectAll())
    this.clear = gridButton("Clear", "", () => grid.clearSelection())
    this.again = gridButton("↻", "icon", () => grid.readIds())
    this.again.setAttribute("aria-label", "Read the list again")
    this.order = make("select", { class: "order", "aria-label": "Order", onchange: () => this.choose() })
    this.node = make(
      "div",
      { class: "grid-bar" },
      this.count,
      make("span", { class: "bar-buttons" }, this.all, this.clear, this.again),
      make("span", { class: "bar-looks" }, this.order, makeSizeSlider(canvas)),
    )
  }

  choose() {
    const { value } = this.order
    if (value === "similar") this.grid.sortByLikeness()
    else this.grid.setOrder(value)
  }

  show({ picks, loaded, order, ordersItself }) {
    const [count, total] = [picks.count, picks.matching]
    const all = loaded ? plural(total, "picture") : ""
    setText(this.count, count ? tellPicked(picks) : all)
    setText(this.all, `Select all ${formatNumber(total)}`)
    this.all.disabled = !total || (count === total && !picks.strayCount)
    this.clear.disabled = !count
    this.showStrays(picks.strays.size)
    this.order.hidden = ordersItself
    this.showOrder(order)
  }

  showStrays(count) {
    this.again.classList.toggle("calls", count > 0)
    this.again.title = count ? `${plural(count, "faded picture")} no longer in this filter: take them out of sight` : "Read the list again"
  }

  showOrder(order) {
    if (this.shownOrder !== order.value) this.listOrders(order)
    this.shownOrder = order.value
    this.order.value = order.value
  }

  listOrders(order) {
    const choices = Object.entries(ORDERS)
    if (order.name) choices.push([order.value, `Like ${order.name}`])
    choices.push(["similar", LIKE])
    this.order.replaceChildren(...choices.map(([value, words]) => make("option", { value }, words)))
  }
}

// Faded ones can be picked by hand, to mend them; they are no part of the filter.
function tellPicked({ count, strayCount, matching }) {
  const ofAll = `${formatNumber(count - strayCount)} of ${formatNumber(matching)} selected`
  return strayCount ? `${ofAll} and ${formatNumber(strayCount)} faded` : ofAll
}

// The order is kept for the tab: a reload or another view comes back to it.
function keptOrder(project) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(`unseen.order.${project}`))
    return kept?.value ? kept : { value: "added" }
  } catch {
    return { value: "added" }
  }
}

function keepOrder(project, order) {
  try {
    sessionStorage.setItem(`unseen.order.${project}`, JSON.stringify(order))
  } catch {
    // storage forbidden: the order holds until the page is left
  }
}

function gridButton(text, kind, onclick) {
  return make("button", { type: "button", class: `button ${kind}`, onclick }, text)
}
