// The calls of tools, as chips between what was said.

import { lasted, say, visible } from "../text"
import { element, icon, type Component } from "../ui"
import type { ToolCall } from "../wire"

const longest = 60 // characters of the arguments

export class ToolChips implements Component<readonly ToolCall[]> {
  readonly element = element("div", { class: "tools-row", role: "group", "aria-label": say("speech.tools") })
  private shown = ""

  constructor(private readonly open: (call: ToolCall) => void, private readonly signal: AbortSignal) {}

  update(calls: readonly ToolCall[]): void {
    const key = JSON.stringify(calls)
    if (key === this.shown) return
    this.shown = key
    this.element.replaceChildren(...calls.map((call) => this.chip(call)))
  }

  destroy(): void {
    this.element.remove()
  }

  private chip(call: ToolCall): HTMLElement {
    const isDone = call.doneSeq > 0
    const chip = element("button", { type: "button", class: "call", title: say("speech.tool.show"), "data-testid": "tool-call", "data-done": String(isDone) },
      icon("wrench"),
      element("span", {}, visible(call.name)),
      element("span", { class: "clip" }, visible(gistOf(call.arguments))),
      ...(isDone
        ? [element("span", { class: "ok" }, icon("check"), say("speech.tool.done")), element("span", { class: "quiet" }, lasted(call.doneUS - call.atUS))]
        : [element("span", { class: "waits" }, say("speech.tool.waits"))]),
    )
    chip.addEventListener("click", () => this.open(call), { signal: this.signal })
    return chip
  }
}

// gistOf returns the values of arguments in a few words.
export function gistOf(text: string): string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return text.slice(0, longest)
  }
  const plain = (item: unknown): string => (typeof item === "object" && item !== null ? JSON.stringify(item) : String(item))
  const words = typeof value === "object" && value !== null ? Object.values(value).map(plain).join(", ") : plain(value)
  return words.slice(0, longest)
}

// indented returns JSON with an indent; other texts as they are.
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
