// Package e2e tests the program from outside: as a process, over HTTP and
// WebSocket, and in headless Chromium. Its tests need the build tag e2e and the
// built page; `make e2e` provides both.
package e2e
