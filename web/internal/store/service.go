package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"golang.org/x/text/cases"

	"duplex/bridge"
)

const (
	serviceColumns = `select id, name, address, params, headers, subprotocols, credential_kind, credential_plain,
		compression, ca_pem, client_cert_pem, skip_verify, ping_us, max_message_bytes, record_relay, relay_origins, demo, owner, shared,
		coalesce((select p.name from people p where p.id = owner), ''), created_at, updated_at, pong_timeout_us from services `
	selectServices = serviceColumns + `order by folded`
	selectService  = serviceColumns + `where id = $1 or folded in ($2, $3)
		order by case when id = $1 then 0 when folded = $2 then 1 else 2 end limit 1`

	insertService = `insert into services (name, folded, address, params, headers, subprotocols, credential_kind,
		credential_plain, compression, ca_pem, skip_verify, ping_us, max_message_bytes, record_relay, demo, owner, shared, relay_origins, client_cert_pem, updated_at, pong_timeout_us, id, created_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)`
	updateService = `update services set name = $1, folded = $2, address = $3, params = $4, headers = $5,
		subprotocols = $6, credential_kind = $7, credential_plain = $8, compression = $9, ca_pem = $10, skip_verify = $11,
		ping_us = $12, max_message_bytes = $13, record_relay = $14, demo = $15, owner = $16, shared = $17, relay_origins = $18, client_cert_pem = $19, updated_at = $20, pong_timeout_us = $21 where id = $22`
	deleteService = `delete from services where id = $1`
)

// foldName returns name without the difference between upper and lower case.
func foldName(name string) string { return cases.Fold().String(strings.TrimSpace(name)) }

// nameKeyOf returns the unique key of a service's name: unique among the team's services
// for a shared one, and among the owner's for a private one, so that a name does not
// reveal private services of others. No name has a line break in it.
func nameKeyOf(name, owner string, shared bool) string {
	if shared {
		return foldName(name)
	}
	return foldName(name) + "\n" + owner
}

// Services returns all services by name.
func (s *Store) Services(ctx context.Context) ([]bridge.Service, error) {
	out, err := collectRows(ctx, s.read, scanService, selectServices)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	kept, err := s.readSecretInfos(ctx)
	if err != nil {
		return nil, fmt.Errorf("list services: %w", err)
	}
	for i := range out {
		out[i].Secrets = kept[out[i].ID]
	}
	return out, nil
}

// Service returns the service with this id, or else the private one of the person that
// has this name in any case, or else the team's, or ErrNotFound.
func (s *Store) Service(ctx context.Context, person, idOrName string) (bridge.Service, error) {
	if checkText(person, idOrName) != nil || strings.Contains(idOrName, "\n") { // for PostgreSQL it is an error; keyOf
		return bridge.Service{}, fmt.Errorf("read service: %w", ErrNotFound)
	}
	svc, err := scanService(s.read.QueryRowContext(ctx, selectService, idOrName, nameKeyOf(idOrName, person, false), nameKeyOf(idOrName, "", true)))
	if err != nil {
		return bridge.Service{}, fmt.Errorf("read service: %w", err)
	}
	if svc.Secrets, err = s.readSecretInfo(ctx, svc.ID); err != nil {
		return bridge.Service{}, fmt.Errorf("read service: %w", err)
	}
	return svc, nil
}

// DeleteService deletes a service, its secrets and its saved messages, or returns
// ErrNotFound. Its sessions stay.
func (s *Store) DeleteService(ctx context.Context, id string) error {
	n, err := rowsAffected(s.write.ExecContext(ctx, deleteService, id))
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("delete service: %w", err)
	}
	return nil
}

// putService writes the row of a service: a new one when it has no id.
func (s *Store) putService(ctx context.Context, tx *sql.Tx, svc *bridge.Service) error {
	svc.UpdatedAt = timeOf(micros(s.now()))
	values, err := serviceValues(svc)
	if err != nil {
		return err
	}
	before, err := amountsOf(ctx, tx, svc.Owner)
	if err != nil {
		return err
	}
	if err := putServiceRow(ctx, tx, svc, values); err != nil {
		return err
	}
	after, err := amountsOf(ctx, tx, svc.Owner)
	if err != nil {
		return err
	}
	return s.checkQuotas(before, after)
}

// putServiceRow inserts or updates the row of a service.
func putServiceRow(ctx context.Context, tx *sql.Tx, svc *bridge.Service, values []any) error {
	if svc.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		svc.ID, svc.CreatedAt = id.String(), svc.UpdatedAt
		_, err = tx.ExecContext(ctx, insertService, append(values, svc.ID, micros(svc.CreatedAt))...)
		return nameTaken(err)
	}
	n, err := rowsAffected(tx.ExecContext(ctx, updateService, append(values, svc.ID)...))
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return nameTaken(err)
}

func nameTaken(err error) error {
	if isDuplicate(err) {
		return ErrNameTaken
	}
	return err
}

func serviceValues(svc *bridge.Service) ([]any, error) {
	var lists [5]string
	var errs [5]error
	lists[0], errs[0] = encodeJSON(svc.Params)
	lists[1], errs[1] = encodeJSON(svc.Headers)
	lists[2], errs[2] = encodeJSON(svc.Subprotocols)
	lists[3], errs[3] = encodeJSON(svc.Credential.Plain)
	lists[4], errs[4] = encodeJSON(svc.RelayOrigins)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return []any{
		svc.Name, nameKeyOf(svc.Name, svc.Owner, svc.Shared), svc.Address, lists[0], lists[1], lists[2], string(svc.Credential.Kind), lists[3],
		svc.Compression, svc.CAPEM, svc.SkipVerify, svc.PingInterval.Microseconds(), svc.MaxMessageBytes, svc.RecordRelay, svc.Demo,
		svc.Owner, svc.Shared, lists[4], svc.ClientCertPEM, micros(svc.UpdatedAt), svc.PongTimeout.Microseconds(),
	}, nil
}

func scanService(row scanner) (svc bridge.Service, err error) {
	var params, headers, subprotocols, plain, origins string
	var ping, pong, created, updated int64
	err = row.Scan(&svc.ID, &svc.Name, &svc.Address, &params, &headers, &subprotocols, &svc.Credential.Kind, &plain,
		&svc.Compression, &svc.CAPEM, &svc.ClientCertPEM, &svc.SkipVerify, &ping, &svc.MaxMessageBytes, &svc.RecordRelay, &origins, &svc.Demo,
		&svc.Owner, &svc.Shared, &svc.OwnerName, &created, &updated, &pong)
	if err != nil {
		return svc, notFound(err)
	}
	svc.PingInterval, svc.PongTimeout = time.Duration(ping)*time.Microsecond, time.Duration(pong)*time.Microsecond
	svc.CreatedAt, svc.UpdatedAt = timeOf(created), timeOf(updated)
	return svc, errors.Join(decodeJSON(params, &svc.Params), decodeJSON(headers, &svc.Headers),
		decodeJSON(subprotocols, &svc.Subprotocols), decodeJSON(plain, &svc.Credential.Plain), decodeJSON(origins, &svc.RelayOrigins))
}
