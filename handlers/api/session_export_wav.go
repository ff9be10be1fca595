package api

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// formatWAV is the export format of all audio of a session. It needs its dialect, unlike those
// of transcript.Formats.
const formatWAV = "wav"

// exportRate is the rate of that file in Hz.
const exportRate = 24000

// exportAudio answers with the audio of a whole session: what was sent on the left, what was
// received on the right, each where it was in time.
func (h *Sessions) exportAudio(w http.ResponseWriter, r *http.Request, info *bridge.Info) error {
	d, err := h.Load.Dialect(r.Context(), info.Dialect)
	if err != nil {
		return err
	}
	if d == nil {
		return reply.Bad(reply.CodeAudioNotFound, "")
	}
	entry := audit.Entry{Action: audit.Export, Object: auditlog.SessionObject(info), Detail: formatWAV}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) })
	defer stop()
	messages := limitMessages(info.LastSeq, h.Store.Messages(r.Context(), info.ID))
	measured := &stereo{begin: info.OpenedAt}
	if err := measured.mix(d, info.Vars, messages); err != nil {
		return err
	}
	if measured.written == 0 {
		return reply.Bad(reply.CodeAudioNotFound, "")
	}
	w.Header().Set("Content-Type", "audio/wav")
	w.Header().Set("Content-Disposition", reply.Attachment(fmt.Sprintf("duplex-%s.%s", info.ID, formatWAV)))
	if _, err := w.Write(speech.WAVHeader(exportRate, 2, 4*measured.written)); err != nil {
		return err
	}
	out := &stereo{begin: info.OpenedAt, out: w}
	if err := out.mix(d, info.Vars, messages); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		panic(http.ErrAbortHandler) // a file that looks complete would be worse than none
	}
	return nil
}

// stereo mixes two streams of samples into one, by their times.
type stereo struct {
	begin   time.Time
	out     io.Writer  // nil only measures
	sides   [2][]int16 // samples that were not written yet; both begin at written
	written int64      // pairs of samples
}

// mix writes the audio of all messages.
func (s *stereo) mix(d *dialect.Dialect, vars map[string]string, messages iter.Seq2[transcript.Message, error]) error {
	whole := dialect.Turn{FirstSeq: 1, LastSeq: math.MaxInt64, State: dialect.TurnOpen}
	readers := [2]*dialect.AudioReader{
		dialect.NewAudioReader(d, vars, whole, dialect.StreamUser), dialect.NewAudioReader(d, vars, whole, dialect.StreamAnswer),
	}
	for m, err := range messages {
		if err != nil {
			return err
		}
		at := max(0, int64(m.At.Sub(s.begin).Seconds()*exportRate))
		for side, reader := range readers {
			data, format := reader.Read(&m)
			if len(data) == 0 || format.Encoding == dialect.Opus || format.Rate == 0 {
				continue
			}
			samples, _, err := speech.Decode(string(format.Encoding), data)
			if err != nil {
				return fmt.Errorf("decode message %d: %w", m.Seq, err)
			}
			clip := &speech.Clip{Rate: format.Rate, Channels: max(1, format.Channels), Samples: samples}
			clip, _ = clip.Convert(exportRate, 1)
			if err := s.advance(at); err != nil {
				return err
			}
			s.add(side, at, clip.Samples)
		}
	}
	return s.flush(math.MaxInt64)
}

// silence is the number of pairs of silence that are written at a time.
const silence = 1 << 16

// advance writes all before a time, to which nothing is added any more.
func (s *stereo) advance(at int64) error {
	if err := s.flush(at); err != nil {
		return err
	}
	for s.written < at && len(s.sides[0])+len(s.sides[1]) == 0 {
		s.sides[0] = make([]int16, min(silence, at-s.written))
		if err := s.flush(at); err != nil {
			return err
		}
	}
	return nil
}

// add puts samples at their time, or behind those of their side that come later: a service may
// answer faster than the answer is spoken.
func (s *stereo) add(side int, at int64, samples []int16) {
	if gap := at - s.written - int64(len(s.sides[side])); gap > 0 {
		s.sides[side] = append(s.sides[side], make([]int16, gap)...)
	}
	s.sides[side] = append(s.sides[side], samples...)
}

// flush writes the pairs before a time that there are.
func (s *stereo) flush(until int64) error {
	longest := int64(max(len(s.sides[0]), len(s.sides[1])))
	n := min(longest, until-s.written)
	if n <= 0 {
		return nil
	}
	pairs := make([]int16, 2*n)
	for side := range s.sides {
		from := s.sides[side]
		for i := range min(int(n), len(from)) {
			pairs[2*i+side] = from[i]
		}
		s.sides[side] = from[min(int(n), len(from)):]
	}
	s.written += n
	if s.out == nil {
		return nil
	}
	raw, err := speech.Encode(string(dialect.S16LE), pairs)
	if err == nil {
		_, err = s.out.Write(raw)
	}
	if err != nil {
		return fmt.Errorf("write audio: %w", err)
	}
	return nil
}
