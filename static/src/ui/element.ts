// Small helpers that build elements; text goes in as text, never as markup.

import { icon } from "./icons"

type Attributes = Record<string, string | number | boolean | null>

// element makes one element; attributes that are null or false are left out.
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) continue
    made.setAttribute(name, value === true ? "" : String(value))
  }
  made.append(...children)
  return made
}

// iconButton is a square button with a picture; its label is read and shown on hover.
export function iconButton(picture: string, label: string, attributes: Attributes = {}): HTMLButtonElement {
  const button = element("button", { type: "button", class: "tool", "aria-label": label, title: label, ...attributes })
  button.append(icon(picture))
  return button
}

// setText writes only what changed: rows are rewritten at every scroll.
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

// press shows a toggle's state to eyes and screen readers.
export function press(button: HTMLElement, on: boolean): void {
  button.setAttribute("aria-pressed", String(on))
}
