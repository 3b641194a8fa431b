// What one answer brings along while it is still a draft: a label may imply others,
// and a yes in an exclusive group is a no to its rivals. The server does the same when
// it saves; here it happens at once, so that a person sees what Enter will save.

// Label id to true, false or null (unknown). `implied` are those that came along.
class Draft extends Map {
  implied = new Set()
}

class LabelRules {
  constructor(groups) {
    this.groups = new Map()
    this.implied = new Map()
    this.implying = new Map()
    const direct = new Map()
    for (const group of groups) {
      for (const label of group.labels) {
        this.groups.set(label.id, group)
        direct.set(label.id, label.implies ?? [])
      }
    }
    for (const id of direct.keys()) this.connect(id, reachable(id, direct))
  }

  connect(id, implied) {
    this.implied.set(id, implied)
    for (const other of implied) {
      this.implying.set(other, [...(this.implying.get(other) ?? []), id])
    }
  }

  rivals(id) {
    const group = this.groups.get(id)
    return isExclusive(group) ? group.labels.map((l) => l.id).filter((other) => other !== id) : []
  }

  // Those labels whose yes would contradict a no to this one.
  supporters(draft, saved, id) {
    const above = this.implying.get(id) ?? []
    return above.filter((other) => shownValue(draft, saved, other) === true)
  }

  toggle(draft, saved, id) {
    if (shownValue(draft, saved, id) === true) this.takeBack(draft, saved, id)
    else this.sayYes(draft, saved, id)
  }

  sayYes(draft, saved, id) {
    draft.set(id, true)
    draft.implied.delete(id)
    for (const rival of this.rivals(id)) this.sayNo(draft, saved, rival)
    for (const other of this.implied.get(id)) this.bring(draft, saved, other)
  }

  bring(draft, saved, id) {
    if (shownValue(draft, saved, id) === true) return
    draft.set(id, true)
    draft.implied.add(id)
    for (const rival of this.rivals(id)) this.sayNo(draft, saved, rival)
  }

  sayNo(draft, saved, id) {
    this.sayOther(draft, saved, id, false)
  }

  sayUnknown(draft, saved, id) {
    this.sayOther(draft, saved, id, null)
  }

  sayOther(draft, saved, id, value) {
    const wasYes = shownValue(draft, saved, id) === true
    draft.set(id, value)
    draft.implied.delete(id)
    if (wasYes) this.dropImplied(draft, saved, id)
    for (const other of this.supporters(draft, saved, id)) this.sayOther(draft, saved, other, value)
  }

  // Taking back a yes opens the question of its whole group again.
  takeBack(draft, saved, id) {
    for (const one of [id, ...this.rivals(id)]) withdraw(draft, saved, one)
    this.dropImplied(draft, saved, id)
    for (const other of this.supporters(draft, saved, id)) this.takeBack(draft, saved, other)
  }

  dropImplied(draft, saved, id) {
    for (const other of this.implied.get(id)) {
      if (!draft.implied.has(other) || this.supporters(draft, saved, other).length) continue
      draft.implied.delete(other)
      for (const one of [other, ...this.rivals(other)]) draft.delete(one)
    }
  }

  // Fills what nobody answered yet: the best of each exclusive group, and every other
  // label that is more likely than not. Returns how many labels became yes.
  acceptScores(draft, saved, scores) {
    const isOpen = (id) => shownValue(draft, saved, id) === undefined
    const likely = likelyLabels(new Set(this.groups.values()), scores, isOpen)
    for (const id of likely) if (isOpen(id)) this.sayYes(draft, saved, id)
    return likely.length
  }
}

function likelyLabels(groups, scores, isOpen) {
  const likely = []
  for (const group of groups) {
    const ids = group.labels.map((label) => label.id)
    const scored = ids.filter((id) => scores[id] !== undefined && isOpen(id))
    if (!isExclusive(group)) likely.push(...scored.filter((id) => scores[id] >= 0.5))
    else if (scored.length && ids.every(isOpen)) likely.push(...bestLabel(group, scored, scores))
  }
  return likely
}

function bestLabel(group, ids, scores) {
  const best = ids.reduce((a, b) => (scores[b] > scores[a] ? b : a))
  return group.rule === "exactly-one" || scores[best] >= 0.5 ? [best] : []
}

function reachable(start, direct) {
  const found = new Set()
  const waiting = [...(direct.get(start) ?? [])]
  while (waiting.length) {
    const id = waiting.pop()
    if (id === start || found.has(id) || !direct.has(id)) continue
    found.add(id)
    waiting.push(...direct.get(id))
  }
  return found
}

// A saved yes has to become a no, anything else is untouched again.
function withdraw(draft, saved, labelId) {
  if (saved[labelId] === true) draft.set(labelId, false)
  else draft.delete(labelId)
  draft.implied.delete(labelId)
}

// A group of which one label must be yes, and nobody said which: neither a yes, nor
// "unknown", nor a deliberate no for every label.
function isUnsaid(draft, saved, group) {
  if (group.rule !== "exactly-one") return false
  const ids = group.labels.map((label) => label.id)
  const isUnknown = ids.some((id) => draft.get(id) === null)
  if (isUnknown || ids.some((id) => shownValue(draft, saved, id) === true)) return false
  return !ids.every((id) => draft.get(id) === false) && !ids.every((id) => saved[id] === false)
}
