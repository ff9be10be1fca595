package bridge_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"duplex/bridge"
	"duplex/bridge/sign"
	"duplex/bridge/vault"
)

const echoedKey = "sk-Zq8Xw2kR5tY1uN4v"

// echoesKey closes with the key in the reason, as services do that name the wrong key.
func echoesKey(_ context.Context, conn *websocket.Conn) {
	_ = conn.Close(4001, "unknown key "+echoedKey+" at https://a.example/?k=%73k-Zq8Xw2kR5tY1uN4v")
}

func withKey(r bridge.OpenRequest) bridge.OpenRequest {
	r.Target.Credential = sign.Credential{Kind: sign.KindBearer, Secrets: map[string]vault.Secret{"token": vault.NewSecret(echoedKey)}}
	return r
}

const maskedReason = "unknown key •••• at https://a.example/?k=••••"

func TestSecretInACloseReasonIsKeptMasked(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 0)
	s, err := h.Open(t.Context(), withKey(request(t, peer(t, echoesKey))))
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	info := s.Info()
	if info.Ending.Code != 4001 || info.Ending.Reason != maskedReason || m.ending(info.ID).Reason != maskedReason {
		t.Errorf("ended with %+v", info.Ending)
	}
	if f := info.Ending.Finding; f != nil && strings.Contains(fmt.Sprintf("%+v", *f), "Zq8Xw2") {
		t.Errorf("diagnosis %+v", f)
	}
	noKey(t, m, info.ID)
}

func TestSecretInTheLastMessageIsQuotedMasked(t *testing.T) {
	m := newMemory()
	h := newHub(t, m, 0)
	s, err := h.Open(t.Context(), withKey(request(t, peer(t, func(ctx context.Context, conn *websocket.Conn) {
		_ = conn.Write(ctx, websocket.MessageText, []byte(`{"error":"unknown key `+echoedKey+`"}`))
		_ = conn.Close(websocket.StatusNormalClosure, "")
	}))))
	if err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	f := s.Info().Ending.Finding
	if f == nil || f.Said == nil || f.Said.Values["words"] != "unknown key ••••" || strings.Contains(fmt.Sprintf("%+v", *f), "Zq8Xw2") {
		t.Errorf("diagnosis %+v", f)
	}
}

func TestRelayGivesTheBrowserNoSecretOfACloseReason(t *testing.T) {
	for _, record := range []bool{false, true} {
		m := newMemory()
		browser, ran := relayed(t, newHub(t, m, 0), bridge.RelayRequest{OpenRequest: withKey(request(t, peer(t, echoesKey))), Record: record})
		_, _, err := browser.Read(t.Context())
		if websocket.CloseStatus(err) != 4001 || !strings.Contains(err.Error(), maskedReason) || strings.Contains(err.Error(), "Zq8Xw2") {
			t.Errorf("recorded %v: the browser saw %v", record, err)
		}
		if err := <-ran; err != nil {
			t.Error(err)
		}
		noKey(t, m, "s1")
	}
}

func noKey(t *testing.T, m *memory, session string) {
	t.Helper()
	for _, message := range m.log(session) {
		if strings.Contains(string(message.Payload), "Zq8Xw2") {
			t.Errorf("%s: %s", message.Direction, message.Payload)
		}
	}
	if reason := m.ending(session).Reason; strings.Contains(reason, "Zq8Xw2") {
		t.Errorf("ended with %s", reason)
	}
}
