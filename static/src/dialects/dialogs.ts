// Dialogs about dialects: what one sends, and the editor of an own one. They are a chunk of
// their own, loaded when they are opened.

import { openTextEditor } from "../composer"
import { say, visible } from "../text"
import { confirm, element, openDialog, toast } from "../ui"
import { deleteDialect, saveDialect, type Dialect, type DialectProblem } from "../wire"
import { aboutDialect, drawSends } from "./preview"

// showDialect shows what a dialect sends.
export function showDialect(dialect: Dialect, edit: () => void): void {
  const change = element("button", { type: "button", class: "button", "data-testid": "dialect-edit" }, say(dialect.builtin ? "dialect.copy" : "dialect.edit"))
  const dialog = element("dialog", { class: "dialog wide-dialog", "aria-labelledby": "dialect-title", "data-testid": "dialect-dialog" },
    element("form", { method: "dialog" },
      element("h2", { id: "dialect-title" }, visible(dialect.title)),
      element("p", {}, aboutDialect(dialect)),
      element("div", { class: "dialog-scroll" }, drawSends(dialect)),
      element("div", { class: "dialog-buttons" }, change, element("button", { class: "button primary", autofocus: true }, say("page.close"))),
    ),
  )
  const stop = new AbortController()
  change.addEventListener("click", () => {
    dialog.close()
    edit()
  }, { signal: stop.signal })
  void openDialog(dialog, stop)
}

// example is the beginning of a new dialect.
const example = `dialect: 1
name: my-service
title: {en: "My service", zh: "我的服务"}
vars: {model: {default: base, title: Model}}
secrets: [api_key]
handshake:
  headers: [[Authorization, "Bearer {{secret.api_key}}"]]
in:
  text:
    send: [{text: '{"model":{{model|json}},"prompt":{{text|json}}}'}]
receive:
  envelope: json
  label: "$.type"
  gist: "$.delta"
  text: [{stream: answer, when: {"$.delta": "*"}, path: "$.delta", mode: append}]
  done: {"$.type": done}
  error: {when: {"$.type": error}, code: "$.code", message: "$.message"}
`

export interface Editing {
  dialect: Dialect | null // null begins a new one
  nonce: string
  saved(dialect: Dialect): void
  deleted(name: string): void
}

// editDialect opens the editor; a built-in dialect is edited as a copy.
export async function editDialect({ dialect, nonce, saved, deleted }: Editing): Promise<void> {
  const isOwn = dialect !== null && !dialect.builtin
  const place = element("div", { class: "dialect-editor", "data-testid": "dialect-yaml" })
  const problems = element("ol", { class: "dialect-problems", "data-testid": "dialect-problems" })
  const save = element("button", { type: "button", class: "button primary", "data-testid": "dialect-save" }, say("page.save"))
  const cancel = element("button", { type: "button", class: "button" }, say("page.cancel"))
  const remove = element("button", { type: "button", class: "button danger", hidden: !isOwn, "data-testid": "dialect-delete" }, say("dialect.delete"))
  const dialog = element("dialog", { class: "dialog wide-dialog", "aria-labelledby": "dialect-edit-title", "data-testid": "dialect-editor" },
    element("form", { novalidate: true },
      element("h2", { id: "dialect-edit-title" }, say(isOwn ? "dialect.edit" : "dialect.new")),
      element("p", {}, say("dialect.edit.help")),
      place,
      element("div", { role: "status" }, problems),
      element("div", { class: "dialog-buttons" }, remove, element("span", { class: "spring" }), cancel, save),
    ),
  )
  const stop = new AbortController()
  const { signal } = stop
  const closed = openDialog(dialog, stop)
  const editor = await openTextEditor(place, { nonce, label: say("dialect.yaml"), hint: "", changed: () => undefined, paste: () => false })
  if (signal.aborted) return editor.destroy()
  editor.set(dialect ? (isOwn ? dialect.yaml : copied(dialect)) : example)
  editor.focus()

  function list(found: readonly DialectProblem[]): void {
    editor.mark(found[0] ?? null)
    problems.replaceChildren(...found.map((problem) => {
      const go = element("button", { type: "button", class: "link" }, say("dialect.at", { line: problem.line, column: problem.column }))
      go.addEventListener("click", () => editor.goTo(problem), { signal })
      const nearest = problem.nearest ? `. ${say("dialect.nearest", { nearest: visible(problem.nearest) })}` : ""
      return element("li", { "data-line": problem.line, "data-column": problem.column }, go, " ", element("code", {}, visible(problem.path)), ` ${visible(problem.detail)}${nearest}`)
    }))
  }

  async function submit(): Promise<void> {
    save.disabled = true
    const { ok, error, problems: found } = await saveDialect(isOwn && dialect ? dialect.name : "", editor.content())
    save.disabled = false
    if (ok) {
      dialog.close()
      toast(say("dialect.saved", { title: visible(ok.title) }))
      return saved(ok)
    }
    list(found)
    if (found.length === 0) problems.replaceChildren(element("li", {}, error.message))
  }

  async function drop(): Promise<void> {
    if (!dialect) return
    if (!(await confirm(say("dialect.delete.question", { title: visible(dialect.title) }), say("dialect.delete.detail"), say("dialect.delete")))) return
    const { error } = await deleteDialect(dialect.name)
    if (error) return problems.replaceChildren(element("li", {}, error.message))
    dialog.close()
    deleted(dialect.name)
  }

  save.addEventListener("click", () => void submit(), { signal })
  cancel.addEventListener("click", () => dialog.close(), { signal })
  remove.addEventListener("click", () => void drop(), { signal })
  dialog.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault(), { signal })
  await closed
  editor.destroy()
}

// copied gives the YAML of a built-in dialect another name.
function copied({ name, yaml }: Dialect): string {
  return setName(yaml, `${name}-copy`)
}

function setName(yaml: string, name: string): string {
  return yaml.replace(/^name:.*$/m, `name: ${name}`)
}
