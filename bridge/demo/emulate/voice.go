package emulate

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode"
)

// formants returns the centre frequencies of a vowel's first two formants in Hz (Peterson and
// Barney 1952, rounded); false for another letter.
func formants(vowel rune) ([2]float64, bool) {
	switch vowel {
	case 'a':
		return [2]float64{730, 1090}, true
	case 'e':
		return [2]float64{530, 1840}, true
	case 'i', 'y':
		return [2]float64{270, 2290}, true
	case 'o':
		return [2]float64{570, 840}, true
	case 'u':
		return [2]float64{300, 870}, true
	}
	return [2]float64{}, false
}

// Voice speaks a text: one tone with two formants for each syllable, as samples of 16 bits.
// It is no language, but has its rhythm.
func Voice(text string, rate int) []int16 {
	var samples []int16
	for i, syllable := range syllables(text) {
		if syllable == 0 {
			samples = append(samples, make([]int16, rate*70/1000)...)
			continue
		}
		pitch := 118 - 2*float64(i%9) // Hz, falls in a sentence
		samples = append(samples, tone(syllable, pitch, rate)...)
	}
	return samples
}

// syllables returns a vowel for each syllable, and 0 for each pause.
func syllables(text string) []rune {
	var all []rune
	inVowel := false
	order := []rune("aeiou")
	for _, r := range strings.ToLower(text) {
		_, vowel := formants(r)
		switch {
		case vowel && !inVowel:
			all = append(all, r)
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			all = append(all, order[int(r)%len(order)])
		case !vowel && !unicode.IsLetter(r) && len(all) > 0 && all[len(all)-1] != 0:
			all = append(all, 0)
		}
		inVowel = vowel
	}
	if len(all) == 0 {
		all = []rune{'a'}
	}
	return all
}

// tone is a buzz of many harmonics, shaped by the formants of a vowel, of 160 ms.
func tone(vowel rune, pitch float64, rate int) []int16 {
	peaks, _ := formants(vowel)
	n := rate * 160 / 1000
	sums := make([]float64, n)
	for harmonic := 1; float64(harmonic)*pitch < min(float64(rate)/2, 3400); harmonic++ {
		frequency := float64(harmonic) * pitch
		gain := 0.1 / float64(harmonic)
		for _, centre := range peaks {
			off := (frequency - centre) / 120
			gain += math.Exp(-off * off)
		}
		step := 2 * math.Pi * frequency / float64(rate)
		for i := range sums {
			sums[i] += gain * math.Sin(step*float64(i))
		}
	}
	samples := make([]int16, n)
	for i, sum := range sums {
		envelope := math.Pow(math.Sin(math.Pi*float64(i)/float64(n)), 0.5)
		samples[i] = int16(3500 * envelope * max(-8, min(8, sum)))
	}
	return samples
}

// littleEndian returns samples as bytes.
func littleEndian(samples []int16) []byte {
	out := make([]byte, 0, 2*len(samples))
	for _, s := range samples {
		out = binary.LittleEndian.AppendUint16(out, uint16(s)) //nolint:gosec // the bits of a sample
	}
	return out
}
