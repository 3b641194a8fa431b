// Jobs outlive this component: a rerun or a visit to another page must not end an
// upload, so they live in the window and the component only shows them.
const jobs = (globalThis.unseenUploads ??= new Map())
const PAINT_EVERY_MS = 200
const TELL_EVERY_MS = 3000

function newJob(root) {
  return {
    base: `/api/${encodeURIComponent(root.data.project)}/uploads`,
    phase: "reading",
    found: 0,
    items: [],
    next: 0, // of the items, the first that was not taken yet
    again: [], // batches to be sent before the rest
    failed: [],
    flying: new Map(), // requests under way, with the bytes that have gone
    partBytes: new Map(), // of large files, the pieces that are there
    pace: [],
    done: 0,
    skipped: 0,
    doneBytes: 0,
    total: 0,
    totalBytes: 0,
    told: 0,
    changed: () => {},
    ended: () => {},
  }
}

async function begin(root, read) {
  const job = newJob(root)
  jobs.set(root.id, job)
  attach(root)
  const items = await read((found) => {
    job.found = found
    job.changed()
  })
  if (job.cancelled) return
  if (!items.length) {
    startFresh(root)
    return
  }
  const mark = await fingerprint(items)
  if (job.cancelled) return
  job.fingerprint = root.data.resumes ? mark : ""
  job.items = items
  job.total = items.length
  job.totalBytes = items.reduce((sum, item) => sum + item.file.size, 0)
  await work(job)
}

async function work(job) {
  job.phase = "sending"
  job.halted = ""
  job.changed()
  try {
    if (!job.uploadId) await openUpload(job)
    job.pace = [[performance.now(), job.done, job.doneBytes]]
    await Promise.all(Array.from({ length: AT_ONCE }, () => sender(job)))
    job.message = job.halted
    job.phase = job.cancelled ? "cancelled" : job.paused ? "paused" : job.halted ? "stopped" : "sent"
  } catch (error) {
    job.message = error.message
    job.phase = job.cancelled ? "cancelled" : "stopped"
  }
  job.changed()
  job.ended()
}

function attach(root) {
  const job = jobs.get(root.id)
  if (!job) return
  job.root = root // the newest one shows the job, older ones keep still
  let planned = false
  job.changed = () => {
    if (planned) return
    planned = true
    // At most one repaint in a while, however many files end in it; a timer, because
    // frames stop in a hidden tab.
    setTimeout(() => {
      planned = false
      paint(root)
    }, PAINT_EVERY_MS)
  }
  job.ended = () => {
    paint(root)
    report(root, job)
  }
  report(root, job)
  paint(root)
}

// Told until the page has heard: what is said while the connection to it is lost is
// dropped, and the same value twice is not sent.
function report(root, job) {
  const known = root.data.known
  if (root.gone || job.root !== root || job.phase !== "sent" || !job.done) return
  // What failed is looked at first: the page moves on when it hears of the upload.
  if (job.failed.length && !job.without) return
  if (known?.upload_id === job.uploadId && known.files === job.done) return
  job.told += 1
  root.setStateValue("upload", {
    upload_id: job.uploadId,
    files: job.done,
    bytes: job.doneBytes,
    failed: job.failed.length,
    told: job.told,
  })
  clearTimeout(root.telling)
  root.telling = setTimeout(() => report(root, job), TELL_EVERY_MS)
}

function paint(root) {
  const { parts } = root
  const job = jobs.get(root.id)
  parts.drop.hidden = Boolean(job)
  parts.work.hidden = !job
  if (job) paintJob(parts, job)
}

function cancel(root) {
  const job = jobs.get(root.id)
  job.cancelled = true
  job.items = []
  job.again = []
  stopFlying(job)
  if (job.uploadId) send(job, `/${job.uploadId}/discard`, {}, "").catch(() => {})
  if (job.phase !== "sending") job.phase = "cancelled"
  paint(root)
}

function pause(root) {
  const job = jobs.get(root.id)
  if (job.phase === "paused") {
    job.paused = false
    work(job)
    return
  }
  job.paused = true
  stopFlying(job)
}

function again(root) {
  const job = jobs.get(root.id)
  job.again.push(...job.failed.map(({ item }) => [item]))
  job.failed = []
  work(job)
}

function goOnWithout(root) {
  const job = jobs.get(root.id)
  job.without = true
  report(root, job)
}

function startFresh(root) {
  clearTimeout(root.telling)
  jobs.delete(root.id)
  paint(root)
  root.setStateValue("upload", null)
}

function connectDrop(root, element) {
  element.ondragover = (event) => {
    event.preventDefault()
    element.classList.add("over")
  }
  element.ondragleave = () => element.classList.remove("over")
  element.ondrop = (event) => {
    event.preventDefault()
    element.classList.remove("over")
    begin(root, (onCount) => readDropped(event.dataTransfer, onCount))
  }
}

// A picture from the clipboard, wherever on the page, but not into a text box.
function connectPaste(root) {
  const take = (event) => {
    const files = [...(event.clipboardData?.files ?? [])]
    const pictures = files.filter((file) => file.type.startsWith("image/"))
    const isTyping = event.composedPath().some((node) => node.matches?.("input, textarea"))
    if (!pictures.length || isTyping || isBusy(jobs.get(root.id))) return
    event.preventDefault()
    // Browsers call every pasted picture image.png.
    const at = new Date().toTimeString().slice(0, 8).replaceAll(":", ".")
    begin(root, async () => pictures.map((file) => ({ file, name: `pasted ${at} ${file.name}` })))
  }
  document.addEventListener("paste", take)
  return () => document.removeEventListener("paste", take)
}

const isBusy = (job) => Boolean(job) && ["reading", "sending", "paused"].includes(job.phase)

function connectPickers(root, parent) {
  for (const input of parent.querySelectorAll("[data-input]")) {
    const button = parent.querySelector(`[data-pick="${input.dataset.input}"]`)
    button.onclick = () => input.click()
    input.onchange = async () => {
      if (!input.files.length) return
      // The list empties with the field, so it is emptied only once it was read.
      await begin(root, async (onCount) => {
        const items = await readPicked(input.files, onCount)
        input.value = ""
        return items
      })
    }
  }
}

function collectParts(parent) {
  const parts = {}
  for (const element of parent.querySelectorAll("[data-role]"))
    parts[element.dataset.role] = element
  return parts
}

globalThis.unseenUploadsGuard ??= (() => {
  addEventListener("beforeunload", (event) => {
    if ([...jobs.values()].some(isBusy)) event.preventDefault()
  })
  return true
})()

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const parts = collectParts(parentElement)
  const root = { id: `${data.project}/${data.key}`, data, parts, setStateValue }
  parts.title.textContent = data.title
  parts.hint.textContent = data.hint
  for (const button of parentElement.querySelectorAll("[data-pick]"))
    button.hidden = !data.picks.includes(button.dataset.pick)
  connectDrop(root, parts.drop)
  connectPickers(root, parentElement)
  const stopPasting = data.pastes ? connectPaste(root) : () => {}
  parts.pause.onclick = () => pause(root)
  parts.cancel.onclick = () => cancel(root)
  parts.again.onclick = () => again(root)
  parts.without.onclick = () => goOnWithout(root)
  parts.fresh.onclick = () => startFresh(root)
  attach(root)
  paint(root)
  return () => {
    root.gone = true
    stopPasting()
    clearTimeout(root.telling)
  }
}
