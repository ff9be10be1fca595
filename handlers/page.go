package handlers

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/static"
	"duplex/views"
	"duplex/views/text"
)

// listed is how many sessions the side list shows, beside those that run.
const listed = 20

// render answers with a page. It is drawn whole before anything is sent, so that an
// error is not half a page.
func (h *Handler) render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	var html bytes.Buffer
	if err := page.Render(r.Context(), &html); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes()) // whoever asked may be gone
	return nil
}

// shell is what every page needs, in the words of t.
func (h *Handler) shell(r *http.Request, t *text.Catalogue, title string) views.Shell {
	person := identity.Of(r.Context())
	s := views.Shell{
		Title: "Duplex", Nonce: nonceOf(r), Language: t.Tag(), Languages: h.languages(t), User: person.Name,
		Role:    person.Role.String(),
		Version: h.Version, Path: r.URL.Path, Place: r.URL.RequestURI(),
		Say: func(key string) string { return t.Say(key, nil) },
	}
	if c := h.errors.Condition(); c.Code != "" {
		s.Store = t.Say("error."+c.Code, c.Values)
	}
	if title != "" {
		s.Title = title + " · Duplex"
	}
	if h.Assets != nil {
		s.Assets, s.Sentences = h.Assets.URLs(), h.Assets.URL("text-"+t.Language+".js")
	}
	return s
}

// built says that pages cannot work: their scripts and styles are not there.
func (h *Handler) built() error {
	if h.Assets == nil {
		return &reply.Fault{Code: "assets_not_built", Cause: static.ErrNotBuilt}
	}
	return nil
}

func (h *Handler) assets() http.HandlerFunc {
	if h.Assets == nil {
		return h.handle(func(http.ResponseWriter, *http.Request) error { return h.built() })
	}
	return h.Assets.ServeHTTP
}

// problem is the page of an error.
func (h *Handler) problem(w http.ResponseWriter, r *http.Request, status int, e *wire.Error) error {
	r = r.WithContext(context.WithoutCancel(r.Context())) // why a request was ended still has to be shown
	t := h.reply.Catalogue(w, r)
	heading := t.Say("page.problem."+strconv.Itoa(status), nil)
	return h.render(w, r, status, views.Problem(views.ProblemModel{
		Shell: h.shell(r, t, heading), Status: status, Heading: heading, Message: e.Message,
		SignIn: status == http.StatusUnauthorized,
	}))
}

// sidebar is the list of services and of sessions at the side of every page.
type sidebar struct {
	person   string // the id of who looks
	services []bridge.Service
	sessions []bridge.Info
}

func (h *Handler) sidebar(ctx context.Context) (sidebar, error) {
	if err := h.built(); err != nil {
		return sidebar{}, err
	}
	services, err := h.services(ctx)
	if err != nil {
		return sidebar{}, err
	}
	f := bridge.SessionFilter{Limit: listed}
	sessions, err := h.sessions(ctx, f)
	if err == nil {
		sessions, err = h.addRunning(ctx, f, sessions)
	}
	return sidebar{person: identity.Of(ctx).ID, services: services, sessions: sessions}, err
}

func (s sidebar) serviceLinks(selected string) []views.ServiceLink {
	links := make([]views.ServiceLink, len(s.services))
	for i := range s.services {
		v := &s.services[i]
		links[i] = views.ServiceLink{
			ID: v.ID, Name: v.Name, Kind: string(v.Credential.Kind), Demo: v.Demo, Address: v.Address,
			Private: !v.Shared, Selected: v.ID == selected,
		}
	}
	return links
}

func (s sidebar) sessionLinks(selected string) []views.SessionLink {
	links := make([]views.SessionLink, len(s.sessions))
	for i := range s.sessions {
		v := &s.sessions[i]
		links[i] = views.SessionLink{
			ID: v.ID, Name: sessionName(v), State: string(v.State), Owner: s.ownerShown(v),
			Messages: v.Counts.Sent + v.Counts.Received, Selected: v.ID == selected,
		}
	}
	return links
}

// ownerShown is the name beside a running session of somebody else.
func (s sidebar) ownerShown(info *bridge.Info) string {
	if info.State == bridge.Closed || info.Access.Owner == s.person {
		return ""
	}
	return info.Access.OwnerName
}

// sessionName is the service's, or the address that was dialled.
func sessionName(info *bridge.Info) string {
	if info.ServiceName != "" {
		return info.ServiceName
	}
	return info.Address
}
