package handlers

import (
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

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
		r.Use(h.hosted, h.identified)

		r.Get("/", h.handle(h.pageHome))
		r.Get("/services/new", h.handle(h.pageServiceNew))
		r.Get("/services/{service}", h.handle(h.pageService))
		r.Get("/sessions/{session}", h.handle(h.pageSession))
		r.Get("/history", h.handle(h.pageHistory))
		r.Get("/settings", h.handle(h.pageSettings))
		r.Post("/language", h.handle(h.languageChoose))
		r.Get(static.Prefix+"*", h.assets())

		r.Route("/api", func(r chi.Router) {
			r.Get("/openapi.yaml", h.handle(openAPI))
			r.Get("/lease", h.handle(h.lease))

			r.Get("/search", h.handle(h.search))

			r.Get("/services", h.handle(h.serviceList))
			r.Post("/services", h.handle(h.serviceCreate))
			r.Get("/services/{service}", h.handle(h.serviceRead))
			r.Put("/services/{service}", h.handle(h.serviceReplace))
			r.Delete("/services/{service}", h.handle(h.serviceDelete))
			r.Get("/services/{service}/messages", h.handle(h.savedList))
			r.Post("/services/{service}/messages", h.handle(h.savedCreate))
			r.Get("/services/{service}/messages/{message}", h.handle(h.savedRead))
			r.Put("/services/{service}/messages/{message}", h.handle(h.savedReplace))
			r.Patch("/services/{service}/messages/{message}", h.handle(h.savedChange))
			r.Delete("/services/{service}/messages/{message}", h.handle(h.savedDelete))
			r.Get("/services/{service}/messages/{message}/body", h.handle(h.savedBody))

			r.Get("/sessions", h.handle(h.sessionList))
			r.Post("/sessions", h.handle(h.sessionOpen))
			r.Get("/sessions/{session}", h.handle(h.sessionRead))
			r.Delete("/sessions/{session}", h.handle(h.sessionDelete))
			r.Post("/sessions/{session}/close", h.handle(h.sessionClose))
			r.Get("/sessions/{session}/attach", h.handle(h.sessionAttach))
			r.Get("/sessions/{session}/export", h.handle(h.sessionExport))
			r.Get("/sessions/{session}/messages", h.handle(h.messageList))
			r.Post("/sessions/{session}/messages", h.handle(h.messageSend))
			r.Get("/sessions/{session}/messages/{seq}", h.handle(h.messageRead))
		})

		r.Get("/relay/{service}/*", h.handle(h.relay))
	})
	return r
}
