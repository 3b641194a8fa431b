const SIDES = [["before", "as it is"], ["after", "changed"]]

function makePair() {
  const place = document.createElement("li")
  place.append(...SIDES.map(() => document.createElement("img")))
  return place
}

function showPair(place, picture) {
  SIDES.forEach(([side, words], at) => {
    const img = place.children[at]
    img.alt = `${picture.name}, ${words}`
    img.title = img.alt
    // Small pictures come as PNG and are shown with their pixels.
    img.classList.toggle("small", picture[side].startsWith("data:image/png"))
    if (img.src !== picture[side]) img.src = picture[side]
  })
}

// The places stay and only their pictures change, so that nothing blinks.
export default function (component) {
  const { data, parentElement } = component
  const list = parentElement.querySelector(".variation")
  while (list.children.length < data.pictures.length) list.append(makePair())
  while (list.children.length > data.pictures.length) list.lastChild.remove()
  data.pictures.forEach((picture, at) => showPair(list.children[at], picture))
}
