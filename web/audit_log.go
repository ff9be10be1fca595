package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"duplex/bridge/audit"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

// auditLog is the audit log as the handlers ask it.
type auditLog struct {
	*store.Store

	checker *atomic.Pointer[audit.Checker] // how far the log was checked
}

const (
	auditStep   = 1000                  // entries that are checked at a time, so that nobody who writes waits long
	auditPause  = 20 * time.Millisecond // between steps: a long log must not slow the rest
	auditRounds = 60                    // minutes between checks of the whole log
)

// AuditStanding checks a little more and says how far that came.
func (l auditLog) AuditStanding(ctx context.Context) audit.Standing {
	c := l.checker.Load()
	_, _ = c.Advance(ctx, auditStep) // the answer names a broken entry
	return c.Standing()
}

// watch checks new entries each minute, and the whole log once an hour, until ctx ends.
// It reports a broken log once: a log does not heal.
func (l auditLog) watch(ctx context.Context, log *slog.Logger) {
	for minute := 0; ctx.Err() == nil; minute++ {
		var err error
		if minute%auditRounds == 0 {
			err = l.checkAll(ctx)
		} else {
			err = catchUp(ctx, l.checker.Load())
		}
		if broken, ok := errors.AsType[*audit.BreakError](err); ok {
			log.ErrorContext(ctx, "audit log is broken", "seq", broken.Seq, "kind", string(broken.Kind), "error", broken)
			return
		}
		pause(ctx, time.Minute)
	}
}

// checkAll begins again at the first entry, and compares the log with the entries seen
// before. Until it is done, people are shown the result of the check before it.
func (l auditLog) checkAll(ctx context.Context) error {
	fresh := l.AuditChecker()
	fresh.Since = l.checker.Load().Standing().Checked
	err := catchUp(ctx, fresh)
	if _, broken := errors.AsType[*audit.BreakError](err); broken || err == nil {
		l.checker.Store(fresh)
	}
	return err
}

func catchUp(ctx context.Context, c *audit.Checker) error {
	for {
		more, err := c.Advance(ctx, auditStep)
		if err != nil || !more {
			return err
		}
		pause(ctx, auditPause)
	}
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// startAudit writes that the program starts, and checks the log in the background. stop
// writes that it stops.
func startAudit(ctx context.Context, c config.Config, st *store.Store, log *slog.Logger) (l auditLog, stop func() error, err error) {
	l = auditLog{Store: st, checker: new(atomic.Pointer[audit.Checker])}
	l.checker.Store(st.AuditChecker())
	detail := "identity " + string(c.Identity.Mode) + "; targets " + c.TargetsText
	if err := l.mark(ctx, audit.AdminStart, detail, log); err != nil {
		return l, nil, err
	}
	life, end := context.WithCancel(ctx)
	var watching sync.WaitGroup
	watching.Go(func() { l.watch(life, log) })
	return l, func() error {
		end()
		watching.Wait()
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), auditTime)
		defer cancel()
		return l.mark(last, audit.AdminStop, "", log)
	}, nil
}

// mark writes that the program starts or stops. The head in the program's log can be
// compared later (duplex audit verify --since), wherever that log is kept.
func (l auditLog) mark(ctx context.Context, action audit.Action, detail string, log *slog.Logger) error {
	err := l.Record(ctx, audit.Entry{Action: action, Outcome: audit.OK, Detail: detail})
	if err != nil {
		return err
	}
	head, err := l.AuditHead(ctx)
	if err == nil {
		log.InfoContext(ctx, "audit log", "action", string(action), "head", audit.Point{Seq: head.Seq, Hash: head.Hash}.String())
	}
	return err
}
