// Labels may change while this page is open: somebody adds, deletes, merges or renames
// them elsewhere. The chips follow; the picture, its draft and the keyboard stay.

// What the server sends: stamp, groups, who, and which label went into which.
function takeSchema(labeler, found) {
  labeler.schemaBy = found.who ?? labeler.schemaBy
  // Not under somebody's hands: the next look brings it again.
  if (!labeler.loaded || labeler.view.keys.isOpen || !labeler.view.quick.node.hidden) return
  const isKnown = JSON.stringify(found.groups) === JSON.stringify(labeler.data.groups)
  adoptSchema(labeler, found)
  if (isKnown) return
  followSchema(labeler, found.merged)
  const who = calledOther(labeler.schemaBy, labeler.data.who)
  tellNews(labeler, `Labels were changed by ${who === "Somebody" ? "somebody" : who.replace(/^A/, "a")}`)
}

function adoptSchema(labeler, { stamp, groups }) {
  labeler.data = { ...labeler.data, groups, schema: stamp }
}

function followSchema(labeler, merged) {
  const { data, view, drafts } = labeler
  labeler.asked = null
  labeler.rules = new LabelRules(data.groups)
  labeler.board = labeler.makeBoard()
  for (const draft of drafts.values()) moveDraft(draft, labeler.board, merged)
  view.replaceBoard(labeler)
  labeler.feed.refresh()
  labeler.show()
}

// A yes goes where the merge took the answers; what a deleted label was said is void.
function moveDraft(draft, board, merged) {
  for (const [id, said] of [...draft]) {
    if (board.labels.has(id)) continue
    draft.delete(id)
    draft.implied?.delete(id)
    if (said && merged[id] !== undefined) draft.set(merged[id], true)
  }
}

// Streamlit may draw again with what it knew before: only its news count.
function withNewestSchema(labeler, data) {
  const { given, data: now } = labeler
  labeler.given = data
  const isOld = given?.project === data.project && given.schema === data.schema
  return isOld ? { ...data, groups: now.groups, schema: now.schema } : data
}

// Stays beside the state of this picture until the next one.
function tellNews(labeler, words) {
  labeler.news = { words, id: labeler.id }
  labeler.view.showChips(labeler)
}

function newsOf({ news, id }) {
  return news && news.id === id ? news.words : ""
}

// Answers for labels that went away meanwhile were left out by the server.
function tellGone(labeler, ids) {
  const names = ids.map((id) => labeler.board.labels.get(id)?.name).filter(Boolean)
  labeler.changes.soon(0)
  if (names.length) tellNews(labeler, `${names.join(", ")}: deleted or merged meanwhile, not saved; the rest is`)
}
