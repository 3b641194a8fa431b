// A step at the top of Review opens a tab far below: the page goes there, once a turn.
// What is above may still change its height, so it is looked for a few times; a
// person's own move ends that.

const CLOSER = ".st-key-review_closer"
const OWN_MOVES = ["wheel", "touchstart", "keydown", "pointerdown"]
const LOOK_AGAIN_MS = 150
const LOOKS_AT_MOST = 8

export default function ({ data }) {
  if (!data.turn || window.unseenReviewTurn === data.turn) return
  window.unseenReviewTurn = data.turn
  let looks = 0
  const end = () => {
    clearInterval(timer)
    for (const move of OWN_MOVES) window.removeEventListener(move, end, true)
  }
  const timer = setInterval(() => {
    const place = document.querySelector(CLOSER)
    // below Streamlit's own bar
    if (place) place.style.scrollMarginTop = "4.5rem"
    place?.scrollIntoView({ block: "start" })
    looks += 1
    if (looks >= LOOKS_AT_MOST) end()
  }, LOOK_AGAIN_MS)
  for (const move of OWN_MOVES) window.addEventListener(move, end, true)
}
