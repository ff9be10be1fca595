package api

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

const (
	undoTime   = 10 * time.Second // nothing is deleted before
	maxDeleted = 1000             // sessions of one deletion
)

// Deletions deletes sessions some seconds after they were named, so that a person can think
// again. The server waits, not the page: a page that is closed changes nothing. Each session
// is deleted whole or not at all, and none when the server stops before the time.
type Deletions struct {
	Sessions *Sessions
	Identity *identity.Guard
	NewID    func() string
	Now      func() time.Time
	Wait     time.Duration // 0 is undoTime

	mu      sync.Mutex // guards below
	pending map[string]pendingDeletion
	stopped bool
	running sync.WaitGroup
}

type pendingDeletion struct {
	person string
	cancel context.CancelFunc
}

// LeftOut is a reason to leave a session out of a deletion.
type LeftOut string

const (
	leftPinned  LeftOut = "pinned"
	leftRunning LeftOut = "running"
	leftOwner   LeftOut = "owner" // only its owner may delete it
	leftGone    LeftOut = "gone"
)

// LeftOuts returns all reasons.
func LeftOuts() []LeftOut { return []LeftOut{leftPinned, leftRunning, leftOwner, leftGone} }

type leftOutJSON struct {
	ID     string  `json:"id"`
	Reason LeftOut `json:"reason"`
}

type deletionJSON struct {
	ID       string        `json:"id,omitempty"` // to undo it; none when nothing is deleted
	AtUS     int64         `json:"at_us,omitempty"`
	Sessions []string      `json:"sessions"`
	LeftOut  []leftOutJSON `json:"left_out"`
}

// Create plans the deletion of the sessions that may be deleted.
func (h *Deletions) Create(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Sessions []string `json:"sessions"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	switch {
	case len(in.Sessions) == 0:
		return reply.Bad(reply.CodeMissingField, "sessions")
	case len(in.Sessions) > maxDeleted:
		return reply.OutOfRange("sessions", 1, maxDeleted)
	case slices.ContainsFunc(in.Sessions, func(id string) bool { return id == "" || !wire.ValidClientID(id) }):
		return reply.Bad(reply.CodeBadValue, "sessions")
	}
	out := deletionJSON{Sessions: []string{}, LeftOut: []leftOutJSON{}}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(in.Sessions))) {
		reason, err := h.reasonToKeep(r.Context(), id)
		switch {
		case err != nil:
			return err
		case reason != "":
			out.LeftOut = append(out.LeftOut, leftOutJSON{ID: id, Reason: reason})
		default:
			out.Sessions = append(out.Sessions, id)
		}
	}
	if len(out.Sessions) > 0 {
		var at time.Time
		if out.ID, at = h.plan(r.Context(), out.Sessions); out.ID == "" {
			return reply.Bad(reply.CodeDraining, "")
		}
		out.AtUS = wire.Micros(at)
	}
	return reply.JSON(w, http.StatusAccepted, out)
}

// reasonToKeep returns why the person cannot delete a session now; "" when they can.
func (h *Deletions) reasonToKeep(ctx context.Context, id string) (LeftOut, error) {
	info, err := h.Sessions.Load.SessionToManage(ctx, id)
	switch {
	case reply.IsMissing(err, reply.CodeOwnerRequired):
		return leftOwner, nil
	case reply.IsGone(err):
		return leftGone, nil
	case err != nil:
		return "", err
	case info.State != bridge.Closed:
		return leftRunning, nil
	case info.Pinned:
		return leftPinned, nil
	}
	return "", nil
}

// plan starts the wait of a deletion; its id is "" when the server stops.
func (h *Deletions) plan(ctx context.Context, sessions []string) (id string, at time.Time) {
	wait := h.Wait
	if wait == 0 {
		wait = undoTime
	}
	person := identity.Of(ctx)
	held, release := h.Identity.Hold(context.WithoutCancel(ctx), &person)
	held, cancel := context.WithCancel(held)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		cancel()
		release()
		return "", time.Time{}
	}
	if h.pending == nil {
		h.pending = map[string]pendingDeletion{}
	}
	id = h.NewID()
	h.pending[id] = pendingDeletion{person: person.ID, cancel: cancel}
	h.running.Go(func() {
		defer release()
		defer cancel()
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-held.Done(): // undone, or the person may no longer
		}
		if h.take(id, person.ID) && held.Err() == nil && h.Identity.Confirm(held, &person) == nil {
			h.deleteAll(held, sessions)
		}
	})
	return id, h.Now().Add(wait)
}

// take removes a pending deletion of a person, and reports whether it was there.
func (h *Deletions) take(id, person string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, found := h.pending[id]
	if !found || p.person != person {
		return false
	}
	delete(h.pending, id)
	return true
}

// deleteAll deletes sessions one after another, unless one was pinned or reopened since.
func (h *Deletions) deleteAll(ctx context.Context, sessions []string) {
	for _, id := range sessions {
		reason, err := h.reasonToKeep(ctx, id)
		if err == nil && reason == "" {
			err = h.Sessions.delete(ctx, id)
		}
		if err != nil && !reply.IsGone(err) {
			h.Sessions.Log.WarnContext(ctx, "session was not deleted", "session", id, "error", err)
		}
	}
}

// Undo drops a deletion whose time has not come.
func (h *Deletions) Undo(w http.ResponseWriter, r *http.Request) error {
	id, person := reply.Param(r, "deletion"), identity.Of(r.Context())
	h.mu.Lock()
	p := h.pending[id]
	h.mu.Unlock()
	if !h.take(id, person.ID) {
		return reply.Bad(reply.CodeNotFound, "")
	}
	p.cancel()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Stop drops the deletions whose time has not come, and waits for the others until ctx is
// over. The store continues an interrupted one.
func (h *Deletions) Stop(ctx context.Context) {
	h.mu.Lock()
	h.stopped = true
	for id, p := range h.pending {
		delete(h.pending, id)
		p.cancel()
	}
	h.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.running.Wait()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
