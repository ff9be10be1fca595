package speech

import "math"

// The low-pass of the resampler: the pass band ends at passBand of the lower Nyquist
// frequency, and from that frequency on the attenuation is stopBand dB.
const (
	passBand = 0.9
	stopBand = 80.0
	phases   = 256 // between two samples; coefficients between phases are interpolated
)

// Resampler changes the sample rate of a stream with one channel, by a sinc with a Kaiser
// window. Its output lags behind by half the length of the window, until Finish.
type Resampler struct {
	from, to int
	half     int       // of the window, in samples of the input
	taps     []float32 // phases+1 rows of 2*half coefficients
	waiting  []float32 // input that outputs still need
	next     int       // where the window of the next output begins in waiting
	rest     int       // that output lies rest/to of a sample after the middle of its window
	read     int64     // samples of input
	written  int64     // samples of output
}

// NewResampler returns a Resampler between two rates in Hz.
func NewResampler(from, to int) *Resampler {
	r := &Resampler{from: from, to: to}
	if from == to {
		return r
	}
	ratio := min(1, float64(to)/float64(from))
	width := (1 - passBand) * ratio * math.Pi // of the transition, in radians a sample
	r.half = int(math.Ceil((stopBand - 7.95) / (2.285 * width) / 2))
	r.taps = lowPass(r.half, ratio*(1+passBand)/2)
	r.waiting = make([]float32, r.half-1) // silence before the first sample
	return r
}

// lowPass returns the coefficients of all phases; cutoff is a part of the input's Nyquist
// frequency. The coefficients of a phase sum up to 1.
func lowPass(half int, cutoff float64) []float32 {
	const beta = 0.1102 * (stopBand - 8.7) // Kaiser's formula
	taps := make([]float32, 0, (phases+1)*2*half)
	row := make([]float64, 2*half)
	for phase := range phases + 1 {
		sum := 0.0
		for i := range row {
			x := float64(i-half+1) - float64(phase)/phases
			at := x / float64(half)
			row[i] = sinc(cutoff*x) * bessel(beta*math.Sqrt(max(0, 1-at*at)))
			sum += row[i]
		}
		for _, v := range row {
			taps = append(taps, float32(v/sum))
		}
	}
	return taps
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// bessel is the modified Bessel function of the first kind and order 0.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > sum*1e-12; k++ {
		term *= x / (2 * k) * x / (2 * k)
		sum += term
	}
	return sum
}

// Add takes samples and returns those that are ready at the new rate.
func (r *Resampler) Add(samples []int16) []int16 {
	r.read += int64(len(samples))
	if r.from == r.to {
		return samples
	}
	for _, s := range samples {
		r.waiting = append(r.waiting, float32(s))
	}
	return r.convert(math.MaxInt64)
}

// Finish returns the last samples: together there are as many as the input lasts.
func (r *Resampler) Finish() []int16 {
	if r.from == r.to {
		return nil
	}
	r.waiting = append(r.waiting, make([]float32, r.half)...)
	return r.convert((r.read*int64(r.to)+int64(r.from)-1)/int64(r.from) - r.written)
}

// convert returns up to limit samples of output.
func (r *Resampler) convert(limit int64) []int16 {
	size := 2 * r.half
	out := make([]int16, 0, max(0, len(r.waiting)-size-r.next)*r.to/r.from+1)
	for int64(len(out)) < limit && r.next+size <= len(r.waiting) {
		out = append(out, r.sample(r.waiting[r.next:][:size]))
		r.rest += r.from
		r.next += r.rest / r.to
		r.rest %= r.to
	}
	done := min(r.next, len(r.waiting))
	r.waiting = r.waiting[:copy(r.waiting, r.waiting[done:])]
	r.next -= done
	r.written += int64(len(out))
	return out
}

// sample returns the output at rest/to after the middle of the window.
func (r *Resampler) sample(window []float32) int16 {
	place := float64(r.rest) / float64(r.to) * phases
	phase := int(place)
	between := float32(place - float64(phase))
	low := r.taps[phase*len(window):][:len(window)]
	high := r.taps[(phase+1)*len(window):][:len(window)]
	var a, b float32
	for i, v := range window {
		a += v * low[i]
		b += v * high[i]
	}
	return int16(math.RoundToEven(float64(max(math.MinInt16, min(a+(b-a)*between, math.MaxInt16)))))
}
