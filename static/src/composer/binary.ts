// Binary messages: a file, or bytes written as hex or base64.

import { count, say, size, visible } from "../text"
import { element, icon, iconButton, press, setText } from "../ui"
import { base64Of, decodeBase64, decodeHex, hexOf, type Decoded } from "./encode"

export type Payload = { payload: Uint8Array<ArrayBuffer> | File; size: number } | { problem: string }

export type Source = "file" | "hex" | "base64"

export interface BinaryActions {
  // changed runs when the payload changes.
  changed(): void
  // asText sends a file as a text message instead.
  asText(file: File): void
}

const sources: readonly Source[] = ["file", "hex", "base64"]
const longestText = 256 << 10 // characters; a longer paste is decoded at once, not edited
const longestPut = 64 << 10 // bytes that are shown as digits

// BinaryPane switches between the three inputs.
export class BinaryPane {
  readonly element: HTMLElement
  readonly input = element("input", { type: "file", "data-testid": "file", id: "composer-file", class: "visually-hidden" })
  private chosen: Source = "file"
  private file: File | null = null
  private decoded: Record<"hex" | "base64", Decoded> = { hex: decodeHex(""), base64: decodeBase64("") }
  private pasted: Record<"hex" | "base64", boolean> = { hex: false, base64: false }
  private texts = { hex: textArea("hex"), base64: textArea("base64") }
  private info = element("p", { class: "binary-info", role: "status" })
  private buttons = new Map<Source, HTMLButtonElement>()
  private chip = element("span", { class: "attachment", hidden: true })
  private zone: HTMLElement

  constructor(private readonly actions: BinaryActions, private readonly signal: AbortSignal) {
    const group = element("div", { class: "switch", role: "group", "aria-label": say("composer.binary_source") })
    for (const source of sources) {
      const button = element("button", { type: "button", "data-source": source, "data-testid": `binary-${source}` }, say(`composer.source.${source}`))
      button.addEventListener("click", () => this.choose(source), { signal })
      this.buttons.set(source, button)
      group.append(button)
    }
    this.zone = element("div", { class: "drop" }, this.input, element("label", { for: "composer-file", class: "drop-label" }, icon("file-up"), say("composer.choose_file")))
    this.element = element("div", { class: "composer-binary", hidden: true }, element("div", { class: "binary-bar" }, group, this.info), this.zone, this.texts.hex, this.texts.base64, this.chip)
    this.input.addEventListener("change", () => this.setFile(this.input.files?.[0] ?? null), { signal })
    for (const kind of ["hex", "base64"] as const) this.listen(kind, signal)
    this.render()
  }

  get source(): Source {
    return this.chosen
  }

  setFile(file: File | null): void {
    this.file = file
    this.choose("file")
  }

  // put shows saved bytes in their notation; long ones become a file.
  async put(source: Source, body: Blob, name: string): Promise<void> {
    if (source === "file" || body.size > longestPut) return this.setFile(new File([body], name))
    const bytes = new Uint8Array(await body.arrayBuffer())
    this.write(source, source === "hex" ? hexOf(bytes) : base64Of(bytes))
  }

  // write restores typed digits.
  write(source: string, text: string): void {
    const known = sources.find((name) => name === source) ?? "file"
    if (known !== "file") {
      this.texts[known].value = text
      this.decode(known, text, false)
    }
    this.choose(known)
  }

  // text is the input of the chosen source; "" for a file.
  get text(): string {
    return this.source === "file" ? "" : this.texts[this.source].value
  }

  // payload returns the bytes to send, or the reason why there are none.
  payload(): Payload {
    if (this.source === "file") {
      return this.file ? { payload: this.file, size: this.file.size } : { problem: say("composer.no_file") }
    }
    const decoded = this.decoded[this.source]
    if ("bytes" in decoded) return { payload: decoded.bytes, size: decoded.bytes.length }
    const { code, at, character } = decoded.problem
    return { problem: say(`composer.${code}`, { at: count(at), character: visible(character) }) }
  }

  // written returns the typed digits, without a file and without a long paste.
  written(): { source: string; hex: string; base64: string } {
    return { source: this.source, hex: this.texts.hex.value, base64: this.texts.base64.value }
  }

  // keeps reports whether written returns all of the input.
  keeps(): boolean {
    return this.file === null && !this.pasted.hex && !this.pasted.base64
  }

  restore(written: { source: string; hex: string; base64: string }): void {
    for (const kind of ["hex", "base64"] as const) this.write(kind, written[kind])
    this.write(written.source, written.source === "hex" ? written.hex : written.base64)
  }

  // empty clears all inputs.
  empty(): void {
    this.file = null
    this.input.value = ""
    for (const kind of ["hex", "base64"] as const) this.forget(kind)
    this.show()
  }

  focus(): void {
    if (this.source === "file") this.input.focus()
    else this.texts[this.source].focus()
  }

  private choose(source: Source): void {
    this.chosen = source
    this.show()
  }

  private listen(kind: "hex" | "base64", signal: AbortSignal): void {
    const text = this.texts[kind]
    text.addEventListener("input", () => this.decode(kind, text.value, false), { signal })
    text.addEventListener("paste", (event) => {
      const pasted = event.clipboardData?.getData("text/plain") ?? ""
      if (pasted.length <= longestText) return
      event.preventDefault()
      this.decode(kind, pasted, true)
    }, { signal })
  }

  private decode(kind: "hex" | "base64", text: string, pasted: boolean): void {
    this.decoded[kind] = kind === "hex" ? decodeHex(text) : decodeBase64(text)
    this.pasted[kind] = pasted && "bytes" in this.decoded[kind]
    this.show()
  }

  private forget(kind: "hex" | "base64"): void {
    this.texts[kind].value = ""
    this.decode(kind, "", false)
  }

  private show(): void {
    this.render()
    this.actions.changed()
  }

  private render(): void {
    for (const [source, button] of this.buttons) press(button, source === this.source)
    const { source } = this
    const kept = source === "file" ? this.file !== null : this.pasted[source]
    this.zone.hidden = source !== "file" || kept
    this.texts.hex.hidden = source !== "hex" || kept
    this.texts.base64.hidden = source !== "base64" || kept
    this.showChip(kept)
    this.showInfo()
  }

  private showChip(kept: boolean): void {
    this.chip.hidden = !kept
    if (!kept) return
    const payload = this.payload()
    const bytes = "size" in payload ? size(payload.size) : ""
    const name = this.source === "file" ? visible(this.file?.name ?? "") : say(`composer.source.${this.source}`)
    const remove = iconButton("x", say("composer.remove"))
    remove.addEventListener("click", () => {
      if (this.source === "file") { this.input.value = ""; this.setFile(null) }
      else this.forget(this.source)
    }, { signal: this.signal })
    this.chip.replaceChildren(element("strong", {}, name), ` ${bytes} `, ...this.textButton(), remove)
  }

  private textButton(): HTMLButtonElement[] {
    const { file } = this
    if (this.source !== "file" || !file) return []
    const button = element("button", { type: "button", class: "link", "data-testid": "send-as-text" }, say("composer.send_as_text"))
    button.addEventListener("click", () => this.actions.asText(file), { signal: this.signal })
    return [button]
  }

  private showInfo(): void {
    const payload = this.payload()
    const isProblem = "problem" in payload && this.source !== "file"
    this.info.classList.toggle("failed", isProblem)
    if (isProblem) setText(this.info, payload.problem)
    else setText(this.info, "size" in payload ? say("composer.bytes", { count: count(payload.size) }) : "")
  }
}

function textArea(kind: "hex" | "base64"): HTMLTextAreaElement {
  return element("textarea", {
    "data-testid": `binary-${kind}-text`, "aria-label": say(`composer.source.${kind}`), placeholder: say(`composer.hint.${kind}`),
    spellcheck: "false", autocomplete: "off", hidden: true,
  })
}
