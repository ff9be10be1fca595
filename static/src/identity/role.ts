// What the person at the page may do. The server decides; the page only does not
// offer what would be refused, and says why.

import { say } from "../text"

const roles = ["", "viewer", "member", "admin"]

export type Role = "viewer" | "member" | "admin"

export function may(role: Role): boolean {
  return roles.indexOf(document.body.dataset.role ?? "") >= roles.indexOf(role)
}

// forbid switches a button off for those who may not use it, with the reason.
export function forbid(button: HTMLButtonElement, role: Role): void {
  if (may(role)) return
  button.disabled = true
  button.title = say(`identity.may.${role}`)
}
