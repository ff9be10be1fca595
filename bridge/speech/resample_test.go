package speech_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"duplex/bridge/speech"
)

// tone returns a second of a sine at 0.9 of full scale.
func tone(rate int, hertz float64) []int16 {
	out := make([]int16, rate)
	for i := range out {
		out[i] = int16(math.Round(0.9 * 32767 * math.Sin(2*math.Pi*hertz*float64(i)/float64(rate))))
	}
	return out
}

// level returns the part of full scale that samples have at a frequency, without their first
// and last tenth.
func level(samples []int16, rate int, hertz float64) float64 {
	var re, im float64
	middle := samples[len(samples)/10 : len(samples)*9/10]
	for i, s := range middle {
		window := 1 - math.Cos(2*math.Pi*float64(i)/float64(len(middle)))
		angle := 2 * math.Pi * hertz * float64(i) / float64(rate)
		re += window * float64(s) * math.Cos(angle)
		im += window * float64(s) * math.Sin(angle)
	}
	return 2 * math.Hypot(re, im) / float64(len(middle)) / 32767
}

func decibels(v float64) float64 { return 20 * math.Log10(v) }

// power returns the root mean square of samples as a part of full scale, without their first
// and last tenth.
func power(samples []int16) float64 {
	sum, middle := 0.0, samples[len(samples)/10:len(samples)*9/10]
	for _, s := range middle {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum/float64(len(middle))) / 32767
}

func TestATonePassesTheResampler(t *testing.T) {
	for _, rates := range [][2]int{{44100, 16000}, {48000, 16000}, {16000, 48000}, {8000, 16000}, {16000, 24000}, {24000, 8000}, {11025, 16000}, {44100, 48000}, {22050, 16001}, {96000, 16000}} {
		t.Run(fmt.Sprint(rates), func(t *testing.T) {
			clip := speech.Clip{Rate: rates[0], Channels: 1, Samples: tone(rates[0], 1000)}
			out, notes := clip.Convert(rates[1], 1)
			if want := (speech.Note{Code: speech.NoteResampled, From: int64(rates[0]), To: int64(rates[1])}); len(notes) != 1 || notes[0] != want {
				t.Errorf("notes %v", notes)
			}
			if len(out.Samples) != rates[1] {
				t.Errorf("a second has %d samples", len(out.Samples))
			}
			if got := decibels(level(out.Samples, rates[1], 1000) / 0.9); math.Abs(got) > 0.05 {
				t.Errorf("the tone changes by %.3f dB", got)
			}
			want := tone(rates[1], 1000)
			for i, s := range out.Samples {
				out.Samples[i] = s - want[i]
			}
			if got := decibels(power(out.Samples)); got > -70 {
				t.Errorf("all but the tone is at %.1f dB", got)
			}
		})
	}
}

func TestFrequenciesThatDoNotFitAreSilenced(t *testing.T) {
	for _, rates := range [][2]int{{44100, 16000}, {48000, 8000}, {48000, 16000}, {24000, 16000}, {96000, 24000}} {
		for _, times := range []float64{1.0, 1.05, 1.2, 1.45} {
			hertz := times * float64(rates[1]) / 2
			if hertz >= float64(rates[0])/2 {
				continue
			}
			clip := speech.Clip{Rate: rates[0], Channels: 1, Samples: tone(rates[0], hertz)}
			out, _ := clip.Convert(rates[1], 1)
			if got := decibels(power(out.Samples) / power(clip.Samples)); got > -60 {
				t.Errorf("%v: %.0f Hz comes through at %.1f dB", rates, hertz, got)
			}
		}
	}
}

func TestSpeechBandSurvives(t *testing.T) {
	for _, hertz := range []float64{50, 300, 3400, 7100} {
		clip := speech.Clip{Rate: 48000, Channels: 1, Samples: tone(48000, hertz)}
		out, _ := clip.Convert(16000, 1)
		if got := decibels(level(out.Samples, 16000, hertz) / 0.9); math.Abs(got) > 0.1 {
			t.Errorf("%.0f Hz changes by %.2f dB", hertz, got)
		}
	}
}

// TestResamplerInPiecesIsAsAtOnce feeds pieces as a microphone does.
func TestResamplerInPiecesIsAsAtOnce(t *testing.T) {
	for _, rates := range [][2]int{{48000, 16000}, {44100, 16000}, {16000, 44100}, {384000, 4000}, {16000, 16000}} {
		in := tone(rates[0], 440)[:rates[0]/4]
		whole, _ := (&speech.Clip{Rate: rates[0], Channels: 1, Samples: in}).Convert(rates[1], 1)
		r := speech.NewResampler(rates[0], rates[1])
		var got []int16
		for size, rest := 1, in; len(rest) > 0; size = size*7%1009 + 1 {
			n := min(size, len(rest))
			got = append(got, r.Add(rest[:n])...)
			rest = rest[n:]
		}
		got = append(got, r.Finish()...)
		if !slices.Equal(got, whole.Samples) {
			t.Errorf("%v: %d samples in pieces, %d at once", rates, len(got), len(whole.Samples))
		}
	}
}

func TestChannelsAreMixedToTheirMean(t *testing.T) {
	clip := speech.Clip{Rate: 8000, Channels: 2, Samples: []int16{100, 300, -32768, -32768, 32767, 32767}}
	mono, notes := clip.Convert(0, 1)
	if want := []int16{200, -32768, 32767}; !slices.Equal(mono.Samples, want) || mono.Channels != 1 || mono.Rate != 8000 {
		t.Errorf("mixed to %+v", mono)
	}
	if len(notes) != 1 || notes[0].String() != "mixed_down: 2 -> 1" {
		t.Errorf("notes %v", notes)
	}
	stereo, notes := mono.Convert(8000, 2)
	if want := []int16{200, 200, -32768, -32768, 32767, 32767}; !slices.Equal(stereo.Samples, want) {
		t.Errorf("repeated as %v", stereo.Samples)
	}
	if len(notes) != 1 || notes[0].Code != speech.NoteMixedUp {
		t.Errorf("notes %v", notes)
	}
	if same, notes := mono.Convert(8000, 1); notes != nil || !slices.Equal(same.Samples, mono.Samples) {
		t.Errorf("no change gives %v", notes)
	}
}

func TestChannelsStayApartAtAnotherRate(t *testing.T) {
	left, right := tone(48000, 440), tone(48000, 3000)
	both := make([]int16, 0, 2*len(left))
	for i := range left {
		both = append(both, left[i], right[i])
	}
	out, _ := (&speech.Clip{Rate: 48000, Channels: 2, Samples: both}).Convert(16000, 2)
	first := make([]int16, 0, len(out.Samples)/2)
	for i := 0; i < len(out.Samples); i += 2 {
		first = append(first, out.Samples[i])
	}
	if got := decibels(level(first, 16000, 3000)); got > -70 {
		t.Errorf("the right channel is in the left at %.1f dB", got)
	}
	if got := out.Length().Seconds(); got != 1 {
		t.Errorf("a second lasts %v s", got)
	}
}

func BenchmarkResample(b *testing.B) {
	clip := speech.Clip{Rate: 44100, Channels: 1, Samples: tone(44100, 1000)}
	for b.Loop() {
		clip.Convert(16000, 1)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "x-real-time")
}
