// The line at the top of a panel of the set-up that says why it is read-only, and leads out.

import { say } from "../text"
import { element, icon, setText, type Component } from "../ui"

export class PanelLock implements Component<boolean> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly sentence = element("span", {})
  private readonly edit = element("button", { type: "button", class: "link", "data-testid": "panel-edit" }, say("setup.edit"))

  // unlock is the button of the page that unlocks the form; it is hidden while it may not.
  constructor(panel: HTMLElement, private readonly unlock: HTMLElement) {
    this.element = element("p", { class: "panel-lock", "data-testid": "panel-lock", hidden: true }, icon("lock"), this.sentence, this.edit)
    panel.prepend(this.element)
    this.edit.addEventListener("click", () => {
      this.unlock.click()
      panel.querySelector<HTMLElement>("input:not([type=checkbox]), select, textarea")?.focus()
    }, { signal: this.stop.signal })
  }

  // update tells why the panel is locked; without a reason of its own, that it is in use.
  update(locked: boolean, reason = ""): void {
    this.element.hidden = !locked
    this.edit.hidden = reason !== "" || this.unlock.hidden
    setText(this.sentence, reason || say(this.unlock.hidden ? "setup.connecting" : "setup.locked"))
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }
}
