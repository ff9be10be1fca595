package bridge

// Rights is what somebody may do in a session that is another's.
type Rights string

// The rights.
const (
	Watch Rights = "watch" // see all that passes
	Join  Rights = "send"  // and send messages
)

// Access says whose a session is and who else may come. Whoever may see its service
// may see the session in any case, and finds it in their lists.
type Access struct {
	Owner     string // the id of a person, who may close it, share it and hand it over
	OwnerName string
	Shared    bool   // with everybody who has the link, in whose lists it is not
	Rights    Rights // of those who are not the owner
}

// Announce tells everybody who watches what is true of the session, although nothing of
// its own has changed: who may see its service has.
func (s *Session) Announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revise()
}

// SetAccess changes whose the session is and who else may come; everybody who watches
// is told. To keep it is the caller's.
func (s *Session) SetAccess(a Access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = a
	s.revise()
}
