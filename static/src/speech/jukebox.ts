// What sounds now: one side of one turn at a time, and those that wait behind it.

import { audioURL, type Stream, type Turn } from "../wire"
import type { Player } from "./player"

export interface Track {
  session: string
  n: number
  stream: Stream
}

export interface Sounding {
  playing: boolean
  position: number // s
  duration: number // s of what has arrived; 0 before it was loaded
  failed: boolean
  peaks: number[] | null
}

const key = "duplex.sound"

export class Jukebox {
  private player: Player | null = null
  private current: Track | null = null
  private context: AudioContext | null = null
  private readonly waiting: Track[] = []
  private readonly listeners = new Set<() => void>()
  private opened = 0 // number of the newest track; an older one that loads late is dropped
  private on = localStorage.getItem(key) !== "off"

  // plays reports whether sound is played as it arrives.
  get plays(): boolean {
    return this.on
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

  stateOf(track: Track): Sounding | null {
    const { player } = this
    if (!player || !same(track, this.current)) return null
    return { playing: player.playing, position: player.position, duration: player.duration, failed: player.failed, peaks: player.duration > 0 ? player.peaks() : null }
  }

  // toggle plays or pauses a track.
  toggle(track: Track, isLive: boolean): void {
    this.waiting.length = 0
    if (this.player && !this.player.failed && same(track, this.current)) {
      if (this.player.playing) this.player.pause()
      else this.player.play()
    } else void this.open(track, isLive)
  }

  seek(track: Track, seconds: number): void {
    if (same(track, this.current)) this.player?.seek(seconds)
  }

  // arrive plays a track that began while the page watches, after those before it.
  arrive(track: Track): void {
    if (!this.on || same(track, this.current) || this.waiting.some((other) => same(other, track))) return
    if (this.player?.playing) this.waiting.push(track)
    else void this.open(track, true)
  }

  silence(): void {
    this.opened++
    this.waiting.length = 0
    this.player?.destroy()
    this.player = null
    this.current = null
    this.tell()
  }

  destroy(): void {
    this.silence()
    void this.context?.close()
    this.context = null
    this.listeners.clear()
  }

  private async open(track: Track, isLive: boolean): Promise<void> {
    const mine = ++this.opened
    this.player?.destroy()
    this.player = null
    this.current = track
    this.context ??= new AudioContext()
    const { context } = this
    this.tell()
    const { Player } = await import("./player")
    if (mine !== this.opened) return
    this.player = new Player(context, audioURL(track.session, track.n, track.stream, isLive), () => this.changed())
    this.player.play()
  }

  private changed(): void {
    this.tell()
    const { player } = this
    if (!player || player.playing || player.duration === 0 || player.position < player.duration) return
    const next = this.waiting.shift()
    if (next) void this.open(next, true)
  }

  private tell(): void {
    for (const changed of this.listeners) changed()
  }
}

export function same(a: Track, b: Track | null): boolean {
  return b !== null && a.session === b.session && a.n === b.n && a.stream === b.stream
}

export function trackOf(session: string, turn: Turn, stream: Stream): Track {
  return { session, n: turn.n, stream }
}
