// Work waits here until the server has acknowledged it: in memory for speed, in
// localStorage so that a closed tab or a dead server loses nothing. Entries go out
// one after the other (an undo must not overtake its answer) and keep their
// request id, so the server can tell a repetition from a new wish. Answers that the
// server refuses are kept beside: a person says whether they go out again.

const SAVE_QUEUES = Symbol.for("unseen.save-queues")
const RETRY_MS = [200, 400, 800, 1500, 3000]
const REFUSED = new Set([400, 404, 409, 413, 422])
const PROBLEMS = { 507: "Disk full or read-only" }
const POST_TIMEOUT_MS = 60_000

function saveQueueOf(project) {
  const queues = (globalThis[SAVE_QUEUES] ??= new Map())
  if (!queues.has(project)) queues.set(project, new SaveQueue(project))
  return queues.get(project)
}

class SaveQueue {
  constructor(project) {
    this.url = `/api/${encodeURIComponent(project)}/`
    this.prefix = `unseen.pending.${project}|`
    this.entries = readKept(this.prefix)
    this.refused = []
    this.listeners = new Set()
    this.failures = 0
    this.problem = ""
    this.sequence = 0
    this.sending = false
    addEventListener("online", () => this.wake?.())
    this.send()
  }

  get state() {
    if (!this.entries.length) return this.refused.length ? "refused" : "saved"
    return this.failures ? "offline" : "saving"
  }

  add(path, wish) {
    const requestId = newRequestId()
    const order = `${Date.now()}.${String(this.sequence++).padStart(6, "0")}`
    const entry = { path, body: { request_id: requestId, ...wish } }
    entry.name = `${this.prefix}${order}.${requestId}`
    keep(entry)
    this.retry(({ body }) => body.image_ids?.some((id) => wish.image_ids?.includes(id)))
    this.entries.push(entry)
    this.tell("waiting", entry)
    this.send()
    return requestId
  }

  async send() {
    if (this.sending) return
    this.sending = true
    while (this.entries.length) await this.sendFirst()
    this.sending = false
  }

  async sendFirst() {
    const outcome = await post(this.url, this.entries[0])
    this.problem = outcome.problem ?? ""
    if (outcome.again) return this.pause()
    const entry = this.entries.shift()
    const isKept = !outcome.ok && entry.path === "answers"
    if (isKept) this.refused.push(entry)
    else forget(entry)
    this.failures = 0
    this.tell(outcome.ok ? "saved" : "refused", entry, outcome.answer)
  }

  // Sends again what was refused. Older answers of an image go before newer ones.
  retry(isWanted = () => true) {
    const wanted = this.refused.filter(isWanted)
    if (!wanted.length) return
    this.refused = this.refused.filter((entry) => !wanted.includes(entry))
    this.entries.push(...wanted)
    this.tell("waiting", wanted[0])
    this.send()
  }

  giveUp() {
    const [first] = this.refused
    for (const entry of this.refused.splice(0)) forget(entry)
    if (first) this.tell("given-up", first)
  }

  pause() {
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)]
    this.failures += 1
    this.tell("offline", this.entries[0])
    return new Promise((resolve) => {
      this.wake = resolve
      setTimeout(resolve, wait)
    })
  }

  tell(event, entry, answer) {
    for (const listener of this.listeners) {
      try {
        listener(event, entry, answer)
      } catch (error) {
        console.error(error) // a broken view must not stop the saving
      }
    }
  }
}

async function post(url, entry) {
  try {
    const response = await fetch(url + entry.path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Unseen": "1" },
      body: JSON.stringify(entry.body),
      signal: AbortSignal.timeout(POST_TIMEOUT_MS),
    })
    if (!response.ok && !REFUSED.has(response.status)) {
      return { again: true, problem: PROBLEMS[response.status] ?? "Server trouble" }
    }
    return { ok: response.ok, answer: await response.json() }
  } catch {
    return { again: true, problem: "No connection" }
  }
}

function readKept(prefix) {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix))
    return names.sort().map((name) => ({ name, ...JSON.parse(localStorage[name]) }))
  } catch {
    return []
  }
}

function keep({ name, path, body }) {
  try {
    localStorage.setItem(name, JSON.stringify({ path, body }))
  } catch {
    // storage full or forbidden: the copy in memory still goes out
  }
}

function forget({ name }) {
  try {
    localStorage.removeItem(name)
  } catch {
    // see keep
  }
}
