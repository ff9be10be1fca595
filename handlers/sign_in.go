package handlers

import (
	"net/http"

	"duplex/handlers/identity"
	"duplex/handlers/reply"
	"duplex/views"
)

// signIn sends a person to sign in, and behind a proxy, which has done that, to
// where they wanted to go.
func (h *Handler) signIn(w http.ResponseWriter, r *http.Request) error {
	address, err := h.Identity.SignIn(w, r, r.URL.Query().Get("back"))
	if err != nil {
		return err
	}
	http.Redirect(w, r, address, http.StatusFound) //nolint:gosec // the provider's, or what identity.Back has made a path of ours
	return nil
}

// signInFinish takes a person back from the provider.
func (h *Handler) signInFinish(w http.ResponseWriter, r *http.Request) error {
	back, err := h.Identity.FinishSignIn(w, r)
	if err != nil {
		return err
	}
	http.Redirect(w, r, back, http.StatusFound)
	return nil
}

// pageSignedIn is where a window ends that was opened to sign in again.
func (h *Handler) pageSignedIn(w http.ResponseWriter, r *http.Request) error {
	return h.notice(w, r, "signed_in", "")
}

// pageSignedOut is for people who have signed out.
func (h *Handler) pageSignedOut(w http.ResponseWriter, r *http.Request) error {
	return h.notice(w, r, "signed_out", "/sign-in")
}

func (h *Handler) notice(w http.ResponseWriter, r *http.Request, name, link string) error {
	if err := h.built(); err != nil {
		return err
	}
	t := h.reply.Catalogue(w, r)
	title := t.Say("identity."+name, nil)
	return h.render(w, r, http.StatusOK, views.Notice(views.NoticeModel{
		Shell: h.shell(r, t, title), Name: name, Heading: title, Message: t.Say("identity."+name+".message", nil),
		Link: link, LinkText: t.Say("identity.sign_in", nil),
	}))
}

// signOut signs the person out: in this browser, or everywhere. The answer says
// where the page goes on, to end the sign-in of the provider too.
func (h *Handler) signOut(w http.ResponseWriter, r *http.Request) error {
	var in struct {
		Everywhere bool `json:"everywhere"`
	}
	if err := reply.Decode(w, r, &in); err != nil {
		return err
	}
	person := identity.Of(r.Context())
	if in.Everywhere {
		if err := h.Identity.SignOutEverywhere(r, &person, person.ID); err != nil {
			return err
		}
	}
	location, err := h.Identity.SignOut(w, r, &person)
	if err != nil {
		return err
	}
	return reply.JSON(w, http.StatusOK, map[string]string{"location": location})
}
