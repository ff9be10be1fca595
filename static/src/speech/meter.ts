// Loudness by ITU-R BS.1770-4: two filters, blocks of 400 ms that overlap by three quarters,
// and two gates.

interface Filter {
  b: readonly [number, number, number]
  a: readonly [number, number] // a1, a2
}

const absoluteGate = -70 // LUFS
const relativeGate = -10 // LU below the mean
const offset = -0.691
const picture = 0.02 // s of one peak

export class Meter {
  private readonly filters: readonly [Filter, Filter]
  private readonly states: number[][] = [] // by channel: two delays of each filter
  private readonly hop: number // samples of a quarter of a block
  private sum = 0 // of squares in this quarter
  private filled = 0
  private readonly quarters: number[] = [] // mean squares
  private loudest = 0
  private frames = 0
  private readonly every: number // samples of one peak of the picture
  private peak = 0
  private readonly peaks: number[] = []

  constructor(private readonly rate: number) {
    this.filters = [shelf(rate), highPass(rate)]
    this.hop = Math.max(1, Math.round(rate / 10))
    this.every = Math.max(1, Math.round(rate * picture))
  }

  add(channels: readonly Float32Array[]): void {
    const length = channels[0]?.length ?? 0
    for (let at = 0; at < length; at++) {
      let square = 0
      channels.forEach((samples, channel) => {
        const sample = samples[at] ?? 0
        const loud = Math.abs(sample)
        if (loud > this.loudest) this.loudest = loud
        if (loud > this.peak) this.peak = loud
        const filtered = this.filter(sample, (this.states[channel] ??= [0, 0, 0, 0]))
        square += filtered * filtered
      })
      this.sum += square
      if (++this.filled === this.hop) this.endQuarter()
      if (++this.frames % this.every === 0) this.endPeak()
    }
  }

  result(): { lufs: number | null; peak: number | null; ms: number; peaks: Uint8Array } {
    if (this.frames % this.every !== 0) this.endPeak()
    return {
      lufs: this.loudness(), peak: this.loudest > 0 ? 20 * Math.log10(this.loudest) : null,
      ms: (this.frames * 1000) / this.rate, peaks: Uint8Array.from(this.peaks),
    }
  }

  private endQuarter(): void {
    this.quarters.push(this.sum / this.hop)
    this.sum = this.filled = 0
  }

  private endPeak(): void {
    this.peaks.push(Math.min(255, Math.round(this.peak * 255)))
    this.peak = 0
  }

  private loudness(): number | null {
    const { quarters } = this
    const blocks: number[] = []
    for (let at = 0; at + 4 <= quarters.length; at++) blocks.push(mean(quarters.slice(at, at + 4)))
    if (blocks.length === 0 && quarters.length > 0) blocks.push(mean(quarters)) // shorter than a block
    const heard = blocks.filter((power) => lufs(power) > absoluteGate)
    if (heard.length === 0) return null
    const gate = lufs(mean(heard)) + relativeGate
    return lufs(mean(heard.filter((power) => lufs(power) > gate)))
  }

  // filter applies both filters, transposed direct form II.
  private filter(sample: number, state: number[]): number {
    let value = sample
    this.filters.forEach(({ b, a }, at) => {
      const out = b[0] * value + (state[2 * at] ?? 0)
      state[2 * at] = b[1] * value - a[0] * out + (state[2 * at + 1] ?? 0)
      state[2 * at + 1] = b[2] * value - a[1] * out
      value = out
    })
    return value
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)
}

function lufs(power: number): number {
  return power > 0 ? offset + 10 * Math.log10(power) : -Infinity
}

// shelf is the first filter of BS.1770 for any rate.
function shelf(rate: number): Filter {
  const gain = 10 ** (3.999843853973347 / 20)
  const root = gain ** 0.4996667741545416
  const k = Math.tan((Math.PI * 1681.974450955533) / rate)
  const q = 0.7071752369554196
  const a0 = 1 + k / q + k * k
  return {
    b: [(gain + (root * k) / q + k * k) / a0, (2 * (k * k - gain)) / a0, (gain - (root * k) / q + k * k) / a0],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  }
}

// highPass is the second one.
function highPass(rate: number): Filter {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate)
  const q = 0.5003270373238773
  const a0 = 1 + k / q + k * k
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] }
}
