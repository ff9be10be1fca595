// The page of a new service: an address, what is recognised by it, and a test beside it.

import { addressOf, amountOf, blank, changed, regionOf, serviceBody, ServiceForm, sessionBody, type Form } from "../forms"
import { forbid, may } from "../identity"
import { exactSize, plural, say, sizeLimit, timeLimit, visible } from "../text"
import { byId, element, icon, ProblemLine, toast, type Component } from "../ui"
import { Drafts, leaveArrival, newKey } from "../visit"
import { listDialects, listFolders, parseError, readDialect, saveService, type Boot, type Dialect, type DialectSummary } from "../wire"
import { readPasted, type Pasted } from "./command"
import { filledWith, partsFilled } from "./fill"
import { oneLine } from "./first"
import { isComplete, providerOf, type Provider } from "./provider"
import { TestPanel } from "./test-panel"

const pause = 300 // ms after a change of the address until it is looked up
const keepPause = 300 // ms after a change until the draft is stored

export class NewService implements Component<{ pasted: Pasted | null; kind: string }> {
  readonly element: HTMLElement
  private readonly stop = new AbortController()
  private readonly form: ServiceForm
  private readonly test: TestPanel
  private readonly drafts: Drafts
  private readonly key: string
  private readonly usual: Form
  private readonly dialects = byId<HTMLSelectElement>("new-dialect")
  private readonly folder = byId<HTMLInputElement>("folder")
  private readonly notice = byId("pasted")
  private readonly problem = new ProblemLine(byId("problem"))
  private before: Form | null = null // what Undo brings back
  private provider: Provider | null = null
  private list: readonly DialectSummary[] = []
  private dialect: Dialect | null = null
  private suggestedName = ""
  private touched = { dialect: false, auth: false }
  private looked = ""
  private timer = 0
  private keepTimer = 0
  private saving = false

  constructor(boot: Boot) {
    const { signal } = this.stop
    this.element = byId("main")
    this.usual = blank(boot.settings)
    this.drafts = new Drafts(sessionStorage, boot.kinds)
    const { key, address } = newKey(new URL(location.href), () => Date.now().toString(36))
    this.key = key
    history.replaceState(history.state, "", address)
    this.form = new ServiceForm(boot, { update: (name) => this.unfold(name), badge: () => undefined }, () => Promise.resolve(null), () => this.edited(), {
      save: () => void this.save(false),
      saved: () => "",
      shown: ({ name }) => name,
    })
    this.form.update(this.usual)
    this.test = new TestPanel(byId("test"), { act: (action, value) => this.act(action, value) })
    this.listen(signal)
    for (const id of ["save", "connect", "connect-once"]) forbid(byId<HTMLButtonElement>(id), "member")
    this.drawDialects()
    void this.readFolders()
    this.restore()
  }

  // update takes what was pasted on the first page, or a kind of credential.
  update({ pasted, kind }: { pasted: Pasted | null; kind: string }): void {
    if (kind) this.form.setCredential(kind, {})
    if (pasted) this.fill(pasted)
    this.form.address.focus()
  }

  focusAddress(): void {
    this.form.address.focus()
    this.form.address.select()
  }

  // keepDraft stores what was typed, without secrets, and reports whether all of it fit.
  keepDraft(): boolean {
    window.clearTimeout(this.keepTimer)
    const form = this.form.value()
    return this.drafts.write(this.key, { form: this.isEmpty(form) ? null : form, message: null }, this.usual)
  }

  async save(connects: boolean): Promise<void> {
    if (this.saving) return
    if (!may("member")) return this.problem.tell(say("identity.may.member"))
    this.form.tidy()
    const form = this.form.value()
    if (!form.name.trim()) return void this.form.fail(parseError({ field: "name", message: say("page.service.name.missing") }), false)
    if (!form.base.trim()) return void this.form.fail(parseError({ field: "address", message: say("page.address.missing") }), false)
    this.busy(true)
    const { ok, error } = await saveService("", { ...serviceBody(form), folder: this.folder.value.trim() })
    this.busy(false)
    if (error) {
      this.problem.tell(this.form.fail(error, false) ? "" : error.message)
      return
    }
    this.forget()
    if (connects) leaveArrival(ok.id, "connect")
    location.assign(`/services/${ok.id}`)
  }

  destroy(): void {
    this.stop.abort()
    window.clearTimeout(this.timer)
    window.clearTimeout(this.keepTimer)
    this.form.destroy()
    this.test.destroy()
  }

  private listen(signal: AbortSignal): void {
    const press = (id: string, run: () => void) => byId(id).addEventListener("click", run, { signal })
    byId("new-form").addEventListener("submit", (event) => {
      event.preventDefault()
      void this.save(true)
    }, { signal })
    byId("new-form").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target instanceof HTMLInputElement && event.target !== this.form.address) event.preventDefault()
    }, { signal })
    this.form.address.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return
      event.preventDefault() // Enter does not save: the form is long
      this.takeTyped()
    }, { signal })
    this.form.address.addEventListener("paste", (event) => this.paste(event), { signal, capture: true })
    this.form.address.addEventListener("change", () => this.takeTyped(), { signal })
    press("save", () => void this.save(false))
    press("leave", () => this.leave())
    press("connect-once", () => void this.connectOnce())
    this.dialects.addEventListener("change", () => {
      this.touched.dialect = true
      void this.choose(this.dialects.value)
    }, { signal })
    byId("panel-auth").addEventListener("input", () => this.touchAuth(), { signal })
    byId("panel-auth").addEventListener("change", () => this.touchAuth(), { signal })
    const shared = byId<HTMLInputElement>("new-shared")
    shared.addEventListener("change", () => {
      const setting = byId<HTMLInputElement>("setting-shared")
      setting.checked = shared.checked
      setting.dispatchEvent(new globalThis.Event("input", { bubbles: true }))
    }, { signal })
    window.addEventListener("pagehide", () => this.keepDraft(), { signal })
  }

  private touchAuth(): void {
    this.touched.auth = true
    this.drawSuggested()
  }

  private edited(): void {
    window.clearTimeout(this.keepTimer)
    this.keepTimer = window.setTimeout(() => this.keepDraft(), keepPause)
    const address = addressOf(this.form.value())
    if (address !== this.looked) {
      window.clearTimeout(this.timer)
      this.timer = window.setTimeout(() => void this.recognise(), pause)
    }
    this.show()
  }

  // show brings the parts beside the form up to date.
  private show(): void {
    const form = this.form.value()
    const address = addressOf(form)
    const isReady = isComplete(address) && may("member")
    this.test.update({ body: isReady ? sessionBody({ ...form, service: "" }, null) : null, missing: this.form.isMissing(), address })
    this.drawLimits(form)
    this.drawSuggested()
    this.drawHint(form)
  }

  // recognise suggests what the address tells, as long as nobody has chosen otherwise.
  private async recognise(): Promise<void> {
    const address = addressOf(this.form.value())
    this.looked = address
    this.provider = providerOf(address)
    const [outer, inner] = await Promise.all([listDialects(address), this.provider?.inner ? listDialects(this.provider.inner) : null])
    if (this.looked !== address) return
    this.list = outer.ok ?? []
    const fitting = inner?.ok?.find(({ suggested }) => suggested) ?? this.list.find(({ suggested }) => suggested)
    this.suggestedName = isComplete(address) ? fitting?.name ?? "" : ""
    this.drawDialects()
    if (!this.touched.dialect) await this.choose(this.suggestedName)
    if (this.provider && !this.touched.auth && this.form.value().kind !== this.provider.kind) this.form.setCredential(this.provider.kind, {})
    this.drawFound()
    this.show()
  }

  private async choose(name: string): Promise<void> {
    const { ok } = name ? await readDialect(name) : { ok: null }
    if (this.form.value().dialect === (ok?.name ?? "") && this.dialect === ok) return
    this.dialect = ok
    const kind = this.form.value().kind
    this.form.speak(ok, [])
    this.form.choose(ok, !this.touched.auth && !this.provider)
    if (this.touched.auth) this.form.setCredential(kind, this.form.value().fields)
    this.dialects.value = ok?.name ?? ""
    byId("dialect-help").textContent = say(ok ? "new.dialect.help" : "new.dialect.none")
    this.drawFound()
    this.show()
  }

  private drawDialects(): void {
    const { value } = this.dialects
    const groups = [
      { key: "dialect.group.suggested", of: this.list.filter(({ suggested }) => suggested) },
      { key: "dialect.group.own", of: this.list.filter(({ suggested, builtin }) => !suggested && !builtin) },
      { key: "dialect.group.builtin", of: this.list.filter(({ suggested, builtin }) => !suggested && builtin) },
    ].filter(({ of }) => of.length > 0)
    this.dialects.replaceChildren(
      element("option", { value: "" }, say("dialect.none")),
      ...groups.map(({ key, of }) => element("optgroup", { label: say(key) }, ...of.map(({ name, title }) => element("option", { value: name }, visible(title))))),
    )
    this.dialects.value = this.form.value().dialect || value
    if (this.list.length === 0) void listDialects("").then(({ ok }) => {
      if (!ok || this.list.length > 0) return
      this.list = ok
      this.drawDialects()
    })
  }

  private drawFound(): void {
    const { provider, dialect, suggestedName } = this
    const isFound = provider !== null || suggestedName !== ""
    byId("found-block").hidden = !isFound
    if (!isFound) return
    const title = provider ? say(`new.${provider.name}`) : visible(this.list.find(({ name }) => name === suggestedName)?.title ?? dialect?.title ?? "")
    const other = element("button", { type: "button", class: "button low", "data-testid": "found-other" }, say("new.found.other"))
    other.addEventListener("click", () => {
      this.dialects.focus()
      try {
        this.dialects.showPicker()
      } catch {
        // An old browser: the focus is there.
      }
    }, { signal: this.stop.signal })
    byId("found").replaceChildren(
      element("span", { class: "found-mark" }, icon("check")),
      element("b", {}, title),
      element("span", { class: "found-acts" }, other),
      element("span", { class: "found-about" }, say(provider ? "new.found.path" : "new.found.address")),
    )
  }

  private drawSuggested(): void {
    const { dialect, kind } = this.form.value()
    byId("dialect-suggested").hidden = this.touched.dialect || dialect === "" || dialect !== this.suggestedName
    byId("auth-suggested").hidden = this.touched.auth || kind === "none" || (this.provider === null && kind !== "dialect")
  }

  // drawHint offers the way that renews tokens by itself.
  private drawHint({ kind }: Form): void {
    const hint = byId("auth-hint")
    hint.hidden = kind !== "token"
    if (hint.hidden || hint.childElementCount > 0) return
    const use = element("button", { type: "button", class: "link", "data-testid": "use-iam" }, say("new.iam.use"))
    use.addEventListener("click", () => {
      const region = regionOf(addressOf(this.form.value()))
      this.touched.auth = true
      this.form.setCredential("iam_password", region ? { iam_endpoint: `https://iam.${region}.myhuaweicloud.com`, project: region } : {})
      byId("auth-kind").focus()
      this.edited()
    }, { signal: this.stop.signal })
    hint.replaceChildren(say("new.iam.hint"), use, say("new.iam.after"))
  }

  private drawLimits(form: Form): void {
    const known = this.dialect?.limits
    const message = Math.min(...[(this.provider ?? known)?.messageBytes ?? 0, amountOf(form, "limits.max_message_bytes")].filter((bytes) => bytes > 0))
    const request = Math.min(...[(this.provider ?? known)?.requestMS ?? 0].filter((ms) => ms > 0))
    const ping = amountOf(form, "ping_interval")
    const isPlain = form.base.startsWith("ws:")
    const chips = [chip("new.limit.message", sizeLimit(message), "setting-max_message", exactSize(message))]
    if (Number.isFinite(request)) chips.push(chip("new.limit.request", timeLimit(request), ""))
    if (known && !this.provider && known.sessionMS > 0) chips.push(chip("new.limit.session", timeLimit(known.sessionMS), ""))
    if (known && !this.provider && known.idleMS > 0) chips.push(chip("new.limit.idle", timeLimit(known.idleMS), ""))
    chips.push(chip("new.limit.ping", ping > 0 ? timeLimit(ping * 1000) : say("new.limit.ping_off"), "setting-ping_interval"))
    chips.push(chip("new.limit.tls", say(isPlain ? "new.limit.no_tls" : form.skipVerify ? "new.limit.unverified" : "new.limit.verified"), "setting-ca_pem"))
    const drawn = chips.map((part) => part.textContent).join("|")
    const host = byId("limits")
    byId("limits-help").textContent = Number.isFinite(request) ? say("new.limits.help") : ""
    if (host.dataset.drawn === drawn) return
    host.dataset.drawn = drawn
    host.replaceChildren(...chips, ...(this.provider || known ? [element("span", { class: "suggested" }, say("new.suggested"))] : []))
    for (const button of host.querySelectorAll<HTMLElement>("[data-goes]")) {
      button.addEventListener("click", () => {
        this.unfold("settings")
        document.getElementById(button.dataset.goes ?? "")?.focus()
      }, { signal: this.stop.signal })
    }
  }

  // unfold shows the part that the form wants to show.
  private unfold(name: string): void {
    if (name !== "auth") byId<HTMLDetailsElement>("more").open = true
    byId(`panel-${name}`).scrollIntoView({ block: "nearest" })
  }

  private paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    if (!/\s/.test(text.trim())) return
    event.preventDefault()
    event.stopPropagation()
    this.take(text)
  }

  // takeTyped takes a command that was typed, or put into the field by a program.
  private takeTyped(): void {
    const { value } = this.form.address
    if (/\s/.test(value.trim())) this.take(value)
    else this.form.tidy()
  }

  private take(text: string): void {
    const { ok, error } = readPasted(text)
    if (ok) return this.fill(ok)
    this.form.address.value = oneLine(text)
    this.form.fail(parseError({ field: "address", message: say(`start.wrong.${error.why}`, { part: visible(error.part) }) }), false)
  }

  // fill takes what was pasted, tells what it filled, and offers to take all of it back.
  private fill(pasted: Pasted): void {
    this.before = this.form.value()
    if (pasted.credential) this.touched.auth = true
    this.form.update({ ...filledWith(this.before, pasted), name: this.form.value().name })
    this.tell(pasted)
    this.edited()
  }

  private tell(pasted: Pasted): void {
    const { params, headers, subprotocols } = partsFilled(pasted)
    const parts = [say("new.filled.address")]
    if (params > 0) parts.push(plural("new.filled.params", params))
    if (headers > 0) parts.push(plural("new.filled.headers", headers))
    if (subprotocols > 0) parts.push(plural("new.filled.subprotocols", subprotocols))
    const listed = parts.join(say("new.filled.comma"))
    const whole = pasted.credential ? say("new.filled.moved", { parts: listed, name: pasted.credential.from }) : listed
    const sentences = [say("new.filled", { source: say(`new.source.${pasted.source}`), parts: whole })]
    const { tidied } = pasted
    if (tidied?.to && tidied.from) sentences.push(say("page.address.converted", { from: tidied.from, to: tidied.to }))
    if (tidied?.cut) sentences.push(say("start.cut"))
    if (pasted.open.length > 0) sentences.push(say("new.filled.open", { names: pasted.open.join(say("new.filled.comma")) }))
    if (pasted.left.length > 0) sentences.push(say("new.filled.left", { options: pasted.left.map((part) => visible(part).slice(0, 40)).join(say("new.filled.comma")) }))
    const undo = element("button", { type: "button", class: "link", "data-testid": "undo" }, say("new.undo"))
    undo.addEventListener("click", () => this.undo(), { signal: this.stop.signal })
    this.notice.hidden = pasted.source === "address" && sentences.length === 1 && !pasted.credential
    this.notice.replaceChildren(visible(sentences.join(" ")), " ", undo)
  }

  private undo(): void {
    if (!this.before) return
    this.form.update(this.before)
    this.before = null
    this.touched = { dialect: false, auth: false }
    this.notice.replaceChildren(say("new.undone"))
    this.form.address.focus()
    this.edited()
  }

  // act applies the action of a diagnosis to the form; the test then starts by itself.
  private act(action: string, value: string): void {
    const form = this.form.value()
    switch (action) {
      case "switch_to_ws":
      case "switch_to_wss":
        this.form.update({ ...form, base: form.base.replace(/^wss?:/i, action === "switch_to_ws" ? "ws:" : "wss:") })
        return this.edited()
      case "sync_address":
        this.fill({ source: "address", address: value, tidied: null, headers: [], subprotocols: [], credential: null, left: [], open: [] })
        return
      case "use_v11":
        this.form.update({ ...form, fields: { ...form.fields, algorithm: "V11-HMAC-SHA256" } })
        return this.edited()
      case "edit_auth":
        return (byId("panel-auth").querySelector<HTMLElement>("input[type=password]") ?? byId("auth-kind")).focus()
      case "edit_headers":
      case "edit_settings":
        this.unfold(action.slice("edit_".length))
        return byId(`panel-${action.slice("edit_".length)}`).querySelector<HTMLElement>("input")?.focus()
      default:
        byId("test").querySelector<HTMLElement>("[data-testid=test-run]")?.click()
    }
  }

  private async connectOnce(): Promise<void> {
    if (!may("member")) return this.problem.tell(say("identity.may.member"))
    this.form.tidy()
    if (!this.form.checkForm()) return
    const session = await this.test.open(sessionBody(this.form.value(), null))
    if (session) location.assign(`/sessions/${session.id}`)
  }

  private leave(): void {
    if (document.referrer.startsWith(location.origin) && history.length > 1) history.back()
    else location.assign("/")
  }

  private busy(on: boolean): void {
    this.saving = on
    for (const id of ["save", "connect"]) byId<HTMLButtonElement>(id).disabled = on
  }

  private forget(): void {
    window.clearTimeout(this.keepTimer)
    this.drafts.dropDraft(this.key)
    this.stop.abort() // pagehide stores no draft of what was saved
  }

  private isEmpty(form: Form): boolean {
    return !changed({ ...form, kind: form.base ? form.kind : "none", dialect: form.base ? form.dialect : "" }, this.usual)
  }

  // restore shows the draft that the address names, and lists the others.
  private restore(): void {
    const draft = this.drafts.readDraft(this.key, this.usual)
    if (draft?.form) {
      this.touched = { dialect: draft.form.dialect !== "", auth: draft.form.kind !== "none" }
      this.form.update(draft.form)
      if (draft.form.dialect) void this.choose(draft.form.dialect)
      toast(say(draft.left ? "page.draft.secret" : "page.draft.back"))
    }
    const others = this.drafts.ofNew().filter(({ key }) => key !== this.key)
    const place = byId("drafts")
    place.hidden = others.length === 0
    if (others.length > 0) place.replaceChildren(say("new.drafts"), ...others.flatMap(({ key, title }) => [" ", element("a", { href: `/services/new?draft=${encodeURIComponent(key.slice("new.".length))}`, "data-testid": "draft-link" }, visible(title))]))
    const asked = new URLSearchParams(location.search)
    const address = asked.get("address")
    if (address && !draft) {
      const { ok } = readPasted(address)
      if (ok) this.form.update(filledWith(this.usual, { ...ok, subprotocols: asked.getAll("subprotocol") }))
    }
    this.form.address.focus()
    this.edited()
  }

  private async readFolders(): Promise<void> {
    const { ok } = await listFolders()
    byId("folders").replaceChildren(...(ok ?? []).map(({ name }) => element("option", { value: name })))
  }
}

function chip(key: string, value: string, goes: string, title = ""): HTMLElement {
  const parts = [say(key), " ", element("b", {}, value)]
  return goes ? element("button", { type: "button", class: "chip flat", "data-goes": goes, title: title || null }, ...parts) : element("span", { class: "chip flat" }, ...parts)
}
