// Which key does what in the labeler. Keys of labels belong to the project; keys of
// actions to the person at this browser, in localStorage. Where both want the same key
// the action has it, and the label gets a free one.

const LABELER_ACTIONS = [
  { id: "save", keys: ["Enter", " "], title: "save and next; labels not chosen become no", needsImage: true },
  { id: "skip", keys: ["s"], title: "skip: comes again at the end" },
  { id: "back", keys: ["ArrowLeft"], title: "previous picture, nothing saved", repeats: true },
  { id: "next", keys: ["ArrowRight"], title: "next picture, nothing saved", repeats: true },
  { id: "same", keys: ["d", "p"], title: "the same labels as the picture before", needsImage: true },
  { id: "accept", keys: ["a"], title: "accept what the model suggests", needsImage: true },
  { id: "none", keys: ["0"], title: "none of these", needsImage: true },
  { id: "unknown", keys: ["x"], title: "unknown: the label in focus, else all", needsImage: true },
  { id: "undo", keys: ["u"], title: "undo, back to that picture (also Ctrl Z)" },
  { id: "redo", keys: ["Shift u"], title: "redo (also Ctrl Shift Z)" },
  { id: "find", keys: ["f"], title: "find a label by its name" },
  { id: "jump", keys: ["g"], title: "go to a number or a file name" },
  { id: "zoom", keys: ["z"], title: "zoom: 100 % or the whole picture" },
  { id: "closer", keys: ["+", "="], title: "zoom in (also the wheel)", repeats: true },
  { id: "farther", keys: ["-"], title: "zoom out", repeats: true },
  { id: "brighter", keys: ["."], title: "brighter", repeats: true },
  { id: "darker", keys: [","], title: "darker", repeats: true },
  { id: "harder", keys: ["Shift ."], title: "more contrast", repeats: true },
  { id: "softer", keys: ["Shift ,"], title: "less contrast", repeats: true },
  { id: "normal", keys: ["Shift l"], title: "light and contrast back to normal" },
  { id: "filter", keys: ["/"], title: "filter by file name" },
  { id: "help", keys: ["?"], title: "this help" },
  { id: "close", keys: ["Escape"], title: "close what is open", isFixed: true },
]
const KEYS_KEPT = "unseen.keys"
const KEY_NAMES = { " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" }
// These move the focus or the page; taking them away would lock people out.
const KEYS_NOT_FREE = new Set(["Tab", "Escape", "Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph", "Dead", "F5"])

class KeyMap {
  constructor() {
    this.own = readOwnKeys()
    this.fill()
  }

  fill() {
    this.actionOf = new Map()
    for (const action of LABELER_ACTIONS) {
      for (const key of this.keysOf(action)) this.actionOf.set(key, action)
    }
  }

  // A default gives way to a key that a person gave to another action.
  keysOf(action) {
    const own = this.own[action.id]
    if (own) return [own]
    const given = Object.values(this.own)
    return action.keys.filter((key) => !given.includes(key))
  }

  get reserved() {
    return new Set(this.actionOf.keys())
  }

  give(actionId, key) {
    this.own[actionId] = key
    this.settle()
  }

  forgetOwn() {
    this.own = {}
    this.settle()
  }

  settle() {
    this.fill()
    try {
      localStorage.setItem(KEYS_KEPT, JSON.stringify(this.own))
    } catch {
      // forbidden: then the keys last until the page is closed
    }
  }
}

function readOwnKeys() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEYS_KEPT)) ?? {}
    const known = LABELER_ACTIONS.filter(({ id }) => typeof kept[id] === "string")
    return Object.fromEntries(known.map(({ id }) => [id, kept[id]]))
  } catch {
    return {}
  }
}

// One name per key on any keyboard: "q", "Shift u", "?", "Shift ,", "Enter".
function keyNameOf({ key, code, shiftKey }) {
  if (key.length !== 1) return key
  const letter = key.toLowerCase()
  const isLetter = letter !== key.toUpperCase()
  // Shift with these gives other signs on every keyboard: go by the place.
  if (shiftKey && !isLetter && code === "Comma") return "Shift ,"
  if (shiftKey && !isLetter && code === "Period") return "Shift ."
  return shiftKey && isLetter ? `Shift ${letter}` : letter
}

function shownKey(key) {
  return KEY_NAMES[key] ?? (key.startsWith("Shift ") ? `Shift ${key.slice(6).toUpperCase()}` : key.toUpperCase())
}
