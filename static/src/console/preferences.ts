// What a person chose for a service, kept in this browser: the view, how to write, and the
// prompt that is not sent yet.

import { modes, type Mode } from "../prompt"
import type { Store } from "../visit"
import type { ViewName } from "./places"
import { isView } from "./views"

const prefix = "duplex.choice."
const longest = 100_000 // characters of a kept prompt

export class Preferences {
  constructor(private readonly store: Pick<Store, "getItem" | "setItem" | "removeItem">) {}

  view(place: string): ViewName | null {
    const kept = this.read("view", place)
    return isView(kept) ? kept : null
  }

  mode(place: string): Mode | null {
    const kept = this.read("mode", place)
    return modes.find((mode) => mode === kept) ?? null
  }

  prompt(place: string): string {
    return this.read("prompt", place)
  }

  keepView(place: string, view: string): void {
    this.write("view", place, view)
  }

  keepMode(place: string, mode: Mode): void {
    this.write("mode", place, mode)
  }

  keepPrompt(place: string, text: string): void {
    this.write("prompt", place, text.length <= longest ? text : "")
  }

  private read(what: string, place: string): string {
    try {
      return this.store.getItem(`${prefix}${what}.${place}`) ?? ""
    } catch {
      return ""
    }
  }

  private write(what: string, place: string, value: string): void {
    try {
      if (value === "") this.store.removeItem(`${prefix}${what}.${place}`)
      else this.store.setItem(`${prefix}${what}.${place}`, value)
    } catch {
      // The storage is full or closed: the choice lasts until the page is closed.
    }
  }
}
