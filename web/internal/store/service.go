package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"golang.org/x/text/cases"

	"duplex/bridge"
)

var (
	serviceRows = `select id, created_at, coalesce((select p.name from people p where p.id = owner), ''), ` +
		serviceColumnNames() + ` from services `
	selectServices    = serviceRows + `order by folded`
	selectServiceByID = serviceRows + `where id = $1`
	selectService     = serviceRows + `where id = $1 or folded in ($2, $3)
		order by case when id = $1 then 0 when folded = $2 then 1 else 2 end limit 1`

	insertService = `insert into services (folded, ` + serviceColumnNames() + `, id, created_at) values (` + placeholders(len(serviceColumns)+3) + `)` //nolint:gosec // the names are those of serviceColumns
	updateService = `update services set (folded, ` + serviceColumnNames() + `) = (` + placeholders(len(serviceColumns)+1) +
		`) where id = $` + strconv.Itoa(len(serviceColumns)+2)
)

const deleteService = `delete from services where id = $1`

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
	kept, err := s.querySecretInfos(ctx, serviceSecrets.selectInfos)
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
	kept, err := s.querySecretInfos(ctx, serviceSecrets.selectInfo, svc.ID)
	if err != nil {
		return bridge.Service{}, fmt.Errorf("read service: %w", err)
	}
	svc.Secrets = kept[svc.ID]
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
	before, err := amountsOf(ctx, tx, svc.Owner)
	if err != nil {
		return err
	}
	if err := putServiceRow(ctx, tx, svc); err != nil {
		return err
	}
	after, err := amountsOf(ctx, tx, svc.Owner)
	if err != nil {
		return err
	}
	return s.checkQuotas(before, after)
}

// putServiceRow inserts or updates the row of a service.
func putServiceRow(ctx context.Context, tx *sql.Tx, svc *bridge.Service) error {
	if svc.ID == "" {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		svc.ID, svc.CreatedAt = id.String(), svc.UpdatedAt
		_, err = tx.ExecContext(ctx, insertService, append(serviceArgs(svc), svc.ID, micros(svc.CreatedAt))...)
		return nameTaken(err)
	}
	n, err := rowsAffected(tx.ExecContext(ctx, updateService, append(serviceArgs(svc), svc.ID)...))
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
