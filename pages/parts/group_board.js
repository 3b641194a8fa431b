// Proposed groups as cards. Labels are dragged between them by mouse or by their
// handle, or chosen and moved with the list below; names are people's text.
const boards = new WeakMap()
const REST = -1
const NEW_GROUP = -2
const SHOWN_AT_MOST = 120
const DOT = /^#[0-9a-f]{6}$/

function startBoard(data) {
  const groups = data.groups.map((group) => ({ ...group, ids: [...group.ids] }))
  return { signature: data.signature, groups, chosen: new Set(), sent: "" }
}

function groupOf(board, id) {
  return board.groups.findIndex((group) => group.ids.includes(id))
}

function moveLabels(board, ids, place) {
  for (const group of board.groups) group.ids = group.ids.filter((id) => !ids.includes(id))
  if (place === NEW_GROUP) board.groups.push({ name: "", rule: "exactly-one", ids: [...ids] })
  else if (place !== REST) board.groups[place].ids.push(...ids)
  board.chosen.clear()
}

function restOf(board, data) {
  const used = new Set(board.groups.flatMap((group) => group.ids))
  return data.rest.filter((id) => !used.has(id))
}

function boardResult(board) {
  const groups = board.groups.filter((group) => group.ids.length)
  return { of: board.signature, groups: groups.map(({ name, rule, ids }) => ({ name, rule, ids })) }
}

// What hinders making these groups, in words; "" when nothing does.
function whatHinders(board) {
  const full = board.groups.filter((group) => group.ids.length)
  if (!full.length) return "Move at least two labels into a group."
  if (full.some((group) => group.ids.length < 2)) return "A group needs two labels or more."
  if (full.some((group) => !group.name.trim())) return "Give each group a name."
  const names = full.map((group) => group.name.trim().toLowerCase())
  return new Set(names).size < names.length ? "Two groups have the same name." : ""
}

function buildChip(id, view) {
  const label = view.data.labels[id]
  const dot = make("span", { class: "dot", "aria-hidden": "true" })
  if (DOT.test(label.colour)) dot.style.background = label.colour
  const handle = make("span", { class: "grip", "aria-hidden": "true" }, "⠿")
  return make(
    "button",
    {
      type: "button",
      class: "chip",
      "data-id": id,
      "aria-pressed": String(view.board.chosen.has(id)),
      onclick: () => view.choose(id),
      onpointerdown: (event) => startChipDrag(event, id, handle, view),
    },
    handle,
    ...(DOT.test(label.colour) ? [dot] : []),
    make("span", { class: "words" }, label.name),
    make("span", { class: "count" }, formatNumber(label.count))
  )
}

function buildChips(ids, view) {
  const chips = ids.slice(0, SHOWN_AT_MOST).map((id) => buildChip(id, view))
  const more = ids.length - chips.length
  if (more > 0) chips.push(make("span", { class: "quiet" }, `and ${formatNumber(more)} more`))
  return make("div", { class: "chips" }, ...chips)
}

function fitWords(fit) {
  if (!fit) return "Counting …"
  const words = [`${formatNumber(fit.one)} of ${plural(fit.total, "picture")} fit`]
  if (fit.several) words.push(`${formatNumber(fit.several)} ${fit.several === 1 ? "has" : "have"} two`)
  if (fit.none) words.push(`${formatNumber(fit.none)} ${fit.none === 1 ? "has" : "have"} none`)
  return words.join(" · ")
}

function fitKey(ids) {
  return [...ids].sort((a, b) => a - b).join(",")
}

function buildFit(group, view) {
  const fit = view.data.fits[fitKey(group.ids)]
  const isClean = fit && !fit.several && !fit.none
  const line = make("div", { class: `fit ${isClean ? "clean" : ""}`, role: "status" }, group.ids.length ? fitWords(fit) : "Empty: it will not be made")
  const pictures = (group.ids.length && fit?.pictures) || []
  const shown = pictures.map((p) => make("img", { src: p.url, alt: p.words, title: p.words, loading: "lazy", width: 44, height: 44 }))
  return [line, make("div", { class: "breaking" }, ...shown)]
}

function buildGroup(group, place, view) {
  const name = make("input", {
    class: "name",
    maxlength: 100,
    placeholder: "Name of the group",
    "aria-label": `Name of group ${place + 1}`,
    oninput: (event) => view.edit(() => (group.name = event.target.value)),
    onchange: () => view.report(),
  })
  name.value = group.name
  const rule = make(
    "select",
    { class: "rule", "aria-label": `Rule of group ${place + 1}`, onchange: (event) => view.edit(() => (group.rule = event.target.value), true) },
    ...view.data.rules.map((one) => make("option", { value: one.value, selected: one.value === group.rule }, one.title))
  )
  return make("section", { class: "card", "data-place": place }, name, rule, buildChips(group.ids, view), ...buildFit(group, view))
}

function buildRest(view) {
  const rest = restOf(view.board, view.data)
  const words = make("div", { class: "title" }, "In no group")
  const none = make("span", { class: "quiet" }, "Drop labels here that belong to none.")
  return make("section", { class: "card rest", "data-place": REST }, words, rest.length ? buildChips(rest, view) : none)
}

function buildNew() {
  return make("section", { class: "card new", "data-place": NEW_GROUP }, make("span", { class: "quiet" }, "Drop a label here for a new group"))
}
