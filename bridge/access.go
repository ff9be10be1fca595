package bridge

// Rights are the rights of people other than the owner in a session.
type Rights string

// The rights.
const (
	Watch Rights = "watch" // see all messages
	Join  Rights = "send"  // see and send messages
)

// Access holds the owner of a session and the rights of other people. People who may see
// its service may always see the session, and find it in their lists.
type Access struct {
	Owner     string // id of the person who may close, share and hand over the session
	OwnerName string
	Shared    bool   // with everybody who has the link; it is not in their lists
	Rights    Rights // of everybody but the owner
}

// Announce sends the Info to all viewers again: who may see the service has changed.
func (s *Session) Announce() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revise()
}

// SetAccess changes the access and sends it to all viewers. The caller stores it.
func (s *Session) SetAccess(a Access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.access = a
	s.revise()
}
