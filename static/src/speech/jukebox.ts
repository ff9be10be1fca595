// What sounds now: one side of one turn at a time, and those that wait behind it.

import { audioURL, clipURL, type Clip, type Stream, type Turn } from "../wire"
import type { Player } from "./player"

export interface Track {
  session: string
  n: number
  stream: Stream
  from: number // ms; where the part begins in the audio
  part: Clip | null // null is all of it
}

export interface Sounding {
  playing: boolean
  position: number // s, of the whole audio
  duration: number // s of what has arrived; 0 before it was loaded
  failed: boolean
}

const key = "duplex.sound"

export class Jukebox {
  private player: Player | null = null
  private track: Track | null = null
  private context: AudioContext | null = null
  private waiting: { track: Track; isLive: boolean }[] = []
  private readonly listeners = new Set<() => void>()
  private opened = 0 // number of the newest track; an older one that loads late is dropped
  private on = localStorage.getItem(key) !== "off"

  // plays reports whether sound is played as it arrives.
  get plays(): boolean {
    return this.on
  }

  // current is the track that was opened last.
  get current(): Track | null {
    return this.track
  }

  // setPlays keeps the choice in this browser.
  setPlays(on: boolean): void {
    this.on = on
    localStorage.setItem(key, on ? "on" : "off")
    if (!on) this.silence()
    this.tell()
  }

  // watch calls a function after each change, until signal aborts.
  watch(changed: () => void, signal: AbortSignal): void {
    this.listeners.add(changed)
    signal.addEventListener("abort", () => this.listeners.delete(changed), { once: true })
  }

  // stateOf returns how a side of a turn sounds; null when it does not.
  stateOf({ session, n, stream }: Pick<Track, "session" | "n" | "stream">): Sounding | null {
    const { player, track } = this
    if (!player || !track || track.session !== session || track.n !== n || track.stream !== stream) return null
    return { playing: player.playing, position: track.from / 1000 + player.position, duration: player.duration > 0 ? track.from / 1000 + player.duration : 0, failed: player.failed }
  }

  // toggle plays or pauses a track.
  toggle(track: Track, isLive: boolean): void {
    this.waiting = []
    if (this.player && !this.player.failed && same(track, this.track)) {
      if (this.player.playing) this.player.pause()
      else this.player.play()
    } else void this.open(track, isLive)
  }

  // start plays tracks one after the other.
  start(tracks: readonly Track[]): void {
    const [first, ...rest] = tracks
    this.waiting = rest.map((track) => ({ track, isLive: false }))
    if (first) void this.open(first, false)
  }

  pause(): void {
    this.waiting = []
    this.player?.pause()
    this.tell()
  }

  // seek moves to a place in seconds; a track that does not sound is opened there.
  seek(track: Track, seconds: number, isLive: boolean): void {
    if (same(track, this.track)) this.player?.seek(seconds)
    else void this.open(track, isLive, seconds)
  }

  // arrive plays a track that began while the page watches, after those before it.
  arrive(track: Track): void {
    if (!this.on || same(track, this.track) || this.waiting.some((other) => same(other.track, track))) return
    if (this.player?.playing) this.waiting.push({ track, isLive: true })
    else void this.open(track, true)
  }

  silence(): void {
    this.opened++
    this.waiting = []
    this.player?.destroy()
    this.player = null
    this.track = null
    this.tell()
  }

  destroy(): void {
    this.silence()
    void this.context?.close()
    this.context = null
    this.listeners.clear()
  }

  private async open(track: Track, isLive: boolean, at = 0): Promise<void> {
    const mine = ++this.opened
    this.player?.destroy()
    this.player = null
    this.track = track
    this.context ??= new AudioContext()
    const { context } = this
    this.tell()
    const { Player } = await import("./player")
    if (mine !== this.opened) return
    const { session, n, stream, part } = track
    const url = part ? clipURL(session, n, stream, part) : audioURL(session, n, stream, isLive)
    this.player = new Player(context, url, () => this.changed(), at)
    this.player.play()
  }

  private changed(): void {
    this.tell()
    const { player } = this
    if (!player || player.playing || player.duration === 0 || player.position < player.duration) return
    const next = this.waiting.shift()
    if (next) void this.open(next.track, next.isLive)
  }

  private tell(): void {
    for (const changed of this.listeners) changed()
  }
}

export function same(a: Track, b: Track | null): boolean {
  return b !== null && a.session === b.session && a.n === b.n && a.stream === b.stream && a.part?.seq === b.part?.seq && a.part?.from === b.part?.from && a.part?.to === b.part?.to
}

// trackOf is the whole audio of one side of a turn.
export function trackOf(session: string, turn: Turn, stream: Stream): Track {
  return { session, n: turn.n, stream, from: 0, part: null }
}
