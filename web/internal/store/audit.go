package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"duplex/bridge/audit"
)

const (
	// The first statement of the transaction: it waits for other writers, including those
	// in other processes, and later statements see their rows.
	lockAuditHead = `update audit_head set seq = seq where id = 1 returning seq, hash, key_id, mac`
	setAuditHead  = `update audit_head set seq = $1, hash = $2, key_id = $3, mac = $4 where id = 1`
	selectHead    = `select seq, hash, key_id, mac from audit_head where id = 1`

	auditColumns = `seq, at_us, person_id, person_name, peer, action, session, service, service_name, target, outcome,
		detail, request, key_id, prev, hash, mac`
	insertAudit = `insert into audit (` + auditColumns + `)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`
	selectAudit = `select ` + auditColumns + ` from audit`
	auditPage   = 1000
)

// Record adds entries to the audit log, all or none, and gives them their number,
// time and seal. When it returns without error they survive the death of the
// process. Processes that share a database add to one chain.
func (s *Store) Record(ctx context.Context, entries ...audit.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	if err := s.recordSoon(ctx, slices.Clone(entries)); err != nil {
		return fmt.Errorf("record in the audit log: %w", err)
	}
	return nil
}

// recordAll records entries in one transaction.
func (s *Store) recordAll(ctx context.Context, entries []audit.Entry) error {
	return s.urgent(func() error {
		return inTx(ctx, s.write, func(tx *sql.Tx) error { return s.addEntries(ctx, tx, entries) })
	})
}

func (s *Store) addEntries(ctx context.Context, tx *sql.Tx, entries []audit.Entry) error {
	head, err := scanHead(tx.QueryRowContext(ctx, lockAuditHead))
	if err != nil {
		return err
	}
	at := s.now()
	for i := range entries {
		entries[i].At = at
	}
	head = audit.Link(s.keyring, head, entries)
	for i := range entries {
		if err := addEntry(ctx, tx, &entries[i]); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, setAuditHead, head.Seq, head.Hash, head.Key, head.MAC)
	return err
}

func addEntry(ctx context.Context, tx *sql.Tx, e *audit.Entry) error {
	_, err := tx.ExecContext(ctx, insertAudit, e.Seq, e.At.UnixMicro(), e.Person.ID, e.Person.Name, e.Peer, string(e.Action),
		e.Object.Session, e.Object.Service, e.Object.ServiceName, e.Object.Target, string(e.Outcome), e.Detail, e.Request,
		e.Key, e.Prev, e.Hash, e.MAC)
	return err
}

// AuditChecker returns a checker of the whole audit log.
func (s *Store) AuditChecker() *audit.Checker { return &audit.Checker{Ledger: s, Keys: s.keyring} }

// AuditHead returns the newest head of the audit log.
func (s *Store) AuditHead(ctx context.Context) (audit.Head, error) {
	head, err := scanHead(s.read.QueryRowContext(ctx, selectHead))
	if err != nil {
		return head, fmt.Errorf("read the head of the audit log: %w", err)
	}
	return head, nil
}

// scanHead reads the head. A deleted head is an error and not the start of a new chain.
func scanHead(row scanner) (h audit.Head, err error) {
	err = notFound(row.Scan(&h.Seq, &h.Hash, &h.Key, &h.MAC))
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("somebody has deleted its head; restore the database from its copy: %w", err)
	}
	return h, err
}

// AuditEntries returns the entries of the audit log that f selects. It reads in
// pages and holds no query open while the caller works. An error is the last item.
func (s *Store) AuditEntries(ctx context.Context, f audit.Filter) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		size := auditPage
		if f.Limit > 0 && f.Who == "" && f.Text == "" {
			size = min(size, f.Limit)
		}
		matches, given := f.Matcher(), 0
		for rest := f; ; {
			page, err := s.auditPage(ctx, &rest, size)
			if err != nil {
				yield(audit.Entry{}, fmt.Errorf("read the audit log: %w", err))
				return
			}
			for i := range page {
				if !matches(&page[i]) {
					continue
				}
				if given++; !yield(page[i], nil) || given == f.Limit {
					return
				}
			}
			if len(page) < size {
				return
			}
			rest = rest.Behind(page[size-1].Seq)
		}
	}
}

// auditPage reads entries by all fields of f except the texts, because the engines fold
// case in different ways.
func (s *Store) auditPage(ctx context.Context, f *audit.Filter, size int) ([]audit.Entry, error) {
	query, args := auditQuery(f, size)
	return collectRows(ctx, s.read, scanEntry, query, args...)
}

// auditQuery builds the query with only the conditions that f sets. With a range that
// selects everything PostgreSQL would expect few rows and sort the whole log for each
// page, instead of following the key.
func auditQuery(f *audit.Filter, size int) (query string, args []any) {
	var where []string
	add := func(condition string, value any) {
		args = append(args, value)
		where = append(where, fmt.Sprintf("%s $%d", condition, len(args)))
	}
	if f.After > 0 {
		add("seq >", f.After)
	}
	if f.Before > 0 {
		add("seq <", f.Before)
	}
	if !f.From.IsZero() {
		add("at_us >=", f.From.UnixMicro())
	}
	if !f.To.IsZero() {
		add("at_us <", f.To.UnixMicro())
	}
	if f.Action != "" {
		add("action =", string(f.Action))
	}
	if f.Outcome != "" {
		add("outcome =", string(f.Outcome))
	}
	query = selectAudit
	if len(where) > 0 {
		query += " where " + strings.Join(where, " and ")
	}
	query += " order by seq"
	if f.Newest {
		query += " desc"
	}
	return fmt.Sprintf("%s limit %d", query, size), args
}

func scanEntry(row scanner) (e audit.Entry, err error) {
	var at int64
	err = row.Scan(&e.Seq, &at, &e.Person.ID, &e.Person.Name, &e.Peer, &e.Action, &e.Object.Session, &e.Object.Service,
		&e.Object.ServiceName, &e.Object.Target, &e.Outcome, &e.Detail, &e.Request, &e.Key, &e.Prev, &e.Hash, &e.MAC)
	e.At = time.UnixMicro(at).UTC()
	return e, err
}
