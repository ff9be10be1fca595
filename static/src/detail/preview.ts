// HTML and SVG rendered in a frame without permissions.

import { say } from "../text"
import { element, previewHTML } from "../ui"

// frameOf returns a sandboxed frame of a document that the worker has sealed.
export function frameOf(sealed: string): HTMLElement {
  const frame = element("iframe", { class: "preview-frame", sandbox: "", title: say("detail.preview_title"), referrerpolicy: "no-referrer" })
  frame.srcdoc = previewHTML(sealed)
  return frame
}
