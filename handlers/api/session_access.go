package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/reply"
)

// Share sets who may join a session, and whether they may send. Omitted fields stay.
func (h *Sessions) Share(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Shared *bool          `json:"shared"`
		Rights *bridge.Rights `json:"rights"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Rights != nil && *in.Rights != bridge.Watch && *in.Rights != bridge.Join {
		return reply.Bad(reply.CodeBadValue, "rights")
	}
	return h.changeAccess(w, r, func(info *bridge.Info) (audit.Entry, error) {
		if in.Shared != nil {
			info.Access.Shared = *in.Shared
		}
		if in.Rights != nil {
			info.Access.Rights = *in.Rights
		}
		return audit.Entry{Action: audit.SessionShare, Detail: shareDetail(&info.Access)}, nil
	})
}

func shareDetail(a *bridge.Access) string {
	if a.Shared {
		return "link, " + string(a.Rights)
	}
	return "service, " + string(a.Rights)
}

// HandOver makes one of the viewers the owner of a session.
func (h *Sessions) HandOver(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Viewer string `json:"viewer"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Viewer == "" {
		return reply.Bad(reply.CodeMissingField, "viewer")
	}
	return h.changeAccess(w, r, func(info *bridge.Info) (audit.Entry, error) {
		i := slices.IndexFunc(info.Viewers, func(v bridge.Viewer) bool { return v.ID == in.Viewer })
		if i < 0 {
			return audit.Entry{}, reply.Bad(reply.CodeViewerGone, "viewer")
		}
		to := info.Viewers[i]
		if !to.MayOwn {
			return audit.Entry{}, &reply.Error{Code: reply.CodeViewerCannotOwn, Field: "viewer", Values: map[string]string{"name": to.Name}}
		}
		info.Access.Owner, info.Access.OwnerName = to.Person, to.Name
		return audit.Entry{Action: audit.SessionHandOver, Detail: to.Person}, nil
	})
}

// changeAccess changes the access to a session, stores it, tells the viewers and answers
// with the new state.
func (h *Sessions) changeAccess(w http.ResponseWriter, r *http.Request, change func(*bridge.Info) (audit.Entry, error)) error {
	info, err := h.changeStoredAccess(r.Context(), reply.Param(r, "session"), change)
	if err != nil {
		return err
	}
	to := h.Readers.Of(w, r)
	return reply.JSON(w, http.StatusOK, to.State(&info))
}

func (h *Sessions) changeStoredAccess(ctx context.Context, id string, change func(*bridge.Info) (audit.Entry, error)) (bridge.Info, error) {
	h.sharing.Lock()
	defer h.sharing.Unlock()
	info, err := h.Load.SessionToManage(ctx, id)
	if err != nil {
		return info, err
	}
	entry, err := change(&info)
	if err != nil {
		return info, err
	}
	entry.Object = auditlog.SessionObject(&info)
	if err := h.Audit.Record(ctx, entry); err != nil {
		return info, err
	}
	err = h.Store.SetAccess(ctx, id, info.Access)
	if err != nil && !errors.Is(err, h.Errors.StoreErrors.NotFound) { // a relay that is not recorded is not in the store
		h.Audit.NoteFailed(ctx, entry, err)
		return info, err
	}
	if now, live := h.Hub.SetAccess(id, info.Access); live {
		return now, nil
	}
	return info, nil
}
