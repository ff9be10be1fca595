// Keeps the form and the message of this page in the browser while they are typed, and
// finds them again after a reload.

import type { Composer } from "../composer"
import { changed, sessionBody, type Form, type ServiceForm } from "../forms"
import type { Boot, Session } from "../wire"
import type { Connection } from "./connection"
import { Drafts, newKey, type Draft, type Kept } from "../visit"
import type { Model } from "./model"
import type { SavedService } from "./service"

const pause = 300 // ms without a change until the draft is stored

export interface Keeping {
  model: Model
  form: ServiceForm
  service: SavedService
  composer(): Composer
  connection: Connection
}

export class DraftKeeper {
  private readonly drafts: Drafts
  private key = "" // of this page's draft
  private timer = 0

  constructor(private readonly parts: Keeping, kinds: Boot["kinds"]) {
    this.drafts = new Drafts(sessionStorage, kinds)
  }

  // begin finds the draft of this page. A page of a service that was never saved gets a
  // key in its address; others then holds the drafts of other such pages.
  begin(id: string): { draft: Draft | null; others: readonly Kept[] } {
    let others: readonly Kept[] = []
    this.key = id
    if (!id) {
      const { key, address } = newKey(new URL(location.href), () => Date.now().toString(36))
      history.replaceState(history.state, "", address)
      others = this.drafts.ofNew().filter((kept) => kept.key !== key)
      this.key = key
    }
    return { draft: this.drafts.readDraft(this.key, this.parts.service.saved), others }
  }

  // dialled returns the form that a session was opened with in this tab, if it was.
  dialled(session: Session): Form | null {
    return this.drafts.readDraft(dialledKey(session.id), this.parts.service.saved)?.form ?? null
  }

  // differs reports whether connecting now would dial with other values.
  differs(): boolean {
    const { form, model: { dialled } } = this.parts
    const body = (form: Form) => JSON.stringify(sessionBody(form, null))
    return dialled === null || body(form.value()) !== body(dialled)
  }

  keepSoon(): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.keepDraft(), pause)
  }

  // keepDraft stores the draft now and reports whether all of it fit.
  keepDraft(): boolean {
    const { model: { dialled }, service: { saved }, connection } = this.parts
    const composer = this.parts.composer()
    window.clearTimeout(this.timer)
    if (!this.key) return true
    const form = this.parts.form.value()
    const whole = this.drafts.write(this.key, { form: changed(form, saved) ? form : null, message: composer.written() }, saved)
    if (dialled && connection.shown) this.drafts.write(dialledKey(connection.shown), { form: changed(dialled, saved) ? dialled : null, message: null }, saved)
    return whole && composer.keeps()
  }

  // move stores the draft under another key from now on.
  move(key: string): void {
    if (key !== this.key) this.drafts.dropDraft(this.key)
    this.key = key
  }

  // forget removes the draft and stores none any more.
  forget(): void {
    window.clearTimeout(this.timer)
    this.drafts.dropDraft(this.key)
    this.key = ""
  }

  destroy(): void {
    window.clearTimeout(this.timer)
  }
}

function dialledKey(session: string): string {
  return `dialled.${session}`
}
