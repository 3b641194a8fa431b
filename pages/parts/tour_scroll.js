// The list is far down a page that is still being drawn: looked for until it is there,
// and found again when what is above has its height. A person's own move ends it.

const LIST = ".st-key-coverage_shopping"
const MOVES = ["wheel", "touchstart", "keydown", "pointerdown"]
const LOOK_MS = 150
const LOOKS = 40
const AGAIN = 6

export default function ({ data }) {
  if (!data.turn || window.unseenTourTurn === data.turn) return
  window.unseenTourTurn = data.turn
  let looks = 0
  let found = 0
  const end = () => {
    clearInterval(timer)
    for (const move of MOVES) window.removeEventListener(move, end, true)
  }
  const timer = setInterval(() => {
    const list = document.querySelector(LIST)
    // below Streamlit's own bar
    if (list) list.style.scrollMarginTop = "4.5rem"
    list?.scrollIntoView({ block: "start" })
    found += list ? 1 : 0
    looks += 1
    if (looks >= LOOKS || found >= AGAIN) end()
  }, LOOK_MS)
  for (const move of MOVES) window.addEventListener(move, end, true)
}
