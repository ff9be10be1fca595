// Paced draws at once, and then at most once in a while: what comes meanwhile is drawn together,
// so that a busy machine does not fall behind.

export class Paced {
  private timer = 0
  private isDue = false

  constructor(
    private readonly draw: () => void,
    private readonly pause: number, // ms between two drawings
  ) {}

  // ask draws now or soon.
  ask(): void {
    this.isDue = true
    if (this.timer === 0) this.flush()
  }

  // flush draws what was asked for.
  flush(): void {
    if (!this.isDue) return
    this.isDue = false
    this.draw()
    this.timer ||= window.setTimeout(() => {
      this.timer = 0
      this.flush()
    }, this.pause)
  }

  stop(): void {
    this.isDue = false
    window.clearTimeout(this.timer)
    this.timer = 0
  }
}
