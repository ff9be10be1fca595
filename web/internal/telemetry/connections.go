package telemetry

import (
	"errors"
	"strconv"

	"duplex/bridge"
	"duplex/bridge/dial"
)

var _ bridge.Observer = (*Telemetry)(nil)

// notDialled is the result of a dial without a report.
const notDialled = "not_dialled"

// Dialled implements bridge.Observer.
func (t *Telemetry) Dialled(service string, err error) {
	result := string(dial.PhaseOpen)
	if failed, ok := errors.AsType[*dial.Error](err); ok {
		result = string(failed.Report.Phase)
	} else if err != nil {
		result = notDialled
	}
	t.figures.dials.WithLabelValues(t.figures.label(service), result).Inc()
}

// Closed implements bridge.Observer.
func (t *Telemetry) Closed(service string, code int) {
	t.figures.closes.WithLabelValues(t.figures.label(service), codeLabel(code)).Inc()
}

// codeLabel names a close code. Targets choose theirs, so the ranges of RFC 6455 section
// 7.4.2 share a label.
func codeLabel(code int) string {
	switch {
	case code >= 1000 && code <= 1015:
		return strconv.Itoa(code)
	case code >= 3000 && code < 4000:
		return "3xxx"
	case code >= 4000 && code < 5000:
		return "4xxx"
	}
	return "other"
}
