// Makes a stranger's HTML or SVG fit for a frame that has no permissions at all. The
// sandbox takes scripts, forms and the page's origin away; two policies take the
// network: this one and the page's own, which the frame inherits. What no policy governs
// is taken out here: browsers open connections and ask name servers for <link
// rel=preconnect> and dns-prefetch, obey <meta http-equiv>, and go where a link leads.

import { mostPixels, pictureOf } from "./picture"
import { recognise } from "./recognise"

// A tag begins with "<" and its name, letter for letter; HTML has no other way of
// writing one (Living Standard, 13.2.5.6). So a name that is changed wherever it follows
// a "<" is a name that no parser finds, whatever it stands in.
const reaching = /<(\/?)(area|link|meta|base|iframe|frame|frameset|object|embed|applet|portal|fencedframe)(?=[\s/>]|$)/gi
const linking = /<(\/?)a(?=[\s/>]|$)/gi

// seal is a document behind a policy of its own, without the elements that reach out.
export function seal(markup: string, kind: "html" | "svg"): string {
  const standards = /^\s*<!doctype\s+html/i.test(markup) ? "<!doctype html>" : ""
  const policy = `default-src 'none'; img-src ${imagesIn(markup)}; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'`
  const inert = markup.replace(reaching, "<$1x-$2").replace(linking, kind === "svg" ? "<$1g" : "<$1x-a")
  return `${standards}<meta http-equiv="Content-Security-Policy" content="${policy}">${inert}`
}

const dataURL = /(?<![a-z0-9+.-])d[\t\r\n]*a[\t\r\n]*t[\t\r\n]*a[\t\r\n]*:/gi

// imagesIn is what the policy allows images to be: data: when every address of that kind
// is plain to see and together they unpack to no more than one image may, else none.
function imagesIn(markup: string): "data:" | "'none'" {
  // A colon, or the blanks that an address may hold, could also be written so.
  if (/&(#|colon|tab|newline)/i.test(markup)) return "'none'"
  let pixels = 0
  for (const { index } of markup.matchAll(dataURL)) pixels += pixelsAt(markup, index)
  return pixels <= mostPixels ? "data:" : "'none'"
}

const looked = 64 << 10

// pixelsAt is what the image in an address unpacks to: Infinity when that is not sure.
function pixelsAt(markup: string, at: number): number {
  const address = markup.slice(at, at + looked).replace(/[\t\r\n]/g, "")
  const base64 = /^data:[\w/+.-]*;base64,([A-Za-z0-9+/]*)/i.exec(address)?.[1]
  if (!base64) return Infinity
  const bytes = Uint8Array.from(atob(base64.slice(0, base64.length & ~3)), (c) => c.charCodeAt(0))
  const content = recognise(bytes, "binary")
  const picture = content.kind === "image" ? pictureOf(bytes, content.type) : null
  return picture ? picture.width * picture.height : Infinity
}
