package dialect

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"

	"duplex/bridge/speech"
	"duplex/bridge/transcript"
)

// log returns the messages as a store does.
func (b *book) log() iter.Seq2[transcript.Message, error] {
	return func(yield func(transcript.Message, error) bool) {
		for _, m := range b.messages {
			if !yield(m, nil) {
				return
			}
		}
	}
}

// sound returns the file of a stream of the nth turn.
func (b *book) sound(t *testing.T, d *Dialect, n int, stream Stream) ([]byte, *TurnSound) {
	t.Helper()
	s, err := SoundOf(d, nil, b.turns(d)[n-1], stream, Part{}, b.log())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if _, err := s.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	if int64(file.Len()) != s.Size {
		t.Errorf("%d bytes, announced %d", file.Len(), s.Size)
	}
	return file.Bytes(), s
}

func noise(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(i*7 + i>>8)
	}
	return out
}

func answering(t *testing.T, rule string) *Dialect {
	t.Helper()
	return parse(t, "dialect: 1\nname: answering\nin: {text: {send: [{text: '{\"say\":\"{{text}}\"}'}]}}\nreceive:\n  done: {\"$.done\": true}\n  audio: "+rule+"\n")
}

func TestAudioInEveryFormIsByteForByteThatOfTheService(t *testing.T) {
	audio := noise(6001) // an odd number: a sample is cut between messages
	pieces := [][]byte{audio[:1], audio[1:2000], audio[2000:2001], audio[2001:]}
	layout := parse(t, "dialect: 1\nname: l\nin: {text: {send: [{text: '{\"say\":\"{{text}}\"}'}]}}\nreceive:\n  envelope: layout\n  layout: [{name: kind, type: u8}, {name: body, type: 'bytes:rest'}]\n  done: {\"$.done\": true}\n  audio: {when: {\"@kind\": 1}, field: body, rate: 24000}\n")
	for name, test := range map[string]struct {
		d    *Dialect
		send func(b *book, ms int64, piece []byte)
	}{
		"base64": {answering(t, `{path: "$.audio", decode: base64, rate: 24000}`), func(b *book, ms int64, piece []byte) {
			b.gets(ms, `{"audio":"`+base64.StdEncoding.EncodeToString(piece)+`"}`)
		}},
		"base64 of the URL alphabet": {answering(t, `{path: "$.audio", decode: base64, rate: 24000}`), func(b *book, ms int64, piece []byte) {
			b.gets(ms, `{"audio":"`+base64.RawURLEncoding.EncodeToString(piece)+`"}`)
		}},
		"several base64 in a message": {answering(t, `{path: "$.parts[*].data", decode: base64, rate: 24000}`), func(b *book, ms int64, piece []byte) {
			half := len(piece) / 2
			b.gets(ms, `{"parts":[{"data":"`+base64.StdEncoding.EncodeToString(piece[:half])+`"},{"text":"x"},{"data":"`+base64.StdEncoding.EncodeToString(piece[half:])+`"}]}`)
		}},
		"binary": {answering(t, `{binary: true, rate: 24000}`), func(b *book, ms int64, piece []byte) { b.hears(ms, string(piece)) }},
		"field": {layout, func(b *book, ms int64, piece []byte) {
			b.hears(ms, "\x01"+string(piece)).hears(ms, "\x02other")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := new(book).sends(0, `{"say":"x"}`)
			for i, piece := range pieces {
				test.send(b, int64(i+1), piece)
				if i == 2 {
					b.gets(int64(i+1), `{"done":true}`) // done is not the end of audio
				}
			}
			b.sends(50, `{"say":"y"}`)
			test.send(b, 60, noise(100))
			file, sound := b.sound(t, test.d, 1, StreamAnswer)
			if !bytes.Equal(file[44:], audio) || !bytes.Equal(file[:44], speech.WAVHeader(24000, 1, int64(len(audio)))) {
				t.Errorf("%d bytes of audio, header %x", len(file)-44, file[:44])
			}
			if sound.Format != (SoundFormat{S16LE, 24000, 1}) {
				t.Errorf("format %+v", sound.Format)
			}
			if ms := b.turns(test.d)[0].Audio.AnswerMS; ms != 125 {
				t.Errorf("the audio lasts %d ms", ms)
			}
			if next, _ := b.sound(t, test.d, 2, StreamAnswer); !bytes.Equal(next[44:], noise(100)) {
				t.Errorf("the next turn has %d bytes", len(next))
			}
		})
	}
}

func TestAudioIsDecodedToPCM(t *testing.T) {
	samples := []int16{0, 8, -8, 1000, -1000, 32256, -32256}
	for _, encoding := range []string{"f32le", "mulaw", "alaw"} {
		data, err := speech.Encode(encoding, samples)
		if err != nil {
			t.Fatal(err)
		}
		want, _, err := speech.Decode(encoding, data)
		if err != nil {
			t.Fatal(err)
		}
		b := new(book).sends(0, `{"say":"x"}`).hears(1, string(data[:3])).hears(2, string(data[3:]))
		file, _ := b.sound(t, answering(t, "{binary: true, rate: 8000, encoding: "+encoding+"}"), 1, StreamAnswer)
		clip, err := speech.ReadWAV(bytes.NewReader(file), 1<<20)
		if err != nil || clip.Rate != 8000 || !slices.Equal(clip.Samples, want) {
			t.Errorf("%s: %+v, want %v; %v", encoding, clip, want, err)
		}
	}
}

func TestOpusIsPassedThrough(t *testing.T) {
	page := func(granule uint64, packet string) string {
		head := binary.LittleEndian.AppendUint64([]byte("OggS\x00\x00"), granule)
		return string(head) + strings.Repeat("\x00", 12) + "\x01" + string(rune(len(packet))) + packet
	}
	stream := page(0, "OpusHead\x01\x01\x00\x00"+strings.Repeat("\x00", 7)) + page(0, "OpusTags") + page(48000*3/2, "sound")
	b := new(book).sends(0, `{"say":"x"}`).hears(1, stream[:40]).hears(2, stream[40:])
	d := answering(t, "{binary: true, encoding: opus}")
	if file, sound := b.sound(t, d, 1, StreamAnswer); string(file) != stream || sound.Format.Encoding != Opus {
		t.Errorf("%d bytes as %+v, want %d", len(file), sound.Format, len(stream))
	}
	if ms := b.one(t, d).Audio.AnswerMS; ms != 1500 {
		t.Errorf("it lasts %d ms", ms)
	}
}

func TestTheRateMayBeToldByAMessage(t *testing.T) {
	d := answering(t, `{path: "$.audio", rate: 16000, rate_from: "$.meta.format"}`)
	for format, want := range map[string]SoundFormat{
		`"pcm_24000"`: {S16LE, 24000, 1}, `"ulaw_8000"`: {MuLaw, 8000, 1}, `22050`: {S16LE, 22050, 1}, `"audio/pcm;rate=44100"`: {S16LE, 44100, 1}, `"?"`: {S16LE, 16000, 1},
	} {
		b := new(book).gets(0, `{"meta":{"format":`+format+`}}`).sends(1, `{"say":"x"}`).gets(2, `{"audio":"AAAAAAAA"}`)
		if _, sound := b.sound(t, d, 1, StreamAnswer); sound.Format != want {
			t.Errorf("%s: %+v", format, sound.Format)
		}
	}
}

func TestTheAudioOfAPersonIsThatOfTheFrames(t *testing.T) {
	d := parse(t, strings.Replace(heardDialect, "rate: 16000", `rate: "{{rate}}", container: keep, first: {binary: [head]}`, 1)+"vars: {rate: 8000}\n")
	audio := noise(500)
	b := new(book).speaks(0, string(speech.WAVHeader(8000, 1, -1))).speaks(1, string(audio[:200])).gets(2, `{"text":"x"}`).speaks(3, string(audio[200:])).sends(4, `{"eof" : 1}`).gets(5, `{"done":1}`)
	file, _ := b.sound(t, d, 1, StreamUser)
	if !bytes.Equal(file, append(speech.WAVHeader(8000, 1, 500), audio...)) {
		t.Errorf("%d bytes", len(file))
	}
	agent := parse(t, agentDialect)
	encoded := func(audio []byte) string { return `{"audio":"` + base64.StdEncoding.EncodeToString(audio) + `"}` }
	var talk book
	talk.sends(0, encoded(audio[:100])).sends(10, encoded(audio[100:])).gets(20, `{"type":"answer","text":"x"}`).sends(30, encoded(audio[:50])).gets(40, `{"type":"done"}`).sends(50, encoded(audio[50:]))
	if file, _ := talk.sound(t, agent, 1, StreamUser); !bytes.Equal(file[44:], audio) {
		t.Errorf("%d bytes of the first turn", len(file)-44)
	}
	if file, _ := talk.sound(t, agent, 2, StreamUser); !bytes.Equal(file[44:], audio[50:]) {
		t.Errorf("%d bytes of the second turn", len(file)-44)
	}
}

func TestTheCapturedRateOfAMicrophoneIsUsed(t *testing.T) {
	d := parse(t, `
dialect: 1
name: told
open: [{wait: {"$.type": meta}}, {capture: {rate: "$.input"}}]
in: {audio: {rate: "{{rate}}", ms: 100, frame: {binary: [chunk]}}}
receive: {done: {"$.done": 1}, text: {path: "$.t"}}
`)
	b := new(book).gets(0, `{"type":"meta","input":"pcm_8000"}`).speaks(10, strings.Repeat("ab", 800)).gets(20, `{"done":1}`)
	if got := b.one(t, d); got.Audio.UserMS != 100 {
		t.Errorf("audio %+v", got.Audio)
	}
	if _, sound := b.sound(t, d, 1, StreamUser); sound.Format.Rate != 8000 {
		t.Errorf("format %+v", sound.Format)
	}
}

func TestATurnWithoutAudioHasAnEmptyFile(t *testing.T) {
	d := answering(t, `{path: "$.audio", decode: base64, rate: 24000}`)
	b := new(book).sends(0, `{"say":"x"}`).gets(1, `{"audio":null}`).gets(1, `{"audio":"!"}`).gets(2, `{"done":true}`)
	if file, sound := b.sound(t, d, 1, StreamAnswer); len(file) != 0 || sound.Format != (SoundFormat{}) {
		t.Errorf("%d bytes, %+v", len(file), sound.Format)
	}
}

func TestAnUnknownLengthIsWrittenAsThatOfAStream(t *testing.T) {
	var file bytes.Buffer
	w := NewAudioWriter(&file, -1)
	for _, piece := range []string{"", "abcd", "ef"} {
		if err := w.Write([]byte(piece), SoundFormat{S16LE, 8000, 1}); err != nil {
			t.Fatal(err)
		}
	}
	if got := file.Bytes(); string(got[44:]) != "abcdef" || binary.LittleEndian.Uint32(got[40:]) != math.MaxUint32 {
		t.Errorf("file %q", got)
	}
}

func TestTheErrorOfTheLogIsReturned(t *testing.T) {
	lost := errors.New("store is away")
	failing := func(yield func(transcript.Message, error) bool) { yield(transcript.Message{}, lost) }
	if _, err := SoundOf(parse(t, agentDialect), nil, Turn{FirstSeq: 1, LastSeq: 9}, StreamAnswer, Part{}, failing); !errors.Is(err, lost) {
		t.Errorf("error %v", err)
	}
}
