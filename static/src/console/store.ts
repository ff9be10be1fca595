// Says on every page what is wrong with the server's store, as long as it is: its disk
// is full, its file is lost or damaged. A store that is away has its own words beside
// the session that waits for it.

import { parseError } from "../wire"

const interval = 2000 // ms; the page is true within that time
const told = new Set(["storage_full", "store_lost", "store_damaged"])

// storeProblem reads an answer of /readyz: the sentence to show, "" for none, and null
// when it says nothing about it.
export function storeProblem(status: number, body: unknown): string | null {
  if (status === 200) return ""
  const inner = typeof body === "object" && body !== null && "error" in body ? body.error : null
  const error = parseError(inner)
  return told.has(error.code) ? error.message : error.code === "store_unavailable" ? "" : null
}

export async function checkStore(): Promise<void> {
  const host = document.getElementById("store")
  if (!host) return
  try {
    const response = await fetch("/readyz", { headers: { Accept: "application/json" } })
    const problem = storeProblem(response.status, await response.json())
    if (problem === null) return
    if (host.textContent !== problem) host.textContent = problem
    host.hidden = problem === ""
  } catch {
    return // the server is not there: other parts of the page say so
  }
}

// watchStore asks again and again while the page is looked at.
export function watchStore(): void {
  if (!document.getElementById("store")) return
  window.setInterval(() => document.hidden || void checkStore(), interval)
  document.addEventListener("visibilitychange", () => document.hidden || void checkStore())
}
