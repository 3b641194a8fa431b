// One thumbnail: the picture, what is on it, where it belongs, whether it is picked.

const SPLIT_WORDS = { train: "train", validation: "val", test: "test" }
// A thumbnail has 192 px; a little enlarged nobody sees it.
const THUMB_SUFFICES_PX = 215
const LOAD_TRIES = 3

function makeTile(place) {
  const picture = make("img", { alt: "", decoding: "async", draggable: "false" })
  const tick = make("span", { class: "tick", "aria-hidden": "true" })
  const split = make("span", { class: "corner split" })
  const percent = make("span", { class: "corner percent" })
  const seen = make("span", { class: "corner seen", title: "Reviewed" }, "✓")
  const frame = make("div", { class: "thumb" }, picture, tick, split, percent, seen)
  const caption = make("div", { class: "caption" })
  const node = make("div", { class: "tile", role: "option", tabindex: "-1" }, frame, caption)
  node.dataset.place = place
  const tile = { node, picture, caption, split, percent, seen, failures: 0 }
  picture.addEventListener("error", () => noteFailure(tile))
  return tile
}

// The next drawing tries again, but not for ever.
function noteFailure(tile) {
  tile.failures += 1
  tile.picture.removeAttribute("src")
  tile.node.classList.add("unreadable")
  if (tile.failures < LOAD_TRIES) tile.url = null
}

// A picture that scrolled away must not hold up those in sight.
function dropTile(tile) {
  if (!tile.picture.complete) tile.picture.removeAttribute("src")
  tile.node.remove()
}

function paintTile(tile, view) {
  const { image, isPicked, isFocus, isWrong, isStray = false } = view
  tile.node.setAttribute("aria-selected", Boolean(isPicked))
  tile.node.tabIndex = isFocus ? 0 : -1
  tile.node.classList.toggle("blank", !image)
  tile.node.classList.toggle("wrong", Boolean(isWrong))
  tile.node.classList.toggle("stray", isStray)
  if (!image) return
  // A changed answer makes a new object; comparing those spares most of the work.
  if (tile.image === image && tile.answers === image.answers && tile.isStray === isStray) return
  Object.assign(tile, { image, answers: image.answers, isStray })
  describeTile(tile, view)
}

// Until another size has come the picture stays as it is; another image's goes.
function showPicture(tile, id, url) {
  if (tile.url === url) return
  if (!url && tile.id === id) return
  if (tile.id !== id) tile.failures = 0
  Object.assign(tile, { id, url })
  tile.node.classList.remove("unreadable")
  if (url) tile.picture.src = url
  else tile.picture.removeAttribute("src")
}

function describeTile(tile, { image, tags, words, isFaint, percent, isStray }) {
  const stray = isStray && "no longer in this filter"
  tile.node.title = [image.name, tags.length && words, image.reason, stray].filter(Boolean).join("\n")
  setText(tile.split, SPLIT_WORDS[image.split] ?? "")
  setText(tile.percent, percent ?? "")
  tile.seen.hidden = !image.reviewed
  tile.caption.classList.toggle("quiet", isFaint)
  if (tags.length) tile.caption.replaceChildren(...tags.map(makeTag))
  else tile.caption.replaceChildren(words)
  const place = [words, image.split, image.reviewed && "reviewed", percent, stray]
  tile.node.setAttribute("aria-label", [`${image.name}: ${place[0]}`, ...place.slice(1)].filter(Boolean).join(", "))
}

function makeTag({ name, colour }) {
  const tag = make("span", { class: colour ? "tag coloured" : "tag" }, name)
  if (colour) tag.style.setProperty("--tag", colour)
  return tag
}

function inPercent(probability) {
  return `${Math.round(100 * probability)} %`
}
