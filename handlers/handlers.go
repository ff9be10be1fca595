// Package handlers serves HTTP: routes.go lists every route, middleware runs before
// them, and new.go makes the parts that answer. It does not know how connections work or
// how data is stored.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/prometheus/client_golang/prometheus"

	"duplex/bridge"
	"duplex/handlers/api"
	"duplex/handlers/auditlog"
	"duplex/handlers/connection"
	"duplex/handlers/identity"
	"duplex/handlers/live"
	"duplex/handlers/load"
	"duplex/handlers/pages"
	"duplex/handlers/reply"
	"duplex/static"
	"duplex/views"
	"duplex/views/text"
)

// Options are the dependencies and limits of the handlers. Fields are required unless
// their comment says otherwise.
type Options struct {
	Hub           *bridge.Hub
	Store         Store
	StoreErrors   reply.StoreErrors
	Audit         auditlog.Entries
	Identity      *identity.Guard
	Assets        *static.Manifest // nil when they were not built: pages say so
	Text          *text.Catalogues
	Log           *slog.Logger
	Version       string
	PublicOrigins func() []string // as browsers send them: "http://127.0.0.1:8080"
	Settings      []views.SettingRow
	Retention     pages.Retention
	Metrics       *prometheus.Registry   // nil is a new one
	Condition     func() reply.Condition // of the store; nil is always a good one
	Now           func() time.Time
	NewID         func() string // unique

	RelayOrigins []string // of other pages that may use every relay: "https://app.example"

	AllowSkipVerify bool // lets admins connect without checking the certificate

	UndoTime time.Duration // before sessions are deleted; 0 is 10 s

	MaxOpen int // sessions and relays that one person may have open; 0 is no bound

	// BodyTime bounds the wait for bodyRate bytes of a body, AnswerTime the write of
	// answerPart bytes of an answer; 15 s and 30 s when 0.
	BodyTime, AnswerTime time.Duration
}

// Store keeps services, sessions, their logs and saved messages.
type Store interface {
	load.Store
	connection.Store
	api.ServiceStore
	api.SavedStore
	api.SessionStore
	api.MessageStore
	api.CountStore
	api.CourseStore
	api.DialectStore
	api.EnvironmentStore
	api.FolderStore
	api.ReadingStore
	api.TurnSearchStore
}

// Handler serves the console.
type Handler struct {
	Options
	router  chi.Router
	sockets live.Sockets // of viewers and relays, which http.Server does not wait for
	leaving atomic.Bool  // /readyz fails

	requests *requests
	errors   *reply.Mapper
	reply    *reply.Responder
	transfer *reply.Transfer
	parts
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.router.ServeHTTP(w, r) }

// Leave makes /readyz fail, so that a load balancer sends no new people. Everything else
// continues.
func (h *Handler) Leave() { h.leaving.Store(true) }

// BaseContext returns the base context for the http.Server. Requests and sockets end with
// life.
func (h *Handler) BaseContext(life context.Context) context.Context { return live.WithLife(life) }

// Wait returns when the sockets of all viewers and relays are closed and their audit
// entries are written, or ctx is over. Sockets of viewers close with 1012 once the life of
// BaseContext ends. Call it after Shutdown, which does not wait for them.
func (h *Handler) Wait(ctx context.Context) error {
	h.deletions.Stop(ctx)
	return h.sockets.Wait(ctx)
}

// CutSockets cuts the sockets that are still open and returns their number.
func (h *Handler) CutSockets() int { return h.sockets.Cut() }

// parts answer the requests of the routes, one for each noun.
type parts struct {
	pages        *pages.Pages
	services     *api.Services
	dialects     *api.Dialects
	environments *api.Environments
	folders      *api.Folders
	turns        *api.Turns
	course       *api.Course
	asking       *api.Asking
	audio        *api.Audio
	saved        *api.Saved
	sessions     *api.Sessions
	history      *api.History
	deletions    *api.Deletions
	messages     *api.Messages
	search       *api.Search
	tokens       *api.Tokens
	people       *api.People
	audit        *api.Audit
	viewers      *live.Viewers
	relays       *live.Relays
	tickets      *live.Tickets
}
