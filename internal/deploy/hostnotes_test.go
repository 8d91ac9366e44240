package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHostNotes_name_all_hosts_of_one_truth_in_one_note(t *testing.T) {
	t.Parallel()
	stays, leaves := hostNote{"it stays on ", ""}, hostNote{"it leaves ", " now"}
	var notes hostNotes
	for _, host := range []string{"vm3", "vm1", "vm1"} { // two roles of a host say the same
		notes.add(host, leaves)
		notes.add("on-"+host, stays)
	}
	want := []string{"it leaves vm1, vm3 now", "it stays on on-vm1, on-vm3"}
	if diff := cmp.Diff(want, notes.texts()); diff != "" {
		t.Error(diff)
	}
	if none := new(hostNotes).texts(); none != nil {
		t.Errorf("no notes became %q", none)
	}
}
