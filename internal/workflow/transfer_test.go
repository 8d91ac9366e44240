package workflow

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"mrsk/internal/event"
)

func TestMeter_reports_progress_once_a_second(t *testing.T) {
	t.Parallel()
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	now := begin
	var reports []event.Progress
	m := &meter{now: func() time.Time { return now }, samples: []sample{{at: begin}}, report: func(p event.Progress) { reports = append(reports, p) }}
	for _, moved := range []struct{ after, sent int64 }{{100, 1e6}, {1000, 5e6}, {1500, 7e6}, {2000, 15e6}, {10_000, 15e6}} {
		now = begin.Add(time.Duration(moved.after) * time.Millisecond)
		m.moved(moved.sent, 20e6)
	}
	want := []event.Progress{{Sent: 5e6, Of: 20e6, Rate: 5e6}, {Sent: 15e6, Of: 20e6, Rate: 7.5e6}, {Sent: 15e6, Of: 20e6, Rate: 1.5e6}}
	if diff := cmp.Diff(want, reports); diff != "" {
		t.Error(diff)
	}
}
