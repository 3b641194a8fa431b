// What the keys and buttons of the labeler do, beyond answering and moving on.

const LABELER_ACTS = {
  save: (labeler) => labeler.saveAndNext(true),
  skip: (labeler) => skipImage(labeler),
  back: (labeler) => labeler.move(-1),
  next: (labeler) => labeler.move(1),
  same: (labeler) => labeler.image && repeatBefore(labeler),
  accept: (labeler) => labeler.image && acceptSuggestions(labeler),
  none: (labeler) => labeler.image && labeler.sayNone(),
  unknown: (labeler) => labeler.image && labeler.sayUnknown(),
  undo: (labeler) => undoLast(labeler),
  redo: (labeler) => redoLast(labeler),
  find: (labeler) => findLabel(labeler),
  jump: (labeler) => askJump(labeler),
  zoom: (labeler) => labeler.view.zoom.toggle(),
  closer: (labeler) => labeler.view.zoom.step(1),
  farther: (labeler) => labeler.view.zoom.step(-1),
  brighter: (labeler) => labeler.view.stepLight("brightness", 1),
  darker: (labeler) => labeler.view.stepLight("brightness", -1),
  harder: (labeler) => labeler.view.stepLight("contrast", 1),
  softer: (labeler) => labeler.view.stepLight("contrast", -1),
  normal: (labeler) => labeler.view.light.reset(),
  filter: (labeler) => focusTextFilter(labeler.root),
  help: (labeler) => labeler.view.keys.toggle(),
  close: (labeler) => labeler.view.closeAll(),
}
const BEFORE_AT_MOST = 30

function handleLabelerKey(labeler, event) {
  if (!labeler.loaded) return
  const name = keyNameOf(event)
  const undoing = undoKey(event)
  const asked = undoing ? withoutCtrl(event) : event
  if (!keyIsForUs(asked, labeler.root) && !isLostDialog(event)) return
  if (labeler.view.keys.isOpen) return labeler.view.keys.takeKey(event, name)
  if (labeler.isHeld) return takeHeldKey(labeler, event, name)
  const action = undoing ?? labeler.keyMap.actionOf.get(name)
  if (!undoing && pressesButton(event, name)) return
  if (!action && !labeler.board.keys.has(name)) return
  event.preventDefault()
  event.stopImmediatePropagation()
  // A held Enter would answer images nobody has looked at.
  if (event.repeat && !action?.repeats) return
  if (undoing) LABELER_ACTS[undoing.id](labeler)
  else pressKey(labeler, name)
}

// Ctrl Z is in everybody's fingers, and in reach of the left hand.
function undoKey({ ctrlKey, metaKey, shiftKey, key }) {
  if (!(ctrlKey || metaKey) || key.toLowerCase() !== "z") return null
  return LABELER_ACTIONS.find(({ id }) => id === (shiftKey ? "redo" : "undo"))
}

function withoutCtrl(event) {
  return { key: event.key, isComposing: event.isComposing, composedPath: () => event.composedPath() }
}

// A key typed in the moment before it is closed.
function isLostDialog(event) {
  const dialog = event.composedPath()[0].closest?.("[role=dialog]")
  return dialog?.querySelector("h2")?.textContent === LOST_TITLE
}

// Space on a chip toggles it, Enter there saves; any other button takes both.
function pressesButton(event, name) {
  const button = event.composedPath()[0].closest?.("button")
  if (!button || (name !== " " && name !== "Enter")) return false
  return name === " " || !button.classList.contains("chip")
}

function pressKey(labeler, name) {
  const labelId = labeler.board.keys.get(name)
  const action = labeler.keyMap.actionOf.get(name)
  const waits = labelId !== undefined || action?.needsImage
  if (waits && !labeler.image && labeler.id !== undefined) labeler.typedEarly.push(name)
  else if (labelId !== undefined) labeler.toggle(labelId)
  else if (action) LABELER_ACTS[action.id](labeler)
}

function skipImage(labeler) {
  if (labeler.id === undefined) return
  labeler.skipped.add(labeler.id)
  rememberSkips(labeler.data, labeler.skipped)
  labeler.drafts.delete(labeler.id)
  labeler.advance()
  labeler.view.say("Skipped: it comes again at the end")
}

function isAnswered(image) {
  return image === null || (image && Object.keys(image.answers).length > 0)
}

// The nearest picture before this one that has answers, else the last one saved here.
function answersBefore({ feed, place, lastSaved }) {
  for (let i = place - 1; i >= Math.max(0, place - BEFORE_AT_MOST); i--) {
    const image = feed.at(i)
    if (image && isAnswered(image)) return image.answers
  }
  return lastSaved
}

function repeatBefore(labeler) {
  const answers = answersBefore(labeler)
  if (!answers) return labeler.view.say("No labelled picture before this one.")
  const { draft, image } = labeler
  for (const labelId of labeler.board.labelIds) {
    const value = answers[labelId]
    if (value === undefined || value === shownValue(draft, image.answers, labelId)) continue
    draft.set(labelId, value)
  }
  labeler.drafted()
}

function acceptSuggestions(labeler) {
  const { draft, image, rules, view } = labeler
  if (!image.scores) return view.say("No suggestion for this picture.")
  const count = rules.acceptScores(draft, image.answers, image.scores)
  labeler.drafted()
  if (!count) view.say("The model suggests nothing more here.")
}

// Each jumps to the image it changes. When this tab's own list is empty, the server
// goes on with what this person did before.
function undoLast(labeler) {
  const last = labeler.undoable.pop()
  labeler.queue.add("undo", last ? { batch_id: last.batchId } : {})
  labeler.redoable.push(last ?? null)
  if (!last) return labeler.view.say("Undoing the change before")
  const image = labeler.feed.known.get(last.id)
  if (image && last.isReview) image.reviewed = false
  else if (image) image.answers = last.before
  labeler.jumpTo(last.id)
  labeler.view.say("Undone")
}

function redoLast(labeler) {
  const next = labeler.redoable.pop()
  labeler.queue.add("redo", {})
  if (!next) return labeler.view.say("Doing it again")
  labeler.undoable.push(next)
  const image = labeler.feed.known.get(next.id)
  if (image && next.isReview) image.reviewed = true
  else if (image) image.answers = next.after
  labeler.jumpTo(next.id)
  labeler.view.say("Done again")
}

function acceptSaved(labeler, entry, answer) {
  if (answer.progress) labeler.showCounts(answer.progress)
  const touched = Object.keys(answer.answers ?? {}).map(Number)
  for (const id of touched) learnAnswers(labeler, id, answer.answers[id])
  if (answer.gone) tellGone(labeler, answer.gone)
  if (entry.path === "undo" || entry.path === "redo") afterUndo(labeler, entry, touched, answer)
  if (touched.includes(labeler.id)) labeler.view.showChips(labeler)
  labeler.pace.soon(PACE_AFTER_SAVE_MS)
}

// The server's word counts, unless a newer answer for the image is on its way.
function learnAnswers(labeler, id, answers) {
  labeler.savedAt.set(id, performance.now())
  const image = labeler.feed.known.get(id)
  const isNewer = labeler.queue.entries.some(({ body }) => body.image_ids?.includes(id))
  if (image && !isNewer) image.answers = answers
}

function afterUndo(labeler, entry, touched, answer) {
  const isOurs = entry.path === "undo" && entry.body.batch_id
  if (isOurs) return
  const isDone = answer.undone ?? answer.redone
  const isHere = touched.includes(labeler.id)
  if (touched.length && !isHere) labeler.jumpTo(touched[0])
  if (!isDone || !isHere) labeler.view.say(isDone ? "Done" : "Nothing left to change")
}

// Whoever came to a picture by working on, and has not begun, gives way to who has it.
function takeLeases(labeler) {
  const { taken } = labeler.leases
  labeler.view.showOthers(takenWords(taken, labeler.data.who))
  if (labeler.isAtEnd) return countLeft(labeler)
  if (!taken.has(labeler.id)) return
  const hasBegun = labeler.drafts.get(labeler.id)?.size || labeler.typedEarly.length
  if (!labeler.cameByItself || hasBegun) return labeler.view.showChips(labeler)
  labeler.advance()
}

// Somebody answered, here or elsewhere, while this tab was open. What is typed here
// and not saved stays; the last answer wins, and both see it.
function takeChange(labeler, id, answers, who, asked) {
  labeler.pace.soon(PACE_AFTER_SAVE_MS)
  const image = labeler.feed.known.get(id)
  const isStale = labeler.savedAt.get(id) > asked
  const isOnItsWay = labeler.queue.entries.some(({ body }) => body.image_ids?.includes(id))
  if (!image || isStale || isOnItsWay || sameAnswers(image.answers, answers)) return
  image.answers = answers
  if (id !== labeler.id) return
  labeler.view.showChips(labeler)
  const news = `${calledOther(who, labeler.data.who)} just answered this picture`
  labeler.view.say(labeler.drafts.get(id)?.size ? `${news}; yours is not saved yet` : news)
}

function sameAnswers(some, others) {
  const ids = Object.keys(some)
  return ids.length === Object.keys(others).length && ids.every((id) => some[id] === others[id])
}

function findLabel(labeler) {
  const { board, view } = labeler
  const all = [...board.labels.values()]
  view.quick.open({
    title: "Find a label",
    hint: "Enter says yes, or takes it back.",
    find: (text) => namesLike(all, text).map((label) => offerLabel(labeler, label)),
    nothing: (text) => `No label is called “${text}”.`,
  })
}

function offerLabel(labeler, label) {
  const group = labeler.board.groups.get(label.id).name
  const pick = () => {
    labeler.toggle(label.id)
    labeler.board.chips.get(label.id).button.scrollIntoView({ block: "nearest" })
  }
  return { name: label.name, note: group, pick }
}

// Names that begin with the text come first.
function namesLike(labels, text) {
  const wanted = text.toLowerCase()
  const found = labels.filter(({ name }) => name.toLowerCase().includes(wanted))
  const rank = ({ name }) => (name.toLowerCase().startsWith(wanted) ? 0 : 1)
  return found.sort((a, b) => rank(a) - rank(b))
}

function askJump(labeler) {
  const total = formatNumber(labeler.feed.ids.length)
  labeler.view.quick.open({
    title: "Number or file name",
    hint: `1 to ${total}, or a part of a file name`,
    find: (text) => (text ? placesLike(labeler, text) : []),
    nothing: (text) => (isNumber(text) ? noSuchPlace(labeler, text) : "Enter looks for it in the whole list."),
    enter: (text) => (text ? findByName(labeler, text) : ""),
  })
}

function placesLike(labeler, text) {
  const { feed } = labeler
  const found = []
  const number = Number(text)
  if (Number.isInteger(number) && number > 0 && number <= feed.ids.length) {
    found.push({ name: `Picture ${formatNumber(number)}`, pick: () => labeler.goTo(number - 1) })
  }
  for (const image of feed.known.values()) {
    if (found.length >= QUICK_LINES) break
    if (!image?.name.toLowerCase().includes(text.toLowerCase())) continue
    const place = feed.places.get(image.id)
    found.push({ name: image.name, note: formatNumber(place + 1), pick: () => labeler.goTo(place) })
  }
  return found
}

function isNumber(text) {
  return /^\d+$/.test(text)
}

function noSuchPlace({ feed }, text) {
  return `There is no picture ${text}: this list has ${formatNumber(feed.ids.length)}.`
}

// Pictures far away are not loaded yet: the server knows their names.
async function findByName(labeler, text) {
  labeler.view.quick.say("Looking …")
  const answer = await getJson(`${labeler.feed.url}images?text=${encodeURIComponent(text)}&limit=100`)
  const places = (answer?.images ?? []).map(({ id }) => labeler.feed.places.get(id))
  const place = places.find((one) => one !== undefined)
  if (!answer) return "No connection: only pictures near this one can be found now."
  if (place === undefined) return isNumber(text) ? noSuchPlace(labeler, text) : `No picture in this list is called “${text}”.`
  labeler.goTo(place)
  return ""
}
