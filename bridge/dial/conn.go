package dial

import "duplex/bridge/frames"

// Conn is an open connection to a target. A close reason that echoes a secret of the
// request comes out of it masked: nothing behind a Conn ever sees the secret.
type Conn struct {
	*frames.Conn

	secrets *redactor
}

// maxCloseReason is the length of a close reason, in bytes, RFC 6455 sections 5.5
// and 5.5.1.
const maxCloseReason = 123

// Mask returns text with every secret of the request masked, for an explanation that
// quotes a message. Messages themselves are kept as they came.
func (c *Conn) Mask(text string) string { return c.secrets.text(text) }
