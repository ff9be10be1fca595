package speech_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"duplex/bridge/speech"
	"duplex/bridge/testkit"
)

// The values are those of ITU-T G.711, tables 1a and 2a, scaled to 16 bits.
func TestG711DecodesTheValuesOfTheRecommendation(t *testing.T) {
	for encoding, values := range map[string]map[byte]int16{
		"mulaw": {0x80: 32124, 0x8F: 16764, 0x9F: 8316, 0xAF: 4092, 0xBF: 1980, 0xCF: 924, 0xDF: 396, 0xEF: 132, 0xFE: 8, 0xFF: 0, 0x7F: 0, 0x00: -32124, 0x7E: -8},
		"alaw":  {0xD5: 8, 0xD4: 24, 0x55: -8, 0xC5: 264, 0xF5: 528, 0xE5: 1056, 0x95: 2112, 0x85: 4224, 0xB5: 8448, 0xA5: 16896, 0xAA: 32256, 0x2A: -32256},
	} {
		for code, want := range values {
			got, _, err := speech.Decode(encoding, []byte{code})
			if err != nil || got[0] != want {
				t.Errorf("%s %#02x is %d, want %d; %v", encoding, code, got[0], want, err)
			}
		}
	}
}

// decisions are the first values of the 16 positions of each segment, and the step between
// them: ITU-T G.711, columns 5 of tables 1a and 2a, scaled to 16 bits.
func decisions() map[string][][2]int {
	return map[string][][2]int{
		"mulaw": {{31 << 2, 4 << 2}, {95 << 2, 8 << 2}, {223 << 2, 16 << 2}, {479 << 2, 32 << 2}, {991 << 2, 64 << 2}, {2015 << 2, 128 << 2}, {4063 << 2, 256 << 2}},
		"alaw":  {{0, 1 << 4}, {16 << 4, 1 << 4}, {32 << 4, 2 << 4}, {64 << 4, 4 << 4}, {128 << 4, 8 << 4}, {256 << 4, 16 << 4}, {512 << 4, 32 << 4}, {1024 << 4, 64 << 4}},
	}
}

func TestG711EncodesByTheDecisionValuesOfTheRecommendation(t *testing.T) {
	for encoding, segments := range decisions() {
		for _, segment := range segments {
			for position := range 16 {
				low := segment[0] + position*segment[1]
				middle := int16(low + segment[1]/2)
				for _, s := range []int{low, int(middle), low + segment[1] - 1} {
					for _, sign := range []int{1, -1} {
						if s == 0 && sign < 0 || encoding == "alaw" && sign < 0 && s == low {
							continue // A-law: a negative decision value belongs to the position below
						}
						code, _ := speech.Encode(encoding, []int16{int16(s * sign)})
						if got, _, _ := speech.Decode(encoding, code); got[0] != middle*int16(sign) {
							t.Errorf("%s: %d becomes %d, want %d", encoding, s*sign, got[0], middle*int16(sign))
						}
					}
				}
			}
		}
	}
}

func TestG711CodesAreEncodedAgain(t *testing.T) {
	for _, encoding := range []string{"mulaw", "alaw"} {
		for code := range 256 {
			value, _, err := speech.Decode(encoding, []byte{byte(code)})
			if err != nil {
				t.Fatal(err)
			}
			back, err := speech.Encode(encoding, value)
			if negativeZero := encoding == "mulaw" && code == 0x7F; err != nil || back[0] != byte(code) && !negativeZero {
				t.Errorf("%s %#02x is %d, which becomes %#02x", encoding, code, value[0], back[0])
			}
		}
		clipped, err := speech.Encode(encoding, []int16{32767, -32768})
		if want := map[string][]byte{"mulaw": {0x80, 0x00}, "alaw": {0xAA, 0x2A}}[encoding]; err != nil || !slices.Equal(clipped, want) {
			t.Errorf("%s: full scale becomes %#02x, want %#02x", encoding, clipped, want)
		}
	}
}

func TestEncodingsAreDecodedAgain(t *testing.T) {
	samples := []int16{0, 1, -1, 1000, -1000, 32767, -32768}
	for _, encoding := range []string{"s16le", "f32le"} {
		data, err := speech.Encode(encoding, samples)
		if err != nil {
			t.Fatal(err)
		}
		got, rest, err := speech.Decode(encoding, append(data, 7))
		if err != nil || !slices.Equal(got, samples) || !slices.Equal(rest, []byte{7}) {
			t.Errorf("%s: %v and the rest %v, want %v and [7]; %v", encoding, got, rest, samples, err)
		}
	}
	var unknown *speech.EncodingError
	if _, err := speech.Encode("opus", samples); !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
	if _, _, err := speech.Decode("", nil); !errors.As(err, &unknown) {
		t.Errorf("error %v", err)
	}
}

func TestG711AgreesWithSox(t *testing.T) {
	sox := testkit.Need(t, "sox", "apt-get install sox")
	noise := filepath.Join(t.TempDir(), "noise.wav")
	run(t, sox, "-R", "-n", "-r", "8000", "-c", "1", "-b", "16", noise, "synth", "1", "whitenoise")
	raw := run(t, sox, "-D", noise, "-t", "raw", "-b", "16", "-e", "signed-integer", "-")
	samples, _, err := speech.Decode("s16le", raw)
	if err != nil {
		t.Fatal(err)
	}
	for encoding, form := range map[string]string{"mulaw": "ul", "alaw": "al"} {
		peer := run(t, sox, "-D", noise, "-t", form, "-")
		ours, err := speech.Encode(encoding, samples)
		if err != nil {
			t.Fatal(err)
		}
		theirs, _, err := speech.Decode(encoding, peer)
		if err != nil {
			t.Fatal(err)
		}
		own, _, err := speech.Decode(encoding, ours)
		if err != nil {
			t.Fatal(err)
		}
		same := 0
		for i, s := range samples {
			if own[i] == theirs[i] {
				same++
			} else if step := max(16, (distance(int(s), 0)+132)/15); distance(int(own[i]), theirs[i]) > step {
				t.Fatalf("%s: %d is %d, with sox %d", encoding, s, own[i], theirs[i])
			}
		}
		if part := float64(same) / float64(len(samples)); part < 0.9 { // sox drops the lowest bits first
			t.Errorf("%s: %.3f of the codes are equal to those of sox", encoding, part)
		}
	}
}

func distance(a int, b int16) int { return max(a-int(b), int(b)-a) }
