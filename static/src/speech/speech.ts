// The spoken turns of a session: cards with players, and the switch for their sound.

import { say } from "../text"
import type { SpeechCards, SpeechDeps, TurnCard } from "../turns"
import { element, icon, press, setIcon, setText } from "../ui"
import type { Session, Turn } from "../wire"
import { SpokenCard } from "./card"
import { Jukebox, trackOf } from "./jukebox"

export function createSpeech(deps: SpeechDeps): SpeechCards {
  return new Speech(deps)
}

class Speech implements SpeechCards {
  readonly tools: readonly HTMLElement[]
  readonly transcript = null
  private readonly stop = new AbortController()
  private readonly jukebox = new Jukebox()
  private readonly soundIcon = icon("volume-2")
  private readonly soundWord = element("span", {})
  private readonly soundButton = element("button", { type: "button", class: "button quiet", hidden: true, "data-testid": "play-all" }, this.soundIcon, this.soundWord)
  private readonly sounding = new Set<number>() // turns whose audio was told

  constructor(private readonly deps: SpeechDeps) {
    const { signal } = this.stop
    this.tools = [this.soundButton]
    this.soundButton.addEventListener("click", () => this.jukebox.setPlays(!this.jukebox.plays), { signal })
    this.jukebox.watch(() => this.drawSound(), signal)
    this.drawSound()
  }

  attach(): void {
    this.sounding.clear()
    this.jukebox.silence()
    this.soundButton.hidden = true
  }

  takes({ audio, firstAudioUS, text, audioStartUS }: Turn): boolean {
    return audioStartUS > 0 || firstAudioUS > 0 || text.user !== "" || (audio !== null && audio.answerMS + audio.userMS > 0)
  }

  card(place: HTMLElement): TurnCard {
    return new SpokenCard(place, { ...this.deps, sound: { jukebox: this.jukebox, session: this.deps.session } })
  }

  heard(changed: readonly Turn[], first: boolean): void {
    for (const turn of changed) {
      const sounds = turn.firstAudioUS > 0 || (turn.audio?.answerMS ?? 0) > 0
      if (!sounds) continue
      this.soundButton.hidden = false
      const isNew = !this.sounding.has(turn.n)
      this.sounding.add(turn.n)
      if (isNew && !first && turn.state === "open") this.jukebox.arrive(trackOf(this.deps.session(), turn, "answer"))
    }
  }

  isTranscript(_session: Session): boolean {
    return false
  }

  destroy(): void {
    this.stop.abort()
    this.jukebox.destroy()
  }

  private drawSound(): void {
    const { plays } = this.jukebox
    press(this.soundButton, plays)
    setIcon(this.soundIcon, plays ? "volume-2" : "volume-x")
    setText(this.soundWord, say(plays ? "turns.mute" : "turns.play_all"))
  }
}
