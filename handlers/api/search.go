package api

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"duplex/handlers/auditlog"

	"duplex/bridge"
	"duplex/bridge/dialect"
	"duplex/bridge/transcript"
	"duplex/bridge/wire"
	"duplex/handlers/access"
	"duplex/handlers/load"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// CountStore counts sessions.
type CountStore interface {
	// CountSessions returns the number of sessions that a filter selects, without its
	// limit and place, and the number of their messages.
	CountSessions(ctx context.Context, f bridge.SessionFilter) (sessions, messages int64, err error)
}

// Search answers searches through the logs of many sessions.
type Search struct {
	Store   CountStore
	Load    *load.Loader
	Audit   *auditlog.Log
	Logs    *LogSearch
	Readers *shape.Readers
	Now     func() time.Time
}

const (
	countedHits   = 1000 // of one session; beyond that there are "more"
	shownHits     = 3    // of one session, with the text around them
	searchedLists = 20   // sessions listed at a time
)

// What a search looks in.
const (
	searchMessages = "messages" // and in the joined text of turns
	searchAnswers  = "answers"  // the joined text of turns, and their errors
)

// SearchPlaces returns all that a search can look in.
func SearchPlaces() []string { return []string{searchMessages, searchAnswers} }

// searchJSON is the answer of one request. The next answer continues a session that was
// not searched to its end.
type searchJSON struct {
	Sessions []foundJSON `json:"sessions"`
	Searched amountJSON  `json:"searched"`
	Total    *amountJSON `json:"total,omitempty"` // of the sessions to search, in the first answer
	Next     string      `json:"next,omitempty"`  // none when all was searched
	Slow     bool        `json:"slow,omitempty"`  // the next message takes longer than the request allowed: ask with more time
	Skipped  int         `json:"skipped"`         // messages left out because their search takes too long
}

type foundJSON struct {
	Session  *wire.State `json:"session"`
	Found    int         `json:"found"` // without those of the answer before
	More     bool        `json:"more"`  // it was not counted to the end
	Messages []wire.Row  `json:"messages"`
	Turns    []foundTurn `json:"turns,omitempty"` // whose joined text matches
	Texts    int         `json:"texts,omitempty"` // of turns that match, in a search of answers
}

type amountJSON struct {
	Sessions int64 `json:"sessions"`
	Messages int64 `json:"messages"`
}

// Find searches the logs of many sessions, newest first.
func (h *Search) Find(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	s := searchRun{h: h, reader: h.Readers.Of(w, r), filter: load.SessionFilter(q), budget: h.Logs.newBudget(readSearchTime(q))}
	readSearch(q, &s.query)
	s.place = readPlace(q, "next")
	inAnswers := q.Choice("in", SearchPlaces()...) == searchAnswers
	switch {
	case q.Err != nil:
		return q.Err
	case s.query.Text == "":
		return reply.Bad(reply.CodeMissingField, "q")
	}
	if s.place.id == "" {
		sessions, messages, err := h.Store.CountSessions(r.Context(), access.VisibleSessions(r.Context(), s.filter))
		if err != nil {
			return err
		}
		s.out.Total = &amountJSON{Sessions: sessions, Messages: messages}
	}
	s.out.Sessions = []foundJSON{}
	began := h.Now()
	search := s.searchSessions
	if inAnswers {
		search = s.searchAnswers
	}
	if err := search(r.Context()); err != nil {
		return err
	}
	if h.Now().Sub(began) >= reply.SeenTime {
		if err := s.dropUnseen(r.Context()); err != nil {
			return err
		}
	}
	return reply.JSON(w, http.StatusOK, &s.out)
}

// dropUnseen removes sessions that left the lists of the person while the search ran.
func (s *searchRun) dropUnseen(ctx context.Context) error {
	var failed error
	s.out.Sessions = slices.DeleteFunc(s.out.Sessions, func(found foundJSON) bool {
		_, err := s.h.Load.ListedSession(ctx, found.Session.ID)
		if err != nil && !reply.IsGone(err) {
			failed = err
		}
		return reply.IsGone(err)
	})
	return failed
}

// place is the progress of a search: a session, and a seq in it.
type place struct {
	id     string
	opened time.Time // of the session, which may be deleted during the search
	after  int64     // seq; searched when the search of the session is complete
	found  int       // messages in the session
}

const searched = -1

func (p place) String() string {
	return fmt.Sprintf("%d.%d.%d.%s", p.opened.UnixMicro(), p.after, p.found, p.id)
}

// readPlace parses the text of place.String.
func readPlace(q *reply.Query, name string) (p place) {
	text := q.Values.Get(name)
	if text == "" {
		return p
	}
	parts := strings.SplitN(text, ".", 4)
	if len(parts) != 4 || parts[3] == "" || !wire.ValidClientID(parts[3]) {
		q.Wrong(name)
		return p
	}
	opened, err1 := strconv.ParseInt(parts[0], 10, 64)
	after, err2 := strconv.ParseInt(parts[1], 10, 64)
	found, err3 := strconv.Atoi(parts[2])
	if errors.Join(err1, err2, err3) != nil || after < searched || after == math.MaxInt64 || found < 0 {
		q.Wrong(name)
	}
	return place{id: parts[3], opened: time.UnixMicro(opened), after: after, found: found}
}

// searchRun is the part of a search that one request does.
type searchRun struct {
	h      *Search
	reader shape.Reader
	filter bridge.SessionFilter
	query  transcript.Query
	budget budget
	place  place
	out    searchJSON
}

func (s *searchRun) searchSessions(ctx context.Context) error {
	if s.place.id != "" && s.place.after != searched {
		info, err := s.h.Load.ListedSession(ctx, s.place.id)
		if reply.IsMissing(err, reply.CodeSessionNotFound) {
			s.out.Searched.Sessions++ // it was counted before it was deleted
		} else if err != nil {
			return err
		} else if over, err := s.searchSession(ctx, &info); over || err != nil {
			return err
		}
	}
	for {
		s.filter.Limit, s.filter.Before, s.filter.BeforeTime = searchedLists, s.place.id, s.place.opened
		infos, err := s.h.Load.Sessions(ctx, s.filter)
		if err != nil {
			return err
		}
		for i := range infos {
			s.place = place{id: infos[i].ID, opened: infos[i].OpenedAt}
			if over, err := s.searchSession(ctx, &infos[i]); over || err != nil {
				return err
			}
		}
		if len(infos) < searchedLists {
			return nil
		}
	}
}

// searchSession searches one session from the place on. When the time is over it sets the place
// to continue.
func (s *searchRun) searchSession(ctx context.Context, info *bridge.Info) (over bool, err error) {
	if s.place.found < countedHits {
		q := s.query
		q.After, q.Limit = s.place.after, countedHits-s.place.found
		noter := s.h.Load.RowNoter(ctx, info)
		q.Heads = noter != nil
		var turns []foundTurn
		if s.place.after == 0 { // of the session's first answer
			if turns, err = s.h.Logs.findTurns(ctx, info, q); err != nil {
				return false, err
			}
		}
		f, err := s.h.Logs.search(ctx, info.ID, q, info.LastSeq, s.budget, nil)
		if err == nil {
			err = s.addHits(ctx, info, f.rows, turns, noter)
		}
		if err != nil {
			return false, err
		}
		s.out.Slow = f.slow != 0
		if f.skipped != 0 {
			s.out.Skipped++
		}
		s.out.Searched.Messages += max(0, f.after-s.place.after)
		s.place.after = f.after
		s.place.found += len(f.rows)
	}
	if s.place.after >= info.LastSeq || s.place.found >= countedHits {
		s.out.Searched.Sessions++
		s.out.Searched.Messages += max(0, info.LastSeq-s.place.after)
		s.place.after = searched
	}
	if over = s.budget.over(len(s.out.Sessions) > 0); over {
		s.out.Next = s.place.String()
	}
	return over, nil
}

// addHits appends the rows found in a session to the answer; the first few with their
// snippets.
func (s *searchRun) addHits(ctx context.Context, info *bridge.Info, rows []transcript.Row, turns []foundTurn, noter *dialect.Noter) error {
	if len(rows)+len(turns) == 0 {
		return nil
	}
	if err := s.h.Audit.RecordReading(ctx, info); err != nil {
		return err
	}
	shown := max(0, min(len(rows), shownHits-s.place.found))
	messages, err := s.h.Logs.foundRows(ctx, info.ID, s.query, rows[:shown], noter, s.budget)
	s.out.Sessions = append(s.out.Sessions, foundJSON{
		Session: s.reader.State(info), Found: len(rows), More: s.place.found+len(rows) >= countedHits, Messages: messages, Turns: turns,
	})
	return err
}
