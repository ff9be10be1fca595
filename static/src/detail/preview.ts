// HTML and SVG as they are meant to look, in a frame without any permission.

import { say } from "../text"
import { element, previewHTML } from "../ui"

// frameOf is a frame that shows what the worker has sealed, and can do nothing else.
export function frameOf(sealed: string): HTMLElement {
  const frame = element("iframe", { class: "preview-frame", sandbox: "", title: say("detail.preview_title"), referrerpolicy: "no-referrer" })
  frame.srcdoc = previewHTML(sealed)
  return frame
}
