package speech

import "slices"

// convertBlock is the number of samples that Convert resamples at a time.
const convertBlock = 1 << 16

// Convert returns c at another rate and with other channels, and the notes of c with those
// of the changes; 0 keeps the value of c. Channels are mixed to their mean, and one channel
// is repeated. The result shares its samples with c when nothing changes.
func (c *Clip) Convert(rate, channels int) (*Clip, []Note) {
	out, notes := &Clip{Rate: c.Rate, Channels: c.Channels, Samples: c.Samples}, slices.Clone(c.Notes)
	if channels > 0 && channels != c.Channels {
		code := NoteMixedDown
		if channels > c.Channels {
			code = NoteMixedUp
		}
		notes = append(notes, Note{code, int64(c.Channels), int64(channels)})
		out.Samples, out.Channels = mix(c.Samples, c.Channels, channels), channels
	}
	if rate > 0 && rate != c.Rate {
		notes = append(notes, Note{NoteResampled, int64(c.Rate), int64(rate)})
		out.Samples, out.Rate = resample(out.Samples, out.Channels, c.Rate, rate), rate
	}
	return out, notes
}

// mix returns samples with every channel being the mean of all.
func mix(samples []int16, from, to int) []int16 {
	out := make([]int16, 0, len(samples)/from*to)
	for ; len(samples) >= from; samples = samples[from:] {
		sum := 0
		for _, s := range samples[:from] {
			sum += int(s)
		}
		for range to {
			out = append(out, int16(sum/from))
		}
	}
	return out
}

// resample changes the rate of interleaved samples.
func resample(samples []int16, channels, from, to int) []int16 {
	if channels == 1 {
		return resampleChannel(samples, from, to)
	}
	var out []int16
	one := make([]int16, len(samples)/channels)
	for channel := range channels {
		for i := range one {
			one[i] = samples[i*channels+channel]
		}
		converted := resampleChannel(one, from, to)
		if out == nil {
			out = make([]int16, len(converted)*channels)
		}
		for i, s := range converted {
			out[i*channels+channel] = s
		}
	}
	return out
}

func resampleChannel(samples []int16, from, to int) []int16 {
	r := NewResampler(from, to)
	out := make([]int16, 0, len(samples)*to/from+1)
	for len(samples) > 0 {
		n := min(len(samples), convertBlock)
		out = append(out, r.Add(samples[:n])...)
		samples = samples[n:]
	}
	return append(out, r.Finish()...)
}
