package dialect

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// loud returns samples of one loudness.
func loud(samples int, level int16) string {
	var out bytes.Buffer
	for range samples {
		_ = binary.Write(&out, binary.LittleEndian, level)
	}
	return out.String()
}

func TestLevelsTellHowLoudEachFrameIs(t *testing.T) {
	var b book
	b.speaks(0, loud(1600, 0)).speaks(100, loud(800, 16384)+loud(800, 32767)).gets(150, `{"text":"hi"}`).speaks(200, loud(160, -32768))
	d := parse(t, heardDialect)
	turn := b.one(t, d)
	r, l := NewAudioReader(d, nil, turn, StreamUser), NewLevels(0)
	for i := range b.messages {
		data, format := r.Read(&b.messages[i])
		if err := l.Add(&b.messages[i], data, format); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(l.Seq, []int64{1, 2, 4}) || !slices.Equal(l.MS, []float64{100, 100, 10}) || !slices.Equal(l.Parts, []int{5, 5, 1}) {
		t.Fatalf("frames %v of %v ms in %v parts", l.Seq, l.MS, l.Parts)
	}
	if want := []byte{0, 0, 0, 0, 0, 128, 128, 255, 255, 255, 255}; !bytes.Equal(l.Peaks, want) {
		t.Errorf("peaks %v, want %v", l.Peaks, want)
	}
	if want := []byte{255, 255, 255, 255, 255, 12, 12, 4, 0, 0, 0}; !bytes.Equal(l.Powers, want) {
		t.Errorf("powers %v, want %v", l.Powers, want)
	}
	if l.Clipped != 960 || l.Bytes != 6720 || l.Next != 4 || l.AtUS[2] != us(200) {
		t.Errorf("%d samples clipped of %d bytes, next %d", l.Clipped, l.Bytes, l.Next)
	}
}

func TestAPartOfTheAudioOfATurn(t *testing.T) {
	audio := loud(400, 1) + loud(400, 2) + loud(400, 3) // 25 ms each
	var b book
	b.speaks(0, audio[:700]).speaks(20, audio[700:]).gets(90, `{"done":1}`)
	d := parse(t, heardDialect)
	for _, c := range []struct {
		seq, from, to int64
		want          string
	}{{0, 0, 0, audio}, {0, 25, 50, loud(400, 2)}, {0, 10, 30, audio[320:960]}, {0, 50, 0, loud(400, 3)}, {0, 70, 9999, audio[2240:]}, {2, 0, 0, audio[700:]}, {2, 10, 20, audio[1020:1340]}} {
		s, err := SoundOf(d, nil, b.one(t, d), StreamUser, Part{c.seq, c.from, c.to}, b.log())
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if _, err := s.WriteTo(&file); err != nil || int64(file.Len()) != s.Size {
			t.Fatalf("%d bytes, announced %d: %v", file.Len(), s.Size, err)
		}
		if got := file.String()[44:]; got != c.want {
			t.Errorf("%d to %d ms: %d bytes, want %d", c.from, c.to, len(got), len(c.want))
		}
	}
}

func TestTheGrowthOfASentence(t *testing.T) {
	var b book
	b.speaks(0, loud(1600, 9)).gets(50, `{"text":"Hello."}`).gets(60, `{"text":"Hello.","final":true}`)
	b.speaks(100, loud(1600, 9)).gets(110, `{"text":"We"}`).speaks(200, loud(1600, 9)).event(201, "sent_late", `{"seq":6,"late_us":900}`)
	b.gets(250, `{"text":"We"}`).speaks(301, loud(800, 9)).gets(500, `{"text":"We would to"}`).gets(510, `{"text":"We would two","final":true}`)
	b.gets(600, `{"done":1}`)
	d := parse(t, heardDialect)
	turn := b.one(t, d)
	read := func(firstSeq int64) Growth {
		g := NewGrowthReader(d, nil, &turn, StreamAnswer, firstSeq)
		for i := range b.messages {
			if m := &b.messages[i]; m.Seq >= g.First() && m.Seq <= g.Last() {
				g.Read(m)
			}
		}
		return g.Growth()
	}
	got := read(turn.Segments[1].FirstSeq)
	var texts []string
	for _, text := range got.Texts {
		texts = append(texts, text.Text)
	}
	if strings.Join(texts, "|") != "We|We would to|We would two" {
		t.Errorf("texts %q", texts)
	}
	if got.Frames != 3 || got.FrameBytes != 8000 || got.SentMS != 250 || got.Late != 1 || got.FrameGapP95US != 101_000 {
		t.Errorf("frames: %s", asJSON(got))
	}
	if got.LargestGapUS != 250_000 || got.LargestGapSeq != 10 || got.Messages != 7 {
		t.Errorf("gaps: %s", asJSON(got))
	}
	if whole := read(0); len(whole.Texts) != 4 || whole.Texts[3].Text != "Hello. We would two" {
		t.Errorf("whole: %s", asJSON(whole.Texts))
	}
}
