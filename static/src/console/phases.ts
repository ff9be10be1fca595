// The phases of a handshake as bars.

import { lasted, say } from "../text"
import { element } from "../ui"
import type { Handshake } from "../wire"

const phases = ["dns", "tcp", "proxy", "tls", "upgrade"] as const

// drawPhases draws each phase as a bar that starts where the one before it ended; null where
// none is known. Of a failed handshake the last one failed.
export function drawPhases({ phasesUS, proxy, tlsVersion }: Handshake, isFailed: boolean): HTMLElement | null {
  const shown: { name: string; took: number }[] = phases
    .filter((name) => phasesUS[name] > 0 && (name !== "proxy" || proxy !== ""))
    .map((name) => ({ name: name === "tls" && tlsVersion ? tlsVersion : say(`page.phase.${name}`), took: phasesUS[name] }))
  if (shown.length === 0) return null
  const known = shown.reduce((sum, { took }) => sum + took, 0)
  const rest = phasesUS.total - known
  if (!isFailed && rest > known / 20) shown.push({ name: say("page.phase.other"), took: rest })
  const total = Math.max(known, phasesUS.total, 1)
  let from = 0
  const rows = shown.map(({ name, took }, index) => {
    const bar = element("i", { class: isFailed && index === shown.length - 1 ? "bad" : "" })
    bar.style.setProperty("--from", String(from / total))
    bar.style.setProperty("--share", String(took / total))
    from += took
    return element("div", {}, element("dt", {}, name), element("dd", {}, element("span", { class: "track", "aria-hidden": "true" }, bar), element("span", { class: "number" }, lasted(took))))
  })
  if (!isFailed) rows.push(element("div", { class: "total" }, element("dt", {}, say("page.phase.total")), element("dd", {}, element("span", {}), element("span", { class: "number" }, lasted(total)))))
  return element("dl", { class: "phases", "data-testid": "phases" }, ...rows)
}
