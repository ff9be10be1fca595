// The facts of a session, beside the log: the phases of its handshake, its counts, and
// the masked headers of both sides.

import { count, lasted, plural, say, size, stamp, visible } from "../text"
import { element, type Component } from "../ui"
import type { Handshake, Pair, Session, Viewer } from "../wire"
import { firstLatency, type Timing } from "./state"

const phases = ["dns", "tcp", "proxy", "tls", "upgrade"] as const

export class Overview implements Component<{ session: Session; timing: Timing }> {
  constructor(readonly element: HTMLElement) {}

  update({ session, timing }: { session: Session; timing: Timing }): void {
    const blocks: HTMLElement[] = [block("page.overview.session", facts(session, timing))]
    const { handshake } = session
    if (handshake) {
      blocks.unshift(timingBlock(handshake))
      blocks.push(...headers("page.overview.request", handshake.requestHeaders), ...headers("page.overview.response", handshake.responseHeaders))
    }
    replaceKeeping(this.element, blocks)
  }

  destroy(): void {
    this.element.replaceChildren()
  }
}

// replaceKeeping replaces the blocks; opened ones stay open and the scroll position stays.
function replaceKeeping(host: HTMLElement, blocks: HTMLElement[]): void {
  const open = new Set([...host.querySelectorAll<HTMLDetailsElement>("details[open]")].map((d) => d.dataset.key))
  const top = host.scrollTop
  host.replaceChildren(...blocks)
  for (const details of host.querySelectorAll<HTMLDetailsElement>("details")) details.open = open.has(details.dataset.key)
  host.scrollTop = top
}

// timingBlock draws each phase as a bar that starts where the one before it ended.
export function timingBlock(handshake: Handshake): HTMLElement {
  const { phasesUS } = handshake
  const total = Math.max(1, phasesUS.total, phases.reduce((sum, name) => sum + phasesUS[name], 0))
  const list = element("dl", { class: "phases", "data-testid": "timing" })
  let from = 0
  const rest = Math.max(0, phasesUS.total - phases.reduce((sum, name) => sum + phasesUS[name], 0))
  for (const name of [...phases, "other"] as const) {
    const took = name === "other" ? rest : phasesUS[name]
    if (name === "other" && took < total / 20 || name === "proxy" && !handshake.proxy) continue
    const bar = element("span", { class: `phase-bar phase-${name}` })
    bar.style.setProperty("--from", String(from / total))
    bar.style.setProperty("--share", String(took / total))
    list.append(
      element("div", { class: took ? "phase" : "phase none" },
        element("dt", {}, say(`page.phase.${name}`)),
        element("dd", {}, element("span", { class: "phase-track", "aria-hidden": "true" }, bar), element("span", { class: "number" }, took ? lasted(took) : "–")),
      ),
    )
    from += took
  }
  list.append(
    element("div", { class: "phase total" },
      element("dt", {}, say("page.phase.total")),
      element("dd", {}, element("span", { class: "phase-track" }), element("span", { class: "number" }, lasted(total))),
    ),
  )
  return block("page.overview.handshake", list)
}

// viewerNames lists the viewers: You, You in 2 other windows, Ben.
export function viewerNames(viewers: readonly Viewer[]): string {
  const others = viewers.filter(({ you, same }) => !you && !same).map(({ name, id }) => visible(name) || id.slice(0, 8))
  const windows = viewers.filter(({ same }) => same).length
  const own = viewers.some(({ you }) => you) ? [say("share.you_here")] : []
  if (windows > 0) own.push(plural("share.you_elsewhere", windows))
  return [...own, ...others].join(", ")
}

function facts(s: Session, timing: Timing): HTMLElement {
  const first = firstLatency(s, timing)
  const rows: [string, string, string?][] = [
    [say("page.overview.state"), say(`page.state.${s.state}`)],
    [say("page.overview.address"), s.address],
    [say("page.overview.remote"), s.handshake?.proxy ? "" : s.handshake?.remote ?? ""],
    [say("page.overview.proxy"), s.handshake?.proxy ?? ""],
    [say("page.overview.tls"), s.handshake?.tlsVersion ?? ""],
    [say("page.overview.certificate"), s.handshake?.unverified ? say("page.overview.unverified") : "", "danger"],
    [say("page.overview.subprotocol"), s.subprotocol],
    [say("page.overview.sent"), say("page.overview.amount", { messages: count(s.sent), bytes: size(s.bytesSent) })],
    [say("page.overview.received"), say("page.overview.amount", { messages: count(s.received), bytes: size(s.bytesReceived) })],
    [say("page.overview.first"), first === null ? "" : lasted(first)],
    [say("page.overview.opened"), stamp(s.openedAtUS).slice(0, -3)],
    [say("page.overview.by"), s.openedBy],
    [say("page.overview.ended"), s.endedAtUS ? stamp(s.endedAtUS).slice(0, -3) : ""],
    [say("page.overview.closed"), s.closeCode ? `${s.closeCode} ${s.closeReason}`.trim() : ""],
    [say("page.overview.viewers"), viewerNames(s.viewers)],
  ]
  const list = element("dl", { class: "facts-list" })
  for (const [name, value, look = ""] of rows) {
    if (value) list.append(element("div", {}, element("dt", {}, name), element("dd", { class: look }, visible(value))))
  }
  return list
}

// headers lists headers in a folded block; without headers there is none.
export function headers(key: string, pairs: readonly Pair[]): HTMLElement[] {
  if (pairs.length === 0) return []
  const list = element("dl", { class: "facts-list mono" })
  for (const { name, value } of pairs) list.append(element("div", {}, element("dt", {}, visible(name)), element("dd", {}, visible(value))))
  const summary = element("summary", {}, say(key), element("span", { class: "badge" }, String(pairs.length)))
  return [element("details", { class: "fold", "data-key": key }, summary, list)]
}

function block(key: string, content: HTMLElement): HTMLElement {
  return element("section", { class: "block" }, element("h2", {}, say(key)), content)
}
