// The side list: keeps the sessions of the server in view and marks what is open.

import { listSessions } from "./api"
import { element } from "./element"
import { count } from "./format"
import { say } from "./text"
import type { Service, Session } from "./wire"

const shown = 12
const pause = 5000

export interface Sidebar {
  session(session: Session): void // put or update one at once
  service(service: Service): void
  drop(serviceID: string): void
  mark(serviceID: string, sessionID: string): void
}

export function createSidebar(): Sidebar {
  const sessions = document.getElementById("sessions") as HTMLElement
  const services = document.getElementById("services") as HTMLElement
  let open = ""

  function put(session: Session): void {
    let item = sessions.querySelector<HTMLLIElement>(`li:has([data-id="${CSS.escape(session.id)}"])`)
    if (!item) {
      item = drawSession(session)
      sessions.prepend(item)
      while (sessions.children.length > shown) sessions.lastElementChild?.remove()
    }
    fill(item, session)
    current(item, session.id === open)
  }

  async function refresh(): Promise<void> {
    if (document.hidden) return
    const { ok } = await listSessions(shown)
    if (!ok) return
    const known = new Set(ok.map((session) => session.id))
    for (const item of [...sessions.children]) {
      const id = item.querySelector<HTMLElement>("a")?.dataset.id ?? ""
      if (!known.has(id) && id !== open) item.remove()
    }
    for (const session of ok.toReversed()) put(session)
  }

  setInterval(() => void refresh(), pause)
  document.addEventListener("visibilitychange", () => void refresh())

  return {
    session: put,
    service(service) {
      let link = services.querySelector<HTMLElement>(`[data-id="${CSS.escape(service.id)}"]`)
      if (!link) {
        link = drawService(service)
        services.querySelector("ul")?.append(element("li", {}, link))
      }
      if (service.demo) return
      link.querySelector(".name")?.replaceChildren(service.name)
      link.querySelector(".initials")?.replaceChildren(initials(service.name))
      link.title = `${service.name}\n${service.address}`
      chip(link, service.credential.kind)
    },
    drop(id) {
      services.querySelector(`li:has([data-id="${CSS.escape(id)}"])`)?.remove()
    },
    mark(serviceID, sessionID) {
      open = sessionID
      for (const link of services.querySelectorAll<HTMLElement>("a")) current(link.parentElement, link.dataset.id === serviceID)
      for (const link of sessions.querySelectorAll<HTMLElement>("a")) current(link.parentElement, link.dataset.id === sessionID)
    },
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

function fill(item: HTMLElement, session: Session): void {
  const link = item.querySelector<HTMLElement>("a")
  if (!link) return
  const name = session.serviceName || session.address.replace(/^wss?:\/\//, "")
  link.dataset.state = session.state
  link.title = name
  link.querySelector(".dot")?.setAttribute("aria-label", say(`page.state.${session.state}`))
  link.querySelector(".name")?.replaceChildren(name)
  link.querySelector(".number")?.replaceChildren(count(session.sent + session.received))
}

function drawService(service: Service): HTMLElement {
  return element("a", { href: `/services/${service.id}`, "data-id": service.id, "data-testid": "service-link" },
    element("span", { class: "initials", "aria-hidden": "true" }),
    element("span", { class: "wide name" }),
  )
}

function chip(link: HTMLElement, kind: string): void {
  link.querySelector(".kind")?.remove()
  if (kind !== "none") link.append(element("span", { class: "kind wide" }, say(`page.chip.${kind}`)))
}

function current(item: Element | null, on: boolean): void {
  item?.querySelector("a")?.setAttribute("aria-current", on ? "page" : "false")
}

// initials stand in for a name where only an icon fits, as views.initials does.
function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean)
  return words.slice(0, 2).map((word) => [...word][0]?.toUpperCase()).join("")
}
