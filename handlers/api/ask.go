package api

import (
	"bytes"
	"context"
	"encoding/json"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/speech"
	"duplex/bridge/wire"
	"duplex/handlers/connection"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// Asking answers the calls that ask a service one question.
type Asking struct {
	Sessions *Sessions
	Load     *load.Loader
	Reply    *reply.Responder
	Errors   *reply.Mapper
}

const (
	maxWAV = 64 << 20 // bytes of a WAV file

	// maxQuestion is the largest JSON body with a text, in bytes: escapes may double a text.
	maxQuestion = 2 * bridge.MaxMessageBytes
	maxTimeout  = time.Hour
)

// answerJSON is the answer to a question.
type answerJSON struct {
	Session string       `json:"session"`
	Turn    dialect.Turn `json:"turn"`
	Notes   []string     `json:"notes"`
}

// AskSession asks in an open session.
func (h *Asking) AskSession(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	question, err := readQuestion(w, r)
	if err != nil {
		return err
	}
	if _, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session")); err != nil { // the body may have taken long to come
		return err
	}
	if err := h.Errors.RequireStorage(); err != nil {
		return err
	}
	return h.answer(w, r, session, question)
}

// AskService opens a session to a service, asks in it, and closes it.
func (h *Asking) AskService(w http.ResponseWriter, r *http.Request) error {
	if _, err := h.Load.Service(r.Context(), reply.Param(r, "service")); err != nil {
		return err
	}
	question, err := readQuestion(w, r)
	if err != nil {
		return err
	}
	in := connection.OpenInput{Service: reply.Param(r, "service")}
	if values := r.URL.Query(); values.Has("environment") {
		name := values.Get("environment")
		in.Environment = &name
	}
	session, err := h.Sessions.open(r.Context(), &in, func(s *bridge.Speech) error { return checkQuestion(s, &question) }, nil)
	if err != nil {
		return err
	}
	question.Last = true
	id := session.Info().ID
	defer func() {
		_ = h.Sessions.Hub.Close(context.WithoutCancel(r.Context()), id, int(websocket.StatusNormalClosure), "")
	}()
	return h.answer(w, r, session, question)
}

// checkQuestion refuses a question that the dialect of a service cannot ask, before the
// service is dialled.
func checkQuestion(s *bridge.Speech, q *bridge.Question) error {
	switch {
	case s == nil:
		return bridge.ErrNoDialect
	case q.Clip == nil && s.Dialect.Text == nil:
		return bridge.ErrTakesNoText
	case q.Clip != nil && s.Dialect.Audio == nil:
		return bridge.ErrTakesNoAudio
	}
	return nil
}

// answer asks, and answers with the turn: as JSON, or as events where the client accepts them.
func (h *Asking) answer(w http.ResponseWriter, r *http.Request, session *bridge.Session, q bridge.Question) error {
	words, id := h.Reply.Catalogue(w, r), session.Info().ID
	if !acceptsEvents(r) {
		turn, notes, err := h.Sessions.Hub.Ask(r.Context(), session, q, nil)
		if err != nil {
			return err
		}
		return reply.JSON(w, http.StatusOK, answerJSON{Session: id, Turn: turn, Notes: shape.Notes(words, notes)})
	}
	events := &eventStream{w: w}
	changes := answerChanges{events: events, session: session, log: logOf(h.Load, id)}
	turn, notes, err := h.Sessions.Hub.Ask(r.Context(), session, q, func(turn dialect.Turn) { changes.send(r.Context(), &turn) })
	switch {
	case err != nil && !events.begun:
		return err
	case err != nil:
		return events.send("error", map[string]any{"error": reply.WireError(words, h.Errors.MapError(err))})
	}
	changes.send(r.Context(), &turn)
	return events.send("turn", answerJSON{Session: id, Turn: turn, Notes: shape.Notes(words, notes)})
}

// acceptsEvents reports whether a request asks for server-sent events.
func acceptsEvents(r *http.Request) bool {
	return slices.ContainsFunc(strings.Split(r.Header.Get("Accept"), ","), func(kind string) bool {
		kind, _, _ = strings.Cut(strings.TrimSpace(kind), ";")
		return kind == "text/event-stream"
	})
}

// readQuestion reads the question of a request: JSON with a text, or a WAV file.
func readQuestion(w http.ResponseWriter, r *http.Request) (q bridge.Question, err error) {
	params := reply.ReadQuery(r)
	if params.Values.Has("timeout") {
		if q.Timeout, err = readTimeout(params.Values.Get("timeout")); err != nil {
			return q, err
		}
	}
	if params.Err != nil {
		return q, params.Err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && isWAV(kind) {
		q.Clip, err = readWAV(w, r)
		return q, err
	}
	var in struct {
		Text     *string `json:"text"`
		ClientID string  `json:"client_id"`
	}
	if err := reply.DecodeUpTo(w, r, maxQuestion, &in); err != nil {
		return q, err
	}
	if in.Text == nil || *in.Text == "" {
		return q, reply.Bad(reply.CodeMissingField, "text")
	}
	if !wire.ValidClientID(in.ClientID) {
		return q, reply.Bad(reply.CodeBadValue, "client_id")
	}
	q.Text, q.ClientID = *in.Text, in.ClientID
	return q, nil
}

// readTimeout reads seconds, or a duration such as 90s.
func readTimeout(given string) (time.Duration, error) {
	d, err := time.ParseDuration(given)
	if seconds, numberErr := strconv.ParseFloat(given, 64); numberErr == nil {
		d, err = time.Duration(min(seconds, 2*maxTimeout.Seconds())*float64(time.Second)), nil
	}
	if err != nil || d <= 0 || d > maxTimeout {
		return 0, reply.OutOfRange("timeout", 1, int64(maxTimeout/time.Second))
	}
	return d, nil
}

// isWAV reports whether a media type is one of WAV files.
func isWAV(kind string) bool {
	return slices.Contains([]string{"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"}, kind)
}

// readWAV reads the body of a request as a WAV file.
func readWAV(w http.ResponseWriter, r *http.Request) (*speech.Clip, error) {
	body, err := reply.ReadPayload(w, r, maxWAV, reply.CodeRequestTooLarge)
	if err != nil {
		return nil, err
	}
	return speech.ReadWAV(bytes.NewReader(body), maxWAV)
}

// eventStream writes server-sent events.
type eventStream struct {
	w     http.ResponseWriter
	begun bool
}

// send writes an event, whose data is JSON, and flushes it.
func (e *eventStream) send(name string, data any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if !e.begun {
		e.begun = true
		e.w.Header().Set("Content-Type", "text/event-stream")
		e.w.Header().Set("Cache-Control", "no-store")
		e.w.Header().Set("X-Accel-Buffering", "no") // of nginx
	}
	if _, err := e.w.Write([]byte("event: " + name + "\ndata: " + string(raw) + "\n\n")); err != nil {
		return err
	}
	return http.NewResponseController(e.w).Flush()
}

// answerChanges sends what is new of an answer as events.
type answerChanges struct {
	events  *eventStream
	session *bridge.Session
	log     logReader
	sent    dialect.TurnText
	audio   *turnAudio
	out     *dialect.AudioWriter
}

// send sends the text and the audio since the last call. An error of the connection ends the
// request soon.
func (c *answerChanges) send(ctx context.Context, turn *dialect.Turn) {
	changes := shape.AppendTextChange(nil, dialect.StreamAnswer, c.sent.Answer, turn.Text.Answer)
	changes = shape.AppendTextChange(changes, dialect.StreamUser, c.sent.User, turn.Text.User)
	for _, change := range changes {
		_ = c.events.send("text", change)
	}
	c.sent = turn.Text
	if turn.FirstAudioUS == 0 || turn.N == 0 {
		return
	}
	if c.audio == nil {
		c.audio = newTurnAudio(c.log, c.session.Dialect(), c.session.Info().Vars, turn, dialect.StreamAnswer)
		c.out = dialect.NewAudioWriter(audioEvents{c.events}, -1)
	}
	last := min(c.session.Info().LastSeq, turn.LastSeq)
	_ = c.audio.read(ctx, last, c.out.Write)
}

// audioEvents writes the bytes of a file as events.
type audioEvents struct{ events *eventStream }

// Write implements io.Writer.
func (a audioEvents) Write(data []byte) (int, error) {
	return len(data), a.events.send("audio", map[string][]byte{"base64": data})
}
