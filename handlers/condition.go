package handlers

// AnnounceStore tells everybody who watches a session how the store is.
func (h *Handler) AnnounceStore() {
	for _, info := range h.Hub.Sessions() {
		if s, live := h.Hub.Session(info.ID); live {
			s.Announce()
		}
	}
}
