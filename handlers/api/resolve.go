package api

import (
	"errors"
	"maps"
	"net/http"

	"duplex/bridge/dial"
	"duplex/handlers/connection"
	"duplex/handlers/reply"
)

// preview is the handshake that a request to open a session would send, secrets masked.
type preview struct {
	Address      string            `json:"address"`
	Headers      []dial.Pair       `json:"headers"`
	Subprotocols []string          `json:"subprotocols"`
	Values       map[string]string `json:"values"` // that templates and the dialect take
}

// Resolve answers with the handshake of a request to open a session, and dials nothing. A
// token that is fetched first is left out, with all that is made of it.
func (h *Sessions) Resolve(w http.ResponseWriter, r *http.Request) error {
	var in connection.OpenInput
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	request, err := h.Connect.PreviewRequest(r.Context(), &in)
	if err != nil {
		return err
	}
	report, err := h.Hub.Preview(r.Context(), request)
	if refused, ok := errors.AsType[*dial.Error](err); ok {
		err = refused.Err // nothing was dialled
	}
	if err != nil {
		return err
	}
	out := preview{
		Address: report.URL, Headers: append([]dial.Pair{}, report.RequestHeader...), Subprotocols: append([]string{}, report.Offered...),
		Values: map[string]string{},
	}
	maps.Copy(out.Values, request.Variables.Values)
	return reply.JSON(w, http.StatusOK, out)
}
