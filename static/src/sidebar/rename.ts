// Renaming an entry of the side list in its place.

import { element } from "../ui"

const longest = 100 // characters

export interface Renaming {
  label: string
  name: string
  // save resolves with a sentence when the name was not taken.
  save(name: string): Promise<string | null>
}

// rename puts a field in place of an entry's content. Enter and leaving it save, Escape
// goes back.
export function rename(entry: HTMLElement, { label, name, save }: Renaming): void {
  if (entry.querySelector(".rename")) return
  const back = document.activeElement instanceof HTMLElement && entry.contains(document.activeElement) ? document.activeElement : entry.querySelector<HTMLElement>("a, button")
  const input = element("input", { class: "rename", type: "text", maxlength: longest, spellcheck: false, autocomplete: "off", "aria-label": label, title: label, "data-testid": "rename-entry", value: name })
  const done = new AbortController()
  const { signal } = done
  let isSaving = false

  function end(): void {
    done.abort()
    const had = document.activeElement === input
    input.remove()
    if (had) back?.focus({ preventScroll: true })
  }
  async function finish(): Promise<void> {
    if (isSaving || signal.aborted) return
    const wanted = input.value.trim()
    if (wanted === "" || wanted === name) return end()
    isSaving = true
    const problem = await save(wanted)
    isSaving = false
    if (problem === null) return end()
    input.setAttribute("aria-invalid", "true")
    input.title = problem
    input.focus()
  }

  input.addEventListener("keydown", (event) => {
    event.stopPropagation() // shortcuts of the list do not apply here
    if (event.key === "Escape") end()
    if (event.key !== "Enter" || event.isComposing) return
    event.preventDefault()
    void finish()
  }, { signal })
  input.addEventListener("input", () => input.removeAttribute("aria-invalid"), { signal })
  input.addEventListener("blur", () => void finish(), { signal })
  entry.append(input)
  input.focus()
  input.select()
}
