package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"duplex/bridge"
)

const (
	// An absent condition is '' or a bound that excludes nothing, so one text serves every
	// filter.
	inFilter = `where ($1 = '' or s.service = $1 or lower(s.service_name) like lower($2) escape '\' or lower(s.address) like lower($2) escape '\')
		and ($3 = '' or lower(s.opened_by) like lower($3) escape '\')
		and s.opened_at >= $4 and s.opened_at < $5
		and case $6 when 'open' then s.ended_at is null when 'closed' then s.ended_at is not null
			when 'broken' then s.ended_at is not null and not s.clean
			when 'failed' then s.ended_at is not null and (not s.clean or s.finding <> '')
				or exists (select 1 from turns t where t.session = s.id and t.failed)
			else true end
		and ` + visible
	visible = `($7 = '' or s.owner = $7 or exists (select 1 from services v where v.id = s.service and (v.shared or v.owner = $7))) `

	// The session to continue from has to be visible too, so that a hidden session and a
	// deleted one cannot be told apart.
	selectSessions = sessionColumns + inFilter + `and ($8 = '' or (s.opened_at, s.id) <
		(coalesce($9, (select s.opened_at from sessions s where s.id = $8 and ` + visible + `)), $8))
		order by s.opened_at desc, s.id desc limit $10`
	selectNewer = sessionColumns + inFilter + `and (s.opened_at, s.id) >
		(select s.opened_at, s.id from sessions s where s.id = $8 and ` + visible + `)
		order by s.opened_at, s.id limit $9`
	countOpened = `select s.opened_at / 900000000, count(*) from sessions s ` + inFilter + `group by 1 order by 1 desc`
	openers     = `select distinct s.opened_by from sessions s ` + inFilter + `and s.opened_by <> '' order by 1 limit 100`

	countSessions = `select count(*), cast(coalesce(sum(c.last_seq), 0) as bigint)
		from sessions s join counts c on c.session = s.id ` + inFilter

	defaultSessions = 50
)

// Sessions returns sessions, newest first.
func (s *Store) Sessions(ctx context.Context, f bridge.SessionFilter) ([]bridge.Record, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = defaultSessions
	}
	if f.After != "" {
		list, err := s.records(ctx, selectNewer, append(filterArgs(f), f.After, limit)...)
		if err == nil {
			err = s.addTurns(ctx, list)
		}
		slices.Reverse(list)
		return list, err
	}
	var opened *int64
	if !f.BeforeTime.IsZero() {
		us := f.BeforeTime.UnixMicro()
		opened = &us
	}
	list, err := s.records(ctx, selectSessions, append(filterArgs(f), f.Before, opened, limit)...)
	if err == nil {
		err = s.addTurns(ctx, list)
	}
	return list, err
}

// CountOpened returns when the sessions that a filter selects were opened, newest first.
func (s *Store) CountOpened(ctx context.Context, f bridge.SessionFilter) ([]bridge.OpenedCount, error) {
	counts, err := collectRows(ctx, s.read, func(row scanner) (c bridge.OpenedCount, err error) {
		var quarter int64
		err = row.Scan(&quarter, &c.Sessions)
		c.From = time.UnixMicro(quarter * bridge.OpenedQuarter.Microseconds())
		return c, err
	}, countOpened, filterArgs(f)...)
	if err != nil {
		return nil, fmt.Errorf("count sessions: %w", err)
	}
	return counts, nil
}

// Openers returns the names of the people who opened the sessions that a filter selects.
func (s *Store) Openers(ctx context.Context, f bridge.SessionFilter) ([]string, error) {
	names, err := collectRows(ctx, s.read, scanID, openers, filterArgs(f)...)
	if err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return names, nil
}

// CountSessions returns the number of sessions that a filter selects, without its limit
// and place, and the number of their messages and events.
func (s *Store) CountSessions(ctx context.Context, f bridge.SessionFilter) (sessions, messages int64, err error) {
	err = s.read.QueryRowContext(ctx, countSessions, filterArgs(f)...).Scan(&sessions, &messages)
	if err != nil {
		return 0, 0, fmt.Errorf("count sessions: %w", err)
	}
	return sessions, messages, nil
}

func filterArgs(f bridge.SessionFilter) []any {
	from, to := int64(math.MinInt64), int64(math.MaxInt64)
	if !f.From.IsZero() {
		from = f.From.UnixMicro()
	}
	if !f.To.IsZero() {
		to = f.To.UnixMicro()
	}
	state := string(f.State)
	if f.Broken {
		state = "broken"
	}
	if f.Failed {
		state = "failed"
	}
	return []any{f.Service, containing(f.Service), containing(f.OpenedBy), from, to, state, f.VisibleTo}
}

// containing returns the LIKE pattern for texts that contain part; "" for an empty part.
func containing(part string) string {
	if part == "" {
		return ""
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(part) + "%"
}

func (s *Store) records(ctx context.Context, query string, args ...any) ([]bridge.Record, error) {
	out, err := collectRows(ctx, s.read, scanRecord, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return out, nil
}
