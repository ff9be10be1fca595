// The messages sent in this tab, newest last, to be called back by Alt+Up and Alt+Down.

export interface Sent {
  type: string
  text: string
}

const most = 50
const longest = 64 << 10 // characters; longer ones are not remembered

// Store is the part of sessionStorage that is used.
export type Store = Pick<Storage, "getItem" | "setItem">

const key = "duplex.composer.past"

// Past walks through what was sent; the draft that was being written is its last step.
export class Past {
  private sent: Sent[]
  private at: number
  private draft: Sent = { type: "text", text: "" }

  constructor(private readonly store: Store) {
    this.sent = read(store)
    this.at = this.sent.length
  }

  add(message: Sent): void {
    const last = this.sent.at(-1)
    const again = last?.text === message.text && last.type === message.type
    if (message.text.length <= longest && message.text !== "" && !again) {
      this.sent = [...this.sent, message].slice(-most)
      this.save()
    }
    this.at = this.sent.length
  }

  // step goes back (-1) or forth (1) from what is written now; null at either end.
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
      // The store is full or closed to us: what was sent is remembered until reload.
    }
  }
}

function read(store: Store): Sent[] {
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
