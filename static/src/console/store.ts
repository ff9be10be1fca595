// The banner on every page while the server's store has a problem: its disk is full, its
// file is lost or damaged. A store that is away is shown beside the waiting session.

import { every } from "../ui"
import { parseError } from "../wire"

const interval = 2000 // ms between two requests
const told = new Set(["storage_full", "store_lost", "store_damaged"])

// storeProblem reads an answer of /readyz: the sentence to show, "" for none, null when
// the answer is not about the store.
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
    return // the server was not reached: other parts of the page show that
  }
}

// watchStore checks the store while the page is visible.
export function watchStore(signal: AbortSignal): void {
  if (!document.getElementById("store")) return
  every(interval, () => document.hidden || void checkStore(), signal)
  document.addEventListener("visibilitychange", () => document.hidden || void checkStore(), { signal })
}
