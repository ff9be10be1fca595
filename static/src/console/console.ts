// The console page: wires its parts together. An event changes the model through step,
// and the screen draws the model.

import { createComposer, type Composer, type Message } from "../composer"
import { createDetail } from "../detail"
import { adHoc, type CodeKind, codeOf, type Form, isSigned, ServiceForm, sessionBody } from "../forms"
import { may } from "../identity"
import { createLog, type Log } from "../log"
import { SavedMessages } from "../saved"
import type { Sidebar } from "../sidebar"
import { say } from "../text"
import { Timing } from "../timing"
import { byId, every, ProblemLine, toast } from "../ui"
import { bodyURL, listHistory, playAudio, readLabels, readRows, type Boot, type LabelPage, type Row, type RowPage, type RowQuery, type Service, type Session, type WireError } from "../wire"
import { Connection } from "./connection"
import { Delivery } from "./delivery"
import { DraftKeeper } from "./draft-keeper"
import { makeRecording, takeArrival, type Arrival, type Draft } from "../visit"
import { askedSearch, askedSeq, askedTurn, nameService, nameSession } from "./location"
import { FolderPlace } from "./folder-place"
import { Model } from "./model"
import { pageName } from "./page-name"
import type { Places } from "./places"
import { pastedField, remedyOf } from "./remedy"
import { createRowActions } from "./row-actions"
import { Screen } from "./screen"
import { SavedService } from "./service"
import { SharePanel } from "./share"
import { Side } from "./side"

import { smallest, Speaking } from "./speaking"
import { live } from "./state"
import { exampleOf, Teach } from "./teach"
import { AddressView } from "./address-view"
import { isDismissed, View } from "./view"
import { Views } from "./views"

const aroundGoal = 200 // rows fetched around a place that is gone to
const aroundMessage = 60 // rows whose text is shown around that of a message
const ticks = 250 // ms between two updates of the running times

export class Console {
  readonly views: Views
  readonly service: SavedService
  readonly messages: SavedMessages
  private readonly stop = new AbortController()
  private readonly model = new Model(({ type }) => (type === "rows" ? this.screen.drawSoon() : this.screen.draw()))
  private readonly problem = new ProblemLine(byId("problem"))
  private readonly form: ServiceForm
  private readonly connection: Connection
  private readonly delivery: Delivery
  private readonly drafts: DraftKeeper
  private readonly log: Log
  private readonly composer: Composer
  private readonly side: Side
  private readonly teach = new Teach(byId("teach"))
  private readonly screen: Screen
  private readonly speaking: Speaking
  private readonly timing: Timing

  constructor(private readonly boot: Boot, private readonly sidebar: Sidebar) {
    const { model } = this
    this.views = new Views(byId("main"), {
      chosen: (view) => this.speaking.chose(view),
      changed: (view) => this.side.enter(view),
    })
    const { tabs } = this.views
    this.form = new ServiceForm(boot, tabs, (field, binding) => this.service.bind(field, binding), () => this.edited(), {
      save: () => void this.service.save(),
      saved: () => pageName(this.service.saved),
      shown: pageName,
    })
    this.service = new SavedService(this.form, boot.settings, {
      filled: (form) => this.filled(form),
      saved: (service) => this.stored(service),
      deleted: () => this.leavePage(),
      problem: this.problem,
    })
    this.messages = new SavedMessages({
      service: () => this.service.id,
      nameService: () => byId("service-name").focus(),
      written: async () => this.speaking.written() ?? (await this.composer.message()),
      load: (message) => this.load(message),
    })
    this.connection = new Connection(model, {
      attached: (session, after) => this.attached(session, after),
      changed: (session) => this.sidebar.put(session),
      arrived: (rows, lastSeq) => this.arrived(rows, lastSeq),
      turns: (updates) => this.speaking.heard.turns(updates),
      playing: (playing) => this.speaking.heard.playing(playing),
      refused: (sentence) => void this.speaking.heard.refused(sentence),
      problem: this.problem,
    })
    this.drafts = new DraftKeeper({ model, form: this.form, service: this.service, composer: () => this.composer, connection: this.connection }, boot.kinds)
    const actions = createRowActions({
      session: () => model.sessionID,
      blocked: () => this.delivery.barred()?.reason ?? null,
      send: (message, sending) => this.delivery.send(message, sending),
      keep: (message) => this.messages.saveMessage(message),
      turnOf: (seq) => this.speaking.turnOf(seq),
      showTurn: (n) => this.places.turn(n),
      problem: this.problem,
    })
    this.log = createLog(byId("log"), {
      rows: (ask, signal) => this.rows(ask, signal),
      labels: (after, signal) => this.labels(after, signal),
      around: (goal) => this.rows({ limit: aroundGoal, ...("seq" in goal ? { around: goal.seq } : { at_us: goal.us }) }),
      span: () => this.span(),
      open: (row, find) => this.side.update(row, find),
      full: () => this.side.full(),
      actions,
      me: document.querySelector(".who")?.textContent ?? "",
      again: (clientID) => this.delivery.again(clientID),
      drop: (clientID) => this.delivery.dropFailed(clientID),
    })
    this.delivery = new Delivery(model, this.connection, this.log, {
      uploadAbove: boot.limits.uploadAbove,
      pending: (messages) => this.speaking.pending(messages),
      retried: () => {
        this.composer.forgive()
        this.speaking.retried()
      },
    })
    const detail = createDetail(byId("detail"), {
      bodyURL: (seq) => bodyURL(model.sessionID, seq),
      saveAsMessage: (text, type) => this.reuse(text, type),
      sendAgain: (row) => actions.sendAgain(row),
      blocked: (row) => actions.blocked(row),
      nonce: boot.nonce,
      save: (row) => actions.save(row),
      link: (row) => actions.link(row),
      before: (seq) => this.log.before(seq),
      around: async (seq, signal) => (await this.rows({ around: seq, limit: aroundMessage }, signal)).rows,
      turnOf: (seq) => this.speaking.turnOf(seq),
      showTurn: (n) => this.places.turn(n),
      full: () => this.side.full(),
      step: (by) => this.log.step(by),
      leave: () => this.log.focus(),
    })
    this.side = new Side(detail, (kind) => this.closedSide(kind))
    this.views.add("messages", { tools: [], show: () => undefined, hide: () => undefined })
    this.timing = new Timing(byId("timing"), {
      select: (n) => void this.selectTurn(n),
      openTurn: (n) => this.places.turn(n),
      openMessages: (seq) => this.places.message(seq),
    })
    this.views.add("timing", this.timing)
    this.speaking = new Speaking({
      model, views: this.views, tools: [this.messages.panel.button], form: this.form, connection: this.connection, delivery: () => this.delivery, log: this.log, raw: () => this.composer, nonce: boot.nonce, problem: this.problem, dialect: boot.dialect,
      places: () => this.places,
      connect: () => this.connect(),
      detail: (name, content, opening, kept) => {
        const place = byId("turn-detail")
        if (content && place.firstChild !== content) place.replaceChildren(content)
        this.side.turn(content ? name : null, opening, kept)
      },
      dialectChanged: () => this.log.reset(model.session?.lastSeq ?? 0),
      changed: () => this.screen.draw(),
    })
    this.composer = createComposer(byId("composer"), {
      send: async (message, sending) => void (await this.delivery.send(message, sending)),
      limit: () => smallest(live(model.state.connection) && model.dialled ? model.dialled : this.form.value(), this.speaking.limit),
      uploadAbove: boot.limits.uploadAbove,
      nonce: boot.nonce,
      drops: (type) => this.speaking.drops(type),
      changed: () => this.drafts.keepSoon(),
    })
    const view = new View({
      act: (action, value) => this.act(action, value),
      fold: (on) => void this.fold(on),
      connect: () => void this.connect(),
      message: (seq) => this.places.message(seq),
      pasteName: () => {
        const field = pastedField(boot.kinds, this.form.value())
        return field === null ? "" : say(`auth.field.${field}`)
      },
      paste: (secret) => this.paste(secret),
      retry: () => this.connection.attachment?.retryNow(),
      example: () => void this.speaking.sendExample(),
    })
    this.screen = new Screen({
      model, view, address: new AddressView(this.form.address, byId("address-short")), form: this.form, service: this.service, drafts: this.drafts, composer: this.composer, delivery: this.delivery, speaking: this.speaking, timing: this.timing,
      name: () => this.name(),
      share: new SharePanel(byId<HTMLButtonElement>("share")),
    })
    byId("main").classList.toggle("composer-top", localStorage.getItem("duplex.composer") === "top")
    const folder = new FolderPlace(byId("folder-place"), () => void this.sidebar.move(this.serviceID))
    this.stop.signal.addEventListener("abort", () => folder.destroy(), { once: true })
    this.listen(this.stop.signal)
    this.begin()
    every(ticks, () => {
      view.tick(model.state)
      folder.update(this.sidebar.folderOf(this.serviceID))
      this.speaking.tick()
      this.delivery.tick()
    }, this.stop.signal)
  }

  focusAddress(): void {
    this.form.address.focus()
    this.form.address.select()
  }

  // places leads from one part to another.
  readonly places: Places = {
    turn: (n) => void this.showTurn(n),
    message: (seq) => void this.showMessage(seq),
    timing: (fromUS, toUS) => {
      this.timing.brush(fromUS, toUS)
      this.views.show("timing")
    },
    session: () => this.side.session(),
  }

  focusSearch(): void {
    if (this.views.current === "turns" && !this.views.isSetup && this.speaking.searchTurns()) return
    this.views.show("messages")
    this.log.focusSearch()
  }

  showSaved(): void {
    this.messages.panel.open()
  }

  // askWhere opens the field that goes to a message by number or time.
  askWhere(): void {
    if (!this.model.sessionID) return
    this.views.show("messages")
    this.log.askWhere()
  }

  // serviceID is the id of the saved service, of the session or of the form; "" for none.
  private get serviceID(): string {
    return this.model.session?.service || this.service.id
  }

  // name returns the name of what the page shows, as the side list has it, and the one that its
  // session was given.
  private name(): { shown: string; own: string } {
    const { session } = this.model
    return session ? this.sidebar.sessionName(session) : { shown: pageName(this.service.saved), own: "" }
  }

  get isLive(): boolean {
    return this.model.isLive
  }

  // keepDrafts stores the drafts and reports whether all of them fit.
  keepDrafts(): boolean {
    return this.drafts.keepDraft()
  }

  // connect opens a session with the form. It replaces a live session only after an edit
  // that changes the connection.
  async connect(extra: object = {}): Promise<void> {
    const { model, form, service } = this
    const isEdited = model.editing && this.drafts.differs()
    if (model.state.connection.kind === "connecting" || (model.isLive && !isEdited)) return
    if (!may("member")) return this.problem.tell(say("identity.may.member"))
    this.problem.tell("")
    form.tidy()
    const dialled = form.value()
    if (!form.checkForm()) return
    const { session: ended } = model
    if (ended?.state === "closed") model.before = ended.diagnosis && { session: ended.id, found: ended.diagnosis }
    const result = await this.connection.open({ ...sessionBody(dialled, service.id ? service.saved : null), ...extra }, throughGateway(dialled.base))
    if (!result) return
    if (result.error) return this.refused(result.error)
    const { ok: session } = result
    model.dialled = dialled
    nameSession(session.id)
    if (!service.id) this.drafts.move(session.id)
    this.keepDrafts()
    this.connection.attach(session)
    this.views.back()
    this.speaking.focus()
  }

  // renamed takes the new name of the page's service, and leaves unsaved changes alone.
  renamed({ id, name }: Service): void {
    const { form, service } = this
    if (id !== service.id) return
    const typed = form.value()
    if (typed.name === service.saved.name) form.update({ ...typed, name })
    service.saved = { ...service.saved, name }
    this.edited()
  }

  // named draws the name that a session was given.
  named(): void {
    this.screen.draw()
  }

  async disconnect(): Promise<void> {
    await this.connection.disconnect()
  }

  destroy(): void {
    this.stop.abort()
    for (const part of [this.views, this.form, this.connection, this.drafts, this.log, this.composer, this.side, this.messages, this.speaking, this.timing, this.screen]) part.destroy()
  }

  private begin(): void {
    const { boot: { service, session, settings }, form, model } = this
    if (service) this.service.adopt(service)
    else this.service.fill(session ? adHoc(session.address, settings) : this.service.saved)
    const { draft, others } = this.drafts.begin(service?.id || session?.id || "")
    this.teach.offer(others)
    const example = exampleOf(form.value())
    if (draft?.message) this.composer.restore(draft.message)
    else if (example && !session) this.composer.set("json", example)
    if (session) model.dialled = this.drafts.dialled(session) ?? form.value()
    this.restore(draft)
    this.speaking.begin(form.value().demo)
    if (!session) this.views.show(form.value().dialect ? "turns" : "messages")
    const arrival = service && !session ? takeArrival(service.id) : null
    if (arrival) void this.arrive(arrival)
    if (session) void this.resume(session)
    else byId(form.value().base ? "connect" : "address").focus()
    this.screen.draw()
  }

  // arrive connects for a person who pressed so on the page before, and does what they asked.
  private async arrive(does: Arrival["does"]): Promise<void> {
    await this.connect()
    const id = this.model.sessionID
    if (!id) return
    if (does === "prompt") await this.delivery.ask(say("page.demo.stream.prompt")).catch(() => {}) // its row shows the error
    else if (does === "microphone") document.querySelector<HTMLElement>("[data-testid=mode-microphone]")?.click()
    else if (does === "recording") {
      const { error } = await playAudio(id, await makeRecording(), 1, this.stop.signal)
      this.problem.told(error)
    }
  }

  // restore fills the form from a draft. The values that an open session was dialled
  // with stay known, so that the page sees which ones differ.
  private restore(draft: Draft | null): void {
    const { form, model } = this
    if (model.dialled) form.update(model.dialled)
    if (draft?.form) form.update(draft.form)
    if (draft?.left) toast(say("page.draft.secret"))
    else if (draft?.form && this.drafts.differs()) toast(say("page.draft.back"))
  }

  // resume attaches to the session that the page was loaded with, at the place that the
  // page's address asks for.
  private async resume(session: Session): Promise<void> {
    this.connection.resume(session)
    const search = askedSearch()
    if (search) {
      this.views.show("messages")
      this.log.search(search)
    }
    this.model.editing = this.drafts.differs()
    if (session.state !== "closed") void this.recallEnd(session)
    await this.connection.completeHandshake(session)
    const seq = askedSeq()
    const turn = askedTurn()
    if (seq !== null) await this.showMessage(seq)
    else if (turn !== null) await this.showTurn(turn)
  }

  // recallEnd finds the error with which the person's last session before this one ended.
  private async recallEnd({ id, service, address }: Session): Promise<void> {
    const { model } = this
    const { ok } = await listHistory(service ? { service } : {}, id, 1, this.stop.signal)
    const [last] = ok ?? []
    if (!last?.diagnosis || last.state !== "closed" || !last.access.mine || isDismissed(last.id) || model.sessionID !== id) return
    if (service ? last.service !== service : last.address !== address) return
    model.before ??= { session: last.id, found: last.diagnosis }
    this.screen.draw()
  }

  private async showMessage(seq: number): Promise<void> {
    if (!(await this.connection.findRow(seq))) return
    this.views.show("messages")
    this.log.select(seq)
  }

  private async showTurn(n: number): Promise<void> {
    this.views.show("turns")
    await this.speaking.showTurn(n)
  }

  // selectTurn shows the details of a turn beside the view that is shown.
  private async selectTurn(n: number): Promise<void> {
    await this.speaking.showTurn(n, true)
  }

  private filled(form: Form): void {
    this.teach.update(form)
    this.edited()
  }

  private edited(): void {
    this.drafts.keepSoon()
    this.screen.draw()
  }

  private stored(service: Service): void {
    this.drafts.move(service.id)
    this.keepDrafts()
    this.sidebar.putService(service)
    this.sidebar.mark(service.id, this.model.sessionID)
    if (this.model.state.connection.kind !== "attached") nameService(service.id)
  }

  // leavePage leaves the page of a deleted service and drops its draft.
  private leavePage(): void {
    this.drafts.forget()
    location.assign("/")
  }

  private cancel(): void {
    this.connection.cancel()
    this.screen.show()
    void this.connection.rejoin()
  }

  private attached(session: Session, after: number): void {
    this.sidebar.mark(session.service || this.service.id, session.id)
    this.sidebar.put(session)
    this.log.reset(session.lastSeq)
    this.delivery.begin(session, after)
    this.side.reset()
    this.speaking.attached(session)
  }

  private arrived(rows: Row[], lastSeq: number): void {
    if (rows.length > 0) this.log.append(rows, Math.max(lastSeq, rows.at(-1)?.seq ?? 0))
    this.speaking.arrived(rows)
    const warning = this.delivery.arrived(rows)
    if (warning) this.composer.warn(warning)
  }

  private refused(error: WireError): void {
    const { model } = this
    this.form.lock(false)
    if (error.code !== "target_blocked" && this.form.fail(error, true)) {
      model.apply({ type: "cancel" })
      return void this.connection.rejoin()
    }
    this.views.back()
    model.failure = { error, isFolded: false, triedUS: Date.now() * 1000 }
    model.apply({ type: "failed", dial: model.state.dial, error })
    this.screen.show()
    const part = (selector: string) => byId("diagnosis").querySelector<HTMLElement>(selector)
    ;(part("[data-testid=paste-secret]") ?? part("[data-testid=action].primary") ?? part("[data-testid=connect-again]") ?? byId("connect")).focus()
  }

  // fold folds the diagnosis of a failed connect, or unfolds it. It waits until the page
  // is back at the session before: rows can be opened only then.
  private async fold(on: boolean): Promise<void> {
    const { model } = this
    const { failure } = model
    if (!failure) return
    if (on && model.state.connection.kind === "failed") {
      model.apply({ type: "cancel" })
      await this.connection.rejoin()
      if (model.failure !== failure) return // another connect began
    }
    model.failure = { ...failure, isFolded: on }
    this.screen.show()
    const next = on ? byId("folded") : byId("diagnosis").querySelector<HTMLElement>("[data-testid=diagnosis-fold]")
    next?.focus()
  }

  // paste connects with a new secret in place of the one that was refused.
  private paste(secret: string): void {
    const form = this.form.value()
    const field = pastedField(this.boot.kinds, form)
    if (field === null) return
    this.form.update({ ...form, fields: { ...form.fields, [field]: secret } })
    void this.connect()
  }

  private act(action: string, value: string): void {
    const form = this.form.value()
    const remedy = remedyOf(action, value, form)
    if (!remedy) return
    if (remedy.kind === "tab") return this.openTab(remedy.name)
    if (remedy.kind === "redial") this.form.update({ ...form, ...remedy.part })
    void this.connect(remedy.kind === "connect" ? remedy.extra : {})
  }

  private openTab(name: string): void {
    this.views.tabs.update(name)
    const panel = byId(`panel-${name}`)
    const secret = panel.querySelector<HTMLElement>("input[type=password], .kept button")
    ;(secret ?? panel.querySelector<HTMLElement>("select, input[type=text], button"))?.focus()
  }

  private async rows(query: RowQuery, signal?: AbortSignal): Promise<RowPage> {
    const { ok, error } = await readRows(this.model.sessionID, query, signal)
    if (error) throw new Error(error.message)
    return ok
  }

  private async labels(after: number, signal: AbortSignal): Promise<LabelPage> {
    const { ok, error } = await readLabels(this.model.sessionID, after, signal)
    if (error) throw new Error(error.message)
    return ok
  }

  // span returns the time between the first and the last moment of the session.
  private span(): { openedUS: number; endedUS: number } {
    const { session } = this.model
    const now = Date.now() * 1000
    if (!session) return { openedUS: now, endedUS: now }
    const { openedAtUS, endedAtUS } = session
    return { openedUS: openedAtUS, endedUS: endedAtUS || Math.max(now, openedAtUS) }
  }

  private closeDetail(): void {
    this.log.select(0)
    this.side.update(null)
  }

  // closedSide keeps no message open that is not shown.
  private closedSide(kind: "turn" | "detail" | "session" | "full"): void {
    if (kind === "detail") this.closeDetail()
    if (kind === "detail" || kind === "full") this.log.focus()
  }

  // copyCode copies a command that opens the same connection elsewhere, without secrets.
  private async copyCode(kind: CodeKind): Promise<void> {
    const code = codeOf(kind, this.form.value())
    try {
      await navigator.clipboard.writeText(code)
      toast(say(isSigned(this.form.value()) ? "page.code.signed" : "page.code.copied"))
    } catch {
      this.problem.tell(code) // no clipboard on a page without TLS: the command can be selected
    }
  }

  private reuse(text: string, type: "json" | "xml" | "html" | "text"): void {
    this.views.back()
    this.speaking.write()
    this.composer.set(type, text)
    this.composer.focus()
  }

  // load puts a saved message into the composer.
  private async load(message: Message): Promise<void> {
    this.views.back()
    this.speaking.write()
    await this.composer.put(message)
    this.composer.focus()
  }

  private rename(): void {
    const name = byId<HTMLInputElement>("service-name")
    name.focus()
    name.select()
  }

  private async copyAddress(): Promise<void> {
    const { value } = this.form.address
    try {
      await navigator.clipboard.writeText(value)
      toast(say("page.address.copied"))
    } catch {
      this.problem.tell(value)
    }
  }

  private edit(): void {
    const { model } = this
    model.editing = !model.editing
    if (!model.editing && model.dialled) this.form.update(model.dialled)
    this.screen.show()
  }

  private listen(signal: AbortSignal): void {
    const press = (id: string, run: () => void) => byId(id).addEventListener("click", run, { signal })
    byId("address-row").addEventListener("submit", (event) => {
      event.preventDefault()
      void this.connect()
    }, { signal })
    press("cancel", () => this.cancel())
    press("disconnect", () => void this.disconnect())
    press("reconnect", () => void this.connect())
    press("edit", () => this.edit())
    press("share-too", () => byId("share").click())
    press("rename", () => this.rename())
    press("copy-address", () => void this.copyAddress())
    for (const button of byId("more-menu").querySelectorAll<HTMLElement>("[data-code]")) {
      button.addEventListener("click", () => void this.copyCode(button.dataset.code as CodeKind), { signal })
    }
    press("save", () => void this.service.save())
    press("save-as", () => void this.service.saveAsNew())
    press("revert", () => void this.service.revert())
    press("delete", () => void this.service.remove())
    byId("export-menu").querySelector("summary")?.addEventListener("click", (event) => {
      if (!this.model.sessionID) event.preventDefault()
    }, { signal })
    // Without this the browser opens a dropped file in place of the page.
    document.addEventListener("dragover", (event) => { if (event.dataTransfer?.types.includes("Files")) event.preventDefault() }, { signal })
    document.addEventListener("drop", (event) => this.dropped(event), { signal })
    window.addEventListener("pagehide", () => this.keepDrafts(), { signal })
    window.addEventListener("online", () => this.connection.attachment?.retry(), { signal })
    window.addEventListener("popstate", () => location.reload(), { signal })
  }

  private dropped(event: DragEvent): void {
    const file = event.dataTransfer?.files[0]
    if (!file) return
    event.preventDefault()
    if (document.querySelector("dialog[open]")) return
    this.views.back()
    if (this.speaking.take(file)) return
    this.speaking.write()
    this.composer.take(file)
  }
}

// throughGateway recognises the addresses of services that a gateway serves from a container.
function throughGateway(address: string): boolean {
  return /\/v\d\/infers\//.test(address)
}
