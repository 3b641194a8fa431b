const states = new WeakMap()

function makeTile(item, selectable, number) {
  const link = item.href ? "a" : "div"
  const tile = document.createElement(selectable ? "button" : link)
  tile.className = "tile"
  if (item.href) Object.assign(tile, { href: item.href, target: "_blank", rel: "noopener" })
  const img = document.createElement("img")
  img.loading = "lazy"
  img.decoding = "async"
  img.src = item.url
  img.alt = item.caption || `Picture ${number}`
  const badge = document.createElement("span")
  badge.className = "badge"
  badge.textContent = item.badge
  const caption = document.createElement("span")
  caption.className = "caption"
  caption.textContent = item.caption
  caption.title = item.caption
  const detail = document.createElement("span")
  detail.className = "caption detail"
  detail.textContent = detail.title = item.detail
  const tick = document.createElement("span")
  tick.className = "tick"
  tile.append(img, badge, tick, caption, detail)
  return tile
}

function toggle(state, place, range) {
  const on = !state.selected.has(place)
  const from = range && state.last !== null ? state.last : place
  for (let i = Math.min(from, place); i <= Math.max(from, place); i++) {
    if (on) state.selected.add(i)
    else state.selected.delete(i)
  }
  state.last = place
}

function paintSelection(state) {
  state.tiles.forEach((tile, i) =>
    tile.setAttribute("aria-pressed", String(state.selected.has(i)))
  )
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const list = parentElement.querySelector(".gallery")
  list.style.setProperty("--tile", `${data.size_px}px`)
  const known = states.get(parentElement)
  const signature = JSON.stringify([data.signature, data.items, data.selectable])
  if (known?.signature === signature) {
    known.send = setStateValue
    return
  }
  const state = { signature, selected: new Set(data.selected), last: null, send: setStateValue }
  states.set(parentElement, state)
  state.tiles = data.items.map((item, i) => makeTile(item, data.selectable, i + 1))
  list.replaceChildren(
    ...state.tiles.map((tile) => {
      const place = document.createElement("li")
      place.append(tile)
      return place
    })
  )
  if (!data.selectable) return
  paintSelection(state)
  state.tiles.forEach((tile, i) => {
    tile.onclick = (event) => {
      toggle(state, i, event.shiftKey)
      paintSelection(state)
      const places = [...state.selected].sort((a, b) => a - b)
      state.send("selected", { of: data.signature, places })
    }
  })
}
