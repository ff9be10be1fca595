// Package doctor checks what the program needs: settings, keys, database, names, clocks,
// the way out and the sign-in. It changes nothing, so it may run beside a server.
package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"duplex/web/internal/config"
)

// Check is the result of one check.
type Check struct {
	Name string `json:"check"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
	Fix  string `json:"fix,omitempty"` // what to do; "" when OK
}

// checkTime bounds one check.
const checkTime = 15 * time.Second

// Examine makes the checks in the order of a start.
func Examine(ctx context.Context, c *config.Config) []Check {
	checks := []Check{checkSettings(c)}
	database, inspection := checkDatabase(ctx, c)
	checks = append(checks, checkKeys(ctx, c, inspection, database.OK), database)
	checks = append(checks, checkNames(ctx, c)...)
	egress := checkEgress(ctx, c)
	issuer, ahead := checkIssuer(ctx, c)
	checks = append(checks, egress, issuer, checkClock(inspection, ahead, c), checkServer(ctx, c))
	return slices.DeleteFunc(checks, func(check Check) bool { return check == Check{} })
}

func checkSettings(c *config.Config) Check {
	set := 0
	for _, v := range c.InEffect {
		if v.Source != config.SourceDefault {
			set++
		}
	}
	return good("settings", "%d of %d are set, and go together", set, len(c.InEffect))
}

// Mistakes returns the check of settings that cannot be used, one for each mistake.
func Mistakes(err error) []Check {
	mistakes := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		mistakes = joined.Unwrap()
	}
	checks := make([]Check, len(mistakes))
	for i, mistake := range mistakes {
		checks[i] = bad("settings", mistake, `correct it; "duplex help settings" lists the settings`)
	}
	return checks
}

func good(name, format string, a ...any) Check {
	return Check{Name: name, OK: true, Says: fmt.Sprintf(format, a...)}
}

func bad(name string, err error, fix string) Check {
	return Check{Name: name, Says: strings.Join(strings.Fields(err.Error()), " "), Fix: fix} // some causes take several lines
}

// AllOK reports whether there is no problem.
func AllOK(checks []Check) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool { return !c.OK })
}

// WriteText writes a line for each check.
func WriteText(w io.Writer, checks []Check) error {
	for _, c := range checks {
		line := fmt.Sprintf("ok       %-9s %s\n", c.Name, c.Says)
		if !c.OK {
			line = fmt.Sprintf("problem  %-9s %s. To do: %s.\n", c.Name, c.Says, c.Fix)
		}
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes the checks as one object.
func WriteJSON(w io.Writer, checks []Check) error {
	return json.NewEncoder(w).Encode(struct {
		OK     bool    `json:"ok"`
		Checks []Check `json:"checks"`
	}{AllOK(checks), checks})
}
