package api

import (
	"net/http"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// Change renames a service or moves it to another folder. Its secrets stay as they are.
func (h *Services) Change(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Name   *string `json:"name"`
		Folder *string `json:"folder"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	s, err := h.Load.ServiceToChange(ctx, reply.Param(r, "service"))
	if err != nil {
		return err
	}
	change := bridge.ServiceChange{Name: in.Name, Folder: in.Folder}
	if in.Name != nil {
		*in.Name = strings.TrimSpace(*in.Name)
		if err := reply.RequireName(*in.Name); err != nil {
			return err
		}
	}
	if in.Folder != nil {
		folder, err := reply.OptionalName("folder", *in.Folder)
		if err == nil {
			*in.Folder, err = h.Load.SpellFolder(ctx, folder)
		}
		if err != nil {
			return err
		}
	}
	entry := audit.Entry{Action: audit.ServiceUpdate, Object: auditlog.ServiceObject(&s), Detail: changeDetail(&change)}
	if err := h.Audit.Record(ctx, entry); err != nil {
		return err
	}
	if err := h.Store.ChangeService(ctx, s.ID, change); err != nil {
		h.Audit.NoteFailed(ctx, entry, err)
		return h.Errors.MapNotFound(err, reply.CodeServiceNotFound)
	}
	if in.Folder != nil && s.Folder != "" { // the person still finds it when it was the last one
		left := bridge.FolderChange{Person: identity.Of(ctx).ID, Keep: s.Folder}
		if err := h.Store.ChangeFolders(ctx, left); err != nil {
			return err
		}
	}
	if s, err = h.Load.Service(ctx, s.ID); err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, shape.ServiceOf(ctx, &s))
}

// changeDetail names the changed parts of a service.
func changeDetail(c *bridge.ServiceChange) string {
	var parts []string
	if c.Name != nil {
		parts = append(parts, "name "+*c.Name)
	}
	switch {
	case c.Folder == nil:
	case *c.Folder == "":
		parts = append(parts, "no folder")
	default:
		parts = append(parts, "folder "+*c.Folder)
	}
	return strings.Join(parts, ", ")
}
