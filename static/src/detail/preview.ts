// A payload as it is meant to look: HTML in a frame without any permission, images.

import { element } from "../element"
import { say } from "../text"
import { previewHTML } from "../trusted"

// The sandbox takes scripts, forms and the page's origin away; this takes the network.
const sealed = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">`

// htmlPreview is a sealed frame that shows a payload.
export function htmlPreview(bytes: Uint8Array): HTMLElement {
  const frame = element("iframe", { class: "preview-frame", sandbox: "", title: say("detail.preview_title"), referrerpolicy: "no-referrer" })
  frame.srcdoc = previewHTML(sealed + new TextDecoder().decode(bytes))
  return frame
}

// imagePreview shows an image. The page allows no addresses but data: for images, and
// reading the bytes into one happens off the main thread.
export function imagePreview(bytes: Uint8Array<ArrayBuffer>, type: string): HTMLElement {
  const image = element("img", { alt: say("detail.image", { type }) })
  const facts = element("figcaption", {}, type)
  image.addEventListener("load", () => facts.replaceChildren(`${type} · ${image.naturalWidth} × ${image.naturalHeight}`))
  image.addEventListener("error", () => facts.replaceChildren(say("detail.image_broken", { type })))
  const reader = new FileReader()
  reader.onload = () => { if (typeof reader.result === "string") image.src = reader.result }
  reader.readAsDataURL(new Blob([bytes], { type }))
  return element("figure", { class: "preview-image" }, image, facts)
}
