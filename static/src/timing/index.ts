// The times of a session: charts with one brush, and a table of turns. The view is loaded when
// it is first shown.

import { say } from "../text"
import { element, toast } from "../ui"
import type { Range } from "./range"
import { Tools } from "./tools"
import type { TimingView } from "./view"
import type { TimingDeps, Watched } from "./watched"

export class Timing {
  readonly tools: readonly HTMLElement[]
  private readonly stop = new AbortController()
  private readonly bar: Tools
  private view: TimingView | null = null
  private loading: Promise<void> | null = null
  private isShown = false
  private watched: Watched | null = null
  private wanted: Range | null = null

  constructor(readonly element: HTMLElement, private readonly deps: TimingDeps) {
    const { signal } = this.stop
    this.bar = new Tools(() => this.view?.redraw(), signal)
    this.bar.csv.addEventListener("click", () => this.export(), { signal })
    this.tools = this.bar.elements
  }

  // brush shows a part of the session, in µs since 1970.
  brush(fromUS: number, toUS: number): void {
    this.wanted = { fromUS, toUS }
    if (this.view) this.take(this.view)
  }

  update(watched: Watched): void {
    this.watched = watched
    this.view?.update(watched)
  }

  show(): void {
    this.isShown = true
    if (this.view) this.view.show()
    else this.loading ??= this.load()
  }

  hide(): void {
    this.isShown = false
    this.view?.hide()
  }

  destroy(): void {
    this.stop.abort()
    this.view?.destroy()
  }

  private async load(): Promise<void> {
    const loaded = await import("./view").catch(() => null)
    this.loading = null
    if (this.stop.signal.aborted) return
    if (!loaded) return void this.element.replaceChildren(element("p", { class: "timing-note" }, say("timing.not_loaded")))
    this.element.replaceChildren()
    this.view = new loaded.TimingView(this.element, {
      ...this.deps,
      clock: () => this.bar.clock,
      changed: (turns) => (this.bar.csv.disabled = turns === 0),
    })
    if (this.watched) this.view.update(this.watched)
    if (this.isShown) this.view.show()
    this.take(this.view)
  }

  private take(view: TimingView): void {
    if (this.wanted) view.brush(this.wanted)
    this.wanted = null
  }

  // export saves the table as it is shown.
  private export(): void {
    const csv = this.view?.csv()
    if (!csv) return
    const address = URL.createObjectURL(new Blob(["\uFEFF", csv], { type: "text/csv;charset=utf-8" })) // Excel needs the mark to read UTF-8
    element("a", { href: address, download: `duplex-${this.watched?.session ?? ""}-timing.csv` }).click()
    setTimeout(() => URL.revokeObjectURL(address), 10_000)
    toast(say("timing.csv.saved"))
  }
}
