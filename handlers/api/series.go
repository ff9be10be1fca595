package api

import (
	"context"
	"math"
	"net/http"
	"time"
	"unicode/utf8"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/handlers/auditlog"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// CourseStore reads when messages came, and how large they are.
type CourseStore interface {
	// Course hands the rows of a session to add, from a few before a time on, until add
	// returns false. They have their time, size, direction and opcode only.
	Course(ctx context.Context, session string, from time.Time, add func(*transcript.Row) bool) error
}

// Course answers the call about the course of a session.
type Course struct {
	Store CourseStore
	Load  *load.Loader
	Audit *auditlog.Log
	Now   func() time.Time
}

const defaultPoints = 500

// maxAsked bounds the request of a turn in a series, in characters.
const maxAsked = 200

// seriesJSON is a series with the turns of its time.
type seriesJSON struct {
	*dialect.Series

	Turns []turnFigures `json:"turns"`
}

// turnFigures are the times and amounts of a turn, without its texts.
type turnFigures struct {
	N            int               `json:"n"`
	State        dialect.TurnState `json:"state"`
	FirstSeq     int64             `json:"first_seq"`
	LastSeq      int64             `json:"last_seq"`
	FromUS       int64             `json:"from_us"`
	ToUS         int64             `json:"to_us"`
	MarkUS       int64             `json:"mark_us,omitempty"`
	AudioEndUS   int64             `json:"audio_end_us,omitempty"`
	FirstTextUS  int64             `json:"first_text_us,omitempty"`
	FirstAudioUS int64             `json:"first_audio_us,omitempty"`
	DoneUS       int64             `json:"done_us,omitempty"`
	DoneWhy      string            `json:"done_why,omitempty"`
	Asked        string            `json:"asked,omitempty"`
	SpokenMS     int64             `json:"spoken_ms,omitempty"`
	Characters   int               `json:"characters"`
	Tokens       int64             `json:"tokens,omitempty"`
	Messages     int64             `json:"messages"`
	GapP95US     *int64            `json:"gap_p95_us,omitempty"`
	Error        string            `json:"error,omitempty"`
}

// Series answers with the course of a session, or of a part of it, in steps.
func (h *Course) Series(w http.ResponseWriter, r *http.Request) error {
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	query, err := seriesQuery(r, &info, h.Now())
	if err != nil {
		return err
	}
	if err := h.Audit.RecordReading(r.Context(), &info); err != nil {
		return err
	}
	stop := reply.WhileSeen(r, func(ctx context.Context) error { return errorOf(h.Load.Session(ctx, info.ID)) }) // a long log takes time
	defer stop()
	turns, read, err := h.turns(r.Context(), &info)
	if err != nil {
		return err
	}
	if read {
		query.Answers = dialect.AnswerSpans(turns)
	}
	meter := dialect.NewSeriesMeter(query)
	if err := h.Store.Course(r.Context(), info.ID, time.UnixMicro(query.FromUS), meter.Add); err != nil {
		return err
	}
	series := meter.Series(turns)
	return reply.JSON(w, http.StatusOK, seriesJSON{series, figuresOf(turns, series, endUS(&info, h.Now()))})
}

// turns returns the turns of a session; none are read without a dialect, or by one that was
// deleted.
func (h *Course) turns(ctx context.Context, info *bridge.Info) (turns []dialect.Turn, read bool, err error) {
	if info.Dialect == "" {
		return nil, false, nil
	}
	turns, err = h.Load.Turns(ctx, info, info.Dialect)
	if reply.IsMissing(err, reply.CodeDialectNotFound) {
		return nil, false, nil
	}
	return turns, true, err
}

// seriesQuery reads the query of a request; without a span it is that of the session.
func seriesQuery(r *http.Request, info *bridge.Info, now time.Time) (dialect.SeriesQuery, error) {
	q := reply.ReadQuery(r)
	opened := info.OpenedAt.UnixMicro()
	out := dialect.SeriesQuery{
		FromUS: q.Number("from_us", opened, math.MaxInt64/2),
		Points: int(q.Number("points", defaultPoints, dialect.MaxPoints)),
	}
	out.ToUS = q.Number("to_us", max(endUS(info, now), out.FromUS)+1, math.MaxInt64/2)
	if out.Points == 0 {
		q.Wrong("points")
	}
	if out.ToUS <= out.FromUS {
		q.Wrong("to_us")
	}
	return out, q.Err
}

// endUS returns the end of a session; now while it runs.
func endUS(info *bridge.Info, now time.Time) int64 {
	if info.Ending != nil {
		return info.Ending.At.UnixMicro()
	}
	return info.Clock(now).UnixMicro()
}

// figuresOf returns the figures of the turns that lie in a series, if only in part. endUS is
// the end of an open turn.
func figuresOf(turns []dialect.Turn, in *dialect.Series, endUS int64) []turnFigures {
	out := []turnFigures{}
	for i := range turns {
		f := figures(&turns[i], endUS)
		if f.FromUS < in.ToUS && f.ToUS >= in.FromUS {
			out = append(out, f)
		}
	}
	return out
}

func figures(t *dialect.Turn, endUS int64) turnFigures {
	f := turnFigures{
		N: t.N, State: t.State, FirstSeq: t.FirstSeq, LastSeq: t.LastSeq, MarkUS: t.MarkUS, AudioEndUS: t.AudioEndUS, FirstTextUS: t.FirstTextUS,
		FirstAudioUS: t.FirstAudioUS, DoneUS: t.DoneUS, DoneWhy: t.DoneWhy, Asked: t.Request, Messages: t.Messages,
		Characters: utf8.RuneCountInString(t.Text.Answer), Tokens: t.Usage[dialect.OutputTokens],
	}
	if f.Asked == "" {
		f.Asked = t.Text.User
	}
	if runes := []rune(f.Asked); len(runes) > maxAsked {
		f.Asked = string(runes[:maxAsked]) + "…"
	}
	if t.Audio != nil {
		f.SpokenMS = t.Audio.UserMS
	}
	if t.Gaps != nil {
		f.GapP95US = &t.Gaps.P95US
	}
	if t.Error != nil {
		f.Error = t.Error.Code
	}
	times := []int64{t.MarkUS, t.AudioStartUS, t.AudioEndUS, t.FirstMessageUS, t.FirstTextUS, t.FirstAudioUS, t.DoneUS}
	if t.Pace != nil {
		times = append(times, t.Pace.ToUS)
	}
	if t.State == dialect.TurnOpen {
		times = append(times, endUS)
	}
	f.FromUS = math.MaxInt64
	for _, at := range times {
		if at > 0 {
			f.FromUS, f.ToUS = min(f.FromUS, at), max(f.ToUS, at)
		}
	}
	if f.ToUS == 0 {
		f.FromUS = 0
	}
	return f
}
