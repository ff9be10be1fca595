// The side list: open sessions with their unread messages, saved services by folder, and
// what can be done with them. A click opens, and never acts.

import { say, visible } from "../text"
import { byId, Late, modifier, openMenu, placeAtEnd, type MenuItem } from "../ui"
import type { Service, Session } from "../wire"
import { startDrag } from "./drag"
import { startDrawer } from "./drawer"
import { startGrip } from "./grip"
import { Kept } from "./kept"
import type { Menus } from "./menus"
import { isNamedByDemo, serviceName, sessionName } from "./names"
import { Services, type Listed } from "./services"
import { Sessions } from "./sessions"
import { isOnName, Twice } from "./twice"

// Draft is a service that was never saved.
export interface Draft {
  key: string // in the address of its page
  title: string
}

export interface SidebarDeps {
  may: boolean // the person may change things at all
  drafts(): readonly Draft[]
  renamed(service: Service): void
  // named runs after a session was given a name.
  named(): void
  // connect goes to a page and connects there.
  connect(path: string): void
}

export class Sidebar {
  private readonly stop = new AbortController()
  private readonly element = byId("sidebar")
  private readonly kept = new Kept(localStorage)
  private readonly twice = new Twice(sessionStorage, Date.now)
  private leftFor = "" // the page of the entry that was clicked last
  private readonly sessions: Sessions
  private readonly services: Services
  private readonly menus: Late<Menus>

  constructor(private readonly deps: SidebarDeps) {
    const { signal } = this.stop
    this.services = new Services(byId("services"), this.kept, () => this.sessions.redraw())
    this.sessions = new Sessions(byId("sessions"), { kept: this.kept, name: (session) => this.nameOf(session), readNames: () => void this.services.load() })
    this.menus = new Late(async () => {
      const { Menus } = await import("./menus")
      const { sessions, services } = this
      return new Menus({ sessions, services, may: deps.may, connect: (path) => deps.connect(path), renamed: (service) => deps.renamed(service), named: () => deps.named() })
    })
    for (const type of ["pointerenter", "focusin"]) this.element.addEventListener(type, () => void this.menus.load(), { signal })
    document.adoptedStyleSheets = [] // the list is drawn as it is kept from here on
    this.element.querySelector(".side-find > kbd")?.replaceChildren(`${modifier} K`)
    startGrip(byId("side-grip"), this.kept, signal)
    startDrawer(signal)
    startDrag(this.services.element, (id, folder) => this.menus.ask((menus) => void menus.drop(id, folder)), signal)
    this.listen(signal)
    this.renameAsAsked()
  }

  // put adds or updates one session at once.
  put(session: Session): void {
    this.sessions.put(session)
  }

  // sessionName returns the name of a session as the list has it, and the one that it was given; ""
  // for none.
  sessionName(session: Session): { shown: string; own: string } {
    const known = this.sessions.session(session.id) ?? session
    return { shown: this.sessions.name(known), own: visible(known.name) }
  }

  // putService adds or updates one service.
  putService(service: Service): void {
    this.services.put(service)
  }

  // mark marks the service and the session that the page shows.
  mark(service: string, session: string): void {
    this.services.update({ service, inSession: session !== "" })
    this.sessions.update(session)
  }

  // folderOf returns the folder of a service, "" for none, or null for a service that the
  // list does not have.
  folderOf(service: string): string | null {
    return this.services.folderOf(service)
  }

  // move asks for the folder of a service and moves it there.
  async move(service: string): Promise<void> {
    await this.services.load()
    const known = this.services.service(service)
    if (known) this.menus.ask((menus) => void menus.choose(known))
  }

  // listed returns the services and sessions with their names, for the list of commands. The
  // samples of the demo are there when load has resolved.
  listed(): { services: Listed[]; samples: Listed[]; sessions: { session: Session; name: string }[] } {
    return {
      services: this.services.listed,
      samples: this.services.samples.map((service) => ({ id: service.id, name: serviceName(service), folder: "" })),
      sessions: this.sessions.all.map((session) => ({ session, name: this.sessions.name(session) })),
    }
  }

  // load reads what the list does not show.
  load(): Promise<void> {
    return this.services.load()
  }

  destroy(): void {
    this.stop.abort()
    this.sessions.destroy()
    this.services.destroy()
  }

  private nameOf(session: Session): string | null {
    const service = this.services.service(session.service)
    return service || !isNamedByDemo(session) || this.services.isLoaded ? sessionName(session, service) : null
  }

  private listen(signal: AbortSignal): void {
    const { element, menus } = this
    element.addEventListener("click", (event) => {
      const target = event.target as Element
      const more = target.closest<HTMLElement>(".more")
      const entry = entryOf(more ?? target)
      if (more && entry) return menus.ask((menus) => void menus.openFor(entry, null))
      const link = target.closest("a")
      if (!link || !entry || event.ctrlKey || event.metaKey || event.shiftKey) return
      const isHere = link.pathname === location.pathname
      const isSecond = this.leftFor === link.pathname && this.twice.isSecond(link.pathname)
      if (isHere || isSecond) event.preventDefault() // it is open already, or about to open
      if (isHere) this.renameAsAsked()
      else if (!isSecond && isOnName(event, link)) this.twice.pressed((this.leftFor = link.pathname))
    }, { signal })
    element.addEventListener("dblclick", (event) => {
      const target = event.target as Element
      const place = target.closest(".side-lists a, .folder-head")
      const entry = place && entryOf(place)
      if (!entry || !isOnName(event, place)) return
      if (place instanceof HTMLAnchorElement && place.pathname !== location.pathname) return this.twice.rename(place.pathname) // this page is being left
      menus.ask((menus) => void menus.renameEntry(entry))
    }, { signal })
    element.addEventListener("contextmenu", (event) => {
      const entry = entryOf(event.target as Element)
      if (!entry || (event.target as Element).closest("input, [popover]")) return
      event.preventDefault()
      const byKey = event.clientX === 0 && event.clientY === 0
      const place = byKey ? null : { x: event.clientX, y: event.clientY }
      menus.ask((menus) => void menus.openFor(entry, place))
    }, { signal })
    element.addEventListener("keydown", (event) => this.key(event), { signal })
    document.getElementById("new-folder")?.addEventListener("click", () => menus.ask((menus) => void menus.newFolder()), { signal })
    const plus = document.getElementById("new-service")
    if (plus && this.deps.drafts().length > 0) plus.title = say("sidebar.new.drafts")
    plus?.addEventListener("contextmenu", (event) => {
      event.preventDefault()
      this.showDrafts(plus)
    }, { signal })
    plus?.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown" && !(event.key === "F10" && event.shiftKey)) return
      event.preventDefault()
      event.stopPropagation()
      this.showDrafts(plus)
    }, { signal })
  }

  // renameAsAsked renames the entry of this page after a double click on it.
  private renameAsAsked(): void {
    if (!this.twice.take(location.pathname)) return
    const link = [...this.element.querySelectorAll<HTMLAnchorElement>(".side-lists a")].find((link) => link.pathname === location.pathname)
    const entry = link && entryOf(link)
    if (entry && link.checkVisibility({ visibilityProperty: true })) this.menus.ask((menus) => void menus.renameEntry(entry))
  }

  private key(event: KeyboardEvent): void {
    const entry = entryOf(event.target as Element)
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey)) {
      if (!entry) return
      event.preventDefault()
      return this.menus.ask((menus) => void menus.openFor(entry, null))
    }
    if (event.key === "F2" && entry) return this.menus.ask((menus) => void menus.renameEntry(entry))
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by === undefined || !(event.target as Element).matches(".side-lists a, .folder-head") || event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    const places = [...this.element.querySelectorAll<HTMLElement>(".side-lists :is(a, .folder-head)")].filter((place) => place.checkVisibility())
    places[places.indexOf(event.target as HTMLElement) + by]?.focus()
  }

  // showDrafts offers the services of this tab that were never saved.
  private showDrafts(plus: HTMLElement): void {
    const drafts = this.deps.drafts()
    const items: MenuItem[] = [{ name: say("page.service.new"), run: () => location.assign("/services/new") }]
    drafts.forEach(({ key, title }, at) => items.push({
      name: say("sidebar.draft", { title: visible(title) }), apart: at === 0, run: () => location.assign(`/services/new?draft=${encodeURIComponent(key)}`),
    }))
    openMenu(say("page.service.new"), items, placeAtEnd(plus), this.element)
  }
}

// entryOf returns the entry of the list that holds an element.
function entryOf(target: Element): HTMLElement | null {
  return target.closest<HTMLElement>("#sidebar :is(.session, .service, .folder)")
}

// nthSession returns the address of a session by its place in the list, from 1.
export function nthSession(n: number): string | null {
  const links = [...byId("sessions").querySelectorAll<HTMLAnchorElement>("li > a")]
  return links[n - 1]?.href ?? null
}
