// Renews the lease of the sign-in, on which the sockets of the page depend. When the
// sign-in has ended, a banner offers to sign in again in another window, so that nothing
// typed on the page is lost.

import { say } from "../text"
import { element, toast } from "../ui"

export type Verdict =
  | { kind: "good"; renewIn: number | null } // ms until the next request; null is never
  | { kind: "lost" }
  | { kind: "unknown" } // the server was not reached, or failed

const retry = 3000 // ms
const channel = "duplex.sign-in"
const signIn = "/sign-in"

// verdictOf reads an answer. A proxy that wants a sign-in answers 401 or redirects.
export function verdictOf(status: number, type: string, body: unknown): Verdict {
  if (status === 401 || type === "opaqueredirect") return { kind: "lost" }
  if (status !== 200 || typeof body !== "object" || body === null || !("renew_in_ms" in body)) return { kind: "unknown" }
  const renewIn = body.renew_in_ms
  return { kind: "good", renewIn: typeof renewIn === "number" ? Math.max(renewIn, 500) : null }
}

class Lease {
  private timer = 0
  private lost = false
  private asking = false
  private shown = new AbortController() // of the banner
  private waiting: (() => void)[] = []

  start(signal: AbortSignal): void {
    void this.renewLease()
    const others = new BroadcastChannel(channel)
    others.addEventListener("message", () => void this.renewLease(), { signal })
    window.addEventListener("focus", () => this.lost && void this.renewLease(), { signal })
    document.addEventListener("visibilitychange", () => document.hidden || void this.renewLease(), { signal })
  }

  // renewLease renews the lease now.
  async renewLease(): Promise<void> {
    if (this.asking) return
    this.asking = true
    const verdict = await ask()
    this.asking = false
    this.take(verdict)
  }

  // renewed resolves when the lease is renewed.
  renewed(): Promise<void> {
    const again = new Promise<void>((resolve) => this.waiting.push(resolve))
    void this.renewLease()
    return again
  }

  private take(verdict: Verdict): void {
    clearTimeout(this.timer)
    if (verdict.kind === "good") this.good(verdict.renewIn)
    else this.timer = window.setTimeout(() => void this.renewLease(), retry)
    if (verdict.kind === "lost" && !this.lost) {
      this.lost = true
      this.shown = new AbortController()
      showBanner(this.shown.signal)
    }
  }

  private good(renewIn: number | null): void {
    if (renewIn !== null) this.timer = window.setTimeout(() => void this.renewLease(), renewIn)
    if (this.lost) {
      this.lost = false
      this.shown.abort()
      hideBanner()
      toast(say("identity.lease.back"))
    }
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

export const lease = new Lease()

async function ask(): Promise<Verdict> {
  try {
    const response = await fetch("/api/lease", { redirect: "manual", headers: { Accept: "application/json" } })
    const body: unknown = response.ok ? await response.json() : null
    return verdictOf(response.status, response.type, body)
  } catch {
    return { kind: "unknown" }
  }
}

function showBanner(signal: AbortSignal): void {
  const host = document.getElementById("lease")
  if (!host) return
  const button = element("button", { type: "button", class: "button primary", "data-testid": "sign-in-again" }, say("identity.lease.renew"))
  button.addEventListener("click", signInBeside, { signal })
  host.replaceChildren(element("span", {}, say("identity.lease.ended")), button)
  host.hidden = false
}

function hideBanner(): void {
  const host = document.getElementById("lease")
  host?.replaceChildren()
  if (host) host.hidden = true
}

// signInBeside opens a window for the sign-in, so that the page stays. When the browser
// blocks the window, the page itself goes there; its drafts are kept.
function signInBeside(): void {
  const beside = window.open(`${signIn}?back=${encodeURIComponent(`${signIn}/done`)}`, "duplex-sign-in", "popup,width=520,height=680")
  if (!beside) location.assign(`${signIn}?back=${encodeURIComponent(location.pathname + location.search)}`)
}

// finishBeside runs in that window: it tells the pages and closes.
export function finishBeside(): void {
  new BroadcastChannel(channel).postMessage("signed in")
  window.close()
}
