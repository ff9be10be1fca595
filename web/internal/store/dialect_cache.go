package store

import (
	"fmt"
	"sync"

	"duplex/bridge"
	"duplex/bridge/dialect"
)

// maxParsed bounds the parsed dialects that are kept in memory.
const maxParsed = 256

// dialectCache keeps parsed dialects by their sums.
type dialectCache struct {
	mu    sync.Mutex // guards bySum
	bySum map[string]*dialect.Dialect
}

// parse returns the parsed dialect. The error of one that an earlier version of the program
// accepted wraps a *dialect.SyntaxError.
func (c *dialectCache) parse(saved *bridge.SavedDialect) (*dialect.Dialect, error) {
	c.mu.Lock()
	known := c.bySum[saved.Sum]
	c.mu.Unlock()
	if known != nil {
		return known, nil
	}
	parsed, err := dialect.Parse(saved.Source)
	if err != nil {
		return nil, fmt.Errorf("read dialect %s: %w", saved.Name, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bySum == nil || len(c.bySum) >= maxParsed {
		c.bySum = map[string]*dialect.Dialect{}
	}
	c.bySum[saved.Sum] = parsed
	return parsed, nil
}
