package facts

import (
	"testing"

	"mrsk/internal/docker"
)

// Only a container with a name on the network is to be there: not one that another tool made, and not an
// accessory on a network of its own.
func TestContainerOf_is_detached_without_the_network_on_which_it_has_a_name(t *testing.T) {
	t.Parallel()
	named := map[string]string{docker.LabelAlias: "m-1"}
	for name, tt := range map[string]struct {
		seen docker.Seen
		want bool
	}{
		"first start failed": {docker.Seen{Labels: named, Mode: "mrsk", State: "running"}, true},
		"on the network":     {docker.Seen{Labels: named, Mode: "mrsk", State: "running", Endpoint: "e"}, false},
		"another network":    {docker.Seen{Mode: "backend", State: "running"}, false},
		"stopped":            {docker.Seen{Labels: named, Mode: "mrsk", State: "exited"}, false},
		"the host's network": {docker.Seen{Labels: named, Mode: "host", State: "running"}, false},
	} {
		if got := ContainerOf(tt.seen).Detached; got != tt.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
