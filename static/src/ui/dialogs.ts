// Dialogs: a question before something is lost, the list of shortcuts, the list of
// commands.

import { say } from "../text"
import { element } from "./element"

// confirm asks a question; it resolves with true only when the action was pressed.
export async function confirm(question: string, detail: string, action: string): Promise<boolean> {
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": "confirm-title", "data-testid": "confirm" },
    element("form", { method: "dialog" },
      element("h2", { id: "confirm-title" }, question),
      element("p", {}, detail),
      element("div", { class: "dialog-buttons" },
        element("button", { class: "button", value: "no", autofocus: true }, say("page.cancel")),
        element("button", { class: "button primary danger", value: "yes", "data-testid": "confirm-yes" }, action),
      ),
    ),
  )
  return (await openDialog(dialog)) === "yes"
}

export const modifier = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl"

const shortcuts: readonly [keys: string[], key: string][] = [
  [[modifier, "Enter"], "page.shortcut.send"],
  [["Enter"], "page.shortcut.connect"],
  [["Alt", "L"], "page.shortcut.address"],
  [["/"], "page.shortcut.search"],
  [[modifier, "G"], "goto.shortcut"],
  [[modifier, "S"], "page.shortcut.save"],
  [["Alt", "1…9"], "sessions.shortcut"],
  [[modifier, "K"], "page.shortcut.commands"],
  [["Alt", "↑", "↓"], "composer.shortcut.past"],
  [[modifier, modifier === "⌘" ? "Alt" : "Shift", "[", "]"], "composer.shortcut.fold"],
  [["↑", "↓"], "page.shortcut.move"],
  [["Home", "End"], "page.shortcut.ends"],
  [["C"], "row.shortcut.copy"],
  [["S"], "row.shortcut.save"],
  [["L"], "row.shortcut.link"],
  [["Shift", "F10"], "row.shortcut.menu"],
  [["Esc"], "page.shortcut.close"],
  [["?"], "page.shortcut.help"],
]

export function showShortcuts(): void {
  const list = element("dl", { class: "shortcuts" })
  for (const [keys, key] of shortcuts) {
    list.append(element("div", {}, element("dt", {}, ...keys.map((name) => element("kbd", {}, name))), element("dd", {}, say(key))))
  }
  void openDialog(
    element("dialog", { class: "dialog", "aria-labelledby": "shortcuts-title", "data-testid": "shortcuts" },
      element("form", { method: "dialog" },
        element("h2", { id: "shortcuts-title" }, say("page.shortcuts")),
        list,
        element("div", { class: "dialog-buttons" }, element("button", { class: "button", autofocus: true }, say("page.close"))),
      ),
    ),
  )
}

export interface Command {
  name: string
  danger?: boolean // it ends or deletes something: listed last, and never preselected
  run(): void
}

// showCommands filters the list while a person types; arrows choose, Enter runs.
export function showCommands(given: readonly Command[]): void {
  const commands = [...given.filter(({ danger }) => !danger), ...given.filter(({ danger }) => danger)]
  const input = element("input", { class: "input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "command-list", "aria-label": say("page.commands"), placeholder: say("page.commands"), autofocus: true })
  const list = element("ul", { class: "command-list", id: "command-list", role: "listbox", "aria-label": say("page.commands") })
  const dialog = element("dialog", { class: "dialog commands", "aria-label": say("page.commands"), "data-testid": "commands" }, input, list)
  const stop = new AbortController()
  const { signal } = stop
  let found: Command[] = []
  let at = 0

  function draw(): void {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    found = commands.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word)))
    at = Math.min(at, found.length - 1)
    list.replaceChildren(...found.map((command, index) => {
      const item = element("li", { role: "option", id: `command-${index}`, class: command.danger ? "danger" : null, "aria-selected": index === at ? "true" : "false" }, command.name)
      item.addEventListener("click", () => run(command), { signal })
      return item
    }))
    input.setAttribute("aria-activedescendant", at >= 0 ? `command-${at}` : "")
    list.children[at]?.scrollIntoView({ block: "nearest" })
  }

  // begin selects the first command that ends nothing, or none.
  function begin(): void {
    at = 0
    draw()
    if (!found[0]?.danger) return
    at = -1
    draw()
  }

  function run(command: Command | undefined): void {
    if (!command) return
    dialog.close()
    command.run()
  }

  input.addEventListener("input", begin, { signal })
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") return run(found[at])
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by || found.length === 0) return
    event.preventDefault()
    at = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length
    draw()
  }, { signal })
  begin()
  void openDialog(dialog, stop)
}

// openDialog shows a dialog in place of any other. It resolves with the dialog's return
// value when it closes; then stop aborts.
export function openDialog(dialog: HTMLDialogElement, stop = new AbortController()): Promise<string> {
  const { signal } = stop
  document.querySelector("dialog[open]")?.remove()
  document.body.append(dialog)
  const closed = new Promise<string>((resolve) => dialog.addEventListener("close", () => {
    dialog.remove()
    stop.abort()
    resolve(dialog.returnValue)
  }, { signal }))
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close() // the backdrop
  }, { signal })
  dialog.showModal()
  return closed
}
