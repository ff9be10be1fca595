package canary

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// readRequests passes on the methods of the requests on a connection, and searches
// their addresses: these end up in histories and logs.
func readRequests(w *Watch, r io.Reader, asked chan<- string) {
	defer close(asked)
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		req, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		asked <- req.Method
		w.Search("the address of a request", []byte(req.RequestURI))
		w.Search("the referrer of a request", []byte(req.Referer()))
		if _, err := io.Copy(io.Discard, req.Body); err != nil || req.Header.Get("Upgrade") != "" {
			return
		}
	}
}

// readAnswers searches all that comes back on a connection: heads, bodies however
// they are cut into pieces, and the messages of a WebSocket.
func readAnswers(w *Watch, r io.Reader, asked <-chan string) {
	in := bufio.NewReaderSize(r, 64<<10)
	for {
		method, known := <-asked
		if !known {
			method = http.MethodGet
		}
		if goesOn := readAnswer(w, in, method); !goesOn {
			return
		}
	}
}

// readAnswer searches the answer to one request; false when the connection has none
// left.
func readAnswer(w *Watch, in *bufio.Reader, method string) bool {
	for {
		if _, err := in.Peek(1); err != nil {
			return false
		}
		res, err := http.ReadResponse(in, &http.Request{Method: method}) //nolint:bodyclose // it is read to its end, and has nothing to close
		if err != nil {
			_, _ = io.Copy(w.Stream("an answer that is none"), in)
			return false
		}
		searchHead(w, res)
		switch {
		case res.StatusCode == http.StatusSwitchingProtocols:
			readFrames(w, in)
			return false
		case res.StatusCode >= http.StatusOK:
			return searchBody(w, res) == nil // or it ended early: the received part was searched
		}
	}
}

func searchHead(w *Watch, res *http.Response) {
	var head bytes.Buffer
	_, _ = fmt.Fprintln(&head, res.Status)
	_ = res.Header.Write(&head) // a buffer takes everything
	w.Search(fmt.Sprintf("the head of an answer (%d)", res.StatusCode), head.Bytes())
}

func searchBody(w *Watch, res *http.Response) error {
	kind, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
	into := w.Stream(fmt.Sprintf("the body of an answer (%d %s)", res.StatusCode, kind))
	body := io.Reader(res.Body)
	switch encoding := res.Header.Get("Content-Encoding"); encoding {
	case "":
	case "gzip":
		if packed, err := gzip.NewReader(body); err == nil {
			body = packed
		} // else it is empty: an answer to HEAD, or one that says that nothing changed
	default:
		w.add(Hit{Secret: "(any)", Encoding: encoding, Place: into.place + ", which cannot be read"})
	}
	_, _ = io.CopyBuffer(onlyWriter{into}, onlyReader{body}, make([]byte, 64<<10))
	_, err := io.Copy(io.Discard, res.Body)
	return err
}

// readFrames searches the messages of a WebSocket (RFC 6455 section 5.2), which a
// server does not mask. Those in pieces are one stream, control frames another: they
// may come in between.
func readFrames(w *Watch, in *bufio.Reader) {
	messages, control := w.Stream("the messages of a socket"), w.Stream("the control frames of a socket")
	for {
		first, size, err := readFrame(in)
		if err != nil {
			return
		}
		if first&extended != 0 {
			w.add(Hit{Secret: "(any)", Encoding: "an extension", Place: messages.place + ", which cannot be read"})
		}
		into := messages
		if first&controlling != 0 {
			into = control
		}
		if _, err := io.CopyN(onlyWriter{into}, in, size); err != nil {
			return
		}
	}
}

// Bits of the first byte of a frame: one for the extension permessage-deflate (RFC 7692
// section 6), and one for control frames.
const (
	extended    = 0x70
	controlling = 0x08
)

func readFrame(in *bufio.Reader) (first byte, size int64, err error) {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, 0, err
	}
	length := int64(head[1] & 0x7f)
	switch length {
	case 126:
		var long uint16
		err = binary.Read(in, binary.BigEndian, &long)
		length = int64(long)
	case 127:
		err = binary.Read(in, binary.BigEndian, &length)
	}
	return head[0], length, err
}
