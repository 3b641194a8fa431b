// Dragging a chip, the list that moves the chosen ones, and drawing the board.
const DRAG_FROM_PX = 5

function cardAt(view, x, y) {
  return view.cards().find((card) => {
    const box = card.getBoundingClientRect()
    return x >= box.left && x <= box.right && y >= box.top && y <= box.bottom
  })
}

// A finger scrolls the page, so it drags by the handle only; a mouse by all of it.
function startChipDrag(event, id, handle, view) {
  const isOnHandle = event.composedPath().includes(handle)
  if (event.button !== 0 || (event.pointerType !== "mouse" && !isOnHandle)) return
  const chip = event.currentTarget
  const { pointerId, clientX, clientY } = event
  const drag = { ghost: null, over: null }
  // At once: the first move may already be beside the chip.
  chip.setPointerCapture(pointerId)
  chip.onpointermove = (move) => {
    const far = Math.hypot(move.clientX - clientX, move.clientY - clientY) > DRAG_FROM_PX
    if (far && !drag.ghost) liftChip(chip, drag, view)
    if (drag.ghost) carryChip(move, drag, view)
  }
  chip.onpointerup = chip.onpointercancel = (end) => {
    chip.onpointermove = chip.onpointerup = chip.onpointercancel = null
    if (drag.ghost) dropChip(end, id, chip, drag, view)
  }
}

function liftChip(chip, drag, view) {
  drag.ghost = chip.cloneNode(true)
  chip.classList.add("lifted")
  drag.ghost.classList.add("ghost")
  view.root.append(drag.ghost)
}

function carryChip(move, drag, view) {
  drag.ghost.style.transform = `translate(${move.clientX + 8}px, ${move.clientY + 8}px)`
  const card = cardAt(view, move.clientX, move.clientY)
  if (card === drag.over) return
  drag.over?.classList.remove("over")
  card?.classList.add("over")
  drag.over = card
}

function dropChip(end, id, chip, drag, view) {
  drag.ghost.remove()
  drag.over?.classList.remove("over")
  chip.classList.remove("lifted")
  view.skipClick = true
  setTimeout(() => (view.skipClick = false))
  if (end.type === "pointercancel" || !drag.over) return
  const ids = view.board.chosen.has(id) ? [...view.board.chosen] : [id]
  view.move(ids, Number(drag.over.dataset.place))
}

function buildMover(view) {
  const chosen = [...view.board.chosen]
  const what = chosen.length === 1 ? view.data.labels[chosen[0]].name : plural(chosen.length, "label")
  const places = view.board.groups.map((group, place) => [place, group.name || `Group ${place + 1}`])
  places.push([REST, "No group"], [NEW_GROUP, "A new group"])
  const list = make(
    "select",
    { class: "mover", disabled: !chosen.length, "aria-label": "Move the chosen labels to", onchange: (event) => view.move(chosen, Number(event.target.value)) },
    make("option", { value: "" }, "Move to …"),
    ...places.map(([value, title]) => make("option", { value }, title))
  )
  const words = chosen.length ? `${what} chosen` : "Drag a label, or choose one."
  return make("div", { class: "moving" }, make("span", { class: "quiet words", "aria-live": "polite" }, words), list)
}

function buildActs(view) {
  const hinder = whatHinders(view.board)
  const count = view.board.groups.filter((group) => group.ids.length).length
  const act = (what) => view.send({ do: what, ...boardResult(view.board) })
  return make(
    "div",
    { class: "acts" },
    make("button", { type: "button", class: "go", disabled: Boolean(hinder), onclick: () => act("make") }, count === 1 ? "Make this group" : `Make these ${count} groups`),
    make("button", { type: "button", class: "plain", onclick: () => act("dismiss") }, "Not now"),
    make("span", { class: "hinder", role: "status" }, hinder)
  )
}

function drawBoard(view) {
  const { root, board } = view
  const cards = board.groups.map((group, place) => buildGroup(group, place, view))
  const grid = make("div", { class: "cards" }, ...cards, buildRest(view), buildNew())
  const acts = buildActs(view)
  root.replaceChildren(grid, buildMover(view), acts)
}

function makeView(root) {
  const view = {
    root,
    cards: () => [...root.querySelectorAll(".card")],
    choose(id) {
      if (view.skipClick) return
      if (!view.board.chosen.delete(id)) view.board.chosen.add(id)
      drawBoard(view)
      root.querySelector(`.chip[data-id="${id}"]`)?.focus({ preventScroll: true })
    },
    move(ids, place) {
      moveLabels(view.board, ids, place)
      drawBoard(view)
      root.querySelector(`.chip[data-id="${ids[0]}"]`)?.focus({ preventScroll: true })
      view.report()
    },
    // Only the buttons change while a name is typed: the field keeps the cursor.
    edit(change, isDone = false) {
      change()
      root.querySelector(".acts").replaceWith(buildActs(view))
      root.querySelector(".moving").replaceWith(buildMover(view))
      if (isDone) view.report()
    },
    report: () => view.tell(boardResult(view.board)),
  }
  return view
}

function showFits(view) {
  view.cards().forEach((card, place) => {
    const group = view.board.groups[place]
    if (!group) return
    const [line, pictures] = buildFit(group, view)
    card.querySelector(".fit").replaceWith(line)
    card.querySelector(".breaking").replaceWith(pictures)
  })
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".board")
  const view = boards.get(root) ?? makeView(root)
  boards.set(root, view)
  view.tell = (groups) => setStateValue("groups", groups)
  view.send = (act) => setTriggerValue("act", act)
  const isKnown = view.board?.signature === data.signature
  view.data = data
  if (!isKnown) view.board = startBoard(data)
  // A rerun brings new figures; what was moved or typed since stays.
  if (isKnown) showFits(view)
  else drawBoard(view)
}
