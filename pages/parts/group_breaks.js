// Pictures that break the rule of a group: each with the labels it could keep, and a
// click on one settles it. Names are people's text: text nodes only.
const BUTTONS_AT_MOST = 4
const drawn = new WeakMap()

function choiceWords(choice) {
  const notes = []
  if (choice.newest) notes.push("newest")
  if (choice.probability !== null) notes.push(`model ${Math.round(choice.probability * 100)} %`)
  return notes.join(" · ")
}

function buildKeep(repair, choice, send) {
  const notes = choiceWords(choice)
  return make(
    "button",
    {
      type: "button",
      "aria-label": `${repair.name}: ${choice.name}`,
      onclick: () => send({ image: repair.image, label: choice.id }),
    },
    make("span", { class: "keep" }, choice.name),
    ...(notes ? [make("span", { class: "quiet" }, notes)] : [])
  )
}

function buildChooser(repair, send) {
  return make(
    "select",
    {
      "aria-label": `${repair.name}: label to keep`,
      onchange: (event) => send({ image: repair.image, label: Number(event.target.value) }),
    },
    make("option", { value: "" }, repair.crowded ? "Keep …" : "It is …"),
    ...repair.choices.map((choice) => make("option", { value: choice.id }, `${choice.name} ${choiceWords(choice)}`))
  )
}

function buildRepair(repair, send) {
  const few = repair.choices.length <= BUTTONS_AT_MOST
  const acts = few ? repair.choices.map((choice) => buildKeep(repair, choice, send)) : [buildChooser(repair, send)]
  const question = repair.crowded ? "keep one:" : "none yet, choose:"
  return make(
    "li",
    { class: "repair" },
    make("a", { href: repair.large, target: "_blank", rel: "noopener", title: repair.name }, make("img", { src: repair.url, alt: repair.name, loading: "lazy", decoding: "async" })),
    make(
      "div",
      { class: "side" },
      make("div", { class: "name", title: repair.name }, repair.name),
      make("div", { class: "quiet question" }, `${repair.group}, ${question}`),
      make("div", { class: "acts" }, ...acts)
    )
  )
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".breaks")
  root.inert = false
  const signature = JSON.stringify(data)
  if (drawn.get(root) === signature) return
  drawn.set(root, signature)
  // The next picture moves into this place: a double click must not settle it too.
  const send = (act) => {
    root.inert = true
    setTriggerValue("act", act)
  }
  const cards = data.repairs.map((repair) => buildRepair(repair, send))
  root.replaceChildren(make("ul", { "aria-label": "Pictures against the rule of a group" }, ...cards))
}
