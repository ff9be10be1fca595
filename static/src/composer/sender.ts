// Sends one message: progress, Cancel, result.

import { say, size, visible } from "../text"
import type { Bar, Level } from "./bar"
import { isThere } from "./files"
import type { Outgoing, Sending } from "./outgoing"

export interface SenderDeps {
  send(message: Outgoing, sending: Sending): Promise<void>
  // tell shows the progress and the result.
  tell(text: string, level: Level): void
  // changed runs when busy changes.
  changed(): void
}

const patience = 300 // ms without an answer until the page says that it waits

export class Sender {
  private stop: AbortController | null = null

  constructor(private readonly bar: Bar, private readonly deps: SenderDeps) {}

  // busy is true during the upload of a large message; no other can be sent until it
  // ends.
  get busy(): boolean {
    return this.stop !== null
  }

  cancel(): void {
    this.stop?.abort()
  }

  // send makes a message and sends it; it resolves with true when the server has it.
  async send(make: () => Promise<Outgoing>, large: boolean): Promise<boolean> {
    const stop = new AbortController()
    const slow = large ? 0 : window.setTimeout(() => this.deps.tell(say("composer.slow"), "note"), patience)
    if (large) this.begin(stop)
    let message: Outgoing | null = null
    try {
      message = await make()
      await this.deps.send(message, { signal: stop.signal, progress: (sent, total) => this.progress(sent, total) })
      return true
    } catch (error) {
      if (stop.signal.aborted) this.deps.tell(say("composer.cancelled"), "note")
      else this.deps.tell(await reasonOf(error, message), "error")
      return false
    } finally {
      window.clearTimeout(slow)
      if (large) this.end()
    }
  }

  private begin(stop: AbortController): void {
    this.bar.begin()
    this.stop = stop
    this.deps.changed()
  }

  private end(): void {
    this.stop = null
    this.deps.changed()
    this.bar.end()
  }

  private progress(sent: number, total: number): void {
    if (!this.busy) return
    this.bar.showProgress(sent, total)
    this.deps.tell(sent < total ? say("composer.uploaded", { sent: size(sent), total: size(total) }) : say("composer.waiting"), "note")
  }
}

async function reasonOf(error: unknown, message: Outgoing | null): Promise<string> {
  const file = message?.payload instanceof File ? message.payload : null
  if (file && !(await isThere(file))) return say("composer.file_changed", { name: visible(file.name) })
  return error instanceof Error && error.message ? error.message : say("composer.failed")
}
