// Thumbnails by the screenful: one request instead of forty. Kept while the grid is
// open; what is not in the answer (unreadable) is asked for alone, which says why.

const PACK_MOST = 200
const PACKS_AT_ONCE = 2
const PACKED_KEPT = 2000
const PACK_TIMEOUT_MS = 10_000
const NOT_YET = 2 ** 32 - 1

class ThumbPacks {
  constructor(project, onArrival) {
    this.url = `/api/${encodeURIComponent(project)}/thumbs?ids=`
    this.onArrival = onArrival
    // Image id to address; "" when it did not come in a pack.
    this.urls = new Map()
    this.asked = new Set()
    this.wanted = []
    this.running = 0
  }

  urlOf(id) {
    return this.urls.get(id)
  }

  // Only the latest wish counts: what scrolled by meanwhile is not fetched.
  need(ids) {
    this.wanted = ids
    this.askNext()
  }

  askNext() {
    const ids = this.wanted.filter((id) => !this.urls.has(id) && !this.asked.has(id)).slice(0, PACK_MOST)
    if (!ids.length || this.running >= PACKS_AT_ONCE) return
    this.running += 1
    for (const id of ids) this.asked.add(id)
    this.ask(ids)
  }

  async ask(ids) {
    const pictures = await fetchPack(this.url + ids.join(","))
    for (const [place, id] of ids.entries()) {
      this.asked.delete(id)
      const picture = pictures?.[place]
      // Undefined is not drawn yet: the next pack has it.
      if (pictures && picture === undefined) continue
      this.urls.set(id, picture ? URL.createObjectURL(picture) : "")
    }
    this.running -= 1
    this.forgetOldest()
    this.onArrival()
    this.askNext()
  }

  forgetOldest() {
    for (const [id, url] of this.urls) {
      if (this.urls.size <= PACKED_KEPT) return
      if (url) URL.revokeObjectURL(url)
      this.urls.delete(id)
    }
  }

  destroy() {
    for (const url of this.urls.values()) if (url) URL.revokeObjectURL(url)
    this.urls.clear()
  }
}

async function fetchPack(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PACK_TIMEOUT_MS) })
    return response.ok ? unpack(await response.arrayBuffer()) : null
  } catch {
    return null
  }
}

function unpack(buffer) {
  const view = new DataView(buffer)
  const pictures = []
  for (let at = 0; at < buffer.byteLength; ) {
    const length = view.getUint32(at)
    at += 4
    const isThere = length !== NOT_YET
    const end = isThere ? at + length : at
    const picture = length ? new Blob([buffer.slice(at, end)], { type: "image/jpeg" }) : null
    pictures.push(isThere ? picture : undefined)
    at = end
  }
  return pictures
}
