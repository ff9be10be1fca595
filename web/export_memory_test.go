package main

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// Who asks for many exports and reads none of them holds no message of the log in memory.
func TestExportsThatNobodyReadsHoldNoMessage(t *testing.T) {
	const exports, size, most = 30, 16 << 20, 64 << 20
	p := startProgram(t)
	session := p.echo().ID
	p.send(session, "text", "", strings.Repeat("0123456789abcdef", size/16))
	before := heap()
	for i := range exports {
		format := []string{"jsonl", "har", "txt"}[i%3]
		u := p.begins(t, "", "GET", "/api/sessions/"+session+"/export?format="+format, 0, func(*http.Request) {})
		res, err := http.ReadResponse(u.r, nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res, err)
		}
		if _, err := io.ReadFull(res.Body, make([]byte, 8<<10)); err != nil { // the message has begun
			t.Fatal(err)
		}
	}
	if grown := heap() - before; grown > most {
		t.Errorf("%d exports hold %d MiB", exports, grown>>20)
	}
}

// heap returns the used memory, in bytes.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
