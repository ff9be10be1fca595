// Images and sound, decoded by the browser from the bytes. An image is decoded only when
// its size is known from the header.

import { count, say } from "../text"
import { element } from "../ui"
import { maxPixels, type Picture, type Sound } from "../worker"

// Media is an element that shows bytes; destroy releases the browser's copy of them.
export class Media {
  private address = ""
  private stop = new AbortController()

  constructor(readonly element: HTMLElement, private readonly bytes: Uint8Array<ArrayBuffer>, private readonly type: string) {}

  // link returns an object address of the bytes.
  link(): string {
    this.address ||= URL.createObjectURL(new Blob([this.bytes], { type: this.type }))
    return this.address
  }

  get signal(): AbortSignal {
    return this.stop.signal
  }

  destroy(): void {
    this.stop.abort()
    if (this.address) URL.revokeObjectURL(this.address)
  }
}

// imageOf shows an image. A very large one waits for a press: a few kilobytes can decode
// to gigabytes.
export function imageOf(bytes: Uint8Array<ArrayBuffer>, type: string, picture: Picture | null): Media {
  const facts = element("figcaption", {})
  const figure = element("figure", { class: "preview-media" }, facts)
  const media = new Media(figure, bytes, type)
  if (!picture) facts.append(say("detail.image_broken", { type }))
  else if (picture.width * picture.height <= maxPixels) draw(media, facts, type, picture)
  else ask(media, facts, type, picture)
  return media
}

function draw(media: Media, facts: HTMLElement, type: string, { width, height }: Picture): void {
  const image = element("img", { alt: say("detail.image", { type }), decoding: "async" })
  facts.replaceChildren(`${type} · ${count(width)} × ${count(height)}`)
  image.addEventListener("error", () => facts.replaceChildren(say("detail.image_broken", { type })), { signal: media.signal })
  image.src = media.link()
  media.element.prepend(image)
}

function ask(media: Media, facts: HTMLElement, type: string, picture: Picture): void {
  const { width, height } = picture
  const megabytes = count(Math.round((width * height * 4) / 1e6))
  const button = element("button", { type: "button", class: "button" }, say("detail.image_show"))
  button.addEventListener("click", () => {
    button.remove()
    draw(media, facts, type, picture)
  }, { signal: media.signal })
  facts.append(say("detail.image_huge", { type, width: count(width), height: count(height), megabytes }), element("br"), button)
}

// playerOf plays a sound and shows the facts of its header.
export function playerOf(bytes: Uint8Array<ArrayBuffer>, type: string, sound: Sound | null): Media {
  const facts = element("figcaption", {}, sound ? factsOf(sound).join(" · ") : type)
  const player = element("audio", { controls: true, preload: "metadata", "aria-label": say("detail.sound", { type }) })
  const media = new Media(element("figure", { class: "preview-media" }, player, facts), bytes, type)
  player.addEventListener("error", () => facts.append(element("br"), say("detail.sound_broken")), { signal: media.signal })
  player.src = media.link()
  return media
}

function factsOf({ codec, rate, channels, bits, kbits, seconds }: Sound): string[] {
  const facts = [codec]
  if (rate > 0) facts.push(`${rate / 1000} kHz`)
  if (channels > 0) facts.push(channels <= 2 ? say(channels === 1 ? "detail.sound.mono" : "detail.sound.stereo") : say("detail.sound.channels", { count: channels }))
  if (bits > 0) facts.push(say("detail.sound.bits", { count: bits }))
  if (kbits > 0) facts.push(`${kbits} kbit/s`)
  if (seconds !== null) facts.push(`${seconds.toFixed(2)} s`)
  return facts
}
