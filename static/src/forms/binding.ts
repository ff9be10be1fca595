// The dialog for the targets of a stored secret. The server judges them; a refusal is
// shown at its line, and typed text stays.

import { say } from "../text"
import { element, openDialog, setText } from "../ui"
import type { SecretInfo, WireError } from "../wire"

const most = 20 // targets, as in the server

export interface Binding {
  targets: string[]
  tls: boolean
}

// askBinding shows the dialog; it stays open while save returns an error.
export function askBinding(label: string, info: SecretInfo, save: (binding: Binding) => Promise<WireError | null>): void {
  const error = element("p", { class: "field-error", id: "binding-error", role: "status", "data-testid": "binding-error" })
  const help = element("p", { class: "help", id: "binding-help" }, say("binding.targets.help"))
  const targets = element("textarea", {
    class: "input mono", id: "binding-targets", rows: 4, spellcheck: "false", autocomplete: "off", autofocus: true,
    "data-testid": "binding-targets", "aria-describedby": `${help.id} ${error.id}`,
  })
  const tls = element("input", { type: "checkbox", class: "check", id: "binding-tls", "data-testid": "binding-tls" })
  const submit = element("button", { class: "button primary", "data-testid": "binding-save" }, say("page.save"))
  const cancel = element("button", { type: "button", class: "button" }, say("page.cancel"))
  const form = element("form", { novalidate: true },
    element("h2", { id: "binding-title" }, say("binding.title", { secret: label })),
    element("p", {}, say(info.endpoint ? "binding.detail.exchanged" : "binding.detail", { endpoint: info.endpoint })),
    element("div", { class: "binding-field" }, element("label", { for: targets.id }, say("binding.targets")), targets, help, error),
    element("label", { class: "binding-check", for: tls.id }, tls, say("binding.tls")),
    element("div", { class: "dialog-buttons" }, cancel, submit),
  )
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": "binding-title", "data-testid": "binding" }, form)
  targets.value = info.targets.join("\n")
  tls.checked = info.tls

  function wrong(message: string): void {
    setText(error, message)
    targets.setAttribute("aria-invalid", String(message !== ""))
    if (message) targets.focus()
  }

  async function submitted(): Promise<void> {
    const lines = targets.value.split(/[\s,]+/).filter(Boolean)
    if (lines.length === 0 || lines.length > most) return wrong(say("binding.count", { limit: most }))
    submit.disabled = true
    const refused = await save({ targets: lines, tls: tls.checked })
    submit.disabled = false
    if (!refused) return dialog.close()
    const line = lines[Number(/^targets\[(\d+)\]$/.exec(refused.field)?.[1] ?? -1)]
    wrong(line === undefined ? refused.message : say("binding.wrong", { target: line }))
  }

  const stop = new AbortController()
  const { signal } = stop
  targets.addEventListener("input", () => wrong(""), { signal })
  cancel.addEventListener("click", () => dialog.close(), { signal })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void submitted()
  }, { signal })
  void openDialog(dialog, stop)
}
