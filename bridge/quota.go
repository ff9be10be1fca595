package bridge

import "fmt"

// Quotas bounds what is kept with services, and what is open. A store that is asked for
// more answers with a *QuotaError.
type Quotas struct {
	ServicesOfPerson int64 // that one person owns
	Services         int64
	BytesOfPerson    int64 // of the definitions of the services that one person owns: addresses, parameters, headers, certificates
	Bytes            int64 // of all definitions
	SavedBytes       int64 // of the saved messages of one service
}

// DefaultQuotas is what a team does not come to by working.
func DefaultQuotas() Quotas {
	return Quotas{ServicesOfPerson: 500, Services: 5000, BytesOfPerson: 16 << 20, Bytes: 128 << 20, SavedBytes: 1 << 30}
}

// Quota names what a bound is of.
type Quota string

// The quotas, as errors name them.
const (
	QuotaServices     Quota = "too_many_services"
	QuotaServiceBytes Quota = "services_too_large"
	QuotaSavedBytes   Quota = "saved_too_many_bytes"
	QuotaOpen         Quota = "too_many_open"
	QuotaViewers      Quota = "too_many_viewers"
)

// QuotaError says that something would be more than its bound. Nothing was done.
type QuotaError struct {
	Quota Quota
	Limit int64
}

// Error implements error.
func (e *QuotaError) Error() string { return fmt.Sprintf("%s: more than %d", e.Quota, e.Limit) }
