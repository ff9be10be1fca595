package handlers

// AnnounceStore sends the state of the store to the viewers of all sessions.
func (h *Handler) AnnounceStore() {
	for _, info := range h.Hub.Sessions() {
		if s, live := h.Hub.Session(info.ID); live {
			s.Announce()
		}
	}
}
