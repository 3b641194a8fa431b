/* The list of clicks only grows, so clicks that fall into one rerun all arrive. */
const memories = new WeakMap()

const draw = (button, item) => {
  button.className = item.marked ? "marked" : ""
  button.setAttribute("aria-label", item.marked ? `${item.name}, classified` : item.name)
  button.querySelector(".tick").hidden = !item.marked
}

const make = (item) => {
  const button = document.createElement("button")
  button.type = "button"
  const image = document.createElement("img")
  image.src = item.url
  image.alt = ""
  image.loading = "lazy"
  const tick = document.createElement("span")
  tick.className = "tick"
  tick.textContent = "✓"
  button.append(image, tick)
  return button
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const strip = parentElement.querySelector(".strip")
  const source = data.items.map((item) => item.url).join(" ")
  let memory = memories.get(parentElement)
  if (!memory || memory.source !== source) {
    memory = { source, clicked: [], buttons: data.items.map(make) }
    memories.set(parentElement, memory)
    strip.replaceChildren(...memory.buttons)
  }
  data.items.forEach((item, i) => {
    draw(memory.buttons[i], item)
    memory.buttons[i].onclick = () => {
      memory.clicked = [...memory.clicked.filter((n) => n !== item.n), item.n]
      setStateValue("clicked", memory.clicked)
    }
  })
}
