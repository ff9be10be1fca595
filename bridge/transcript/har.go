package transcript

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"duplex/bridge/dial"
)

var _ = register(Format{Name: "har", ContentType: "application/json", Write: WriteHAR})

// The parts of HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/) that a
// handshake has. Fields that begin with "_" are extensions, which the format
// allows; the ones here are those of Chrome DevTools.
type (
	harEntry struct {
		ResourceType    string      `json:"_resourceType"`
		StartedDateTime string      `json:"startedDateTime"`
		Time            float64     `json:"time"` // milliseconds
		Request         harRequest  `json:"request"`
		Response        harResponse `json:"response"`
		Cache           struct{}    `json:"cache"`
		Timings         harTimings  `json:"timings"`
		ServerIPAddress string      `json:"serverIPAddress,omitempty"`
	}
	harRequest struct {
		Method      string      `json:"method"`
		URL         string      `json:"url"`
		HTTPVersion string      `json:"httpVersion"`
		Cookies     []struct{}  `json:"cookies"`
		Headers     []dial.Pair `json:"headers"`
		QueryString []dial.Pair `json:"queryString"`
		HeadersSize int         `json:"headersSize"` // -1: not known
		BodySize    int         `json:"bodySize"`
	}
	harResponse struct {
		Status      int         `json:"status"`
		StatusText  string      `json:"statusText"`
		HTTPVersion string      `json:"httpVersion"`
		Cookies     []struct{}  `json:"cookies"`
		Headers     []dial.Pair `json:"headers"`
		Content     harContent  `json:"content"`
		RedirectURL string      `json:"redirectURL"`
		HeadersSize int         `json:"headersSize"`
		BodySize    int         `json:"bodySize"`
	}
	harContent struct {
		Size     int    `json:"size"`
		MIMEType string `json:"mimeType"`
	}
	// In milliseconds; -1 says that a step did not happen.
	harTimings struct {
		DNS     float64 `json:"dns"`
		Connect float64 `json:"connect"` // includes SSL
		SSL     float64 `json:"ssl"`
		Send    float64 `json:"send"`
		Wait    float64 `json:"wait"`
		Receive float64 `json:"receive"`
	}
	harMessage struct {
		Type     string      `json:"type"`   // "send" or "receive"
		Time     json.Number `json:"time"`   // seconds since 1970
		Opcode   int         `json:"opcode"` // of RFC 6455 section 5.2
		Data     string      `json:"data"`
		Encoding string      `json:"_encoding,omitempty"` // "base64" when a text message is not UTF-8
	}
)

// WriteHAR writes the session as an HTTP archive with one entry: the handshake,
// and its messages as Chrome DevTools writes them. Events have no place in it.
func WriteHAR(w io.Writer, head Head, messages iter.Seq2[Message, error]) error {
	out := bufio.NewWriter(w)
	if err := writeHARMessages(out, head, messages); err != nil {
		return fmt.Errorf("export har: %w", err)
	}
	return out.Flush()
}

// writeHARMessages writes everything around the messages by hand, so that they
// can be written one by one.
func writeHARMessages(out *bufio.Writer, head Head, messages iter.Seq2[Message, error]) error {
	entry, err := json.Marshal(harEntryOf(head))
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(out, `{"log":{"version":"1.2","creator":{"name":"Duplex","version":"1"},"entries":[%s,"_webSocketMessages":[`,
		entry[:len(entry)-1])
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	separator := "\n"
	for m, err := range messages {
		if err != nil {
			return err
		}
		if m.Direction == Event {
			continue
		}
		_, _ = out.WriteString(separator)
		if err := writeHARMessage(out, enc, &m); err != nil {
			return err
		}
		separator = ","
	}
	_, _ = out.WriteString("]")
	for i := range head.Turns {
		before := ","
		if i == 0 {
			before = `,"_turns":[`
		}
		_, _ = fmt.Fprintf(out, "%s\n%s", before, head.Turns[i].JSON)
	}
	if len(head.Turns) > 0 {
		_, _ = out.WriteString("]")
	}
	_, err = out.WriteString("}]}}\n")
	return err
}

func writeHARMessage(out *bufio.Writer, enc *json.Encoder, m *Message) error {
	us := m.At.UnixMicro()
	h := harMessage{Type: "receive", Opcode: 1, Time: json.Number(fmt.Sprintf("%d.%06d", us/1e6, us%1e6))}
	if m.Direction == Sent {
		h.Type = "send"
	}
	text := m.Opcode != Binary
	if !text {
		h.Opcode = 2
	} else {
		var err error
		if text, err = m.isUTF8(); err != nil {
			return err
		}
		if !text {
			h.Encoding = "base64"
		}
	}
	switch {
	case m.Large != nil:
		return encodeLarge(out, h, "data", m, text)
	case text:
		h.Data = string(m.Payload)
	default:
		h.Data = base64.StdEncoding.EncodeToString(m.Payload)
	}
	return enc.Encode(h)
}

func harEntryOf(head Head) harEntry {
	r := head.Report
	address := r.URL
	if address == "" {
		address = head.Address
	}
	return harEntry{
		ResourceType:    "websocket",
		StartedDateTime: head.OpenedAt.UTC().Format(time.RFC3339Nano),
		Time:            milliseconds(r.Phases.Total),
		Request: harRequest{
			Method: http.MethodGet, URL: address, HTTPVersion: "HTTP/1.1", Cookies: []struct{}{},
			Headers: pairs(r.RequestHeader), QueryString: queryPairs(address), HeadersSize: -1,
		},
		Response: harResponse{
			Status: r.Status, StatusText: http.StatusText(r.Status), HTTPVersion: "HTTP/1.1", Cookies: []struct{}{},
			Headers: pairs(r.ResponseHeader), HeadersSize: -1,
		},
		Timings: harTimings{
			DNS:     optional(r.Phases.DNS),
			Connect: optional(r.Phases.TCP + r.Phases.Proxy + r.Phases.TLS),
			SSL:     optional(r.Phases.TLS),
			Wait:    milliseconds(r.Phases.Upgrade),
		},
		ServerIPAddress: addressOf(r.RemoteAddr),
	}
}

// pairs makes sure that JSON has [] and not null: the format requires a list.
func pairs(p []dial.Pair) []dial.Pair {
	if p == nil {
		return []dial.Pair{}
	}
	return p
}

// queryPairs keeps the order of the address, which url.Values would lose.
func queryPairs(address string) []dial.Pair {
	out := []dial.Pair{}
	_, query, _ := strings.Cut(address, "?")
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, dial.Pair{Name: dial.PlainText(name), Value: dial.PlainText(value)})
	}
	return out
}

// addressOf leaves the port out: the format wants the address alone.
func addressOf(remote string) string {
	if a, err := netip.ParseAddrPort(remote); err == nil {
		return a.Addr().String()
	}
	return remote
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func optional(d time.Duration) float64 {
	if d == 0 {
		return -1
	}
	return milliseconds(d)
}
