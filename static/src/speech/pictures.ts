// How loud the audio of turns is, for pictures. What was read stays until another session is
// shown.

import { readLevels, type Stream, type Turn } from "../wire"
import { LevelTrack } from "./levels"

const pause = 500 // ms between two looks at audio that grows

export class Pictures {
  private readonly tracks = new Map<string, LevelTrack>()
  private readonly reading = new Map<string, AbortController>()
  private readonly seen = new Map<string, number>() // ms, of the last look

  constructor(private readonly session: () => string, private readonly changed: (n: number, stream: Stream) => void) {}

  of(n: number, stream: Stream): LevelTrack | null {
    return this.tracks.get(keyOf(n, stream)) ?? null
  }

  // want reads what is new of one side of a turn.
  want(turn: Turn, stream: Stream): void {
    const key = keyOf(turn.n, stream)
    const track = this.tracks.get(key)
    const length = (stream === "answer" ? turn.audio?.answerMS : turn.audio?.userMS) ?? 0
    const grew = length > (track?.length ?? 0) + 1 || (turn.state !== "open" && !track?.isWhole)
    if (!grew || this.reading.has(key) || performance.now() - (this.seen.get(key) ?? -pause) < pause) return
    void this.read(key, turn.n, stream)
  }

  clear(): void {
    for (const reading of this.reading.values()) reading.abort()
    this.reading.clear()
    this.tracks.clear()
    this.seen.clear()
  }

  private async read(key: string, n: number, stream: Stream): Promise<void> {
    const reading = new AbortController()
    this.reading.set(key, reading)
    const track = this.tracks.get(key) ?? new LevelTrack()
    for (;;) {
      const { ok } = await readLevels(this.session(), n, stream, track.next, reading.signal)
      if (reading.signal.aborted) return
      if (!ok) break
      const before = track.next
      track.add(ok)
      this.tracks.set(key, track)
      this.changed(n, stream)
      if (ok.ended || ok.next === before || ok.seq.length < 3000) break
    }
    this.reading.delete(key)
    this.seen.set(key, performance.now())
  }
}

function keyOf(n: number, stream: Stream): string {
  return `${n} ${stream}`
}
