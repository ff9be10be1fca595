package demo

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// The algorithms of Huawei Cloud's gateways, by their names in Authorization.
const (
	algorithmSDK = "SDK-HMAC-SHA256"
	algorithmV11 = "V11-HMAC-SHA256"
)

const (
	sdkDate     = "20060102T150405Z"
	clockWindow = 15 * time.Minute
)

// signature holds the parameters of a signed request.
type signature struct {
	algorithm string
	access    string
	scope     string // of V11: "20261123/cn-north-4/apic"
	names     []string
	value     string // lower-case hex
	date      string // X-Sdk-Date
	at        time.Time
}

var errFormat = errors.New("format is incorrect")

// readSignature takes apart
//
//	SDK-HMAC-SHA256 Access=AK, SignedHeaders=a;b, Signature=hex
//	V11-HMAC-SHA256 Credential=AK/date/region/service, SignedHeaders=a;b, Signature=hex
func readSignature(r *http.Request) (signature, error) {
	algorithm, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	parts := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	s := signature{
		algorithm: algorithm, access: parts["Access"], value: parts["Signature"],
		names: strings.Split(strings.ToLower(parts["SignedHeaders"]), ";"),
		date:  strings.TrimSpace(r.Header.Get("X-Sdk-Date")),
	}
	if algorithm == algorithmV11 {
		s.access, s.scope, _ = strings.Cut(parts["Credential"], "/")
	}
	at, err := time.Parse(sdkDate, s.date)
	s.at = at
	known := algorithm == algorithmSDK || algorithm == algorithmV11
	if err != nil || !known || s.access == "" || s.value == "" || !slices.Contains(s.names, "x-sdk-date") {
		return s, errFormat
	}
	return s, nil
}

// fresh reports whether the signature was made within the gateway's window.
func (s signature) fresh(now time.Time) bool { return now.Sub(s.at).Abs() <= clockWindow }

// wellScoped reports whether a V11 scope names the day of X-Sdk-Date, a region and
// a service.
func (s signature) wellScoped() bool {
	parts := strings.Split(s.scope, "/")
	return len(parts) == 3 && strings.HasPrefix(s.date, parts[0]+"T") && parts[1] != "" && parts[2] != ""
}

// expected computes the signature of a canonical request by secret (Huawei Cloud,
// "Developer guide: API request signing", algorithm; for V11 the derived signer of
// its SDKs).
func (s signature) expected(secret, canonical string) string {
	sum := sha256.Sum256([]byte(canonical))
	lines := []string{s.algorithm, s.date}
	key := secret
	if s.algorithm == algorithmV11 {
		derived, err := hkdf.Key(sha256.New, []byte(secret), []byte(s.access), s.scope, sha256.Size)
		if err != nil {
			return ""
		}
		key = hex.EncodeToString(derived) // the key is the hex text, not the decoded bytes
		lines = append(lines, s.scope)
	}
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(strings.Join(append(lines, hex.EncodeToString(sum[:])), "\n")))
	return hex.EncodeToString(mac.Sum(nil))
}

// canonical returns the canonical request of r as it arrived.
func (s signature) canonical(r *http.Request) string {
	path, query := wireTarget(r)
	names := slices.Clone(s.names)
	slices.Sort(names)
	var headers strings.Builder
	for _, name := range names {
		for _, value := range wireHeader(r, name) {
			headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
		}
	}
	return strings.Join([]string{
		r.Method, wirePath(path), canonicalQuery(query), headers.String(), strings.Join(names, ";"), bodyHash(r),
	}, "\n")
}

// wireHeader returns the values of a header in order; Go keeps Host apart.
func wireHeader(r *http.Request, name string) []string {
	if name == "host" {
		return []string{r.Host}
	}
	values := slices.Clone(r.Header.Values(name))
	slices.Sort(values)
	return values
}

// wirePath decodes a path and encodes it again, with a slash at the end.
func wirePath(path string) string {
	decoded, err := url.PathUnescape(path)
	if err != nil {
		decoded = path
	}
	segments := strings.Split(decoded, "/")
	for i, segment := range segments {
		segments[i] = encode(segment)
	}
	return strings.TrimSuffix(strings.Join(segments, "/"), "/") + "/"
}

// canonicalQuery decodes a query, sorts it by name and then by value, and encodes
// it anew, always with "=".
func canonicalQuery(query string) string {
	var pairs [][]string
	for pair := range strings.SplitSeq(query, "&") {
		if pair != "" {
			name, value, _ := strings.Cut(pair, "=")
			pairs = append(pairs, []string{decode(name), decode(value)})
		}
	}
	slices.SortStableFunc(pairs, slices.Compare)
	var out []string
	for _, pair := range pairs {
		out = append(out, encode(pair[0])+"="+encode(pair[1]))
	}
	return strings.Join(out, "&")
}

// decode decodes a part of a query; a malformed part stays as it is.
func decode(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// encode keeps the unreserved characters of RFC 3986 section 2.3 and writes every
// other byte as %XX.
func encode(s string) string {
	const unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"
	var out strings.Builder
	for _, c := range []byte(s) {
		if strings.IndexByte(unreserved, c) >= 0 {
			out.WriteByte(c)
			continue
		}
		out.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
	}
	return out.String()
}

// bodyHash returns the hash of an empty body, or the header that replaces it
// (UNSIGNED-PAYLOAD).
func bodyHash(r *http.Request) string {
	if told := r.Header.Get("X-Sdk-Content-Sha256"); told != "" {
		return told
	}
	sum := sha256.Sum256(nil)
	return hex.EncodeToString(sum[:])
}
