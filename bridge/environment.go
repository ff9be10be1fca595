package bridge

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"duplex/bridge/dial"
	"duplex/bridge/dialect"
	"duplex/bridge/vault"
)

// Limits of environments.
const (
	MaxEnvironments         = 200
	MaxEnvironmentValues    = 200      // of one environment, and as many secrets
	MaxEnvironmentValueSize = 32 << 10 // bytes
)

// Environment is a named set of values and secrets of the team. Templates of services take
// them: {{region}}, {{secret.api_key}}. It does not hold its secrets, see Service.
type Environment struct {
	ID        string
	Name      string // unique, case-insensitively
	Values    map[string]string
	Secrets   map[string]SecretInfo
	Owner     string // id of the person who saved it last
	OwnerName string // the person's current name; set by the store
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Preview returns the handshake of a request as it would be sent, secrets masked. It sends
// nothing. The error is that of dialect.Connect, or a *dial.Error.
func (h *Hub) Preview(ctx context.Context, r OpenRequest) (*dial.Report, error) {
	spoken, err := r.connect(h.Now())
	if err != nil {
		return nil, err
	}
	if spoken != nil {
		spoken.LeaveMint()
	}
	return h.Dialer.Preview(ctx, r.Target)
}

// Resolve fills in the templates of a message by the values of the session. Payload is for the
// log, with the names of secrets in place of them. The error is a *dialect.TemplateError, or a
// *dial.BoundError for a secret that may not be sent to the target.
func (s *Session) Resolve(message []byte) (payload, wire []byte, err error) {
	text, err := dialect.Resolve(string(message), s.variables.Values, s.variables.Secrets, s.hub.Now())
	if err != nil {
		return nil, nil, fmt.Errorf("resolve message: %w", err)
	}
	used := map[string]vault.Secret{}
	for _, name := range text.Secrets {
		used[name] = s.variables.Secrets[name]
	}
	if err := s.reaches.CheckSecrets(used); err != nil {
		return nil, nil, err
	}
	return text.Shown, text.Wire, nil
}

// reachedBy returns the part of a dial that decides which secrets may be sent to its target.
// The report has the target's address: a mint may have moved it.
func reachedBy(r *dial.Request, report *dial.Report) dial.Request {
	scheme, _, _ := strings.Cut(report.URL, "://")
	u, err := dial.ParseAddress(scheme + "://" + report.Host)
	if err != nil {
		u = &url.URL{} // which no secret may be sent to
	}
	return dial.Request{URL: u, SkipVerify: r.SkipVerify, OtherCA: r.OtherCA}
}

// Variables are the values and secrets that messages of a session take where their sender
// asks for it.
type Variables struct {
	Values  map[string]string
	Secrets map[string]vault.Secret // of the environment, with their bindings
}
