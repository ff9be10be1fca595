// The side list: the sessions of the server with their unread messages, and the saved
// services.

import { clock, count, say, visible } from "../text"
import { byId, confirm, element, every, icon, iconButton, openMenu, placeBelow, setText, toast, type Component } from "../ui"
import { closeSession, listSessions, type Service, type Session } from "../wire"
import { Unread } from "./unread"

const shown = 20 // ended sessions
const pause = 2000 // ms between two requests, while the page is visible
const byKey = 9 // sessions that Alt and a digit go to
const settles = 1500 // ms after a move of the pointer in the list until rows are reordered

// Sidebar shows the sessions and the saved services of the server.
export class Sidebar {
  private readonly sessions = new Sessions(byId("sessions"))
  private readonly services = byId("services")

  // put adds or updates one session at once.
  put(session: Session): void {
    this.sessions.put(session)
  }

  // putService adds or updates one service. The name of a demo service stays.
  putService(service: Service): void {
    let link = this.services.querySelector<HTMLElement>(`[data-id="${CSS.escape(service.id)}"]`)
    if (!link) {
      link = drawService(service)
      this.services.querySelector("ul")?.append(element("li", {}, link))
    }
    if (service.demo) return
    link.querySelector(".name")?.replaceChildren(visible(service.name))
    link.querySelector(".initials")?.replaceChildren(initials(service.name))
    link.title = `${visible(service.name)}\n${visible(service.address)}`
    lock(link, !service.shared)
    chip(link, service.credential.kind)
  }

  // mark marks the service and the session that the page shows.
  mark(serviceID: string, sessionID: string): void {
    for (const link of this.services.querySelectorAll<HTMLElement>("a")) current(link, link.dataset.id === serviceID)
    this.sessions.update(sessionID)
  }

  destroy(): void {
    this.sessions.destroy()
  }
}

// nthSession returns the address of a session by its place in the list, from 1.
export function nthSession(n: number): string | null {
  return sessionLinks()[n - 1]?.href ?? null
}

export function sessionLinks(): HTMLAnchorElement[] {
  return [...byId("sessions").querySelectorAll("a")]
}

// Sessions lists the running and the newest sessions. Its model is the id of the session
// that the page shows.
class Sessions implements Component<string> {
  private readonly stop = new AbortController()
  private readonly unread = new Unread(localStorage)
  private open = ""
  private asking = false
  private movedAt = -settles // performance.now() of the last move of the pointer in the list

  constructor(readonly element: HTMLElement) {
    const { signal } = this.stop
    element.addEventListener("pointermove", () => { this.movedAt = performance.now() }, { signal })
    every(pause, () => void this.refresh(), signal)
    document.addEventListener("visibilitychange", () => void this.refresh(), { signal })
    window.addEventListener("pagehide", () => this.share(), { signal })
    void this.refresh()
  }

  put(session: Session): void {
    let item = this.itemOf(session.id)
    if (!item) {
      item = drawSession(session)
      this.element.prepend(item)
      this.number()
    }
    this.fill(item, session)
  }

  update(id: string): void {
    this.open = id
    for (const link of this.links()) current(link, link.dataset.id === id)
  }

  destroy(): void {
    this.stop.abort()
  }

  private async refresh(): Promise<void> {
    if (document.hidden || this.asking) return
    this.asking = true
    const { ok } = await listSessions(shown)
    this.asking = false
    this.element.dataset.stale = String(!ok)
    if (!ok) return
    const known = new Set(ok.map((session) => session.id))
    if (this.isAimedAt) return this.refill(ok)
    for (const link of this.links()) {
      if (!known.has(link.dataset.id ?? "") && link.dataset.id !== this.open) link.parentElement?.remove()
    }
    for (const session of ok) this.put(session)
    this.arrange(ok)
    this.share()
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

  // number sets the shortcut of each session.
  private number(): void {
    this.links().forEach((link, at) => {
      if (at < byKey) link.setAttribute("aria-keyshortcuts", `Alt+${at + 1}`)
      else link.removeAttribute("aria-keyshortcuts")
    })
  }

  private share(): void {
    this.unread.share(new Set(this.links().map((link) => link.dataset.id ?? "")))
  }

  private fill(item: HTMLElement, session: Session): void {
    const link = item.querySelector<HTMLElement>("a")
    if (!link) return
    const isOpen = session.id === this.open
    if (isOpen) this.unread.look(session.id, session.received)
    const name = visible(session.serviceName || session.address.replace(/^wss?:\/\//, ""))
    link.dataset.state = session.state
    link.dataset.opened = clock(session.openedAtUS).slice(0, 5)
    link.title = [name, session.address, say("sessions.opened", { time: clock(session.openedAtUS), by: session.openedBy })].join("\n")
    link.querySelector(".dot")?.setAttribute("aria-label", say(`page.state.${session.state}`))
    link.querySelector(".name")?.replaceChildren(name)
    ownerOf(link, session)
    numberOf(link, session, this.unread.count(session.id, session.received))
    current(link, isOpen)
    let more = item.querySelector<HTMLButtonElement>(".session-more")
    if (!more) item.append((more = this.moreButton(session.id)))
    more.title = say("sessions.more", { name })
    more.setAttribute("aria-label", more.title)
    item.dataset.mayClose = String(session.state !== "closed" && session.access.mayManage)
    item.dataset.shared = String(session.openedBy !== me() || session.viewers.length > (isOpen ? 1 : 0))
  }

  // moreButton makes the menu button beside the link: name, number and badge are parts of
  // the link.
  private moreButton(id: string): HTMLButtonElement {
    const more = iconButton("ellipsis", "", { class: "tool session-more", "data-testid": "session-more", "aria-haspopup": "menu" })
    more.addEventListener("click", () => this.menu(id, more), { signal: this.stop.signal })
    return more
  }

  private menu(id: string, more: HTMLElement): void {
    const item = this.itemOf(id)
    const href = `${location.origin}/sessions/${id}`
    const mayClose = item?.dataset.mayClose === "true"
    openMenu(more.title, [
      { name: say("sessions.new_tab"), picture: "plus", run: () => void window.open(href, "_blank", "noopener") },
      { name: say("sessions.copy_link"), picture: "link", run: () => void copyLink(href) },
      { name: say("page.disconnect"), picture: "unplug", danger: true, blocked: mayClose ? null : say("sessions.close.not"), run: () => void this.close(id) },
    ], placeBelow(more), more.closest("nav") ?? document.body)
  }

  // close ends a session; for one that others use it asks first.
  private async close(id: string): Promise<void> {
    const item = this.itemOf(id)
    const name = item?.querySelector(".name")?.textContent ?? ""
    if (item?.dataset.shared === "true" && !(await confirm(say("sessions.close.question", { name }), say("sessions.close.detail"), say("page.disconnect")))) return
    const { error } = await closeSession(id)
    if (error && error.code !== "session_closed") toast(error.message)
    void this.refresh()
  }

  private links(): HTMLElement[] {
    return [...this.element.querySelectorAll("a")]
  }

  private itemOf(id: string): HTMLElement | null {
    return this.element.querySelector<HTMLElement>(`li:has([data-id="${CSS.escape(id)}"])`)
  }
}

function drawSession(session: Session): HTMLLIElement {
  return element("li", {},
    element("a", { href: `/sessions/${session.id}`, "data-id": session.id, "data-testid": "session-link" },
      element("span", { class: "dot", role: "img" }),
      element("span", { class: "wide name" }),
      element("span", { class: "wide number" }),
    ),
  )
}

async function copyLink(href: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(href)
    toast(say("sessions.link_copied"))
  } catch {
    toast(href) // no clipboard on a page without TLS: the address can be selected
  }
}

// ownerOf shows the owner of a running session of another person.
function ownerOf(link: HTMLElement, { access, state }: Session): void {
  const owner = access.mine || state === "closed" ? "" : visible(access.owner)
  const old = link.querySelector<HTMLElement>(".owner")
  if (!owner) old?.remove()
  else if (old) setText(old, owner)
  else link.querySelector(".name")?.after(element("span", { class: "kind wide owner" }, owner))
}

// numberOf shows the number of new messages, or of all when none is new.
function numberOf(link: HTMLElement, session: Session, unread: number): void {
  const number = link.querySelector(".number")
  link.dataset.unread = String(unread)
  number?.classList.toggle("unread", unread > 0)
  number?.replaceChildren(unread > 0 ? `+${count(unread)}` : count(session.sent + session.received))
  if (unread > 0) number?.append(element("span", { class: "visually-hidden" }, ` ${say("sessions.unread")}`))
}

function me(): string {
  return document.querySelector(".who")?.textContent ?? ""
}

function drawService(service: Service): HTMLElement {
  return element("a", { href: `/services/${service.id}`, "data-id": service.id, "data-testid": "service-link" },
    element("span", { class: "initials", "aria-hidden": "true" }),
    element("span", { class: "wide name" }),
  )
}

function lock(link: HTMLElement, isPrivate: boolean): void {
  const old = link.querySelector(".private")
  if (!isPrivate) old?.remove()
  else if (!old) {
    const title = say("page.service.private")
    link.querySelector(".name")?.after(element("span", { class: "private wide", role: "img", title, "aria-label": title }, icon("lock")))
  }
}

function chip(link: HTMLElement, kind: string): void {
  link.querySelector(".kind")?.remove()
  if (kind !== "none") link.append(element("span", { class: "kind wide" }, say(`auth.kind.${kind}.chip`)))
}

function current(link: Element, on: boolean): void {
  link.setAttribute("aria-current", on ? "page" : "false")
}

// initials abbreviates a name for the narrow list, as views.initials does.
function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  return words.slice(0, 2).map((word) => [...word][0]?.toUpperCase()).join("")
}
