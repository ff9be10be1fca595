// The cards of turns: one kind for text, which is here, and one for speech, which is not.

import type { Component } from "../ui"
import type { Turn } from "../wire"
import type { Match } from "./find"

// TurnCard draws the content of one place in the list.
export interface TurnCard extends Component<Turn> {
  // tick redraws running times.
  tick(): void
}

// SpeechCards draws turns with sound. A session that is one transcript is shown by it alone.
export interface SpeechCards {
  // tools are placed beside the tabs while the turns are shown, before the search; more after it.
  readonly tools: readonly HTMLElement[]
  readonly more: readonly HTMLElement[]
  // attach shows another session.
  attach(session: string, isLive: boolean): void
  // takes reports whether the card of a turn is drawn here.
  takes(turn: Turn): boolean
  card(place: HTMLElement, turn: Turn): TurnCard
  // heard is told each change of turns; first, those that were there before.
  heard(changed: readonly Turn[], first: boolean): void
  // detail shows a turn at the right; kept leaves the tab that a person chose there.
  detail?(turn: Turn, opening: boolean, kept: boolean): void
  // find returns where words are in a transcript, and marks them. mark shows one of them;
  // null takes the marks away.
  find(words: string): Match[]
  mark(match: Match | null): void
  // focus moves the focus into a transcript.
  focus(): void
  destroy(): void
}

// SpeechDeps is given to those who draw SpeechCards.
export interface SpeechDeps {
  session(): string
  // select shows the details of a turn; 0 of the session.
  select(n: number): void
  // message opens a message in the log.
  message(seq: number): void
  // hintOf returns what to do about the error of a turn; "" when nothing is known.
  hintOf(turn: Turn): string
  // nowUS returns the time on the server's clock.
  nowUS(): number
}
