//go:build !race

package testkit

// Race reports whether the race detector watches the tests.
const Race = false
