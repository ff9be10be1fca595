package diagnose

import (
	"errors"
	"strings"

	"duplex/bridge/frames"
)

// by returns the side that refused or ended the connection; "" when none did.
func (c *clues) by() By {
	switch {
	case c.Closing != nil:
		return c.endedBy()
	case c.proxy() != nil:
		return ByProxy
	case c.status == 0:
		return ""
	case c.values["from_container"] != "":
		return ByContainer
	case strings.HasPrefix(c.answer.code, "APIG.") || strings.HasPrefix(c.answer.code, "ModelArts."):
		return ByGateway
	}
	return ByService
}

func (c *clues) endedBy() By {
	e := c.Closing
	_, failed := errors.AsType[*frames.RuleError](e.Err)
	switch {
	case e.ByUs || e.GaveUp || e.Unrecorded || e.Interrupted != nil || failed:
		return ByDuplex
	case e.Clean:
		return ByService
	}
	return ByNetwork
}
