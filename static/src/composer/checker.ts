// Finds the first syntax error in JSON, XML or HTML, in the worker, after a pause in
// typing. A text with an error can still be sent.

import { count, say, visible } from "../text"
import type { Checked, CheckFault, Workshop } from "../worker"

export interface Fault {
  text: string
  line: number
  column: number
}

const pause = 400 // ms without a key
const longPause = 1500 // ms, for a long text
const long = 1 << 20

export class Checker {
  private timer = 0
  private number = 0 // of the newest text; an answer for an older one is dropped

  constructor(private readonly workshop: Workshop, private readonly tell: (fault: Fault | null) => void) {}

  // later checks a text after a pause in typing; null cancels.
  later(kind: Checked | null, length: number, body: () => Promise<Blob>): void {
    this.stop()
    if (kind === null) return
    this.timer = window.setTimeout(() => void this.checkBody(kind, body), length > long ? longPause : pause)
  }

  stop(): void {
    this.number++
    window.clearTimeout(this.timer)
  }

  private async checkBody(kind: Checked, body: () => Promise<Blob>): Promise<void> {
    const mine = this.number
    const text = await body()
    if (mine !== this.number) return
    const fault = await this.workshop.run("check", { kind, text }).catch(() => null)
    if (mine !== this.number) return
    this.tell(fault && { ...fault, text: say("composer.sendable", { why: sentenceOf(kind, fault) }) })
  }
}

// sentenceOf describes an error and its place.
export function sentenceOf(kind: Checked, { code, line, column, name }: CheckFault): string {
  return say(`${kind}.${code}`, { line: count(line), column: count(column), name: visible(name ?? "") })
}
