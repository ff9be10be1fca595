package handlers

import (
	"net/http"

	"duplex/views"
)

func (h *Handler) pageSettings(w http.ResponseWriter, r *http.Request) error {
	side, err := h.sidebar(r.Context())
	if err != nil {
		return err
	}
	return h.render(w, r, http.StatusOK, views.Settings(views.SettingsModel{
		Shell: h.shell(r, h.Text.Say("page.settings", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Rows: h.Settings,
	}))
}
