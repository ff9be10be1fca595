package demo

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// emptyHash is the SHA-256 of the empty body of a handshake.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// maxExpires is the longest life of a presigned URL, in seconds: a week.
const maxExpires = 7 * 24 * 60 * 60

// awsSignature holds the parameters of a signature, from headers or from a presigned
// URL.
type awsSignature struct {
	credential string // AK/date/region/service/aws4_request
	date       string // X-Amz-Date
	signed     string // host;x-amz-date
	token      string // X-Amz-Security-Token
	expires    string // of a presigned URL, in seconds
	presigned  bool
}

// admitSigV4 checks AWS Signature Version 4, in headers or as a presigned URL, by
// signing the received request again (AWS IAM user guide, "Signature Version 4 for API
// requests"). It refuses with 403, as Amazon API Gateway does.
func (d *Demo) admitSigV4(_ service, r *http.Request) *refusal {
	s := readSigV4(r)
	if s.credential == "" {
		return forbidden("MissingAuthenticationToken", "Missing Authentication Token")
	}
	at, err := time.Parse(sdkDate, s.date)
	if err != nil {
		return forbidden("IncompleteSignature", "The date of the signature is missing or malformed")
	}
	if !s.fresh(at, d.now()) {
		return forbidden("InvalidSignature", "Signature expired: "+s.date+" is not within the window of "+d.now().UTC().Format(sdkDate))
	}
	if access, _, _ := strings.Cut(s.credential, "/"); access != AWSAccessKey {
		return forbidden("UnrecognizedClient", "The security token included in the request is invalid.")
	}
	if !s.matches(r, at) {
		return forbidden("InvalidSignature", "The request signature we calculated does not match the signature you provided.")
	}
	return nil
}

func readSigV4(r *http.Request) awsSignature {
	if q := wireQuery(r); q.Has("X-Amz-Signature") {
		return awsSignature{
			credential: q.Get("X-Amz-Credential"), date: q.Get("X-Amz-Date"), signed: q.Get("X-Amz-SignedHeaders"),
			token: q.Get("X-Amz-Security-Token"), expires: q.Get("X-Amz-Expires"), presigned: true,
		}
	}
	s := awsSignature{date: r.Header.Get("X-Amz-Date"), token: r.Header.Get("X-Amz-Security-Token")}
	rest, found := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !found {
		return s
	}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			s.credential = value
		case "SignedHeaders":
			s.signed = value
		}
	}
	return s
}

// fresh checks the clock window, and of a presigned URL how long it is good for.
func (s awsSignature) fresh(at, now time.Time) bool {
	if !s.presigned {
		return now.Sub(at).Abs() <= clockWindow
	}
	seconds, err := strconv.Atoi(s.expires)
	age := now.Sub(at)
	return err == nil && seconds <= maxExpires && age >= -clockWindow && age <= time.Duration(seconds)*time.Second
}

// matches reports whether a copy of the request, signed again, has the same signature.
func (s awsSignature) matches(r *http.Request, at time.Time) bool {
	scope := strings.Split(s.credential, "/")
	if len(scope) != 5 || scope[1] != at.Format("20060102") || scope[2] != Region || scope[3] != AWSService {
		return false
	}
	unsigned, err := s.unsigned(r)
	if err != nil {
		return false
	}
	keys := aws.Credentials{AccessKeyID: AWSAccessKey, SecretAccessKey: AWSSecretKey, SessionToken: s.token}
	ctx := context.WithoutCancel(r.Context()) // nothing is sent
	if !s.presigned {
		err = v4.NewSigner().SignHTTP(ctx, keys, unsigned, emptyHash, scope[3], scope[2], at)
		return err == nil && same(unsigned.Header.Get("Authorization"), r.Header.Get("Authorization"))
	}
	signed, _, err := v4.NewSigner().PresignHTTP(ctx, keys, unsigned, emptyHash, scope[3], scope[2], at)
	if err != nil {
		return false
	}
	u, err := url.Parse(signed)
	return err == nil && same(u.Query().Get("X-Amz-Signature"), wireQuery(r).Get("X-Amz-Signature"))
}

// unsigned returns the request as its signer had it: without the parts that signing
// added, and with the signed headers only.
func (s awsSignature) unsigned(r *http.Request) (*http.Request, error) {
	u, err := url.ParseRequestURI(r.RequestURI)
	if err != nil {
		return nil, err
	}
	u.Scheme, u.Host = "http", r.Host
	query := u.Query()
	query.Del("X-Amz-Signature")
	u.RawQuery = query.Encode()
	header := http.Header{}
	for name := range strings.SplitSeq(s.signed, ";") {
		if values := r.Header.Values(name); len(values) > 0 {
			header[http.CanonicalHeaderKey(name)] = values
		}
	}
	return &http.Request{Method: r.Method, URL: u, Host: r.Host, Header: header}, nil
}

func forbidden(kind, message string) *refusal {
	return &refusal{
		status: http.StatusForbidden, message: message,
		header: map[string]string{"X-Amzn-Errortype": kind + "Exception"},
	}
}
