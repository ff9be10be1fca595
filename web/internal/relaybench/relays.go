package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
)

func newBufio(head []byte) *bufio.Reader { return bufio.NewReader(bytes.NewReader(head)) }

// insecure accepts the target's certificate, as all relays do here.
var insecure = &tls.Config{InsecureSkipVerify: true}

// serveSplice copies bytes between each client and a connection of its own to the target.
func serveSplice(ctx context.Context, plain, secured string) error {
	return serveTwice(ctx, func(onPlain, onSecured net.Listener) {
		go acceptAll(onSecured, func(client net.Conn) {
			target, err := tls.Dial("tcp", secured, insecure)
			if err == nil {
				splice(client, target)
			}
		})
		acceptAll(onPlain, func(client net.Conn) {
			target, err := net.Dial("tcp", plain)
			if err == nil {
				splice(client, target)
			}
		})
	})
}

func splice(client, target net.Conn) {
	go func() {
		copyBytes(target, client)
		_ = target.Close()
	}()
	copyBytes(client, target)
	_ = target.Close()
}

// copyBytes copies with a buffer: the kernel's splice, which io.Copy would choose, is slower
// for small messages.
func copyBytes(to io.Writer, from io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// serveReverse runs httputil.ReverseProxy.
func serveReverse(ctx context.Context, plain, secured string) error {
	return serveTwice(ctx, func(onPlain, onSecured net.Listener) {
		go serveProxy(onSecured, &url.URL{Scheme: "https", Host: secured})
		serveProxy(onPlain, &url.URL{Scheme: "http", Host: plain})
	})
}

func serveProxy(listener net.Listener, target *url.URL) {
	proxy := httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: &http.Transport{TLSClientConfig: insecure},
		ErrorLog:  log.New(io.Discard, "", 0),
	}
	_ = (&http.Server{Handler: &proxy}).Serve(listener)
}
