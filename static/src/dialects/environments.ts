// The dialog of environments: named values of the team, of which some are sealed.

import { say, visible } from "../text"
import { confirm, element, iconButton, openDialog, press, setText, toast } from "../ui"
import { deleteEnvironment, listEnvironments, saveEnvironment, type Environment, type EnvironmentBody, type SealedValue } from "../wire"

interface Line {
  element: HTMLElement
  name: HTMLInputElement
  value: HTMLInputElement
  seal: HTMLButtonElement
  targets: HTMLInputElement // of a secret
  kept: SealedValue | null // the stored secret
}

// editEnvironments opens the dialog; changed runs after each change on the server.
export async function editEnvironments(changed: () => void): Promise<void> {
  const choice = element("select", { class: "select", "data-testid": "environment-choice", "aria-label": say("environment.label") })
  const title = element("input", { class: "input", type: "text", maxlength: 100, spellcheck: "false", "data-testid": "environment-name", "aria-label": say("environment.name"), placeholder: say("environment.name") })
  const lines = element("div", { class: "environment-lines" })
  const add = element("button", { type: "button", class: "button quiet", "data-testid": "environment-add" }, say("environment.add"))
  const note = element("p", { class: "field-error", role: "status", "data-testid": "environment-error" })
  const save = element("button", { class: "button primary", "data-testid": "environment-save" }, say("page.save"))
  const close = element("button", { type: "button", class: "button" }, say("page.close"))
  const remove = element("button", { type: "button", class: "button danger", "data-testid": "environment-delete" }, say("environment.delete"))
  const form = element("form", { novalidate: true },
    element("h2", { id: "environment-title" }, say("environment.title")),
    element("p", {}, say("environment.help")),
    element("div", { class: "environment-head" }, choice, title),
    lines, element("div", {}, add), note,
    element("div", { class: "dialog-buttons" }, remove, element("span", { class: "spring" }), close, save),
  )
  const dialog = element("dialog", { class: "dialog wide-dialog", "aria-labelledby": "environment-title", "data-testid": "environments" }, form)
  const stop = new AbortController()
  const { signal } = stop
  let all: readonly Environment[] = []
  let rows: Line[] = []

  function fill(environment: Environment | null): void {
    title.value = environment?.name ?? ""
    remove.hidden = environment === null
    rows = []
    for (const [name, value] of Object.entries(environment?.values ?? {})) addLine(name, value, null)
    for (const [name, secret] of Object.entries(environment?.secrets ?? {})) addLine(name, "", secret)
    if (rows.length === 0) addLine("", "", null)
    lines.replaceChildren(...rows.map((row) => row.element))
    setText(note, "")
  }

  function addLine(name: string, value: string, kept: SealedValue | null): Line {
    const line: Line = {
      name: element("input", { class: "input mono", type: "text", spellcheck: "false", "aria-label": say("page.param.name"), placeholder: say("page.param.name"), "data-testid": "environment-key" }),
      value: element("input", { class: "input mono", autocomplete: "off", spellcheck: "false", "data-1p-ignore": true, "aria-label": say("page.param.value"), "data-testid": "environment-value" }),
      seal: iconButton("lock", say("environment.seal"), { "data-testid": "environment-seal" }),
      targets: element("input", { class: "input mono environment-targets", type: "text", spellcheck: "false", "aria-label": say("environment.targets"), placeholder: say("environment.targets"), "data-testid": "environment-targets" }),
      kept,
      element: element("div", { class: "environment-line" }),
    }
    const drop = iconButton("x", say("composer.remove"))
    line.name.value = name
    line.value.value = value
    line.targets.value = kept?.targets.join(", ") ?? ""
    const sealed = (on: boolean) => {
      press(line.seal, on)
      line.value.type = on ? "password" : "text"
      line.value.placeholder = line.kept && on ? say("page.secret.kept", { fingerprint: line.kept.fingerprint }) : say("page.param.value")
      line.targets.hidden = !on
    }
    sealed(kept !== null)
    line.seal.addEventListener("click", () => sealed(!isSealed(line)), { signal })
    drop.addEventListener("click", () => {
      rows = rows.filter((other) => other !== line)
      line.element.remove()
    }, { signal })
    line.element.append(line.name, line.value, line.seal, drop, line.targets)
    rows.push(line)
    return line
  }

  async function load(name: string): Promise<void> {
    const { ok, error } = await listEnvironments()
    if (error) return setText(note, error.message)
    all = ok
    choice.replaceChildren(element("option", { value: "" }, say("environment.new")), ...all.map((one) => element("option", { value: one.name }, visible(one.name))))
    choice.value = all.some((one) => one.name === name) ? name : ""
    fill(all.find((one) => one.name === choice.value) ?? null)
  }

  async function submit(): Promise<void> {
    const values: Record<string, string> = {}
    const secrets: NonNullable<EnvironmentBody["secrets"]> = {}
    const saved = all.find((one) => one.name === choice.value)
    for (const gone of Object.keys(saved?.secrets ?? {})) secrets[gone] = null
    for (const line of rows) {
      const name = line.name.value.trim()
      if (name === "") continue
      if (isSealed(line)) secrets[name] = sealedOf(line)
      else values[name] = line.value.value
    }
    const name = title.value.trim()
    if (name === "") {
      title.focus()
      return setText(note, say("environment.name_missing"))
    }
    save.disabled = true
    const { ok, error } = await saveEnvironment(choice.value, { name, values, secrets })
    save.disabled = false
    if (error) return setText(note, error.message)
    toast(say("page.saved"))
    changed()
    await load(ok.name || name)
  }

  async function drop(): Promise<void> {
    const { value: name } = choice
    if (!(await confirm(say("environment.delete.question", { name: visible(name) }), say("environment.delete.detail"), say("environment.delete")))) return
    const { error } = await deleteEnvironment(name)
    if (error) return setText(note, error.message)
    dialog.close()
    changed()
  }

  choice.addEventListener("change", () => fill(all.find((one) => one.name === choice.value) ?? null), { signal })
  add.addEventListener("click", () => {
    const line = addLine("", "", null)
    lines.append(line.element)
    line.name.focus()
  }, { signal })
  close.addEventListener("click", () => dialog.close(), { signal })
  remove.addEventListener("click", () => void drop(), { signal })
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void submit()
  }, { signal })
  fill(null)
  void openDialog(dialog, stop)
  await load("")
}

// sealedOf returns a secret to save. Targets that were not changed are left out: only the
// person who entered a secret may change them.
function sealedOf({ value, targets, kept }: Line): { value?: string; targets?: string[] } {
  const typed = targets.value.split(/[\s,]+/).filter(Boolean)
  const isSame = kept !== null && typed.join() === kept.targets.join()
  return { ...(value.value === "" && kept ? {} : { value: value.value }), ...(isSame && value.value === "" ? {} : { targets: typed }) }
}

function isSealed(line: Line): boolean {
  return line.seal.getAttribute("aria-pressed") === "true"
}
