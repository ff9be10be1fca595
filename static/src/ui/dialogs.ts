// Dialogs: a question before something is lost, and the list of shortcuts.

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
  [["F"], "row.shortcut.full"],
  [["Shift", "F10"], "row.shortcut.menu"],
  [["F2"], "sidebar.shortcut.rename"],
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
