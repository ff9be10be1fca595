// Sends messages of the page over its connection and shows those without a row of
// their own in the log.

import type { Outgoing, Sending } from "../composer"
import type { Log } from "../log"
import { may } from "../identity"
import { say } from "../text"
import type { Attachment, Row, Session } from "../wire"
import { barredOf, type Barred } from "./appearance"
import type { Connection } from "./connection"
import type { Model } from "./model"
import { Outbox, type Way } from "./outbox"
import { away } from "./state"

// Pending is a message on its way, or one that was not sent.
export interface Pending {
  row: Row
  fate: "sending" | "waiting" | "failed"
  reason: string // of a failure
  slowMS: number // since it was sent, where that is long; else 0
}

export interface DeliveryDeps {
  uploadAbove: number // bytes
  // pending shows the messages that have no row yet outside the log, too.
  pending(messages: readonly Pending[]): void
  // retried runs when a person tries a failed message again, or drops it.
  retried(): void
}

const slowAfter = 2000 // ms

export class Delivery {
  private readonly outbox: Outbox

  constructor(private readonly model: Model, private readonly connection: Connection, private readonly log: Log, private readonly deps: DeliveryDeps) {
    this.outbox = new Outbox(deps.uploadAbove, () => this.draw())
  }

  // begin shows another session; after is the seq that its rows follow.
  begin(session: Session, after: number): void {
    this.outbox.begin(after, session.service || session.address)
  }

  // arrived settles messages by their rows; it returns a warning for the composer, or "".
  arrived(rows: readonly Row[]): string {
    const news = this.outbox.arrived(rows)
    if (!news) return ""
    return say(news === "stopped" ? "composer.cancelled_late" : "composer.sent_late")
  }

  // send resolves with the seq of the message's row; it rejects with an Error to show.
  send(message: Outgoing, sending: Sending): Promise<number> {
    const { attachment } = this.connection
    if (!attachment) return Promise.reject(new Error(say("page.send.closed")))
    return this.outbox.send(this.way(attachment), message, sending)
  }

  // ask sends a prompt; it rejects with an Error to show.
  ask(text: string): Promise<number> {
    const { attachment } = this.connection
    if (!attachment) return Promise.reject(new Error(say("page.send.closed")))
    return this.outbox.send(this.way(attachment), { opcode: "text", payload: text }, undefined, true)
  }

  // tick tells how long slow messages have been under way.
  tick(): void {
    const now = performance.now()
    if (this.outbox.unsettled.some(({ reason, sinceMS }) => reason === "" && now - sinceMS > slowAfter)) this.draw()
  }

  again(clientID: string): void {
    const reason = this.blocked()
    const { attachment } = this.connection
    if (reason !== null || !attachment) return this.outbox.refuse(clientID, reason ?? say("page.send.closed"))
    this.deps.retried()
    void this.outbox.again(this.way(attachment), clientID)
  }

  dropFailed(clientID: string): void {
    this.deps.retried()
    this.outbox.dropFailed(clientID)
  }

  // blocked returns the reason why no message can be sent now, or null.
  blocked(): string | null {
    return this.barred()?.note ?? null
  }

  // barred returns why no message can be sent now, and what becomes of its text; or null.
  barred(): Barred | null {
    return barredOf(this.model.state.connection, may("member"))
  }

  // draw shows the messages without a row below all others.
  draw(): void {
    const pending = away(this.model.state.connection) ? "waiting" : "sending"
    const now = performance.now()
    const all = this.outbox.unsettled.map(({ row, reason, sinceMS }): Pending => ({
      row, reason, fate: reason ? "failed" : pending, slowMS: now - sinceMS > slowAfter ? now - sinceMS : 0,
    }))
    this.log.showUnconfirmed(all)
    this.deps.pending(all)
  }

  private way(attachment: Attachment): Way {
    const { session } = this.model
    return { session: session?.id ?? "", target: session?.service || session?.address || "", attachment }
  }
}
