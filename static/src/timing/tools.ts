// The tools of the view: which clock times are shown by, and the table as CSV.

import { say } from "../text"
import { element, icon } from "../ui"

export type Clock = "session" | "day"

const clocks: readonly Clock[] = ["session", "day"]
const pictures: Record<Clock, string> = { session: "timer", day: "clock" }
const key = "duplex.timing.clock"

export class Tools {
  readonly elements: readonly HTMLElement[]
  readonly csv: HTMLButtonElement
  private readonly buttons = new Map<Clock, HTMLButtonElement>()

  constructor(private readonly changed: (clock: Clock) => void, signal: AbortSignal) {
    const group = element("div", { class: "switch low timing-clock", role: "radiogroup", "aria-label": say("timing.clock") })
    for (const clock of clocks) {
      const button = element("button", { type: "button", role: "radio", "data-testid": `timing-clock-${clock}`, title: say(`timing.clock.${clock}`) }, icon(pictures[clock]), element("span", {}, say(`timing.clock.${clock}`)))
      button.addEventListener("click", () => this.choose(clock), { signal })
      this.buttons.set(clock, button)
      group.append(button)
    }
    group.addEventListener("keydown", (event) => {
      if (!event.key.startsWith("Arrow")) return
      event.preventDefault()
      this.choose(this.clock === "session" ? "day" : "session")
      this.buttons.get(this.clock)?.focus()
    }, { signal })
    this.csv = element("button", { type: "button", class: "button ghost low timing-export", "data-testid": "timing-csv", title: say("timing.csv.help") }, icon("download"), element("span", {}, say("timing.csv")))
    this.csv.disabled = true
    this.elements = [group, this.csv]
    this.draw()
  }

  get clock(): Clock {
    return localStorage.getItem(key) === "day" ? "day" : "session"
  }

  private choose(clock: Clock): void {
    localStorage.setItem(key, clock)
    this.draw()
    this.changed(clock)
  }

  private draw(): void {
    for (const [clock, button] of this.buttons) {
      const isChosen = clock === this.clock
      button.setAttribute("aria-checked", String(isChosen))
      button.tabIndex = isChosen ? 0 : -1
    }
  }
}
