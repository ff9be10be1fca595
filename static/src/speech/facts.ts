// Parts of the right side: heads, sections, and lists of facts.

import { say } from "../text"
import { element, iconButton } from "../ui"

export type Fact = readonly [name: string, value: string | Node]

// factList lists facts; those without a value are left out.
export function factList(facts: readonly (Fact | null)[]): HTMLElement {
  const list = element("dl", { class: "side-facts" })
  for (const fact of facts) if (fact) list.append(element("dt", {}, fact[0]), element("dd", {}, fact[1]))
  return list
}

export function section(title: string, ...content: Node[]): HTMLElement {
  const part = element("section", { class: "side-part" })
  if (title !== "") part.append(element("h3", {}, title))
  part.append(...content)
  return part
}

// seqLink is a link to a message.
export function seqLink(seq: number, open: (seq: number) => void, signal: AbortSignal): HTMLElement {
  const link = element("button", { type: "button", class: "link", title: say("speech.message", { seq }) }, `#${seq}`)
  link.addEventListener("click", () => open(seq), { signal })
  return link
}

export interface HeadParts {
  title: string
  below: (string | Node)[]
  acts: HTMLElement[]
}

export function sideHead({ title, below, acts }: HeadParts): HTMLElement {
  return element("header", { class: "side-top" }, element("h2", {}, title), element("span", { class: "side-acts" }, ...acts), element("p", {}, ...below))
}

// act is a button in the head of the right side.
export function act(picture: string, name: string, id: string, run: () => void, signal: AbortSignal, isOff = false): HTMLButtonElement {
  const button = iconButton(picture, name, { class: "tool low", "data-testid": id })
  button.disabled = isOff
  button.addEventListener("click", run, { signal })
  return button
}
