package handlers

import (
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"duplex/handlers/identity"
	"duplex/static"
)

// routes is every route of the console.
func (h *Handler) routes() chi.Router {
	r := chi.NewRouter()
	r.Use(h.secure, h.logged, h.recovered, h.transfer.Deadlines, h.plainPaths, h.sameOrigin, middleware.GetHead)
	r.NotFound(h.handle(notFound))
	r.MethodNotAllowed(h.handle(methodNotAllowed))

	r.Get("/healthz", h.handle(h.healthz))
	r.Get("/readyz", h.handle(h.readyz))
	r.With(h.scraped).Get("/metrics", h.metrics())

	r.Group(func(r chi.Router) {
		r.Use(h.hosted)

		r.Get(static.Prefix+"*", h.assets())
		r.Get("/sign-in", h.handle(h.signIn))
		r.Get(identity.CallbackPath, h.handle(h.signInFinish))
		r.Get(identity.SignedOutPath, h.handle(h.pageSignedOut))

		r.Group(h.identifiedRoutes)
		r.Group(h.relayRoutes)
	})
	return r
}

// relayRoutes is the relay, which programs and pages of other origins use too.
func (h *Handler) relayRoutes(r chi.Router) {
	r.Use(h.ticketed, h.needs(identity.Member, identity.ScopeRelay))
	r.Get("/relay/{service}", h.handle(h.relay))
	r.Get("/relay/{service}/*", h.handle(h.relay))
}

// identifiedRoutes is every route that has to know who is asking, with the role it
// takes, and the scope of the access tokens it is open to. Requests are held to that
// until they are answered; sockets hold themselves to it, for as long as they are open.
func (h *Handler) identifiedRoutes(r chi.Router) {
	r.Use(h.identified)
	watches := r.With(h.needs(identity.Viewer, identity.ScopeRead))
	reads, acts := r.With(h.needs(identity.Viewer, identity.ScopeRead), h.held), r.With(h.needs(identity.Member, identity.ScopeSessions), h.held)
	saves := r.With(h.needs(identity.Member, identity.ScopeServices), h.held)
	relays := r.With(h.needs(identity.Member, identity.ScopeRelay), h.held)
	person := r.With(h.needs(identity.Viewer, identity.ScopePerson), h.held)
	admin := r.With(h.needs(identity.Admin, identity.ScopePerson), h.held)

	person.Get("/", h.handle(h.pageHome))
	person.Get("/services/new", h.handle(h.pageServiceNew))
	person.Get("/services/{service}", h.handle(h.pageService))
	person.Get("/sessions/{session}", h.handle(h.pageSession))
	person.Get("/history", h.handle(h.pageHistory))
	person.Post("/language", h.handle(h.languageChoose))
	person.Get("/account", h.handle(h.pageAccount))
	person.Get("/sign-in/done", h.handle(h.pageSignedIn))
	admin.Get("/audit", h.handle(h.pageAudit))
	admin.Get("/settings", h.handle(h.pageSettings))
	admin.Get("/settings/identity", h.handle(h.pageIdentity))

	reads.Get("/api/openapi.yaml", h.handle(openAPI))
	reads.Get("/api/lease", h.handle(h.lease))
	person.Post("/api/sign-out", h.handle(h.signOut))
	person.Get("/api/tokens", h.handle(h.tokenList))
	person.Post("/api/tokens", h.handle(h.tokenCreate))
	person.Delete("/api/tokens/{token}", h.handle(h.tokenRevoke))
	admin.Get("/api/audit", h.handle(h.auditList))
	admin.Get("/api/people", h.handle(h.peopleList))
	admin.Post("/api/people/sign-out", h.handle(h.personSignOut))

	reads.Get("/api/services", h.handle(h.serviceList))
	saves.Post("/api/services", h.handle(h.serviceCreate))
	reads.Get("/api/services/{service}", h.handle(h.serviceRead))
	saves.Put("/api/services/{service}", h.handle(h.serviceReplace))
	saves.Delete("/api/services/{service}", h.handle(h.serviceDelete))
	saves.Put("/api/services/{service}/secrets/{field}", h.handle(h.secretBind))
	reads.Get("/api/services/{service}/messages", h.handle(h.savedList))
	saves.Post("/api/services/{service}/messages", h.handle(h.savedCreate))
	reads.Get("/api/services/{service}/messages/{message}", h.handle(h.savedRead))
	saves.Put("/api/services/{service}/messages/{message}", h.handle(h.savedReplace))
	saves.Patch("/api/services/{service}/messages/{message}", h.handle(h.savedChange))
	saves.Delete("/api/services/{service}/messages/{message}", h.handle(h.savedDelete))
	reads.Get("/api/services/{service}/messages/{message}/body", h.handle(h.savedBody))

	reads.Get("/api/search", h.handle(h.search))
	reads.Get("/api/sessions", h.handle(h.sessionList))
	acts.Post("/api/sessions", h.handle(h.sessionOpen))
	reads.Get("/api/sessions/{session}", h.handle(h.sessionRead))
	acts.Delete("/api/sessions/{session}", h.handle(h.sessionDelete))
	acts.Post("/api/sessions/{session}/close", h.handle(h.sessionClose))
	acts.Put("/api/sessions/{session}/access", h.handle(h.sessionShare))
	acts.Put("/api/sessions/{session}/pin", h.handle(h.sessionPin))
	acts.Post("/api/sessions/{session}/owner", h.handle(h.sessionHandOver))
	watches.Get("/api/sessions/{session}/attach", h.handle(h.sessionAttach))
	reads.Get("/api/sessions/{session}/export", h.handle(h.sessionExport))
	reads.Get("/api/sessions/{session}/messages", h.handle(h.messageList))
	acts.Post("/api/sessions/{session}/messages", h.handle(h.messageSend))
	reads.Get("/api/sessions/{session}/messages/{seq}", h.handle(h.messageRead))

	relays.Post("/api/relay-tickets", h.handle(h.ticketCreate))
}
