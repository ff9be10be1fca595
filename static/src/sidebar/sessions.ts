// The open sessions of the server, newest first, and those that ended with an error and
// were not seen yet.

import { clock, count, hhmm, say, visible } from "../text"
import { byId, element, every, iconButton, setText, type Component } from "../ui"
import { listSessions, type Session } from "../wire"
import type { Kept } from "./kept"
import { initials } from "./names"
import { Unread } from "./unread"

const shown = 20 // ended sessions that are asked for
const pause = 2000 // ms between two requests, while the page is visible
const byKey = 9 // sessions that Alt and a digit go to
const settles = 1500 // ms after a move of the pointer in the list until rows are reordered
const failedFor = 24 * 3_600_000_000 // µs for which a session that ended with an error is listed

export interface SessionDeps {
  kept: Kept
  // name returns the name of a session, or null until the services were read.
  name(session: Session): string | null
  readNames(): void
}

// Sessions is the list of sessions. Its model is the id of the session that the page shows.
export class Sessions implements Component<string> {
  private readonly stop = new AbortController()
  private readonly unread = new Unread(localStorage)
  private readonly known = new Map<string, Session>()
  private open = ""
  private reading: Promise<void> | null = null
  private movedAt = -settles // performance.now() of the last move of the pointer in the list

  constructor(readonly element: HTMLElement, private readonly deps: SessionDeps) {
    const { signal } = this.stop
    this.open = this.links().find((link) => link.getAttribute("aria-current") === "page")?.dataset.id ?? ""
    for (const at of element.querySelectorAll<HTMLElement>(".at")) if (at.dataset.at) setText(at, hhmm(Date.parse(at.dataset.at) * 1000))
    if (deps.kept.seen === null) deps.kept.see(this.failedOnes())
    this.dropSeen()
    this.number()
    element.addEventListener("pointermove", () => { this.movedAt = performance.now() }, { signal })
    every(pause, () => void this.refresh(), signal)
    document.addEventListener("visibilitychange", () => void this.refresh(), { signal })
    window.addEventListener("pagehide", () => this.share(), { signal })
    void this.refresh()
  }

  session(id: string): Session | undefined {
    return this.known.get(id)
  }

  get all(): Session[] {
    return this.links().map((link) => this.known.get(link.dataset.id ?? "")).filter((session) => session !== undefined)
  }

  // name returns the name of a session. Until the services were read it is the one that the
  // server has drawn; "" for none.
  name(session: Session): string {
    return this.deps.name(session) ?? this.itemOf(session.id)?.querySelector(".name")?.textContent ?? ""
  }

  put(session: Session): void {
    const before = this.known.get(session.id)
    const whole = session.name || !before ? session : { ...session, name: before.name } // events on sockets have no name
    this.known.set(session.id, whole)
    let item = this.itemOf(session.id)
    if (!item && !this.lists(whole)) return
    if (!item) {
      item = drawSession(session.id)
      this.element.prepend(item)
      this.number()
    }
    this.fill(item, whole)
  }

  update(id: string): void {
    this.open = id
    for (const link of this.links()) current(link, link.dataset.id === id)
  }

  // read marks the messages of a session as seen, and its error.
  read(id: string): void {
    const session = this.known.get(id)
    if (!session) return
    this.unread.look(id, session.received)
    if (hasFailed(session)) this.deps.kept.see([id])
    this.share()
    void this.refresh()
  }

  isUnread(id: string): boolean {
    const session = this.known.get(id)
    return session !== undefined && (this.unread.count(id, session.received) > 0 || (hasFailed(session) && id !== this.open))
  }

  // redraw draws the names again when those of the services are known.
  redraw(): void {
    for (const session of this.all) {
      const item = this.itemOf(session.id)
      if (item) this.fill(item, session)
    }
  }

  // refresh reads the list; calls meanwhile wait for the same reading.
  async refresh(): Promise<void> {
    if (document.hidden) return
    this.reading ??= this.list().finally(() => { this.reading = null })
    await this.reading
  }

  private async list(): Promise<void> {
    const { ok } = await listSessions(shown)
    this.element.dataset.stale = String(!ok)
    if (!ok) return
    for (const session of ok) this.known.set(session.id, session)
    const listed = ok.filter((session) => this.lists(session))
    const ids = new Set(listed.map(({ id }) => id))
    if (this.isAimedAt) return this.refill(ok)
    for (const link of this.links()) {
      if (!ids.has(link.dataset.id ?? "") && link.dataset.id !== this.open) link.parentElement?.remove()
    }
    for (const session of listed) this.put(session)
    this.arrange(listed)
    this.share()
  }

  destroy(): void {
    this.stop.abort()
  }

  itemOf(id: string): HTMLElement | null {
    return this.element.querySelector(`[data-id="${CSS.escape(id)}"]`)?.closest("li") ?? null
  }

  private lists(session: Session): boolean {
    if (session.state !== "closed" || session.id === this.open) return true
    const isNew = Date.now() * 1000 - session.endedAtUS < failedFor
    return hasFailed(session) && session.access.mine && isNew && this.deps.kept.seen?.includes(session.id) !== true
  }

  private failedOnes(): string[] {
    return [...this.element.querySelectorAll<HTMLElement>("[data-failed=true] > a")].map((link) => link.dataset.id ?? "")
  }

  // dropSeen removes the failed sessions that were seen, which the first paint has hidden.
  private dropSeen(): void {
    const seen = new Set(this.deps.kept.seen)
    for (const id of this.failedOnes()) if (seen.has(id) && id !== this.open) this.itemOf(id)?.remove()
  }

  // isAimedAt is true while a person is about to press a row: it must not change into
  // another one under the pointer.
  private get isAimedAt(): boolean {
    return performance.now() - this.movedAt < settles && this.element.matches(":hover")
  }

  // refill updates the rows of the list in their places.
  private refill(sessions: readonly Session[]): void {
    for (const session of sessions) {
      const item = this.itemOf(session.id)
      if (item) this.fill(item, session)
    }
  }

  // arrange sorts the items in the server's order and moves only misplaced ones.
  private arrange(sessions: readonly Session[]): void {
    let next = this.element.firstElementChild
    for (const { id } of sessions) {
      const item = this.itemOf(id)
      if (!item) continue
      if (item === next) next = next.nextElementSibling
      else this.element.insertBefore(item, next)
    }
    this.number()
  }

  // number sets the shortcut of each session, and their number in the heading.
  private number(): void {
    const links = this.links()
    links.forEach((link, at) => {
      if (at < byKey) link.setAttribute("aria-keyshortcuts", `Alt+${at + 1}`)
      else link.removeAttribute("aria-keyshortcuts")
    })
    setText(byId("sessions-count"), count(links.length))
  }

  private share(): void {
    this.unread.share(new Set(this.links().map((link) => link.dataset.id ?? "")))
  }

  private fill(item: HTMLElement, session: Session): void {
    const link = item.querySelector<HTMLElement>("a")
    if (!link) return
    const isOpen = session.id === this.open
    const failed = hasFailed(session)
    if (isOpen) {
      this.unread.look(session.id, session.received)
      if (failed) this.deps.kept.see([session.id])
    }
    const name = this.name(session)
    if (name === "") this.deps.readNames()
    item.dataset.failed = String(failed)
    link.dataset.state = session.state
    link.dataset.opened = hhmm(session.openedAtUS)
    link.title = [name, visible(session.address), say("sessions.opened", { time: clock(session.openedAtUS), by: session.openedBy })].join("\n")
    link.querySelector(".dot")?.setAttribute("aria-label", say(failed ? "sidebar.failed" : `page.state.${session.state}`))
    const label = link.querySelector<HTMLElement>(".name")
    if (label) setText(label, name)
    const at = link.querySelector<HTMLElement>(".at")
    if (at) setText(at, hhmm(session.openedAtUS))
    ownerOf(link, session)
    unreadOf(link, this.unread.count(session.id, session.received))
    current(link, isOpen)
    const more = item.querySelector<HTMLButtonElement>(".more")
    if (more) more.title = say("sessions.more", { name })
    more?.setAttribute("aria-label", more.title)
  }

  private links(): HTMLAnchorElement[] {
    return [...this.element.querySelectorAll<HTMLAnchorElement>("li > a")]
  }
}

// hasFailed reports whether a session ended with an error, as pages.hasFailed does.
export function hasFailed({ state, clean, diagnosis }: Session): boolean {
  return state === "closed" && (!clean || diagnosis !== null)
}

function drawSession(id: string): HTMLLIElement {
  return element("li", { class: "session" },
    element("a", { href: `/sessions/${id}`, "data-id": id, "data-testid": "session-link" },
      element("span", { class: "dot", role: "img" }),
      element("span", { class: "name" }),
      element("span", { class: "number" }),
      element("span", { class: "at" }),
    ),
    iconButton("ellipsis", "", { class: "tool low more", "data-testid": "session-more", "aria-haspopup": "menu" }),
  )
}

// ownerOf shows the initials of the owner of another person's session.
function ownerOf(link: HTMLElement, { access }: Session): void {
  const owner = access.mine ? "" : visible(access.owner)
  const old = link.querySelector<HTMLElement>(".owner")
  if (!owner) return old?.remove()
  const face = old ?? element("span", { class: "face owner" })
  face.title = say("sidebar.opened_by", { name: owner })
  setText(face, initials(owner))
  if (!old) link.querySelector(".number")?.after(face)
}

function unreadOf(link: HTMLElement, unread: number): void {
  if (link.dataset.unread === String(unread)) return
  const number = link.querySelector(".number")
  link.dataset.unread = String(unread)
  number?.classList.toggle("unread", unread > 0)
  number?.replaceChildren(unread > 0 ? `+${unread > 999 ? "999" : count(unread)}` : "")
  if (unread > 0) number?.append(element("span", { class: "visually-hidden" }, ` ${say("sessions.unread")}`))
}

export function current(link: Element, on: boolean): void {
  link.setAttribute("aria-current", on ? "page" : "false")
}
