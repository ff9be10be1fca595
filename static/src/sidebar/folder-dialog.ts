// Asks for the folder of a service: one of those there are, none, or a new one.

import { say, visible } from "../text"
import { element, icon, openDialog } from "../ui"

const outside = "out" // value of the button for no folder
const named = "new"
const prefix = "in:"

// chooseFolder resolves with the name of a folder, "" for none, or null when the person
// changed their mind.
export async function chooseFolder(service: string, now: string, folders: readonly string[]): Promise<string | null> {
  const choice = (value: string, name: string, picture: string, isNow: boolean) => element("li", {},
    element("button", { class: "choice", value, "aria-current": isNow ? "true" : "false" }, icon(picture), element("span", { class: "name" }, name)))
  const name = element("input", { class: "input", type: "text", maxlength: 100, placeholder: say("sidebar.folder.new"), "aria-label": say("sidebar.folder.new"), "data-testid": "folder-name" })
  const make = element("button", { class: "button", value: named, disabled: true }, say("sidebar.move.action"))
  const dialog = element("dialog", { class: "dialog move", "aria-labelledby": "move-title", "data-testid": "move" },
    element("form", { method: "dialog" },
      element("h2", { id: "move-title" }, say("sidebar.move.title", { name: service })),
      element("ul", { class: "choices" },
        ...folders.map((folder) => choice(prefix + folder, visible(folder), "folder", folder === now)),
        choice(outside, say("sidebar.move.out"), "x", now === "")),
      element("div", { class: "move-new" }, name, make),
      element("div", { class: "dialog-buttons" }, element("button", { class: "button", value: "no" }, say("page.cancel"))),
    ),
  )
  const stop = new AbortController()
  name.addEventListener("input", () => { make.disabled = name.value.trim() === "" }, { signal: stop.signal })
  name.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return
    event.preventDefault() // the form's first button is another one
    if (!make.disabled) dialog.close(named)
  }, { signal: stop.signal })
  const chosen = await openDialog(dialog, stop)
  if (chosen === outside) return ""
  if (chosen === named) return name.value.trim()
  return chosen.startsWith(prefix) ? chosen.slice(prefix.length) : null
}
