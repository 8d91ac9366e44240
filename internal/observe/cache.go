package observe

import (
	"maps"
	"slices"
	"sync"

	"mrsk/internal/app"
	"mrsk/internal/plan"
)

// cache holds the answers that a run need not ask for again: those to questions marked
// plan.Step.Cacheable, by host and question.
type cache struct {
	mu      sync.Mutex
	answers map[string]map[string][]byte
}

// of returns a copy of what is known of a host.
func (c *cache) of(host string) map[string][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[string][]byte{}
	maps.Copy(known, c.answers[host])
	return known
}

// add keeps the answers that may be reused.
func (c *cache) add(host string, questions []plan.Step, known map[string][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range questions {
		if answer, found := known[q.Name]; found && q.Cacheable {
			c.set(host, q.Name, answer)
		}
	}
}

// set needs mu.
func (c *cache) set(host, question string, answer []byte) {
	if c.answers == nil {
		c.answers = map[string]map[string][]byte{}
	}
	if c.answers[host] == nil {
		c.answers[host] = map[string][]byte{}
	}
	c.answers[host][question] = answer
}

func (c *cache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers = nil
}

// AddImage adds an image that the run has brought to a host to what is known of that host. image is
// what docker tells of it as app.SeeImageFormat. When the host was not asked for its images yet,
// there is nothing to add to: the next question finds the image.
func (o *Observer) AddImage(host string, image []byte) {
	c := &o.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, asked := c.answers[host][app.SeeImages]; asked {
		c.set(host, app.SeeImages, slices.Concat(before, []byte("\n"), image))
	}
}
