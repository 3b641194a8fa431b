// One card per family of copies: the pictures side by side, one of them marked as
// the one that stays. Names and labels are people's text: text nodes only.
const stays = new WeakMap()

function familyKey(family) {
  return family.pictures.map((picture) => picture.id).join(",")
}

function buildChoice(group, isMarked, choose) {
  const input = make("input", { type: "radio", name: group, onchange: choose })
  input.checked = isMarked
  return input
}

function buildPicture(picture, number, choice) {
  return make(
    "label",
    { class: "picture", title: picture.name },
    ...choice,
    make("img", {
      src: picture.url,
      alt: picture.name || `Picture ${number}`,
      loading: "lazy",
      decoding: "async",
    }),
    make("span", { class: "stays" }, "stays"),
    make("span", { class: "name" }, picture.name),
    make("span", { class: "labels" }, picture.labels || "no labels"),
    make("span", { class: "quiet" }, picture.words)
  )
}

function buildFamily(family, place, acts, marked, send) {
  const key = familyKey(family)
  const keep = () => marked.get(key) ?? family.pictures[0].id
  const canChoose = acts.some((act) => act.do === "keep")
  const pictures = family.pictures.map((picture, number) => {
    const mark = () => marked.set(key, picture.id)
    const isMarked = picture.id === keep()
    const choice = canChoose ? [buildChoice(`family ${place}`, isMarked, mark)] : []
    return buildPicture(picture, number + 1, choice)
  })
  const buttons = acts.map((act) =>
    make(
      "button",
      {
        type: "button",
        class: act.do === "dismiss" ? "plain" : "",
        onclick: () =>
          send({ do: act.do, keep: keep(), ids: family.pictures.map((p) => p.id) }),
      },
      act.title
    )
  )
  const card = make(
    "li",
    { class: canChoose ? "family choosing" : "family" },
    make("div", { class: "pictures" }, ...pictures),
    make("div", { class: "acts" }, ...buttons)
  )
  if (family.differ) {
    card.lastChild.prepend(make("span", { class: "differ" }, "different labels"))
  }
  return card
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".families")
  const known = stays.get(root)
  const signature = JSON.stringify([data.project, data.families, data.acts])
  const state = known ?? { marked: new Map(), signature: "" }
  state.send = (act) => setTriggerValue("act", act)
  stays.set(root, state)
  if (state.signature === signature) return
  state.signature = signature
  const cards = data.families.map((family, place) =>
    buildFamily(family, place, data.acts, state.marked, (act) => state.send(act))
  )
  root.replaceChildren(make("ul", { "aria-label": "Families of copies" }, ...cards))
}
