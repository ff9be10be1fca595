// Makes untrusted HTML or SVG safe for a frame without permissions. The sandbox removes
// scripts, forms and the page's origin; two policies block the network: the one added
// here and the page's own, which the frame inherits. No policy covers <link
// rel=preconnect>, dns-prefetch, <meta http-equiv> and links, so those are disarmed here.

import { maxPixels, pictureOf } from "./picture"
import { recognise } from "./recognise"

// A tag begins with "<" and the literal letters of its name; HTML has no other spelling
// (Living Standard, 13.2.5.6). Renaming every name that follows a "<" therefore removes
// the element for every parser state.
const reaching = /<(\/?)(area|link|meta|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe)(?=[\s/>]|$)/gi
const linking = /<(\/?)a(?=[\s/>]|$)/gi

// seal returns the document with its own policy and without elements that reach out.
export function seal(markup: string, kind: "html" | "svg"): string {
  const standards = /^\s*<!doctype\s+html/i.test(markup) ? "<!doctype html>" : ""
  const policy = `default-src 'none'; img-src ${imagesIn(markup)}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'`
  const inert = markup.replace(reaching, "<$1x-$2").replace(linking, kind === "svg" ? "<$1g" : "<$1x-a")
  return `${standards}<meta http-equiv="Content-Security-Policy" content="${policy}">${inert}`
}

const dataURL = /(?<![a-z0-9+.-])d[\t\r\n]*a[\t\r\n]*t[\t\r\n]*a[\t\r\n]*:/gi

// imagesIn returns the policy for images: data: when every data address is spelled
// plainly and all images together stay below maxPixels, else none.
function imagesIn(markup: string): "data:" | "'none'" {
  // A colon, or the blanks allowed in an address, may be spelled as an entity.
  if (/&(#|colon|tab|newline)/i.test(markup)) return "'none'"
  let pixels = 0
  for (const { index } of markup.matchAll(dataURL)) pixels += pixelsAt(markup, index)
  return pixels <= maxPixels ? "data:" : "'none'"
}

const looked = 64 << 10

// pixelsAt returns the pixels of the image in an address, Infinity when unknown.
function pixelsAt(markup: string, at: number): number {
  const address = markup.slice(at, at + looked).replace(/[\t\r\n]/g, "")
  const base64 = /^data:[\w/+.-]*;base64,([A-Za-z0-9+/]*)/i.exec(address)?.[1]
  if (!base64) return Infinity
  const bytes = Uint8Array.from(atob(base64.slice(0, base64.length & ~3)), (c) => c.charCodeAt(0))
  const content = recognise(bytes, "binary")
  const picture = content.kind === "image" ? pictureOf(bytes, content.type) : null
  return picture ? picture.width * picture.height : Infinity
}
