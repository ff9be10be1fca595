// The messages sent in this tab, newest last; Alt+Up and Alt+Down recall them.

export interface Sent {
  type: string
  text: string
}

const most = 50
const longest = 64 << 10 // characters; longer ones are not remembered

// Store is the part of sessionStorage that is used.
export type Store = Pick<Storage, "getItem" | "setItem">

const key = "duplex.composer.past"

// Past steps through the sent messages; the last step is the unsent draft.
export class Past {
  private sent: Sent[]
  private at: number
  private draft: Sent = { type: "text", text: "" }

  constructor(private readonly store: Store) {
    this.sent = readSent(store)
    this.at = this.sent.length
  }

  addSent(message: Sent): void {
    const last = this.sent.at(-1)
    const again = last?.text === message.text && last.type === message.type
    if (message.text.length <= longest && message.text !== "" && !again) {
      this.sent = [...this.sent, message].slice(-most)
      this.save()
    }
    this.at = this.sent.length
  }

  // step returns the message before (-1) or after (1) the current one; null at the end.
  step(by: 1 | -1, now: Sent): Sent | null {
    const next = this.at + by
    if (next < 0 || next > this.sent.length) return null
    if (this.at === this.sent.length) this.draft = now
    this.at = next
    return this.sent[next] ?? this.draft
  }

  private save(): void {
    try {
      this.store.setItem(key, JSON.stringify(this.sent))
    } catch {
      // The storage is full or closed: sent messages last until a reload.
    }
  }
}

function readSent(store: Store): Sent[] {
  try {
    const kept: unknown = JSON.parse(store.getItem(key) ?? "[]")
    return Array.isArray(kept) ? kept.filter(isSent) : []
  } catch {
    return []
  }
}

function isSent(value: unknown): value is Sent {
  return typeof value === "object" && value !== null && "type" in value && "text" in value &&
    typeof value.type === "string" && typeof value.text === "string"
}
