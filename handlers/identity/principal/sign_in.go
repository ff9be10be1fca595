package principal

import (
	"time"

	"duplex/bridge/vault"
)

// SignIn is the sign-in of one person in one browser.
type SignIn struct {
	ID      string // hash of the value in the browser's cookie
	Person  string // ID
	Issuer  string
	Subject string
	Name    string
	Email   string
	Groups  []string
	Refresh vault.Secret // refresh token; empty when the provider gave none
	Made    time.Time
	Seen    time.Time
	Until   time.Time // end of the newest proof of identity
	Refused time.Time // when the provider refused to renew it; zero as long as it renews
	Ended   time.Time // when its person signed out; zero while it lasts
}
