package api

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"duplex/bridge/transcript"
	"duplex/handlers/quota"
	"duplex/handlers/shape"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/wire"
	"duplex/handlers/auditlog"
	"duplex/handlers/connection"
	"duplex/handlers/load"
	"duplex/handlers/reply"
)

// SessionStore keeps sessions that were opened.
type SessionStore interface {
	// SetAccess keeps the owner of a session and the rights of others;
	// StoreErrors.NotFound.
	SetAccess(ctx context.Context, session string, a bridge.Access) error
	// SetPinned excludes a session from the retention limits, or no longer;
	// StoreErrors.NotFound.
	SetPinned(ctx context.Context, session string, pinned bool) error
	// NameSession stores the name that people gave to a session; StoreErrors.NotFound.
	NameSession(ctx context.Context, session, name string) error
	// DeleteSession deletes a session with its log; StoreErrors.NotFound,
	// StoreErrors.Running.
	DeleteSession(ctx context.Context, id string) error
	// Messages returns the log with whole payloads. An error is the last item.
	Messages(ctx context.Context, session string) iter.Seq2[transcript.Message, error]
}

// Sessions answers the calls about sessions.
type Sessions struct {
	Hub     *bridge.Hub
	Store   SessionStore
	Load    *load.Loader
	Connect *connection.Builder
	Quota   *quota.Quota
	Audit   *auditlog.Log
	Readers *shape.Readers
	Errors  *reply.Mapper
	Log     *slog.Logger

	sharing sync.Mutex // held while the access to a session changes
}

// endSession ends a session that its person may no longer use.
func (h *Sessions) endSession(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endAccessTime)
	defer cancel()
	const reason = reply.CodeAccessEnded
	h.Hub.EndAccess(ctx, int(reply.CloseOf(reason)), string(reason), func(info *bridge.Info) bool { return info.ID == id })
}

// deleteTime bounds the deletion of a long log, which continues when the client leaves.
const deleteTime = 5 * time.Minute

// Delete deletes a session that has ended, with its transcript.
func (h *Sessions) Delete(w http.ResponseWriter, r *http.Request) error {
	if err := h.delete(r.Context(), reply.Param(r, "session")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// delete deletes a session that has ended, if the person may.
func (h *Sessions) delete(ctx context.Context, id string) error {
	info, err := h.Load.SessionToManage(ctx, id)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(h.Hub.Sessions(), func(live bridge.Info) bool { return live.ID == id }) {
		if info.State == bridge.Closed && h.Hub.StoreAway() { // its end waits to be stored
			return reply.Bad(reply.CodeStoreUnavailable, "")
		}
		return reply.Bad(reply.CodeSessionRunning, "")
	}
	entry := audit.Entry{Action: audit.SessionDelete, Object: auditlog.SessionObject(&info)}
	if err := h.Audit.Record(ctx, entry); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deleteTime)
	defer cancel()
	if err := h.deleteStored(ctx, id); err != nil {
		h.Audit.NoteFailed(ctx, entry, err)
		return err
	}
	return nil
}

// deleteStored deletes a session of the store.
func (h *Sessions) deleteStored(ctx context.Context, id string) error {
	err := h.Store.DeleteSession(ctx, id)
	if errors.Is(err, h.Errors.StoreErrors.Running) { // in another process, or it is just ending
		return &reply.Error{Code: reply.CodeSessionRunning, Cause: err}
	}
	return h.Errors.MapNotFound(err, reply.CodeSessionNotFound)
}

// List answers with the sessions that the person may see, newest first.
func (h *Sessions) List(w http.ResponseWriter, r *http.Request) error {
	q := reply.ReadQuery(r)
	f := load.SessionFilter(q)
	f.Limit = int(q.Number("limit", reply.DefaultSessions, reply.MaxSessions))
	f.Before = q.SessionID("before")
	f.After = q.SessionID("after")
	withRunning := q.Flag("with_running")
	if f.Limit == 0 {
		q.Wrong("limit")
	}
	if q.Err != nil {
		return q.Err
	}
	infos, err := h.Load.Sessions(r.Context(), f)
	if err == nil && withRunning {
		infos, err = h.Load.AddRunning(r.Context(), f, infos)
	}
	if err != nil {
		return err
	}
	to, list := h.Readers.Of(w, r), make([]*wire.State, len(infos))
	for i := range infos {
		list[i] = to.State(&infos[i])
	}
	return reply.JSON(w, http.StatusOK, map[string]any{"sessions": list})
}

// Open dials a target and answers with the new session once its handshake has succeeded. To a
// client that accepts events it also tells each phase of the dial as it happens.
func (h *Sessions) Open(w http.ResponseWriter, r *http.Request) error {
	var in connection.OpenInput
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	to := h.Readers.Of(w, r)
	if !acceptsEvents(r) {
		session, err := h.open(r.Context(), &in, nil, nil)
		if err != nil {
			return err
		}
		info := session.Info()
		return reply.JSON(w, http.StatusCreated, to.OpenedState(&info))
	}
	phases := newPhaseEvents(w)
	session, err := h.open(r.Context(), &in, nil, phases.tell)
	if err != nil {
		return phases.fail(to.Words, h.Errors, err)
	}
	info := session.Info()
	return phases.events.send("session", to.OpenedState(&info))
}

// attempt is one dial of a target for the person.
type attempt struct {
	in          *connection.OpenInput
	check       func(*bridge.Speech) error // may be nil; can refuse the dialect before the target is dialled
	onPhase     func(dial.Report)          // may be nil; is told the phases of the dial
	as, refused audit.Action               // written before the dial, and after one that failed
}

// dial makes an attempt under the person's rights and quota, on record. run reaches the target.
func (h *Sessions) dial(ctx context.Context, a attempt, run func(context.Context, bridge.OpenRequest) error) error {
	ctx, cancel := context.WithTimeout(ctx, connection.OpenTime)
	defer cancel()
	request, err := h.Connect.OpenRequest(ctx, a.in)
	if err != nil {
		return err
	}
	if a.check != nil {
		if err := a.check(request.Speech); err != nil {
			return err
		}
	}
	own, _, err := a.in.ReadCredential()
	if err != nil {
		return err
	}
	leave, err := h.Quota.EnterOpen(ctx)
	if err != nil {
		return err
	}
	defer leave()
	object, err := h.Audit.RecordDial(ctx, a.as, &request, own)
	if err != nil {
		return err
	}
	request.Target.OnPhase = a.onPhase
	if err := run(ctx, request); err != nil {
		h.Audit.NoteRefusedDial(ctx, a.refused, object, err)
		return err
	}
	return nil
}

// open opens a session for the person. For check and onPhase see attempt.
func (h *Sessions) open(ctx context.Context, in *connection.OpenInput, check func(*bridge.Speech) error, onPhase func(dial.Report)) (*bridge.Session, error) {
	if err := h.Errors.RequireStorage(); err != nil {
		return nil, err
	}
	a := attempt{in: in, check: check, onPhase: onPhase, as: audit.SessionOpen, refused: audit.SessionRefused}
	var session *bridge.Session
	err := h.dial(ctx, a, func(ctx context.Context, request bridge.OpenRequest) error {
		opened, err := h.Hub.Open(ctx, request)
		if err != nil {
			return err
		}
		id := opened.Info().ID
		if err := h.Load.RequireStillSees(ctx, request.Service); err != nil {
			h.endSession(ctx, id)
			return err
		}
		h.Audit.MarkOwnReading(ctx, id)
		session = opened
		return nil
	})
	return session, err
}

// Pin excludes a session from the retention limits, or no longer.
func (h *Sessions) Pin(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Pinned *bool `json:"pinned"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if in.Pinned == nil {
		return reply.Bad(reply.CodeMissingField, "pinned")
	}
	info, err := h.Load.SessionToManage(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	entry := audit.Entry{Action: audit.SessionPin, Object: auditlog.SessionObject(&info), Detail: pinDetail(*in.Pinned)}
	if err := h.Audit.Record(r.Context(), entry); err != nil {
		return err
	}
	if err := h.Store.SetPinned(r.Context(), info.ID, *in.Pinned); err != nil {
		h.Audit.NoteFailed(r.Context(), entry, err)
		return h.Errors.MapNotFound(err, reply.CodeSessionNotFound) // a relay that is not recorded, or a session that is being deleted
	}
	info.Pinned = *in.Pinned
	to := h.Readers.Of(w, r)
	return reply.JSON(w, http.StatusOK, to.State(&info))
}

func pinDetail(pinned bool) string {
	if pinned {
		return "keep"
	}
	return "no longer"
}

// Read answers with a session and the report of its handshake.
func (h *Sessions) Read(w http.ResponseWriter, r *http.Request) error {
	info, err := h.Load.Session(r.Context(), reply.Param(r, "session"))
	if err != nil {
		return err
	}
	info = h.Load.WithKept(r, info)
	to := h.Readers.Of(w, r)
	return reply.JSON(w, http.StatusOK, to.OpenedState(&info))
}
