// The list of turns. Each has a place in the page; its content exists only near the view, so
// that a thousand turns scroll like ten. A place that was drawn keeps its height.

import { say, plural, count } from "../text"
import { element, setText, type Component } from "../ui"
import type { Turn } from "../wire"
import { Card, type CardDeps } from "./card"
import type { SpeechCards, TurnCard } from "./cards"

interface Place {
  element: HTMLElement
  turn: Turn
  card: TurnCard | null
  isSpoken: boolean // the card is one for speech
}

const margin = "300px 0px" // around the view, in which turns are drawn
const nearEnd = 24 // px; closer to the end the list follows it

export class TurnList implements Component<readonly Turn[]> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly scroller: HTMLElement
  private readonly rows = element("div", { class: "turn-rows" })
  private readonly pill = element("button", { type: "button", class: "turn-pill", hidden: true, "data-testid": "turns-latest" })
  private readonly places = new Map<number, Place>()
  private readonly byElement = new WeakMap<Element, Place>()
  private readonly seen: IntersectionObserver
  private readonly grown: ResizeObserver
  private isFollowing = true
  private missed = 0 // turns that came while the list did not follow

  constructor(private readonly deps: CardDeps, private readonly speech: SpeechCards) {
    const { signal } = this.stop
    this.scroller = element("div", { class: "turn-scroll", tabindex: 0, "aria-label": say("turns.label"), role: "region" }, this.rows)
    this.element = element("div", { class: "turn-list" }, this.scroller, this.pill)
    this.seen = new IntersectionObserver((entries) => this.look(entries), { root: this.scroller, rootMargin: margin })
    this.grown = new ResizeObserver(() => this.keepEnd())
    this.grown.observe(this.rows)
    this.grown.observe(this.scroller)
    this.scroller.addEventListener("scroll", () => this.scrolled(), { signal, passive: true })
    this.scroller.addEventListener("keydown", (event) => this.key(event), { signal })
    this.pill.addEventListener("click", () => this.toEnd(), { signal })
  }

  // update draws new and changed turns.
  update(changed: readonly Turn[]): void {
    for (const turn of changed) {
      const place = this.places.get(turn.n)
      if (!place) this.add(turn)
      else {
        place.turn = turn
        place.element.dataset.state = turn.state
        if (place.card && place.isSpoken !== this.speech.takes(turn)) {
          place.card.destroy()
          place.card = null
          this.draw(place)
        } else place.card?.update(turn)
      }
    }
    this.tell()
  }

  // reset removes all turns.
  reset(): void {
    for (const place of this.places.values()) this.remove(place)
    this.places.clear()
    this.isFollowing = true
    this.missed = 0
    this.tell()
  }

  // tick redraws the running times of open turns.
  tick(): void {
    for (const { turn, card } of this.places.values()) if (turn.state === "open") card?.tick()
  }

  // redraw draws the visible turns again: what they say about an error has changed.
  redraw(): void {
    for (const { turn, card } of this.places.values()) card?.update(turn)
  }

  toEnd(): void {
    this.isFollowing = true
    this.missed = 0
    this.keepEnd()
    this.tell()
  }

  focus(): void {
    this.scroller.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.seen.disconnect()
    this.grown.disconnect()
    for (const place of this.places.values()) this.remove(place)
    this.element.remove()
  }

  private add(turn: Turn): void {
    const place: Place = {
      element: element("article", { class: "turn", "data-testid": "turn", "data-turn": turn.n, "data-state": turn.state, "aria-label": say("turns.turn", { n: turn.n }) }),
      turn,
      card: null,
      isSpoken: false,
    }
    const after = this.places.get(turn.n - 1)?.element.nextSibling
    this.rows.insertBefore(place.element, after ?? this.nextPlace(turn.n))
    this.places.set(turn.n, place)
    this.byElement.set(place.element, place)
    if (!this.isFollowing) this.missed++
    this.seen.observe(place.element)
    if (this.isFollowing && turn.state === "open") this.draw(place)
  }

  // nextPlace returns the element before which a turn without a neighbour belongs.
  private nextPlace(n: number): HTMLElement | null {
    let next: Place | null = null
    for (const place of this.places.values()) if (place.turn.n > n && (!next || place.turn.n < next.turn.n)) next = place
    return next?.element ?? null
  }

  private remove(place: Place): void {
    this.seen.unobserve(place.element)
    place.card?.destroy()
    place.element.remove()
  }

  private look(entries: readonly IntersectionObserverEntry[]): void {
    if (this.scroller.clientHeight === 0) return // another view is shown
    for (const { target, isIntersecting, boundingClientRect: { height } } of entries) {
      const place = this.byElement.get(target)
      if (!place) continue
      if (isIntersecting) this.draw(place)
      else if (place.card && !place.element.contains(document.activeElement)) clear(place, height)
    }
  }

  private draw(place: Place): void {
    if (place.card) return
    place.element.style.height = ""
    place.card = this.speech.takes(place.turn) ? this.speech.card(place.element, place.turn) : new Card(place.element, this.deps)
    place.isSpoken = this.speech.takes(place.turn)
    place.card.update(place.turn)
  }

  private scrolled(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller
    if (clientHeight === 0) return
    this.isFollowing = scrollTop + clientHeight >= scrollHeight - nearEnd
    if (this.isFollowing) this.missed = 0
    this.tell()
  }

  private keepEnd(): void {
    if (this.isFollowing) this.scroller.scrollTop = this.scroller.scrollHeight
  }

  private tell(): void {
    const { scrollHeight, clientHeight } = this.scroller
    this.pill.hidden = this.isFollowing || scrollHeight <= clientHeight
    setText(this.pill, this.missed > 0 ? plural("turns.latest_new", this.missed, { count: count(this.missed) }) : say("turns.latest"))
  }

  // key moves to the next or previous turn.
  private key(event: KeyboardEvent): void {
    const by = { j: 1, k: -1 }[event.key]
    if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    const all = [...this.rows.children] as HTMLElement[]
    const top = this.scroller.getBoundingClientRect().top
    const at = all.findIndex((turn) => turn.getBoundingClientRect().bottom > top + 20)
    const next = all[Math.max(0, Math.min(all.length - 1, at + by))]
    next?.scrollIntoView({ block: "start" })
    event.preventDefault()
  }
}

// clear drops the content of a place and keeps its height, which the observer has measured.
function clear(place: Place, height: number): void {
  place.element.style.height = `${height}px`
  place.card?.destroy()
  place.card = null
}
