package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// failureLimit is the maximum number of failures that a report lists.
const failureLimit = 50

// Report has the counts of one run.
type Report struct {
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`
	Total   int       `json:"total"` // answered or lost, without those not sent
	OK      int       `json:"ok"`    // answered with 200 and the whole body
	Lost    int       `json:"lost"`  // no answer, or a status other than 200
	// Unsent counts requests that the client did not send, because it had too many in flight: the machine or the
	// servers stalled. Those in flight count as lost if they are not answered in time.
	Unsent int `json:"unsent"`
	// Late is by how much the client itself was late at most: the machine had no time for it.
	Late time.Duration `json:"late_ns"`
	Gap  time.Duration `json:"gap_ns"` // the longest of all URLs, see Tally
	// Reconnects counts kept connections that the server closed while idle.
	Reconnects int              `json:"reconnects"`
	URLs       map[string]Tally `json:"urls"`
	Kinds      map[string]Tally `json:"kinds"` // kept, new, slow, upload
	Status     map[int]int      `json:"status"`
	Failures   []Failure        `json:"failures"` // the first 50
	Versions   map[string]Seen  `json:"versions"` // by the X-Version header
}

// String tells the book in a few lines, with the first failures.
func (r Report) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d requests in %s: %d ok, %d lost, longest gap %s, status %v",
		r.Total, r.Ended.Sub(r.Started).Round(time.Millisecond), r.OK, r.Lost, r.Gap.Round(time.Millisecond), r.Status)
	if r.Unsent > 0 {
		fmt.Fprintf(&text, ", %d not sent with %d in flight (the client was up to %s late)", r.Unsent, maxInFlight, r.Late.Round(time.Millisecond))
	}
	for _, version := range slices.Sorted(maps.Keys(r.Versions)) {
		seen := r.Versions[version]
		fmt.Fprintf(&text, "\n  version %s: %d answers, %s to %s", version, seen.Count,
			seen.First.Format(clock), seen.Last.Format(clock))
	}
	for _, f := range r.Failures[:min(len(r.Failures), shownFailures)] {
		fmt.Fprintf(&text, "\n  %s %s %s: %s", f.Time.Format(clock), f.Kind, f.URL, f.Error)
	}
	return text.String()
}

const (
	clock         = "15:04:05.000"
	shownFailures = 10
)

// Tally counts a part of the requests.
type Tally struct {
	Total int           `json:"total"`  // answered or lost, without those not sent
	OK    int           `json:"ok"`     // answered with 200 and the whole body
	Lost  int           `json:"lost"`   // no answer, or a status other than 200
	Gap   time.Duration `json:"gap_ns"` // longest time between two good answers of the steady load
}

// Failure is one lost request.
type Failure struct {
	Time  time.Time `json:"time"`
	URL   string    `json:"url"`
	Kind  string    `json:"kind"`
	Error string    `json:"error"`
}

// Seen has the times at which a version answered.
type Seen struct {
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"` // answers
}

// book counts results of many goroutines.
type book struct {
	mu     sync.Mutex
	report Report
	last   map[string]time.Time // last good answer per URL
}

func newBook(urls []string) *book {
	now := time.Now()
	b := &book{last: map[string]time.Time{}, report: Report{
		Started: now, URLs: map[string]Tally{}, Kinds: map[string]Tally{},
		Status: map[int]int{}, Failures: []Failure{}, Versions: map[string]Seen{},
	}}
	for _, u := range urls {
		b.last[u] = now
		b.report.URLs[u] = Tally{}
	}
	return b
}

func (b *book) add(r result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	b.report.count(r)
	if r.err != nil {
		b.fail(now, r)
		return
	}
	seen := b.report.Versions[r.version]
	b.report.Versions[r.version] = seen.again(now)
	if r.kind == kindKept || r.kind == kindNew {
		b.answered(r.url, now)
	}
}

// late keeps by how much a request was sent too late.
func (b *book) late(by time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.report.Late = max(b.report.Late, by)
}

// skip counts a request that was not sent.
func (b *book) skip() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.report.Unsent++
}

func (r *Report) count(one result) {
	good := one.err == nil
	r.Total++
	if good {
		r.OK++
	} else {
		r.Lost++
	}
	if one.reconnected {
		r.Reconnects++
	}
	if one.status != 0 {
		r.Status[one.status]++
	}
	r.URLs[one.url] = r.URLs[one.url].plus(good)
	r.Kinds[one.kind] = r.Kinds[one.kind].plus(good)
}

func (t Tally) plus(good bool) Tally {
	t.Total++
	if good {
		t.OK++
	} else {
		t.Lost++
	}
	return t
}

func (s Seen) again(now time.Time) Seen {
	if s.Count == 0 {
		s.First = now
	}
	s.Last = now
	s.Count++
	return s
}

func (b *book) fail(now time.Time, r result) {
	if len(b.report.Failures) < failureLimit {
		b.report.Failures = append(b.report.Failures, Failure{Time: now, URL: r.url, Kind: r.kind, Error: r.err.Error()})
	}
}

// answered stretches the gap of a URL; the steady load only, as slow requests
// would make gaps of their own or hide others.
func (b *book) answered(url string, now time.Time) {
	tally := b.report.URLs[url]
	tally.Gap = max(tally.Gap, now.Sub(b.last[url]))
	b.report.URLs[url] = tally
	b.last[url] = now
	b.report.Gap = max(b.report.Gap, tally.Gap)
}

func (b *book) close() Report {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.report
	r.Ended = time.Now()
	r.URLs = maps.Clone(r.URLs)
	return r
}
