// Asks now and then which run ended last. Streamlit writes the title anew whenever a
// page is drawn, so ours is put back until it has been seen.

const NOTICE_EVERY_MS = 5000
const NOTICE_SEEN_MS = 3000
const NOTICE_PLAIN = "Unseen"

// One for the tab: pages come and go, what waits to be seen stays.
function noticeState() {
  window.unseenNotice ??= { words: "", shows: true, seenTimer: 0 }
  return window.unseenNotice
}

// The end a tab knew before, kept over a reload; null in a new tab.
function swapKnownEnd(project, end) {
  const key = `unseen_run_end_${project}`
  const before = sessionStorage.getItem(key)
  sessionStorage.setItem(key, end)
  return before
}

function putTitle() {
  const { words } = noticeState()
  const title = words ? `${words} · ${NOTICE_PLAIN}` : ""
  if (title && document.title !== title) document.title = title
}

function dropTitle() {
  const state = noticeState()
  if (state.words) document.title = NOTICE_PLAIN
  state.words = ""
}

// Seen is what stood for a moment in a tab in front, on a page that shows runs.
function noteLook() {
  const state = noticeState()
  clearTimeout(state.seenTimer)
  if (state.words && state.shows && document.visibilityState === "visible") {
    state.seenTimer = setTimeout(dropTitle, NOTICE_SEEN_MS)
  }
}

async function askForEnd(data) {
  const state = noticeState()
  const answer = await fetch(`/api/${encodeURIComponent(data.project)}/runs/ended`)
  if (!answer.ok) return
  const { run, state: end, ended_at: endedAt } = await answer.json()
  const known = endedAt ?? "none"
  const before = swapKnownEnd(data.project, known)
  if (before === null || before === known) return
  const isWatched = state.shows && document.visibilityState === "visible"
  if (isWatched || !(end in data.words)) return
  state.words = data.words[end].replace("#", run)
  putTitle()
}

export default function ({ data }) {
  const state = noticeState()
  state.shows = data.shows
  // Without a connection there is nothing to tell.
  const ask = () => askForEnd(data).catch(() => undefined)
  const timer = setInterval(ask, NOTICE_EVERY_MS)
  const watcher = new MutationObserver(putTitle)
  watcher.observe(document.head, { childList: true, subtree: true, characterData: true })
  document.addEventListener("visibilitychange", noteLook)
  ask()
  putTitle()
  noteLook()
  return () => {
    clearInterval(timer)
    watcher.disconnect()
    document.removeEventListener("visibilitychange", noteLook)
  }
}
