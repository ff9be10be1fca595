// The panel that shares a session: its link, the rights of other viewers, the list of
// viewers. The server decides; the panel shows the result.

import { say, visible } from "../text"
import { confirm, element, icon, problemLine, setText, toast, type Component } from "../ui"
import { handOver, shareSession, type Result, type Rights, type Session, type Viewer } from "../wire"

const gap = 4 // px between button, panel and window

export class SharePanel implements Component<Session | null> {
  private link = element("input", { type: "text", class: "input mono", readonly: true, "aria-label": say("share.link"), "data-testid": "share-link" })
  private copy = element("button", { type: "button", class: "button primary", "data-testid": "share-copy" }, icon("copy"), say("share.copy"))
  private who = element("p", { class: "share-who", role: "status", "data-testid": "share-who" })
  private shared = element("input", { type: "checkbox", class: "check", id: "share-shared", "data-testid": "share-shared" })
  private rights = element("select", { class: "select", id: "share-rights", "data-testid": "share-rights" },
    element("option", { value: "watch" }, say("share.rights.watch")), element("option", { value: "send" }, say("share.rights.send")))
  private owner = element("p", { class: "quiet", "data-testid": "share-owner" })
  private viewers = element("ul", { class: "share-viewers", "data-testid": "share-viewers" })
  private problem = problemLine()
  readonly element = element("div", { class: "share-panel", popover: "auto", role: "dialog", "aria-labelledby": "share-heading", "data-testid": "share-panel" },
    element("h2", { id: "share-heading" }, say("share.title")),
    element("div", { class: "share-row" }, this.link, this.copy),
    this.who,
    this.problem.element,
    element("label", { class: "share-check", for: "share-shared" }, this.shared, say("share.shared")),
    element("div", { class: "share-row" }, element("label", { for: "share-rights" }, say("share.rights")), this.rights),
    element("h3", {}, say("share.viewers")), this.viewers, this.owner,
  )
  private session: Session | null = null
  private readonly stop = new AbortController()
  private listed = ""

  constructor(private readonly button: HTMLButtonElement) {
    const { signal } = this.stop
    document.body.append(this.element)
    button.popoverTargetElement = this.element
    button.setAttribute("aria-haspopup", "dialog")
    this.element.addEventListener("toggle", (event) => { if ((event as ToggleEvent).newState === "open") this.opened() }, { signal })
    this.link.addEventListener("focus", () => this.link.select(), { signal })
    this.copy.addEventListener("click", () => void this.copied(), { signal })
    this.shared.addEventListener("change", () => void this.change({ shared: this.shared.checked }), { signal })
    this.rights.addEventListener("change", () => void this.change({ rights: this.rights.value === "send" ? "send" : "watch" }), { signal })
    window.addEventListener("resize", () => this.close(), { signal })
  }

  // update shows a session; null closes the panel.
  update(session: Session | null): void {
    const isOther = session?.id !== this.session?.id
    if (isOther) this.problem.tell("")
    this.session = session
    if (!session) return this.close()
    const { access } = session
    this.link.value = linkOf(session)
    setText(this.who, whoMayCome(session))
    this.shared.checked = access.shared
    if (isOther || document.activeElement !== this.rights) this.rights.value = access.rights
    this.shared.disabled = this.rights.disabled = !access.mayManage
    setText(this.owner, access.mayManage ? say("share.owner", { owner: visible(access.owner) }) : say("share.owner.asks", { owner: visible(access.owner) }))
    this.listViewers(session)
  }

  // listViewers redraws the viewers only after a change: a button that is replaced while the
  // pointer is down gets no click.
  private listViewers({ viewers }: Session): void {
    const now = JSON.stringify(viewers)
    if (now === this.listed) return
    this.listed = now
    const held = document.activeElement instanceof HTMLElement && this.viewers.contains(document.activeElement) ? document.activeElement.dataset.id : ""
    this.viewers.replaceChildren(...viewers.map((viewer) => this.item(viewer)))
    if (held) this.viewers.querySelector<HTMLElement>(`[data-id="${CSS.escape(held)}"]`)?.focus()
  }

  private item(viewer: Viewer): HTMLElement {
    const name = visible(viewer.name)
    const item = element("li", {}, element("span", { class: "name" }, name))
    if (viewer.you || viewer.same) item.append(element("span", { class: "kind" }, say(viewer.you ? "share.you" : "share.you_window")))
    if (!viewer.mayOwn) return item
    const give = element("button", { type: "button", class: "link", "data-testid": "share-hand-over", "data-id": viewer.id, "aria-label": say("share.hand_over.to", { name }) }, say("share.hand_over"))
    give.addEventListener("click", () => void this.give(viewer), { signal: this.stop.signal })
    item.append(give)
    return item
  }

  destroy(): void {
    this.stop.abort()
    this.element.remove()
  }

  private async give(viewer: Viewer): Promise<void> {
    const { session } = this
    const name = visible(viewer.name)
    if (!session || !(await confirm(say("share.hand_over.question", { name }), say("share.hand_over.detail", { name }), say("share.hand_over")))) return
    this.take(await handOver(session.id, viewer.id))
  }

  private async change(access: { shared?: boolean; rights?: Rights }): Promise<void> {
    if (this.session) this.take(await shareSession(this.session.id, access))
  }

  // take shows the result of a change. The server announces it to the viewers of a live
  // session, this page included; an ended session announces nothing.
  private take({ ok, error }: Result<Session>): void {
    this.problem.told(error)
    if (!this.session) return
    if (ok) this.session = { ...this.session, access: ok.access }
    this.update(this.session)
  }

  private async copied(): Promise<void> {
    const { session } = this
    if (!session) return
    try {
      await navigator.clipboard.writeText(linkOf(session))
      toast(say(reachesNobody(session) ? "share.copied.nobody" : "share.copied"))
    } catch {
      this.link.focus() // no clipboard on a page without TLS: the link is selected
    }
  }

  private opened(): void {
    const { right, bottom } = this.button.getBoundingClientRect()
    this.element.style.top = `${bottom + gap}px`
    this.element.style.left = `${Math.max(gap, Math.min(right - this.element.offsetWidth, innerWidth - this.element.offsetWidth - gap))}px`
    this.link.focus({ preventScroll: true })
  }

  private close(): void {
    if (this.element.matches(":popover-open")) this.element.hidePopover()
  }
}

function linkOf({ id }: Session): string {
  return `${location.origin}/sessions/${id}`
}

function reachesNobody({ access, service }: Session): boolean {
  return !access.shared && service === ""
}

function whoMayCome(session: Session): string {
  if (session.access.shared) return say("share.who.link")
  if (reachesNobody(session)) return say("share.who.nobody")
  return say("share.who.service", { service: visible(session.serviceName) })
}
