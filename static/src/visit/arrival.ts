// A press on the first page opens the page of a service, which then connects. The address of
// a page does not connect by itself: a link from elsewhere could have it.

const key = "duplex.arrival"
const longest = 10_000 // ms between the press and the arrival

export interface Arrival {
  does: "connect" | "prompt" | "recording" | "microphone" // after connecting
}

const all: readonly string[] = ["connect", "prompt", "recording", "microphone"]

export function leaveArrival(service: string, does: Arrival["does"]): void {
  try {
    sessionStorage.setItem(key, JSON.stringify({ service, does, at: Date.now() }))
  } catch {
    // Without storage the page opens, and the person presses Connect there.
  }
}

// takeArrival returns what to do on the page of a service, once.
export function takeArrival(service: string): Arrival["does"] | null {
  try {
    const left = JSON.parse(sessionStorage.getItem(key) ?? "null") as { service?: unknown; does?: unknown; at?: unknown } | null
    sessionStorage.removeItem(key)
    if (!left || left.service !== service || typeof left.at !== "number" || Date.now() - left.at > longest) return null
    return all.includes(String(left.does)) ? (left.does as Arrival["does"]) : null
  } catch {
    return null
  }
}
