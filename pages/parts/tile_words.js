// What a tile says under its picture: the labels answered yes, else what the model
// suggests (faint: nobody said so), else that nobody looked.

const SUGGESTED_FROM = 0.5
const SUGGESTIONS_SHOWN = 2

function describeAnswers(image, labels) {
  const yes = [...labels.values()].filter(({ id }) => image.answers[id])
  if (yes.length) return { tags: yes, words: yes.map(({ name }) => name).join(" · "), isFaint: false }
  const isLabelled = Object.keys(image.answers).length > 0
  if (isLabelled) return { tags: [], words: "none of the labels", isFaint: false }
  return { tags: [], words: suggestedWords(image, labels) || "not labelled", isFaint: true }
}

function suggestedWords(image, labels) {
  const likely = Object.entries(image.scores ?? {})
    .map(([id, probability]) => ({ name: labels.get(Number(id))?.name, probability }))
    .filter(({ name, probability }) => name && probability >= SUGGESTED_FROM)
    .sort((a, b) => b.probability - a.probability)
  return likely
    .slice(0, SUGGESTIONS_SHOWN)
    .map(({ name, probability }) => `${name}? ${inPercent(probability)}`)
    .join(" · ")
}
