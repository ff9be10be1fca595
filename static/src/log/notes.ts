// The notes over the list: a sentence when it is empty, the progress of a search, and
// the button that returns to the newest message.

import { count, say } from "../text"
import { element, icon, setText } from "../ui"
import { FoundLog } from "./found"
import type { Source } from "./source"

const slow = 400 // ms until a search shows its progress

export interface NotesState {
  source: Source
  listed: number // rows in the list
  isCleared: boolean
  isAway: boolean // newer messages are out of sight: the pill leads to them
  newer: number // messages that came since the list stopped following
}

// Notes draws the notes.
export class Notes {
  readonly empty = element("p", { class: "log-empty" })
  readonly progress = element("p", { class: "log-progress", hidden: true, "data-testid": "search-progress" })
  private readonly pillText = element("span", {})
  readonly pill = element("button", { type: "button", class: "log-pill", hidden: true, "data-testid": "log-pill" }, icon("chevrons-down"), this.pillText)
  problem = "" // why no more rows can be shown
  isThrough = false // the search has reached the end of the log once; now it follows new messages
  private startedAt = 0

  // renew starts over with another list.
  renew(): void {
    this.problem = ""
    this.isThrough = false
    this.startedAt = performance.now()
  }

  update({ source, listed, isCleared, isAway, newer }: NotesState): void {
    this.isThrough ||= source.complete
    this.showEmpty(source, listed, isCleared)
    this.showProgress(source)
    this.pill.hidden = !isAway
    setText(this.pillText, newer > 0 ? say("log.jump_more", { count: count(newer) }) : say("log.jump"))
  }

  private showEmpty(source: Source, listed: number, isCleared: boolean): void {
    this.empty.hidden = source.count > 0 || listed > 0
    const key = source instanceof FoundLog ? (this.isThrough ? "log.none_found" : "log.searching") : isCleared ? "log.cleared" : "log.empty"
    this.empty.classList.toggle("log-quiet", key === "log.empty")
    this.empty.classList.toggle("failed", this.problem !== "")
    setText(this.empty, this.problem || say(key))
  }

  private showProgress(source: Source): void {
    if (!(source instanceof FoundLog) || this.problem !== "") {
      this.progress.hidden = true
      return
    }
    const searching = !this.isThrough && performance.now() - this.startedAt > slow
    const parts = searching ? [say("search.progress", { searched: count(source.searched), total: count(source.total) })] : []
    if (source.skipped.length > 0) parts.push(say("search.skipped", { messages: source.skipped.map((seq) => `#${seq}`).join(", ") }))
    this.progress.hidden = parts.length === 0
    setText(this.progress, parts.join(" · "))
  }
}
