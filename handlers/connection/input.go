// Package connection reads the target and the options of a connection from a request, and
// prepares the dial. Secrets of the request and of the saved service are combined here.
package connection

import "encoding/json"

// Limits of a connection in a request.
const (
	maxParams       = 100
	maxParam        = 32 << 10 // bytes of a name, and of a value: an IAM token has up to that
	maxSubprotocols = 32
	maxCAPEM        = 256 << 10 // bytes
)

// Input is the target and the options of a connection, as a request sends them. Omitted
// fields keep the values of the service.
type Input struct {
	Address      *string         `json:"address"`
	Params       *[]paramInput   `json:"params"`
	Headers      *[]pairInput    `json:"headers"`
	Subprotocols *[]string       `json:"subprotocols"`
	Credential   json.RawMessage `json:"credential"`
	Dialect      json.RawMessage `json:"dialect"`     // a name, or a dialect as an object
	Environment  *string         `json:"environment"` // its name; "" is none
	TLS          *struct {
		CAPEM         *string `json:"ca_pem"`
		SkipVerify    *bool   `json:"skip_verify"`
		ClientCertPEM *string `json:"client_cert_pem"`
		ClientKeyPEM  *string `json:"client_key_pem"` // see clientKey

		// Fields of answers, ignored, so that a client can send back an answer.
		ClientCertificate json.RawMessage `json:"client_certificate"`
		ClientKey         json.RawMessage `json:"client_key"`
	} `json:"tls"`

	settings  settingInput
	rows      RowSecrets // of headers and params
	ofAddress int        // the number of params that were a part of the address
}
