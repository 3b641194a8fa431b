// Sending: four requests at a time; small files together, large ones in pieces. A
// server that is away is waited for, and only a file that fails while it answers has
// failed.
const AT_ONCE = 4
const TRIES = 3
const PROBE_MS = 2000
const BUNDLE_FILES = 100
const BUNDLE_BYTES = 4e6
const SMALL_BYTES = 1e6
const LARGE_BYTES = 32e6
const PIECE_BYTES = 16e6

const sleep = (ms) => new Promise((done) => setTimeout(done, ms))

// XMLHttpRequest, not fetch: only it reports how much of a large zip has gone.
function send(job, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open(body === null ? "GET" : "POST", job.base + path)
    request.setRequestHeader("X-Unseen", "1")
    for (const [name, value] of Object.entries(headers))
      request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => {
      job.flying.set(request, event.loaded)
      job.changed()
    }
    request.onload = () => resolve(request)
    request.onerror = () => reject(new Error("the connection was lost"))
    request.onabort = () => reject(new Error("stopped"))
    request.onloadend = () => job.flying.delete(request)
    job.flying.set(request, 0)
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

// Aborted requests are not lost: their files go to the front of the queue again.
function stopFlying(job) {
  for (const request of [...job.flying.keys()]) request.abort()
}

const isHalted = (job) => job.cancelled || job.paused || job.halted

function nextBatch(job) {
  if (job.again.length) return job.again.shift()
  const batch = []
  let size = 0
  while (job.next < job.items.length) {
    const item = job.items[job.next]
    const isSmall = item.file.size < SMALL_BYTES
    if (batch.length && (!isSmall || size + item.file.size > BUNDLE_BYTES)) break
    // Let go of the file: the list of 50,000 empties while it is sent.
    job.items[job.next++] = undefined
    batch.push(item)
    size += item.file.size
    if (!isSmall || batch.length === BUNDLE_FILES) break
  }
  return batch
}

async function sendBatch(job, batch) {
  if (batch.length > 1) {
    const head = JSON.stringify(batch.map(({ file, name, key }) => [name, file.size, key]))
    // Parts of a Blob stay on the disk until they are sent.
    const body = new Blob([`${head}\n`, ...batch.map(({ file }) => file)])
    return send(job, `/${job.uploadId}/bundle`, {}, body)
  }
  const [item] = batch
  const headers = { "X-Name": encodeURIComponent(item.name), "X-Key": item.key }
  if (item.file.size > LARGE_BYTES) return sendLarge(job, item, headers)
  return send(job, `/${job.uploadId}/files`, headers, item.file)
}

async function sendLarge(job, item, headers) {
  const { file } = item
  let answer
  let here = 0
  // The first piece is empty: it asks how much is here already.
  for (let body = file.slice(0, 0); ; body = file.slice(here, here + PIECE_BYTES)) {
    const place = { "X-Offset": String(here), "X-Size": String(file.size) }
    answer = await send(job, `/${job.uploadId}/pieces`, { ...headers, ...place }, body)
    if (answer.status >= 300) break
    here = JSON.parse(answer.responseText).bytes
    job.partBytes.set(item.key, here)
    if (JSON.parse(answer.responseText).done) break
  }
  job.partBytes.delete(item.key)
  return answer
}

async function isServerThere() {
  try {
    return (await fetch("/healthz", { cache: "no-store" })).ok
  } catch {
    return false
  }
}

async function waitForServer(job) {
  while (!isHalted(job) && !(await isServerThere())) {
    job.waiting = true
    job.changed()
    await sleep(PROBE_MS)
  }
  job.waiting = false
}

function noteSent(job, batch) {
  for (const item of batch) {
    job.done += 1
    job.doneBytes += item.file.size
  }
  job.pace.push([performance.now(), job.done, job.doneBytes])
}

// One by one: only so is it seen which of them it is.
const split = (batch) => batch.map((item) => [item])

async function settleRefusal(job, batch, answer) {
  const isOfAll = answer.status === 507 || answer.status === 404
  if (isOfAll || sentence(answer).startsWith("This upload is not there")) {
    job.again.unshift(batch)
    job.halted = sentence(answer)
    stopFlying(job)
  } else if (batch.length > 1) job.again.push(...split(batch))
  else if (answer.status >= 500) await settleLoss(job, batch, sentence(answer))
  else job.failed.push({ item: batch[0], problem: sentence(answer) })
}

async function settleLoss(job, batch, problem) {
  if (isHalted(job)) {
    job.again.unshift(batch)
    return
  }
  const wasThere = await isServerThere()
  if (!wasThere) {
    await waitForServer(job)
    job.again.unshift(batch)
  } else if (batch.length > 1) job.again.push(...split(batch))
  else if ((batch[0].tries = (batch[0].tries ?? 0) + 1) < TRIES) job.again.push(batch)
  else job.failed.push({ item: batch[0], problem })
}

async function sender(job) {
  while (!isHalted(job)) {
    const batch = nextBatch(job)
    if (!batch.length) return
    try {
      const answer = await sendBatch(job, batch)
      if (answer.status < 300) noteSent(job, batch)
      else await settleRefusal(job, batch, answer)
    } catch {
      await settleLoss(job, batch, "it could not be read or sent")
    }
    job.changed()
  }
}

// Finds the open upload of the same files, and leaves out what is there.
async function openUpload(job) {
  const headers = job.fingerprint ? { "X-Fingerprint": job.fingerprint } : {}
  const opened = await send(job, "", headers, "")
  if (opened.status >= 300) throw new Error(sentence(opened))
  const { upload_id: uploadId, resumed } = JSON.parse(opened.responseText)
  job.uploadId = uploadId
  if (!resumed) return
  const listed = await send(job, `/${uploadId}`, {}, null)
  if (listed.status >= 300) throw new Error(sentence(listed))
  const here = new Set(JSON.parse(listed.responseText).keys)
  job.items = job.items.filter(({ key, file }) => {
    if (!here.has(key)) return true
    job.done += 1
    job.skipped += 1
    job.doneBytes += file.size
    return false
  })
}
