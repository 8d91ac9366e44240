package report

import (
	"testing"

	"mrsk/internal/golden"
)

func pageOf(t *testing.T, r *Record, run Run) string {
	t.Helper()
	text, err := r.Page(run)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestPage(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		told
		run Run
	}{
		"deployed":    {deployed(), deployedRun},
		"failed":      {failed(), failedRun},
		"interrupted": {interrupted(), interruptedRun},
		"nothing":     {newTold(), Run{Command: "deploy", Began: start, Ended: at(0.02), Status: 1, Failure: "error: no config\n"}},
	} {
		golden.Equal(t, "testdata/"+name+".html", pageOf(t, tt.Record, tt.run))
	}
}
