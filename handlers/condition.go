package handlers

// The codes of a store that cannot do all of its work.
const (
	storageFull  = "storage_full"
	storeLost    = "store_lost"
	storeDamaged = "store_damaged"
)

// Condition says what keeps the store from all of its work: the code of an error, with
// the values of its sentence. The zero Condition is a good one.
type Condition struct {
	Code   string // storage_full, store_lost or store_damaged
	Values map[string]string
}

func (h *Handler) condition() Condition {
	if h.Condition == nil {
		return Condition{}
	}
	return h.Condition()
}

// checkRoom refuses to begin something that has to be stored, when there is no room for
// it or the store is lost. A damaged store may still take it.
func (h *Handler) checkRoom() error {
	switch c := h.condition(); c.Code {
	case storageFull, storeLost:
		return &fault{code: c.Code, values: c.Values}
	default:
		return nil
	}
}

// blamed names what is wrong with the store, where that is why nothing came of a
// request.
func (h *Handler) blamed(f *fault) *fault {
	if f.code != "internal" && f.code != "audit_unavailable" && f.code != "store_unavailable" {
		return f
	}
	if h.StoreErrors.Damaged != nil && h.StoreErrors.Damaged(f.cause) {
		return &fault{code: storeDamaged, cause: f.cause}
	}
	c := h.condition()
	if c.Code == storeLost || c.Code == storageFull && f.code != "internal" {
		return &fault{code: c.Code, values: c.Values, cause: f.cause}
	}
	return f
}

// storeWord is how viewers are told of a condition, by its code.
var storeWord = map[string]string{storageFull: "full", storeLost: "lost", storeDamaged: "damaged"}

// AnnounceStore tells everybody who watches a session how the store is.
func (h *Handler) AnnounceStore() {
	for _, info := range h.Hub.Sessions() {
		if s, live := h.Hub.Session(info.ID); live {
			s.Announce()
		}
	}
}
