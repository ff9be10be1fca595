// How many messages arrived in each session since this browser last looked at it. Its
// tabs share the count: what one of them shows is read in all.

import type { Store } from "./drafts"

const key = "duplex.looked"

type Looked = Record<string, number> // by session: how many had been received

export class Unread {
  private looked: Looked

  constructor(private readonly store: Store) {
    this.looked = this.kept()
  }

  // look says that so many were received and seen.
  look(session: string, received: number): void {
    this.looked[session] = Math.max(this.looked[session] ?? 0, received)
  }

  // count is how many are new. A session that was never seen begins with what it has:
  // the past is not news.
  count(session: string, received: number): number {
    const seen = (this.looked[session] ??= received)
    return Math.max(0, received - seen)
  }

  // share keeps what was looked at here and takes over what was elsewhere; sessions
  // that are listed no more are forgotten.
  share(listed: ReadonlySet<string>): void {
    for (const [session, received] of Object.entries(this.kept())) this.look(session, received)
    for (const session of Object.keys(this.looked)) if (!listed.has(session)) delete this.looked[session]
    try {
      this.store.setItem(key, JSON.stringify(this.looked))
    } catch {
      // The store is full or closed to us: the counts last until the page is left.
    }
  }

  private kept(): Looked {
    try {
      const kept: unknown = JSON.parse(this.store.getItem(key) ?? "{}")
      if (typeof kept !== "object" || kept === null) return {}
      return Object.fromEntries(Object.entries(kept).filter((entry): entry is [string, number] => typeof entry[1] === "number"))
    } catch {
      return {}
    }
  }
}
