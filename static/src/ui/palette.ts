// The list of everything that can be opened and done. Those used last come first; what ends
// or deletes something comes last, and is never preselected.

import { say } from "../text"
import { openDialog } from "./dialogs"
import { element } from "./element"
import { icon } from "./icons"

export interface Command {
  id: string // the same at each opening, to be remembered by
  name: string
  kind?: string // what it is, shown beside the name
  picture?: string
  danger?: boolean // it ends or deletes something
  run(): void
}

const key = "duplex.commands"
const remembered = 8

// inOrder puts the commands used last first, and those that end or delete something last.
export function inOrder(commands: readonly Command[], used: readonly string[]): Command[] {
  const rank = ({ id, danger }: Command): number => {
    if (danger) return commands.length + remembered
    const at = used.indexOf(id)
    return at < 0 ? remembered : at
  }
  return [...commands].sort((a, b) => rank(a) - rank(b)) // stable
}

// matching returns the commands whose name or kind has all words.
export function matching(commands: readonly Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  return commands.filter(({ name, kind }) => {
    const text = `${name} ${kind ?? ""}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

// showCommands filters the list while a person types; arrows choose, Enter runs. The commands
// are listed again when more has resolved.
export function showCommands(list: () => readonly Command[], more: Promise<unknown>): void {
  let commands = inOrder(list(), used())
  const input = element("input", { class: "palette-input", type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "command-list", "aria-label": say("sidebar.find"), placeholder: say("sidebar.find"), autocomplete: "off", spellcheck: false, autofocus: true })
  const items = element("ul", { class: "command-list", id: "command-list", role: "listbox", "aria-label": say("page.commands") })
  const none = element("p", { class: "palette-none", role: "status" })
  const dialog = element("dialog", { class: "dialog commands", "aria-label": say("page.commands"), "data-testid": "commands" },
    element("div", { class: "palette-field" }, icon("search"), input), items, none)
  const stop = new AbortController()
  const { signal } = stop
  let found: Command[] = []
  let at = 0

  function draw(): void {
    found = matching(commands, input.value)
    at = Math.min(at, found.length - 1)
    items.replaceChildren(...found.map((command, index) => {
      const item = element("li", { role: "option", id: `command-${index}`, class: command.danger ? "danger" : null, "aria-selected": index === at ? "true" : "false" })
      if (command.picture) item.append(icon(command.picture))
      item.append(element("span", { class: "name" }, command.name))
      if (command.kind) item.append(element("span", { class: "what" }, command.kind))
      item.addEventListener("pointermove", (event) => point(event, index), { signal })
      item.addEventListener("click", () => run(command), { signal })
      return item
    }))
    none.textContent = found.length === 0 ? say("sidebar.find.none") : ""
    choose()
  }

  // choose marks the command at the place.
  function choose(): void {
    ;[...items.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)))
    input.setAttribute("aria-activedescendant", at >= 0 ? `command-${at}` : "")
    items.children[at]?.scrollIntoView({ block: "nearest" })
  }

  // point selects the command that the pointer moves to, unless it ends something. A list
  // that scrolls below a resting pointer selects nothing.
  function point({ movementX, movementY }: PointerEvent, index: number): void {
    const to = found[index]?.danger ? -1 : index
    if (to === at || (movementX === 0 && movementY === 0)) return
    at = to
    choose()
  }

  // begin selects the first command that ends nothing, or none.
  function begin(): void {
    at = matching(commands, input.value)[0]?.danger ? -1 : 0
    draw()
  }

  function run(command: Command | undefined): void {
    if (!command) return
    dialog.close()
    remember(command)
    command.run()
  }

  input.addEventListener("input", begin, { signal })
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return
    if (event.key === "Enter") return run(found[at])
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!by || found.length === 0) return
    event.preventDefault()
    at = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length
    choose()
  }, { signal })
  begin()
  void openDialog(dialog, stop)
  void more.then(() => {
    if (signal.aborted) return
    const chosen = found[at]?.id
    commands = inOrder(list(), used())
    at = Math.max(at, matching(commands, input.value).findIndex(({ id }) => id === chosen))
    draw()
  })
}

function used(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]")
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === "string") : []
  } catch {
    return []
  }
}

function remember({ id, danger }: Command): void {
  if (danger) return
  try {
    localStorage.setItem(key, JSON.stringify([id, ...used().filter((other) => other !== id)].slice(0, remembered)))
  } catch {
    // The storage is full or closed: the order stays as it is.
  }
}
