// The folder of the service, beside its name. A press moves the service.

import { may } from "../identity"
import { say, visible } from "../text"
import { element, setText, type Component } from "../ui"

export class FolderPlace implements Component<string | null> {
  private readonly stop = new AbortController()
  private readonly button = element("button", { type: "button", class: "folder-name", "data-testid": "folder-place", title: say("page.folder.move") })

  constructor(readonly element: HTMLElement, move: () => void) {
    this.button.addEventListener("click", () => move(), { signal: this.stop.signal })
  }

  // update shows a folder, "" for none; null is a service that has none, as a demo.
  update(folder: string | null): void {
    if (folder === null || (folder === "" && !may("member"))) return this.element.replaceChildren()
    setText(this.button, folder ? say("page.folder.in", { folder: visible(folder) }) : say("page.folder.none"))
    this.button.disabled = !may("member")
    if (!this.button.isConnected) this.element.append(this.button)
  }

  destroy(): void {
    this.stop.abort()
    this.element.replaceChildren()
  }
}
