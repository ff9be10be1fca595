package store

import (
	"database/sql"
	"database/sql/driver"
	"strconv"
	"strings"
	"time"

	"duplex/bridge"
)

// serviceColumn is a column of services. Its field is a pointer or a converter, to write
// from and to scan into.
type serviceColumn struct {
	name  string
	field func(*bridge.Service) any
}

// serviceColumns lists the columns once, for insert, update, select and scan. Statements
// name folded, id and created_at beside them.
var serviceColumns = append([]serviceColumn{
	{"name", func(s *bridge.Service) any { return &s.Name }},
	{"address", func(s *bridge.Service) any { return &s.Address }},
	{"params", func(s *bridge.Service) any { return jsonText{&s.Params} }},
	{"headers", func(s *bridge.Service) any { return jsonText{&s.Headers} }},
	{"subprotocols", func(s *bridge.Service) any { return jsonText{&s.Subprotocols} }},
	{"credential_kind", func(s *bridge.Service) any { return &s.Credential.Kind }},
	{"credential_plain", func(s *bridge.Service) any { return jsonText{&s.Credential.Plain} }},
	{"ca_pem", func(s *bridge.Service) any { return &s.CAPEM }},
	{"client_cert_pem", func(s *bridge.Service) any { return &s.ClientCertPEM }},
	{"skip_verify", func(s *bridge.Service) any { return &s.SkipVerify }},
	{"relay_origins", func(s *bridge.Service) any { return jsonText{&s.RelayOrigins} }},
	{"dialect", func(s *bridge.Service) any { return &s.Dialect }},
	{"environment", func(s *bridge.Service) any { return &s.Environment }},
	{"folder", func(s *bridge.Service) any { return &s.Folder }},
	{"demo", func(s *bridge.Service) any { return &s.Demo }},
	{"owner", func(s *bridge.Service) any { return &s.Owner }},
	{"shared", func(s *bridge.Service) any { return &s.Shared }},
	{"updated_at", func(s *bridge.Service) any { return microsOf{&s.UpdatedAt} }},
}, settingColumns()...)

// settingColumns returns the columns of bridge.ServiceSettings.
func settingColumns() []serviceColumn {
	var columns []serviceColumn
	for _, setting := range bridge.ServiceSettings() {
		columns = append(columns, serviceColumn{settingColumn(&setting), func(s *bridge.Service) any { return storedSetting{&setting, s} }})
	}
	return columns
}

// settingColumn returns the name of a setting's column: without the group of the setting,
// and with its unit.
func settingColumn(setting *bridge.ServiceSetting) string {
	name := setting.Name[strings.LastIndex(setting.Name, ".")+1:]
	switch {
	case name == "ping_interval":
		return "ping_us" // from before the others
	case setting.Kind == bridge.SettingDuration:
		return name + "_us"
	}
	return name
}

// serviceColumnNames returns "name, address, ...".
func serviceColumnNames() string {
	var names []string
	for _, column := range serviceColumns {
		names = append(names, column.name)
	}
	return strings.Join(names, ", ")
}

// placeholders returns "$1, $2, ..." for n arguments.
func placeholders(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = "$" + strconv.Itoa(i+1)
	}
	return strings.Join(names, ", ")
}

// serviceArgs returns folded and the values of serviceColumns.
func serviceArgs(svc *bridge.Service) []any {
	args := []any{nameKeyOf(svc.Name, svc.Owner, svc.Shared)}
	for _, column := range serviceColumns {
		args = append(args, column.field(svc))
	}
	return args
}

// scanService reads a row of selectServices.
func scanService(row scanner) (svc bridge.Service, err error) {
	into := []any{&svc.ID, microsOf{&svc.CreatedAt}, &svc.OwnerName}
	for _, column := range serviceColumns {
		into = append(into, column.field(&svc))
	}
	return svc, notFound(row.Scan(into...))
}

// jsonText converts a pointer to a value and its JSON.
type jsonText struct{ value any }

// Value implements driver.Valuer.
func (j jsonText) Value() (driver.Value, error) { return encodeJSON(j.value) }

// Scan implements sql.Scanner.
func (j jsonText) Scan(column any) error {
	var text sql.NullString
	if err := text.Scan(column); err != nil {
		return err
	}
	return decodeJSON(text.String, j.value)
}

// microsOf converts a time and the microseconds of micros.
type microsOf struct{ time *time.Time }

// Value implements driver.Valuer.
func (m microsOf) Value() (driver.Value, error) { return micros(*m.time), nil }

// Scan implements sql.Scanner.
func (m microsOf) Scan(column any) error {
	var us sql.NullInt64
	err := us.Scan(column)
	*m.time = timeOf(us.Int64)
	return err
}

// storedSetting converts a setting of a service: durations are microseconds.
type storedSetting struct {
	setting *bridge.ServiceSetting
	service *bridge.Service
}

// Value implements driver.Valuer.
func (v storedSetting) Value() (driver.Value, error) {
	amount := v.setting.Amount(v.service)
	switch v.setting.Kind {
	case bridge.SettingDuration:
		return time.Duration(amount).Microseconds(), nil
	case bridge.SettingFlag:
		return amount != 0, nil
	case bridge.SettingBytes, bridge.SettingCount:
	}
	return amount, nil
}

// Scan implements sql.Scanner.
func (v storedSetting) Scan(column any) error {
	if on, isBool := column.(bool); isBool {
		column = int64(0)
		if on {
			column = int64(1)
		}
	}
	var stored sql.NullInt64
	err := stored.Scan(column)
	amount := stored.Int64
	if v.setting.Kind == bridge.SettingDuration {
		amount *= int64(time.Microsecond)
	}
	v.setting.Set(v.service, amount)
	return err
}
