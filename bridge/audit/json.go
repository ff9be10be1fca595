package audit

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"
)

// line is an entry as JSON, in the API and in exports.
type line struct {
	Seq         int64   `json:"seq"`
	AtUS        int64   `json:"at_us"` // microseconds since 1970
	At          string  `json:"at"`    // the same as RFC 3339, UTC
	PersonID    string  `json:"person_id"`
	PersonName  string  `json:"person_name"`
	Peer        string  `json:"peer"`
	Action      Action  `json:"action"`
	Session     string  `json:"session"`
	Service     string  `json:"service"`
	ServiceName string  `json:"service_name"`
	Target      string  `json:"target"`
	Outcome     Outcome `json:"outcome"`
	Detail      string  `json:"detail"`
	Request     string  `json:"request"`
	Key         string  `json:"key"`
	Prev        string  `json:"prev"`
	Hash        string  `json:"hash"`
	MAC         string  `json:"mac"`
}

// MarshalJSON implements json.Marshaler. It contains every hashed field.
func (e Entry) MarshalJSON() ([]byte, error) {
	return json.Marshal(line{
		Seq: e.Seq, AtUS: e.At.UnixMicro(), At: e.At.UTC().Format(time.RFC3339Nano),
		PersonID: e.Person.ID, PersonName: e.Person.Name, Peer: e.Peer, Action: e.Action,
		Session: e.Object.Session, Service: e.Object.Service, ServiceName: e.Object.ServiceName, Target: e.Object.Target,
		Outcome: e.Outcome, Detail: e.Detail, Request: e.Request,
		Key: e.Key, Prev: hex.EncodeToString(e.Prev), Hash: hex.EncodeToString(e.Hash), MAC: hex.EncodeToString(e.MAC),
	})
}

// WriteJSONL writes each entry as a JSON object on its own line.
func WriteJSONL(w io.Writer, entries iter.Seq2[Entry, error]) error {
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for e, err := range entries {
		if err == nil {
			err = encoder.Encode(e)
		}
		if err != nil {
			return fmt.Errorf("export audit log: %w", err)
		}
	}
	return out.Flush()
}
