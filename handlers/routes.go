package handlers

import (
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"duplex/handlers/identity"
	"duplex/static"
)

// routes returns the router with every route of the console.
func (h *Handler) routes() chi.Router {
	r := chi.NewRouter()
	r.Use(h.setHeaders, h.logRequest, h.recoverPanic, h.transfer.Deadlines, h.requirePlainPath, h.requireSameOrigin, middleware.GetHead)
	r.NotFound(h.handle(notFound))
	r.MethodNotAllowed(h.handle(methodNotAllowed))

	r.Get("/healthz", h.handle(h.healthz))
	r.Get("/readyz", h.handle(h.readyz))
	r.With(h.requireMetricsHost).Get("/metrics", h.metrics())
	r.With(h.requireMetricsHost).Get("/version", h.handle(h.version))

	r.Group(func(r chi.Router) {
		r.Use(h.requireHost)

		r.Get(static.Prefix+"*", h.assets())
		r.Get("/sign-in", h.handle(h.pages.SignIn))
		r.Get(identity.CallbackPath, h.handle(h.pages.FinishSignIn))
		r.Get(identity.SignedOutPath, h.handle(h.pages.SignedOut))

		r.Group(h.identifiedRoutes)
		r.Group(h.relayRoutes)
	})
	return r
}

// relayRoutes adds the relay, which programs and pages of other origins use too.
func (h *Handler) relayRoutes(r chi.Router) {
	r.Use(h.tickets.Middleware, h.require(identity.Member, identity.ScopeRelay))
	r.Get("/relay/{service}", h.handle(h.relays.Relay))
	r.Get("/relay/{service}/*", h.handle(h.relays.Relay))
}

// identifiedRoutes adds the routes that need an identified sender, each with the role
// that it requires and the scope that an access token needs. Both apply until the request
// is answered, or its socket is closed.
func (h *Handler) identifiedRoutes(r chi.Router) {
	r.Use(h.identify)
	watches := r.With(h.require(identity.Viewer, identity.ScopeRead))
	reads, acts := r.With(h.require(identity.Viewer, identity.ScopeRead), h.holdPerson), r.With(h.require(identity.Member, identity.ScopeSessions), h.holdPerson)
	saves := r.With(h.require(identity.Member, identity.ScopeServices), h.holdPerson)
	relays := r.With(h.require(identity.Member, identity.ScopeRelay), h.holdPerson)
	person := r.With(h.require(identity.Viewer, identity.ScopePerson), h.holdPerson)
	admin := r.With(h.require(identity.Admin, identity.ScopePerson), h.holdPerson)

	person.Get("/", h.handle(h.pages.Home))
	person.Get("/services/new", h.handle(h.pages.NewService))
	person.Get("/connect", h.handle(h.pages.Connect))
	person.Get("/services/{service}", h.handle(h.pages.Service))
	person.Get("/sessions/{session}", h.handle(h.pages.Session))
	person.Get("/history", h.handle(h.pages.History))
	person.Post("/language", h.handle(h.pages.ChooseLanguage))
	person.Get("/account", h.handle(h.pages.Account))
	person.Get("/sign-in/done", h.handle(h.pages.SignedIn))
	admin.Get("/audit", h.handle(h.pages.AuditLog))
	admin.Get("/settings", h.handle(h.pages.SettingsInEffect))
	admin.Get("/settings/identity", h.handle(h.pages.IdentitySettings))

	reads.Get("/api/openapi.yaml", h.handle(openAPI))
	reads.Get("/api/lease", h.handle(h.people.Lease))
	person.Post("/api/sign-out", h.handle(h.people.SignOut))
	person.Get("/api/tokens", h.handle(h.tokens.List))
	person.Post("/api/tokens", h.handle(h.tokens.Create))
	person.Delete("/api/tokens/{token}", h.handle(h.tokens.Revoke))
	admin.Get("/api/audit", h.handle(h.audit.List))
	admin.Get("/api/people", h.handle(h.people.List))
	admin.Post("/api/people/sign-out", h.handle(h.people.SignOutPerson))

	reads.Get("/api/services", h.handle(h.services.List))
	saves.Post("/api/services", h.handle(h.services.Create))
	reads.Get("/api/services/{service}", h.handle(h.services.Read))
	saves.Put("/api/services/{service}", h.handle(h.services.Replace))
	saves.Patch("/api/services/{service}", h.handle(h.services.Change))
	saves.Delete("/api/services/{service}", h.handle(h.services.Delete))
	acts.Post("/api/services/{service}/ask", h.handle(h.asking.AskService))
	saves.Put("/api/services/{service}/secrets/{field}", h.handle(h.services.BindSecret))
	reads.Get("/api/services/{service}/messages", h.handle(h.saved.List))
	saves.Post("/api/services/{service}/messages", h.handle(h.saved.Create))
	reads.Get("/api/services/{service}/messages/{message}", h.handle(h.saved.Read))
	saves.Put("/api/services/{service}/messages/{message}", h.handle(h.saved.Replace))
	saves.Patch("/api/services/{service}/messages/{message}", h.handle(h.saved.Change))
	saves.Delete("/api/services/{service}/messages/{message}", h.handle(h.saved.Delete))
	reads.Get("/api/services/{service}/messages/{message}/body", h.handle(h.saved.ReadBody))

	reads.Get("/api/folders", h.handle(h.folders.List))
	saves.Post("/api/folders", h.handle(h.folders.Create))
	saves.Patch("/api/folders/{folder}", h.handle(h.folders.Rename))
	saves.Delete("/api/folders/{folder}", h.handle(h.folders.Delete))
	saves.Delete("/api/folders/{folder}/services", h.handle(h.folders.Empty))

	reads.Get("/api/dialect.schema.json", h.handle(h.dialects.Schema))
	reads.Get("/api/dialects", h.handle(h.dialects.List))
	saves.Post("/api/dialects", h.handle(h.dialects.Create))
	reads.Get("/api/dialects/{dialect}", h.handle(h.dialects.Read))
	saves.Put("/api/dialects/{dialect}", h.handle(h.dialects.Replace))
	saves.Delete("/api/dialects/{dialect}", h.handle(h.dialects.Delete))

	reads.Get("/api/environments", h.handle(h.environments.List))
	saves.Post("/api/environments", h.handle(h.environments.Create))
	reads.Get("/api/environments/{environment}", h.handle(h.environments.Read))
	saves.Put("/api/environments/{environment}", h.handle(h.environments.Replace))
	saves.Delete("/api/environments/{environment}", h.handle(h.environments.Delete))
	acts.Post("/api/resolve", h.handle(h.sessions.Resolve))
	acts.Post("/api/test", h.handle(h.sessions.Test))

	reads.Get("/api/history/days", h.handle(h.history.Days))
	reads.Get("/api/history/export", h.handle(h.history.Export))
	acts.Post("/api/history/deletions", h.handle(h.deletions.Create))
	acts.Delete("/api/history/deletions/{deletion}", h.handle(h.deletions.Undo))
	reads.Get("/api/search", h.handle(h.search.Find))
	reads.Get("/api/sessions", h.handle(h.sessions.List))
	acts.Post("/api/sessions", h.handle(h.sessions.Open))
	reads.Get("/api/sessions/{session}", h.handle(h.sessions.Read))
	acts.Delete("/api/sessions/{session}", h.handle(h.sessions.Delete))
	acts.Post("/api/sessions/{session}/close", h.handle(h.sessions.Close))
	acts.Put("/api/sessions/{session}/access", h.handle(h.sessions.Share))
	acts.Put("/api/sessions/{session}/pin", h.handle(h.sessions.Pin))
	acts.Put("/api/sessions/{session}/name", h.handle(h.sessions.Rename))
	acts.Post("/api/sessions/{session}/owner", h.handle(h.sessions.HandOver))
	watches.Get("/api/sessions/{session}/attach", h.handle(h.viewers.Attach))
	reads.Get("/api/sessions/{session}/export", h.handle(h.sessions.Export))
	reads.Get("/api/sessions/{session}/messages", h.handle(h.messages.List))
	acts.Post("/api/sessions/{session}/messages", h.handle(h.messages.Send))
	reads.Get("/api/sessions/{session}/messages/{seq}", h.handle(h.messages.Read))
	reads.Get("/api/sessions/{session}/series", h.handle(h.course.Series))
	reads.Get("/api/sessions/{session}/labels", h.handle(h.messages.Labels))
	acts.Put("/api/sessions/{session}/dialect", h.handle(h.turns.ChooseDialect))
	reads.Get("/api/sessions/{session}/turns", h.handle(h.turns.List))
	reads.Get("/api/sessions/{session}/turns/{turn}", h.handle(h.turns.Read))
	reads.Get("/api/sessions/{session}/turns/{turn}/pieces", h.handle(h.turns.Pieces))
	reads.Get("/api/sessions/{session}/turns/{turn}/audio", h.handle(h.turns.ReadAudio))
	reads.Get("/api/sessions/{session}/turns/{turn}/levels", h.handle(h.turns.ReadLevels))
	reads.Get("/api/sessions/{session}/turns/{turn}/growth", h.handle(h.turns.ReadGrowth))
	acts.Post("/api/sessions/{session}/ask", h.handle(h.asking.AskSession))
	acts.Post("/api/sessions/{session}/answer/stop", h.handle(h.audio.StopAnswer))
	acts.Post("/api/sessions/{session}/audio", h.handle(h.audio.Play))
	acts.Patch("/api/sessions/{session}/audio", h.handle(h.audio.Pause))
	acts.Delete("/api/sessions/{session}/audio", h.handle(h.audio.Stop))

	relays.Post("/api/relay-tickets", h.handle(h.tickets.Create))
}
