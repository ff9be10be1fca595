package api

import (
	"math"
	"mime"
	"net/http"
	"strconv"

	"duplex/bridge"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// Audio answers the calls that send speech in a session.
type Audio struct {
	Load   *load.Loader
	Reply  *reply.Responder
	Errors *reply.Mapper
}

// Play begins to send the WAV file of the request by the dialect of the session, and answers
// at once. Viewers are told the progress.
func (h *Audio) Play(w http.ResponseWriter, r *http.Request) error {
	pace, err := readPace(r)
	if err != nil {
		return err
	}
	session, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || !isWAV(kind) {
		return reply.Bad(reply.CodeUnsupportedMediaType, "")
	}
	clip, err := readWAV(w, r)
	if err != nil {
		return err
	}
	if _, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session")); err != nil { // the body may have taken long to come
		return err
	}
	if err := h.Errors.RequireStorage(); err != nil {
		return err
	}
	playing, err := session.PlayAudio(r.Context(), clip, pace)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusCreated, shape.Playing(h.Reply.Catalogue(w, r), &playing))
}

// Pause pauses the speech that is being sent, or goes on, and answers with its progress.
func (h *Audio) Pause(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Paused *bool `json:"paused"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Paused == nil {
		return reply.Bad(reply.CodeMissingField, "paused")
	}
	session, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	playing, found := session.PauseAudio(*in.Paused)
	if !found {
		return reply.Bad(reply.CodeAudioNotFound, "")
	}
	return reply.JSON(w, http.StatusOK, shape.Playing(h.Reply.Catalogue(w, r), &playing))
}

// Stop ends the speech that is being sent.
func (h *Audio) Stop(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	playing, found := session.Playing()
	if !found || !session.StopAudio(playing.ID) {
		return reply.Bad(reply.CodeAudioNotFound, "")
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// StopAnswer stops the answer under way.
func (h *Audio) StopAnswer(w http.ResponseWriter, r *http.Request) error {
	session, err := h.Load.LiveSession(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	if err := h.Errors.RequireStorage(); err != nil {
		return err
	}
	seq, err := session.StopAnswer(r.Context())
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, map[string]int64{"seq": seq})
}

// readPace reads the pace of speech: 1 is real time, 0 as fast as the service takes it.
func readPace(r *http.Request) (float64, error) {
	given := r.URL.Query().Get("pace")
	if given == "" {
		return bridge.DialectPace, nil
	}
	pace, err := strconv.ParseFloat(given, 64)
	if err != nil || pace < 0 || pace > maxPace || math.IsNaN(pace) {
		return 0, reply.OutOfRange("pace", 0, maxPace)
	}
	return pace, nil
}

// maxPace bounds the pace of speech.
const maxPace = 1000
