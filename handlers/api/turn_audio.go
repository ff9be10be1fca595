package api

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"math"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// maxSeekable is the largest file, in bytes, whose parts can be asked for.
const maxSeekable = 16 << 20

// ReadAudio answers with the joined audio of one side of a turn, as it comes while the turn is
// open and follow is asked for.
func (h *Turns) ReadAudio(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	side := soundSide{stream: streamOf(q)}
	side.part = dialect.Part{
		FromSeq: q.Number("from_seq", 0, math.MaxInt64), FromMS: q.Number("from_ms", 0, maxSoundMS), ToMS: q.Number("to_ms", 0, maxSoundMS),
	}
	follow := q.Flag("follow")
	if q.Err != nil {
		return q.Err
	}
	stream := side.stream
	info, turn, d, err := h.loadSpoken(r)
	if err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) })
	defer stop()
	s, live := h.Hub.Session(info.ID)
	if follow && live && turn.State == dialect.TurnOpen && s.Dialect() == d {
		f := audioFollower{w: w, session: s, log: logOf(h.Load, info.ID), turn: *turn, stream: stream}
		return f.run(r.Context(), info.Vars)
	}
	return h.answerAudio(w, r, &info, d, turn, side)
}

// maxSoundMS bounds the times of audio that can be asked for.
const maxSoundMS = 1 << 40

// soundSide is the part of the audio of a turn that is asked for.
type soundSide struct {
	stream dialect.Stream
	part   dialect.Part
}

// streamOf reads the side of a turn; the answer without one.
func streamOf(q *reply.Query) dialect.Stream {
	if q.Choice("stream", string(dialect.StreamAnswer), string(dialect.StreamUser)) == string(dialect.StreamUser) {
		return dialect.StreamUser
	}
	return dialect.StreamAnswer
}

// loadSpoken loads the session of a request, the turn that it names, and the dialect that it is
// read by. Without a dialect there is no audio.
func (h *Turns) loadSpoken(r *http.Request) (bridge.Info, *dialect.Turn, *dialect.Dialect, error) {
	info, turns, err := h.loadNumbered(r, 1)
	if err != nil {
		return info, nil, nil, err
	}
	turn := &turns[0]
	d, err := h.Load.Dialect(r.Context(), readingOf(r, &info))
	if err == nil && d == nil {
		err = reply.Bad(reply.CodeAudioNotFound, "")
	}
	return info, turn, d, err
}

// answerAudio answers with the audio of a turn so far.
func (h *Turns) answerAudio(w http.ResponseWriter, r *http.Request, info *bridge.Info, d *dialect.Dialect, turn *dialect.Turn, side soundSide) error {
	stream := side.stream
	begin := audioBegin(d, turn, stream)
	if side.part.FromSeq > begin && !dialect.NewAudioReader(d, info.Vars, *turn, stream).Learns() {
		begin = side.part.FromSeq // nothing before it matters
	}
	sound, err := dialect.SoundOf(d, info.Vars, *turn, stream, side.part, h.Load.Store.MessagesAfter(r.Context(), info.ID, begin-1))
	if err != nil {
		return err
	}
	if sound.Size == 0 {
		return reply.Bad(reply.CodeAudioNotFound, "")
	}
	setAudioHeader(w, sound.Format, fmt.Sprintf("duplex-%s-%d-%s", info.ID, turn.N, stream))
	if sound.Size > maxSeekable {
		w.Header().Set("Content-Length", fmt.Sprint(sound.Size))
		_, err := sound.WriteTo(w)
		return err
	}
	var file bytes.Buffer
	if _, err := sound.WriteTo(&file); err != nil {
		return err
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.Bytes()))
	return nil
}

// setAudioHeader names the type and the file of audio.
func setAudioHeader(w http.ResponseWriter, f dialect.SoundFormat, name string) {
	kind, extension := "audio/wav", ".wav"
	if f.Encoding == dialect.Opus {
		kind, extension = "audio/ogg", ".ogg"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", reply.Attachment(name+extension))
}

// logReader returns the messages of a log after a seq.
type logReader func(ctx context.Context, after int64) iter.Seq2[transcript.Message, error]

func logOf(l *load.Loader, session string) logReader {
	return func(ctx context.Context, after int64) iter.Seq2[transcript.Message, error] {
		return l.Store.MessagesAfter(ctx, session, after)
	}
}

// turnAudio reads the audio of a turn from a log that grows.
type turnAudio struct {
	log    logReader
	reader *dialect.AudioReader
	next   int64 // seq
}

// audioBegin returns the first seq to read for the audio of a turn: messages before the turn
// may tell the rate.
func audioBegin(d *dialect.Dialect, turn *dialect.Turn, stream dialect.Stream) int64 {
	if stream == dialect.StreamUser {
		return 1
	}
	for i := range d.Receive.Audio {
		if !d.Receive.Audio[i].RateFrom.IsZero() {
			return 1
		}
	}
	return turn.FirstSeq
}

// newTurnAudio returns the audio of a stream of a turn.
func newTurnAudio(log logReader, d *dialect.Dialect, vars map[string]string, turn *dialect.Turn, stream dialect.Stream) *turnAudio {
	a := &turnAudio{log: log, next: audioBegin(d, turn, stream)}
	open := *turn
	open.State = dialect.TurnOpen // its end is told to read
	a.reader = dialect.NewAudioReader(d, vars, open, stream)
	return a
}

// read gives the audio of the messages up to last to do.
func (a *turnAudio) read(ctx context.Context, last int64, do func([]byte, dialect.SoundFormat) error) error {
	if a.next > last {
		return nil
	}
	for m, err := range a.log(ctx, a.next-1) {
		if err != nil || m.Seq > last {
			return err
		}
		a.next = m.Seq + 1
		data, format := a.reader.Read(&m)
		if len(data) == 0 {
			continue
		}
		if err := do(data, format); err != nil {
			return err
		}
	}
	return nil
}

// audioFollower answers with the audio of an open turn as it comes.
type audioFollower struct {
	w       http.ResponseWriter
	session *bridge.Session
	log     logReader
	turn    dialect.Turn
	stream  dialect.Stream
	begun   bool
}

// run answers until the turn, the session or ctx ends.
func (f *audioFollower) run(ctx context.Context, vars map[string]string) error {
	audio := newTurnAudio(f.log, f.session.Dialect(), vars, &f.turn, f.stream)
	out := dialect.NewAudioWriter(f.w, -1)
	var revision int64
	for {
		changed := f.session.TurnsChanged()
		var turns []dialect.Turn
		turns, revision = f.session.Turns(revision)
		for i := range turns {
			if turns[i].N == f.turn.N {
				f.turn = turns[i]
			}
		}
		last := f.session.Info().LastSeq
		ended := f.turn.State != dialect.TurnOpen
		if ended {
			last = min(last, f.turn.LastSeq)
		}
		if err := audio.read(ctx, last, func(data []byte, format dialect.SoundFormat) error { return f.write(out, data, format) }); err != nil {
			return err
		}
		switch {
		case f.begun:
			_ = http.NewResponseController(f.w).Flush()
		case ended:
			return reply.Bad(reply.CodeAudioNotFound, "")
		}
		if ended {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// write writes audio, with the headers of the answer before the first.
func (f *audioFollower) write(out *dialect.AudioWriter, data []byte, format dialect.SoundFormat) error {
	if !f.begun {
		f.begun = true
		setAudioHeader(f.w, format, fmt.Sprintf("duplex-%s-%d-%s", f.session.Info().ID, f.turn.N, f.stream))
		f.w.Header().Set("Cache-Control", "no-store")
	}
	return out.Write(data, format)
}
