// Loads bodies in the worker.

import { say } from "../text"
import { element } from "../ui"
import type { Row } from "../wire"
import type { Progress, Workshop } from "../worker"
import { bodyOf, maxBytesOf, type Body } from "./body"

const heavy = 1 << 20 // bytes that occupy the worker longer than a restart takes
const progressPause = 150 // ms without a body until the progress is shown

export interface LoadEvents {
  // started is called with the beginning of a large body while the rest arrives.
  started(start: NonNullable<Progress["start"]>): void
  loaded(body: Body): Promise<void>
  failed(error: unknown): void
}

// Loader loads one body at a time and shows its progress; events of an older one are
// dropped.
export class Loader {
  readonly element = element("progress", { class: "detail-progress", "aria-label": say("detail.loading"), max: 1, hidden: true })
  private number = 0 // of the newest load
  private size = 0 // of the current payload

  constructor(private readonly workshop: Workshop, private readonly events: LoadEvents) {}

  // cancel drops the current load. A worker that is busy with a large body is ended.
  cancel(): void {
    this.number++
    if (this.size > heavy) this.workshop.drop()
    this.size = 0
    this.hide()
  }

  async load(row: Row, url: string, all: boolean): Promise<void> {
    const { size, opcode } = row
    const { events } = this
    const number = ++this.number
    const isCurrent = (): boolean => number === this.number
    this.size = size
    this.hide()
    const timer = window.setTimeout(() => { if (isCurrent()) this.element.hidden = false }, progressPause)
    try {
      const body = { url, max: maxBytesOf(size, all) }
      const opened = await this.workshop.run("open", { body, size, opcode }, (progress) => { if (isCurrent()) this.update(progress) })
      if (isCurrent()) await events.loaded(bodyOf(row, opened))
    } catch (error) {
      if (isCurrent()) events.failed(error)
    } finally {
      window.clearTimeout(timer)
      if (isCurrent()) this.element.hidden = true
    }
  }

  private update({ received, start }: Progress): void {
    this.element.value = received / this.size
    if (start) this.events.started(start)
  }

  private hide(): void {
    this.element.hidden = true
    this.element.value = 0
  }
}
