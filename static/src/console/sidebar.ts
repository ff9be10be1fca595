// The side list: keeps the sessions of the server in view, with what is new in each,
// and marks what is open.

import { clock, count, say, visible } from "../text"
import { confirm, element, icon, iconButton, openMenu, placeBelow, setText, toast } from "../ui"
import { closeSession, listSessions, type Service, type Session } from "../wire"
import { Unread } from "./unread"

const shown = 20 // beside those that run
const pause = 2000 // ms between two looks, while the page is visible
const byKey = 9 // sessions that Alt and a digit go to
const settles = 1500 // ms after the pointer has moved in the list until rows change their places

export interface Sidebar {
  session(session: Session): void // put or update one at once
  service(service: Service): void
  drop(serviceID: string): void
  mark(serviceID: string, sessionID: string): void
}

export function createSidebar(): Sidebar {
  const sessions = new Sessions(byId("sessions"))
  const services = byId("services")
  return {
    session: (session) => sessions.put(session),
    service(service) {
      let link = services.querySelector<HTMLElement>(`[data-id="${CSS.escape(service.id)}"]`)
      if (!link) {
        link = drawService(service)
        services.querySelector("ul")?.append(element("li", {}, link))
      }
      if (service.demo) return
      link.querySelector(".name")?.replaceChildren(visible(service.name))
      link.querySelector(".initials")?.replaceChildren(initials(service.name))
      link.title = `${visible(service.name)}\n${visible(service.address)}`
      lock(link, !service.shared)
      chip(link, service.credential.kind)
    },
    drop(id) {
      services.querySelector(`li:has([data-id="${CSS.escape(id)}"])`)?.remove()
    },
    mark(serviceID, sessionID) {
      for (const link of services.querySelectorAll<HTMLElement>("a")) current(link, link.dataset.id === serviceID)
      sessions.mark(sessionID)
    },
  }
}

// nthSession is the address of a session by its place in the list, from 1.
export function nthSession(n: number): string | null {
  return sessionLinks()[n - 1]?.href ?? null
}

export function sessionLinks(): HTMLAnchorElement[] {
  return [...byId("sessions").querySelectorAll("a")]
}

// Sessions is the list of sessions.
class Sessions {
  private readonly unread = new Unread(localStorage)
  private open = ""
  private asking = false
  private movedAt = -settles // when the pointer moved in the list

  constructor(private readonly list: HTMLElement) {
    list.addEventListener("pointermove", () => { this.movedAt = performance.now() })
    setInterval(() => void this.refresh(), pause)
    document.addEventListener("visibilitychange", () => void this.refresh())
    window.addEventListener("pagehide", () => this.share())
    void this.refresh()
  }

  put(session: Session): void {
    let item = this.itemOf(session.id)
    if (!item) {
      item = drawSession(session)
      this.list.prepend(item)
      this.number()
    }
    this.fill(item, session)
  }

  mark(id: string): void {
    this.open = id
    for (const link of this.links()) current(link, link.dataset.id === id)
  }

  private async refresh(): Promise<void> {
    if (document.hidden || this.asking) return
    this.asking = true
    const { ok } = await listSessions(shown)
    this.asking = false
    this.list.dataset.stale = String(!ok)
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

  // isAimedAt is true while somebody is about to press a row: it must not turn into
  // another one under the pointer.
  private get isAimedAt(): boolean {
    return performance.now() - this.movedAt < settles && this.list.matches(":hover")
  }

  // refill brings the rows that are there up to date, each in its place.
  private refill(sessions: readonly Session[]): void {
    for (const session of sessions) {
      const item = this.itemOf(session.id)
      if (item) this.fill(item, session)
    }
  }

  // arrange puts the items in the order of the server, and moves none that stands right.
  private arrange(sessions: readonly Session[]): void {
    let next = this.list.firstElementChild
    for (const { id } of sessions) {
      const item = this.itemOf(id)
      if (!item) continue
      if (item === next) next = next.nextElementSibling
      else this.list.insertBefore(item, next)
    }
    this.number()
  }

  // number says which keys go where.
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

  // moreButton has a place of its own beside the link: the name, the number and the
  // badge all belong to the link.
  private moreButton(id: string): HTMLButtonElement {
    const more = iconButton("ellipsis", "", { class: "tool session-more", "data-testid": "session-more", "aria-haspopup": "menu" })
    more.addEventListener("click", () => this.menu(id, more))
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

  // close ends a session from the list. One that others use is asked about first.
  private async close(id: string): Promise<void> {
    const item = this.itemOf(id)
    const name = item?.querySelector(".name")?.textContent ?? ""
    if (item?.dataset.shared === "true" && !(await confirm(say("sessions.close.question", { name }), say("sessions.close.detail"), say("page.disconnect")))) return
    const { error } = await closeSession(id)
    if (error && error.code !== "session_closed") toast(error.message)
    void this.refresh()
  }

  private links(): HTMLElement[] {
    return [...this.list.querySelectorAll("a")]
  }

  private itemOf(id: string): HTMLElement | null {
    return this.list.querySelector<HTMLElement>(`li:has([data-id="${CSS.escape(id)}"])`)
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
    toast(href) // no clipboard on a page without TLS: at least it can be selected
  }
}

// ownerOf shows whose a running session is when it is somebody else's.
function ownerOf(link: HTMLElement, { access, state }: Session): void {
  const owner = access.mine || state === "closed" ? "" : visible(access.owner)
  const old = link.querySelector<HTMLElement>(".owner")
  if (!owner) old?.remove()
  else if (old) setText(old, owner)
  else link.querySelector(".name")?.after(element("span", { class: "kind wide owner" }, owner))
}

// numberOf shows how many messages there are, or how many are new.
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

// initials stand in for a name where only an icon fits, as views.initials does.
function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  return words.slice(0, 2).map((word) => [...word][0]?.toUpperCase()).join("")
}

function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}
