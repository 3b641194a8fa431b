// Jobs outlive this component: a rerun or a visit to another page must not end an
// upload, so they live in the window and the component only shows them.
const jobs = (globalThis.unseenUploads ??= new Map())
const AT_ONCE = 4
const TRIES = 4
const PAUSES_MS = [500, 1500, 4000]
const NOISE = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i

const isNoise = (path) => path.split("/").some((part) => NOISE.test(part))
const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

async function filesBelow(entry) {
  if (entry.isFile) {
    const file = await new Promise((ok, no) => entry.file(ok, no))
    return [{ file, name: entry.fullPath.replace(/^\//, "") }]
  }
  const reader = entry.createReader()
  const found = []
  // A reader hands out at most 100 entries a call; an empty answer is the end.
  for (;;) {
    const some = await new Promise((ok, no) => reader.readEntries(ok, no))
    if (!some.length) return found
    for (const child of some) found.push(...(await filesBelow(child)))
  }
}

async function filesDropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.())
  const plain = [...transfer.files].map((file) => ({ file, name: file.name }))
  if (entries.every((entry) => !entry)) return plain
  const lists = await Promise.all(entries.filter(Boolean).map(filesBelow))
  return lists.flat()
}

// XMLHttpRequest, not fetch: only it reports how much of a large zip has gone.
function send(url, headers, body, job, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open("POST", url)
    for (const [name, value] of Object.entries(headers))
      request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => onProgress(event.loaded)
    request.onload = () => resolve(request)
    request.onerror = () => reject(new Error("the connection was lost"))
    request.onabort = () => reject(new Error("cancelled"))
    request.onloadend = () => job.requests.delete(request)
    job.requests.add(request)
    request.send(body)
  })
}

function sentence(request) {
  try {
    return JSON.parse(request.responseText).error || `status ${request.status}`
  } catch {
    return `status ${request.status}`
  }
}

async function sendOne(job, item) {
  const headers = {
    "X-Unseen": "1",
    "X-Name": encodeURIComponent(item.name),
    "Content-Type": "application/octet-stream",
  }
  const url = `${job.base}/${job.uploadId}/files`
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await send(url, headers, item.file, job, (loaded) => {
        item.sent = Math.min(loaded, item.file.size)
        job.changed()
      })
      if (answer.status < 300) return null
      if (answer.status < 500 || answer.status === 507) return sentence(answer)
      if (attempt >= TRIES) return sentence(answer)
    } catch (error) {
      if (job.cancelled) return "cancelled"
      if (attempt >= TRIES) return error.message
    }
    item.sent = 0
    await sleep(PAUSES_MS[Math.min(attempt, PAUSES_MS.length) - 1])
    if (job.cancelled) return "cancelled"
  }
}

async function worker(job) {
  while (job.queue.length && !job.cancelled) {
    const item = job.queue.shift()
    const problem = await sendOne(job, item)
    item.sent = problem ? 0 : item.file.size
    if (problem) job.failed.push({ item, problem })
    else {
      job.done += 1
      // Files hold their content by reference only, but 2,000 of them add up.
      item.file = { size: item.file.size }
    }
    job.changed()
  }
}

async function openUpload(job) {
  const answer = await send(job.base, { "X-Unseen": "1" }, "", job, () => {})
  if (answer.status >= 300) throw new Error(sentence(answer))
  job.uploadId = JSON.parse(answer.responseText).upload_id
}

async function work(job) {
  job.phase = "sending"
  job.startedAt = performance.now()
  job.changed()
  try {
    if (!job.uploadId) await openUpload(job)
    await Promise.all(Array.from({ length: AT_ONCE }, () => worker(job)))
    job.phase = job.cancelled ? "cancelled" : "sent"
  } catch (error) {
    job.phase = "broken"
    job.message = error.message
  }
  job.changed()
  job.ended()
}

function begin(root, items) {
  const wanted = items.filter(({ name }) => !isNoise(name))
  if (!wanted.length) return
  const job = {
    base: `/api/${encodeURIComponent(root.data.project)}/uploads`,
    items: wanted.map((item) => ({ ...item, sent: 0 })),
    requests: new Set(),
    failed: [],
    done: 0,
    cancelled: false,
    changed: () => {},
    ended: () => {},
  }
  job.queue = [...job.items]
  job.bytes = job.items.reduce((sum, item) => sum + item.file.size, 0)
  jobs.set(root.id, job)
  attach(root)
  work(job)
}

function attach(root) {
  const job = jobs.get(root.id)
  if (!job) return
  let planned = false
  job.changed = () => {
    if (planned) return
    planned = true
    // At most one repaint a frame, however many files end in it; a timer, because
    // frames stop in a hidden tab.
    setTimeout(() => {
      planned = false
      paint(root)
    }, 100)
  }
  job.ended = () => {
    paint(root)
    report(root, job)
  }
  if (job.phase && job.phase !== "sending") report(root, job)
  paint(root)
}

function report(root, job) {
  const known = root.data.known
  if (job.phase !== "sent" || !job.done) return
  if (known?.upload_id === job.uploadId && known.files === job.done) return
  root.setStateValue("upload", {
    upload_id: job.uploadId,
    files: job.done,
    bytes: job.items.reduce((sum, item) => sum + item.sent, 0),
    failed: job.failed.length,
  })
}

const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`
const bytes = (n) =>
  n < 1e6 ? `${Math.ceil(n / 1e3)} kB` : n < 1e9 ? `${Math.round(n / 1e6)} MB` : `${(n / 1e9).toFixed(1)} GB`

function timeLeft(seconds) {
  if (seconds < 1.5) return "a second left"
  if (seconds < 90) return `${Math.round(seconds)} s left`
  return `${Math.round(seconds / 60)} min left`
}

function numbers(job, sent) {
  const elapsed = (performance.now() - job.startedAt) / 1000
  const parts = [
    `${job.done.toLocaleString("en")} of ${count(job.items.length, "file")}`,
    `${bytes(sent)} of ${bytes(job.bytes)}`,
  ]
  if (job.phase === "sending" && elapsed > 1 && sent) {
    if (job.items.length > 8) parts.push(`${Math.round(job.done / elapsed)} files/s`)
    parts.push(timeLeft((elapsed / sent) * (job.bytes - sent)))
  }
  return parts.join(" · ")
}

const TITLES = {
  sending: (job) => `Sending ${count(job.items.length, "file")}`,
  sent: (job) =>
    job.failed.length
      ? `${count(job.failed.length, "file")} did not arrive`
      : `${count(job.done, "file")} arrived`,
  cancelled: () => "Cancelled. Nothing was brought in.",
  broken: (job) => `The upload could not start: ${job.message}`,
}

function paint(root) {
  const { parts } = root
  const job = jobs.get(root.id)
  parts.drop.hidden = Boolean(job?.phase)
  parts.work.hidden = !job?.phase
  if (!job?.phase) return
  const sent = job.items.reduce((sum, item) => sum + item.sent, 0)
  const share = job.bytes ? Math.floor((sent / job.bytes) * 100) : 0
  parts.state.textContent = TITLES[job.phase](job)
  parts.fill.style.width = `${share}%`
  parts.bar.setAttribute("aria-valuenow", String(share))
  parts.numbers.textContent = `${share} % · ${numbers(job, sent)}`
  parts.problems.hidden = !job.failed.length
  parts.problems.replaceChildren(
    ...job.failed.slice(0, 20).map(({ item, problem }) => {
      const line = document.createElement("li")
      line.textContent = `${item.name}: ${problem}`
      return line
    })
  )
  parts.cancel.hidden = job.phase !== "sending"
  parts.again.hidden = job.phase === "sending" || !job.failed.length
  parts.fresh.hidden = job.phase === "sending"
}

function cancel(root) {
  const job = jobs.get(root.id)
  job.cancelled = true
  job.queue = []
  for (const request of [...job.requests]) request.abort()
}

function again(root) {
  const job = jobs.get(root.id)
  job.queue = job.failed.map(({ item }) => item)
  job.failed = []
  work(job)
}

function startFresh(root) {
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
  element.ondrop = async (event) => {
    event.preventDefault()
    element.classList.remove("over")
    begin(root, await filesDropped(event.dataTransfer))
  }
}

function connectPickers(root, parent) {
  for (const input of parent.querySelectorAll("[data-input]")) {
    const button = parent.querySelector(`[data-pick="${input.dataset.input}"]`)
    button.onclick = () => input.click()
    input.onchange = () => {
      const items = [...input.files].map((file) => ({
        file,
        name: file.webkitRelativePath || file.name,
      }))
      input.value = ""
      begin(root, items)
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
    if ([...jobs.values()].some((job) => job.phase === "sending")) event.preventDefault()
  })
  return true
})()

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const parts = collectParts(parentElement)
  const root = { id: `${data.project}/${data.key}`, data, parts, setStateValue }
  parts.title.textContent = data.title
  parts.hint.textContent = data.hint
  parentElement.querySelector('[data-pick="files"]').textContent = "Choose pictures"
  parentElement.querySelector('[data-pick="folder"]').hidden = !data.folders
  connectDrop(root, parts.drop)
  connectPickers(root, parentElement)
  parts.cancel.onclick = () => cancel(root)
  parts.again.onclick = () => again(root)
  parts.fresh.onclick = () => startFresh(root)
  attach(root)
  paint(root)
}
