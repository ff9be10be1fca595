// The text editor: CodeMirror 6, in a chunk of its own. Five rules keep it fast with
// megabytes: the document is set one frame after mounting, lines always wrap, very long
// lines have no language, nothing is linted here, and long texts are encoded and decoded
// in pieces.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands"
import { html } from "@codemirror/lang-html"
import { json } from "@codemirror/lang-json"
import { xml } from "@codemirror/lang-xml"
import { HighlightStyle, bracketMatching, codeFolding, foldGutter, foldKeymap, indentUnit, syntaxHighlighting } from "@codemirror/language"
import { Annotation, Compartment, EditorState, StateEffect, StateField, Text, type Extension } from "@codemirror/state"
import { Decoration, EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers, placeholder, type DecorationSet, type ViewUpdate } from "@codemirror/view"
import { tags } from "@lezer/highlight"
import { say } from "../text"
import { icon } from "../ui"
import { utf8Length } from "./encode"
import { decode, encode } from "./pieces"

export type EditorLanguage = "text" | "json" | "xml" | "html"

export interface EditorOptions {
  nonce: string
  label: string
  hint: string
  // compact makes it as high as its text, up to its limit, and without line numbers.
  compact?: boolean
  changed(): void
  // paste may handle a pasted text itself.
  paste(text: string): boolean
}

// A document or a line longer than this, in UTF-16 units, is not coloured: its parser
// would delay each key press by slices of 100 ms.
const longestParsed = 1_000_000
const longestLine = 256 << 10
const countedAnew = 64 << 10 // up to this length a size is counted from the start
const longestUnseen = 64 << 10

// mountEditor resolves when the editor is measured and can take a document.
export async function mountEditor(parent: HTMLElement, options: EditorOptions): Promise<Editor> {
  const editor = new Editor(parent, options)
  await new Promise((resolve) => requestAnimationFrame(resolve))
  return editor
}

// Editor holds the text of the message.
export class Editor {
  readonly view: EditorView
  private language = new Compartment()
  private chosen: EditorLanguage = "text"
  private plain = false // too long for a language
  private bytes = 0
  private pending: Insertion | null = null // a text to show once the editor is in view
  private loading = 0 // number of the newest load; an older one is dropped

  constructor(parent: HTMLElement, private readonly options: EditorOptions) {
    this.view = new EditorView({ parent, state: EditorState.create({ extensions: this.extensions() }) })
  }

  // size is the length of the text in UTF-8.
  get size(): number {
    return this.pending ? (this.pending.bytes ?? lengthOf(this.pending.text)) : this.bytes
  }

  // length is that of the text in UTF-16 units, without building it.
  get length(): number {
    return this.text.length
  }

  content(): string {
    return this.text.toString()
  }

  // body encodes the text in pieces, so that the page stays responsive.
  body(): Promise<Blob> {
    const { text } = this
    return encode(text.length, (from, to) => text.sliceString(from, to))
  }

  // around returns the text before and after the selection.
  around(): [before: string, behind: string] {
    const { from, to } = this.view.state.selection.main
    return [this.text.sliceString(0, from), this.text.sliceString(to)]
  }

  // set replaces the text; it can be undone.
  set(text: string): void {
    this.loading++
    this.pending = { text: this.view.state.toText(text), bytes: null }
    this.fill()
  }

  // load replaces the text or the selection by a long text; it can be undone. Just before,
  // ready decides whether the text is still wanted.
  async load(body: Blob, place: "all" | "selection", ready: () => boolean = () => true): Promise<void> {
    const mine = ++this.loading
    const text = await documentOf(body)
    if (mine !== this.loading || !ready()) return
    const { from, to } = this.view.state.selection.main
    if (place === "selection") return this.insert({ text, bytes: body.size }, from, to, from + text.length)
    this.pending = { text, bytes: body.size }
    this.fill()
  }

  private get text(): Text {
    return this.pending?.text ?? this.view.state.doc
  }

  // A long text waits until the editor is in view: an editor without measures would lay
  // out all its lines.
  private fill(): void {
    const { pending } = this
    if (!pending) return
    if (pending.text.length > longestUnseen && !this.view.inView) {
      this.view.requestMeasure({ read: () => {}, write: () => queueMicrotask(() => this.fill()) })
      return
    }
    this.pending = null
    this.insert(pending, 0, this.view.state.doc.length, 0)
  }

  private insert({ text, bytes }: Insertion, from: number, to: number, anchor: number): void {
    const parsed = !this.plain && text.length > longestParsed
    this.plain ||= parsed
    this.view.dispatch({
      changes: { from, to, insert: text },
      selection: { anchor },
      annotations: bytes === null ? [] : encoded.of(bytes),
      effects: parsed ? this.languageEffect() : [], // in the same step, which would otherwise parse the text
      scrollIntoView: true,
    })
  }

  select(anchor: number, head: number): void {
    this.view.dispatch({ selection: { anchor, head } })
  }

  setLanguage(language: EditorLanguage): void {
    this.chosen = language
    this.configure()
  }

  // mark underlines the character at a line and column, both from 1; null unmarks.
  mark(place: { line: number; column: number } | null): void {
    this.view.dispatch({ effects: setMark.of(place ? this.offset(place) : null) })
  }

  // goTo puts the caret at a line and column.
  goTo(place: { line: number; column: number }): void {
    this.view.dispatch({ selection: { anchor: this.offset(place) }, scrollIntoView: true })
    this.focus()
  }

  focus(): void {
    this.view.focus()
  }

  destroy(): void {
    this.loading++
    this.pending = null
    this.view.destroy()
  }

  // Columns count characters, places in the document UTF-16 units.
  private offset({ line, column }: { line: number; column: number }): number {
    const { doc } = this.view.state
    const { from, text } = doc.line(Math.min(line, doc.lines))
    let units = 0
    for (const character of text) {
      if (--column <= 0) break
      units += character.length
    }
    return from + units
  }

  private extensions(): Extension[] {
    const { nonce, label, hint, compact } = this.options
    return [
      EditorView.cspNonce.of(nonce),
      // "\r\n" is kept.
      EditorState.lineSeparator.of("\n"),
      EditorState.tabSize.of(4),
      indentUnit.of("  "),
      compact ? [] : lineNumbers(),
      EditorState.phrases.of({ "folded code": say("composer.folded"), unfold: say("composer.unfold"), "Fold line": say("composer.fold"), "Unfold line": say("composer.unfold") }),
      codeFolding(),
      foldGutter({ markerDOM: (open) => foldMark(open) }),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      bracketMatching(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
      placeholder(hint),
      keymap.of([...foldKeymap, ...defaultKeymap, ...historyKeymap]),
      this.language.of([]),
      marks,
      syntaxHighlighting(colours),
      compact ? low : [], // before look, which it overrides
      look,
      EditorView.domEventHandlers({ paste: (event) => this.pasted(event), beforeinput: (event, view) => typedOver(event, view) }),
      EditorView.updateListener.of((update) => this.updated(update)),
    ]
  }

  private pasted(event: ClipboardEvent): boolean {
    const text = event.clipboardData?.getData("text/plain") ?? ""
    if (text === "" || !this.options.paste(text)) return false
    event.preventDefault()
    return true
  }

  private updated(update: ViewUpdate): void {
    if (!update.docChanged) return
    this.count(update)
    const plain = this.length > longestParsed || (this.length > longestLine && (this.plain || hasLongLine(update)))
    if (plain !== this.plain) {
      this.plain = plain
      queueMicrotask(() => this.configure()) // not during an update
    }
    this.options.changed()
  }

  private count({ changes, startState, state, transactions }: ViewUpdate): void {
    if (state.doc.length <= countedAnew) {
      this.bytes = utf8Length(state.doc.toString())
      return
    }
    const known = transactions.length === 1 ? transactions[0]?.annotation(encoded) : undefined
    const before = this.bytes
    changes.iterChanges((from, to, _from, _to, inserted) => {
      const all = from === 0 && to === startState.doc.length
      this.bytes += (known ?? lengthOf(inserted)) - (all ? before : lengthOf(startState.doc.slice(from, to)))
    })
  }

  private configure(): void {
    this.view.dispatch({ effects: this.languageEffect() })
  }

  private languageEffect(): StateEffect<unknown> {
    return this.language.reconfigure(this.plain ? [] : languageOf(this.chosen))
  }
}

// Insertion is a text with its length in UTF-8, if known.
type Insertion = { text: Text; bytes: number | null }

const encoded = Annotation.define<number>()

function lengthOf(text: Text): number {
  let bytes = 0
  for (const part of text.iter()) bytes += utf8Length(part)
  return bytes
}

async function documentOf(body: Blob): Promise<Text> {
  let made = Text.empty
  for await (const part of decode(body)) made = made.append(Text.of(part.split("\n")))
  return made
}

function foldMark(open: boolean): HTMLElement {
  const mark = document.createElement("span")
  mark.className = "composer-fold"
  mark.title = say(open ? "composer.fold" : "composer.unfold")
  mark.append(icon(open ? "chevron-down" : "chevron-right"))
  return mark
}

// typedOver replaces a selection by the typed text. The browser would insert the first
// letter in a span with a style attribute, which violates the page's policy.
function typedOver(event: InputEvent, view: EditorView): boolean {
  const { state } = view
  if (event.inputType !== "insertText" || event.data === null || event.isComposing || state.selection.main.empty) return false
  view.dispatch(state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true })
  return true
}

function hasLongLine(update: ViewUpdate): boolean {
  let found = false
  update.changes.iterChangedRanges((_fromA, _toA, from, to) => {
    const { doc } = update.state
    for (let at = from; at <= to && !found; ) {
      const line = doc.lineAt(at)
      found = line.length > longestLine
      at = line.to + 1
    }
  })
  return found
}

function languageOf(language: EditorLanguage): Extension {
  switch (language) {
    case "json": return json()
    case "xml": return xml()
    case "html": return html({ autoCloseTags: false })
    case "text": return []
  }
}

const setMark = StateEffect.define<number | null>()

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(shown, transaction) {
    let next = shown.map(transaction.changes)
    for (const effect of transaction.effects) if (effect.is(setMark)) next = markAt(effect.value, transaction.newDoc.length)
    return next
  },
  provide: (field) => EditorView.decorations.from(field),
})

function markAt(at: number | null, length: number): DecorationSet {
  if (at === null || length === 0) return Decoration.none
  const from = Math.min(at, length - 1)
  return Decoration.set([Decoration.mark({ class: "composer-fault" }).range(from, from + 1)])
}

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.tagName, tags.attributeName], color: "var(--code-key)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--code-string)" },
  { tag: [tags.number], color: "var(--code-number)" },
  { tag: [tags.bool, tags.null, tags.keyword], color: "var(--code-word)" },
  { tag: [tags.comment, tags.processingInstruction, tags.documentMeta], color: "var(--text-2)" },
  { tag: [tags.punctuation, tags.bracket, tags.angleBracket], color: "var(--text-2)" },
])

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "transparent", fontSize: "var(--size-mono)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "18px" },
  ".cm-content": { padding: "6px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 8px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--text-2)", border: "none" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-foldPlaceholder": { backgroundColor: "var(--surface-3)", border: "none", color: "var(--text-2)", padding: "0 6px" },
  ".cm-placeholder": { color: "var(--text-2)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--surface-3)" },
  ".cm-specialChar": { color: "var(--error)" },
})

const low = EditorView.theme({
  "&": { height: "auto", maxHeight: "var(--write-most)" },
  ".cm-scroller": { overflow: "auto" },
  ".cm-content": { padding: "9px 0 5px" },
  ".cm-line": { padding: "0 12px 0 0" },
  ".cm-foldGutter": { width: "13px" },
  ".cm-gutterElement": { padding: "0" },
})
