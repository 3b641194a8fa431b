// What an upload says of itself: how much has gone, how fast, how long still.
const PACE_OVER_MS = 10_000
const PROBLEMS_SHOWN = 50

const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`
const bytes = (n) =>
  n < 1e6 ? `${Math.ceil(n / 1e3)} kB` : n < 1e9 ? `${Math.round(n / 1e6)} MB` : `${(n / 1e9).toFixed(1)} GB`

function timeLeft(seconds) {
  if (seconds < 1.5) return "a second left"
  if (seconds < 90) return `${Math.round(seconds)} s left`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min left`
  return `${(seconds / 3600).toFixed(1)} h left`
}

function bytesSent(job) {
  let sent = job.doneBytes
  for (const loaded of job.flying.values()) sent += loaded
  for (const here of job.partBytes.values()) sent += here
  return Math.min(sent, job.totalBytes)
}

// Files and bytes a second over the last ten seconds: what was skipped, and a pause,
// say nothing about how long the rest takes.
function paceOf(job, sent) {
  const now = performance.now()
  while (job.pace.length > 2 && now - job.pace[0][0] > PACE_OVER_MS) job.pace.shift()
  const [since, files, sentThen] = job.pace[0] ?? [now, 0, 0]
  const seconds = (now - since) / 1000
  if (seconds < 1) return null
  return { files: (job.done - files) / seconds, bytes: (sent - sentThen) / seconds }
}

function secondsLeft(job, sent, pace) {
  const byFiles = (job.total - job.done) / pace.files
  const byBytes = (job.totalBytes - sent) / pace.bytes
  return job.total > 8 ? Math.max(byFiles, byBytes) : byBytes
}

function numbersOf(job, sent) {
  const parts = [
    `${job.done.toLocaleString("en")} of ${count(job.total, "file")}`,
    `${bytes(sent)} of ${bytes(job.totalBytes)}`,
  ]
  const pace = job.phase === "sending" && !job.waiting ? paceOf(job, sent) : null
  if (pace && pace.files >= 0.5) parts.push(`${Math.round(pace.files).toLocaleString("en")} files/s`)
  const left = pace ? secondsLeft(job, sent, pace) : Infinity
  if (Number.isFinite(left)) parts.push(timeLeft(left))
  if (job.skipped) parts.push(`${job.skipped.toLocaleString("en")} were here already`)
  return parts.join(" · ")
}

const TITLES = {
  reading: (job) => `Reading the folder: ${count(job.found, "file")}`,
  sending: (job) =>
    job.waiting ? "The server is away; the upload goes on by itself" : `Sending ${count(job.total, "file")}`,
  paused: () => "Paused",
  sent: (job) =>
    job.failed.length
      ? `${count(job.failed.length, "file")} did not arrive`
      : `${count(job.done, "file")} arrived`,
  cancelled: () => "Cancelled. Nothing was brought in.",
  stopped: (job) => `The upload stopped: ${job.message}`,
}

function paintProblems(parts, job) {
  parts.problems.hidden = !job.failed.length
  if (parts.problems.shown === job.failed.length) return
  parts.problems.shown = job.failed.length
  const lines = job.failed.slice(0, PROBLEMS_SHOWN).map(({ item, problem }) => `${item.name}: ${problem}`)
  const rest = job.failed.length - lines.length
  if (rest > 0) lines.push(`and ${count(rest, "file")} more`)
  parts.problems.replaceChildren(
    ...lines.map((text) => {
      const line = document.createElement("li")
      line.textContent = text
      return line
    })
  )
}

function paintJob(parts, job) {
  const sent = bytesSent(job)
  const share = job.totalBytes ? Math.floor((sent / job.totalBytes) * 100) : 0
  const isReading = job.phase === "reading"
  parts.state.textContent = TITLES[job.phase](job)
  parts.fill.style.width = `${share}%`
  parts.bar.setAttribute("aria-valuenow", String(share))
  parts.numbers.textContent = isReading ? "Nothing has been sent yet." : `${share} % · ${numbersOf(job, sent)}`
  paintProblems(parts, job)
  const isOpen = job.phase === "sending" || job.phase === "paused"
  parts.pause.hidden = !isOpen
  parts.pause.textContent = job.phase === "paused" ? "Go on" : "Pause"
  parts.cancel.hidden = !isOpen && !isReading
  parts.again.hidden = job.phase !== "stopped" && (job.phase !== "sent" || !job.failed.length)
  parts.without.hidden = job.phase !== "sent" || !job.failed.length || !job.done
  parts.fresh.hidden = isOpen || isReading
}
