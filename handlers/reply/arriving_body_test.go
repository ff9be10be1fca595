package reply

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"duplex/bridge"
	"duplex/handlers/identity"
)

// The person is confirmed at the end of the body, and the answer has the reason of a
// refusal, in every way of reading the body.
func TestEndOfABodyIsWhereItIsConfirmed(t *testing.T) {
	transfer, m := NewTransfer(0, 0), &Mapper{}
	for want, said := range map[string]error{
		"signed_out":        &identity.RefusedError{Code: identity.RefusedSignedOut},
		"store_unavailable": fmt.Errorf("look for sign-outs: %w", bridge.ErrStoreAway),
		"":                  nil,
	} {
		for way, read := range map[string]func(http.ResponseWriter, *http.Request) error{
			"JSON": func(w http.ResponseWriter, r *http.Request) error { return Decode(w, r, new(map[string]any)) },
			"bytes": func(w http.ResponseWriter, r *http.Request) error {
				_, err := ReadPayload(w, r, 1000, CodeMessageTooLarge)
				return err
			},
		} {
			asked := 0
			w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"a":1}`))
			r.Header.Set("Content-Type", "application/json")
			body := transfer.Receive(w, r, func() error { asked++; return said })
			err := read(w, r)
			body.Release()
			if code := string(m.MapError(err).Code); asked != 1 || want == "" && err != nil || want != "" && code != want {
				t.Errorf("%s, %q: %v after %d", way, want, err, asked)
			}
		}
	}
	broken := errors.New("disk on fire")
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x"))
	transfer.Receive(w, r, func() error { return broken })
	if _, err := ReadPayload(w, r, 1000, ""); !errors.Is(err, broken) || m.MapError(err).Code != CodeInternal {
		t.Errorf("%v", err)
	}
}
