// The bar that finds words in requests and answers, or in a transcript, of all turns of the
// session.

import { count, say } from "../text"
import { element, icon, iconButton, setText, type Component } from "../ui"
import type { Book } from "./book"

// Match is a place in an answer or a sentence, or the request of a turn.
export interface Match {
  n: number // of the turn, or of the sentence of a transcript
  from: number // in the text; -1 is in the request
  to: number
}

const most = 10_000 // matches
const pause = 120 // ms after a key

export interface FinderDeps {
  // whole makes all turns known; it resolves at once where they are.
  whole(): Promise<void>
  // find returns where words are.
  find(words: string): Match[]
  // go shows a match; null shows none any more.
  go(match: Match | null): void
  // left runs when the bar closes.
  left(): void
}

export class Finder implements Component<void> {
  readonly element = element("div", { class: "turn-find", role: "search", hidden: true, "data-testid": "turns-find" })
  private readonly stop = new AbortController()
  private readonly input = element("input", { type: "search", class: "turn-find-input", "data-testid": "turns-search", autocomplete: "off", spellcheck: "false" })
  private readonly counted = element("span", { class: "turn-find-count", role: "status", "data-testid": "turns-found" })
  private matches: Match[] = []
  private at = -1
  private timer = 0

  constructor(private readonly deps: FinderDeps) {
    const { signal } = this.stop
    const previous = iconButton("chevron-up", say("turns.find.previous"), { class: "tool low", "data-testid": "turns-find-previous" })
    const next = iconButton("chevron-down", say("turns.find.next"), { class: "tool low", "data-testid": "turns-find-next" })
    const close = iconButton("x", say("turns.find.close"), { class: "tool low" })
    this.element.append(icon("search"), this.input, this.counted, previous, next, close)
    this.input.addEventListener("input", () => this.soon(), { signal })
    this.element.addEventListener("keydown", (event) => this.key(event), { signal })
    previous.addEventListener("click", () => this.step(-1), { signal })
    next.addEventListener("click", () => this.step(1), { signal })
    close.addEventListener("click", () => this.close(), { signal })
  }

  get isOpen(): boolean {
    return !this.element.hidden
  }

  // update searches again: turns came or changed. The match that is shown stays.
  update(): void {
    if (this.isOpen && this.input.value !== "") this.search(false)
  }

  // open shows the bar under a name, which says what it searches.
  open(name: string): void {
    this.element.hidden = false
    this.input.placeholder = name
    this.input.setAttribute("aria-label", name)
    this.input.focus()
    this.input.select()
    void this.deps.whole().then(() => this.search(false))
  }

  close(): void {
    if (!this.isOpen) return
    this.element.hidden = true
    this.matches = []
    this.at = -1
    this.deps.go(null)
    this.deps.left()
  }

  destroy(): void {
    window.clearTimeout(this.timer)
    this.stop.abort()
    this.element.remove()
  }

  private soon(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.search(true), pause)
  }

  private search(isNew: boolean): void {
    const words = this.input.value
    const shown = this.matches[this.at]
    this.matches = this.deps.find(words)
    if (isNew) this.at = this.matches.length > 0 ? 0 : -1
    else this.at = shown ? this.matches.findIndex(({ n, from }) => n === shown.n && from === shown.from) : -1
    this.draw()
    if (isNew) this.deps.go(this.matches[this.at] ?? null)
  }

  private step(by: number): void {
    const { length } = this.matches
    if (length === 0) return
    this.at = (this.at + by + length) % length
    if (this.at < 0) this.at = 0
    this.draw()
    this.deps.go(this.matches[this.at] ?? null)
  }

  private draw(): void {
    const { length } = this.matches
    const all = length >= most ? `${count(most)}+` : count(length)
    setText(this.counted, this.input.value === "" ? "" : length === 0 ? say("turns.find.none") : this.at < 0 ? all : say("turns.find.count", { at: count(this.at + 1), count: all }))
  }

  private key(event: KeyboardEvent): void {
    event.stopPropagation()
    if (event.key === "Escape") this.close()
    else if (event.key === "Enter" && event.target === this.input) this.step(event.shiftKey ? -1 : 1)
    else return
    event.preventDefault()
  }
}

// findIn returns where words are in the turns, in their order.
export function findIn(book: Book, words: string): Match[] {
  const found: Match[] = []
  for (const { n, request, text } of book.all) {
    if (placesOf(request, words).length > 0) found.push({ n, from: -1, to: -1 })
    for (const place of placesOf(text.answer, words)) {
      found.push({ n, ...place })
      if (found.length >= most) return found
    }
  }
  return found
}

// placesOf returns where words are in a text, without regard to case.
export function placesOf(text: string, words: string): { from: number; to: number }[] {
  if (words === "") return []
  const pattern = new RegExp(words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "giu")
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({ from: index, to: index + found.length }))
}
