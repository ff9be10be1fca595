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

// RecordDial records a dial before it begins, with the names of the saved secrets that
// the target gets. It sets the id of the session, so that the entry can name it.
func (l *Log) RecordDial(ctx context.Context, action audit.Action, request *bridge.OpenRequest, own sign.Credential) (audit.Object, error) {
	request.ID = l.NewID()
	object := audit.Object{Session: request.ID, Target: dial.HostOf(request.Target.URL)}
	if action == audit.ConnectionTest { // it becomes no session
		object.Session = ""
	}
	entries := []audit.Entry{{Action: action}}
	var names []string
	if s := request.Service; s != nil {
		object.Service, object.ServiceName = s.ID, s.Name
		names = savedSecrets(s, request.Target.Credential, own)
		if _, kept := request.Target.ClientKey.Binding(); kept {
			names = append(names, dial.ClientKeyField)
		}
		for _, row := range request.Target.Sealed {
			if _, bound := row.Value.Binding(); bound {
				names = append(names, row.Field)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(request.Target.Secrets)) {
		names = append(names, dial.EnvironmentField+name)
	}
	if len(names) > 0 {
		entries = append(entries, audit.Entry{Action: audit.SecretUse, Detail: strings.Join(names, ", ")})
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

// NoteRefusedDial records a dial that failed. One that the policy blocked becomes the
// action policy.denied.
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

// NoteRelayEnd records the numbers of messages of a relay. Nothing else is stored of a
// relay that is not recorded.
func (l *Log) NoteRelayEnd(ctx context.Context, info *bridge.Info) {
	detail := fmt.Sprintf("sent %d, received %d", info.Counts.Sent, info.Counts.Received)
	l.Note(ctx, audit.Entry{Action: audit.RelayClose, Object: SessionObject(info), Detail: detail})
}

// RecordReading records that a person reads the messages of a session: at most once an
// hour, and not for a session that they opened within the last hour.
func (l *Log) RecordReading(ctx context.Context, info *bridge.Info) error {
	entry := audit.Entry{Action: audit.TranscriptRead, Object: SessionObject(info)}
	if info.Access.Owner != identity.Of(ctx).ID {
		entry.Action = audit.Share
	}
	return l.recordHourly(ctx, readingKeyOf(info.ID, entry.Action), entry)
}

// MarkOwnReading keeps RecordReading from recording that the opener reads their new
// session.
func (l *Log) MarkOwnReading(ctx context.Context, session string) {
	l.recent.addFirst(recentKeyOf(ctx, readingKeyOf(session, audit.TranscriptRead)), l.Now())
}

func readingKeyOf(session string, action audit.Action) string { return string(action) + " " + session }
