package vault

import (
	"errors"
	"testing"
)

func TestCodeIsOfItsKeyAndData(t *testing.T) {
	before, err := parseKeyring("k1:" + hexOf('1'))
	if err != nil {
		t.Fatal(err)
	}
	after, err := parseKeyring("k2:" + hexOf('2') + "\nk1:" + hexOf('1'))
	if err != nil {
		t.Fatal(err)
	}
	mac := before.Signer().MAC([]byte("data"))
	if before.Signer().ID != "k1" || after.Signer().ID != "k2" {
		t.Errorf("newest %s and %s", before.Signer().ID, after.Signer().ID)
	}
	if err := after.CheckMAC("k1", []byte("data"), mac); err != nil {
		t.Errorf("with a newer key in front: %v", err)
	}
	for name, err := range map[string]error{
		"other data": after.CheckMAC("k1", []byte("date"), mac),
		"other key":  after.CheckMAC("k2", []byte("data"), mac),
		"cut short":  after.CheckMAC("k1", []byte("data"), mac[:31]),
		"none":       after.CheckMAC("k1", []byte("data"), nil),
	} {
		if !errors.Is(err, ErrAltered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	missing, ok := errors.AsType[*KeyMissingError](before.CheckMAC("k2", []byte("data"), mac))
	if !ok || missing.ID != "k2" {
		t.Errorf("key that is not there: %v", missing)
	}
}
