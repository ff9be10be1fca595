// Draws the model into the parts of the page, at most once a frame, and what rows alone change
// more rarely: batches of rows arrive faster than their figures are read.

import type { Composer } from "../composer"
import type { ServiceForm } from "../forms"
import { may } from "../identity"
import { say } from "../text"
import type { Timing } from "../timing"
import type { AddressView } from "./address-view"
import type { Delivery } from "./delivery"
import type { DraftKeeper } from "./draft-keeper"
import type { Model } from "./model"
import type { SavedService } from "./service"
import type { SharePanel } from "./share"
import type { Speaking } from "./speaking"
import type { View } from "./view"

export interface ScreenParts {
  model: Model
  view: View
  form: ServiceForm
  address: AddressView
  service: SavedService
  drafts: DraftKeeper
  share: SharePanel
  // name returns the name of what the page shows, and the one that its session was given.
  name(): { shown: string; own: string }
  composer: Composer
  delivery: Delivery
  speaking: Speaking
  timing: Timing
}

const pause = 250 // ms between two drawings of what rows change

export class Screen {
  private frame = 0
  private timer = 0
  private shownAt = -pause // performance.now() of the last drawing

  constructor(private readonly parts: ScreenParts) {}

  // draw shows the model in the next frame.
  draw(): void {
    this.frame ||= requestAnimationFrame(() => this.show())
  }

  // drawSoon shows what rows have changed: the first ones at once, those of a flood together.
  drawSoon(): void {
    const left = this.shownAt + pause - performance.now()
    if (left <= 0) this.draw()
    else this.timer ||= window.setTimeout(() => this.draw(), left)
  }

  // show shows the model now.
  show(): void {
    cancelAnimationFrame(this.frame)
    window.clearTimeout(this.timer)
    this.frame = this.timer = 0
    this.shownAt = performance.now()
    const { model, view, service, drafts, delivery } = this.parts
    const form = this.parts.form.value()
    const isInUse = model.state.connection.kind === "connecting" || (model.isLive && !model.editing)
    if (may("member")) this.parts.form.lock(isInUse)
    else this.parts.form.lock(true, say("identity.may.member"))
    view.update({
      state: model.state,
      name: this.parts.name(),
      editing: model.editing,
      edited: drafts.differs(),
      unsaved: service.isChanged,
      hasService: service.id !== "",
      canSave: service.isChanged || !service.id,
      owner: form.mayChange ? "" : form.owner,
      failure: model.failure,
      before: model.before,
      isMember: may("member"),
      quiet: this.parts.speaking.quiet,
      tells: (seq) => this.parts.speaking.tells(seq),
      firstFigure: () => this.parts.speaking.firstFigure,
      finalFigure: () => this.parts.speaking.finalFigure,
    })
    view.tick(model.state)
    this.parts.address.update(form.base)
    this.parts.share.update(model.session)
    this.parts.composer.enable(delivery.barred())
    this.parts.speaking.update()
    const { session } = model
    this.parts.timing.update({
      session: session?.id ?? "", openedUS: session?.openedAtUS ?? 0, dialect: session?.dialect ?? "", isLive: session !== null && session.state !== "closed",
      lastSeq: session?.lastSeq ?? 0,
    })
    delivery.draw()
  }

  destroy(): void {
    cancelAnimationFrame(this.frame)
    window.clearTimeout(this.timer)
    this.parts.view.destroy()
    this.parts.share.destroy()
    this.parts.address.destroy()
  }
}
