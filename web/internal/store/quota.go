package store

import (
	"context"
	"database/sql"
	"fmt"

	"duplex/bridge"
)

const (
	selectAmounts = `select count(*), coalesce(sum(length(address) + length(params) + length(headers) + length(subprotocols)
		+ length(credential_plain) + length(ca_pem) + length(client_cert_pem)), 0) from services `
	amountsOfOwner   = selectAmounts + `where owner = $1`
	selectSavedBytes = `select coalesce(sum(size), 0) from saved_messages where service = $1`
)

// amounts counts the services and their bytes, of one person and of all.
type amounts struct{ services, bytes, allServices, allBytes int64 }

func amountsOf(ctx context.Context, tx *sql.Tx, owner string) (a amounts, err error) {
	if err = tx.QueryRowContext(ctx, amountsOfOwner, owner).Scan(&a.services, &a.bytes); err == nil {
		err = tx.QueryRowContext(ctx, selectAmounts).Scan(&a.allServices, &a.allBytes)
	}
	if err != nil {
		err = fmt.Errorf("measure services: %w", err)
	}
	return a, err
}

// checkQuotas refuses growth beyond a quota. A service that shrinks may be saved even
// beyond it.
func (s *Store) checkQuotas(before, after amounts) error {
	q := &s.quotas
	for _, c := range []struct {
		before, after, limit int64
		quota                bridge.Quota
	}{
		{before.services, after.services, q.ServicesOfPerson, bridge.QuotaServices},
		{before.allServices, after.allServices, q.Services, bridge.QuotaServices},
		{before.bytes, after.bytes, q.BytesOfPerson, bridge.QuotaServiceBytes},
		{before.allBytes, after.allBytes, q.Bytes, bridge.QuotaServiceBytes},
	} {
		if c.after > c.before && c.after > c.limit {
			return &bridge.QuotaError{Quota: c.quota, Limit: c.limit}
		}
	}
	return nil
}

// checkSavedBytes refuses a saved message that grows when the saved messages of its
// service exceed their quota.
func (s *Store) checkSavedBytes(ctx context.Context, tx *sql.Tx, service string, before, after int64) error {
	var kept int64
	if err := tx.QueryRowContext(ctx, selectSavedBytes, service).Scan(&kept); err != nil {
		return fmt.Errorf("measure saved messages: %w", err)
	}
	if after > before && kept-before+after > s.quotas.SavedBytes {
		return &bridge.QuotaError{Quota: bridge.QuotaSavedBytes, Limit: s.quotas.SavedBytes}
	}
	return nil
}
