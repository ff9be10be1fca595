// The first page: one field that connects, three ways to try, and the services used last.

import { adHoc, sessionBody } from "../forms"
import { forbid, may } from "../identity"
import { say, visible, when } from "../text"
import { byId, element, every, modifier, openDialog, type Component } from "../ui"
import { leaveArrival, type Arrival } from "../visit"
import { listDialects, openSession, type Boot } from "../wire"
import { readPasted, type Pasted, type Wrong } from "./command"
import { isComplete, providerOf } from "./provider"
import { drawWave } from "./wave"

export interface FirstDeps {
  boot: Boot
  demos: Readonly<Record<string, string>>
  // fill opens the page of a new service with what was pasted.
  fill(pasted: Pasted | null, kind?: string): void
}

export class FirstPage implements Component<null> {
  readonly element = byId("first-page")
  readonly address = byId<HTMLInputElement>("address")
  private readonly stop = new AbortController()
  private readonly connect = byId<HTMLButtonElement>("connect")
  private readonly cancel = byId<HTMLButtonElement>("cancel")
  private readonly note = byId("address-note")
  private readonly usual = this.note.textContent ?? ""
  private dialling: AbortController | null = null
  private since = 0

  constructor(private readonly deps: FirstDeps) {
    const { signal } = this.stop
    byId("start-form").addEventListener("submit", (event) => {
      event.preventDefault()
      void this.go()
    }, { signal })
    this.address.addEventListener("paste", (event) => this.pasted(event), { signal })
    this.address.addEventListener("input", () => this.tell("", false), { signal })
    this.cancel.addEventListener("click", () => this.dialling?.abort(), { signal })
    byId("keeps").addEventListener("click", tellKeeps, { signal })
    for (const button of this.element.querySelectorAll<HTMLButtonElement>("[data-start]")) {
      forbid(button, "member")
      button.addEventListener("click", () => this.start(button.dataset.start ?? ""), { signal })
    }
    for (const button of this.element.querySelectorAll<HTMLButtonElement>("[data-connect]")) {
      forbid(button, "member")
      button.addEventListener("click", () => leave(button.dataset.connect ?? "", "connect"), { signal })
    }
    forbid(this.connect, "member")
    for (const time of this.element.querySelectorAll<HTMLTimeElement>("time[data-used]")) time.textContent = ago(Date.parse(time.dateTime))
    for (const key of this.element.querySelectorAll(".mod")) key.textContent = `${modifier} K`
    const wave = document.getElementById("start-wave")
    if (wave) drawWave(wave)
    every(250, () => this.tick(), signal)
    this.update()
  }

  // update takes the address that the page's own address asks for. It never connects.
  update(): void {
    const asked = new URLSearchParams(location.search).get("address") ?? ""
    if (asked) this.address.value = asked
    if (!matchMedia("(pointer: coarse)").matches) this.address.focus()
  }

  destroy(): void {
    this.stop.abort()
    this.dialling?.abort()
  }

  // pasted takes a command at once, so that its token is not shown in the field.
  private pasted(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    if (!/\s/.test(text.trim())) return
    event.preventDefault()
    const { ok, error } = readPasted(text)
    if (ok && may("member")) return this.deps.fill(ok)
    this.address.value = oneLine(text)
    if (error) this.tellWrong(error)
  }

  private async go(): Promise<void> {
    if (this.dialling) return
    if (!may("member")) return this.tell(say("identity.may.member"), true)
    if (this.address.value.trim() === "") {
      this.tell(say("page.address.missing"), true)
      return this.address.focus()
    }
    const { ok: pasted, error } = readPasted(this.address.value)
    if (error) return this.tellWrong(error)
    if (pasted.source !== "address" || pasted.credential || providerOf(pasted.address) || !isComplete(pasted.address)) return this.deps.fill(pasted)
    this.busy(new AbortController())
    const dialect = await suggested(pasted.address)
    if (!this.dialling) return
    if (!dialect) {
      this.busy(null)
      return this.deps.fill(pasted)
    }
    await this.open(pasted, dialect)
  }

  // open connects to an address whose dialect is known and needs nothing else. Where the
  // service refuses, the page of a new service shows why.
  private async open(pasted: Pasted, dialect: string): Promise<void> {
    const { dialling } = this
    if (!dialling) return
    const form = { ...adHoc(pasted.address, this.deps.boot.settings), dialect }
    const { ok } = await openSession(sessionBody(form, null), dialling.signal)
    if (dialling.signal.aborted) return this.busy(null)
    if (ok) return location.assign(`/sessions/${ok.id}`)
    this.busy(null)
    this.deps.fill(pasted)
  }

  private busy(dialling: AbortController | null): void {
    this.dialling = dialling
    this.since = Date.now()
    this.cancel.hidden = dialling === null
    this.connect.disabled = dialling !== null
    dialling?.signal.addEventListener("abort", () => this.busy(null), { once: true })
    this.tick()
  }

  private tick(): void {
    const text = this.dialling ? say("start.connecting", { seconds: Math.floor((Date.now() - this.since) / 1000) }) : say("page.connect")
    if (this.connect.textContent !== text) this.connect.textContent = text
  }

  private start(name: string): void {
    const { demos } = this.deps
    if (name === "modelarts") return this.deps.fill(null, "token")
    if (name === "stream") leave(demos.stream ?? "", "prompt")
    else leave(demos.recognition ?? "", name === "microphone" ? "microphone" : "recording")
  }

  private tellWrong({ why, part }: Wrong): void {
    this.tell(say(`start.wrong.${why}`, { part: visible(part) }), true)
    this.address.focus()
  }

  private tell(sentence: string, isWrong: boolean): void {
    this.note.textContent = sentence || this.usual
    this.note.classList.toggle("wrong", isWrong)
    this.address.toggleAttribute("aria-invalid", false)
    if (isWrong) this.address.setAttribute("aria-invalid", "true")
  }
}

// oneLine joins the lines of a command that cannot be read, as it is shown in a field.
export function oneLine(text: string): string {
  return text.trim().replace(/\s*[\\^`]?\r?\n\s*/g, " ")
}

function leave(service: string, does: Arrival["does"]): void {
  if (!service) return
  leaveArrival(service, does)
  location.assign(`/services/${encodeURIComponent(service)}`)
}

// suggested returns the dialect that knows an address and asks for no secret; "" for none.
async function suggested(address: string): Promise<string> {
  const { ok } = await listDialects(address)
  return ok?.find((dialect) => dialect.suggested)?.name ?? ""
}

function ago(ms: number): string {
  const minutes = Math.floor((Date.now() - ms) / 60_000)
  if (minutes < 1) return say("start.used.now")
  return minutes < 60 ? say("start.used.minutes", { count: minutes }) : when(ms * 1000)
}

function tellKeeps(): void {
  const lines = ["messages", "secrets", "audit", "browser", "nowhere"].map((key) => element("li", {}, say(`start.keeps.${key}`)))
  void openDialog(
    element("dialog", { class: "dialog keeps-dialog", "aria-labelledby": "keeps-title", "data-testid": "keeps-dialog" },
      element("form", { method: "dialog" },
        element("h2", { id: "keeps-title" }, say("start.keeps")),
        element("ul", { class: "keeps-list" }, ...lines),
        element("div", { class: "dialog-buttons" }, element("button", { class: "button", autofocus: true }, say("start.keeps.close"))),
      ),
    ),
  )
}
