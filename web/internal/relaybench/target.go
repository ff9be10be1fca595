package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// serveTarget serves all relays, in plain and over TLS, and prints its two addresses.
//
//	/echo                     answers each message with itself
//	/push?count=&size=&lump=  answers each message with count messages, lump bytes in a write
//	/sink?count=              answers each count messages with one
func serveTarget(ctx context.Context) error {
	certificate, err := selfSigned()
	if err != nil {
		return err
	}
	return serveTwice(ctx, func(plain, secured net.Listener) {
		secured = tls.NewListener(secured, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
		go acceptAll(secured, serveConn)
		acceptAll(plain, serveConn)
	})
}

// serveTwice listens on two ports, prints their addresses, and serves them until ctx ends.
func serveTwice(ctx context.Context, serve func(plain, secured net.Listener)) error {
	plain, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	secured, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(plain.Addr(), secured.Addr())
	go serve(plain, secured)
	<-ctx.Done()
	return errors.Join(plain.Close(), secured.Close())
}

func acceptAll(listener net.Listener, serve func(net.Conn)) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = conn.Close() }()
			serve(conn)
		}()
	}
}

// selfSigned returns a certificate that nobody checks here.
func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// serveConn answers a handshake and serves its path.
func serveConn(conn net.Conn) {
	r := newReader(conn, 4<<10)
	request, err := r.request()
	if err != nil {
		return
	}
	sum := sha1.Sum([]byte(request.Header.Get("Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if _, err := fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
		base64.StdEncoding.EncodeToString(sum[:])); err != nil {
		return
	}
	query := request.URL.Query()
	switch request.URL.Path {
	case "/echo":
		echo(conn, r)
	case "/push":
		push(conn, r, query)
	case "/sink":
		sink(conn, r, number(query, "count"))
	}
}

// request reads the request byte by byte up to its end, so that r keeps what follows.
func (r *reader) request() (*http.Request, error) {
	for {
		if at := bytes.Index(r.buf[r.start:r.end], []byte("\r\n\r\n")); at >= 0 {
			head := r.buf[r.start : r.start+at+4]
			r.start += at + 4
			return http.ReadRequest(newBufio(head))
		}
		if r.end == len(r.buf) {
			return nil, errors.New("request is too long")
		}
		if err := r.want(r.end - r.start + 1); err != nil {
			return nil, err
		}
	}
}

func number(query url.Values, name string) int {
	n, _ := strconv.Atoi(query.Get(name))
	return n
}

// growTo gives a reader room for a large message.
func (r *reader) growTo(size int) {
	if size > len(r.buf) {
		r.buf = append(r.buf, make([]byte, size-len(r.buf))...)
	}
}

func echo(conn net.Conn, r *reader) {
	var out []byte
	for {
		if _, _, err := r.peek(); err != nil {
			return
		}
		_, payload, err := r.next()
		if err != nil {
			return
		}
		out = appendFrame(out[:0], text, payload, false)
		if _, err := conn.Write(out); err != nil {
			return
		}
	}
}

// peek looks at the next header, and makes room for its message.
func (r *reader) peek() (first byte, length int, err error) {
	first, length, err = r.header()
	if err != nil {
		return 0, 0, err
	}
	size := 6
	switch {
	case length >= 1<<16:
		size = 14
	case length >= 126:
		size = 8
	}
	r.start -= size
	r.growTo(length + size)
	return first, length, nil
}

func push(conn net.Conn, r *reader, query url.Values) {
	count, size, lump := number(query, "count"), number(query, "size"), number(query, "lump")
	length := len(appendFrame(nil, text, make([]byte, size), false))
	each := max(1, lump/length)                                     // messages in a write
	full := answers(size, max(1, min(512, 1<<20/length)/each)*each) // whole writes
	for {
		if _, _, err := r.next(); err != nil {
			return
		}
		for left, at := count, 0; left > 0; left -= each {
			if _, err := conn.Write(full[at : at+min(each, left)*length]); err != nil {
				return
			}
			at = (at + each*length) % len(full)
		}
	}
}

var (
	answersMade  = map[[2]int][]byte{}
	answersMutex sync.Mutex // guards answersMade
)

// answers returns frames with messages of a size. They are made once, so that no measure counts
// the time of it twice.
func answers(size, count int) []byte {
	answersMutex.Lock()
	defer answersMutex.Unlock()
	key := [2]int{size, count}
	if answersMade[key] == nil {
		var frames []byte
		for i := range count {
			frames = appendFrame(frames, text, answerPart(i, size), false)
		}
		answersMade[key] = frames
	}
	return answersMade[key]
}

// answerPart returns a message of a size as of a service that answers in parts: an id and words
// that are unlike those of the other messages.
func answerPart(i, size int) []byte {
	random := mathrand.New(mathrand.NewPCG(uint64(i), 0))
	part := fmt.Appendf(nil, `{"type":"response.text.delta","event_id":"event_%016x","delta":"`, random.Uint64())
	words := strings.Fields("the of and a to in is you that it he was for on are as with his they I at be this have from or one had by word")
	for len(part) < size {
		part = append(append(part, words[random.IntN(len(words))]...), ' ')
	}
	return part[:size]
}

func sink(conn net.Conn, r *reader, count int) {
	r.growTo(256 << 10)
	done := appendFrame(nil, text, []byte("done"), false)
	for {
		for range count {
			if _, _, err := r.next(); err != nil {
				return
			}
		}
		if _, err := conn.Write(done); err != nil {
			return
		}
	}
}

var _ io.Reader = net.Conn(nil)
