package handlers

import (
	"github.com/prometheus/client_golang/prometheus"

	"duplex/handlers/api"
	"duplex/handlers/auditlog"
	"duplex/handlers/connection"
	"duplex/handlers/live"
	"duplex/handlers/load"
	"duplex/handlers/pages"
	"duplex/handlers/quota"
	"duplex/handlers/reply"
	"duplex/handlers/shape"
)

// New returns the console's handler.
func New(o Options) *Handler {
	if o.Metrics == nil {
		o.Metrics = prometheus.NewRegistry()
	}
	h := &Handler{Options: o, requests: newRequests(o.Metrics), transfer: reply.NewTransfer(o.BodyTime, o.AnswerTime)}
	h.errors = &reply.Mapper{StoreErrors: o.StoreErrors, StoreCondition: o.Condition}
	h.reply = &reply.Responder{Errors: h.errors, Text: o.Text, Log: o.Log}
	h.parts = h.newParts()
	o.Metrics.MustRegister(newHubCollector(o.Hub, o.Identity, h.viewers.Slow))
	h.reply.Page = h.pages.Problem
	h.router = h.routes()
	return h
}

// newParts gives each part its dependencies, and connects the audit log to the identity
// guard.
func (h *Handler) newParts() parts {
	loader := &load.Loader{Hub: h.Hub, Store: h.Store, Identity: h.Identity, Errors: h.errors}
	log := &auditlog.Log{Entries: h.Audit, Log: h.Log, Now: h.Now, NewID: h.NewID, Errors: h.errors}
	if h.Identity != nil {
		h.Identity.Audit = log.NoteIdentityEvent
	}
	open := &quota.Quota{Hub: h.Hub, Identity: h.Identity, MaxOpen: h.MaxOpen}
	builder := &connection.Builder{Store: h.Store, Load: loader, Errors: h.errors, Now: h.Now, AllowSkipVerify: h.AllowSkipVerify}
	readers := &shape.Readers{Reply: h.reply, Dialect: loader.RowDialect}
	logs := &api.LogSearch{Store: h.Store, Turns: h.Store, Errors: h.errors, Now: h.Now}
	sessions := &api.Sessions{
		Hub: h.Hub, Store: h.Store, Load: loader, Connect: builder, Quota: open, Audit: log, Readers: readers, Errors: h.errors, Log: h.Log,
	}
	tickets := &live.Tickets{
		Identity: h.Identity, Load: loader, Audit: log, Reply: h.reply, PublicOrigins: h.PublicOrigins, Identify: h.identify,
	}
	return parts{
		pages: &pages.Pages{
			Store: h.Store, Identity: h.Identity, Load: loader, Audit: log, Readers: readers, Reply: h.reply, Errors: h.errors,
			Assets: h.Assets, Text: h.Text, Version: h.Version, PublicOrigins: h.PublicOrigins, Settings: h.Settings, Retention: h.Retention,
			AllowSkipVerify: h.AllowSkipVerify, Now: h.Now,
		},
		services: &api.Services{
			Hub: h.Hub, Store: h.Store, Identity: h.Identity, Load: loader, Connect: builder, Audit: log, Errors: h.errors,
		},
		turns:        &api.Turns{Hub: h.Hub, Store: h.Store, Load: loader, Audit: log, Readers: readers, Errors: h.errors},
		course:       &api.Course{Store: h.Store, Load: loader, Audit: log, Now: h.Now},
		asking:       &api.Asking{Sessions: sessions, Load: loader, Reply: h.reply, Errors: h.errors},
		audio:        &api.Audio{Load: loader, Reply: h.reply, Errors: h.errors},
		environments: &api.Environments{Store: h.Store, Audit: log, Errors: h.errors},
		folders:      &api.Folders{Store: h.Store, Load: loader, Audit: log},
		dialects:     &api.Dialects{Store: h.Store, Audit: log, Reply: h.reply, Errors: h.errors},
		saved:        &api.Saved{Store: h.Store, Load: loader, Errors: h.errors},
		sessions:     sessions,
		history:      &api.History{Sessions: sessions, Load: loader},
		deletions:    &api.Deletions{Sessions: sessions, Identity: h.Identity, NewID: h.NewID, Now: h.Now, Wait: h.UndoTime},
		messages:     &api.Messages{Hub: h.Hub, Store: h.Store, Load: loader, Audit: log, Logs: logs, Errors: h.errors},
		search:       &api.Search{Store: h.Store, Load: loader, Audit: log, Logs: logs, Readers: readers, Now: h.Now},
		tokens:       &api.Tokens{Identity: h.Identity, Load: loader, Now: h.Now},
		people:       &api.People{Identity: h.Identity, Load: loader, Now: h.Now},
		audit:        &api.Audit{Audit: log, Log: h.Log},
		viewers: &live.Viewers{
			Hub: h.Hub, Store: h.Store, Identity: h.Identity, Load: loader, Quota: open, Audit: log, Readers: readers, Errors: h.errors,
			Sockets: &h.sockets, Log: h.Log, PublicOrigins: h.PublicOrigins, NewID: h.NewID, CloseSession: sessions.CloseSession,
		},
		relays: &live.Relays{
			Hub: h.Hub, Identity: h.Identity, Load: loader, Connect: builder, Quota: open, Audit: log, Tickets: tickets, Errors: h.errors,
			Sockets: &h.sockets, Log: h.Log, PublicOrigins: h.PublicOrigins, RelayOrigins: h.RelayOrigins,
		},
		tickets: tickets,
	}
}
