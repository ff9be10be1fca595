// Draws the state of the connection: buttons, status, facts, the panel in the log's
// place. It reads the state and touches the DOM; it decides nothing.

import { forbid } from "../identity"
import { count, elapsed, hms, lasted, plural, say, size, visible } from "../text"
import { byId, element, icon, setIcon, type Component } from "../ui"
import { initials } from "../sidebar"
import { exportURL, type Diagnosis, type Session, type Viewer, type WireError } from "../wire"
import { appearanceOf, type Appearance } from "./appearance"
import { drawEnded, drawFailure, drawFolded, drawFoldedNotice, drawNotice, headlineOf, messageLink, type DiagnosisDeps } from "./diagnosis"
import { gapAt } from "./gaps"
import { Overview, viewerNames } from "./overview"
import { Between, type Quiet } from "./between"
import { away, firstLatency, type State } from "./state"

export interface Shown {
  state: State
  name: { shown: string; own: string } // of the page; own was given to the session
  editing: boolean // the form was unlocked while connected
  edited: boolean // the form differs from the one that was dialled
  unsaved: boolean
  hasService: boolean
  canSave: boolean
  owner: string // of a service that this person may not change, or ""
  failure: Failure | null
  before: Before | null
  isMember: boolean
  quiet: Quiet | null
  tells(seq: number): boolean // a turn shows the error of a message
  firstFigure(): string // how long the newest answer took to begin, or ""
  finalFigure(): string // how long after the end of speech its final text came, or ""
}

// Before is the end of the session before this one, which a person may not have seen.
export interface Before {
  session: string // id
  found: Diagnosis
}

// Failure is a failed connect, until the next connect: its diagnosis covers the log, or
// is folded to a line above it.
export interface Failure {
  error: WireError
  isFolded: boolean
  triedUS: number // when it failed, since 1970
}

export interface ViewDeps extends Omit<DiagnosisDeps, "signal"> {
  // fold folds or unfolds the diagnosis of a failed connect.
  fold(on: boolean): void
  // retry asks Duplex again at once.
  retry(): void
  // example sends the example of the service.
  example(): void
}

const dismissedKey = "duplex.dismissed" // in sessionStorage: the session whose end was dismissed

// isDismissed reports whether a person dismissed the notice of a session's end.
export function isDismissed(session: string): boolean {
  return sessionStorage.getItem(dismissedKey) === session
}

const settled = 2000 // ms of quiet until the page says so
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
    final: byId("final"),
    gap: byId("gap"),
    keep: byId("keep"),
    status: byId("status"),
    sessionName: byId("session-name"),
    live: byId("live"),
    sessions: byId("sessions"),
  }
  private readonly overview = new Overview(byId("overview"))
  private failure: WireError | null = null
  private noticed = ""
  private foldedNotice = "" // the key of the notice that was folded
  private shown: Shown | null = null
  private told: Appearance = appearanceOf({ kind: "idle" }, null, 0)
  private fresh: HTMLButtonElement | null = null // replaced the button under the pointer
  private title = document.title
  private readonly fold: (on: boolean) => void
  private readonly retry: () => void

  private readonly between: Between
  private readonly deps: DiagnosisDeps

  constructor(deps: ViewDeps) {
    const { signal } = this.stop
    this.fold = deps.fold
    this.retry = deps.retry
    this.deps = { ...deps, signal }
    this.between = new Between(byId("panels"), deps.example)
    this.parts.folded.addEventListener("click", () => this.fold(false), { signal })
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], :popover-open, details.menu[open]")) this.escape()
    }, { signal })
  }

  update(shown: Shown): void {
    this.shown = shown
    const { state } = shown
    const p = this.parts
    const told = appearanceOf(state.connection, shown.failure?.error ?? null, Date.now(), shown.isMember)
    this.told = told
    const connected = told.button === "disconnect"
    const connecting = told.button === "cancel"
    this.element.dataset.state = told.phase
    const ending = [p.cancel, p.disconnect, p.reconnect].find((button) => button === document.activeElement)
    this.present(connecting ? p.cancel : connected ? p.disconnect : p.connect)
    p.connect.disabled = p.cancel.disabled = false
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
    p.disconnect.disabled = told.barred !== null
    this.reserve([p.save, p.remove], shown.owner)
    const session = state.connection.kind === "attached" ? state.connection.session : null
    this.reserve([p.disconnect], session && !session.access.mayManage ? session.access.owner : "")
    if (told.barred !== null) p.disconnect.title = told.barred
    for (const button of [p.connect, p.disconnect, p.reconnect, p.save, p.saveAs, p.remove]) forbid(button, "member")
    if (this.fresh) this.fresh.disabled = true
    this.names(shown)
    this.status()
    this.word()
    this.failed(shown)
    this.attached(state)
    this.middle(shown)
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

  // word draws the state beside the button: a mark, a word and a clock.
  private word(): void {
    const { phase, phaseMark, phaseWord, elapsed: place } = this.parts
    const { text: word, mark, tone, ms } = this.told.word
    phase.dataset.tone = tone
    text(phaseWord, word)
    text(place, ms === null ? "" : this.told.phase === "connecting" ? lasting(ms) : elapsed(ms * 1000))
    if (phaseMark.dataset.mark === mark) return
    phaseMark.dataset.mark = mark
    phaseMark.replaceChildren(...(mark === "" ? [] : mark === "spin" ? [element("span", { class: "spin" })] : [icon(mark)]))
  }

  // present shows one of the three buttons that share a place. Under the pointer the new one
  // takes no click at first: a double click is meant for the old one.
  private present(button: HTMLButtonElement): void {
    const { connect, cancel, disconnect } = this.parts
    const old = [connect, cancel, disconnect].find((other) => other !== button && !other.hidden)
    button.hidden = false
    if (!old) return
    const isUnder = old.matches(":hover") || this.fresh === old
    const had = document.activeElement === old
    old.hidden = true
    delete old.dataset.fresh
    if (!isUnder) return
    this.fresh = button
    button.dataset.fresh = "1"
    window.setTimeout(() => {
      if (this.fresh !== button) return
      this.fresh = null
      delete button.dataset.fresh
      if (this.shown) this.update(this.shown)
      if (had && document.activeElement === document.body && button === connect) button.focus()
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
    this.told = appearanceOf(connection, this.shown?.failure?.error ?? null, Date.now(), this.shown?.isMember)
    this.word()
    this.banner()
    if (this.shown) this.middle(this.shown)
    if (connection.kind !== "attached") {
      for (const part of [p.first, p.final, p.gap, p.keep]) text(part, "")
      return
    }
    const { session, timing, lostAt } = connection
    const now = away(connection) ? lostAt : Date.now() // a lost link stops the clock
    const until = session.endedAtUS || now * 1000
    const first = firstLatency(session, timing)
    const quiet = first === null && session.received === 0 && session.state === "open"
    text(p.first, this.shown?.firstFigure() || (first !== null ? say("page.first", { time: lasted(first) }) : quiet ? say("page.quiet", { time: elapsed(until - session.openedAtUS) }) : ""))
    text(p.final, this.shown?.finalFigure() ?? "")
    const gap = gapAt(timing.gaps, 0.95)
    text(p.gap, gap === null ? "" : say("page.gap", { time: lasted(gap) }))
    const left = session.keepUntilUS / 1000 - now
    text(p.keep, session.keepUntilUS && session.state === "open" ? say("page.keep", { time: elapsed(left * 1000) }) : "")
  }

  // banner tells that Duplex or its store is away.
  private banner(): void {
    const { banner: host } = this.parts
    const { banner } = this.told
    if (host.dataset.text !== (banner?.text ?? "")) {
      host.dataset.text = banner?.text ?? ""
      host.replaceChildren()
      if (banner) {
        const again = element("button", { type: "button", class: "button low", "data-testid": "try-now" }, say("state.retry"))
        again.addEventListener("click", () => this.retry(), { signal: this.stop.signal })
        host.append(icon("triangle-alert"), element("span", { class: "banner-words" }, banner.text, " ", element("span", { class: "quiet", "aria-hidden": "true" })), ...(banner.canRetry ? [again] : []))
      }
    }
    text(host.querySelector(".quiet"), banner?.ms === null || !banner ? "" : lasting(banner.ms))
  }

  // middle shows the steps of a connect, or that a connection is quiet so far.
  private middle({ state: { connection }, quiet }: Shown): void {
    if (connection.kind === "connecting") {
      return this.between.update({ kind: "connecting", ms: Date.now() - connection.since, steps: connection.steps, isGateway: connection.isGateway })
    }
    const isOpen = connection.kind === "attached" && this.told.phase === "open"
    if (!isOpen || !quiet || connection.session.received + connection.session.sent > 0) return this.between.update(null)
    const ms = Date.now() - connection.session.openedAtUS / 1000
    this.between.update(ms < settled ? null : { kind: "quiet", ms, ...quiet })
  }

  // watched names the others who watch, with the initials of one.
  private watched(viewers: readonly Viewer[]): void {
    const { viewers: place } = this.parts
    const others = othersOf(viewers)
    const sentence = watching(others)
    if (place.textContent === sentence || place.dataset.said === sentence) return
    place.dataset.said = sentence
    const [name = ""] = others
    place.replaceChildren(...(others.length === 0 ? [] : [element("span", { class: "face", "aria-hidden": "true" }, initials(name)), sentence]))
  }

  // announce tells screen readers a sentence.
  announce(sentence: string): void {
    text(this.parts.live, sentence)
  }

  // names shows the name of the session, and in the title of the tab that of the page.
  private names({ state: { connection }, name }: Shown): void {
    const { sessionName } = this.parts
    text(sessionName, name.own)
    sessionName.title = name.own
    const page = name.shown ? `${name.shown} · Duplex` : this.title
    const title = connection.kind === "idle" ? page : `${this.told.status.text} · ${page}`
    if (document.title !== title) document.title = title
  }

  private status(): void {
    const p = this.parts
    const { status: { text: label, tone }, phase, isStale } = this.told
    p.status.dataset.state = phase
    p.status.dataset.tone = tone
    if (isStale) p.sessions.dataset.stale = "true" // the next answer of the list clears it
    if (p.status.textContent === label) return
    p.status.textContent = label
    p.status.title = label
    this.announce(label)
  }

  private failed({ state: { connection }, failure }: Shown): void {
    const { diagnosis, folded, teach } = this.parts
    const error = failure?.error ?? null
    diagnosis.hidden = !failure || failure.isFolded
    folded.hidden = !failure?.isFolded
    teach.hidden = !diagnosis.hidden || connection.kind !== "idle"
    if (error === this.failure) return
    this.failure = error
    if (!error) return
    drawFailure(diagnosis, error, this.deps, () => this.fold(true))
    drawFolded(folded, headlineOf(error.diagnosis, error.message))
    this.announce(error.diagnosis?.cause || error.message)
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
      for (const part of [p.viewers, p.viewerCount]) text(part, "")
      text(p.counts, triedWords(this.shown?.failure ?? null))
      return
    }
    text(p.counts, say("page.counts", { sent: count(session.sent), received: count(session.received), bytes: size(session.bytesSent + session.bytesReceived) }))
    const viewers = session.viewers.length
    text(p.viewerCount, viewers > 0 ? plural("page.viewers", viewers) : "")
    p.viewers.dataset.count = String(viewers)
    this.watched(session.viewers)
    p.viewers.title = viewerNames(session.viewers)
    this.overview.update({ session, name: this.shown?.name.shown ?? "", timing: connection.timing, isLost: this.told.isStale })
  }

  // notice shows why a session ended, else the last error inside its messages while it goes
  // on, else the end of the session before it.
  private notice(session: Session | null): void {
    const { notice } = this.parts
    const before = this.shown?.before ?? null
    const own = session?.diagnosis ?? null
    const isOver = session?.state === "closed"
    const found = own ?? (session && before?.session !== session.id ? (before?.found ?? null) : null)
    const key = found ? [own ? session?.id : before?.session, isOver, found.rule, found.said, found.evidence.join(" ")].join(" ") : ""
    const isEnd = own !== null && isOver
    notice.hidden = found === null || (!isEnd && key === this.foldedNotice)
    // The error of a session that goes on is told once: by its turn, where that is shown.
    const offers = found !== null && found.action !== "" && found.action !== "reconnect"
    notice.dataset.ends = String(isEnd && own.messageSeq > 0)
    notice.dataset.told = String(own !== null && !isOver && !offers && (this.shown?.tells(own.messageSeq) ?? false))
    if (key === this.noticed) return
    this.noticed = key
    if (!found || !session) return
    const { signal } = this.stop
    if (isEnd && key === this.foldedNotice) return drawFoldedNotice(notice, found, () => this.foldNotice(false), signal)
    if (isEnd) return drawEnded(notice, session, found, this.deps, () => this.foldNotice(true))
    const title = own ? headlineOf(found) : say("state.before", { words: headlineOf(found) })
    const link = own ? messageLink(found, this.deps) : beforeLink(found, before?.session ?? "")
    drawNotice(notice, found, title, link, this.deps, () => {
      if (!own && before) sessionStorage.setItem(dismissedKey, before.session)
      this.dismiss(key)
    })
    if (own) this.announce(found.cause)
  }

  // dismiss removes the notice of a session that goes on.
  private dismiss(key: string): void {
    this.foldedNotice = key
    if (this.shown) this.update(this.shown)
  }
}

// triedWords tells when the last connect failed, and how long it took.
function triedWords(failure: Failure | null): string {
  if (!failure) return ""
  const took = failure.error.handshake?.phasesUS.total ?? 0
  return took > 0 ? say("state.tried_in", { time: hms(failure.triedUS), took: lasted(took) }) : say("state.tried", { time: hms(failure.triedUS) })
}

// beforeLink leads to the message of an earlier session that has the words.
function beforeLink({ messageSeq }: Diagnosis, session: string): HTMLElement | null {
  if (messageSeq === 0 || session === "") return null
  return element("a", { href: `/sessions/${session}?seq=${messageSeq}` }, say("state.message", { seq: count(messageSeq) }))
}

// othersOf returns the names of the viewers who are not this person.
function othersOf(viewers: readonly Viewer[]): string[] {
  return [...new Set(viewers.filter(({ you, same }) => !you && !same).map(({ name, id }) => visible(name) || id.slice(0, 8)))]
}

// watching says who watches; "" while nobody else does.
function watching(others: readonly string[]): string {
  const [name = "", other = ""] = others
  if (others.length === 0) return ""
  if (others.length === 1) return say("page.watching.one", { name })
  return others.length === 2 ? say("page.watching.two", { name, other }) : say("page.watching.more", { count: count(others.length) })
}

// lasting formats a duration in whole seconds: 4 s; from a minute on as clock.
function lasting(ms: number): string {
  return ms < 60_000 ? say("page.seconds", { seconds: Math.floor(ms / 1000) }) : elapsed(ms * 1000)
}

function text(node: Element | null, value: string): void {
  if (node && node.textContent !== value) node.textContent = value
}
