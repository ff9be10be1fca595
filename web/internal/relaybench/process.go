package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of times in /proc: USER_HZ, which is 100 on every Linux.
const tick = 10 * time.Millisecond

// pids returns the process and its children: the workers of nginx.
func (p *running) pids() []int {
	all := []int{p.cmd.Process.Pid}
	for i := 0; i < len(all); i++ {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", all[i], all[i]))
		for field := range strings.FieldsSeq(string(raw)) {
			if pid, err := strconv.Atoi(field); err == nil {
				all = append(all, pid)
			}
		}
	}
	return all
}

// cpu returns the processor time that was used so far.
func (p *running) cpu() time.Duration {
	var sum time.Duration
	for _, pid := range p.pids() {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:])) // from the third field, state
		if len(fields) > 12 {
			for _, field := range fields[11:13] { // utime and stime
				n, _ := strconv.Atoi(field)
				sum += time.Duration(n) * tick
			}
		}
	}
	return sum
}

// resident returns the resident memory in bytes.
func (p *running) resident() int {
	sum := 0
	for _, pid := range p.pids() {
		raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		if fields := strings.Fields(string(raw)); len(fields) > 1 {
			pages, _ := strconv.Atoi(fields[1])
			sum += pages * os.Getpagesize()
		}
	}
	return sum
}
