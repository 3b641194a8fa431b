// The images of one filter: the ids at once, so that the order stays put while
// labelling changes what the filter matches; the details by pages when needed.

const PAGE_IMAGES = 100
const KEPT_PICTURES = 40

class ImageFeed {
  constructor(project, onPage) {
    this.url = `/api/${encodeURIComponent(project)}/`
    this.onPage = onPage
    this.reasonsOf = ""
    this.reset([])
    this.generation = 0
  }

  reset(ids) {
    this.ids = ids
    this.places = new Map(ids.map((id, place) => [id, place]))
    this.known = new Map()
    this.asked = new Set()
  }

  // Resolves to the answer, or to null when a newer filter took over or the server
  // refuses this one: then `problem` says why.
  async load(query) {
    const generation = ++this.generation
    this.problem = ""
    const answer = await this.get(`image-ids?${query}`, generation)
    if (answer) this.reset(answer.ids)
    const queue = new URLSearchParams(query).get("queue")
    this.reasonsOf = queue ? `&queue=${encodeURIComponent(queue)}` : ""
    return answer
  }

  // Moves some images behind all others; what is known of them stays.
  postpone(ids) {
    this.bringAgain(ids.filter((id) => this.places.has(id)))
  }

  // Behind all others, also what was not in the list so far.
  bringAgain(ids) {
    if (!ids.length) return
    const last = new Set(ids)
    this.ids = [...this.ids.filter((id) => !last.has(id)), ...last]
    this.places = new Map(this.ids.map((id, place) => [id, place]))
    this.asked = new Set()
  }

  at(place) {
    return this.known.get(this.ids[place])
  }

  need(first, last) {
    const lastPage = Math.floor(Math.min(last, this.ids.length - 1) / PAGE_IMAGES)
    const firstPage = Math.floor(Math.max(first, 0) / PAGE_IMAGES)
    for (let page = firstPage; page <= lastPage; page++) this.needPage(page)
  }

  async needPage(page) {
    if (this.asked.has(page)) return
    const asked = this.asked.add(page)
    const ids = this.ids.slice(page * PAGE_IMAGES, (page + 1) * PAGE_IMAGES)
    const answer = await this.get(`images?ids=${ids.join(",")}${this.reasonsOf}`, this.generation)
    if (!answer || asked !== this.asked) return
    // Known as null: deleted since the ids were read.
    for (const id of ids) this.known.set(id, null)
    for (const image of answer.images) this.known.set(image.id, image)
    this.onPage()
  }

  // Reads the details again after a bulk change, keeping what is shown meanwhile.
  refresh() {
    this.asked = new Set()
  }

  async get(path, generation) {
    for (let failures = 0; generation === this.generation; failures++) {
      const answer = await getJson(this.url + path, (problem) => (this.problem = problem))
      if (this.problem) return null
      if (answer) return generation === this.generation ? answer : null
      await new Promise((resolve) => setTimeout(resolve, Math.min(3000, 300 << failures)))
    }
    return null
  }
}

async function getJson(url, onRefusal) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(30_000) })
    // A wrong filter stays wrong; whatever else goes wrong may pass.
    if (response.status === 400) onRefusal?.((await response.json()).error)
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}

function pictureUrl(project, image, size) {
  return `/img/${encodeURIComponent(project)}/${image.sha256}?size=${size}`
}

// A reload or a look at another view comes back to the same image.
function rememberPlace({ project, query }, id) {
  try {
    sessionStorage.setItem(`unseen.place.${project}?${query}`, id ?? "")
  } catch {
    // forbidden: then a reload starts at the first image
  }
}

function rememberedPlace({ project, query }) {
  try {
    return Number(sessionStorage.getItem(`unseen.place.${project}?${query}`))
  } catch {
    return null
  }
}

// Skipped pictures wait at the end of their list, also after a reload.
function rememberSkips({ project, query }, ids) {
  try {
    sessionStorage.setItem(`unseen.skipped.${project}?${query}`, JSON.stringify([...ids]))
  } catch {
    // forbidden or full: then a reload offers them in their old place
  }
}

function rememberedSkips({ project, query }) {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(`unseen.skipped.${project}?${query}`)))
  } catch {
    return new Set()
  }
}

// Decoded pictures near the current one, so that "next" has only to paint.
class PictureShelf {
  constructor(project) {
    this.project = project
    this.pictures = new Map()
  }

  take(image) {
    const kept = this.pictures.get(image.sha256)
    this.pictures.delete(image.sha256)
    const picture = kept && !kept.failed ? kept : this.fetch(image)
    this.pictures.set(image.sha256, picture)
    return picture
  }

  fetch(image) {
    const picture = make("img", { alt: image.name, draggable: "false" })
    picture.addEventListener("error", () => (picture.failed = true))
    picture.src = pictureUrl(this.project, image, "large")
    picture.decode().catch(() => {})
    return picture
  }

  prepare(images) {
    for (const image of images) if (image) this.take(image)
    const surplus = this.pictures.size - KEPT_PICTURES
    for (const sha of [...this.pictures.keys()].slice(0, Math.max(0, surplus))) {
      this.pictures.delete(sha)
    }
  }
}
