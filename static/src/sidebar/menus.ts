// The menus of the side list: of a session, of a service, of a folder. Each opens at ⋯, at
// the pointer, and by Shift+F10.

import { codeOf, formOf } from "../forms"
import { say, visible } from "../text"
import { confirm, openMenu, placeAtEnd, toast, type MenuItem, type Place } from "../ui"
import { changeService, closeSession, copyService, deleteFolder, deleteService, emptyFolder, makeFolder, nameSession, readSession, renameFolder, type Service, type Session, type WireError } from "../wire"
import { copy, copyLink } from "./copy"
import { chooseFolder } from "./folder-dialog"
import { serviceName } from "./names"
import { sideProblem } from "./problem"
import { rename } from "./rename"
import { showSamples } from "./samples"
import type { Services } from "./services"
import type { Sessions } from "./sessions"

export interface MenuDeps {
  sessions: Sessions
  services: Services
  // connect goes to a page and connects there.
  connect(path: string): void
  may: boolean // the person may change things at all
  renamed(service: Service): void
  named(): void // a session was given a name
}

const copies = 20 // names that are tried for a copy

export class Menus {
  constructor(private readonly deps: MenuDeps) {}

  // openFor opens the menu of an entry; place is null below its button. A menu that is asked
  // for before the list has been read opens then.
  async openFor(entry: HTMLElement, place: Place | null): Promise<void> {
    if (this.itemsOf(entry).length === 0) await Promise.all([this.deps.services.load(), this.deps.sessions.refresh()])
    const more = entry.querySelector<HTMLElement>(".more")
    const items = this.itemsOf(entry)
    if (!more || items.length === 0) return
    openMenu(more.title, items, place ?? placeAtEnd(more), more.closest("nav") ?? document.body)
  }

  // renameEntry puts a field in place of an entry's name, if the person may change it.
  async renameEntry(entry: HTMLElement): Promise<void> {
    const { sessions, services } = this.deps
    const id = idOf(entry)
    if (entry.matches(".service")) await services.load()
    const session = entry.matches(".session") ? sessions.session(id) : undefined
    if (session?.access.mayManage) return this.renameSession(entry, session)
    const service = entry.matches(".service") ? services.service(id) : undefined
    if (service?.mayChange) return this.renameService(entry, service)
    if (entry.matches(".folder") && entry.dataset.role !== "demo" && entry.dataset.mayChange === "true") this.renameFolder(entry)
  }

  // drop moves a service that was dropped on a folder.
  async drop(id: string, folder: string): Promise<void> {
    await this.deps.services.load()
    const service = this.deps.services.service(id)
    if (service) await this.move(service, folder)
  }

  // move moves a service to a folder; "" is out of all.
  async move(service: Service, folder: string): Promise<void> {
    if (service.folder === folder || sideProblem().told((await changeService(service.id, { folder })).error)) return
    await this.deps.services.refresh()
    const back = () => void this.move({ ...service, folder }, service.folder)
    const name = serviceName(service)
    toast(folder ? say("sidebar.moved", { name, folder: visible(folder) }) : say("sidebar.moved_out", { name }), { name: say("sidebar.undo"), run: back })
  }

  // newFolder makes a folder and asks for its name in the list.
  async newFolder(): Promise<void> {
    const { services } = this.deps
    await services.load()
    const taken = new Set(services.folderNames.map((name) => name.toLowerCase()))
    let name = say("sidebar.folder.new")
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${say("sidebar.folder.new")} ${n}`
    if (sideProblem().told((await makeFolder(name)).error)) return
    await services.refresh()
    const item = services.folderItem(name)
    item?.scrollIntoView({ block: "nearest" })
    if (item) this.renameFolder(item)
  }

  private itemsOf(entry: HTMLElement): MenuItem[] {
    const { sessions, services } = this.deps
    const id = idOf(entry)
    const session = entry.matches(".session") ? sessions.session(id) : undefined
    const service = entry.matches(".service") ? services.service(id) : undefined
    if (session) return this.sessionItems(entry, session)
    if (service) return this.serviceItems(entry, service)
    if (entry.dataset.role === "demo") return [{ name: say("sidebar.samples"), run: () => void services.load().then(() => showSamples(services.samples)) }]
    return entry.matches(".folder") ? this.folderItems(entry) : []
  }

  private sessionItems(entry: HTMLElement, session: Session): MenuItem[] {
    const { sessions } = this.deps
    const path = `/sessions/${session.id}`
    const manages = session.access.mayManage
    return [
      { name: say("sidebar.open"), run: () => location.assign(path) },
      { name: say("sessions.new_tab"), run: () => void window.open(path, "_blank", "noopener") },
      { name: say("sessions.copy_link"), run: () => void copyLink(path) },
      { name: say("sidebar.read"), blocked: sessions.isUnread(session.id) ? null : say("sidebar.read.not"), run: () => sessions.read(session.id) },
      { name: say("sidebar.rename"), keys: "F2", apart: true, blocked: manages ? null : say("sidebar.session.not"), run: () => this.renameSession(entry, session) },
      { name: say("page.disconnect"), danger: true, blocked: manages && session.state !== "closed" ? null : say("sessions.close.not"), run: () => void this.disconnect(session) },
    ]
  }

  private serviceItems(entry: HTMLElement, service: Service): MenuItem[] {
    const { may } = this.deps
    const path = `/services/${service.id}`
    const blocked = service.mayChange ? null : may ? say("sidebar.service.not", { owner: visible(service.owner) }) : say("identity.may.member")
    const member = may ? null : say("identity.may.member")
    return [
      { name: say("page.connect"), blocked: member, run: () => this.deps.connect(path) },
      { name: say("sessions.new_tab"), run: () => void window.open(path, "_blank", "noopener") },
      { name: say("sidebar.duplicate"), blocked: member, run: () => void this.duplicate(service) },
      { name: say("sidebar.wscat"), run: () => void copy(codeOf("wscat", formOf(service, [])), say("sidebar.copied")) },
      { name: say("sidebar.rename"), keys: "F2", blocked, run: () => this.renameService(entry, service) },
      { name: say("sidebar.move"), blocked, run: () => void this.choose(service) },
      { name: say("sidebar.delete"), danger: true, apart: true, blocked, run: () => void this.remove(service) },
    ]
  }

  private folderItems(entry: HTMLElement): MenuItem[] {
    const { may } = this.deps
    const folder = entry.dataset.folder ?? ""
    const full = entry.querySelector("ul")?.childElementCount ?? 0
    const blocked = !may ? say("identity.may.member") : entry.dataset.mayChange === "true" ? null : say("sidebar.folder.not")
    return [
      { name: say("sidebar.rename"), keys: "F2", blocked, run: () => this.renameFolder(entry) },
      { name: say("sidebar.folder.empty"), blocked: blocked ?? (full > 0 ? null : say("sidebar.folder.is_empty")), run: () => void this.change(emptyFolder(folder), say("sidebar.folder.emptied", { folder: visible(folder) })) },
      { name: say("sidebar.folder.delete"), danger: true, apart: true, blocked, run: () => void this.removeFolder(folder, full) },
    ]
  }

  private renameSession(entry: HTMLElement, session: Session): void {
    rename(entry, {
      label: say("sidebar.rename.session"), name: this.deps.sessions.name(session),
      save: async (name) => {
        const { ok, error } = await nameSession(session.id, name)
        if (ok) this.deps.sessions.put(ok)
        if (ok) this.deps.named()
        return error?.message ?? null
      },
    })
  }

  private renameService(entry: HTMLElement, service: Service): void {
    rename(entry, {
      label: say("page.service.name"), name: visible(service.name),
      save: async (name) => {
        const { ok, error } = await changeService(service.id, { name })
        if (ok) this.deps.services.put(ok)
        if (ok) this.deps.renamed(ok)
        return error?.message ?? null
      },
    })
  }

  private renameFolder(entry: HTMLElement): void {
    const folder = entry.dataset.folder ?? ""
    const row = entry.querySelector<HTMLElement>(".folder-row")
    if (!row) return
    rename(row, {
      label: say("sidebar.folder.name"), name: folder,
      save: async (name) => {
        const { error } = await renameFolder(folder, name)
        if (!error) entry.dataset.folder = name
        if (!error) row.querySelector(".name")?.replaceChildren(visible(name))
        if (!error) window.setTimeout(() => void this.deps.services.refresh()) // when the field is gone
        return error?.message ?? null
      },
    })
  }

  // disconnect ends a session; for one that others use it asks first. They may have come after
  // the list was read.
  private async disconnect(listed: Session): Promise<void> {
    const session = (await readSession(listed.id)).ok ?? listed
    const name = this.deps.sessions.name(session)
    const isShared = !session.access.mine || session.viewers.length > (location.pathname === `/sessions/${session.id}` ? 1 : 0)
    if (isShared && !(await confirm(say("sessions.close.question", { name }), say("sessions.close.detail"), say("page.disconnect")))) return
    const { error } = await closeSession(session.id)
    if (error?.code !== "session_closed" && sideProblem().told(error)) return
    void this.deps.sessions.refresh()
    const path = session.service ? `/services/${session.service}` : `/sessions/${session.id}`
    const here = location.pathname === `/sessions/${session.id}` ? location.pathname : path
    toast(say("sidebar.disconnected", { name }), { name: say("sidebar.reconnect"), run: () => this.deps.connect(here) })
  }

  private async duplicate(service: Service): Promise<void> {
    sideProblem().tell("")
    for (let n = 1; n <= copies; n++) {
      const name = say(n === 1 ? "sidebar.copy_of" : "sidebar.copy_n", { name: service.name, n })
      const { ok, error } = await copyService(service.id, name)
      if (ok) return location.assign(`/services/${ok.id}`)
      if (error.code !== "name_taken") return sideProblem().tell(error.message)
    }
  }

  // choose asks for the folder of a service.
  async choose(service: Service): Promise<void> {
    const folder = await chooseFolder(serviceName(service), service.folder, this.deps.services.folderNames)
    if (folder !== null) await this.move(service, folder)
  }

  private async remove(service: Service): Promise<void> {
    const sure = await confirm(say("page.delete.question", { name: visible(service.name) }), say("page.delete.detail"), say("page.delete"))
    if (!sure || sideProblem().told((await deleteService(service.id)).error)) return
    if (location.pathname === `/services/${service.id}`) return location.assign("/")
    await this.deps.services.refresh()
    toast(say("sidebar.deleted", { name: visible(service.name) }))
  }

  private async removeFolder(folder: string, full: number): Promise<void> {
    const name = visible(folder)
    if (full > 0 && !(await confirm(say("page.delete.question", { name }), say("sidebar.folder.delete.detail"), say("sidebar.folder.delete.action")))) return
    await this.change(deleteFolder(folder), say("sidebar.deleted", { name }))
  }

  private async change(call: Promise<{ error: WireError | null }>, done: string): Promise<void> {
    if (sideProblem().told((await call).error)) return
    await this.deps.services.refresh()
    toast(done)
  }
}


function idOf(entry: HTMLElement): string {
  return entry.querySelector<HTMLElement>(":scope > a")?.dataset.id ?? ""
}
