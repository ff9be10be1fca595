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
	r.Use(h.secure, h.logged, h.recovered, h.plainPaths, h.sameOrigin, middleware.GetHead)
	r.NotFound(h.handle(notFound))
	r.MethodNotAllowed(h.handle(methodNotAllowed))

	r.Get("/healthz", h.handle(h.healthz))
	r.Get("/readyz", h.handle(h.readyz))
	r.Get("/metrics", h.metrics())

	r.Group(func(r chi.Router) {
		r.Use(h.hosted)

		r.Get(static.Prefix+"*", h.assets())
		r.Get("/sign-in", h.handle(h.signIn))
		r.Get(identity.CallbackPath, h.handle(h.signInFinish))
		r.Get(identity.SignedOutPath, h.handle(h.pageSignedOut))

		r.Group(h.identifiedRoutes)
	})
	return r
}

// identifiedRoutes is every route that has to know who is asking, with the role it
// takes.
func (h *Handler) identifiedRoutes(r chi.Router) {
	r.Use(h.identified)
	viewer, member, admin := h.roles(r)

	viewer.Get("/", h.handle(h.pageHome))
	viewer.Get("/services/new", h.handle(h.pageServiceNew))
	viewer.Get("/services/{service}", h.handle(h.pageService))
	viewer.Get("/sessions/{session}", h.handle(h.pageSession))
	viewer.Get("/history", h.handle(h.pageHistory))
	viewer.Post("/language", h.handle(h.languageChoose))
	viewer.Get("/account", h.handle(h.pageAccount))
	viewer.Get("/sign-in/done", h.handle(h.pageSignedIn))
	admin.Get("/settings", h.handle(h.pageSettings))
	admin.Get("/settings/identity", h.handle(h.pageIdentity))

	viewer.Get("/api/openapi.yaml", h.handle(openAPI))
	viewer.Get("/api/lease", h.handle(h.lease))
	viewer.Post("/api/sign-out", h.handle(h.signOut))
	admin.Get("/api/people", h.handle(h.peopleList))
	admin.Post("/api/people/sign-out", h.handle(h.personSignOut))

	viewer.Get("/api/services", h.handle(h.serviceList))
	member.Post("/api/services", h.handle(h.serviceCreate))
	viewer.Get("/api/services/{service}", h.handle(h.serviceRead))
	member.Put("/api/services/{service}", h.handle(h.serviceReplace))
	member.Delete("/api/services/{service}", h.handle(h.serviceDelete))
	viewer.Get("/api/services/{service}/messages", h.handle(h.savedList))
	member.Post("/api/services/{service}/messages", h.handle(h.savedCreate))
	viewer.Get("/api/services/{service}/messages/{message}", h.handle(h.savedRead))
	member.Put("/api/services/{service}/messages/{message}", h.handle(h.savedReplace))
	member.Patch("/api/services/{service}/messages/{message}", h.handle(h.savedChange))
	member.Delete("/api/services/{service}/messages/{message}", h.handle(h.savedDelete))
	viewer.Get("/api/services/{service}/messages/{message}/body", h.handle(h.savedBody))

	viewer.Get("/api/search", h.handle(h.search))
	viewer.Get("/api/sessions", h.handle(h.sessionList))
	member.Post("/api/sessions", h.handle(h.sessionOpen))
	viewer.Get("/api/sessions/{session}", h.handle(h.sessionRead))
	member.Delete("/api/sessions/{session}", h.handle(h.sessionDelete))
	member.Post("/api/sessions/{session}/close", h.handle(h.sessionClose))
	viewer.Get("/api/sessions/{session}/attach", h.handle(h.sessionAttach))
	viewer.Get("/api/sessions/{session}/export", h.handle(h.sessionExport))
	viewer.Get("/api/sessions/{session}/messages", h.handle(h.messageList))
	member.Post("/api/sessions/{session}/messages", h.handle(h.messageSend))
	viewer.Get("/api/sessions/{session}/messages/{seq}", h.handle(h.messageRead))

	member.Get("/relay/{service}/*", h.handle(h.relay))
}
