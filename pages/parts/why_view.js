// A picture with the heat map of one label over it, and a button for each label.
const whySeen = new WeakMap()

function buildWhyButton(map, isOn, choose) {
  const share = map.probability === null ? "" : ` ${map.probability}`
  return make(
    "button",
    { type: "button", "aria-pressed": String(isOn), onclick: choose },
    make("span", { class: "name" }, map.name),
    make("span", { class: "quiet" }, `${share}${map.note ? ` · ${map.note}` : ""}`)
  )
}

function paintWhy(root, data, chosen) {
  const map = data.maps[chosen] || null
  const heat = root.querySelector(".heat")
  heat.hidden = !map
  if (map) heat.src = map.src
  setText(root.querySelector(".say"), map ? map.words : data.plain)
  root.querySelectorAll(".maps button").forEach((button, at) => {
    button.setAttribute("aria-pressed", String(at === (map ? chosen : data.maps.length)))
  })
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".why")
  const signature = JSON.stringify(data)
  if (whySeen.get(root) === signature) return
  whySeen.set(root, signature)
  const choose = (at) => () => paintWhy(root, data, at)
  const off = { name: "Picture only", probability: null, note: "" }
  root.replaceChildren(
    make(
      "div",
      { class: "picture" },
      make("img", { class: "below", src: data.url, alt: data.name }),
      make("img", { class: "heat", alt: "", hidden: true })
    ),
    make(
      "div",
      { class: "side" },
      make(
        "div",
        { class: "maps", role: "group", "aria-label": "Where the evidence lies, by label" },
        ...data.maps.map((map, at) => buildWhyButton(map, false, choose(at))),
        buildWhyButton(off, true, choose(-1))
      ),
      make("p", { class: "say", role: "status" })
    )
  )
  paintWhy(root, data, data.maps.length ? 0 : -1)
}
