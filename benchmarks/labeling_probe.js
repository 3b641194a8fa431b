// Injected before the page's own scripts: what a person sees, and when.

window.probe = (() => {
  const found = { key: [], next: [] }

  function deep(selector, root = document) {
    const here = [...root.querySelectorAll(selector)]
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) here.push(...deep(selector, node.shadowRoot))
    }
    return here
  }

  const painted = () => new Promise((resolve) =>
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = resolve
      channel.port2.postMessage(0)
    }))

  let room = null
  const picture = () => {
    if (!room?.isConnected) room = deep(".room")[0]
    return room?.querySelector(".frame img")
  }

  async function watchNext(before, startedMs) {
    for (;;) {
      await painted()
      const now = picture()
      if (now && now.src !== before && now.complete && now.naturalWidth) break
      if (performance.now() - startedMs > 5000) return
    }
    found.next.push(performance.now() - startedMs)
  }

  window.addEventListener("keydown", (event) => {
    const startedMs = event.timeStamp
    if (event.key === "Enter") watchNext(picture()?.src, startedMs)
    else painted().then(() => found.key.push(performance.now() - startedMs))
  }, true)

  // Tiles in sight of the grid that show no picture.
  function blanks() {
    const scroller = deep(".scroller")[0]
    if (!scroller) return -1
    const box = scroller.getBoundingClientRect()
    return [...scroller.querySelectorAll(".tile")].filter((tile) => {
      const seen = tile.getBoundingClientRect()
      const inSight = seen.bottom > box.top && seen.top < box.bottom
      const image = tile.querySelector("img")
      return inSight && !(image?.complete && image.naturalWidth)
    }).length
  }

  // Scrolls to a share of the way and resolves to the milliseconds of blanks.
  async function scrollTo(share) {
    const scroller = deep(".scroller")[0]
    const startedMs = performance.now()
    scroller.scrollTop = share * (scroller.scrollHeight - scroller.clientHeight)
    await painted()
    await painted()
    while (blanks() && performance.now() - startedMs < 20000) await painted()
    return performance.now() - startedMs
  }

  // Rolls on by steps and resolves to the longest time with a blank in sight.
  async function roll(stepPx, steps, gapMs) {
    const scroller = deep(".scroller")[0]
    let [longest, since] = [0, null]
    for (let step = 0; step < steps; step++) {
      scroller.scrollTop += stepPx
      const until = performance.now() + gapMs
      while (performance.now() < until) {
        await painted()
        if (!blanks()) since = null
        else since ??= performance.now()
        if (since !== null) longest = Math.max(longest, performance.now() - since)
      }
    }
    return longest
  }

  async function timed(path, options = {}) {
    const startedMs = performance.now()
    const response = await fetch(path, options)
    const text = await response.text()
    const ms = performance.now() - startedMs
    if (!response.ok) throw new Error(text)
    return { ms, answer: JSON.parse(text) }
  }

  return { found, scrollTo, roll, timed, blanks }
})()
