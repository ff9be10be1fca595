package demo

import (
	"fmt"
	"net/http"
	"strings"
)

// realm holds the messages of the gateway for one kind of key: an IAM user's or an
// app's.
type realm struct {
	code     string // of every refusal but the algorithm's
	who      string // "IAM" or "app"
	unknown  string // message for a key that does not exist; %s is the key
	mismatch string // message for a wrong signature
}

func iamRealm() realm {
	return realm{"APIG.0301", "IAM", "Get secretKey failed, ak:%s, err:ak not exist", "verify aksk signature fail"}
}

func appRealm() realm {
	return realm{"APIG.0303", "app", "app not found, appkey %s", "verify signature fail"}
}

func (m realm) refuse(format string, args ...any) *refusal {
	return unauthorized(m.code, "Incorrect "+m.who+" authentication information: "+fmt.Sprintf(format, args...))
}

// admitAccessKey checks a signature by an access key. Wrong ones lock the key.
func (d *Demo) admitAccessKey(s service, r *http.Request) *refusal {
	signed, refused := d.readFresh(iamRealm(), r)
	if refused != nil {
		return refused
	}
	secret, token, found := accessKey(signed.access)
	switch {
	case !found:
		return iamRealm().refuse(iamRealm().unknown, signed.access)
	case d.locks.locked(signed.access, d.now()):
		return iamRealm().refuse("AK access failed to reach the limit, forbidden")
	case s.v11Only && signed.algorithm != algorithmV11:
		return unauthorized("APIG.0624", "The signature algorithm is not supported, use "+algorithmV11)
	case token != "" && !same(r.Header.Get("X-Security-Token"), token):
		return iamRealm().refuse("verify security token fail")
	}
	if refused := checkSignature(iamRealm(), signed, secret, r); refused != nil {
		d.locks.failed(signed.access, d.now())
		return refused
	}
	d.locks.passed(signed.access)
	return nil
}

// accessKey looks up the secret of an access key, and the security token that a
// temporary one is used with.
func accessKey(access string) (secret, token string, found bool) {
	switch access {
	case AccessKey:
		return SecretKey, "", true
	case TemporaryKey:
		return SecretKey, SecurityToken, true
	default:
		return "", "", false
	}
}

// admitAppSignature checks a signature by an AppKey and its secret.
func (d *Demo) admitAppSignature(_ service, r *http.Request) *refusal {
	signed, refused := d.readFresh(appRealm(), r)
	if refused != nil {
		return refused
	}
	for _, a := range apps() {
		if a.key != signed.access {
			continue
		}
		if refused := checkSignature(appRealm(), signed, a.secret, r); refused != nil {
			return refused
		}
		return unlessBound(a)
	}
	return appRealm().refuse(appRealm().unknown, signed.access)
}

// readFresh reads a signature and checks its date.
func (d *Demo) readFresh(m realm, r *http.Request) (signature, *refusal) {
	authorization := r.Header.Get("Authorization")
	if authorization == "" || strings.HasPrefix(authorization, "Bearer ") || strings.HasPrefix(authorization, "Basic ") {
		return signature{}, missing(r, "APIG.0305", "Incorrect authentication information: no signature in the request header")
	}
	signed, err := readSignature(r)
	if err != nil {
		return signed, m.refuse("%v", err)
	}
	if now := d.now().UTC(); !signed.fresh(now) {
		return signed, m.refuse("signature expired, signature time:%s, server time:%s", signed.date, now.Format(sdkDate))
	}
	return signed, nil
}

// checkSignature compares a signature with the expected one. The refusal shows the
// canonical request, as the gateway's does: it helps to find the error in a signer.
func checkSignature(m realm, signed signature, secret string, r *http.Request) *refusal {
	canonical := signed.canonical(r)
	scoped := signed.algorithm != algorithmV11 || signed.wellScoped()
	if scoped && same(signed.value, signed.expected(secret, canonical)) {
		return nil
	}
	if signed.algorithm == algorithmV11 {
		m.code = "APIG.0624"
	}
	return m.refuse("%s, canonicalRequest:%s", m.mismatch, strings.ReplaceAll(canonical, "\n", "|"))
}
