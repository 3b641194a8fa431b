// Building blocks shared by our components. Strings become text nodes, so a
// label called "<img src=x>" is shown as written and never parsed as markup.

function make(tag, props = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(props)) setProp(node, name, value)
  node.append(...children)
  return node
}

function setProp(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value)
  else if (name === "class") node.className = value
  else if (value === false || value == null) node.removeAttribute(name)
  else node.setAttribute(name, value === true ? "" : value)
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text
}

function formatNumber(value) {
  return value.toLocaleString("en-US")
}

function plural(count, one, many = `${one}s`) {
  return `${formatNumber(count)} ${count === 1 ? one : many}`
}

// crypto.randomUUID exists only on https and localhost; a tablet in the same
// network speaks plain http.
function newRequestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
}

const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox]"
const POPOVER = "[data-testid=stPopoverBody]"
const PRESSABLE = "button, a, summary, [role=button], [role=radio], [role=tab]"

// Keys belong to the component unless the person is typing or pressing a button
// somewhere else on the page.
function keyIsForUs(event, root) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false
  const path = event.composedPath()
  const target = path.find((node) => node instanceof Element)
  if (target?.closest(TYPING)) return false
  if (path.includes(root)) return true
  // Beside its boxes an open popover has the keys too: Escape closes it.
  if (document.querySelector(POPOVER)) return false
  if (target?.closest("[role=dialog], [role=menu], [role=listbox]")) return false
  const presses = event.key === "Enter" || event.key === " "
  return !(presses && target?.closest(PRESSABLE))
}

// Takes the keyboard after a mount or a new filter, but never out of a text box or
// from a popover, such as the filter itself.
function takeFocus(root) {
  const active = document.activeElement
  if (!active || !active.closest(`${TYPING}, ${POPOVER}`)) root.focus({ preventScroll: true })
}
