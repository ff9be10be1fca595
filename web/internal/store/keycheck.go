package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"duplex/bridge/vault"
)

// keyCheckSetting holds "instance:key:code": the database's own number, a key id, and the
// code of the number under that key. It identifies the right key file before anything is
// sealed or signed.
const keyCheckSetting = "key_check"

// keyCheckPurpose precedes the number, so that no other code passes as this one.
const keyCheckPurpose = "duplex key check v1 "

type keyCheck struct {
	instance, key string
	code          []byte
}

func (s *Store) keyCheck(ctx context.Context) (keyCheck, error) {
	value, err := s.Setting(ctx, keyCheckSetting)
	return parseKeyCheck(value), err
}

// parseKeyCheck reads the value of the setting; the zero keyCheck when it is none.
func parseKeyCheck(value string) keyCheck {
	parts := strings.Split(value, ":")
	if len(parts) != 3 {
		return keyCheck{}
	}
	code, err := hex.DecodeString(parts[2])
	if err != nil {
		return keyCheck{} // as from a version without it
	}
	return keyCheck{instance: parts[0], key: parts[1], code: code}
}

// check checks that keys has the key. The error is a *vault.KeyMissingError, or wraps
// ErrWrongKey.
func (c keyCheck) check(keys *vault.Keyring) error {
	if c.key == "" {
		return nil
	}
	err := keys.CheckMAC(c.key, []byte(keyCheckPurpose+c.instance), c.code)
	if errors.Is(err, vault.ErrAltered) {
		return fmt.Errorf("key %q: %w", c.key, ErrWrongKey)
	}
	return err
}

// KeyInUse returns the id of a key without which the database is of little use: secrets
// are sealed under it, or the audit log is signed with it. It is "" in a new database.
func (s *Store) KeyInUse(ctx context.Context) (id string, err error) {
	states, err := s.CheckSecrets(ctx)
	if err != nil {
		return "", err
	}
	for _, state := range states {
		if state.Person == "" {
			return state.KeyID, nil
		}
	}
	head, err := s.AuditHead(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", err
	}
	if head.Key != "" {
		return head.Key, nil
	}
	check, err := s.keyCheck(ctx)
	return check.key, err
}

// CheckSigner checks that the keyring has the key that the audit log is signed with. The
// error is a *vault.KeyMissingError for a key that it lacks, and wraps ErrWrongKey for
// one that makes other codes. It does not check the log for changes.
func (s *Store) CheckSigner(ctx context.Context) error {
	check, err := s.keyCheck(ctx)
	if err != nil {
		return err
	}
	checked := s.keyring.CheckMAC(check.key, []byte(keyCheckPurpose+check.instance), check.code)
	if check.key != "" && checked == nil {
		return nil
	}
	head, err := s.AuditHead(ctx)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	var signed error
	if head.Seq > 0 {
		if signed = head.Check(s.keyring); signed == nil {
			return nil
		}
	}
	for _, err := range []error{signed, checked} {
		if missing, ok := errors.AsType[*vault.KeyMissingError](err); ok && missing.ID != "" {
			return missing
		}
	}
	if check.key != "" {
		return fmt.Errorf("key %q: %w", check.key, ErrWrongKey)
	}
	return nil // older than this check; verifying the log checks more
}

// RenewKeyCheck stores a new check when the newest key has changed. Call it after the
// keyring was found to be the right one.
func (s *Store) RenewKeyCheck(ctx context.Context) error {
	check, err := s.keyCheck(ctx)
	if err != nil {
		return err
	}
	signer := s.keyring.Signer()
	if check.key == signer.ID {
		return nil
	}
	if check.instance == "" {
		check.instance = uuid.NewString()
	}
	code := signer.MAC([]byte(keyCheckPurpose + check.instance))
	return s.SetSetting(ctx, keyCheckSetting, strings.Join([]string{check.instance, signer.ID, hex.EncodeToString(code)}, ":"))
}
