package output

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"mrsk/internal/event"
)

// The limits of sending.
const (
	queueSize   = 4096            // records that wait; more are lost, and counted
	batchSize   = 100             // records per request
	flushEvery  = 5 * time.Second // how long a record waits for others
	dialTime    = 2 * time.Second
	requestTime = 5 * time.Second
	endTime     = 5 * time.Second // for all that is left when the command has ended
)

// sender brings records to a collector, out of a queue of its own.
type sender struct {
	endpoint string
	run      Run
	id       string
	client   *http.Client
	queue    chan record
	lost     int
	done     chan error // the first failure, when all has been tried
	ctx      context.Context
	cancel   context.CancelCauseFunc
}

var errTooSlow = fmt.Errorf("it did not take everything within %s", endTime)

// send starts a sender.
func send(ctx context.Context, endpoint string, run Run) *sender {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &sender{
		endpoint: strings.TrimRight(endpoint, "/"), run: run, id: newID(), ctx: ctx, cancel: cancel,
		queue: make(chan record, queueSize), done: make(chan error, 1),
		client: newClient(),
	}
	go s.work()
	return s
}

// newID is a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (s *sender) put(r record) {
	select {
	case s.queue <- r:
	default:
		s.lost++
	}
}

// work sends what comes until the queue is closed.
func (s *sender) work() {
	var failed error
	due := time.NewTicker(flushEvery)
	defer due.Stop()
	for open := true; open; {
		var batch []record
		batch, open = s.batch(due.C)
		if err := s.post(batch); err != nil && failed == nil {
			failed = err
		}
	}
	s.done <- failed
}

// batch gathers records until there are enough, or until it is time.
func (s *sender) batch(due <-chan time.Time) (all []record, open bool) {
	for len(all) < batchSize {
		select {
		case r, ok := <-s.queue:
			if !ok {
				return all, false
			}
			all = append(all, r)
		case <-due:
			return all, true
		}
	}
	return all, true
}

func (s *sender) post(batch []record) error {
	if len(batch) == 0 {
		return nil
	}
	body, err := s.run.encode(s.id, batch)
	if err != nil {
		return err
	}
	_, err = post(s.ctx, s.client, s.endpoint+"/v1/logs", http.Header{}, body)
	return err
}

// end waits until all is sent, or the time for it is over.
func (s *sender) end() event.Event {
	close(s.queue)
	limit := time.AfterFunc(endTime, func() { s.cancel(errTooSlow) })
	defer limit.Stop()
	err := <-s.done
	s.cancel(nil)
	s.client.CloseIdleConnections()
	switch {
	case err != nil:
		return event.Warning{Text: fmt.Sprintf("not all logs could be sent to %s: %v", s.shown(), err)}
	case s.lost > 0:
		return event.Warning{Text: fmt.Sprintf("%d lines of the log came faster than %s took them and are lost", s.lost, s.shown())}
	}
	return event.Note{Text: "Logs sent to " + s.shown()}
}

// shown is the collector's URL without its password.
func (s *sender) shown() string {
	u, err := url.Parse(s.endpoint)
	if err != nil {
		return "the collector"
	}
	return u.Redacted()
}
