// The line between composer and log: dragged, moved by keys, remembered.

const key = "duplex.split"
const least = 10
const most = 80
const usual = 30

export function createSplit(divider: HTMLElement, area: HTMLElement): void {
  let share = clamp(Number(localStorage.getItem(key)) || usual)

  function set(next: number): void {
    share = clamp(next)
    area.style.setProperty("--split", `${share}%`)
    divider.setAttribute("aria-valuenow", String(Math.round(share)))
    divider.setAttribute("aria-valuemin", String(least))
    divider.setAttribute("aria-valuemax", String(most))
  }

  function keep(): void {
    localStorage.setItem(key, share.toFixed(1))
  }

  divider.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    event.preventDefault()
    divider.setPointerCapture(event.pointerId)
    const box = area.getBoundingClientRect()
    const panel = document.getElementById("panels")?.getBoundingClientRect()
    const offset = event.clientY - (panel?.bottom ?? event.clientY)
    const top = panel?.top ?? box.top
    const drag = (moved: PointerEvent) => set(((moved.clientY - offset - top) / box.height) * 100)
    divider.addEventListener("pointermove", drag)
    const end = () => {
      divider.removeEventListener("pointermove", drag)
      keep()
    }
    divider.addEventListener("lostpointercapture", end, { once: true })
  })
  divider.addEventListener("keydown", (event) => {
    const to = { ArrowUp: share - 2, ArrowDown: share + 2, Home: least, End: most }[event.key]
    if (to === undefined) return
    event.preventDefault()
    set(to)
    keep()
  })
  divider.addEventListener("dblclick", () => {
    set(usual)
    keep()
  })
  set(share)
}

function clamp(share: number): number {
  return Math.min(most, Math.max(least, share))
}
