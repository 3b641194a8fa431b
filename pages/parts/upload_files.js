// From what a person chose to a list of {file, name, key}: folders are read in
// portions, so that 50,000 files freeze nothing.
const NOISE = /^(\.|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i
const PORTION = 500

const isNoise = (path) => path.split("/").some((part) => NOISE.test(part))

// Lets the page live; by a message, because timers are slow in a hidden tab.
function breathe() {
  const { port1, port2 } = new MessageChannel()
  return new Promise((done) => {
    port1.onmessage = done
    port2.postMessage(null)
  })
}

function listFolder(reader) {
  return new Promise((ok, no) => reader.readEntries(ok, no))
}

async function readDropped(transfer, onCount) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.())
  const plain = [...transfer.files].map((file) => ({ file, name: file.name }))
  if (entries.every((entry) => !entry)) return plain.filter(({ name }) => !isNoise(name))
  const found = []
  const waiting = entries.filter(Boolean)
  while (waiting.length) {
    const entry = waiting.pop()
    if (isNoise(entry.fullPath.slice(1))) continue
    if (entry.isFile) {
      const file = await new Promise((ok, no) => entry.file(ok, no))
      found.push({ file, name: entry.fullPath.slice(1) })
      if (found.length % PORTION === 0) onCount(found.length)
      continue
    }
    const reader = entry.createReader()
    // A reader hands out at most 100 entries a call; an empty answer is the end.
    for (let some = await listFolder(reader); some.length; some = await listFolder(reader))
      for (const child of some) waiting.push(child)
  }
  return found
}

async function readPicked(list, onCount) {
  const found = []
  for (let at = 0; at < list.length; at++) {
    const file = list[at]
    const name = file.webkitRelativePath || file.name
    if (!isNoise(name)) found.push({ file, name })
    if (at % PORTION === PORTION - 1) {
      onCount(found.length)
      await breathe()
    }
  }
  return found
}

// 53 bits of a text, the same in every browser (cyrb53).
function hashOf(text) {
  let high = 0xdeadbeef
  let low = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    high = Math.imul(high ^ code, 2654435761)
    low = Math.imul(low ^ code, 1597334677)
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909)
  return 4294967296 * (2097151 & low) + (high >>> 0)
}

const keyOf = ({ file, name }) =>
  [hashOf(name), file.size, file.lastModified || 0].map((n) => n.toString(36)).join("-")

// Gives every item its key; returns what stands for all of them, in any order.
async function fingerprint(items) {
  let sum = 0
  let bytes = 0
  for (let at = 0; at < items.length; at++) {
    const item = items[at]
    item.key = keyOf(item)
    // Without the time of change: one file edited must not begin all anew.
    sum = (sum + (hashOf(`${item.name} ${item.file.size}`) % 4503599627370496)) % 4503599627370496
    bytes += item.file.size
    if (at % PORTION === PORTION - 1) await breathe()
  }
  return [items.length, bytes, sum].map((n) => n.toString(36)).join("-")
}
