package registry

import (
	"fmt"
	"sync"
)

// Store opens the cache in a folder when it is first needed, for all parts of a command.
type Store struct {
	Dir   string
	Limit int64 // how much it may hold when no command uses it

	mu    sync.Mutex
	cache *Cache
}

// Open returns the cache, which Close closes.
func (s *Store) Open() (*Cache, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache != nil {
		return s.cache, nil
	}
	var err error
	s.cache, err = Open(s.Dir)
	return s.cache, err
}

// Close closes the cache if it was opened.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cache == nil {
		return nil
	}
	c := s.cache
	s.cache = nil
	return c.Close(s.Limit)
}

// Usage says what the cache holds.
func (s *Store) Usage() string {
	u, err := UsageOf(s.Dir)
	if err != nil {
		return fmt.Sprintf("Images: %v", err)
	}
	return fmt.Sprintf("Images: %d, %s of at most %s in %s", u.Images, Size(u.Bytes), Size(s.Limit), u.Dir)
}

// Size writes a number of bytes as people read it.
func Size(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if n >= unit.size {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
