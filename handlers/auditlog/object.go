package auditlog

import (
	"net/url"

	"duplex/bridge"
	"duplex/bridge/audit"
	"duplex/bridge/dial"
)

// ServiceObject names a service and its target in an entry.
func ServiceObject(s *bridge.Service) audit.Object {
	o := audit.Object{Service: s.ID, ServiceName: s.Name}
	if u, err := url.Parse(s.Address); err == nil {
		o.Target = dial.HostOf(u)
	}
	return o
}

// SessionObject names a session, its service and its target in an entry.
func SessionObject(info *bridge.Info) audit.Object {
	return audit.Object{Session: info.ID, Service: info.ServiceID, ServiceName: info.ServiceName, Target: info.Report.Host}
}
