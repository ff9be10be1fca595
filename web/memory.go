package main

import (
	"runtime/debug"
	"runtime/metrics"
	"time"

	"duplex/bridge"
)

// The process is quiet when it allocates less than quietBytes in a second. After more than
// keptBytes it then gives memory back: the collector would keep twice what lives, until the
// next burst.
const (
	quietBytes = 1 << 20
	keptBytes  = 8 << 20
)

// returnMemory gives memory back to the system whenever the process has become quiet.
func returnMemory() (stop func()) {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	var last, returned uint64
	return bridge.Repeat(time.Second, func() bool {
		metrics.Read(sample)
		allocated := sample[0].Value.Uint64()
		if allocated-last < quietBytes && allocated-returned > keptBytes {
			debug.FreeOSMemory()
			returned = allocated
		}
		last = allocated
		return true
	})
}
