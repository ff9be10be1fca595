// Helpers that find and build elements; text is set as text, never as markup.

import { icon } from "./icons"

type Attributes = Record<string, string | number | boolean | null>

// element makes one element; attributes that are null or false are omitted.
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

// iconButton makes a square button with a picture; its label is read aloud and shown on hover.
export function iconButton(picture: string, label: string, attributes: Attributes = {}): HTMLButtonElement {
  const button = element("button", { type: "button", class: "tool", "aria-label": label, title: label, ...attributes })
  button.append(icon(picture))
  return button
}

// setText writes only a changed text: rows are rewritten at every scroll.
export function setText(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text
}

// press sets the state of a toggle button.
export function press(button: HTMLElement, on: boolean): void {
  button.setAttribute("aria-pressed", String(on))
}

// byId returns an element of the server's HTML, which the caller knows to be there.
export function byId<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T
}
