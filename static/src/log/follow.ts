// Whether the list follows new messages.

import type { Rows } from "../ui"

// Follow holds the paused state of the list and the messages that have been on screen.
export class Follow {
  isPaused = false
  private seen = 0 // newest seq while the list followed

  reset(): void {
    this.seen = 0
  }

  pause(on: boolean, lastSeq: number): void {
    this.isPaused = on
    if (on) this.seen = lastSeq
  }

  // update reports, after a drawing, whether newer messages are out of sight, and how
  // many have come since the list stopped following.
  update(rows: Rows, lastSeq: number): { isAway: boolean; newer: number } {
    const hasMoreBelow = rows.last < rows.length - 1
    if ((rows.following || !hasMoreBelow) && !this.isPaused) this.seen = lastSeq
    const isAway = rows.length > 0 && (this.isPaused || (!rows.following && hasMoreBelow))
    return { isAway, newer: lastSeq - this.seen }
  }
}
