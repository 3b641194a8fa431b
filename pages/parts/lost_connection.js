// Streamlit covers the page with "Connection error" three seconds after its server is
// gone, and takes the keyboard. The labeler goes on without a server and says so in its
// own line, so that dialog is closed as soon as it appears.

const LOST_TITLE = "Connection error"

function closeLostDialogs(onClosed) {
  const observer = new MutationObserver(() => {
    const title = document.querySelector("body > div [role=dialog] h2")
    // On pages like any other it was given calmer words, perhaps a moment ago.
    if (title?.textContent !== LOST_TITLE && !title?.dataset.lost) return
    title.closest("[role=dialog]").querySelector("button")?.click()
    // It gives the focus back after it has faded.
    setTimeout(onClosed, 50)
    setTimeout(onClosed, 400)
  })
  observer.observe(document.body, { childList: true })
  return observer
}
