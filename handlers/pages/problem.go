package pages

import (
	"context"
	"net/http"
	"strconv"

	"duplex/bridge/wire"
	"duplex/views"
)

// Problem is the page of an error.
func (h *Pages) Problem(w http.ResponseWriter, r *http.Request, status int, e *wire.Error) error {
	r = r.WithContext(context.WithoutCancel(r.Context())) // the page of a request that was ended is still sent
	t := h.Reply.Catalogue(w, r)
	heading := t.Say("page.problem."+strconv.Itoa(status), nil)
	return h.render(w, r, status, views.Problem(views.ProblemModel{
		Shell: h.shell(r, t, heading), Status: status, Heading: heading, Message: e.Message,
		SignIn: status == http.StatusUnauthorized,
	}))
}
