// The page of past sessions: list, search, selection, and the actions on sessions.

import { may } from "../identity"
import { count, plural, say } from "../text"
import { element, openMenu, placeBelow, setText, toast, type MenuItem, type Place } from "../ui"
import { countDays, exportURL, historyExportURL, listHistory, maxExported, pinSession } from "../wire"
import { Deletion } from "./deletion"
import { Filters, type HistoryQuery } from "./filters"
import { startKeys } from "./keys"
import { HistoryList } from "./list"
import { drawRow, type HistoryRow } from "./row"
import { HistorySearch } from "./search"
import { Selection } from "./selection"

const rowsPerPage = 50
const formats = ["jsonl", "har", "txt"] as const

const byId = (id: string): HTMLElement => document.getElementById(id) as HTMLElement

// HistoryPage adds behaviour to the page that the server has rendered.
export class HistoryPage {
  private stop = new AbortController()
  private list: HistoryList
  private filters: Filters
  private selection: Selection
  private deletion: Deletion
  private search: HistorySearch | null = null
  private request = new AbortController() // of the list that is loading
  private older = element("button", { type: "button", class: "button", "data-testid": "history-older" }, say("history.older"))
  private seen: IntersectionObserver
  private query: HistoryQuery

  constructor(readonly element: HTMLElement) {
    const { signal } = this.stop
    this.list = new HistoryList(byId("history-list"))
    this.filters = new Filters(byId("history-form") as HTMLFormElement, (query) => void this.show(query), signal)
    this.query = this.filters.query
    const remove = (rows: readonly HistoryRow[]) => void this.deletion.ask(rows)
    this.deletion = new Deletion(this.list, (message) => this.filters.explain(message), () => this.selection.update())
    this.selection = new Selection(this.list, {
      export: (rows, button) => this.exportMenu(rows, placeBelow(button)), delete: remove, pin: (rows, pinned) => void this.pin(rows, pinned),
    }, may("member"), signal)
    element.append(this.selection.element)
    startKeys(this.list, this.selection, { menu: (row) => this.menu(row, placeBelow(row.more)), delete: (rows) => may("member") && remove(rows) }, signal)
    this.list.element.addEventListener("click", (event) => {
      const row = this.rowOf(event)
      if (row && (event.target as Element).closest("button") === row.more) this.menu(row, placeBelow(row.more))
    }, { signal })
    this.list.element.addEventListener("contextmenu", (event) => {
      const row = this.rowOf(event)
      if (!row || getSelection()?.toString()) return
      event.preventDefault()
      this.menu(row, { x: event.clientX, y: event.clientY })
    }, { signal })
    this.older.addEventListener("click", () => void this.loadOlder(), { signal })
    this.seen = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) void this.loadOlder() }, { root: byId("history-body"), rootMargin: "600px" })
    this.begin()
  }

  destroy(): void {
    this.stop.abort()
    this.request.abort()
    this.search?.destroy()
    this.deletion.destroy()
    this.seen.disconnect()
  }

  // begin takes over the server's list. It is drawn anew where the server did not know the
  // time zone, and replaced by results where the address has a search.
  private begin(): void {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const isOwn = this.element.dataset.zone === zone
    if (this.query.text || !isOwn) return void this.show(this.query)
    const link = this.list.element.querySelector("a[rel=next]")
    const pages = this.list.element.querySelector(".pages")
    if (link && !pages?.querySelector("[rel=prev]")) pages?.replaceWith(this.pages())
    this.deletion.resume()
  }

  private pages(): HTMLElement {
    this.seen.observe(this.older)
    return element("nav", { class: "pages", "aria-label": say("history.pages") }, this.older)
  }

  // show draws the results of a search, or the newest sessions of the filter.
  private async show(query: HistoryQuery): Promise<void> {
    this.query = query
    this.request.abort()
    this.search?.destroy()
    this.search = null
    const { signal } = (this.request = new AbortController())
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const counted = countDays(query.filter, zone, signal).then(({ ok }) => {
      if (!ok || signal.aborted) return
      this.list.setDays(ok)
      setText(byId("history-count"), plural("history.count", ok.sessions, { count: count(ok.sessions) }))
    })
    if (query.text) {
      this.list.begin(true)
      this.selection.update()
      this.search = new HistorySearch(query, {
        list: this.list, status: byId("found-status"), foot: byId("history-foot"), same: this.filters.sameSearch,
        explain: (message) => this.filters.explain(message), nameOf: (name) => this.filters.nameOf(name), searchMessages: () => this.filters.searchMessages(), changed: () => this.drawn(),
      })
      return
    }
    const { ok, error } = await listHistory(query.filter, "", rowsPerPage + 1, signal)
    if (signal.aborted) return
    if (error) return this.filters.explain(error.message)
    this.list.begin(false)
    this.append(ok)
    if (ok.length === 0) this.list.element.replaceChildren(this.empty())
    await counted
    this.element.dataset.shown = "1"
    if (!signal.aborted) this.deletion.resume()
  }

  private append(sessions: Parameters<typeof drawRow>[0][]): void {
    const nowUS = Date.now() * 1000
    for (const session of sessions.slice(0, rowsPerPage)) {
      if (!this.list.row(session.id)) this.list.add(drawRow(session, nowUS, `/sessions/${encodeURIComponent(session.id)}`, (name) => this.filters.nameOf(name)))
    }
    this.list.element.querySelector(".pages")?.remove()
    this.seen.unobserve(this.older)
    if (sessions.length > rowsPerPage) this.list.element.append(this.pages())
    this.drawn()
  }

  // drawn runs after rows were added.
  private drawn(): void {
    this.deletion.apply()
    this.selection.update()
  }

  private async loadOlder(): Promise<void> {
    const last = this.list.rows.at(-1)
    if (!last || this.older.disabled) return
    const { signal } = this.request
    this.older.disabled = true
    const { ok, error } = await listHistory(this.query.filter, last.id, rowsPerPage + 1, signal)
    this.older.disabled = false
    if (signal.aborted) return
    if (error) return this.filters.explain(error.message)
    this.append(ok)
  }

  private empty(): HTMLElement {
    const isFiltered = Object.values(this.query.filter).some(Boolean)
    if (!isFiltered && !may("member")) return element("p", { class: "page-empty" }, say("history.empty"))
    return element("p", { class: "page-empty" }, say(isFiltered ? "history.none" : "history.empty"), " ",
      element("a", { href: isFiltered ? "/history" : "/" }, say(isFiltered ? "history.clear_all" : "history.empty.start")))
  }

  private menu(row: HistoryRow, place: Place): void {
    const items: MenuItem[] = [
      { name: say("history.open"), picture: "arrow-right", run: () => location.assign(row.link.href) },
      { name: say("history.open_tab"), picture: "external-link", run: () => void window.open(row.link.href, "_blank", "noopener") },
      { name: say("history.copy_link"), picture: "link", run: () => void navigator.clipboard.writeText(new URL(`/sessions/${row.id}`, location.href).href).then(() => toast(say("sessions.link_copied"))) },
      ...formats.map((format) => ({ name: say("history.export_as", { format: say(`page.export.${format}`) }), picture: "download", run: () => download(exportURL(row.id, format)) })),
    ]
    if (row.mayManage) {
      items.push({ name: say(row.isPinned ? "history.unpin" : "history.pin"), picture: "pin", run: () => void this.pin([row], !row.isPinned) })
      if (!row.isOpen) items.push({ name: say("history.delete"), picture: "trash-2", danger: true, run: () => void this.deletion.ask([row]) })
    }
    openMenu(row.more.getAttribute("aria-label") ?? "", items, place, document.body)
  }

  private exportMenu(rows: readonly HistoryRow[], place: Place): void {
    if (rows.length > maxExported) return this.filters.explain(say("history.export.too_many", { count: maxExported }))
    const address = (format: string) => (rows.length === 1 && rows[0] ? exportURL(rows[0].id, format) : historyExportURL(rows.map(({ id }) => id), format))
    openMenu(say("history.export"), formats.map((format) => ({ name: say(`page.export.${format}`), picture: "download", run: () => download(address(format)) })), place, document.body)
  }

  // pin sets the pins of the rows that may be changed, and stops at the first error.
  private async pin(rows: readonly HistoryRow[], pinned: boolean): Promise<void> {
    let done = 0
    for (const row of rows) {
      if (!row.mayManage || row.isPinned === pinned) continue
      const { error } = await pinSession(row.id, pinned)
      if (error) return this.filters.explain(say("history.pin.not", { error: error.message }))
      row.setPinned(pinned)
      done++
    }
    this.selection.update()
    toast(plural(pinned ? "history.pinned" : "history.unpinned", done, { count: count(done) }))
  }

  private rowOf(event: Event): HistoryRow | null {
    const item = (event.target as Element).closest<HTMLElement>(".h-row")
    return item ? this.list.row(item.dataset.id ?? "") : null
  }
}

function download(address: string): void {
  const link = element("a", { href: address, download: "" })
  document.body.append(link)
  link.click()
  link.remove()
}
