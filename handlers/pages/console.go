package pages

import (
	"errors"
	"net/http"
	"slices"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/access"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
	"duplex/views"
	"duplex/views/text"
)

// uploadAbove is the size above which the page uploads a message instead of sending it on
// its socket, in bytes.
const uploadAbove = 64 << 10

// boot is the data with which the script of the console starts.
type boot struct {
	Service  *shape.Service  `json:"service"`
	Session  *wire.State     `json:"session"`
	Dialect  *shape.Dialect  `json:"dialect"` // of the session, else of the service; null for none
	Kinds    []kindJSON      `json:"kinds"`
	Settings []shape.Setting `json:"settings"` // of services
	Limits   bootLimits      `json:"limits"`
	Nonce    string          `json:"nonce"`

	SkipVerify bool   `json:"skip_verify"` // the person may turn verification off
	Text       string `json:"text"`        // the catalogue's language
}

type bootLimits struct {
	MaxMessageBytes int64 `json:"max_message_bytes"`
	UploadAbove     int64 `json:"upload_above"`
}

type kindJSON struct {
	Kind   sign.Kind   `json:"kind"`
	Fields []fieldJSON `json:"fields"`
}

type fieldJSON struct {
	Name     string   `json:"name"`
	Secret   bool     `json:"secret"`
	Required bool     `json:"required"`
	Choices  []string `json:"choices"`
	Default  string   `json:"default"`
}

func (s *sidebar) findService(match func(bridge.Service) bool) *bridge.Service {
	if i := slices.IndexFunc(s.services, match); i >= 0 {
		return &s.services[i]
	}
	return nil
}

// Connect is a console without a service, for a connection that is not saved.
func (h *Pages) Connect(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	return h.renderConsole(w, r, side, nil, nil)
}

// Service is the console of a service.
func (h *Pages) Service(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	service, err := h.Load.Service(r.Context(), reply.Param(r, "service"))
	if err != nil {
		return err
	}
	return h.renderConsole(w, r, side, &service, nil)
}

// Session is the console of a session, with its service if there still is one.
func (h *Pages) Session(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	var service *bridge.Service
	if info.ServiceID != "" {
		found, err := h.Load.Service(r.Context(), info.ServiceID)
		switch missing, _ := errors.AsType[*reply.Error](err); {
		case err == nil && found.ID == info.ServiceID: // and not a service with this id as its name
			service = &found
		case err != nil && missing == nil:
			return err
		}
	}
	return h.renderConsole(w, r, side, service, &info)
}

func (h *Pages) renderConsole(w http.ResponseWriter, r *http.Request, side sidebar, service *bridge.Service, session *bridge.Info) error {
	t := h.Reply.Catalogue(w, r)
	var err error
	b := boot{
		Kinds: credentialKinds(), Settings: shape.Settings(),
		Limits: bootLimits{MaxMessageBytes: bridge.MaxMessageBytes, UploadAbove: uploadAbove},
		Nonce:  nonceOf(r), Text: t.Language, SkipVerify: access.MaySkipVerify(r.Context(), h.AllowSkipVerify),
	}
	shell, serviceID, sessionID := h.shell(r, t, t.Say("page.connect", nil)), "", ""
	if service != nil {
		b.Service, serviceID = shape.ServiceOf(r.Context(), service), service.ID
		shell = h.shell(r, t, views.ServiceTitle(shell, side.serviceLink(service, "")))
	}
	if session != nil {
		to := h.Readers.Of(w, r)
		side.inside = true
		b.Session, sessionID = to.OpenedState(session), session.ID
		shell = h.shell(r, t, views.SessionTitle(shell, views.SessionLink{Name: sessionName(session), Service: side.naming(session)}))
	}
	if b.Dialect, err = h.dialectOf(r, t, service, session); err != nil {
		return err
	}
	return h.render(w, r, http.StatusOK, views.Console(views.ConsoleModel{
		Shell: shell, Services: side.serviceLinks(serviceID), Sessions: side.sessionLinks(sessionID), Boot: b,
		Formats: exportFormats(),
	}))
}

// dialectOf returns the dialect of a session, else of a service; nil for none, or when it was
// deleted.
func (h *Pages) dialectOf(r *http.Request, t *text.Catalogue, service *bridge.Service, session *bridge.Info) (*shape.Dialect, error) {
	name := ""
	switch {
	case session != nil:
		name = session.Dialect
	case service != nil:
		name = service.Dialect
	}
	if name == "" {
		return nil, nil
	}
	d, err := h.Load.Dialect(r.Context(), name)
	missing, _ := errors.AsType[*reply.Error](err)
	switch {
	case err == nil:
		return shape.DialectOf(t, d, nil), nil
	case missing != nil:
		return nil, nil //nolint:nilerr // a dialect that was deleted is none
	default:
		return nil, err
	}
}

// exportFormats returns the names on the Export menu.
func exportFormats() []string {
	var names []string
	for _, format := range transcript.Formats() {
		names = append(names, format.Name)
	}
	return names
}

// credentialKinds is the table behind the form for credentials.
func credentialKinds() []kindJSON {
	var out []kindJSON
	for _, scheme := range sign.Schemes() {
		kind := kindJSON{Kind: scheme.Kind, Fields: []fieldJSON{}}
		for _, f := range scheme.Fields {
			kind.Fields = append(kind.Fields, fieldJSON{
				Name: f.Name, Secret: f.Secret, Required: f.Required, Choices: append([]string{}, f.Choices...), Default: f.Default,
			})
		}
		out = append(out, kind)
	}
	return out
}
