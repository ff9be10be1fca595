package pages

import (
	"net/http"
	"strings"

	"duplex/bridge"
	"duplex/handlers/access"
	"duplex/handlers/shape"
	"duplex/views"
)

// startBoot is the data with which the script of the first page starts.
type startBoot struct {
	boot

	Demos map[string]string `json:"demos"` // ids of the demo services that it offers, by endpoint
}

// listedRecent is the number of services that the first page lists.
const listedRecent = 5

// Home is the first page: it connects to an address, to a demo or to a service used before.
func (h *Pages) Home(w http.ResponseWriter, r *http.Request) error { return h.renderStart(w, r, false) }

// NewService is the page that makes a service.
func (h *Pages) NewService(w http.ResponseWriter, r *http.Request) error {
	return h.renderStart(w, r, true)
}

func (h *Pages) renderStart(w http.ResponseWriter, r *http.Request, isNew bool) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	t := h.Reply.Catalogue(w, r)
	b := startBoot{
		boot: boot{
			Kinds: credentialKinds(), Settings: shape.Settings(),
			Limits: bootLimits{MaxMessageBytes: bridge.MaxMessageBytes, UploadAbove: uploadAbove},
			Nonce:  nonceOf(r), Text: t.Language, SkipVerify: access.MaySkipVerify(r.Context(), h.AllowSkipVerify),
		},
		Demos: map[string]string{},
	}
	for _, endpoint := range []string{"stream", "recognition"} {
		if demo := side.findService(func(v bridge.Service) bool { return v.Demo == endpoint }); demo != nil {
			b.Demos[endpoint] = demo.ID
		}
	}
	title := t.Say("start.title", nil)
	if isNew {
		title = t.Say("page.service.new", nil)
	}
	return h.render(w, r, http.StatusOK, views.Start(views.StartModel{
		Shell: h.shell(r, t, title), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		IsNew: isNew, HasStream: b.Demos["stream"] != "", HasSpeech: b.Demos["recognition"] != "",
		Recent: side.recent(), Boot: b,
	}))
}

// recent returns the services of the newest sessions, without demos.
func (s *sidebar) recent() []views.RecentService {
	var out []views.RecentService
	seen := map[string]bool{}
	for i := range s.sessions {
		id := s.sessions[i].ServiceID
		if id == "" || seen[id] || len(out) == listedRecent {
			continue
		}
		seen[id] = true
		if v := s.findService(func(v bridge.Service) bool { return v.ID == id && v.Demo == "" }); v != nil {
			_, address, _ := strings.Cut(v.Address, "://")
			out = append(out, views.RecentService{ID: v.ID, Name: v.Name, Address: address, UsedAt: s.sessions[i].OpenedAt})
		}
	}
	return out
}
