package api

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/vault"
	"duplex/handlers/access"
	"duplex/handlers/auditlog"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// EnvironmentStore keeps the environments of the team.
type EnvironmentStore interface {
	// Environments returns all environments by name.
	Environments(ctx context.Context) ([]bridge.Environment, error)
	// Environment returns the environment of a name; StoreErrors.NotFound.
	Environment(ctx context.Context, name string) (bridge.Environment, error)
	// SaveEnvironment keeps a new environment when it has no ID, or else replaces it. The
	// secrets are sealed, those named in keep stay, all others go. StoreErrors.NameTaken,
	// StoreErrors.TooManyEnvironments.
	SaveEnvironment(ctx context.Context, e *bridge.Environment, secrets map[string]vault.Secret, keep []string) error
	// BindEnvironmentSecret changes where a kept secret may go; StoreErrors.NotFound. The
	// error of the change is returned.
	BindEnvironmentSecret(ctx context.Context, id, name string, change func(vault.Binding) (vault.Binding, error)) error
	// DeleteEnvironment deletes an environment with its secrets; StoreErrors.NotFound.
	DeleteEnvironment(ctx context.Context, id string) error
}

// Environments answers the calls about environments. They belong to the team: every member
// changes them, and the owner of a secret alone decides where it may go.
type Environments struct {
	Store  EnvironmentStore
	Audit  *auditlog.Log
	Errors *reply.Mapper
}

// List answers with all environments.
func (h *Environments) List(w http.ResponseWriter, r *http.Request) error {
	all, err := h.Store.Environments(r.Context())
	if err != nil {
		return err
	}
	list := make([]*shape.Environment, len(all))
	for i := range all {
		list[i] = shape.EnvironmentOf(r.Context(), &all[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"environments": list})
}

// Read answers with an environment. Of its secrets it shows no values.
func (h *Environments) Read(w http.ResponseWriter, r *http.Request) error {
	e, err := h.load(r)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, shape.EnvironmentOf(r.Context(), &e))
}

func (h *Environments) load(r *http.Request) (bridge.Environment, error) {
	e, err := h.Store.Environment(r.Context(), reply.Param(r, "environment"))
	return e, h.Errors.MapNotFound(err, reply.CodeEnvironmentNotFound)
}

// Create saves a new environment.
func (h *Environments) Create(w http.ResponseWriter, r *http.Request) error {
	return h.save(w, r, &bridge.Environment{}, http.StatusCreated)
}

// Replace replaces an environment, all or nothing.
func (h *Environments) Replace(w http.ResponseWriter, r *http.Request) error {
	e, err := h.load(r)
	if err != nil {
		return err
	}
	return h.save(w, r, &e, http.StatusOK)
}

// Delete deletes an environment with its secrets.
func (h *Environments) Delete(w http.ResponseWriter, r *http.Request) error {
	e, err := h.load(r)
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.EnvironmentDelete, Detail: e.Name}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.DeleteEnvironment(r.Context(), e.ID); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeEnvironmentNotFound)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// save stores the environment of the request in place of e.
func (h *Environments) save(w http.ResponseWriter, r *http.Request, e *bridge.Environment, status int) error {
	var in environmentInput
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	ctx := r.Context()
	person, saved := identity.Of(ctx), *e
	if in.Name != nil {
		e.Name = strings.TrimSpace(*in.Name)
	}
	if err := reply.RequireName(e.Name); err != nil {
		return err
	}
	c, err := in.readInto(e, person.ID)
	if err != nil {
		return err
	}
	for name := range c.bind {
		if err := requireBinds(&person, saved.Secrets[name], saved.Secrets[name].Binding); err != nil {
			return err
		}
	}
	e.Owner = person.ID
	entry, err := h.recordSave(ctx, e, &saved, &c)
	if err == nil {
		err = h.store(ctx, e, &c)
	}
	if err != nil {
		if entry.Action != "" {
			h.Audit.NoteFailed(ctx, entry, err)
		}
		return h.Errors.MapNotFound(err, reply.CodeEnvironmentNotFound)
	}
	return reply.JSON(w, status, shape.EnvironmentOf(ctx, e))
}

// store binds kept secrets anew, and then saves e.
func (h *Environments) store(ctx context.Context, e *bridge.Environment, c *environmentChange) error {
	person := identity.Of(ctx)
	for name, to := range c.bind {
		change := func(b vault.Binding) (vault.Binding, error) {
			if err := requireBinds(&person, e.Secrets[name], b); err != nil {
				return b, err
			}
			b.Targets, b.TLS = to.Targets, to.TLS
			return b, nil
		}
		if err := h.Store.BindEnvironmentSecret(ctx, e.ID, name, change); err != nil {
			return err
		}
	}
	return h.Store.SaveEnvironment(ctx, e, c.set, c.keep)
}

// requireBinds refuses a person who did not enter a secret: who can send it anywhere can
// read it.
func requireBinds(p *identity.Person, info bridge.SecretInfo, b vault.Binding) error {
	if access.BindsSecret(p, b) {
		return nil
	}
	return &reply.Error{Code: reply.CodeNotSecretOwner, Values: map[string]string{"owner": shape.EnteredBy(info)}}
}

// recordSave writes the audit entries of a save, and returns the first; an empty one when
// they could not be written.
func (h *Environments) recordSave(ctx context.Context, e, saved *bridge.Environment, c *environmentChange) (audit.Entry, error) {
	first := audit.Entry{Action: audit.EnvironmentCreate, Detail: e.Name}
	if saved.ID != "" {
		first.Action = audit.EnvironmentUpdate
	}
	entries := []audit.Entry{first}
	for _, change := range []struct {
		action audit.Action
		names  []string
	}{
		{audit.SecretSet, slices.Sorted(maps.Keys(c.set))}, {audit.SecretBind, slices.Sorted(maps.Keys(c.bind))}, {audit.SecretDelete, c.gone},
	} {
		if len(change.names) > 0 {
			entries = append(entries, audit.Entry{Action: change.action, Detail: "environment " + e.Name + ": " + strings.Join(change.names, ", ")})
		}
	}
	if err := h.Audit.Record(ctx, entries...); err != nil {
		return audit.Entry{}, err
	}
	return first, nil
}
