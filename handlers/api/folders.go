package api

import (
	"context"
	"net/http"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/handlers/access"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// FolderStore keeps the folders of services.
type FolderStore interface {
	// ChangeFolders moves services and changes a person's list of folders, all or nothing.
	ChangeFolders(ctx context.Context, c bridge.FolderChange) error
}

// Folders answers the calls about folders of services. Each moves services, so it needs the
// right to change all of the folder's services that the person sees; others' private ones
// stay in their folders.
type Folders struct {
	Store FolderStore
	Load  *load.Loader
	Audit *auditlog.Log
}

// folderJSON describes a folder.
type folderJSON struct {
	Name      string `json:"name"`
	Services  int    `json:"services"`   // that the person sees
	MayChange bool   `json:"may_change"` // the person may change all of them
}

func folderOf(p *identity.Person, f *load.Folder) folderJSON {
	return folderJSON{Name: f.Name, Services: len(f.Services), MayChange: p.Role >= identity.Member && f.KeptBy(p) == nil}
}

// List answers with the folders that the person sees.
func (h *Folders) List(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Load.Folders(r.Context())
	if err != nil {
		return err
	}
	person, list := identity.Of(r.Context()), make([]folderJSON, len(all))
	for i := range all {
		list[i] = folderOf(&person, &all[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"folders": list})
}

// Create makes an empty folder.
func (h *Folders) Create(w http.ResponseWriter, r *http.Request) error {
	name, err := readFolderName(w, r)
	if err != nil {
		return err
	}
	if err := h.requireFree(r.Context(), name, ""); err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.FolderCreate, Detail: name}
	if err := h.change(r.Context(), entry, &bridge.FolderChange{Keep: name}, nil); err != nil {
		return err
	}
	return h.answer(w, r, name, http.StatusCreated)
}

// Rename gives a folder another name, which its services follow.
func (h *Folders) Rename(w http.ResponseWriter, r *http.Request) error {
	name, err := readFolderName(w, r)
	if err != nil {
		return err
	}
	f, err := h.loadToChange(r)
	if err != nil {
		return err
	}
	if err := h.requireFree(r.Context(), name, f.Name); err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.FolderUpdate, Detail: f.Name + ", " + name}
	if err := h.change(r.Context(), entry, &bridge.FolderChange{Drop: f.Name, Keep: name, To: name}, &f); err != nil {
		return err
	}
	return h.answer(w, r, name, http.StatusOK)
}

// Empty moves the services of a folder out of it. The folder stays.
func (h *Folders) Empty(w http.ResponseWriter, r *http.Request) error {
	f, err := h.loadToChange(r)
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.FolderUpdate, Detail: f.Name}
	if err := h.change(r.Context(), entry, &bridge.FolderChange{Keep: f.Name}, &f); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Delete deletes a folder. Its services stay, outside of folders.
func (h *Folders) Delete(w http.ResponseWriter, r *http.Request) error {
	f, err := h.loadToChange(r)
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.FolderDelete, Detail: f.Name}
	if err := h.change(r.Context(), entry, &bridge.FolderChange{Drop: f.Name}, &f); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func readFolderName(w http.ResponseWriter, r *http.Request) (string, error) {
	var in struct {
		Name string `json:"name"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return "", err
	}
	name, err := reply.OptionalName("name", in.Name)
	if err == nil {
		err = reply.RequireName(name)
	}
	return name, err
}

// requireFree refuses the name of another folder than self, and more folders than a person
// may keep.
func (h *Folders) requireFree(ctx context.Context, name, self string) error {
	all, err := h.Load.Folders(ctx)
	if err != nil {
		return err
	}
	if self == "" && len(all) >= bridge.MaxFolders {
		return reply.TooMany("folders", len(all)+1, bridge.MaxFolders)
	}
	found, err := h.Load.SpellFolder(ctx, name)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Name == found && found != self {
			return reply.Bad(reply.CodeNameTaken, "name")
		}
	}
	return nil
}

// loadToChange loads the folder of a request if the person may change all services in it;
// owner_required.
func (h *Folders) loadToChange(r *http.Request) (load.Folder, error) {
	f, err := h.Load.Folder(r.Context(), reply.Param(r, "folder"))
	if err != nil {
		return f, err
	}
	person := identity.Of(r.Context())
	if s := f.KeptBy(&person); s != nil {
		return f, access.OwnerRequired(s.OwnerName)
	}
	return f, nil
}

// change records and stores a change of a folder, and that of each service in it.
func (h *Folders) change(ctx context.Context, entry audit.Entry, c *bridge.FolderChange, f *load.Folder) error {
	entries := []audit.Entry{entry}
	c.Person = identity.Of(ctx).ID
	if f != nil {
		for i := range f.Services {
			s := &f.Services[i]
			c.Services = append(c.Services, s.ID)
			moved := bridge.ServiceChange{Folder: &c.To}
			entries = append(entries, audit.Entry{Action: audit.ServiceUpdate, Object: auditlog.ServiceObject(s), Detail: changeDetail(&moved)})
		}
	}
	if err := h.Audit.Record(ctx, entries...); err != nil {
		return err
	}
	if err := h.Store.ChangeFolders(ctx, *c); err != nil {
		h.Audit.NoteFailed(ctx, entry, err)
		return err
	}
	return nil
}

// answer answers with a folder as it is now.
func (h *Folders) answer(w http.ResponseWriter, r *http.Request, name string, status int) error {
	f, err := h.Load.Folder(r.Context(), name)
	if err != nil {
		return err
	}
	person := identity.Of(r.Context())
	return reply.JSON(w, status, folderOf(&person, &f))
}
