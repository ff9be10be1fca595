package reply

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"duplex/bridge"
)

// The bounds of the memory that bodies hold at one time, in bytes. Further bytes wait at
// the client.
const (
	uploadTotal   = 512 << 20
	uploadPerson  = 256 << 20
	uploadReserve = bridge.MaxMessageBytes // for the oldest body: of many that hold a part each, one can finish

	uploadFree       = 64 << 10 // of each body, counted apart: small requests do not wait for large ones
	uploadFreeTotal  = 64 << 20 // of all bodies; further bytes are counted with the rest
	uploadFreePerson = 32 << 20
)

// bodyPart is the number of bytes of a body that are read at a time.
const bodyPart = 32 << 10

// uploadWait bounds the wait of a body for memory.
const uploadWait = 5 * time.Minute

// uploadBudget is the memory that bodies share. It is safe for concurrent use.
type uploadBudget struct {
	total, person, reserve int64
	time                   time.Duration

	mu      sync.Mutex // guards all below
	used    int64
	free    int64
	people  map[string]int64 // used, by the id of the person; those with 0 are left out
	freeOf  map[string]int64 // likewise
	reading []*upload        // the arriving bodies, oldest first
	changed chan struct{}    // closed and replaced when room becomes free
}

func newUploadBudget(total, person, reserve int64) *uploadBudget {
	return &uploadBudget{total: total, person: person, reserve: reserve, time: uploadWait, people: map[string]int64{}, freeOf: map[string]int64{}, changed: make(chan struct{})}
}

// upload is the room that one body takes.
type upload struct {
	budget *uploadBudget
	person string
	came   int64 // used by the reading goroutine only

	counted, free int64 // of room's, guarded by its mu
}

func (r *uploadBudget) beginUpload(person string) *upload { return &upload{budget: r, person: person} }

// awaitRoom returns when there is room for the next part of the body, and reports whether it
// had to wait. The error is of ctx, or too_many_bytes.
func (u *upload) awaitRoom(ctx context.Context) (waited bool, err error) {
	r := u.budget
	changed, free := r.checkRoom(u)
	if free {
		return false, nil
	}
	late := time.NewTimer(r.time)
	defer late.Stop()
	for ; !free; changed, free = r.checkRoom(u) {
		select {
		case <-changed:
		case <-late.C:
			return true, &Error{Code: CodeTooManyBytes, wait: r.time / 60, Values: map[string]string{
				"limit": strconv.FormatInt(r.person, 10), "total": strconv.FormatInt(r.total, 10),
			}}
		case <-ctx.Done():
			return true, cmp.Or[error](EndedBy(ctx), &interruptedError{context.Cause(ctx)})
		}
	}
	return true, nil
}

// checkRoom reports whether u may read on; if not, changed is closed when to look again.
func (r *uploadBudget) checkRoom(u *upload) (changed <-chan struct{}, free bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.freeFor(u, 1) > 0 {
		return r.changed, true
	}
	if !slices.Contains(r.reading, u) {
		r.reading = append(r.reading, u)
	}
	ofPerson := slices.IndexFunc(r.reading, func(other *upload) bool { return other.person == u.person })
	total, person := r.total, r.person
	// Each of the others may have passed this check before any of them took its part.
	reserve := r.reserve + int64(len(r.reading))*bodyPart
	if r.reading[0] == u {
		total += reserve
	}
	if r.reading[ofPerson] == u {
		person += reserve
	}
	return r.changed, r.used < total && r.people[u.person] < person
}

// freeFor returns the number of the next n bytes of u that are free. The caller holds mu.
func (r *uploadBudget) freeFor(u *upload, n int64) int64 {
	return max(0, min(n, uploadFree-u.came, uploadFreeTotal-r.free, uploadFreePerson-r.freeOf[u.person]))
}

// countBytes counts n bytes that have come.
func (u *upload) countBytes(n int64) {
	if n == 0 {
		return
	}
	r := u.budget
	r.mu.Lock()
	defer r.mu.Unlock()
	free := r.freeFor(u, n)
	u.came += n
	u.changeHeld(n-free, free)
}

// changeHeld changes the bytes that u holds. The caller holds mu.
func (u *upload) changeHeld(counted, free int64) {
	r := u.budget
	u.counted, u.free = u.counted+counted, u.free+free
	r.used, r.free = r.used+counted, r.free+free
	addCount(r.people, u.person, counted)
	addCount(r.freeOf, u.person, free)
}

// addCount adds n to the count of a person, and leaves out counts of 0.
func addCount(counts map[string]int64, person string, n int64) {
	if counts[person] += n; counts[person] == 0 {
		delete(counts, person)
	}
}

// markComplete marks the body as complete: the next one may use the reserve.
func (u *upload) markComplete() {
	u.budget.mu.Lock()
	defer u.budget.mu.Unlock()
	u.removeReading()
}

// removeReading removes u from the arriving bodies and wakes the waiting ones. The caller holds
// mu.
func (u *upload) removeReading() {
	r := u.budget
	if i := slices.Index(r.reading, u); i >= 0 {
		r.reading = slices.Delete(r.reading, i, i+1)
	}
	if len(r.reading) > 0 {
		close(r.changed)
		r.changed = make(chan struct{})
	}
}

// release frees the bytes of the body.
func (u *upload) release() {
	u.budget.mu.Lock()
	defer u.budget.mu.Unlock()
	u.changeHeld(-u.counted, -u.free)
	u.removeReading()
}
