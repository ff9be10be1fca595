package store

import (
	"os"
	"syscall"
)

// allocate takes size bytes of the disk for a file without writing them.
func allocate(file *os.File, size int64) error {
	return syscall.Fallocate(int(file.Fd()), 0, 0, size)
}
