// Counts the messages of each session that this browser has not shown. Its tabs share
// the counts.

// Store is the used part of localStorage.
type Store = Pick<Storage, "getItem" | "setItem">

const key = "duplex.looked"

type Looked = Record<string, number> // received messages by session

export class Unread {
  private looked: Looked

  constructor(private readonly store: Store) {
    this.looked = this.kept()
  }

  // look notes that all received messages were seen.
  look(session: string, received: number): void {
    this.looked[session] = Math.max(this.looked[session] ?? 0, received)
  }

  // count returns the number of new messages. The messages before the first count of a
  // session are not new.
  count(session: string, received: number): number {
    const seen = (this.looked[session] ??= received)
    return Math.max(0, received - seen)
  }

  // share merges the counts with those of other tabs and drops sessions that are no longer
  // listed.
  share(listed: ReadonlySet<string>): void {
    for (const [session, received] of Object.entries(this.kept())) this.look(session, received)
    for (const session of Object.keys(this.looked)) if (!listed.has(session)) delete this.looked[session]
    try {
      this.store.setItem(key, JSON.stringify(this.looked))
    } catch {
      // The storage is full or closed: the counts last until the page is closed.
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
