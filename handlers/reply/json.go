package reply

import (
	"encoding/json"
	"mime"
	"net/http"
)

// WriteJSON answers with a status and a JSON body.
func WriteJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(body) // the client may be gone
}

// JSON is WriteJSON as the last statement of a handler. Its error is nil.
func JSON(w http.ResponseWriter, status int, body any) error {
	WriteJSON(w, status, body)
	return nil
}

// Attachment returns the Content-Disposition of a download with a file name.
func Attachment(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
