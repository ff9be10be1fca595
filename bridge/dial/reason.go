package dial

// Reason is the code of a refused address, connection or client certificate: the field of
// an AddressError, a BlockedError or a ClientCertificateError. People read the sentence
// "evidence.reason.<reason>" of the catalogue.
type Reason string

// Reasons of an AddressError.
const (
	ReasonMalformed     Reason = "malformed"        // no URL, or one without a host
	ReasonScheme        Reason = "scheme"           // neither ws, wss, http nor https
	ReasonUserinfo      Reason = "userinfo"         // user@host hides the host from a reader
	ReasonFragment      Reason = "fragment"         // RFC 6455 section 3 forbids it
	ReasonBadCharacters Reason = "bad-characters"   // spaces, control characters, backslashes, invalid UTF-8
	ReasonHost          Reason = "host"             // not a DNS name, or IDNA cannot convert it
	ReasonPercent       Reason = "percent"          // a "%" in the path that begins no escape
	ReasonNumber        Reason = "ambiguous-number" // an IP address to some parsers and a name to others
	ReasonPort          Reason = "port"             // empty, 0 or above 65535; in a BlockedError a port that the policy refuses
	ReasonZone          Reason = "zone"             // an IPv6 zone names an interface of this host; in a BlockedError too
)

// Reasons of a BlockedError, beside ReasonPort and ReasonZone.
const (
	ReasonHostNotListed Reason = "host-not-listed"
	ReasonHostDenied    Reason = "host-denied"
	ReasonNetwork       Reason = "network" // not TCP
	ReasonMetadata      Reason = "metadata"
	ReasonSelf          Reason = "self"
	ReasonThisNetwork   Reason = "this-network"
	ReasonLoopback      Reason = "loopback"
	ReasonLinkLocal     Reason = "link-local"
	ReasonMulticast     Reason = "multicast"
	ReasonReserved      Reason = "reserved"
	ReasonEmbeddedIPv4  Reason = "embedded-ipv4"
	ReasonDenied        Reason = "denied-by-policy"
	ReasonPrivate       Reason = "private"
)

// Reasons of a ClientCertificateError.
const (
	ReasonNoCertificate  Reason = "client-certificate-missing"    // a key without a certificate
	ReasonBadCertificate Reason = "client-certificate-unreadable" // no certificate in PEM
	ReasonNoKey          Reason = "client-key-missing"            // a certificate without its key
	ReasonBadKey         Reason = "client-key-unreadable"         // no private key in PEM
	ReasonEncryptedKey   Reason = "client-key-encrypted"          // the key needs a password
	ReasonOtherKey       Reason = "client-key-of-another"         // the key does not belong to the certificate
)

// Reasons returns every Reason.
func Reasons() []Reason {
	return []Reason{
		ReasonMalformed, ReasonScheme, ReasonUserinfo, ReasonFragment, ReasonBadCharacters, ReasonHost, ReasonPercent, ReasonNumber, ReasonPort, ReasonZone,
		ReasonHostNotListed, ReasonHostDenied, ReasonNetwork, ReasonMetadata, ReasonSelf, ReasonThisNetwork, ReasonLoopback, ReasonLinkLocal,
		ReasonMulticast, ReasonReserved, ReasonEmbeddedIPv4, ReasonDenied, ReasonPrivate,
		ReasonNoCertificate, ReasonBadCertificate, ReasonNoKey, ReasonBadKey, ReasonEncryptedKey, ReasonOtherKey,
	}
}
