// The text of a message: a plain field until a person is about to type, then the editor,
// or an attached text that is too long to edit.

import { say } from "../text"
import { element, growing } from "../ui"
import { Attached } from "./attached"
import type { Editor, EditorLanguage } from "./editor"
import { utf8Length } from "./encode"
import { textOf } from "./files"
import { loneIn, type Lone } from "./lone"
import { encode } from "./pieces"

export interface TextDeps {
  nonce: string
  // changed runs after each change of the text.
  changed(): void
  // taking runs when a long text starts to load.
  taking(): void
  // ready runs when the editor is mounted.
  ready(): void
  // failed runs when the editor is needed and cannot be loaded.
  failed(): void
}

type Place = { line: number; column: number }

const longest = 1_000_000 // UTF-16 units or bytes; a longer text is attached

export class TextPane {
  readonly elements: readonly HTMLElement[]
  private plain = element("textarea", { class: "composer-plain", "aria-label": say("composer.label"), placeholder: say("composer.hint"), spellcheck: "false", autocomplete: "off" })
  private surface = element("div", { class: "composer-editor" })
  private readonly attached: Attached
  private editor: Editor | null = null
  private mounting: Promise<Editor | null> | null = null
  private language: EditorLanguage = "text"
  private taken = 0 // number of the newest long text; an older one is dropped
  private reading = false
  private attachedLone: Lone | null = null // in the attached text
  private shown = true
  private readonly fit: () => void

  constructor(private readonly deps: TextDeps, private readonly signal: AbortSignal) {
    this.attached = new Attached({ edit: () => void this.edit(), remove: () => this.detach() }, signal)
    this.elements = [this.surface, this.attached.element]
    this.surface.append(this.plain)
    this.fit = growing(this.plain, signal)
    this.plain.addEventListener("input", () => deps.changed(), { signal })
    this.plain.addEventListener("paste", (event) => {
      if (this.paste(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault()
    }, { signal })
  }

  // size is the length of the text in UTF-8.
  get size(): number {
    return this.attached.body?.size ?? this.editor?.size ?? utf8Length(this.plain.value)
  }

  // short is the text as a string; null when it is too long to be one.
  get short(): string | null {
    if (this.attached.body || (this.editor?.length ?? 0) > longest) return null
    return this.editor?.content() ?? this.plain.value
  }

  // lone is the first character that UTF-8 cannot encode.
  get lone(): Lone | null {
    if (this.attached.body) return this.attachedLone
    const { short } = this
    return short === null ? null : loneIn(short)
  }

  // busy is true while a long text loads: the text before it would be sent.
  get busy(): boolean {
    return this.reading
  }

  // body returns the text in UTF-8.
  async body(): Promise<Blob> {
    return this.attached.body ?? (await this.editor?.body()) ?? new Blob([this.plain.value])
  }

  // name is the name of the attached file, or "".
  get name(): string {
    return this.attached.body instanceof File ? this.attached.body.name : ""
  }

  show(on: boolean): void {
    this.shown = on
    this.surface.hidden = !on || this.attached.body !== null
    this.attached.element.hidden = !on || this.attached.body === null
  }

  set(text: string): void {
    if (text.length > longest) return void this.attachText("", text, "")
    this.settle(null, "")
    if (this.editor) this.editor.set(text)
    else this.plain.value = text
    this.fit()
    this.deps.changed()
  }

  // put shows a text given as bytes.
  async put(body: Blob, name: string): Promise<void> {
    if (body.size > longest) this.attach(body, name)
    else this.set(await textOf(body))
  }

  // replace replaces the text by a version of it.
  async replace(body: Blob): Promise<void> {
    if (body.size <= longest || this.attached.body || !this.editor) return this.put(body, this.name)
    await this.editor.load(body, "all")
  }

  // attach holds a text outside the editor; the text of the editor stays.
  attach(body: Blob, name: string): void {
    this.settle(body, name)
    this.deps.changed()
  }

  setLanguage(language: EditorLanguage): void {
    this.language = language
    this.editor?.setLanguage(language)
  }

  mark(place: Place | null): void {
    if (!this.attached.body) this.editor?.mark(place)
  }

  goTo(place: Place): void {
    if (!this.attached.body) void this.edited().then((editor) => editor?.goTo(place))
  }

  focus(): void {
    if (this.attached.body) this.attached.focus()
    else if (this.editor) this.editor.focus()
    else this.plain.focus()
  }

  // empty clears the text.
  empty(): void {
    if (this.attached.body) this.detach()
    else this.set("")
  }

  destroy(): void {
    this.taken++
    this.editor?.destroy()
  }

  // edited returns the editor, which the first call loads; null when it cannot be loaded.
  // The next call tries again.
  edited(): Promise<Editor | null> {
    this.mounting ??= this.mount().catch(() => (this.mounting = null))
    return this.mounting
  }

  // mount replaces the plain field by the editor and moves text, caret and focus over.
  private async mount(): Promise<Editor | null> {
    const { mountEditor } = await import("./editor")
    if (this.signal.aborted) return null
    const place = element("div", { class: "composer-code waiting" })
    this.surface.append(place)
    const editor = await mountEditor(place, {
      nonce: this.deps.nonce,
      label: say("composer.label"),
      hint: say("composer.hint"),
      compact: true,
      changed: () => this.deps.changed(),
      paste: (text) => this.paste(text),
    })
    if (!this.signal.aborted) return this.hand(place, editor)
    editor.destroy()
    return null
  }

  private hand(place: HTMLElement, editor: Editor): Editor {
    const { value, selectionStart, selectionEnd } = this.plain
    const focused = document.activeElement === this.plain
    this.editor = editor
    if (value !== "") editor.set(value)
    editor.select(selectionStart, selectionEnd)
    editor.setLanguage(this.language)
    place.classList.remove("waiting")
    this.plain.remove()
    this.deps.ready()
    if (focused) editor.focus()
    return editor
  }

  // A long paste is attached together with the text around it, unless the editor holds a
  // long text already.
  private paste(text: string): boolean {
    if (text.length <= longest) return false
    if (this.editor && this.editor.length > longest) void this.insert(text)
    else void this.attachText(...this.around(text))
    return true
  }

  private around(text: string): [before: string, text: string, behind: string] {
    const { value, selectionStart, selectionEnd } = this.plain
    const [before, behind] = this.editor?.around() ?? [value.slice(0, selectionStart), value.slice(selectionEnd)]
    return [before, text, behind]
  }

  private async insert(text: string): Promise<void> {
    const body = await this.encoded(text)
    if (body) await this.editor?.load(body, "selection")
  }

  private async attachText(before: string, text: string, behind: string): Promise<void> {
    const body = await this.encoded(text)
    if (!body) return
    this.settle(new Blob([before, body, behind]), "")
    this.attachedLone = loneIn(before + text + behind)
    this.deps.changed()
  }

  // encoded returns a long text in UTF-8, or null when another text came in the meantime.
  private async encoded(text: string): Promise<Blob | null> {
    const mine = ++this.taken
    this.reading = true
    this.deps.taking()
    const body = await encode(text.length, (from, to) => text.slice(from, to))
    if (mine !== this.taken) return null
    this.reading = false
    return body
  }

  // settle sets the attached text.
  private settle(body: Blob | null, name: string): void {
    this.taken++
    this.reading = false
    this.attachedLone = null
    if (body) this.attached.hold(body, name)
    else this.attached.dropFile()
    this.show(this.shown)
  }

  private detach(): void {
    this.settle(null, "")
    this.deps.changed()
    this.focus()
  }

  // edit moves the attached text into the editor; it stays attached until loaded.
  private async edit(): Promise<void> {
    const { body } = this.attached
    if (!body) return
    const editor = await this.edited()
    if (!editor) {
      if (body === this.attached.body) this.attach(body, this.name)
      return this.deps.failed()
    }
    await editor.load(body, "all", () => {
      if (body !== this.attached.body) return false
      this.detach()
      return true
    })
  }
}
