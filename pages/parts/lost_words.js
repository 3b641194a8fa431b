// Three seconds after the server is gone Streamlit's own dialog tells people to type
// "streamlit run yourscript.py". It closes itself once the server is back; the words in
// between are ours.

const LOST_DIALOG = "body > div [role=dialog]"
const LOST_THEIR_TITLE = "Connection error"
const LOST_OUR_TITLE = "No connection"
const LOST_OUR_WORDS =
  "Unseen has stopped or is restarting. Start it again as you did before; nothing is " +
  "lost. This page comes back by itself."

function rewordLostDialog(dialog) {
  const title = dialog.querySelector("h2")
  const body = title?.nextElementSibling
  if (!body || title.textContent !== LOST_THEIR_TITLE) return
  title.textContent = LOST_OUR_TITLE
  title.dataset.lost = "yes"
  const words = document.createElement("p")
  words.textContent = LOST_OUR_WORDS
  // Hidden, not removed: React takes its own elements away itself.
  for (const theirs of body.children) theirs.hidden = true
  body.append(words)
}

export default function () {
  const reword = () => document.querySelectorAll(LOST_DIALOG).forEach(rewordLostDialog)
  const observer = new MutationObserver(reword)
  // Also below: a dialog drawn anew in the place of the last one is no child of body.
  observer.observe(document.body, { childList: true, subtree: true })
  reword()
  return () => observer.disconnect()
}
