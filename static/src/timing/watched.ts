// What the view of times is given, and what it asks of the page.

export interface TimingDeps {
  // select shows the details of a turn beside the charts.
  select(n: number): void
  openTurn(n: number): void
  openMessages(seq: number): void
}

// Watched is the session to show.
export interface Watched {
  session: string // "" for none
  openedUS: number
  dialect: string
  isLive: boolean
  lastSeq: number
}
