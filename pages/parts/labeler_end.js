// The end of a list is not the end of the work: pictures were skipped, were in other
// hands, or lie before the place where somebody began. Only when none is left is it done.

const QUEUES_TO_LABEL = ["unlabelled", "unsure", "coverage", "classified"]

// Which pictures of this list are unfinished, as the server is asked; null for a list
// to look through, such as what model and people disagree on.
function queryOfUnfinished(query) {
  const asked = new URLSearchParams(query)
  const queue = asked.get("queue")
  if (queue && queue !== "new-label" && !QUEUES_TO_LABEL.includes(queue)) return null
  if (!wantsAllAnswers(asked)) asked.set("state", "unlabelled")
  return asked.toString()
}

function wantsAllAnswers(asked) {
  return asked.get("state") === "incomplete" || asked.get("queue") === "new-label" || asked.has("unknown")
}

function isUnfinished(labeler, id) {
  const image = labeler.feed.known.get(id)
  if (!image) return image === undefined
  if (wantsAllAnswers(new URLSearchParams(labeler.data.query))) {
    return !labeler.board.labelIds.every((labelId) => labelId in image.answers)
  }
  return Object.keys(image.answers).length === 0
}

async function countLeft(labeler) {
  const { feed, leases } = labeler
  const query = queryOfUnfinished(labeler.data.query)
  const answer = query && (await getJson(`${feed.url}image-ids?${query}`))
  if (!labeler.isAtEnd || feed !== labeler.feed) return
  // Without the server only what is known here can be told.
  const ids = answer ? answer.ids : feed.ids.filter((id) => feed.known.get(id))
  labeler.left = query ? sortLeft(labeler, ids) : null
  if (labeler.left) leases.want(labeler.left.ids.slice(0, LEASE_AHEAD))
  labeler.view.showPicture(labeler)
}

// In the order of the list; pictures that came in meanwhile are last.
function sortLeft(labeler, found) {
  const { feed, leases, skipped } = labeler
  const placeOf = (id) => feed.places.get(id) ?? Infinity
  const ids = found.filter((id) => isUnfinished(labeler, id)).sort((a, b) => placeOf(a) - placeOf(b) || 0)
  const free = ids.filter((id) => !leases.taken.has(id))
  const known = free.filter((id) => feed.places.has(id))
  const skips = known.filter((id) => skipped.has(id)).length
  const counts = { skips, before: known.length - skips, added: free.length - known.length }
  return { ids, free, taken: ids.filter((id) => leases.taken.has(id)), ...counts }
}

// What is in other hands comes only when nothing else is left: it is asked for by name.
function lookAtLeft(labeler) {
  if (!labeler.left?.ids.length) return
  const { free, taken } = labeler.left
  const ids = free.length ? free : taken
  labeler.skipped.clear()
  labeler.feed.bringAgain(ids)
  labeler.goTo(labeler.feed.ids.length - ids.length)
}

function endMessage(labeler) {
  const { left } = labeler
  if (left === undefined) return ["That was the last one.", "Looking whether any are left …"]
  if (!left) return ["That was the last one.", "Go back with ←, or choose another filter above."]
  if (left.ids.length) return leftMessage(labeler, left)
  if (labeler.queue.entries.length) return ["That was the last one.", "The last answers are not saved yet."]
  const isLoop = new URLSearchParams(labeler.data.query).get("queue") === "classified"
  const next = isLoop ? "Train again with these, above, and see what changed." : "Go back with ←, or choose another filter above."
  return ["Done: nothing in this list is left to label.", next]
}

function leftMessage(labeler, left) {
  const count = left.ids.length
  const title = `Not done yet: ${plural(count, "picture")} ${count > 1 ? "are" : "is"} left.`
  const words = left.free.length ? "Go to the first of them" : "Go there all the same"
  const button = textButton(words, "", () => lookAtLeft(labeler), keySign(labeler, "save"))
  return [title, whyLeft(labeler, left), button]
}

function whyLeft({ leases, data }, { skips, taken, before, added }) {
  const names = new Set(taken.map((id) => calledOther(leases.taken.get(id), data.who)))
  const reasons = [
    [skips, "skipped by you"],
    [taken.length, `in other hands (${[...names].join(", ")})`],
    [before, "before this one"],
    [added, "added meanwhile"],
  ]
  return reasons.filter(([count]) => count).map(([count, why]) => `${formatNumber(count)} ${why}`).join(" · ")
}
