package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"duplex/bridge/audit"
	"duplex/bridge/vault"
	"duplex/web/internal/config"
	"duplex/web/internal/store"
)

const auditUsage = `duplex audit verify [--since SEQ:HASH]   checks the whole log: exit code 0 when it is intact, 1 when it is not or cannot be told
duplex audit export                      prints it as JSON Lines
Both take the server's settings (--data, --database-url) and may run beside it.`

// auditCommand is "duplex audit": it looks at the log of this or another process and
// changes nothing in it.
func auditCommand(ctx context.Context, p process) int {
	verb, args := "", p.args[1:]
	if len(args) > 0 {
		verb, args = args[0], args[1:]
	}
	since, args, err := cutSince(args)
	if verb != "verify" && verb != "export" || err != nil {
		if err != nil {
			_, _ = fmt.Fprintln(p.stderr, err)
		}
		_, _ = fmt.Fprintln(p.stderr, auditUsage)
		return 2
	}
	c, code, ok := p.settings(args, "duplex audit does not run")
	if !ok {
		return code
	}
	st, err := openLedger(ctx, c)
	if err == nil {
		if verb == "verify" {
			err = verifyAudit(ctx, st, since, p.stdout)
		} else {
			err = audit.WriteJSONL(p.stdout, st.AuditEntries(ctx, audit.Filter{}))
		}
		err = errors.Join(err, st.Close())
	}
	if err != nil {
		_, _ = fmt.Fprintf(p.stderr, "duplex audit: %v\n", err)
		return 1
	}
	return 0
}

// cutSince takes --since out of the flags, which are those of the server otherwise.
func cutSince(args []string) (since audit.Point, rest []string, err error) {
	for i := 0; i < len(args); i++ {
		name, value, together := strings.Cut(args[i], "=")
		if name != "--since" && name != "-since" {
			rest = append(rest, args[i])
			continue
		}
		if !together && i+1 < len(args) {
			i++
			value = args[i]
		}
		if since, err = audit.ParsePoint(value); err != nil {
			return since, rest, fmt.Errorf("--since %q: %w", value, err)
		}
	}
	return since, rest, nil
}

// openLedger opens the store without the work of a server's start. It makes no key file:
// a new key could check nothing.
func openLedger(ctx context.Context, c config.Config) (*store.Store, error) {
	keys, err := vault.Load(c.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("%w; --data names the server's data directory, --key-file the file", err)
	}
	return store.Open(ctx, store.Options{DataDir: c.Data, DatabaseURL: c.DatabaseURL, Keyring: keys})
}

// errUnverifiable says that the key file is not the one to check the log with.
var errUnverifiable = errors.New("the audit log cannot be verified with this key file")

func verifyAudit(ctx context.Context, st *store.Store, since audit.Point, stdout io.Writer) error {
	if err := st.CheckSigner(ctx); isOtherKey(err) {
		_, _ = fmt.Fprintf(stdout, "audit log unverifiable: it is signed with a key that the key file does not hold: %v\n", err)
		return errUnverifiable
	} else if err != nil {
		return err
	}
	checker := st.AuditChecker()
	checker.Since = since
	err := checker.Verify(ctx)
	standing := checker.Standing()
	at := standing.Checked
	broken, isBroken := errors.AsType[*audit.BreakError](err)
	if isBroken && broken.Kind == audit.KeyMissing {
		_, _ = fmt.Fprintf(stdout, "audit log unverifiable: %v\n", broken)
		return errUnverifiable
	}
	if isBroken {
		_, _ = fmt.Fprintf(stdout, "audit log broken: %v (%d before it are intact)\n", broken, at.Seq)
		return errors.New("the audit log is broken")
	}
	if err == nil && standing.Vouched > 0 {
		_, _ = fmt.Fprintf(stdout, "entries up to %d: unverifiable by themselves: their key %q has left the key file, and the entry after them vouches for them\n",
			standing.Vouched, standing.VouchedKey)
	}
	if err == nil {
		_, err = fmt.Fprintf(stdout, "audit log intact: entries %d to %d, head %v\n", standing.Vouched+1, at.Seq, at)
	}
	return err
}

// isOtherKey reports whether err says that the key file is not the database's.
func isOtherKey(err error) bool {
	_, missing := errors.AsType[*vault.KeyMissingError](err)
	return missing || errors.Is(err, store.ErrWrongKey)
}
