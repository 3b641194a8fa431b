// What the labeler looks like. Built once per set of labels; `show` only moves text,
// classes and the picture, so nothing jumps.

class LabelerView {
  constructor(root, board, labeler) {
    this.root = root
    this.board = board
    this.progress = new ProgressLine()
    this.quick = new QuickBox(() => root.focus({ preventScroll: true }))
    this.keys = new KeysCard(labeler)
    this.card = new ChipCard(labeler.data.project, board)
    this.makeFrame(labeler)
    this.makeStage(labeler)
    this.makePanel(labeler)
    const body = make("div", { class: "desk" }, this.stage, this.panel)
    root.replaceChildren(this.progress.node, this.refusal, body, this.keys.node, this.card.node)
  }

  makeFrame(labeler) {
    const focus = () => this.root.focus({ preventScroll: true })
    this.frame = make("div", { class: "frame" })
    this.light = new StageLight(this.frame, focus, keySign(labeler, "normal"))
    this.zoomLevel = textButton("", "tool", () => this.zoom.toggle())
    this.zoomLevel.title = toolTitle(labeler, "Zoom: 100 % or the whole picture", "zoom")
    this.zoom = new StageZoom(this.frame, labeler.data.project, {
      onSwipe: (step) => labeler.move(step),
      onLevel: (words) => setText(this.zoomLevel, words || "Fit"),
    })
    const out = toolButton("−", toolTitle(labeler, "Zoom out", "farther"), () => this.zoom.step(-1))
    const closer = toolButton("+", toolTitle(labeler, "Zoom in", "closer"), () => this.zoom.step(1))
    const light = toolButton("◐", "Brightness and contrast", () => this.light.toggle())
    const tools = make("div", { class: "tools" }, out, this.zoomLevel, closer, light)
    this.others = make("div", { class: "others", role: "status" })
    this.easel = make("div", { class: "easel" }, this.frame, tools, this.others, this.light.hint, this.light.node)
  }

  makeStage(labeler) {
    this.reason = make("div", { class: "reason", hidden: true })
    this.previous = iconButton("‹", toolTitle(labeler, "Previous picture", "back"), () => labeler.move(-1))
    this.next = iconButton("›", toolTitle(labeler, "Next picture without saving", "next"), () => labeler.move(1))
    this.position = make("button", { type: "button", class: "position", onclick: () => askJump(labeler) })
    this.position.title = toolTitle(labeler, "Go to a number or a file name", "jump")
    this.fileName = make("span", { class: "file quiet" })
    const help = textButton("Keys", "quiet-button", () => this.keys.toggle(), keySign(labeler, "help"))
    const bar = make("div", { class: "stage-bar" }, this.previous, this.position, this.next, this.fileName, help)
    this.stage = make("section", { class: "stage", "aria-label": "Picture" }, this.reason, this.easel, bar)
    this.refusal = make("div", { class: "refusal", role: "alert", hidden: true })
  }

  makePanel(labeler) {
    const act = (id, text, kind = "") => {
      return textButton(text, kind, () => LABELER_ACTS[id](labeler), keySign(labeler, id))
    }
    const save = keySign(labeler, "save")
    this.saveButton = textButton("Save and next", "primary", () => labeler.saveAndNext(false), save)
    this.acceptButton = act("accept", "Accept", "accept")
    this.acceptButton.title = "Take over what the model suggests"
    const same = act("same", "Same")
    same.title = "The same labels as the picture before"
    const more = [same, act("skip", "Skip"), act("none", "None"), act("unknown", "Unknown"), act("undo", "Undo")]
    const actions = make("div", { class: "actions" }, ...more, this.acceptButton)
    this.note = make("div", { class: "note quiet", role: "status" })
    const foot = make("div", { class: "panel-foot" }, this.saveButton, actions, this.note)
    const find = textButton("Find a label", "quiet-button find", () => findLabel(labeler), keySign(labeler, "find"))
    find.hidden = this.board.labelIds.length <= 20
    this.panel = make("section", { class: "panel", "aria-label": "Labels" }, this.quick.node, find, this.board.node, foot)
  }

  // Other labels: the picture and its zoom stay, and so does the keyboard.
  replaceBoard(labeler) {
    const { board, panel, card } = this
    const label = board.focusedLabel()
    const hadFocus = panel.contains(this.root.getRootNode().activeElement)
    this.board = labeler.board
    this.card = new ChipCard(labeler.data.project, this.board)
    this.makePanel(labeler)
    panel.replaceWith(this.panel)
    card.node.replaceWith(this.card.node)
    if (hadFocus) (this.board.chips.get(label)?.button ?? this.root).focus({ preventScroll: true })
  }

  show(labeler) {
    const { feed, place, image, loaded } = labeler
    const total = feed.ids.length
    this.panel.classList.toggle("idle", loaded && !image && place >= total)
    const at = `${formatNumber(Math.min(place + 1, total))} of ${formatNumber(total)}`
    setText(this.position, loaded && total ? at : "")
    setText(this.fileName, image?.name ?? "")
    this.fileName.title = image?.name ?? ""
    this.previous.disabled = place === 0
    this.next.disabled = place >= total
    this.reason.hidden = !feed.reasonsOf
    setText(this.reason, image?.reason ?? "")
    this.acceptButton.disabled = !image?.scores
    this.card.close()
    this.showPicture(labeler)
    this.showChips(labeler)
  }

  showPicture(labeler) {
    const { image, shelf, loaded, place, feed } = labeler
    if (image) return this.showImage(shelf.take(image), image)
    this.frame.classList.toggle("waiting", !loaded || place < feed.ids.length)
    if (!loaded) this.showMessage("", "")
    else if (!feed.ids.length) this.showMessage(...labeler.data.empty)
    else if (place < feed.ids.length) this.showMessage("", "")
    else this.showMessage(...endMessage(labeler))
  }

  showMessage(title, text, ...more) {
    this.zoom.clear()
    this.frame.replaceChildren(make("div", { class: "message" }, make("strong", {}, title), text, ...more))
  }

  showImage(picture, image) {
    this.frame.classList.toggle("waiting", !picture.complete)
    if (this.frame.firstChild !== picture) this.frame.replaceChildren(picture)
    picture.onload = () => this.frame.classList.remove("waiting")
    picture.onerror = () => this.showBroken(picture)
    this.zoom.show(picture, image)
  }

  get pictureFailed() {
    return Boolean(this.frame.firstChild?.failed || this.frame.querySelector(".broken"))
  }

  showBroken(picture) {
    picture.failed = true
    if (this.frame.firstChild !== picture) return
    this.frame.classList.remove("waiting")
    this.showMessage("This picture could not be loaded.", "Its labels can still be answered.")
    this.frame.firstChild.classList.add("broken")
  }

  showChips(labeler) {
    const { image, drafts, id, asked } = labeler
    const draft = drafts.get(id) ?? new Map()
    const saved = image?.answers ?? {}
    this.board.show(
      (labelId) => shownValue(draft, saved, labelId),
      (labelId) => draft.has(labelId),
      image?.scores,
    )
    if (asked) return
    this.board.mark([])
    const news = newsOf(labeler)
    const state = draft.size ? "Not saved yet" : noteWords(labeler)
    this.say(news && state ? `${news} · ${state}` : news || state)
  }

  ask(groups, byKey) {
    this.board.mark(groups)
    const missing = `No ${groups.map((group) => group.name).join(", no ")} chosen.`
    const keys = "Enter again saves without; X leaves it unknown."
    const buttons = "Save again to go on without, or say “Unknown”."
    this.say(`${missing} ${byKey ? keys : buttons}`)
    this.note.classList.add("asks")
  }

  say(text) {
    this.note.classList.remove("asks")
    setText(this.note, text)
  }

  showOthers(words) {
    setText(this.others, words)
  }

  stepLight(name, direction) {
    this.say(this.light.step(name, direction))
  }

  closeAll() {
    this.keys.toggle(false)
    this.light.toggle(false)
    this.card.close()
    if (this.zoom.picture) this.zoom.fit()
  }
}

function noteWords({ image, id, leases, data, queue }) {
  if (!image) return ""
  if (queue.refused.some(({ body }) => body.image_ids.includes(id))) return "Not saved: see above"
  const who = leases.taken.get(id)
  if (who !== undefined) return `${calledOther(who, data.who)} has this one in hand`
  if (!Object.keys(image.answers).length) return "Not labelled yet"
  return image.reviewed ? "Labelled, looked at again" : "Labelled"
}

// The key a button stands for, as a sign on it and in its title.
function keySign({ keyMap }, actionId) {
  const [key] = keyMap.keysOf(LABELER_ACTIONS.find(({ id }) => id === actionId))
  return key ? shownKey(key) : ""
}

function toolTitle(labeler, words, actionId) {
  const key = keySign(labeler, actionId)
  return key ? `${words} (${key})` : words
}

function textButton(text, kind, onclick, key) {
  const button = make("button", { type: "button", class: `button ${kind}`, onclick }, text)
  if (key) button.append(make("kbd", { "aria-hidden": "true" }, key))
  return button
}

function iconButton(sign, name, onclick) {
  return make("button", { type: "button", class: "button icon", "aria-label": name, title: name, onclick }, sign)
}

function toolButton(sign, name, onclick) {
  return make("button", { type: "button", class: "button tool", "aria-label": name, title: name, onclick }, sign)
}
