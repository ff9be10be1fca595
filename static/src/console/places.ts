// Places leads from one part of the page to another.

export type ViewName = "turns" | "messages" | "timing"

export interface Places {
  // turn shows a turn by its number in the view of turns, and selects it.
  turn(n: number): void
  // message shows a message by its seq in the log, and opens it.
  message(seq: number): void
  // timing shows a part of the session in the view of times, in µs since 1970.
  timing(fromUS: number, toUS: number): void
  // session shows the facts of the session at the right.
  session(): void
}
