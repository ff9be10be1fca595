package handlers

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"duplex/bridge"
)

// The bounds of what bodies may hold of the memory at one time, in bytes. What is more
// waits for room at the other end of its connection.
const (
	roomTotal   = 512 << 20
	roomPerson  = 256 << 20
	roomFree    = 64 << 10               // of each body, which is not counted: small requests do not wait
	roomReserve = bridge.MaxMessageBytes // for the body that came first: of many that hold a part each, one gets on
)

// roomTime is how long a body waits for room.
const roomTime = 5 * time.Minute

// room is the memory that bodies share. It is safe for concurrent use.
type room struct {
	total, person, reserve int64
	time                   time.Duration

	mu      sync.Mutex // guards all below
	used    int64
	people  map[string]int64 // used, by the id of the person; those with 0 are left out
	reading []*upload        // those that still come, in the order in which they began
	changed chan struct{}    // closed and replaced whenever somebody may get on
}

func newRoom(total, person, reserve int64) *room {
	return &room{total: total, person: person, reserve: reserve, time: roomTime, people: map[string]int64{}, changed: make(chan struct{})}
}

// upload is the room that one body takes.
type upload struct {
	room   *room
	person string
	came   int64 // only the one who reads knows it

	counted int64 // of room's, guarded by its mu
}

func (r *room) begin(person string) *upload { return &upload{room: r, person: person} }

// await returns when there is room for more of the body, and reports whether it had to
// wait. The error is of ctx, or too_many_bytes.
func (u *upload) await(ctx context.Context) (waited bool, err error) {
	if u.came < roomFree {
		return false, nil
	}
	r := u.room
	changed, free := r.look(u)
	if free {
		return false, nil
	}
	late := time.NewTimer(r.time)
	defer late.Stop()
	for ; !free; changed, free = r.look(u) {
		select {
		case <-changed:
		case <-late.C:
			return true, &fault{code: "too_many_bytes", wait: r.time / 60, values: map[string]string{
				"limit": strconv.FormatInt(r.person, 10), "total": strconv.FormatInt(r.total, 10),
			}}
		case <-ctx.Done():
			return true, cmp.Or[error](endedBy(ctx), &interruptedError{context.Cause(ctx)})
		}
	}
	return true, nil
}

// look reports whether u may read on; if not, changed is closed when to look again.
func (r *room) look(u *upload) (changed <-chan struct{}, free bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.reading, u) {
		r.reading = append(r.reading, u)
	}
	ofPerson := slices.IndexFunc(r.reading, func(other *upload) bool { return other.person == u.person })
	total, person := r.total, r.person
	if r.reading[0] == u {
		total += r.reserve
	}
	if r.reading[ofPerson] == u {
		person += r.reserve
	}
	return r.changed, r.used < total && r.people[u.person] < person
}

// take counts n bytes that have come.
func (u *upload) take(n int64) {
	before := max(u.came, roomFree)
	u.came += n
	if u.came <= before {
		return
	}
	r := u.room
	r.mu.Lock()
	defer r.mu.Unlock()
	u.counted += u.came - before
	r.used += u.came - before
	r.people[u.person] += u.came - before
}

// arrived says that no more comes: the next in the row may use the reserve.
func (u *upload) arrived() {
	if u.came <= roomFree {
		return
	}
	u.room.mu.Lock()
	defer u.room.mu.Unlock()
	u.leave()
}

// leave takes u out of those that come. The caller holds mu.
func (u *upload) leave() {
	r := u.room
	if i := slices.Index(r.reading, u); i >= 0 {
		r.reading = slices.Delete(r.reading, i, i+1)
	}
	close(r.changed)
	r.changed = make(chan struct{})
}

// end gives back what the body took.
func (u *upload) end() {
	if u.came <= roomFree {
		return // it was never counted
	}
	r := u.room
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= u.counted
	if r.people[u.person] -= u.counted; r.people[u.person] == 0 {
		delete(r.people, u.person)
	}
	u.counted = 0
	u.leave()
}
