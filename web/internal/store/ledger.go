package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"duplex/bridge/audit"
)

// recordTime bounds a transaction of the ledger.
const recordTime = 5 * time.Second

// ledger writes the audit entries of concurrent calls in one transaction: when thousands of
// relays end together, each would wait for the disk behind all others.
type ledger struct {
	turn chan struct{} // holds a token during a transaction

	mu      sync.Mutex // guards waiting
	waiting []*auditCall
}

// auditCall is one call of Record.
type auditCall struct {
	entries []audit.Entry
	answer  chan error // buffered for its one answer
}

func newLedger() *ledger { return &ledger{turn: make(chan struct{}, 1)} }

// add adds a call that waits for a transaction.
func (l *ledger) add(c *auditCall) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = append(l.waiting, c)
}

// takeAll returns the calls that wait. Each of them then gets an answer.
func (l *ledger) takeAll() []*auditCall {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := l.waiting
	l.waiting = nil
	return all
}

// withdraw removes a call. It reports false when a transaction has the call.
func (l *ledger) withdraw(c *auditCall) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := slices.Index(l.waiting, c)
	if at < 0 {
		return false
	}
	l.waiting = slices.Delete(l.waiting, at, at+1)
	return true
}

// recordSoon records entries together with those of other calls. After an error of ctx
// nothing was recorded: once a transaction has the entries, recordSoon waits for its result.
func (s *Store) recordSoon(ctx context.Context, entries []audit.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &auditCall{entries: entries, answer: make(chan error, 1)}
	s.ledger.add(c)
	select {
	case s.ledger.turn <- struct{}{}:
		s.recordWaiting(ctx)
		<-s.ledger.turn
	case err := <-c.answer:
		return err
	case <-ctx.Done():
		if s.ledger.withdraw(c) {
			return ctx.Err()
		}
	}
	return <-c.answer
}

// recordWaiting records the entries of all calls that wait. When those of one call make the
// transaction fail, each call is tried alone, so that the others are recorded. The end of ctx
// does not undo what others wait for.
func (s *Store) recordWaiting(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	calls := s.ledger.takeAll()
	if len(calls) == 0 { // an earlier transaction had them
		return
	}
	var all []audit.Entry
	for _, c := range calls {
		all = append(all, c.entries...)
	}
	err := s.recordAll(ctx, all)
	heals, known := judgeError(err)
	for _, c := range calls {
		if known && !heals && len(calls) > 1 {
			err = s.recordAll(ctx, c.entries)
		}
		c.answer <- err
	}
}
