package reply

import (
	"cmp"
	"net/http"
	"time"

	"duplex/handlers/identity"
)

// Transfer bounds the time and the memory that bodies and answers take.
type Transfer struct {
	bodyTime, answerTime time.Duration
	uploads              *uploadBudget
}

// NewTransfer returns a Transfer. A browser gets bodyTime for each 16 KiB of a body, and
// answerTime to take each 64 KiB of an answer; they are 15 s and 30 s when 0.
func NewTransfer(bodyTime, answerTime time.Duration) *Transfer {
	return &Transfer{
		bodyTime: cmp.Or(bodyTime, defaultBodyTime), answerTime: cmp.Or(answerTime, defaultAnswerTime),
		uploads: newUploadBudget(uploadTotal, uploadPerson, uploadReserve),
	}
}

// Deadlines bounds how long a connection waits for the browser: for each part of the answer,
// and for each part of a body, also of one that no handler reads.
func (t *Transfer) Deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &AnswerWriter{ResponseWriter: w, control: http.NewResponseController(w), time: t.answerTime}
		// Deadlines belong to the connection: those of the previous request may still be
		// set.
		_ = a.control.SetWriteDeadline(time.Now().Add(a.time))
		if r.Body != http.NoBody {
			_ = a.control.SetReadDeadline(time.Now().Add(t.bodyTime))
		}
		next.ServeHTTP(a, r)
		a.allowEnd()
		if a.isCut() {
			panic(http.ErrAbortHandler) // closing the connection shows that the answer is incomplete
		}
	})
}

// Receive puts an ArrivingBody in place of the body of r.
func (t *Transfer) Receive(w http.ResponseWriter, r *http.Request, confirm func() error) *ArrivingBody {
	person := identity.Of(r.Context())
	b := &ArrivingBody{
		ReadCloser: r.Body, ctx: r.Context(), control: http.NewResponseController(w), time: t.bodyTime,
		upload: t.uploads.beginUpload(person.ID), confirm: confirm, window: -1,
	}
	if r.Body == http.NoBody {
		b.done = true
		return b
	}
	r.Body = b
	return b
}
