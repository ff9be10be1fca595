package pages

import (
	"net/http"
	"slices"
	"strings"

	"duplex/handlers/identity/proxy"
	"duplex/views"
	"duplex/views/text"
)

// SettingsInEffect is the page of the program's settings and their sources, for admins.
func (h *Pages) SettingsInEffect(w http.ResponseWriter, r *http.Request) error {
	side, err := h.loadSidebar(r.Context())
	if err != nil {
		return err
	}
	t := h.Reply.Catalogue(w, r)
	return h.render(w, r, http.StatusOK, views.Settings(views.SettingsModel{
		Shell: h.shell(r, t, t.Say("page.settings", nil)), Services: side.serviceLinks(""), Sessions: side.sessionLinks(""),
		Rows: settingRows(t, h.Settings),
	}))
}

// settingRows adds help in the words of t to the settings.
func settingRows(t *text.Catalogue, rows []views.SettingRow) []views.SettingRow {
	rows = slices.Clone(rows)
	for i := range rows {
		row := &rows[i]
		row.Source = t.Say("setting.source."+row.Source, nil)
		if key := "setting." + strings.TrimPrefix(row.Name, "--"); t.Has(key) {
			row.Help = t.Say(key, map[string]string{"presets": strings.Join(proxy.Presets(), ", ")})
		}
	}
	return rows
}
