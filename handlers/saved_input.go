package handlers

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"duplex/bridge"
	"duplex/bridge/transcript"
)

// readSaved reads a message that is to be saved: what it is called stands in the query,
// its bytes are the body.
func readSaved(w http.ResponseWriter, r *http.Request, service *bridge.Service) (bridge.SavedMessage, []byte, error) {
	q := queryOf(r)
	m := bridge.SavedMessage{
		ServiceID: service.ID, Name: strings.TrimSpace(q.values.Get("name")), Folder: strings.TrimSpace(q.values.Get("folder")),
		Type: bridge.MessageType(q.values.Get("type")),
	}
	if m.Type.Opcode() == "" {
		q.wrong("type")
	}
	if q.err != nil {
		return m, nil, q.err
	}
	if err := checkSavedName("name", m.Name); err != nil {
		return m, nil, err
	}
	if err := checkSavedFolder(m.Folder); err != nil {
		return m, nil, err
	}
	body, err := readPayload(w, r, service.MaxMessageBytes, "saved_too_large")
	if err == nil && m.Type.Opcode() == transcript.Text && !utf8.Valid(body) {
		err = bad("invalid_utf8", "body")
	}
	return m, body, err
}

// savedChangeInput is what becomes of a saved message; what is left out stays.
type savedChangeInput struct {
	Name     *string `json:"name"`
	Folder   *string `json:"folder"`
	Position *int    `json:"position"`
}

func readSavedChange(w http.ResponseWriter, r *http.Request) (bridge.SavedChange, error) {
	var in savedChangeInput
	if err := decode(w, r, &in); err != nil {
		return bridge.SavedChange{}, err
	}
	if in.Name != nil {
		*in.Name = strings.TrimSpace(*in.Name)
		if err := checkSavedName("name", *in.Name); err != nil {
			return bridge.SavedChange{}, err
		}
	}
	if in.Folder != nil {
		*in.Folder = strings.TrimSpace(*in.Folder)
		if err := checkSavedFolder(*in.Folder); err != nil {
			return bridge.SavedChange{}, err
		}
	}
	if in.Position != nil && *in.Position < 0 {
		return bridge.SavedChange{}, bad("bad_value", "position")
	}
	return bridge.SavedChange(in), nil
}

func checkSavedFolder(folder string) error {
	if folder == "" {
		return nil
	}
	return checkSavedName("folder", folder)
}

// checkSavedName checks the name of a message or a folder.
func checkSavedName(field, name string) error {
	switch {
	case name == "":
		return bad("missing_field", field)
	case utf8.RuneCountInString(name) > maxName, strings.ContainsFunc(name, isControl), !utf8.ValidString(name):
		return &fault{code: "bad_name", field: field, values: map[string]string{"limit": strconv.Itoa(maxName)}}
	}
	return nil
}
