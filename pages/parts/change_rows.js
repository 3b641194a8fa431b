// Pictures with what two runs read in them and what people said; text by textContent.

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".changes")
  root.replaceChildren(...data.rows.map((row) => changeRow(row, data.titles)))
}

function changeRow(row, titles) {
  const picture = make("img", { src: row.url, alt: row.name, title: row.name, loading: "lazy" })
  const cells = [
    changeCell(titles[0], row.before, row.was_right),
    changeCell(titles[1], row.after, row.is_right),
    changeCell(titles[2], row.said),
    make("div", { class: "part" }, row.part),
  ]
  return make("div", { class: "row" }, picture, make("div", { class: "cells" }, ...cells))
}

// Right and wrong are told by a sign and a word too, not by colour alone.
function changeCell(title, text, isRight) {
  const sign = isRight == null ? "" : isRight ? "✓" : "✗"
  const mark = make("span", { class: isRight ? "sign right" : "sign wrong", "aria-label": isRight ? "right" : "wrong" }, sign)
  const words = make("div", { class: "words" }, text, ...(sign ? [mark] : []))
  return make("div", { class: "cell" }, make("div", { class: "title" }, title), words)
}
