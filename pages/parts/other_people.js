// Working beside others: which of the next pictures somebody else has in hand (a lease
// of two minutes), and what others answered meanwhile. All of it in the background: a
// server without these routes, or without an answer, changes nothing for the keyboard.

const LEASE_AHEAD = 20
const LEASE_LOW = 10
const LEASE_FRESH_MS = 60_000
const LEASE_MS = 120_000
const LEASE_LOOK_MS = 5_000
const TAB_SEEN = "unseen.tab."
const TAB_DEAD_MS = 15_000
const CHANGES_MS = 3_000
const NAME_MS = 500
const PACE_MS = 30_000
const PACE_AFTER_SAVE_MS = 1_000
const LOOK_AGAIN_MS = 300
const TAB = Symbol.for("unseen.tab")

// One holder per tab. A reload keeps it; a tab that was killed leaves one behind, which
// the next tab of this browser takes over, so that nobody waits for the lease to end.
function holderOfTab() {
  return (globalThis[TAB] ??= keptHolder() ?? newRequestId())
}

function keptHolder() {
  try {
    const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload"
    return (isReload && sessionStorage.getItem("unseen.tab")) || deadHolder()
  } catch {
    return null
  }
}

function deadHolder() {
  let found = null
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(TAB_SEEN))) {
    if (Date.now() - Number(localStorage[name]) < TAB_DEAD_MS) continue
    found ??= name.slice(TAB_SEEN.length)
    localStorage.removeItem(name)
  }
  return found
}

function markTabAlive(isAlive = true) {
  try {
    const holder = holderOfTab()
    sessionStorage.setItem("unseen.tab", holder)
    if (isAlive) localStorage.setItem(TAB_SEEN + holder, Date.now())
    else localStorage.removeItem(TAB_SEEN + holder)
  } catch {
    // forbidden: then a killed tab keeps its pictures for two minutes
  }
}

class LeaseKeeper {
  constructor(project, onTaken) {
    this.url = `/api/${encodeURIComponent(project)}/leases`
    this.onTaken = onTaken
    this.taken = new Map()
    this.takenAt = new Map()
    this.askedAt = new Map()
    this.wanted = []
    this.onLeave = () => this.releaseAll()
    addEventListener("pagehide", this.onLeave)
    this.timer = setInterval(() => this.look(), LEASE_LOOK_MS)
    markTabAlive()
  }

  look() {
    markTabAlive()
    if (!document.hidden) this.want(this.wanted)
  }

  // The picture in view and those ahead; asks the server only when they run low.
  want(ids) {
    this.wanted = ids
    const old = performance.now() - LEASE_FRESH_MS
    const isFresh = (id) => (this.askedAt.get(id) ?? -Infinity) > old
    if (!ids.slice(0, LEASE_LOW).every(isFresh)) this.ask()
  }

  // Under another name: the others are to see it.
  renew() {
    for (const id of this.askedAt.keys()) this.askedAt.set(id, -Infinity)
    this.want(this.wanted)
  }

  async ask() {
    if (this.isAsking) return
    this.isAsking = true
    const want = this.wanted
    const release = [...this.askedAt.keys()].filter((id) => !want.includes(id)).slice(0, 500)
    const answer = await this.send({ want, release })
    const now = performance.now()
    for (const id of release) this.askedAt.delete(id)
    for (const id of want) this.askedAt.set(id, now)
    this.isAsking = false
    if (answer) this.learn(want, answer.taken, now)
  }

  // Pictures passed on the way are not asked for again: their lease ends by itself.
  learn(want, taken, now) {
    for (const id of want) this.forget(id)
    for (const [id, at] of this.takenAt) if (now - at > LEASE_MS) this.forget(id)
    for (const [id, who] of Object.entries(taken)) {
      this.taken.set(Number(id), who)
      this.takenAt.set(Number(id), now)
    }
    this.onTaken()
  }

  forget(id) {
    this.taken.delete(id)
    this.takenAt.delete(id)
  }

  async send(wish, more = {}) {
    try {
      const body = JSON.stringify({ holder: holderOfTab(), ...wish })
      const headers = { "Content-Type": "application/json", "X-Unseen": "1" }
      const response = await fetch(this.url, { method: "POST", headers, body, ...more })
      return response.ok ? await response.json() : null
    } catch {
      return null
    }
  }

  // keepalive: the page may be gone before the answer.
  releaseAll() {
    markTabAlive(false)
    const release = [...this.askedAt.keys()].slice(0, 500)
    this.askedAt.clear()
    if (release.length) this.send({ want: [], release }, { keepalive: true })
  }

  destroy() {
    removeEventListener("pagehide", this.onLeave)
    clearInterval(this.timer)
    this.releaseAll()
  }
}

// "Anna is labelling 3 of these"
function takenWords(taken, me) {
  if (!taken.size) return ""
  const names = [...new Set([...taken.values()].map((name) => calledOther(name, me)))]
  const who = names.length > 2 ? `${names.length} people` : names.join(" and ")
  return `${who} ${names.length > 1 ? "are" : "is"} labelling ${formatNumber(taken.size)} of these`
}

// This person is called something else now. The cookie that tells the server comes from
// another part of the page, in the same moment.
function takeName(labeler) {
  labeler.view.showOthers(takenWords(labeler.leases.taken, labeler.data.who))
  if (labeler.loaded) labeler.view.showChips(labeler)
  setTimeout(() => labeler.leases.renew(), NAME_MS)
}

// Without names nobody knows whether it is the same person.
function calledOther(name, me) {
  return name && name === me ? "Another tab of yours" : name || "Somebody"
}

// Calls `look` now and again while the page is in sight.
class Watcher {
  constructor(look, everyMs) {
    this.look = look
    this.timer = setInterval(() => this.run(), everyMs)
    this.onSight = () => this.run()
    document.addEventListener("visibilitychange", this.onSight)
    this.run()
  }

  async run() {
    if (document.hidden) return
    if (this.isRunning) return this.soon(LOOK_AGAIN_MS)
    this.isRunning = true
    await this.look()
    this.isRunning = false
  }

  // Whoever calls this all the time does not put the look off for ever.
  soon(ms) {
    this.later ??= setTimeout(() => {
      this.later = null
      this.run()
    }, ms)
  }

  destroy() {
    clearInterval(this.timer)
    clearTimeout(this.later)
    document.removeEventListener("visibilitychange", this.onSight)
  }
}

// Hands on the answers given elsewhere: by other people, or by this one in another tab.
// With `labels` also what became of the labels since those this page has.
function watchChanges(project, onChange, labels) {
  const url = `/api/${encodeURIComponent(project)}/changes`
  let since = null
  const look = async () => {
    const asked = performance.now()
    const query = new URLSearchParams(since === null ? {} : { since })
    if (labels) query.set("schema", labels.stamp())
    const found = await getJson(`${url}?${query}`)
    if (!found) return
    if (found.schema) labels.take(found.schema)
    const isFirst = since === null
    since = found.last
    if (isFirst) return
    for (const [id, answers] of Object.entries(found.answers)) onChange(Number(id), answers, found.who[id], asked)
  }
  return new Watcher(look, CHANGES_MS)
}

function watchPace(project, onPace) {
  const url = `/api/${encodeURIComponent(project)}/pace`
  return new Watcher(async () => {
    const pace = await getJson(url)
    if (pace) onPace(pace)
  }, PACE_MS)
}
