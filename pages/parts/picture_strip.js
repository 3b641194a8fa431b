/* The list of clicks only grows, so clicks that fall into one rerun all arrive. */
const memories = new WeakMap()

const draw = (button, item) => {
  const words = item.doubtful ? ", doubtful" : item.marked ? ", classified" : ""
  const mark = button.querySelector(".mark")
  button.setAttribute("aria-label", item.name + words)
  button.title = item.name + words
  mark.hidden = !item.marked
  mark.className = item.doubtful ? "mark doubtful" : "mark"
  mark.textContent = item.doubtful ? "!" : ""
}

const make = (item) => {
  const button = document.createElement("button")
  button.type = "button"
  const image = document.createElement("img")
  image.src = item.url
  image.alt = ""
  image.loading = "lazy"
  const mark = document.createElement("span")
  mark.className = "mark"
  button.append(image, mark)
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
