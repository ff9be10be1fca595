package api

import (
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"duplex/bridge"
	"duplex/bridge/transcript"
	"duplex/handlers/reply"
)

// readSaved reads a message to save: name, folder and type from the query, the bytes from
// the body.
func readSaved(w http.ResponseWriter, r *http.Request, service *bridge.Service) (bridge.SavedMessage, []byte, error) {
	q := reply.ReadQuery(r)
	m := bridge.SavedMessage{
		ServiceID: service.ID, Name: strings.TrimSpace(q.Values.Get("name")), Folder: strings.TrimSpace(q.Values.Get("folder")),
		Type: bridge.MessageType(q.Values.Get("type")),
	}
	if m.Type.Opcode() == "" {
		q.Wrong("type")
	}
	if q.Err != nil {
		return m, nil, q.Err
	}
	if err := checkSavedName("name", m.Name); err != nil {
		return m, nil, err
	}
	if err := checkSavedFolder(m.Folder); err != nil {
		return m, nil, err
	}
	body, err := reply.ReadPayload(w, r, service.MaxMessageBytes, reply.CodeSavedTooLarge)
	if err == nil && m.Type.Opcode() == transcript.Text && !utf8.Valid(body) {
		err = reply.Bad(reply.CodeInvalidUTF8, "body")
	}
	return m, body, err
}

// savedChangeInput renames or moves a saved message; omitted fields stay.
type savedChangeInput struct {
	Name     *string `json:"name"`
	Folder   *string `json:"folder"`
	Position *int    `json:"position"`
}

func readSavedChange(w http.ResponseWriter, r *http.Request) (bridge.SavedChange, error) {
	var in savedChangeInput
	if err := reply.Decode(w, r, &in); err != nil {
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
		return bridge.SavedChange{}, reply.Bad(reply.CodeBadValue, "position")
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
		return reply.Bad(reply.CodeMissingField, field)
	case utf8.RuneCountInString(name) > reply.MaxName, strings.ContainsFunc(name, reply.IsControl), !utf8.ValidString(name):
		return &reply.Error{Code: reply.CodeBadName, Field: field, Values: map[string]string{"limit": strconv.Itoa(reply.MaxName)}}
	}
	return nil
}
