package api

import (
	"context"

	"duplex/bridge/vault"
	"duplex/handlers/load"

	"duplex/bridge"
	"duplex/handlers/auditlog"
	"duplex/handlers/connection"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// ServiceStore keeps services.
type ServiceStore interface {
	FolderStore

	// SaveService keeps a new service when it has no ID, or else replaces it. The secrets
	// are sealed, those named in keep stay, all others go. StoreErrors.NameTaken.
	SaveService(ctx context.Context, s *bridge.Service, secrets map[string]vault.Secret, keep []string) error
	// BindSecret changes where a kept secret may go; StoreErrors.NotFound. The error of
	// the change is returned.
	BindSecret(ctx context.Context, serviceID, field string, change func(vault.Binding) (vault.Binding, error)) error
	// ChangeService changes a part of a service; StoreErrors.NotFound, StoreErrors.NameTaken.
	ChangeService(ctx context.Context, id string, c bridge.ServiceChange) error
	// DeleteService deletes a service with its secrets; StoreErrors.NotFound.
	DeleteService(ctx context.Context, id string) error
}

// Services answers the calls about services.
type Services struct {
	Hub      *bridge.Hub
	Store    ServiceStore
	Identity *identity.Guard
	Load     *load.Loader
	Connect  *connection.Builder
	Audit    *auditlog.Log
	Errors   *reply.Mapper
}
