package handlers

import (
	"context"
	"net/http"
	"time"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// openTime bounds a dial as a whole, a token from IAM included.
const openTime = time.Minute

// sessionInput is a saved service, an address, or both: what is said here wins over
// what is saved, for this session alone.
type sessionInput struct {
	connectionInput

	Service    string `json:"service"` // id or name
	RenewToken bool   `json:"renew_token"`
}

func (h *Handler) sessionOpen(w http.ResponseWriter, r *http.Request) error {
	var in sessionInput
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	if err := h.errors.RequireStorage(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), openTime)
	defer cancel()
	request, err := h.openRequest(ctx, &in)
	if err != nil {
		return err
	}
	own, _, err := in.credential()
	if err != nil {
		return err
	}
	leave, err := h.enterOpen(ctx)
	if err != nil {
		return err
	}
	defer leave()
	object, err := h.recordDial(ctx, audit.SessionOpen, &request, own)
	if err != nil {
		return err
	}
	session, err := h.Hub.Open(ctx, request)
	if err != nil {
		h.noteRefused(ctx, audit.SessionRefused, object, err)
		return err
	}
	if err := h.stillSees(ctx, request.Service); err != nil {
		h.endSession(ctx, session.Info().ID)
		h.noteRefused(ctx, audit.SessionRefused, object, err)
		return err
	}
	info := session.Info()
	h.opened(ctx, info.ID)
	to := h.readerOf(w, r)
	return reply.JSON(w, http.StatusCreated, to.opened(&info))
}

// openRequest turns the input into a dial. Nothing is sent until all of it was
// checked.
func (h *Handler) openRequest(ctx context.Context, in *sessionInput) (bridge.OpenRequest, error) {
	s, otherCA, err := h.serviceOf(ctx, in)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	c, key, err := h.credentialOf(ctx, in, &s)
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	request, err := h.dialOf(ctx, &s, c)
	if err != nil {
		return request, err
	}
	if request.Target.Sealed, err = h.sealedOf(ctx, &in.rows, &s); err != nil {
		return request, err
	}
	request.Target.RenewToken, request.Target.OtherCA = in.RenewToken, otherCA
	return request, useClientCertificate(&in.connectionInput, &s, key, &request.Target)
}

// serviceOf is the saved service with what the request says put over it. OtherCA says
// that it brings certificates which whoever asks may not save.
func (h *Handler) serviceOf(ctx context.Context, in *sessionInput) (s bridge.Service, otherCA bool, err error) {
	s = newService()
	switch {
	case in.Service != "":
		if s, err = h.service(ctx, in.Service); err != nil {
			return s, false, err
		}
	case in.Address == nil:
		return s, false, reply.Bad("missing_field", "address")
	}
	saved, person, before := s.CAPEM, identity.Of(ctx), s
	if s.ID != "" {
		in.rows.saved = &before
	}
	err = in.apply(&s)
	return s, s.CAPEM != "" && s.CAPEM != saved && !changesService(&person, &s), err
}

// credentialOf is the credential to dial with, and the key of a client certificate that
// is kept. Secrets that the request leaves out come from the service, when both have one
// kind.
func (h *Handler) credentialOf(ctx context.Context, in *sessionInput, s *bridge.Service) (c sign.Credential, key vault.Secret, err error) {
	c, given, err := in.credential()
	if err != nil {
		return c, key, err
	}
	entered := c
	_, hasKey := s.Secrets[dial.ClientKeyField]
	ofOneKind := !given || c.Kind == s.Credential.Kind
	if s.ID != "" && (ofOneKind || hasKey) {
		saved, err := h.Store.Credential(ctx, s.ID)
		if err != nil {
			return c, key, h.errors.MapNotFound(err, "service_not_found")
		}
		key = saved.Secrets[dial.ClientKeyField]
		delete(saved.Secrets, dial.ClientKeyField)
		saved = withoutRows(saved)
		if !given {
			c = saved
		}
		if ofOneKind {
			c = c.WithSaved(saved)
		}
	}
	if err := c.Validate(); err != nil {
		return c, key, err
	}
	return c, key, entered.CheckEntered()
}

// dialOf is what the hub is asked for.
func (h *Handler) dialOf(ctx context.Context, s *bridge.Service, c sign.Credential) (bridge.OpenRequest, error) {
	u, err := s.URL()
	if err != nil {
		return bridge.OpenRequest{}, err
	}
	if s.SkipVerify && !h.maySkipVerify(ctx) {
		return bridge.OpenRequest{}, reply.Bad("skip_verify_refused", "tls.skip_verify")
	}
	person := identity.Of(ctx)
	request := bridge.OpenRequest{
		Target: dial.Request{
			URL: u, Headers: bridge.Enabled(s.Headers), Subprotocols: s.Subprotocols, Credential: c,
			Compression: s.Compression, CAPEM: s.CAPEM, SkipVerify: s.SkipVerify,
		},
		PingInterval: s.PingInterval, PongTimeout: s.PongTimeout, MaxMessageBytes: s.MaxMessageBytes, OpenedBy: person.Name,
		PersonID: person.ID, Access: bridge.Access{Owner: person.ID, OwnerName: person.Name, Rights: bridge.Watch},
	}
	if s.ID != "" {
		request.Service = s
	}
	return request, nil
}
