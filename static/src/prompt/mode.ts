// The switch between the ways to write: a prompt, speech, or the message itself.

import { say } from "../text"
import { element, icon, setText, type Component } from "../ui"

export const modes = ["microphone", "file", "prompt", "raw"] as const
export type Mode = (typeof modes)[number]

export interface Choice {
  ways: readonly Mode[] // in their order; a single one needs no switch
  mode: Mode
}

const pictures: Partial<Record<Mode, string>> = { microphone: "mic", file: "file" }

// waysOf returns the ways to write of a dialect.
export function waysOf(takesText: boolean, takesAudio: boolean): Mode[] {
  return [...(takesAudio ? (["microphone", "file"] as const) : []), ...(takesText ? (["prompt"] as const) : []), "raw"]
}

export class ModeSwitch implements Component<Choice> {
  readonly element = element("div", { class: "switch mode", role: "radiogroup", "aria-label": say("prompt.mode"), "data-testid": "mode" })
  private readonly stop = new AbortController()
  private readonly buttons = new Map<Mode, { button: HTMLButtonElement; word: HTMLElement }>()
  private ways: readonly Mode[] = []

  constructor(private readonly chosen: (mode: Mode) => void) {
    const { signal } = this.stop
    for (const mode of modes) {
      const word = element("span", {})
      const picture = pictures[mode]
      const button = element("button", { type: "button", role: "radio", "data-testid": `mode-${mode}`, "data-mode": mode }, ...(picture ? [icon(picture)] : []), word)
      button.addEventListener("click", () => chosen(mode), { signal })
      this.buttons.set(mode, { button, word })
      this.element.append(button)
    }
    this.element.addEventListener("keydown", (event) => this.move(event), { signal })
  }

  update({ ways, mode }: Choice): void {
    this.ways = ways
    this.element.hidden = ways.length < 2
    this.element.classList.toggle("low", !ways.includes("microphone"))
    for (const [name, { button, word }] of this.buttons) {
      button.hidden = !ways.includes(name)
      setText(word, say(wordOf(name, ways)))
      if (pictures[name]) button.setAttribute("aria-label", word.textContent ?? "") // the word gives way where it is narrow
      button.setAttribute("aria-checked", String(name === mode))
      button.tabIndex = name === mode ? 0 : -1
    }
  }

  focus(): void {
    this.element.querySelector<HTMLElement>("[aria-checked=true]")?.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private move(event: KeyboardEvent): void {
    const at = this.ways.findIndex((name) => this.buttons.get(name)?.button === document.activeElement)
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1 }[event.key]
    if (to === undefined || at < 0) return
    event.preventDefault()
    const next = this.ways.at(to % this.ways.length)
    if (!next) return
    this.chosen(next)
    this.focus()
  }
}

// wordOf names a way: where a person may also write, the microphone is to talk.
function wordOf(mode: Mode, ways: readonly Mode[]): string {
  const isBoth = ways.includes("microphone") && ways.includes("prompt")
  if (isBoth && mode === "microphone") return "prompt.mode.talk"
  if (isBoth && mode === "prompt") return "prompt.mode.type"
  return `prompt.mode.${mode}`
}
