// Streamlit keeps the page where it was scrolled to. After a start that is far below
// the card of the run, so the page goes up, once for each turn.

export default function ({ data }) {
  if (!data.turn || window.unseenTurn === data.turn) return
  window.unseenTurn = data.turn
  document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 })
}
