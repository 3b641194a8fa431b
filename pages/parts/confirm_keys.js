// The keys of the desk of suggestions.

const CONFIRM_TILE_KEYS = {
  " ": (desk, event) => desk.pick(desk.picks.focus, event.shiftKey),
  ArrowLeft: (desk) => walkTiles(desk, -1),
  ArrowRight: (desk) => walkTiles(desk, 1),
  ArrowUp: (desk) => walkTiles(desk, -desk.view.canvas.columns),
  ArrowDown: (desk) => walkTiles(desk, desk.view.canvas.columns),
  Home: (desk) => walkTiles(desk, -Infinity),
  End: (desk) => walkTiles(desk, Infinity),
}

const CONFIRM_KEYS = {
  ...CONFIRM_TILE_KEYS,
  Enter: (desk) => desk.confirm(),
  u: (desk, event) => (event.shiftKey ? desk.redo() : desk.undo()),
}

const CONFIRM_CONTROL_KEYS = {
  a: (desk) => desk.pickAll(true),
  z: (desk, event) => (event.shiftKey ? desk.redo() : desk.undo()),
  y: (desk) => desk.redo(),
}

function walkTiles(desk, step) {
  const { picks, view } = desk
  const last = picks.ids.length - 1
  if (last < 0) return
  picks.focus = picks.anchor = Math.max(0, Math.min(last, picks.focus + step))
  view.canvas.focusOn(picks.focus)
}
