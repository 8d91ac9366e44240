package lock

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/facts"
	"mrsk/internal/script"
)

// A lock record is text of a host, written by whoever can write there.
func FuzzRecord(f *testing.F) {
	f.Add(`{"who":"ann@laptop","since":"2026-11-01T10:00:00Z","version":"v2","command":"deploy","holder":"1a2b"}`)
	f.Add(`{"who":"ann","since":"2026-11-01T10:00:00+14:00","message":"moving\nhouse","holder":""}` + "\n")
	f.Add(`{"who":5}`)
	f.Add(`{"since":"yesterday"}`)
	f.Add("null")
	f.Add(strings.Repeat("[", longRecord))
	f.Fuzz(func(t *testing.T, text string) {
		r := parse(text)
		if len(text) > longRecord && r.Who != "somebody" {
			t.Error("a record that is too long was read")
		}
		if again, err := json.Marshal(r); err == nil && len(again) <= longRecord && !cmp.Equal(parse(string(again)), r) {
			t.Errorf("%q is read as %+v, and that as %+v", text, r, parse(string(again)))
		}
		for status, want := range map[script.Status]string{script.Held: r.String(), script.Frozen: r.Message} {
			failed := &script.StepError{Step: script.Step{Kind: script.TakeLease}, Status: int(status), Stdout: []byte(text)}
			if got := refusal("vm1", failed).Error(); !strings.HasPrefix(got, "locked on vm1") || !strings.HasSuffix(got, want) {
				t.Errorf("%q", got)
			}
		}
		holder, freezer := Status(facts.Host{Lock: facts.Lock{Holder: text, Freeze: text}})
		if (holder == nil) != (text == "") || (freezer == nil) != (text == "") {
			t.Error("a lock is there if its record is not empty")
		}
	})
}
