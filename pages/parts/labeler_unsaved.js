// An answer that the server will not take is no answer: the page stops and says so, until
// it is sent again, given up, or left waiting on purpose. Nothing typed is lost.

const CHOSEN = Symbol.for("unseen.chosen")

// What is chosen and not saved outlives a look at another view of the page; another
// list of pictures begins anew.
function keptDrafts({ project, query }, board) {
  const list = `${project}?${query}`
  if (globalThis[CHOSEN]?.list !== list) globalThis[CHOSEN] = { list, drafts: new Map() }
  const { drafts } = globalThis[CHOSEN]
  for (const draft of drafts.values()) moveDraft(draft, board, {})
  return drafts
}

// No label of a group that needs one: it is saved so, but nothing can be learned from it.
function tellNone({ board, lastSaved, view }) {
  const isNone = ({ rule, labels }) => rule === "exactly-one" && labels.every(({ id }) => lastSaved[id] === false)
  const names = [...board.titles.keys()].filter(isNone).map(({ name }) => `“${name}”`)
  if (!names.length) return
  const asks = names.length > 1 ? "ask" : "asks"
  const needs = names.length > 1 ? "labels they need" : "label it needs"
  view.say(`Saved as none of the labels. ${names.join(" and ")} ${asks} for exactly one: add the ${needs}, or skip.`)
}

function showRefusal(labeler, entry, answer) {
  if (entry.path === "images/reviewed") return
  const sentence = answer?.error ?? "The server did not accept it."
  const close = textButton("Dismiss", "", () => goOn(labeler))
  if (entry.path !== "answers") return showBar(labeler, `Not done. ${sentence}`, close)
  labeler.isHeld = true
  const again = textButton("Try again", "", () => labeler.queue.retry(), keySign(labeler, "save"))
  const look = textButton("Show the picture", "", () => labeler.jumpTo(entry.body.image_ids[0]))
  const leave = textButton("Go on", "", () => goOn(labeler), "Esc")
  showBar(labeler, `Not saved: ${plural(labeler.queue.refused.length, "answer")}. ${sentence}`, again, look, leave)
  again.focus({ preventScroll: true })
}

function showBar({ view }, words, ...buttons) {
  view.refusal.replaceChildren(make("span", {}, words), ...buttons)
  view.refusal.hidden = false
}

// What was refused waits in the queue; the line above goes on counting it.
function goOn(labeler) {
  labeler.isHeld = false
  labeler.view.refusal.hidden = true
  labeler.root.focus({ preventScroll: true })
}

// While the page waits for a word, no key answers anything.
function takeHeldKey(labeler, event, name) {
  const isButton = event.composedPath()[0].closest?.(".refusal, .save-acts")
  if (KEYS_NOT_FREE.has(name) && name !== "Escape") return
  if (isButton && (name === "Enter" || name === " ")) return
  event.preventDefault()
  event.stopImmediatePropagation()
  if (event.repeat) return
  if (name === "Escape") goOn(labeler)
  else if (name === "Enter") labeler.queue.retry()
  else labeler.view.say("An answer is not saved: choose above what to do.")
}

// Sent at last, or given up: then the pictures are as the server has them.
function settleRefusals(labeler, event) {
  if (event === "given-up") readDetailsAgain(labeler)
  if (labeler.isHeld && !labeler.queue.refused.length && !labeler.queue.entries.length) goOn(labeler)
}

function readDetailsAgain(labeler) {
  labeler.feed.refresh()
  labeler.show()
}
