// The text editor: CodeMirror 6, in a chunk of its own. Four habits keep it whole and
// quick with megabytes: the document is set one frame after mounting, lines always
// wrap, very long lines have no language, nothing is linted here.

import { defaultKeymap, history, historyKeymap } from "@codemirror/commands"
import { html } from "@codemirror/lang-html"
import { json } from "@codemirror/lang-json"
import { xml } from "@codemirror/lang-xml"
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language"
import { Compartment, EditorState, StateEffect, StateField, type Extension } from "@codemirror/state"
import { Decoration, EditorView, drawSelection, highlightSpecialChars, keymap, lineNumbers, placeholder, type DecorationSet, type ViewUpdate } from "@codemirror/view"
import { tags } from "@lezer/highlight"
import { utf8Length } from "./encode"

export type EditorLanguage = "text" | "json" | "xml" | "html"

export interface EditorOptions {
  nonce: string
  label: string
  hint: string
  changed(): void
  // paste may take a pasted text for itself.
  paste(text: string): boolean
}

// A document or a line longer than this, in UTF-16 units, is not coloured: parsing it
// would hold every key press up by slices of 100 ms.
const longestParsed = 1_000_000
const longestLine = 256 << 10
const countedAnew = 64 << 10 // up to here a size is counted from the start
const longestUnseen = 64 << 10

// mountEditor resolves when the editor has been measured and may be filled.
export async function mountEditor(parent: HTMLElement, options: EditorOptions): Promise<Editor> {
  const editor = new Editor(parent, options)
  await new Promise((resolve) => requestAnimationFrame(resolve))
  return editor
}

// Editor is a text that is being written.
export class Editor {
  readonly view: EditorView
  private language = new Compartment()
  private chosen: EditorLanguage = "text"
  private plain = false // too long for a language
  private bytes = 0
  private pending: string | null = null // a text that waits to be shown

  constructor(parent: HTMLElement, private readonly options: EditorOptions) {
    this.view = new EditorView({ parent, state: EditorState.create({ extensions: this.extensions() }) })
  }

  // size is the length of the text in UTF-8.
  get size(): number {
    return this.pending === null ? this.bytes : utf8Length(this.pending)
  }

  // length is that of the text in UTF-16 units, without building it.
  get length(): number {
    return this.pending?.length ?? this.view.state.doc.length
  }

  text(): string {
    return this.pending ?? this.view.state.doc.toString()
  }

  // set replaces the text; it can be undone.
  set(text: string): void {
    this.pending = text
    this.fill()
  }

  // A long text waits until the editor is in view: one that cannot be measured would
  // lay out every line of it.
  private fill(): void {
    const text = this.pending
    if (text === null) return
    if (text.length > longestUnseen && !this.view.inView) {
      this.view.requestMeasure({ read: () => {}, write: () => queueMicrotask(() => this.fill()) })
      return
    }
    this.pending = null
    const { state } = this.view
    this.view.dispatch({ changes: { from: 0, to: state.doc.length, insert: state.toText(text) }, selection: { anchor: 0 }, scrollIntoView: true })
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
    const { nonce, label, hint } = this.options
    return [
      EditorView.cspNonce.of(nonce),
      // "\r\n" goes out as it came in.
      EditorState.lineSeparator.of("\n"),
      EditorState.tabSize.of(4),
      indentUnit.of("  "),
      lineNumbers(),
      highlightSpecialChars(),
      history(),
      drawSelection(),
      bracketMatching(),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocorrect: "off", autocapitalize: "off" }),
      placeholder(hint),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      this.language.of([]),
      marks,
      syntaxHighlighting(colours),
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
      queueMicrotask(() => this.configure()) // not while an update is under way
    }
    this.options.changed()
  }

  private count(update: ViewUpdate): void {
    if (update.state.doc.length <= countedAnew) {
      this.bytes = utf8Length(update.state.doc.toString())
      return
    }
    update.changes.iterChanges((fromA, toA, _fromB, _toB, inserted) => {
      this.bytes += utf8Length(inserted.toString()) - utf8Length(update.startState.doc.sliceString(fromA, toA))
    })
  }

  private configure(): void {
    this.view.dispatch({ effects: this.language.reconfigure(this.plain ? [] : languageOf(this.chosen)) })
  }
}

// typedOver replaces a selection by what is typed. Left to the browser, the first letter
// comes in a span with a style of its own, which the page's policy reports.
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
  ".cm-placeholder": { color: "var(--text-2)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selected)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--surface-3)" },
  ".cm-specialChar": { color: "var(--error)" },
})
