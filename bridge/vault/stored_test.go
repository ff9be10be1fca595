package vault

import (
	"encoding/hex"
	"testing"
)

// Values as databases hold them, sealed once under a key of ones. They must stay
// readable.
const (
	storedFingerprint = "4bd972c2"
	storedWrappedKey  = "71179df1c4d5087dd02cae3cc6205bfb32e621ebde9eb971047380d8a8621968ab0c371aab3078d01e189b1427a599f3982d8d7c7b167dd2af9c4fc9"
	storedBox         = "a34b89271653e10050615f56d5b5e707e4b96c85b778f3dc2485498bc05b60625f3304e82bb9f6fef2dd728d78543e7d96"
)

func storedSealed(t *testing.T) Sealed {
	t.Helper()
	wrappedKey, err := hex.DecodeString(storedWrappedKey)
	if err != nil {
		t.Fatal(err)
	}
	box, err := hex.DecodeString(storedBox)
	if err != nil {
		t.Fatal(err)
	}
	return Sealed{KeyID: "k1", WrappedKey: wrappedKey, Box: box}
}
