package live

import (
	"io"

	"duplex/bridge"
	"duplex/bridge/wire"
	"duplex/handlers/access"
)

// viewerSpeech is the microphone of a viewer.
type viewerSpeech struct {
	asked bool           // it was turned on once: binary messages are samples
	out   io.WriteCloser // nil while it is off or was refused
}

// turn turns the microphone on or off.
func (m *viewerSpeech) turn(s *bridge.Session, e *wire.ViewerEvent) (err error) {
	m.end()
	m.asked = true
	if e.On {
		m.out, err = s.Microphone(e.Rate)
	}
	return err
}

// end ends the speech, if there is any.
func (m *viewerSpeech) end() {
	if m.out != nil {
		_ = m.out.Close()
		m.out = nil
	}
}

// takeSamples passes samples on. Those that come after the microphone was refused or turned
// off are dropped. It returns errors of the socket only.
func (v *viewer) takeSamples(samples []byte) error {
	if v.speech.out == nil {
		return nil
	}
	info := v.info()
	err := access.RequireSend(&v.Person, &info)
	if err == nil {
		_, err = v.speech.out.Write(samples)
	}
	if err != nil {
		v.speech.end()
		return v.sendRefusal("", err)
	}
	return nil
}
