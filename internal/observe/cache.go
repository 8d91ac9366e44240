package observe

import (
	"maps"
	"slices"
	"sync"

	"mrsk/internal/app"
	"mrsk/internal/plan"
)

// cache has the answers that a run reuses: those to questions with plan.Step.Cacheable, by host and question.
type cache struct {
	mu      sync.Mutex
	answers map[string]map[string][]byte
}

// of returns a copy of the answers of a host.
func (c *cache) of(host string) map[string][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	known := map[string][]byte{}
	maps.Copy(known, c.answers[host])
	return known
}

// add adds the answers to cacheable questions.
func (c *cache) add(host string, questions []plan.Step, known map[string][]byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, q := range questions {
		if answer, found := known[q.Name]; found && q.Cacheable {
			c.set(host, q.Name, answer)
		}
	}
}

// set sets an answer. The caller holds mu.
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

// AddImage adds an image that a host has pulled to the cached images of the host. image is in the format
// app.SeeImageFormat. If the images are not cached, AddImage does nothing: the next observation finds it.
func (o *Observer) AddImage(host string, image []byte) {
	c := &o.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	if before, asked := c.answers[host][app.SeeImages]; asked {
		c.set(host, app.SeeImages, slices.Concat(before, []byte("\n"), image))
	}
}
