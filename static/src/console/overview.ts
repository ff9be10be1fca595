// The facts of a session at the right: the phases of its handshake, what it is connected
// with, its counts, viewers and limits, and the masked headers of both sides.

import { clock, count, exactSize, hms, iso, lasted, plural, say, size, sizeLimit, timeLimit, visible } from "../text"
import { element, type Component } from "../ui"
import type { Limits, Pair, Session, Viewer } from "../wire"
import { drawPhases } from "./phases"
import { firstLatency, type Timing } from "./state"

type Fact = [name: string, value: string, look?: "" | "mono" | "danger", title?: string]

interface Facts {
  session: Session
  name: string
  timing: Timing
  isLost?: boolean // they are those of before Duplex went away
}

export class Overview implements Component<Facts> {
  private drawn: { session: Session; name: string; first: number | null; isLost: boolean } | null = null

  constructor(readonly element: HTMLElement) {}

  update({ session, name, timing, isLost = false }: Facts): void {
    const { handshake } = session
    const { drawn } = this
    const first = firstLatency(session, timing)
    if (drawn?.session === session && drawn.name === name && drawn.first === first && drawn.isLost === isLost) return
    this.drawn = { session, name, first, isLost }
    const phases = handshake ? drawPhases(handshake, false) : null
    const blocks = [
      head(session, name, isLost),
      phases ? block("page.overview.handshake", phases) : null,
      section("overview.connection", connection(session), "overview-connection"),
      section("overview.traffic", traffic(session, first), "overview-traffic"),
      section("page.overview.viewers", viewers(session.viewers), "overview-viewers"),
      section("overview.limits", limits(session.limits), "overview-limits"),
      ...(handshake ? [...headers("page.overview.request", handshake.requestHeaders), ...headers("page.overview.response", handshake.responseHeaders)] : []),
    ]
    replaceKeeping(this.element, blocks.filter((block) => block !== null))
  }

  destroy(): void {
    this.element.replaceChildren()
  }
}

// replaceKeeping replaces the blocks that have changed, so that a selected text stays selected.
// Opened ones stay open, and the scroll position stays.
function replaceKeeping(host: HTMLElement, blocks: HTMLElement[]): void {
  const open = new Set([...host.querySelectorAll<HTMLDetailsElement>("details[open]")].map((d) => d.dataset.key))
  for (const made of blocks) if (made instanceof HTMLDetailsElement) made.open = open.has(made.dataset.key)
  const before = [...host.children]
  if (before.length === blocks.length) {
    blocks.forEach((made, index) => {
      if (!before[index]?.isEqualNode(made)) before[index]?.replaceWith(made)
    })
    return
  }
  const top = host.scrollTop // this lays the page out: it costs more than the blocks
  host.replaceChildren(...blocks)
  host.scrollTop = top
}

function head(s: Session, name: string, isLost: boolean): HTMLElement {
  const shown = isLost ? "lost" : s.state
  const state = element("b", { class: "overview-state", "data-state": shown }, say(`page.state.${shown}`))
  const opened = element("span", { title: iso(s.openedAtUS) }, s.openedBy ? say("overview.opened_by", { time: hms(s.openedAtUS), who: visible(s.openedBy) }) : say("overview.opened", { time: hms(s.openedAtUS) }))
  return element("header", { class: "overview-head" }, element("h2", {}, name || say("page.overview.session")), element("p", {}, state, " · ", opened))
}

// viewerNames lists the viewers: You, You in 2 other windows, Ben.
export function viewerNames(viewers: readonly Viewer[]): string {
  return namesOf(viewers).join(", ")
}

function namesOf(viewers: readonly Viewer[]): string[] {
  const others = viewers.filter(({ you, same }) => !you && !same).map(({ name, id }) => visible(name) || id.slice(0, 8))
  const windows = viewers.filter(({ same }) => same).length
  const own = viewers.some(({ you }) => you) ? [say("share.you_here")] : []
  if (windows > 0) own.push(plural("share.you_elsewhere", windows))
  return [...own, ...others]
}

function connection(s: Session): Fact[] {
  const h = s.handshake
  return [
    [say("page.overview.address"), s.address, "mono"],
    [say("overview.remote"), h?.proxy ? "" : (h?.remote ?? ""), "mono"],
    [say("page.overview.proxy"), h?.proxy ?? "", "mono"],
    [say("page.overview.tls"), h?.tlsVersion ?? ""],
    [say("page.overview.certificate"), h?.unverified ? say("page.overview.unverified") : "", "danger"],
    [say("page.overview.subprotocol"), s.subprotocol, "mono"],
    [say("overview.dialect"), s.dialectTitle || s.dialect || say("overview.none")],
    [say("overview.environment"), s.environment || say("overview.none")],
    [say("page.overview.opened"), clock(s.openedAtUS), "", iso(s.openedAtUS)],
    [say("page.overview.ended"), s.endedAtUS ? clock(s.endedAtUS) : "", "", s.endedAtUS ? iso(s.endedAtUS) : ""],
    [say("overview.lasted"), s.endedAtUS ? lasted(s.endedAtUS - s.openedAtUS) : ""],
    [say("page.overview.closed"), s.closeCode ? `${s.closeCode} ${s.closeReason}`.trim() : ""],
    [say("overview.keep"), keep(s)],
  ]
}

// keep tells how long an open session stays without a viewer.
function keep(s: Session): string {
  if (s.state !== "open") return s.pinned ? say("overview.pinned") : ""
  return s.keepUntilUS ? say("overview.keep.until", { time: hms(s.keepUntilUS) }) : say("overview.keep.watched")
}

function traffic(s: Session, first: number | null): Fact[] {
  return [
    [say("overview.sent"), say("page.overview.amount", { messages: plural("timing.messages", s.sent, { count: count(s.sent) }), bytes: size(s.bytesSent) })],
    [say("overview.received"), say("page.overview.amount", { messages: plural("timing.messages", s.received, { count: count(s.received) }), bytes: size(s.bytesReceived) })],
    [say("page.overview.first"), first === null ? "" : lasted(first)],
  ]
}

function viewers(all: readonly Viewer[]): Fact[] {
  return namesOf(all).map((name) => [name, ""])
}

// limits lists what is known of the service's limits.
function limits(l: Limits): Fact[] {
  const time = (ms: number) => (ms > 0 ? timeLimit(ms) : "")
  const frames = l.frameMaxBytes > 0 ? (l.frameMinBytes > 0 ? say("overview.limit.from_to", { from: sizeLimit(l.frameMinBytes), to: sizeLimit(l.frameMaxBytes) }) : sizeLimit(l.frameMaxBytes)) : ""
  return [
    [say("overview.limit.message"), l.messageBytes > 0 ? sizeLimit(l.messageBytes) : "", "", exactSize(l.messageBytes)],
    [say("overview.limit.chars"), l.chars > 0 ? count(l.chars) : ""],
    [say(l.idleAudio ? "overview.limit.idle_audio" : "overview.limit.idle"), time(l.idleMS)],
    [say("overview.limit.request"), time(l.requestMS)],
    [say("overview.limit.session"), time(l.sessionMS)],
    [say("overview.limit.frame"), frames],
    [say("overview.limit.gap"), time(l.gapMS)],
    [say("overview.limit.audio"), time(l.audioMS)],
    [say("overview.limit.rate"), l.rate > 0 ? say("overview.limit.times", { rate: l.rate }) : ""],
  ]
}

// section lists facts: name left, value right. Without a fact there is none.
function section(key: string, facts: readonly Fact[], id: string): HTMLElement | null {
  const list = element("dl", { class: "facts-list", "data-testid": id })
  for (const [name, value, look = "", title = ""] of facts) {
    if (value) list.append(element("div", {}, element("dt", {}, name), element("dd", { class: look, title: title || null }, visible(value))))
    else if (key === "page.overview.viewers") list.append(element("div", {}, element("dt", { class: "name" }, name), element("dd", {})))
  }
  return list.childElementCount > 0 ? block(key, list) : null
}

// headers lists headers in a folded block; without headers there is none.
function headers(key: string, pairs: readonly Pair[]): HTMLElement[] {
  if (pairs.length === 0) return []
  const list = element("dl", { class: "facts-list mono" })
  for (const { name, value } of pairs) list.append(element("div", {}, element("dt", {}, visible(name)), element("dd", {}, visible(value))))
  const summary = element("summary", {}, say(key), element("span", { class: "badge" }, String(pairs.length)))
  return [element("details", { class: "fold", "data-key": key }, summary, list)]
}

function block(key: string, content: HTMLElement): HTMLElement {
  return element("section", { class: "block" }, element("h3", {}, say(key)), content)
}
