// Pictures to be judged: what is wrong with each, why, and buttons that settle it.
// Names are people's text: text nodes only.
const judged = new WeakMap()

function buildJudgeButton(item, act, words, send, looks = "") {
  return make(
    "button",
    { type: "button", class: looks, "aria-label": `${item.name}: ${words}`, title: words, onclick: () => send({ key: item.key, act }) },
    make("span", {}, words)
  )
}

function buildJudgePicture(item, send) {
  return make(
    "div",
    { class: "frame" },
    make(
      "button",
      { type: "button", class: "look", "aria-label": `${item.name}: why?`, title: "See why", onclick: () => send({ key: item.key, act: "why" }) },
      make("img", { src: item.url, alt: item.name, loading: "lazy", decoding: "async" })
    ),
    ...(item.badge ? [make("span", { class: "badge", title: item.badge }, item.badge)] : [])
  )
}

function buildJudgeLine(name, text) {
  return text ? [make("div", { class: name, title: text }, text)] : []
}

// What was done stands first with its undo; what is left to do stays below it.
function buildJudgeActs(item, send) {
  const left = item.buttons.map(([act, words], at) => buildJudgeButton(item, act, words, send, at || item.done ? "" : "first"))
  if (!item.done) return left
  return [make("span", { class: "done", role: "status" }, item.done), buildJudgeButton(item, "undo", "Undo", send, "plain"), ...left]
}

function buildJudgeCard(item, send) {
  return make(
    "li",
    { class: item.done ? "card settled" : "card" },
    buildJudgePicture(item, send),
    make(
      "div",
      { class: "words" },
      ...buildJudgeLine("caption", item.caption),
      ...buildJudgeLine("detail", item.detail),
      ...buildJudgeLine("reason", item.reason),
      ...buildJudgeLine("more", item.more)
    ),
    make("div", { class: "acts" }, ...buildJudgeActs(item, send)),
    make(
      "div",
      { class: "ways" },
      buildJudgeButton(item, "why", "Why?", send, "plain"),
      make("a", { href: item.href, target: "_blank", rel: "noopener", title: item.name }, "Open in Label")
    )
  )
}

export default function ({ data, parentElement, setTriggerValue }) {
  const list = parentElement.querySelector(".judge")
  const signature = JSON.stringify(data)
  if (judged.get(list) === signature) return
  judged.set(list, signature)
  list.setAttribute("aria-label", data.label)
  const send = (act) => setTriggerValue("act", act)
  list.replaceChildren(...data.items.map((item) => buildJudgeCard(item, send)))
}
