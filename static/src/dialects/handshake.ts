// Shows the handshake as it would be sent: templates filled in, the parts of the dialect and
// the credential added, secrets masked. Nothing is dialled.

import { say, visible } from "../text"
import { element, type Component } from "../ui"
import { resolve, type Resolved, type WireError } from "../wire"

export interface HandshakeDeps {
  // body is the request that would open the session.
  body(): object
  // fail shows an error at its field; false when no field has it.
  fail(error: WireError): boolean
}

export class HandshakePreview implements Component<Resolved> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly button = element("button", { type: "button", class: "button", "data-testid": "resolve" }, say("dialect.resolve"))
  private readonly result = element("dl", { class: "facts-list mono", "data-testid": "resolved" })
  private readonly problem = element("p", { class: "field-error", role: "status" })

  constructor(private readonly deps: HandshakeDeps) {
    this.element = element("section", { class: "auth-handshake" }, this.button, this.problem, this.result)
    this.button.addEventListener("click", () => void this.show(), { signal: this.stop.signal })
  }

  update({ address, headers, subprotocols }: Resolved): void {
    const rows = [{ name: say("page.address"), value: address }, ...headers]
    if (subprotocols.length > 0) rows.push({ name: say("page.setting.subprotocols"), value: subprotocols.join(", ") })
    this.result.replaceChildren(...rows.map(({ name, value }) => element("div", {}, element("dt", {}, visible(name)), element("dd", {}, visible(value)))))
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private async show(): Promise<void> {
    this.button.disabled = true
    const { ok, error } = await resolve(this.deps.body())
    this.button.disabled = false
    this.problem.textContent = error && !this.deps.fail(error) ? error.message : ""
    if (ok) this.update(ok)
    else this.result.replaceChildren()
  }
}
