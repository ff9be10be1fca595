// The saved services by folder.

import { count, say, visible } from "../text"
import { byId, element, every, icon, iconButton, setText, type Component } from "../ui"
import { listFolders, listServices, type Folder, type Service } from "../wire"
import type { Kept } from "./kept"
import { credentialLabel, demoEntries, demoEntry, isSample, serviceName, splitAddress } from "./names"
import { current } from "./sessions"

const pause = 15_000 // ms between two requests, while the page is visible

// Shown names the service that the page shows, and whether it shows a session of it.
export interface Shown {
  service: string // id
  inSession: boolean
}

// Listed is a service as the list shows it.
export interface Listed {
  id: string
  name: string
  folder: string // "" for none, and for the demo's
}

// Services is the list of services in their folders.
export class Services implements Component<Shown> {
  private readonly stop = new AbortController()
  private readonly known = new Map<string, Service>()
  private folders: readonly Folder[] = []
  isLoaded = false // known has all services
  private reading: Promise<void> | null = null
  private shown: Shown = { service: "", inSession: false }

  constructor(readonly element: HTMLElement, private readonly kept: Kept, private readonly drawn: () => void) {
    const { signal } = this.stop
    const link = element.querySelector<HTMLElement>("a:is([aria-current=page], [data-context=true])")
    if (link) this.shown = { service: link.dataset.id ?? "", inSession: link.dataset.context === "true" }
    for (const folder of this.folderItems()) this.foldAsKept(folder)
    element.addEventListener("click", (event) => this.press(event), { signal })
    every(pause, () => document.hidden || void this.refresh(), signal)
    document.addEventListener("visibilitychange", () => document.hidden || void this.refresh(), { signal })
    for (const type of ["pointerenter", "focusin"]) element.addEventListener(type, () => void this.load(), { signal })
  }

  service(id: string): Service | undefined {
    return this.known.get(id)
  }

  // listed returns the services that the list shows, in its order.
  get listed(): Listed[] {
    return [...this.element.querySelectorAll<HTMLElement>("li > a")].map((link) => {
      const id = link.dataset.id ?? ""
      return { id, name: link.querySelector(".name")?.textContent ?? "", folder: this.folderOf(id) ?? "" }
    })
  }

  // folderOf returns the folder that a service is listed in, "" for none, or null for a
  // service of the demo's folder or of no place.
  folderOf(id: string): string | null {
    const item = this.itemOf(id)
    const folder = item?.closest<HTMLElement>(".folder")
    return !item || folder?.dataset.role === "demo" ? null : (folder?.dataset.folder ?? "")
  }

  get folderNames(): string[] {
    return this.folders.map(({ name }) => name)
  }

  get samples(): Service[] {
    return [...this.known.values()].filter((service) => service.folder === "" && isSample(service))
  }

  // load reads the services unless they were read: the server has drawn the list, and what
  // only they tell is asked for later.
  async load(): Promise<void> {
    if (!this.isLoaded) await (this.reading ??= this.refresh().finally(() => { this.reading = null }))
  }

  async refresh(): Promise<void> {
    const [services, folders] = await Promise.all([listServices(), listFolders()])
    if (!services.ok || !folders.ok) return
    this.known.clear()
    for (const service of services.ok) this.known.set(service.id, service)
    this.folders = folders.ok
    this.isLoaded = true
    if (!this.element.querySelector(".rename, .dragged")) this.draw()
  }

  // put adds or updates one service at once.
  put(service: Service): void {
    if (!this.isLoaded) return void this.refresh()
    const before = this.known.get(service.id)
    this.known.set(service.id, service)
    if (service.folder && !this.folders.some(({ name }) => name === service.folder)) return void this.refresh()
    this.draw()
    if (before?.name !== service.name) void this.refresh() // its place is the server's to say
  }

  update(shown: Shown): void {
    this.shown = shown
    for (const link of this.element.querySelectorAll<HTMLElement>("a")) this.mark(link)
  }

  itemOf(id: string): HTMLElement | null {
    return this.element.querySelector(`[data-id="${CSS.escape(id)}"]`)?.closest("li") ?? null
  }

  folderItem(name: string): HTMLElement | null {
    return this.folderItems().find((item) => item.dataset.folder === name && item.dataset.role !== "demo") ?? null
  }

  destroy(): void {
    this.stop.abort()
  }

  private folderItems(): HTMLElement[] {
    return [...this.element.querySelectorAll<HTMLElement>("#side-folders > li")]
  }

  private draw(): void {
    const services = [...this.known.values()] // in the server's order
    const outside = services.filter(({ folder }) => folder === "")
    this.fillList(byId("side-loose"), outside.filter(({ demo }) => demo === ""))
    const items = this.folders.map((folder) => {
      const item = this.folderItem(folder.name) ?? this.drawFolder(folder.name, "")
      item.dataset.mayChange = String(folder.mayChange)
      this.fillFolder(item, services.filter((service) => service.folder === folder.name))
      return item
    })
    const demo = outside.filter((service) => service.demo !== "")
    if (demo.length > 0) {
      const item = this.folderItems().find((other) => other.dataset.role === "demo") ?? this.drawFolder(say("page.services.demo"), "demo")
      const rank = (service: Service) => (demoEntries.indexOf(demoEntry(service)) + demoEntries.length + 1) % (demoEntries.length + 1)
      this.fillFolder(item, demo.filter((service) => !isSample(service)).sort((a, b) => rank(a) - rank(b)))
      items.push(item)
    }
    arrange(byId("side-folders"), items)
    byId("services-empty").hidden = this.folders.length > 0 || outside.some((service) => service.demo === "")
    this.drawn()
  }

  private fillFolder(item: HTMLElement, services: readonly Service[]): void {
    const list = item.querySelector("ul")
    if (list) this.fillList(list, services)
    const number = item.querySelector<HTMLElement>(".n")
    if (number) setText(number, count(services.length))
  }

  private fillList(list: HTMLElement, services: readonly Service[]): void {
    arrange(list, services.map((service) => {
      const item = this.itemOf(service.id) ?? drawService(service.id)
      this.fill(item, service)
      return item
    }))
  }

  private fill(item: HTMLElement, service: Service): void {
    const link = item.querySelector<HTMLElement>("a")
    if (!link) return
    const name = serviceName(service)
    item.dataset.mayChange = String(service.mayChange)
    link.title = `${visible(service.name)}\n${visible(service.address)}`
    const content = contentOf(service)
    if (!hasContent(link, content)) link.replaceChildren(...content)
    const more = item.querySelector<HTMLButtonElement>(".more")
    if (more) more.title = say("sessions.more", { name })
    more?.setAttribute("aria-label", more.title)
    this.mark(link)
  }

  private mark(link: HTMLElement): void {
    const isShown = this.shown.service !== "" && link.dataset.id === this.shown.service
    current(link, isShown && !this.shown.inSession)
    link.dataset.context = String(isShown && this.shown.inSession)
  }

  private drawFolder(name: string, role: string): HTMLElement {
    const item = element("li", { class: "folder", "data-folder": name, "data-role": role, "data-may-change": "true", "data-testid": "folder" },
      element("div", { class: "folder-row" },
        element("button", { type: "button", class: "folder-head", "data-testid": "folder-head" },
          icon("chevron-right"), icon("folder"), element("span", { class: "name" }, visible(name)), element("span", { class: "n" })),
        iconButton("ellipsis", say("sessions.more", { name: visible(name) }), { class: "tool low more", "data-testid": "folder-more", "aria-haspopup": "menu" })),
      element("ul"))
    this.foldAsKept(item)
    return item
  }

  private foldAsKept(item: HTMLElement): void {
    const { folder = "", role } = item.dataset
    item.querySelector(".folder-head")?.setAttribute("aria-expanded", String(!this.kept.isFolded(folder, role === "demo")))
  }

  private press(event: MouseEvent): void {
    const item = (event.target as Element).closest<HTMLElement>(".folder-head")?.closest<HTMLElement>("li")
    if (!item) return
    const { folder = "", role } = item.dataset
    this.kept.fold(folder, role === "demo", !this.kept.isFolded(folder, role === "demo"))
    this.foldAsKept(item)
  }
}

// hasContent reports whether an element shows content already. A press is lost when the node
// under the pointer is replaced before the button is up.
function hasContent({ children }: Element, content: readonly Element[]): boolean {
  return children.length === content.length && content.every((part, at) => part.isEqualNode(children[at] ?? null))
}

// arrange puts items into a list and moves only misplaced ones.
function arrange(list: HTMLElement, items: readonly HTMLElement[]): void {
  const wanted = new Set<Element>(items)
  for (const old of [...list.children]) if (!wanted.has(old)) old.remove()
  let next = list.firstElementChild
  for (const item of items) {
    if (item === next) next = next.nextElementSibling
    else list.insertBefore(item, next)
  }
}

function drawService(id: string): HTMLElement {
  return element("li", { class: "service" },
    element("a", { href: `/services/${id}`, "data-id": id, "data-testid": "service-link" }),
    iconButton("ellipsis", "", { class: "tool low more", "data-testid": "service-more", "aria-haspopup": "menu" }),
  )
}

function contentOf(service: Service): HTMLElement[] {
  const label = credentialLabel(service)
  return [
    element("span", { class: "name" }, serviceName(service)),
    ...(service.shared ? [] : [lock()]),
    ...(label ? [element("span", { class: "auth" }, label)] : []),
    shortAddress(service.address),
  ]
}

// shortAddress shows host, … and tail where it has no room for the whole.
export function shortAddress(address: string): HTMLElement {
  const [head, tail] = splitAddress(address)
  return element("span", { class: "where" }, element("span", {}, visible(head)), element("span", {}, visible(tail)))
}

function lock(): HTMLElement {
  const title = say("page.service.private")
  return element("span", { class: "private", role: "img", title, "aria-label": title }, icon("lock"))
}
