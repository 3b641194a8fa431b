// The keys of the grid, and in which state of it they mean what.

const TILE_KEYS = {
  " ": (grid, event) => grid.pick(grid.picks.focus, event.shiftKey),
  ArrowLeft: (grid, event) => grid.walk(-1, event),
  ArrowRight: (grid, event) => grid.walk(1, event),
  ArrowUp: (grid, event) => grid.walk(-grid.view.canvas.columns, event),
  ArrowDown: (grid, event) => grid.walk(grid.view.canvas.columns, event),
  PageUp: (grid, event) => grid.walk(-grid.view.canvas.columns * grid.view.canvas.rowsInSight, event),
  PageDown: (grid, event) => grid.walk(grid.view.canvas.columns * grid.view.canvas.rowsInSight, event),
  Home: (grid, event) => grid.walk(-Infinity, event),
  End: (grid, event) => grid.walk(Infinity, event),
}

const GRID_KEYS = {
  Enter: (grid) => grid.enter(grid.picks.focus),
  u: (grid, event) => (event.shiftKey ? grid.acts.redo() : grid.acts.undo()),
  Escape: (grid) => grid.clearSelection(),
  Delete: (grid) => grid.picks.count && grid.view.askDelete(true),
  "/": (grid) => focusTextFilter(grid.root),
}

const CONTROL_KEYS = {
  a: (grid) => grid.filter.selectAll(),
  z: (grid, event) => (event.shiftKey ? grid.acts.redo() : grid.acts.undo()),
  y: (grid) => grid.acts.redo(),
}

function isControl(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey
}

// Returns what a key does here, or undefined when it is not for the pictures.
function findTileAction(event, { root, canvas, tileKeys, otherKeys, controlKeys }) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  const target = event.composedPath()[0]
  if (isControl(event)) {
    return event.composedPath().includes(root) && !target.closest?.(TYPING) ? controlKeys[key] : undefined
  }
  if (!keyIsForUs(event, root)) return undefined
  // The room itself has the focus at first, and after a lost connection.
  const onTile = target === root || canvas.placeOf(event) !== null
  if (!onTile && (key === "Enter" || key === " ") && target.closest?.(PRESSABLE)) return undefined
  return (onTile && tileKeys[key]) || otherKeys[key]
}
