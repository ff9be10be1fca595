package auditlog

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
	"duplex/bridge/sign"
	"duplex/handlers/identity"
	"duplex/handlers/reply"
)

// RecordDial writes that a target is about to be dialled and which saved secrets it gets.
// It gives the session its id, so that the entry can name it.
func (l *Log) RecordDial(ctx context.Context, action audit.Action, request *bridge.OpenRequest, own sign.Credential) (audit.Object, error) {
	request.ID = l.NewID()
	object := audit.Object{Session: request.ID, Target: dial.HostOf(request.Target.URL)}
	entries := []audit.Entry{{Action: action}}
	if s := request.Service; s != nil {
		object.Service, object.ServiceName = s.ID, s.Name
		names := savedSecrets(s, request.Target.Credential, own)
		if _, kept := request.Target.ClientKey.Binding(); kept {
			names = append(names, dial.ClientKeyField)
		}
		for _, row := range request.Target.Sealed {
			if _, bound := row.Value.Binding(); bound {
				names = append(names, row.Field)
			}
		}
		if len(names) > 0 {
			entries = append(entries, audit.Entry{Action: audit.SecretUse, Detail: strings.Join(names, ", ")})
		}
	}
	for i := range entries {
		entries[i].Object = object
	}
	return object, l.Record(ctx, entries...)
}

// savedSecrets names the secrets of s that c dials with.
func savedSecrets(s *bridge.Service, c, own sign.Credential) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.Secrets)) {
		if _, given := own.Secrets[name]; !given && !c.Secrets[name].IsZero() {
			names = append(names, name)
		}
	}
	return names
}

// NoteRefusedDial writes why a dial came to nothing: the policy did not let it, or
// whatever else.
func (l *Log) NoteRefusedDial(ctx context.Context, action audit.Action, object audit.Object, err error) {
	entry := audit.Entry{Action: action, Object: object}
	if l.Errors.MapError(err).Code != reply.CodeTargetBlocked {
		l.NoteFailed(ctx, entry, err)
		return
	}
	entry.Action, entry.Outcome, entry.Detail = audit.PolicyDenied, audit.Refused, "target_blocked"
	l.Note(ctx, entry)
}

// NoteClose writes that a person closed a session or relay.
func (l *Log) NoteClose(ctx context.Context, info *bridge.Info, code int) {
	l.Note(ctx, audit.Entry{Action: audit.SessionClose, Object: SessionObject(info), Detail: fmt.Sprint("code ", code)})
}

// NoteRelayEnd writes how much passed: of a relay that is not recorded nothing else
// is kept.
func (l *Log) NoteRelayEnd(ctx context.Context, info *bridge.Info) {
	detail := fmt.Sprintf("sent %d, received %d", info.Counts.Sent, info.Counts.Received)
	l.Note(ctx, audit.Entry{Action: audit.RelayClose, Object: SessionObject(info), Detail: detail})
}

// RecordReading writes that somebody reads the messages of a session: once an hour,
// and not when it is their own from just now.
func (l *Log) RecordReading(ctx context.Context, info *bridge.Info) error {
	entry := audit.Entry{Action: audit.TranscriptRead, Object: SessionObject(info)}
	if info.Access.Owner != identity.Of(ctx).ID {
		entry.Action = audit.Share
	}
	return l.recordHourly(ctx, readingOf(info.ID, entry.Action), entry)
}

// MarkOwnReading says that the opener's own reading of a session is no news, as long as it is
// their own.
func (l *Log) MarkOwnReading(ctx context.Context, session string) {
	l.recent.first(keyOf(ctx, readingOf(session, audit.TranscriptRead)), l.Now())
}

func readingOf(session string, action audit.Action) string { return string(action) + " " + session }
