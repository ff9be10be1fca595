package bridge

import "fmt"

// Quotas limits the data that services store. A store returns a *QuotaError for more.
type Quotas struct {
	ServicesOfPerson int64 // services that one person owns
	Services         int64
	BytesOfPerson    int64 // in definitions of the services of one person: addresses, parameters, headers, certificates
	Bytes            int64 // in all definitions
	SavedBytes       int64 // in the saved messages of one service
}

// DefaultQuotas returns limits that a team does not reach by ordinary work.
func DefaultQuotas() Quotas {
	return Quotas{ServicesOfPerson: 500, Services: 5000, BytesOfPerson: 16 << 20, Bytes: 128 << 20, SavedBytes: 1 << 30}
}

// Quota names a limit, in errors and in the API.
type Quota string

// The quotas.
const (
	QuotaServices     Quota = "too_many_services"
	QuotaServiceBytes Quota = "services_too_large"
	QuotaSavedBytes   Quota = "saved_too_many_bytes"
	QuotaOpen         Quota = "too_many_open"
	QuotaViewers      Quota = "too_many_viewers"
)

// AllQuotas returns all quotas.
func AllQuotas() []Quota {
	return []Quota{QuotaServices, QuotaServiceBytes, QuotaSavedBytes, QuotaOpen, QuotaViewers}
}

// QuotaError says that an operation would exceed a quota. Nothing was done.
type QuotaError struct {
	Quota Quota
	Limit int64
}

// Error implements error.
func (e *QuotaError) Error() string { return fmt.Sprintf("%s: more than %d", e.Quota, e.Limit) }
