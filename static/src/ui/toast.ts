// One sentence in the status bar that disappears after four seconds.

const lasts = 4000
let timer = 0

export function toast(sentence: string): void {
  const host = document.getElementById("toast")
  if (!host) return
  host.textContent = sentence
  host.title = sentence
  clearTimeout(timer)
  timer = window.setTimeout(() => {
    host.textContent = ""
    host.title = ""
  }, lasts)
}
