package dial

import "duplex/bridge/frames"

// Conn is an open connection to a target. It masks the secrets of the request in the
// close reason that it reads.
type Conn struct {
	*frames.Link

	secrets *redactor
}

// Mask returns text with every secret of the request masked, for a diagnosis that quotes
// a message. Messages themselves are not masked.
func (c *Conn) Mask(text string) string { return c.secrets.text(text) }
