// Starts the first page or the page of a new service, and puts the second in the place of the
// first: what was pasted never leaves the memory of the page.

import { byId, type Component } from "../ui"
import { parseBoot, type Boot } from "../wire"
import type { Pasted } from "./command"
import { FirstPage } from "./first"
import { NewService } from "./new-service"

export class StartPage implements Component<null> {
  readonly element = byId("main")
  private readonly stop = new AbortController()
  private readonly boot: Boot
  private first: FirstPage | null = null
  private made: NewService | null = null

  constructor(value: unknown) {
    this.boot = parseBoot(value)
    if (document.getElementById("first-page")) {
      this.first = new FirstPage({ boot: this.boot, demos: demosOf(value), fill: (pasted, kind) => this.openNew(pasted, kind ?? "") })
    } else this.made = new NewService(this.boot)
    window.addEventListener("popstate", () => location.reload(), { signal: this.stop.signal })
    this.element.dataset.ready = "1"
  }

  update(): void {}

  focusAddress(): void {
    if (this.made) this.made.focusAddress()
    else this.first?.address.focus()
  }

  save(): void {
    void this.made?.save(false)
  }

  // keepDrafts stores what was typed and reports whether all of it fit.
  keepDrafts(): boolean {
    return this.made?.keepDraft() ?? true
  }

  destroy(): void {
    this.stop.abort()
    this.first?.destroy()
    this.made?.destroy()
  }

  private openNew(pasted: Pasted | null, kind: string): void {
    this.first?.destroy()
    this.first = null
    history.pushState(null, "", "/services/new")
    this.element.replaceChildren(byId<HTMLTemplateElement>("new-service-page").content.cloneNode(true))
    this.made = new NewService(this.boot)
    this.made.update({ pasted, kind })
  }
}

function demosOf(value: unknown): Record<string, string> {
  const given = typeof value === "object" && value !== null && "demos" in value ? value.demos : null
  return Object.fromEntries(Object.entries(given ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string"))
}
