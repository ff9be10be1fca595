package pages

import (
	"net/http"

	"duplex/views"
)

// SignIn redirects a person to the sign-in; behind a proxy, which has signed them in, to
// the page that they asked for.
func (h *Pages) SignIn(w http.ResponseWriter, r *http.Request) error {
	address, err := h.Identity.SignIn(w, r, r.URL.Query().Get("back"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, address, http.StatusFound) //nolint:gosec // the provider's address, or a local path
	return nil
}

// FinishSignIn finishes a sign-in when the provider redirects the person back.
func (h *Pages) FinishSignIn(w http.ResponseWriter, r *http.Request) error {
	back, err := h.Identity.FinishSignIn(w, r)
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusFound) //nolint:gosec // a local path, checked when the sign-in began
	return nil
}

// SignedIn is the last page of a window that was opened to sign in again.
func (h *Pages) SignedIn(w http.ResponseWriter, r *http.Request) error {
	return h.renderNotice(w, r, "signed_in", "")
}

// SignedOut is the page after a sign-out.
func (h *Pages) SignedOut(w http.ResponseWriter, r *http.Request) error {
	return h.renderNotice(w, r, "signed_out", "/sign-in")
}

func (h *Pages) renderNotice(w http.ResponseWriter, r *http.Request, name, link string) error {
	if err := h.RequireAssets(); err != nil {
		return err
	}
	t := h.Reply.Catalogue(w, r)
	title := t.Say("identity."+name, nil)
	return h.render(w, r, http.StatusOK, views.Notice(views.NoticeModel{
		Shell: h.shell(r, t, title), Name: name, Heading: title, Message: t.Say("identity."+name+".message", nil),
		Link: link, LinkText: t.Say("identity.sign_in", nil),
	}))
}
