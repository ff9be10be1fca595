// The list of turns. Only those near the view are drawn; the others have a height, as it was
// measured, or else as those that were measured have in the mean. A change of heights does not
// move what is read.

import { count, plural, say } from "../text"
import { element, setText } from "../ui"
import type { Turn } from "../wire"
import type { Book } from "./book"
import { Card, type CardDeps } from "./card"
import type { SpeechCards, TurnCard } from "./cards"

export interface ListDeps extends CardDeps {
  // need asks for turns that are not known; both numbers are included.
  need(from: number, to: number): void
  // moved runs when the list begins or stops to follow the newest turn.
  moved(isFollowing: boolean): void
}

interface Drawn {
  element: HTMLElement
  card: TurnCard | null // null while the turn is not known
  isSpoken: boolean
}

const gap = 12 // px between two cards
const margin = 700 // px around the view, in which turns are drawn
const nearEnd = 24 // px; closer to the end the list follows it
const usual = 190 // px of a card before any was measured

export class TurnList {
  readonly element: HTMLElement
  readonly scroller: HTMLElement
  private readonly stop = new AbortController()
  private readonly room = element("div", { class: "turn-room" })
  private readonly pane = element("div", { class: "turn-rows" })
  private readonly pill = element("button", { type: "button", class: "turn-pill", hidden: true, "data-testid": "turns-latest" })
  private readonly drawn = new Map<number, Drawn>()
  private readonly numbers = new WeakMap<Element, number>()
  private readonly heights = new Map<number, number>()
  private readonly grown: ResizeObserver
  private tops = new Float64Array(1) // of turn n at n - 1; the end of all is the last
  private isStale = true // tops are of other heights
  private measured = 0 // px of all heights
  private isFollowing = true
  private missed = 0 // turns that came while the list did not follow
  private current = 0 // the selected turn; 0 for none
  private set = 0 // scrollTop as it was set here last

  constructor(private readonly book: Book, private readonly deps: ListDeps, private readonly speech: SpeechCards) {
    const { signal } = this.stop
    this.room.append(this.pane)
    this.scroller = element("div", { class: "turn-scroll", tabindex: 0, "aria-label": say("turns.label"), role: "region" }, this.room)
    this.element = element("div", { class: "turn-list" }, this.scroller, this.pill)
    this.grown = new ResizeObserver((entries) => this.measure(entries))
    this.grown.observe(this.scroller)
    this.scroller.addEventListener("scroll", () => this.scrolled(), { signal, passive: true })
    this.pill.addEventListener("click", () => this.toEnd(), { signal })
  }

  get follows(): boolean {
    return this.isFollowing
  }

  // update draws changed turns, and those that are new.
  update(changed: readonly Turn[], added: number): void {
    this.isStale = true
    if (!this.isFollowing) this.missed += added
    for (const turn of changed) this.change(turn)
    this.render()
    this.tell()
  }

  // reset removes all turns.
  reset(): void {
    for (const n of this.drawn.keys()) this.remove(n)
    this.heights.clear()
    this.measured = this.missed = this.current = 0
    this.isStale = this.isFollowing = true
    this.render()
    this.tell()
  }

  // select marks a turn; 0 marks none.
  select(n: number): void {
    if (n === this.current) return
    this.mark(this.current, false)
    this.current = n
    this.mark(n, true)
  }

  // hold stops following: another turn is looked at.
  hold(): void {
    if (!this.isFollowing) return
    this.isFollowing = false
    this.deps.moved(false)
    this.tell()
  }

  // reveal brings a turn into the view, at its top where it is far.
  reveal(n: number, isFar = false): void {
    const { scrollTop, clientHeight } = this.scroller
    const tops = this.places()
    const top = tops[n - 1] ?? 0
    const bottom = (tops[n] ?? top) - gap
    if (isFar || top < scrollTop || bottom - top > clientHeight) this.scrollTo(top)
    else if (bottom > scrollTop + clientHeight) this.scrollTo(bottom - clientHeight + gap)
    this.render()
    const after = this.places()
    if ((isFar || top < scrollTop) && after[n - 1] !== top) this.scrollTo(after[n - 1] ?? 0)
  }

  // cardOf returns the card of a turn that is drawn.
  cardOf(n: number): Card | null {
    const card = this.drawn.get(n)?.card
    return card instanceof Card ? card : null
  }

  // first returns the first turn that is in the view; 0 when there is none.
  first(): number {
    return Math.min(this.book.last, this.at(this.scroller.scrollTop + gap))
  }

  // tick redraws the running times of open turns.
  tick(): void {
    for (const [n, { card }] of this.drawn) if (this.book.get(n)?.state === "open") card?.tick()
  }

  // redraw draws visible turns again: those with an error, of which more is known now, or all.
  redraw(all = false): void {
    for (const [n, { card }] of this.drawn) {
      const turn = this.book.get(n)
      if (turn && (all || turn.error)) card?.update(turn)
    }
  }

  toEnd(): void {
    const before = this.isFollowing
    this.isFollowing = true
    this.missed = 0
    this.render()
    if (!before) this.deps.moved(true)
    this.tell()
  }

  // shown draws what came while another view was shown.
  shown(): void {
    this.isStale = true
    this.render()
    this.tell()
  }

  focus(): void {
    this.scroller.focus({ preventScroll: true })
  }

  destroy(): void {
    this.stop.abort()
    for (const n of this.drawn.keys()) this.remove(n)
    this.grown.disconnect()
    this.element.remove()
  }

  private mark(n: number, on: boolean): void {
    const place = this.drawn.get(n)?.element
    if (on) place?.setAttribute("aria-current", "true")
    else place?.removeAttribute("aria-current")
  }

  private change(turn: Turn): void {
    const place = this.drawn.get(turn.n)
    if (!place) return
    const isSpoken = this.speech.takes(turn)
    if (place.card && place.isSpoken === isSpoken) return place.card.update(turn)
    place.card?.destroy()
    this.fill(place, turn)
  }

  private fill(place: Drawn, turn: Turn): void {
    place.isSpoken = this.speech.takes(turn)
    place.element.classList.toggle("spoken", place.isSpoken)
    place.element.classList.remove("waits")
    place.element.dataset.state = turn.state
    place.card = place.isSpoken ? this.speech.card(place.element, turn) : new Card(place.element, this.deps)
    place.card.update(turn)
  }

  // places returns the tops of all turns.
  private places(): Float64Array {
    if (!this.isStale) return this.tops
    const { last } = this.book
    if (this.tops.length !== last + 1) this.tops = new Float64Array(last + 1)
    const mean = this.heights.size > 0 ? this.measured / this.heights.size : usual
    let top = 0
    for (let n = 1; n <= last; n++) {
      this.tops[n - 1] = top
      top += (n <= this.book.forgotten ? -gap : (this.heights.get(n) ?? mean)) + gap
    }
    this.tops[last] = top
    this.isStale = false
    return this.tops
  }

  // at returns the number of the turn at a place of the list.
  private at(y: number): number {
    const tops = this.places()
    let low = 0
    let high = tops.length - 1
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tops[middle + 1] ?? Infinity) <= y) low = middle + 1
      else high = middle
    }
    return low + 1
  }

  // render draws the turns near the view, and removes the others.
  private render(): void {
    const { scroller, book } = this
    if (scroller.clientHeight === 0) return // another view is shown
    for (let round = 0; round < 4; round++) {
      const tops = this.places()
      const total = tops[book.last] ?? 0
      this.room.style.height = `${Math.max(0, total - (total > 0 ? gap : 0))}px`
      if (this.isFollowing) this.scrollTo(scroller.scrollHeight)
      const top = scroller.scrollTop
      const from = Math.max(book.forgotten + 1, this.at(Math.max(0, top - margin)))
      const to = Math.min(book.last, this.at(top + scroller.clientHeight + margin))
      this.draw(from, to)
      this.pane.style.transform = `translateY(${tops[from - 1] ?? 0}px)`
      if (!this.look()) break
    }
  }

  private draw(from: number, to: number): void {
    for (const n of this.drawn.keys()) if (n < from || n > to) this.remove(n)
    let missingFrom = 0
    let missingTo = 0
    let next: ChildNode | null = this.pane.firstChild
    for (let n = from; n <= to; n++) {
      const turn = this.book.get(n)
      if (!turn) {
        missingFrom ||= n
        missingTo = n
      }
      let place = this.drawn.get(n)
      if (!place) {
        const made = element("article", { class: "turn", "data-testid": "turn", "data-turn": n, "aria-label": say("turns.turn", { n }) })
        if (n === this.current) made.setAttribute("aria-current", "true")
        place = { element: made, card: null, isSpoken: false }
        this.drawn.set(n, place)
        this.numbers.set(made, n)
        this.pane.insertBefore(made, next)
        this.grown.observe(made)
      }
      if (turn && !place.card) this.fill(place, turn)
      if (!turn) place.element.classList.add("waits")
      next = place.element.nextSibling
    }
    if (missingFrom > 0) this.deps.need(missingFrom, missingTo)
  }

  private remove(n: number): void {
    const place = this.drawn.get(n)
    if (!place) return
    if (place.element.contains(document.activeElement)) this.focus()
    this.grown.unobserve(place.element)
    this.drawn.delete(n)
    place.card?.destroy()
    place.element.remove()
  }

  // look measures what is drawn, and reports whether heights were others than thought. What is
  // in the view stays where it is.
  private look(): boolean {
    const { scroller } = this
    const anchor = this.at(scroller.scrollTop)
    const before = this.places()[anchor - 1] ?? 0
    let isOther = false
    for (const [n, place] of this.drawn) {
      const height = place.element.offsetHeight
      const known = this.heights.get(n)
      if (known === height || (!place.card && known !== undefined)) continue
      if (!place.card) continue
      this.measured += height - (known ?? 0)
      this.heights.set(n, height)
      isOther = true
    }
    if (!isOther) return false
    this.isStale = true
    const moved = (this.places()[anchor - 1] ?? 0) - before
    if (moved !== 0 && !this.isFollowing) {
      this.room.style.height = `${this.places()[this.book.last] ?? 0}px`
      this.scrollTo(scroller.scrollTop + moved)
    }
    return true
  }

  // measure takes new heights, before they are painted.
  private measure(entries: readonly ResizeObserverEntry[]): void {
    if (this.scroller.clientHeight === 0) return
    const isWider = entries.some(({ target }) => target === this.scroller)
    if (isWider || this.look()) this.render()
    this.tell()
  }

  private scrollTo(top: number): void {
    this.scroller.scrollTop = top
    this.set = this.scroller.scrollTop
  }

  private scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller
    if (clientHeight === 0) return
    if (Math.abs(scrollTop - this.set) >= 2) {
      this.set = scrollTop
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - nearEnd
      if (isAtEnd !== this.isFollowing) {
        this.isFollowing = isAtEnd
        if (isAtEnd) this.missed = 0
        this.deps.moved(isAtEnd)
        this.tell()
      }
    }
    this.render()
  }

  private tell(): void {
    const { scrollHeight, clientHeight } = this.scroller
    this.pill.hidden = this.isFollowing || scrollHeight <= clientHeight
    setText(this.pill, this.missed > 0 ? plural("turns.latest_new", this.missed, { count: count(this.missed) }) : say("turns.latest"))
  }
}
