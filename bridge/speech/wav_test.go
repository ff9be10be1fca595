package speech_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"duplex/bridge/speech"
	"duplex/bridge/testkit"
)

const noLimit = 1 << 30

func chunk(id string, body []byte) []byte {
	out := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(body)))
	out = append(out, body...)
	return append(out, make([]byte, len(body)%2)...)
}

func format(tag, channels, rate, bits int) []byte {
	le, block := binary.LittleEndian, channels*((bits+7)/8)
	b := le.AppendUint16(nil, uint16(tag))
	b = le.AppendUint16(b, uint16(channels))
	b = le.AppendUint32(b, uint32(rate))
	b = le.AppendUint32(b, uint32(rate*block))
	b = le.AppendUint16(b, uint16(block))
	return le.AppendUint16(b, uint16(bits))
}

func riff(chunks ...[]byte) []byte {
	body := append([]byte("WAVE"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

// extensible returns a "fmt " chunk of WAVE_FORMAT_EXTENSIBLE.
func extensible(tag, channels, rate, bits int) []byte {
	b := format(0xFFFE, channels, rate, bits)
	b = append(b, 22, 0, byte(bits), 0, 3, 0, 0, 0, byte(tag), 0)
	return append(b, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71)
}

func sized(file []byte, riffSize, dataSize uint32) []byte {
	file = slices.Clone(file)
	binary.LittleEndian.PutUint32(file[4:], riffSize)
	binary.LittleEndian.PutUint32(file[bytes.Index(file, []byte("data"))+4:], dataSize)
	return file
}

func TestReadWAVTakesEveryFormOfHeader(t *testing.T) {
	samples := []byte{1, 0, 2, 0, 3, 0, 0xFF, 0xFF}
	pcm := chunk("fmt ", format(1, 1, 16000, 16))
	plain := riff(pcm, chunk("data", samples))
	floats := binary.LittleEndian.AppendUint32(nil, math.Float32bits(0.5))
	floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(-2))
	floats = binary.LittleEndian.AppendUint32(floats, math.Float32bits(float32(math.NaN())))
	wide := append(chunk("ds64", make([]byte, 28)), pcm...)
	wide[16] = 4 // the size of the data, in its second field
	for name, test := range map[string]struct {
		file []byte
		want []int16
	}{
		"plain":                     {plain, []int16{1, 2, 3, -1}},
		"LIST before and after":     {riff(chunk("LIST", []byte("INFOodd")), pcm, chunk("data", samples), chunk("LIST", []byte("x"))), []int16{1, 2, 3, -1}},
		"long fmt chunk":            {riff(chunk("fmt ", append(format(1, 1, 16000, 16), 3, 0, 9, 9, 9)), chunk("data", samples)), []int16{1, 2, 3, -1}},
		"extensible":                {riff(chunk("fmt ", extensible(1, 1, 16000, 16)), chunk("data", samples)), []int16{1, 2, 3, -1}},
		"size 0 of a stream":        {sized(plain, 0, 0), []int16{1, 2, 3, -1}},
		"size 0 and a riff of 36":   {sized(plain, 36, 0), []int16{1, 2, 3, -1}},
		"all ones, as ffmpeg":       {sized(plain, math.MaxUint32, math.MaxUint32), []int16{1, 2, 3, -1}},
		"0x7ffff000, as sox":        {sized(plain, 0x7ffff024, 0x7ffff000), []int16{1, 2, 3, -1}},
		"empty data before another": {riff(pcm, chunk("data", nil), chunk("data", samples)), []int16{1, 2, 3, -1}},
		"no samples":                {riff(pcm, chunk("data", nil)), nil},
		"half a sample at the end":  {riff(pcm, chunk("data", samples[:7])), []int16{1, 2, 3}},
		"RF64":                      {append([]byte("RF64\xff\xff\xff\xffWAVE"), append(wide, sized(plain, 0, math.MaxUint32)[36:]...)...), []int16{1, 2}},
		"8 bits":                    {riff(chunk("fmt ", format(1, 1, 8000, 8)), chunk("data", []byte{0, 128, 255})), []int16{-32768, 0, 127 << 8}},
		"24 bits":                   {riff(chunk("fmt ", format(1, 1, 8000, 24)), chunk("data", []byte{0x80, 1, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F})), []int16{2, -1, 32767}},
		"32 bits":                   {riff(chunk("fmt ", format(1, 1, 8000, 32)), chunk("data", []byte{0, 0, 1, 0, 0xFF, 0xFF, 0xFF, 0x7F})), []int16{1, 32767}},
		"float32":                   {riff(chunk("fmt ", format(3, 1, 8000, 32)), chunk("data", floats)), []int16{1 << 14, -32768, 0}},
		"float64":                   {riff(chunk("fmt ", format(3, 1, 8000, 64)), chunk("data", binary.LittleEndian.AppendUint64(nil, math.Float64bits(-0.25)))), []int16{-1 << 13}},
		"A-law":                     {riff(chunk("fmt ", format(6, 1, 8000, 8)), chunk("data", []byte{0xD5, 0x55, 0xAA})), []int16{8, -8, 32256}},
		"µ-law":                     {riff(chunk("fmt ", format(7, 1, 8000, 8)), chunk("data", []byte{0xFF, 0x80, 0x00})), []int16{0, 32124, -32124}},
	} {
		t.Run(name, func(t *testing.T) {
			clip, err := speech.ReadWAV(iotest.OneByteReader(bytes.NewReader(test.file)), noLimit)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(clip.Samples, test.want) || len(clip.Notes) > 0 {
				t.Errorf("samples %v, notes %v; want %v", clip.Samples, clip.Notes, test.want)
			}
		})
	}
}

func TestReadWAVSaysHowMuchOfTheDataIsMissing(t *testing.T) {
	file := riff(chunk("fmt ", format(1, 2, 44100, 16)), chunk("data", make([]byte, 400)))
	clip, err := speech.ReadWAV(bytes.NewReader(file[:len(file)-101]), noLimit)
	if err != nil {
		t.Fatal(err)
	}
	_, notes := clip.Convert(0, 0)
	if want := (speech.Note{Code: speech.NoteTruncated, From: 400, To: 299}); len(notes) != 1 || notes[0] != want {
		t.Errorf("notes %v, want %v", notes, want)
	}
	if len(clip.Samples) != 148 {
		t.Errorf("%d samples, want those of whole blocks: 148", len(clip.Samples))
	}
}

func TestReadWAVRefusesWithAReason(t *testing.T) {
	pcm := chunk("fmt ", format(1, 1, 16000, 16))
	data := chunk("data", []byte{1, 0})
	broken := extensible(1, 1, 16000, 16)
	broken[30]++
	for name, test := range map[string]struct {
		file []byte
		want speech.FormatReason
	}{
		"empty":                 {nil, speech.ReasonNotWAV},
		"MP3":                   {[]byte("ID3\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00"), speech.ReasonNotWAV},
		"AVI":                   {[]byte("RIFF\x00\x00\x00\x00AVI LIST"), speech.ReasonNotWAV},
		"no chunks":             {riff(), speech.ReasonNoData},
		"no data":               {riff(pcm), speech.ReasonNoData},
		"data first":            {riff(data, pcm), speech.ReasonNoFormat},
		"cut in fmt":            {riff(pcm)[:26], speech.ReasonNoFormat},
		"short fmt":             {riff(chunk("fmt ", make([]byte, 14)), data), speech.ReasonBadFormat},
		"no channels":           {riff(chunk("fmt ", format(1, 0, 16000, 16)), data), speech.ReasonBadFormat},
		"no bits":               {riff(chunk("fmt ", format(1, 1, 16000, 0)), data), speech.ReasonBadFormat},
		"rate of 1 Hz":          {riff(chunk("fmt ", format(1, 1, 1, 16)), data), speech.ReasonBadRate},
		"rate of 4 GHz":         {riff(chunk("fmt ", format(1, 1, 1<<32-1, 16)), data), speech.ReasonBadRate},
		"ADPCM":                 {riff(chunk("fmt ", format(2, 1, 16000, 4)), data), speech.ReasonUnknownEncoding},
		"unknown extension":     {riff(chunk("fmt ", broken), data), speech.ReasonUnknownEncoding},
		"A-law with 16 bits":    {riff(chunk("fmt ", format(6, 1, 8000, 16)), data), speech.ReasonUnknownEncoding},
		"larger than the limit": {riff(pcm, chunk("data", make([]byte, 2000))), speech.ReasonTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := speech.ReadWAV(bytes.NewReader(test.file), 1000)
			var refused *speech.FormatError
			if !errors.As(err, &refused) || refused.Reason != test.want {
				t.Errorf("error %v, want the reason %s", err, test.want)
			}
		})
	}
}

func TestReadWAVReturnsTheErrorOfItsReader(t *testing.T) {
	file := riff(chunk("fmt ", format(1, 1, 16000, 16)), chunk("data", make([]byte, 100)))
	lost := errors.New("connection lost")
	for _, at := range []int64{3, 15, 30, 60} {
		r := &failing{from: bytes.NewReader(file[:at]), err: lost}
		if _, err := speech.ReadWAV(r, noLimit); !errors.Is(err, lost) {
			t.Errorf("error after %d bytes: %v", at, err)
		}
	}
}

type failing struct {
	from *bytes.Reader
	err  error
}

func (f *failing) Read(b []byte) (int, error) {
	if n, _ := f.from.Read(b); n > 0 {
		return n, nil
	}
	return 0, f.err
}

func TestWAVHeaderIsReadBack(t *testing.T) {
	for _, encoding := range []string{"s16le", "f32le", "mulaw", "alaw"} {
		for _, known := range []bool{true, false} {
			samples := []int16{0, 8, -8, 32256, -32256}
			data, err := speech.Encode(encoding, samples)
			if err != nil {
				t.Fatal(err)
			}
			announced := int64(len(data))
			if !known {
				announced = -1
			}
			header, err := speech.EncodedWAVHeader(encoding, 24000, 1, announced)
			if err != nil || len(header) != 44 {
				t.Fatalf("header of %d bytes, %v", len(header), err)
			}
			clip, err := speech.ReadWAV(bytes.NewReader(append(header, data...)), noLimit)
			if err != nil {
				t.Fatal(err)
			}
			decoded, _, err := speech.Decode(encoding, data)
			if err != nil || clip.Rate != 24000 || clip.Channels != 1 || !slices.Equal(clip.Samples, decoded) {
				t.Errorf("%s: read back %+v, want %v; %v", encoding, clip, decoded, err)
			}
		}
	}
}

// TestReadWAVAgreesWithSox compares the samples of files that sox wrote.
func TestReadWAVAgreesWithSox(t *testing.T) {
	sox := testkit.Need(t, "sox", "apt-get install sox")
	dir := t.TempDir()
	source := filepath.Join(dir, "source.wav")
	run(t, sox, "-n", "-r", "22050", "-c", "2", "-b", "16", source, "synth", "0.3", "sine", "440", "sine", "997")
	for _, form := range []string{
		"-b 8 -e unsigned-integer", "-b 16 -e signed-integer", "-b 24 -e signed-integer", "-b 32 -e signed-integer",
		"-b 32 -e floating-point", "-b 64 -e floating-point", "-e a-law", "-e mu-law",
	} {
		t.Run(form, func(t *testing.T) {
			file := filepath.Join(dir, strings.ReplaceAll(form, " ", "")+".wav")
			run(t, sox, append(append([]string{"-D", source}, strings.Fields(form)...), file)...)
			raw := run(t, sox, "-D", file, "-t", "raw", "-b", "16", "-e", "signed-integer", "-L", "-")
			want, _, err := speech.Decode("s16le", raw)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			clip, err := speech.ReadWAV(bytes.NewReader(data), noLimit)
			if err != nil {
				t.Fatal(err)
			}
			if clip.Rate != 22050 || clip.Channels != 2 || !slices.Equal(clip.Samples, want) {
				t.Errorf("%d Hz, %d channels, %d samples of %d", clip.Rate, clip.Channels, len(clip.Samples), len(want))
			}
		})
	}
}

func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	var out, problems bytes.Buffer
	command := exec.CommandContext(t.Context(), program, args...)
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, &problems)
	}
	return out.Bytes()
}

func FuzzReadWAV(f *testing.F) {
	for _, file := range [][]byte{
		riff(chunk("fmt ", format(1, 2, 44100, 16)), chunk("LIST", []byte("odd")), chunk("data", make([]byte, 64))),
		riff(chunk("fmt ", extensible(3, 1, 8000, 32)), chunk("data", make([]byte, 64))),
		append([]byte("RF64\xff\xff\xff\xffWAVE"), chunk("ds64", make([]byte, 28))...),
	} {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		clip, err := speech.ReadWAV(bytes.NewReader(file), 1<<16)
		var refused *speech.FormatError
		switch {
		case err != nil && !errors.As(err, &refused):
			t.Errorf("error of another type: %v", err)
		case err != nil:
		case clip.Channels < 1 || clip.Rate < speech.MinRate || len(clip.Samples)%clip.Channels != 0 || len(clip.Samples) > len(file):
			t.Errorf("%d samples of %d bytes, %d channels, %d Hz", len(clip.Samples), len(file), clip.Channels, clip.Rate)
		}
	})
}
