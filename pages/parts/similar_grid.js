// Pictures alike, each with what can be had of it. Titles, prices and labels are only
// ever textContent; an address is one only if it is plain http or https.
function safeAddress(link) {
  try {
    const address = new URL(link)
    return ["http:", "https:"].includes(address.protocol) ? address : null
  } catch {
    return null
  }
}

function makeLink(link) {
  const address = safeAddress(link)
  if (!address) return []
  const props = { href: address.href, target: "_blank", rel: "noopener noreferrer" }
  return [make("a", { ...props, title: address.href }, `${address.host} ↗`)]
}

function makeItem(item) {
  const words = make("div", { class: "words" })
  const title = item.title || item.name
  words.append(make("p", { class: "title", title }, title))
  if (item.labels) words.append(make("p", { class: "quiet" }, item.labels))
  if (item.source) {
    words.append(make("p", { class: "quiet source", title: item.source }, item.source))
  }
  if (item.price) words.append(make("p", { class: "price" }, item.price))
  words.append(...makeLink(item.link))
  const picture = make("img", { src: item.url, alt: title, loading: "lazy" })
  return make("li", { class: "item" }, picture, words)
}

export default function (component) {
  const { data, parentElement } = component
  const list = parentElement.querySelector(".alike")
  const text = JSON.stringify(data.items)
  if (list.dataset.shown === text) return
  list.dataset.shown = text
  list.replaceChildren(...data.items.map(makeItem))
}
