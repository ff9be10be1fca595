// The console: a form, a connection made from it, and the log of that connection.
// Everything that happens becomes an event for step; draw shows the outcome.

import { createComposer, type Composer, type Message, type Outgoing, type Sending } from "../composer"
import { createDetail, type Detail } from "../detail"
import { adHoc, changed, ServiceForm, sessionBody, type Form } from "../forms"
import { lease, may } from "../identity"
import { createLog, type Log } from "../log"
import { SavedMessages } from "../saved"
import { say, visible } from "../text"
import { createSplit, createTabs, toast, type Tabs } from "../ui"
import { Attachment, bodyURL, closeSession, openSession, readRows, readSession, type Boot, type Row, type RowPage, type RowQuery, type Service, type Session, type WireError } from "../wire"
import { Drafts, newKey, type Draft } from "./drafts"
import { Outbox, type Way } from "./outbox"
import { createRowActions } from "./row-actions"
import { SavedService } from "./service"
import { SharePanel } from "./share"
import { createSidebar, type Sidebar } from "./sidebar"
import { away, live, start, step, type Event, type State } from "./state"
import { checkStore } from "./store"
import { drawDrafts, drawTeach, exampleOf } from "./teach"
import { View, type Failure } from "./view"

const replayed = 2000 // a longer log is joined near its end; the rest is fetched as it is looked at
const joinedNear = 200
const aroundGoal = 200 // rows fetched around a place that is gone to
const keepPause = 300 // ms without a change until what is written is kept

export class Console {
  private state: State = start
  private failure: Failure | null = null
  private dialled: Form | null = null
  private editing = false
  private attachment: Attachment | null = null
  private dialling: AbortController | null = null
  private before = "" // the session of the page's address
  private frame = 0
  private draft = "" // the key of what is written here
  private keeping = 0
  private readonly drafts: Drafts
  private readonly outbox: Outbox

  readonly tabs: Tabs
  private readonly side: Tabs
  private readonly form: ServiceForm
  readonly service: SavedService
  private readonly log: Log
  private readonly detail: Detail
  private readonly composer: Composer
  readonly messages: SavedMessages
  private readonly sidebar: Sidebar
  private readonly view: View
  private readonly share: SharePanel

  constructor(private readonly boot: Boot) {
    this.drafts = new Drafts(sessionStorage, boot.kinds)
    this.outbox = new Outbox(boot.limits.uploadAbove, () => this.drawOutgoing())
    this.tabs = createTabs(byId("tabs"))
    this.side = createTabs(byId("side-tabs"))
    this.form = new ServiceForm(boot, this.tabs, (field, binding) => this.service.bind(field, binding), () => this.edited(), {
      save: () => void this.service.save(),
      saved: () => this.service.saved.name,
    })
    this.service = new SavedService(this.form, boot.limits.maxMessageBytes, {
      filled: (form) => this.filled(form),
      saved: (service) => this.stored(service),
      deleted: () => this.forget(),
    })
    const me = document.querySelector(".who")?.textContent ?? ""
    this.messages = new SavedMessages({
      service: () => this.service.id,
      nameService: () => byId("service-name").focus(),
      written: () => this.composer.message(),
      load: (message) => this.load(message),
    })
    const actions = createRowActions({
      session: () => this.sessionID(),
      blocked: () => this.sendable(),
      send: (message, sending) => this.transmit(message, sending),
      keep: (message) => this.messages.keep(message),
    })
    this.log = createLog(byId("log"), {
      rows: (ask, signal) => this.rows(ask, signal),
      around: (goal) => this.rows({ limit: aroundGoal, ...("seq" in goal ? { around: goal.seq } : { at_us: goal.us }) }),
      span: () => this.span(),
      open: (row, find) => this.open(row, find),
      actions,
      me,
      again: (clientID) => this.sendAgain(clientID),
      drop: (clientID) => this.outbox.drop(clientID),
    })
    this.detail = createDetail(byId("detail"), {
      bodyURL: (seq) => bodyURL(this.sessionID(), seq),
      saveAsMessage: (text, type) => this.reuse(text, type),
      sendAgain: (row) => actions.sendAgain(row),
      blocked: (row) => actions.blocked(row),
      nonce: boot.nonce,
      leave: () => this.log.focus(),
      close: () => this.closeSide(),
    })
    this.composer = createComposer(byId("composer"), {
      send: (message, sending) => this.send(message, sending),
      limit: () => (live(this.state.connection) && this.dialled ? this.dialled : this.form.value()).maxMessageBytes,
      nonce: boot.nonce,
      tools: [this.messages.panel.button],
      changed: () => this.keepSoon(),
    })
    this.sidebar = createSidebar()
    this.view = new View((action, value) => this.act(action, value), (on) => void this.fold(on))
    this.share = new SharePanel(byId("share") as HTMLButtonElement)
    createSplit(byId("divider"), byId("main"))
    this.listen()
    this.begin()
  }

  focusAddress(): void {
    this.form.address.focus()
    this.form.address.select()
  }

  focusSearch(): void {
    this.log.focusSearch()
  }

  showSaved(): void {
    this.tabs.show("message")
    this.messages.panel.open()
  }

  // askWhere opens the field that goes to a message by number or time.
  askWhere(): void {
    if (this.sessionID()) this.log.askWhere()
  }

  get isLive(): boolean {
    return live(this.state.connection)
  }

  // connect opens a session with the form as it stands. It takes the place of a live
  // one only where that is what was asked for: after an edit.
  async connect(extra: object = {}): Promise<void> {
    const isEdited = this.editing && this.differs()
    if (this.state.connection.kind === "connecting" || (this.isLive && !isEdited)) return
    if (!may("member")) return toast(say("identity.may.member"))
    this.form.tidy()
    const form = this.form.value()
    if (!this.form.check()) return
    await this.leave()
    this.dialling = new AbortController()
    this.failure = null
    this.apply({ type: "connect", now: Date.now() })
    const { dial } = this.state
    const { ok, error } = await openSession({ ...sessionBody(form, this.service.id ? this.service.saved : null), ...extra }, this.dialling.signal)
    if (dial !== this.state.dial) return void (ok && closeSession(ok.id))
    if (error) return this.refused(dial, error)
    this.dialled = form
    this.before = ok.id
    history.pushState(null, "", `/sessions/${ok.id}`)
    if (!this.service.id) this.moveDraft(ok.id)
    this.keep()
    this.attach(ok)
    this.tabs.show("message")
    this.composer.focus()
  }

  cancel(): void {
    this.dialling?.abort()
    this.apply({ type: "cancel" })
    this.show()
    void this.rejoin()
  }

  async disconnect(): Promise<void> {
    const id = this.sessionID()
    if (!id) return
    const { error } = await closeSession(id)
    if (error && error.code !== "session_closed") toast(error.message)
  }

  private filled(form: Form): void {
    drawTeach(byId("teach"), form)
    this.edited()
  }

  private stored(service: Service): void {
    this.moveDraft(service.id)
    this.keep()
    this.sidebar.service(service)
    this.sidebar.mark(service.id, this.sessionID())
    if (this.state.connection.kind !== "attached") history.replaceState(null, "", `/services/${service.id}`)
  }

  // forget leaves the page of a service that is no more, and what was written for it.
  private forget(): void {
    window.clearTimeout(this.keeping)
    this.drafts.drop(this.draft)
    this.draft = ""
    location.assign("/")
  }

  private begin(): void {
    const { service, session } = this.boot
    if (service) this.service.adopt(service)
    else this.service.fill(session ? adHoc(session.address, this.boot.limits.maxMessageBytes) : this.service.saved)
    this.draft = service?.id || session?.id || this.beginNew()
    const draft = this.drafts.read(this.draft, this.service.saved)
    this.tabs.show("message")
    this.side.show("session")
    const example = exampleOf(this.form.value())
    if (draft?.message) this.composer.restore(draft.message)
    else if (example && !session) this.composer.set("json", example)
    this.takeUp(draft, session)
    if (session) void this.resume(session)
    else byId(this.form.value().base ? "connect" : "address").focus()
    this.draw()
    setInterval(() => this.view.tick(this.state), 250)
  }

  // beginNew is the key of what is written for a service that was never saved. A page
  // that was not there before is blank; drafts of others are offered.
  private beginNew(): string {
    const { key, address } = newKey(new URL(location.href), () => Date.now().toString(36))
    history.replaceState(history.state, "", address)
    drawDrafts(byId("teach"), this.drafts.ofNew().filter((kept) => kept.key !== key))
    return key
  }

  // takeUp goes on with a form as it was left. What an open session was dialled with
  // stays what the server says; where the form differs, it is being edited.
  private takeUp(draft: Draft | null, session: Session | null): void {
    if (session) this.dialled = this.drafts.read(dialledBy(session.id), this.service.saved)?.form ?? this.form.value()
    if (this.dialled) this.form.set(this.dialled)
    if (draft?.form) this.form.set(draft.form)
    if (draft?.left) toast(say("page.draft.secret"))
    else if (draft?.form && this.differs()) toast(say("page.draft.back"))
  }

  // differs is whether connecting now would dial something else.
  private differs(): boolean {
    const body = (form: Form) => JSON.stringify(sessionBody(form, null))
    return this.dialled === null || body(this.form.value()) !== body(this.dialled)
  }

  private edited(): void {
    this.keepSoon()
    this.draw()
  }

  private keepSoon(): void {
    window.clearTimeout(this.keeping)
    this.keeping = window.setTimeout(() => this.keep(), keepPause)
  }

  // keep puts what is written where a reload finds it, and answers whether that was
  // all of it.
  keep(): boolean {
    window.clearTimeout(this.keeping)
    if (!this.draft) return true
    const form = this.form.value()
    const { dialled, service: { saved } } = this
    const whole = this.drafts.write(this.draft, { form: changed(form, saved) ? form : null, message: this.composer.written() }, saved)
    if (dialled && this.before) this.drafts.write(dialledBy(this.before), { form: changed(dialled, saved) ? dialled : null, message: null }, saved)
    return whole && this.composer.keeps()
  }

  private moveDraft(key: string): void {
    if (key !== this.draft) this.drafts.drop(this.draft)
    this.draft = key
  }

  // rejoin goes back to the session that the page was at before a dial that led nowhere.
  private async rejoin(): Promise<void> {
    const { dial } = this.state
    if (!this.before) return
    const { ok } = await readSession(this.before)
    if (!ok || dial !== this.state.dial) return
    this.attach(ok)
    this.editing = true
  }

  // searchAsAsked fills the log's search from the page's address.
  private searchAsAsked(): void {
    const asked = new URLSearchParams(location.search)
    const text = asked.get("q") ?? ""
    if (text) this.log.search({ text, regex: asked.get("regex") === "1", matchCase: asked.get("case") === "1" })
  }

  // resume joins a session that was there before the page was.
  private async resume(session: Session): Promise<void> {
    this.before = session.id
    this.attach(session)
    this.searchAsAsked()
    this.editing = this.differs()
    const { dial } = this.state
    if (!session.handshake) {
      const { ok } = await readSession(session.id)
      if (ok) this.apply({ type: "session", dial, session: ok })
    }
    const seq = new URLSearchParams(location.search).get("seq")
    if (seq !== null) await this.goTo(Number(seq))
  }

  // goTo opens one message of the log, as the page's address asks.
  private async goTo(seq: number): Promise<void> {
    const isSeq = Number.isSafeInteger(seq) && seq > 0
    const { ok } = isSeq ? await readRows(this.sessionID(), { after: seq - 1, before: seq + 1, limit: 1 }) : { ok: null }
    if (!ok?.rows.length) return toast(say("row.not_there"))
    this.log.select(seq)
  }

  private attach(session: Session): void {
    const after = session.lastSeq > replayed ? session.lastSeq - joinedNear : 0
    this.editing = false
    this.apply({ type: "attach", session, seen: after })
    this.sidebar.mark(session.service || this.service.id, session.id)
    this.sidebar.session(session)
    this.log.reset(session.lastSeq)
    this.outbox.begin(after, session.service || session.address)
    this.detail.show(null)
    this.side.show("session")
    const { dial } = this.state
    if (after > 0 || session.state === "closed") void this.lookBack(dial, session.id)
    if (session.state === "closed") return
    this.attachment = new Attachment(session.id, after, {
      link: (link) => this.apply({ type: "link", dial, link, now: Date.now() - (this.attachment?.quietFor ?? 0) }),
      session: (heard) => this.heard(dial, heard),
      rows: (rows, lastSeq) => this.arrived(dial, rows, lastSeq),
      gone: (message) => this.barred(dial, message),
      unknown: () => void lease.renewed().then(() => dial === this.state.dial && this.attachment?.retry()),
    })
  }

  // lookBack finds the first messages of a log that was not replayed, for its timing.
  private async lookBack(dial: number, id: string): Promise<void> {
    for (const direction of ["sent", "received"]) {
      const { ok } = await readRows(id, { limit: 1, direction })
      if (ok) this.apply({ type: "earlier", dial, rows: ok.rows })
    }
  }

  // barred says why nothing more comes; what was seen stays.
  private barred(dial: number, message: string): void {
    const { connection } = this.state
    toast(message)
    if (connection.kind !== "attached") return
    const { session } = connection
    this.apply({ type: "session", dial, session: { ...session, access: { ...session.access, maySend: false, mayManage: false } } })
  }

  private heard(dial: number, session: Session): void {
    const { connection } = this.state
    if (connection.kind === "attached" && connection.session.store !== session.store) void checkStore()
    this.apply({ type: "session", dial, session })
    this.sidebar.session(session)
  }

  private arrived(dial: number, rows: Row[], lastSeq: number): void {
    const { connection } = this.state
    if (dial !== this.state.dial || connection.kind !== "attached") return
    const { seen } = connection
    this.apply({ type: "rows", dial, rows })
    const fresh = rows.filter((row) => row.seq > seen)
    if (fresh.length > 0) this.log.append(fresh, Math.max(lastSeq, fresh.at(-1)?.seq ?? 0))
    const news = this.outbox.arrived(fresh)
    if (news) this.composer.warn(say(news === "stopped" ? "composer.cancelled_late" : "composer.sent_late"))
  }

  // leave ends a live session before another is dialled in its place.
  private async leave(): Promise<void> {
    const { connection } = this.state
    this.attachment?.leave()
    this.attachment = null
    if (connection.kind === "attached" && live(connection)) await closeSession(connection.session.id)
  }

  private refused(dial: number, error: WireError): void {
    this.form.lock(false)
    if (error.code !== "target_blocked" && this.form.fail(error, true)) {
      this.apply({ type: "cancel" })
      return void this.rejoin()
    }
    this.failure = { error, isFolded: false }
    this.apply({ type: "failed", dial, error })
    this.show()
    const action = byId("diagnosis").querySelector<HTMLElement>("[data-testid=action]")
    ;(action ?? byId("connect")).focus()
  }

  // fold puts the diagnosis of a failed connect aside, for the session that was there
  // before, or shows it again. It waits for that session: until then its rows are on the
  // page and cannot be opened.
  private async fold(on: boolean): Promise<void> {
    const { failure } = this
    if (!failure) return
    if (on && this.state.connection.kind === "failed") {
      this.apply({ type: "cancel" })
      await this.rejoin()
      if (this.failure !== failure) return // another connect began
    }
    this.failure = { ...failure, isFolded: on }
    this.show()
    const next = on ? byId("folded") : byId("diagnosis").querySelector<HTMLElement>("[data-testid=diagnosis-fold]")
    next?.focus()
  }

  // act does what a diagnosis offers.
  private act(action: string, value: string): void {
    switch (action) {
      case "switch_to_ws":
        return this.redial({ base: this.form.value().base.replace(/^wss:/i, "ws:") })
      case "switch_to_wss":
        return this.redial({ base: this.form.value().base.replace(/^ws:/i, "wss:") })
      case "sync_address":
        return this.redial(adHocParts(value, this.form.value()))
      case "use_v11":
        return this.redial({ fields: { ...this.form.value().fields, algorithm: "V11-HMAC-SHA256" } })
      case "renew_token":
        return void this.connect({ renew_token: true })
      case "reconnect":
        return void this.connect()
      case "edit_auth":
      case "edit_headers":
      case "edit_settings":
        return this.openTab(action.slice("edit_".length))
    }
  }

  private redial(part: Partial<Form>): void {
    this.form.set({ ...this.form.value(), ...part })
    void this.connect()
  }

  private openTab(name: string): void {
    this.tabs.show(name)
    const panel = byId(`panel-${name}`)
    const secret = panel.querySelector<HTMLElement>("input[type=password], .kept button")
    ;(secret ?? panel.querySelector<HTMLElement>("select, input[type=text], button"))?.focus()
  }

  private async rows(query: RowQuery, signal?: AbortSignal): Promise<RowPage> {
    const { ok, error } = await readRows(this.sessionID(), query, signal)
    if (error) throw new Error(error.message)
    return ok
  }

  private span(): { openedUS: number; endedUS: number } {
    const { connection } = this.state
    const now = Date.now() * 1000
    if (connection.kind !== "attached") return { openedUS: now, endedUS: now }
    const { openedAtUS, endedAtUS } = connection.session
    return { openedUS: openedAtUS, endedUS: endedAtUS || Math.max(now, openedAtUS) }
  }

  private open(row: Row | null, find = ""): void {
    this.detail.show(row, find)
    this.side.show(row ? "detail" : "session")
    this.expand(row !== null)
  }

  private closeSide(): void {
    this.log.select(0)
    this.open(null)
  }

  private expand(on: boolean): void {
    byId("output").dataset.side = on ? "open" : ""
    byId("side-open").setAttribute("aria-expanded", String(on))
  }

  private reuse(text: string, type: "json" | "xml" | "html" | "text"): void {
    this.tabs.show("message")
    this.composer.set(type, text)
    this.composer.focus()
  }

  // load puts a saved message into the composer.
  private async load(message: Message): Promise<void> {
    this.tabs.show("message")
    await this.composer.put(message)
    this.composer.focus()
  }

  private async send(message: Outgoing, sending: Sending): Promise<void> {
    await this.transmit(message, sending)
  }

  private transmit(message: Outgoing, sending: Sending): Promise<number> {
    const { attachment } = this
    if (!attachment) return Promise.reject(new Error(say("page.send.closed")))
    return this.outbox.send(this.way(attachment), message, sending)
  }

  private sendAgain(clientID: string): void {
    const reason = this.sendable()
    if (reason !== null || !this.attachment) return toast(reason ?? say("page.send.closed"))
    void this.outbox.again(this.way(this.attachment), clientID)
  }

  private way(attachment: Attachment): Way {
    const { connection } = this.state
    const session = connection.kind === "attached" ? connection.session : null
    return { session: session?.id ?? "", target: session?.service || session?.address || "", attachment }
  }

  // drawOutgoing shows the messages that have no row of their own below all others.
  private drawOutgoing(): void {
    const pending = away(this.state.connection) ? "waiting" : "sending"
    this.log.showOutgoing(this.outbox.unsettled.map(({ row, reason }) => ({ row, reason, fate: reason ? "failed" : pending })))
  }

  private sessionID(): string {
    const { connection } = this.state
    return connection.kind === "attached" ? connection.session.id : ""
  }

  private apply(event: Event): void {
    this.state = step(this.state, event)
    this.draw()
  }

  // draw runs at most once a frame: batches of rows arrive faster than they are seen.
  private draw(): void {
    this.frame ||= requestAnimationFrame(() => this.show())
  }

  private show(): void {
    cancelAnimationFrame(this.frame)
    this.frame = 0
    const { connection } = this.state
    const form = this.form.value()
    const connected = live(connection)
    this.form.lock(connection.kind === "connecting" || (connected && !this.editing))
    this.view.draw({
      state: this.state,
      editing: this.editing,
      edited: this.differs(),
      unsaved: this.service.isChanged,
      hasService: this.service.id !== "",
      canSave: this.service.isChanged || !this.service.id,
      owner: form.mayChange ? "" : form.owner,
      failure: this.failure,
    })
    this.view.tick(this.state)
    this.share.draw(connection.kind === "attached" ? connection.session : null)
    this.composer.enable(this.sendable())
    this.detail.allow()
    this.drawOutgoing()
  }

  private sendable(): string | null {
    const { connection } = this.state
    if (!may("member")) return say("identity.may.member")
    if (connection.kind !== "attached") return say("page.send.idle")
    const { state, access, store } = connection.session
    if (away(connection)) return say("page.send.away")
    if (state !== "open") return say("page.send.closed")
    if (store && store !== "damaged") return say(`page.send.store_${store}`)
    return access.maySend ? null : say("share.watch_only", { owner: visible(access.owner) })
  }

  private listen(): void {
    const press = (id: string, run: () => void) => byId(id).addEventListener("click", run)
    byId("address-row").addEventListener("submit", (event) => {
      event.preventDefault()
      void this.connect()
    })
    press("cancel", () => this.cancel())
    press("disconnect", () => void this.disconnect())
    press("reconnect", () => void this.connect())
    press("edit", () => this.edit())
    press("save", () => void this.service.save())
    press("save-as", () => void this.service.saveAsNew())
    press("revert", () => void this.service.revert())
    press("delete", () => void this.service.remove())
    press("side-open", () => this.expand(byId("output").dataset.side !== "open"))
    byId("export-menu").querySelector("summary")?.addEventListener("click", (event) => {
      if (!this.sessionID()) event.preventDefault()
    })
    // Anywhere else the browser would open the file, in place of this page.
    document.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault() })
    document.addEventListener("drop", (event) => this.dropped(event))
    window.addEventListener("pagehide", () => this.keep())
    window.addEventListener("online", () => this.attachment?.retry())
    window.addEventListener("popstate", () => location.reload())
  }

  private dropped(event: DragEvent): void {
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    if (document.querySelector("dialog[open]")) return
    this.tabs.show("message")
    this.composer.take(file)
  }

  private edit(): void {
    this.editing = !this.editing
    if (!this.editing && this.dialled) this.form.set(this.dialled)
    this.show()
  }
}

function adHocParts(address: string, form: Form): Partial<Form> {
  const { base, params } = adHoc(address, form.maxMessageBytes)
  return params.length > 0 ? { base, params } : { base }
}

// dialledBy is the key of the form that a session was opened with, in this tab.
function dialledBy(session: string): string {
  return `dialled.${session}`
}

function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement
}
