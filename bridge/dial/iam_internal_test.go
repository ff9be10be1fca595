package dial

import (
	"testing"
	"time"
)

func TestIAMExpiryIsReadByItsExactName(t *testing.T) {
	want := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	const at, later = `"2026-11-29T12:00:00.000000Z"`, `"2036-11-29T12:00:00.000000Z"`
	for body, expires := range map[string]time.Time{
		`{"token":{"expires_at":` + at + `}}`:                                                      want,
		`{"token":{"expires_at":` + at + `,"EXPIRES_AT":` + later + `}}`:                           want,
		`{"Token":{"expires_at":` + later + `},"token":{"expires_at":` + at + `,"issued_at":"x"}}`: want,
		`{"token":{"EXPIRES_AT":` + later + `}}`:                                                   {},
		`{"TOKEN":{"expires_at":` + later + `}}`:                                                   {},
	} {
		if got, err := iamExpiry([]byte(body)); err != nil || !got.Equal(expires) {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
	for _, body := range []string{`[]`, `{"token":[]}`, `{"token":{"expires_at":1764417600}}`, `{"token":{"expires_at":"tomorrow"}}`} {
		if got, err := iamExpiry([]byte(body)); err == nil {
			t.Errorf("%s: %v", body, got)
		}
	}
}
