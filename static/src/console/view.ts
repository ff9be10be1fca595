// Draws the state of the connection: buttons, status, facts, the panel in the log's
// place. It reads the state and touches the DOM; it decides nothing.

import { forbid } from "../identity"
import { count, lasted, plural, say, size, visible } from "../text"
import { byId, element, icon, setIcon, type Component } from "../ui"
import { exportURL, type Session, type Viewer, type WireError } from "../wire"
import { drawFailure, drawFolded, drawFoldedNotice, drawNotice, type Act } from "./diagnosis"
import { gapAt } from "./gaps"
import { Overview, viewerNames } from "./overview"
import { away, firstLatency, live, type Connection, type State } from "./state"

export interface Shown {
  state: State
  editing: boolean // the form was unlocked while connected
  edited: boolean // the form differs from the one that was dialled
  unsaved: boolean
  hasService: boolean
  canSave: boolean
  owner: string // of a service that this person may not change, or ""
  failure: Failure | null
}

// Failure is a failed connect, until the next connect: its diagnosis covers the log, or
// is folded to a line above it.
export interface Failure {
  error: WireError
  isFolded: boolean
}

const settles = 500 // ms until a button that replaced another one can be pressed

export class View implements Component<Shown> {
  readonly element = byId("main")
  private readonly stop = new AbortController()
  private readonly parts = {
    connect: byId<HTMLButtonElement>("connect"),
    cancel: byId<HTMLButtonElement>("cancel"),
    disconnect: byId<HTMLButtonElement>("disconnect"),
    reconnect: byId<HTMLButtonElement>("reconnect"),
    share: byId<HTMLButtonElement>("share"),
    exportMenu: byId<HTMLDetailsElement>("export-menu"),
    locked: byId("locked"),
    edit: byId("edit"),
    unsaved: byId("unsaved"),
    save: byId<HTMLButtonElement>("save"),
    saveAs: byId<HTMLButtonElement>("save-as"),
    revert: byId<HTMLButtonElement>("revert"),
    remove: byId<HTMLButtonElement>("delete"),
    banner: byId("banner"),
    folded: byId("folded"),
    diagnosis: byId("diagnosis"),
    notice: byId("notice"),
    teach: byId("teach"),
    elapsed: byId("elapsed"),
    counts: byId("counts"),
    viewers: byId("viewers"),
    viewerCount: byId("viewer-count"),
    phase: byId("phase"),
    phaseMark: byId("phase-mark"),
    phaseWord: byId("phase-word"),
    copyAddress: byId("copy-address"),
    setup: byId("setup-menu"),
    first: byId("first"),
    gap: byId("gap"),
    keep: byId("keep"),
    status: byId("status"),
    live: byId("live"),
    sessions: byId("sessions"),
  }
  private readonly overview = new Overview(byId("overview"))
  private failure: WireError | null = null
  private noticed = ""
  private foldedNotice = "" // the key of the notice that was folded
  private shown: Shown | null = null
  private fresh: HTMLButtonElement | null = null // replaced the button under the pointer
  private title = document.title

  // fold folds or unfolds the diagnosis of a failed connect.
  constructor(private readonly act: Act, private readonly fold: (on: boolean) => void) {
    const { signal } = this.stop
    this.parts.folded.addEventListener("click", () => this.fold(false), { signal })
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], :popover-open, details.menu[open]")) this.escape()
    }, { signal })
  }

  update(shown: Shown): void {
    this.shown = shown
    const { state } = shown
    const p = this.parts
    const connected = live(state.connection)
    const connecting = state.connection.kind === "connecting"
    this.element.dataset.state = this.phase(state)
    const ending = [p.cancel, p.disconnect, p.reconnect].find((button) => button === document.activeElement)
    this.swap(connected ? p.disconnect : p.connect, connected ? p.connect : p.disconnect)
    p.connect.disabled = connecting
    p.connect.hidden ||= connecting
    p.cancel.hidden = !connecting
    p.reconnect.hidden = !(connected && shown.editing && shown.edited)
    if (ending?.hidden && !connected && !connecting) p.connect.focus()
    p.locked.hidden = !(connected || connecting)
    p.edit.hidden = !connected
    this.lock(shown.editing, connecting)
    p.copyAddress.hidden = !p.locked.hidden
    p.unsaved.hidden = !shown.unsaved
    p.save.hidden = !shown.canSave
    p.saveAs.disabled = p.remove.disabled = !shown.hasService
    p.revert.disabled = !shown.unsaved || connecting || (connected && !shown.editing)
    p.disconnect.disabled = false
    this.reserve([p.save, p.remove], shown.owner)
    const session = state.connection.kind === "attached" ? state.connection.session : null
    this.reserve([p.disconnect], session && !session.access.mayManage ? session.access.owner : "")
    for (const button of [p.connect, p.disconnect, p.reconnect, p.save, p.saveAs, p.remove]) forbid(button, "member")
    if (this.fresh) this.fresh.disabled = true
    this.status(state)
    this.word(state)
    this.failed(shown)
    this.attached(state)
  }

  // lock draws the lock of the address, which lets a person edit it.
  private lock(editing: boolean, connecting: boolean): void {
    const { edit, locked } = this.parts
    const sentence = say(editing ? "page.unlocked" : connecting ? "page.locked.connecting" : "page.locked")
    text(locked.querySelector("span"), sentence)
    const title = editing ? `${sentence}. ${say("page.edit.done")}` : sentence
    edit.title = title
    edit.setAttribute("aria-label", title)
    edit.setAttribute("aria-pressed", String(editing))
    const svg = edit.querySelector("svg")
    if (svg) setIcon(svg, editing ? "lock-open" : "lock")
  }

  // word draws the state beside the button: a mark and a word.
  private word(state: State): void {
    const { phase, phaseMark, phaseWord } = this.parts
    const { connection } = state
    const { mark, word, tone } = wordOf(connection)
    phase.dataset.tone = tone
    text(phaseWord, word)
    if (phaseMark.dataset.mark === mark) return
    phaseMark.dataset.mark = mark
    phaseMark.replaceChildren(...(mark === "" ? [] : mark === "spin" ? [element("span", { class: "spin" })] : [icon(mark)]))
  }

  // swap replaces a button by another. Under the pointer the new one takes no click at
  // first: a double click is meant for the old one.
  private swap(button: HTMLButtonElement, old: HTMLButtonElement): void {
    const isUnder = !old.hidden && old.matches(":hover")
    const had = document.activeElement === old
    button.hidden = false
    old.hidden = true
    if (!isUnder) return
    this.fresh = button
    button.dataset.fresh = "1"
    window.setTimeout(() => {
      if (this.fresh === button) this.fresh = null
      delete button.dataset.fresh
      if (this.shown) this.update(this.shown)
      if (had && document.activeElement === document.body && button === this.parts.connect) button.focus()
    }, settles)
  }

  // reserve disables buttons that only the owner may use; "" disables none.
  private reserve(buttons: readonly HTMLButtonElement[], owner: string): void {
    for (const button of buttons) {
      const reason = owner && say("share.owners", { owner: visible(owner) })
      if (reason) button.disabled = true
      button.title = reason
    }
  }

  destroy(): void {
    this.stop.abort()
    this.overview.destroy()
  }

  // tick redraws the running times.
  tick(state: State): void {
    const { connection } = state
    const p = this.parts
    if (connection.kind === "connecting") {
      text(p.elapsed, clock(Date.now() - connection.since))
      text(p.banner, "")
    } else if (connection.kind === "attached") {
      const { session, timing, lostAt } = connection
      const now = away(connection) ? lostAt : Date.now() // a lost link stops the clock
      const until = session.endedAtUS || now * 1000
      text(p.elapsed, clock((until - session.openedAtUS) / 1000))
      const first = firstLatency(session, timing)
      const quiet = first === null && session.received === 0 && session.state === "open"
      text(p.first, first !== null ? say("page.first", { time: lasted(first) }) : quiet ? say("page.quiet", { time: clock((until - session.openedAtUS) / 1000) }) : "")
      const gap = gapAt(timing.gaps, 0.95)
      text(p.gap, gap === null ? "" : say("page.gap", { time: lasted(gap) }))
      const left = session.keepUntilUS / 1000 - now
      text(p.keep, session.keepUntilUS && session.state === "open" ? say("page.keep", { time: clock(left) }) : "")
      text(p.banner, away(connection) ? say("page.banner.lost", { time: lasting(Date.now() - lostAt) }) : session.store === "away" ? say("page.banner.store_away") : "")
    } else {
      text(p.banner, "")
      text(p.elapsed, "")
      text(p.first, "")
      text(p.gap, "")
      text(p.keep, "")
    }
  }

  // announce tells screen readers a sentence.
  announce(sentence: string): void {
    text(this.parts.live, sentence)
  }

  private phase(state: State): string {
    const { connection } = state
    if (away(connection)) return "lost"
    return connection.kind === "attached" ? connection.session.state : connection.kind
  }

  private status(state: State): void {
    const p = this.parts
    const label = statusOf(state)
    p.status.dataset.state = this.phase(state)
    if (away(state.connection)) p.sessions.dataset.stale = "true" // the next answer of the list clears it
    if (p.status.textContent === label) return
    p.status.textContent = label
    p.status.title = label
    this.announce(label)
    document.title = state.connection.kind === "idle" ? this.title : `${label} · ${this.title}`
  }

  private failed({ state: { connection }, failure }: Shown): void {
    const { diagnosis, folded, teach } = this.parts
    const error = failure?.error ?? null
    diagnosis.hidden = !failure || failure.isFolded
    folded.hidden = !failure?.isFolded
    teach.hidden = !diagnosis.hidden || (connection.kind !== "idle" && connection.kind !== "connecting")
    if (error === this.failure) return
    this.failure = error
    if (!error) return
    const cause = error.diagnosis?.cause || error.message
    drawFailure(diagnosis, error, this.act, () => this.fold(true), this.stop.signal)
    drawFolded(folded, cause)
    this.announce(cause)
  }

  // escape folds the open diagnosis.
  private escape(): void {
    const { diagnosis, notice } = this.parts
    if (!diagnosis.hidden) this.fold(true)
    else if (!notice.hidden) this.foldNotice(true)
  }

  private foldNotice(on: boolean): void {
    this.foldedNotice = on ? this.noticed : ""
    this.noticed = ""
    if (this.shown) this.update(this.shown)
    this.parts.notice.querySelector<HTMLElement>(on ? ".folded" : ".notice-fold")?.focus()
  }

  private attached(state: State): void {
    const { connection } = state
    const p = this.parts
    const session = connection.kind === "attached" ? connection.session : null
    p.share.disabled = session === null
    p.exportMenu.querySelector("summary")?.setAttribute("aria-disabled", String(session === null))
    for (const link of byId("head").querySelectorAll<HTMLAnchorElement>("a[data-format]")) {
      if (session) link.href = exportURL(session.id, link.dataset.format ?? "")
      else link.removeAttribute("href")
    }
    this.notice(session)
    if (connection.kind !== "attached" || !session) {
      for (const part of [p.counts, p.viewers, p.viewerCount]) text(part, "")
      return
    }
    text(p.counts, say("page.counts", { sent: count(session.sent), received: count(session.received), bytes: size(session.bytesSent + session.bytesReceived) }))
    const viewers = session.viewers.length
    text(p.viewerCount, viewers > 0 ? plural("page.viewers", viewers) : "")
    p.viewers.dataset.count = String(viewers)
    text(p.viewers, watching(session.viewers))
    p.viewers.title = viewerNames(session.viewers)
    this.overview.update({ session, timing: connection.timing })
  }

  // notice shows why a session ended, or the last error inside its messages while it goes on.
  private notice(session: Session | null): void {
    const found = session?.diagnosis ?? null
    const isOver = session?.state === "closed"
    const key = found ? `${session?.id} ${isOver} ${found.rule} ${found.said} ${found.evidence.join(" ")}` : ""
    const { notice } = this.parts
    notice.hidden = found === null || (!isOver && key === this.foldedNotice)
    if (key === this.noticed) return
    this.noticed = key
    if (!found) return
    if (!isOver) drawNotice(notice, found, this.act, () => this.dismiss(key), this.stop.signal, say("page.diagnosis.dismiss"))
    else if (key === this.foldedNotice) drawFoldedNotice(notice, found, () => this.foldNotice(false), this.stop.signal)
    else drawNotice(notice, found, this.act, () => this.foldNotice(true), this.stop.signal)
    if (!isOver) this.announce(found.cause)
  }

  // dismiss removes the notice of a session that goes on.
  private dismiss(key: string): void {
    this.foldedNotice = key
    if (this.shown) this.update(this.shown)
  }
}

function statusOf(state: State): string {
  const { connection } = state
  switch (connection.kind) {
    case "connecting":
      return say("page.status.connecting")
    case "attached": {
      const { state, closeCode, closeReason } = connection.session
      if (away(connection)) return say("page.status.lost")
      if (state !== "closed") return say(`page.status.${state}`)
      const key = closeReason ? "page.status.closed_reason" : "page.status.closed"
      return say(key, { code: closeCode || "", reason: visible(closeReason) }).trim()
    }
    default:
      return say("page.status.idle")
  }
}

// wordOf returns the mark, the word and the tone of a state.
function wordOf(connection: Connection): { mark: string; word: string; tone: string } {
  switch (connection.kind) {
    case "connecting": return { mark: "spin", word: say("page.word.connecting"), tone: "wait" }
    case "failed": {
      const status = connection.error.status
      return { mark: "x", word: status ? say("page.word.refused", { status }) : say("page.word.failed"), tone: "failed" }
    }
    case "attached": {
      const { state, closeCode } = connection.session
      if (away(connection)) return { mark: "clock", word: say("page.word.last_seen"), tone: "wait" }
      if (state === "closed") return { mark: "", word: say("page.word.closed", { code: closeCode || "" }).trim(), tone: "" }
      if (state === "closing") return { mark: "spin", word: say("page.word.closing"), tone: "wait" }
      return { mark: "check", word: say("page.word.connected"), tone: "open" }
    }
    default: return { mark: "", word: "", tone: "" }
  }
}

// watching names the others who watch; "" while nobody does.
function watching(viewers: readonly Viewer[]): string {
  const others = [...new Set(viewers.filter(({ you, same }) => !you && !same).map(({ name, id }) => visible(name) || id.slice(0, 8)))]
  const [name = "", other = ""] = others
  if (others.length === 0) return ""
  if (others.length === 1) return say("page.watching.one", { name })
  return others.length === 2 ? say("page.watching.two", { name, other }) : say("page.watching.more", { count: count(others.length) })
}

// lasting formats a duration in whole seconds: 4 s; from a minute on as clock.
function lasting(ms: number): string {
  return ms < 60_000 ? say("page.seconds", { seconds: Math.floor(ms / 1000) }) : clock(ms)
}

// clock formats a duration: 00:08, 12:40, 1:02:03.
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = (n: number) => String(n).padStart(2, "0")
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return seconds < 3600 ? rest : `${Math.floor(seconds / 3600)}:${rest}`
}

function text(node: Element | null, value: string): void {
  if (node && node.textContent !== value) node.textContent = value
}
