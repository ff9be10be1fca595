package reply

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// comes reads a body of size bytes in parts, holds its room until held is closed, and
// then frees it.
func (u *upload) comes(ctx context.Context, size, part int64, check func()) error {
	for u.came < size {
		if _, err := u.awaitRoom(ctx); err != nil {
			return err
		}
		u.countBytes(min(part, size-u.came))
		check()
	}
	u.markComplete()
	return nil
}

// Bodies that together exceed the budget wait for one another, and all arrive, also when
// each holds a part and all belong to one person.
func TestBodiesShareTheRoom(t *testing.T) {
	const size, part = 1 << 20, 16 << 10
	for name, c := range map[string]struct{ total, person, people int64 }{
		"one person":      {8 * size, 2 * size, 1},
		"several people":  {2 * size, 2 * size, 4},
		"less than one":   {size / 4, size / 8, 3},
		"no wait at all":  {100 * size, 100 * size, 2},
		"person is total": {2 * size, 2 * size, 1},
	} {
		t.Run(name, func(t *testing.T) {
			const uploads = 24
			r := newUploadBudget(c.total, c.person, size)
			const over = size + uploads*(bodyPart+part) // the first one's reserve, and a part of each that passed the check
			bound := c.total + over
			check := func() {
				r.mu.Lock()
				defer r.mu.Unlock()
				if r.used > bound || r.used < 0 {
					t.Errorf("%d bytes are used of %d", r.used, c.total)
				}
				for person, used := range r.people {
					if used > c.person+over {
						t.Errorf("%s has %d bytes", person, used)
					}
				}
			}
			var all sync.WaitGroup
			for i := range int64(uploads) {
				all.Go(func() {
					u := r.beginUpload(fmt.Sprint(i % c.people))
					defer u.release()
					if err := u.comes(t.Context(), size, part, check); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if r.used != 0 || len(r.people) != 0 || len(r.reading) != 0 {
				t.Errorf("left over: %d bytes, of %v, %d reading", r.used, r.people, len(r.reading))
			}
		})
	}
}

// The first body arrives also where all others passed the check at the same moment and
// took their part after it: together more than the budget.
func TestFirstBodyArrivesWhenOthersTookTooMuch(t *testing.T) {
	const size, uploads = 1 << 20, 24
	r := newUploadBudget(bodyPart, bodyPart, size)
	r.time = 50 * time.Millisecond
	var all []*upload
	for range uploads {
		u := r.beginUpload("ada")
		u.countBytes(uploadFree)
		if _, err := u.awaitRoom(t.Context()); err != nil {
			t.Fatal(err)
		}
		all = append(all, u)
	}
	for _, u := range all {
		u.countBytes(bodyPart)
	}
	for i, u := range all {
		if err := u.comes(t.Context(), size, bodyPart, func() {}); err != nil {
			t.Fatalf("body %d: %v", i, err)
		}
		u.release()
	}
}

// A complete body that is being stored delays others for a limited time, and small bodies
// never.
func TestBodyWaitsForRoomForAWhile(t *testing.T) {
	const size = 1 << 20
	r := newUploadBudget(size, size, size/2)
	r.time = 50 * time.Millisecond
	first := r.beginUpload("ada")
	if err := first.comes(t.Context(), 2*size, size, func() {}); err != nil {
		t.Fatal(err)
	}
	if err := r.beginUpload("ada").comes(t.Context(), uploadFree, 1000, func() {}); err != nil {
		t.Errorf("a small one waits: %v", err)
	}
	for _, person := range []string{"ada", "ben"} {
		late := r.beginUpload(person)
		err := late.comes(t.Context(), size, 1000, func() {})
		if f, ok := errors.AsType[*Error](err); !ok || f.Code != CodeTooManyBytes {
			t.Errorf("%s: %v", person, err)
		}
		late.release()
	}
	ctx, end := context.WithCancelCause(t.Context())
	r.time = time.Hour
	gone := errors.New("gone")
	time.AfterFunc(10*time.Millisecond, func() { end(gone) })
	left := r.beginUpload("ben")
	if err := left.comes(ctx, size, 1000, func() {}); !errors.Is(err, gone) {
		t.Errorf("whoever has left: %v", err)
	}
	left.release()
	next := make(chan error, 1)
	go func() {
		u := r.beginUpload("ben")
		err := u.comes(t.Context(), size, 1000, func() {})
		u.release()
		next <- err
	}()
	first.release()
	if err := <-next; err != nil {
		t.Errorf("after there was room: %v", err)
	}
	if r.used != 0 || len(r.reading) != 0 {
		t.Errorf("left over: %d bytes, %d reading", r.used, len(r.reading))
	}
}

// Small bodies do not wait, but many of them, each with nearly all of the free bytes, are
// counted for their person and then wait as large ones do.
func TestManySmallBodiesAreCounted(t *testing.T) {
	const small = uploadFree - 1
	r := newUploadBudget(1<<20, 1<<20, 0)
	r.time = 50 * time.Millisecond
	var held []*upload
	come := func(person string) error {
		u := r.beginUpload(person)
		err := u.comes(t.Context(), small, small, func() {})
		held = append(held, u)
		return err
	}
	taken, failed := int64(0), error(nil)
	for failed == nil && taken < 2*uploadFreePerson {
		if failed = come("ada"); failed == nil {
			taken += small
		}
	}
	if f, ok := errors.AsType[*Error](failed); !ok || f.Code != CodeTooManyBytes || taken > uploadFreePerson+2<<20 {
		t.Errorf("%d bytes of small bodies are taken, then %v", taken, failed)
	}
	if err := come("ben"); err != nil {
		t.Errorf("another person waits for them: %v", err)
	}
	for _, u := range held {
		u.release()
	}
	if r.used != 0 || r.free != 0 || len(r.people) != 0 || len(r.freeOf) != 0 || len(r.reading) != 0 {
		t.Errorf("left over: %d and %d bytes, of %v and %v, %d reading", r.used, r.free, r.people, r.freeOf, len(r.reading))
	}
}
