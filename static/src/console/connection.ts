// The connection of the page: opens a session, attaches to it, goes back to the one
// before a failed connect, leaves it. An event of an older dial changes nothing.

import { lease } from "../identity"
import { say } from "../text"
import type { ProblemLine } from "../ui"
import { Attachment, closeSession, openSession, readRows, readSession, type Playing, type Result, type Row, type Session, type TurnUpdate } from "../wire"
import type { Model } from "./model"
import { live } from "./state"
import { checkStore } from "./store"

const replayed = 2000 // messages; of a longer log only the end is replayed, the rest is fetched when it is viewed
const joinedNear = 200 // messages before the end

export interface ConnectionDeps {
  // attached runs when another session is shown; rows with a larger seq follow.
  attached(session: Session, after: number): void
  // changed runs when the session has changed.
  changed(session: Session): void
  // arrived takes rows that were not seen before.
  arrived(rows: Row[], lastSeq: number): void
  // turns takes changes of the turns, playing the progress of speech.
  turns(updates: TurnUpdate[]): void
  playing(playing: Playing): void
  // refused takes the error of an event that has no id, as those of the microphone.
  refused(sentence: string): void
  problem: ProblemLine // tells what was not done
}

export class Connection {
  attachment: Attachment | null = null
  private dialling: AbortController | null = null
  private before = "" // the session of the page's address

  constructor(private readonly model: Model, private readonly deps: ConnectionDeps) {}

  // shown is the id of the session in the page's address, or "".
  get shown(): string {
    return this.before
  }

  // open leaves the session that runs and opens another. It resolves with null when the
  // dial was cancelled.
  async open(body: object, isGateway = false): Promise<Result<Session> | null> {
    const { model } = this
    await this.leave()
    this.dialling = new AbortController()
    model.failure = null
    model.apply({ type: "connect", now: Date.now(), isGateway })
    const { dial } = model.state
    const result = await openSession(body, this.dialling.signal, ({ phase, state, tookUS }) => model.apply({ type: "step", dial, step: { name: phase, state, tookUS } }))
    if (dial !== model.state.dial) {
      if (result.ok) void closeSession(result.ok.id)
      return null
    }
    if (result.ok) this.before = result.ok.id
    return result
  }

  cancel(): void {
    this.dialling?.abort()
    this.model.apply({ type: "cancel" })
  }

  async disconnect(): Promise<void> {
    const id = this.model.sessionID
    if (!id) return
    const { error } = await closeSession(id)
    this.deps.problem.told(error?.code === "session_closed" ? null : error)
  }

  // rejoin attaches to the session that was shown before a dial that failed.
  async rejoin(): Promise<void> {
    const { dial } = this.model.state
    if (!this.before) return
    const { ok } = await readSession(this.before)
    if (!ok || dial !== this.model.state.dial) return
    this.attach(ok)
    this.model.editing = true
  }

  // resume attaches to the session that the page was loaded with.
  resume(session: Session): void {
    this.before = session.id
    this.attach(session)
  }

  // completeHandshake fetches the handshake, which the socket does not carry.
  async completeHandshake(session: Session): Promise<void> {
    const { dial } = this.model.state
    if (session.handshake) return
    const { ok } = await readSession(session.id)
    if (ok) this.model.apply({ type: "session", dial, session: ok })
  }

  attach(session: Session): void {
    const { model } = this
    const after = session.lastSeq > replayed ? session.lastSeq - joinedNear : 0
    model.editing = false
    model.apply({ type: "attach", session, seen: after })
    this.deps.attached(session, after)
    const { dial } = model.state
    if (after > 0 || session.state === "closed") void this.lookBack(dial, session.id)
    if (session.state === "closed") return
    this.attachment = new Attachment(session.id, after, {
      link: (link) => model.apply({ type: "link", dial, link, now: Date.now() - (this.attachment?.quietFor ?? 0) }),
      session: (heard) => this.heard(dial, heard),
      rows: (rows, lastSeq) => this.arrived(dial, rows, lastSeq),
      turns: (updates) => dial === model.state.dial && this.deps.turns(updates),
      playing: (playing) => dial === model.state.dial && this.deps.playing(playing),
      refused: (sentence) => dial === model.state.dial && this.deps.refused(sentence),
      gone: (message) => this.barred(dial, message),
      unknown: () => void lease.renewed().then(() => dial === model.state.dial && this.attachment?.retry()),
    })
  }

  // lookBack finds the first messages of a log that was not replayed, for its timing.
  private async lookBack(dial: number, id: string): Promise<void> {
    for (const direction of ["sent", "received"]) {
      const { ok } = await readRows(id, { limit: 1, direction })
      if (ok) this.model.apply({ type: "earlier", dial, rows: ok.rows })
    }
  }

  // barred shows why the server ended the attachment; the rows stay.
  private barred(dial: number, message: string): void {
    const { session } = this.model
    this.deps.problem.tell(message)
    if (!session) return
    this.model.apply({ type: "session", dial, session: { ...session, access: { ...session.access, maySend: false, mayManage: false } } })
  }

  private heard(dial: number, session: Session): void {
    const { session: old } = this.model
    if (old && old.store !== session.store) void checkStore()
    this.model.apply({ type: "session", dial, session })
    this.deps.changed(session)
  }

  private arrived(dial: number, rows: Row[], lastSeq: number): void {
    const { connection } = this.model.state
    if (dial !== this.model.state.dial || connection.kind !== "attached") return
    const { seen } = connection
    this.model.apply({ type: "rows", dial, rows })
    this.deps.arrived(rows.filter((row) => row.seq > seen), lastSeq)
  }

  // leave ends a live session before another is opened in its place.
  private async leave(): Promise<void> {
    const { connection } = this.model.state
    this.destroy()
    if (connection.kind === "attached" && live(connection)) await closeSession(connection.session.id)
  }

  // findRow returns one message of the log by its seq, or null after a notice.
  async findRow(seq: number): Promise<Row | null> {
    const isSeq = Number.isSafeInteger(seq) && seq > 0
    const { ok } = isSeq ? await readRows(this.model.sessionID, { after: seq - 1, before: seq + 1, limit: 1 }) : { ok: null }
    this.deps.problem.tell(ok?.rows[0] ? "" : say("row.not_there"))
    return ok?.rows[0] ?? null
  }

  destroy(): void {
    this.attachment?.leave()
    this.attachment = null
  }
}
