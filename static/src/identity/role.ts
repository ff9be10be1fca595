// The role of the person at the page. The server decides; the page disables actions that
// the server would refuse, and shows the reason.

import { say } from "../text"

const roles = ["", "viewer", "member", "admin"]

export type Role = "viewer" | "member" | "admin"

export function may(role: Role): boolean {
  return roles.indexOf(document.body.dataset.role ?? "") >= roles.indexOf(role)
}

// forbid disables a button for people below a role and shows the reason.
export function forbid(button: HTMLButtonElement, role: Role): void {
  if (may(role)) return
  button.disabled = true
  button.title = say(`identity.may.${role}`)
}
